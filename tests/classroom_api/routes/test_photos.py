"""Photos of a round over real HTTP and WebSocket: who uploads, who sees, what is left at the end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from classroom_api.store.photos import MAX_PHOTOS_OF_ROOM
from tests.classroom_api.house import API, House, code_of
from tests.classroom_api.test_photo_cleaning import photo

JPEG = {"Content-Type": "image/jpeg"}
TIMEOUT_S = 60


class Seat:
    """Somebody in the lesson: a token for REST, a socket for the room."""

    def __init__(self, headers: dict[str, str], socket: ClientConnection) -> None:
        self.headers = headers
        self.id = ""
        self._socket = socket

    def request(self, kind: str, **members: object) -> dict[str, Any]:
        self._socket.send(json.dumps({"type": kind, "id": kind, **members}))
        return self.next(id=kind)

    def next(self, **members: object) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv(TIMEOUT_S))
            if all(message.get(name) == value for name, value in members.items()):
                return message


@contextmanager
def seated(house: House, lesson: str, role: str, **more: object) -> Iterator[Seat]:
    answer = house.admin.post(f"{API}/lessons/{lesson}/invitations", json={"role": role, **more}).json()
    headers = {"Authorization": f"Bearer {answer['invitation']}"}
    joined = house.anyone.post(f"{API}/lessons/{lesson}/join", headers=headers).json()
    with connect(joined["ws_url"], subprotocols=[Subprotocol("tandem.v1")], proxy=None) as socket:
        seat = Seat(headers, socket)
        socket.send(json.dumps({"type": "hello", "access_token": joined["access_token"]}))
        seat.id = seat.next(type="welcome")["seat"]
        yield seat


def upload(
    house: House, lesson: str, seat: Seat, data: bytes, kind: dict[str, str] | None = None
) -> httpx.Response:
    headers = {**seat.headers, **(kind or JPEG)}
    return house.anyone.post(f"{API}/lessons/{lesson}/photos", content=data, headers=headers)


def seen(house: House, lesson: str, seat: Seat) -> list[str]:
    photos = house.anyone.get(f"{API}/lessons/{lesson}/photos", headers=seat.headers).json()
    return [each["id"] for each in photos]


@pytest.fixture
def lesson(house: House) -> str:
    return house.make("lessons", title="Fractions", recording_policy="off")


def test_a_photo_answers_a_round_and_its_room_and_the_master_see_it(house: House, lesson: str) -> None:
    with (
        seated(house, lesson, "master") as master,
        seated(house, lesson, "classroom", classroom="c1") as one,
        seated(house, lesson, "assistant", classroom="c1") as helping,
        seated(house, lesson, "classroom", classroom="c2") as two,
    ):
        assert master.request("round_open", prompt="Show it.", answer="photo")["type"] == "result"
        master.request("round_phase", round=1, phase="report")
        taken = upload(house, lesson, helping, photo()).json()
        assert (taken["seat"], taken["classroom"], taken["width"]) == (one.id, "c1", 800)
        assert two.request("round_answer", round=1, photo=taken["id"])["code"] == "photo_unknown"
        assert one.request("round_answer", round=1, photo=taken["id"])["type"] == "result"
        told = two.next(type="event")
        while told["event"]["type"] != "round_answered":
            told = two.next(type="event")
        assert told["event"]["answer"]["photo"] == taken["id"]
        assert [seen(house, lesson, seat) for seat in (master, one, helping)] == [[taken["id"]]] * 3
        assert seen(house, lesson, two) == []
        picture = house.anyone.get(taken["url"])
        assert picture.headers["content-type"] == "image/jpeg"
        assert b"Secret" not in picture.content
        other = taken["url"].replace(taken["id"], "photo_" + "a" * 26)
        assert code_of(house.anyone.get(other)) == (401, "token_invalid")


def test_the_master_shows_a_photo_to_all_rooms_and_takes_it_away(house: House, lesson: str) -> None:
    with (
        seated(house, lesson, "master") as master,
        seated(house, lesson, "classroom", classroom="c1") as one,
        seated(house, lesson, "classroom", classroom="c2") as two,
        seated(house, lesson, "assistant", classroom="c2") as helping,
        seated(house, lesson, "student", classroom="c1") as student,
    ):
        master.request("round_open", prompt="Show it.", answer="photo")
        master.request("round_phase", round=1, phase="report")
        taken, other = (upload(house, lesson, one, photo()).json()["id"] for _ in range(2))
        one.request("round_answer", round=1, photo=taken)
        assert one.request("photos", photos=[taken])["code"] == "not_permitted"
        assert master.request("photos", photos=[other])["code"] == "photo_unknown"
        assert [seen(house, lesson, seat) for seat in (two, helping)] == [[], []]
        assert master.request("photos", photos=[taken])["type"] == "result"
        assert [seen(house, lesson, seat) for seat in (two, helping)] == [[taken], [taken]]
        assert sorted(seen(house, lesson, one)) == sorted([taken, other])
        listed = house.anyone.get(f"{API}/lessons/{lesson}/photos", headers=student.headers)
        assert code_of(listed) == (403, "not_permitted")
        shown = house.anyone.get(f"{API}/lessons/{lesson}/photos", headers=two.headers).json()[0]
        picture = house.anyone.get(shown["url"])
        kept_s = int(picture.headers["cache-control"].split("max-age=")[1].split(",")[0])
        assert 0 < kept_s <= 1200
        two.request("leave")
        assert seen(house, lesson, two) == [], "who has left sees nothing more of it"
        assert one.request("live_consent", video=False, voice=True)["type"] == "result"
        assert seen(house, lesson, helping) == []
        assert master.request("photos", photos=[taken])["code"] == "photo_withheld"


def test_who_takes_photos_and_of_what(house: House, lesson: str) -> None:
    with (
        seated(house, lesson, "master") as master,
        seated(house, lesson, "student", classroom="c1") as student,
        seated(house, lesson, "classroom", classroom="c1") as one,
    ):
        for nobody in (master, student):
            assert code_of(upload(house, lesson, nobody, photo())) == (403, "not_permitted")
        listed = house.anyone.get(f"{API}/lessons/{lesson}/photos", headers=student.headers)
        assert code_of(listed) == (403, "not_permitted")
        assert code_of(upload(house, lesson, one, b"GIF89a")) == (422, "photo_malformed")
        assert code_of(upload(house, lesson, one, b"x", {"Content-Type": "image/gif"})) == (
            415,
            "content_type_unsupported",
        )
        assert code_of(upload(house, lesson, one, bytes((5 << 20) + 1))) == (413, "message_too_large")
        small = photo(size=(8, 8))
        for _ in range(MAX_PHOTOS_OF_ROOM):
            assert upload(house, lesson, one, small).status_code == 201
        assert code_of(upload(house, lesson, one, small)) == (409, "limit_reached")
        one.request("leave")
        assert code_of(upload(house, lesson, one, small)) == (404, "seat_unknown")
        folder = house.service.photos.path(lesson, "x").parent
        assert len(list(folder.iterdir())) == MAX_PHOTOS_OF_ROOM, "what was refused is not on disk"


def test_photos_without_consent_go_with_the_lesson(house: House, lesson: str) -> None:
    with (
        seated(house, lesson, "classroom", classroom="c1", recording_consent=True) as one,
        seated(house, lesson, "classroom", classroom="c2", recording_consent=False) as two,
    ):
        kept, gone = (upload(house, lesson, seat, photo()).json() for seat in (one, two))
    house.admin.post(f"{API}/lessons/{lesson}/end")
    give_up = time.monotonic() + TIMEOUT_S
    while house.anyone.get(gone["url"]).status_code != 404:
        assert time.monotonic() < give_up
    assert house.anyone.get(kept["url"]).status_code == 200
    assert [each["id"] for each in house.admin.get(f"{API}/lessons/{lesson}/photos").json()] == [kept["id"]]
