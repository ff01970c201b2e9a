from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import ValidationError

from classroom_api.settings import load_settings
from tests.classroom_api.house import API, House, code_of, open_planning_house
from tests.classroom_api.identity_provider import CLIENT, SECRET, Provider, new_key, open_provider

REGISTRATION = {"oidc_client_id": CLIENT, "oidc_client_secret": SECRET}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with open_provider() as running:
        yield running


@pytest.fixture(scope="module")
def school(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("oidc")
    flags = REGISTRATION | {"oidc_issuer": provider.issuer}
    with open_planning_house(folder, f"sqlite:///{folder / 'tandem.db'}", **flags) as running:
        yield running


@pytest.fixture
def login(school: House, provider: Provider) -> Iterator[str]:
    """Of a user whom the provider knows too, as somebody new."""
    user = school.user(school.organization())
    provider.login = str(school.admin.get(f"{API}/users/{user}").json()["login"])
    provider.subject = f"sub-{user}"
    yield provider.login
    provider.changed_claims, provider.signing_key = {}, None


def come_back(school: House, browser: httpx.Client) -> httpx.Response:
    """Through the provider and back, as a browser follows it."""
    begun = browser.get(f"{school.url}{API}/sign-in/oidc")
    assert begun.status_code == 303, begun.text
    assert "HttpOnly" in begun.headers["set-cookie"]
    authorized = browser.get(begun.headers["location"])
    return browser.get(authorized.headers["location"])


def me(school: House, answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == 303, answer.text
    token = urlsplit(answer.headers["location"]).fragment.removeprefix("session=")
    return school.anyone.get(f"{API}/me", headers={"Authorization": f"Bearer {token}"})


def test_who_the_provider_knows_is_signed_in(school: House, provider: Provider, login: str) -> None:
    with httpx.Client() as browser:
        assert me(school, come_back(school, browser)).json()["login"] == login
        provider.login = "renamed"
        assert me(school, come_back(school, browser)).json()["login"] == login
        provider.login, provider.subject = login, "somebody else"
        assert code_of(come_back(school, browser)) == (401, "sign_in_refused")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"nonce": "of another sign-in"},
        {"azp": "another", "aud": [CLIENT, "another"]},
        {"sub": None},
        {"iat": time.time() + 10_000},
    ],
)
def test_a_token_for_somebody_else_is_refused(
    school: House, provider: Provider, login: str, claims: dict[str, object]
) -> None:
    provider.changed_claims = claims
    with httpx.Client() as browser:
        assert code_of(come_back(school, browser)) == (401, "sign_in_refused")


def test_a_forged_signature_is_refused(school: House, provider: Provider, login: str) -> None:
    provider.signing_key = new_key()
    with httpx.Client() as browser:
        assert code_of(come_back(school, browser)) == (401, "sign_in_refused")


def test_a_sign_in_ends_in_the_browser_where_it_began(school: House, login: str) -> None:
    with httpx.Client() as browser, httpx.Client() as other:
        assert browser.get(f"{school.url}{API}/sign-in").json() == {"has_provider": True}
        begun = browser.get(f"{school.url}{API}/sign-in/oidc")
        authorized = browser.get(begun.headers["location"])
        stolen = authorized.headers["location"]
        assert code_of(other.get(stolen)) == (401, "sign_in_refused")
        other.get(f"{school.url}{API}/sign-in/oidc")
        assert code_of(other.get(stolen)) == (401, "sign_in_refused")
        assert me(school, browser.get(stolen)).status_code == 200
        assert code_of(browser.get(stolen)) == (401, "sign_in_refused")


def test_a_code_that_the_provider_does_not_know_is_refused(school: House, login: str) -> None:
    with httpx.Client() as browser:
        begun = browser.get(f"{school.url}{API}/sign-in/oidc")
        location = browser.get(begun.headers["location"]).headers["location"]
        made_up = str(httpx.URL(location).copy_set_param("code", "made-up"))
        assert code_of(browser.get(made_up)) == (401, "sign_in_refused")


def test_a_person_who_is_refused_sees_the_sign_in_page(school: House, login: str) -> None:
    callback = f"{school.url}{API}/sign-in/oidc/callback"
    with httpx.Client(headers={"Accept": "text/html,*/*;q=0.8"}) as browser:
        refused = browser.get(callback, params={"state": "x", "code": "made-up"})
        broken_off = browser.get(callback, params={"state": "x", "error": "access_denied"})
    assert (refused.status_code, refused.headers["location"]) == (303, "/#sign-in=sign_in_refused")
    assert (broken_off.status_code, broken_off.headers["location"]) == (303, "/#sign-in=bad_message")


def test_without_a_provider_there_is_none(house: House) -> None:
    assert code_of(house.anyone.get(f"{API}/sign-in/oidc")) == (403, "not_permitted")


def test_a_provider_that_is_gone_is_told(tmp_path: Path) -> None:
    flags = REGISTRATION | {"oidc_issuer": "http://127.0.0.1:9"}
    with open_planning_house(tmp_path, f"sqlite:///{tmp_path / 'a.db'}", **flags) as school:
        assert code_of(school.anyone.get(f"{API}/sign-in/oidc")) == (503, "unavailable")


@pytest.mark.parametrize(
    "flags",
    [
        {"oidc_issuer": "http://school.example", "oidc_client_id": "x", "oidc_client_secret": "y"},
        {"oidc_issuer": "https://school.example"},
        {"database_url": "mysql://school/tandem"},
    ],
)
def test_half_a_setting_is_refused(flags: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        load_settings(flags)
