"""How a Chromium sends its voice when it is asked: with redundancy, and in longer packets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page

from streaming.identifiers import PeerId
from streaming.session.media import Publication
from tests.e2e.media_studio import Studio, run

pytestmark = pytest.mark.alone

CAMERA: dict[str, Any] = {"codec": "VP8", "width": 320, "height": 240}
SAMPLED_PACKETS = 60


_UNTIL = """async ([type, name, least]) => {
    for (;;) {
        const one = (await stats(type)).find(one => one.kind === "audio");
        if (one && one[name] >= least) return one;
        await new Promise(done => setTimeout(done, 20));
    }
}"""


async def until(page: Page, type: str, name: str, least: int) -> dict[str, Any]:
    """The figures of the page's voice once one of them has grown so far."""
    async with asyncio.timeout(20):
        figures: dict[str, Any] = await page.evaluate(_UNTIL, [type, name, least])
    return figures


def heard(at: Studio, peer: PeerId, voice: Publication) -> int:
    """How many packets of the voice went to a subscriber."""
    return at.server.statistics(peer).subscriptions[voice.id]["packets"]


def test_red_is_heard_by_who_takes_it_and_by_who_does_not() -> None:
    async def scenario(at: Studio) -> None:
        _, _, voice, picture = await at.publish(**CAMERA, red=True)
        redundant, its_peer = await at.subscribe(voice, picture, voice=("audio/red", "audio/opus"))
        plain, other_peer = await at.subscribe(voice, picture, voice=("audio/opus",))
        for page in (redundant, plain):
            figures = await until(page, "inbound-rtp", "packetsReceived", 100)
            assert figures["totalAudioEnergy"] > 0
            assert figures["concealedSamples"] < figures["totalSamplesReceived"] / 4
        before, repeated = heard(at, its_peer, voice), at.server.counters()["out_redundant"]
        await until(redundant, "inbound-rtp", "packetsReceived", 200)
        repeated = at.server.counters()["out_redundant"] - repeated
        assert repeated == pytest.approx(heard(at, its_peer, voice) - before, abs=5)
        assert heard(at, other_peer, voice) > 100

    run(scenario)


@pytest.mark.parametrize(("voice_ptime_ms", "packets_a_second"), [(20, 50), (40, 25), (60, 50 / 3)])
def test_voice_comes_in_packets_as_long_as_asked(voice_ptime_ms: int, packets_a_second: float) -> None:
    async def scenario(at: Studio) -> None:
        publisher, _, voice, picture = await at.publish(**CAMERA, voice_ptime_ms=voice_ptime_ms)
        listener, _ = await at.subscribe(voice, picture)
        assert (await until(listener, "inbound-rtp", "packetsReceived", 20))["totalAudioEnergy"] > 0
        before = await until(publisher, "outbound-rtp", "packetsSent", 1)
        wanted = before["packetsSent"] + SAMPLED_PACKETS
        after = await until(publisher, "outbound-rtp", "packetsSent", wanted)
        seconds = (after["timestamp"] - before["timestamp"]) / 1000
        rate = (after["packetsSent"] - before["packetsSent"]) / seconds
        assert rate == pytest.approx(packets_a_second, rel=0.1)

    run(scenario)
