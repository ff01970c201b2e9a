"""A village classroom: its big screen and its assistant in a browser, the master far away on a socket."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import findings
from tests.e2e.bare_master import BareMaster, bare_master
from tests.e2e.browser import CameraFiles, chromium, eventually, open_page, outbound, skip_device_check
from tests.e2e.conftest import House

pytestmark = pytest.mark.timeout(240)

POINTS_28_PX = 28 * 96 / 72
SMALLEST_TEXT = """() => {
    const walker = document.createTreeWalker(document.querySelector('.classroom'), NodeFilter.SHOW_TEXT);
    let smallest = {size: Infinity, text: ''};
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement, box = parent.getBoundingClientRect();
        const text = walker.currentNode.textContent.trim();
        const isShown = box.width > 2 && box.height > 2 && getComputedStyle(parent).clipPath === 'none';
        const size = parseFloat(getComputedStyle(parent).fontSize);
        if (text && isShown && size < smallest.size) smallest = {size, text};
    }
    return smallest;
}"""
"""Text that is on the screen; what is clipped away is for screen readers."""


def _seat_of(page: Page) -> str:
    seat: str = page.evaluate(
        "Object.values(sessionStorage).map((t) => /seat_[a-z2-7]{26}/.exec(t)?.[0]).find(Boolean)"
    )
    return seat


def _assert_readable(room: Page) -> None:
    """From the last row: nothing under 28 pt."""
    smallest = room.evaluate(SMALLEST_TEXT)
    assert smallest["size"] >= POINTS_28_PX, smallest


def _voice_bytes(page: Page) -> int:
    """Sound sent so far."""
    return sum(int(one["bytes"]) for one in outbound(page, "audio"))


def _is_whisper(told: dict[str, Any]) -> bool:
    return bool(told["type"] == "publication_added" and told["publication"]["source"] == "whisper")


def _check_in_the_lobby(room: Page, master: BareMaster) -> None:
    """The check runs by itself, and the master is told what it found."""
    room.get_by_test_id("enter").click()
    check = master.event("device_checked", 60, seat=_seat_of(room))["check"]
    assert check["verdicts"]["camera"] in ("green", "amber")
    assert all(check["verdicts"][way] == "green" for way in ("down", "up", "clock")), check
    assert check["tier"] is not None
    assert None not in (check["measures"]["rtt_ms"], check["measures"]["echo_percent"])
    expect(room.get_by_test_id("device-check")).to_have_attribute("data-verdict", check["verdict"])
    _assert_readable(room)
    assert findings(room) == []


def _raise_hands_by_key(room: Page, assistant: Page, master: BareMaster) -> None:
    expect(room.get_by_test_id("device-check")).to_have_count(0)
    room.keyboard.press("Enter")
    master.event("floor_requested", seat=_seat_of(room))
    expect(assistant.get_by_test_id("raise-hand")).to_have_attribute("aria-pressed", "true")
    assistant.keyboard.press("h")
    master.event("floor_withdrawn", seat=_seat_of(room))


def _answer_a_round(room: Page, assistant: Page, master: BareMaster) -> None:
    master.ask("round_open", prompt="How many found 3/4?", answer="count")
    master.ask("round_phase", round=1, phase="local", local_s=600)
    master.ask("pick", of="number", upto=30)
    expect(room.get_by_test_id("pick")).to_be_visible()
    expect(room.get_by_test_id("round")).to_have_attribute("data-phase", "local")
    _assert_readable(room)
    assistant.get_by_test_id("answer-0").fill("9")
    assistant.get_by_test_id("answer-1").fill("12")
    assistant.keyboard.press("Enter")
    answered = master.event("round_answered", round=1)
    assert (answered["answer"]["seat"], answered["tally"]) == (_seat_of(room), [9, 12])
    assistant.get_by_test_id("round-ready").click()
    master.event("round_ready", classroom="c3")


def _speak_to_the_master(assistant: Page, master: BareMaster) -> None:
    assistant.keyboard.press("4")
    master.event("signal_raised", seat=_seat_of(assistant), signal="fault")
    button = assistant.get_by_test_id("whisper")
    before = _voice_bytes(assistant)
    assistant.keyboard.down("w")
    expect(button).to_have_attribute("aria-pressed", "true")
    added = master.wait_for(_is_whisper, 30, "the whisper")
    assert added["publication"]["seat"] == _seat_of(assistant)
    eventually(lambda: _voice_bytes(assistant) > before + 2000, 20, "a voice in the whisper")
    assistant.keyboard.up("w")
    expect(button).to_have_attribute("aria-pressed", "false")


def _keep_order(room: Page, assistant: Page, master: BareMaster) -> None:
    assistant.get_by_test_id("tab-texts").click()  # the key works whatever the panel shows
    assistant.keyboard.press("p")
    alarm = master.event("classroom_blocked", classroom="c3", block="paused")
    assert alarm["by"] == _seat_of(assistant)
    expect(room.get_by_test_id("room-notice")).to_have_attribute("data-kind", "blocked_paused")
    _assert_readable(room)
    for page in (room, assistant):
        assert findings(page) == []
    assistant.keyboard.press("p")
    master.event("classroom_blocked", block=None)
    assistant.get_by_test_id("tab-room").click()
    choices = assistant.get_by_test_id(f"receive-{_seat_of(room)}").get_by_role("radio")
    choices.nth(1).click()
    master.event("receive_changed", seat=_seat_of(room), picture="low")
    expect(choices.nth(1)).to_be_checked()
    choices.nth(2).click()
    master.event("receive_changed", seat=_seat_of(room), picture="none")
    expect(room.get_by_text("Pictures are off here")).to_be_visible()


def test_a_classroom_and_its_assistant(house: House, camera: CameraFiles) -> None:
    lesson = house.lesson(start=False)
    invitation = house.token(lesson, "master", "Ms Lin")
    with chromium(camera) as browser:
        with bare_master(house.server.url, lesson, invitation) as master:
            room = open_page(browser, house.link(lesson, "classroom", "Room 3", "c3"), size=(1920, 1080))
            _check_in_the_lobby(room, master)
            link = skip_device_check(house.link(lesson, "assistant", "Mr Wang", "c3"))
            assistant = open_page(browser, link, size=(1366, 768))
            master.ask("lesson_start")
            _raise_hands_by_key(room, assistant, master)
            _answer_a_round(room, assistant, master)
            _speak_to_the_master(assistant, master)
            _keep_order(room, assistant, master)
            master.ask("floor_grant", seat=_seat_of(room))
            expect(room.get_by_test_id("on-stage")).to_be_visible()
            _assert_readable(room)
        expect(room.get_by_test_id("room-notice")).to_have_attribute("data-kind", "masterLost")
        expect(assistant.get_by_test_id("room-notice").get_by_role("timer")).to_be_visible()
