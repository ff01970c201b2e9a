"""A picture that flashes and a voice that beeps on one clock, and how far apart a publisher itself puts them.

A page on a busy machine draws late and encodes few pictures a second: flashes last long enough to be seen all
the same, and each is compared with itself, as published and as replayed.

The skew of the source is what its own RTP timestamps and sender reports say.  It is read by a second
connection from the same page, straight to an aiortc peer: no server between, and neither a jitter buffer's
nor a renderer's delay in the figure, which a page that plays would add (tens of ms, differing by the minute).
"""

from __future__ import annotations

import asyncio
import math
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import av
import numpy as np
import pytest
from aiortc import RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpreceiver import TimestampMapper
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket
from playwright.async_api import Page

from tests.recording.replay import Replay, pairs_s
from tests.streaming.aiortc_peers import new_connection

SCRIPT = """
globalThis.clock = new AudioContext();
globalThis.tone = () => {
    const oscillator = clock.createOscillator();
    const gain = clock.createGain();
    const out = clock.createMediaStreamDestination();
    oscillator.frequency.value = 1000;
    gain.gain.value = 0;
    for (let second = 1; second < 300; second++) {
        gain.gain.setValueAtTime(0.5, second);
        gain.gain.setValueAtTime(0, second + 0.1);
    }
    oscillator.connect(gain).connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0];
};
globalThis.drawNumbers = (width, height) => {
    const canvas = document.createElement("canvas");
    canvas.width = width; canvas.height = height;
    const context = canvas.getContext("2d");
    setInterval(() => {
        const now = clock.currentTime;
        const isFlash = now >= 1 && now % 1 < 0.4;
        context.fillStyle = isFlash ? "white" : "#203040";
        context.fillRect(0, 0, width, height);
        context.fillStyle = isFlash ? "white" : "#607080";
        context.fillRect((now * 60) % width, height / 3, width / 8, height / 3);
    }, 1000 / 20);
    return canvas.captureStream(20).getVideoTracks()[0];
};
globalThis.offer_beside = async () => {
    const beside = globalThis.beside = new RTCPeerConnection();
    for (const {sender} of pc.getTransceivers())
        beside.addTransceiver(sender.track, {direction: "sendonly"});
    await beside.setLocalDescription();
    while (beside.iceGatheringState !== "complete")
        await new Promise(done => beside.addEventListener("icegatheringstatechange", done, {once: true}));
    return beside.localDescription.sdp;
};
globalThis.accept_beside = sdp => beside.setRemoteDescription({type: "answer", sdp});
"""
_RATES_HZ = {"audio": 48_000, "video": 90_000}
_QUIET_S = 0.25
_NTP_1970_S = 2_208_988_800


@dataclass
class Onsets:
    """When one track's flashes, or beeps, began, in its own RTP timestamps; and its sender reports."""

    kind: str
    timestamps: list[int] = field(default_factory=list)
    reports: list[tuple[float, int]] = field(default_factory=list)
    _loud_until: int | None = None

    def take(self, is_loud: np.ndarray[tuple[int], np.dtype[np.bool_]], timestamp: int) -> None:
        """A piece of the track that begins at `timestamp`, a value for each tick."""
        for at in np.flatnonzero(is_loud).tolist():
            now = timestamp + at
            quiet = _QUIET_S * _RATES_HZ[self.kind]
            if self._loud_until is not None and _difference(now, self._loud_until) > quiet:
                self.timestamps.append(now)
            self._loud_until = now

    def times_s(self) -> list[float]:
        """The onsets on the publisher's NTP clock, since 1970."""
        rate = _RATES_HZ[self.kind]
        return [
            statistics.median(ntp_s + _difference(onset, rtp) / rate for ntp_s, rtp in self.reports)
            - _NTP_1970_S
            for onset in self.timestamps
        ]


def _difference(later: int, earlier: int) -> int:
    return (later - earlier + (1 << 31)) % (1 << 32) - (1 << 31)


@dataclass
class Witness:
    """An aiortc peer that sees and hears what a page sends."""

    audio: Onsets = field(default_factory=lambda: Onsets("audio"))
    video: Onsets = field(default_factory=lambda: Onsets("video"))
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _progress: asyncio.Event = field(default_factory=asyncio.Event)

    def watch(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._read(track)))

    def hear_report(self, kind: str, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            reports = self.audio.reports if kind == "audio" else self.video.reports
            reports.append((info.ntp_timestamp / (1 << 32), info.rtp_timestamp))

    async def until_onsets(self, count: int, timeout_s: float) -> None:
        async with asyncio.timeout(timeout_s):
            while min(len(self.audio.timestamps), len(self.video.timestamps)) < count:
                self._progress.clear()
                await self._progress.wait()

    def moved_ms(self, replay: Replay, *, from_s: float = 0.0, until_s: float = math.inf) -> list[float]:
        """How much later each beep of that time is, against its flash, in the replay than as published."""
        published = pairs_s(self.video.times_s(), self.audio.times_s())
        flashes = [flash for flash in replay.flashes() if from_s <= flash < until_s]
        found = []
        for flash, beep in pairs_s(flashes, replay.beeps()):
            at_s = replay.wall_s() + beep
            source = min(published, key=lambda one: abs(one[1] - at_s))
            if abs(source[1] - at_s) < 0.5:
                found.append(((beep - flash) - (source[1] - source[0])) * 1000)
        return found

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    is_white = frame.to_ndarray(format="gray").mean() > 200
                    self.video.take(np.array([is_white]), frame.pts or 0)
                elif isinstance(frame, av.AudioFrame):
                    samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
                    self.audio.take(np.abs(samples) > 3277, frame.pts or 0)
                self._progress.set()
        except MediaStreamError:
            return


@asynccontextmanager
async def witness(page: Page, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Witness]:
    """A witness of what the page's `pc` publishes.

    aiortc keeps sender reports to itself and counts timestamps from each track's first: the reports are
    overheard, the timestamps left as they came.
    """
    seen = Witness()
    handle = RTCRtpReceiver._handle_rtcp_packet

    async def overhear(receiver: RTCRtpReceiver, packet: AnyRtcpPacket) -> None:
        seen.hear_report(receiver.track.kind, packet)
        await handle(receiver, packet)

    monkeypatch.setattr(RTCRtpReceiver, "_handle_rtcp_packet", overhear)
    monkeypatch.setattr(TimestampMapper, "map", lambda _, timestamp: timestamp)
    connection = new_connection()
    connection.on("track", seen.watch)
    try:
        offer = await page.evaluate("offer_beside()")
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        await page.evaluate("sdp => accept_beside(sdp)", connection.localDescription.sdp)
        yield seen
    finally:
        await connection.close()
        await seen.close()
