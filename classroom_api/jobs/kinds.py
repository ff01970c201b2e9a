"""Which kinds of jobs there are: the one list that servers and workers run and the REST face knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from classroom_api.jobs.model import JobKind, JobKinds
from classroom_api.settings import Settings
from classroom_api.versions import LadderKind


def job_kinds(settings: Settings, clock_ms: Callable[[], int]) -> JobKinds:
    """By name."""
    kinds: Sequence[JobKind] = (LadderKind(settings.data_dir, clock_ms),)
    return MappingProxyType({kind.name: kind for kind in kinds})
