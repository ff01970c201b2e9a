"""SHELL: `python -m classroom_api.jobs.child PARENT SILENCE_S COMMAND…` runs COMMAND behind all that a lesson
does, for as long as PARENT writes to its standard input at least every SILENCE_S.

A worker may be stopped, or hang, and its lease end: what it began must not go on beside what another worker
begins then, nor after the lesson was erased. So this process stays and watches; it ends as the command does.
Between fork and exec of a process with many threads no Python code may run: hence a program of its own.
Imports nothing of ours, so that it starts quickly.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import select
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
_READ_BYTES = 4096
EXIT_SILENCE = 113
"""PARENT fell silent, and COMMAND was killed."""
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


def start(command: Sequence[str]) -> int:
    """The pid of a process with a group of its own, which ends with this one."""
    watcher = os.getpid()
    pid = os.fork()
    if pid == 0:
        if not die_with(watcher):
            os._exit(1)
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execvp(command[0], list(command))
    return pid


def kill_group(pid: int, number: int) -> None:
    """It may not have its group yet, or be gone."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(pid, number)


def watch(pid: int, silence_s: float) -> int:
    """Its exit code. In silence it is killed; SIGTERM asks it to end."""
    signal.signal(signal.SIGTERM, lambda *_: kill_group(pid, signal.SIGTERM))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):  # so that the worker hears when the command says no more
        os.dup2(nowhere, descriptor)
    ended = os.pidfd_open(pid)
    while ended not in (ready := select.select([0, ended], [], [], silence_s)[0]):
        if not ready or not os.read(0, _READ_BYTES):
            kill_group(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return EXIT_SILENCE
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code if code >= 0 else 128 - code


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parent, silence_s, *command = arguments
    os.closerange(_FIRST_OWN, _BEYOND)
    os.setpgid(0, 0)  # and no session of its own: in that its niceness would say nothing
    if not die_with(int(parent)):
        return 1
    step_back()
    return watch(start(command), float(silence_s))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
