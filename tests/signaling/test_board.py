"""The board as a fold: what is of another round changes nothing, and nothing grows without bound."""

from __future__ import annotations

import pytest

from signaling.board import KEPT_TEXTS, Board
from signaling.board_events import (
    Deck,
    DeckReady,
    DeckRemoved,
    Ink,
    InkAdded,
    InkCleared,
    RoundOpened,
    RoundPhaseChanged,
    RoundReady,
    Signal,
    SignalRaised,
    Slide,
    SlideShown,
    Text,
    TextPosted,
)
from signaling.rounds import AnswerKind, Phase, Round
from streaming.errors import Refused
from streaming.identifiers import SeatId

A = SeatId("a")


def test_the_local_timer_is_that_of_the_present_round() -> None:
    board = Board().fold(RoundOpened(Round(1, "?", AnswerKind.COUNT, ())))
    board = board.fold(RoundPhaseChanged(1, Phase.LOCAL, 5000)).fold(RoundReady(1, "c3"))
    assert board.local_deadline_ms() == 5000
    assert board.fold(RoundPhaseChanged(9, Phase.CLOSED, None)) == board
    assert board.fold(RoundPhaseChanged(1, Phase.REPORT, None)).local_deadline_ms() is None


def test_a_page_is_cleared() -> None:
    board = Board()
    for number, page in enumerate((1, 2, 1), 1):
        board = board.fold(InkAdded(Ink(number, A, "d", page, "#000000", 1, ((0, 0), (1, 1)))))
    assert board.ink_points() == 6
    assert [ink.id for ink in board.fold(InkCleared("d", 1)).ink] == [2]


def test_a_deck_takes_its_slide_and_its_ink_with_it() -> None:
    board = Board()
    for id_ in ("d", "e"):
        board = board.fold(DeckReady(Deck(id_, "Fractions", 4)))
        board = board.fold(InkAdded(Ink(1, A, id_, 1, "#000000", 1, ((0, 0),))))
    board = board.fold(SlideShown(Slide("d", 4)))
    assert board.fold(DeckRemoved("e")).slide == Slide("d", 4)
    board = board.fold(DeckRemoved("d"))
    assert (board.slide, list(board.decks), [ink.deck for ink in board.ink]) == (None, ["e"], ["e"])


@pytest.mark.parametrize("slide", [Slide("e", 1), Slide("d", 5)])
def test_a_page_that_is_not_there(slide: Slide) -> None:
    board = Board().fold(DeckReady(Deck("d", "Fractions", 4)))
    board.check_slide(Slide("d", 4))
    with pytest.raises(Refused, match="deck_unknown"):
        board.check_slide(slide)


def test_signals_go_with_their_seat() -> None:
    board = Board().fold(SignalRaised(A, Signal.FAULT))
    assert board.without_seat(SeatId("b")) is board
    assert board.without_seat(A).signals == {}
    assert board.fold(SignalRaised(A, None)).signals == {}


def test_the_newest_texts_are_kept() -> None:
    board = Board()
    for number in range(1, KEPT_TEXTS + 11):
        board = board.fold(TextPosted(Text(number, A, "x")))
    assert [board.texts[0].id, board.texts[-1].id, len(board.texts)] == [11, KEPT_TEXTS + 10, KEPT_TEXTS]
