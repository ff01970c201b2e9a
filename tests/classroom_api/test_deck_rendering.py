"""Sizes and encodings of pages; hostile PDFs are test_deck_conversion's."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from classroom_api.deck_rendering import (
    MAX_PIXELS,
    MAX_SIDE,
    PAGE_WIDTH,
    THUMBNAIL_WIDTH,
    DeckRefused,
    encode_page,
    encode_thumbnail,
    page_scale,
)


def test_a_slide_is_as_wide_as_all_slides() -> None:
    for width, height in ((960, 540), (595, 842), (1191, 842)):
        assert math.ceil(page_scale(width, height) * width) == PAGE_WIDTH


@given(st.floats(1e-3, 1e9), st.floats(1e-3, 1e9))
def test_no_page_is_too_large(width: float, height: float) -> None:
    scale = page_scale(width, height)
    assert width * scale <= PAGE_WIDTH * 1.001
    assert height * scale <= MAX_SIDE * 1.001
    assert width * scale * height * scale <= MAX_PIXELS * 1.001


@pytest.mark.parametrize("size", [(0.0, 9.0), (9.0, -1.0), (math.nan, 9.0), (9.0, math.inf)])
def test_a_page_has_a_size(size: tuple[float, float]) -> None:
    with pytest.raises(DeckRefused):
        page_scale(*size)


def test_drawings_are_kept_exactly_and_photographs_small() -> None:
    drawing = Image.new("RGB", (320, 180), "white")
    drawing.paste((200, 0, 0), (40, 40, 90, 90))
    assert encode_page(drawing)[12:16] == b"VP8L"
    noise = Image.merge("RGB", [Image.effect_noise((800, 800), 90) for _ in range(3)])
    data = encode_page(noise)
    assert data[12:15] == b"VP8"
    assert data[15:16] == b" "


@pytest.mark.parametrize("size", [(1600, 900), (3, 4096), (1600, 1)])
def test_a_thumbnail_is_small(size: tuple[int, int]) -> None:
    data = encode_thumbnail(Image.new("RGB", size, "white"))
    assert len(data) < 20_000
    assert data[8:12] == b"WEBP"
    assert THUMBNAIL_WIDTH == 240
