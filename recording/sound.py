"""SHELL: the voice of one resource: decoded samples at positions in, an unbroken row of AAC frames out.

Whatever is missing is silence.  Small differences between the publisher's clock and ours (up to 10 ms)
are taken out by stretching each frame by at most 0.5 %, which nobody hears; a larger one is silence or a
cut.
"""

from __future__ import annotations

import numpy as np

from recording.container import AUDIO_FRAME_SAMPLES, AudioSample
from recording.transcoder import Pcm, SoundEncoder

_HARD_DIFFERENCE_SAMPLES = 480
_SOFT_DIFFERENCE_SAMPLES = 48
_STRETCH_RATIO = 0.005
_LEAD_BLOCKS = 4


class SoundLine:
    """Makes AAC frames from `first_index` on.

    Invariants: `position_samples` (what was written so far) never goes back; frames come out in order
    without a hole.
    """

    def __init__(self, first_index: int) -> None:
        self._encoder = SoundEncoder()
        self._next_index = first_index - _LEAD_BLOCKS
        self._first_index = first_index
        self.position_samples = self._next_index * AUDIO_FRAME_SAMPLES
        self._parts: list[Pcm] = []
        self._buffered = 0
        self._is_silent = True
        self._frames: list[AudioSample] = []

    def feed(self, samples: Pcm, position_samples: int) -> None:
        """Place decoded samples; positions grow."""
        difference = position_samples - self.position_samples
        limit = _SOFT_DIFFERENCE_SAMPLES if self._is_silent else _HARD_DIFFERENCE_SAMPLES
        if difference > limit:
            self._silence(difference)
        elif difference < -_HARD_DIFFERENCE_SAMPLES:
            samples = samples[:, -difference:]
        elif abs(difference) > _SOFT_DIFFERENCE_SAMPLES:
            samples = _stretch(samples, difference)
        if samples.shape[1]:
            self._write(samples)
            self._is_silent = False

    def advance(self, until_samples: int) -> None:
        """Nothing more will be placed before this position."""
        missing = until_samples - self.position_samples
        if missing > 0:
            self._silence(missing)

    def take_until(self, end_samples: int) -> list[AudioSample] | None:
        """The frames that begin before this position, once all of them are there, else None."""
        if not self._frames or (self._frames[-1].index + 1) * AUDIO_FRAME_SAMPLES < end_samples:
            return None
        count = max(0, -(-end_samples // AUDIO_FRAME_SAMPLES) - self._frames[0].index)
        taken, self._frames = self._frames[:count], self._frames[count:]
        return taken

    def frames_between(self, from_index: int, end_samples: int) -> list[AudioSample] | None:
        """The frames from that index on that `take_until` would give; they stay. None: not all there yet."""
        if not self._frames or (self._frames[-1].index + 1) * AUDIO_FRAME_SAMPLES < end_samples:
            return None
        return [
            frame
            for frame in self._frames
            if frame.index >= from_index and frame.index * AUDIO_FRAME_SAMPLES < end_samples
        ]

    def _silence(self, count: int) -> None:
        while count > 0:
            piece = min(count, 1 << 16)
            self._write(np.zeros((2, piece), np.float32))
            count -= piece
        self._is_silent = True

    def _write(self, samples: Pcm) -> None:
        self.position_samples += samples.shape[1]
        self._parts.append(samples)
        self._buffered += samples.shape[1]
        if self._buffered < AUDIO_FRAME_SAMPLES:
            return
        joined = np.concatenate(self._parts, axis=1) if len(self._parts) > 1 else self._parts[0]
        offset = 0
        while offset + AUDIO_FRAME_SAMPLES <= joined.shape[1]:
            for data in self._encoder.encode(joined[:, offset : offset + AUDIO_FRAME_SAMPLES]):
                if self._next_index >= self._first_index:
                    self._frames.append(AudioSample(self._next_index, data))
                self._next_index += 1
            offset += AUDIO_FRAME_SAMPLES
        self._parts = [joined[:, offset:]]
        self._buffered = joined.shape[1] - offset


def _stretch(samples: Pcm, difference: int) -> Pcm:
    """Longer or shorter by at most 0.5 %, towards the difference."""
    length = samples.shape[1]
    change = max(1, int(length * _STRETCH_RATIO))
    wanted = length + max(-change, min(change, difference))
    at = np.linspace(0, length - 1, wanted)
    below = at.astype(np.intp)
    above = np.minimum(below + 1, length - 1)
    share = (at - below).astype(np.float32)
    return samples[:, below] * (1 - share) + samples[:, above] * share
