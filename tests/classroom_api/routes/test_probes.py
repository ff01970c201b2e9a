from __future__ import annotations

import httpx
import pytest


@pytest.fixture
def seat(admin: httpx.Client, anyone: httpx.Client, lesson: str) -> httpx.Client:
    """A classroom of the lesson."""
    draft = {"role": "classroom", "name": "Room 3", "classroom": "c3"}
    invitation = admin.post(f"/api/v1/lessons/{lesson}/invitations", json=draft).json()["invitation"]
    anyone.headers["Authorization"] = f"Bearer {invitation}"
    return anyone


def test_a_seat_measures_its_rates(seat: httpx.Client, lesson: str) -> None:
    path = f"/api/v1/lessons/{lesson}/probe"
    down = seat.get(path, params={"bytes": 100_000})
    assert (down.status_code, len(down.content)) == (200, 100_000)
    assert down.headers["cache-control"] == "no-store"
    up = seat.post(path, content=bytes(200_000)).json()
    assert up["bytes"] == 200_000
    assert 0 <= up["timed_bytes"] < 200_000


@pytest.mark.parametrize("count", ["0", "1048577", "-1", "many", ""])
def test_a_probe_is_bounded(seat: httpx.Client, lesson: str, count: str) -> None:
    answer = seat.get(f"/api/v1/lessons/{lesson}/probe", params={"bytes": count})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")


def test_a_body_is_bounded(seat: httpx.Client, lesson: str) -> None:
    answer = seat.post(f"/api/v1/lessons/{lesson}/probe", content=bytes(1_048_577))
    assert (answer.status_code, answer.json()["code"]) == (413, "message_too_large")


def test_json_of_nobody_is_bounded(anyone: httpx.Client) -> None:
    pieces = iter([b'{"name": "', *[b"x" * (1 << 20)] * 9, b'"}'])
    headers = {"Content-Type": "application/json"}
    answer = anyone.post("/api/v1/lessons", content=pieces, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "message_too_large")


def test_who_measures_without_end_is_stopped(seat: httpx.Client, lesson: str) -> None:
    answers = [seat.get(f"/api/v1/lessons/{lesson}/probe", params={"bytes": 1}) for _ in range(17)]
    assert [answer.status_code for answer in answers] == [200] * 16 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_a_stranger_to_the_lesson_measures_nothing(seat: httpx.Client, admin: httpx.Client) -> None:
    other = admin.post("/api/v1/lessons", json={"title": "Other", "recording_policy": "off"}).json()["id"]
    answer = seat.get(f"/api/v1/lessons/{other}/probe", params={"bytes": 1})
    assert (answer.status_code, answer.json()["code"]) == (404, "lesson_unknown")
