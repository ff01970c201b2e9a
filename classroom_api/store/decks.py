"""Slide decks and their pages: transactions as plain functions of a session."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classroom_api.store.lessons import OPEN, LessonState
from classroom_api.store.schema import DeckPageRow, DeckRow, LessonRow
from signaling.board_events import Deck
from streaming.errors import Refused

MAX_DECKS: Final = 20


class DeckState(StrEnum):
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


def require_takes_decks(session: Session, lesson: str) -> None:
    """Refused: lesson_unknown, lesson_ended, limit_reached."""
    row = session.get(LessonRow, lesson)
    if row is None:
        raise Refused("lesson_unknown", "There is no such lesson: check the link.")
    if row.state not in OPEN and row.state != LessonState.DRAFT:
        raise Refused("lesson_ended", "The lesson is over: it takes no more decks.")
    count = session.scalar(select(func.count()).where(DeckRow.lesson_id == lesson))
    if (count or 0) >= MAX_DECKS:
        raise Refused("limit_reached", f"A lesson has at most {MAX_DECKS} decks: delete one first.")


def require_deck(session: Session, lesson: str, deck: str) -> DeckRow:
    """Refused: deck_unknown."""
    row = session.get(DeckRow, deck)
    if row is None or row.lesson_id != lesson:
        raise Refused("deck_unknown", "There is no such deck in this lesson.")
    return row


def decks_of(session: Session, lesson: str) -> Sequence[DeckRow]:
    """In the order of their upload."""
    query = select(DeckRow).where(DeckRow.lesson_id == lesson)
    return session.scalars(query.order_by(DeckRow.created_at_ms, DeckRow.id)).all()


def pages_of(session: Session, decks: Sequence[str]) -> Sequence[DeckPageRow]:
    """The pages of several decks, in their order."""
    query = select(DeckPageRow).where(DeckPageRow.deck_id.in_(decks))
    return session.scalars(query.order_by(DeckPageRow.deck_id, DeckPageRow.page)).all()


def ready_decks(session: Session, lesson: str) -> tuple[Deck, ...]:
    """What the lesson's room is told."""
    rows = decks_of(session, lesson)
    return tuple(Deck(r.id, r.title, r.page_count or 0) for r in rows if r.state == DeckState.READY)


def deck_ids(session: Session) -> frozenset[str]:
    """Of all lessons."""
    return frozenset(session.scalars(select(DeckRow.id)))


def unfinished_decks(session: Session) -> Sequence[DeckRow]:
    """Those that a server left when it stopped, the oldest first."""
    query = select(DeckRow).where(DeckRow.state == DeckState.PROCESSING)
    return session.scalars(query.order_by(DeckRow.created_at_ms, DeckRow.id)).all()


def finish_deck(session: Session, deck: str, pages: Sequence[DeckPageRow]) -> bool:
    """The deck is ready; False when it was deleted meanwhile."""
    row = session.get(DeckRow, deck)
    if row is None:
        return False
    row.state, row.page_count = DeckState.READY, len(pages)
    session.add_all(pages)
    return True


def fail_deck(session: Session, deck: str, reason: str) -> bool:
    """The deck cannot be made; False when it was deleted meanwhile."""
    row = session.get(DeckRow, deck)
    if row is None:
        return False
    row.state, row.reason = DeckState.FAILED, reason
    return True
