from __future__ import annotations

import httpx
import pytest

from classroom_api.roles import GrantRole
from tests.classroom_api.house import API, House, code_of


def test_a_school_is_set_up(house: House) -> None:
    region = house.organization()
    school = house.organization(region, name="山顶小学")
    teacher = house.user(region)
    house.make("role-grants", organization_id=region, user_id=teacher, role="master")
    device = house.make("endpoints", organization_id=school, name="Screen 1", room="101")
    group = house.make(
        "student-groups", organization_id=school, name="三四年级", grade_levels=[3, 4], size=12
    )
    pairing = house.make(
        "pairings", organization_id=region, name="山顶", student_group_id=group, endpoint_id=device
    )
    course = house.make(
        "courses", organization_id=region, title="数学三年级", subject="数学", grade=3, edition="人教版"
    )
    unit = house.make("units", course_id=course, title="分数的初步认识", node="8", week=12)
    read = house.admin.get(f"{API}/units/{unit}").json()
    assert (read["organization_id"], read["week"]) == (region, 12)
    assert house.admin.get(f"{API}/student-groups/{group}").json()["grade_levels"] == [3, 4]
    assert [
        each["id"] for each in house.admin.get(f"{API}/pairings", params={"organization_id": region}).json()
    ] == [pairing]
    schools = house.admin.get(f"{API}/organizations", params={"parent_id": region}).json()
    assert [each["name"] for each in schools] == ["山顶小学"]


