from __future__ import annotations

from classroom_api.store.picture_changes import happened_and_changed, keep_changes
from classroom_api.store.schema import ResourceRow
from tests.classroom_api.retention.recorded import HILL, MASTER, add_lesson, resource, school


def test_a_screen_s_changes_are_taken_before_a_teacher_s(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        assert happened_and_changed(session, "les_a") == ((), [])
        keep_changes(session, resource("les_a", MASTER), [9000, 5000])
        keep_changes(session, "res_gone", [1])
        assert happened_and_changed(session, "les_a")[1] == [5000, 9000]
        session.get_one(ResourceRow, resource("les_a", HILL)).kind = "screen"
        keep_changes(session, resource("les_a", HILL), [7000])
        keep_changes(session, resource("les_a", HILL), [8000])
        session.flush()
        assert happened_and_changed(session, "les_a")[1] == [8000]
