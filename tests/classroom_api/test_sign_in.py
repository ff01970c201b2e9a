from __future__ import annotations

import asyncio

import pytest

from classroom_api.auth import ADMIN, Principal
from classroom_api.planning import Planning
from classroom_api.roles import Grant, GrantRole
from classroom_api.sign_in import SignIn
from classroom_api.store.credentials import SESSION_MS, principal_of
from classroom_api.store.database import Database
from classroom_api.store.records import KINDS, create_record
from streaming.errors import Refused


def test_a_session_lasts_its_time_and_passwords_are_set_by_who_administers(database_url: str) -> None:
    async def run() -> None:
        database = Database(database_url)
        await database.open()
        sign_in = SignIn(Planning(database, lambda: 1000))
        place: dict[str, object] = {"kind": "region", "name": "n", "parent_id": None, "time_zone": "UTC"}
        person = {
            "organization_id": "org_a",
            "login": "lin",
            "name": "Lin",
            "language": "en",
            "is_disabled": False,
        }
        await database.transaction(
            lambda session: create_record(session, KINDS["organizations"], "org_a", place, ADMIN, 0)
        )
        await database.transaction(
            lambda session: create_record(session, KINDS["users"], "usr_a", person, ADMIN, 0)
        )
        noted: list[str] = []
        stranger = Principal("usr_b", grants=(Grant(GrantRole.ADMIN, "/org_b/"),), user="usr_b")
        with pytest.raises(Refused, match="record_unknown"):
            await sign_in.set_password("usr_a", "correct horse", stranger)
        with pytest.raises(Refused, match="sign_in_refused"):
            await sign_in.with_password("lin", "correct horse", "192.0.2.1", noted.append)
        await sign_in.set_password("usr_a", "correct horse", ADMIN)
        row, text = await sign_in.with_password(" LIN ", "correct horse", "192.0.2.1", noted.append)
        assert row.expires_at_ms == 1000 + SESSION_MS
        assert noted == ["usr_a", "usr_a"]
        principal = await database.transaction(lambda session: principal_of(session, text, 1000))
        assert (principal.user, principal.grants) == ("usr_a", ())
        with pytest.raises(Refused, match="token_invalid"):
            await sign_in.enrol(text, "192.0.2.1")
        sign_in.close()
        await database.close()

    asyncio.run(run())
