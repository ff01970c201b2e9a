"""Jobs on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from classroom_api.jobs.model import OPEN, JobState

_BAR_COLUMNS = 24
_WATCH_S = 1.0
Jobs = Sequence[Mapping[str, Any]]


def table_of(jobs: Jobs) -> Table:
    """`jobs`: as the REST face gives them."""
    table = Table("id", "kind", "lesson", "state", "progress")
    for job in jobs:
        table.add_row(job["id"], job["kind"], job["lesson_id"] or "", _state(job), _progress(job))
    return table


def _state(job: Mapping[str, Any]) -> str:
    if job["is_cancelled"] and job["state"] in OPEN:
        return "cancelling"
    return f"{job['state']} ({job['error']})" if job["error"] else str(job["state"])


def _progress(job: Mapping[str, Any]) -> RenderableType:
    if job["state"] != JobState.RUNNING:
        return f"{job['progress']:4.0%}"
    grid = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=1.0, completed=job["progress"], width=_BAR_COLUMNS)
    grid.add_row(bar, f"{job['progress']:4.0%}", job["step"])
    return grid


def show(jobs: Jobs) -> None:
    if jobs:
        Console(width=None if sys.stdout.isatty() else 160).print(table_of(jobs))
    else:
        Console(stderr=True).print("No jobs.")


def watched(read: Callable[[], Jobs]) -> None:
    """Shown again each second, until none is open."""
    with Live(console=Console(), auto_refresh=False) as live:
        while True:
            jobs = read()
            live.update(table_of(jobs), refresh=True)
            if not any(job["state"] in OPEN for job in jobs):
                return
            time.sleep(_WATCH_S)
