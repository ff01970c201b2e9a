"""A media server and a Chromium in one process: pages that publish, subscribe and view, for browser tests.

Offers and answers are carried in process; media goes over real sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Page, Route, async_playwright

from streaming.config import AdvertisedAddress, MediaConfig
from streaming.identifiers import PeerId
from streaming.server import MediaServer
from streaming.session.media import (
    MediaEvent,
    Publication,
    PublicationLive,
    Source,
    SubscribeOffer,
    WantedTrack,
)
from tests.e2e.browser import CHROMIUM, FLAGS, CameraFiles
from tests.streaming.aiortc_peers import host_address

ALL = frozenset(Source)
SITE = "https://classroom.test/"  # answered by the test itself; https, because cameras want a secure context
PAGE = "<!doctype html><title>media</title><video id=shown autoplay playsinline></video>"
SOURCES = {"0": Source.MICROPHONE, "1": Source.CAMERA}

SCRIPT = """
const BARS = 8;
window.drawn = {number: 0, ticks: 0, every: 1};

function drawNumbers(width, height, strokes) {
    const canvas = document.createElement("canvas");
    canvas.width = width; canvas.height = height;
    const context = canvas.getContext("2d");
    setInterval(() => {
        if (drawn.rests) return;
        const number = drawn.number = Math.floor(++drawn.ticks / drawn.every) % 256;
        for (let bar = 0; bar < BARS; bar++) {
            context.fillStyle = number >> (BARS - 1 - bar) & 1 ? "white" : "black";
            context.fillRect(bar * width / BARS, 0, width / BARS, strokes ? height / 16 : height);
        }
        // What costs bits, where encoders see no new scene.
        for (let stroke = 0; stroke < strokes; stroke++) {
            context.fillStyle = `hsl(${Math.random() * 360} 50% 50%)`;
            context.fillRect(Math.random() * width, height * (1 + 15 * Math.random()) / 16, 24, 24);
        }
    }, 1000 / 20);
    return canvas.captureStream(20).getVideoTracks()[0];
}

function tone() {
    const context = new AudioContext();
    const oscillator = context.createOscillator();
    const out = context.createMediaStreamDestination();
    oscillator.connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0];
}

// The dependency descriptor is negotiated only by who asks for it.
const DESCRIPTOR = "dependency-descriptor";
function wantDescriptor(transceiver) {
    const all = transceiver.getHeaderExtensionsToNegotiate();
    for (const one of all) if (one.uri.includes(DESCRIPTOR)) one.direction = "sendrecv";
    transceiver.setHeaderExtensionsToNegotiate(all);
}

function preferVoice(transceiver, ...types) {
    const all = RTCRtpReceiver.getCapabilities("audio").codecs;
    transceiver.setCodecPreferences(types.flatMap(type => all.filter(one => one.mimeType === type)));
}

window.publish = async ({codec, width, height, camera, encodings, descriptor, strokes = 0, red}) => {
    const pc = window.pc = new RTCPeerConnection();
    const stream = camera
        ? await navigator.mediaDevices.getUserMedia({audio: true, video: {width, height, frameRate: 25}})
        : new MediaStream([tone(), drawNumbers(width, height, strokes)]);
    const [voice] = stream.getAudioTracks();
    const [picture] = stream.getVideoTracks();
    const audio = pc.addTransceiver(voice, {direction: "sendonly", streams: [stream]});
    if (red) preferVoice(audio, "audio/red", "audio/opus");
    const options = {direction: "sendonly", streams: [stream]};
    if (encodings) options.sendEncodings = encodings;
    const video = pc.addTransceiver(picture, options);
    if (descriptor) wantDescriptor(video);
    const wanted = ["video/" + codec, "video/rtx"];
    video.setCodecPreferences(
        RTCRtpSender.getCapabilities("video").codecs.filter(one => wanted.includes(one.mimeType)));
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
};
window.accept = sdp => pc.setRemoteDescription({type: "answer", sdp});
window.reoffer = async () => {
    await pc.setLocalDescription(await pc.createOffer({iceRestart: true}));
    return pc.localDescription.sdp;
};

function receive() {
    const pc = window.pc = new RTCPeerConnection();
    const shown = document.getElementById("shown");
    shown.srcObject = new MediaStream();
    window.numbers = [];
    pc.ontrack = ({track}) => shown.srcObject.addTrack(track);
    const canvas = document.createElement("canvas");
    canvas.width = BARS; canvas.height = 1;
    const context = canvas.getContext("2d", {willReadFrequently: true});
    window.shown_ms = [];
    const read = (_, {presentationTime}) => {
        shown_ms.push(presentationTime);
        context.drawImage(shown, 0, 0, BARS, 1);
        const {data} = context.getImageData(0, 0, BARS, 1);
        let number = 0;
        for (let bar = 0; bar < BARS; bar++) number = number << 1 | (data[4 * bar + 1] > 127 ? 1 : 0);
        numbers.push(number);
        shown.requestVideoFrameCallback(read);
    };
    shown.requestVideoFrameCallback(read);
    return pc;
}
window.answer = async sdp => {
    if (!window.pc) receive();
    await pc.setRemoteDescription({type: "offer", sdp});
    if (window.descriptor)
        pc.getTransceivers().filter(one => one.receiver.track.kind === "video").forEach(wantDescriptor);
    if (window.voice)
        pc.getTransceivers().filter(one => one.receiver.track.kind === "audio").forEach(
            one => preferVoice(one, ...voice));
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
};
window.view = async () => {
    const pc = receive();
    pc.addTransceiver("audio", {direction: "recvonly"});
    pc.addTransceiver("video", {direction: "recvonly"});
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
};
window.skew_ms = async () => {
    // How far the picture played now is ahead of the sound played now, on the sender's clock.
    const playing = {};
    for (const one of (await pc.getStats()).values())
        if (one.type === "inbound-rtp") playing[one.kind] = one.estimatedPlayoutTimestamp;
    return playing.video - playing.audio;
};
window.stats = async type => [...(await pc.getStats()).values()].filter(one => one.type === type)
    .map(one => ({...one}));
