from __future__ import annotations

from collections.abc import Iterator

import pytest

from classroom_api.roles import GrantRole
from tests.classroom_api.held_lesson import hold_lesson, seat_of
from tests.classroom_api.house import API, House, code_of, open_planning_house


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server with a recogniser, whose jobs others would do."""
    data_dir = tmp_path_factory.mktemp("hearing")
    url = f"sqlite:///{data_dir / 'tandem.db'}"
    flags = {"recogniser": "command /bin/cat", "recogniser_language": "zh-CN"}
    with open_planning_house(data_dir, url, **flags) as house:
        yield house


def test_recognition_is_off_unless_it_is_configured(house: House) -> None:
    path = f"{API}/lessons/{hold_lesson(house, '分数')}/recognition"
    assert house.admin.get(path).json() == {"is_available": False, "language": "", "job": None}
    assert code_of(house.admin.post(path)) == (409, "recogniser_missing")


def test_who_edits_asks_for_it_once(hearing: House) -> None:
    here, there = hearing.organization(), hearing.organization(name="Lake county")
    lesson = hold_lesson(hearing, "分数", organization_id=here)
    path = f"{API}/lessons/{lesson}/recognition"
    editor, stranger = hearing.key(here, GrantRole.EDITOR), hearing.key(there, GrantRole.EDITOR)
    observer = hearing.key(here, GrantRole.OBSERVER)
    assert editor.get(path).json() == {"is_available": True, "language": "zh-CN", "job": None}
    asked = editor.post(path)
    assert asked.status_code == 202, asked.text
    job = asked.json()
    assert (job["state"], job["progress"], job["error"]) == ("pending", 0, None)
    assert editor.post(path).json() == job
    assert editor.get(path).json()["job"] == job
    assert hearing.anyone.get(path, headers=seat_of(hearing, lesson, "master")).json()["job"] == job
    assert code_of(hearing.anyone.post(path, headers=seat_of(hearing, lesson, "student"))) == (
        403,
        "not_permitted",
    )
    assert code_of(observer.post(path)) == (403, "not_permitted")
    assert code_of(stranger.post(path)) == (404, "lesson_unknown")
    empty = hearing.make("lessons", title="not held", organization_id=here)
    assert code_of(editor.post(f"{API}/lessons/{empty}/recognition")) == (404, "resource_unknown")
