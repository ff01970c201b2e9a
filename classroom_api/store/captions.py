"""Captions of lessons: transactions as plain functions of a session. Whoever changes one renews the index.

What a recogniser heard is a draft until a person approves it: no player, search or package has it before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classroom_api.store.replay_index import index_lesson
from classroom_api.store.resource_schema import CaptionRow, VersionRow
from classroom_api.store.versions import VersionState, served_version
from recording.edit import Kept
from streaming.errors import Refused

MAX_CAPTIONS: Final = 20
_UNTOUCHED: Final = 1


class Origin(StrEnum):
    UPLOAD = "upload"
    RECOGNISER = "recogniser"


@dataclass(frozen=True, slots=True)
class CaptionDraft:
    """`text`: as `recording.webvtt.serialize_captions` writes it. `is_draft`: not approved."""

    lesson_id: str
    language: str
    label: str
    origin: Origin
    text: str
    is_draft: bool = False


def captions_of(session: Session, lesson: str) -> Sequence[CaptionRow]:
    """In the order in which they came, drafts too."""
    query = select(CaptionRow).where(CaptionRow.lesson_id == lesson)
    return session.scalars(query.order_by(CaptionRow.created_at_ms, CaptionRow.id)).all()


def approved_captions(session: Session, lesson: str) -> Sequence[CaptionRow]:
    """What everybody may have, by language."""
    query = select(CaptionRow).where(CaptionRow.lesson_id == lesson, CaptionRow.is_draft.is_(False))
    return session.scalars(query.order_by(CaptionRow.language, CaptionRow.id)).all()


def require_caption(session: Session, caption: str, *, is_approved_only: bool = False) -> CaptionRow:
    """Refused: captions_unknown."""
    row = session.get(CaptionRow, caption)
    if row is None or (row.is_draft and is_approved_only):
        raise Refused("captions_unknown", "There are no such captions.")
    return row


def add_caption(session: Session, identifier: str, draft: CaptionDraft, now_ms: int) -> CaptionRow:
    """Refused: limit_reached."""
    of_lesson = CaptionRow.lesson_id == draft.lesson_id
    if (session.scalar(select(func.count()).where(of_lesson)) or 0) >= MAX_CAPTIONS:
        raise Refused("limit_reached", f"A lesson has at most {MAX_CAPTIONS} captions: delete some first.")
    row = CaptionRow(
        id=identifier,
        lesson_id=draft.lesson_id,
        language=draft.language,
        label=draft.label,
        origin=draft.origin,
        is_draft=draft.is_draft,
        text=draft.text,
        created_at_ms=now_ms,
    )
    session.add(row)
    session.flush()
    index_lesson(session, draft.lesson_id)
    return row


def store_recognised(session: Session, identifier: str, draft: CaptionDraft, now_ms: int) -> CaptionRow:
    """What a recogniser heard, in place of what one heard before in that language; what people have touched
    or approved stays. Refused: limit_reached.
    """
    query = select(CaptionRow).where(
        CaptionRow.lesson_id == draft.lesson_id,
        CaptionRow.language == draft.language,
        CaptionRow.origin == Origin.RECOGNISER,
        CaptionRow.revision == _UNTOUCHED,
    )
    for before in session.scalars(query):
        session.delete(before)
    session.flush()
    return add_caption(session, identifier, draft, now_ms)


def replace_caption(session: Session, caption: str, revision: int | None, draft: CaptionDraft) -> CaptionRow:
    """Refused: captions_unknown, precondition_failed."""
    row = _require_revision(session, caption, revision)
    row.language, row.label, row.text = draft.language, draft.label, draft.text
    row.is_draft = draft.is_draft
    session.flush()
    index_lesson(session, row.lesson_id)
    return row


def delete_caption(session: Session, caption: str, revision: int | None) -> None:
    """Refused: captions_unknown, precondition_failed."""
    row = _require_revision(session, caption, revision)
    session.delete(row)
    session.flush()
    index_lesson(session, row.lesson_id)


def _require_revision(session: Session, caption: str, revision: int | None) -> CaptionRow:
    row = require_caption(session, caption)
    if revision is not None and row.revision != revision:
        raise Refused("precondition_failed", "Somebody else changed it: read it again.")
    return row


def kept_of_version(
    session: Session, lesson: str, version: str | None, *, is_published_only: bool
) -> Kept | None:
    """What a version of a lesson keeps, or (None) what the served one does; None: all.

    Refused: resource_unknown.
    """
    row = served_version(session, lesson) if version is None else session.get(VersionRow, version)
    if row is None and version is None:
        return None
    if row is None or row.lesson_id != lesson or (is_published_only and row.state != VersionState.PUBLISHED):
        raise Refused("resource_unknown", "The lesson has no such version.")
    return Kept.of_edit(row.edit)
