"""The indicators of a lesson: of its process, per classroom, never per child.

A plain function of the lesson's history.  All times are clipped to the lesson, from its start to its end (or
to `until_ms` while it runs).  What nothing has measured is None, and not zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Final

from signaling.lesson_history import LessonHistory, SeatHistory, Stretch
from signaling.roles import Role
from signaling.spans import Span, Spans, difference, intersection, length_ms, union

_NAMED: Final = (Role.MASTER, Role.ASSISTANT, Role.OBSERVER)
"""Grown-ups, who are listed by name.  A pupil at home is a number."""
_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Waits:
    """From the raising of a hand to the stage.  `median_ms`, `p90_ms`: of the answered (nearest rank)."""

    hands: int
    unanswered: int
    median_ms: int | None
    p90_ms: int | None


@dataclass(frozen=True, slots=True)
class RoomFigures:
    """One classroom: its device, its assistant and its students together, each moment counted once.

    present_ms + late_ms + disconnected_ms + away_ms is the lesson.  late: before anybody came.
    disconnected: the link was lost, until somebody is back.  away: everybody left.
    stage_ratio: of all rooms' time on stage.
    reduced_ms: its screen was there and was sent a small picture or none, for its link or by hand.
    """

    classroom: str
    name: str
    students: int
    joins: int
    reconnects: int
    present: Spans
    disconnected: Spans
    on_stage: Spans
    hands_up: Spans
    present_ms: int
    present_ratio: float
    late_ms: int
    disconnected_ms: int
    away_ms: int
    stage_ms: int
    stage_ratio: float
    turns: int
    waits: Waits
    rounds_answered: int
    polls_answered: int
    signals: Mapping[str, int]
    reduced_ms: int


@dataclass(frozen=True, slots=True)
class Attendant:
    """A grown-up in the lesson."""

    role: Role
    name: str
    classroom: str | None
    present_ms: int


@dataclass(frozen=True, slots=True)
class LessonFigures:
    """The whole lesson.  live_ms: without what was suspended and what went on without the master.

    stage_ms: while at least one room was on stage.  master_microphone_ms: the master's microphone was open.
    stage_gini: 0 when all rooms that came had the same time on stage, towards 1 when one had all of it.
    """

    started_at_ms: int | None
    ended_at_ms: int | None
    until_ms: int
    duration_ms: int
    live_ms: int
    suspended: Spans
    master_lost: Spans
    suspended_ms: int
    master_lost_ms: int
    master_microphone_ms: int
    stage_ms: int
    stage_gini: float | None
    waits: Waits
    rounds_opened: int
    polls_opened: int
    rooms: tuple[RoomFigures, ...]
    people: tuple[Attendant, ...]


def figures_of(history: LessonHistory, until_ms: int, expected: Mapping[str, str] = _NOBODY) -> LessonFigures:
    """`expected`: names of planned classrooms by their key; those that never came are listed as absent."""
    end_ms = history.ended_at_ms if history.ended_at_ms is not None else until_ms
    started_at_ms = history.started_at_ms
    start_ms = end_ms if started_at_ms is None else started_at_ms
    frame = _Frame(history, start_ms, max(start_ms, end_ms))
    came = history.seats_by_room()
    stages = {room: frame.on_stage(seats) for room, seats in came.items()}
    total_stage_ms = sum(length_ms(spans) for spans in stages.values())
    rooms = tuple(
        _room(frame, room, expected.get(room, ""), came.get(room, ()), total_stage_ms)
        for room in sorted({*came, *expected})
    )
    masters = [seat for seat in history.seats.values() if seat.role is Role.MASTER]
    voice = union(span for seat in masters for span in _both(frame, seat.microphone, seat.connected))
    hands = [seat for seats in came.values() for seat in seats]
    return LessonFigures(
        started_at_ms=started_at_ms,
        ended_at_ms=history.ended_at_ms,
        until_ms=frame.end_ms,
        duration_ms=length_ms(frame.whole),
        live_ms=length_ms(frame.live),
        suspended=frame.suspended,
        master_lost=frame.master_lost,
        suspended_ms=length_ms(frame.suspended),
        master_lost_ms=length_ms(frame.master_lost),
        master_microphone_ms=length_ms(intersection(voice, frame.live)),
        stage_ms=length_ms(union(span for spans in stages.values() for span in spans)),
        stage_gini=gini([room.stage_ms for room in rooms if room.present_ms > 0]),
        waits=_waits(hands),
        rounds_opened=len(history.rounds),
        polls_opened=len(history.polls),
        rooms=rooms,
        people=_people(frame),
    )


def gini(shares: Sequence[int]) -> float | None:
    """How unequal: 0 for equal shares, (n - 1) / n when one of n has all.  None: there is nothing to share.

    Half of the mean difference over the mean (C. Gini, 1912), from the sorted shares.
    """
    total = sum(shares)
    if total == 0:
        return None
    count = len(shares)
    ranked = sum(rank * share for rank, share in enumerate(sorted(shares), 1))
    return (2 * ranked - (count + 1) * total) / (count * total)


def nearest_rank(values: Sequence[int], ratio: float) -> int | None:
    """The smallest value that at least `ratio` (0 to 1) of all values do not exceed."""
    return sorted(values)[max(0, ceil(ratio * len(values)) - 1)] if values else None


class _Frame:
    """The lesson's own time, to which everything is clipped."""

    def __init__(self, history: LessonHistory, start_ms: int, end_ms: int) -> None:
        self.history = history
        self.start_ms, self.end_ms = start_ms, end_ms
        self.whole: Spans = union([(start_ms, end_ms)])
        self.suspended = self.clip(history.suspended)
        self.master_lost = self.clip(history.master_lost)
        self.live = difference(self.whole, union((*self.suspended, *self.master_lost)))

    def clip(self, *stretches: Stretch) -> Spans:
        """While at least one of them was so."""
        return intersection(union(span for one in stretches for span in one.until(self.end_ms)), self.whole)

    def present(self, seats: Sequence[SeatHistory]) -> Spans:
        return self.clip(*(seat.connected for seat in seats))

    def on_stage(self, seats: Sequence[SeatHistory]) -> Spans:
        """Seats that were on stage, connected, in a lesson that was live."""
        turns = union(span for seat in seats for span in _both(self, seat.staged, seat.connected))
        return intersection(turns, self.live)


