from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from tests.classroom_api.house import API, House, code_of


def send(house: House, table: str, organization: str, text: str, **query: str) -> httpx.Response:
    return house.admin.post(
        f"{API}/imports/{table}",
        params={"organization_id": organization, **query},
        content=text.encode("gb18030"),
        headers={"Content-Type": "text/csv"},
    )


@pytest.fixture
def region(house: House) -> str:
    return house.organization()


def test_a_school_year_is_imported(house: House, region: str) -> None:
    teachers = f"登录名,姓名,角色\nlin@{region},林老师,master\nwang@{region},王老师,assistant\n"
    assert send(house, "users", region, teachers).raise_for_status().json()["lines"] == 2
    groups = "名称,年级,人数\n山顶三四,3；4,12\n"
    send(house, "student-groups", region, groups).raise_for_status()
    [group] = house.admin.get(f"{API}/student-groups", params={"organization_id": region}).json()
    assert group["grade_levels"] == [3, 4]
    house.make("pairings", organization_id=region, name=f"山顶{region}", student_group_id=group["id"])
    table = f"日期,开始,结束,标题,教师,班级\n2030/9/2,8:00,8:45,分数,LIN@{region},山顶{region}\n"
    assert send(house, "timetable", region, table).raise_for_status().json()["is_stored"]
    start_ms = int(datetime(2030, 9, 2, 0, 0, tzinfo=UTC).timestamp() * 1000)
    span = {"from_ms": start_ms, "to_ms": start_ms + 1}
    [lesson] = [
        each
        for each in house.admin.get(f"{API}/timetable", params=span).json()
        if each["organization_id"] == region
    ]
    assert (lesson["title"], lesson["ends_at_ms"]) == ("分数", start_ms + 45 * 60_000)
    assert len(house.admin.get(f"{API}/lessons/{lesson['id']}/seats").json()) == 2


def test_all_or_nothing_and_a_dry_run_tells_each_bad_line(house: House, region: str) -> None:
    send(house, "users", region, f"login,name\nlin@{region},Lin\n").raise_for_status()
    text = (
        "date,start,end,title,teacher,mode\n"
        f"2030-09-02,08:00,08:45,a,lin@{region},\n"
        f"2030-09-02,08:30,09:00,clash,lin@{region},\n"
        f"2030-09-31,08:00,08:45,no such day,lin@{region},\n"
        "2030-09-03,08:00,08:45,b,nobody,\n"
        f"2030-09-04,09:00,08:00,backwards,lin@{region},\n"
        f"2030-09-05,08:00,08:45,c,lin@{region},nap\n"
    )
    dry = send(house, "timetable", region, text, dry_run="true").raise_for_status().json()
    assert not dry["is_stored"]
    assert [(each["line"], each["column"]) for each in dry["problems"]] == [
        (3, None),
        (4, "start"),
        (5, "teacher"),
        (6, None),
        (7, "mode"),
    ]
    assert [(each["reason"], each["given"]) for each in dry["problems"]] == [
        ("timetable_clash", "a"),
        ("time_wrong", "2030-09-31 08:00"),
        ("teacher_unknown", "nobody"),
        ("cell_wrong", ""),
        ("cell_wrong", "nap"),
    ]
    refused = send(house, "timetable", region, text)
    assert code_of(refused) == (422, "import_refused")
    assert refused.json()["problems"] == dry["problems"]
    good = "\n".join(text.splitlines()[:2])
    assert send(house, "timetable", region, good, dry_run="true").json()["problems"] == []
    assert send(house, "timetable", region, good).status_code == 200
    again = send(house, "timetable", region, good).json()["problems"]
    assert [each["line"] for each in again] == [2]


def test_a_login_twice_is_told(house: House, region: str) -> None:
    refused = send(house, "users", region, f"login,name\nlin@{region},Lin\nLIN@{region},Lin\n")
    assert [each["line"] for each in refused.json()["problems"]] == [3]
    assert house.admin.get(f"{API}/users", params={"organization_id": region}).json() == []


def test_a_file_too_large_is_refused(house: House, region: str) -> None:
    refused = send(house, "users", region, "x" * 1_100_000)
    assert code_of(refused) == (413, "message_too_large")
