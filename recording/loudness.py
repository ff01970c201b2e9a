"""How loud sound is, after ITU-R BS.1770-4 and EBU R128. Pure.

The power of each 100 ms is weighted in the frequency domain, each on its own: so it can be measured in
any order and kept, and the loudness of a mix of voices that are not alike is known before they are mixed:
powers add up.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from recording.container import AUDIO_HZ

BLOCK_SAMPLES: Final = AUDIO_HZ // 10
TARGET_LUFS: Final = -16.0
_ABSOLUTE_GATE_LUFS: Final = -70.0
_RELATIVE_GATE_LU: Final = -10.0
_OFFSET_DB: Final = -0.691
_BLOCKS_PER_GATE: Final = 4
_FAINTEST_LUFS: Final = -50.0
"""What is fainter than this throughout is the noise of an open microphone, which nobody wants levelled."""
_MOST_VOICE_DB: Final = 12.0
_MOST_MIX_DB: Final = 30.0
_MOST_CORRECTION_DB: Final = 12.0

# The two filters of BS.1770 (table 1 and 2) for 48 kHz: numerator, denominator.
_SHELF: Final = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS: Final = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))

Powers = npt.NDArray[np.float64]
"""Weighted power of each 100 ms, both channels together."""


def measure_powers(samples: npt.NDArray[np.float32]) -> Powers:
    """Of stereo samples (2, n); what is left over behind the last whole block is not measured."""
    count = samples.shape[1] // BLOCK_SAMPLES
    blocks = samples[:, : count * BLOCK_SAMPLES].reshape(2, count, BLOCK_SAMPLES)
    spectrum = np.fft.rfft(blocks, axis=2)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray((power * _weights()).sum(axis=(0, 2)), dtype=np.float64)


def integrated_lufs(powers: Powers) -> float:
    """Programme loudness by both gates (BS.1770-4 annex 1); -inf where nothing is heard."""
    if len(powers) < _BLOCKS_PER_GATE:
        powers = np.pad(powers, (0, _BLOCKS_PER_GATE - len(powers)))
    gates = np.convolve(powers, np.full(_BLOCKS_PER_GATE, 1 / _BLOCKS_PER_GATE), "valid")
    heard = gates[gates > _power_of(_ABSOLUTE_GATE_LUFS)]
    if not len(heard):
        return -math.inf
    relative = heard.mean() * 10 ** (_RELATIVE_GATE_LU / 10)
    return _lufs_of(float(heard[heard > relative].mean()))


def level(voices: list[Powers]) -> list[float]:
    """The factor for each voice, by which all of them are equally loud and their mix has TARGET_LUFS.

    0: nothing is ever heard of it, it need not be read again.
    """
    gains = [_voice_gain(powers) for powers in voices]
    mixed = np.sum([powers * gain**2 for powers, gain in zip(voices, gains, strict=True)], axis=0)
    loudness = integrated_lufs(np.asarray(mixed, dtype=np.float64)) if voices else -math.inf
    if loudness < _FAINTEST_LUFS:
        return gains
    common = 10 ** (min(_MOST_MIX_DB, TARGET_LUFS - loudness) / 20)
    return [gain * common for gain in gains]


def correct(mix: Powers) -> float:
    """The factor that is still missing.

    Voices that are alike made the mix louder than `level` could know, the limiter made it fainter.
    """
    loudness = integrated_lufs(mix)
    if loudness < _FAINTEST_LUFS:
        return 1.0
    return float(10 ** (max(-_MOST_CORRECTION_DB, min(_MOST_CORRECTION_DB, TARGET_LUFS - loudness)) / 20))


def _voice_gain(powers: Powers) -> float:
    if not powers.any():
        return 0.0
    loudness = integrated_lufs(powers)
    if loudness < _FAINTEST_LUFS:
        return 1.0
    return float(10 ** (max(-_MOST_VOICE_DB, min(_MOST_VOICE_DB, TARGET_LUFS - loudness)) / 20))


@cache
def _weights() -> npt.NDArray[np.float64]:
    """What the square of each bin counts: both filters, and Parseval's two sides of the spectrum."""
    z = np.exp(-2j * np.pi * np.arange(BLOCK_SAMPLES // 2 + 1) / BLOCK_SAMPLES)
    response = np.ones(len(z), np.complex128)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    sides = np.full(len(z), 2.0)
    sides[0] = sides[-1] = 1.0
    return np.asarray(np.abs(response) ** 2 * sides / BLOCK_SAMPLES**2, dtype=np.float64)


def _power_of(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_DB) / 10))


def _lufs_of(power: float) -> float:
    return _OFFSET_DB + 10 * math.log10(power)
