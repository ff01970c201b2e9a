"""SHELL: teacher and screen in one picture, for the download: the screen as it is, the teacher beside it.

It is made of the finished renditions, slice by slice, and so needs no timeline of its own. Until the
screen shows something the teacher fills the picture.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from recording.container import mux_picture_segment
from recording.ladder_sizes import Rung, Size
from recording.ladder_timeline import LadderTimeline
from recording.rendition import (
    LadderPicture,
    SliceEncoder,
    blank,
    init_name,
    paste,
    place_within,
    segment_name,
)
from recording.store import replace_file

# One quantiser for all: nobody streams it, and x264 need not look ahead for a rate.
_OPTIONS = {"crf": "-1", "qp": "25", "x264-params": "cabac=1:no-deblock=0:subme=1:8x8dct=1"}
_GROUND_LUMINANCE = 28


def rendition_pictures(folder: Path, rendition: str, number: int) -> Iterator[tuple[int, VideoFrame]]:
    """(place in ticks, picture) of one segment. Raises OSError, FFmpegError."""
    init = (folder / init_name(rendition)).read_bytes()
    media = (folder / segment_name(rendition, number)).read_bytes()
    with av.open(io.BytesIO(init + media), "r", format="mp4") as container:
        container.streams.video[0].codec_context.thread_count = 1
        for frame in container.decode(video=0):
            yield frame.pts or 0, frame


def first_picture(folder: Path, rendition: str, number: int) -> VideoFrame:
    """The keyframe of one segment."""
    return next(rendition_pictures(folder, rendition, number))[1]


@dataclass(frozen=True, slots=True)
class Composition:
    """`folder`: of the renditions; `target`: where its own slices go. `name`: what they are called."""

    folder: Path
    target: Path
    name: str
    teacher: LadderPicture
    screen: LadderPicture
    timeline: LadderTimeline

    @property
    def size(self) -> Size:
        """The screen's, and a quarter of it for the teacher."""
        screen = self.screen.rungs[0].size
        return Size(screen.width + self._column, screen.height)

    @property
    def _column(self) -> int:
        return max(2, self.screen.rungs[0].size.width // 8 * 2)

    def make_slices(self, numbers: range) -> None:
        """Write what is missing of these slices. Raises OSError."""
        for number in numbers:
            if not (self.target / segment_name(self.name, number)).exists():
                self._make_slice(number)

    def _make_slice(self, number: int) -> None:
        begin, _ = self.timeline.slice_ticks(number)
        is_screen_shown = self.timeline.position_ticks(begin) >= self.screen.shows_from_ticks
        encoder = SliceEncoder(self.size, self.screen.frame_ticks, None, _OPTIONS)
        teachers = self._teachers(number, is_small=is_screen_shown)
        scaler, sides = VideoReformatter(), VideoReformatter()
        canvas = blank(self.size, _GROUND_LUMINANCE)
        place, teacher = next(teachers)
        for at, screen in rendition_pictures(self.folder, self._largest(self.screen), number):
            while place < at:
                place, teacher = next(teachers, (at, teacher))
            if is_screen_shown:
                encoder.encode(self._beside(canvas, sides, screen, teacher), at)
            else:
                encoder.encode(place_within(scaler, teacher, self.size), at)
        init, media = mux_picture_segment(number, self.size.width, self.size.height, encoder.finish())
        if number == 1:
            replace_file(self.target / init_name(self.name), init)
        replace_file(self.target / segment_name(self.name, number), media)

    def _beside(
        self, canvas: VideoFrame, scaler: VideoReformatter, screen: VideoFrame, teacher: VideoFrame
    ) -> VideoFrame:
        """Draw over what the canvas showed: the encoder has taken it."""
        paste(canvas, screen, 0, 0)
        scale = min(self._column / teacher.width, self.size.height / teacher.height)
        box = Size(int(teacher.width * scale) // 2 * 2, int(teacher.height * scale) // 2 * 2)
        return paste(canvas, place_within(scaler, teacher, box), self.size.width - self._column, 0)

    def _teachers(self, number: int, *, is_small: bool) -> Iterator[tuple[int, VideoFrame]]:
        """The least rendition that is large enough."""
        rungs = list(self.teacher.rungs)
        fitting: list[Rung] = [rung for rung in rungs if rung.size.width >= self._column]
        rung = fitting[-1] if is_small and fitting else rungs[0]
        return rendition_pictures(self.folder, self.teacher.rendition(rung), number)

    @staticmethod
    def _largest(picture: LadderPicture) -> str:
        return picture.rendition(picture.rungs[0])
