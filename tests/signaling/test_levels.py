"""Levels: changed ones only, five times a second at most."""

from __future__ import annotations

from signaling.levels import INTERVAL_NS, LevelBoard
from streaming.identifiers import PublicationId

A, B = PublicationId("pub_a"), PublicationId("pub_b")
START_NS = 7_000_000_000


def test_the_newest_levels_come_together() -> None:
    board = LevelBoard()
    assert board.take(START_NS) is None
    assert board.deadline_ns() is None
    for level in (-50, -40, -30):
        board.hear(A, level)
    board.hear(B, -20)
    levels = board.take(START_NS)
    assert levels is not None
    assert dict(levels.levels) == {A: -30, B: -20}


def test_not_before_the_interval_is_over() -> None:
    board = LevelBoard()
    board.hear(A, -30)
    board.take(START_NS)
    board.hear(A, -20)
    assert board.deadline_ns() == START_NS + INTERVAL_NS
    assert board.take(START_NS + INTERVAL_NS - 1) is None
    assert board.take(START_NS + INTERVAL_NS) is not None


def test_what_did_not_change_is_not_said() -> None:
    board = LevelBoard()
    board.hear(A, -30)
    board.take(START_NS)
    board.hear(A, -20)
    board.hear(A, -30)
    assert board.take(START_NS + INTERVAL_NS) is None
    board.hear(A, -10)
    board.forget(A)
    assert board.deadline_ns() is None
