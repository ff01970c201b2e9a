"""The live tier in Chromium: how far behind the teacher an HLS viewer is, by numbered pictures."""

from __future__ import annotations

import asyncio
import statistics
from pathlib import Path

import pytest

from tests.e2e.bare_clients import Room, chromium
from tests.e2e.browser import eventually
from tests.e2e.conftest import House

pytestmark = [pytest.mark.alone, pytest.mark.timeout(180)]

HLS = Path(__file__).parents[2] / "web_client" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
NOTE_DRAWN = "() => { window.drawn_at = []; setInterval(() => drawn_at[drawn.number] = Date.now(), 10); }"
FOLLOW = """url => {
    window.faults = [];
    window.behind = [];
    receive();
    pc.close();
    shown.srcObject = null;
    shown.muted = true;
    window.hls = new Hls({lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.25});
    hls.on(Hls.Events.ERROR, (_, data) => faults.push(data.details + (data.fatal ? " fatal" : "")));
    hls.loadSource(url);
    hls.attachMedia(shown);
    window.seen = [];
    const note = () => { seen.push([numbers.at(-1), Date.now()]); shown.requestVideoFrameCallback(note); };
    shown.requestVideoFrameCallback(note);
    return shown.play();
}"""


def test_a_viewer_is_less_than_three_seconds_behind(house: House) -> None:
    async def scenario() -> None:
        room = Room(house, house.lesson(record="master_only"))
        async with chromium() as browser:
            publisher, teacher = await browser.client(room.page())
            answer = await publisher.publish(
                room.whip(), room.token("master"), codec="H264", width=640, height=360
            )
            assert answer.status == 201, answer.text
            await teacher.evaluate(NOTE_DRAWN)
            token = house.admin.headers["Authorization"]

            def address() -> str | None:
                found = house.admin.get(f"/api/v1/lessons/{room.lesson}/live").raise_for_status().json()
                return str(found[0]["live_url"]) if found else None

            url = await asyncio.to_thread(eventually, address, 30, "a live playlist")
            _, viewer = await browser.client(room.page())
            await viewer.evaluate(HLS.read_text())
            await viewer.evaluate(FOLLOW, house.server.url + url)
            await viewer.wait_for_function("() => shown.currentTime > 0 && seen.length > 400", timeout=60_000)
            drawn = await teacher.evaluate("drawn_at")
            seen = await viewer.evaluate("seen.slice(-100)")
            behind_s = [(at - drawn[number]) / 1000 for number, at in seen if drawn[number]]
            print(statistics.median(behind_s), max(behind_s), await viewer.evaluate("faults"), token[:3])
            print(await viewer.evaluate("[hls.latency, hls.targetLatency, hls.drift]"))
            assert statistics.median(behind_s) < 3

    asyncio.run(scenario())
