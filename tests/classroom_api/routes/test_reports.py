from __future__ import annotations

import csv
import io
import time
from typing import Any

import pytest

from classroom_api.roles import GrantRole
from tests.classroom_api.house import API, House, code_of
from tests.classroom_api.past_lesson import LENGTH_MS, ROOMS, ordinary_lesson, store_lesson

DAY_MS = 86_400_000
STARTED_AT_MS = int(time.time() * 1000) - DAY_MS
AROUND = {"from_ms": STARTED_AT_MS - DAY_MS, "to_ms": STARTED_AT_MS + DAY_MS}


@pytest.fixture
def school(house: House) -> str:
    return house.organization()


@pytest.fixture
def lesson(house: House, school: str) -> str:
    identifier = house.make("lessons", title="分数的初步认识", organization_id=school)
    for room, name in ROOMS.items():
        body = {"role": "classroom", "classroom": room, "name": name}
        assert house.admin.post(f"{API}/lessons/{identifier}/invitations", json=body).status_code == 201
    body = {"role": "classroom", "classroom": "c9", "name": "Far school"}
    house.admin.post(f"{API}/lessons/{identifier}/invitations", json=body)
    store_lesson(house.database_url, identifier, ordinary_lesson(STARTED_AT_MS), STARTED_AT_MS)
    return identifier


def rooms_of(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {room["classroom"]: room for room in report["figures"]["rooms"]}


def test_an_inspector_reads_a_lesson_s_figures(house: House, school: str, lesson: str) -> None:
    with house.key(school, GrantRole.OBSERVER) as inspector:
        report = inspector.get(f"{API}/lessons/{lesson}/report").json()
        assert (report["title"], report["organization"], report["is_final"]) == (
            "分数的初步认识",
            "Hill county",
            True,
        )
        figures = report["figures"]
        assert (figures["duration_ms"], figures["rounds_opened"]) == (LENGTH_MS, 2)
        rooms = rooms_of(report)
        assert (rooms["c1"]["name"], rooms["c1"]["present_ratio"]) == (ROOMS["c1"], 1)
        assert rooms["c3"]["disconnected_ms"] == 240_000
        assert rooms["c9"]["late_ms"] == LENGTH_MS
        assert rooms["c1"]["reduced_ms"] == 0
        assert {who["name"] for who in figures["people"]} == {"林老师", "王老师", "Ms Zhao", "Inspector Sun"}
        table = inspector.get(f"{API}/lessons/{lesson}/report.csv", headers={"Accept-Language": "zh-CN"})
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        assert f"report-{lesson}.csv" in table.headers["content-disposition"]
        head, *lines = csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline=""))
        assert head[0] == "课程编号"
        assert {line[6] for line in lines} == {*ROOMS, "c9"}


def test_the_master_s_seat_reads_its_own_lesson_s_report_alone(
    house: House, school: str, lesson: str
) -> None:
    other = house.make("lessons", title="Other", organization_id=school)

    def bearer(role: str) -> dict[str, str]:
        made = house.admin.post(f"{API}/lessons/{other}/invitations", json={"role": role}).json()
        return {"Authorization": f"Bearer {made['invitation']}"}

    master = bearer("master")
    assert house.anyone.get(f"{API}/lessons/{other}/report", headers=master).status_code == 200
    stranger = house.anyone.get(f"{API}/lessons/{lesson}/report", headers=master)
    assert code_of(stranger) == (404, "lesson_unknown")
    pupil = house.anyone.get(f"{API}/lessons/{other}/report", headers=bearer("student"))
    assert code_of(pupil) == (403, "not_permitted")


def test_many_lessons_are_summed_for_who_may_see_them(house: House, school: str, lesson: str) -> None:
    with (
        house.key(school, GrantRole.OBSERVER) as inspector,
        house.key(house.organization(), GrantRole.OBSERVER) as stranger,
    ):
        summed = inspector.get(f"{API}/reports", params=AROUND).json()
        assert [line["lesson_id"] for line in summed["lessons"]] == [lesson]
        assert (summed["lessons_held"], summed["duration_ms"]) == (1, LENGTH_MS)
        [line] = summed["lessons"]
        assert (line["rooms_expected"], line["rooms_came"]) == (5, 4)
        far = next(room for room in summed["rooms"] if room["classroom"] == "c9")
        assert (far["lessons_expected"], far["lessons_attended"]) == (1, 0)
        for given in ({"organization_id": school}, {"course_id": "crs_x"}, {"organization_id": "org_x"}):
            found = inspector.get(f"{API}/reports", params={**AROUND, **given}).json()
            assert len(found["lessons"]) == int(given == {"organization_id": school})
        table = inspector.get(f"{API}/reports.csv", params=AROUND)
        assert table.content.startswith("\ufeff".encode())
        assert (
            stranger.get(f"{API}/reports", params={**AROUND, "organization_id": school}).json()["lessons"]
            == []
        )


def test_a_teacher_sees_the_lessons_taught(house: House, school: str, lesson: str) -> None:
    teacher = house.user(school)
    taught = house.make("lessons", title="Taught", organization_id=school, master_id=teacher)
    store_lesson(house.database_url, taught, ordinary_lesson(STARTED_AT_MS), STARTED_AT_MS)
    with house.key(school, GrantRole.MASTER, user=teacher) as master:
        summed = master.get(f"{API}/reports", params=AROUND).json()
        assert [line["lesson_id"] for line in summed["lessons"]] == [taught]
        assert code_of(master.get(f"{API}/lessons/{lesson}/report")) == (404, "lesson_unknown")


@pytest.mark.parametrize("times", [(5, 5), (9, 5), (0, 401 * DAY_MS), (-1, 5)])
def test_a_time_has_an_end_and_is_bounded(house: House, times: tuple[int, int]) -> None:
    params = {"from_ms": times[0], "to_ms": times[1]}
    assert code_of(house.admin.get(f"{API}/reports", params=params)) == (400, "bad_message")


def test_reading_a_report_is_written_down_whoever_reads_it(house: House, lesson: str) -> None:
    made = house.admin.post(f"{API}/lessons/{lesson}/invitations", json={"role": "master"})
    assert made.status_code == 410  # the lesson is over: the key of who taught it is what is left
    house.admin.get(f"{API}/lessons/{lesson}/report.csv")
    house.admin.get(f"{API}/lessons/{lesson}/report")
    told = house.admin.get(f"{API}/audit", params={"record_id": lesson, "limit": 2}).json()
    assert [entry["action"].rpartition("/")[2] for entry in told] == ["report", "report.csv"]
