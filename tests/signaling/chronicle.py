"""Handwritten lessons: events with their times, as the log stores them, and the history that they give."""

from __future__ import annotations

from collections.abc import Iterable

from signaling.events import (
    LessonStateChanged,
    OfferedMedia,
    PublicationAdded,
    RoomEvent,
    Seat,
    SeatConnectionChanged,
    SeatJoined,
)
from signaling.lesson_history import LessonHistory
from signaling.ports import LessonState
from signaling.roles import Role
from streaming.identifiers import PublicationId, SeatId
from streaming.session.media import Codec, MediaKind, Source

Told = tuple[int, RoomEvent]

MINUTE = 60_000
START = LessonStateChanged(LessonState.LIVE, 0, None)
END = LessonStateChanged(LessonState.ENDED, 0, 0)


def seat(identifier: str, role: Role = Role.CLASSROOM, classroom: str | None = None, name: str = "") -> Seat:
    """Of the classroom that the id begins with (`c1-assistant` sits in `c1`), unless another is named."""
    is_in_a_room = role in (Role.CLASSROOM, Role.ASSISTANT, Role.STUDENT)
    room = classroom or (identifier.partition("-")[0] if is_in_a_room else None)
    return Seat(SeatId(identifier), role, name or identifier, room, True, False, False, True, True, None)


def joined(identifier: str, role: Role = Role.CLASSROOM, name: str = "") -> SeatJoined:
    return SeatJoined(seat(identifier, role, name=name))


def connection(identifier: str, *, is_back: bool) -> SeatConnectionChanged:
    return SeatConnectionChanged(SeatId(identifier), is_back)


def microphone(identifier: str, publication: str, *, is_open: bool = True) -> PublicationAdded:
    media = OfferedMedia(
        PublicationId(publication),
        SeatId(identifier),
        MediaKind.AUDIO,
        Source.MICROPHONE,
        Codec.OPUS,
        is_open,
    )
    return PublicationAdded(media)


def history_of(told: Iterable[Told]) -> LessonHistory:
    history = LessonHistory()
    for at_ms, event in told:
        history.fold(event, at_ms)
    return history
