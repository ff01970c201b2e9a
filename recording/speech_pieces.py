"""Where in a voice somebody speaks, cut into pieces at pauses; captions of what was understood. Pure.

A frame of 20 ms is speech when it stands out from what is heard in the pauses around it: the noise of a
room, a fan, a hum are as loud there. It begins by a wide margin and goes on by a narrow one, so that
faint ends of words stay with their words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from recording.container import AUDIO_HZ
from recording.webvtt import Cue, plain_text

FRAME_MS: Final = 20
FRAME_SAMPLES: Final = AUDIO_HZ * FRAME_MS // 1000
LONGEST_FRAMES: Final = 12_000 // FRAME_MS
_EARLIEST_CUT_FRAMES: Final = LONGEST_FRAMES // 2

_VOICE_BINS: Final = slice(300 * FRAME_MS // 1000, 3400 * FRAME_MS // 1000)
"""What a telephone carries: hum lies below, hiss above."""
_FAINTEST_DB: Final = -90.0
_QUIETEST_FLOOR_DB: Final = -65.0
_FLOOR_PERCENT: Final = 10
_FLOOR_STEP_FRAMES: Final = 1000 // FRAME_MS
_FLOOR_AROUND_FRAMES: Final = 15_000 // FRAME_MS
_BEGIN_DB: Final = 10.0
_HOLD_DB: Final = 5.0
_BEGIN_FRAMES: Final = 3
"""A click is shorter."""
_PAUSE_FRAMES: Final = 600 // FRAME_MS
_PAD_FRAMES: Final = 200 // FRAME_MS
_SMOOTH_FRAMES: Final = 5

_LONGEST_WIDTH: Final = 80
_TOKEN: Final = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+")
_SHORTEST_MS: Final = 100

Levels = npt.NDArray[np.float64]
"""How loud a voice is in each frame, in dB."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames from `begin` until `end`."""

    begin: int
    end: int


def measure_frames(samples: npt.NDArray[np.float32]) -> Levels:
    """Of stereo samples (2, n); what is left over behind the last whole frame is not measured."""
    count = samples.shape[1] // FRAME_SAMPLES
    frames = samples[:, : count * FRAME_SAMPLES].mean(axis=0).reshape(count, FRAME_SAMPLES)
    spectrum = np.fft.rfft(frames, axis=1)[:, _VOICE_BINS] / FRAME_SAMPLES
    power = 2 * (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
    return np.asarray(10 * np.log10(power + 10 ** (_FAINTEST_DB / 10)), dtype=np.float64)


def pieces_of(levels: Levels) -> list[Piece]:
    """In order, not overlapping, none longer than LONGEST_FRAMES."""
    spoken = _spoken(levels - _floor(levels))
    pieces: list[Piece] = []
    for number, (begin, end) in enumerate(spoken):
        before = spoken[number - 1][1] if number else 0
        after = spoken[number + 1][0] if number + 1 < len(spoken) else len(levels)
        # A pause between two pieces is longer than both their pads.
        padded = Piece(max(before, begin - _PAD_FRAMES), min(after, end + _PAD_FRAMES))
        pieces += _divided(levels, padded)
    return pieces


def _floor(levels: Levels) -> Levels:
    """What is heard in pauses, around each frame."""
    floors = np.empty(len(levels))
    for at in range(0, len(levels), _FLOOR_STEP_FRAMES):
        around = levels[max(0, at - _FLOOR_AROUND_FRAMES) : at + _FLOOR_AROUND_FRAMES]
        floors[at : at + _FLOOR_STEP_FRAMES] = np.percentile(around, _FLOOR_PERCENT)
    return np.maximum(floors, _QUIETEST_FLOOR_DB)


def _spoken(above_db: Levels) -> list[tuple[int, int]]:
    """Frames from the first that stands out until the last, a pause ends them."""
    loud = above_db >= _BEGIN_DB
    begins = loud.copy()
    for shift in range(1, _BEGIN_FRAMES):
        begins[: len(loud) - shift] &= loud[shift:]
        begins[max(0, len(loud) - shift) :] = False
    held = above_db >= _HOLD_DB
    spans: list[tuple[int, int]] = []
    first = last = -1
    for at in np.flatnonzero(held | begins):
        if first >= 0 and at - last > _PAUSE_FRAMES:
            spans.append((first, last + 1))
            first = -1
        if first < 0 and not begins[at]:
            continue
        first = int(at) if first < 0 else first
        last = int(at)
    return [*spans, (first, last + 1)] if first >= 0 else spans


def _divided(levels: Levels, piece: Piece) -> Iterator[Piece]:
    """Who speaks on and on is cut where it is quietest."""
    begin = piece.begin
    while piece.end - begin > LONGEST_FRAMES:
        late = levels[begin + _EARLIEST_CUT_FRAMES : begin + LONGEST_FRAMES]
        smooth = np.convolve(late, np.full(_SMOOTH_FRAMES, 1 / _SMOOTH_FRAMES), "valid")
        cut = begin + _EARLIEST_CUT_FRAMES + int(np.argmin(smooth)) + _SMOOTH_FRAMES // 2
        yield Piece(begin, cut)
        begin = cut
    yield Piece(begin, piece.end)


def cues_of(piece: Piece, text: str) -> list[Cue]:
    """What was understood in a piece, as captions of a line or two; the time is shared by their lengths."""
    begin_ms, end_ms = piece.begin * FRAME_MS, piece.end * FRAME_MS
    parts = _parts(" ".join(plain_text(text).split()), (end_ms - begin_ms) // _SHORTEST_MS)
    total = sum(_width(part) for part in parts)
    cues: list[Cue] = []
    before = 0
    for part in parts:
        after = before + _width(part)
        cue_ms = [begin_ms + (end_ms - begin_ms) * at // total for at in (before, after)]
        cues.append(Cue(cue_ms[0], cue_ms[1], part.strip()))
        before = after
    return cues


def _parts(text: str, most: int) -> list[str]:
    """About equally long, cut between words, or between characters of a script without spaces."""
    if not text or most < 1:
        return []
    wanted = _width(text) / min(most, -(-_width(text) // _LONGEST_WIDTH))
    parts = [""]
    for token in _TOKEN.findall(text):
        is_punctuation = all(unicodedata.category(each)[0] in "PZ" for each in token)
        if (
            parts[-1]
            and not is_punctuation
            and _width(parts[-1] + token.rstrip()) > wanted
            and len(parts) < most
        ):
            parts.append("")
        parts[-1] += token
    return parts


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
