"""Looks at the replay of a long lesson and says what is wrong with it:
`python -m tests.recording.lesson_check [--seconds 2700]` produces it and prints a report.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import av
import numpy as np
from typing_extensions import override

from recording.coverage import subtract
from recording.manifest import GapReason, Manifest
from recording.playlist import Playlist, parse_playlist
from recording.recovery import read_manifest
from recording.store import Layout
from recording.timeline import LessonClock
from tests.recording.conformance import faults_of
from tests.recording.fast_replays import make_version, plan_of
from tests.recording.lesson_media import FPS, read_number
from tests.recording.long_lesson import LESSON, SCREEN, TEACHER, Plan, produce
from tests.recording.replay import pairs_s
from tests.recording.synthetic import SECOND, START_MS

_GAP_TOLERANCE_S = 1.1
_MOST_SKEW_MS = 80.0
_NUMBERS = 1 << 16
_QUIET_S = 0.25


class _Chain(io.RawIOBase):
    """Files one behind the other, read once."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = iter(paths)
        self._rest = b""

    @override
    def readable(self) -> bool:
        return True

    @override
    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            path = next(self._paths, None)
            if path is None:
                return b""
            self._rest = path.read_bytes()
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


@dataclass
class Seen:
    """What a player shows. Times in seconds of position."""

    numbers: list[tuple[float, int]] = field(default_factory=list)
    """When each new picture came, and its number (unwrapped)."""
    flashes: list[float] = field(default_factory=list)
    beeps: list[float] = field(default_factory=list)
    sizes: set[tuple[int, int]] = field(default_factory=set)
    is_white: bool = False


def watch(folder: Path, playlist: Playlist) -> Seen:
    """Decode all of a replay, each run of one coding with decoders of its own."""
    seen = Seen()
    for init, segments in itertools.groupby(playlist.segments, key=lambda segment: segment.init_uri):
        uris = [segment.uri for segment in segments]
        for kind in ("video", "audio"):
            chain = _Chain([folder / init, *(folder / uri for uri in uris)])
            with av.open(chain, "r", format="mp4") as container:
                if kind == "video":
                    _watch_pictures(container, seen)
                else:
                    _hear_sound(container, seen)
    return seen


