from __future__ import annotations

import hashlib
import time
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from classroom_api.roles import GrantRole
from classroom_api.store.database import engine_of
from classroom_api.store.lessons import LessonState
from tests.classroom_api.house import API, House, code_of
from tests.classroom_api.outbox.receiver import WAIT_S
from tests.classroom_api.retention.recorded import (
    HILL,
    LAKE,
    add_lesson,
    log_key,
    record,
    resource,
    resource_keys,
    seat,
)

WHY = {"reason": "a pupil’s family asked"}


def recorded_lesson(
    house: House, name: str, state: LessonState = LessonState.PUBLISHED
) -> tuple[str, str, str]:
    """(lesson, school, group): a lesson that was recorded with a classroom of the group in it."""
    school = house.organization()
    group = house.make("student-groups", organization_id=school, name="g", grade_levels=[3], size=9)
    lesson = "les_" + hashlib.sha256(f"{name}{school}".encode()).hexdigest()[:26].translate(
        str.maketrans("0189", "abcd")
    )
    record(house.service.resource_folder.parent, lesson)
    engine = engine_of(house.database_url)
    with Session(engine) as session:
        add_lesson(session, lesson, state, organization=school, groups={HILL: group})
    engine.dispose()
    return lesson, school, group


def finished(client: httpx.Client, erasure: str) -> dict[str, Any]:
    give_up = time.monotonic() + WAIT_S
    while True:
        proof: dict[str, Any] = client.get(f"{API}/erasures/{erasure}").json()
        if proof["finished_at_ms"] is not None:
            return proof
        assert time.monotonic() < give_up, proof


def test_an_erasure_is_asked_for_and_proved(house: House) -> None:
    lesson, school, _ = recorded_lesson(house, "request")
    data_dir = house.service.resource_folder.parent
    gone = [log_key(lesson, HILL), *resource_keys(lesson, HILL)]
    wanted = {key: hashlib.sha256((data_dir / key).read_bytes()).hexdigest() for key in gone}
    with house.key(school, GrantRole.ADMIN) as admin:
        listed = admin.get(f"{API}/lessons/{lesson}/resources", params=WHY).json()
        hls_url = next(each["hls_url"] for each in listed if each["id"] == resource(lesson, HILL))
        assert house.anyone.get(hls_url).status_code == 200
        body = {"seat_id": seat(lesson, HILL), "reason": "request", "note": "a letter of the parents"}
        key = {"Idempotency-Key": "once"}
        asked = admin.post(f"{API}/erasures", json=body, headers=key)
        assert asked.status_code == 201
        assert admin.post(f"{API}/erasures", json=body, headers=key).json() == asked.json()
        proof = finished(admin, asked.json()["id"])
        assert {each["key"]: each["sha256"] for each in proof["objects"]} == wanted
        assert proof["requested_by"].startswith("key_")
        assert (proof["objects_total"], proof["parts"][0]["state"]) == (5, "done")
        assert proof["due_at_ms"] - proof["created_at_ms"] == 72 * 3_600_000
        [part] = admin.get(f"{API}/erasures/{proof['id']}/listing").json()
        left = [each["key"] for each in part["objects"]]
        assert log_key(lesson, LAKE) in left
        assert not set(left) & set(gone)
        assert not any((data_dir / name).exists() for name in gone)
        assert house.anyone.get(hls_url).status_code == 404
        states = {
            each["id"]: each["state"]
            for each in admin.get(f"{API}/lessons/{lesson}/resources", params=WHY).json()
        }
        assert (states[resource(lesson, HILL)], states[resource(lesson, LAKE)]) == ("erased", "ready")
        assert [each["id"] for each in admin.get(f"{API}/erasures").json()] == [proof["id"]]
    with house.key(house.organization(), GrantRole.ADMIN) as stranger:
        assert stranger.get(f"{API}/erasures").json() == []
        assert code_of(stranger.get(f"{API}/erasures/{proof['id']}")) == (404, "record_unknown")
        assert code_of(stranger.post(f"{API}/erasures", json=body)) == (404, "seat_unknown")


def test_a_whole_lesson_goes_and_says_so(house: House) -> None:
    lesson, _, _ = recorded_lesson(house, "whole")
    asked = house.admin.post(f"{API}/erasures", json={"lesson_id": lesson, "reason": "law"})
    assert finished(house.admin, asked.json()["id"])["objects_total"] == 17
    assert house.admin.get(f"{API}/lessons/{lesson}").json()["state"] == "erased"
    assert house.admin.get(f"{API}/erasures/{asked.json()['id']}/listing").json()[0]["objects"] == []


def test_a_group_that_withdraws_is_erased_at_once(house: House) -> None:
    lesson, school, group = recorded_lesson(house, "withdrawal")
    decision = {"student_group_id": group, "kind": "recording", "decision": "withdrawn"}
    assert house.admin.post(f"{API}/consents", json=decision).status_code == 201
    with house.key(school, GrantRole.ADMIN) as admin:
        [asked] = admin.get(f"{API}/erasures").json()
        proof = finished(admin, asked["id"])
    assert (proof["reason"], proof["target"], proof["target_id"]) == ("withdrawal", "student_group", group)
    assert {each["key"] for each in proof["objects"]} == {log_key(lesson, HILL), *resource_keys(lesson, HILL)}
    house.admin.post(f"{API}/consents", json=decision | {"kind": "publication"})
    house.admin.post(f"{API}/consents", json=decision | {"decision": "granted"})
    with house.key(school, GrantRole.ADMIN) as admin:
        assert len(admin.get(f"{API}/erasures").json()) == 1


def test_a_lesson_that_runs_is_not_erased(house: House) -> None:
    lesson, _, group = recorded_lesson(house, "live", LessonState.SUSPENDED)
    for body in ({"lesson_id": lesson}, {"student_group_id": group}, {"seat_id": seat(lesson, HILL)}):
        refused = house.admin.post(f"{API}/erasures", json={**body, "reason": "mistake"})
        assert code_of(refused) == (409, "lesson_state_conflict")


@pytest.mark.parametrize("body", [{}, {"lesson_id": "les_" + "a" * 26, "seat_id": "seat_" + "a" * 26}])
def test_an_erasure_names_one_thing(house: House, body: dict[str, str]) -> None:
    assert code_of(house.admin.post(f"{API}/erasures", json={**body, "reason": "law"})) == (
        400,
        "bad_message",
    )


def test_an_organization_sets_how_long_it_keeps(house: House) -> None:
    school = house.organization()
    made = house.admin.post(
        f"{API}/retention-policies", json={"organization_id": school, "raw_track_days": 7}
    )
    assert made.status_code == 201
    assert (made.json()["raw_track_days"], made.json()["resource_days"]) == (7, 1095)
    again = house.admin.post(f"{API}/retention-policies", json={"organization_id": school})
    assert code_of(again) == (409, "already_exists")
    for days in (0, 366):
        body = {"organization_id": house.organization(), "raw_track_days": days}
        assert code_of(house.admin.post(f"{API}/retention-policies", json=body)) == (400, "bad_message")
