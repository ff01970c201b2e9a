"""SHELL: what can be downloaded: the lesson as MP4, its sound as M4A, and sound with slides.

The first two are the finished segments in another box; nothing is coded again. Each file is written under
another name first.
"""

from __future__ import annotations

import hashlib
import heapq
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from PIL import Image

from recording.composition import first_picture
from recording.container import VIDEO_HZ, add_picture_track
from recording.edit import Kept
from recording.ladder_plan import SlideShown
from recording.ladder_sizes import Size
from recording.ladder_timeline import LadderTimeline
from recording.rendition import SliceEncoder, blank, init_name, place_within, segment_name
from recording.transcoder import CARD_SIZE, draw_card

SLIDES_SIZE = Size(1280, 720)
_SLIDE_TICKS = VIDEO_HZ
_SLIDE_OPTIONS = {"preset": "veryfast", "tune": "stillimage", "crf": "28", "g": "60"}
_SLIDE_MOST_BPS = 400_000
_MOST_IMAGE_PIXELS = 40_000_000
_CHANGED = 1.0
_GROUND_LUMINANCE = 28
_OPTIONS = {
    "movflags": "+faststart",
    "fflags": "+bitexact",
    "use_editlist": "0",
    "avoid_negative_ts": "disabled",
}

_Timed = tuple[Fraction, int, "av.Packet[Any]"]


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A rendition's segments."""

    folder: Path
    rendition: str

    def open(self, number: int) -> av.container.InputContainer:
        """Raises OSError, FFmpegError."""
        init = (self.folder / init_name(self.rendition)).read_bytes()
        media = (self.folder / segment_name(self.rendition, number)).read_bytes()
        return av.open(io.BytesIO(init + media), "r", format="mp4")


def write_download(path: Path, rows: list[SegmentRow], slices: int) -> None:
    """One file of these tracks as they are. Raises OSError."""
    with _writing(path) as container:
        tracks: list[Stream] = []
        for row in rows:
            with row.open(1) as source:
                tracks.append(container.add_stream_from_template(source.streams[0]))
        for number in range(1, slices + 1):
            for _, _, packet in heapq.merge(
                *(_packets(row, number, track) for row, track in zip(rows, tracks, strict=True))
            ):
                container.mux_one(packet)


def write_slides(
    path: Path, sound: SegmentRow, slides: Iterator[tuple[int, VideoFrame]], timeline: LadderTimeline
) -> None:
    """Sound, and one picture a second. `slides`: (place in ticks, 1280x720 picture) in order.

    Raises OSError.
    """
    encoder = SliceEncoder(SLIDES_SIZE, _SLIDE_TICKS, _SLIDE_MOST_BPS, _SLIDE_OPTIONS)
    shown = draw_card(*CARD_SIZE)
    ahead = next(slides, None)
    for place in range(0, timeline.length_ticks, _SLIDE_TICKS):
        while ahead is not None and ahead[0] <= place + _SLIDE_TICKS // 2:
            shown, ahead = ahead[1], next(slides, None)
        encoder.encode(shown, place)
    with _writing(path) as container, sound.open(1) as source:
        picture_track = add_picture_track(container, SLIDES_SIZE.width, SLIDES_SIZE.height)
        sound_track = container.add_stream_from_template(source.streams[0])
        pictures: list[_Timed] = []
        for sample in encoder.finish():
            packet = av.Packet(sample.data)
            packet.time_base = Fraction(1, VIDEO_HZ)
            packet.pts = packet.dts = sample.start_ticks
            packet.duration = min(_SLIDE_TICKS, timeline.length_ticks - sample.start_ticks)
            packet.is_keyframe = sample.is_keyframe
            packet.stream = picture_track
            pictures.append((Fraction(sample.start_ticks, VIDEO_HZ), 0, packet))
        sounds = (
            timed
            for number in range(1, timeline.slices + 1)
            for timed in _packets(sound, number, sound_track)
        )
        for _, _, packet in heapq.merge(pictures, sounds, key=lambda timed: timed[:2]):
            container.mux_one(packet)


def planned_slides(
    data_dir: Path, slides: tuple[SlideShown, ...], kept: Kept
) -> Iterator[tuple[int, VideoFrame]]:
    """The pages that were shown, at their places; one whose picture cannot be read is passed over."""
    placed: dict[int, SlideShown] = {}
    for slide in sorted(slides, key=lambda slide: slide.at_ms):
        placed[kept.next_place_ms(slide.at_ms)] = slide
    for place_ms, slide in sorted(placed.items(), key=lambda item: item[0]):
        picture = _read_slide(data_dir, slide.image)
        if picture is not None:
            yield place_ms * VIDEO_HZ // 1000, picture


def screen_slides(folder: Path, rendition: str, timeline: LadderTimeline) -> Iterator[tuple[int, VideoFrame]]:
    """The screen, each time that it has changed from one slice to another."""
    last = np.full((180, 320), -1000, np.int16)
    scaler = VideoReformatter()
    for number in range(1, timeline.slices + 1):
        picture = first_picture(folder, rendition, number)
        small = picture.reformat(320, 180, "gray", threads=1).to_ndarray().astype(np.int16)
        if float(np.abs(small - last).mean()) > _CHANGED:
            last = small
            yield timeline.slice_ticks(number)[0], place_within(scaler, picture, SLIDES_SIZE)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _writing(path: Path) -> Iterator[OutputContainer]:
    """An MP4 under another name, which gets its own when it is whole."""
    temporary = path.with_name(path.name + ".tmp")
    with av.open(temporary, "w", format="mp4", options=_OPTIONS) as container:
        yield container
    with temporary.open("rb") as file:
        os.fdatasync(file.fileno())
    temporary.replace(path)


def _packets(row: SegmentRow, number: int, track: Stream) -> Iterator[_Timed]:
    with row.open(number) as source:
        for packet in source.demux(source.streams[0]):
            if packet.pts is not None and packet.size:
                packet.stream = track
                yield packet.pts * Fraction(packet.time_base or 0), track.index, packet


def _read_slide(data_dir: Path, image: str | None) -> VideoFrame | None:
    if image is None:
        return blank(SLIDES_SIZE, _GROUND_LUMINANCE)
    path = (data_dir / image).resolve()
    if not path.is_relative_to(data_dir.resolve()):
        return None
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > _MOST_IMAGE_PIXELS:
                return None
            page = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    page.thumbnail((SLIDES_SIZE.width, SLIDES_SIZE.height))
    canvas = Image.new("RGB", (SLIDES_SIZE.width, SLIDES_SIZE.height), (16, 18, 24))
    canvas.paste(page, ((SLIDES_SIZE.width - page.width) // 2, (SLIDES_SIZE.height - page.height) // 2))
    return VideoFrame.from_ndarray(np.asarray(canvas), format="rgb24").reformat(format="yuv420p", threads=1)
