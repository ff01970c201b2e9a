"""Versions of a lesson's replay: which one is served."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.store.resource_schema import VersionRow


class VersionState(StrEnum):
    """How far a version is. Only `published` is served to pupils, and of those the newest."""

    DRAFT = "draft"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    """Not served any longer; its files are deleted."""


def served_version(session: Session, lesson: str) -> VersionRow | None:
    """What pupils see; None while the fast replay is all there is."""
    query = select(VersionRow).where(
        VersionRow.lesson_id == lesson, VersionRow.state == VersionState.PUBLISHED
    )
    return session.scalars(query.order_by(VersionRow.number.desc()).limit(1)).first()
