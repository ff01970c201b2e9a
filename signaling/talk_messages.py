"""Requests whose answer is not, or not at once, a numbered event: pointer and text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from signaling.board_messages import MAX_COORDINATE, MAX_PROMPT
from signaling.fields import Fields, reject
from streaming.identifiers import SeatId


@dataclass(frozen=True, slots=True)
class MovePointer:
    """Both None: hidden."""

    x: int | None
    y: int | None


@dataclass(frozen=True, slots=True)
class SendText:
    text: str


@dataclass(frozen=True, slots=True)
class DecideText:
    """About a text that waits."""

    id: int
    approved: bool


@dataclass(frozen=True, slots=True)
class SendPrivateText:
    seat: SeatId
    text: str


TalkBody = MovePointer | SendText | DecideText | SendPrivateText


def _pointer(fields: Fields) -> MovePointer:
    if fields.is_absent("x") != fields.is_absent("y"):
        reject("x, y: both or none")
    return MovePointer(
        fields.number_or_none("x", 0, MAX_COORDINATE), fields.number_or_none("y", 0, MAX_COORDINATE)
    )


TALK_BODIES: Final[Mapping[str, Callable[[Fields], TalkBody]]] = MappingProxyType(
    {
        "pointer": _pointer,
        "text": lambda f: SendText(f.text("text", MAX_PROMPT)),
        "text_decide": lambda f: DecideText(f.number("pending"), f.truth("approved")),
        "text_private": lambda f: SendPrivateText(f.seat(), f.text("text", MAX_PROMPT)),
    }
)
