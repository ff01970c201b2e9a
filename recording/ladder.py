"""SHELL: a process that makes one version: `python -m recording.ladder --data-dir D --plan FILE`.

docs/resources.md says what it writes and what it says. It can be killed at any moment: started again with
the same plan it goes on behind the files that are whole. The multivariant playlists and `made.json` come
last.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import sys
import threading
import time
from collections import defaultdict
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from recording.fast_replay import SourceMissing
from recording.ladder_plan import LadderPlan, parse_plan, serialize_plan
from recording.ladder_stages import LadderMaking, Task
from recording.store import alone_in, replace_file

MADE_NAME = "made.json"
WORK_NAME = "work"
_FORM = 2
"""Of what is written: a half-made version of another form is begun anew."""
_MOST_THREADS = 4
REFERENCE_CORES = 2
_LOOK_FOR_PARENT_S = 1.0
_MOST_LENGTH_MS = 24 * 3600 * 1000
_MOST_INPUTS = 64
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_RESOURCE = re.compile(r"[A-Za-z0-9_-]{1,80}")
_TAKEN_NAMES = frozenset({"audio", "lesson", "slides", "made", "work"})


class Progress:
    """Says how far it is, at most once for each hundredth."""

    def __init__(self, total_cost: float) -> None:
        self._total = max(total_cost, 1e-9)
        self._done = 0.0
        self._said = -1
        self._lock = threading.Lock()

    def add(self, cost: float, step: str) -> None:
        with self._lock:
            self._done += cost
            share = min(99, int(self._done / self._total * 100))
            if share > self._said:
                self._said = share
                say({"progress": share / 100, "step": step})


class Spending:
    """CPU seconds of each part: an operator reads in the job worker's log what a version costs.

    Each task is one thread's, and x264 and swscale have no others.
    """

    def __init__(self) -> None:
        self._parts: defaultdict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def add(self, part: str, cpu_s: float) -> None:
        with self._lock:
            self._parts[part] += cpu_s

    def line(self, length_ms: int) -> str:
        """Of all that this process did, which is the whole only if none was killed before."""
        parts = {part: round(cpu_s, 2) for part, cpu_s in self._parts.items()}
        ratio = time.process_time() * 1000 / length_ms / REFERENCE_CORES
        spent = {"length_s": length_ms / 1000, "of_the_length_on_two_cores": round(ratio, 3), "cpu_s": parts}
        return json.dumps({"spent": spent}) + "\n"


def say(message: dict[str, object]) -> None:
    """One line of standard output."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def check_plan(data_dir: Path, plan: LadderPlan) -> None:
    """Raises ValueError: the plan names what lies outside its folders, or more than a lesson can be."""
    resources = (data_dir / "resources").resolve()
    names = [entry.name for entry in plan.inputs]
    is_well_named = (
        0 < len(names) <= _MOST_INPUTS
        and len(set(names)) == len(names)
        and all(_NAME.fullmatch(name) and name not in _TAKEN_NAMES for name in names)
        and all(_RESOURCE.fullmatch(entry.resource) for entry in plan.inputs)
    )
    folder = (data_dir / plan.folder).resolve()
    is_inside = folder.parent == resources and folder.name not in {entry.resource for entry in plan.inputs}
    if not is_well_named or not is_inside or plan.kept.length_ms > _MOST_LENGTH_MS:
        raise ValueError("the plan's folder, names or length are not ours")


def run(data_dir: Path, plan_path: Path, threads: int) -> int:
    """Make the version; the exit code."""
    try:
        plan = parse_plan(plan_path.read_text())
        check_plan(data_dir, plan)
    except (ValueError, FileNotFoundError):
        say({"refused": "plan_invalid"})
        return 2
    try:
        say({"result": make(data_dir, plan, threads)})
    except SourceMissing:
        say({"refused": "source_missing"})
        return 2
    return 0


def make(data_dir: Path, plan: LadderPlan, threads: int) -> dict[str, object]:
    """Go on with what is there of this plan, or begin. Raises SourceMissing, OSError."""
    folder = data_dir / plan.folder
    work = folder / WORK_NAME
    digest = hashlib.sha256(f"{_FORM} {serialize_plan(plan)}".encode()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder):
        work.mkdir(exist_ok=True)
        made = _read_made(folder, digest)
        if made is None:
            _prepare(folder, digest)
            making = LadderMaking(data_dir, plan, work)
            progress, spending = Progress(making.total_cost()), Spending()
            for step, tasks in making.stages():
                _carry_out(tasks, step, progress, spending, threads)
            made = making.finish()
            said = json.dumps({"plan": digest, "made": made})
            replace_file(folder / MADE_NAME, said.encode())
            sys.stderr.write(spending.line(plan.kept.length_ms))
        shutil.rmtree(work, ignore_errors=True)
    return made


def _read_made(folder: Path, digest: str) -> dict[str, object] | None:
    try:
        found = json.loads((folder / MADE_NAME).read_text())
    except FileNotFoundError:
        return None
    return dict(found["made"]) if found.get("plan") == digest else None


def _prepare(folder: Path, digest: str) -> None:
    """What another plan left goes, and whatever was being written when its writer died."""
    mark = folder / WORK_NAME / "plan"
    is_same = mark.exists() and mark.read_text() == digest
    for path in [*folder.iterdir(), *(folder / WORK_NAME).iterdir()]:
        if path.is_file() and (not is_same or path.suffix == ".tmp"):
            path.unlink()
    if not is_same:
        replace_file(mark, digest.encode())


def _carry_out(tasks: list[Task], step: str, progress: Progress, spending: Spending, threads: int) -> None:
    def carry_out(task: Task) -> None:
        began_s = time.thread_time()
        task.run()
        spending.add(task.part, time.thread_time() - began_s)
        progress.add(task.cost, step)

    with ThreadPoolExecutor(threads) as pool:
        under_way = [pool.submit(carry_out, task) for task in tasks]
        done, _ = wait(under_way, return_when=FIRST_EXCEPTION)
        for future in under_way:
            future.cancel()
        for future in done:
            if not future.cancelled():
                future.result()


def _watch_parent(parent: int) -> None:
    """Whoever started us reads what we say; without them nobody does."""
    while os.getppid() == parent:
        time.sleep(_LOOK_FOR_PARENT_S)
    os._exit(1)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="recording.ladder", description="Make one version of a course resource."
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=min(_MOST_THREADS, len(os.sched_getaffinity(0))))
    arguments = parser.parse_args()
    threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    return run(arguments.data_dir, arguments.plan, max(1, arguments.threads))


if __name__ == "__main__":
    sys.exit(main())
