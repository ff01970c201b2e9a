"""Decks over real HTTP, from the upload to the page images, on both databases."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import httpx
import pytest

from classroom_api.roles import GrantRole
from classroom_api.store.decks import MAX_DECKS
from tests.classroom_api.house import API, House, code_of
from tests.classroom_api.pdfs import encrypted_pdf, text_pdf

PDF = {"Content-Type": "application/pdf"}
TIMEOUT_S = 60


def lesson_of(house: House) -> str:
    return house.make("lessons", title="Fractions", recording_policy="off")


def seat(house: House, lesson: str, role: str, **more: str) -> dict[str, str]:
    body = {"role": role, **more}
    answer = house.admin.post(f"{API}/lessons/{lesson}/invitations", json=body)
    return {"Authorization": f"Bearer {answer.json()['invitation']}"}


def upload(house: House, lesson: str, pdf: bytes, headers: dict[str, str], title: str = "") -> httpx.Response:
    path = f"{API}/lessons/{lesson}/decks"
    return house.anyone.post(path, params={"title": title}, content=pdf, headers={**headers, **PDF})


def settled(house: House, lesson: str, headers: dict[str, str]) -> list[dict[str, object]]:
    """The decks once none is processed any more."""
    give_up = time.monotonic() + TIMEOUT_S
    while True:
        decks: list[dict[str, object]] = house.anyone.get(
            f"{API}/lessons/{lesson}/decks", headers=headers
        ).json()
        if all(deck["state"] != "processing" for deck in decks):
            return decks
        assert time.monotonic() < give_up, decks


def test_from_the_upload_to_the_page_images(house: House) -> None:
    lesson = lesson_of(house)
    master, classroom = (seat(house, lesson, role, classroom="c1") for role in ("master", "classroom"))
    made = upload(house, lesson, text_pdf("one half", "two thirds"), master, "  分数 ")
    assert made.status_code == 201, made.text
    assert (made.json()["title"], made.json()["state"], made.json()["pages"]) == ("分数", "processing", [])
    [deck] = settled(house, lesson, classroom)
    assert (deck["state"], deck["page_count"], deck["pages_done"]) == ("ready", 2, 2)
    pages = deck["pages"]
    assert isinstance(pages, list)
    for page in pages:
        image = house.anyone.get(page["url"])
        assert hashlib.sha256(image.content).hexdigest() == page["sha256"]
        assert len(image.content) == page["bytes"]
        assert image.headers["content-type"] == "image/webp"
        assert "immutable" in image.headers["cache-control"]
        assert house.anyone.get(page["thumbnail_url"]).status_code == 200
    first = pages[0]["url"]
    assert settled(house, lesson, classroom)[0]["pages"] == pages, "the same address within the hour"
    stranger = first.replace(str(deck["id"]), "deck_" + "a" * 26)
    assert code_of(house.anyone.get(stranger)) == (401, "token_invalid")
    assert code_of(house.anyone.get(first.rpartition("/")[0] + "/source.pdf")) == (404, "resource_unknown")


def test_a_deleted_deck_is_gone(house: House) -> None:
    lesson = lesson_of(house)
    master = seat(house, lesson, "master")
    upload(house, lesson, text_pdf("one"), master)
    [deck] = settled(house, lesson, master)
    pages = deck["pages"]
    assert isinstance(pages, list)
    path = f"{API}/lessons/{lesson}/decks/{deck['id']}"
    other = seat(house, lesson_of(house), "master")
    assert code_of(house.anyone.delete(path, headers=other)) == (404, "lesson_unknown")
    assert code_of(house.anyone.delete(path, headers=seat(house, lesson, "observer"))) == (
        403,
        "not_permitted",
    )
    assert house.anyone.delete(path, headers=master).status_code == 204
    assert code_of(house.anyone.delete(path, headers=master)) == (404, "deck_unknown")
    assert settled(house, lesson, master) == []
    assert code_of(house.anyone.get(pages[0]["url"])) == (404, "resource_unknown")
    folder: Path = house.service.decks.folder / lesson
    assert not list(folder.iterdir())


def test_a_deck_that_cannot_be_drawn_says_why(house: House) -> None:
    lesson = lesson_of(house)
    master = seat(house, lesson, "master")
    assert upload(house, lesson, encrypted_pdf(), master).status_code == 201
    [deck] = settled(house, lesson, master)
    assert (deck["state"], deck["reason"], deck["pages"]) == ("failed", "deck_encrypted", [])


@pytest.mark.parametrize("role", ["classroom", "assistant", "student", "observer"])
def test_only_the_master_brings_slides(house: House, role: str) -> None:
    lesson = lesson_of(house)
    headers = seat(house, lesson, role, classroom="c1")
    assert code_of(upload(house, lesson, text_pdf("x"), headers)) == (403, "not_permitted")
    assert house.anyone.get(f"{API}/lessons/{lesson}/decks", headers=headers).json() == []


def test_who_plans_the_lesson_brings_slides(house: House) -> None:
    region = house.organization()
    teacher = house.user(region)
    lesson = house.make("lessons", title="x", organization_id=region, master_id=teacher, state="draft")
    path = f"{API}/lessons/{lesson}/decks"
    with house.key(region, GrantRole.MASTER, user=teacher) as session:
        assert session.post(path, content=text_pdf("x"), headers=PDF).status_code == 201
    with house.key(house.organization(), GrantRole.ADMIN) as stranger:
        assert code_of(stranger.post(path, content=text_pdf("x"), headers=PDF)) == (404, "lesson_unknown")


def test_what_is_refused_at_once(house: House) -> None:
    lesson = lesson_of(house)
    master = seat(house, lesson, "master")
    path = f"{API}/lessons/{lesson}/decks"
    json = {**master, "Content-Type": "application/json"}
    assert code_of(house.anyone.post(path, content=b"{}", headers=json)) == (415, "content_type_unsupported")
    for body in (b"", b"PK\x03\x04" + bytes(5000), b"x" * 1100 + b"%PDF-1.7"):
        assert code_of(upload(house, lesson, body, master)) == (422, "deck_malformed")
    too_large = iter([b"%PDF-1.7", *([bytes(1 << 20)] * 51)])
    answer = house.anyone.post(path, content=too_large, headers={**master, **PDF})
    assert code_of(answer) == (413, "message_too_large")
    assert settled(house, lesson, master) == []
    assert not list((house.service.decks.folder / lesson).glob("*")), "nothing of it stays on disk"


def test_a_lesson_takes_only_so_many_and_none_when_it_is_over(house: House) -> None:
    lesson = lesson_of(house)
    master = seat(house, lesson, "master")
    for _ in range(MAX_DECKS):
        assert upload(house, lesson, b"%PDF-1.7 broken", master).status_code == 201
    assert code_of(upload(house, lesson, b"%PDF-1.7 broken", master)) == (409, "limit_reached")
    over = lesson_of(house)
    teacher = seat(house, over, "master")
    house.admin.post(f"{API}/lessons/{over}/end")
    assert code_of(upload(house, over, text_pdf("x"), teacher)) == (410, "lesson_ended")
