"""The player in Chromium on a published version: together, at a moment, with less data."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from classroom_api.auth import load_or_create_keys
from classroom_api.signed_paths import PathSigner
from tests.e2e.accessibility import findings
from tests.e2e.browser import chromium, eventually
from tests.e2e.conftest import House, open_house
from tests.e2e.watched_lesson import CAPTIONS, STARTED_MS, VERSION, WatchedLesson, hold
from tests.recording.fast_replays import cards, demo_voice, write_fast_replay

pytestmark = pytest.mark.timeout(180)

WAIT_S = 30
PLACES = """() => [...document.querySelectorAll("video")].map((video) =>
    ({name: video.dataset.testid, at: video.currentTime, paused: video.paused, seeking: video.seeking,
      ready: video.readyState, width: video.videoWidth}))"""
RED_PIXELS = """() => {
    const ink = document.querySelector("[data-testid=ink]");
    const {data} = ink.getContext("2d").getImageData(0, 0, ink.width, ink.height);
    let red = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at] > 150 && data[at + 3] > 200) red += 1;
    return red;
}"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TANDEM_RECOGNISER", "pocketsphinx")
        with open_house(tmp_path_factory.mktemp("player"), "127.0.0.1") as opened:
            yield opened


@pytest.fixture(scope="module")
def lesson(house: House) -> WatchedLesson:
    return hold(house)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A viewer of its own."""
    made = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en")
    yield made
    made.close()


def videos(page: Page) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in page.evaluate(PLACES)}


def watch(context: BrowserContext, lesson: WatchedLesson, moment: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{lesson.url}#token={lesson.token}{moment}")
    return page


def until_plays(page: Page, from_s: float = 0.5, name: str = "replay-video") -> None:
    def look() -> bool:
        video = videos(page).get(name)
        return video is not None and not video["paused"] and not video["seeking"] and video["at"] > from_s

    eventually(look, WAIT_S, f"{name} to play behind {from_s} s")


def seek(page: Page, to_s: float) -> None:
    page.evaluate(f"document.querySelector('[data-testid=replay-video]').currentTime = {to_s}")


def apart_s(page: Page, leader: str = "replay-video") -> float:
    """Between teacher and screen; infinite while one is on its way."""
    found = videos(page)
    pair = [found.get(name) for name in (leader, "replay-screen")]
    if any(one is None or one["seeking"] or one["ready"] < 3 or one["paused"] for one in pair):
        return float("inf")
    teacher, screen = (float(one["at"]) for one in pair if one is not None)
    return abs(teacher - screen)


def test_two_pictures_stay_together_over_seeks_and_at_twice_the_speed(
    context: BrowserContext, lesson: WatchedLesson
) -> None:
    page = watch(context, lesson, "&t=24")
    until_plays(page, 24.2)
    eventually(lambda: apart_s(page) < 0.08, WAIT_S, "the pictures to come together")
    for to_s in (30, 25):
        seek(page, to_s)
        eventually(lambda: apart_s(page) < 0.08, WAIT_S, f"the pictures to be together at {to_s} s")
    page.get_by_test_id("speed").select_option("2")
    seek(page, 24.5)
    eventually(lambda: apart_s(page) < 0.08, WAIT_S, "the pictures to be together at twice the speed")
    assert page.evaluate("document.querySelector('[data-testid=replay-video]').preservesPitch")
    assert findings(page) == []


def test_the_board_is_what_the_class_saw_at_that_moment(
    context: BrowserContext, lesson: WatchedLesson
) -> None:
    page = watch(context, lesson, "&t=13")
    slide = page.get_by_test_id("replay-slide")
    ink = page.get_by_test_id("ink")
    until_plays(page, 13)
    page.keyboard.press("k")
    assert slide.get_attribute("data-page") == "2"
    assert ink.get_attribute("data-strokes") == "2"
    both = page.evaluate(RED_PIXELS)
    seek(page, 11)
    eventually(lambda: ink.get_attribute("data-strokes") == "1", WAIT_S, "the later stroke to be gone")
    assert 0 < page.evaluate(RED_PIXELS) < both
    seek(page, 3)
    eventually(lambda: slide.get_attribute("data-page") == "1", WAIT_S, "the page before")
    assert page.evaluate(RED_PIXELS) == 0
    seek(page, 20)
    card = page.get_by_test_id("question-card")
    card.wait_for()
    assert "21" in card.inner_text()
    page.get_by_role("button", name="Slides").click()
    page.get_by_role("button", name="Page 2, 0:08").click()
    eventually(lambda: abs(videos(page)["replay-video"]["at"] - 8) < 0.5, WAIT_S, "the page's moment")


def test_captions_are_drawn_in_their_language(context: BrowserContext, lesson: WatchedLesson) -> None:
    context.route("**/captions/*.vtt", lambda route: route.fulfill(body=CAPTIONS, content_type="text/vtt"))
    page = watch(context, lesson, "&t=11")
    until_plays(page, 11)
    page.keyboard.press("k")
    assert page.get_by_test_id("captions").count() == 0
    page.keyboard.press("c")
    said = page.get_by_test_id("captions")
    said.wait_for()
    assert said.inner_text() == "先看这一页。"
    assert said.get_attribute("lang") == "zh"
    seek(page, 9.5)
    said.wait_for(state="detached")


def test_a_viewer_goes_on_where_it_stopped_and_the_server_knows_what_was_played(
    browser: Browser, context: BrowserContext, house: House, lesson: WatchedLesson
) -> None:
    page = watch(context, lesson, "&t=15")
    until_plays(page, 16.5)
    page.keyboard.press("k")

    def stored() -> list[list[int]]:
        page.evaluate("1")  # the browser goes on meanwhile
        with sqlite3.connect(house.data_dir / "tandem.db") as database:
            query = "select played from view_sessions order by started_at_ms desc limit 1"
            found = database.execute(query).fetchone()
        played: list[list[int]] = json.loads(found[0]) if found is not None else []
        return [part for part in played if part[0] >= 14_900 and part[1] >= 16_000]

    [part] = eventually(stored, WAIT_S, "the view session with what was played")
    assert part[1] <= videos(page)["replay-video"]["at"] * 1000 + 1
    page.reload()
    page.get_by_text("Continued at 0:1").wait_for()
    until_plays(page, 16)
    elsewhere = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en")
    other = watch(elsewhere, lesson)
    until_plays(other, 16)
    elsewhere.close()


def test_the_data_saver_asks_for_the_smallest_and_then_for_no_pictures(
    context: BrowserContext, lesson: WatchedLesson
) -> None:
    page = watch(context, lesson, "&t=2")
    until_plays(page, 2)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("Small picture").click()

    def is_asked(start: str) -> bool:
        page.evaluate("1")  # lets what the browser told arrive
        return any(name.startswith(start) for name in asked)

    eventually(lambda: is_asked("teacher-180-0"), WAIT_S, "the small rendition")
    del asked[:]
    until_plays(page, 2)
    assert not is_asked("teacher-360-0")
    page.get_by_text("Sound and slides").click()
    eventually(lambda: is_asked("audio.m3u8"), WAIT_S, "the sound")
    del asked[:]
    seek(page, 26)
    until_plays(page, 26)
    assert not is_asked("teacher")
    assert not is_asked("screen")
    assert page.get_by_test_id("replay-slide").is_visible()
    page.reload()
    until_plays(page, 20)
    assert videos(page)["replay-video"]["width"] == 0


def test_an_expired_signature_is_renewed_while_one_watches(
    context: BrowserContext, house: House, lesson: WatchedLesson
) -> None:
    """The page is given addresses that have just ended, and asks for new ones by itself."""
    signer = PathSigner(load_or_create_keys(house.data_dir / "keys.json").secret)
    over = signer.prefix(VERSION, int(time.time()) - 1)
    page = context.new_page()
    given: list[int] = []

    def answer(route: Route) -> None:
        response = route.fetch()
        replay = response.json()
        if not given:
            old = replay["pictures"][0]["hls_url"].rpartition("/")[0]
            replay = json.loads(json.dumps(replay).replace(old, over))
        given.append(1)
        route.fulfill(response=response, json=replay)

    page.route("**/replay", answer)
    page.goto(f"{lesson.url}#token={lesson.token}&t=2")
    until_plays(page, 2)
    assert len(given) > 1


def test_a_phone_has_the_pictures_and_the_parts_of_the_lesson(
    browser: Browser, lesson: WatchedLesson
) -> None:
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="zh"
    )
    page = watch(phone, lesson, "&t=15")
    until_plays(page, 15)
    for size in ({"width": 390, "height": 844}, {"width": 844, "height": 390}):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        big = page.locator("[data-place=big]").bounding_box()
        bar = page.locator(".player__controls").bounding_box()
        card = page.get_by_test_id("question-card").bounding_box()
        assert big is not None
        assert card is not None
        assert card["x"] >= big["x"] + big["width"] - 1 or card["y"] >= big["y"] + big["height"] - 1
        assert bar is not None
        assert big["y"] + big["height"] <= bar["y"] + 1
        assert bar["y"] + bar["height"] <= size["height"]
        assert findings(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    big = page.locator("[data-place=big]").bounding_box()
    assert big is not None
    before_s = videos(page)["replay-video"]["at"]
    for _ in range(2):
        page.touchscreen.tap(big["x"] + big["width"] * 0.9, big["y"] + big["height"] / 2)
    eventually(lambda: videos(page)["replay-video"]["at"] > before_s + 9, WAIT_S, "ten seconds on")
    phone.close()


def test_a_review_shows_teacher_and_screen_together_or_the_one_that_is_chosen(
    context: BrowserContext, house: House, lesson: WatchedLesson
) -> None:
    key = house.admin.headers["Authorization"].removeprefix("Bearer ")
    page = context.new_page()
    page.goto(f"{lesson.url.replace('/watch/', '/review/')}#token={key}")
    page.get_by_test_id("state-1").first.wait_for()
    page.locator("[aria-label='Editing tools']").get_by_role("button", name="Play").click()
    until_plays(page, 0.5, "review-video")
    eventually(lambda: apart_s(page, "review-video") < 0.08, WAIT_S, "the pictures to come together")
    page.evaluate("document.querySelector('[data-testid=review-video]').currentTime = 25")
    until_plays(page, 25, "review-video")
    eventually(lambda: apart_s(page, "review-video") < 0.08, WAIT_S, "the pictures to be together at 25 s")
    page.get_by_role("button", name="Screen", exact=True).click()
    assert page.locator(".review__picture[data-seen=true]").count() == 1
    page.get_by_role("button", name="Teacher", exact=True).click()
    page.get_by_test_id("replay-screen").wait_for(state="detached")
    page.get_by_role("checkbox", name="Teacher").uncheck()
    page.get_by_text("Teacher · left out").wait_for()
    page.keyboard.press("Control+z")
    page.get_by_text("Teacher · left out").wait_for(state="detached")
    assert findings(page) == []


def spoken(house: House, seconds: int = 5) -> str:
    """The replay of a lesson in which the demo's teacher says a sentence, which nobody reviewed yet."""
    resource, lesson = "res_aaaaaaaaaaaaaaaaaaaaaaaaac", house.lesson(start=False)
    replay = [(640, 360, cards(seconds))]
    write_fast_replay(house.data_dir, resource, seconds, replay, demo_voice(seconds))
    with sqlite3.connect(house.data_dir / "tandem.db", timeout=WAIT_S) as database:
        ended = (STARTED_MS, STARTED_MS + seconds * 1000, lesson)
        database.execute(
            "update lessons set state = 'review', started_at_ms = ?, ended_at_ms = ? where id = ?", ended
        )
        database.execute(
            "insert into resources (id, lesson_id, kind, state, playlist, duration_ms, created_at_ms)"
            " values (?, ?, 'teacher', 'ready', 'index.m3u8', ?, 0)",
            (resource, lesson, seconds * 1000),
        )
    return resource


