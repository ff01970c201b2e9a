"""SHELL: the voices of all inputs as one: levelled, mixed, and kept below the ceiling.

Each sample depends on those within 20 ms of it and on the gains alone, so that any stretch of the mix can
be made by itself and fits its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from recording.container import AUDIO_FRAME_SAMPLES, AUDIO_HZ, AudioSample
from recording.fast_replay import FastReplay, SoundReader
from recording.ladder_timeline import LadderTimeline, SampleSpan
from recording.loudness import BLOCK_SAMPLES, Powers, measure_powers
from recording.transcoder import Pcm, SoundEncoder

CEILING = 10 ** (-3.0 / 20)
"""Of samples. What lies between them, and what coding adds, stays below -1.5 dBTP."""
_FADE_SAMPLES = AUDIO_HZ // 100
_STEP_SAMPLES = 32
_AHEAD_STEPS = 10
_MARGIN_SAMPLES = _STEP_SAMPLES * 3 * _AHEAD_STEPS
_LEAD_FRAMES = 8
"""An encoder that begins in the midst of sound needs so many frames to settle."""
_LATE_FRAMES = 2


@dataclass(slots=True)
class Mixer:
    """Reads the inputs' sound at the places of an edited replay. Of one thread at a time."""

    timeline: LadderTimeline
    replays: tuple[FastReplay, ...]
    gains: tuple[float, ...] = ()
    _readers: list[SoundReader] = field(init=False)

    def __post_init__(self) -> None:
        self._readers = [SoundReader(replay) for replay in self.replays]

    def measure_voices(self, begin: int, end: int) -> list[Powers]:
        """How powerful each voice is from place `begin` to `end`, in blocks of 100 ms."""
        return [
            measure_powers(self._voice(reader, begin * BLOCK_SAMPLES, end * BLOCK_SAMPLES))
            for reader in self._readers
        ]

    def measure_mix(self, begin: int, end: int) -> Powers:
        """The same of all together."""
        return measure_powers(self.mix(begin * BLOCK_SAMPLES, end * BLOCK_SAMPLES))

    def mix(self, begin: int, end: int) -> Pcm:
        """The samples from place `begin` to `end`; silence outside the replay."""
        first, last = begin - begin % _STEP_SAMPLES - _MARGIN_SAMPLES, end + _MARGIN_SAMPLES
        last += -(last - first) % _STEP_SAMPLES
        sound = np.zeros((2, last - first), np.float32)
        for reader, gain in zip(self._readers, self.gains, strict=True):
            if gain:
                sound += self._voice(reader, first, last) * np.float32(gain)
        limited = limit(sound)
        return limited[:, begin - first : end - first]

    def encode_slice(self, number: int, bit_rates_bps: tuple[int, ...]) -> list[list[AudioSample]]:
        """The AAC frames of one slice, at each rate."""
        first, last = self.timeline.sound_frames(number)
        begin, end = first - _LEAD_FRAMES, last + _LATE_FRAMES
        sound = self.mix(begin * AUDIO_FRAME_SAMPLES, end * AUDIO_FRAME_SAMPLES)
        made = []
        for bit_rate_bps in bit_rates_bps:
            encoder = SoundEncoder(bit_rate_bps)
            frames: list[bytes] = []
            for at in range(0, sound.shape[1], AUDIO_FRAME_SAMPLES):
                frames += encoder.encode(sound[:, at : at + AUDIO_FRAME_SAMPLES])
            kept = frames[_LEAD_FRAMES : _LEAD_FRAMES + last - first]
            made.append([AudioSample(first + index, data) for index, data in enumerate(kept)])
        return made

    def _voice(self, reader: SoundReader, begin: int, end: int) -> Pcm:
        sound = np.zeros((2, end - begin), np.float32)
        for span in self.timeline.sample_spans(begin, end):
            at = span.place - begin
            heard = reader.read(span.begin, span.end)
            sound[:, at : at + span.end - span.begin] = heard * _fade(span) if _is_near_cut(span) else heard
        return sound


def limit(sound: Pcm) -> Pcm:
    """No sample above CEILING. Its length is a multiple of the step, 32 samples.

    The gain that each step needs is held for ten steps before and behind, then smoothed over as many: it
    has come down before the peak, without a corner.
    """
    peaks = np.abs(sound).max(axis=0).reshape(-1, _STEP_SAMPLES).max(axis=1)
    if peaks.max(initial=0.0) <= CEILING:
        return sound
    needed = np.minimum(1.0, CEILING / np.maximum(peaks, 1e-9))
    held = np.pad(needed, 2 * _AHEAD_STEPS, constant_values=1.0)
    width = 2 * _AHEAD_STEPS + 1
    lowest = np.lib.stride_tricks.sliding_window_view(held, width).min(axis=1)
    smooth = np.convolve(lowest, np.full(width - 2, 1 / (width - 2)), "valid")
    middles = (np.arange(len(smooth)) - (len(smooth) - len(needed)) / 2 + 0.5) * _STEP_SAMPLES
    gain = np.interp(np.arange(sound.shape[1]) + 0.5, middles, smooth)
    return np.asarray(sound * gain.astype(np.float32), dtype=np.float32)


def _is_near_cut(span: SampleSpan) -> bool:
    return min(span.begin - span.part_begin, span.part_end - span.end) < _FADE_SAMPLES


def _fade(span: SampleSpan) -> npt.NDArray[np.float32]:
    """In behind a cut and out before the next."""
    at = np.arange(span.begin, span.end, dtype=np.float64) + 0.5
    edge = np.minimum(at - span.part_begin, span.part_end - at) / _FADE_SAMPLES
    return np.clip(edge, 0.0, 1.0).astype(np.float32)
