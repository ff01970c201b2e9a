"""The table of the lesson's states, and the document that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from signaling.lifecycle import RUNNING, TRANSITIONS, check_transition, states_table
from signaling.ports import LessonState
from streaming.errors import Refused

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_document_shows_the_table() -> None:
    assert states_table() in DOCUMENT.read_text(encoding="utf-8")


def test_every_state_is_reached_from_the_lobby_and_all_end() -> None:
    assert TRANSITIONS.keys() == set(LessonState)
    assert set().union(*TRANSITIONS.values()) == set(LessonState) - {LessonState.LOBBY}
    assert all(LessonState.ENDED in after for state, after in TRANSITIONS.items() if after)
    assert {state for state in RUNNING if LessonState.ENDED in TRANSITIONS[state]} == RUNNING


def test_nothing_follows_the_end() -> None:
    check_transition(LessonState.LIVE, LessonState.SUSPENDED)
    for state in LessonState:
        with pytest.raises(Refused, match="lesson_state_conflict"):
            check_transition(LessonState.ENDED, state)