def test_recognised_speech_is_corrected_approved_shown_and_exported(
    context: BrowserContext, house: House
) -> None:
    resource, corrected = spoken(house), "Good morning, everybody <b>"
    key = house.admin.headers["Authorization"].removeprefix("Bearer ")
    page = context.new_page()
    page.goto(f"{house.server.url}/review/{resource}#token={key}")
    page.get_by_text("No captions yet").wait_for()
    page.get_by_role("button", name="Recognise speech (English)").click()
    page.get_by_test_id("captions-draft").wait_for(timeout=2 * WAIT_S * 1000)
    heard = page.get_by_role("textbox", name="Text of caption 1", exact=True)
    assert {"good", "morning"} & set(heard.input_value().split())
    heard.fill(corrected)
    page.keyboard.press("Control+s")
    page.get_by_text("Saved.").wait_for()
    player = context.new_page()
    player.goto(f"{house.server.url}/watch/{resource}#token={key}&t=1")
    until_plays(player, 1)
    assert player.get_by_role("button", name="Captions").count() == 0, "a draft is nobody's to see"
    page.get_by_role("button", name="Approve captions").click()
    page.get_by_text("Approved: pupils see them.").wait_for()
    assert findings(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Download WebVTT").click()
    exported = Path(download.value.path()).read_text()
    assert exported.startswith("WEBVTT\n\n00:00:0")
    assert "Good morning, everybody &lt;b&gt;\n" in exported
    player.reload()
    until_plays(player, 1)
    player.keyboard.press("k")
    player.keyboard.press("c")
    seek(player, 2)
    eventually(lambda: player.get_by_test_id("captions").inner_text() == corrected, WAIT_S, "the caption")
