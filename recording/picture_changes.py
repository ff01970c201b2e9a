"""SHELL around a pure decision: where the picture of a replay changes as slides do.

    python -m recording.picture_changes --data-dir D --resource R

Its result, a JSON line, is {"changes_ms": [...]}, positions of the replay. First each segment's keyframe is
compared with the next one's: of a screen that stands still no more is decoded. Where they differ, the segment
is looked through a frame a second. A picture that moves all the time (a face, a film) differs everywhere, and
has no such changes.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from recording.playlist import TICKS_HZ, Segment, parse_playlist
from recording.store import Layout

Thumbnail = NDArray[np.uint8]

WIDTH: Final = 96
HEIGHT: Final = 54
MAX_CHANGES: Final = 500
_CHANGED_LEVELS: Final = 16
"""Of 256: by so much a point differs, and by less if a codec made it so."""
_CHANGED_RATIO: Final = 0.005
_TIMES_THE_QUIET: Final = 3
_NEIGHBOURS: Final = 3
_NICE: Final = 10
_SAMPLE_S: Final = 1.0
_PROGRESS_EVERY: Final = 20


def difference_ratio(before: Thumbnail, after: Thumbnail) -> float:
    """The share of points, 0 to 1, that are clearly lighter or darker than before."""
    levels = np.abs(before.astype(np.int16) - after.astype(np.int16))
    return float(np.mean(levels > _CHANGED_LEVELS))


def standing_out(ratios: Sequence[float]) -> list[int]:
    """Which differences are changes of a slide: large, among neighbours that are small."""
    found = []
    for number, ratio in enumerate(ratios):
        before = ratios[max(0, number - _NEIGHBOURS) : number]
        around = sorted([*before, *ratios[number + 1 : number + 1 + _NEIGHBOURS]]) or [0.0]
        # Pages may be turned in every other segment; only what moves all the time leaves none in peace.
        if ratio >= max(_CHANGED_RATIO, _TIMES_THE_QUIET * around[len(around) // 3]):
            found.append(number)
    return found


def largest_step(samples: Sequence[tuple[int, Thumbnail]]) -> int:
    """The time of the picture that differs most from the one before; `samples` are two or more."""
    steps = [(difference_ratio(before, after), -at_ms) for (_, before), (at_ms, after) in pairwise(samples)]
    return -max(steps)[1]


class Replay:
    """The segments of a fast replay, decoded as they are asked for."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError: there is no playlist."""
        self._folder = folder
        playlist = parse_playlist((folder / "index.m3u8").read_text())
        self.segments: tuple[Segment, ...] = playlist.segments
        self.begins_ms = [0]
        for segment in playlist.segments:
            self.begins_ms.append(self.begins_ms[-1] + segment.duration_ticks * 1000 // TICKS_HZ)

    def samples(self, number: int) -> Iterator[tuple[int, Thumbnail]]:
        """A picture each second of a segment, its first one first. One that cannot be decoded has none."""
        segment = self.segments[number]
        data = (self._folder / segment.init_uri).read_bytes() + (self._folder / segment.uri).read_bytes()
        begin_s: float | None = None
        next_s = 0.0
        try:
            with av.open(io.BytesIO(data), "r") as container:
                for frame in container.decode(video=0):
                    begin_s = frame.time if begin_s is None else begin_s
                    at_s = (frame.time or 0.0) - (begin_s or 0.0)
                    if at_s >= next_s:
                        next_s = at_s + _SAMPLE_S
                        small = frame.reformat(width=WIDTH, height=HEIGHT, format="gray")
                        grey = small.to_ndarray().astype(np.uint8, copy=False)
                        yield self.begins_ms[number] + round(at_s * 1000), grey
        except (av.FFmpegError, IndexError):  # damaged, or sound alone
            return

    def first(self, number: int) -> tuple[int, Thumbnail] | None:
        """The keyframe that a segment begins with."""
        return next(self.samples(number), None)


def changes_of(replay: Replay) -> Iterator[float | list[int]]:
    """How far it is (0 to 1), now and then; at last the positions."""
    firsts: list[tuple[int, int, Thumbnail]] = []
    for number in range(len(replay.segments)):
        first = replay.first(number)
        if first is not None:
            firsts.append((number, *first))
        if number % _PROGRESS_EVERY == 0:
            yield 0.5 * number / len(replay.segments)
    if firsts:  # what the last segment ends with is compared too
        *_, last = replay.samples(firsts[-1][0])
        firsts.append((firsts[-1][0], *last))
    ratios = [difference_ratio(before, after) for (_, _, before), (_, _, after) in pairwise(firsts)]
    changed = standing_out(ratios)[:MAX_CHANGES]
    found: list[int] = []
    for done, which in enumerate(changed):
        (number, _, _), (_, next_ms, next_first) = firsts[which], firsts[which + 1]
        found.append(largest_step([*replay.samples(number), (next_ms, next_first)]))
        if done % _PROGRESS_EVERY == 0:
            yield 0.5 + 0.5 * done / len(changed)
    yield sorted(set(found))


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line, as docs/resources.md says of jobs; the exit code."""
    parser = argparse.ArgumentParser(prog="recording.picture_changes")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--resource", required=True)
    given = parser.parse_args(arguments)
    os.nice(_NICE)
    try:
        replay = Replay(Layout(given.data_dir).resource(given.resource))
    except OSError:
        _say({"refused": "resource_unknown"})
        return 2
    for said in changes_of(replay):
        if isinstance(said, list):
            _say({"result": {"changes_ms": said}})
        else:
            _say({"progress": round(said, 3), "step": "picture"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
