from __future__ import annotations

import httpx
import pytest

from classroom_api.roles import GrantRole
from tests.classroom_api.house import API, House, code_of

PASSWORD = "correct horse battery"


class Person:
    def __init__(self, house: House) -> None:
        self.house = house
        self.region = house.organization()
        self.id = house.user(self.region)
        self.login = str(house.admin.get(f"{API}/users/{self.id}").json()["login"])
        house.make("role-grants", organization_id=self.region, user_id=self.id, role="admin")
        self.set_password(PASSWORD)

    def set_password(self, password: str) -> None:
        path = f"{API}/users/{self.id}/password"
        self.house.admin.put(path, json={"password": password}).raise_for_status()

    def sign_in(self, password: str = PASSWORD) -> httpx.Response:
        return self.house.anyone.post(f"{API}/sign-in", json={"login": self.login, "password": password})

    def me(self, token: str) -> httpx.Response:
        return self.house.anyone.get(f"{API}/me", headers=bearer(token))


@pytest.fixture
def person(house: House) -> Person:
    return Person(house)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_session_opens_what_the_roles_allow_and_ends(house: House, person: Person) -> None:
    token = person.sign_in().raise_for_status().json()["token"]
    assert person.me(token).json()["login"] == person.login
    assert house.anyone.get(f"{API}/users", headers=bearer(token)).status_code == 200
    assert house.anyone.post(f"{API}/sign-out", headers=bearer(token)).status_code == 204
    assert code_of(person.me(token)) == (401, "token_invalid")


def test_who_asks_learns_what_it_may(house: House, person: Person) -> None:
    me = person.me(person.sign_in().json()["token"]).json()
    assert (me["user_id"], me["login"], me["name"]) == (person.id, person.login, "Ms Lin")
    assert me["roles"] == [{"role": "admin", "path": f"/{person.region}/"}]
    root = house.admin.get(f"{API}/me").json()
    assert (root["user_id"], root["roles"]) == (None, [])
    assert root["abilities"] == me["abilities"]
    with house.key(person.region, GrantRole.OBSERVER, user=house.user(person.region)) as observer:
        assert "lessons:write" not in observer.get(f"{API}/me").json()["abilities"]


def test_anyone_learns_how_to_sign_in(house: House) -> None:
    assert house.anyone.get(f"{API}/sign-in").json() == {"has_provider": False}


def test_a_wrong_password_and_an_unknown_login_are_told_alike(house: House, person: Person) -> None:
    wrong = person.sign_in("wrong")
    unknown = house.anyone.post(f"{API}/sign-in", json={"login": "nobody", "password": "wrong"})
    assert code_of(wrong) == (401, "sign_in_refused")
    assert wrong.json() == unknown.json()
    without = house.user(person.region)
    login = house.admin.get(f"{API}/users/{without}").json()["login"]
    assert house.anyone.post(f"{API}/sign-in", json={"login": login, "password": "x"}).json() == wrong.json()


def test_a_login_is_locked_for_a_while_after_ten_failures(person: Person) -> None:
    codes = [person.sign_in("wrong").status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    locked = person.sign_in()
    assert code_of(locked) == (429, "rate_limited")
    assert int(locked.headers["retry-after"]) > 600


def test_a_new_password_ends_all_sessions(house: House, person: Person) -> None:
    token = person.sign_in().json()["token"]
    change = {"present": "wrong", "password": "another password"}
    refused = house.anyone.put(f"{API}/me/password", json=change, headers=bearer(token))
    assert code_of(refused) == (401, "sign_in_refused")
    change["present"] = PASSWORD
    assert house.anyone.put(f"{API}/me/password", json=change, headers=bearer(token)).status_code == 204
    assert code_of(person.me(token)) == (401, "token_invalid")
    assert person.sign_in("another password").status_code == 200


def test_who_is_disabled_is_out_at_once(house: House, person: Person) -> None:
    token = person.sign_in().json()["token"]
    draft = {"organization_id": person.region, "login": person.login, "name": "x", "is_disabled": True}
    house.admin.put(f"{API}/users/{person.id}", json=draft, headers={"If-Match": "*"}).raise_for_status()
    assert code_of(person.me(token)) == (401, "token_invalid")
    assert code_of(person.sign_in()) == (401, "sign_in_refused")


def test_an_api_key_is_shown_once_limited_and_void_when_deleted(house: House, person: Person) -> None:
    draft = {
        "organization_id": person.region,
        "name": "timetable sync",
        "role": "admin",
        "scopes": ["lessons:read"],
        "expires_at_ms": house.service.planning.now_ms() + 60_000,
    }
    token = person.sign_in().json()["token"]
    made = house.anyone.post(f"{API}/api-keys", json=draft, headers=bearer(token)).raise_for_status().json()
    key = bearer(made["key"])
    assert house.anyone.get(f"{API}/lessons", headers=key).status_code == 200
    assert code_of(house.anyone.get(f"{API}/users", headers=key)) == (403, "not_permitted")
    known = house.anyone.get(f"{API}/me", headers=key).json()
    assert (known["user_id"], known["abilities"]) == (None, {"lessons:read": "organization"})
    wrong = bearer(made["key"][:-1] + ("a" if made["key"][-1] != "a" else "b"))
    assert code_of(house.anyone.get(f"{API}/lessons", headers=wrong)) == (401, "token_invalid")
    [listed] = house.anyone.get(f"{API}/api-keys", headers=bearer(token)).json()
    assert "key" not in listed
    assert listed["last_used_at_ms"] is not None
    deleted = house.anyone.delete(f"{API}/api-keys/{made['id']}", headers=bearer(token))
    assert deleted.status_code == 204
    assert code_of(house.anyone.get(f"{API}/lessons", headers=key)) == (401, "token_invalid")
    again = house.anyone.delete(f"{API}/api-keys/{made['id']}", headers=bearer(token))
    assert code_of(again) == (404, "record_unknown")


def test_a_key_without_an_end_or_for_strangers_is_refused(house: House, person: Person) -> None:
    draft = {"organization_id": person.region, "name": "x", "role": "admin", "expires_at_ms": 1}
    assert code_of(house.admin.post(f"{API}/api-keys", json=draft)) == (400, "bad_message")
    draft |= {"expires_at_ms": house.service.planning.now_ms() + 60_000}
    with house.key(house.organization(), GrantRole.ADMIN) as stranger:
        assert code_of(stranger.post(f"{API}/api-keys", json=draft)) == (403, "not_permitted")


@pytest.mark.parametrize("token", ["ses_x", "key_x.y", "dev_é", "key_" + "a" * 5000, "ses_%00.x"])
def test_what_is_no_credential_is_refused(house: House, token: str) -> None:
    answer = house.anyone.get(f"{API}/me", headers=[(b"Authorization", f"Bearer {token}".encode())])
    assert code_of(answer) == (401, "token_invalid")


def test_only_hashes_are_stored(house: House, person: Person) -> None:
    from sqlalchemy import text

    from classroom_api.store.database import engine_of

    token = person.sign_in().json()["token"]
    engine = engine_of(house.database_url)
    with engine.begin() as connection:
        stored = repr(connection.execute(text("select * from credentials")).all())
        people = repr(connection.execute(text("select * from users")).all())
    engine.dispose()
    assert token.partition(".")[0] in stored
    assert token.partition(".")[2] not in stored
    assert PASSWORD not in people
