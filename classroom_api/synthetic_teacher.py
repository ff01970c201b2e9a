"""A teacher made of a file: publishes picture and voice of a short lesson through WHIP, round and round.

The file is sent as it is (H264 and Opus packets, no encoder), so a demo costs next to no CPU.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import httpx
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from av.bitstream import BitStreamFilterContext
from typing_extensions import override

from classroom_api.client import trust_of

LESSON_FILE = Path(__file__).parent / "demo_media" / "lesson.mkv"
_CODEC_OF_KIND = {"audio": "audio/opus", "video": "video/H264"}
_REPOST_AFTER_S = 1.0
_ASK_EVERY_S = 2.0
_ICE_LINES = re.compile(r"^a=ice-(?:ufrag|pwd):\S+", re.MULTILINE)


_VOICE_PACKET_S = 0.02


@dataclass(frozen=True, slots=True)
class Clip:
    """The packets of one stream. `length_s`: the file's, in whole seconds, so that streams loop together."""

    packets: tuple[tuple[float, bytes], ...]
    length_s: float


def load_clip(path: Path, kind: Literal["audio", "video"]) -> Clip:
    """Read a stream: (seconds from the start, payload). H264 comes as Annex B with its parameter sets."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0] if kind == "audio" else container.streams.video[0]
        annex_b = BitStreamFilterContext("h264_mp4toannexb", stream) if kind == "video" else None
        length_s = float((container.duration or 0) // av.time_base)
        packets: list[tuple[float, bytes]] = []
        for packet in container.demux(stream):
            for ready in annex_b.filter(packet) if annex_b is not None else (packet,):
                if ready.pts is not None and ready.size:
                    # Opus packets are all of one length; the first is cut by the encoder's pre-skip.
                    voice_s, picture_s = len(packets) * _VOICE_PACKET_S, float(ready.pts * ready.time_base)
                    at_s = voice_s if kind == "audio" else picture_s
                    packets.append((at_s, bytes(ready)))
    return Clip(tuple(packet for packet in packets if packet[0] < length_s), length_s)


class ClipTrack(MediaStreamTrack):
    """Plays a clip for ever, each packet at its time after `epoch_s` (monotonic seconds, of all tracks)."""

    def __init__(self, kind: Literal["audio", "video"], clip: Clip, epoch_s: float) -> None:
        super().__init__()
        self.kind = kind
        self._clip = clip
        self._epoch_s = epoch_s
        self._next = 0

    @override
    async def recv(self) -> av.Packet[Any]:
        """The next packet, when its time has come (aiortc packs a Packet without encoding it)."""
        lap, index = divmod(self._next, len(self._clip.packets))
        self._next += 1
        within_s, payload = self._clip.packets[index]
        at_s = lap * self._clip.length_s + within_s
        await asyncio.sleep(max(0.0, self._epoch_s + at_s - time.monotonic()))
        packet = av.Packet(payload)
        packet.time_base = Fraction(1, 90_000)
        packet.pts = packet.dts = round(at_s * 90_000)
        return packet


class SyntheticTeacher:
    """Keeps one WHIP publication alive until it is stopped: posts again when the connection is lost."""

    def __init__(
        self, whip_url: str, invitation: str, file: Path = LESSON_FILE, *, certificate: str | None = None
    ) -> None:
        """`certificate`: path of the server's own TLS certificate, if it has one."""
        self._whip_url = whip_url
        self._trust = trust_of(certificate)
        self._headers = {"Authorization": f"Bearer {invitation}", "Content-Type": "application/sdp"}
        self._clips: dict[Literal["audio", "video"], Clip] = {
            "audio": load_clip(file, "audio"),
            "video": load_clip(file, "video"),
        }

    async def run(self) -> None:
        """Publish until cancelled."""
        async with httpx.AsyncClient(verify=self._trust, trust_env=False) as http:
            while True:
                # The server may be away or busy: post again.
                with contextlib.suppress(httpx.HTTPError, OSError):
                    await self._publish_once(http)
                await asyncio.sleep(_REPOST_AFTER_S)

    async def _watch(
        self, http: httpx.AsyncClient, location: str, offer: str, is_over: asyncio.Event
    ) -> None:
        """Until the connection or the server's resource is gone.

        A server that was restarted answers no checks, and ICE notices that only after half a minute; an empty
        trickle (RFC 8840) is answered 404 at once.
        """
        credentials = "".join(f"{line}\r\n" for line in _ICE_LINES.findall(offer)[:2])
        headers = {**self._headers, "Content-Type": "application/trickle-ice-sdpfrag"}
        while not is_over.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ASK_EVERY_S):
                    await is_over.wait()
            answer = await http.patch(location, content=credentials, headers=headers)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return

    async def _publish_once(self, http: httpx.AsyncClient) -> None:
        peer = RTCPeerConnection()
        is_over = asyncio.Event()
        location: str | None = None

        @peer.on("connectionstatechange")
        def _changed() -> None:
            if peer.connectionState in ("failed", "closed"):
                is_over.set()

        try:
            epoch_s = time.monotonic()
            for kind, clip in self._clips.items():
                transceiver = peer.addTransceiver(ClipTrack(kind, clip, epoch_s), direction="sendonly")
                codecs = RTCRtpSender.getCapabilities(kind).codecs
                wanted = [codec for codec in codecs if codec.mimeType == _CODEC_OF_KIND[kind]]
                transceiver.setCodecPreferences(wanted)
            await peer.setLocalDescription(await peer.createOffer())
            answer = await http.post(self._whip_url, content=peer.localDescription.sdp, headers=self._headers)
            answer.raise_for_status()
            location = str(answer.url.join(answer.headers["Location"]))
            await peer.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
            await self._watch(http, location, peer.localDescription.sdp, is_over)
        finally:
            await peer.close()
            if location is not None:
                with contextlib.suppress(httpx.HTTPError):  # a server that is gone has forgotten it too
                    await http.delete(location, headers={"Authorization": self._headers["Authorization"]})
