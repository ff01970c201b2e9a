"""Rounds and polls: the question to all rooms, and what the rooms answer (docs/protocol.md, section 4).

Invariants: a round's phase only goes forward; a seat has one answer, its newest; `tally` is the sum of all
`counts`, position by position.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from streaming.errors import Refused
from streaming.identifiers import SeatId

MAX_ANSWERS: Final = 1200


class Phase(StrEnum):
    """In their order."""

    PROMPT = "prompt"
    LOCAL = "local"
    REPORT = "report"
    STAGE = "stage"
    CLOSED = "closed"


class AnswerKind(StrEnum):
    COUNT = "count"
    """[how many, of how many]."""
    CHOICE = "choice"
    """How many chose each."""
    TEXT = "text"
    PHOTO = "photo"
    """A picture of what was written, which master and own room see."""


_ORDER: Final = tuple(Phase)
ANSWERABLE: Final = frozenset({Phase.LOCAL, Phase.REPORT})


@dataclass(frozen=True, slots=True)
class Answer:
    """What one seat reports: `counts`, or `text`, or the id of a `photo`."""

    seat: SeatId
    classroom: str | None
    counts: tuple[int, ...]
    text: str | None
    photo: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """`local_until_ms`: when the local phase ends (UTC), None without a timer."""

    id: int
    prompt: str
    answer: AnswerKind
    choices: tuple[str, ...]
    phase: Phase = Phase.PROMPT
    local_until_ms: int | None = None
    ready: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    tally: tuple[int, ...] = ()

    def check_phase(self, phase: Phase) -> None:
        """Raises Refused("round_state_conflict") unless `phase` comes later."""
        if _ORDER.index(phase) <= _ORDER.index(self.phase):
            raise Refused("round_state_conflict", f"The round is in its phase {self.phase}.")

    def check_answer(self, answer: Answer) -> None:
        """Raises Refused("round_state_conflict" | "bad_message" | "limit_reached")."""
        if self.phase not in ANSWERABLE:
            raise Refused("round_state_conflict", f"Nobody answers in the phase {self.phase}.")
        is_text, is_photo = self.answer is AnswerKind.TEXT, self.answer is AnswerKind.PHOTO
        if (answer.text is None) is is_text or (answer.photo is None) is is_photo:
            raise Refused("bad_message", f"This round asks for {self.answer}.")
        wanted = {AnswerKind.COUNT: 2, AnswerKind.CHOICE: len(self.choices)}
        _check_counts(answer, wanted.get(self.answer, 0))
        if self.answer is AnswerKind.COUNT and answer.counts[0] > answer.counts[1]:
            raise Refused("bad_message", "More answered than there are.")
        _check_room(self.answers, answer)

    def answered(self, answer: Answer, tally: tuple[int, ...]) -> Round:
        return replace(self, answers=with_answer(self.answers, answer), tally=tally)


@dataclass(frozen=True, slots=True)
class Poll:
    """A question between rounds, answered by counts for each choice."""

    id: int
    question: str
    choices: tuple[str, ...]
    answers: tuple[Answer, ...] = ()
    tally: tuple[int, ...] = ()
    is_open: bool = True

    def check_answer(self, answer: Answer) -> None:
        """Raises Refused("round_state_conflict" | "bad_message" | "limit_reached")."""
        if not self.is_open:
            raise Refused("round_state_conflict", "The poll is closed.")
        _check_counts(answer, len(self.choices))
        _check_room(self.answers, answer)

    def answered(self, answer: Answer, tally: tuple[int, ...]) -> Poll:
        return replace(self, answers=with_answer(self.answers, answer), tally=tally)


def with_answer(answers: tuple[Answer, ...], answer: Answer) -> tuple[Answer, ...]:
    """The answers with this one in the place of the seat's answer before."""
    return (*(other for other in answers if other.seat != answer.seat), answer)


def tally_of(answers: tuple[Answer, ...]) -> tuple[int, ...]:
    """The sum of all counts, position by position."""
    return tuple(map(sum, zip(*(answer.counts for answer in answers if answer.counts), strict=True)))


def _check_counts(answer: Answer, wanted: int) -> None:
    if len(answer.counts) != wanted:
        raise Refused("bad_message", f"{wanted} counts are wanted.")


def _check_room(answers: tuple[Answer, ...], answer: Answer) -> None:
    if len(answers) >= MAX_ANSWERS and all(other.seat != answer.seat for other in answers):
        raise Refused("limit_reached", "No more answers are kept.")
