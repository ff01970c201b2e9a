from __future__ import annotations

import httpx

from classroom_api.roles import GrantRole
from classroom_api.store.lessons import LessonState
from tests.classroom_api.held_lesson import DURATION_MS, hold_lesson, seat_of
from tests.classroom_api.house import API, House, code_of

VTT = "WEBVTT\n\n00:00:07.000 --> 00:00:09.000\n把一个蛋糕平均分成四份\n"


def search(
    client: httpx.Client, q: str, headers: dict[str, str] | None = None, **filters: str | int
) -> list[str]:
    answer = client.get(f"{API}/replays", params={"q": q, **filters}, headers=headers)
    assert answer.status_code == 200, answer.text
    return [found["lesson"] for found in answer.json()]


def test_what_was_said_is_found_with_its_moment(house: House) -> None:
    school = house.organization()
    course = house.make(
        "courses", organization_id=school, title="三年级数学", subject="数学", grade=3, edition="人教版"
    )
    lesson = hold_lesson(house, "分数", organization_id=school, course_id=course)
    editor = house.key(school, GrantRole.EDITOR)
    editor.post(
        f"{API}/lessons/{lesson}/captions?language=zh", content=VTT, headers={"Content-Type": "text/vtt"}
    )
    [found] = editor.get(f"{API}/replays", params={"q": "平均分成"}).json()
    assert found["hits"] == [
        {
            "kind": "caption",
            "at_ms": 7000,
            "parts": [
                {"text": "把一个蛋糕", "is_match": False},
                {"text": "平均分成", "is_match": True},
                {"text": "四份", "is_match": False},
            ],
        }
    ]
    assert (found["title"], found["hit_count"], found["duration_ms"]) == ("分数", 1, DURATION_MS)
    assert (found["subject"], found["grade"], found["edition"]) == ("数学", "3", "人教版")
    assert found["resource"].startswith("res_teacher")
    assert search(editor, "蛋糕 分数", subject="数学", grade="3", edition="人教版") == [lesson]
    assert search(editor, "蛋糕", grade="4") == search(editor, "面包") == []
    assert search(editor, "蛋糕", from_ms=0) == search(editor, "蛋糕", syllabus_node="3.1") == []
    assert search(house.key(house.organization(), GrantRole.EDITOR), "蛋糕") == []


def test_a_seat_finds_its_own_lesson_once_it_is_published(house: House) -> None:
    lesson = hold_lesson(house, "三角形", LessonState.REVIEW)
    other = hold_lesson(house, "三角形")
    pupil, master = seat_of(house, lesson, "student"), seat_of(house, lesson, "master")
    assert search(house.anyone, "三角形", pupil) == []
    assert search(house.anyone, "三角形", master) == [lesson]
    assert search(house.anyone, "三角形", seat_of(house, other, "student")) == [other]
    assert {lesson, other} <= set(search(house.admin, "三角形"))


def test_pages_follow_by_their_link(house: House) -> None:
    school = house.organization()
    lessons = [hold_lesson(house, f"圆 {number}", organization_id=school) for number in range(3)]
    editor = house.key(school, GrantRole.EDITOR)
    first = editor.get(f"{API}/replays", params={"q": "圆", "limit": 2})
    assert [found["lesson"] for found in first.json()] == lessons[:0:-1]
    second = editor.get(first.links["next"]["url"])
    assert [found["lesson"] for found in second.json()] == lessons[:1]
    assert "next" not in second.links
    wrong = editor.get(f"{API}/replays", params={"cursor": "x"})
    assert code_of(wrong) == (400, "cursor_invalid")


def test_who_may_see_no_replays_finds_none(house: House) -> None:
    observer = house.key(house.organization(), GrantRole.OBSERVER)
    assert code_of(observer.get(f"{API}/replays")) == (403, "not_permitted")
    assert code_of(house.anyone.get(f"{API}/replays")) == (401, "token_missing")
