"""Where the pictures of a lesson's replays change: chapters of those in which nothing else begins any."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from classroom_api.lesson_timeline import KINDS
from classroom_api.store.events import events_of
from classroom_api.store.resource_schema import PictureChangesRow
from classroom_api.store.schema import ResourceRow
from signaling.ports import StoredEvent

_SHOWS_SLIDES_FIRST = case({"screen": 0, "teacher": 1}, value=ResourceRow.kind, else_=2)


def keep_changes(session: Session, resource: str, at_ms: Sequence[int]) -> None:
    """What was found of a resource, in place of what was found before; nothing of one that is gone."""
    if session.get(ResourceRow, resource) is not None:
        session.merge(PictureChangesRow(resource_id=resource, at_ms=sorted(at_ms)))


Happened = tuple[tuple[StoredEvent, ...], list[int]]
"""A lesson's events, and the changes of its screen, else its teacher's, at positions in ms."""


def happened_and_changed(session: Session, lesson: str) -> Happened:
    """What `timeline_of` is made of."""
    query = (
        select(PictureChangesRow.at_ms)
        .join(ResourceRow, ResourceRow.id == PictureChangesRow.resource_id)
        .where(ResourceRow.lesson_id == lesson)
        .order_by(_SHOWS_SLIDES_FIRST, ResourceRow.created_at_ms)
    )
    return events_of(session, lesson, KINDS), session.scalars(query).first() or []
