"""The tables of what becomes of a lesson: versions of its replay, captions, views, and jobs.

docs/resources.md says what the JSON columns hold. Positions are ms of the lesson's timeline, before any cut.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from classroom_api.store.schema import Table

OF_LESSON = "lessons.id"


class VersionRow(Table):
    """An edition of a lesson's replay; what was made of it lies in `resources/{id}/`."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("lesson_id", "number", name="versions_of_lesson"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(ForeignKey(OF_LESSON, ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20), index=True)
    edit: Mapped[dict[str, Any]] = mapped_column(JSON)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    made: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    sources: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The fast replays that it is made of."""
    is_to_be_published: Mapped[bool] = mapped_column(Boolean, default=False)
    """As soon as it is made."""
    reason: Mapped[str | None] = mapped_column(String(80))
    created_by: Mapped[str] = mapped_column(String(80))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    published_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(Integer)
    """Counts changes; it is the version's ETag."""

    __mapper_args__ = MappingProxyType({"version_id_col": revision})


class CaptionRow(Table):
    """The captions of a lesson in one language, as WebVTT."""

    __tablename__ = "captions"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(ForeignKey(OF_LESSON, ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(80))
    origin: Mapped[str] = mapped_column(String(20))
    is_draft: Mapped[bool] = mapped_column(Boolean)
    """Nobody has approved it: who reviews has it, and nobody else."""
    text: Mapped[str] = mapped_column(Text)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = MappingProxyType({"version_id_col": revision})


class JobRow(Table):
    """Something a job worker does. `key` makes it one: a job asked for twice is done once."""

    __tablename__ = "jobs"
    __table_args__ = (Index("jobs_to_run", "state", "run_after_ms"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    lesson_id: Mapped[str | None] = mapped_column(ForeignKey(OF_LESSON, ondelete="CASCADE"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(Integer)
    run_after_ms: Mapped[int] = mapped_column(BigInteger)
    lease: Mapped[str] = mapped_column(String(40))
    leased_until_ms: Mapped[int] = mapped_column(BigInteger)
    is_cancelled: Mapped[bool] = mapped_column(Boolean)
    progress: Mapped[float] = mapped_column(Float)
    """0 to 1."""
    step: Mapped[str] = mapped_column(String(40))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[str | None] = mapped_column(String(80))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    started_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    finished_at_ms: Mapped[int | None] = mapped_column(BigInteger)


class ViewSessionRow(Table):
    """One viewing of a replay: which parts were played, and where it stopped."""

    __tablename__ = "view_sessions"
    __table_args__ = (Index("views_of_viewer", "viewer", "lesson_id", "updated_at_ms"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(ForeignKey(OF_LESSON, ondelete="CASCADE"), index=True)
    viewer: Mapped[str] = mapped_column(String(80))
    started_at_ms: Mapped[int] = mapped_column(BigInteger)
    updated_at_ms: Mapped[int] = mapped_column(BigInteger)
    position_ms: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    played: Mapped[list[list[int]]] = mapped_column(JSON)
    is_completed: Mapped[bool] = mapped_column(Boolean)
    is_playing: Mapped[bool] = mapped_column(Boolean)


class PictureChangesRow(Table):
    """Where the picture of a fast replay changed as slides do; chapters where nothing else says any."""

    __tablename__ = "picture_changes"

    resource_id: Mapped[str] = mapped_column(ForeignKey("resources.id", ondelete="CASCADE"), primary_key=True)
    at_ms: Mapped[list[int]] = mapped_column(JSON)


class ReplayDocumentRow(Table):
    """What is found of a lesson's replay: texts with their positions, and the index of them all.

    `number` grows with each lesson that settles: the newest has the highest. `terms` are those of
    `replay_search.terms_of_text`, with spaces between; their index is `replay_terms`: a full-text table on
    SQLite, which triggers keep, a GIN index on PostgreSQL. What a search asks besides its words stands here,
    too, and before the long columns: of a lesson that has begun none of it changes but by a version. On
    SQLite `replay_facets` has it all.
    """

    __tablename__ = "replay_documents"

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(ForeignKey(OF_LESSON, ondelete="CASCADE"), unique=True)
    title: Mapped[str | None] = mapped_column(String(200))
    """None, as in the following four: what planning says."""
    subject: Mapped[str | None] = mapped_column(String(80))
    grade: Mapped[str | None] = mapped_column(String(80))
    edition: Mapped[str | None] = mapped_column(String(80))
    syllabus_node: Mapped[str | None] = mapped_column(String(80))
    organization_id: Mapped[str | None] = mapped_column(String(40))
    course_id: Mapped[str | None] = mapped_column(String(40))
    unit_id: Mapped[str | None] = mapped_column(String(40))
    started_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    passages: Mapped[list[list[Any]]] = mapped_column(JSON)
    """[kind, position in ms, …] of each: the best to jump to first."""
    text: Mapped[str] = mapped_column(Text)
    """Of each passage a line."""
    terms: Mapped[str] = mapped_column(Text().with_variant(postgresql.TSVECTOR(), "postgresql"))


def is_of_tables(name: str | None, *_: object) -> bool:
    """Whether a migration compares it with the tables here (Alembic's `include_name`): the indexes of replays
    are made by hand, as each database has them."""
    return not (name or "").startswith(("replay_terms", "replay_facets"))
