from __future__ import annotations

import json

from sqlalchemy.orm import Session

from classroom_api.access import EVERYTHING, Scope
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.planning_schema import OrganizationRow
from classroom_api.store.reports import events_told, lessons_held, place_and_course, planned_rooms
from classroom_api.store.schema import EventRow, SeatRow
from tests.classroom_api.store.test_database import lesson_row


def event(seq: int, kind: str) -> EventRow:
    body = json.dumps({"type": kind, "seat": "seat_a"}, separators=(",", ":"))
    return EventRow(lesson_id="les_a", seq=seq, epoch="ep_a", at_ms=10 * seq, body=body)


def seat(identifier: str, role: str, classroom: str | None, name: str) -> SeatRow:
    return SeatRow(
        id=identifier,
        lesson_id="les_a",
        role=role,
        name=name,
        classroom=classroom,
        recording_consent=False,
        created_at_ms=1,
    )


def test_what_a_report_is_made_of(database_url: str) -> None:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as session, session.begin():
        session.add(lesson_row())
        session.flush()
        kinds = ("seat_left", "ink_added", "floor_granted", "text_posted", "inkXadded")
        session.add_all(event(number, kind) for number, kind in enumerate(kinds, 1))
        session.add_all(
            [
                seat("seat_m", "master", None, "Lin"),
                seat("seat_1", "classroom", "c1", "Hill"),
                seat("seat_2", "classroom", None, ""),
                seat("seat_3", "assistant", "c3", "Wang"),
            ]
        )
        session.flush()
        told = events_told(session, "les_a")
        assert [at_ms for at_ms, _ in told] == [10, 30, 50]
        assert planned_rooms(session, "les_a") == {"c1": "Hill", "seat_2": "seat_2"}
        assert place_and_course(session, lesson_row()) == (None, None)
    engine.dispose()


def test_which_lessons_were_held(database_url: str) -> None:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as session, session.begin():
        for identifier, path in (("org_a", "/org_a/"), ("org_b", "/org_a/org_b/")):
            place = OrganizationRow(id=identifier, kind="school", name="x", path=path)
            place.time_zone, place.created_at_ms = "Asia/Shanghai", 1
            session.add(place)
        session.flush()
        for number, where in enumerate(("org_a", "org_b", None)):
            row = lesson_row(f"les_{number}")
            row.organization_id, row.started_at_ms = where, 100 * number
            session.add(row)
        session.add(lesson_row("les_never"))
        session.flush()

        def held(
            scope: Scope, place: str | None = None, times: tuple[int, int] = (0, 900), limit: int = 9
        ) -> list[str]:
            return [row.id for row in lessons_held(session, scope, place, None, times, limit)]

        assert held(EVERYTHING) == ["les_2", "les_1", "les_0"]
        assert held(EVERYTHING, limit=1) == ["les_2"]
        assert held(EVERYTHING, times=(100, 200)) == ["les_1"]
        assert held(EVERYTHING, "org_a") == ["les_1", "les_0"]
        assert held(EVERYTHING, "org_x") == []
        assert held(Scope(("/org_a/org_b/",)), "org_a") == ["les_1"]
        assert lessons_held(session, EVERYTHING, None, "crs_x", (0, 900), 9) == []
    engine.dispose()
