"""SHELL: fragmented MP4, one segment at a time, by FFmpeg's muxer.

Each segment is muxed by its own muxer, whose output falls apart into the init segment (ftyp + moov) and
the media segment (moof + mdat).  Decode times are absolute positions (tfdt), so segments can be made in
any process and still follow each other on one timeline; no edit list, no shift.
"""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

VIDEO_HZ = 90_000
AUDIO_HZ = 48_000
AUDIO_FRAME_SAMPLES = 1024
AUDIO_BIT_RATE_BPS = 96_000

TimedPacket = tuple[Fraction, "av.Packet[Any]"]

_OPTIONS = {
    "movflags": "+frag_custom+delay_moov+default_base_moof+frag_discont+skip_trailer",
    "use_editlist": "0",
    "avoid_negative_ts": "disabled",
    "fflags": "+bitexact",
    "video_track_timescale": str(VIDEO_HZ),
}


@dataclass(frozen=True, slots=True)
class VideoSample:
    """One H264 picture in Annex B form, SPS and PPS included at keyframes; times in 90 kHz ticks of
    position.
    """

    start_ticks: int
    duration_ticks: int
    data: bytes
    is_keyframe: bool


@dataclass(frozen=True, slots=True)
class AudioSample:
    """One AAC frame of 1,024 samples at 48 kHz; `index` x 1,024 is its position in samples."""

    index: int
    data: bytes


def mux_segment(
    number: int, width: int, height: int, video: Sequence[VideoSample], audio: Sequence[AudioSample]
) -> tuple[bytes, bytes]:
    """(init segment, media segment). `video` begins with a keyframe, in which the muxer finds SPS and PPS."""
    return _mux(number, lambda container: add_picture_track(container, width, height), video, audio)


class PartMuxer:
    """Muxes pieces of one media segment, each of which may begin with any picture, or have none.

    `keyframe`: the segment's first picture.  The init segment is that of the whole segment, byte for byte.
    """

    def __init__(self, keyframe: bytes) -> None:
        self._source = av.open(io.BytesIO(keyframe), "r", format="h264")

    def mux(
        self, number: int, video: Sequence[VideoSample], audio: Sequence[AudioSample]
    ) -> tuple[bytes, bytes]:
        """(init segment, part of the media segment). `number` grows from part to part."""

        def add_picture(container: OutputContainer) -> VideoStream:
            stream = container.add_stream_from_template(self._source.streams.video[0])
            assert isinstance(stream, VideoStream)
            stream.time_base = Fraction(1, VIDEO_HZ)
            return stream

        return _mux(number, add_picture, video, audio)


def _mux(
    number: int,
    add_picture: Callable[[OutputContainer], VideoStream],
    video: Sequence[VideoSample],
    audio: Sequence[AudioSample],
) -> tuple[bytes, bytes]:
    buffer = io.BytesIO()
    with _open(buffer, number) as container:
        tracks = [
            _video_packets(add_picture(container), video),
            _audio_packets(add_sound_track(container, AUDIO_BIT_RATE_BPS), audio),
        ]
        for _, packet in sorted(itertools.chain(*tracks), key=lambda timed: timed[0]):
            container.mux_one(packet)
    return split_init(buffer.getvalue())


def mux_picture_segment(
    number: int, width: int, height: int, video: Sequence[VideoSample]
) -> tuple[bytes, bytes]:
    """The same with a picture alone (CMAF, ISO/IEC 23000-19)."""
    buffer = io.BytesIO()
    with _open(buffer, number, is_cmaf=True) as container:
        for _, packet in _video_packets(add_picture_track(container, width, height), video):
            container.mux_one(packet)
    return split_init(buffer.getvalue())


def mux_sound_segment(number: int, bit_rate_bps: int, audio: Sequence[AudioSample]) -> tuple[bytes, bytes]:
    """The same with sound alone (CMAF)."""
    buffer = io.BytesIO()
    with _open(buffer, number, is_cmaf=True) as container:
        for _, packet in _audio_packets(add_sound_track(container, bit_rate_bps), audio):
            container.mux_one(packet)
    return split_init(buffer.getvalue())


def add_picture_track(container: OutputContainer, width: int, height: int) -> VideoStream:
    """A track of `VideoSample`s."""
    track = container.add_mux_stream("h264", width=width, height=height, time_base=Fraction(1, VIDEO_HZ))
    assert isinstance(track, VideoStream)
    return track


def add_sound_track(container: OutputContainer, bit_rate_bps: int) -> AudioStream:
    """A track of `AudioSample`s."""
    track = container.add_stream("aac", rate=AUDIO_HZ, bit_rate=bit_rate_bps)
    assert isinstance(track, AudioStream)
    track.codec_context.layout = "stereo"
    return track


def _open(buffer: io.BytesIO, number: int, *, is_cmaf: bool = False) -> OutputContainer:
    flags = _OPTIONS["movflags"] + ("+cmaf" if is_cmaf else "")
    options = {**_OPTIONS, "movflags": flags, "fragment_index": str(number)}
    return av.open(buffer, "w", format="mp4", options=options)


def _video_packets(track: VideoStream, samples: Iterable[VideoSample]) -> Iterator[TimedPacket]:
    for sample in samples:
        packet = av.Packet(sample.data)
        packet.time_base = Fraction(1, VIDEO_HZ)
        packet.pts = packet.dts = sample.start_ticks
        packet.duration = sample.duration_ticks
        packet.is_keyframe = sample.is_keyframe
        packet.stream = track
        yield Fraction(sample.start_ticks, VIDEO_HZ), packet


def _audio_packets(track: AudioStream, samples: Iterable[AudioSample]) -> Iterator[TimedPacket]:
    for frame in samples:
        packet = av.Packet(frame.data)
        packet.time_base = Fraction(1, AUDIO_HZ)
        packet.pts = packet.dts = frame.index * AUDIO_FRAME_SAMPLES
        packet.duration = AUDIO_FRAME_SAMPLES
        packet.is_keyframe = True
        packet.stream = track
        yield Fraction(frame.index * AUDIO_FRAME_SAMPLES, AUDIO_HZ), packet


def split_init(data: bytes) -> tuple[bytes, bytes]:
    """Cut a fragmented MP4 before its first moof box (ISO/IEC 14496-12 8.8.4)."""
    offset = 0
    while offset + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, offset)
        if kind == b"moof":
            break
        offset += max(size, 8)
    return data[:offset], data[offset:]
