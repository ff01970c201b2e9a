"""Every kind of publisher through WHIP and the real server; a peer that shares no code with it decodes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import httpx
import numpy as np
import numpy.typing as npt
import pytest
from aiortc import RTCSessionDescription
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typing_extensions import override

from classroom_api.synthetic_teacher import LESSON_FILE, SyntheticTeacher
from streaming.transport.certificate import generate_certificate
from tests.e2e.bare_clients import (
    Resource,
    Room,
    aiortc_viewer,
    begin,
    chromium,
    made,
    open_client,
    post_offer,
    trickle_fragment,
)
from tests.e2e.browser import eventually
from tests.e2e.child import SYSTEM_PYTHON, publishing
from tests.e2e.conftest import House
from tests.e2e.firefox import firefox
from tests.e2e.media_studio import numbers_shown
from tests.streaming.aiortc_peers import Receiver, ascending_share, new_connection, publish_offer
from tests.waiting import until

FAKE_MICROPHONE = """async () => {
    // Without a sound card Firefox's AudioContext never runs.
    const [voice] = (await navigator.mediaDevices.getUserMedia({audio: true})).getAudioTracks();
    globalThis.tone = () => voice;
}"""
CLOSED = "['closed', 'failed', 'disconnected'].includes(pc.connectionState)"


async def expect_lesson(receiver: Receiver) -> None:
    """The numbered pictures come in their order, and the tone is heard."""
    shown = await receiver.until_decoded("video", 25, timeout_s=40)
    assert ascending_share(shown.numbers) > 0.95
    heard = await receiver.until_decoded("audio", 50)
    assert heard.loudest > 1000


async def expect_end(receiver: Receiver) -> None:
    (shown,), (heard,) = receiver.of_kind("video"), receiver.of_kind("audio")
    await receiver.until_still(shown)
    await receiver.until_still(heard)


def expect_gone(resource: Resource) -> None:
    again = resource.delete()
    assert (again.status_code, again.json()["code"]) == (404, "peer_unknown")


def test_chromium_publishes_trickles_restarts_and_ends(house_on_network: House) -> None:
    async def scenario() -> None:
        room = begin(house_on_network)
        async with chromium() as browser, aiortc_viewer(room) as receiver:
            publisher, page = await browser.client(room.page())
            first = await publisher.publish(
                room.whip(), room.token("master"), codec="VP8", width=320, height=192
            )
            assert first.status == 201, first.text
            assert (await publisher.trickle()).status == 204
            await expect_lesson(receiver)

            restarted = await publisher.restart_ice()
            assert restarted.status == 200, restarted.text
            assert restarted.etag != first.etag
            assert "a=candidate:" in restarted.text
            await page.wait_for_function(
                "async ufrag => (await stats('transport'))"
                "[0].iceLocalUsernameFragment === ufrag && pc.iceConnectionState === 'connected'",
                arg=await page.evaluate("() => pc.localDescription.sdp.match(/a=ice-ufrag:(.*)/)[1].trim()"),
            )
            receiver.of_kind("video")[0].numbers.clear()
            await expect_lesson(receiver)
            assert await page.evaluate("pc.connectionState") == "connected"

            assert (await publisher.end()).status == 200
            await expect_end(receiver)
            refused = await publisher.end()
            assert (refused.status, json.loads(refused.text)["code"]) == (404, "peer_unknown")

    asyncio.run(scenario())


class _PlainPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"another site")

    @override
    def log_message(self, format: str, *args: object) -> None: ...


@contextlib.contextmanager
def other_site(host: str) -> Iterator[str]:
    """A web server of another origin."""
    with ThreadingHTTPServer((host, 0), _PlainPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://{host}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_a_page_of_another_origin_publishes_and_reads_why_it_was_refused(house_on_network: House) -> None:
    async def scenario() -> None:
        room = begin(house_on_network)
        with other_site(httpx.URL(room.house.server.url).host) as site:
            async with chromium() as browser, aiortc_viewer(room) as receiver:
                publisher, _ = await browser.client(site)
                refused = await publisher.publish(room.whip(), "nonsense", codec="VP8", width=320, height=192)
                assert (refused.status, json.loads(refused.text)["code"]) == (401, "token_invalid")
                accepted = await publisher.publish(
                    room.whip(), room.token("master"), codec="VP8", width=320, height=192
                )
                assert accepted.status == 201
                assert accepted.etag is not None
                assert (await publisher.trickle()).status == 204
                await expect_lesson(receiver)
                assert (await publisher.end()).status == 200

    asyncio.run(scenario())


def test_a_second_post_of_a_seat_replaces_the_first(house_on_network: House) -> None:
    async def scenario() -> None:
        room = begin(house_on_network)
        token = room.token("master")
        async with chromium() as browser:
            viewer, shown = await browser.client(room.page())
            assert (await viewer.view(room.whep(), room.token("observer"))).status == 201
            first, first_page = await browser.client(room.page())
            await first.publish(room.whip(), token, codec="VP8", width=320, height=192)
            await shown.wait_for_function("document.getElementById('shown').videoWidth === 320")
            second, _ = await browser.client(room.page())
            await second.publish(room.whip(), token, codec="H264", width=480, height=272)
            await shown.wait_for_function("document.getElementById('shown').videoWidth === 480")
            await shown.evaluate("() => { numbers.length = 0; }")
            assert ascending_share(await numbers_shown(shown, 20)) > 0.95
            await first_page.wait_for_function(CLOSED)
            assert (await first.end()).status == 404
            assert (await second.end()).status == 200
            await shown.evaluate("() => until_still()")

    asyncio.run(scenario())


def test_firefox_publishes(house_on_network: House, tmp_path: Path) -> None:
    async def scenario() -> None:
        room = begin(house_on_network)
        async with aiortc_viewer(room) as receiver, firefox(tmp_path) as page:
            await page.goto(room.page())
            publisher = await open_client(page)
            await page.evaluate(FAKE_MICROPHONE)
            answer = await publisher.publish(
                room.whip(), room.token("master"), codec="VP8", width=320, height=192
            )
            assert answer.status == 201, answer.text
            assert (await publisher.trickle()).status == 204
            await expect_lesson(receiver)
            restarted = await publisher.restart_ice()
            assert (restarted.status, restarted.etag != answer.etag) == (200, True)
            receiver.of_kind("video")[0].numbers.clear()
            await expect_lesson(receiver)
            assert (await publisher.end()).status == 200
            await expect_end(receiver)

    asyncio.run(scenario())


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_aiortc_publishes(codec: str, house_on_network: House) -> None:
    async def scenario() -> None:
        room = begin(house_on_network)
        token = room.token("master")
        publisher = new_connection()
        async with aiortc_viewer(room) as receiver:
            try:
                offer = await publish_offer(publisher, codec)
                resource = made(post_offer(room.whip(), token, offer), token)
                await publisher.setRemoteDescription(RTCSessionDescription(resource.answer, "answer"))
                assert resource.patch(trickle_fragment(offer)).status_code == 204
                stale = resource.patch(trickle_fragment(offer), if_match='"other"')
                assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
                await expect_lesson(receiver)
                assert resource.delete().status_code == 200
                expect_gone(resource)
                await expect_end(receiver)
            finally:
                await publisher.close()

    asyncio.run(scenario())


def test_the_synthetic_teacher_publishes_its_file(house_on_network: House) -> None:
    """H264 packets that no encoder touched: what arrives is a picture of the file, and speech."""

    async def scenario() -> None:
        room = begin(house_on_network)
        teacher = SyntheticTeacher(room.whip(), room.token("master"))
        async with aiortc_viewer(room) as receiver:
            teaching = asyncio.create_task(teacher.run())
            try:
                await receiver.until_decoded("video", 1, timeout_s=40)
                (shown,), (heard,) = receiver.of_kind("video"), receiver.of_kind("audio")
                await until(lambda: heard.loudest > 500, 20)
                assert shown.last_picture is not None
                assert distance_from_file(shown.last_picture, seconds=15) < 3
            finally:
                teaching.cancel()
                await asyncio.gather(teaching, return_exceptions=True)
            await expect_end(receiver)

    asyncio.run(scenario())


def distance_from_file(picture: av.VideoFrame, *, seconds: int) -> float:
    """Mean difference of grey levels to the most similar picture of the lesson file's first seconds."""
    sought = thumbnail(picture)
    with av.open(str(LESSON_FILE)) as container:
        wanted = itertools.takewhile(lambda f: (f.time or 0) < seconds, container.decode(video=0))
        return float(min(np.abs(thumbnail(frame) - sought).mean() for frame in wanted))


