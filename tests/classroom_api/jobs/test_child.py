from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from classroom_api.jobs.child import EXIT_SILENCE

ROOT = Path(__file__).resolve().parents[3]
MODULE = "classroom_api.jobs.child"
LOOK = "import os; print(os.nice(0), open('/proc/self/oom_score_adj').read().strip()); os.system('ionice')"
SLEEP = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
STARTER = """
import os, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-m", sys.argv[1], str(os.getpid()), "600", *sys.argv[2:]],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print(child.stdout.readline().strip(), flush=True)
signal.pause()
"""


def start(command: list[str], silence_s: float) -> subprocess.Popen[str]:
    started = [sys.executable, "-m", MODULE, str(os.getpid()), str(silence_s), *command]
    return subprocess.Popen(started, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def watch(started: subprocess.Popen[str]) -> int:
    """A pidfd of the process that says its pid there."""
    assert started.stdout is not None
    return os.pidfd_open(int(started.stdout.readline()))


def has_ended(watched: int) -> bool:
    ended = bool(select.select([watched], [], [], 30)[0])
    os.close(watched)
    return ended


def test_a_job_stands_behind_everything_else() -> None:
    child = start([sys.executable, "-c", LOOK], 600)
    assert child.stdout is not None
    said = child.stdout.read().split()
    assert child.wait(30) == 0
    assert int(said[0]) == min(os.nice(0) + 10, 19)
    assert int(said[1]) >= 500
    assert said[2] == "idle"


def test_it_ends_with_its_parent() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTER, MODULE, sys.executable, "-c", SLEEP],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    watched = watch(parent)
    parent.kill()
    parent.wait()
    assert has_ended(watched)


def test_it_ends_as_its_command_does() -> None:
    assert start(["sh", "-c", "exit 75"], 600).wait(30) == 75
    assert start(["sh", "-c", "kill -9 $$"], 600).wait(30) == 128 + signal.SIGKILL
    assert start(["no-such-program"], 600).wait(30) == 1


def test_nothing_of_it_outlives_a_parent_that_is_silent() -> None:
    """It may be stopped, and another have its lease."""
    child = start(["sh", "-c", f'{sys.executable} -c "{SLEEP}" & wait'], 0.5)
    assert has_ended(watch(child))
    assert child.wait(30) == EXIT_SILENCE


def test_nor_one_that_has_closed_its_pipe() -> None:
    child = start([sys.executable, "-c", SLEEP], 600)
    watched = watch(child)
    assert child.stdin is not None
    child.stdin.close()
    assert has_ended(watched)


def test_one_whose_parent_is_gone_does_not_begin() -> None:
    done = subprocess.run([sys.executable, "-m", MODULE, "1", "600", "true"], check=False, cwd=ROOT)
    assert done.returncode == 1
