"""Planning over the database: what the REST face of organizations, people and lessons stands on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from classroom_api.access import require
from classroom_api.auth import Principal
from classroom_api.cursors import Position
from classroom_api.store import records
from classroom_api.store.database import Database
from classroom_api.store.idempotency import store_answer, stored_answer
from classroom_api.store.planning_schema import PlanningRow
from classroom_api.store.records import Kind, Values
from streaming.errors import Refused
from streaming.identifiers import RANDOM_BYTES, format_identifier

T = TypeVar("T")


def new_id(prefix: str) -> str:
    return format_identifier(prefix, secrets.token_bytes(RANDOM_BYTES))


@dataclass(frozen=True, slots=True)
class Once:
    """A POST and its Idempotency-Key, if it has one. `fingerprint` tells another request from the same."""

    caller: str
    key: str | None
    fingerprint: str


class Planning:
    """Transactions of planning. `clock_ms` gives UTC milliseconds."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        self._database = database
        self.now_ms = clock_ms

    async def transaction(self, work: Callable[[Session], T]) -> T:
        """As `Database.transaction`."""
        return await self._database.transaction(work)

    async def once(self, once: Once, work: Callable[[Session], str]) -> str:
        """Run `work`, or give what it gave when this request came before.

        Refused: idempotency_key_reused, and what `work` and the database refuse.
        """
        key = once.key
        if key is None:
            return await self.transaction(work)

        def guarded(session: Session) -> str:
            now_ms = self.now_ms()
            known = stored_answer(session, once.caller, key, once.fingerprint, now_ms)
            if known is not None:
                return known
            answer = work(session)
            store_answer(session, once.caller, key, once.fingerprint, answer, now_ms)
            return answer

        try:
            return await self.transaction(guarded)
        except Refused as refused:
            if refused.code != "already_exists":
                raise
            # Another process may just have carried out the same request: then its answer is there now.
            return await self.transaction(guarded)

    async def create(
        self,
        kind: Kind,
        values: Values,
        principal: Principal,
        once: Once,
        answer: Callable[[PlanningRow], str],
    ) -> str:
        """Refused: see `records.create_record`."""
        record_id = new_id(kind.prefix)

        def work(session: Session) -> str:
            return answer(records.create_record(session, kind, record_id, values, principal, self.now_ms()))

        return await self.once(once, work)

    async def replace(
        self, kind: Kind, record_id: str, values: Values, version: int | None, principal: Principal
    ) -> PlanningRow:
        """Refused: see `records.replace_record`."""
        return await self.transaction(
            lambda session: records.replace_record(session, kind, record_id, values, version, principal)
        )

    async def delete(self, kind: Kind, record_id: str, version: int | None, principal: Principal) -> None:
        """Refused: see `records.delete_record`."""
        await self.transaction(
            lambda session: records.delete_record(session, kind, record_id, version, principal)
        )

    async def find(self, kind: Kind, record_id: str, principal: Principal) -> PlanningRow:
        """Refused: record_unknown, not_permitted."""
        scope = require(principal, kind.read)
        return await self.transaction(lambda session: records.find_record(session, kind, record_id, scope))

    async def page(
        self, kind: Kind, principal: Principal, filters: Values, after: Position | None, limit: int
    ) -> Sequence[PlanningRow]:
        """Refused: not_permitted."""
        scope = require(principal, kind.read)
        return await self.transaction(
            lambda session: records.list_records(session, kind, scope, filters, after, limit)
        )
