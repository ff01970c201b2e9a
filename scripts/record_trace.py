"""Records a packet trace for load_tests: Chromium teaches at 720p30 and 1.5 Mbit/s, the server's tap listens.

python -m scripts.record_trace load_tests/traces/chromium_vp8_720p30.csv
"""

from __future__ import annotations

import argparse
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from load_tests.run import free_server
from load_tests.trace import PacketKind, TracePacket, rates, serialize_trace
from streaming.rtp.packet import RtpPacket, parse_packet
from tests.e2e.browser import chromium, make_camera_files, open_page

WARMUP_S = 12
PUBLISH = """async ({url, token, bps}) => {
    const constraints = {audio: true, video: {width: 1280, height: 720, frameRate: 30}};
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    const pc = window.pc = new RTCPeerConnection();
    const codecs = RTCRtpSender.getCapabilities("video").codecs;
    for (const track of stream.getTracks()) {
        const isVideo = track.kind === "video";
        const encodings = isVideo ? [{maxBitrate: bps, maxFramerate: 30}] : undefined;
        const shape = {direction: "sendonly", streams: [stream], sendEncodings: encodings};
        const sender = pc.addTransceiver(track, shape);
        if (isVideo) {
            const wanted = ["video/VP8", "video/rtx"];
            sender.setCodecPreferences(codecs.filter(one => wanted.includes(one.mimeType)));
            const parameters = sender.sender.getParameters();
            parameters.degradationPreference = "maintain-resolution";
            await sender.sender.setParameters(parameters).catch(() => {});
        }
    }
    await pc.setLocalDescription(await pc.createOffer());
    const headers = {"Content-Type": "application/sdp", Authorization: "Bearer " + token};
    const answer = await fetch(url, {method: "POST", headers, body: pc.localDescription.sdp});
    await pc.setRemoteDescription({type: "answer", sdp: await answer.text()});
}"""
SENT = """async () => [...(await window.pc.getStats()).values()].filter(one => one.type === "outbound-rtp")
    .map(one => [one.kind, one.frameWidth, one.frameHeight, one.framesPerSecond, one.bytesSent].join(" "))"""


def log_packets(data: bytes) -> Iterator[tuple[int, RtpPacket]]:
    """(arrival in ns, packet) of each RTP record of a recording log (docs/recording.md)."""
    at = 16 + struct.unpack_from(">I", data, 8)[0]
    while at + 24 <= len(data):
        length, kind, arrival_ns = struct.unpack_from(">4xI4xB3xQ", data, at)
        packet = parse_packet(data[at + 24 : at + 24 + length]) if kind == 1 else None
        if packet is not None:
            yield arrival_ns, packet
        at += 24 + length


def is_keyframe_start(payload: bytes) -> bool:
    """The first packet of a VP8 keyframe (RFC 7741 4.2, 4.3)."""
    at = 1
    if payload[0] & 0x80:
        flags = payload[1]
        at += 1
        if flags & 0x80:
            at += 2 if payload[at] & 0x80 else 1
        at += bool(flags & 0x40) + bool(flags & 0x30)
    return bool(payload[0] & 0x10) and not payload[0] & 0x07 and at < len(payload) and not payload[at] & 1


def video_kinds(packets: list[tuple[int, RtpPacket]]) -> Iterator[tuple[int, PacketKind, RtpPacket]]:
    """Each packet with its frame's kind."""
    keyframes = {packet.timestamp for _, packet in packets if is_keyframe_start(packet.payload)}
    for arrival_ns, packet in packets:
        kind = PacketKind.KEYFRAME if packet.timestamp in keyframes else PacketKind.DELTA
        yield arrival_ns, kind, packet


def to_trace(voice: Path, video: Path, seconds: int) -> list[TracePacket]:
    """`seconds` of both logs, from the first whole frame after warm-up on."""
    pictures = list(log_packets(video.read_bytes()))
    begin_ns = pictures[0][0] + WARMUP_S * 1_000_000_000
    first = next(i for i, (at, _) in enumerate(pictures) if at >= begin_ns and pictures[i - 1][1].marker)
    begin_ns = pictures[first][0]
    everything = [
        *video_kinds(pictures[first:]),
        *((at, PacketKind.VOICE, packet) for at, packet in log_packets(voice.read_bytes())),
    ]
    return [
        TracePacket(
            (at - begin_ns) // 1000,
            kind,
            len(packet.payload),
            packet.marker and kind is not PacketKind.VOICE,
        )
        for at, kind, packet in sorted(everything, key=lambda each: each[0])
        if 0 <= at - begin_ns < seconds * 1_000_000_000
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Records a packet trace from Chromium.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--command", default=None, help="the tandem program")
    parser.add_argument("--seconds", type=int, default=45)
    parser.add_argument("--bps", type=int, default=1_500_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-trace-") as name:
        folder = Path(name)
        camera = make_camera_files(folder)
        with free_server(folder / "data", arguments.command) as server, chromium(camera) as browser:
            lesson = server.tandem("lesson", "create", "--title=Trace", "--record=master_only")
            server.tandem("lesson", "start", lesson)
            token = server.tandem("token", f"--lesson={lesson}", "--role=master", "--name=Master")
            page = open_page(browser, f"{server.url}/metrics")
            page.evaluate(
                PUBLISH, {"url": f"{server.url}/whip/{lesson}", "token": token, "bps": arguments.bps}
            )
            time.sleep(WARMUP_S + arguments.seconds + 5)
            print(page.evaluate(SENT), browser.version)
            version = browser.version
        logs = sorted((folder / "data").rglob("*.rtplog"), key=lambda path: path.stat().st_size)
        packets = to_trace(logs[0], logs[-1], arguments.seconds)
    comments = [
        f"Chromium {version}, VP8 1280x720, voice Opus; as it came to the server",
        str(rates(packets)),
    ]
    arguments.out.write_text(serialize_trace(packets, comments), encoding="ascii")
    print(comments[1], arguments.out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
