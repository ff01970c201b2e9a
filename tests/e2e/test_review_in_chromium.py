"""Review in the browser: a cut, a chapter's name, the ladder, publication, withdrawal; what a pupil sees."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.accessibility import findings
from tests.e2e.browser import chromium, eventually, open_page
from tests.e2e.conftest import House
from tests.e2e.teacher import teaching

pytestmark = pytest.mark.timeout(600)

RECORDED_BYTES = 100_000
MADE_S = 240
CUT_MS = 2000


def recorded(house: House) -> tuple[str, str]:
    """(lesson, a pupil's token): some seconds of a synthetic teacher, published as soon as it is made."""
    lesson = house.lesson(record="master_only", title="分数的初步认识")
    pupil = house.token(lesson, "student", "Ming")
    logs = house.data_dir / "recordings" / lesson
    with teaching(house.server.url, lesson, house.token(lesson, "master")):
        eventually(
            lambda: sum(log.stat().st_size for log in logs.rglob("*.rtplog")) > RECORDED_BYTES,
            60,
            "a recording of some seconds",
        )
    house.admin.post(f"/api/v1/lessons/{lesson}/end").raise_for_status()
    return lesson, pupil


def versions(house: House, lesson: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.admin.get(f"/api/v1/lessons/{lesson}/versions").json()
    return found


def shown_ms(page: Page) -> int:
    """The length of what the pupil's player plays."""
    video = page.get_by_test_id("replay-video")
    return round(float(video.evaluate("(video) => video.duration || 0")) * 1000)


def test_a_replay_is_cut_published_and_withdrawn(house_with_ladder: House) -> None:
    house = house_with_ladder
    lesson, pupil = recorded(house)
    first = eventually(
        lambda: next((one for one in versions(house, lesson) if one["state"] == "published"), None),
        MADE_S,
        "the first version",
    )
    resource = first["sources"][0]
    key = house.admin.headers["Authorization"].removeprefix("Bearer ")
    with chromium() as browser:
        page = open_page(browser, f"{house.server.url}/review/{resource}#token={key}", size=(1440, 900))
        page.get_by_test_id("state-1").first.wait_for()
        eventually(
            lambda: page.get_by_test_id("review-video").evaluate("(video) => video.readyState >= 2"),
            30,
            "the picture",
        )
        assert findings(page) == []
        # By the keyboard alone: mark from the beginning to two seconds, cut, undo, redo.
        page.get_by_test_id("review-video").evaluate(f"(video) => {{ video.currentTime = {CUT_MS / 1000}; }}")
        eventually(lambda: page.locator(".review__time").inner_text().startswith("0:02"), 10, "the seek")
        page.keyboard.press("o")
        page.keyboard.press("x")
        page.get_by_text("0:00 to 0:02").first.wait_for()
        page.keyboard.press("Control+z")
        page.get_by_text("Nothing is cut out").wait_for()
        page.keyboard.press("Control+Shift+z")
        page.get_by_text("0:00 to 0:02").first.wait_for()
        page.get_by_label("Title of the chapter at 0:00").fill("引入")
        page.get_by_test_id("make").click()
        page.get_by_test_id("publish").wait_for(timeout=MADE_S * 1000)
        second = versions(house, lesson)[0]
        assert second["edit"]["kept"][0][0] == CUT_MS
        page.get_by_test_id("publish").click()
        page.get_by_test_id("confirm").click()
        eventually(
            lambda: page.get_by_test_id("state-2").first.get_attribute("data-state") == "published",
            20,
            "the publication",
        )
        length_ms = first["duration_ms"] - CUT_MS
        assert abs(second["duration_ms"] - length_ms) < 150
        watch = open_page(browser, f"{house.server.url}/watch/{resource}#token={pupil}")
        eventually(lambda: abs(shown_ms(watch) - length_ms) < 300, 30, "the cut replay in the player")
        keys = sorted(
            path.relative_to(house.data_dir).as_posix()
            for path in (house.data_dir / "resources" / second["id"]).rglob("*")
            if path.is_file()
        )
        assert keys
        page.get_by_role("button", name="Withdraw version 2").click()
        page.get_by_test_id("withdraw-reason").fill("a wrong formula")
        page.get_by_test_id("confirm").click()
        proof = eventually(lambda: proof_of(house, second["id"]), 30, "the proof")
        assert [each["key"] for each in proof["objects"]] == keys
        assert not any((house.data_dir / each).exists() for each in keys)
        again = open_page(browser, f"{house.server.url}/watch/{resource}#token={pupil}")
        eventually(lambda: abs(shown_ms(again) - first["duration_ms"]) < 300, 30, "the version before it")


def proof_of(house: House, version: str) -> dict[str, Any] | None:
    """The erasure of a version, once it is carried out."""
    listed = house.admin.get("/api/v1/erasures").json()
    for each in listed:
        if each["target_id"] == version and each["finished_at_ms"] is not None:
            proof: dict[str, Any] = house.admin.get(f"/api/v1/erasures/{each['id']}").json()
            return proof
    return None
