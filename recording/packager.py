"""SHELL: the packager process, one per lesson: `python -m recording.packager --data-dir D --lesson L
--parent PID`.

It needs nothing but the files: reads the manifest and the logs while the recorder writes them, and writes
the resources.  Killed at any time and started again it goes on behind the last segment of each playlist, and
reads the logs from its last checkpoint on: twelve seconds before those segments.

It says what it did by one JSON object a line on its standard output, and ends when the lesson has ended and
all is written, or when its parent is gone.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import sys
import time
from collections import deque
from enum import Enum, auto
from functools import partial
from pathlib import Path

from recording.assembly import ResourceAssembly
from recording.checkpoint import Checkpoint, parse_checkpoint, serialize_checkpoint
from recording.coverage import find_absences, find_lost_ends
from recording.encryption import KeyRing
from recording.manifest import Gap, LessonStarted, Manifest, serialize_entry
from recording.sources import SourceReader
from recording.store import (
    CHECKPOINT_NAME,
    LOCK_NAME,
    PACKAGER_REFUSED,
    AppendFile,
    Layout,
    LineReader,
    replace_file,
)
from recording.timeline import SECOND_NS, LessonClock, PeerClock
from streaming.errors import Refused

_POLL_S = 0.2
_RETRY_S = 1.0
_NICE = 5
_STEP_NS = 4 * SECOND_NS
HOLD_BACK_NS = 3 * SECOND_NS // 2
_BEYOND_NS = 1 << 62
_CHECKPOINT_NS = 2 * SECOND_NS
_CHECKPOINTS = 64


class Progress(Enum):
    """What a step came to."""

    ADVANCED = auto()
    WAITING = auto()
    FINISHED = auto()


class LessonPackager:
    """Packages one lesson; `advance` does what can be done now.

    Invariants: `_now_ns`, until when the logs were taken in, never goes back.  The checkpoint on disk is
    never later than anything still needed for a segment that no playlist on disk lists.
    """

    def __init__(self, layout: Layout, lesson: str) -> None:
        self.manifest = Manifest()
        self._layout = layout
        self._lesson = lesson
        self._lines = LineReader(layout.manifest(lesson))
        self._manifest_file = AppendFile(layout.manifest(lesson))
        self._readers: dict[str, SourceReader] = {}
        self._peers: dict[str, PeerClock] = {}
        self._now_ns = 0
        self._checkpoints: deque[Checkpoint] = deque(maxlen=_CHECKPOINTS)
        self._resumed: Checkpoint | None = None
        self._is_begun = False
        self._kept_ns = 0
        self.assemblies: dict[str, ResourceAssembly] = {}

    def advance(self) -> Progress:
        """Take in the next few seconds of what was recorded. Raises OSError where the storage fails."""
        self.manifest.apply_lines(self._lines.read())
        if self.manifest.started is None:
            return Progress.WAITING
        lesson = self._lesson_clock(self.manifest.started)
        self._open_what_is_new(lesson)
        if self.manifest.ended is not None and all(made.is_ended for made in self.assemblies.values()):
            return Progress.FINISHED
        for assembly in self.assemblies.values():
            assembly.flush(lesson)
        self._now_ns = max(self._now_ns, lesson.started_ns)
        until_ns = self._known_until_ns()
        if self._now_ns < until_ns:
            self._now_ns = min(until_ns, self._now_ns + _STEP_NS)
            self._take_in(lesson)
            self._keep_checkpoint(lesson)
            return Progress.ADVANCED
        if self.manifest.ended is None:
            return Progress.WAITING
        self._now_ns = _BEYOND_NS
        for reader in self._readers.values():
            reader.fill(_BEYOND_NS)
            reader.advance(_BEYOND_NS)
        self._take_gaps(_BEYOND_NS)
        ends = {log: reader.newest_ns // 1_000_000 for log, reader in self._readers.items()}
        self._write_gaps(find_lost_ends(self.manifest, ends))
        spans = {log: reader.media_span_ms for log, reader in self._readers.items()}
        self._write_gaps(find_absences(self.manifest, {log: span for log, span in spans.items() if span}))
        length_ns = max(0, lesson.position_ns(self.manifest.ended.ended_at_ms * 1_000_000))
        for assembly in self.assemblies.values():
            assembly.finish(length_ns, lesson)
        return Progress.FINISHED

    def _open_what_is_new(self, lesson: LessonClock) -> None:
        for entry in self.manifest.resources.values():
            if entry.resource not in self.assemblies:
                folder = self._layout.resource(entry.resource)
                self.assemblies[entry.resource] = ResourceAssembly(folder, entry)
        if not self._is_begun:
            self._is_begun = True
            self._resume(lesson)
        states = self._resumed.sources if self._resumed else {}
        for order, (log, source) in enumerate(self.manifest.sources.items()):
            if log not in self._readers:
                peer = self._peers.setdefault(source.peer, PeerClock())
                path = self._layout.lesson(self._lesson) / log
                cipher = partial(self._layout.open_cipher, self._lesson, log)
                reader = SourceReader(path, source, peer, order, states.get(log), cipher)
                self._readers[log] = reader
                if source.resource in self.assemblies:
                    self.assemblies[source.resource].add_source(reader)
            self._readers[log].is_sealed = log in self.manifest.stopped or self.manifest.ended is not None

    def _resume(self, lesson: LessonClock) -> None:
        """Go on from the checkpoint of an earlier process, if all that is still to be made lies behind it."""
        try:
            found = parse_checkpoint(self._checkpoint_path.read_bytes())
        except FileNotFoundError:
            return
        if found is not None and found.at_ns <= self._needed_from_ns(lesson, found):
            self._resumed, self._now_ns, self._kept_ns = found, found.at_ns, found.at_ns
            self._peers = {peer: PeerClock.restored(state) for peer, state in found.peers.items()}

    def _keep_checkpoint(self, lesson: LessonClock) -> None:
        """Remember the present state, and write down the newest that is early enough."""
        if not self._checkpoints or self._now_ns - self._checkpoints[-1].at_ns >= _CHECKPOINT_NS:
            states = {log: reader.state() for log, reader in self._readers.items()}
            self._checkpoints.append(
                Checkpoint(
                    self._now_ns,
                    {log: state for log, state in states.items() if state is not None},
                    {peer: clock.state() for peer, clock in self._peers.items()},
                )
            )
        needed_from_ns = self._needed_from_ns(lesson, self._checkpoints[-1])
        early = [checkpoint for checkpoint in self._checkpoints if checkpoint.at_ns <= needed_from_ns]
        if early and early[-1].at_ns > self._kept_ns:
            replace_file(self._checkpoint_path, serialize_checkpoint(early[-1]))
            self._kept_ns = early[-1].at_ns

    @property
    def _checkpoint_path(self) -> Path:
        return self._layout.lesson(self._lesson) / CHECKPOINT_NAME

    def _needed_from_ns(self, lesson: LessonClock, present: Checkpoint) -> int:
        began: dict[str, int] = {}
        for log, state in present.sources.items():
            resource = self.manifest.sources[log].resource
            if state.began_ns is not None:
                began[resource] = min(state.began_ns, began.get(resource, state.began_ns))
        return min(
            (
                assembly.needed_from_ns(lesson, began.get(resource))
                for resource, assembly in self.assemblies.items()
                if not assembly.is_ended
            ),
            default=_BEYOND_NS,
        )

    def _lesson_clock(self, started: LessonStarted) -> LessonClock:
        suspensions = tuple(
            (begin * 1_000_000, None if end is None else end * 1_000_000)
            for begin, end in self.manifest.suspensions
        )
        return LessonClock(started.started_at_ms * 1_000_000, suspensions)

    def _known_until_ns(self) -> int:
        """Until when everything that was recorded can be read."""
        if self.manifest.ended is not None:
            return self.manifest.last_at_ms * 1_000_000
        for reader in self._readers.values():
            reader.fill(self._now_ns + _STEP_NS)
        open_readers = [reader.newest_ns for reader in self._readers.values() if not reader.is_sealed]
        return min(open_readers, default=self.manifest.last_at_ms * 1_000_000)

    def _take_in(self, lesson: LessonClock) -> None:
        horizon_ns = self._now_ns - HOLD_BACK_NS
        for reader in self._readers.values():
            reader.fill(self._now_ns)
            reader.advance(self._now_ns)
            unsettled_ns = reader.unsettled_since_ns
            if unsettled_ns is not None:
                horizon_ns = min(horizon_ns, unsettled_ns - SECOND_NS // 2)
        if self.manifest.ended is not None:
            horizon_ns = min(horizon_ns, self.manifest.ended.ended_at_ms * 1_000_000)
        self._take_gaps(self._now_ns)
        for assembly in self.assemblies.values():
            assembly.advance(lesson.position_ns(horizon_ns), lesson)

    def _take_gaps(self, now_ns: int) -> None:
        self._write_gaps([gap for reader in self._readers.values() for gap in reader.take_gaps(now_ns)])

    def _write_gaps(self, found: list[Gap]) -> None:
        fresh = [gap for gap in found if gap not in self.manifest.gaps]
        if fresh:
            for gap in fresh:
                self.manifest.apply(gap)
            self._manifest_file.open()
            self._manifest_file.append(b"".join(serialize_entry(gap) for gap in fresh))
            self._manifest_file.close()


def run(layout: Layout, lesson: str, parent: int) -> int:
    """Package until the lesson is over; the exit code."""
    with (layout.lesson(lesson) / LOCK_NAME).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        packager = LessonPackager(layout, lesson)
        while os.getppid() == parent:
            try:
                progress = packager.advance()
            except OSError as error:
                _say({"storage": os.strerror(error.errno or 0)})
                time.sleep(_RETRY_S)
                continue
            except Refused as error:
                _say({"refused": error.detail})
                return PACKAGER_REFUSED
            if progress is Progress.FINISHED:
                for resource, assembly in packager.assemblies.items():
                    _say({"resource": resource, **assembly.summary()})
                return 0
            if progress is Progress.WAITING:
                time.sleep(_POLL_S)
    return 1


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="recording.packager", description="Package the recording of one lesson."
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--lesson", required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument(
        "--keys-from-stdin", action="store_true", help="where neither arguments nor environment show them"
    )
    arguments = parser.parse_args()
    keys = KeyRing.parse(sys.stdin.read()) if arguments.keys_from_stdin else KeyRing()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    return run(Layout(arguments.data_dir, keys), arguments.lesson, arguments.parent)


if __name__ == "__main__":
    sys.exit(main())
