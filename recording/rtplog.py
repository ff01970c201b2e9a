"""The recording log: an append-only file of plain RTP, one per source, readable after any damage.

```
file    = "TANDRTP1" | u32 length | u32 crc32 | header (JSON, UTF-8) | record* record  = "\xabRT\xba" |
u32 length of data | u32 crc32 | u8 kind | 3 zero bytes | u64 arrival_ns | data ``` All integers are
big-endian; a record's crc32 covers everything behind it (kind to the end of data); the highest bit of
kind says that data is encrypted (`recording.encryption`); `arrival_ns` is CLOCK_MONOTONIC, which the
header anchors to the wall clock.  A worked record, one byte `80` of RTP at 1 s:
`ab5254ba 00000001 a76e87e6 01000000 000000003b9aca00 80`.

The marker in front of each record lets a reader find its way again behind a torn or flipped byte: it
looks for the next marker whose record has a right checksum, and reports the bytes between as damaged.  A
publisher can put marker and record inside its own payload; behind a damage such a record could be taken
for real.  It harms that publisher's own recording alone.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

MAGIC = b"TANDRTP1"
MARKER = b"\xabRT\xba"
MAX_PACKET_BYTES = 65535
MAX_DATA_BYTES = MAX_PACKET_BYTES + 24
"""Encryption adds a number and a tag."""
MAX_HEADER_BYTES = 65536

_PREFIX = struct.Struct(">II")
_RECORD = struct.Struct(">4sIIB3xQ")
_CHECKED = struct.Struct(">B3xQ")
_CHECKED_OFFSET = 12
_TAP_RECORD = struct.Struct(">IB3xQ")


class RecordKind(IntEnum):
    """What a record's data is."""

    RTP = 1
    SENDER_REPORT = 2
    CLOCK = 3
    """No data: says that the recorder lived at `arrival_ns` and had written everything before it."""


_ENCRYPTED = 0x80
_KINDS = frozenset(RecordKind)
_TAP_KINDS = frozenset({RecordKind.RTP, RecordKind.SENDER_REPORT})


@dataclass(frozen=True, slots=True)
class Record:
    """One packet, or one sign of life, at `arrival_ns` (CLOCK_MONOTONIC).

    is_encrypted: `data` is what `recording.encryption` made of the packet.
    """

    kind: RecordKind
    arrival_ns: int
    data: bytes
    is_encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Damage:
    """`length_bytes` of the log could not be read."""

    length_bytes: int


@dataclass(frozen=True, slots=True)
class LogHeader:
    """What a log says about itself: whose it is, how it is coded, and when its monotonic clock was which
    wall clock.
    """

    lesson: str
    seat: str
    publication: str
    peer: str
    kind: str
    source: str
    codec: str
    clock_rate_hz: int
    channels: int
    format_parameters: str
    anchor_monotonic_ns: int
    anchor_wall_ms: int
    part: int

    def wall_ns(self, monotonic_ns: int) -> int:
        """The wall clock in ns since 1970 that belongs to a monotonic time of this log."""
        return self.anchor_wall_ms * 1_000_000 + monotonic_ns - self.anchor_monotonic_ns


def serialize_header(header: LogHeader) -> bytes:
    """The first bytes of a log."""
    fields = {name: getattr(header, name) for name in LogHeader.__slots__}
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
    return MAGIC + _PREFIX.pack(len(text), zlib.crc32(text)) + text


def parse_header(data: bytes) -> tuple[LogHeader, int] | None:
    """The header and its length in bytes, or None where it is torn, damaged or not a log."""
    start = len(MAGIC) + _PREFIX.size
    if len(data) < start or not data.startswith(MAGIC):
        return None
    length, checksum = _PREFIX.unpack_from(data, len(MAGIC))
    text = data[start : start + length]
    if length > MAX_HEADER_BYTES or len(text) < length or zlib.crc32(text) != checksum:
        return None
    try:
        fields = json.loads(text)
        header = LogHeader(**fields)
    except (ValueError, TypeError):
        return None
    numbers = (
        header.clock_rate_hz,
        header.anchor_monotonic_ns,
        header.anchor_wall_ms,
        header.channels,
        header.part,
    )
    if not all(isinstance(number, int) for number in numbers) or header.clock_rate_hz <= 0:
        return None
    return header, start + length


