"""WHIP and WHEP as a page speaks them with fetch and RTCPeerConnection, and as a script does with HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import httpx
from playwright.async_api import Browser, Page, async_playwright

from tests.e2e.browser import CHROMIUM, FLAGS
from tests.e2e.conftest import House
from tests.e2e.media_studio import SCRIPT
from tests.streaming.aiortc_peers import Receiver

FRAGMENT = "application/trickle-ice-sdpfrag"

_EXCHANGE = """
async function ask(method, url, headers, body) {
    const response = await fetch(url, {method, headers, body});
    return {status: response.status, text: await response.text(), url: response.url,
        location: response.headers.get("Location"), etag: response.headers.get("ETag")};
}
window.open_resource = async ({url, token}) => {
    const authorization = {Authorization: "Bearer " + token};
    const sdp = pc.localDescription.sdp;
    const made = await ask("POST", url, {...authorization, "Content-Type": "application/sdp"}, sdp);
    if (made.status !== 201) return made;
    window.resource = {url: new URL(made.location, made.url).href, etag: made.etag, authorization};
    await pc.setRemoteDescription({type: "answer", sdp: made.text});
    return made;
};
async function patch(lines) {
    const headers = {...resource.authorization, "Content-Type": "application/trickle-ice-sdpfrag",
        "If-Match": resource.etag};
    return ask("PATCH", resource.url, headers, lines.join("\\r\\n") + "\\r\\n");
}
function local_lines(prefixes) {
    const lines = pc.localDescription.sdp.split("\\r\\n");
    return prefixes.flatMap(prefix => {
        const found = lines.filter(line => line.startsWith(prefix));
        return prefix === "a=candidate:" ? found : found.slice(0, 1);
    });
}
window.trickle = async () => {
    while (pc.iceGatheringState !== "complete")
        await new Promise(done => pc.addEventListener("icegatheringstatechange", done, {once: true}));
    const lines = local_lines(["a=ice-ufrag:", "a=ice-pwd:", "m=", "a=mid:", "a=candidate:"]);
    return patch([...lines, "a=end-of-candidates"]);
};
window.restart_ice = async () => {
    await pc.setLocalDescription(await pc.createOffer({iceRestart: true}));
    const answered = await patch(local_lines(["a=ice-ufrag:", "a=ice-pwd:"]));
    if (answered.status !== 200) return answered;
    resource.etag = answered.etag;
    let sdp = pc.remoteDescription.sdp;
    for (const name of ["a=ice-ufrag:", "a=ice-pwd:"]) {
        const line = answered.text.split("\\r\\n").find(line => line.startsWith(name));
        sdp = sdp.split("\\r\\n").map(old => old.startsWith(name) ? line : old).join("\\r\\n");
    }
    await pc.setRemoteDescription({type: "answer", sdp});
    return answered;
};
window.end_resource = () => ask("DELETE", resource.url, resource.authorization);
window.until_still = async () => {
    // Resolves when no picture has been shown for a second.
    for (let before = -1; before !== numbers.length;) {
        before = numbers.length;
        await new Promise(done => setTimeout(done, 1000));
    }
};
"""


class Scripted(Protocol):
    """A page of any browser: calls a JavaScript function with one argument, awaits what it returns."""

    async def evaluate(self, expression: str, arg: object = None) -> object: ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server said to a page."""

    status: int
    text: str
    etag: str | None


@dataclass(frozen=True, slots=True)
class BareClient:
    """A page with a peer connection of its own and the two HTTP exchanges."""

    page: Scripted

    async def publish(self, url: str, token: str, **options: object) -> Answered:
        """Numbered pictures and a tone through WHIP. Options as of `publish` in media_studio."""
        await self.page.evaluate("options => publish(options)", options)
        return await self._open(url, token)

    async def view(self, url: str, token: str) -> Answered:
        """Picture and voice through WHEP."""
        await self.page.evaluate("() => view()")
        return await self._open(url, token)

    async def trickle(self) -> Answered:
        return _answered(await self.page.evaluate("() => trickle()"))

    async def restart_ice(self) -> Answered:
        return _answered(await self.page.evaluate("() => restart_ice()"))

    async def end(self) -> Answered:
        return _answered(await self.page.evaluate("() => end_resource()"))

    async def _open(self, url: str, token: str) -> Answered:
        where = {"url": url, "token": token}
        return _answered(await self.page.evaluate("where => open_resource(where)", where))


