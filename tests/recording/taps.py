"""An in-memory media server for the recorder's tests: taps that hold records of real RTP until taken."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass, field

from recording.rtplog import Record
from streaming.errors import Refused
from streaming.identifiers import PeerId, PublicationId
from streaming.session.media import Codec, MediaKind, Publication, Source, kind_of
from tests.recording.synthetic import BOOT_NS


@dataclass(slots=True)
class MemoryTap:
    """Records as `streaming.dataplane.Tap` gives: u32 length | u8 kind | 3 zero bytes | u64 ns | data."""

    pending: list[bytes] = field(default_factory=list)
    lost: int = 0
    is_closed: bool = False

    def give(self, record: Record) -> None:
        self.pending.append(
            struct.pack(">IB3xQ", len(record.data), record.kind, record.arrival_ns) + record.data
        )

    def take(self, limit_bytes: int) -> bytes:
        size = count = 0
        for record in self.pending:
            if size + len(record) > limit_bytes:
                break
            size += len(record)
            count += 1
        taken, self.pending = b"".join(self.pending[:count]), self.pending[count:]
        return taken

    def overflows(self) -> int:
        return self.lost

    def close(self) -> None:
        self.is_closed = True


@dataclass(slots=True)
class MemoryMedia:
    """Satisfies TapSource. Publications are known once they are `publish`ed."""

    taps: dict[str, MemoryTap] = field(default_factory=dict)
    keyframe_requests: list[tuple[str, float]] = field(default_factory=list)

    def publish(self, name: str, source: Source, codec: Codec, *, peer: str = "peer_1") -> Publication:
        kind = kind_of(source)
        rate_hz, channels = (48_000, 2) if kind is MediaKind.AUDIO else (90_000, 0)
        self.taps[name] = MemoryTap()
        return Publication(
            PublicationId(name), PeerId(peer), kind, source, "0", codec, rate_hz, channels, "", ()
        )

    def open_tap(self, publication: PublicationId, ring_bytes: int = 4 << 20) -> MemoryTap:
        if publication not in self.taps:
            raise Refused("publication_unknown")
        return self.taps[publication]

    def request_keyframe(self, publication: PublicationId) -> None:
        self.keyframe_requests.append((publication, time.monotonic()))

    def play(self, name: str, records: list[Record], *, began_ns: int, until_s: float) -> list[Record]:
        """Give a tap the records due before `until_s` after `began_ns` (monotonic); returns the rest."""
        due = [record for record in records if record.arrival_ns < BOOT_NS + until_s * 1e9]
        for record in due:
            self.taps[name].give(Record(record.kind, record.arrival_ns - BOOT_NS + began_ns, record.data))
        return [record for record in records if record.arrival_ns >= BOOT_NS + until_s * 1e9]
