"""Downloads: which slide stands when; test_ladder plays whole files."""

from __future__ import annotations

from pathlib import Path

import av
from PIL import Image

from recording.downloads import SegmentRow, planned_slides, screen_slides, sha256_of, write_slides
from recording.edit import Kept
from recording.fast_replay import FastReplay
from recording.ladder_plan import SlideShown
from recording.ladder_sizes import plan_rungs
from recording.ladder_stages import LadderMaking
from recording.ladder_timeline import LadderTimeline
from recording.rendition import LadderPicture, make_slices
from tests.recording.fast_replays import camera, plan_of


def draw_page(data_dir: Path, name: str, luminance: int) -> str:
    (data_dir / "decks").mkdir(exist_ok=True)
    Image.new("RGB", (800, 600), (luminance,) * 3).save(data_dir / "decks" / name)
    return f"decks/{name}"


def test_slides_stand_at_their_places_and_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    first, second = draw_page(data_dir, "1.webp", 200), draw_page(data_dir, "2.png", 100)
    (data_dir / "decks" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    draw_page(tmp_path, "outside.png", 250)
    slides = (
        SlideShown(0, first),
        SlideShown(2_500, second),
        SlideShown(3_000, "decks/broken.png"),
        SlideShown(3_200, "../decks/outside.png"),
        SlideShown(3_400, "decks/gone.png"),
        SlideShown(4_000, None),
    )
    kept = Kept(((1_000, 3_500), (3_800, 6_000)))
    shown = [
        (place, round(float(picture.to_ndarray(format="gray")[300:400, 600:700].mean()), -1))
        for place, picture in planned_slides(data_dir, slides, kept)
    ]
    assert [place // 90 for place, _ in shown] == [0, 1_500, 2_700]
    assert shown[0][1] == 200
    assert shown[1][1] == 100
    assert shown[2][1] < 40


def test_sound_and_slides_play_for_the_whole_lesson(tmp_path: Path) -> None:
    camera(tmp_path, "res_t", 6, size=(64, 36))
    plan = plan_of(
        [("teacher", "res_t")], (0, 6_000), slides=(SlideShown(3_000, draw_page(tmp_path, "1.png", 220)),)
    )
    making = LadderMaking(tmp_path, plan, tmp_path / "work")
    for step, tasks in making.stages():
        if step != "sound":
            break
        for task in tasks:
            task.run()
    sound = SegmentRow(making.folder, "audio-48")
    slides = planned_slides(tmp_path, plan.slides, plan.kept)
    write_slides(making.folder / "slides.mp4", sound, slides, making.timeline)
    with av.open(making.folder / "slides.mp4", "r") as container:
        assert [float(stream.duration * stream.time_base) for stream in container.streams] == [6.0, 6.016]
        luminances = [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]
    assert len(luminances) == 6
    assert max(luminances[:3]) < 100
    assert min(luminances[3:]) > 120
    assert len(sha256_of(making.folder / "slides.mp4")) == 64


def test_a_screen_that_does_not_change_is_one_slide(tmp_path: Path) -> None:
    replay = FastReplay(camera(tmp_path, "res_s", 9, size=(64, 36)))
    timeline = LadderTimeline(Kept(((500, 9_000),)))
    picture = LadderPicture("screen", replay, plan_rungs([(64, 36)]), 6_000, 0)
    make_slices(tmp_path, picture, timeline, range(1, 4))
    places = [place for place, _ in screen_slides(tmp_path, "screen-36", timeline)]
    assert places[0] == 0
    for number in (2, 3):
        data = (tmp_path / "screen-36-00001.m4s").read_bytes()
        (tmp_path / f"screen-36-{number:05d}.m4s").write_bytes(data)
    assert [place for place, _ in screen_slides(tmp_path, "screen-36", timeline)] == [0]
