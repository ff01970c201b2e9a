from __future__ import annotations

from classroom_api.roles import Grant, GrantRole


def test_roles_are_those_of_the_domain() -> None:
    assert [role.value for role in GrantRole] == ["admin", "editor", "master", "assistant", "observer"]
    assert Grant(GrantRole.ADMIN, "/org_a/") == Grant(GrantRole("admin"), "/org_a/")
