from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.auth import ADMIN, Principal
from classroom_api.cursors import Position
from classroom_api.roles import Grant, GrantRole
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.planning_schema import OrganizationRow
from classroom_api.store.records import (
    KINDS,
    MAXIMUM_DEPTH,
    create_record,
    delete_record,
    find_record,
    list_records,
    replace_record,
    visible,
)
from streaming.errors import Refused

ORGANIZATIONS = KINDS["organizations"]


def organization(parent: str | None = None) -> dict[str, object]:
    return {"kind": "region", "name": "n", "parent_id": parent, "time_zone": "Asia/Shanghai"}


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as opened, opened.begin():
        yield opened
    engine.dispose()


def test_an_underscore_in_an_id_is_no_wildcard(session: Session) -> None:
    for name in ("org_a", "orgxa"):
        create_record(session, ORGANIZATIONS, name, organization(), ADMIN, 0)
    query = select(OrganizationRow.id).where(visible(OrganizationRow.id, Scope(("/org_a/",))))
    assert list(session.scalars(query)) == ["org_a"]
    assert not session.scalars(select(OrganizationRow).where(visible(OrganizationRow.id, Scope()))).all()


def test_the_tree_has_a_depth(session: Session) -> None:
    parent = None
    for level in range(MAXIMUM_DEPTH):
        create_record(session, ORGANIZATIONS, f"org_{level}", organization(parent), ADMIN, 0)
        parent = f"org_{level}"
    with pytest.raises(Refused, match="organization_misplaced"):
        create_record(session, ORGANIZATIONS, "org_deep", organization(parent), ADMIN, 0)


def test_lists_go_on_after_a_position(session: Session) -> None:
    for name, at_ms in (("org_b", 1), ("org_a", 1), ("org_c", 0)):
        create_record(session, ORGANIZATIONS, name, organization(), ADMIN, at_ms)
    everything = Scope(None)
    rows = list_records(session, ORGANIZATIONS, everything, {}, None, 10)
    assert [row.id for row in rows] == ["org_c", "org_a", "org_b"]
    rows = list_records(session, ORGANIZATIONS, everything, {}, Position(1, "org_a"), 10)
    assert [row.id for row in rows] == ["org_b"]


def test_a_version_counts_changes_and_guards_them(session: Session) -> None:
    row = create_record(session, ORGANIZATIONS, "org_a", organization(), ADMIN, 0)
    assert row.version == 1
    changed = replace_record(session, ORGANIZATIONS, "org_a", organization() | {"name": "m"}, 1, ADMIN)
    assert changed.version == 2
    with pytest.raises(Refused, match="precondition_failed"):
        delete_record(session, ORGANIZATIONS, "org_a", 1, ADMIN)
    delete_record(session, ORGANIZATIONS, "org_a", 2, ADMIN)
    with pytest.raises(Refused, match="record_unknown"):
        find_record(session, ORGANIZATIONS, "org_a", Scope(None))


def test_who_may_read_may_not_therefore_write(session: Session) -> None:
    create_record(session, ORGANIZATIONS, "org_a", organization(), ADMIN, 0)
    create_record(session, ORGANIZATIONS, "org_b", organization("org_a"), ADMIN, 0)
    grants = (Grant(GrantRole.OBSERVER, "/org_a/"), Grant(GrantRole.ADMIN, "/org_a/org_b/"))
    both = Principal("usr_a", grants=grants, user="usr_a")
    with pytest.raises(Refused, match="not_permitted"):
        replace_record(session, ORGANIZATIONS, "org_a", organization(), None, both)
    replace_record(session, ORGANIZATIONS, "org_b", organization("org_a"), None, both)
