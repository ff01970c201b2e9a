"""The floor (RFC 8855 words): who waits for the word and who has it.

Invariants: at most `STAGE_SEATS` seats on stage; no seat twice on stage or in the queue; none in both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from streaming.errors import Refused
from streaming.identifiers import SeatId

STAGE_SEATS: Final = 3


@dataclass(frozen=True, slots=True)
class Floor:
    """`stage`: in the order of the grants.  `hands`: waiting requests, oldest first."""

    stage: tuple[SeatId, ...] = ()
    hands: tuple[SeatId, ...] = ()

    def request(self, seat: SeatId) -> Floor:
        """The hand goes up; a seat that waits or has the floor already stays where it is."""
        if seat in self.hands or seat in self.stage:
            return self
        return replace(self, hands=(*self.hands, seat))

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
        return Floor(stage=(*self.stage, seat), hands=_without(self.hands, seat))

    def revoke(self, seat: SeatId) -> Floor:
        """The seat leaves the stage.  Raises Refused("not_on_stage")."""
        if seat not in self.stage:
            raise Refused("not_on_stage", "This seat is not on stage.")
        return replace(self, stage=_without(self.stage, seat))

    def vacate(self, seat: SeatId) -> Floor:
        """Nothing is left of the seat."""
        return Floor(stage=_without(self.stage, seat), hands=_without(self.hands, seat))


def _without(seats: tuple[SeatId, ...], gone: SeatId) -> tuple[SeatId, ...]:
    return tuple(seat for seat in seats if seat != gone)
