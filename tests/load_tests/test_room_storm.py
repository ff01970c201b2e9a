"""A small storm: every event reaches every seat, and a roster is told in fewer messages than joins."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from load_tests.network import loopback
from load_tests.room_storm import Storm, admin_key, storm
from load_tests.run import placed_server


def test_a_storm_tells_its_quantiles() -> None:
    delays = tuple(float(ms) for ms in range(1, 101))
    found = Storm(600, 20.0, 130, 200_000, delays, 0, 100 << 20, 160 << 20)
    assert (found.quantile_ms(0.5), found.quantile_ms(0.99)) == (51.0, 100.0)
    assert "p50 51.0, p99 100.0, max 100.0 ms to a seat; 0 missing" in found.text()
    assert "server 160 MiB, 102 KiB a participant" in found.text()


@pytest.mark.alone
def test_a_small_storm(tmp_path: Path) -> None:
    with placed_server(tmp_path / "data", replace(loopback(), server_cpu=None)) as server:
        found = asyncio.run(storm(server, admin_key(tmp_path / "data"), participants=60, events=5))
    assert (found.participants, found.missing) == (60, 0)
    assert len(found.delays_ms) == 300
    assert found.frames_of_first < 60
    assert found.quantile_ms(0.99) < 2000  # no measurement: that is for the command on a quiet machine
