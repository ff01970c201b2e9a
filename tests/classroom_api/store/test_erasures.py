from __future__ import annotations

from pathlib import Path

import pytest

from classroom_api.access import EVERYTHING, Scope
from classroom_api.retention.objects import StoredObject
from classroom_api.retention.scope import Target
from classroom_api.store import erasures
from classroom_api.store.erasures import Request
from classroom_api.store.lessons import LessonState
from classroom_api.store.schema import LessonRow, ResourceRow
from streaming.errors import Refused
from tests.classroom_api.retention.recorded import HILL, LAKE, add_lesson, resource, school, seat


def wanted(target: Target, target_id: str) -> Request:
    return Request(target, target_id, "request", "a letter", "usr_a")


def test_a_group_s_erasure_has_a_part_in_each_lesson_that_it_was_in(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        add_lesson(session, "les_b", groups={HILL: "grp_hill"})
        add_lesson(session, "les_c", groups={HILL: "grp_lake"})
        add_lesson(session, "les_d", LessonState.ERASED)
        row = erasures.request_erasure(
            session, "era_a", wanted(Target.STUDENT_GROUP, "grp_hill"), EVERYTHING, 5
        )
        assert (row.organization_id, row.due_at_ms) == ("org_a", 5 + 72 * 3_600_000)
        listed = erasures.parts_of(session, "era_a", limit=1)
        assert [part.lesson_id for part in listed] == ["les_a"]
        assert [part.lesson_id for part in erasures.parts_of(session, "era_a", "les_a")] == ["les_b"]
        parts = erasures.open_parts(session)
        assert [(part.lesson_id, part.seats) for part in parts] == [
            (lesson, frozenset({seat(lesson, HILL)})) for lesson in ("les_a", "les_b")
        ]
        for part in parts:
            keys = erasures.write_down(session, part, [(StoredObject(f"{part.lesson_id}/x", 3), "ab")], [])
            assert keys == [f"{part.lesson_id}/x"]
            assert row.finished_at_ms is None
            erasures.finish_part(session, part, [], [], 9)
        assert row.finished_at_ms == 9
        assert erasures.open_parts(session) == []


def test_what_was_written_down_first_stays_though_it_is_tried_again(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        erasures.request_erasure(session, "era_a", wanted(Target.LESSON, "les_a"), EVERYTHING, 5)
        [part] = erasures.open_parts(session)
        first = [(StoredObject("a", 1), "sha of a"), (StoredObject("b", 2), "sha of b")]
        erasures.write_down(session, part, first, [resource("les_a", HILL)])
        keys = erasures.write_down(
            session, part, [(StoredObject("b", 9), "other"), (StoredObject("c", 3), "c")], []
        )
        assert keys is not None
        assert sorted(keys) == ["a", "b", "c"]
        _, objects = erasures.objects_of(session, "era_a")
        assert [(each.key, each.sha256, each.size_bytes) for each in objects][:2] == [
            ("a", "sha of a", 1),
            ("b", "sha of b", 2),
        ]
        assert session.get_one(LessonRow, "les_a").state == LessonState.ERASED
        erased = session.get_one(ResourceRow, resource("les_a", HILL))
        assert (erased.state, erased.playlist, erased.poster) == ("erased", None, None)
        assert session.get_one(ResourceRow, resource("les_a", LAKE)).state == "ready"


@pytest.mark.parametrize("state", [LessonState.LOBBY, LessonState.LIVE, LessonState.SUSPENDED])
def test_a_lesson_that_runs_is_refused_on_request_and_waited_for_on_withdrawal(
    state: LessonState, tmp_path: Path
) -> None:
    with school(f"sqlite:///{tmp_path / 'a.db'}") as session:
        add_lesson(session, "les_a", state)
        for target, name in (
            (Target.LESSON, "les_a"),
            (Target.SEAT, seat("les_a", HILL)),
            (Target.RESOURCE, resource("les_a", HILL)),
            (Target.STUDENT_GROUP, "grp_hill"),
        ):
            with pytest.raises(Refused) as refused:
                erasures.request_erasure(session, "era_x", wanted(target, name), EVERYTHING, 5)
            assert refused.value.code == "lesson_state_conflict"
        assert erasures.erase_withdrawn(session, "era_a", "grp_hill", "org_a", "admin", 5) is not None
        [part] = erasures.open_parts(session)
        assert part.is_running


def test_strangers_learn_nothing_and_nobody_asks_for_what_is_not_there(tmp_path: Path) -> None:
    stranger = Scope(("/org_z/",))
    with school(f"sqlite:///{tmp_path / 'a.db'}") as session:
        add_lesson(session, "les_a")
        for target, name, code in (
            (Target.LESSON, "les_a", "lesson_unknown"),
            (Target.SEAT, seat("les_a", HILL), "seat_unknown"),
            (Target.RESOURCE, resource("les_a", HILL), "resource_unknown"),
            (Target.STUDENT_GROUP, "grp_hill", "record_unknown"),
        ):
            for scope, identifier in ((stranger, name), (EVERYTHING, "nothing")):
                with pytest.raises(Refused) as refused:
                    erasures.request_erasure(session, "era_x", wanted(target, identifier), scope, 5)
                assert refused.value.code == code
        erasures.request_erasure(session, "era_a", wanted(Target.LESSON, "les_a"), EVERYTHING, 5)
        assert erasures.list_erasures(session, stranger, None, 10) == []
        with pytest.raises(Refused):
            erasures.find_erasure(session, "era_a", stranger)
        assert erasures.erase_withdrawn(session, "era_b", "grp_none", "org_a", "admin", 5) is None
