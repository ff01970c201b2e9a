"""Goodbyes that were written and read without OpenSSL, against OpenSSL."""

from __future__ import annotations

import pytest
from OpenSSL import SSL

from streaming.transport.certificate import generate_certificate
from streaming.transport.dtls_alerts import (
    AlertKeys,
    derive_alert_keys,
    ends_association,
    seal_close_notify,
)

OURS = generate_certificate()
SUITES = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]


def connection(suite: str, *, is_server: bool) -> SSL.Connection:
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_max_proto_version(0xFEFD)
    context.set_options(SSL.OP_NO_QUERY_MTU)
    context.set_cipher_list(suite.encode())
    context.use_certificate(OURS.x509)
    context.use_privatekey(OURS.key)
    made = SSL.Connection(context, None)
    made.set_ciphertext_mtu(1200)
    (made.set_accept_state if is_server else made.set_connect_state)()
    return made


def carry(source: SSL.Connection, target: SSL.Connection) -> bytes:
    try:
        data = source.bio_read(65536)
    except SSL.WantReadError:
        return b""
    target.bio_write(data)
    return data


def connected(suite: str) -> tuple[SSL.Connection, SSL.Connection]:
    """Client and server after their handshake."""
    client, server = connection(suite, is_server=False), connection(suite, is_server=True)
    is_done = False
    while not is_done:
        is_done = True
        for one, other in ((client, server), (server, client)):
            try:
                one.do_handshake()
            except SSL.WantReadError:
                is_done = False
            carry(one, other)
    return client, server


def keys_of(one: SSL.Connection, *, is_server: bool) -> AlertKeys:
    master, client, server = one.master_key(), one.client_random(), one.server_random()
    assert master is not None
    assert client is not None
    assert server is not None
    keys = derive_alert_keys(one.get_cipher_name() or "", master, client, server, is_server=is_server)
    assert keys is not None
    return keys


@pytest.mark.parametrize("is_server", [True, False])
@pytest.mark.parametrize("suite", SUITES)
def test_openssl_reads_our_goodbye_and_we_read_its(suite: str, is_server: bool) -> None:
    client, server = connected(suite)
    ours, theirs = (server, client) if is_server else (client, server)
    keys = keys_of(ours, is_server=is_server)
    theirs.shutdown()
    assert ends_association(keys, carry(theirs, ours))
    client, server = connected(suite)
    ours, theirs = (server, client) if is_server else (client, server)
    theirs.bio_write(seal_close_notify(keys_of(ours, is_server=is_server)))
    with pytest.raises(SSL.ZeroReturnError):
        theirs.recv(100)


def test_what_is_not_authentic_or_no_goodbye_ends_nothing() -> None:
    client, server = connected(SUITES[0])
    keys = keys_of(server, is_server=True)
    client.send(b"data")
    assert not ends_association(keys, carry(client, server))
    client.shutdown()
    goodbye = carry(client, server)
    for position in range(len(goodbye)):
        forged = bytearray(goodbye)
        forged[position] ^= 1
        assert not ends_association(keys, bytes(forged)), position
    for length in range(13, len(goodbye)):
        header = goodbye[:11] + (length - 13).to_bytes(2, "big")
        assert not ends_association(keys, header + goodbye[13:length])
    assert not ends_association(keys_of(client, is_server=False), goodbye)
    assert ends_association(keys, b"\x17\xfe\xfd" + bytes(8) + b"\x00\x01x" + goodbye)


def test_other_suites_keep_openssl() -> None:
    assert derive_alert_keys("ECDHE-ECDSA-CHACHA20-POLY1305", b"", b"", b"", is_server=True) is None
