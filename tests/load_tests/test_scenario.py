"""Scenario files are read as they are written."""

from __future__ import annotations

import pytest

from load_tests.scenario import (
    Target,
    load_scenario,
    load_table,
    make_scenario,
    scenario_names,
    table_names,
)


@pytest.mark.parametrize("name", scenario_names())
def test_each_scenario_can_be_read(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.duration_s > 0


@pytest.mark.parametrize("name", table_names())
def test_each_table_can_be_read(name: str) -> None:
    table = load_table(name)
    assert table.rows
    assert any(row.target is Target.CEILING for row in table.rows)


def test_the_ceiling_knows_one_profile() -> None:
    values = {"title": "", "subscribers": 1, "warmup_s": 0, "duration_s": 1, "trace": "chromium_vp8_720p30"}
    with pytest.raises(ValueError, match="GCM alone"):
        make_scenario("wrong", values | {"target": "ceiling", "profile": "cm"})


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        load_scenario("no_such_scenario")
