"""The floor (RFC 8855 words): who waits for the word and who has it.

Invariants: at most `STAGE_SEATS` seats on stage; no seat twice on stage or in the queue; none in both; the
queue is in its fair order: least recently staged first, who never was before all, ties by time of raising.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from streaming.errors import Refused
from streaming.identifiers import SeatId

STAGE_SEATS: Final = 3


@dataclass(frozen=True, slots=True)
class Floor:
    """`stage`: in the order of the grants.  `hands`: who is next first.  `turns`: the number of each seat's
    last turn on stage, counted over the lesson."""

    stage: tuple[SeatId, ...] = ()
    hands: tuple[SeatId, ...] = ()
    turns: Mapping[SeatId, int] = field(default_factory=dict)

    def request(self, seat: SeatId) -> Floor:
        """The hand goes up; a seat that waits or has the floor already stays where it is."""
        if seat in self.hands or seat in self.stage:
            return self
        position = self.position(seat)
        return replace(self, hands=(*self.hands[:position], seat, *self.hands[position:]))

    def position(self, seat: SeatId) -> int:
        """Where in the queue a hand that goes up now comes."""
        turn = self.turns.get(seat, 0)
        return sum(self.turns.get(other, 0) <= turn for other in self.hands)

    def withdraw(self, seat: SeatId) -> Floor:
        """The hand goes down.  Raises Refused("floor_not_requested")."""
        if seat not in self.hands:
            raise Refused("floor_not_requested", "This seat has not raised its hand.")
        return replace(self, hands=_without(self.hands, seat))

    def grant(self, seat: SeatId) -> Floor:
        """The seat goes on stage and its hand down.  Raises Refused("stage_full")."""
        if seat in self.stage:
            return self
        if len(self.stage) >= STAGE_SEATS:
            raise Refused("stage_full", f"{STAGE_SEATS} seats are on stage: take one off first.")
        turn = max(self.turns.values(), default=0) + 1
        turns = {**self.turns, seat: turn}
        return Floor((*self.stage, seat), _without(self.hands, seat), turns)

    def revoke(self, seat: SeatId) -> Floor:
        """The seat leaves the stage.  Raises Refused("not_on_stage")."""
        if seat not in self.stage:
            raise Refused("not_on_stage", "This seat is not on stage.")
        return replace(self, stage=_without(self.stage, seat))

    def vacate(self, seat: SeatId) -> Floor:
        """The seat is gone; its turn is remembered for when it comes back."""
        return replace(self, stage=_without(self.stage, seat), hands=_without(self.hands, seat))


def _without(seats: tuple[SeatId, ...], gone: SeatId) -> tuple[SeatId, ...]:
    return tuple(seat for seat in seats if seat != gone)
