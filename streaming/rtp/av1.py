"""AV1 payloads (RTP payload format 1.0, section 4): aggregation header, OBU elements.

`20 02 0A 0B 32 10`: W=2, so the first element has a length (2) and the second takes the rest: a sequence
header OBU `0A 0B` and a frame OBU `32 10`.
"""

from __future__ import annotations

from dataclasses import dataclass

from streaming.rtp.cursor import ByteReader

OBU_SEQUENCE_HEADER = 1
OBU_TEMPORAL_DELIMITER = 2
OBU_FRAME = 6


@dataclass(frozen=True, slots=True)
class Av1Payload:
    """The elements of a packet.

    `continues_obu` (Z): the first goes on with the previous packet's last; `is_continued` (Y): the last goes
    on in the next packet; `starts_coded_video_sequence` (N).
    """

    continues_obu: bool
    is_continued: bool
    starts_coded_video_sequence: bool
    elements: tuple[bytes, ...]

    @property
    def has_sequence_header(self) -> bool:
        """Whether a sequence header OBU begins in this packet."""
        first = 1 if self.continues_obu else 0
        return any(obu_type(element) == OBU_SEQUENCE_HEADER for element in self.elements[first:])

    @property
    def starts_keyframe(self) -> bool:
        """Whether a decoder may start here."""
        return not self.continues_obu and (self.starts_coded_video_sequence or self.has_sequence_header)


def obu_type(obu: bytes) -> int | None:
    """The type in an OBU's header (AV1 5.3.2), None for no bytes. `0A` is a sequence header."""
    return obu[0] >> 3 & 0x0F if obu else None


def parse_av1(payload: bytes) -> Av1Payload | None:
    """The elements of a payload; None if it is empty, cut, or has both Z and N."""
    reader = ByteReader(payload)
    header = reader.u8()
    count = header >> 4 & 3
    continues_obu, starts_sequence = bool(header & 0x80), bool(header & 0x08)
    if not reader.remaining or (continues_obu and starts_sequence):
        return None
    elements: list[bytes] = []
    while reader.remaining:
        is_last = count != 0 and len(elements) + 1 == count
        elements.append(reader.rest() if is_last else reader.take(reader.leb128()))
    if not reader.is_ok:
        return None
    return Av1Payload(continues_obu, bool(header & 0x40), starts_sequence, tuple(elements))