"""


@dataclass
class Studio:
    """A media server and a browser."""

    server: MediaServer
    browser: Browser
    events: list[MediaEvent] = field(default_factory=list)
    _said: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: MediaEvent) -> None:
        self.events.append(event)
        self._said.set()

    async def until(self, condition: Callable[[MediaEvent], bool], timeout_s: float = 20) -> MediaEvent:
        async with asyncio.timeout(timeout_s):
            while True:
                found = next((event for event in self.events if condition(event)), None)
                if found is not None:
                    return found
                self._said.clear()
                await self._said.wait()

    async def page(self) -> Page:
        context = await self.browser.new_context(
            permissions=["camera", "microphone"], ignore_https_errors=True
        )

        async def serve(route: Route) -> None:
            await route.fulfill(body=PAGE, content_type="text/html")

        await context.route(f"{SITE}**", serve)
        page = await context.new_page()
        await page.add_init_script(SCRIPT)
        await page.goto(SITE)
        return page

    async def publish(
        self, *, voice_ptime_ms: int = 20, **options: object
    ) -> tuple[Page, PeerId, Publication, Publication]:
        page = await self.page()
        offer = await page.evaluate("options => publish(options)", options)
        peer, answer, (voice, picture) = await self.server.open_publisher(
            offer, sources=SOURCES, allowed=ALL, stream_name="teacher", voice_ptime_ms=voice_ptime_ms
        )
        await page.evaluate("sdp => accept(sdp)", answer)
        await self.until(lambda e: isinstance(e, PublicationLive) and e.publication.id == picture.id)
        return page, peer, voice, picture

    async def subscribe(
        self,
        *wanted: Publication,
        low_layer: bool = False,
        descriptor: bool = False,
        voice: tuple[str, ...] = (),
        path: Callable[[str], str] | None = None,
    ) -> tuple[Page, PeerId]:
        """`voice`: the only audio types that the page takes; none: all that the browser has.

        `path`: what the page sees of the server's offer instead.
        """
        page = await self.page()
        await page.evaluate("voice => { window.voice = voice.length ? voice : null; }", list(voice))
        await page.evaluate("wanted => { window.descriptor = wanted; }", descriptor)
        peer = await self.server.open_subscriber()
        self.server.set_subscriptions(peer, [WantedTrack(p.id, "seat_teacher", low_layer) for p in wanted])
        await self.answer(page, peer, 0, path)
        return page, peer

    async def answer(
        self, page: Page, peer: PeerId, after: int, path: Callable[[str], str] | None = None
    ) -> int:
        """Answer the next offer to `peer`; its number."""
        offer = await self.until(
            lambda e: isinstance(e, SubscribeOffer) and e.peer == peer and e.offer_id > after
        )
        assert isinstance(offer, SubscribeOffer)
        answer = await page.evaluate("sdp => answer(sdp)", path(offer.sdp) if path else offer.sdp)
        await self.server.apply_answer(peer, offer.offer_id, answer)
        return offer.offer_id


@contextlib.asynccontextmanager
async def studio(camera: CameraFiles | None = None) -> AsyncIterator[Studio]:
    host = host_address()
    server = MediaServer(MediaConfig((AdvertisedAddress(host, host),), 0))
    flags = list(FLAGS)
    if camera is not None:
        flags += [f"--use-file-for-fake-video-capture={camera.picture}"]
        flags += [f"--use-file-for-fake-audio-capture={camera.sound}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags, headless=True)
        opened = Studio(server, browser)
        server.add_listener(opened.hear)
        await server.start()
        try:
            yield opened
        finally:
            await browser.close()
            await server.close()


def run(scenario: Callable[[Studio], Awaitable[None]], camera: CameraFiles | None = None) -> None:
    async def staged() -> None:
        async with studio(camera) as opened:
            await scenario(opened)

    asyncio.run(staged())


async def numbers_shown(page: Page, distinct: int, timeout_s: float = 20) -> list[int]:
    """The numbers a receiving page has read, once `distinct` different ones are among them."""
    await page.wait_for_function(
        "distinct => new Set(numbers).size >= distinct", arg=distinct, timeout=timeout_s * 1000
    )
    shown: list[int] = await page.evaluate("numbers")
    return shown


async def statistics(page: Page, type: str, kind: str) -> dict[str, Any]:
    """The one report of that type and kind."""
    (report,) = [one for one in await page.evaluate("type => stats(type)", type) if one["kind"] == kind]
    return dict(report)
