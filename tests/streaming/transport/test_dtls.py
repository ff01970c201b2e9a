"""The DTLS endpoint against aiortc's and against plain OpenSSL, in both roles, whole and damaged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import cast

import pylibsrtp
import pytest
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcicetransport import RTCIceTransport
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

from streaming.transport.certificate import Certificate, generate_certificate
from streaming.transport.dtls import (
    DATAGRAM_LIMIT_BYTES,
    DtlsEndpoint,
    DtlsState,
    _pack_records,
    create_dtls_context,
)
from streaming.transport.fingerprint import CertificateDigest
from streaming.transport.srtp_keys import SrtpProfile

OURS = generate_certificate()
THEIRS = generate_certificate()


def endpoint(mine: Certificate, other: Certificate, *, is_server: bool) -> DtlsEndpoint:
    context = create_dtls_context(mine)
    return DtlsEndpoint(context, is_server=is_server, expected_fingerprints=[other.fingerprint])


def pair() -> tuple[DtlsEndpoint, DtlsEndpoint]:
    """Client and server."""
    return endpoint(THEIRS, OURS, is_server=False), endpoint(OURS, THEIRS, is_server=True)


def keep_all(_data: bytes, _to_server: bool) -> bool:
    return True


def wait_until_due(peer: DtlsEndpoint) -> None:
    """OpenSSL reads its own clock: a busy second is the price of the real thing."""
    while peer.timeout_s() != 0.0:
        continue


def exchange(
    client: DtlsEndpoint, server: DtlsEndpoint, keep: Callable[[bytes, bool], bool] = keep_all
) -> None:
    """Carry datagrams both ways until neither has any, dropping those that `keep` refuses."""
    client.start()
    while True:
        to_server, to_client = client.take_datagrams(), server.take_datagrams()
        if not to_server and not to_client:
            return
        for data in to_server:
            if keep(data, True):
                server.handle_datagram(data)
        for data in to_client:
            if keep(data, False):
                client.handle_datagram(data)


def test_both_sides_hold_matching_keys_after_the_handshake() -> None:
    client, server = pair()
    exchange(client, server)
    assert client.state is server.state is DtlsState.SECURED
    assert client.keys is not None
    assert server.keys is not None
    assert (client.keys.local, client.keys.remote) == (server.keys.remote, server.keys.local)
    assert server.keys.profile is SrtpProfile.AEAD_AES_128_GCM
    assert client.timeout_s() is None
    assert server.timeout_s() is None


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (b"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", SrtpProfile.AEAD_AES_128_GCM),
        (b"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM", SrtpProfile.AEAD_AES_256_GCM),
        (b"SRTP_AES128_CM_SHA1_80", SrtpProfile.AES_CM_128_HMAC_SHA1_80),
    ],
)
def test_as_server_the_cheapest_profile_of_the_clients_is_chosen(offered: bytes, chosen: SrtpProfile) -> None:
    context = create_dtls_context(THEIRS)
    context.set_tlsext_use_srtp(offered)
    client = DtlsEndpoint(context, is_server=False, expected_fingerprints=[OURS.fingerprint])
    server = endpoint(OURS, THEIRS, is_server=True)
    exchange(client, server)
    assert server.keys is not None
    assert server.keys.profile is chosen


def test_a_certificate_other_than_the_announced_one_fails() -> None:
    client = endpoint(generate_certificate(), OURS, is_server=False)
    server = endpoint(OURS, THEIRS, is_server=True)
    exchange(client, server)
    assert server.state is DtlsState.FAILED
    assert server.failure == "dtls_fingerprint_mismatch"
    assert server.keys is None


@pytest.mark.parametrize("hash_type", [hashes.SHA256, hashes.SHA384, hashes.SHA512])
def test_fingerprints_of_three_functions_are_known(hash_type: type[hashes.SHA256]) -> None:
    name = f"sha-{hash_type.digest_size * 8}"
    digest = CertificateDigest(name, THEIRS.x509.fingerprint(hash_type()))
    client = endpoint(THEIRS, OURS, is_server=False)
    server = DtlsEndpoint(create_dtls_context(OURS), is_server=True, expected_fingerprints=[digest])
    exchange(client, server)
    assert server.state is DtlsState.SECURED


def test_no_datagram_exceeds_the_limit_and_each_is_whole_records() -> None:
    client, server = pair()
    sizes: list[int] = []

    def keep(data: bytes, _to_server: bool) -> bool:
        sizes.append(len(data))
        assert _pack_records(data) == [data]
        return True

    exchange(client, server, keep)
    assert sizes
    assert max(sizes) <= DATAGRAM_LIMIT_BYTES


def test_records_are_packed_as_many_as_fit() -> None:
    def record(length: int) -> bytes:
        return b"\x16\xfe\xfd" + bytes(8) + length.to_bytes(2, "big") + bytes(length)

    stream = record(587) + record(487) + record(187)
    assert [len(data) for data in _pack_records(stream)] == [1100, 200]
    assert _pack_records(b"") == []


def test_a_lost_flight_is_repeated_when_the_timer_says_so() -> None:
    client, server = pair()
    dropped: list[bytes] = []

    def keep(data: bytes, to_server: bool) -> bool:
        if to_server and not dropped:
            dropped.append(data)
            return False
        return True

    exchange(client, server, keep)
    assert client.state is DtlsState.HANDSHAKING
    due_s = client.timeout_s()
    assert due_s is not None
    assert 0 < due_s <= 1.0
    wait_until_due(client)
    client.handle_timeout()
    exchange(client, server)
    assert client.state is server.state is DtlsState.SECURED


def test_a_repeated_finished_is_answered_with_the_last_flight() -> None:
    """Checklist 26: the peer lost our Finished and sends its own again."""
    client, server = pair()

    def keep(_data: bytes, to_server: bool) -> bool:
        return to_server or server.state is not DtlsState.SECURED

    exchange(client, server, keep)
    assert (server.state, client.state) == (DtlsState.SECURED, DtlsState.HANDSHAKING)
    wait_until_due(client)
    client.handle_timeout()
    exchange(client, server)
    assert (server.state, client.state) == (DtlsState.SECURED, DtlsState.SECURED)


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_client_hello_in_two_datagrams_in_either_order_is_understood(is_reversed: bool) -> None:
    """Browsers' ClientHello with an ML-KEM share spans two datagrams."""
    client, server = pair()
    client._ssl.set_alpn_protos([bytes([letter]) * 200 for letter in b"abcdefg"])
    client.start()
    halves = client.take_datagrams()
    assert len(halves) == 2
    for data in reversed(halves) if is_reversed else halves:
        server.handle_datagram(data)
    exchange(client, server)
    assert client.state is server.state is DtlsState.SECURED


