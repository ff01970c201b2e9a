"""Players through WHEP and the real server: Chromium and aiortc, from before the picture comes to its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiortc import RTCSessionDescription

from tests.e2e.bare_clients import (
    Resource,
    Room,
    begin,
    chromium,
    made,
    post_offer,
    trickle_fragment,
)
from tests.e2e.conftest import House
from tests.e2e.media_studio import numbers_shown, statistics
from tests.streaming.aiortc_peers import Receiver, ascending_share, new_connection, publish_offer


@contextlib.asynccontextmanager
async def aiortc_teacher(room: Room, codec: str = "VP8") -> AsyncIterator[Resource]:
    """Numbered pictures and a tone in the master's seat."""
    connection = new_connection()
    token = room.token("master")
    try:
        offer = await publish_offer(connection, codec)
        resource = made(post_offer(room.whip(), token, offer), token)
        await connection.setRemoteDescription(RTCSessionDescription(resource.answer, "answer"))
        yield resource
    finally:
        await connection.close()


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_chromium_plays_trickles_restarts_and_ends(codec: str, house_on_network: House) -> None:
    async def scenario() -> None:
        room = begin(house_on_network)
        async with aiortc_teacher(room, codec), chromium() as browser:
            viewer, page = await browser.client(room.page())
            first = await viewer.view(room.whep(), room.token("observer"))
            assert first.status == 201, first.text
            assert (await viewer.trickle()).status == 204
            assert ascending_share(await numbers_shown(page, 25, 40)) > 0.95
            assert (await statistics(page, "inbound-rtp", "audio"))["totalAudioEnergy"] > 0

            restarted = await viewer.restart_ice()
            assert restarted.status == 200, restarted.text
            assert restarted.etag != first.etag
            await page.wait_for_function(
                "async () => (await stats('transport'))[0].iceLocalUsernameFragment"
                " === pc.localDescription.sdp.match(/a=ice-ufrag:(.*)/)[1].trim()"
                " && pc.iceConnectionState === 'connected'"
            )
            await page.evaluate("() => { numbers.length = 0; }")
            assert ascending_share(await numbers_shown(page, 25)) > 0.95

            assert (await viewer.end()).status == 200
            await page.evaluate("() => until_still()")
            assert (await viewer.end()).status == 404

    asyncio.run(scenario())


def test_aiortc_plays_trickles_and_ends(house_on_network: House) -> None:
    async def scenario() -> None:
        room = begin(house_on_network)
        token = room.token("classroom")
        receiver = Receiver()
        async with aiortc_teacher(room):
            try:
                offer = await receiver.view_offer()
                resource = made(post_offer(room.whep(), token, offer), token)
                await receiver.accept(resource.answer)
                assert resource.patch(trickle_fragment(offer)).status_code == 204
                shown = await receiver.until_decoded("video", 25, timeout_s=40)
                assert ascending_share(shown.numbers) > 0.95
                assert (await receiver.until_decoded("audio", 50)).loudest > 1000
                assert resource.delete().status_code == 200
                await receiver.until_still(shown)
            finally:
                await receiver.close()

    asyncio.run(scenario())


def test_players_wait_for_the_teacher_and_for_the_teacher_to_return(house_on_network: House) -> None:
    """A viewer needs no new offer when the publisher ends and another begins, in another codec."""

    async def scenario() -> None:
        room = begin(house_on_network)
        async with chromium() as browser:
            viewer, page = await browser.client(room.page())
            assert (await viewer.view(room.whep(), room.token("observer"))).status == 201
            async with aiortc_teacher(room, "VP8") as lesson:
                await numbers_shown(page, 15, 40)
                assert lesson.delete().status_code == 200
                await page.evaluate("() => until_still()")
            await page.evaluate("() => { numbers.length = 0; }")
            async with aiortc_teacher(room, "H264"):
                assert ascending_share(await numbers_shown(page, 25, 40)) > 0.95

    asyncio.run(scenario())


def test_whom_the_faces_refuse_they_tell_why(house_on_network: House) -> None:
    async def scenario() -> None:
        room, other = begin(house_on_network), begin(house_on_network)
        receiver = Receiver()
        offer = await receiver.view_offer()
        await receiver.close()
        stranger = post_offer(room.whep(), other.token("observer"), offer)
        assert (stranger.status_code, stranger.json()["code"]) == (401, "token_invalid")
        nonsense = post_offer(room.whep(), room.token("observer"), "v=0\r\nnonsense")
        assert (nonsense.status_code, nonsense.json()["code"]) == (400, "sdp_malformed")
        publisher = new_connection()
        refused = post_offer(room.whip(), room.token("observer"), await publish_offer(publisher, "VP8"))
        await publisher.close()
        assert (refused.status_code, refused.json()["code"]) == (403, "publish_not_permitted")

    asyncio.run(scenario())
