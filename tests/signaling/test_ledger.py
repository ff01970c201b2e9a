"""The book of a room: numbers, replay, and what a returning client missed."""

from __future__ import annotations

from signaling.effects import Emit
from signaling.events import FloorGranted
from signaling.ledger import HISTORY_EVENTS, Ledger
from signaling.messages import ResumePoint
from streaming.identifiers import SeatId
from tests.signaling.room_driver import facts

EVENT = FloorGranted(SeatId("seat_a"))


def filled(count: int) -> Ledger:
    ledger = Ledger(facts(), "ep_1", ())
    for _ in range(count):
        ledger.record(EVENT)
    return ledger


def numbers(ledger: Ledger, epoch: str, seq: int) -> list[int] | None:
    missed = ledger.since(ResumePoint(epoch, seq))
    return None if missed is None else [event.seq for event in missed]


def test_events_are_numbered_from_one_without_gaps() -> None:
    ledger = filled(3)
    emitted = [effect.event.seq for effect in ledger.take_effects() if isinstance(effect, Emit)]
    assert emitted == [1, 2, 3]
    assert not ledger.has_effects()


def test_what_was_missed() -> None:
    ledger = filled(3)
    assert numbers(ledger, "ep_1", 1) == [2, 3]
    assert numbers(ledger, "ep_1", 3) == []
    assert numbers(ledger, "ep_1", 0) == [1, 2, 3]


def test_what_cannot_be_told() -> None:
    ledger = filled(HISTORY_EVENTS + 2)
    assert ledger.since(None) is None
    assert numbers(ledger, "ep_2", 1) is None
    assert numbers(ledger, "ep_1", HISTORY_EVENTS + 3) is None
    assert numbers(ledger, "ep_1", 1) is None
    assert numbers(ledger, "ep_1", 2) == list(range(3, HISTORY_EVENTS + 3))


def test_a_replay_goes_on_with_the_next_number() -> None:
    stored = [effect.event for effect in filled(3).take_effects() if isinstance(effect, Emit)]
    ledger = Ledger(facts(), "ep_1", stored)
    assert (ledger.seq, ledger.has_effects()) == (3, False)
    assert numbers(ledger, "ep_1", 1) == [2, 3]
    ledger.record(EVENT)
    assert ledger.seq == 4
