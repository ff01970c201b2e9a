"""SHELL: `python -m classroom_api.jobs.child PARENT COMMAND…` becomes COMMAND, behind all that a lesson does.

Between fork and exec of a process with many threads no Python code may run: hence a program of its own.
Imports nothing of ours, so that it starts quickly.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "riscv64": 30}
_IOPRIO_WHO_PROCESS = 1
_IOPRIO_IDLE = 3 << 13
_NICE = 10
_OOM_SCORE = 500
_FIRST_OWN = 3
_BEYOND = 1 << 16
"""uvloop leaves copies of a child's pipes open in it: closed, its output would not end."""


def step_back() -> None:
    """CPU and disk go to others first, and so does memory: when it runs out, this process ends."""
    os.nice(_NICE)
    call = _IOPRIO_SET.get(platform.machine())
    if call is not None:
        ctypes.CDLL(None).syscall(call, _IOPRIO_WHO_PROCESS, 0, _IOPRIO_IDLE)
    score = Path("/proc/self/oom_score_adj")
    score.write_text(str(max(_OOM_SCORE, int(score.read_text()))))


def die_with(parent: int) -> bool:
    """The kernel kills this process when its parent is gone. False: it is gone already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    return os.getppid() == parent


def main(arguments: Sequence[str]) -> None:
    """Never returns."""
    os.closerange(_FIRST_OWN, _BEYOND)
    os.setpgid(0, 0)  # and no session of its own: in that its niceness would say nothing
    if not die_with(int(arguments[0])):
        raise SystemExit(1)
    step_back()
    os.execvp(arguments[1], list(arguments[1:]))


if __name__ == "__main__":
    main(sys.argv[1:])
