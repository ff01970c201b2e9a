"""Segments that FFmpeg's muxer made, taken apart again."""

from __future__ import annotations

import io

import av
import numpy as np

from recording.container import AUDIO_FRAME_SAMPLES, AudioSample, VideoSample, mux_segment, split_init
from recording.transcoder import SoundEncoder
from tests.recording.synthetic import encode_video


def make(number: int, start_s: int) -> tuple[bytes, bytes]:
    start = start_s * 90_000
    coded = encode_video("H264", 2)
    video = [VideoSample(start + i * 3_000, 3_000, item.data, i == 0) for i, item in enumerate(coded)]
    encoder, silence = SoundEncoder(), b""
    for _ in range(10):
        silence = b"".join(encoder.encode(np.zeros((2, AUDIO_FRAME_SAMPLES), np.float32)))
    first = -(-start_s * 48_000 // AUDIO_FRAME_SAMPLES)
    audio = [AudioSample(first + index, silence) for index in range(90)]
    return mux_segment(number, 320, 180, video, audio)


def test_segments_carry_absolute_times_and_share_one_init_segment() -> None:
    init, media = make(7, 100)
    later_init, _ = make(8, 3000)
    assert init == later_init
    assert init[4:8] == b"ftyp"
    assert media[4:8] == b"moof"
    assert b"elst" not in init
    with av.open(io.BytesIO(init + media), "r") as container:
        assert container.streams.video[0].start_time == 100 * 90_000
        assert container.streams.audio[0].start_time == -(-100 * 48_000 // 1024) * 1024
        assert (container.streams.video[0].width, container.streams.audio[0].rate) == (320, 48_000)
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
        assert [packet.pts for packet in packets] == [9_000_000 + index * 3_000 for index in range(60)]
        assert all(packet.dts == packet.pts and packet.duration == 3_000 for packet in packets)


def test_splitting_what_is_no_fragmented_file_gives_it_all_as_init() -> None:
    assert split_init(b"\0\0\0\x10ftypabcdefgh") == (b"\0\0\0\x10ftypabcdefgh", b"")
