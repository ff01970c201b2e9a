"""The tables. Times are UTC milliseconds; identifiers are the prefixed strings of streaming.identifiers."""

from __future__ import annotations

from types import MappingProxyType

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """Base of all tables; its metadata is what Alembic compares with."""


class LessonRow(Table):
    """A scheduled event. `state` follows docs/architecture.md, lifecycle."""

    __tablename__ = "lessons"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    mode: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), index=True)
    recording_policy: Mapped[str] = mapped_column(String(20))
    auto_publish: Mapped[bool] = mapped_column(Boolean)
    voice_ptime_ms: Mapped[int] = mapped_column(Integer, default=20, server_default="20")
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    started_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    course_id: Mapped[str | None] = mapped_column(ForeignKey("courses.id"), index=True)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    master_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    room: Mapped[str | None] = mapped_column(String(80))
    starts_at_ms: Mapped[int | None] = mapped_column(BigInteger, index=True)
    ends_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    """Counts changes; it is the lesson's ETag."""

    __mapper_args__ = MappingProxyType({"version_id_col": version})


class SeatRow(Table):
    """A place in a lesson that outlives connections. Planned ones know whose they are."""

    __tablename__ = "seats"
    __table_args__ = (Index("seats_of_lesson", "lesson_id", "role", "classroom"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    classroom: Mapped[str | None] = mapped_column(String(80))
    recording_consent: Mapped[bool] = mapped_column(Boolean)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    pairing_id: Mapped[str | None] = mapped_column(ForeignKey("pairings.id"), index=True)
    student_group_id: Mapped[str | None] = mapped_column(ForeignKey("student_groups.id"))
    endpoint_id: Mapped[str | None] = mapped_column(ForeignKey("endpoints.id"), index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)


class EventRow(Table):
    """One numbered event of a room; never changed, never deleted while its lesson is kept."""

    __tablename__ = "events"

    lesson_id: Mapped[str] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    epoch: Mapped[str] = mapped_column(String(40))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(Text)


class ResourceRow(Table):
    """A replay: one source group of one lesson, as a playlist in `resources/{id}/`."""

    __tablename__ = "resources"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    seat_id: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    playlist: Mapped[str | None] = mapped_column(String(200))
    poster: Mapped[str | None] = mapped_column(String(200))
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)


class DeckRow(Table):
    """A slide deck of a lesson; its images lie in `decks/{lesson}/{id}/`."""

    __tablename__ = "decks"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20), index=True)
    reason: Mapped[str | None] = mapped_column(String(40))
    page_count: Mapped[int | None] = mapped_column(Integer)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)


class DeckPageRow(Table):
    """A page of a ready deck: its image, its thumbnail, and the words on it."""

    __tablename__ = "deck_pages"

    deck_id: Mapped[str] = mapped_column(ForeignKey("decks.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[int] = mapped_column(Integer, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    bytes: Mapped[int] = mapped_column(Integer)
    thumbnail: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)


class PhotoRow(Table):
    """A photo that a room took for a round, in `photos/{lesson}/{id}.jpg`; `seat_id` is the room's screen.

    `is_kept`: the lesson is over and the seat had let itself be recorded.
    """

    __tablename__ = "photos"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), index=True)
    seat_id: Mapped[str] = mapped_column(String(40))
    classroom: Mapped[str | None] = mapped_column(String(80))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    is_kept: Mapped[bool] = mapped_column(Boolean)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
