"""Decks in the database: how many, of which lesson, and what becomes of one that was deleted meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.decks import (
    MAX_DECKS,
    DeckState,
    deck_ids,
    decks_of,
    fail_deck,
    finish_deck,
    pages_of,
    ready_decks,
    require_deck,
    require_takes_decks,
    unfinished_decks,
)
from classroom_api.store.lessons import LessonState
from classroom_api.store.schema import DeckPageRow, DeckRow, LessonRow
from signaling.board_events import Deck
from streaming.errors import Refused
from tests.classroom_api.store.test_database import lesson_row


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as session:
        session.add_all([lesson_row("les_a"), lesson_row("les_b")])
        session.flush()
        yield session
    engine.dispose()


def deck(session: Session, name: str, lesson: str = "les_a") -> DeckRow:
    row = DeckRow(id=name, lesson_id=lesson, title=name, state=DeckState.PROCESSING, created_at_ms=len(name))
    session.add(row)
    session.flush()
    return row


def page(name: str, number: int) -> DeckPageRow:
    return DeckPageRow(
        deck_id=name, page=number, sha256="a", width=1, height=1, bytes=1, thumbnail="b", text="分数"
    )


def test_a_deck_is_told_to_its_room_when_it_is_ready(session: Session) -> None:
    deck(session, "deck_1")
    deck(session, "deck_22")
    deck(session, "deck_333", "les_b")
    assert [row.id for row in unfinished_decks(session)] == ["deck_1", "deck_22", "deck_333"]
    assert ready_decks(session, "les_a") == ()
    assert finish_deck(session, "deck_22", [page("deck_22", 2), page("deck_22", 1)])
    assert fail_deck(session, "deck_1", "deck_encrypted")
    assert ready_decks(session, "les_a") == (Deck("deck_22", "deck_22", 2),)
    assert [(row.id, row.state, row.reason) for row in decks_of(session, "les_a")] == [
        ("deck_1", "failed", "deck_encrypted"),
        ("deck_22", "ready", None),
    ]
    assert [row.page for row in pages_of(session, ["deck_1", "deck_22"])] == [1, 2]
    assert deck_ids(session) == {"deck_1", "deck_22", "deck_333"}


def test_a_deck_that_was_deleted_meanwhile_stays_deleted(session: Session) -> None:
    assert not finish_deck(session, "deck_1", [page("deck_1", 1)])
    assert not fail_deck(session, "deck_1", "deck_malformed")
    session.flush()
    assert not session.scalars(select(DeckPageRow)).all()


def test_the_pages_go_with_the_deck_and_the_deck_with_the_lesson(session: Session) -> None:
    deck(session, "deck_1")
    finish_deck(session, "deck_1", [page("deck_1", 1)])
    session.flush()
    session.delete(session.get_one(LessonRow, "les_a"))
    session.flush()
    session.expire_all()
    assert not deck_ids(session)
    assert not session.scalars(select(DeckPageRow)).all()


def test_a_lesson_takes_only_so_many_and_none_when_it_is_over(session: Session) -> None:
    with pytest.raises(Refused, match="lesson_unknown"):
        require_takes_decks(session, "les_x")
    for number in range(MAX_DECKS):
        require_takes_decks(session, "les_a")
        deck(session, f"deck_{number}")
    with pytest.raises(Refused, match="limit_reached"):
        require_takes_decks(session, "les_a")
    row = session.get_one(LessonRow, "les_b")
    row.state = LessonState.DRAFT
    require_takes_decks(session, "les_b")
    row.state = LessonState.REVIEW
    with pytest.raises(Refused, match="lesson_ended"):
        require_takes_decks(session, "les_b")


def test_another_lessons_deck_is_none_of_ours(session: Session) -> None:
    deck(session, "deck_1", "les_b")
    assert require_deck(session, "les_b", "deck_1").title == "deck_1"
    for lesson, name in (("les_a", "deck_1"), ("les_b", "deck_2")):
        with pytest.raises(Refused, match="deck_unknown"):
            require_deck(session, lesson, name)
