"""Media are looked at with a reason, by who administers; and who cannot be written down sees nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from classroom_api.access_routes import ROUTES
from classroom_api.app import create_app
from classroom_api.audited_routes import is_audited
from classroom_api.roles import GrantRole
from classroom_api.routes.audited import AuditedRoute
from classroom_api.settings import load_settings
from classroom_api.store.database import engine_of
from tests.classroom_api.house import API, House, code_of
from tests.classroom_api.routes.test_audit import entries


@pytest.fixture
def school(house: House) -> str:
    return house.organization()


@pytest.fixture
def lesson(house: House, school: str) -> str:
    return house.make("lessons", title="Fractions", organization_id=school, recording_policy="off")


@pytest.fixture
def broken_audit(house: House) -> Iterator[None]:
    """The table is away, as when a disk fails."""
    engine = engine_of(house.database_url)

    def rename(before: str, after: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(f"alter table {before} rename to {after}"))

    rename("audit_entries", "audit_elsewhere")
    yield
    rename("audit_elsewhere", "audit_entries")
    engine.dispose()


def test_an_administrator_says_why(house: House, school: str, lesson: str) -> None:
    path = f"{API}/lessons/{lesson}/resources"
    with house.key(school, GrantRole.ADMIN) as admin:
        assert code_of(admin.get(path)) == (400, "reason_required")
        assert code_of(admin.get(path, params={"reason": "  "})) == (400, "reason_required")
        assert code_of(admin.get(path, params={"reason": "x" * 201})) == (400, "bad_message")
        assert admin.get(path, params={"reason": "家长投诉 no. 7"}).json() == []
        told = [(one["outcome"], one["reason"]) for one in entries(admin, record_id=lesson)][:4]
    assert told[0] == ("ok", "家长投诉 no. 7")
    assert [outcome for outcome, _ in told[1:]] == ["bad_message", "reason_required", "reason_required"]


def test_who_edits_or_teaches_needs_no_reason_and_the_server_s_own_key_none(
    house: House, school: str, lesson: str
) -> None:
    path = f"{API}/lessons/{lesson}/resources"
    with house.key(school, GrantRole.EDITOR) as editor:
        assert editor.get(path).json() == []
    assert house.admin.get(path).json() == []
    assert [one["action"] for one in entries(house.admin, record_id=lesson)][:2] == [
        "GET /api/v1/lessons/{lesson_id}/resources"
    ] * 2
    teacher = house.user(school)
    taught = house.make("lessons", title="Taught", organization_id=school, master_id=teacher)
    with house.key(school, GrantRole.MASTER, user=teacher) as master:
        assert master.get(f"{API}/lessons/{taught}/resources").json() == []


def test_seats_that_wait_for_a_replay_do_not_fill_the_book(house: House, lesson: str) -> None:
    token = house.admin.post(f"{API}/lessons/{lesson}/invitations", json={"role": "master"}).json()
    bearer = {"Authorization": f"Bearer {token['invitation']}"}
    before = len(entries(house.admin, record_id=lesson))
    assert house.anyone.get(f"{API}/lessons/{lesson}/resources", headers=bearer).json() == []
    assert len(entries(house.admin, record_id=lesson)) == before


def test_who_cannot_be_written_down_sees_nothing(house: House, lesson: str, broken_audit: None) -> None:
    # A connection of its own: after an internal error the server closes it.
    answer = httpx.get(f"{house.url}{API}/lessons/{lesson}/report", headers=house.admin.headers, timeout=30)
    assert answer.status_code >= 500
    assert lesson not in json.dumps(answer.json())


def test_control_and_invitations_are_written_down(house: House, school: str, lesson: str) -> None:
    with house.key(school, GrantRole.ADMIN) as admin:
        admin.post(f"{API}/lessons/{lesson}/start")
        admin.post(f"{API}/lessons/{lesson}/control", json={"type": "forbid_all", "forbidden": True})
        admin.post(f"{API}/lessons/{lesson}/invitations", json={"role": "observer", "name": "Sun"})
        told = [one["action"].rpartition("/")[2] for one in entries(admin, record_id=lesson)]
    assert told[:3] == ["invitations", "control", "start"]


def _routes(entries: Iterable[object]) -> Iterator[APIRoute]:
    """As they were declared, in routers within routers."""
    for entry in entries:
        if isinstance(entry, APIRoute):
            yield entry
        elif hasattr(entry, "original_router"):
            yield from _routes(entry.original_router.routes)


def test_no_audited_route_is_served_by_a_router_that_writes_nothing(tmp_path: Path) -> None:
    app = create_app(load_settings({"data_dir": tmp_path}))
    served = {
        (method, route.path): isinstance(route, AuditedRoute)
        for route in _routes(app.routes)
        for method in route.methods or ()
    }
    audited = {route for route in ROUTES if is_audited(*route)}
    assert [route for route in audited if not served[route]] == []
