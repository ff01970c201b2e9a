"""What a job is, and what a kind of job has to say. docs/resources.md tells how a child process speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy.orm import Session


class JobState(StrEnum):
    PENDING = "pending"
    """It waits for a worker, or for its next attempt."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """Given up, until somebody asks for it again."""
    CANCELLED = "cancelled"


OPEN = frozenset({JobState.PENDING, JobState.RUNNING})
CANCELLED_CODE = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its kind and its worker see it. `attempts`: this one is counted. `lease`: whose it is now."""

    id: str
    kind: str
    key: str
    lesson_id: str | None
    payload: Mapping[str, Any]
    attempts: int = 0
    lease: str = ""
    is_cancelled: bool = False


class JobKind(Protocol):
    """What is done by one kind of job.

    `command` is asked before each attempt, in a transaction of its own: what it says may depend on what the
    database holds by then (who has consented), and it may write files that the child process reads.
    `finished` and `failed` are called in the transaction that ends the job, once; a job that somebody tries
    again after it failed may be finished nevertheless.
    """

    @property
    def name(self) -> str:
        """At most 20 characters."""

    def command(self, session: Session, job: Job) -> Sequence[str]:
        """The child process. Refused: it can never be done, and fails with that code."""

    def finished(self, session: Session, job: Job, result: Mapping[str, Any]) -> None:
        """It is done. Refused: what it made is not taken, and it fails with that code."""

    def failed(self, session: Session, job: Job, code: str) -> None:
        """It was given up, refused or (`cancelled`) cancelled."""


JobKinds = Mapping[str, JobKind]


@dataclass(frozen=True, slots=True)
class JobFigures:
    """For `/metrics`. `counts`: by kind and state. `seconds`: what attempts of this process took, by kind.

    `is_redis_up` None: Redis is not configured.
    """

    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    oldest_age_ms: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    is_redis_up: bool | None = None
