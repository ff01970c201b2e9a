"""The mix: of the voices, at the cuts, and at the ceiling."""

from __future__ import annotations

import numpy as np
import pytest

from recording.edit import Kept
from recording.fast_replay import FastReplay
from recording.ladder_timeline import LadderTimeline
from recording.mixing import CEILING, Mixer, limit
from recording.transcoder import Pcm
from tests.recording.fast_replays import camera


def tone(seconds: int) -> Pcm:
    times = np.arange(seconds * 48_000) / 48_000
    return np.tile((0.2 * np.sin(2 * np.pi * 200 * times)).astype(np.float32), (2, 1))


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> FastReplay:
    return FastReplay(camera(tmp_path_factory.mktemp("data"), "res_t", 6, size=(64, 36), sound=tone))


def test_any_stretch_of_the_mix_fits_its_neighbours(replay: FastReplay) -> None:
    timeline = LadderTimeline(Kept(((0, 2_000), (3_000, 6_000))))
    mixer = Mixer(timeline, (replay, replay), (3.0, 2.0))
    whole = mixer.mix(0, 240_000)
    assert np.abs(whole).max() <= CEILING + 1e-4
    for begin, end in ((0, 100), (95_000, 97_777), (200_001, 240_000)):
        assert np.abs(mixer.mix(begin, end) - whole[:, begin:end]).max() < 2e-3
    assert not mixer.mix(-3_000, -1_000).any()
    assert not mixer.mix(241_000, 250_000).any()


def test_a_cut_makes_no_click(replay: FastReplay) -> None:
    timeline = LadderTimeline(Kept(((0, 2_001), (3_003, 6_000))))
    sound = Mixer(timeline, (replay,), (1.0,)).mix(0, 200_000)
    steps = np.abs(np.diff(sound[0, 4_000:]))
    # A tone of 200 Hz at 0.2 changes by 0.0053 a sample at most.
    assert steps.max() < 0.007


def test_voices_are_measured_each_and_together(replay: FastReplay) -> None:
    mixer = Mixer(LadderTimeline(Kept(((0, 6_000),))), (replay, replay), (1.0, 1.0))
    first, second = mixer.measure_voices(10, 30)
    assert np.array_equal(first, second)
    assert np.allclose(mixer.measure_mix(10, 30), 4 * first, rtol=0.01)


def test_slices_decode_to_one_unbroken_tone(replay: FastReplay) -> None:
    mixer = Mixer(LadderTimeline(Kept(((0, 6_000),))), (replay,), (1.0,))
    first, second = mixer.encode_slice(1, (128_000,))[0], mixer.encode_slice(2, (128_000,))[0]
    assert [each.index for each in first + second] == list(range(282))


def test_the_limiter_leaves_what_is_below_alone_and_holds_what_is_above() -> None:
    quiet = np.full((2, 320), 0.3, np.float32)
    assert limit(quiet) is quiet
    loud = (np.random.default_rng(3).normal(0, 0.5, (2, 9_600))).astype(np.float32)
    limited = limit(loud)
    assert np.abs(limited).max() <= CEILING + 1e-6
    assert np.abs(limited).max() > CEILING * 0.5
