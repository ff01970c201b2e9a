"""Slides from the master's upload to the classroom's screen, with ink, pointer, and a network that fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.classroom_api.pdfs import text_pdf
from tests.e2e.browser import CameraFiles, chromium, eventually, open_page, skip_device_check
from tests.e2e.conftest import House

pytestmark = pytest.mark.timeout(240)

TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)

IMAGE = """() => {
    const image = document.querySelector('[data-testid="slide"] img');
    return image?.complete ? {width: image.naturalWidth, address: image.src} : null;
}"""
RED_PIXELS = """() => {
    const canvas = document.querySelector('[data-testid="ink"]');
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let red = 0;
    for (let at = 0; at < data.length; at += 4) {
        red += data[at] > 150 && data[at + 1] < 90 && data[at + 3] > 200;
    }
    return red;
}"""


def drag(page: Page) -> None:
    """A stroke across the slide."""
    box = page.get_by_test_id("slide").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=12)
    page.mouse.up()


def test_slides_from_the_upload_to_the_classroom(house: House, camera: CameraFiles, tmp_path: Path) -> None:
    deck = tmp_path / "Fractions.pdf"
    deck.write_bytes(text_pdf("one half", "two thirds", "three quarters"))
    lesson = house.lesson(start=False)
    with chromium(camera) as browser:
        master = open_page(
            browser, skip_device_check(house.link(lesson, "master", "Ms Lin")), size=(1440, 900)
        )
        room = open_page(browser, skip_device_check(house.link(lesson, "classroom", "Room 1", "c1")))
        master.get_by_test_id("deck-file").set_input_files(deck)
        progress = room.get_by_test_id("pages-progress")
        expect(progress).to_have_attribute("data-done", "3")
        expect(progress).to_have_attribute("data-of", "3")

        master.get_by_test_id("show-deck").click()
        slide = room.get_by_test_id("slide")
        for page in (master, room):
            expect(page.get_by_test_id("slide")).to_have_attribute("data-image", "ready")
        expect(slide).to_have_attribute("data-page", "1")
        first = eventually(lambda: room.evaluate(IMAGE), 10, "the image")
        assert first["width"] == 1600

        master.get_by_test_id("pen-red").click()
        drag(master)
        expect(room.get_by_test_id("ink")).to_have_attribute("data-strokes", "1")
        eventually(lambda: room.evaluate(RED_PIXELS) > 100 or None, 10, "red ink")
        master.get_by_test_id("tool-pointer").click()
        drag(master)
        expect(room.get_by_test_id("pointer")).to_be_visible()

        # No image comes over the network any more: the pages that the room needs are there.
        room.route("**/slides/**", lambda route: route.abort())
        room.route("**/decks", lambda route: route.abort())
        master.keyboard.press("PageDown")
        expect(slide).to_have_attribute("data-page", "2")
        second = eventually(
            lambda: (found := room.evaluate(IMAGE)) and found["address"] != first["address"] and found,
            10,
            "the second page",
        )
        assert second["width"] == 1600
        expect(slide).to_have_attribute("data-image", "ready")
        expect(room.get_by_test_id("ink")).to_have_attribute("data-strokes", "0")
        master.get_by_test_id("page-select").select_option("1")
        expect(room.get_by_test_id("ink")).to_have_attribute("data-strokes", "1")
        master.get_by_test_id("clear-ink").click()
        expect(room.get_by_test_id("ink")).to_have_attribute("data-strokes", "0")
        master.get_by_test_id("hide-slide").click()
        expect(slide).to_have_count(0)
