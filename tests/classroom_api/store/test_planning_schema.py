from __future__ import annotations

from classroom_api.store.planning_schema import ConsentRow, PlanningRow
from classroom_api.store.records import KINDS


def test_every_kind_of_record_has_routes_and_a_version() -> None:
    assert {kind.row for kind in KINDS.values()} == set(PlanningRow.__subclasses__())
    for row in PlanningRow.__subclasses__():
        assert row.__mapper__.version_id_col is row.__table__.c.version


def test_nothing_has_a_pupils_name() -> None:
    assert set(KINDS["student-groups"].row.__table__.c.keys()) == {
        "id", "version", "created_at_ms", "organization_id", "name", "grade_levels", "size"
    }  # fmt: skip


def test_a_decision_goes_with_nothing() -> None:
    """Whoever deletes a group that has decided is refused: the record of consent stays."""
    assert all(key.ondelete is None for key in ConsentRow.__table__.foreign_keys)