def serialize_record(record: Record) -> bytes:
    """One record as it lies in the log."""
    kind = record.kind | _ENCRYPTED if record.is_encrypted else record.kind
    checked = _CHECKED.pack(kind, record.arrival_ns)
    checksum = zlib.crc32(record.data, zlib.crc32(checked))
    head = _RECORD.pack(MARKER, len(record.data), checksum, kind, record.arrival_ns)
    return head + record.data


def parse_tap_records(data: bytes) -> Iterator[Record]:
    """The records of one `Tap.take()`: u32 length | u8 kind | 3 zero bytes | u64 arrival_ns | data, back
    to back.

    Records of a kind this version does not know are skipped; a cut last record ends the iteration.
    """
    offset = 0
    while offset + _TAP_RECORD.size <= len(data):
        length, kind, arrival_ns = _TAP_RECORD.unpack_from(data, offset)
        offset += _TAP_RECORD.size
        payload = data[offset : offset + length]
        offset += length
        if len(payload) == length <= MAX_PACKET_BYTES and kind in _TAP_KINDS:
            yield Record(RecordKind(kind), arrival_ns, payload)


class LogScanner:
    """Bytes of a log in, records and damages out; the bytes may come in any pieces and while the log
    still grows.

    Invariants: no byte is looked at as a record twice once it was passed; `pending` never holds more than
    one record and what has just been fed; `position` is behind the last byte that was passed.  `finish()`
    says that no more will come: what is left is a torn end.
    """

    __slots__ = ("_damaged_bytes", "_pending", "position")

    def __init__(self) -> None:
        self.position = 0
        self._pending = b""
        self._damaged_bytes = 0

    def feed(self, data: bytes) -> Iterator[Record | Damage]:
        """Read on behind what was fed before (which begins behind the file's header)."""
        buffer = self._pending + data
        offset = 0
        while True:
            found = self._read(buffer, offset)
            if found is None:
                break
            record, end = found
            self.position += end - offset
            offset = end
            if record is not None:
                yield from self._take_damage()
                yield record
        self._pending = buffer[offset:]

    def finish(self) -> Iterator[Record | Damage]:
        """What is left when no more will come: a torn end, or whole records behind a damaged length."""
        while self._pending:
            self._damaged_bytes += 1
            self.position += 1
            rest, self._pending = self._pending[1:], b""
            yield from self.feed(rest)
        yield from self._take_damage()

    def _take_damage(self) -> Iterator[Damage]:
        if self._damaged_bytes:
            yield Damage(self._damaged_bytes)
            self._damaged_bytes = 0

    def _read(self, buffer: bytes, offset: int) -> tuple[Record | None, int] | None:
        """One step: a record and the offset behind it, (None, offset) after skipping damage, None when
        bytes lack.
        """
        if len(buffer) - offset < _RECORD.size:
            return None
        marker, length, checksum, kind, arrival_ns = _RECORD.unpack_from(buffer, offset)
        end = offset + _RECORD.size + length
        if marker == MARKER and length <= MAX_DATA_BYTES:
            if end > len(buffer):
                return None
            is_encrypted, kind = bool(kind & _ENCRYPTED), kind & ~_ENCRYPTED
            if zlib.crc32(buffer[offset + _CHECKED_OFFSET : end]) == checksum and kind in _KINDS:
                data = buffer[offset + _RECORD.size : end]
                return Record(RecordKind(kind), arrival_ns, data, is_encrypted), end
        following = buffer.find(MARKER, offset + 1)
        if following < 0:
            following = len(buffer) - len(MARKER) + 1
        self._damaged_bytes += following - offset
        return None, following
