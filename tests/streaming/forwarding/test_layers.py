"""Ranks of rids, the choice between encodings, and which of them are alive."""

from __future__ import annotations

import pytest

from streaming.forwarding.layers import (
    EVERY_LAYER,
    SILENT_AFTER_NS,
    UNWANTED_AFTER_NS,
    EncodingActivity,
    LayerLimit,
    WantedEncodings,
    choose_track,
    layers_within,
    rank_rids,
)
from streaming.identifiers import PublicationId


@pytest.mark.parametrize(
    ("rids", "ranked"),
    [
        (("f", "h", "q"), ("q", "h", "f")),
        (("h", "l"), ("l", "h")),
        (("h", "m"), ("m", "h")),
        (("high", "low", "mid"), ("low", "mid", "high")),
        (("0", "1", "2"), ("0", "1", "2")),
        (("b", "a"), ("b", "a")),
        (("",), ("",)),
        ((), ()),
    ],
)
def test_customary_names_rank_and_others_keep_their_order(
    rids: tuple[str, ...], ranked: tuple[str, ...]
) -> None:
    assert rank_rids(rids) == ranked


@pytest.mark.parametrize(
    ("alive", "low_layer", "chosen"),
    [
        ({1, 2, 3}, False, 3),
        ({1, 2, 3}, True, 1),
        ({1, 2}, False, 2),
        ({2, 3}, True, 2),
        (set(), False, 3),
        (set(), True, 1),
        ({9}, False, 3),
    ],
)
def test_the_highest_or_lowest_of_the_living_is_chosen(alive: set[int], low_layer: bool, chosen: int) -> None:
    assert choose_track((1, 2, 3), alive, low_layer=low_layer) == chosen


@pytest.mark.parametrize(
    ("limit", "count"),
    [
        (EVERY_LAYER, 3),
        (LayerLimit(spatial=0), 1),
        (LayerLimit(1), 2),
        (LayerLimit(7), 3),
        (LayerLimit(-1), 1),
    ],
)
def test_a_limit_leaves_at_least_the_lowest_encoding(limit: LayerLimit, count: int) -> None:
    assert limit.encodings(3) == count


@pytest.mark.parametrize(
    ("bits_per_s", "spatial"),
    [(50_000, 0), (599_999, 0), (600_000, 1), (2_199_999, 1), (2_200_000, None), (None, None)],
)
def test_a_rate_takes_the_encodings_that_fit(bits_per_s: int | None, spatial: int | None) -> None:
    assert layers_within(bits_per_s) == LayerLimit(spatial=spatial)


def test_an_encoding_lives_from_its_first_packet_until_it_is_silent() -> None:
    activity = EncodingActivity()
    assert not activity.handle_counts({1: 0, 2: 0}, 0)
    assert activity.handle_counts({1: 5, 2: 0}, 1)
    assert activity.alive == {1}
    assert not activity.handle_counts({1: 5, 2: 0}, SILENT_AFTER_NS)
    assert activity.handle_counts({1: 5, 2: 0}, SILENT_AFTER_NS + 1)
    assert activity.alive == set()
    assert activity.handle_counts({1: 6, 2: 1}, SILENT_AFTER_NS + 2)
    assert activity.alive == {1, 2}


def test_an_encoding_that_is_gone_is_forgotten() -> None:
    activity = EncodingActivity()
    activity.handle_counts({1: 5}, 0)
    assert activity.handle_counts({}, 1)
    assert activity.alive == set()
    activity.handle_counts({1: 0}, 2)
    assert activity.alive == set()


CAMERA = PublicationId("pub_camera")
RIDS = {CAMERA: ("l", "m", "h")}


def test_what_is_wanted_is_told_at_once_and_what_nobody_wants_any_more_after_a_while() -> None:
    wanted = WantedEncodings()
    assert wanted.update(RIDS, {(CAMERA, "h")}, 0) == [(CAMERA, ("h",))]
    assert wanted.update(RIDS, {(CAMERA, "h")}, 1) == []
    assert wanted.update(RIDS, {(CAMERA, "m")}, 2) == [(CAMERA, ("m", "h"))]
    assert wanted.update(RIDS, {(CAMERA, "m")}, UNWANTED_AFTER_NS) == []
    assert wanted.update(RIDS, {(CAMERA, "m")}, UNWANTED_AFTER_NS + 1) == [(CAMERA, ("m",))]
    assert wanted.update(RIDS, set(), UNWANTED_AFTER_NS + 2) == []
    assert wanted.update(RIDS, set(), 3 * UNWANTED_AFTER_NS) == [(CAMERA, ("h",))]


def test_without_any_demand_the_highest_encoding_goes_on() -> None:
    wanted = WantedEncodings()
    assert wanted.update(RIDS, set(), 0) == []
    assert wanted.update(RIDS, set(), UNWANTED_AFTER_NS - 1) == []
    assert wanted.update(RIDS, set(), UNWANTED_AFTER_NS) == [(CAMERA, ("h",))]
    assert wanted.update({}, set(), UNWANTED_AFTER_NS) == []
    assert wanted.update(RIDS, set(), 9 * UNWANTED_AFTER_NS) == []  # published anew: it begins as it likes
