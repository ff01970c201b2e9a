"""How an edited replay is cut: slices of 4 s, in each of which all renditions begin anew. Pure.

Times are ticks of 90 kHz. A place is in the edited replay, a position in the lesson (recording.edit). The
picture's frames stand at multiples of their duration, the sound's at multiples of 1,024 samples, so that a
slice of sound begins up to one AAC frame later than its picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from recording.container import AUDIO_FRAME_SAMPLES, AUDIO_HZ, VIDEO_HZ
from recording.edit import Kept

SLICE_TICKS: Final = 4 * VIDEO_HZ
_TICKS_PER_MS: Final = VIDEO_HZ // 1000
_EARLY_TICKS: Final = VIDEO_HZ // 60
_SAMPLES_PER_MS: Final = AUDIO_HZ // 1000
GRID_HZ: Final = 15
"""The length is a multiple of this, which every rate of pictures is a multiple of."""


@dataclass(frozen=True, slots=True)
class SampleSpan:
    """Samples of sound from one kept part. `place`: where `begin` plays.

    `part_begin`, `part_end`: the whole part's positions, at which there are cuts.
    """

    place: int
    begin: int
    end: int
    part_begin: int
    part_end: int


@dataclass(frozen=True, slots=True)
class LadderTimeline:
    """Of one edited replay."""

    kept: Kept

    @property
    def length_ticks(self) -> int:
        """The length, to the nearest picture."""
        grid = VIDEO_HZ // GRID_HZ
        return max(1, round(self.kept.length_ms * _TICKS_PER_MS / grid)) * grid

    @property
    def slices(self) -> int:
        """How many slices there are; they are numbered from 1."""
        return -(-self.length_ticks // SLICE_TICKS)

    def slice_ticks(self, number: int) -> tuple[int, int]:
        """Begin and end of a slice."""
        return (number - 1) * SLICE_TICKS, min(number * SLICE_TICKS, self.length_ticks)

    def sound_frames(self, number: int) -> tuple[int, int]:
        """First AAC frame of a slice, and the first behind it."""
        begin, end = self.slice_ticks(number)
        return _frames_before(begin), _frames_before(end)

    def position_ticks(self, place_ticks: int) -> int:
        """Until which position pictures count as come at a place.

        A camera's pictures come a little late or early, so one that is due within half a picture is shown;
        but none from behind a cut.
        """
        for begin, end in self.kept.parts:
            length = (end - begin) * _TICKS_PER_MS
            if place_ticks < length:
                return begin * _TICKS_PER_MS + min(place_ticks + _EARLY_TICKS, length - 1)
            place_ticks -= length
        return self.kept.parts[-1][1] * _TICKS_PER_MS - 1

    def sample_spans(self, begin: int, end: int) -> Iterator[SampleSpan]:
        """What of the lesson's sound is heard from sample `begin` of the replay to `end`."""
        place = 0
        for part_begin_ms, part_end_ms in self.kept.parts:
            part_begin, part_end = part_begin_ms * _SAMPLES_PER_MS, part_end_ms * _SAMPLES_PER_MS
            first, last = max(begin, place), min(end, place + part_end - part_begin)
            if first < last:
                shift = part_begin - place
                yield SampleSpan(first, first + shift, last + shift, part_begin, part_end)
            place += part_end - part_begin


def _frames_before(ticks: int) -> int:
    samples = ticks * AUDIO_HZ // VIDEO_HZ
    return -(-samples // AUDIO_FRAME_SAMPLES)
