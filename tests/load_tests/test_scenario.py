"""Scenario files are read as they are written."""

from __future__ import annotations

import pytest

from load_tests.scenario import load_scenario, scenario_names


@pytest.mark.parametrize("name", scenario_names())
def test_each_scenario_can_be_read(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.duration_s > 0


def test_the_first_scenario_publishes_1500_kbit_s() -> None:
    shape = load_scenario("one_to_hundred").publisher
    video_bps = shape.frames_per_second * shape.frame_packets * shape.frame_packet_bytes * 8
    assert 1_350_000 < video_bps < 1_650_000


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        load_scenario("no_such_scenario")
