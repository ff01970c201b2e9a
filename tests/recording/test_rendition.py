"""One picture in its sizes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from recording.composition import rendition_pictures
from recording.edit import Kept
from recording.fast_replay import FastReplay
from recording.ladder_sizes import Rung, Size
from recording.ladder_timeline import LadderTimeline
from recording.rendition import (
    Cascade,
    LadderPicture,
    SliceMaker,
    blank,
    init_name,
    make_slices,
    paste,
    place_within,
    segment_name,
)
from recording.transcoder import CARD_SIZE
from tests.recording.fast_replays import camera, cards, pictures, silence, write_fast_replay


def grey(width: int, height: int, luminance: int) -> av.VideoFrame:
    return blank(Size(width, height), luminance)


def test_a_picture_of_another_shape_stands_in_the_middle() -> None:
    placed = place_within(VideoReformatter(), grey(90, 160, 200), Size(320, 180)).to_ndarray()
    assert placed.shape == (270, 320)
    middle, side = placed[10:170, 120:200], placed[:180, :100]
    assert abs(float(middle.mean()) - 200) < 2
    assert abs(float(side.mean()) - 16) < 1


def test_pasting_takes_all_planes() -> None:
    picture = av.VideoFrame.from_ndarray(np.full((60, 40), 77, np.uint8), format="yuv420p")
    canvas = paste(grey(100, 60, 16), picture, 20, 10)
    planes = canvas.to_ndarray(format="rgb24")
    assert planes[30, 30].tolist() != planes[5, 5].tolist()
    assert canvas.to_ndarray()[10:50, 20:60].mean() == 77


def test_the_same_picture_is_scaled_once() -> None:
    cascade = Cascade([Size(64, 36), Size(32, 18)])
    picture = grey(128, 72, 100)
    first = cascade.scale(picture)
    assert [(frame.width, frame.height) for frame in first] == [(64, 36), (32, 18)]
    assert cascade.scale(picture) is first
    assert cascade.scale(grey(128, 72, 100)) is not first


def test_slices_that_are_there_are_passed_over_and_the_others_are_the_same_bytes(tmp_path: Path) -> None:
    replay = FastReplay(camera(tmp_path, "res_t", 9, size=(128, 72)))
    rungs = (Rung(72, Size(128, 72), 300_000), Rung(36, Size(64, 36), 100_000))
    picture = LadderPicture("teacher", replay, rungs, 3_000, 0)
    timeline = LadderTimeline(Kept(((500, 9_000),)))
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    make_slices(whole, picture, timeline, range(1, 4))
    make_slices(resumed, picture, timeline, range(3, 4))
    make_slices(resumed, picture, timeline, range(1, 2))
    (resumed / segment_name("teacher-36", 3)).unlink()
    kept = (resumed / segment_name("teacher-72", 3)).stat().st_mtime_ns
    make_slices(resumed, picture, timeline, range(1, 4))
    assert (resumed / segment_name("teacher-72", 3)).stat().st_mtime_ns == kept
    names = sorted(path.name for path in whole.iterdir())
    assert names == sorted(path.name for path in resumed.iterdir())
    assert init_name("teacher-36") in names
    assert all((whole / name).read_bytes() == (resumed / name).read_bytes() for name in names)
    shown = [place for place, _ in rendition_pictures(whole, "teacher-36", 3)]
    assert shown == list(range(720_000, 768_000, 3_000))


def test_what_stands_still_is_coded_once_and_gives_the_same_bytes(tmp_path: Path) -> None:
    """The card for 16 s, of equal segments, then a camera: places 4 s to 16 s show what 0 to 4 s showed."""
    still = cards(4)
    runs = [
        (
            *CARD_SIZE,
            [replace(each, start_ticks=each.start_ticks + at * 360_000) for at in range(4) for each in still],
        ),
        (128, 72, pictures(4, 128, 72, start_s=16)),
    ]
    replay = FastReplay(write_fast_replay(tmp_path, "res_t", 20, runs, silence(20)))
    rung = Rung(72, Size(128, 72), 300_000)
    picture = LadderPicture("screen", replay, (rung,), 6_000, 0)
    # Cut, the slices lie across the segments, and still look alike.
    for kept, coded in (((0, 20_000),), 2), (((1_000, 20_000),), 3), (((0, 9_000), (10_000, 20_000)), 4):
        timeline = LadderTimeline(Kept(kept))
        maker = SliceMaker(picture, timeline)
        for number in range(1, timeline.slices + 1):
            alone = SliceMaker(picture, timeline).make(number, [rung])[rung]
            assert maker.make(number, [rung])[rung] == alone
            assert alone[0].start_ticks == timeline.slice_ticks(number)[0]
        assert maker.coded == coded
