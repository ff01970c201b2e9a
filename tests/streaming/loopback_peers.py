"""A WebRTC endpoint without the handshake, over a real UDP socket.

Checks are aioice's, SRTP is libsrtp's, RTP is aiortc's: none of it shares code with the worker under test.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pylibsrtp
from aioice import stun
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import AnyRtcpPacket, HeaderExtensions, HeaderExtensionsMap, RtcpPacket, RtpPacket

from streaming.dataplane import (
    Event,
    ExtensionKind,
    IceCredentials,
    SrtpKeys,
    SrtpProfile,
    TransportId,
    TransportSpec,
    Worker,
)

E = TypeVar("E", bound=Event)

DEADLINE_S = 5.0
DATAGRAM_BYTES = 4096
KEY_BYTES = {
    SrtpProfile.AEAD_AES_128_GCM: 28,
    SrtpProfile.AEAD_AES_256_GCM: 44,
    SrtpProfile.AES_CM_128_HMAC_SHA1_80: 30,
}
LIBSRTP_PROFILE = {
    SrtpProfile.AEAD_AES_128_GCM: pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    SrtpProfile.AEAD_AES_256_GCM: pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    SrtpProfile.AES_CM_128_HMAC_SHA1_80: pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}
EXTENSIONS = {
    ExtensionKind.MID: 1,
    ExtensionKind.RID: 2,
    ExtensionKind.REPAIRED_RID: 3,
    ExtensionKind.AUDIO_LEVEL: 4,
    ExtensionKind.ABS_SEND_TIME: 5,
    ExtensionKind.TRANSPORT_CC: 6,
}


URIS = {
    ExtensionKind.MID: "urn:ietf:params:rtp-hdrext:sdes:mid",
    ExtensionKind.RID: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    ExtensionKind.REPAIRED_RID: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    ExtensionKind.AUDIO_LEVEL: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    ExtensionKind.ABS_SEND_TIME: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    ExtensionKind.TRANSPORT_CC: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
}


def extension_map(ids: dict[ExtensionKind, int]) -> HeaderExtensionsMap:
    """aiortc's view of the same header extension ids."""
    parameters = RTCRtpParameters(
        headerExtensions=[RTCRtpHeaderExtensionParameters(id=ids[kind], uri=URIS[kind]) for kind in ids]
    )
    extensions = HeaderExtensionsMap()
    extensions.configure(parameters)
    return extensions


