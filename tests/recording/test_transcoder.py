"""Decoders and encoders on media of the tests' publisher, and on rubbish."""

from __future__ import annotations

import numpy as np
import pytest

from recording.transcoder import (
    PictureDecoder,
    PictureEncoder,
    SoundDecoder,
    SoundEncoder,
    draw_card,
    encode_jpeg,
    measure_detail,
)
from tests.recording.synthetic import encode_video, encode_voice


@pytest.mark.parametrize("codec", ["H264", "VP8", "VP9", "AV1"])
def test_each_access_unit_gives_its_picture_at_once(codec: str) -> None:
    decoder = PictureDecoder(codec)
    pictures = [decoder.decode(item.data) for item in encode_video(codec, 1, keyframe_s=0.5)]
    assert all(picture is not None and (picture.width, picture.height) == (320, 180) for picture in pictures)


@pytest.mark.parametrize("codec", ["H264", "VP8", "VP9", "AV1"])
def test_rubbish_gives_no_picture(codec: str) -> None:
    decoder = PictureDecoder(codec)
    assert decoder.decode(bytes(range(200))) is None
    assert decoder.decode(b"\xff" * 50) is None


def test_coded_samples_last_until_the_next_and_equal_settings_give_equal_parameter_sets() -> None:
    heads = []
    for _ in range(2):
        encoder = PictureEncoder(640, 360)
        for start in (1_000, 3_000, 6_000):
            encoder.encode(draw_card(640, 360), start)
        samples = encoder.finish(9_500)
        assert [(sample.start_ticks, sample.duration_ticks) for sample in samples] == [
            (1_000, 2_000), (3_000, 3_000), (6_000, 3_500),
        ]  # fmt: skip
        assert [sample.is_keyframe for sample in samples] == [True, False, False]
        heads.append(samples[0].data[:40])
    assert heads[0] == heads[1]


def test_voice_is_decoded_to_stereo_at_48_khz() -> None:
    decoder = SoundDecoder()
    for item in encode_voice(0.2):
        samples = decoder.decode(item.data)
        assert samples is not None
        assert samples.shape == (2, 960)
        assert samples.dtype == np.float32
    assert SoundDecoder().decode(b"") is None


def test_silence_costs_nothing_and_ends_at_once() -> None:
    encoder = SoundEncoder()
    silence, noise = np.zeros((2, 1024), np.float32), np.full((2, 1024), 0.25, np.float32)
    frames = [frame for _ in range(50) for frame in encoder.encode(silence)]
    assert 46 <= len(frames) <= 50
    assert len(set(frames[10:])) == 1
    behind = [frame for _ in range(5) for frame in encoder.encode(noise)]
    assert len(behind) == 5
    assert len(set(behind)) > 1


def test_a_poster_prefers_detail() -> None:
    picture = PictureDecoder("H264").decode(encode_video("H264", 1)[0].data)
    assert picture is not None
    assert measure_detail(picture) > measure_detail(draw_card(320, 180))
    assert encode_jpeg(picture).startswith(b"\xff\xd8")
