"""One timeline for everything a lesson recorded: RTP timestamps and sender clocks -> server clock ->
position.

Position 0 is the start of the lesson; suspended time is cut out.  A track's timestamps reach the server's
clock on one of two ways.  With sender reports (RFC 3550 6.4.1): timestamp -> the publisher's NTP clock ->
server clock; the last step is shared by all tracks of one peer, so that voice and picture keep the
distance they had in front of the camera. Before the first report: by arrival.  Both ways take the
smallest delay of the last half minute, because queues only ever add.  Once media was placed, corrections
are slewed (5 ms a second), so that nothing jumps when a report comes late or clocks drift apart; only a
difference of more than half a second, a clock that was set, is taken at once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median

from recording.checkpoint import Buckets, PeerClockState, TrackClockState

SECOND_NS = 1_000_000_000
_WINDOW_SECONDS = 30
_SLEW_RATIO = 0.005
_STEP_NS = SECOND_NS // 2
_REPORTS = 5


@dataclass(frozen=True, slots=True)
class LessonClock:
    """Wall clock in ns -> position in the replay in ns.

    `suspensions`: ordered (from_ns, until_ns); until_ns None while it lasts.
    """

    started_ns: int
    suspensions: tuple[tuple[int, int | None], ...] = ()

    def position_ns(self, wall_ns: int) -> int:
        """The position of a moment; within a suspension the moment it began. Negative before the lesson."""
        position = wall_ns - self.started_ns
        for begin, end in self.suspensions:
            if wall_ns <= begin:
                break
            position -= min(wall_ns, end if end is not None else wall_ns) - begin
        return position

    def wall_ns(self, position_ns: int) -> int:
        """The moment that a position shows; at a cut, the moment behind the suspension."""
        wall = self.started_ns + position_ns
        for begin, end in self.suspensions:
            if wall < begin or end is None:
                break
            wall += end - begin
        return wall

    def is_suspended(self, wall_ns: int) -> bool:
        """Whether the lesson stood still at that moment."""
        return any(begin <= wall_ns and (end is None or wall_ns < end) for begin, end in self.suspensions)


@dataclass(slots=True)
class WindowedMinimum:
    """The smallest value of the last half minute, in buckets of one second."""

    _buckets: deque[tuple[int, int]] = field(default_factory=deque)

    def add(self, value: int, at_ns: int) -> None:
        """`at_ns` grows, apart from small reordering."""
        second = at_ns // SECOND_NS
        if self._buckets and self._buckets[-1][0] >= second:
            newest, smallest = self._buckets[-1]
            self._buckets[-1] = (newest, min(smallest, value))
        else:
            self._buckets.append((second, value))
            while self._buckets[0][0] <= second - _WINDOW_SECONDS:
                self._buckets.popleft()

    def clear(self) -> None:
        """Forget everything."""
        self._buckets.clear()

    def buckets(self) -> Buckets:
        """What is remembered: WindowedMinimum(deque(buckets)) goes on from there."""
        return tuple(self._buckets)

    @property
    def newest_ns(self) -> int:
        """When the last value came, to the second."""
        return self._buckets[-1][0] * SECOND_NS if self._buckets else 0

    @property
    def value(self) -> int | None:
        """None before the first value."""
        return min((value for _, value in self._buckets), default=None)


@dataclass(slots=True)
class PeerClock:
    """How far the server's clock is ahead of one publisher's NTP clock, by the fastest packet of all its
    tracks.

    `generation` counts how often that NTP clock was set; reports of an older generation say nothing any more.
    """

    delays: WindowedMinimum = field(default_factory=WindowedMinimum)
    generation: int = 0

    def state(self) -> PeerClockState:
        """What `restored` needs."""
        return PeerClockState(self.delays.buckets(), self.generation)

    @classmethod
    def restored(cls, state: PeerClockState) -> PeerClock:
        """A clock that goes on where another one was."""
        return cls(WindowedMinimum(deque(state.delays)), state.generation)


class TrackClock:
    """Places the timestamps of one track on the server's clock.

    Invariant: `server_ns`, asked with growing ticks, moves against the ticks by at most 5 ms a second,
    except for a step over half a second.
    """

    __slots__ = (
        "_applied_ns",
        "_applied_ticks",
        "_arrivals",
        "_clock_rate_hz",
        "_generation",
        "_peer",
        "_reports",
    )

    def __init__(self, clock_rate_hz: int, peer: PeerClock) -> None:
        self._clock_rate_hz = clock_rate_hz
        self._peer = peer
        self._generation = peer.generation
        self._arrivals = WindowedMinimum()
        self._reports: deque[int] = deque(maxlen=_REPORTS)
        self._applied_ns: int | None = None
        self._applied_ticks = 0

    def state(self) -> TrackClockState:
        """What `restore` needs."""
        return TrackClockState(
            self._generation,
            self._arrivals.buckets(),
            tuple(self._reports),
            self._applied_ns,
            self._applied_ticks,
        )

    def restore(self, state: TrackClockState) -> None:
        """Go on where another one was."""
        self._generation = state.generation
        self._arrivals = WindowedMinimum(deque(state.arrivals))
        self._reports.extend(state.reports)
        self._applied_ns, self._applied_ticks = state.applied_ns, state.applied_ticks

    @property
    def has_report(self) -> bool:
        """Whether a sender report has come: from then on the placement is final."""
        return bool(self._reports)

    def observe_packet(self, ticks: int, arrival_ns: int) -> None:
        """A packet with this (unwrapped) timestamp came at this time."""
        media_ns = self._media_ns(ticks)
        self._arrivals.add(arrival_ns - media_ns, arrival_ns)
        ntp_minus_media = self._ntp_minus_media()
        if ntp_minus_media is not None:
            self._peer.delays.add(arrival_ns - media_ns - ntp_minus_media, arrival_ns)

    def observe_report(self, ntp_ns: int, ticks: int) -> None:
        """A sender report: at `ntp_ns` of the publisher's clock the track's timestamp was `ticks`."""
        difference = ntp_ns - self._media_ns(ticks)
        known = int(median(self._reports)) if self._reports else None
        if known is not None and abs(difference - known) > _STEP_NS:
            self._reports.clear()
            if self._generation == self._peer.generation:
                self._peer.generation += 1
                self._peer.delays.clear()
        is_first = not self._reports
        self._reports.append(difference)
        if is_first:
            self._generation = self._peer.generation
            fastest = self._arrivals.value
            if fastest is not None:
                self._peer.delays.add(fastest - difference, self._arrivals.newest_ns)

    def estimated_ns(self, ticks: int) -> int:
        """Where `server_ns` would place this moment, without placing it."""
        return self._media_ns(ticks) + (self._target_ns() if self._applied_ns is None else self._applied_ns)

    def server_ns(self, ticks: int) -> int:
        """When this moment of the track was captured, on the server's clock."""
        media_ns = self._media_ns(ticks)
        target = self._target_ns()
        if self._applied_ns is None or abs(target - self._applied_ns) > _STEP_NS:
            self._applied_ns = target
        else:
            elapsed_ns = max(0, media_ns - self._media_ns(self._applied_ticks))
            limit = int(elapsed_ns * _SLEW_RATIO)
            self._applied_ns += max(-limit, min(limit, target - self._applied_ns))
        self._applied_ticks = max(ticks, self._applied_ticks)
        return media_ns + self._applied_ns

    def _media_ns(self, ticks: int) -> int:
        return ticks * SECOND_NS // self._clock_rate_hz

    def _ntp_minus_media(self) -> int | None:
        is_current = bool(self._reports) and self._generation == self._peer.generation
        return int(median(self._reports)) if is_current else None

    def _target_ns(self) -> int:
        ntp_minus_media, delay = self._ntp_minus_media(), self._peer.delays.value
        if ntp_minus_media is not None and delay is not None:
            return ntp_minus_media + delay
        return self._arrivals.value or 0
