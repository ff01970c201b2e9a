"""Teacher and screen in one picture."""

from __future__ import annotations

from pathlib import Path

from recording.composition import Composition, first_picture, rendition_pictures
from recording.edit import Kept
from recording.fast_replay import FastReplay
from recording.ladder_sizes import plan_rungs
from recording.ladder_timeline import LadderTimeline
from recording.rendition import LadderPicture, make_slices
from recording.transcoder import CARD_SIZE
from tests.recording.fast_replays import camera, cards, pictures, silence, write_fast_replay


def test_until_the_screen_shows_something_the_teacher_fills_the_picture(tmp_path: Path) -> None:
    runs = [(*CARD_SIZE, cards(4)), (320, 180, pictures(4, 320, 180, start_s=4))]
    screen_replay = FastReplay(write_fast_replay(tmp_path, "res_s", 8, runs, silence(8)))
    timeline = LadderTimeline(Kept(((0, 8_000),)))
    rungs = plan_rungs([(320, 180)])
    teacher_replay = FastReplay(camera(tmp_path, "res_t", 8))
    teacher = LadderPicture("teacher", teacher_replay, rungs, 3_000, 0)
    screen = LadderPicture("screen", screen_replay, rungs, 6_000, 4 * 90_000)
    for picture in (teacher, screen):
        make_slices(tmp_path, picture, timeline, range(1, 3))
    made = Composition(tmp_path, tmp_path / "work", "lesson", teacher, screen, timeline)
    made.make_slices(range(1, 3))
    alone = first_picture(tmp_path / "work", "lesson", 1)
    assert (alone.width, alone.height) == (400, 180)
    together = dict(rendition_pictures(tmp_path / "work", "lesson", 2))
    assert sorted(together) == list(range(360_000, 720_000, 6_000))
    # Without a flash: the pattern in the middle of the first, and in both places of the second.
    grey = together[360_000 + 45_000 - 3_000].to_ndarray(format="gray")
    assert alone.to_ndarray(format="gray")[:, 60:340].std() > 15
    assert grey[:, :320].std() > 15
    assert grey[:44, 322:398].std() > 5
    assert grey[60:, 322:].std() < 3
    stamp = (tmp_path / "work" / "lesson-00002.m4s").stat().st_mtime_ns
    made.make_slices(range(1, 3))
    assert (tmp_path / "work" / "lesson-00002.m4s").stat().st_mtime_ns == stamp
