"""Media of a long lesson, coded as it goes on: each picture carries its number, and flash and beep come
together at every full second.

Numbers count pictures from the lesson's start (wall clock), so that a picture read anywhere says when it was
taken.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from recording.rtplog import Record, RecordKind
from tests.recording.synthetic import _ENCODERS, FLASH_S, SECOND, Coded, Publisher

FPS = 25
_BITS = 24
_CHECK = 0x5A
Picture = np.ndarray[tuple[int, int], np.dtype[np.uint8]]


def _code_rows(height: int) -> int:
    return max(16, height // 20)


def write_number(luminance: Picture, number: int) -> None:
    """24 black or white blocks along the top: 16 bits of the number, 8 of check."""
    height, width = luminance.shape
    value = (number & 0xFFFF) << 8 | (number ^ number >> 8 ^ _CHECK) & 0xFF
    luminance[: _code_rows(height)] = 128
    for bit in range(_BITS):
        block = slice(bit * width // _BITS, (bit + 1) * width // _BITS)
        luminance[: _code_rows(height), block] = 235 if value >> (_BITS - 1 - bit) & 1 else 16


def read_number(luminance: Picture) -> int | None:
    """The number modulo 65,536; None where its check does not hold (a card, say)."""
    height, width = luminance.shape
    rows = _code_rows(height)
    value = 0
    for bit in range(_BITS):
        begin, end = bit * width // _BITS, (bit + 1) * width // _BITS
        margin = (end - begin) // 4
        value = value << 1 | int(
            luminance[rows // 4 : rows * 3 // 4, begin + margin : end - margin].mean() > 128
        )
    number = value >> 8
    return number if (number ^ number >> 8 ^ _CHECK) & 0xFF == value & 0xFF else None


@dataclass
class PictureCoder:
    """Real pictures of one codec and size; `until` gives those taken since the last call."""

    codec: str
    width: int
    height: int
    at_s: float
    fps: int = FPS
    keyframe_due_s: float = math.inf
    """The first picture taken from then on is a keyframe."""
    _context: VideoCodecContext = field(init=False)
    _number: int = field(init=False)
    _pattern: Picture = field(init=False)

    def __post_init__(self) -> None:
        name, options = _ENCODERS[self.codec]
        context = av.CodecContext.create(name, "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height, context.pix_fmt = self.width, self.height, "yuv420p"
        context.time_base, context.framerate = Fraction(1, self.fps), Fraction(self.fps, 1)
        context.options = {**options, "g": str(self.fps * 2), "threads": "1"}
        if name == "libx264":
            context.options = {**context.options, "forced-idr": "1"}
        self._context = context
        self._number = math.ceil(self.at_s * self.fps)
        rows, columns = np.mgrid[0 : self.height, 0 : self.width + 256]
        self._pattern = ((columns // 8 + rows // 8) % 2 * 60 + 40 + columns % 64).astype(np.uint8)

    def until(self, at_s: float) -> Iterator[Coded]:
        while self._number / self.fps < at_s:
            moment = self._number / self.fps
            whole = np.full((self.height * 3 // 2, self.width), 128, np.uint8)
            luminance = whole[: self.height]
            shift = self._number % 256
            luminance[:] = (
                235 if moment % 1 < FLASH_S - 1e-6 else self._pattern[:, shift : shift + self.width]
            )
            write_number(luminance, round(moment * FPS))
            frame = av.VideoFrame.from_ndarray(whole, "yuv420p")
            frame.pts, frame.time_base = self._number, Fraction(1, self.fps)
            if moment >= self.keyframe_due_s:
                frame.pict_type, self.keyframe_due_s = PictureType.I, math.inf
            for packet in self._context.encode(frame):
                yield Coded((packet.pts or 0) / self.fps, bytes(packet))
            self._number += 1


@dataclass
class VoiceCoder:
    """Opus: silence and the beeps."""

    at_s: float
    _context: AudioCodecContext = field(init=False)
    _index: int = field(init=False)

    def __post_init__(self) -> None:
        context = av.CodecContext.create("libopus", "w")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate, context.layout, context.format, context.bit_rate = (
            48_000,
            "stereo",
            "flt",
            48_000,
        )
        self._context = context
        self._index = math.ceil(self.at_s * 50)

    def until(self, at_s: float) -> Iterator[Coded]:
        while self._index / 50 < at_s:
            times = self._index / 50 + np.arange(960) / 48_000
            beep = (times % 1 < FLASH_S - 1e-6) * 0.5 * np.sin(2 * math.pi * 1000 * times)
            frame = av.AudioFrame.from_ndarray(np.repeat(beep.astype(np.float32), 2)[None], "flt", "stereo")
            frame.sample_rate, frame.pts = 48_000, self._index * 960
            packets: list[av.Packet[Any]] = self._context.encode(frame)
            for packet in packets:
                yield Coded(self._index / 50, bytes(packet))
            self._index += 1


@dataclass
class Network:
    """What a publisher's packets go through on their way to the server: jitter, and loss that NACK repairs
    or not.
    """

    random: random.Random
    loss_ratio: float = 0.0
    is_repaired: bool = True
    _flying: list[Record] = field(default_factory=list)
    lost_packets: int = 0
    sent_packets: int = 0

    def send(self, records: list[Record]) -> None:
        for record in records:
            delay_ns = round(self.random.expovariate(1 / 4e6))
            if record.kind is RecordKind.RTP:
                self.sent_packets += 1
                if self.random.random() < self.loss_ratio:
                    self.lost_packets += 1
                    if not self.is_repaired:
                        continue
                    delay_ns += self.random.randrange(80_000_000, 400_000_000)
            self._flying.append(Record(record.kind, record.arrival_ns + delay_ns, record.data))

    def arrived(self, before_ns: int) -> list[Record]:
        """In the order in which they came."""
        self._flying.sort(key=lambda record: record.arrival_ns)
        count = sum(record.arrival_ns < before_ns for record in self._flying)
        taken, self._flying = self._flying[:count], self._flying[count:]
        return taken


@dataclass
class Track:
    """One publication: coder, RTP and network. Times in seconds since the lesson's start."""

    coder: PictureCoder | VoiceCoder
    publisher: Publisher
    network: Network
    is_silent: bool = False
    """Nothing is sent but sender reports."""
    is_cut: bool = False
    """Nothing comes at all."""
    _reported_s: float = -1.0

    def advance(self, at_s: float, boot_ns: int) -> list[Record]:
        """What came to the server until then."""
        coded = tuple(self.coder.until(at_s))
        if not self.is_silent:
            self.publisher.send(coded)
        if at_s - self._reported_s >= 1.0:
            self._reported_s = at_s
            self.publisher.report(at_s)
        sent, self.publisher.records = self.publisher.records, []
        if not self.is_cut:
            self.network.send(sent)
        return self.network.arrived(boot_ns + round(at_s * SECOND))
