"""A room's photo on the other room's big screen: by the master's click alone, and gone with the next.

Off stage a room sees that its microphone hears something."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.classroom_api.test_photo_cleaning import photo
from tests.e2e.browser import CameraFiles, chromium, open_page, skip_device_check
from tests.e2e.conftest import House

pytestmark = pytest.mark.timeout(240)

TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)
IS_THERE = "image => image.complete && image.naturalWidth > 0"


def answer(room: Page, picture: Path) -> None:
    room.get_by_test_id("photo-file").set_input_files(picture)
    room.get_by_test_id("photo-send").click()
    expect(room.get_by_test_id("photo-answer")).to_have_attribute("data-answered", "true")


def test_the_master_shows_the_rooms_work_side_by_side(
    house: House, camera: CameraFiles, tmp_path: Path
) -> None:
    picture = tmp_path / "work.jpg"
    picture.write_bytes(photo())
    lesson = house.lesson(start=True)
    with chromium(camera) as browser:
        master = open_page(
            browser, skip_device_check(house.link(lesson, "master", "Ms Lin")), size=(1440, 900)
        )
        one, two = (
            open_page(browser, skip_device_check(house.link(lesson, "classroom", f"Room {n}", f"c{n}")))
            for n in (1, 2)
        )
        master.get_by_test_id("round-prompt").fill("Show how you added 1/2 and 1/3.")
        master.locator("input[name=round-answer][value=photo]").check(force=True)
        master.get_by_test_id("round-open").click()
        master.get_by_test_id("round-report").click()
        answer(one, picture)
        answer(two, picture)
        expect(master.get_by_test_id("photo").locator("img")).to_have_count(2)
        expect(two.get_by_test_id("photo-board")).to_have_count(0)
        for room in (one, two):
            expect(room.get_by_test_id("own-level")).to_have_attribute("data-hears", "true")

        master.get_by_test_id("photo-show").first.click()
        expect(two.get_by_test_id("shown-photo")).to_have_count(1)
        two.wait_for_function(f"({IS_THERE})(document.querySelector('[data-testid=shown-photo]'))")
        master.get_by_test_id("photo-show").last.click()
        for room in (one, two):
            expect(room.get_by_test_id("photo-board")).to_have_attribute("data-count", "2")
            expect(room.get_by_test_id("shown-photo")).to_have_count(2)
        master.get_by_test_id("photos-hide").click()
        for room in (one, two):
            expect(room.get_by_test_id("photo-board")).to_have_count(0)
