from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from classroom_api.probes import Arrival, Probes, random_pieces
from streaming.errors import Unavailable


def test_a_seat_measures_so_often_and_then_waits() -> None:
    probes = Probes()
    for _ in range(16):
        with probes.transfer("seat_a", 0):
            pass
    with pytest.raises(Unavailable) as caught, probes.transfer("seat_a", 1_000):
        pass
    assert (caught.value.code, caught.value.retry_after_s) == ("rate_limited", 29)
    with probes.transfer("seat_b", 1_000), probes.transfer("seat_a", 30_000):
        pass


def test_no_more_than_eight_run_at_a_time_whoever_asks() -> None:
    probes = Probes()
    with ExitStack() as running:
        for number in range(8):
            running.enter_context(probes.transfer(f"seat_{number}", 0))
        with pytest.raises(Unavailable, match="rate_limited"), probes.transfer("seat_x", 0):
            pass
    with probes.transfer("seat_x", 0):
        pass


def test_a_transfer_that_fails_gives_its_place_back() -> None:
    probes = Probes()
    for number in range(20):
        with pytest.raises(ConnectionError), probes.transfer(f"seat_{number}", 0):
            raise ConnectionError
    with probes.transfer("seat_x", 0):
        pass


def test_the_time_of_the_first_piece_is_not_known() -> None:
    arrival = Arrival()
    for at_ms, size in ((5, 1000), (105, 3000), (205, 2000)):
        arrival.handle_piece(size, at_ms * 1_000_000)
    assert (arrival.bytes, arrival.timed_bytes, arrival.duration_ms) == (6000, 5000, 200)
    assert Arrival().duration_ms == 0


@pytest.mark.parametrize("count", [1, 16_384, 16_385, 50_000])
def test_as_many_bytes_as_were_asked_for(count: int) -> None:
    async def take() -> int:
        return sum([len(piece) async for piece in random_pieces(count)])

    assert asyncio.run(take()) == count
