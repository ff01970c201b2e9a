"""The master's studio in a browser, among seats without media: what a teacher does in a lesson."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page

from tests.e2e.accessibility import findings
from tests.e2e.bare_seats import WAIT_S, BareSeat, seated, take_seat
from tests.e2e.browser import chromium, open_page, skip_device_check
from tests.e2e.conftest import House

pytestmark = pytest.mark.timeout(300)

PEOPLE = (
    ("classroom", "Room 1", "c1"),
    ("classroom", "Room 2", "c2"),
    ("assistant", "Mr Wang", "c1"),
    ("observer", "Inspector", None),
)


def test_a_lesson_in_the_studio(house: House) -> None:
    lesson = house.lesson(start=True)
    with seated(house, lesson, *PEOPLE) as [first, second, assistant, _], chromium() as browser:
        link = skip_device_check(house.link(lesson, "master", "Ms Lin"))
        page = open_page(browser, link, size=(1440, 900))
        page.set_default_timeout(WAIT_S * 1000)
        page.get_by_test_id(f"tile-{first.seat}").wait_for()
        _hand_to_stage(page, first)
        _signal(page, second)
        _listen(page, second)
        _whisper(page, assistant)
        _round(page, [first, second], assistant)
        _three_keys(page, first)
        _admission(house, lesson, page)
        assert findings(page) == []


def _hand_to_stage(page: Page, room: BareSeat) -> None:
    room.ask("floor_request")
    page.get_by_test_id(f"hand-grant-{room.seat}").click()
    room.event("floor_granted", seat=room.seat)
    page.get_by_test_id(f"stage-revoke-{room.seat}").click()
    room.event("floor_revoked", seat=room.seat)


def _signal(page: Page, room: BareSeat) -> None:
    room.ask("signal", signal="cannot_hear")
    page.get_by_test_id(f"tile-{room.seat}").locator("[data-signal=cannot_hear]").wait_for()
    page.get_by_test_id(f"signal-clear-{room.seat}").click()
    room.event("signal_raised", seat=room.seat, signal=None)
    page.get_by_test_id("signals").wait_for(state="hidden")


def _listen(page: Page, room: BareSeat) -> None:
    page.get_by_test_id(f"listen-{room.seat}").click()
    room.event("listening_changed", to=room.seat)
    page.locator(f"[data-testid=listen-{room.seat}][aria-pressed=true]").click()
    room.event("listening_changed", to=None)


def _whisper(page: Page, assistant: BareSeat) -> None:
    page.keyboard.down("F2")
    assistant.event("whisper_changed", to=assistant.seat)
    assistant.until(lambda told: '"source": "whisper"' in json.dumps(told), "the teacher's whisper")
    page.get_by_text("Only Mr Wang hears you").first.wait_for()
    page.keyboard.up("F2")
    page.get_by_text("Hold to talk to Mr Wang").wait_for(state="attached")


def _round(page: Page, rooms: list[BareSeat], assistant: BareSeat) -> None:
    page.get_by_test_id("round-prompt").fill("How many got 3/4?")
    page.get_by_test_id("round-open").click()
    number = assistant.event("round_opened")["round"]["id"]
    page.get_by_test_id("round-local").click()
    assistant.event("round_phase", phase="local")
    assert assistant.ask("round_ready", round=number)["type"] == "result"
    for room, counts in zip(rooms, ([9, 12], [14, 20]), strict=True):
        assert room.ask("round_answer", round=number, counts=counts)["type"] == "result"
    answers = page.get_by_test_id("answers")
    answers.get_by_text("23 of 32 (72 %)").wait_for()
    page.get_by_test_id("round-report").click()
    answers.get_by_role("checkbox", name="Room 2").check()
    assert findings(page) == []
    page.get_by_test_id("round-stage").click()
    rooms[1].event("floor_granted", seat=rooms[1].seat)
    page.get_by_test_id("round-close").click()
    assistant.event("round_phase", phase="closed")
    page.get_by_test_id("round-prompt").wait_for()


def _three_keys(page: Page, room: BareSeat) -> None:
    page.keyboard.press("F9")
    room.event("all_forbidden", forbidden=True)
    page.get_by_test_id("banner-forbidden").wait_for()
    page.keyboard.press("F9")
    room.event("all_forbidden", forbidden=False)
    page.keyboard.press("F8")
    room.event("lesson_interrupted", state="suspended")
    page.get_by_test_id("banner-suspended").wait_for()
    page.get_by_test_id("key-pause").click()
    room.event("lesson_interrupted", state="live")
    page.keyboard.press("F10")
    page.get_by_test_id("confirm-shut-down").wait_for()
    page.keyboard.press("Escape")


def _admission(house: House, lesson: str, page: Page) -> None:
    page.get_by_test_id("tab-people").click()
    page.get_by_text("After asking").click()
    page.get_by_text("Newcomers wait").wait_for()
    with take_seat(house, lesson, "classroom", "Room 3", "c3") as late:
        assert late.messages[0]["type"] == "waiting"
        page.get_by_test_id(f"admit-{late.seat}").click()
        late.until(lambda message: message["type"] == "welcome", "the welcome")
        page.get_by_test_id(f"tile-{late.seat}").wait_for()
