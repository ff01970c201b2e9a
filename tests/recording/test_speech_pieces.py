from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from recording.speech_pieces import (
    FRAME_MS,
    FRAME_SAMPLES,
    LONGEST_FRAMES,
    Piece,
    cues_of,
    measure_frames,
    pieces_of,
)
from tests.recording.fast_replays import speech


def heard(*spoken_s: tuple[float, float], length_s: int, noise: float = 0.0) -> npt.NDArray[np.float32]:
    """A voice at some times, and noise all the time."""
    times = np.arange(length_s * 48_000) / 48_000
    is_spoken = np.any([(begin <= times) & (times < end) for begin, end in spoken_s], axis=0)
    hiss = np.random.default_rng(7).normal(0, 1, (2, len(times))) * noise
    hum = 10 * noise * np.sin(2 * np.pi * 50 * times)
    return np.asarray(speech(length_s) * is_spoken + hiss + hum, dtype=np.float32)


@pytest.mark.parametrize("noise", [0.0, 0.003])
def test_who_speaks_is_found_between_pauses_whatever_hums(noise: float) -> None:
    pieces = pieces_of(measure_frames(heard((2, 5), (7, 8), length_s=12, noise=noise)))
    found = [(piece.begin * FRAME_MS / 1000, piece.end * FRAME_MS / 1000) for piece in pieces]
    assert len(found) == 2
    for (begin_s, end_s), (wanted_begin_s, wanted_end_s) in zip(found, [(2, 5), (7, 8)], strict=True):
        assert wanted_begin_s - 0.4 < begin_s <= wanted_begin_s + 0.05
        assert wanted_end_s - 0.2 < end_s < wanted_end_s + 0.4


def test_silence_noise_and_a_click_are_no_speech() -> None:
    assert pieces_of(measure_frames(np.zeros((2, 0), np.float32))) == []
    assert pieces_of(measure_frames(np.zeros((2, 5 * 48_000), np.float32))) == []
    noise = np.random.default_rng(3).normal(0, 0.05, (2, 240_000))
    click = noise.astype(np.float32)
    click[:, 100_000 : 100_000 + FRAME_SAMPLES] *= 15
    assert pieces_of(measure_frames(click)) == []


def test_who_never_pauses_is_cut_where_it_is_quietest() -> None:
    levels = np.full(1700, -20.0)
    levels[::8] = -70.0
    levels[450:455] = -70.0
    pieces = pieces_of(levels)
    assert [piece.begin for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    assert all(0 < piece.end - piece.begin <= LONGEST_FRAMES for piece in pieces)
    assert pieces[0].end in range(450, 455)


def test_a_text_is_shared_out_over_captions() -> None:
    english = " ".join(["fraction"] * 20)
    cues = cues_of(Piece(50, 600), english)
    assert [cue.begin_ms for cue in cues] == [1000, *(cue.end_ms for cue in cues[:-1])]
    assert cues[-1].end_ms == 12_000
    assert " ".join(cue.text for cue in cues) == english
    assert all(len(cue.text) <= 80 for cue in cues)
    chinese = "今天我们学习分数加法，二分之一加四分之一等于四分之三。" * 3
    cues = cues_of(Piece(0, 500), chinese)
    assert len(cues) > 1
    assert "".join(cue.text for cue in cues) == chinese
    assert not any(cue.text[0] in "，。" for cue in cues)
    assert cues_of(Piece(0, 500), " \n ") == []
    assert len(cues_of(Piece(0, 2), english)) == 0
    assert [cue.text for cue in cues_of(Piece(0, 20), english)] != []
    assert all(cue.begin_ms < cue.end_ms for cue in cues_of(Piece(0, 20), english))
