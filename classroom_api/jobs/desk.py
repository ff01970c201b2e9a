"""Jobs as people see them: what there is, how far it is, to be cancelled or begun again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.jobs.model import JobKinds
from classroom_api.planning import Planning
from classroom_api.store import jobs
from classroom_api.store.jobs import Query
from classroom_api.store.resource_schema import JobRow


class JobDesk:
    """Stands on planning's transactions."""

    def __init__(self, planning: Planning, kinds: JobKinds) -> None:
        self._planning, self._kinds = planning, kinds

    async def page(self, query: Query, limit: int) -> Sequence[JobRow]:
        """The newest first."""
        return await self._planning.transaction(lambda session: jobs.list_jobs(session, query, limit))

    async def find(self, job: str, scope: Scope) -> JobRow:
        """Refused: job_unknown."""
        return await self._planning.transaction(lambda session: jobs.find_job(session, job, scope))

    async def cancel(self, job: str, scope: Scope) -> JobRow:
        """Refused: job_unknown, job_state_conflict."""

        def work(session: Session) -> JobRow:
            row = jobs.find_job(session, job, scope)
            jobs.cancel(session, row, self._planning.now_ms(), self._kinds)
            return row

        return await self._planning.transaction(work)

    async def retry(self, job: str, scope: Scope) -> JobRow:
        """Refused: job_unknown, job_state_conflict."""

        def work(session: Session) -> JobRow:
            row = jobs.find_job(session, job, scope)
            jobs.retry(session, row, self._planning.now_ms())
            return row

        return await self._planning.transaction(work)
