"""How large renditions are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recording.ladder_sizes import Size, fit, plan_rungs


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([(1280, 720)], [(720, 1280, 720), (480, 854, 480), (240, 426, 240)]),
        ([(1920, 1080), (640, 360)], [(720, 1280, 720), (480, 854, 480), (240, 426, 240)]),
        ([(720, 1280)], [(720, 720, 1280), (480, 480, 854), (240, 240, 426)]),
        ([(640, 360)], [(360, 640, 360), (240, 426, 240)]),
        ([(320, 180)], [(180, 320, 180)]),
        ([(640, 480), (320, 240)], [(480, 640, 480), (240, 320, 240)]),
        ([(2560, 1080)], [(720, 1280, 540), (480, 854, 360), (240, 426, 180)]),
        ([(500, 500)], [(500, 500, 500), (240, 240, 240)]),
    ],
)
def test_the_largest_source_gives_shape_and_sizes(
    sources: list[tuple[int, int]], expected: list[tuple[int, int, int]]
) -> None:
    assert [(rung.label, rung.size.width, rung.size.height) for rung in plan_rungs(sources)] == expected


@given(st.integers(2, 4096), st.integers(2, 4096))
def test_no_rendition_is_above_its_source_or_odd(width: int, height: int) -> None:
    for rung in plan_rungs([(width, height)]):
        assert rung.size.width % 2 == rung.size.height % 2 == 0
        assert rung.size.width <= width + 1
        assert rung.size.height <= height + 1


@given(st.integers(2, 4096), st.integers(2, 4096), st.integers(1, 640), st.integers(1, 640))
def test_a_picture_fits_into_any_box(width: int, height: int, half_width: int, half_height: int) -> None:
    box = Size(2 * half_width, 2 * half_height)
    left, top, inner = fit(width, height, box)
    assert 0 <= left <= left + inner.width <= box.width
    assert 0 <= top <= top + inner.height <= box.height
    assert left % 2 == top % 2 == inner.width % 2 == inner.height % 2 == 0
    assert inner.width == box.width or inner.height == box.height
