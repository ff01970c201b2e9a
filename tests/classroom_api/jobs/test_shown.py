from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from classroom_api.jobs.shown import show, table_of, watched


def job(**more: object) -> dict[str, Any]:
    return {
        "id": "job_a",
        "kind": "ladder",
        "lesson_id": "les_a",
        "state": "running",
        "is_cancelled": False,
        "progress": 0.42,
        "step": "picture",
        "error": None,
        **more,
    }


def shown(*jobs: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(table_of(jobs))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_running_job_has_a_bar_and_its_step() -> None:
    text = shown(job())
    assert "━━━━" in text
    assert "42%" in text
    assert "picture" in text


def test_what_ended_or_waits_says_why() -> None:
    assert "failed (no_input)" in shown(job(state="failed", error="no_input"))
    assert "pending (job_died)" in shown(job(state="pending", error="job_died"))
    assert "cancelling" in shown(job(is_cancelled=True))


def test_it_is_watched_until_nothing_is_open(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom_api.jobs.shown._WATCH_S", 0)
    reads = iter([[job()], [job(state="done", progress=1.0)]])
    watched(lambda: next(reads))
    show([])
    show([job(state="done")])
    said = capsys.readouterr()
    assert "done" in said.out
    assert "No jobs" in said.err