@dataclass
class LoopbackPeer:
    """One remote side. `rtp`, `rtcp`, `stun`, `dtls`: what has arrived so far, opened."""

    worker: Worker
    transport: TransportId
    profile: SrtpProfile = SrtpProfile.AEAD_AES_128_GCM
    ids: dict[ExtensionKind, int] = field(default_factory=lambda: dict(EXTENSIONS))
    bind: str = "127.0.0.1"

    def __post_init__(self) -> None:
        family = socket.AF_INET6 if ":" in self.bind else socket.AF_INET
        self.server = next(a for a in self.worker.addresses() if (":" in a[0]) == (":" in self.bind))
        self.local_ufrag = os.urandom(4).hex()
        self.local_pwd = os.urandom(12).hex()
        self.remote_ufrag = os.urandom(4).hex()
        size = KEY_BYTES[self.profile]
        self.keys = SrtpKeys(self.profile, local=os.urandom(size), remote=os.urandom(size))
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((self.bind, 0))
        self.map = extension_map(self.ids)
        self.rtp: list[RtpPacket] = []
        self.raw_rtp: list[bytes] = []
        self.rtcp: list[AnyRtcpPacket] = []
        self.stun: list[stun.Message] = []
        self.dtls: list[bytes] = []
        self.reset_srtp()

    def reset_srtp(self) -> None:
        """Fresh libsrtp contexts for the present keys."""
        profile = LIBSRTP_PROFILE[self.profile]
        self._outbound = pylibsrtp.Session(
            pylibsrtp.Policy(
                key=self.keys.remote, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile
            )
        )
        inbound = pylibsrtp.Policy(
            key=self.keys.local, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=profile
        )
        inbound.window_size = 1024
        self._inbound = pylibsrtp.Session(inbound)

    def spec(self, *, transport_cc: bool = False, keys: bool = True) -> TransportSpec:
        """What the control plane would set for this peer."""
        return TransportSpec(
            credentials=(IceCredentials(self.local_ufrag, self.local_pwd, self.remote_ufrag),),
            srtp=self.keys if keys else None,
            extensions=self.ids,
            cname="server",
            transport_cc=transport_cc,
        )

    def check_message(self, *, nominate: bool = True, pwd: str | None = None) -> bytes:
        """A connectivity check as a controlling agent sends it."""
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{self.local_ufrag}:{self.remote_ufrag}"
        message.attributes["PRIORITY"] = 1
        message.attributes["ICE-CONTROLLING"] = 7
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((self.local_pwd if pwd is None else pwd).encode())
        return bytes(message)

    def connect(self) -> None:
        """Check, nominate, and wait for the answer."""
        answers = len(self.stun)
        self.send(self.check_message())
        self.receive_until(lambda: len(self.stun) > answers)

    def send(self, datagram: bytes) -> None:
        self.socket.sendto(datagram, self.server)

    def protect(self, packet: RtpPacket) -> bytes:
        return self._outbound.protect(packet.serialize(self.map))

    def send_rtp(self, packet: RtpPacket) -> None:
        self.send(self.protect(packet))

    def send_rtcp(self, *packets: AnyRtcpPacket) -> None:
        self.send(self._outbound.protect_rtcp(b"".join(bytes(packet) for packet in packets)))

    def receive_until(self, condition: Callable[[], bool]) -> None:
        """Read datagrams until `condition` holds; fail after a deadline."""
        end = time.monotonic() + DEADLINE_S
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"nothing more came: {self.worker.counters()}")
            self.socket.settimeout(left)
            try:
                self._sort(self.socket.recv(DATAGRAM_BYTES))
            except TimeoutError:
                continue

    def _sort(self, datagram: bytes) -> None:
        if datagram[0] < 4:
            self.stun.append(stun.parse_message(datagram))
        elif datagram[0] < 64:
            self.dtls.append(datagram)
        elif 192 <= datagram[1] <= 223:
            self.rtcp.extend(RtcpPacket.parse(self._inbound.unprotect_rtcp(datagram)))
        else:
            self.raw_rtp.append(datagram)
            self.rtp.append(RtpPacket.parse(self._inbound.unprotect(datagram), self.map))

    def close(self) -> None:
        self.socket.close()


def rtp_packet(
    *,
    ssrc: int,
    payload_type: int,
    sequence_number: int,
    timestamp: int,
    payload: bytes,
    marker: bool = False,
) -> RtpPacket:
    """An RTP packet without extensions; set `packet.extensions` for more."""
    packet = RtpPacket(
        payload_type=payload_type,
        sequence_number=sequence_number & 0xFFFF,
        timestamp=timestamp & 0xFFFFFFFF,
        ssrc=ssrc,
        payload=payload,
        marker=int(marker),
    )
    packet.extensions = HeaderExtensions()
    return packet


def vp8_payload(picture_id: int, *, keyframe: bool, size: int = 200) -> bytes:
    """A VP8 payload (RFC 7741) that starts a frame, with a 15-bit picture_id and a tl0picidx."""
    descriptor = bytes([0x90, 0xC0, 0x80 | (picture_id >> 8) & 0x7F, picture_id & 0xFF, picture_id & 0xFF])
    return descriptor + bytes([0x10 if keyframe else 0x11]) + bytes(size - 1)


def wait_for_event(worker: Worker, kind: type[E], passed: list[Event] | None = None) -> E:
    """The next event of that kind; others go to `passed`."""
    end = time.monotonic() + DEADLINE_S
    while (left := end - time.monotonic()) > 0:
        readable, _, _ = select.select([worker.fileno()], [], [], left)
        if not readable:
            break
        for event in worker.take_events(1):
            if isinstance(event, kind):
                return event
            if passed is not None:
                passed.append(event)
    raise AssertionError(f"no {kind.__name__} came")


def wait_for_counts(worker: Worker, **counts: int) -> None:
    """Until the counters are these. Media and all else come by two sockets: neither waits for the other."""
    end = time.monotonic() + DEADLINE_S
    while (found := {name: worker.counters()[name] for name in counts}) != counts:
        assert time.monotonic() < end, found