def _answered(found: object) -> Answered:
    assert isinstance(found, dict)
    return Answered(found["status"], found["text"], found["etag"])


async def open_client(page: Scripted) -> BareClient:
    """Gives a page that shows some document of a server the scripts and an element to show pictures in."""
    await page.evaluate(
        "source => { document.body.innerHTML = '<video id=shown autoplay playsinline></video>';"
        " (0, eval)(source); }",
        SCRIPT + _EXCHANGE,
    )
    return BareClient(page)


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser whose pages are bare clients."""

    browser: Browser

    async def client(self, url: str) -> tuple[BareClient, Page]:
        context = await self.browser.new_context()
        page = await context.new_page()
        await page.goto(url)
        return await open_client(page), page


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Chromium]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), headless=True)
        try:
            yield Chromium(browser)
        finally:
            await browser.close()


@dataclass(frozen=True, slots=True)
class Room:
    """A running lesson and the ways into it."""

    house: House
    lesson: str

    def page(self) -> str:
        """A plain document of the server's origin, without scripts or policies of its own."""
        return f"{self.house.server.url}/metrics"

    def whip(self) -> str:
        return f"{self.house.server.url}/whip/{self.lesson}"

    def whep(self) -> str:
        return f"{self.house.server.url}/whep/{self.lesson}"

    def token(self, role: str) -> str:
        return self.house.token(self.lesson, role, role)

    def live_publications(self) -> int:
        return int(self.house.server.metrics()["tandem_publications"])


def begin(house: House) -> Room:
    """A lesson that runs and is not recorded."""
    body = {"title": "Fractions", "recording_policy": "off"}
    lesson = house.admin.post("/api/v1/lessons", json=body).raise_for_status().json()["id"]
    house.admin.post(f"/api/v1/lessons/{lesson}/start").raise_for_status()
    return Room(house, lesson)


@dataclass(frozen=True, slots=True)
class Resource:
    """What a POST made, as a script holds it."""

    url: str
    etag: str
    answer: str
    token: str

    def patch(self, fragment: str, *, if_match: str | None = None) -> httpx.Response:
        headers = {**bearer(self.token), "Content-Type": FRAGMENT, "If-Match": if_match or self.etag}
        return httpx.patch(self.url, content=fragment, headers=headers, timeout=30)

    def delete(self) -> httpx.Response:
        return httpx.delete(self.url, headers=bearer(self.token), timeout=30)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def post_offer(url: str, token: str, offer: str) -> httpx.Response:
    headers = {**bearer(token), "Content-Type": "application/sdp"}
    return httpx.post(url, content=offer, headers=headers, timeout=30)


def made(response: httpx.Response, token: str) -> Resource:
    """The resource of a 201."""
    assert response.status_code == httpx.codes.CREATED, response.text
    url = response.url.join(response.headers["Location"])
    return Resource(str(url), response.headers["ETag"], response.text, token)


def trickle_fragment(offer: str) -> str:
    """The candidates of an offer as a client trickles them (RFC 8840 section 4.4)."""
    lines = offer.splitlines()
    first = [
        next(line for line in lines if line.startswith(prefix))
        for prefix in ("a=ice-ufrag:", "a=ice-pwd:", "m=", "a=mid:")
    ]
    candidates = [line for line in lines if line.startswith("a=candidate:")]
    return "\r\n".join([*first, *candidates, "a=end-of-candidates", ""])


@contextlib.asynccontextmanager
async def aiortc_viewer(room: Room) -> AsyncIterator[Receiver]:
    """An aiortc peer that views the master through WHEP, as an observer."""
    receiver = Receiver()
    token = room.token("observer")
    try:
        resource = made(post_offer(room.whep(), token, await receiver.view_offer()), token)
        await receiver.accept(resource.answer)
        yield receiver
        resource.delete()
    finally:
        await receiver.close()
