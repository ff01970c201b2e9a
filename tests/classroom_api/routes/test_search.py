from __future__ import annotations

import pytest

from classroom_api.roles import GrantRole
from tests.classroom_api.house import API, House


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("分数", True),
        ("步认", True),
        ("识", True),
        ("分数 认识", True),
        ("ｆｒａｃｔｉｏｎｓ", True),
        ("Fract", True),
        ("分认", False),
        ("数分", False),
        ("小数", False),
        ("%", False),
        ("_", False),
        ("，", False),
    ],
)
def test_chinese_is_found_without_spaces(house: House, query: str, is_found: bool) -> None:
    region = house.organization(name="x")
    course = house.make(
        "courses",
        organization_id=region,
        title="分数的初步认识 (Fractions)",
        subject="s",
        grade=3,
        edition="e",
    )
    with house.key(region, GrantRole.OBSERVER) as client:
        found = client.get(f"{API}/search", params={"q": query}).raise_for_status().json()
        assert [each["record_id"] for each in found] == ([course] if is_found else [])


def test_nobody_finds_what_they_may_not_read(house: House) -> None:
    region = house.organization(name="秘密学校")
    person = house.user(region, name="秘密老师")
    lesson = house.make("lessons", title="秘密课程", organization_id=region)
    other = house.organization(name="x")

    def found(role: GrantRole, organization: str, scopes: list[str] | None = None) -> list[str]:
        with house.key(organization, role, scopes) as client:
            answer = client.get(f"{API}/search", params={"q": "秘密"}).raise_for_status()
            return sorted(each["record_id"] for each in answer.json())

    assert found(GrantRole.ADMIN, region) == sorted([region, person, lesson])
    assert found(GrantRole.OBSERVER, region) == sorted([region, lesson])
    assert found(GrantRole.ADMIN, region, ["search:read", "users:read"]) == [person]
    assert found(GrantRole.ADMIN, other) == []


def test_what_is_gone_is_not_found(house: House) -> None:
    region = house.organization(name="x")
    gone = house.make("endpoints", organization_id=region, name="旧投影机")
    house.admin.delete(f"{API}/endpoints/{gone}", headers={"If-Match": "*"}).raise_for_status()
    with house.key(region, GrantRole.ADMIN) as client:
        assert client.get(f"{API}/search", params={"q": "投影"}).json() == []