def thumbnail(picture: av.VideoFrame) -> npt.NDArray[np.float64]:
    return picture.reformat(32, 18, "gray").to_ndarray().astype(np.float64)


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_gstreamer_webrtcbin_publishes(codec: str, house_on_network: House) -> None:
    async def scenario() -> None:
        room = begin(house_on_network)
        token = room.token("master")
        async with aiortc_viewer(room) as receiver, gstreamer(room, token, codec, "max-bundle") as told:
            assert told.status == 201, told.body
            location = str(httpx.URL(room.whip()).join(told.headers["location"]))
            resource = Resource(location, told.headers["etag"], told.body, token)
            assert resource.patch(trickle_fragment(told.offer)).status_code == 204
            await expect_lesson(receiver)
            assert resource.delete().status_code == 200
            expect_gone(resource)
            await expect_end(receiver)

    asyncio.run(scenario())


def test_an_offer_of_several_transports_is_told_to_bundle(house_on_network: House) -> None:
    """webrtcbin's default bundle policy is none."""

    async def scenario() -> None:
        room = begin(house_on_network)
        async with gstreamer(room, room.token("master"), "VP8", "none") as told:
            problem = json.loads(told.body)
            assert (told.status, problem["code"]) == (400, "sdp_unsupported")
            assert "max-bundle" in problem["detail"]

    asyncio.run(scenario())


