"""Versions of replays as JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from classroom_api.routes.models import Body, Id, Plain, Title
from classroom_api.store.resource_schema import JobRow, VersionRow
from recording.edit import MAX_PARTS

_LONGEST_MS = 86_400_000
_HIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


def _is_text(text: str) -> str:
    """As `is_plain`, with line breaks."""
    if any(unicodedata.category(character) in _HIDDEN and character != "\n" for character in text):
        raise ValueError("no control characters")
    return text


Position = Annotated[int, Field(ge=0, le=_LONGEST_MS, description="ms of the lesson as it was taught")]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80), Plain]
Words = Annotated[list[Short], Field(max_length=20)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_is_text)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), Plain]
Language = Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3})?$")]


class Strict(Body):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NamedChapter(Strict):
    at_ms: Position
    title: Short


class Edit(Strict):
    kept: Annotated[list[tuple[Position, Position]], Field(max_length=MAX_PARTS)] = Field(
        default=[], description="parts of the lesson, in order; empty: all"
    )
    without: Annotated[list[Id], Field(max_length=500)] = Field(default=[], description="resources dropped")
    chapters: Annotated[list[NamedChapter], Field(max_length=500)] | None = Field(
        default=None, description="null: those that follow from what happened"
    )


class Details(Strict):
    """What LOM and Dublin Core say of a resource."""

    title: Title
    description: Text = ""
    subject: Short = ""
    grade: Short = ""
    edition: Short = Field(default="", description="of the textbook")
    syllabus_node: Short = ""
    language: Language = Field(default="", description="BCP 47")
    creators: Words = Field(default=[])
    keywords: Words = Field(default=[])
    licence: Short = Field(default="", description="an SPDX name or a URL")
    is_downloadable: bool = Field(default=False, description="whether pupils may download it")


class Proposal(Strict):
    edit: Edit
    details: Details


class Withdrawal(Strict):
    reason: Reason


class Making(Body):
    """The job that makes a version."""

    id: str
    state: str
    progress: float
    step: str
    error: str | None = Field(description="why it failed, or why it is tried again")


class Picture(Body):
    name: str
    kind: str
    resource: str
    hls_url: str
    poster_url: str | None


class Download(Body):
    kind: str
    name: str
    url: str
    bytes: int
    sha256: str


class Version(Body):
    id: str
    lesson_id: str
    number: int
    state: str = Field(description="draft, making, ready, failed, published or withdrawn")
    edit: Edit
    details: Details
    sources: list[str] = Field(description="the resources that it is made of")
    reason: str | None = Field(description="why it failed (an error code) or was withdrawn")
    created_by: str
    created_at_ms: int
    published_at_ms: int | None
    duration_ms: int | None = Field(description="once it is made")
    bytes: int | None

    @classmethod
    def of(cls, row: VersionRow) -> Self:
        return cls(**_members(row))


class VersionDetail(Version):
    """`pictures` and `downloads` once it is made, at signed paths."""

    job: Making | None
    package_job: Making | None
    pictures: list[Picture]
    downloads: list[Download]

    @classmethod
    def with_files(cls, row: VersionRow, jobs: Mapping[str, JobRow], prefix: str | None) -> Self:
        """`prefix`: the signed path of the version's folder; None: for who may not see its files."""
        is_there = prefix is not None and row.state in ("ready", "published")
        made: dict[str, Any] = (row.made or {}) if is_there else {}
        return cls(
            **_members(row),
            job=_making(jobs.get("ladder")),
            package_job=_making(jobs.get("package")),
            pictures=[_picture(one, prefix or "") for one in made.get("pictures", [])],
            downloads=[Download(url=f"{prefix}/{one['name']}", **one) for one in made.get("downloads", [])],
        )


def _making(job: JobRow | None) -> Making | None:
    return None if job is None else Making.model_validate(job, from_attributes=True)


def _picture(one: dict[str, Any], prefix: str) -> Picture:
    poster = one.get("poster")
    return Picture(
        name=one["name"],
        kind=one["kind"],
        resource=one["resource"],
        hls_url=f"{prefix}/{one['playlist']}",
        poster_url=f"{prefix}/{poster}" if poster else None,
    )


def _members(row: VersionRow) -> dict[str, Any]:
    made = row.made or {}
    names = ("id", "lesson_id", "number", "state", "edit", "details", "sources", "reason", "created_by")
    members = {name: getattr(row, name) for name in (*names, "created_at_ms", "published_at_ms")}
    return {**members, "duration_ms": made.get("duration_ms"), "bytes": made.get("bytes")}
