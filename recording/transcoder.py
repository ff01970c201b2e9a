"""SHELL: decoders and encoders (FFmpeg by PyAV) of the packager process. No clock, no file.

x264 runs here and nowhere else: one encoder a segment, so that each segment stands alone, equal settings
give equal parameter sets, and nothing but the next position has to be remembered.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw

from recording.container import AUDIO_BIT_RATE_BPS, AUDIO_FRAME_SAMPLES, AUDIO_HZ, VIDEO_HZ, VideoSample

CARD_SIZE = (1280, 720)
FRAME_TICKS = VIDEO_HZ // 30
_DECODERS = {"H264": "h264", "VP8": "vp8", "VP9": "vp9", "AV1": "libdav1d"}
_X264_OPTIONS = {
    "preset": "veryfast",
    "crf": "23",
    "maxrate": "4M",
    "bufsize": "8M",
    "profile": "high",
    "bf": "0",
    "g": "100000",
    "sc_threshold": "0",
    "threads": "1",
}

Pcm = npt.NDArray[np.float32]
"""Stereo samples, shape (2, n)."""


class PictureDecoder:
    """Access units of one stream in, pictures out at once."""

    def __init__(self, codec: str) -> None:
        context = av.CodecContext.create(_DECODERS[codec], "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        context.options = {"flags": "low_delay"} if codec != "AV1" else {"max_frame_delay": "1"}
        self._context = context

    def decode(self, data: bytes) -> VideoFrame | None:
        """The picture of this access unit, or None where it cannot be decoded."""
        try:
            frames = self._context.decode(av.Packet(data))
        except FFmpegError:
            return None
        return frames[-1] if frames else None

    def decode_alone(self, data: bytes) -> VideoFrame | None:
        """The one picture of this access unit, though its stream may say that others go before it."""
        picture = self.decode(data)
        if picture is not None:
            return picture
        try:
            frames = self._context.decode(None)
        except FFmpegError:
            return None
        return frames[-1] if frames else None


class OrderedDecoder:
    """H264 access units in the order of decoding in, pictures in the order of showing out."""

    def __init__(self) -> None:
        context = av.CodecContext.create(_DECODERS["H264"], "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        self._context = context

    def decode(self, data: bytes, ticks: int) -> list[tuple[int, VideoFrame]]:
        """The pictures that became ready, each with the ticks that its access unit came with."""
        packet = av.Packet(data)
        packet.pts = ticks
        try:
            frames = self._context.decode(packet)
        except FFmpegError:
            return []
        return [(frame.pts, frame) for frame in frames if frame.pts is not None]


class PictureEncoder:
    """Pictures of one size and position in, H264 samples of one segment out; begins with a keyframe, no B
    pictures.
    """

    def __init__(self, width: int, height: int) -> None:
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.time_base = Fraction(1, VIDEO_HZ)
        context.framerate = Fraction(VIDEO_HZ, FRAME_TICKS)
        context.options = dict(_X264_OPTIONS)
        self.width, self.height = width, height
        self._context = context
        self._samples: list[VideoSample] = []

    def encode(self, picture: VideoFrame, start_ticks: int) -> None:
        """Take the next picture."""
        frame = picture.reformat(width=self.width, height=self.height, format="yuv420p")
        if frame is picture:
            frame = VideoFrame.from_ndarray(picture.to_ndarray(), format="yuv420p")
        frame.pts, frame.time_base = start_ticks, Fraction(1, VIDEO_HZ)
        self._take(frame)

    def finish(self, end_ticks: int) -> list[VideoSample]:
        """All samples; each lasts until the next, the last until `end_ticks`."""
        self._take(None)
        starts = [sample.start_ticks for sample in self._samples[1:]] + [end_ticks]
        return [
            VideoSample(sample.start_ticks, following - sample.start_ticks, sample.data, sample.is_keyframe)
            for sample, following in zip(self._samples, starts, strict=True)
        ]

    def _take(self, frame: VideoFrame | None) -> None:
        for packet in self._context.encode(frame):
            self._samples.append(VideoSample(packet.pts or 0, 0, bytes(packet), packet.is_keyframe))


class SoundDecoder:
    """Opus packets in, stereo samples at 48 kHz out."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "r")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate = AUDIO_HZ
        context.layout = "stereo"
        self._context = context

    def decode(self, data: bytes) -> Pcm | None:
        """The samples of one packet, or None where it cannot be decoded."""
        try:
            frames = self._context.decode(av.Packet(data))
        except FFmpegError:
            return None
        if not frames:
            return None
        frame = frames[0]
        samples = np.asarray(frame.to_ndarray(), dtype=np.float32)
        if not frame.format.is_planar:
            samples = samples.reshape(-1, 2).T
        return samples / np.float32(32768) if frame.format.bytes == 2 else samples


class SoundEncoder:
    """Blocks of 1,024 stereo samples in, AAC-LC frames out, one for each block and two blocks late.

    The first frame (the encoder's priming) is swallowed, so that frame n holds block n.  While nothing
    but silence comes, the encoder rests and its last frame of silence is given again.
    """

    _BLOCKS_UNTIL_SILENT = 6

    def __init__(self, bit_rate_bps: int = AUDIO_BIT_RATE_BPS) -> None:
        context = av.CodecContext.create("aac", "w")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate = AUDIO_HZ
        context.layout = "stereo"
        context.format = "fltp"
        context.bit_rate = bit_rate_bps
        self._context = context
        self._is_primed = False
        self._silent_blocks = 0
        self._last = b""
        self._fed = 0

    def encode(self, block: Pcm) -> Iterator[bytes]:
        """Take the next block; gives the frames that became ready."""
        self._silent_blocks = 0 if block.any() else self._silent_blocks + 1
        if self._silent_blocks > self._BLOCKS_UNTIL_SILENT and self._last:
            yield self._last
            return
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
        frame.sample_rate = AUDIO_HZ
        frame.pts = self._fed * AUDIO_FRAME_SAMPLES
        self._fed += 1
        for packet in self._context.encode(frame):
            if not self._is_primed:
                self._is_primed = True
                continue
            self._last = bytes(packet)
            yield self._last


@cache
def draw_card(width: int, height: int) -> VideoFrame:
    """The neutral picture that stands where nothing was recorded: a dark field with a quiet mark."""
    image = Image.new("RGB", (width, height), (24, 27, 34))
    draw = ImageDraw.Draw(image)
    middle_x, middle_y, unit = width // 2, height // 2, max(8, height // 24)
    draw.rounded_rectangle(
        (middle_x - 3 * unit, middle_y - 2 * unit, middle_x + 3 * unit, middle_y + 2 * unit),
        radius=unit // 2,
        outline=(86, 94, 110),
        width=max(2, unit // 6),
    )
    left, right = middle_x - unit // 2, middle_x + unit
    draw.polygon([(left, middle_y - unit), (right, middle_y), (left, middle_y + unit)], fill=(86, 94, 110))
    return VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(format="yuv420p")


def encode_jpeg(picture: VideoFrame) -> bytes:
    """A JPEG of at most 1280 pixels in each direction."""
    image = Image.fromarray(picture.to_ndarray(format="rgb24"))
    image.thumbnail((1280, 1280))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def measure_detail(picture: VideoFrame) -> float:
    """The mean difference between neighbouring pixels of its luminance, 0 to 255 each way, at 320x180."""
    small = picture.reformat(width=320, height=180, format="gray").to_ndarray().astype(np.float32)
    return float(np.abs(np.diff(small, axis=0)).mean() + np.abs(np.diff(small, axis=1)).mean())
