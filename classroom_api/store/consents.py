"""Consents of student groups: append-only decisions, of which the newest holds. No record: no consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.store.planning_schema import ConsentRow, StudentGroupRow
from classroom_api.store.records import KINDS, find_record, require_place, visible
from classroom_api.store.schema import SeatRow
from signaling.ports import UNDECIDED, Decided


class ConsentKind(StrEnum):
    LIVE_VIDEO = "live_video"
    LIVE_VOICE = "live_voice"
    RECORDING = "recording"
    PUBLICATION = "publication"


class Decision(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """A decision to be recorded. `recorded_by`: who wrote it down."""

    student_group_id: str
    kind: ConsentKind
    decision: Decision
    recorded_by: str
    note: str


def record_consent(session: Session, consent: Consent, writable: Scope, now_ms: int) -> ConsentRow:
    """Append a decision; the planned seats of the group follow it.

    Refused: record_unknown, not_permitted.
    """
    group = find_record(session, KINDS["student-groups"], consent.student_group_id, writable)
    assert isinstance(group, StudentGroupRow)
    require_place(session, group.organization_id, writable)
    row = ConsentRow(
        organization_id=group.organization_id,
        student_group_id=group.id,
        kind=consent.kind,
        decision=consent.decision,
        recorded_by=consent.recorded_by,
        note=consent.note,
        at_ms=now_ms,
    )
    session.add(row)
    session.flush()
    if consent.kind is ConsentKind.RECORDING:
        is_granted = consent.decision is Decision.GRANTED
        session.execute(
            update(SeatRow).where(SeatRow.student_group_id == group.id).values(recording_consent=is_granted)
        )
    return row


def decisions_of(session: Session, student_group_id: str) -> Mapping[ConsentKind, Decision]:
    """The decision that holds now, of each kind that has one."""
    newest = (
        select(func.max(ConsentRow.seq))
        .where(ConsentRow.student_group_id == student_group_id)
        .group_by(ConsentRow.kind)
    )
    rows = session.scalars(select(ConsentRow).where(ConsentRow.seq.in_(newest)))
    return {ConsentKind(row.kind): Decision(row.decision) for row in rows}


def has_consented(session: Session, student_group_id: str, kind: ConsentKind) -> bool:
    return decisions_of(session, student_group_id).get(kind) is Decision.GRANTED


def decided_by(session: Session, student_group_id: str | None) -> Decided:
    """What a seat of the group is held to: to be recorded only where it was granted, live until it is not."""
    if student_group_id is None:
        return UNDECIDED
    held = decisions_of(session, student_group_id)

    def granted(kind: ConsentKind) -> bool | None:
        return held[kind] is Decision.GRANTED if kind in held else None

    return Decided(
        recording=granted(ConsentKind.RECORDING) or False,
        video=granted(ConsentKind.LIVE_VIDEO),
        voice=granted(ConsentKind.LIVE_VOICE),
    )


def list_consents(
    session: Session, scope: Scope, student_group_id: str | None, before: int | None, limit: int
) -> Sequence[ConsentRow]:
    """The newest `limit` decisions before number `before`, newest first."""
    query = select(ConsentRow).where(visible(ConsentRow.organization_id, scope))
    if student_group_id is not None:
        query = query.where(ConsentRow.student_group_id == student_group_id)
    if before is not None:
        query = query.where(ConsentRow.seq < before)
    return session.scalars(query.order_by(ConsentRow.seq.desc()).limit(limit)).all()