def _watch_pictures(container: av.container.InputContainer, seen: Seen) -> None:
    for frame in container.decode(video=0):
        at_s = float((frame.pts or 0) * Fraction(frame.time_base or 0))
        luminance = frame.to_ndarray(format="gray").astype(np.uint8, copy=False)
        seen.sizes.add((frame.width, frame.height))
        is_white = float(luminance[frame.height // 3 :: 7].mean()) > 200
        if is_white and not seen.is_white:
            seen.flashes.append(at_s)
        seen.is_white = is_white
        number = read_number(luminance)
        if number is None:
            continue
        last = seen.numbers[-1][1] if seen.numbers else number
        unwrapped = last + (number - last + _NUMBERS // 2) % _NUMBERS - _NUMBERS // 2
        if not seen.numbers or unwrapped != last:
            seen.numbers.append((at_s, unwrapped))


def _hear_sound(container: av.container.InputContainer, seen: Seen) -> None:
    loud_s = -1.0
    for frame in container.decode(audio=0):
        begin_s = float((frame.pts or 0) * Fraction(frame.time_base or 0))
        for index in np.flatnonzero(np.abs(frame.to_ndarray()[0]) > 0.1).tolist():
            at_s = begin_s + index / 48_000
            if at_s - loud_s > _QUIET_S and (not seen.beeps or at_s - seen.beeps[-1] > _QUIET_S):
                seen.beeps.append(at_s)
            loud_s = at_s


@dataclass
class LessonCheck:
    """Compares what was produced with the plan; `faults` is empty when all is right."""

    data_dir: Path
    plan: Plan
    figures: dict[str, object] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        layout = Layout(self.data_dir)
        manifest = read_manifest(layout, LESSON)
        suspension = tuple(START_MS * 1_000_000 + round(at * SECOND) for at in self.plan.suspension)
        clock = LessonClock(START_MS * 1_000_000, ((suspension[0], suspension[1]),))
        self._check_gaps(manifest)
        for resource in (TEACHER, SCREEN):
            folder = layout.resource(resource)
            playlist = parse_playlist((folder / "index.m3u8").read_text())
            length_s = playlist.duration_ticks / 90_000
            self.figures[f"{resource} length_s"] = round(length_s, 3)
            if abs(length_s - self.plan.length_s) > 1:
                self.faults.append(f"{resource}: {length_s} s long, not {self.plan.length_s}")
            self.faults += [f"{resource}: {fault}" for fault in faults_of(folder, wall_of=self._wall())]
            seen = watch(folder, playlist)
            self._check_pictures(resource, seen, clock, _spans(manifest, resource, "video"))
            if resource == TEACHER:
                self._check_sync(seen)
                self._check_beeps(seen, clock, _spans(manifest, resource, "audio"))
                if not {self.plan.large, self.plan.small} <= seen.sizes:
                    self.faults.append(f"sizes: {seen.sizes}")

    def _wall(self) -> list[tuple[float, datetime]]:
        began = datetime.fromtimestamp(START_MS / 1000, UTC)
        # The segment that spans the suspension begins before it; the one behind it says the new time.
        return [(0.0, began), (self.plan.suspension[0], began + timedelta(seconds=self.plan.suspension[1]))]

    def _check_gaps(self, manifest: Manifest) -> None:
        """Every gap that happened is labelled with its reason, and none that did not."""
        if manifest.skipped_lines:
            self.faults.append(f"{manifest.skipped_lines} lines of the manifest cannot be read")
        wanted = self.plan.expected_gaps()
        sources = {source.publication: source for source in manifest.sources.values()}
        losses = 0
        for gap in manifest.gaps:
            source = sources[gap.publication]
            begin_s, end_s = (gap.from_ms - START_MS) / 1000, (gap.until_ms - START_MS) / 1000
            if gap.reason == GapReason.LOSS:
                losses += 1
                if not self._is_loss_expected(begin_s, end_s):
                    self.faults.append(f"a loss that was repaired is labelled: {gap} {begin_s}-{end_s}")
                continue
            found = [
                one
                for one in wanted
                if one[:3] == (source.resource, source.kind, gap.reason)
                and abs(one[3] - begin_s) < _GAP_TOLERANCE_S
                and abs(one[4] - end_s) < _GAP_TOLERANCE_S
            ]
            if not found:
                self.faults.append(f"nobody knows this gap: {source.resource} {gap} {begin_s}-{end_s}")
            for one in found:
                wanted.remove(one)
        self.faults += [f"not labelled: {one}" for one in wanted]
        self.figures |= {"gaps": len(manifest.gaps), "losses": losses}
        if not losses:
            self.faults.append("no loss is labelled")

    def _is_loss_expected(self, begin_s: float, end_s: float) -> bool:
        """Where nobody repairs, or where the log was closed before the repair came."""
        plan = self.plan
        ends = (plan.suspension[0], plan.kill_s, plan.reconnect[0], plan.camera_off[0], plan.seconds)
        return (plan.loss[0] - 1 < begin_s and end_s < plan.loss[1] + 5) or any(
            end - 0.6 < begin_s < end for end in ends
        )

    def _check_pictures(
        self, resource: str, seen: Seen, clock: LessonClock, gaps: list[tuple[int, int]]
    ) -> None:
        """Each picture stands where its number says; where more than a second lacks, a gap says why."""
        suspension = [(round(at * 1000) for at in self.plan.suspension)]
        known = [*gaps, *((begin, end) for begin, end in suspension)]
        worst_ms = 0.0
        for (_, before), (at_s, number) in itertools.pairwise([(0.0, 0), *seen.numbers]):
            if number - before > FPS * 1.2:
                hole = (round(before * 1000 / FPS) + 100, round(number * 1000 / FPS) - 100)
                if subtract(hole, known):
                    self.faults.append(f"{resource}: pictures {hole} are missing, and no gap says so")
            if number < before:
                self.faults.append(f"{resource}: picture {number} behind {before}")
            wanted_s = clock.position_ns(START_MS * 1_000_000 + round(number * SECOND / FPS)) / SECOND
            if abs(at_s - wanted_s) > 0.25 and number - before <= FPS // 5:
                self.faults.append(f"{resource}: picture {number} at {at_s:.3f}, not at {wanted_s:.3f}")
            worst_ms = max(worst_ms, abs(at_s - wanted_s) * 1000 if number - before <= FPS // 5 else 0)
        self.figures |= {
            f"{resource} pictures": len(seen.numbers),
            f"{resource} farthest from its place, ms": round(worst_ms),
        }

    def _check_sync(self, seen: Seen) -> None:
        third_s = self.plan.length_s / 3
        for name, begin_s in (("start", 0.0), ("middle", third_s), ("end", 2 * third_s)):
            flashes = [at for at in seen.flashes if begin_s <= at < begin_s + third_s]
            skews = [(beep - flash) * 1000 for flash, beep in pairs_s(flashes, seen.beeps)]
            worst = max(map(abs, skews), default=1e9)
            self.figures[f"skew {name}, ms"] = (
                round(min(skews, default=0), 1),
                round(max(skews, default=0), 1),
            )
            if worst > _MOST_SKEW_MS or len(skews) < third_s * 0.4:
                self.faults.append(f"{name}: {len(skews)} flashes with a beep, up to {worst:.0f} ms apart")

    def _check_beeps(self, seen: Seen, clock: LessonClock, gaps: list[tuple[int, int]]) -> None:
        """Where no gap is labelled every second has its beep at its place."""
        missing = [
            second
            for second in range(2, self.plan.seconds - 1)
            if not any(begin - 400 < second * 1000 < end + 400 for begin, end in gaps)
            and not self.plan.suspension[0] - 0.5 < second < self.plan.suspension[1] + 0.5
            and not _is_near(
                seen.beeps, clock.position_ns(START_MS * 1_000_000 + second * SECOND) / SECOND, 0.25
            )
        ]
        self.figures["beeps"] = len(seen.beeps)
        if missing:
            self.faults.append(f"no beep at {missing}, and no gap says why")


def _is_near(times: list[float], wanted_s: float, tolerance_s: float) -> bool:
    index = int(np.searchsorted(times, wanted_s))
    return any(abs(at - wanted_s) < tolerance_s for at in times[max(0, index - 1) : index + 1])


def _spans(manifest: Manifest, resource: str, kind: str) -> list[tuple[int, int]]:
    """The gaps of a resource's picture or voice, ms since the start."""
    names = {
        source.publication
        for source in manifest.sources.values()
        if (source.resource, source.kind) == (resource, kind)
    }
    return [
        (gap.from_ms - START_MS, gap.until_ms - START_MS) for gap in manifest.gaps if gap.publication in names
    ]


def measure_ladder(data_dir: Path, length_ms: int) -> dict[str, object]:
    """Make the version of teacher and screen as a job would, and say what share of the lesson that took."""
    inputs = [("teacher", TEACHER), ("screen", SCREEN)]
    before, began_s = getrusage(RUSAGE_CHILDREN), time.monotonic()
    _, made, _ = make_version(data_dir, plan_of(inputs, (0, length_ms)), timeout_s=None)
    after, wall_s = getrusage(RUSAGE_CHILDREN), time.monotonic() - began_s
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "ladder, of the length": round(wall_s * 1000 / length_ms, 3),
        "ladder, CPU over two cores, of the length": round(cpu_s * 500 / length_ms, 3),
        "ladder, bytes": made["bytes"],
    }


def main() -> int:
    """Produce, look, report; the exit code says whether all was right."""
    parser = argparse.ArgumentParser(prog="tests.recording.lesson_check")
    parser.add_argument("--seconds", type=int, default=2700)
    parser.add_argument("--large", type=int, nargs=2, default=Plan.large, help="width and height")
    parser.add_argument("--small", type=int, nargs=2, default=Plan.small)
    parser.add_argument("--keep", type=Path, help="an empty folder that stays; without it a temporary one")
    given = parser.parse_args()
    plan = Plan(given.seconds, tuple(given.large), tuple(given.small))
    for data_dir in _folder(given.keep):
        began_s = time.monotonic()
        after_s = produce(data_dir, plan)
        produced_s = time.monotonic() - began_s
        check = LessonCheck(data_dir, plan)
        check.run()
        figures = {
            "produced_s": round(produced_s),
            "whole_after_the_end_s": round(after_s, 2),
            **check.figures,
            **measure_ladder(data_dir, round(plan.length_s * 1000)),
        }
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        sys.stdout.writelines(f"FAULT {fault}\n" for fault in check.faults)
        return 1 if check.faults or after_s > 10 else 0
    return 1


def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="tandem-lesson-") as name:
        yield Path(name)


if __name__ == "__main__":
    sys.exit(main())
