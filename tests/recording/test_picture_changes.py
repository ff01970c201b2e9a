"""Slides drawn with Pillow and a head that moves, as a replay has them: all turns are found, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from recording.picture_changes import (
    Replay,
    Thumbnail,
    changes_of,
    difference_ratio,
    largest_step,
    main,
    standing_out,
)
from recording.playlist import Playlist, Segment, serialize_playlist

SIZE = (320, 180)
FPS = 5
SEGMENT_S = 4
TURNS_S = (9, 14, 23, 31, 38, 47, 55, 62, 70)
LENGTH_S = 76


def slide(number: int) -> Image.Image:
    """A title and three lines: most of the page stays white."""
    image = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(image)
    draw.text((20, 12), f"Fractions {number}", fill="black", font_size=22)
    for line in range(3):
        draw.text(
            (30, 60 + 32 * line), f"{number * 7 + line} / {number + 3} of an apple", fill="navy", font_size=16
        )
    return image


def slides(at_s: float) -> Image.Image:
    return slide(sum(at_s >= turn for turn in TURNS_S))


def head(at_s: float) -> Image.Image:
    """A face that nods and sways before a wall, in the noise of a cheap camera."""
    noise = np.random.default_rng(round(at_s * 1000)).integers(0, 60, (SIZE[1], SIZE[0], 3), np.uint8)
    image = Image.fromarray(noise + np.uint8(90))
    x, y = 160 + 50 * np.sin(at_s * 1.7), 90 + 20 * np.cos(at_s * 2.3)
    ImageDraw.Draw(image).ellipse((x - 50, y - 60, x + 50, y + 60), fill=(220, 180, 150))
    return image


def record(folder: Path, picture: Callable[[float], Image.Image], length_s: int) -> None:
    """A replay as the packager leaves it: fragments of four seconds behind one head."""
    folder.mkdir(parents=True)
    segments = []
    for number in range(length_s // SEGMENT_S):
        path = folder / f"{number}.mp4"
        options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
        with av.open(str(path), "w", format="mp4", options=options) as container:
            stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": "1000"})
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            for frame in range(SEGMENT_S * FPS):
                at_s = number * SEGMENT_S + frame / FPS
                pixels = np.asarray(picture(at_s))
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode(None))
        segments.append(Segment(path.name, "head.mp4", SEGMENT_S * 90_000, discontinuity=False, wall_ms=None))
    (folder / "head.mp4").write_bytes(b"")
    (folder / "index.m3u8").write_text(serialize_playlist(Playlist(tuple(segments), is_ended=True)))


def found(folder: Path) -> list[int]:
    [*_, last] = changes_of(Replay(folder))
    assert isinstance(last, list)
    return last


def test_each_of_nine_turns_is_found_within_a_second(tmp_path: Path) -> None:
    record(tmp_path / "resources" / "res_a", slides, LENGTH_S)
    changes_ms = found(tmp_path / "resources" / "res_a")
    assert len(changes_ms) == len(TURNS_S)
    assert all(0 <= at_ms - turn * 1000 <= 1000 for at_ms, turn in zip(changes_ms, TURNS_S, strict=True))


def test_a_talking_head_turns_no_pages(tmp_path: Path) -> None:
    record(tmp_path / "res_a", head, 40)
    assert found(tmp_path / "res_a") == []


def test_damaged_segments_are_passed_over(tmp_path: Path) -> None:
    record(tmp_path / "res_a", slides, 28)
    (tmp_path / "res_a" / "1.mp4").write_bytes(b"\x00" * 500)
    assert found(tmp_path / "res_a")[-1] == 23_000


def test_the_job_says_what_it_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(tmp_path / "resources" / "res_a", slides, 12)
    assert main(["--data-dir", str(tmp_path), "--resource", "res_a"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {"progress": 0.0, "step": "picture"}
    assert lines[-1] == {"result": {"changes_ms": [9000]}}
    assert main(["--data-dir", str(tmp_path), "--resource", "res_b"]) == 2
    assert json.loads(capsys.readouterr().out) == {"refused": "resource_unknown"}


def flat(level: int) -> Thumbnail:
    return np.full((54, 96), level, np.uint8)


def test_the_decision() -> None:
    half = flat(100)
    half[:27] = 200
    assert difference_ratio(flat(100), half) == 0.5
    assert difference_ratio(flat(100), flat(110)) == 0
    assert standing_out([0, 0, 0.05, 0, 0, 0, 0.004, 0]) == [2]
    assert standing_out([0.2, 0.25, 0.3, 0.2]) == standing_out([]) == []
    assert standing_out([0.3]) == [0]
    assert largest_step([(0, flat(0)), (1000, flat(0)), (2000, half), (3000, half)]) == 2000
