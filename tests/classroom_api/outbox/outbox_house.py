"""An outbox with a lesson in it, for tests of what empties it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from sqlalchemy.orm import Session

from classroom_api.outbox.events import Happening
from classroom_api.store.database import Database
from classroom_api.store.events import StoredEvents
from classroom_api.store.outbox_schema import DeliveryRow, WebhookRow
from classroom_api.store.planning_schema import OrganizationRow
from signaling.ports import StoredEvent
from streaming.identifiers import LessonId
from tests.classroom_api.store.test_database import lesson_row

SERVER_SECRET = "server secret"
WEBHOOK = "whk_a"


@dataclass(slots=True)
class OutboxHouse:
    """A database with one organization, its webhook and lessons. `seqs` numbers each lesson's events."""

    database: Database
    events: StoredEvents
    seqs: dict[str, int]

    async def happen(self, lesson: str, *bodies: dict[str, object]) -> None:
        """Events of a room, as the room stores them."""
        made = []
        for body in bodies:
            seq = self.seqs[lesson] = self.seqs.get(lesson, 0) + 1
            text = json.dumps(body, separators=(",", ":"))
            made.append(StoredEvent(seq, 1000 * seq, str(body["type"]), text))
        await self.events.append(LessonId(lesson), "ep_a", made)

    async def deliveries(self) -> Sequence[DeliveryRow]:
        query = DeliveryRow.__table__.select().order_by(DeliveryRow.sequence)

        return await self.database.transaction(
            lambda session: [session.get_one(DeliveryRow, row.sequence) for row in session.execute(query)]
        )


async def open_outbox_house(database_url: str, url: str, lessons: Sequence[str]) -> OutboxHouse:
    database = Database(database_url)
    await database.open()
    await database.transaction(
        lambda session: session.add_all(
            [
                OrganizationRow(
                    id="org_a",
                    kind="school",
                    name="Hill",
                    path="/org_a/",
                    time_zone="Asia/Shanghai",
                    created_at_ms=0,
                )
            ]
        )
    )
    numbers = count(1)

    def fill(session: Session) -> None:
        session.add(
            WebhookRow(
                id=WEBHOOK,
                organization_id="org_a",
                url=url,
                events=list(Happening),
                is_enabled=True,
                created_at_ms=0,
            )
        )
        for lesson in lessons:
            session.add(
                lesson_row(
                    lesson,
                    title="分数",
                    recording_policy="off",
                    organization_id="org_a",
                    created_at_ms=next(numbers),
                )
            )

    await database.transaction(fill)
    return OutboxHouse(database, StoredEvents(database, is_stated=True), {})


def joined(seat: str, role: str = "classroom") -> dict[str, object]:
    return {"type": "seat_joined", "seat": {"id": seat, "role": role, "name": "小明", "classroom": None}}


def left(seat: str) -> dict[str, object]:
    return {"type": "seat_left", "seat": seat, "reason": "left"}


def hand(seat: str) -> dict[str, object]:
    return {"type": "floor_requested", "seat": seat, "position": 0}


LIVE = {"type": "lesson_state", "state": "live", "started_at_ms": 1000, "ended_at_ms": None, "reason": None}
ENDED = {
    "type": "lesson_state",
    "state": "ended",
    "started_at_ms": 1000,
    "ended_at_ms": 61_500,
    "reason": None,
}
