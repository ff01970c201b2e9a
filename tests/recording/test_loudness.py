"""Loudness, beside what BS.1770 says of known signals. FFmpeg's meter is asked in test_ladder."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recording.loudness import TARGET_LUFS, correct, integrated_lufs, level, measure_powers


def tone(
    amplitude: float, seconds: float = 10, frequency_hz: float = 997
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    times = np.arange(round(seconds * 48_000)) / 48_000
    return np.tile((amplitude * np.sin(2 * math.pi * frequency_hz * times)).astype(np.float32), (2, 1))


def test_a_full_scale_tone_is_as_loud_as_the_standard_says() -> None:
    left = tone(1.0)
    left[1] = 0
    assert integrated_lufs(measure_powers(left)) == pytest.approx(-3.01, abs=0.05)
    assert integrated_lufs(measure_powers(tone(1.0))) == pytest.approx(0, abs=0.05)


def test_low_tones_count_less_and_silence_not_at_all() -> None:
    assert integrated_lufs(measure_powers(tone(0.1, frequency_hz=30))) < -27
    quiet = np.concatenate([tone(0.1), tone(0.0, 60)], axis=1)
    assert integrated_lufs(measure_powers(quiet)) == pytest.approx(-20, abs=0.3)
    assert integrated_lufs(measure_powers(tone(0.0))) == -math.inf
    assert integrated_lufs(measure_powers(tone(0.5, 0.1))) < 0


def test_a_faint_voice_becomes_as_loud_as_the_others_and_their_mix_as_it_should() -> None:
    first, second = tone(0.2), tone(0.05, frequency_hz=1500)
    first[:, 240_000:] = 0
    second[:, :240_000] = 0
    gains = level([measure_powers(first), measure_powers(second)])
    mixed = measure_powers(first * np.float32(gains[0]) + second * np.float32(gains[1]))
    assert integrated_lufs(mixed) == pytest.approx(TARGET_LUFS, abs=0.3)
    assert 20 * math.log10(gains[1] / gains[0]) == pytest.approx(12, abs=2)


def test_noise_is_not_made_a_voice() -> None:
    assert level([measure_powers(tone(0.0005))]) == [1.0]
    assert level([measure_powers(tone(0.0))]) == [0.0]
    assert correct(measure_powers(tone(0.0))) == 1.0


def test_what_is_missing_is_corrected_within_bounds() -> None:
    assert 20 * math.log10(correct(measure_powers(tone(0.1)))) == pytest.approx(4, abs=0.1)
    assert 20 * math.log10(correct(measure_powers(tone(0.005)))) == pytest.approx(12, abs=0.01)
