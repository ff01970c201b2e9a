from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.orm import Session

from classroom_api.store.planning_schema import PairingRow, StudentGroupRow, UserRow
from classroom_api.store.schema import LessonRow, SeatRow
from classroom_api.store.statements import read_stated
from streaming.errors import Refused
from tests.classroom_api.outbox.outbox_house import ENDED, LIVE, hand, joined, open_outbox_house

HOME = "https://school.example"


def test_seats_of_pairings_and_users_have_accounts_that_outlast_the_lesson(database_url: str) -> None:
    async def run() -> None:
        house = await open_outbox_house(database_url, "https://school.example/", ["les_a"])

        def seat_them(session: Session) -> None:
            of_school = {"organization_id": "org_a", "created_at_ms": 0}
            group = StudentGroupRow(id="grp_a", name="g", grade_levels=[3], size=9, **of_school)
            user = UserRow(
                id="usr_lin", login="lin", name="Lin", language="zh", is_disabled=False, **of_school
            )
            session.add_all([group, user])
            session.flush()
            session.add(PairingRow(id="pair_hill", name="Hill", student_group_id="grp_a", **of_school))
            session.flush()
            in_lesson = {"lesson_id": "les_a", "name": "n", "recording_consent": False, "created_at_ms": 0}
            session.add_all(
                [
                    SeatRow(id="seat_c", role="classroom", pairing_id="pair_hill", **in_lesson),
                    SeatRow(id="seat_m", role="master", user_id="usr_lin", **in_lesson),
                    SeatRow(id="seat_s", role="student", **in_lesson),
                ]
            )
            row = session.get_one(LessonRow, "les_a")
            row.starts_at_ms, row.ends_at_ms = 0, 2_700_000

        await house.database.transaction(seat_them)
        drawn = {"type": "ink_cleared", "deck": "d", "page": 1}
        await house.happen(
            "les_a", joined("seat_m", "master"), LIVE, drawn, joined("seat_c"), hand("seat_s"), ENDED
        )
        read = await house.database.transaction(lambda session: read_stated(session, "les_a", HOME, until=5))
        made = read.statements()
        assert [seq for seq, _, _ in read.events] == [1, 2, 4, 5]
        accounts = {seq: each["actor"]["account"] for seq, each in made.items()}
        names = {1: "usr_lin", 2: "usr_lin", 4: "pair_hill", 5: "seat_s"}
        assert accounts == {seq: {"homePage": HOME, "name": name} for seq, name in names.items()}
        assert "PT2700S" in str(made[2])
        with pytest.raises(Refused):
            await house.database.transaction(lambda session: read_stated(session, "les_x", HOME))
        await house.database.close()

    asyncio.run(run())
