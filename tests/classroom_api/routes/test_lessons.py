from __future__ import annotations

import httpx
import pytest

from signaling.roles import Role

LESSONS = "/api/v1/lessons"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def invite(admin: httpx.Client, lesson: str, **body: object) -> dict[str, object]:
    answer = admin.post(f"{LESSONS}/{lesson}/invitations", json=body).raise_for_status()
    content: dict[str, object] = answer.json()
    return content


def bearer(token: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_lesson_goes_from_scheduled_to_live_to_over(admin: httpx.Client) -> None:
    made = admin.post(
        LESSONS, json={"title": " 分数 ", "auto_publish": True, "recording_policy": "off"}
    ).json()
    assert (made["title"], made["state"], made["participants"]) == ("分数", "scheduled", 0)
    path = f"{LESSONS}/{made['id']}"
    assert admin.post(f"{path}/start").json()["state"] == "live"
    assert code_of(admin.post(f"{path}/start")) == (409, "lesson_state_conflict")
    assert made["id"] in [lesson["id"] for lesson in admin.get(LESSONS).json()]
    ended = admin.post(f"{path}/end").json()
    assert ended["ended_at_ms"] >= ended["started_at_ms"]
    assert code_of(admin.post(f"{path}/end")) == (410, "lesson_ended")


def test_a_broadcast_lesson_may_have_longer_voice_packets(admin: httpx.Client) -> None:
    made = admin.post(LESSONS, json={"title": "x", "mode": "broadcast", "voice_ptime_ms": 60}).json()
    assert admin.get(f"{LESSONS}/{made['id']}").json()["voice_ptime_ms"] == 60
    assert admin.post(LESSONS, json={"title": "x"}).json()["voice_ptime_ms"] == 20


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": ""},
        {"title": "x" * 201},
        {"title": "x", "mode": "nap"},
        {"title": "x", "recording_policy": "all"},
        {"title": "x", "mode": "broadcast", "voice_ptime_ms": 30},
        {"title": "x", "voice_ptime_ms": 60},
    ],
)
def test_a_wrong_draft_is_refused(admin: httpx.Client, body: dict[str, object]) -> None:
    assert code_of(admin.post(LESSONS, json=body)) == (400, "bad_message")


def test_strangers_learn_nothing(anyone: httpx.Client, admin: httpx.Client, lesson: str) -> None:
    assert code_of(anyone.get(LESSONS)) == (401, "token_missing")
    assert code_of(anyone.get(LESSONS, headers=bearer("nonsense"))) == (401, "token_invalid")
    assert code_of(admin.get(f"{LESSONS}/les_unknown")) == (404, "lesson_unknown")
    other = admin.post(LESSONS, json={"title": "Another"}).json()["id"]
    token = invite(admin, other, role="master")["invitation"]
    assert code_of(anyone.get(f"{LESSONS}/{lesson}", headers=bearer(token))) == (404, "lesson_unknown")
    assert code_of(anyone.get(LESSONS, headers=bearer(token))) == (403, "not_permitted")


def test_only_the_master_invites(anyone: httpx.Client, admin: httpx.Client, lesson: str) -> None:
    room = invite(admin, lesson, role="classroom", name="Hill", classroom="c1")
    path = f"{LESSONS}/{lesson}/invitations"
    assert code_of(anyone.post(path, json={"role": "student"}, headers=bearer(room["invitation"]))) == (
        403,
        "not_permitted",
    )
    master = invite(admin, lesson, role="master", name="Ms Lin")
    answer = anyone.post(path, json={"role": "student"}, headers=bearer(master["invitation"]))
    assert answer.status_code == 201
    assert code_of(admin.post(path, json={"role": "admin"})) == (400, "bad_message")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_each_role_has_a_link_and_joins_with_it(
    admin: httpx.Client, anyone: httpx.Client, server: object, lesson: str, role: Role
) -> None:
    made = invite(admin, lesson, role=role, name="name")
    assert f"/{lesson}#token=" in str(made["url"])
    joined = (
        anyone.post(f"{LESSONS}/{lesson}/join", headers=bearer(made["invitation"])).raise_for_status().json()
    )
    assert joined["seat"]["role"] == role
    assert joined["ws_url"].startswith("ws://")
    assert joined["ws_url"].endswith("/ws")
    again = anyone.post(f"{LESSONS}/{lesson}/join", headers=bearer(joined["resume_key"])).json()
    assert again["seat"] == joined["seat"]
    wrong = anyone.post(f"{LESSONS}/{lesson}/join", headers=bearer(joined["access_token"]))
    assert code_of(wrong) == (401, "token_invalid")


def test_tokens_are_void_after_the_end(admin: httpx.Client, anyone: httpx.Client, lesson: str) -> None:
    token = invite(admin, lesson, role="student")["invitation"]
    admin.post(f"{LESSONS}/{lesson}/start").raise_for_status()
    admin.post(f"{LESSONS}/{lesson}/end").raise_for_status()
    assert code_of(anyone.post(f"{LESSONS}/{lesson}/join", headers=bearer(token))) == (410, "lesson_ended")
    assert code_of(admin.post(f"{LESSONS}/{lesson}/invitations", json={"role": "student"})) == (
        410,
        "lesson_ended",
    )


def test_a_token_is_for_its_own_lesson(admin: httpx.Client, anyone: httpx.Client, lesson: str) -> None:
    other = admin.post(LESSONS, json={"title": "Another"}).json()["id"]
    token = invite(admin, other, role="student")["invitation"]
    assert code_of(anyone.post(f"{LESSONS}/{lesson}/join", headers=bearer(token))) == (401, "token_invalid")
    assert code_of(anyone.post(f"{LESSONS}/les_x/join", headers=bearer(token))) == (404, "lesson_unknown")


def test_an_interrupted_lesson_says_so(admin: httpx.Client, lesson: str) -> None:
    admin.post(f"{LESSONS}/{lesson}/start").raise_for_status()
    for key, seen in (("lesson_suspend", "suspended"), ("lesson_resume", None)):
        assert admin.post(f"{LESSONS}/{lesson}/control", json={"type": key}).status_code == 204
        found = admin.get(f"{LESSONS}/{lesson}").json()
        assert (found["state"], found["interruption"]) == ("live", seen)


def test_an_administrator_has_the_keys(anyone: httpx.Client, admin: httpx.Client, lesson: str) -> None:
    path = f"{LESSONS}/{lesson}/control"
    assert admin.post(path, json={"type": "forbid_all", "forbidden": True}).status_code == 204
    assert code_of(admin.post(path, json={"type": "lesson_suspend"})) == (409, "lesson_state_conflict")
    assert code_of(admin.post(path, json={"type": "whisper", "seat": None})) == (403, "not_permitted")
    assert code_of(admin.post(path, json={"type": "leave"})) == (404, "seat_unknown")
    for body in ({"type": "publish"}, {"type": "hello"}, {}, {"type": "ban"}):
        assert code_of(admin.post(path, json=body)) == (400, "bad_message")
    token = invite(admin, lesson, role="master")["invitation"]
    refused = anyone.post(path, json={"type": "shut_down"}, headers=bearer(token))
    assert refused.status_code in (401, 403)
    assert code_of(admin.post(f"{LESSONS}/les_unknown/control", json={"type": "shut_down"})) == (
        404,
        "lesson_unknown",
    )
    assert admin.post(path, json={"type": "shut_down"}).status_code == 204
    assert admin.get(f"{LESSONS}/{lesson}").json()["state"] in ("ended", "processing", "review")
    assert code_of(admin.post(path, json={"type": "shut_down"})) == (410, "lesson_ended")