def test_duplicated_and_reordered_datagrams_do_no_harm() -> None:
    client, server = pair()
    client.start()
    for _ in range(20):
        to_server, to_client = client.take_datagrams(), server.take_datagrams()
        for data in reversed(to_server):
            server.handle_datagram(data)
            server.handle_datagram(data)
        for data in reversed(to_client):
            client.handle_datagram(data)
            client.handle_datagram(data)
    assert client.state is server.state is DtlsState.SECURED


def _damaged(data: bytes) -> Iterator[bytes]:
    yield b""
    for length in range(1, len(data), 7):
        yield data[:length]
    yield data + b"\x16"
    yield b"\x80" + data[1:]
    yield b"\x19" * 1200


def test_truncated_and_foreign_datagrams_are_ignored() -> None:
    client, server = pair()

    def keep(data: bytes, to_server: bool) -> bool:
        for piece in _damaged(data):
            (server if to_server else client).handle_datagram(piece)
        return True

    exchange(client, server, keep)
    assert client.state is server.state is DtlsState.SECURED


def _record(content_type: int, version: bytes, epoch: int, sequence: int, body: bytes) -> bytes:
    header = bytes([content_type]) + version + epoch.to_bytes(2, "big") + sequence.to_bytes(6, "big")
    return header + len(body).to_bytes(2, "big") + body


records = st.builds(
    _record,
    st.integers(20, 25),
    st.sampled_from([b"\xfe\xfd", b"\xfe\xff", b"\x03\x03"]),
    st.integers(0, 2),
    st.integers(0, 2**16),
    st.binary(max_size=200),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(records, max_size=6), st.booleans(), st.integers(0, 6))
def test_forged_records_never_raise_and_leave_a_known_state(
    forged: list[bytes], is_server: bool, turn: int
) -> None:
    client, server = pair()
    victim = server if is_server else client
    turns = 0

    def keep(data: bytes, to_server: bool) -> bool:
        nonlocal turns
        turns += 1
        if turns == turn:
            for record in forged:
                victim.handle_datagram(record)
        return True

    exchange(client, server, keep)
    for record in forged:
        victim.handle_datagram(record)
    assert victim.state in set(DtlsState)
    assert (victim.failure != "") == (victim.state is DtlsState.FAILED)
    assert victim.state is not DtlsState.SECURED or victim.keys is not None


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 5), st.integers(0, 1200), st.integers(1, 255))
def test_a_flipped_byte_never_yields_other_keys(turn: int, position: int, flip: int) -> None:
    client, server = pair()
    turns = 0

    def keep(data: bytes, to_server: bool) -> bool:
        nonlocal turns
        turns += 1
        if turns != turn:
            return True
        spot = position % len(data)
        changed = data[:spot] + bytes([data[spot] ^ flip]) + data[spot + 1 :]
        (server if to_server else client).handle_datagram(changed)
        return False

    exchange(client, server, keep)
    if client.keys is not None and server.keys is not None:
        assert client.keys.local == server.keys.remote