@dataclass(frozen=True, slots=True)
class Told:
    """What gstreamer_publisher.py says of its POST."""

    status: int
    offer: str
    body: str
    headers: dict[str, str]


@contextlib.asynccontextmanager
async def gstreamer(room: Room, token: str, codec: str, policy: str) -> AsyncIterator[Told]:
    """A running publisher."""
    arguments = (room.whip(), token, codec, policy)
    async with publishing("gstreamer_publisher.py", *arguments, python=SYSTEM_PYTHON) as child:
        yield Told(**json.loads(await child.says()))


@pytest.mark.parametrize("dtls_role", ["passive", "active"])
def test_ffmpegs_whip_muxer_publishes(dtls_role: str, house_on_network: House, tmp_path: Path) -> None:
    """By itself it offers `setup:passive`: then the server is the client of the DTLS handshake."""

    async def scenario() -> None:
        room = begin(house_on_network)
        files = write_certificate(tmp_path)
        async with aiortc_viewer(room) as receiver:
            arguments = (room.whip(), room.token("master"), *files, dtls_role)
            async with publishing("ffmpeg_publisher.py", *arguments) as child:
                await expect_lesson(receiver)
                before = room.live_publications()
                assert await child.end() == 0
                await expect_end(receiver)
                # Its DELETE, not the end of consent half a minute later.
                eventually(lambda: room.live_publications() <= before - 2, 10, "the end of both tracks")

    asyncio.run(scenario())


def write_certificate(folder: Path) -> tuple[str, str]:
    """A P-256 certificate and its key, as files."""
    certificate = generate_certificate()
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(certificate.x509.public_bytes(Encoding.PEM))
    key_file.write_bytes(
        certificate.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    return str(cert_file), str(key_file)
