"""A light participant: one POST, one connectivity check, one handshake; then its socket belongs to C++."""

from __future__ import annotations

import datetime
import secrets
import select
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from aioice import stun
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from load_tests.keys import Profile, SessionKeys, split_exported
from load_tests.offer import LocalEnd, RemoteEnd, make_offer, read_answer

PostOffer = Callable[[str], str]
"""Carries an offer to the server and returns its answer."""

HANDSHAKE_TIMEOUT_S = 15.0
RETRY_S = 0.1
DATAGRAM_BYTES = 2048
DTLS_RECORD_HEADER_BYTES = 13


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate as WebRTC endpoints have it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def fingerprint(self) -> str:
        """Its SHA-256, as SDP writes it."""
        return format_fingerprint(self.certificate.fingerprint(hashes.SHA256()))


@dataclass(frozen=True, slots=True)
class Participant:
    """A connected participant. `socket` is connected to the server's media address; its owner closes it."""

    socket: socket.socket
    local: LocalEnd
    remote: RemoteEnd
    send_keys: SessionKeys
    receive_keys: SessionKeys

    def check_username(self) -> str:
        """USERNAME of a connectivity check towards the server (RFC 8445 7.2.2)."""
        return f"{self.remote.ufrag}:{self.local.ufrag}"


def format_fingerprint(digest: bytes) -> str:
    """`AB:CD:…`, RFC 8122 5."""
    return ":".join(f"{byte:02X}" for byte in digest)


@cache
def shared_certificate() -> Certificate:
    """One certificate for all participants of this process: making one takes longer than a handshake."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "light")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return Certificate(certificate, key)


def local_end() -> LocalEnd:
    """Fresh credentials and SSRCs."""
    return LocalEnd(
        ufrag=secrets.token_hex(4),
        pwd=secrets.token_hex(16),
        fingerprint=shared_certificate().fingerprint(),
        voice_ssrc=secrets.randbits(31) | 1,
        video_ssrc=secrets.randbits(31) | 1,
    )


def connect(
    post_offer: PostOffer,
    *,
    publishes: bool,
    profile: Profile = Profile.GCM,
    offer_of: Callable[[LocalEnd], str] | None = None,
) -> Participant:
    """Offers, checks connectivity and makes the DTLS handshake as its client.

    `offer_of` writes another offer than the plain one.

    Raises TimeoutError when the server does not answer and ConnectionError when it shows a wrong certificate.
    """
    local = local_end()
    offer = offer_of(local) if offer_of else make_offer(local, publishes=publishes)
    remote = read_answer(post_offer(offer))
    return associate(open_media(remote), local, remote, profile)


def open_media(remote: RemoteEnd) -> socket.socket:
    """A socket that is connected to the server's media address."""
    media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    media.connect((remote.host, remote.port))
    return media


def associate(media: socket.socket, local: LocalEnd, remote: RemoteEnd, profile: Profile) -> Participant:
    """Connectivity check and handshake, once both sides know each other. Raises as connect does.

    Takes `media` over: it is closed when that fails.
    """
    try:
        deadline = time.monotonic() + HANDSHAKE_TIMEOUT_S
        check_connectivity(media, local, remote, deadline)
        client_keys, server_keys = handshake(media, local, remote, profile, deadline)
    except BaseException:
        media.close()
        raise
    return Participant(media, local, remote, send_keys=client_keys, receive_keys=server_keys)


def keep_consent(participants: Iterable[Participant]) -> None:
    """A check from each: those who wait for others to join would be forgotten after 30 s (RFC 7675)."""
    for each in participants:
        if not each.remote.is_controlling:  # a full agent sees to that itself
            each.socket.send(bytes(make_check(each.local, each.remote)))


def answer_check(media: socket.socket, local: LocalEnd, datagram: bytes) -> None:
    """Says yes to a full agent's connectivity check; other STUN is passed over."""
    request = stun.parse_message(datagram)
    if request.message_class is not stun.Class.REQUEST:
        return
    answer = stun.Message(
        message_method=stun.Method.BINDING,
        message_class=stun.Class.RESPONSE,
        transaction_id=request.transaction_id,
    )
    answer.attributes["XOR-MAPPED-ADDRESS"] = media.getpeername()
    answer.add_message_integrity(local.pwd.encode())
    answer.add_fingerprint()
    media.send(bytes(answer))


