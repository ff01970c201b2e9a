"""The live tier in Chromium, by numbered pictures: how far behind a viewer is; a classroom catches up."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, WebSocketRoute

from tests.e2e.bare_clients import Chromium, Room, chromium
from tests.e2e.browser import eventually, skip_device_check
from tests.e2e.conftest import House
from tests.e2e.lossy_path import LossyPath

pytestmark = [pytest.mark.alone, pytest.mark.timeout(180)]

HLS = Path(__file__).parents[2] / "web_client" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
TICK_S = 0.05
NUMBER_TICKS = 20
NOTE_DRAWN = """() => {
    window.drawn_at = new Array(256).fill(null);
    setInterval(() => drawn_at[drawn.ticks % 256] = Date.now(), 10);
}"""
FOLLOW = """url => {
    window.faults = [];
    receive();
    pc.close();
    shown.srcObject = null;
    shown.muted = true;
    window.hls = new Hls({lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.25});
    hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) faults.push(data.details); });
    hls.loadSource(url);
    hls.attachMedia(shown);
    window.seen = [];
    const note = () => { seen.push([numbers.at(-1), Date.now()]); shown.requestVideoFrameCallback(note); };
    shown.requestVideoFrameCallback(note);
    return shown.play();
}"""
READ_ROOM = """() => {
    // Whichever picture of the teacher the room sees: live, or out of the recording.
    window.read = [];
    const canvas = document.createElement("canvas");
    canvas.width = 8; canvas.height = 1;
    const context = canvas.getContext("2d", {willReadFrequently: true});
    setInterval(() => {
        const shown = document.querySelector("[data-testid=dvr-teacher]")
            ?? document.querySelector("video[data-source=camera]");
        if (!shown || shown.readyState < 2) return;
        context.drawImage(shown, 0, 0, 8, 1);
        const {data} = context.getImageData(0, 0, 8, 1);
        let number = 0;
        for (let bar = 0; bar < 8; bar++) number = number << 1 | (data[4 * bar + 1] > 127 ? 1 : 0);
        if (read.at(-1) !== number) read.push(number);
    }, 20);
}"""


@asynccontextmanager
async def teacher(browser: Chromium, room: Room, *, every: int = 1) -> AsyncIterator[Page]:
    """Numbered pictures twenty times a second, each number `every` times."""
    publisher, page = await browser.client(room.page())
    await page.evaluate("every => { drawn.every = every; }", every)
    answer = await publisher.publish(room.whip(), room.token("master"), codec="H264", width=640, height=360)
    assert answer.status == 201, answer.text
    yield page
    await page.close()


async def live_url(house: House, room: Room) -> str:
    def look() -> str | None:
        found = house.admin.get(f"/api/v1/lessons/{room.lesson}/live").raise_for_status().json()
        return str(found[0]["live_url"]) if found else None

    return await asyncio.to_thread(eventually, look, 30, "a live playlist")


def test_a_viewer_is_less_than_three_seconds_behind(house: House) -> None:
    async def scenario() -> None:
        room = Room(house, house.lesson(record="master_only"))
        async with chromium() as browser, teacher(browser, room) as publisher:
            await publisher.evaluate(NOTE_DRAWN)
            _, viewer = await browser.client(room.page())
            await viewer.evaluate(HLS.read_text())
            await viewer.evaluate(FOLLOW, house.server.url + await live_url(house, room))
            behind_s = 99.0
            async with asyncio.timeout(60):
                while behind_s >= 3:
                    await viewer.wait_for_function("count => seen.length >= count", arg=60)
                    drawn = await publisher.evaluate("drawn_at")
                    newest = await viewer.evaluate("seen.splice(0).slice(-60)")
                    # At first it may see what was drawn before anybody noted when.
                    noted = [(at - drawn[number]) / 1000 for number, at in newest if drawn[number]]
                    behind_s = statistics.median(noted) if noted else behind_s
            assert await viewer.evaluate("faults") == []

    asyncio.run(scenario())


@dataclass
class Cable:
    """Between one room and the server; pulled, nothing comes through, and what TCP carries comes later."""

    path: LossyPath
    is_pulled: bool = False
    _held: list[tuple[WebSocketRoute, str | bytes]] = field(default_factory=list)

    def pull(self) -> None:
        self.is_pulled = True
        self.path.loss = 1.0

    def plug(self) -> None:
        self.is_pulled = False
        self.path.loss = 0.0
        for socket, message in self._held:
            socket.send(message)
        self._held.clear()

    def carry(self, page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()
        page_side.on_message(lambda message: self._pass(server_side, message))
        server_side.on_message(lambda message: self._pass(page_side, self._led(message)))

    def _pass(self, to: WebSocketRoute, message: str | bytes) -> None:
        if self.is_pulled:
            self._held.append((to, message))
        else:
            to.send(message)

    def _led(self, message: str | bytes) -> str | bytes:
        body = json.loads(message)
        if body.get("type") == "subscribe_offer":
            body["sdp"] = self.path.lead(body["sdp"])
        return json.dumps(body)


@asynccontextmanager
async def classroom(browser: Browser, house: House, room: Room) -> AsyncIterator[tuple[Page, Cable]]:
    """The big screen of a room, at the end of a cable."""
    path = LossyPath("127.0.0.1", 0.001, 1)
    await path.open()
    cable = Cable(path)
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en")
    page = await context.new_page()
    await page.route_web_socket("**/*", cable.carry)
    await page.goto(skip_device_check(house.link(room.lesson, "classroom", "Hill", "c1")))
    try:
        yield page, cable
    finally:
        await context.close()
        path.close()


def test_a_classroom_that_was_cut_off_catches_up_and_has_missed_nothing(house: House, tmp_path: Path) -> None:
    async def scenario() -> None:
        room = Room(house, house.lesson(record="master_only"))
        async with chromium() as browser, teacher(browser, room, every=NUMBER_TICKS) as publisher:
            await live_url(house, room)
            async with classroom(browser.browser, house, room) as (page, cable):
                await page.evaluate(READ_ROOM)
                await page.wait_for_function("() => new Set(read).size > 8", timeout=30_000)
                first = await page.evaluate("read.splice(0, read.length - 1).at(-1)")
                cable.pull()
                ticks = await publisher.evaluate("drawn.ticks")
                await publisher.wait_for_function(f"drawn.ticks > {ticks} + {8 / TICK_S}")
                cable.plug()
                await page.get_by_test_id("missed").wait_for(timeout=40_000)
                await page.screenshot(path=tmp_path / "missed.png")
                await page.keyboard.press("c")
                await page.get_by_test_id("dvr-teacher").wait_for(timeout=20_000)
                await page.wait_for_function(
                    "() => document.querySelector('[data-testid=dvr-teacher]')?.playbackRate === 1.25",
                    timeout=20_000,
                )
                assert await page.evaluate("[...document.querySelectorAll('audio')].every(one => one.muted)")
                await page.screenshot(path=tmp_path / "behind.png")
                await page.get_by_test_id("dvr-teacher").wait_for(state="detached", timeout=90_000)
                await page.get_by_test_id("behind").wait_for(state="detached")
                assert not await page.evaluate(
                    "[...document.querySelectorAll('audio')].some(one => one.muted)"
                )
                last = await publisher.evaluate("drawn.number")
                await page.wait_for_function(f"read.includes({last})", timeout=20_000)
                seen = set(await page.evaluate("read"))
                wanted = {number % 256 for number in range(first + 1, last + 1 + 256 * (last < first))}
                assert wanted <= seen

    asyncio.run(scenario())
