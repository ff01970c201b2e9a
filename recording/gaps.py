"""What is missing of one source, and why, from what arrived when. Pure; times are wall-clock ns.

Losses within two seconds of each other are one gap. A picture's loss lasts until its next keyframe.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from recording.checkpoint import GapState
from recording.manifest import Gap, GapReason

_SILENCE_NS = 1_000_000_000
_MERGE_NS = 2_000_000_000


@dataclass(slots=True)
class GapWatch:
    """Invariant: of `_gaps` only the last may still grow. A damage is seen, and stands there, before what
    lies ahead of it: their ends are in no order.
    """

    publication: str
    waits_for_keyframe: bool
    _last_media_ns: int | None = None
    _last_report_ns: int = 0
    _lost_from_ns: int | None = None
    _gaps: list[tuple[GapReason, int, int]] = field(default_factory=list)

    def state(self) -> GapState:
        """What `restore` needs."""
        return GapState(self._last_media_ns, self._last_report_ns, self._lost_from_ns, tuple(self._gaps))

    def restore(self, state: GapState) -> None:
        """Go on where another one was."""
        self._last_media_ns, self._last_report_ns = state.last_media_ns, state.last_report_ns
        self._lost_from_ns = state.lost_from_ns
        self._gaps = [(GapReason(reason), begin, end) for reason, begin, end in state.gaps]

    def media_arrived(self, at_ns: int) -> None:
        """A media packet came: was there silence before it?"""
        last_ns, self._last_media_ns = self._last_media_ns, at_ns
        if last_ns is not None and at_ns - last_ns >= _SILENCE_NS:
            had_reports = last_ns < self._last_report_ns <= at_ns
            self._add(GapReason.PAUSE if had_reports else GapReason.RECONNECT, last_ns, at_ns)

    def report_arrived(self, at_ns: int) -> None:
        """A sender report came: the publisher is there."""
        self._last_report_ns = at_ns

    def packets_lost(self, before_ns: int, behind_ns: int) -> None:
        """Packets are missing between two that arrived at these times."""
        if self.waits_for_keyframe:
            self._lost_from_ns = self._lost_from_ns or before_ns
        else:
            self._add(GapReason.LOSS, before_ns, behind_ns)

    def keyframe_arrived(self, at_ns: int) -> None:
        """From here on the picture is whole again."""
        if self._lost_from_ns is not None:
            self._add(GapReason.LOSS, self._lost_from_ns, at_ns)
            self._lost_from_ns = None

    def damaged(self, before_ns: int, behind_ns: int) -> None:
        """A part of the log between two records cannot be read."""
        self._add(GapReason.DAMAGE, before_ns, behind_ns)

    def take(self, now_ns: int) -> list[Gap]:
        """The gaps that will not grow any more."""
        finished = [gap for gap in self._gaps if gap[2] + _MERGE_NS < now_ns]
        self._gaps = [gap for gap in self._gaps if gap not in finished]
        return [
            Gap(self.publication, reason, begin // 1_000_000, end // 1_000_000)
            for reason, begin, end in finished
        ]

    def _add(self, reason: GapReason, begin_ns: int, end_ns: int) -> None:
        if self._gaps:
            last_reason, last_begin, last_end = self._gaps[-1]
            if last_reason is reason and begin_ns - last_end < _MERGE_NS:
                self._gaps[-1] = (reason, last_begin, max(last_end, end_ns))
                return
        self._gaps.append((reason, begin_ns, end_ns))
