"""A DTLS 1.2 endpoint over memory BIOs (RFC 6347, 5764): datagrams in, datagrams and SRTP keys out.

It opens no socket.  Give it one input (`handle_datagram`, `handle_timeout`, `start`), then send all of
`take_datagrams()` and look at `state` and `timeout_s()`.  One thread at a time may use an endpoint.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from enum import StrEnum

from OpenSSL import SSL

from streaming.transport.certificate import Certificate
from streaming.transport.dtls_alerts import (
    AlertKeys,
    derive_alert_keys,
    ends_association,
    seal_close_notify,
)
from streaming.transport.fingerprint import CertificateDigest, matches_fingerprint
from streaming.transport.srtp_keys import (
    EXPORTER_LABEL,
    OPENSSL_PROFILES,
    SrtpKeys,
    exported_bytes,
    profile_of_openssl,
    split_exported,
)

# Leaves room for IPv6 and a tunnel inside 1,280 bytes (SFU practice: no datagram above 1,232).
DATAGRAM_LIMIT_BYTES = 1200
_RECORD_HEADER_BYTES = 13
_CONTENT_HANDSHAKE = 22
_CONTENT_TYPES = range(20, 26)
_READ_BYTES = 16384
_DTLS_1_2 = 0xFEFD
# Browsers and aiortc take the ECDSA suites; the RSA ones are for servers with RSA certificates (GStreamer).
_CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA"
)


class DtlsState(StrEnum):
    """HANDSHAKING -> SECURED -> CLOSED, or FAILED from HANDSHAKING."""

    HANDSHAKING = "handshaking"
    SECURED = "secured"
    CLOSED = "closed"
    FAILED = "failed"


def create_dtls_context(certificate: Certificate) -> SSL.Context:
    """The settings shared by all endpoints of a process."""
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_min_proto_version(_DTLS_1_2)
    context.set_max_proto_version(_DTLS_1_2)
    context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_QUERY_MTU)
    context.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    # Self-signed by design: the fingerprint in the signalled description is what authenticates (RFC 5763).
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
    context.set_cipher_list(_CIPHERS)
    context.set_tlsext_use_srtp(OPENSSL_PROFILES)
    context.use_certificate(certificate.x509)
    context.use_privatekey(certificate.key)
    return context


class DtlsEndpoint:
    """One association.

    Invariants: `keys` is set exactly when the state is or was SECURED, and then the peer's certificate
    matched the expected fingerprints; `failure` (a code of docs/protocol.md) is set exactly when FAILED;
    OpenSSL's state goes when SECURED comes, if the suite is one whose alerts we can read without it.
    """

    def __init__(
        self, context: SSL.Context, *, is_server: bool, expected_fingerprints: Iterable[CertificateDigest]
    ) -> None:
        self.state = DtlsState.HANDSHAKING
        self.keys: SrtpKeys | None = None
        self.failure = ""
        self._is_server = is_server
        self._expected = tuple(expected_fingerprints)
        self._ssl = SSL.Connection(context, None)
        self._ssl.set_ciphertext_mtu(DATAGRAM_LIMIT_BYTES)
        self._alert_keys: AlertKeys | None = None
        self._outgoing: list[bytes] = []
        self._last_flight: tuple[bytes, ...] = ()
        if is_server:
            self._ssl.set_accept_state()
        else:
            self._ssl.set_connect_state()

    def start(self) -> None:
        """Send the first flight, when we are the client."""
        if self.state is DtlsState.HANDSHAKING and not self._is_server:
            self._advance_handshake()

    def handle_datagram(self, data: bytes) -> None:
        """Take one datagram from the peer.  Anything but whole DTLS records is ignored."""
        if self.state in (DtlsState.CLOSED, DtlsState.FAILED) or not _is_whole_records(data):
            return
        if self.state is DtlsState.HANDSHAKING:
            self._ssl.bio_write(data)
            self._advance_handshake()
            return
        is_open = self._read_alerts(data)
        # The peer lost our Finished and repeats its own (RFC 6347 section 4.2.4).
        if is_open and not self._outgoing and data[0] == _CONTENT_HANDSHAKE:
            self._outgoing.extend(self._last_flight)

    def handle_timeout(self) -> None:
        """The time of `timeout_s()` is over: repeat the flight that was not answered."""
        if self.state is not DtlsState.HANDSHAKING:
            return
        try:
            self._ssl.DTLSv1_handle_timeout()
        except SSL.Error:
            self._fail("dtls_failed")  # OpenSSL gives up after a dozen repetitions
        self._collect()

    def timeout_s(self) -> float | None:
        """Seconds until `handle_timeout` is due; None when no timer runs."""
        if self.state is not DtlsState.HANDSHAKING:
            return None
        return self._ssl.DTLSv1_get_timeout()

    def take_datagrams(self) -> list[bytes]:
        """What to send now, in order; each at most `DATAGRAM_LIMIT_BYTES` unless one record is larger."""
        taken, self._outgoing = self._outgoing, []
        return taken

    def close(self) -> None:
        """Say goodbye (close_notify).  Idempotent."""
        if self.state is DtlsState.SECURED:
            if self._alert_keys is not None:
                self._outgoing.append(seal_close_notify(self._alert_keys))
            else:
                with contextlib.suppress(SSL.Error):  # the association is given up either way
                    self._ssl.shutdown()
                self._collect()
        if self.state is not DtlsState.FAILED:
            self.state = DtlsState.CLOSED

    def _advance_handshake(self) -> None:
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            self._collect()
            return
        except SSL.Error:
            self._fail("dtls_failed")
            self._collect()
            return
        self._collect()
        self._last_flight = tuple(self._outgoing)
        self._complete()

    def _complete(self) -> None:
        certificate = self._ssl.get_peer_certificate(as_cryptography=True)
        if certificate is None or not matches_fingerprint(certificate, self._expected):
            self._fail("dtls_fingerprint_mismatch")
            return
        profile = profile_of_openssl(self._ssl.get_selected_srtp_profile())
        if profile is None:
            self._fail("dtls_no_srtp")
            return
        material = self._ssl.export_keying_material(EXPORTER_LABEL, exported_bytes(profile))
        self.keys = split_exported(profile, material, is_server=self._is_server)
        self.state = DtlsState.SECURED
        self._alert_keys = derive_alert_keys(
            self._ssl.get_cipher_name() or "",
            self._ssl.master_key() or b"",
            self._ssl.client_random() or b"",
            self._ssl.server_random() or b"",
            is_server=self._is_server,
        )
        if self._alert_keys is not None:
            del self._ssl  # nothing but alerts can come: 90 KiB for each participant

    def _read_alerts(self, data: bytes) -> bool:
        """False: the association is over."""
        if self._alert_keys is None:
            self._ssl.bio_write(data)
            is_open = self._drain_application_data()
            self._collect()
            return is_open
        if ends_association(self._alert_keys, data):
            self.close()
            return False
        return True

    def _drain_application_data(self) -> bool:
        """No data channels: what arrives is read only to see alerts.  False: the association is over."""
        try:
            while self._ssl.recv(_READ_BYTES):
                continue
        except SSL.WantReadError:
            return True
        except SSL.ZeroReturnError:
            self.close()
        except SSL.Error:
            self.state = DtlsState.CLOSED
        return False

    def _collect(self) -> None:
        """Move what OpenSSL wrote into datagrams: the BIO is a byte stream, so it is cut at records."""
        pieces: list[bytes] = []
        try:
            while True:
                pieces.append(self._ssl.bio_read(_READ_BYTES))
        except SSL.WantReadError:
            pass
        self._outgoing.extend(_pack_records(b"".join(pieces)))

    def _fail(self, code: str) -> None:
        self.state = DtlsState.FAILED
        self.failure = code


def _is_whole_records(data: bytes) -> bool:
    """Whether `data` is one or more complete DTLS records and nothing else."""
    position = 0
    while position < len(data):
        if len(data) - position < _RECORD_HEADER_BYTES or data[position] not in _CONTENT_TYPES:
            return False
        position += _RECORD_HEADER_BYTES + int.from_bytes(data[position + 11 : position + 13], "big")
    return position == len(data) and position > 0


def _pack_records(stream: bytes) -> list[bytes]:
    """Whole records of `stream`, as many to a datagram as fit.

    Example: records of 600, 500 and 200 bytes become datagrams of 1,100 and 200 bytes.
    """
    datagrams: list[bytes] = []
    start = position = 0
    while position < len(stream):
        end = position + _RECORD_HEADER_BYTES + int.from_bytes(stream[position + 11 : position + 13], "big")
        if end - start > DATAGRAM_LIMIT_BYTES and position > start:
            datagrams.append(stream[start:position])
            start = position
        position = end
    if start < len(stream):
        datagrams.append(stream[start:])
    return datagrams
