"""A lesson that was held: its events written to the database as a room writes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from classroom_api.store.database import Database
from classroom_api.store.events import StoredEvents
from signaling.board_events import PollAnswered, PollOpened, RoundAnswered, RoundOpened, Signal, SignalRaised
from signaling.control_events import LessonInterrupted
from signaling.events import (
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    LessonStateChanged,
    RoomEvent,
    SeatLeft,
    kind_of,
    serialize_event,
)
from signaling.ports import LessonState, StoredEvent
from signaling.roles import Role
from signaling.rounds import Answer, AnswerKind, Poll, Round
from streaming.identifiers import LessonId, SeatId
from tests.signaling.chronicle import MINUTE, Told, connection, joined, microphone

ROOMS = {
    "c1": "青山小学三年级",
    "c2": "River school, grades 3 and 4",
    "c3": "石桥教学点",
    "c4": "Hill school",
}
LENGTH_MS = 40 * MINUTE


def store_lesson(database_url: str, lesson: str, told: Sequence[Told], started_at_ms: int) -> None:
    """`told` from the lesson's start; its row follows by the events themselves."""
    rows = [
        StoredEvent(number, started_at_ms + at_ms, kind_of(event), serialize_event(event))
        for number, (at_ms, event) in enumerate(told, 1)
    ]

    async def write() -> None:
        database = Database(database_url)
        await database.open()
        await StoredEvents(database).append(LessonId(lesson), "ep_past", rows)
        await database.close()

    asyncio.run(write())


def ordinary_lesson(started_at_ms: int, *, is_over: bool = True) -> list[Told]:
    """Forty minutes with four rooms: one comes late, one has a bad link, one is hardly called on."""
    minutes: list[tuple[float, RoomEvent]] = [
        (-4, joined("master", Role.MASTER, "林老师")),
        (-4, microphone("master", "pub_m")),
        *((-3, joined(room, name=name)) for room, name in ROOMS.items() if room != "c3"),
        (-2, joined("c1-assistant", Role.ASSISTANT, "王老师")),
        (-2, joined("c2-assistant", Role.ASSISTANT, "Ms Zhao")),
        (0, LessonStateChanged(LessonState.LIVE, started_at_ms, None)),
        (1, joined("observer", Role.OBSERVER, "Inspector Sun")),
        (3.5, joined("c3", name=ROOMS["c3"])),
        (6, FloorRequested(SeatId("c1"), 0)),
        (6.2, FloorRequested(SeatId("c2"), 1)),
        (6.4, FloorGranted(SeatId("c1"))),
        (9, FloorRevoked(SeatId("c1"))),
        (9.1, FloorGranted(SeatId("c2"))),
        (11, FloorRevoked(SeatId("c2"))),
        (12, RoundOpened(Round(1, "分一分，说一说", AnswerKind.COUNT, ()))),
        *((14 + n / 2, _answer(1, room)) for n, room in enumerate(("c1", "c2", "c4"))),
        (15.5, FloorGranted(SeatId("c4"))),
        (17, FloorRevoked(SeatId("c4"))),
        (18, connection("c3", is_back=False)),
        (19, SeatLeft(SeatId("c3"), "timeout")),
        (22, joined("c3", name=ROOMS["c3"])),
        (23, SignalRaised(SeatId("c3"), Signal.CANNOT_HEAR)),
        (24, LessonInterrupted(LessonState.SUSPENDED)),
        (26, LessonInterrupted(LessonState.LIVE)),
        (26.5, FloorRequested(SeatId("c3"), 0)),
        (28, FloorWithdrawn(SeatId("c3"))),
        (29, RoundOpened(Round(2, "Which is larger?", AnswerKind.CHOICE, ("1/2", "1/3")))),
        *((30 + n / 3, _answer(2, room)) for n, room in enumerate(("c1", "c2", "c3", "c4"))),
        (31, PollOpened(Poll(1, "听懂了吗？", ("懂", "不懂")))),
        (31.5, PollAnswered(1, Answer(SeatId("c1"), "c1", (11, 1), None), (11, 1))),
        (32, connection("c4", is_back=False)),
        (32.5, connection("c4", is_back=True)),
        (33, connection("master", is_back=False)),
        (33, LessonInterrupted(LessonState.MASTER_LOST)),
        (33.6, connection("master", is_back=True)),
        (33.6, LessonInterrupted(LessonState.LIVE)),
        (34, FloorRequested(SeatId("c1"), 0)),
        (34.3, FloorGranted(SeatId("c1"))),
        (36.5, FloorRevoked(SeatId("c1"))),
        (38, SeatLeft(SeatId("c4"), "left")),
    ]
    if is_over:
        ended_at_ms = started_at_ms + LENGTH_MS
        minutes.append((40, LessonStateChanged(LessonState.ENDED, started_at_ms, ended_at_ms)))
    return [(round(minute * MINUTE), event) for minute, event in minutes]


def _answer(number: int, room: str) -> RoundAnswered:
    return RoundAnswered(number, Answer(SeatId(room), room, (9, 12), None), (9, 12))