def test_a_change_names_what_it_changes(house: House) -> None:
    region = house.organization()
    path = f"{API}/organizations/{region}"
    first = house.admin.get(path)
    body = {"kind": "region", "name": "Valley"}
    assert code_of(house.admin.put(path, json=body)) == (428, "precondition_required")
    changed = house.admin.put(path, json=body, headers={"If-Match": first.headers["etag"]})
    assert changed.json()["name"] == "Valley"
    assert changed.headers["etag"] != first.headers["etag"]
    again = house.admin.put(path, json=body, headers={"If-Match": first.headers["etag"]})
    assert code_of(again) == (412, "precondition_failed")
    assert code_of(house.admin.delete(path, headers={"If-Match": "nonsense"})) == (412, "precondition_failed")
    assert house.admin.delete(path, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    assert code_of(house.admin.get(path)) == (404, "record_unknown")


def test_what_something_refers_to_stays(house: House) -> None:
    region = house.organization()
    house.user(region)
    gone = house.admin.delete(f"{API}/organizations/{region}", headers={"If-Match": "*"})
    assert code_of(gone) == (409, "still_in_use")


def test_pages_hold_each_record_once(house: House) -> None:
    region = house.organization()
    made = [house.organization(region, name=f"school {number}") for number in range(7)]
    seen: list[str] = []
    url = f"{API}/organizations?parent_id={region}&limit=3"
    for expected in (3, 3, 1):
        answer = house.admin.get(url).raise_for_status()
        assert len(answer.json()) == expected
        seen += [each["id"] for each in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    assert seen == sorted(seen, key=made.index)
    assert sorted(seen) == sorted(made)
    assert not url


@pytest.mark.parametrize("cursor", ["x", "MTIz", "x" * 120, "é", "MS57fQ"])
def test_a_made_up_cursor_is_refused(house: House, cursor: str) -> None:
    answer = house.admin.get(f"{API}/organizations", params={"cursor": cursor})
    assert code_of(answer) == (400, "cursor_invalid")


def test_a_post_that_comes_twice_is_carried_out_once(house: House) -> None:
    region = house.organization()
    body = {"kind": "school", "name": "once", "parent_id": region}
    key = {"Idempotency-Key": f"k-{region}"}
    first = house.admin.post(f"{API}/organizations", json=body, headers=key)
    second = house.admin.post(f"{API}/organizations", json=body, headers=key)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    assert len(house.admin.get(f"{API}/organizations", params={"parent_id": region}).json()) == 1
    other = house.admin.post(f"{API}/organizations", json=body | {"name": "another"}, headers=key)
    assert code_of(other) == (422, "idempotency_key_reused")


def test_a_login_is_one_persons(house: House) -> None:
    region = house.organization()
    house.make("users", organization_id=region, login=f"lin@{region}", name="Lin")
    again = house.admin.post(
        f"{API}/users", json={"organization_id": region, "login": f"LIN@{region}", "name": "Lin"}
    )
    assert code_of(again) == (409, "already_exists")


def test_an_admin_of_one_school_sees_and_changes_nothing_of_another(house: House) -> None:
    region = house.organization()
    school, other = house.organization(region), house.organization(region)
    with house.key(school, GrantRole.ADMIN) as client:
        assert [each["id"] for each in client.get(f"{API}/organizations").json()] == [school]
        theirs = house.user(other)
        assert code_of(client.get(f"{API}/users/{theirs}")) == (404, "record_unknown")
        refused = client.post(
            f"{API}/role-grants",
            json={"organization_id": region, "user_id": house.user(school), "role": "admin"},
        )
        assert code_of(refused) == (403, "not_permitted")
        stranger = client.post(
            f"{API}/role-grants", json={"organization_id": school, "user_id": theirs, "role": "admin"}
        )
        assert code_of(stranger) == (422, "reference_unknown")
        escape = client.put(
            f"{API}/organizations/{school}",
            json={"kind": "school", "name": "free", "parent_id": None},
            headers={"If-Match": "*"},
        )
        assert code_of(escape) == (403, "not_permitted")


def test_an_organization_moves_with_all_below_it(house: House) -> None:
    one, two = house.organization(), house.organization()
    school = house.organization(one)
    point = house.organization(school)
    with house.key(two, GrantRole.ADMIN) as client:
        assert code_of(client.get(f"{API}/organizations/{point}")) == (404, "record_unknown")
        body = {"kind": "school", "name": "moved", "parent_id": two}
        moved = house.admin.put(f"{API}/organizations/{school}", json=body, headers={"If-Match": "*"})
        assert moved.status_code == 200
        assert client.get(f"{API}/organizations/{point}").status_code == 200
    body = {"kind": "school", "name": "loop", "parent_id": point}
    loop = house.admin.put(f"{API}/organizations/{school}", json=body, headers={"If-Match": "*"})
    assert code_of(loop) == (409, "organization_misplaced")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("organizations", {"kind": "galaxy", "name": "x"}),
        ("organizations", {"kind": "region", "name": "x\x00y"}),
        ("organizations", {"kind": "region", "name": "x", "time_zone": "Mars/Olympus"}),
        ("organizations", {"kind": "region", "name": "x" * 201}),
        ("student-groups", {"organization_id": "org_x", "name": "x", "grade_levels": [], "size": 3}),
    ],
)
def test_wrong_bodies_are_refused(house: House, kind: str, body: dict[str, object]) -> None:
    assert code_of(house.admin.post(f"{API}/{kind}", json=body)) == (400, "bad_message")


def test_half_a_surrogate_pair_is_refused(house: House) -> None:
    raw = b'{"kind": "region", "name": "\\ud800"}'
    answer = house.admin.post(
        f"{API}/organizations", content=raw, headers={"Content-Type": "application/json"}
    )
    assert code_of(answer) == (400, "bad_message")


def test_problems_speak_chinese_to_who_reads_it(house: House) -> None:
    answer = house.admin.get(f"{API}/users/usr_x", headers={"Accept-Language": "zh-CN,en;q=0.5"})
    assert answer.json()["detail"] == "没有这条记录，或它不属于您的机构。"
    assert answer.headers["content-language"] == "zh-CN"
    english: httpx.Response = house.admin.get(f"{API}/users/usr_x")
    assert english.headers["content-language"] == "en"
