"""SHELL: one attempt at a job: its child process, from start to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classroom_api.jobs.child import EXIT_SILENCE
from classroom_api.jobs.lines import MAXIMUM_LINE_BYTES, Line, Progress, Refusal, Result, Waiting, parse_line
from classroom_api.jobs.schedule import Ending

log = logging.getLogger(__name__)

_IMPORT_ROOT = Path(__file__).resolve().parent.parent.parent
_GRACE_S = 3.0
_STALLED_S = 1800.0
_FOR_EVER_S = 1e8
_LOGGED_LINES = 50
_LOGGED_CHARACTERS = 500
_EXIT_REFUSED = 2
_EXIT_WAITS = os.EX_TEMPFAIL


@dataclass(frozen=True, slots=True)
class Attempt:
    """How it ended. `code`: why not well."""

    ending: Ending
    code: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


class Pulse:
    """Keeps a child alive: without a beat within `silence_s` it ends, whatever became of this process. By
    default it ends with this process alone.
    """

    def __init__(self, silence_s: float = _FOR_EVER_S) -> None:
        self.silence_s = silence_s
        self._pipe: asyncio.StreamWriter | None = None

    def attach(self, pipe: asyncio.StreamWriter) -> None:
        self._pipe = pipe

    def beat(self) -> None:
        if self._pipe is not None and not self._pipe.is_closing():
            self._pipe.write(b".")


class _Unreadable(Exception):
    """What a child says has no end, or it says nothing any longer."""


async def run_child(
    name: str,
    command: Sequence[str],
    hear: Callable[[Progress], None],
    stalled_s: float = _STALLED_S,
    pulse: Pulse | None = None,
) -> Attempt:
    """Run `command` to its end. Cancelled: the child is asked to end, then killed; none outlives this call.

    `hear` is told how far it is, as often as it says so.
    """
    pulse = pulse or Pulse()
    watched = ("-m", "classroom_api.jobs.child", str(os.getpid()), str(pulse.silence_s), *command)
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *watched),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=MAXIMUM_LINE_BYTES,
            cwd=_IMPORT_ROOT,
        )
    except OSError as error:
        log.warning("%s cannot be started: %s", name, error)
        return Attempt(Ending.WAITS, "job_not_started")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdin is not None
    pulse.attach(process.stdin)
    logged = asyncio.create_task(_log_errors(name, process.stderr))
    last: Line | None = None
    try:
        async for line in _lines(process.stdout, stalled_s):
            if isinstance(line, Progress):
                hear(line)
            else:
                last = line
        async with asyncio.timeout(_GRACE_S):
            await process.wait()
    except _Unreadable as error:
        return Attempt(Ending.DIED, str(error))
    except TimeoutError:
        return Attempt(Ending.DIED, "job_hangs")
    finally:
        await _end(process)
        await _finish(logged)
    return _judge(name, process.returncode, last)


async def _lines(stream: asyncio.StreamReader, stalled_s: float) -> AsyncIterator[Line]:
    while True:
        try:
            async with asyncio.timeout(stalled_s):
                line = await stream.readline()
        except TimeoutError:
            raise _Unreadable("job_stalled") from None
        except ValueError:
            raise _Unreadable("job_malformed") from None
        if not line:
            return
        found = parse_line(line)
        if found is not None:
            yield found


def _judge(name: str, returncode: int | None, last: Line | None) -> Attempt:
    match returncode, last:
        case 0, Result(values):
            return Attempt(Ending.DONE, result=values)
        case 0, _:
            return Attempt(Ending.DIED, "job_without_result")
        case code, Refusal(reason) if code == _EXIT_REFUSED:
            return Attempt(Ending.REFUSED, reason)
        case code, Waiting(reason) if code == _EXIT_WAITS:
            return Attempt(Ending.WAITS, reason)
        case code, _ if code == EXIT_SILENCE:
            return Attempt(Ending.STOPPED)  # this process was: the job is not to blame
    log.warning("%s died: %s", name, returncode)
    return Attempt(Ending.DIED, "job_died")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask, then kill: what watches the command does it when its pipe is closed, or else dies with it."""
    assert process.stdin is not None
    for end in (process.terminate, process.stdin.close, process.kill):
        if process.returncode is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await process.wait()
    process.stdin.close()


async def _finish(logged: asyncio.Task[None]) -> None:
    """What it said last is in the log; a grandchild that holds the pipe open is not waited for."""
    await asyncio.wait({logged}, timeout=_GRACE_S)
    logged.cancel()


async def _log_errors(name: str, stream: asyncio.StreamReader) -> None:
    count = 0
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            line = b"(a line without end)"
        if not line:
            break
        count += 1
        if count <= _LOGGED_LINES:
            text = line.decode(errors="replace").rstrip()[:_LOGGED_CHARACTERS]
            log.info("%s: %s", name, text)
    if count > _LOGGED_LINES:
        log.info("%s: %d lines more", name, count - _LOGGED_LINES)
