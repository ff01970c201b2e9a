from __future__ import annotations

from typing import Any

import httpx

from classroom_api.roles import GrantRole
from tests.classroom_api.house import API, House, code_of


def entries(client: httpx.Client, **wanted: str) -> list[dict[str, Any]]:
    answer = client.get(f"{API}/audit", params={"limit": "500", **wanted})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_what_an_administrator_does_is_written_down(house: House) -> None:
    school = house.organization()
    user = house.user(school, "Mr Wang")
    with house.key(school, GrantRole.ADMIN) as admin:
        entries(admin)
        [own, *_] = entries(admin)
        grant = {"organization_id": school, "user_id": user, "role": "assistant"}
        made = admin.post(f"{API}/role-grants", json=grant, params={"reason": "王老师 begins on Monday"})
        admin.put(f"{API}/users/{user}/password", json={"password": "x" * 12})
        admin.delete(f"{API}/role-grants/{made.json()['id']}", headers={"If-Match": "*"})
        assert admin.post(f"{API}/role-grants", json=grant | {"role": "none"}).status_code == 400
        [bad, gone, password, granted] = entries(admin, actor=own["actor"])[:4]
    assert granted["action"] == "POST /api/v1/role-grants"
    assert (granted["record_id"], granted["organization_id"]) == (made.json()["id"], school)
    assert (granted["reason"], granted["outcome"]) == ("王老师 begins on Monday", "ok")
    assert (password["action"], password["record_id"]) == ("PUT /api/v1/users/{record_id}/password", user)
    # Of what is deleted the entry still says where it was.
    assert (gone["record_id"], gone["organization_id"]) == (made.json()["id"], school)
    assert (bad["outcome"], bad["address"]) == ("bad_message", "127.0.0.1")


def test_refusals_and_reading_the_audit_are_written_down_too(house: House) -> None:
    school = house.organization()
    with house.key(school, GrantRole.OBSERVER) as observer, house.key(school, GrantRole.ADMIN) as admin:
        assert code_of(observer.get(f"{API}/audit")) == (403, "not_permitted")
        [refused] = [one for one in entries(admin) if one["outcome"] == "not_permitted"]
        assert refused["action"] == "GET /api/v1/audit"
        assert entries(admin)[0]["action"] == "GET /api/v1/audit"
        assert {one["organization_id"] for one in entries(admin)} == {school}


def test_an_administrator_sees_the_own_organizations_and_what_is_below(house: House) -> None:
    region = house.organization()
    school = house.organization(region, "Hill school")
    other = house.organization()
    with (
        house.key(region, GrantRole.ADMIN) as above,
        house.key(school, GrantRole.ADMIN) as below,
        house.key(other, GrantRole.ADMIN) as aside,
    ):
        group = below.post(
            f"{API}/student-groups",
            json={"organization_id": school, "name": "g", "grade_levels": [3], "size": 9},
        ).json()["id"]
        assert [one["record_id"] for one in entries(above, record_id=group)] == [group]
        assert entries(aside, record_id=group) == []
        region_key = entries(above)[0]["actor"]
        assert entries(below, actor=region_key) == []


def test_it_comes_in_pages_and_nothing_changes_it(house: House) -> None:
    house.organization()
    first = house.admin.get(f"{API}/audit", params={"limit": 2})
    following = house.admin.get(first.links["next"]["url"])
    numbers = [one["seq"] for one in first.json() + following.json()]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 4
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/audit", f"/audit/{numbers[0]}"):
            assert house.admin.request(method, API + path).status_code in (404, 405)


def test_a_sign_in_names_the_user_and_a_wrong_password_too(house: House) -> None:
    school = house.organization()
    user = house.user(school)
    login = house.admin.get(f"{API}/users/{user}").json()["login"]
    house.admin.put(f"{API}/users/{user}/password", json={"password": "twelve letters"})
    for name, password in ((login, "twelve letters"), (login, "wrong"), ("nobody", "wrong")):
        house.anyone.post(f"{API}/sign-in", json={"login": name, "password": password})
    found = entries(house.admin, actor=user)
    assert [entry["outcome"] for entry in found] == ["sign_in_refused", "ok"]
    for entry in found:
        assert (entry["action"], entry["record_id"]) == ("POST /api/v1/sign-in", user)
        assert entry["organization_id"] == school