def _both(frame: _Frame, one: Stretch, other: Stretch) -> Spans:
    return intersection(frame.clip(one), frame.clip(other))


def _room(
    frame: _Frame, room: str, planned_name: str, seats: Sequence[SeatHistory], total_stage_ms: int
) -> RoomFigures:
    present = frame.present(seats)
    lost = frame.clip(*(seat.lost for seat in seats))
    came_at_ms = min((start for start, _ in present), default=frame.end_ms)
    late: Span = (frame.start_ms, came_at_ms)
    disconnected = difference(difference(lost, present), union([late]))
    on_stage = frame.on_stage(seats)
    duration_ms, stage_ms = length_ms(frame.whole), length_ms(on_stage)
    present_ms, disconnected_ms, late_ms = length_ms(present), length_ms(disconnected), late[1] - late[0]
    answered = frame.history.rounds_answered, frame.history.polls_answered
    return RoomFigures(
        classroom=room,
        name=planned_name or _name(room, seats),
        students=sum(seat.role is Role.STUDENT for seat in seats),
        joins=sum(seat.joins for seat in seats),
        reconnects=sum(seat.reconnects for seat in seats),
        present=present,
        disconnected=disconnected,
        on_stage=on_stage,
        hands_up=frame.clip(*(seat.hand for seat in seats)),
        present_ms=present_ms,
        present_ratio=present_ms / duration_ms if duration_ms else 0.0,
        late_ms=late_ms,
        disconnected_ms=disconnected_ms,
        away_ms=duration_ms - present_ms - disconnected_ms - late_ms,
        stage_ms=stage_ms,
        stage_ratio=stage_ms / total_stage_ms if total_stage_ms else 0.0,
        turns=sum(seat.turns for seat in seats),
        waits=_waits(seats),
        rounds_answered=len(answered[0].get(room, ())),
        polls_answered=len(answered[1].get(room, ())),
        signals=dict(sorted(sum((seat.signals for seat in seats), Counter[str]()).items())),
        reduced_ms=length_ms(_reduced(frame, seats)),
    )


def _reduced(frame: _Frame, seats: Sequence[SeatHistory]) -> Spans:
    screens = [seat for seat in seats if seat.role is Role.CLASSROOM]
    return union(span for seat in screens for span in _both(frame, seat.reduced, seat.connected))


def _name(room: str, seats: Sequence[SeatHistory]) -> str:
    """The classroom's own seat names the room, whoever else is in it."""
    names = [seat.name for seat in seats if seat.role is Role.CLASSROOM and seat.name]
    return names[0] if names else room


def _waits(seats: Sequence[SeatHistory]) -> Waits:
    waits_ms = [wait for seat in seats for wait in seat.hand_waits_ms]
    hands = sum(seat.hands for seat in seats)
    return Waits(hands, hands - len(waits_ms), nearest_rank(waits_ms, 0.5), nearest_rank(waits_ms, 0.9))


def _people(frame: _Frame) -> tuple[Attendant, ...]:
    order = {role: number for number, role in enumerate(_NAMED)}
    named = [seat for seat in frame.history.seats.values() if seat.role in order]
    named.sort(key=lambda seat: (order[seat.role], seat.classroom or "", seat.name))
    return tuple(
        Attendant(seat.role, seat.name, seat.classroom, length_ms(frame.present([seat]))) for seat in named
    )
