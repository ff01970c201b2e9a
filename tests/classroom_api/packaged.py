"""A version's folder with a few seconds of real media, as the ladder names its files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

VERSION, LESSON, DECK = "ver_" + "a" * 26, "les_" + "b" * 26, "deck_" + "c" * 26
SECONDS = 6


def make_version(data_dir: Path) -> str:
    """The folder's key: a picture that moves, in 480 lines, and a tone."""
    folder = data_dir / "resources" / VERSION
    folder.mkdir(parents=True)
    with _open(folder, "teacher-480") as out:
        picture = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "50"})
        picture.width, picture.height, picture.pix_fmt = 854, 480, "yuv420p"
        for number in range(SECONDS * 25):
            image = np.full((480, 854, 3), 40, np.uint8)
            cv2.circle(image, (40 + number * 5, 240), 36, (220, 220, 60), -1)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(picture.encode(frame))
        out.mux(picture.encode())
    with _open(folder, "audio-128") as out:
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        times = np.arange(SECONDS * 48_000) / 48_000
        samples = (np.sin(2 * np.pi * 440 * times) * 8000).astype(np.int16)
        for start in range(0, len(samples), 1024):
            heard = av.AudioFrame.from_ndarray(
                samples[start : start + 1024].reshape(1, -1), format="s16", layout="mono"
            )
            heard.sample_rate, heard.pts, heard.time_base = 48_000, start, Fraction(1, 48_000)
            out.mux(sound.encode(heard))
        out.mux(sound.encode())
    return f"resources/{VERSION}"


def _open(folder: Path, name: str) -> av.container.OutputContainer:
    options = {
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": f"{name}-init.mp4",
        "hls_segment_filename": str(folder / f"{name}-%05d.m4s"),
        "hls_playlist_type": "vod",
        "hls_time": "2",
    }
    return av.open(str(folder / f"{name}.m3u8"), "w", format="hls", options=options)


def make_slides(data_dir: Path, count: int) -> list[str]:
    """Pages of a deck, each of another colour; their keys."""
    folder = data_dir / "decks" / LESSON / DECK
    folder.mkdir(parents=True)
    keys = []
    for number in range(count):
        name = f"{number:064x}.webp"
        colour = np.full((360, 640, 3), (40 * number, 180, 90), np.uint8)
        cv2.putText(colour, str(number + 1), (280, 220), cv2.FONT_HERSHEY_SIMPLEX, 4, (255, 255, 255), 8)
        cv2.imwrite(str(folder / name), colour)
        keys.append(f"decks/{LESSON}/{DECK}/{name}")
    return keys
