"""The replay in Chromium: soon after the end, of the right length, with voice and picture together."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.e2e.bare_clients import Chromium, Room, chromium
from tests.e2e.conftest import House
from tests.e2e.metronome import SCRIPT, witness
from tests.e2e.replay import download, playable
from tests.recording.replay import Replay, open_replay

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

VIDEO = "document.querySelector('[data-testid=replay-video]')"
PLAYS = f"""() => {{
    const video = {VIDEO};
    return video && !video.error && !video.paused && video.currentTime > 0.5 && video.videoWidth > 0
        && video.webkitAudioDecodedByteCount > 0 && video.webkitVideoDecodedByteCount > 0;
}}"""
NOTE_WIDTHS = f"""() => {{
    const video = {VIDEO};
    globalThis.widths = [video.videoWidth];
    video.addEventListener("resize", () => widths.push(video.videoWidth));
}}"""
PLAYED_TO_END = f"""() => {{
    const video = {VIDEO};
    if (video.error || document.querySelector("[role=alert]")) throw new Error("the player gave up");
    return video.ended;
}}"""
HALVE = """async () => {
    const sender = pc.getSenders().find(one => one.track.kind === "video");
    const parameters = sender.getParameters();
    parameters.encodings[0].scaleResolutionDownBy = 2;
    await sender.setParameters(parameters);
}"""


@asynccontextmanager
async def metronome(browser: Chromium, room: Room, token: str, codec: str) -> AsyncIterator[Page]:
    """A page that publishes flashes and beeps as the master."""
    publisher, page = await browser.client(room.page())
    await page.evaluate("source => (0, eval)(source)", SCRIPT)
    answer = await publisher.publish(room.whip(), token, codec=codec, width=640, height=360)
    assert answer.status == 201, answer.text
    yield page
    await page.close()


async def end_and_watch(house: House, browser: Chromium, room: Room, token: str) -> tuple[Page, float]:
    """End the lesson and open its replay; gives the page and the lesson's length in seconds."""
    begun_s = time.monotonic()
    answer = await asyncio.to_thread(house.admin.post, f"/api/v1/lessons/{room.lesson}/end")
    facts = answer.raise_for_status().json()
    resource = str((await asyncio.to_thread(playable, house, room.lesson))["id"])
    page = await (await browser.browser.new_context()).new_page()
    await page.goto(f"{house.server.url}/watch/{resource}#token={token}")
    await page.wait_for_function(PLAYS, timeout=10_000)
    assert time.monotonic() - begun_s < 10
    length_s = (facts["ended_at_ms"] - facts["started_at_ms"]) / 1000
    assert abs(await page.evaluate(f"{VIDEO}.duration") - length_s) < 1
    return page, length_s


def downloaded(house: House, room: Room, folder: Path, length_s: float) -> Replay:
    """The replay as fetched over HTTP, every segment decoded."""
    download(house, playable(house, room.lesson), folder)
    replay = open_replay(folder)
    assert replay.playlist.is_ended
    assert abs(replay.duration_s - length_s) < 1
    return replay


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_voice_and_picture_stay_together(
    codec: str, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        room = Room(house, house.lesson(record="master_only"))
        token = room.token("master")
        async with chromium() as browser:
            async with metronome(browser, room, token, codec) as page, witness(page, monkeypatch) as seen:
                await seen.until_onsets(15, 60)
            _, length_s = await end_and_watch(house, browser, room, token)
        replay = downloaded(house, room, tmp_path / "replay", length_s)
        moved = seen.moved_ms(replay)
        assert len(moved) >= 12
        assert abs(statistics.median(moved)) <= 80

    asyncio.run(scenario())


def test_the_picture_changes_its_size_in_mid_lesson(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new initialisation section behind a discontinuity: the player goes on, voice and picture together."""

    async def scenario() -> None:
        room = Room(house, house.lesson(record="master_only"))
        token = room.token("master")
        async with chromium() as browser:
            async with metronome(browser, room, token, "H264") as page, witness(page, monkeypatch) as seen:
                await seen.until_onsets(8, 40)
                await page.evaluate(HALVE)
                await seen.until_onsets(16, 40)
            watch, length_s = await end_and_watch(house, browser, room, token)
            await watch.evaluate(NOTE_WIDTHS)
            await watch.wait_for_function(PLAYED_TO_END, timeout=60_000)
            widths = await watch.evaluate("widths")
            voice_bytes = await watch.evaluate(f"{VIDEO}.webkitAudioDecodedByteCount")
        replay = downloaded(house, room, tmp_path / "replay", length_s)
        assert any(segment.discontinuity for segment in replay.playlist.segments)
        assert widths[-1] == 320
        assert 640 in widths
        assert voice_bytes > length_s * 1000
        changed_s = min(start for start, _, width, _ in replay.pictures if width == 320)
        assert replay.audio_holes() == []
        for moved in (seen.moved_ms(replay, until_s=changed_s), seen.moved_ms(replay, from_s=changed_s)):
            assert len(moved) >= 4
            assert abs(statistics.median(moved)) <= 80

    asyncio.run(scenario())
