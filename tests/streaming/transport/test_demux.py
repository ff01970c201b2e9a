"""RFC 7983 section 7, byte by byte."""

from __future__ import annotations

import pytest

from streaming.transport.demux import DatagramKind, classify_datagram


@pytest.mark.parametrize(
    ("first_bytes", "kind"),
    [
        (range(4), DatagramKind.STUN),
        (range(4, 16), DatagramKind.UNKNOWN),
        (range(16, 20), DatagramKind.ZRTP),
        (range(20, 64), DatagramKind.DTLS),
        (range(64, 80), DatagramKind.TURN_CHANNEL),
        (range(80, 128), DatagramKind.UNKNOWN),
        (range(128, 192), DatagramKind.RTP),
        (range(192, 256), DatagramKind.UNKNOWN),
    ],
)
def test_the_first_byte_decides(first_bytes: range, kind: DatagramKind) -> None:
    assert {classify_datagram(bytes([first])) for first in first_bytes} == {kind}


def test_an_empty_datagram_is_unknown() -> None:
    assert classify_datagram(b"") is DatagramKind.UNKNOWN
