"""Publishers that are no browsers, against the media server alone: FFmpeg's WHIP muxer, GStreamer.

A small WHIP endpoint carries their offers to the server; an aiortc subscriber reads the pictures.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from streaming.identifiers import PeerId
from streaming.session.media import Codec, PeerConnected, Publication
from streaming.transport.certificate import generate_certificate
from tests.streaming.aiortc_peers import ascending_share
from tests.streaming.media_stage import ALL, Stage, run, until

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
FFMPEG_SCRIPT = Path(__file__).with_name("ffmpeg_whip.py")
GSTREAMER_SCRIPT = Path(__file__).with_name("gstreamer_whip.py")
SYSTEM_PYTHON = "/usr/bin/python3"  # GStreamer's bindings belong to the system


async def read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """By length, or in chunks as FFmpeg sends it."""
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    return body


@dataclass
class Endpoint:
    """WHIP in forty lines: POST opens a publisher, DELETE closes it."""

    at: Stage
    url: str = ""
    opened: asyncio.Queue[tuple[PeerId, tuple[Publication, ...]]] = field(default_factory=asyncio.Queue)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        request, *lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = (await read_body(reader, headers)).decode()
        if request.startswith("POST"):
            peer, answer, publications = await self.at.server.open_publisher(
                body, sources=None, allowed=ALL, stream_name="teacher"
            )
            await self.opened.put((peer, publications))
            status, extra = "201 Created", f"Location: /whip/{peer}\r\nContent-Type: application/sdp\r\n"
        else:
            await self.at.server.close_peer(PeerId(request.split()[1].rpartition("/")[2]), "deleted")
            answer, status, extra = "", "200 OK", ""
        extra += f"Content-Length: {len(answer)}\r\nConnection: close\r\n"
        writer.write(f"HTTP/1.1 {status}\r\n{extra}\r\n{answer}".encode())
        await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def whip_endpoint(at: Stage) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint(at)
    server = await asyncio.start_server(endpoint.handle, "127.0.0.1", 0)
    endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/whip"
    async with server:
        yield endpoint


def write_certificate(folder: Path) -> tuple[str, str]:
    """A P-256 certificate and its key, as files: FFmpeg's own default is refused by browsers and by us."""
    certificate = generate_certificate()
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(certificate.x509.public_bytes(Encoding.PEM))
    key_file.write_bytes(
        certificate.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    return str(cert_file), str(key_file)


@contextlib.asynccontextmanager
async def child(*command: str) -> AsyncIterator[None]:
    """A process that publishes; ended and reaped at the end."""
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."})
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        async with asyncio.timeout(20):
            await process.wait()


def test_ffmpegs_whip_muxer_is_seen_and_heard(tmp_path: Path) -> None:
    """It offers setup:passive, so we are its DTLS client, and names no mid in its packets."""

    async def scenario(at: Stage) -> None:
        async with whip_endpoint(at) as endpoint:
            files = write_certificate(tmp_path)
            async with child(sys.executable, str(FFMPEG_SCRIPT), endpoint.url, *files):
                async with asyncio.timeout(30):
                    peer, publications = await endpoint.opened.get()
                assert {publication.codec for publication in publications} == {Codec.OPUS, Codec.H264}
                for publication in publications:
                    await at.until_live(publication)
                assert any(isinstance(e, PeerConnected) and e.peer == peer for e in at.events)
                _, receiver, _ = await at.subscribe(*publications)
                shown = await receiver.until_decoded("video", 30, timeout_s=30)
                assert ascending_share(shown.numbers) > 0.95
                assert (await receiver.until_decoded("audio", 50)).loudest > 2000
            assert await at.until_closed(peer) in ("deleted", "peer_left")

    run(scenario)


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_gstreamers_webrtcbin_is_seen_and_heard(codec: str) -> None:
    """Its certificate is RSA, its SRTP profile AES_CM, its packets up to 1,400 bytes."""

    async def scenario(at: Stage) -> None:
        async with (
            whip_endpoint(at) as endpoint,
            child(SYSTEM_PYTHON, str(GSTREAMER_SCRIPT), endpoint.url, codec),
        ):
            async with asyncio.timeout(30):
                _, publications = await endpoint.opened.get()
            assert {publication.codec for publication in publications} == {Codec.OPUS, Codec(codec)}
            for publication in publications:
                await at.until_live(publication)
            _, receiver, _ = await at.subscribe(*publications)
            shown = await receiver.until_decoded("video", 1, timeout_s=30)
            assert (await receiver.until_decoded("audio", 50)).loudest > 2000
            frames = shown.frames
            await until(lambda: shown.frames >= frames + 30, 20)

    run(scenario)
