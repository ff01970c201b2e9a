"""A phrase on a slide of a lesson that was held: found in the page of replays, it opens the player there."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from pathlib import Path

import av
import pytest

from tests.classroom_api.pdfs import chinese_pdf
from tests.e2e.accessibility import findings
from tests.e2e.browser import chromium, eventually, open_page
from tests.e2e.conftest import House
from tests.e2e.socket_seats import seated
from tests.waiting import until

pytestmark = pytest.mark.timeout(120)

LENGTH_S = 60
PLAYER = """() => {
    const video = document.querySelector("[data-testid=replay-video]");
    if (!video || video.readyState < 2 || video.currentTime === 0) return null;
    const {played, currentTime} = video;
    return {at: currentTime, began: played.length > 0 ? played.start(0) : currentTime};
}"""


def make_replay(folder: Path) -> None:
    """A minute of a grey picture, as segments that a player can fetch."""
    folder.mkdir(parents=True)
    options = {"hls_time": "4", "hls_segment_type": "fmp4", "hls_list_size": "0", "hls_playlist_type": "vod"}
    with av.open(str(folder / "index.m3u8"), "w", format="hls", options=options) as container:
        stream = container.add_stream("libx264", rate=2, options={"preset": "ultrafast", "g": "8"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(2 * LENGTH_S):
            frame = av.VideoFrame(320, 180, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([60 + number]) * plane.buffer_size)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def record(house: House, lesson: str) -> str:
    """What the recorder would have left of a teacher's picture."""
    resource = f"res_{lesson.removeprefix('les_')}"
    make_replay(house.data_dir / "resources" / resource)
    with sqlite3.connect(house.data_dir / "tandem.db", timeout=30) as database:
        database.execute(
            "insert into resources (id, lesson_id, kind, state, playlist, duration_ms, created_at_ms)"
            " values (?, ?, 'teacher', 'ready', 'index.m3u8', ?, 0)",
            (resource, lesson, LENGTH_S * 1000),
        )
    return resource


async def teach(house: House, lesson: str) -> None:
    """The first page, then the second."""
    async with seated(house, lesson, house.token(lesson, "master", "林老师")) as master:
        await master.ask("lesson_start")
        began_s = time.monotonic()
        pdf = chinese_pdf("分数的初步认识", "把一个苹果平均分成两份")
        path = f"/api/v1/lessons/{lesson}/decks"
        kind = {"Content-Type": "application/pdf"}
        deck = house.admin.post(path, content=pdf, headers=kind).raise_for_status().json()["id"]

        await master.told("deck_ready")
        await master.ask("slide", deck=deck, page=1)
        await until(lambda: time.monotonic() > began_s + 2)  # so that the second has a moment of its own
        await master.ask("slide", deck=deck, page=2)
    house.admin.post(f"/api/v1/lessons/{lesson}/end").raise_for_status()


def test_a_phrase_on_a_slide_opens_the_player_at_its_moment(house: House) -> None:
    lesson = house.lesson(title="分数", record="master_only", start=False)
    resource = record(house, lesson)
    asyncio.run(teach(house, lesson))

    def is_indexed() -> bool:
        answer = house.admin.get("/api/v1/replays", params={"q": "平均分成"}).raise_for_status()
        return bool(answer.json())

    eventually(is_indexed, 30, "the index")
    key = json.loads((house.data_dir / "server.json").read_text())["admin_key"]
    with chromium() as browser:
        page = open_page(
            browser, f"{house.server.url}/replays#token={key}", size=(1440, 900), language="zh-CN"
        )
        page.get_by_test_id("found-lesson").wait_for()
        page.get_by_test_id("replay-words").fill("四个梨")
        page.keyboard.press("Enter")
        page.get_by_test_id("no-replays").wait_for()
        page.get_by_test_id("replay-words").fill("平均分成")
        page.keyboard.press("Enter")
        hit = page.get_by_test_id("replay-hit")
        hit.wait_for()
        assert hit.locator("mark").inner_text() == "平均分成"
        assert findings(page) == []
        [found] = house.admin.get("/api/v1/replays", params={"q": "平均分成"}).json()
        at_s = found["hits"][0]["at_ms"] // 1000
        assert at_s > 0
        hit.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/watch/{resource}#t={at_s}")
        player = eventually(lambda: page.evaluate(PLAYER), 30, "the player at its moment")
        assert player["at"] >= at_s
        assert player["began"] > at_s - 1
