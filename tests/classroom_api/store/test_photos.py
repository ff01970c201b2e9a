"""Photos in the database: of which room they are, and which are kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.lessons import LessonState
from classroom_api.store.photos import (
    MAX_PHOTOS_OF_ROOM,
    photos_of,
    require_photo,
    require_takes_photos,
    screen_of,
    settle_photos,
    sweep_photos,
)
from classroom_api.store.schema import LessonRow, PhotoRow, SeatRow
from signaling.ports import SeatClaims
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId, SeatId
from tests.classroom_api.store.test_database import lesson_row


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as session:
        session.add(lesson_row("les_a"))
        session.flush()
        for room in ("c1", "c2"):
            session.add(
                SeatRow(
                    id=f"screen_{room}",
                    lesson_id="les_a",
                    role=Role.CLASSROOM,
                    name=room,
                    classroom=room,
                    recording_consent=False,
                    created_at_ms=1,
                )
            )
        session.flush()
        yield session
    engine.dispose()


def claims(role: Role, classroom: str | None, lesson: str = "les_a") -> SeatClaims:
    seat = f"screen_{classroom}" if role is Role.CLASSROOM else f"helping_{classroom}"
    return SeatClaims(LessonId(lesson), SeatId(seat), role, "", classroom, recording_consent=False)


def photo(session: Session, name: str, room: str = "c1") -> PhotoRow:
    row = PhotoRow(
        id=name,
        lesson_id="les_a",
        seat_id=f"screen_{room}",
        classroom=room,
        width=1,
        height=1,
        is_kept=False,
        created_at_ms=1,
    )
    session.add(row)
    session.flush()
    return row


def test_an_assistant_takes_photos_for_the_rooms_screen(session: Session) -> None:
    assert screen_of(session, claims(Role.CLASSROOM, "c1")) == "screen_c1"
    assert screen_of(session, claims(Role.ASSISTANT, "c1")) == "screen_c1"
    assert screen_of(session, claims(Role.ASSISTANT, "c9")) == "helping_c9"
    assert screen_of(session, claims(Role.ASSISTANT, None)) == "helping_None"


def test_a_photo_answers_for_the_room_that_took_it(session: Session) -> None:
    photo(session, "photo_1")
    for role in (Role.CLASSROOM, Role.ASSISTANT):
        require_photo(session, claims(role, "c1"), "photo_1")
    for who, name in (
        (claims(Role.CLASSROOM, "c2"), "photo_1"),
        (claims(Role.ASSISTANT, "c2"), "photo_1"),
        (claims(Role.CLASSROOM, "c1", "les_b"), "photo_1"),
        (claims(Role.CLASSROOM, "c1"), "photo_2"),
    ):
        with pytest.raises(Refused, match="photo_unknown"):
            require_photo(session, who, name)


def test_a_room_takes_only_so_many(session: Session) -> None:
    for number in range(MAX_PHOTOS_OF_ROOM):
        require_takes_photos(session, "les_a", "screen_c1")
        photo(session, f"photo_{number:02}")
    with pytest.raises(Refused, match="limit_reached"):
        require_takes_photos(session, "les_a", "screen_c1")
    require_takes_photos(session, "les_a", "screen_c2")


def test_what_is_left_when_the_lesson_is_over(session: Session) -> None:
    photo(session, "photo_1", "c1")
    photo(session, "photo_2", "c2")
    assert list(settle_photos(session, "les_a", frozenset({"screen_c2"}))) == ["photo_1"]
    session.expire_all()
    assert [(row.id, row.is_kept) for row in photos_of(session, "les_a", None)] == [("photo_2", True)]
    assert not photos_of(session, "les_a", "screen_c1")


def test_a_server_that_died_at_the_end_keeps_nothing_that_nobody_allowed(session: Session) -> None:
    photo(session, "photo_1")
    photo(session, "photo_2").is_kept = True
    session.flush()
    assert sweep_photos(session) == {"photo_1", "photo_2"}
    session.get_one(LessonRow, "les_a").state = LessonState.ENDED
    session.flush()
    assert sweep_photos(session) == {"photo_2"}
