"""Independent peers for the media server's tests: aiortc, with pictures that say their own number."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import itertools
import math
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from typing_extensions import override

WIDTH, HEIGHT = 320, 240
_BARS = 8
_FRAMES_A_SECOND = 15
_TONE_HZ = 440
_VOICE_HZ = 48_000
_VOICE_SAMPLES = 960


def host_address() -> str:
    """An address of this machine that other peers can reach (aiortc and browsers leave out loopback)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.254", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def draw_number(number: int) -> av.VideoFrame:
    """A picture of eight bars, white for a one: the low byte of `number`, most significant bit left."""
    bits = [255 if number >> (_BARS - 1 - i) & 1 else 0 for i in range(_BARS)]
    row = np.repeat(np.array(bits, dtype=np.uint8), WIDTH // _BARS)
    grey = np.tile(row, (HEIGHT, 1))
    return av.VideoFrame.from_ndarray(np.stack([grey] * 3, axis=-1), format="rgb24")


def read_number(frame: av.VideoFrame) -> int:
    """The number that `draw_number` drew."""
    grey = frame.to_ndarray(format="gray")
    bars = np.array_split(grey[:, : grey.shape[1] // _BARS * _BARS], _BARS, axis=1)
    number = 0
    for bar in bars:
        third = bar.shape[1] // 3
        number = number << 1 | int(bar[:, third : 2 * third].mean() > 127)
    return number


async def until_clock(due_s: float) -> None:
    """Wait for a time of the event loop's clock: what a camera does."""
    loop = asyncio.get_running_loop()
    due = asyncio.Event()
    timer = loop.call_at(due_s, due.set)
    try:
        await due.wait()
    finally:
        timer.cancel()


class NumberedPictures(MediaStreamTrack):
    """Pictures 0, 1, 2 … (modulo 256), fifteen a second."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._start_s = 0.0

    @override
    async def recv(self) -> av.VideoFrame:
        loop = asyncio.get_running_loop()
        self._start_s = self._start_s or loop.time()
        due_s = self._start_s + self._number / _FRAMES_A_SECOND
        await until_clock(due_s)
        frame = draw_number(self._number)
        frame.pts = self._number * 90_000 // _FRAMES_A_SECOND
        frame.time_base = fractions.Fraction(1, 90_000)
        self._number += 1
        return frame


class Tone(MediaStreamTrack):
    """A sine of 440 Hz, in packets of 20 ms; `amplitude`, of 32,768, may change as it sounds."""

    kind = "audio"

    def __init__(self, amplitude: int = 8000) -> None:
        super().__init__()
        self.amplitude = amplitude
        self._sample = 0
        self._start_s = 0.0

    @override
    async def recv(self) -> av.AudioFrame:
        loop = asyncio.get_running_loop()
        self._start_s = self._start_s or loop.time()
        await until_clock(self._start_s + self._sample / _VOICE_HZ)
        phase = 2 * math.pi * _TONE_HZ / _VOICE_HZ * np.arange(self._sample, self._sample + _VOICE_SAMPLES)
        samples = (np.sin(phase) * self.amplitude).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = _VOICE_HZ
        frame.pts = self._sample
        frame.time_base = fractions.Fraction(1, _VOICE_HZ)
        self._sample += _VOICE_SAMPLES
        return frame


def new_connection() -> RTCPeerConnection:
    """A connection that asks no STUN server."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


async def publish_offer(connection: RTCPeerConnection, video_codec: str) -> str:
    """An offer of pictures and a tone, the pictures in one codec."""
    connection.addTrack(Tone())
    connection.addTrack(NumberedPictures())
    (video,) = (t for t in connection.getTransceivers() if t.kind == "video")
    codecs = RTCRtpSender.getCapabilities("video").codecs
    video.setCodecPreferences([c for c in codecs if c.mimeType in (f"video/{video_codec}", "video/rtx")])
    await connection.setLocalDescription(await connection.createOffer())
    return str(connection.localDescription.sdp)


@dataclass
class Received:
    """What came out of one track's decoder."""

    numbers: list[int] = field(default_factory=list)
    loudest: int = 0
    frames: int = 0
    last_picture: av.VideoFrame | None = None

    @property
    def distinct_numbers(self) -> int:
        return len(set(self.numbers))


class Receiver:
    """Decodes every track of a connection; `tracks` fills as they arrive."""

    def __init__(self) -> None:
        self.connection = new_connection()
        self.tracks: list[tuple[str, Received]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._progress = asyncio.Event()
        self.connection.on("track", self._consume)

    def _consume(self, track: MediaStreamTrack) -> None:
        received = Received()
        self.tracks.append((track.kind, received))
        self._tasks.append(asyncio.create_task(self._read(track, received)))

    async def _read(self, track: MediaStreamTrack, received: Received) -> None:
        try:
            while True:
                frame = await track.recv()
                received.frames += 1
                if isinstance(frame, av.VideoFrame):
                    received.numbers.append(read_number(frame))
                    received.last_picture = frame
                elif isinstance(frame, av.AudioFrame):
                    received.loudest = max(received.loudest, int(np.abs(frame.to_ndarray()).max()))
                self._progress.set()
        except MediaStreamError:
            return

    def of_kind(self, kind: str) -> list[Received]:
        return [received for track_kind, received in self.tracks if track_kind == kind]

    async def until_decoded(
        self, kind: str, distinct: int, *, index: int = 0, timeout_s: float = 15
    ) -> Received:
        """Wait until a track of that kind has shown `distinct` different numbers (audio: frames)."""
        async with asyncio.timeout(timeout_s):
            while True:
                found = self.of_kind(kind)
                if len(found) > index:
                    count = found[index].distinct_numbers if kind == "video" else found[index].frames
                    if count >= distinct:
                        return found[index]
                self._progress.clear()
                await self._progress.wait()

    async def until_still(self, received: Received, quiet_s: float = 1) -> None:
        """Wait until no frame of a track has come for `quiet_s`."""
        with contextlib.suppress(TimeoutError):
            while True:
                known = received.frames
                async with asyncio.timeout(quiet_s):
                    while received.frames == known:
                        self._progress.clear()
                        await self._progress.wait()

    async def answer(self, offer: str) -> str:
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return str(self.connection.localDescription.sdp)

    async def view_offer(self) -> str:
        self.connection.addTransceiver("audio", direction="recvonly")
        self.connection.addTransceiver("video", direction="recvonly")
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def close(self) -> None:
        await self.connection.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def ascending_share(numbers: Iterable[int]) -> float:
    """How many of the steps between shown numbers go forward (modulo 256), 0 to 1."""
    shown = list(numbers)
    steps = [(b - a) % 256 for a, b in itertools.pairwise(shown)]
    return sum(step < 128 for step in steps) / max(1, len(steps))
