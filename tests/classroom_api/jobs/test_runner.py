from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path

import pytest
import uvloop

from classroom_api.jobs.lines import MAXIMUM_LINE_BYTES, Progress
from classroom_api.jobs.runner import Attempt, run_child
from classroom_api.jobs.schedule import Ending
from tests.classroom_api.jobs.counting import JOB, WAIT_S


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def run(command: list[str], stalled_s: float = WAIT_S) -> tuple[Attempt, list[Progress]]:
    heard: list[Progress] = []
    with asyncio.Runner(
        loop_factory=uvloop.new_event_loop
    ) as runner:  # the server's; a job worker has asyncio's
        return runner.run(run_child("job", command, heard.append, stalled_s)), heard


def test_it_tells_how_far_it_is_and_what_it_made(tmp_path: Path) -> None:
    attempt, heard = run([sys.executable, "-m", JOB, str(tmp_path / "n"), "4"])
    assert attempt == Attempt(Ending.DONE, result={"counted": 4})
    assert [said.ratio for said in heard] == [0.25, 0.5, 0.75, 1.0]


def test_killed_it_goes_on_where_it_was(tmp_path: Path) -> None:
    for number in range(3):
        attempt, heard = run([sys.executable, "-m", JOB, str(tmp_path / "n"), "4", "die"])
        assert attempt == Attempt(Ending.DIED, "job_died")
        assert [said.ratio for said in heard] == [(number + 1) / 4]
    attempt, _ = run([sys.executable, "-m", JOB, str(tmp_path / "n"), "4"])
    assert attempt.ending is Ending.DONE
    assert (tmp_path / "n").read_text().split() == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("code", "attempt"),
    [
        ('print(\'{"refused": "no_input"}\'); exit(2)', Attempt(Ending.REFUSED, "no_input")),
        ('print(\'{"waits": "storage"}\'); exit(75)', Attempt(Ending.WAITS, "storage")),
        ('print(\'{"refused": "no_input"}\'); exit(1)', Attempt(Ending.DIED, "job_died")),
        ("print('{\"result\": {}}'); exit(1)", Attempt(Ending.DIED, "job_died")),
        ("print('a word')", Attempt(Ending.DIED, "job_without_result")),
        (f"print('x' * {2 * MAXIMUM_LINE_BYTES})", Attempt(Ending.DIED, "job_malformed")),
        ("import os, signal; os.close(1); signal.pause()", Attempt(Ending.DIED, "job_hangs")),
    ],
)
def test_how_it_can_end(code: str, attempt: Attempt) -> None:
    assert run(python(code))[0] == attempt


def test_one_that_says_nothing_is_ended() -> None:
    assert run(python("import signal; signal.pause()"), 0.2)[0] == Attempt(Ending.DIED, "job_stalled")


def test_one_that_says_something_may_last_longer_than_it_may_be_silent() -> None:
    code = (
        "import threading\nfor n in range(11):\n"
        '    print(\'{"progress": 0.5, "step": "on"}\', flush=True)\n    threading.Event().wait(0.4)\n'
        "print('{\"result\": {}}')"
    )
    assert run(python(code), 4)[0] == Attempt(Ending.DONE)


def test_a_program_that_is_not_there_is_an_attempt_that_died() -> None:
    assert run(["no-such-program"])[0].ending is Ending.DIED


def test_cancelled_it_is_asked_and_then_killed() -> None:
    stubborn = (
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        'print(\'{"progress": 0, "step": "%d"}\' % os.getpid(), flush=True)\nwhile True: signal.pause()'
    )

    async def work() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(
            run_child("job", python(stubborn), lambda said: told.set_result(int(said.step)))
        )
        pid = await asyncio.wait_for(told, WAIT_S)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        return pid

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(work()), 0)


def test_its_errors_are_in_the_log_not_all_of_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "classroom_api.jobs.runner")
    run(python("import sys\nfor n in range(200): print('y' * 2000, n, file=sys.stderr)\nexit(1)"))
    told = [record.getMessage() for record in caplog.records]
    assert sum("yyy" in line for line in told) == 50
    assert all(len(line) < 600 for line in told)
    assert "job: 150 lines more" in told
