from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from classroom_api.store.database import sqlite_url, upgrade_schema
from classroom_api.store.lessons import (
    RUNNING,
    LessonState,
    lessons_in,
    list_lessons,
    require_lesson,
    require_seat,
    seat_for_invitation,
)
from classroom_api.store.schema import SeatRow
from streaming.errors import Refused
from streaming.identifiers import LessonId, SeatId
from tests.classroom_api.store.test_database import lesson_row


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = create_engine(sqlite_url(tmp_path / "a.db"))
    upgrade_schema(engine)
    with Session(engine) as open_session:
        for number, state in enumerate((LessonState.SCHEDULED, LessonState.LIVE, LessonState.ENDED)):
            open_session.add(
                lesson_row(f"les_{number}", state=state, recording_policy="off", created_at_ms=number)
            )
        open_session.flush()
        yield open_session
    engine.dispose()


def seat(identifier: str, role: str, *, name: str = "", classroom: str | None = None) -> SeatRow:
    return SeatRow(
        id=identifier,
        lesson_id="les_0",
        role=role,
        name=name,
        classroom=classroom,
        recording_consent=False,
        created_at_ms=0,
    )


def test_lessons_come_newest_first(session: Session) -> None:
    assert [row.id for row in list_lessons(session, 2)] == ["les_2", "les_1"]
    assert [row.id for row in lessons_in(session, RUNNING)] == ["les_1"]


def test_what_is_not_there_is_refused(session: Session) -> None:
    with pytest.raises(Refused, match="lesson_unknown"):
        require_lesson(session, LessonId("les_x"))
    with pytest.raises(Refused, match="seat_unknown"):
        require_seat(session, SeatId("seat_x"))


def test_the_master_has_one_seat(session: Session) -> None:
    first = seat_for_invitation(session, seat("seat_1", "master", name="Ms Lin"))
    session.flush()
    second = seat_for_invitation(session, seat("seat_2", "master"))
    assert (second.id, second.name) == (first.id, "Ms Lin")


def test_a_named_classroom_has_one_seat_of_each_role(session: Session) -> None:
    room = seat_for_invitation(session, seat("seat_1", "classroom", name="Hill", classroom="c1"))
    helper = seat_for_invitation(session, seat("seat_2", "assistant", classroom="c1"))
    session.flush()
    again = seat_for_invitation(session, seat("seat_3", "classroom", name="Hill school", classroom="c1"))
    assert again is room
    assert again.name == "Hill school"
    assert helper.id == "seat_2"


def test_unnamed_rooms_and_pupils_are_each_their_own(session: Session) -> None:
    identifiers = set()
    for number, (role, classroom) in enumerate(
        (("classroom", None), ("classroom", None), ("student", "c1"), ("student", "c1"))
    ):
        identifiers.add(seat_for_invitation(session, seat(f"seat_{number}", role, classroom=classroom)).id)
        session.flush()
    assert len(identifiers) == 4
