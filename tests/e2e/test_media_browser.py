"""Chromium against the media server alone: what a page sends, others show, in every codec."""

from __future__ import annotations

import time
from collections import deque
from statistics import median

import pytest
from playwright.async_api import Page

from streaming.session.media import PeerClosed, PeerConnected, PublicationEnded, WantedTrack
from tests.e2e.browser import CameraFiles
from tests.e2e.media_studio import ALL, SOURCES, Studio, numbers_shown, run, statistics
from tests.streaming.aiortc_peers import ascending_share

pytestmark = pytest.mark.alone


@pytest.mark.parametrize("codec", ["VP8", "H264", "VP9", "AV1"])
def test_each_codec_is_shown_and_heard_by_subscriber_and_viewer(codec: str) -> None:
    async def scenario(at: Studio) -> None:
        _, _, voice, picture = await at.publish(codec=codec, width=640, height=360)
        assert picture.codec.value == codec
        subscriber, _ = await at.subscribe(voice, picture)
        viewer = await at.page()
        peer, answer = await at.server.open_viewer(
            await viewer.evaluate("view()"), audio=voice.id, video=picture.id
        )
        await viewer.evaluate("sdp => accept(sdp)", answer)
        for page in (subscriber, viewer):
            shown = await numbers_shown(page, 40)
            assert ascending_share(shown) > 0.95
            inbound = await statistics(page, "inbound-rtp", "video")
            assert inbound["frameWidth"] == 640
            heard = await statistics(page, "inbound-rtp", "audio")
            assert heard["totalAudioEnergy"] > 0
        assert any(isinstance(event, PeerConnected) and event.peer == peer for event in at.events)

    run(scenario)


def test_a_720p_camera_reaches_its_bitrate_and_lips_stay_together(camera: CameraFiles) -> None:
    """transport-cc feedback lets the estimate rise; sender reports let the receiver align its tracks."""

    async def scenario(at: Studio) -> None:
        sender, _, voice, picture = await at.publish(codec="H264", width=1280, height=720, camera=True)
        receiver, _ = await at.subscribe(voice, picture)
        start_s = time.monotonic()
        reached: list[float] = []
        before = await statistics(sender, "outbound-rtp", "video")
        while time.monotonic() - start_s < 15 and max(reached, default=0) < 1.2e6:
            await sender.wait_for_timeout(1000)
            now = await statistics(sender, "outbound-rtp", "video")
            elapsed_s = (now["timestamp"] - before["timestamp"]) / 1000
            reached.append((now["bytesSent"] - before["bytesSent"]) * 8 / elapsed_s)
            before = now
        assert max(reached) >= 1.2e6, [round(rate / 1000) for rate in reached]
        await settled(receiver)
        inbound = await statistics(receiver, "inbound-rtp", "video")
        assert inbound["packetsLost"] == 0

    run(scenario, camera)


async def settled(receiver: Page, timeout_s: float = 40) -> None:
    """Wait until picture and sound play within 100 ms of each other (a starved machine needs a while)."""
    skews_ms: deque[float] = deque(maxlen=9)
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        await receiver.wait_for_timeout(250)
        skews_ms.append(await receiver.evaluate("skew_ms()"))
        if len(skews_ms) == skews_ms.maxlen and abs(median(skews_ms)) < 100:
            return
    pytest.fail(f"lips apart: {[round(skew) for skew in skews_ms]} ms")


def test_simulcast_goes_low_and_high_to_whom_it_is_wanted() -> None:
    encodings = [
        {"rid": "q", "scaleResolutionDownBy": 4},
        {"rid": "h", "scaleResolutionDownBy": 2},
        {"rid": "f", "scaleResolutionDownBy": 1, "maxBitrate": 1_500_000},
    ]

    async def scenario(at: Studio) -> None:
        _, peer, voice, picture = await at.publish(codec="VP8", width=1280, height=720, encodings=encodings)
        assert picture.rids == ("q", "h", "f")
        low, _ = await at.subscribe(picture, low_layer=True)
        high, high_peer = await at.subscribe(voice, picture)
        await low.wait_for_function("document.getElementById('shown').videoWidth === 320")
        await high.wait_for_function("document.getElementById('shown').videoWidth === 1280")
        at.server.set_subscriptions(
            high_peer, [WantedTrack(voice.id, "seat_teacher"), WantedTrack(picture.id, "seat_teacher", True)]
        )
        await high.wait_for_function("document.getElementById('shown').videoWidth === 320")
        await high.evaluate("numbers.length = 0")
        assert ascending_share(await numbers_shown(high, 30)) > 0.95
        counts = at.server.statistics(peer).publications[picture.id]
        assert counts.keys() == {"q", "h", "f"}
        assert all(count["packets"] > 0 for count in counts.values())

    run(scenario)


def test_an_ice_restart_on_either_side_goes_on_without_a_new_handshake() -> None:
    async def scenario(at: Studio) -> None:
        sender, publisher, _, picture = await at.publish(codec="VP8", width=640, height=360)
        receiver, subscriber = await at.subscribe(picture)
        await numbers_shown(receiver, 10)
        before = at.server.ice_ufrag(publisher), at.server.ice_ufrag(subscriber)
        offer = await sender.evaluate("reoffer()")
        answer, publications = await at.server.update_publisher(
            publisher, offer, sources=SOURCES, allowed=ALL
        )
        assert picture in publications
        await sender.evaluate("sdp => accept(sdp)", answer)
        await at.server.restart_subscriber(subscriber)
        await at.answer(receiver, subscriber, 1)
        assert at.server.ice_ufrag(publisher) != before[0]
        assert at.server.ice_ufrag(subscriber) != before[1]
        await receiver.evaluate("numbers.length = 0")
        await numbers_shown(receiver, 40)
        for page in (sender, receiver):
            assert await page.evaluate("pc.connectionState") == "connected"
        connected = [event for event in at.events if isinstance(event, PeerConnected)]
        assert len(connected) == 2

    run(scenario)


def test_publications_are_added_and_removed_by_renegotiation_in_the_browser() -> None:
    async def scenario(at: Studio) -> None:
        _, _, voice, picture = await at.publish(codec="VP8", width=640, height=360)
        _, _, _, other = await at.publish(codec="H264", width=320, height=180)
        receiver, subscriber = await at.subscribe(picture)
        await numbers_shown(receiver, 10)
        number = 1
        for wanted in ([voice, other], [], [voice, picture, other]):
            at.server.set_subscriptions(subscriber, [WantedTrack(p.id, "seat_teacher") for p in wanted])
            number = await at.answer(receiver, subscriber, number)
            flowing = at.server.statistics(subscriber).subscriptions
            assert flowing.keys() == {p.id for p in wanted}
        await receiver.wait_for_function(
            "stats('inbound-rtp').then(all => all.filter(one => one.framesDecoded > 10).length >= 2)"
        )

    run(scenario)


def test_a_closed_tab_ends_its_publications_at_once() -> None:
    async def scenario(at: Studio) -> None:
        sender, publisher, voice, picture = await at.publish(codec="VP8", width=640, height=360)
        await sender.evaluate("pc.close()")
        closed = await at.until(lambda e: isinstance(e, PeerClosed) and e.peer == publisher, 5)
        assert closed == PeerClosed(publisher, "peer_left")
        ended = [event for event in at.events if isinstance(event, PublicationEnded)]
        assert ended == [PublicationEnded(voice), PublicationEnded(picture)]

    run(scenario)
