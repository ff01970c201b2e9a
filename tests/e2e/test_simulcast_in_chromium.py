"""The master's page sends a small picture beside the full one only while somebody gets it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.browser import (
    CameraFiles,
    chromium,
    eventually,
    inbound,
    open_page,
    outbound,
    skip_device_check,
)
from tests.e2e.conftest import House

pytestmark = [pytest.mark.alone, pytest.mark.timeout(200)]

VIEW = """async ({url, token}) => {
    const pc = new RTCPeerConnection();
    for (const kind of ["audio", "video"]) pc.addTransceiver(kind, {direction: "recvonly"});
    await pc.setLocalDescription();
    const answer = await fetch(url, {
        method: "POST", body: pc.localDescription.sdp,
        headers: {"Content-Type": "application/sdp", "Authorization": `Bearer ${token}`}});
    await pc.setRemoteDescription({type: "answer", sdp: await answer.text()});
    window.__tandem = {peers: () => [pc]};
    window.leave = () => fetch(answer.headers.get("Location"), {
        method: "DELETE", headers: {"Authorization": `Bearer ${token}`}});
}"""


def _heights(page: Page) -> list[int]:
    return sorted(one["height"] for one in outbound(page, "video"))


def _shows(page: Page, height: int) -> bool:
    return any(one["height"] == height and one["frames"] > 5 for one in inbound(page, "video"))


def test_a_small_picture_is_sent_while_a_short_path_wants_it(house: House, camera: CameraFiles) -> None:
    lesson = house.lesson()
    with chromium(camera) as browser:
        master = open_page(browser, skip_device_check(house.link(lesson, "master", "Ms Lin")))
        room = open_page(browser, skip_device_check(house.link(lesson, "classroom", "Hill", "c1")))
        eventually(lambda: _shows(room, 720), 40, "the full picture")
        assert _heights(master) == [720]

        viewer = open_page(browser, f"{house.server.url}/metrics")
        url = f"{house.server.url}/whep/{lesson}?max_bitrate=300000"
        viewer.evaluate(VIEW, {"url": url, "token": house.token(lesson, "observer", "Far away")})
        eventually(lambda: _shows(viewer, 180), 40, "the small picture")
        assert _heights(master) == [180, 720]
        assert _shows(room, 720)

        viewer.evaluate("() => leave()")
        eventually(lambda: _heights(master) == [720], 40, "the end of the small picture")
        before = max(one["frames"] for one in inbound(room, "video"))
        eventually(lambda: max(one["frames"] for one in inbound(room, "video")) > before + 20, 20, "the room")
