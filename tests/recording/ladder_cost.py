"""What the ladder costs: `python -m tests.recording.ladder_cost [--seconds 60] [--camera FILE]`.

A lesson as the packager leaves it, of a camera of 720p and a screen of 720p, both as browsers code them: the
camera is a film that is given, played to and fro with the noise of a sensor, or else a head that is drawn and
moves; the screen shows pages of text and figures, on which a pointer is now moving, now still. CPU seconds of
the whole process are the figure, for a machine that has other work besides; wall time is said, too.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from recording.container import VIDEO_HZ, VideoSample
from recording.ladder_plan import LadderPlan
from tests.recording.fast_replays import make_version, plan_of, silence, speech, write_fast_replay

SIZE = (1280, 720)
CAMERA_TICKS = VIDEO_HZ // 30
STILL_TICKS = VIDEO_HZ // 5
MOVING_TICKS = VIDEO_HZ // 15
PAGE_S = 20
MOST_FILM_PICTURES = 240
KEYFRAME_S = 4
_NOISE = 2.0
_CORES = 2
Rgb = np.ndarray[Any, np.dtype[np.uint8]]
_BROWSER = {
    "preset": "superfast",
    "tune": "zerolatency",
    "profile": "baseline",
    "sc_threshold": "0",
    "threads": "1",
}


def encode(
    pictures: Iterator[tuple[int, VideoFrame]], end_ticks: int, bit_rate_bps: int
) -> list[VideoSample]:
    """`pictures`: (place in ticks, picture), in order; coded as they come, as a browser does."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = *SIZE, "yuv420p"
    context.time_base, context.framerate = Fraction(1, VIDEO_HZ), Fraction(30)
    rate = str(bit_rate_bps)
    context.options = {**_BROWSER, "b": rate, "maxrate": rate, "bufsize": rate, "g": "100000"}
    found: list[tuple[int, bytes, bool]] = []
    keyframe_at = 0

    def take(picture: VideoFrame | None) -> None:
        coded = context.encode(picture)
        found.extend((packet.pts or 0, bytes(packet), packet.is_keyframe) for packet in coded)

    for at, picture in pictures:
        picture.pts, picture.time_base = at, Fraction(1, VIDEO_HZ)
        is_due = at >= keyframe_at
        keyframe_at += KEYFRAME_S * VIDEO_HZ if is_due else 0
        picture.pict_type = PictureType.I if is_due else PictureType.NONE
        take(picture)
    take(None)
    ends = [at for at, _, _ in found[1:]] + [end_ticks]
    return [VideoSample(at, end - at, data, key) for (at, data, key), end in zip(found, ends, strict=True)]


def film(path: Path) -> Callable[[int], Rgb]:
    """Pictures of a film by their number, to and fro."""
    with av.open(path) as container:
        frames = itertools.islice(container.decode(video=0), MOST_FILM_PICTURES)
        found = [
            np.asarray(frame.reformat(*_covering(frame), "rgb24").to_ndarray(), np.uint8) for frame in frames
        ]
    period = max(1, 2 * len(found) - 2)

    def picture(number: int) -> Rgb:
        at = number % period
        whole: Rgb = found[min(at, period - at)]
        top, left = (whole.shape[0] - SIZE[1]) // 2, (whole.shape[1] - SIZE[0]) // 2
        return whole[top : top + SIZE[1], left : left + SIZE[0]]

    return picture


def _covering(frame: VideoFrame) -> tuple[int, int]:
    scale = max(SIZE[0] / frame.width, SIZE[1] / frame.height)
    return math.ceil(frame.width * scale), math.ceil(frame.height * scale)


def drawn_head() -> Callable[[int], Rgb]:
    """A head with shoulders before a room, which nods and speaks."""
    random = np.random.default_rng(3)
    grain = Image.fromarray(random.integers(90, 170, (90, 160, 3), np.uint8)).resize(
        SIZE, Image.Resampling.BICUBIC
    )
    room = grain.filter(ImageFilter.GaussianBlur(2))
    skin = Image.fromarray(random.integers(150, 215, (130, 100, 3), np.uint8)).resize((300, 390))
    mask = Image.new("L", skin.size)
    ImageDraw.Draw(mask).ellipse((0, 0, 299, 389), fill=255)

    def picture(number: int) -> Rgb:
        at = number / 30
        image = room.copy()
        x, y = round(490 + 30 * math.sin(at * 1.3)), round(120 + 14 * math.sin(at * 2.1))
        draw = ImageDraw.Draw(image)
        draw.rounded_rectangle((x - 180, y + 350, x + 480, 760), 120, fill=(52, 66, 98))
        image.paste(skin.rotate(6 * math.sin(at * 0.9)), (x, y), mask)
        mouth = 8 + round(14 * abs(math.sin(at * 9)))
        draw.ellipse((x + 105, y + 280 - mouth, x + 195, y + 280 + mouth), fill=(96, 40, 44))
        return np.asarray(image)

    return picture


