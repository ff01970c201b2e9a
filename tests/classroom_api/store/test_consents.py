from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from classroom_api.access import EVERYTHING, Scope
from classroom_api.auth import ADMIN
from classroom_api.store.consents import (
    Consent,
    ConsentKind,
    Decision,
    decided_by,
    decisions_of,
    has_consented,
    list_consents,
    record_consent,
)
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.records import KINDS, create_record
from classroom_api.store.resources import unpublished_seats
from classroom_api.store.schema import SeatRow
from signaling.ports import Decided
from streaming.errors import Refused
from streaming.identifiers import LessonId
from tests.classroom_api.store.test_database import lesson_row


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as opened, opened.begin():
        values: dict[str, object] = {"kind": "region", "name": "n", "parent_id": None, "time_zone": "UTC"}
        create_record(opened, KINDS["organizations"], "org_a", values, ADMIN, 0)
        group = {"organization_id": "org_a", "name": "g", "grade_levels": [3], "size": 9}
        create_record(opened, KINDS["student-groups"], "grp_a", group, ADMIN, 0)
        yield opened
    engine.dispose()


def decide(session: Session, kind: ConsentKind, decision: Decision, scope: Scope = EVERYTHING) -> None:
    record_consent(session, Consent("grp_a", kind, decision, "usr_a", ""), scope, 0)


def test_without_a_decision_there_is_no_consent(session: Session) -> None:
    assert not any(has_consented(session, "grp_a", kind) for kind in ConsentKind)


def test_the_newest_of_a_kind_holds_and_all_are_kept(session: Session) -> None:
    decide(session, ConsentKind.RECORDING, Decision.GRANTED)
    decide(session, ConsentKind.PUBLICATION, Decision.REFUSED)
    decide(session, ConsentKind.RECORDING, Decision.WITHDRAWN)
    assert decisions_of(session, "grp_a") == {
        ConsentKind.RECORDING: Decision.WITHDRAWN,
        ConsentKind.PUBLICATION: Decision.REFUSED,
    }
    rows = list_consents(session, EVERYTHING, "grp_a", None, 10)
    assert [row.decision for row in rows] == ["withdrawn", "refused", "granted"]
    assert [row.seq for row in list_consents(session, EVERYTHING, None, rows[0].seq, 1)] == [rows[1].seq]
    assert not list_consents(session, Scope(("/org_b/",)), None, None, 10)


def test_who_is_elsewhere_decides_nothing(session: Session) -> None:
    with pytest.raises(Refused, match="record_unknown"):
        decide(session, ConsentKind.RECORDING, Decision.GRANTED, Scope(("/org_b/",)))


def test_what_a_seat_of_the_group_is_held_to(session: Session) -> None:
    """Not recorded until that is granted; live until that is refused."""
    assert decided_by(session, None) == Decided()
    assert decided_by(session, "grp_a") == Decided(recording=False)
    decide(session, ConsentKind.RECORDING, Decision.GRANTED)
    decide(session, ConsentKind.LIVE_VIDEO, Decision.GRANTED)
    decide(session, ConsentKind.LIVE_VOICE, Decision.WITHDRAWN)
    assert decided_by(session, "grp_a") == Decided(recording=True, video=True, voice=False)


def test_whose_replays_pupils_do_not_get(session: Session) -> None:
    session.add(lesson_row("les_a", state="published", recording_policy="stage"))
    session.flush()
    for seat, group in (("seat_planned", "grp_a"), ("seat_invited", None)):
        session.add(
            SeatRow(
                id=seat,
                lesson_id="les_a",
                role="classroom",
                name="",
                recording_consent=True,
                created_at_ms=0,
                student_group_id=group,
            )
        )
    session.flush()
    assert unpublished_seats(session, LessonId("les_a")) == {"seat_planned"}
    decide(session, ConsentKind.PUBLICATION, Decision.GRANTED)
    assert unpublished_seats(session, LessonId("les_a")) == frozenset()
