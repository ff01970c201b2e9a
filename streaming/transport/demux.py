"""Which protocol a datagram belongs to, by its first byte (RFC 7983 section 7).

The native worker does this for every packet; the slow path asks again before it works on what was punted.

Example: `16 fe fd …` (a DTLS handshake record) -> `DatagramKind.DTLS`.
"""

from __future__ import annotations

from enum import StrEnum


class DatagramKind(StrEnum):
    """The protocols that share a media port."""

    STUN = "stun"
    ZRTP = "zrtp"
    DTLS = "dtls"
    TURN_CHANNEL = "turn_channel"
    RTP = "rtp"
    UNKNOWN = "unknown"


_RANGES = (
    (0, 3, DatagramKind.STUN),
    (16, 19, DatagramKind.ZRTP),
    (20, 63, DatagramKind.DTLS),
    (64, 79, DatagramKind.TURN_CHANNEL),
    (128, 191, DatagramKind.RTP),
)


def classify_datagram(data: bytes) -> DatagramKind:
    """The kind of `data`; an empty datagram is unknown.  RTP stands for RTP and RTCP."""
    if not data:
        return DatagramKind.UNKNOWN
    for first, last, kind in _RANGES:
        if first <= data[0] <= last:
            return kind
    return DatagramKind.UNKNOWN