def make_check(local: LocalEnd, remote: RemoteEnd) -> stun.Message:
    """A connectivity check; it nominates, unless the other side does."""
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{remote.ufrag}:{local.ufrag}"
    request.attributes["PRIORITY"] = 0x6E001EFF
    if remote.is_controlling:
        request.attributes["ICE-CONTROLLED"] = secrets.randbits(63)
    else:
        request.attributes["ICE-CONTROLLING"] = secrets.randbits(63)
        request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(remote.pwd.encode())
    return request


def receive(media: socket.socket, timeout_s: float) -> bytes | None:
    """One datagram, or None when none comes in time."""
    readable, _, _ = select.select([media], [], [], max(0.0, timeout_s))
    return media.recv(DATAGRAM_BYTES) if readable else None


def check_connectivity(media: socket.socket, local: LocalEnd, remote: RemoteEnd, deadline: float) -> None:
    """One check, repeated until it is answered."""
    request = make_check(local, remote)
    while time.monotonic() < deadline:
        media.send(bytes(request))
        answer = receive(media, RETRY_S)
        if answer is not None and answer[0] < 4:
            response = stun.parse_message(answer)
            if response.message_class is stun.Class.REQUEST:
                answer_check(media, local, answer)
            elif response.transaction_id == request.transaction_id and response.check_message_integrity(
                remote.pwd.encode()
            ):
                return
    raise TimeoutError("the server answers no connectivity check")


def dtls_connection(profile: Profile) -> SSL.Connection:
    """A DTLS client on memory buffers that offers one profile alone."""
    context = SSL.Context(SSL.DTLS_METHOD)
    own = shared_certificate()
    context.use_certificate(own.certificate)
    context.use_privatekey(own.key)
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)  # the fingerprint is checked instead
    context.set_tlsext_use_srtp(profile.openssl_name)
    connection = SSL.Connection(context, None)
    connection.set_ciphertext_mtu(1200)
    connection.set_connect_state()
    return connection


def flush(connection: SSL.Connection, media: socket.socket) -> None:
    """Sends what OpenSSL has written, one datagram a record: the memory buffer forgets the borders."""
    try:
        waiting = connection.bio_read(65536)
    except SSL.WantReadError:
        return
    while waiting:
        length = DTLS_RECORD_HEADER_BYTES + int.from_bytes(waiting[11:13], "big")
        media.send(waiting[:length])
        waiting = waiting[length:]


def handshake(
    media: socket.socket, local: LocalEnd, remote: RemoteEnd, profile: Profile, deadline: float
) -> tuple[SessionKeys, SessionKeys]:
    """(our, the server's) session keys. A full agent's checks are answered meanwhile."""
    connection = dtls_connection(profile)
    while True:
        try:
            connection.do_handshake()
            break
        except SSL.WantReadError:
            flush(connection, media)
        if time.monotonic() > deadline:
            raise TimeoutError("the DTLS handshake does not end")
        datagram = receive(media, RETRY_S)
        if datagram is None:
            connection.DTLSv1_handle_timeout()
        elif 20 <= datagram[0] <= 63:
            connection.bio_write(datagram)
        elif datagram[0] < 4:
            answer_check(media, local, datagram)
    flush(connection, media)
    certificate = connection.get_peer_certificate(as_cryptography=True)
    if (
        certificate is None
        or format_fingerprint(certificate.fingerprint(hashes.SHA256())) != remote.fingerprint
    ):
        raise ConnectionError("the server's certificate is not the one that its answer announced")
    if connection.get_selected_srtp_profile() != profile.openssl_name:
        raise ConnectionError(f"the server did not take {profile.openssl_name.decode()}")
    exported = connection.export_keying_material(b"EXTRACTOR-dtls_srtp", profile.exported_bytes, None)
    return split_exported(exported, profile)
