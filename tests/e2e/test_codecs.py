"""Each codec from a browser to a browser, through WHIP and WHEP over the real server."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.bare_clients import begin, chromium
from tests.e2e.conftest import House
from tests.e2e.media_studio import numbers_shown, statistics
from tests.streaming.aiortc_peers import ascending_share

LAYERS = [
    {"rid": "q", "scaleResolutionDownBy": 4},
    {"rid": "h", "scaleResolutionDownBy": 2},
    {"rid": "f", "scaleResolutionDownBy": 1},
]


@pytest.mark.parametrize("codec", ["VP8", "H264", "VP9", "AV1"])
def test_a_browser_decodes_what_a_browser_publishes(codec: str, house_on_network: House) -> None:
    async def scenario() -> None:
        room = begin(house_on_network)
        async with chromium() as browser:
            publisher, _ = await browser.client(room.page())
            answer = await publisher.publish(
                room.whip(), room.token("master"), codec=codec, width=320, height=192
            )
            assert answer.status == 201, answer.text
            viewer, page = await browser.client(room.page())
            await viewer.view(room.whep(), room.token("observer"))
            shown = await numbers_shown(page, 30, 40)
            assert ascending_share(shown) > 0.95
            picture = await statistics(page, "inbound-rtp", "video")
            assert (picture["frameWidth"], picture["frameHeight"]) == (320, 192)
            formats = await page.evaluate("stats('codec')")
            assert picture["codecId"] in [one["id"] for one in formats if one["mimeType"] == f"video/{codec}"]
            sound = await statistics(page, "inbound-rtp", "audio")
            assert sound["totalAudioEnergy"] > 0

    asyncio.run(scenario())


def test_three_encodings_of_one_picture(house_on_network: House) -> None:
    """A WHEP viewer gets the best of the encodings that come."""

    async def scenario() -> None:
        room = begin(house_on_network)
        async with chromium() as browser:
            publisher, sender = await browser.client(room.page())
            answer = await publisher.publish(
                room.whip(), room.token("master"), codec="VP8", width=960, height=540, encodings=LAYERS
            )
            assert "a=simulcast:recv q;h;f" in answer.text.splitlines()
            viewer, page = await browser.client(room.page())
            await viewer.view(room.whep(), room.token("observer"))
            await page.wait_for_function(
                "document.getElementById('shown').videoWidth === 960", timeout=40_000
            )
            await page.evaluate("() => { numbers.length = 0; }")
            assert ascending_share(await numbers_shown(page, 20)) > 0.95
            await sender.wait_for_function(
                "async () => (await stats('outbound-rtp'))"
                ".filter(one => one.kind === 'video' && one.framesSent > 0).length === 3"
            )

    asyncio.run(scenario())
