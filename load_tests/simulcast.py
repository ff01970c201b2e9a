"""A teacher with two encodings whose upper one comes and goes: forced layer switches, seen by its viewers.

Every frame is one VP8 keyframe packet whose last byte names its encoding, so that each turn of the upper one
is a switch for every viewer.
"""

from __future__ import annotations

import contextlib
import secrets
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from load_tests.keys import KEY_BYTES, SessionKeys
from load_tests.offer import MID_URI, VIDEO_PAYLOAD_TYPE, LocalEnd, make_offer
from load_tests.participant import Participant, connect, keep_consent
from load_tests.server_process import LessonLinks, ServerProcess

RID_URI = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
RID_EXTENSION = 6
LOWER, UPPER = b"l", b"h"
ENCODINGS = (LOWER, UPPER)
FRAME_S = 1 / 30
FRAME_TICKS = 3000
PHASE_S = 4.0  # the server takes an encoding for dead after 1.5 s of silence
CONSENT_S = 5.0
DATAGRAM_BYTES = 2048
RTP_HEADER_BYTES = 12
VP8_KEYFRAME = bytes.fromhex("90 80 0001 10 0000 9d012a 8002 6801")  # descriptor with a picture id; 640 x 360
PICTURE_ID_OFFSET = 2


def simulcast_offer(end: LocalEnd) -> str:
    """A publisher's offer with two rids instead of a picture SSRC."""
    voice, picture = make_offer(end, publishes=True).split("m=video")
    kept = [line for line in picture.split("\r\n") if line and not line.startswith("a=ssrc:")]
    rids = [f"a=rid:{rid.decode()} send" for rid in ENCODINGS]
    extension = f"a=extmap:{RID_EXTENSION} {RID_URI}"
    return "\r\n".join([f"{voice}m=video{kept[0]}", *kept[1:], extension, *rids, "a=simulcast:send l;h", ""])


def nonce_of(salt: bytes, ssrc: int, number: int) -> bytes:
    """RFC 7714 8.1; `number` is the extended sequence number."""
    block = struct.pack("!HIIH", 0, ssrc, number >> 16, number & 0xFFFF)
    return bytes(one ^ other for one, other in zip(salt, block, strict=True))


def seal(keys: SessionKeys, header: bytes, ssrc: int, number: int, payload: bytes) -> bytes:
    """AEAD_AES_128_GCM."""
    nonce = nonce_of(keys.rtp[KEY_BYTES:], ssrc, number)
    return header + AESGCM(keys.rtp[:KEY_BYTES]).encrypt(nonce, payload, header)


def encoding_of(keys: SessionKeys, datagram: bytes) -> bytes | None:
    """Which encoding a received picture packet is of; None when it is none, or not authentic."""
    if len(datagram) < RTP_HEADER_BYTES + 4 or datagram[1] & 0x7F != VIDEO_PAYLOAD_TYPE:
        return None
    number, _, ssrc = struct.unpack_from("!HII", datagram, 2)
    header_bytes = RTP_HEADER_BYTES
    if datagram[0] & 0x10:
        header_bytes += 4 + 4 * int(struct.unpack_from("!H", datagram, RTP_HEADER_BYTES + 2)[0])
    header, sealed = datagram[:header_bytes], datagram[header_bytes:]
    try:
        plain = AESGCM(keys.rtp[:KEY_BYTES]).decrypt(
            nonce_of(keys.rtp[KEY_BYTES:], ssrc, number), sealed, header
        )
    except InvalidTag:
        return None  # also behind the first wrap of its numbers, which is one sample of thousands
    plain = plain[: len(plain) - plain[-1]] if datagram[0] & 0x20 else plain
    return plain[-1:] if plain[-1:] in ENCODINGS else None


@dataclass(slots=True)
class Encoding:
    """One of the teacher's."""

    rid: bytes
    ssrc: int = field(default_factory=lambda: secrets.randbits(31) | 1)
    number: int = 1
    picture_id: int = 0

    def packet(self, keys: SessionKeys, mid_extension: int, timestamp: int) -> bytes:
        """The next frame."""
        header = struct.pack(
            "!BBHII", 0x90, 0x80 | VIDEO_PAYLOAD_TYPE, self.number & 0xFFFF, timestamp & 0xFFFFFFFF, self.ssrc
        )
        extension = struct.pack("!HHB", 0xBEDE, 1, mid_extension << 4) + b"1"
        extension += bytes([RID_EXTENSION << 4]) + self.rid
        descriptor = bytearray(VP8_KEYFRAME)
        struct.pack_into("!H", descriptor, PICTURE_ID_OFFSET, 0x8000 | self.picture_id & 0x7FFF)
        sealed = seal(
            keys, header + extension, self.ssrc, self.number, bytes(descriptor) + bytes(200) + self.rid
        )
        self.number += 1
        self.picture_id += 1
        return sealed


@dataclass(slots=True)
class Simulcast:
    """A lesson of its own on the same server."""

    teacher: Participant
    viewers: Sequence[Participant]
    switches: int = 0
    frames: int = 0
    _encodings: tuple[Encoding, ...] = field(default_factory=lambda: tuple(map(Encoding, ENCODINGS)))

    def go_on(self, done: threading.Event) -> None:
        """Publishes in real time until `done`; the first viewer's switches are counted."""
        mid_extension = self.teacher.remote.extensions[MID_URI]
        started = time.monotonic()
        next_check_s, shown = 0.0, b""
        for frame in range(1 << 40):
            if done.wait(max(0.0, started + frame * FRAME_S - time.monotonic())):
                return
            now_s = frame * FRAME_S
            is_upper_on = int(now_s / PHASE_S) % 2 == 0
            for encoding in self._encodings:
                if is_upper_on or encoding.rid == LOWER:
                    packet = encoding.packet(self.teacher.send_keys, mid_extension, frame * FRAME_TICKS)
                    self.teacher.socket.send(packet)
            if now_s >= next_check_s:
                keep_consent([self.teacher, *self.viewers])
                next_check_s = now_s + CONSENT_S
            shown = self._look(shown)

    def _look(self, shown: bytes) -> bytes:
        for number, viewer in enumerate(self.viewers):
            with contextlib.suppress(BlockingIOError):
                while True:
                    datagram = viewer.socket.recv(DATAGRAM_BYTES)
                    found = encoding_of(viewer.receive_keys, datagram) if number == 0 else None
                    if found is not None:
                        self.frames += 1
                        self.switches += shown not in (b"", found)
                        shown = found
        return shown


def connect_simulcast(
    server: ServerProcess, client: httpx.Client, links: LessonLinks, viewers: int
) -> Simulcast:
    """Teacher and viewers of `links`' lesson."""

    def join(path: str, token: str, offer: str) -> str:
        return server.post_offer(client, path, token, offer)

    teacher = connect(
        lambda offer: join(f"/whip/{links.lesson}", links.master, offer),
        publishes=True,
        offer_of=simulcast_offer,
    )
    watching = [
        connect(lambda offer: join(f"/whep/{links.lesson}", links.classroom, offer), publishes=False)
        for _ in range(viewers)
    ]
    for viewer in watching:
        viewer.socket.setblocking(False)
    return Simulcast(teacher, watching)
