from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.auth import ADMIN
from classroom_api.planning import new_id
from classroom_api.roles import GrantRole
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.lessons import LessonState
from classroom_api.store.planning_schema import BookingRow, OrganizationRow, UserRow
from classroom_api.store.schema import LessonRow
from classroom_api.store.timetable import Plan, apply_plan
from signaling.policy import seat_of_claims
from streaming.errors import Refused
from tests.classroom_api.house import API, House, code_of

HOUR_MS = 3_600_000
START_MS = 1_900_000_000_000


class School:
    """A region with a teacher and a remote classroom."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.region = house.organization()
        self.teacher = house.user(self.region)
        self.assistant = house.user(self.region, "Mr Wang")
        self.device = house.make("endpoints", organization_id=self.region, name="Screen")
        self.group = house.make(
            "student-groups", organization_id=self.region, name="三四年级", grade_levels=[3, 4], size=9
        )
        self.pairing = house.make(
            "pairings",
            organization_id=self.region,
            name="山顶",
            student_group_id=self.group,
            endpoint_id=self.device,
            assistant_id=self.assistant,
        )

    def plan(self, **values: object) -> dict[str, object]:
        return {
            "title": "分数",
            "organization_id": self.region,
            "master_id": self.teacher,
            "starts_at_ms": START_MS,
            "ends_at_ms": START_MS + HOUR_MS,
            **values,
        }


@pytest.fixture
def school(house: House) -> School:
    return School(house)


def test_a_planned_lesson_has_a_seat_for_each_place(house: House, school: School) -> None:
    lesson = house.make("lessons", **school.plan(pairings=[school.pairing]))
    seats = house.admin.get(f"{API}/lessons/{lesson}/seats").json()
    assert [(seat["role"], seat["name"], seat["user_id"]) for seat in seats] == [
        ("master", "Ms Lin", school.teacher),
        ("assistant", "Mr Wang", school.assistant),
        ("classroom", "山顶", None),
    ]
    assert {seat["classroom"] for seat in seats[1:]} == {school.pairing}
    body = {"role": "classroom", "classroom": school.pairing}
    invited = house.admin.post(f"{API}/lessons/{lesson}/invitations", json=body).json()
    assert invited["seat"]["id"] == seats[2]["id"]
    path = f"{API}/lessons/{lesson}"
    tag = house.admin.get(path).headers["etag"]
    again = house.admin.put(path, json=school.plan(pairings=[school.pairing]), headers={"If-Match": tag})
    assert again.status_code == 200, again.text
    assert house.admin.get(f"{path}/seats").json() == seats
    fewer = house.admin.put(path, json=school.plan(), headers={"If-Match": "*"})
    assert fewer.status_code == 200
    assert [seat["role"] for seat in house.admin.get(f"{path}/seats").json()] == ["master"]


@pytest.mark.parametrize("what", ["teacher", "room", "device"])
def test_what_is_taken_is_not_taken_again(house: House, school: School, what: str) -> None:
    other = house.user(school.region)
    shared: dict[str, dict[str, object]] = {
        "teacher": {},
        "room": {"room": "Studio 1"},
        "device": {"pairings": [school.pairing]},
    }
    house.make("lessons", **school.plan(**shared[what]))
    second = dict(shared[what])
    if what != "teacher":
        second["master_id"] = other
    if what == "room":
        second["room"] = " studio  1"
    overlap = school.plan(starts_at_ms=START_MS + HOUR_MS - 1, ends_at_ms=START_MS + 2 * HOUR_MS, **second)
    refused = house.admin.post(f"{API}/lessons", json=overlap)
    assert code_of(refused) == (409, "timetable_clash")
    assert what in refused.json()["detail"]
    clash = next(each for each in refused.json()["clashes"] if each["kind"] == what)
    assert (clash["title"], clash["starts_at_ms"]) == (school.plan()["title"], START_MS)
    assert what == "room" or clash["what"] in (school.teacher, school.device)
    after = school.plan(starts_at_ms=START_MS + HOUR_MS, ends_at_ms=START_MS + 2 * HOUR_MS, **second)
    assert house.admin.post(f"{API}/lessons", json=after).status_code == 201


def test_a_cancelled_lesson_gives_back_what_it_took(house: House, school: School) -> None:
    lesson = house.make("lessons", **school.plan())
    assert house.admin.post(f"{API}/lessons/{lesson}/cancel").json()["state"] == "cancelled"
    house.make("lessons", **school.plan())
    again = house.admin.post(f"{API}/lessons/{lesson}/cancel")
    assert code_of(again) == (409, "lesson_state_conflict")
    put = house.admin.put(f"{API}/lessons/{lesson}", json=school.plan(), headers={"If-Match": "*"})
    assert code_of(put) == (409, "lesson_state_conflict")


def test_a_draft_is_joined_when_it_is_scheduled(house: House, school: School) -> None:
    lesson = house.make("lessons", **school.plan(state="draft"))
    path = f"{API}/lessons/{lesson}"
    assert code_of(house.admin.post(f"{path}/start")) == (409, "lesson_state_conflict")
    assert house.admin.post(f"{path}/schedule").json()["state"] == "scheduled"
    assert house.admin.post(f"{path}/start").json()["state"] == "live"
    house.admin.post(f"{path}/end").raise_for_status()


def test_the_timetable_of_an_organization_has_all_below_it(house: House, school: School) -> None:
    below = house.organization(school.region)
    own = house.make("lessons", **school.plan(pairings=[school.pairing]))
    other = house.make("lessons", **school.plan(organization_id=below, master_id=None))
    found = {}
    for place in (school.region, below, "org_none"):
        query = {"from_ms": str(START_MS), "to_ms": str(START_MS + 1), "organization_id": place}
        answer = house.admin.get(f"{API}/timetable", params=query).raise_for_status().json()
        found[place] = {each["id"]: [seat["name"] for seat in each["seats"]] for each in answer}
    assert found == {
        school.region: {own: ["Ms Lin", "山顶"], other: []},
        below: {other: []},
        "org_none": {},
    }


def test_the_timetable_is_a_span_of_time(house: House, school: School) -> None:
    first = house.make("lessons", **school.plan())
    second = house.make(
        "lessons", **school.plan(starts_at_ms=START_MS + HOUR_MS, ends_at_ms=START_MS + 2 * HOUR_MS)
    )
    with house.key(school.region, GrantRole.OBSERVER) as client:
        span = {"from_ms": START_MS, "to_ms": START_MS + HOUR_MS + 1}
        assert [each["id"] for each in client.get(f"{API}/timetable", params=span).json()] == [first, second]
        [teacher] = client.get(f"{API}/timetable", params=span).json()[0]["seats"]
        assert (teacher["role"], teacher["name"]) == ("master", "Ms Lin")
        span["to_ms"] = START_MS + HOUR_MS
        assert [each["id"] for each in client.get(f"{API}/timetable", params=span).json()] == [first]


def test_a_teacher_plans_the_own_lessons_alone(house: House, school: School) -> None:
    with house.key(school.region, GrantRole.MASTER, user=school.teacher) as client:
        mine = client.post(f"{API}/lessons", json=school.plan())
        assert mine.status_code == 201, mine.text
        stranger = school.plan(master_id=house.user(school.region), starts_at_ms=None, ends_at_ms=None)
        assert code_of(client.post(f"{API}/lessons", json=stranger))[0] in (403, 422)
        house.make("lessons", **stranger)
        assert [each["id"] for each in client.get(f"{API}/lessons").json()] == [mine.json()["id"]]
    with house.key(school.region, GrantRole.ASSISTANT, user=school.assistant) as client:
        assert client.get(f"{API}/lessons").json() == []
        lesson = house.make("lessons", **stranger | {"pairings": [school.pairing]})
        assert [each["id"] for each in client.get(f"{API}/lessons").json()] == [lesson]
        refused = client.post(f"{API}/lessons/{lesson}/start")
        assert code_of(refused) == (403, "not_permitted")


def test_a_seat_in_anothers_lesson_gives_no_power_over_it(house: House, school: School) -> None:
    lesson = house.make("lessons", **school.plan(pairings=[school.pairing]))
    with house.key(school.region, GrantRole.MASTER, user=school.assistant) as client:
        path = f"{API}/lessons/{lesson}"
        assert client.get(path).status_code == 200
        assert code_of(client.post(f"{path}/start")) == (404, "lesson_unknown")
        assert code_of(client.post(f"{path}/cancel")) == (404, "lesson_unknown")
        mine = school.plan(master_id=school.assistant)
        replaced = client.put(path, json=mine, headers={"If-Match": "*"})
        assert code_of(replaced) == (404, "lesson_unknown")
        invited = client.post(f"{path}/invitations", json={"role": "master"})
        assert code_of(invited) == (404, "lesson_unknown")


def test_of_two_that_clash_at_the_same_moment_one_is_stored(database_url: str) -> None:
    """Two connections, as of two servers on one database."""
    upgrade_schema(engine_of(database_url))
    with Session(engine_of(database_url)) as session, session.begin():
        organization = OrganizationRow(
            id="org_a", kind="region", name="a", path="/org_a/", time_zone="Asia/Shanghai", created_at_ms=0
        )
        session.add(organization)
        session.flush()
        session.add(
            UserRow(
                id="usr_a",
                organization_id="org_a",
                login="lin",
                name="Lin",
                language="zh-CN",
                is_disabled=False,
                created_at_ms=0,
            )
        )
    rounds = 10

    def book(number: int) -> str:
        engine = engine_of(database_url)
        plan = Plan(
            "t", "interactive", "off", False, "org_a", master_id="usr_a", ends_at_ms=1, starts_at_ms=0
        )
        outcome = "stored"
        try:
            with Session(engine) as session, session.begin():
                row = LessonRow(id=f"les_{number}", state=LessonState.SCHEDULED, created_at_ms=0)
                apply_plan(session, row, plan, ADMIN, lambda: new_id("seat"))
        except Refused as refused:
            outcome = refused.code
        engine.dispose()
        return outcome

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(book, range(rounds)))
    assert outcomes == ["stored"] + ["timetable_clash"] * (rounds - 1)
    with Session(engine_of(database_url)) as session:
        assert len(session.scalars(select(BookingRow)).all()) == 1


def test_a_group_that_refuses_takes_part_and_is_not_recorded(house: House, school: School) -> None:
    def may_record(access_token: str) -> bool:
        claims = house.service.tokens.access_token(access_token)
        return seat_of_claims(asyncio.run(house.service.with_decisions(claims))).recording_consent

    def recorded(lesson: str, **wish: bool) -> bool:
        body = {"role": "classroom", "classroom": school.pairing, **wish}
        made = house.admin.post(f"{API}/lessons/{lesson}/invitations", json=body).raise_for_status().json()
        bearer = {"Authorization": f"Bearer {made['invitation']}"}
        joined = house.anyone.post(f"{API}/lessons/{lesson}/join", headers=bearer).raise_for_status().json()
        return may_record(joined["access_token"])

    def decide(decision: str) -> None:
        body = {"student_group_id": school.group, "kind": "recording", "decision": decision}
        house.admin.post(f"{API}/consents", json=body).raise_for_status()

    lesson = house.make("lessons", **school.plan(pairings=[school.pairing]))
    assert not recorded(lesson)
    assert not recorded(lesson, recording_consent=True)
    decide("granted")
    assert recorded(lesson)
    assert not recorded(lesson, recording_consent=False)
    body = {"role": "classroom", "classroom": school.pairing}
    earlier = house.admin.post(f"{API}/lessons/{lesson}/invitations", json=body).json()["invitation"]
    decide("withdrawn")
    bearer = {"Authorization": f"Bearer {earlier}"}
    joined = house.anyone.post(f"{API}/lessons/{lesson}/join", headers=bearer).json()
    assert not may_record(joined["access_token"])