def camera_pictures(seconds: int, picture: Callable[[int], Rgb]) -> Iterator[tuple[int, VideoFrame]]:
    """30 a second, with the noise of a sensor."""
    random = np.random.default_rng(1)
    noises = random.normal(0, _NOISE, (8, SIZE[1], SIZE[0], 1)).astype(np.int16)
    for number in range(seconds * 30):
        noise = np.roll(noises[number % 8], number * 37, axis=1)
        noisy = np.clip(picture(number) + noise, 0, 255).astype(np.uint8)
        yield number * CAMERA_TICKS, VideoFrame.from_ndarray(noisy, "rgb24").reformat(format="yuv420p")


def page(number: int) -> Image.Image:
    """A slide: heading, lines of text and a chart."""
    random = np.random.default_rng(number)
    image = Image.new("RGB", SIZE, (250, 250, 248))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE[0], 96), fill=tuple(random.integers(30, 140, 3).tolist()))
    draw.text((48, 24), f"Lesson page {number}", font=ImageFont.load_default(48), fill="white")
    for line in range(11):
        words = " ".join("abcdefghijklmnop"[k : k + 5] for k in random.integers(0, 12, 9).tolist())
        draw.text((56, 130 + line * 50), words, font=ImageFont.load_default(26), fill=(30, 32, 40))
    for bar, height in enumerate(random.integers(40, 460, 8).tolist()):
        draw.rectangle((800 + bar * 52, 660 - height, 836 + bar * 52, 660), fill=(70, 120, 200))
    return image


def screen_pictures(seconds: int) -> Iterator[tuple[int, VideoFrame]]:
    """15 a second while the pointer moves (a third of the time), else 5."""
    at = 0
    while at < seconds * VIDEO_HZ:
        second = at / VIDEO_HZ
        is_moving = second % 6 < 2
        image = page(int(second // PAGE_S))
        phase = min(second % 6, 2) + second // 6 * 2
        x, y = 640 + 420 * math.sin(phase * 1.1), 380 + 240 * math.cos(phase * 1.7)
        ImageDraw.Draw(image).polygon([(x, y), (x + 16, y + 20), (x + 6, y + 22)], fill=(200, 30, 30))
        yield at, VideoFrame.from_ndarray(np.asarray(image), "rgb24").reformat(format="yuv420p")
        at += MOVING_TICKS if is_moving else STILL_TICKS


def write_lesson(data_dir: Path, seconds: int, camera: Callable[[int], Rgb]) -> None:
    """`res_teacher` and `res_screen`."""
    end = seconds * VIDEO_HZ
    samples = encode(camera_pictures(seconds, camera), end, 1_800_000)
    write_fast_replay(data_dir, "res_teacher", seconds, [(*SIZE, samples)], speech(seconds))
    samples = encode(screen_pictures(seconds), end, 1_200_000)
    write_fast_replay(data_dir, "res_screen", seconds, [(*SIZE, samples)], silence(seconds))


def plans(seconds: int) -> dict[str, LadderPlan]:
    whole = (0, seconds * 1000)
    return {
        "teacher": plan_of([("teacher", "res_teacher")], whole),
        "teacher and screen": plan_of([("teacher", "res_teacher"), ("screen", "res_screen")], whole),
    }


def measure(data_dir: Path, plan: LadderPlan, seconds: int) -> dict[str, object]:
    """Make it; what it cost."""
    before, began_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    folder, made, _ = make_version(data_dir, plan, timeout_s=None)
    after, wall_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began_s
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    for path in folder.iterdir():
        path.unlink()
    return {
        "cpu_s": round(cpu_s, 1),
        "cpu over two cores, of the length": round(cpu_s / _CORES / seconds, 3),
        "wall, of the length": round(wall_s / seconds, 3),
        "bytes": made["bytes"],
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="tests.recording.ladder_cost")
    parser.add_argument("--seconds", type=int, default=60, help="a multiple of 4")
    parser.add_argument("--camera", type=Path, help="a film to be the camera's picture")
    given = parser.parse_args()
    camera = film(given.camera) if given.camera else drawn_head()
    with tempfile.TemporaryDirectory(prefix="tandem-ladder-") as name:
        write_lesson(Path(name), given.seconds, camera)
        for what, plan in plans(given.seconds).items():
            figures = measure(Path(name), plan, given.seconds)
            sys.stdout.write(json.dumps({what: figures}, indent=2) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
