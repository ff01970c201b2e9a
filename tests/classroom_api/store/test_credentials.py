from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.auth import ADMIN
from classroom_api.store.credentials import (
    MAXIMUM_SESSIONS,
    CredentialKind,
    is_credential,
    new_credential,
    new_enrolment,
    principal_of,
    require_credential,
    require_enrolment,
    void_oldest_sessions,
)
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.planning_schema import CredentialRow
from classroom_api.store.records import KINDS, create_record
from streaming.errors import Refused


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as opened, opened.begin():
        values: dict[str, object] = {"kind": "region", "name": "n", "parent_id": None, "time_zone": "UTC"}
        create_record(opened, KINDS["organizations"], "org_a", values, ADMIN, 0)
        person = {
            "organization_id": "org_a",
            "login": "lin",
            "name": "Lin",
            "language": "en",
            "is_disabled": False,
        }
        create_record(opened, KINDS["users"], "usr_a", person, ADMIN, 0)
        yield opened
    engine.dispose()


def open_session(session: Session, now_ms: int) -> str:
    row, text = new_credential(CredentialKind.SESSION, now_ms, 1000)
    row.user_id = "usr_a"
    session.add(row)
    session.flush()
    return text


def test_a_credential_ends_at_its_time(session: Session) -> None:
    text = open_session(session, 0)
    assert principal_of(session, text, 999).user == "usr_a"
    with pytest.raises(Refused, match="token_expired"):
        principal_of(session, text, 1000)


def test_the_id_alone_or_another_secret_opens_nothing(session: Session) -> None:
    text, other = open_session(session, 0), open_session(session, 0)
    identifier = text.partition(".")[0]
    for wrong in (identifier, f"{identifier}.", f"{identifier}.{other.partition('.')[2]}", "ses_", ""):
        with pytest.raises(Refused, match="token_invalid"):
            require_credential(session, wrong, 1)


def test_the_last_use_is_written_once_a_minute(session: Session) -> None:
    row, text = new_credential(CredentialKind.SESSION, 0, None)
    row.user_id = "usr_a"
    session.add(row)
    session.flush()
    seen = []
    for now_ms in (10, 50_000, 60_010):
        principal_of(session, text, now_ms)
        seen.append(row.last_used_at_ms)
    assert seen == [10, 10, 60_010]


def test_sessions_of_a_user_are_bounded(session: Session) -> None:
    first = newest = open_session(session, 0)
    for number in range(MAXIMUM_SESSIONS):
        void_oldest_sessions(session, "usr_a", number)
        newest = open_session(session, number + 1)
    assert len(session.scalars(select(CredentialRow)).all()) == MAXIMUM_SESSIONS
    with pytest.raises(Refused, match="token_invalid"):
        principal_of(session, first, 30)
    assert principal_of(session, newest, 30).user == "usr_a"


def test_a_code_is_short_and_read_however_it_is_typed(session: Session) -> None:
    create_record(
        session, KINDS["endpoints"], "end_a", {"organization_id": "org_a", "name": "n", "room": ""}, ADMIN, 0
    )
    row, code = new_enrolment("end_a", 0)
    session.add(row)
    session.flush()
    assert re.fullmatch(r"([a-z2-7]{4}-){2}[a-z2-7]{4}", code)
    for typed in (code, code.upper(), code.replace("-", ""), f" {code.replace('-', ' - ')} "):
        assert require_enrolment(session, typed, 1).endpoint_id == "end_a"
    for wrong in ("", "-", code[:-1], "é" * 12, row.id, f"{row.id}.{code}"):
        with pytest.raises(Refused, match="token_invalid"):
            require_enrolment(session, wrong, 1)
    with pytest.raises(Refused, match="token_expired"):
        require_enrolment(session, code, 15 * 60_000)


def test_tokens_of_lessons_are_told_apart() -> None:
    assert is_credential("ses_x.y")
    assert not is_credential("eyJhbGciOiJIUzI1NiJ9.e30.x")
    assert not is_credential("adm_x")
    assert not is_credential("enr_x.y")
