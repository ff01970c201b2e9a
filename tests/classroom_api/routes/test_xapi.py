from __future__ import annotations

from classroom_api.roles import GrantRole
from tests.classroom_api.house import API, House, code_of
from tests.classroom_api.outbox.receiver import check_statement


def test_a_lesson_is_exported_as_the_statements_that_a_store_gets(house: House) -> None:
    school = house.organization()
    course = house.make(
        "courses", organization_id=school, title="数学", subject="数学", grade=3, edition="人教版"
    )
    lesson = house.make(
        "lessons", title="分数", organization_id=school, course_id=course, recording_policy="off"
    )
    assert house.admin.get(f"{API}/lessons/{lesson}/xapi").json() == []
    for step in ("start", "end"):
        house.admin.post(f"{API}/lessons/{lesson}/{step}")
    made = house.admin.get(f"{API}/lessons/{lesson}/xapi").json()
    for statement in made:
        check_statement(statement)
    assert [each["verb"]["display"]["en"] for each in made] == ["initialized", "terminated"]
    assert made == house.admin.get(f"{API}/lessons/{lesson}/xapi").json()
    assert made[0]["object"]["id"] == f"{house.url}/lessons/{lesson}"
    with house.key(house.organization(), GrantRole.ADMIN) as stranger:
        assert code_of(stranger.get(f"{API}/lessons/{lesson}/xapi")) == (404, "lesson_unknown")
