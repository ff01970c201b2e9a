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
    decisions_of,
    has_consented,
    list_consents,
    record_consent,
)
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.records import KINDS, create_record
from streaming.errors import Refused


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
