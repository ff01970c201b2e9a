"""Imports: the lines of a file become records in one transaction, all of them or none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from classroom_api.access import Ability, Scope, require, scope_of
from classroom_api.auth import Principal
from classroom_api.planning import new_id
from classroom_api.routes.models import LessonPlan
from classroom_api.routes.planning_models import RoleGrantDraft, StudentGroupDraft, UserDraft
from classroom_api.service import Service
from classroom_api.store.planning_schema import OrganizationRow, PairingRow, UserRow
from classroom_api.store.records import KINDS, create_record, require_place, visible
from classroom_api.store.timetable import TimetableClash
from classroom_api.timetable_csv import ImportRefused, ImportTable, Line, Problem
from streaming.errors import Refused

_SEPARATORS = re.compile(r"[;；、/]")
_MAXIMUM_PROBLEMS = 100
_COLUMN_OF_FIELD = {"grade_levels": "grades", "recording_policy": "record"}


class _Undone(Exception):
    """Takes a dry run's transaction back."""


class LineRefused(Refused):
    """A cell that cannot be read, or names nothing."""

    def __init__(self, column: str, reason: str, message: str, given: str) -> None:
        super().__init__("bad_message", message)
        self.column = column
        self.reason = reason
        self.given = given


class Importer:
    """Imports into one organization, as one who may."""

    def __init__(self, service: Service, principal: Principal, organization_id: str) -> None:
        self._service = service
        self._principal = principal
        self._organization_id = organization_id

    async def run(self, table: ImportTable, lines: Sequence[Line], *, is_dry: bool) -> list[Problem]:
        """The problems of a dry run; else all lines are stored.

        ImportRefused: then none is. Refused: not_permitted.
        """
        problems: list[Problem] = []

        def work(session: Session) -> None:
            store = self._writer(session, table)
            for line in lines:
                problem = _try(session, line, store)
                if problem is not None:
                    problems.append(problem)
                if len(problems) >= _MAXIMUM_PROBLEMS:
                    break
            if is_dry:
                raise _Undone
            if problems:
                raise ImportRefused(problems)

        try:
            await self._service.planning.transaction(work)
        except _Undone:
            return problems
        return []

    def _writer(self, session: Session, table: ImportTable) -> Callable[[Session, Line], None]:
        scope = require(self._principal, Ability.IMPORT)
        place = require_place(session, self._organization_id, scope)
        assert place is not None
        match table:
            case ImportTable.STUDENT_GROUPS:
                return self._store_group
            case ImportTable.USERS:
                return self._store_user
            case ImportTable.TIMETABLE:
                return lambda inner, line: self._store_lesson(inner, line, place)

    def _create(self, session: Session, kind: str, values: Mapping[str, Any]) -> str:
        record_id = new_id(KINDS[kind].prefix)
        now_ms = self._service.planning.now_ms()
        create_record(session, KINDS[kind], record_id, values, self._principal, now_ms)
        return record_id

    def _store_group(self, session: Session, line: Line) -> None:
        draft = StudentGroupDraft.model_validate(
            {
                "organization_id": self._organization_id,
                "name": line.cells["name"],
                "grade_levels": _several(line.cells["grades"]),
                "size": line.cells["size"],
            }
        )
        self._create(session, "student-groups", draft.model_dump())

    def _store_user(self, session: Session, line: Line) -> None:
        values = {
            "organization_id": self._organization_id,
            "login": line.cells["login"],
            "name": line.cells["name"],
        }
        if line.cells.get("language"):
            values["language"] = line.cells["language"]
        user = self._create(session, "users", UserDraft.model_validate(values).model_dump())
        if line.cells.get("role"):
            grant = RoleGrantDraft.model_validate(
                {"organization_id": self._organization_id, "user_id": user, "role": line.cells["role"]}
            )
            self._create(session, "role-grants", grant.model_dump())

    def _store_lesson(self, session: Session, line: Line, place: OrganizationRow) -> None:
        cells = line.cells
        zone = ZoneInfo(place.time_zone)
        users = scope_of(self._principal, Ability.USERS_READ)
        values: dict[str, Any] = {
            "title": cells["title"],
            "organization_id": place.id,
            "master_id": _user(session, cells["teacher"], users),
            "room": cells.get("room") or None,
            "starts_at_ms": _moment(cells["date"], cells["start"], "start", zone),
            "ends_at_ms": _moment(cells["date"], cells["end"], "end", zone),
            "pairings": [
                _pairing(session, name, scope_of(self._principal, Ability.PAIRINGS_READ))
                for name in _several(cells.get("classrooms", ""))
            ],
        }
        values |= {"mode": cells["mode"]} if cells.get("mode") else {}
        values |= {"recording_policy": cells["record"]} if cells.get("record") else {}
        self._service.plan_new(session, LessonPlan.model_validate(values).plan(), self._principal)


def _try(session: Session, line: Line, store: Callable[[Session, Line], None]) -> Problem | None:
    """Store one line in a savepoint, so that the lines after a wrong one are looked at too."""
    try:
        with session.begin_nested():
            store(session, line)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else None
        column = _COLUMN_OF_FIELD.get(column or "", column)
        return Problem(line.number, column, "cell_wrong", str(first["msg"]), line.cells.get(column or "", ""))
    except LineRefused as refused:
        return Problem(line.number, refused.column, refused.reason, refused.detail, refused.given)
    except TimetableClash as clash:
        titles = ", ".join(sorted({each.title for each in clash.clashes}))
        return Problem(line.number, None, clash.code, clash.detail, titles)
    except Refused as refused:
        return Problem(line.number, None, refused.code, refused.detail)
    except IntegrityError:
        message = "there is one with this name already: leave the line out"
        return Problem(line.number, None, "already_exists", message)
    return None


def _several(cell: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(cell) if part.strip()]


def _moment(date: str, time: str, column: str, zone: ZoneInfo) -> int:
    """UTC milliseconds of a local date (2026-09-01 or 2026/9/1) and time (8:05)."""
    try:
        text = f"{date.replace('/', '-')} {time.replace('：', ':')}"
        local = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    except ValueError:
        message = "a date as 2026-09-01 and a time as 08:05"
        raise LineRefused(column, "time_wrong", message, f"{date} {time}") from None
    return int(local.timestamp() * 1000)


def _user(session: Session, login: str, scope: Scope) -> str:
    query = select(UserRow.id).where(UserRow.login == login.lower(), visible(UserRow.organization_id, scope))
    found = session.scalar(query)
    if found is None:
        message = "no user of your organizations has this login: import the users first"
        raise LineRefused("teacher", "teacher_unknown", message, login)
    return found


def _pairing(session: Session, name: str, scope: Scope) -> str:
    query = select(PairingRow.id).where(PairingRow.name == name, visible(PairingRow.organization_id, scope))
    found = session.scalars(query.limit(2)).all()
    if len(found) != 1:
        what = "two pairings have this name" if found else "no pairing of your organizations has this name"
        reason = "classroom_ambiguous" if found else "classroom_unknown"
        raise LineRefused("classrooms", reason, f"{name}: {what}", name)
    return found[0]
