"""SHELL: one recorded source: its log read as it grows, its packets put in order and placed on the
server's clock.

Time comes from the log alone: `advance` is told until when, so that reading along with a lesson and reading a
finished one give the same result.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from recording.checkpoint import SourceState
from recording.depacketizer import (
    FORMATS,
    AccessUnit,
    Depacketizer,
    MediaPacket,
    ReorderBuffer,
    has_whole_parameters,
    parameter_sets,
    sprop_parameter_sets,
)
from recording.encryption import LogCipher
from recording.gaps import GapWatch
from recording.manifest import Gap, SourceStarted
from recording.rtplog import Damage, LogScanner, Record, RecordKind, parse_header
from recording.store import TailReader
from recording.timeline import SECOND_NS, LessonClock, PeerClock, TrackClock
from streaming.rtp.packet import parse_packet
from streaming.rtp.rtcp import parse_compound, parse_sender_report
from streaming.rtp.sequence import SEQUENCE_BITS, TIMESTAMP_BITS, Unwrapper

_READ_BYTES = 1 << 18
_SETTLE_NS = 4 * SECOND_NS
_FAR_PACKETS = 3000
_DISPLACED_NS = SECOND_NS
"""A log is written in the order of arrival, but for what came while it was written."""
_LATENESS_NS = 3 * SECOND_NS // 2
_MARGIN_NS = SECOND_NS // 5
_NEVER_NS = 1 << 62


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """An access unit and where it belongs: position in the replay in ns."""

    position_ns: int
    unit: AccessUnit


class SourceReader:
    """Reads the log of one source.

    `order`: the later-started source of a resource has the higher one; `began_ns`: when its first packet
    came; `state`: where another reader of this log was; `open_cipher`: called at the first encrypted record.
    Invariants: units come out in the order of decoding; records are looked at in the order of the log.
    """

    def __init__(
        self,
        path: Path,
        entry: SourceStarted,
        peer: PeerClock,
        order: int,
        state: SourceState | None = None,
        open_cipher: Callable[[], LogCipher | None] = lambda: None,
    ) -> None:
        self.entry = entry
        self.order = order
        self.is_sealed = False
        self.newest_ns = entry.at_ms * 1_000_000
        self.began_ns: int | None = None
        self._tail = TailReader(path)
        self._head = b""
        self._begin_bytes = 0
        self._passed_bytes = 0
        self._passed_ns = self.newest_ns
        self._offset_ns: int | None = None
        self._has_header = False
        self._scanner = LogScanner()
        self._records: deque[tuple[int, Record, int]] = deque()
        self._is_exhausted = False
        self._damaged_from_ns: int | None = None
        self._open_cipher = open_cipher
        self._cipher: LogCipher | None = None
        self._is_cipher_known = False
        self._peer = peer
        self._gaps = GapWatch(entry.publication, entry.kind == "video")
        self._parameters = sprop_parameter_sets(entry.format_parameters) if entry.codec == "H264" else b""
        self._units: deque[tuple[TrackClock, AccessUnit]] = deque()
        self._newest: tuple[TrackClock, int] | None = None
        self._placed: PlacedUnit | None = None
        self._last_ns = self.newest_ns
        self._ssrc: int | None = None
        self._delivered_ns = self.newest_ns
        self._begin_stream()
        if state is not None:
            self._restore(state)

    def state(self) -> SourceState | None:
        """Where it is, None before the log has begun. Of packets on their way it has the numbers alone, of
        units nothing.
        """
        if self._offset_ns is None:
            return None
        awaited, held = self._reorder.state()
        return SourceState(
            self._begin_bytes + self._passed_bytes,
            self._offset_ns,
            self._passed_ns,
            self.began_ns,
            self._ssrc,
            self._sequence.highest,
            awaited,
            held,
            self._timestamps.highest,
            self._first_ns,
            self._last_ns,
            self._delivered_ns,
            self._parameters.hex(),
            self._clock.state(),
            self._gaps.state(),
        )

    def fill(self, until_ns: int) -> None:
        """Read on in the log until a record is newer than `until_ns`, or nothing more is there."""
        while self.newest_ns <= until_ns and not self._is_exhausted:
            was_sealed = self.is_sealed
            data = self._tail.read(_READ_BYTES)
            if data:
                self._scan(data)
            elif was_sealed:
                self._collect(chain(self._scanner.feed(self._head), self._scanner.finish()))
                self._is_exhausted = True
            else:
                return

    def advance(self, until_ns: int) -> None:
        """Take in what arrived until then."""
        while self._records and self._records[0][0] <= until_ns:
            arrival_ns, record, self._passed_bytes = self._records.popleft()
            self._passed_ns = max(self._passed_ns, arrival_ns)
            if record.kind is RecordKind.RTP:
                self._take_packet(record.data, arrival_ns)
            elif record.kind is RecordKind.SENDER_REPORT:
                self._take_report(record.data, arrival_ns)
        self._drain(until_ns)
        if self.is_finished:
            self._drain(_NEVER_NS)

    @property
    def is_finished(self) -> bool:
        """Whether the log is sealed and wholly read."""
        return self._is_exhausted and not self._records

    @property
    def media_span_ms(self) -> tuple[int, int] | None:
        """When its first and its last packet came, None before the first."""
        if self.began_ns is None:
            return None
        return self.began_ns // 1_000_000, self._last_ns // 1_000_000

    def whole_until_ns(self, now_ns: int) -> int:
        """Before which moment (wall clock) nothing more is awaited of this source, read until `now_ns`.

        Usually a little before its newest unit; while a packet is missing or the network late, that stays
        where it is, for 1.5 s at most.  A source that has sent nothing for so long holds nothing back.
        """
        if self._first_ns is None or self.is_finished:
            return now_ns - _MARGIN_NS
        if not self._clock.has_report and self._last_ns - self._first_ns < _SETTLE_NS:
            # A sender report may still correct the placement.
            return min(now_ns - _LATENESS_NS, self._first_ns - SECOND_NS // 2)
        if now_ns - self._last_ns >= _LATENESS_NS:
            return now_ns - _MARGIN_NS
        newest_ns = 0 if self._newest is None else self._newest[0].estimated_ns(self._newest[1])
        return max(min(newest_ns, now_ns) - _MARGIN_NS, now_ns - _LATENESS_NS)

    def take(self, horizon_ns: int, lesson: LessonClock) -> list[PlacedUnit]:
        """The units whose position is before the horizon; those of suspended time are left out."""
        taken: list[PlacedUnit] = []
        while self._units or self._placed:
            if self._placed is None:
                clock, unit = self._units.popleft()
                wall_ns = clock.server_ns(unit.ticks)
                if lesson.is_suspended(wall_ns):
                    continue
                self._placed = PlacedUnit(lesson.position_ns(wall_ns), unit)
            if self._placed.position_ns >= horizon_ns:
                break
            taken.append(self._placed)
            self._placed = None
        return taken

    def take_gaps(self, now_ns: int) -> list[Gap]:
        """What is known to be missing, each once."""
        return self._gaps.take(now_ns)

    def _scan(self, data: bytes) -> None:
        if not self._has_header:
            self._head += data
            parsed = parse_header(self._head)
            if parsed is None and len(self._head) < _READ_BYTES and not self.is_sealed:
                return
            self._has_header = True
            length = 0
            if parsed is not None:
                header, length = parsed
                self._offset_ns, self._begin_bytes = header.wall_ns(0), length
            data, self._head = self._head[length:], b""
        self._collect(self._scanner.feed(data))

    def _collect(self, found: Iterable[Record | Damage]) -> None:
        read = [(item, self._scanner.position) for item in found]
        if self._offset_ns is None:
            # The first may lie behind others: storage displaces what it damages.
            earliest_ns = min((item.arrival_ns for item, _ in read if isinstance(item, Record)), default=None)
            if earliest_ns is not None:
                self._offset_ns = self.entry.at_ms * 1_000_000 - earliest_ns
        is_displaced = False
        for each, position in read:
            item = self._decrypt(each) if isinstance(each, Record) and each.is_encrypted else each
            if item is None or isinstance(item, Damage):
                self._damaged_from_ns = self.newest_ns
                continue
            assert self._offset_ns is not None
            arrival_ns = item.arrival_ns + self._offset_ns
            if self._damaged_from_ns is not None:
                self._gaps.damaged(min(self._damaged_from_ns, arrival_ns), arrival_ns)
                self._damaged_from_ns = None
            is_displaced = is_displaced or arrival_ns < self.newest_ns - _DISPLACED_NS
            self.newest_ns = max(self.newest_ns, arrival_ns)
            self._records.append((arrival_ns, item, position))
        if is_displaced:
            self._put_back()

    def _put_back(self) -> None:
        """What was read and not taken in, by arrival. A checkpoint says that nothing of it was passed."""
        here = self._passed_bytes
        ordered = sorted(self._records, key=lambda entry: entry[0])
        self._records = deque((arrival_ns, record, here) for arrival_ns, record, _ in ordered)

    def _decrypt(self, record: Record) -> Record | None:
        """None where it cannot be read, a key that was deleted included."""
        if not self._is_cipher_known:
            self._cipher, self._is_cipher_known = self._open_cipher(), True
        return self._cipher.decrypt(record) if self._cipher is not None else None

    def _begin_stream(self) -> None:
        """Sequence numbers and timestamps start anew: at the first packet, at a new SSRC, at a far jump."""
        self._sequence = Unwrapper(SEQUENCE_BITS)
        self._timestamps = Unwrapper(TIMESTAMP_BITS)
        self._clock = TrackClock(self.entry.clock_rate_hz, self._peer)
        self._reorder = ReorderBuffer()
        self._depacketizer = Depacketizer(FORMATS[self.entry.codec]())
        self._first_ns: int | None = None

    def _take_packet(self, data: bytes, arrival_ns: int) -> None:
        packet = parse_packet(data)
        if packet is None:
            return
        highest = self._sequence.highest
        number = self._sequence.peek(packet.sequence_number)
        is_far = highest is not None and abs(number - highest) > _FAR_PACKETS
        if is_far or packet.ssrc != self._ssrc:
            self._drain(_NEVER_NS)
            self._begin_stream()
            self._ssrc = packet.ssrc
        number = self._sequence.unwrap(packet.sequence_number)
        ticks = self._timestamps.unwrap(packet.timestamp)
        if self._first_ns is None:
            self._first_ns = arrival_ns
            self.began_ns = self.began_ns or arrival_ns
        self._last_ns = arrival_ns
        self._clock.observe_packet(ticks, arrival_ns)
        self._gaps.media_arrived(arrival_ns)
        self._reorder.push(MediaPacket(number, ticks, packet.marker, packet.payload, arrival_ns))
        self._drain(arrival_ns)

    def _take_report(self, data: bytes, arrival_ns: int) -> None:
        for packet in parse_compound(data) or ():
            report = parse_sender_report(packet)
            if report is not None and report.ssrc == self._ssrc:
                ntp_ns = report.ntp_time * SECOND_NS >> 32
                self._clock.observe_report(ntp_ns, self._timestamps.peek(report.rtp_timestamp))
                self._gaps.report_arrived(arrival_ns)

    def _drain(self, now_ns: int) -> None:
        for packet, is_behind_loss in self._reorder.pop(now_ns):
            if is_behind_loss:
                self._gaps.packets_lost(min(self._delivered_ns, packet.arrival_ns), packet.arrival_ns)
            self._delivered_ns = packet.arrival_ns
            for unit in self._depacketizer.push(packet):
                self._add_unit(unit)

    def _add_unit(self, unit: AccessUnit) -> None:
        if unit.is_keyframe:
            self._gaps.keyframe_arrived(self._delivered_ns)
            if self.entry.codec == "H264":
                unit = self._with_parameters(unit)
        self._units.append((self._clock, unit))
        if self._newest is None or self._newest[0] is not self._clock or self._newest[1] < unit.ticks:
            self._newest = (self._clock, unit.ticks)

    def _with_parameters(self, unit: AccessUnit) -> AccessUnit:
        """A keyframe that brings no parameter sets gets the last ones, or those of the description."""
        if has_whole_parameters(unit.data):
            self._parameters = parameter_sets(unit.data)
            return unit
        return replace(unit, data=self._parameters + unit.data)

    def _restore(self, state: SourceState) -> None:
        self._tail.offset = self._begin_bytes = state.offset_bytes
        self._offset_ns, self._has_header = state.wall_offset_ns, True
        self.newest_ns = self._passed_ns = state.newest_ns
        self.began_ns, self._ssrc = state.began_ns, state.ssrc
        self._sequence = Unwrapper(SEQUENCE_BITS, state.highest_sequence_number)
        self._reorder = ReorderBuffer.restored(state.awaited_sequence_number, state.held_sequence_numbers)
        self._timestamps = Unwrapper(TIMESTAMP_BITS, state.highest_ticks)
        self._first_ns, self._last_ns = state.first_ns, state.last_ns
        self._delivered_ns = state.delivered_ns
        self._parameters = bytes.fromhex(state.parameters)
        self._clock.restore(state.clock)
        self._gaps.restore(state.gaps)
