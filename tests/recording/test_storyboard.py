"""Tiles and the WebVTT that names them; test_ladder looks at whole ones."""

from __future__ import annotations

import re

from recording.edit import Kept
from recording.ladder_sizes import Size
from recording.ladder_timeline import LadderTimeline
from recording.storyboard import serialize_storyboard, slices_per_tile, tile_size


def test_tiles_are_within_their_box_and_of_the_pictures_shape() -> None:
    assert tile_size(Size(426, 240)) == Size(160, 90)
    assert tile_size(Size(240, 426)) == Size(51, 90)
    assert tile_size(Size(640, 480)) == Size(120, 90)


def test_cues_cover_the_whole_replay_and_each_tile_is_used_once() -> None:
    timeline = LadderTimeline(Kept(((0, 45 * 60_000 + 1_000),)))
    text = serialize_storyboard("teacher", timeline, Size(160, 90))
    cues = re.findall(r"(\S+) --> (\S+)\n(\S+)", text)
    assert [begin for begin, _, _ in cues[1:]] == [end for _, end, _ in cues[:-1]]
    assert (cues[0][0], cues[-1][1]) == ("00:00:00.000", "00:45:01.000")
    assert len({area for _, _, area in cues}) == len(cues) == 338
    assert cues[111][2] == "teacher-sprite-2.jpg#xywh=160,90,160,90"


def test_a_short_replay_has_a_tile_for_each_slice() -> None:
    assert (slices_per_tile(1), slices_per_tile(100), slices_per_tile(101)) == (1, 1, 2)
