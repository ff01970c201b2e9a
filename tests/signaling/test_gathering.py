"""Comings and goings are gathered in large rooms; order is never lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signaling.gathering import GATHER_FROM_SOCKETS, GATHER_NS, MAX_GATHERED, Gathering
from signaling.ports import StoredEvent

MANY = GATHER_FROM_SOCKETS + 1


def event(seq: int, kind: str = "seat_joined") -> StoredEvent:
    return StoredEvent(seq, 0, kind, "{}")


def test_a_small_room_hears_at_once() -> None:
    assert Gathering().take(event(1), GATHER_FROM_SOCKETS, 0) == ((event(1),),)


def test_a_large_room_hears_together() -> None:
    gathering = Gathering()
    assert [gathering.take(event(seq), MANY, seq) for seq in (1, 2)] == [(), ()]
    assert gathering.deadline_ns() == 1 + GATHER_NS
    assert gathering.take_all() == (event(1), event(2))
    assert (gathering.deadline_ns(), gathering.take_all()) == (None, ())


def test_any_other_event_sends_off_what_is_held() -> None:
    gathering = Gathering()
    gathering.take(event(1), MANY, 0)
    assert gathering.take(event(2, "floor_granted"), MANY, 0) == ((event(1),), (event(2, "floor_granted"),))


def test_not_too_much_is_held() -> None:
    gathering = Gathering()
    sent = [gathering.take(event(seq), MANY, 0) for seq in range(MAX_GATHERED)]
    assert [len(batch) for batches in sent for batch in batches] == [MAX_GATHERED]


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_the_order_is_kept(steps: list[tuple[bool, bool]]) -> None:
    gathering = Gathering()
    sent: list[StoredEvent] = []
    for seq, (is_roster, is_large) in enumerate(steps):
        kind = "seat_connection" if is_roster else "round_opened"
        for batch in gathering.take(event(seq, kind), MANY if is_large else 1, seq):
            sent += batch
    sent += gathering.take_all()
    assert [each.seq for each in sent] == list(range(len(steps)))
