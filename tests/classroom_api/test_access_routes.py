from __future__ import annotations

import httpx
import pytest

from classroom_api.access import RULES, Door, Rule
from classroom_api.access_routes import PREFIX, ROUTES, route_table
from classroom_api.app import openapi_document
from classroom_api.roles import GrantRole
from tests.architecture.tree import read
from tests.classroom_api.house import House

NEEDS_NOTHING = frozenset({Door.OPEN, Door.SEAT})


def documented() -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, methods in openapi_document()["paths"].items()
        for method in methods
        if path.startswith(PREFIX)
    }


def call(client: httpx.Client, method: str, path: str) -> httpx.Response:
    url = (
        path.replace("{lesson_id}", "les_x")
        .replace("{resource_id}", "res_x")
        .replace("{record_id}", "rec_x")
        .replace("{delivery_id}", "dlv_x")
        .replace("{deck_id}", "deck_x")
        .replace("{view_id}", "view_x")
        .replace("{table}", "users")
    )
    return client.request(method, url, content=b"{}", headers={"Content-Type": "application/json"})


def test_every_route_stands_in_the_table_and_the_table_names_no_other() -> None:
    assert documented() == set(ROUTES)


def test_the_routes_in_the_docs_are_the_codes() -> None:
    assert route_table() in read("docs/api.md")


@pytest.mark.parametrize("role", list(GrantRole))
def test_every_route_answers_those_roles_that_the_table_names(house: House, role: GrantRole) -> None:
    region = house.organization()
    wrong = []
    with house.key(region, role, user=house.user(region)) as client:
        for (method, path), rule in sorted(ROUTES.items(), key=lambda route: "sign-out" in route[0][1]):
            answer = call(client, method, path)
            is_refused = answer.status_code == 403
            may = role in RULES[rule.ability] if isinstance(rule, Rule) else rule is not Door.DEVICE
            if isinstance(rule, Door) and rule in NEEDS_NOTHING:
                continue
            if is_refused is may or answer.status_code >= 500 or answer.status_code == 401:
                wrong.append((method, path, answer.status_code, answer.text))
    assert not wrong


def test_every_route_wants_a_credential_but_the_open_ones(house: House) -> None:
    wrong = []
    for (method, path), rule in ROUTES.items():
        answer = call(house.anyone, method, path)
        if rule is not Door.OPEN and answer.status_code != 401:
            wrong.append((method, path, answer.status_code))
    assert not wrong


def test_a_role_that_was_taken_away_opens_nothing(house: House) -> None:
    region = house.organization()
    user = house.user(region)
    with house.key(region, GrantRole.ADMIN, user=user) as client:
        [grant] = client.get(f"{PREFIX}/role-grants", params={"user_id": user}).json()
        house.admin.delete(f"{PREFIX}/role-grants/{grant['id']}", headers={"If-Match": "*"})
        assert client.get(f"{PREFIX}/users").status_code == 403
