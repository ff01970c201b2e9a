"""Rounds and polls as values: phases go forward, answers are counted once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.rounds import Answer, AnswerKind, Phase, Poll, Round, tally_of, with_answer
from streaming.errors import Refused
from streaming.identifiers import SeatId

A = SeatId("a")


def answer(*counts: int, seat: str = "a", text: str | None = None, photo: str | None = None) -> Answer:
    return Answer(SeatId(seat), None, counts, text, photo)


def test_phases_go_forward() -> None:
    phases = list(Phase)
    for index, phase in enumerate(phases):
        current = Round(1, "?", AnswerKind.COUNT, (), phase)
        for later in phases[index + 1 :]:
            current.check_phase(later)
        for earlier in phases[: index + 1]:
            with pytest.raises(Refused, match="round_state_conflict"):
                current.check_phase(earlier)


@pytest.mark.parametrize(
    ("kind", "phase", "given_answer", "code"),
    [
        (AnswerKind.COUNT, Phase.PROMPT, answer(1, 2), "round_state_conflict"),
        (AnswerKind.COUNT, Phase.CLOSED, answer(1, 2), "round_state_conflict"),
        (AnswerKind.COUNT, Phase.REPORT, answer(3, 2), "bad_message"),
        (AnswerKind.COUNT, Phase.REPORT, answer(text="x"), "bad_message"),
        (AnswerKind.CHOICE, Phase.REPORT, answer(1, 2, 3), "bad_message"),
        (AnswerKind.TEXT, Phase.REPORT, answer(1, 2), "bad_message"),
        (AnswerKind.TEXT, Phase.REPORT, answer(text="x", photo="photo_1"), "bad_message"),
        (AnswerKind.COUNT, Phase.REPORT, answer(1, 2, photo="photo_1"), "bad_message"),
        (AnswerKind.PHOTO, Phase.REPORT, answer(text="x"), "bad_message"),
        (AnswerKind.PHOTO, Phase.PROMPT, answer(photo="photo_1"), "round_state_conflict"),
    ],
)
def test_what_is_no_answer(kind: AnswerKind, phase: Phase, given_answer: Answer, code: str) -> None:
    with pytest.raises(Refused, match=code):
        Round(1, "?", kind, ("yes", "no"), phase).check_answer(given_answer)


def test_what_is_an_answer() -> None:
    for kind, given_answer in (
        (AnswerKind.COUNT, answer(2, 2)),
        (AnswerKind.CHOICE, answer(9, 1)),
        (AnswerKind.TEXT, answer(text="x")),
        (AnswerKind.PHOTO, answer(photo="photo_1")),
    ):
        Round(1, "?", kind, ("yes", "no"), Phase.LOCAL).check_answer(given_answer)
    with pytest.raises(Refused, match="round_state_conflict"):
        Poll(1, "?", ("yes", "no"), is_open=False).check_answer(answer(1, 2))


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9), st.integers(0, 9))))
def test_the_tally_counts_each_seats_newest(given_answers: list[tuple[str, int, int]]) -> None:
    answers: tuple[Answer, ...] = ()
    for seat, yes, no in given_answers:
        answers = with_answer(answers, answer(yes, no, seat=seat))
    newest = {seat: (yes, no) for seat, yes, no in given_answers}
    expected = (sum(yes for yes, _ in newest.values()), sum(no for _, no in newest.values()))
    assert tally_of(answers) == (expected if newest else ())