def test_close_tells_the_peer_and_is_idempotent() -> None:
    client, server = pair()
    exchange(client, server)
    client.close()
    client.close()
    exchange(client, server)
    assert client.state is server.state is DtlsState.CLOSED
    server.handle_datagram(b"\x16\xfe\xfd" + bytes(10))
    assert server.take_datagrams() == []


def test_a_peer_without_srtp_fails() -> None:
    context = SSL.Context(SSL.DTLS_METHOD)
    context.use_certificate(THEIRS.x509)
    context.use_privatekey(THEIRS.key)
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    client = DtlsEndpoint(context, is_server=False, expected_fingerprints=[OURS.fingerprint])
    server = endpoint(OURS, THEIRS, is_server=True)
    exchange(client, server)
    assert (server.state, server.failure) == (DtlsState.FAILED, "dtls_no_srtp")


def test_a_handshake_without_a_common_cipher_fails() -> None:
    context = create_dtls_context(THEIRS)
    context.set_cipher_list(b"ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")
    client = DtlsEndpoint(context, is_server=False, expected_fingerprints=[OURS.fingerprint])
    server = endpoint(OURS, THEIRS, is_server=True)
    exchange(client, server)
    assert (server.state, server.failure) == (DtlsState.FAILED, "dtls_failed")


class _IcePipe:
    """What aiortc's DTLS transport needs of an ICE transport, over two queues."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self.incoming: asyncio.Queue[bytes] = asyncio.Queue()

    async def _send(self, data: bytes) -> None:
        await self.outgoing.put(data)

    async def _recv(self) -> bytes:
        return await self.incoming.get()


async def _run_against_aiortc(*, is_server: bool) -> tuple[DtlsEndpoint, RTCDtlsTransport]:
    pipe = _IcePipe("controlled" if is_server else "controlling")
    certificate = RTCCertificate.generateCertificate()
    transport = RTCDtlsTransport(cast(RTCIceTransport, pipe), [certificate])
    transport._set_role("client" if is_server else "server")
    announced = certificate.getFingerprints()[0]
    ours = DtlsEndpoint(
        create_dtls_context(OURS),
        is_server=is_server,
        expected_fingerprints=[
            CertificateDigest(announced.algorithm, bytes.fromhex(announced.value.replace(":", "")))
        ],
    )
    fingerprint = RTCDtlsFingerprint("sha-256", OURS.fingerprint.digest.hex(":").upper())
    peer = asyncio.create_task(transport.start(RTCDtlsParameters([fingerprint])))
    ours.start()
    async with asyncio.timeout(10):
        while not (peer.done() and ours.state is DtlsState.SECURED):
            for data in ours.take_datagrams():
                await pipe.incoming.put(data)
            arrival = asyncio.create_task(pipe.outgoing.get())
            await asyncio.wait({arrival, peer}, return_when=asyncio.FIRST_COMPLETED)
            if arrival.done():
                ours.handle_datagram(arrival.result())
            else:
                arrival.cancel()
    return ours, transport


@pytest.mark.parametrize("is_server", [True, False])
def test_aiortc_and_we_can_read_each_others_srtp(is_server: bool) -> None:
    async def scenario() -> None:
        ours, transport = await _run_against_aiortc(is_server=is_server)
        assert transport.state == "connected"
        assert ours.keys is not None
        names = {
            SrtpProfile.AEAD_AES_128_GCM: pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
            SrtpProfile.AEAD_AES_256_GCM: pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
            SrtpProfile.AES_CM_128_HMAC_SHA1_80: pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
        }
        policy = pylibsrtp.Policy(
            key=ours.keys.remote,
            ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND,
            srtp_profile=names[ours.keys.profile],
        )
        packet = b"\x80\x60" + (7).to_bytes(2, "big") + bytes(4) + (1234).to_bytes(4, "big") + b"voice"
        protected = transport._tx_srtp.protect(packet)
        assert pylibsrtp.Session(policy).unprotect(protected) == packet
        await transport.stop()

    asyncio.run(scenario())
