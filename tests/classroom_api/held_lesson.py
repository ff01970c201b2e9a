"""A lesson of a running house that was held and has replays: rows as the room and the recorder leave them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from classroom_api.store.database import engine_of
from classroom_api.store.lessons import LessonState
from classroom_api.store.replay_index import index_lesson
from classroom_api.store.schema import LessonRow, ResourceRow, SeatRow
from tests.classroom_api.house import API, House

DURATION_MS = 600_000


def hold_lesson(house: House, title: str, state: LessonState = LessonState.PUBLISHED, **plan: object) -> str:
    """The id of a lesson with a teacher's replay, and a classroom's that may not be published."""
    lesson = house.make("lessons", title=title, **plan)
    engine = engine_of(house.database_url)
    with Session(engine) as session, session.begin():
        session.get_one(LessonRow, lesson).state = state
        seat = SeatRow(id=f"seat{lesson[3:]}", lesson_id=lesson, role="classroom", name="", created_at_ms=0)
        seat.recording_consent = True
        session.add(seat)
        for kind, of_seat in (("teacher", None), ("stage", seat.id)):
            resource = ResourceRow(
                id=f"res_{kind}{lesson[3:]}"[:40], lesson_id=lesson, kind=kind, seat_id=of_seat
            )
            resource.state, resource.playlist = "ready", "index.m3u8"
            resource.duration_ms, resource.created_at_ms = DURATION_MS, 0
            session.add(resource)
        session.flush()
        index_lesson(session, lesson)
    engine.dispose()
    return lesson


def seat_of(house: House, lesson: str, role: str) -> dict[str, str]:
    """The header of a seat's invitation, made before the lesson was over."""
    engine = engine_of(house.database_url)
    with Session(engine) as session:
        row = session.get_one(LessonRow, lesson)
        before, row.state = row.state, LessonState.SCHEDULED
        session.commit()
        answer = house.admin.post(f"{API}/lessons/{lesson}/invitations", json={"role": role})
        session.refresh(row)
        row.state = before
        session.commit()
    engine.dispose()
    return {"Authorization": f"Bearer {answer.json()['invitation']}"}
