"""The tables of what is told to others, and of what was erased."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from classroom_api.store.planning_schema import IN_ORGANIZATION, PlanningRow
from classroom_api.store.schema import Table

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


class WebhookRow(PlanningRow):
    """Where an organization wants to hear what happens in it and below.

    The secret is not stored: it follows from the server's own, this id and `secret_version`.
    """

    __tablename__ = "webhooks"

    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(JSON)
    is_enabled: Mapped[bool] = mapped_column(Boolean)
    secret_version: Mapped[int] = mapped_column(Integer, default=1)
    secret_renewed_at_ms: Mapped[int] = mapped_column(BigInteger, default=0)


class DeliveryRow(Table):
    """One thing to be told to one destination. Those of a stream are told in the order of `sequence`."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("deliveries_of_stream", "destination", "lesson_id", "state", "sequence"),
        Index("deliveries_done", "state", "finished_at_ms"),
    )

    sequence: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    destination: Mapped[str] = mapped_column(String(40))
    lesson_id: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(Integer)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    tried_since_ms: Mapped[int | None] = mapped_column(BigInteger)
    finished_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    last_answer: Mapped[str] = mapped_column(String(80))


class StreamRow(Table):
    """The deliveries of one lesson to one destination: when the first of them may be tried, and who tries.

    `is_waiting`: there may be pending ones. A lease that is over is anybody's.
    """

    __tablename__ = "delivery_streams"
    __table_args__ = (Index("streams_due", "is_waiting", "next_attempt_ms"),)

    destination: Mapped[str] = mapped_column(String(40), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_waiting: Mapped[bool] = mapped_column(Boolean)
    next_attempt_ms: Mapped[int] = mapped_column(BigInteger)
    lease: Mapped[str] = mapped_column(String(40))
    leased_until_ms: Mapped[int] = mapped_column(BigInteger)


class RetentionPolicyRow(PlanningRow):
    """How long an organization and all below it keep media; the nearest policy up the tree holds."""

    __tablename__ = "retention_policies"

    organization_id: Mapped[str] = mapped_column(ForeignKey(IN_ORGANIZATION), unique=True)
    raw_track_days: Mapped[int] = mapped_column(Integer)
    resource_days: Mapped[int] = mapped_column(Integer)
    review_days: Mapped[int] = mapped_column(Integer)


class LessonRetentionRow(Table):
    """What retention has done with a lesson so far."""

    __tablename__ = "lesson_retention"

    lesson_id: Mapped[str] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    raw_erasure_id: Mapped[str | None] = mapped_column(String(40))
    review_since_ms: Mapped[int | None] = mapped_column(BigInteger)


class ErasureRow(Table):
    """A request to erase media, and with its parts and objects the proof that it was done. Never deleted."""

    __tablename__ = "erasures"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organization_id: Mapped[str | None] = mapped_column(ForeignKey(IN_ORGANIZATION), index=True)
    target: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))
    requested_by: Mapped[str] = mapped_column(String(60))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    due_at_ms: Mapped[int] = mapped_column(BigInteger)
    finished_at_ms: Mapped[int | None] = mapped_column(BigInteger, index=True)


class ErasurePartRow(Table):
    """One lesson of an erasure. `listing`: what its storage holds after the deletion."""

    __tablename__ = "erasure_parts"
    __table_args__ = (Index("erasure_parts_open", "state"),)

    erasure_id: Mapped[str] = mapped_column(ForeignKey("erasures.id"), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    finished_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    listing: Mapped[list[dict[str, object]] | None] = mapped_column(JSON)


class ErasedObjectRow(Table):
    """One file: what it was, written down before it was deleted, and when it was gone."""

    __tablename__ = "erased_objects"

    erasure_id: Mapped[str] = mapped_column(ForeignKey("erasures.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    deleted_at_ms: Mapped[int | None] = mapped_column(BigInteger)
