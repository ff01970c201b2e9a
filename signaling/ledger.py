"""The book of one room: its numbered events, the state they give, and the effects of the command at hand.

Invariants: `state` is the fold of all events recorded or restored; `seq` is the newest one's number;
`history` holds the newest events without a gap, at most `HISTORY_EVENTS` of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

from signaling.effects import Effect, Emit
from signaling.events import RoomEvent, kind_of, parse_event, serialize_event
from signaling.messages import ResumePoint
from signaling.ports import LessonFacts, StoredEvent
from signaling.room_state import RoomState

HISTORY_EVENTS: Final = 1000


class Ledger:
    """Owned by one Room, written to by its parts."""

    def __init__(self, facts: LessonFacts, epoch: str, stored: Iterable[StoredEvent]) -> None:
        self.state = RoomState(facts)
        self.epoch = epoch
        self.seq = 0
        self.now_ms = 0
        self._history: deque[StoredEvent] = deque(maxlen=HISTORY_EVENTS)
        self._effects: list[Effect] = []
        for event in stored:
            self._append(event, parse_event(event.body))

    def record(self, event: RoomEvent) -> None:
        """The event happens now: it is folded into the state and becomes an effect."""
        stored = StoredEvent(self.seq + 1, self.now_ms, kind_of(event), serialize_event(event))
        self._append(stored, event)
        self._effects.append(Emit(stored))

    def add(self, *effects: Effect) -> None:
        self._effects += effects

    def has_effects(self) -> bool:
        return bool(self._effects)

    def take_effects(self) -> list[Effect]:
        """What was added since the last call, in order."""
        effects, self._effects = self._effects, []
        return effects

    def since(self, resume: ResumePoint | None) -> tuple[StoredEvent, ...] | None:
        """The events after a client's last one; None when they cannot be told (epoch unknown, too many
        missed)."""
        if resume is None or resume.epoch != self.epoch:
            return None
        missed = self.seq - resume.seq
        if not 0 <= missed <= len(self._history):
            return None
        return tuple(islice(self._history, len(self._history) - missed, None))

    def _append(self, stored: StoredEvent, event: RoomEvent) -> None:
        self.state.fold(event, stored.at_ms)
        self.seq = stored.seq
        self._history.append(stored)
