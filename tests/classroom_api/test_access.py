from __future__ import annotations

import pytest

from classroom_api.access import (
    EVERYTHING,
    RULES,
    Ability,
    Reach,
    Scope,
    abilities_of,
    access_table,
    require,
    scope_of,
)
from classroom_api.auth import ADMIN, Principal
from classroom_api.roles import Grant, GrantRole
from streaming.errors import Refused
from tests.architecture.tree import read


def of(role: GrantRole, path: str = "/org_a/", scopes: frozenset[str] | None = None) -> Principal:
    return Principal("usr_a", grants=(Grant(role, path),), scopes=scopes, user="usr_a")


def test_the_table_in_the_docs_is_the_codes() -> None:
    assert access_table() in read("docs/api.md")


def test_an_ability_without_a_grant_reaches_nothing() -> None:
    for ability in Ability:
        assert scope_of(Principal("usr_a", user="usr_a"), ability).is_empty
        with pytest.raises(Refused, match="not_permitted"):
            require(Principal("usr_a"), ability)
        assert scope_of(ADMIN, ability) == EVERYTHING


def test_nobody_but_an_admin_changes_people_devices_or_keys() -> None:
    for ability in (
        Ability.USERS_WRITE,
        Ability.GRANTS_WRITE,
        Ability.ENDPOINTS_WRITE,
        Ability.KEYS_WRITE,
        Ability.ORGANIZATIONS_WRITE,
    ):
        assert set(RULES[ability]) == {GrantRole.ADMIN}


def test_what_somebody_may_is_told_with_its_reach() -> None:
    assert abilities_of(ADMIN) == dict.fromkeys(Ability, Reach.SUBTREE)
    assert abilities_of(Principal("usr_a", user="usr_a")) == {}
    teacher = abilities_of(of(GrantRole.MASTER))
    assert teacher[Ability.LESSONS_WRITE] is Reach.TAUGHT
    assert teacher[Ability.LESSONS_READ] is Reach.OWN
    assert teacher[Ability.COURSES_READ] is Reach.SUBTREE
    assert Ability.USERS_READ not in teacher
    assert abilities_of(of(GrantRole.ADMIN, scopes=frozenset({"search:read"}))) == {
        Ability.SEARCH: Reach.SUBTREE
    }


def test_a_scope_is_the_subtree() -> None:
    scope = scope_of(of(GrantRole.ADMIN), Ability.USERS_READ)
    assert scope.covers("/org_a/")
    assert scope.covers("/org_a/org_b/")
    assert not scope.covers("/org_ab/")
    assert not scope.covers("/org_b/org_a/")
    assert not Scope().covers("/org_a/")


def test_a_teacher_reaches_the_own_lessons_alone() -> None:
    assert RULES[Ability.LESSONS_READ][GrantRole.MASTER] is Reach.OWN
    scope = scope_of(of(GrantRole.MASTER), Ability.LESSONS_WRITE)
    assert (scope.paths, scope.own, scope.own_paths) == ((), "usr_a", ("/org_a/",))
    assert scope.is_taught
    assert not scope_of(of(GrantRole.MASTER), Ability.LESSONS_READ).is_taught
    assert not scope.covers("/org_a/")


def test_a_key_is_limited_to_its_scopes() -> None:
    key = of(GrantRole.ADMIN, scopes=frozenset({"lessons:read"}))
    assert not scope_of(key, Ability.LESSONS_READ).is_empty
    assert scope_of(key, Ability.LESSONS_WRITE).is_empty
