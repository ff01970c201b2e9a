"""A publisher for the recording tests: real media encoded by PyAV, cut into RTP, on a clock of its own.

A flash (a white picture of 100 ms) and a beep (1 kHz of 100 ms) begin together at every full second of
media time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from recording.manifest import (
    LessonEnded,
    LessonStarted,
    ManifestEntry,
    ResourceKind,
    ResourceOpened,
    SourceStarted,
    SourceStopped,
    serialize_entry,
)
from recording.rtplog import LogHeader, Record, RecordKind, serialize_header, serialize_record
from recording.store import Layout
from streaming.rtp.packet import RtpPacket, serialize_packet
from streaming.rtp.rtcp import SenderReport, serialize_sender_report

SECOND = 1_000_000_000
START_MS = 1_767_225_600_000
BOOT_NS = 500 * SECOND
PAYLOAD_BYTES = 1100
FLASH_S = 0.1


@dataclass(frozen=True, slots=True)
class Coded:
    """One coded picture or voice frame at a time of the publisher's media clock."""

    at_s: float
    data: bytes


def picture_at(at_s: float, width: int, height: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """A moving pattern with detail in YUV 4:2:0, white during a flash."""
    ground, columns = _pattern(width, height)
    picture = np.full((height + height // 2, width), 128, np.uint8)
    if at_s % 1 < FLASH_S - 1e-6 and at_s >= 0.999:
        picture[:height] = 235
    else:
        np.add(ground, ((columns + int(at_s * 60)) % 64).astype(np.uint8), out=picture[:height])
    return picture


@lru_cache(maxsize=8)
def _pattern(width: int, height: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """What does not move, and the number of each column."""
    rows, columns = np.ogrid[0:height, 0:width]
    return ((columns // 8 + rows // 8) % 2 * 60 + 40).astype(np.uint8), columns


_ENCODERS: dict[str, tuple[str, dict[str, str]]] = {
    "H264": ("libx264", {"preset": "ultrafast", "tune": "zerolatency", "bf": "0", "profile": "baseline"}),
    "VP8": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "b": "800k"}),
    "VP9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "b": "800k"}),
    "AV1": ("libsvtav1", {"preset": "11", "crf": "40", "svtav1-params": "pred-struct=1:rtc=1"}),
}


@lru_cache(maxsize=16)
def encode_video(
    codec: str,
    seconds: float,
    *,
    width: int = 320,
    height: int = 180,
    fps: int = 30,
    keyframe_s: float = 2.0,
    start_s: float = 0.0,
    pixel_format: str = "yuv420p",
    b_pictures: int = 0,
) -> tuple[Coded, ...]:
    """Coded pictures with a keyframe each `keyframe_s`, in the order of decoding."""
    name, options = _ENCODERS[codec]
    context = av.CodecContext.create(name, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, 90_000), Fraction(fps, 1)
    context.options = {**options, "g": str(round(fps * keyframe_s)), "threads": "1"}
    if b_pictures or pixel_format != "yuv420p":
        context.pix_fmt = pixel_format
        context.options = {**context.options, "tune": "psnr", "profile": "high444", "bf": str(b_pictures)}
    packets: list[av.Packet[Any]] = []
    for index in range(round(seconds * fps)):
        frame = av.VideoFrame.from_ndarray(picture_at(start_s + index / fps, width, height), "yuv420p")
        frame = frame.reformat(format=pixel_format)
        frame.pts, frame.time_base = round(index * 90_000 / fps), Fraction(1, 90_000)
        packets += context.encode(frame)
    packets += context.encode(None)
    # SVT-AV1, run as root, makes its caller a real-time thread, before which nothing else gets a processor.
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return tuple(Coded(start_s + (packet.pts or 0) / 90_000, bytes(packet)) for packet in packets)


@lru_cache(maxsize=16)
def encode_voice(seconds: float, *, start_s: float = 0.0, packet_ms: int = 20) -> tuple[Coded, ...]:
    """Opus packets: quiet noise and the beeps."""
    context = av.CodecContext.create("libopus", "w")
    assert isinstance(context, AudioCodecContext)
    context.sample_rate, context.layout, context.format, context.bit_rate = 48_000, "stereo", "flt", 48_000
    context.options = {"frame_duration": str(packet_ms)}
    length = packet_ms * 48
    times = start_s + np.arange(round(seconds * 48_000)) / 48_000
    is_beep = (times % 1 < FLASH_S - 1e-6) & (times >= 0.999)
    samples = np.where(is_beep, 0.5 * np.sin(2 * math.pi * 1000 * times), 0).astype(np.float32)
    packets: list[av.Packet[Any]] = []
    for index in range(len(samples) // length):
        block = np.repeat(samples[index * length : (index + 1) * length], 2)[None]
        frame = av.AudioFrame.from_ndarray(block, "flt", "stereo")
        frame.sample_rate, frame.pts = 48_000, index * length
        packets += context.encode(frame)
    return tuple(
        Coded(start_s + index * packet_ms / 1000, bytes(packet)) for index, packet in enumerate(packets)
    )


def payloads_of(codec: str, data: bytes) -> list[bytes]:
    """One coded picture or voice frame as RTP payloads."""
    match codec:
        case "opus":
            return [data]
        case "H264":
            return [
                piece
                for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]
                for piece in _nal(unit)
            ]
        case "VP8":
            parts = _split(data)
            return [bytes([0x10 if index == 0 else 0]) + part for index, part in enumerate(parts)]
        case "VP9":
            is_inter = 0x40 if data[0] & 0x04 else 0
            parts = _split(data)
            return [
                bytes([is_inter | (0x08 if index == 0 else 0) | (0x04 if index == len(parts) - 1 else 0)])
                + part
                for index, part in enumerate(parts)
            ]
        case _:
            return _av1(data)


def _split(data: bytes) -> list[bytes]:
    return [data[offset : offset + PAYLOAD_BYTES] for offset in range(0, len(data), PAYLOAD_BYTES)]


def _nal(unit: bytes) -> Iterator[bytes]:
    if len(unit) <= PAYLOAD_BYTES:
        yield unit
        return
    parts = _split(unit[1:])
    for index, part in enumerate(parts):
        flags = (0x80 if index == 0 else 0) | (0x40 if index == len(parts) - 1 else 0)
        yield bytes([unit[0] & 0xE0 | 28, flags | unit[0] & 0x1F]) + part


def _av1(data: bytes) -> list[bytes]:
    units: list[bytes] = []
    offset = 0
    while offset < len(data):
        head = data[offset]
        offset += 2 if head & 4 else 1
        size = shift = 0
        while True:
            size |= (data[offset] & 0x7F) << shift
            shift += 7
            offset += 1
            if not data[offset - 1] & 0x80:
                break
        if head >> 3 & 15 != 2:
            units.append(bytes([head & 0xFD]) + data[offset : offset + size])
        offset += size
    is_key = any(unit[0] >> 3 & 15 == 1 for unit in units)
    found: list[bytes] = []
    for unit in units:
        parts = _split(unit)
        for index, part in enumerate(parts):
            flags = (0x80 if index else 0) | (0x40 if index < len(parts) - 1 else 0) | 0x10
            found.append(bytes([flags | (0x08 if is_key and not found else 0)]) + part)
    return found


@dataclass(slots=True)
class Publisher:
    """Makes the records of one source. Counters start near their wrap; the NTP clock is years away from
    ours.
    """

    codec: str
    clock_rate_hz: int
    ssrc: int = 0x1234
    sequence_number: int = 65_500
    first_timestamp: int = (1 << 32) - 40_000
    ntp_offset_s: float = 1e8
    delay_s: float = 0.02
    clock_ratio: float = 1.0
    records: list[Record] = field(default_factory=list)

    def send(self, coded: tuple[Coded, ...], *, lesson_at_s: float = 0.0) -> None:
        """Send media whose media time 0 is `lesson_at_s` of the lesson; arrival is `delay_s` later."""
        for item in coded:
            timestamp = (
                self.first_timestamp + round(item.at_s * self.clock_rate_hz * self.clock_ratio)
            ) & 0xFFFFFFFF
            payloads = payloads_of(self.codec, item.data)
            for index, payload in enumerate(payloads):
                packet = RtpPacket(
                    96,
                    self.sequence_number & 0xFFFF,
                    timestamp,
                    self.ssrc,
                    payload,
                    index == len(payloads) - 1,
                )
                self.sequence_number += 1
                arrival = BOOT_NS + round((lesson_at_s + item.at_s + self.delay_s) * SECOND) + index * 50_000
                self.records.append(Record(RecordKind.RTP, arrival, serialize_packet(packet)))

    def report(self, media_s: float, *, lesson_at_s: float = 0.0, skew_s: float = 0.0) -> None:
        """A sender report for a moment of media time. skew_s: how far the NTP clock says it is later."""
        ntp = round((lesson_at_s + media_s + self.ntp_offset_s + skew_s) * (1 << 32))
        timestamp = (
            self.first_timestamp + round(media_s * self.clock_rate_hz * self.clock_ratio)
        ) & 0xFFFFFFFF
        report = SenderReport(self.ssrc, ntp, timestamp, 0, 0)
        arrival = BOOT_NS + round((lesson_at_s + media_s + self.delay_s) * SECOND)
        self.records.append(Record(RecordKind.SENDER_REPORT, arrival, serialize_sender_report(report)))


@dataclass(slots=True)
class LessonFiles:
    """Writes a lesson's recording as the recorder would, on a synthetic clock: lesson second 0 is
    START_MS.
    """

    data_dir: Path
    lesson: str = "les_test"
    count: int = 0

    @property
    def layout(self) -> Layout:
        return Layout(self.data_dir)

    def tell(self, *entries: ManifestEntry) -> None:
        path = self.layout.manifest(self.lesson)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(b"".join(map(serialize_entry, entries)))

    def start(self) -> None:
        started = LessonStarted(self.lesson, "stage", START_MS, BOOT_NS, "boot")
        self.tell(started, ResourceOpened("res_teacher", ResourceKind.TEACHER, ""))

    def add(
        self,
        publisher: Publisher,
        *,
        peer: str = "peer_1",
        at_s: float = 0.0,
        until_s: float | None = None,
        resource: str = "res_teacher",
        damage: Callable[[bytes], bytes] = bytes,
    ) -> Path:
        """Write the log of a publisher; sealed at `until_s`, or left open."""
        self.count += 1
        publication = f"pub_{self.count}"
        kind = "audio" if publisher.codec == "opus" else "video"
        source = "microphone" if kind == "audio" else "camera"
        log = f"seat_1/{publication}.rtplog"
        header = LogHeader(
            self.lesson,
            "seat_1",
            publication,
            peer,
            kind,
            source,
            publisher.codec,
            publisher.clock_rate_hz,
            2,
            "",
            BOOT_NS,
            START_MS,
            1,
        )
        path = self.layout.lesson(self.lesson) / log
        path.parent.mkdir(parents=True, exist_ok=True)
        records = sorted(publisher.records, key=lambda record: record.arrival_ns)
        if until_s is not None:
            records.append(Record(RecordKind.CLOCK, BOOT_NS + round(until_s * SECOND), b""))
        path.write_bytes(serialize_header(header) + damage(b"".join(map(serialize_record, records))))
        self.tell(
            SourceStarted(
                publication,
                "seat_1",
                "master",
                resource,
                log,
                START_MS + round(at_s * 1000),
                peer,
                kind,
                source,
                publisher.codec,
                publisher.clock_rate_hz,
                2,
                "",
            )
        )
        if until_s is not None:
            self.tell(SourceStopped(publication, log, START_MS + round(until_s * 1000)))
        return path

    def end(self, at_s: float) -> None:
        self.tell(LessonEnded(START_MS + round(at_s * 1000)))
