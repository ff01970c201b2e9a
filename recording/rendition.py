"""SHELL: the renditions of one picture, slice by slice: decoded once, scaled in a cascade, coded by x264.

One encoder a slice and rendition: each segment stands alone, and equal settings give equal init segments.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from recording.container import VIDEO_HZ, VideoSample, mux_picture_segment
from recording.fast_replay import FastReplay, PictureReader, SliceSource
from recording.ladder_sizes import Rung, Size, fit
from recording.ladder_timeline import LadderTimeline
from recording.store import replace_file
from recording.transcoder import CARD_SIZE, draw_card

_X264_OPTIONS = {
    "preset": "ultrafast",
    "bf": "0",
    "g": "100000",
    "sc_threshold": "0",
    "profile": "high",
    "threads": "1",
}
# What of ultrafast would cost more bytes than it saves time is taken back.
CAMERA_OPTIONS = {"crf": "25", "x264-params": "cabac=1:no-deblock=0:subme=1"}
SCREEN_OPTIONS = {"preset": "superfast", "crf": "23", "x264-params": "weightp=0"}


def init_name(rendition: str) -> str:
    return f"{rendition}-init.mp4"


def segment_name(rendition: str, number: int) -> str:
    """Numbers begin at 1."""
    return f"{rendition}-{number:05d}.m4s"


class SliceEncoder:
    """Pictures of one size in, H264 samples of one slice out; begins with a keyframe, no B pictures."""

    def __init__(self, size: Size, frame_ticks: int, most_bps: int | None, options: dict[str, str]) -> None:
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height, context.pix_fmt = size.width, size.height, "yuv420p"
        context.time_base = Fraction(1, VIDEO_HZ)
        context.framerate = Fraction(VIDEO_HZ, frame_ticks)
        limits = {"maxrate": str(most_bps), "bufsize": str(2 * most_bps)} if most_bps else {}
        context.options = _X264_OPTIONS | limits | options
        self._context = context
        self._frame_ticks = frame_ticks
        self._samples: list[VideoSample] = []

    def encode(self, picture: VideoFrame, start_ticks: int) -> None:
        """Take the next picture; it may be the same object again."""
        picture.pts, picture.time_base = start_ticks, Fraction(1, VIDEO_HZ)
        # What the source made a keyframe of need not be one here.
        picture.pict_type = PictureType.NONE
        self._take(picture)

    def finish(self) -> list[VideoSample]:
        """All samples, each as long as the others."""
        self._take(None)
        return self._samples

    def _take(self, picture: VideoFrame | None) -> None:
        for packet in self._context.encode(picture):
            sample = VideoSample(packet.pts or 0, self._frame_ticks, bytes(packet), packet.is_keyframe)
            self._samples.append(sample)


class Cascade:
    """One picture in, the same in each size out. The same picture again is not scaled again."""

    def __init__(self, sizes: list[Size]) -> None:
        self._sizes = sizes
        self._scalers = [VideoReformatter() for _ in sizes]
        self._source: VideoFrame | None = None
        self._scaled: list[VideoFrame] = []

    def scale(self, picture: VideoFrame) -> list[VideoFrame]:
        """The largest first."""
        if picture is not self._source:
            self._source, self._scaled = picture, []
            frame = picture
            for size, scaler in zip(self._sizes, self._scalers, strict=True):
                frame = place_within(scaler, frame, size)
                self._scaled.append(frame)
        return self._scaled


def place_within(scaler: VideoReformatter, picture: VideoFrame, size: Size) -> VideoFrame:
    """The picture in yuv420p at that size, with black beside it where its shape is another."""
    left, top, inner = fit(picture.width, picture.height, size)
    scaled = scaler.reformat(
        picture, inner.width, inner.height, "yuv420p", interpolation=Interpolation.AREA, threads=1
    )
    return scaled if inner == size else paste(blank(size), scaled, left, top)


def blank(size: Size, luminance: int = 16) -> VideoFrame:
    """A grey picture, black by default."""
    planes = np.full((size.height * 3 // 2, size.width), 128, np.uint8)
    planes[: size.height] = luminance
    return VideoFrame.from_ndarray(planes, format="yuv420p")


def paste(canvas: VideoFrame, picture: VideoFrame, left: int, top: int) -> VideoFrame:
    """Draw into a canvas, both yuv420p; all numbers are even, and it fits. Gives the canvas."""
    for index, (below, above) in enumerate(zip(canvas.planes, picture.planes, strict=True)):
        shift = 1 if index else 0
        target = np.frombuffer(memoryview(below), np.uint8).reshape(-1, below.line_size)
        source = np.frombuffer(memoryview(above), np.uint8).reshape(-1, above.line_size)
        rows, columns = picture.height >> shift, picture.width >> shift
        y, x = top >> shift, left >> shift
        target[y : y + rows, x : x + columns] = source[:rows, :columns]
    return canvas


@dataclass(frozen=True, slots=True)
class LadderPicture:
    """One picture of the version. `shows_from_ticks`: a position, before which there is only a card."""

    name: str
    replay: FastReplay
    rungs: tuple[Rung, ...]
    frame_ticks: int
    shows_from_ticks: int

    options: dict[str, str] = field(default_factory=lambda: dict(CAMERA_OPTIONS))

    def rendition(self, rung: Rung) -> str:
        return f"{self.name}-{rung.label}"


@dataclass(slots=True)
class SliceMaker:
    """Makes the slices of one picture, in order.

    One that shows the very access units that the slice before it showed is not coded again: a screen that
    nobody touches, a card. `coded`: how many were not so.
    """

    picture: LadderPicture
    timeline: LadderTimeline
    coded: int = 0
    _reader: PictureReader = field(init=False)
    _shows: SliceSource | None = field(default=None, init=False)
    _samples: dict[Rung, list[VideoSample]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._reader = PictureReader(self.picture.replay)

    def make(self, number: int, rungs: list[Rung]) -> dict[Rung, list[VideoSample]]:
        """The samples of these renditions."""
        begin, end = self.timeline.slice_ticks(number)
        last = end - self.picture.frame_ticks
        span = self.timeline.position_ticks(begin), self.timeline.position_ticks(last)
        # A slice in which there is a cut is like no other.
        shows = self.picture.replay.shown_between(*span) if span[1] - span[0] == last - begin else None
        if shows is None or shows != self._shows or not set(rungs) <= set(self._samples):
            self._samples = self._code(begin, end, rungs)
            self.coded += 1
        self._shows = shows
        return {rung: _moved(self._samples[rung], begin) for rung in rungs}

    def _code(self, begin: int, end: int, rungs: list[Rung]) -> dict[Rung, list[VideoSample]]:
        picture = self.picture
        cascade = Cascade([rung.size for rung in picture.rungs])
        encoders = {
            rung: SliceEncoder(rung.size, picture.frame_ticks, rung.most_bps, picture.options)
            for rung in rungs
        }
        for place in range(begin, end, picture.frame_ticks):
            shown = self._reader.at(self.timeline.position_ticks(place))
            scaled = cascade.scale(shown or draw_card(*CARD_SIZE))
            for rung, frame in zip(picture.rungs, scaled, strict=True):
                if rung in encoders:
                    encoders[rung].encode(frame, place)
        return {rung: encoder.finish() for rung, encoder in encoders.items()}


def _moved(samples: list[VideoSample], begin_ticks: int) -> list[VideoSample]:
    shift = begin_ticks - samples[0].start_ticks
    return [replace(sample, start_ticks=sample.start_ticks + shift) for sample in samples]


def make_slices(folder: Path, picture: LadderPicture, timeline: LadderTimeline, numbers: range) -> None:
    """Write what is missing of these slices, in all sizes. Raises OSError."""
    maker = SliceMaker(picture, timeline)
    for number in numbers:
        rungs = [
            rung
            for rung in picture.rungs
            if not (folder / segment_name(picture.rendition(rung), number)).exists()
        ]
        for rung, samples in maker.make(number, rungs).items() if rungs else ():
            init, media = mux_picture_segment(number, rung.size.width, rung.size.height, samples)
            name = picture.rendition(rung)
            if number == 1:
                replace_file(folder / init_name(name), init)
            replace_file(folder / segment_name(name, number), media)
