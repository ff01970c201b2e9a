from __future__ import annotations

import pytest
from sqlalchemy import Executable, delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from classroom_api.access import EVERYTHING, Scope
from classroom_api.store.audit import AuditEntry, AuditFilter, add_entry, list_entries, place_of
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.planning_schema import AuditRow, OrganizationRow
from tests.classroom_api.store.test_database import lesson_row

ANY = AuditFilter()
HALF_A_YEAR_MS = 184 * 86_400_000


def entry(at_ms: int, actor: str = "usr_a", record_id: str | None = "les_a") -> AuditEntry:
    return AuditEntry(at_ms, actor, "GET /api/v1/reports", record_id, None, "asked by 王", "ok", "127.0.0.1")


def now_ms(session: Session) -> int:
    """The database's own clock: the trigger's."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    seconds = "strftime('%s', 'now')" if is_sqlite else "extract(epoch from now())"
    return int(session.execute(text(f"select cast({seconds} as bigint)")).scalar_one()) * 1000


def test_entries_cannot_be_changed_and_go_after_half_a_year_alone(database_url: str) -> None:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as session, session.begin():
        add_entry(session, entry(now_ms(session) - HALF_A_YEAR_MS + 60_000))
        add_entry(session, entry(now_ms(session) - HALF_A_YEAR_MS - 60_000, "usr_old"))
    refused: list[Executable] = [
        update(AuditRow).values(reason="nothing"),
        update(AuditRow).where(AuditRow.actor == "usr_old").values(actor="usr_b"),
        delete(AuditRow),
        delete(AuditRow).where(AuditRow.actor == "usr_a"),
    ]
    if engine.dialect.name == "postgresql":
        refused.append(text("truncate audit_entries"))
    for statement in refused:
        with pytest.raises(DBAPIError, match="audit entries"), Session(engine) as session, session.begin():
            session.execute(statement)
    with Session(engine) as session, session.begin():
        assert len(list_entries(session, EVERYTHING, ANY, 2**53, 10)) == 2
        session.execute(delete(AuditRow).where(AuditRow.actor == "usr_old"))
        assert [row.actor for row in list_entries(session, EVERYTHING, ANY, 2**53, 10)] == ["usr_a"]
    engine.dispose()


def test_the_newest_come_first_and_can_be_chosen(database_url: str) -> None:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as session, session.begin():
        for number in range(5):
            add_entry(session, entry(100 * number, f"usr_{number % 2}", f"les_{number}"))
        session.flush()

        def found(wanted: AuditFilter = ANY, before: int = 2**53, limit: int = 10) -> list[int]:
            return [row.at_ms for row in list_entries(session, EVERYTHING, wanted, before, limit)]

        assert found() == [400, 300, 200, 100, 0]
        assert found(limit=2) == [400, 300]
        assert found(AuditFilter(actor="usr_1")) == [300, 100]
        assert found(AuditFilter(record_id="les_2")) == [200]
        assert found(AuditFilter(from_ms=100, to_ms=300)) == [200, 100]
        [newest, *_] = list_entries(session, EVERYTHING, ANY, 2**53, 1)
        assert found(before=newest.seq) == [300, 200, 100, 0]
        assert list_entries(session, Scope(("/org_x/",)), ANY, 2**53, 10) == []
    engine.dispose()


def test_where_a_record_belongs(database_url: str) -> None:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as session, session.begin():
        place = OrganizationRow(id="org_a", kind="school", name="Hill", parent_id=None, path="/org_a/")
        place.time_zone, place.created_at_ms = "Asia/Shanghai", 1
        lesson = lesson_row()
        session.add(place)
        session.flush()
        lesson.organization_id = "org_a"
        session.add(lesson)
        session.flush()
        assert place_of(session, "les_a") == "org_a"
        assert place_of(session, "org_a") == "org_a"
        assert [place_of(session, unknown) for unknown in ("les_b", "usr_a", "key_a", "res_a", "x", "")] == [
            None
        ] * 6
    engine.dispose()
