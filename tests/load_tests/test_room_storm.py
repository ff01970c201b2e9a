"""A small storm: every event reaches every seat, and a roster is told in fewer messages than joins."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from load_tests.network import loopback
from load_tests.room_storm import BIG, MANY, Storm, admin_key, storm
from load_tests.run import placed_server


def test_a_storm_tells_its_quantiles() -> None:
    delays = tuple(float(ms) for ms in range(1, 101))
    found = Storm(BIG.text(), 601, 1, 20.0, 130, 200_000, delays, 0, 7.5, 100 << 20, 160 << 20)
    assert (found.quantile_ms(0.5), found.quantile_ms(0.99)) == (51.0, 100.0)
    assert found.text().startswith("1 room of 601\n")
    assert "p50 51.0, p99 100.0, max 100.0 ms to a seat; 0 missing" in found.text()
    assert "102 KiB a participant, 61440 a room" in found.text()
    assert MANY.text() == "50 rooms of 7"


@pytest.mark.alone
def test_small_storms(tmp_path: Path) -> None:
    big = replace(BIG, classrooms=30, pace_s=0.05)
    many = replace(MANY, rooms=5, classrooms=1, pace_s=0.05)
    with placed_server(tmp_path / "data", replace(loopback(), server_cpu=None)) as server:
        key = admin_key(tmp_path / "data")
        one, several = (asyncio.run(storm(server, key, shape, events=5)) for shape in (big, many))
    assert (one.participants, one.missing, len(one.delays_ms)) == (61, 0, 305)
    assert one.frames_of_first < 60
    assert (several.participants, several.missing, len(several.delays_ms)) == (15, 0, 75)
