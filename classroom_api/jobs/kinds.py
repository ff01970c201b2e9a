"""Which kinds of jobs there are: the one list that servers and workers run and the REST face knows."""

from __future__ import annotations

from types import MappingProxyType

from classroom_api.chapters_job import ChaptersKind
from classroom_api.jobs.model import JobKind, JobKinds
from classroom_api.jobs.storing import StoreFolder
from classroom_api.ladder_job import LadderKind
from classroom_api.package_job import PackageKind
from classroom_api.recognise_job import RecogniseKind
from classroom_api.settings import Settings


def job_kinds(settings: Settings) -> JobKinds:
    """By name."""
    all_kinds = (StoreFolder, LadderKind, PackageKind, ChaptersKind)
    kinds: list[JobKind] = [kind(settings) for kind in all_kinds]
    if settings.recogniser is not None:
        kinds.append(RecogniseKind(settings, settings.recogniser))
    return MappingProxyType({kind.name: kind for kind in kinds})
