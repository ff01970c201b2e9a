"""The row of AAC frames: no hole, silence where nothing is, differences taken out softly."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt

from recording.container import AudioSample
from recording.sound import SoundLine

FRAME = 960


def tone(count: int) -> npt.NDArray[np.float32]:
    wave = 0.5 * np.sin(np.arange(count) * 2 * np.pi * 1000 / 48_000)
    return np.stack([wave, wave]).astype(np.float32)


def decode(frames: list[AudioSample]) -> npt.NDArray[np.float32]:
    context = av.CodecContext.create("aac", "r")
    context.extradata = b"\x11\x90\x56\xe5\x00"
    parts = [frame.to_ndarray() for sample in frames for frame in context.decode(av.Packet(sample.data))]
    return np.asarray(np.concatenate(parts, axis=1)[0], np.float32)


def onset(sound: npt.NDArray[np.float32], begin: int = 0) -> int:
    return begin + int(np.argmax(np.abs(sound[begin:]) > 0.1))


def test_what_is_placed_is_heard_there_and_the_rest_is_silence() -> None:
    line = SoundLine(0)
    line.feed(tone(4800), 48_000)
    line.feed(tone(4800), 200_000)
    line.advance(300_000)
    frames = line.take_until(280_000)
    assert frames is not None
    assert [frame.index for frame in frames] == list(range(274))
    sound = decode(frames)
    assert abs(onset(sound) - 48_000) < 16
    assert abs(onset(sound, 100_000) - 200_000) < 16
    assert np.abs(sound[60_000:190_000]).max() < 0.01


def test_frames_are_given_once_and_only_when_all_of_them_are_there() -> None:
    line = SoundLine(0)
    line.advance(48_000)
    assert line.take_until(96_000) is None
    line.advance(110_000)
    first, second = line.take_until(50_000), line.take_until(96_000)
    assert first is not None
    assert second is not None
    assert first[-1].index + 1 == second[0].index


def test_a_line_begun_in_the_middle_continues_another() -> None:
    whole, tail = SoundLine(0), SoundLine(47)
    for start in range(0, 96_000, FRAME):
        for line in (whole, tail):
            line.feed(tone(96_000)[:, start : start + FRAME], start)
    for line in (whole, tail):
        line.advance(110_000)
    all_frames, tail_frames = whole.take_until(96_000), tail.take_until(96_000)
    assert all_frames is not None
    assert tail_frames is not None
    assert tail_frames[0].index == 47
    joined = decode(all_frames[:47] + tail_frames)
    assert np.abs(joined[40_000:60_000] - decode(all_frames)[40_000:60_000]).max() < 0.2


def test_a_small_difference_is_stretched_away_and_a_large_one_is_cut_or_filled() -> None:
    line = SoundLine(0)
    for index in range(100):
        line.feed(tone(FRAME), index * FRAME + (300 if index >= 10 else 0))
    assert abs(line.position_samples - (100 * FRAME + 300)) <= 60
    line.feed(tone(FRAME), 100 * FRAME - 5_000)
    assert abs(line.position_samples - (100 * FRAME + 300)) <= 60
    line.feed(tone(FRAME), 120 * FRAME)
    assert line.position_samples == 121 * FRAME
