"""Verdicts and tiers of what a device check measured."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.device_check import BOUNDS, Measures, Tier, Verdict, Verdicts, judge, propose_tier

GOOD = Measures(
    camera_width=1280,
    camera_height=720,
    camera_fps=25,
    microphone_dbov=-30,
    echo_percent=3,
    down_bps=20_000_000,
    up_bps=5_000_000,
    rtt_ms=40,
    loss_down_permille=0,
    loss_up_permille=5,
    clock_offset_ms=-300,
)
MEASURES = st.builds(
    Measures, **{name: st.none() | st.integers(least, most) for name, (least, most) in BOUNDS.items()}
)


def test_all_is_well() -> None:
    check = judge(GOOD, 7)
    assert (check.at_ms, check.verdict, check.tier) == (7, Verdict.GREEN, Tier.L0)
    assert {getattr(check.verdicts, each.name) for each in fields(Verdicts)} == {Verdict.GREEN}
    assert check.measures == GOOD


@pytest.mark.parametrize(
    ("item", "measure", "value", "verdict"),
    [
        ("camera", "camera_height", None, "red"),
        ("camera", "camera_height", 240, "amber"),
        ("camera", "camera_width", None, "red"),
        ("camera", "camera_fps", 10, "amber"),
        ("camera", "camera_fps", 2, "red"),
        ("camera", "camera_fps", None, "amber"),
        ("microphone", "microphone_dbov", None, "red"),
        ("microphone", "microphone_dbov", -90, "red"),
        ("microphone", "microphone_dbov", -60, "amber"),
        ("echo", "echo_percent", None, "amber"),
        ("echo", "echo_percent", 20, "amber"),
        ("echo", "echo_percent", 80, "red"),
        ("down", "down_bps", 699_999, "amber"),
        ("down", "down_bps", 255_999, "red"),
        ("up", "up_bps", 128_000, "amber"),
        ("up", "up_bps", 60_000, "red"),
        ("rtt", "rtt_ms", 600, "amber"),
        ("rtt", "rtt_ms", 601, "red"),
        ("loss", "loss_up_permille", 21, "amber"),
        ("loss", "loss_down_permille", 200, "red"),
        ("clock", "clock_offset_ms", -2_001, "amber"),
        ("clock", "clock_offset_ms", 10**9, "red"),
        ("clock", "clock_offset_ms", None, "amber"),
    ],
)
def test_one_thing_is_wrong_and_the_whole_is_no_better(
    item: str, measure: str, value: int | None, verdict: str
) -> None:
    check = judge(replace(GOOD, **{measure: value}), 0)
    assert getattr(check.verdicts, item) == verdict
    assert check.verdict == verdict


def test_the_loss_that_is_known_counts() -> None:
    assert judge(replace(GOOD, loss_down_permille=None), 0).verdicts.loss is Verdict.GREEN
    neither = replace(GOOD, loss_down_permille=None, loss_up_permille=None)
    assert judge(neither, 0).verdicts.loss is Verdict.AMBER


@pytest.mark.parametrize(
    ("down_bps", "loss_permille", "tier"),
    [
        (3_000_000, 0, "L0"),
        (2_999_999, 0, "L1"),
        (1_499_999, 0, "L2"),
        (699_999, 0, "L3"),
        (349_999, 0, "L4"),
        (255_999, 0, "L5"),
        (63_999, 0, "L6"),
        (0, 0, "L7"),
        (3_000_000, 49, "L0"),
        (3_000_000, 50, "L2"),
        (3_000_000, 150, "L4"),
        (64_000, 150, "L5"),
        (None, 0, None),
    ],
)
def test_tiers(down_bps: int | None, loss_permille: int, tier: str | None) -> None:
    assert propose_tier(down_bps, loss_permille) == tier


@given(MEASURES)
def test_the_whole_is_as_bad_as_its_worst_part(measures: Measures) -> None:
    check = judge(measures, 0)
    order = list(Verdict)
    parts = [order.index(getattr(check.verdicts, each.name)) for each in fields(Verdicts)]
    assert order.index(check.verdict) == max(parts)
    assert (check.tier is None) == (measures.down_bps is None)
