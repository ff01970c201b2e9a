"""A lesson of one publisher and one subscriber around a real packet worker."""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Iterator
from dataclasses import dataclass

from aiortc.rtp import RtpPacket

from streaming.dataplane import (
    ClockSourceId,
    Format,
    SrtpProfile,
    SubscriptionId,
    SubscriptionSpec,
    TrackCodec,
    TrackId,
    TrackKind,
    TrackSpec,
    TransportId,
    Worker,
)
from tests.streaming.loopback_peers import LoopbackPeer, rtp_packet, vp8_payload

VOICE, PICTURE = TrackId(1), TrackId(2)
VOICE_SSRC, PICTURE_SSRC, PICTURE_RTX_SSRC = 1111, 2222, 2223
OUT_VOICE_SSRC, OUT_PICTURE_SSRC, OUT_RTX_SSRC = 5111, 5222, 5223


@contextlib.contextmanager
def open_worker(workers: int = 1) -> Iterator[Worker]:
    """Packet workers on loopback; in the end every datagram must have had one fate."""
    with contextlib.closing(Worker([("127.0.0.1", 0)], workers=workers)) as opened:
        yield opened
        assert_balanced(opened)


def assert_balanced(worker: Worker) -> None:
    """Every datagram that came in has one fate with a name."""

    def is_balanced() -> bool:
        counters = worker.counters()
        fates = sum(n for name, n in counters.items() if name.startswith(("accepted_", "drop_")))
        return counters["in_datagrams"] == fates

    # What one worker hands to another has its fate a moment later.
    deadline_s = time.monotonic() + 2
    while not is_balanced() and time.monotonic() < deadline_s:
        select.select([], [], [], 0.005)
    assert is_balanced()


def voice_spec(transport: TransportId) -> TrackSpec:
    return TrackSpec(
        transport, ClockSourceId(1), TrackKind.AUDIO, TrackCodec.OPUS, 48000, 111, ssrc=VOICE_SSRC, mid="0"
    )


def picture_spec(transport: TransportId, *, forbidden: bool = False) -> TrackSpec:
    return TrackSpec(
        transport,
        ClockSourceId(2),
        TrackKind.VIDEO,
        TrackCodec.VP8,
        90000,
        96,
        rtx_payload_type=97,
        ssrc=PICTURE_SSRC,
        rtx_ssrc=PICTURE_RTX_SSRC,
        mid="1",
        nack=True,
        pli=True,
        forbidden=forbidden,
    )


def picture_subscription(
    transport: TransportId, *, rtx: bool = True, track: TrackId = PICTURE
) -> SubscriptionSpec:
    return SubscriptionSpec(
        transport,
        track,
        TrackKind.VIDEO,
        OUT_PICTURE_SSRC,
        (Format(TrackCodec.VP8, 120, 121 if rtx else None),),
        rtx_ssrc=OUT_RTX_SSRC if rtx else 0,
        mid="v",
        cname="master",
    )


def picture(number: int, *, keyframe: bool = False, ssrc: int = PICTURE_SSRC) -> RtpPacket:
    return rtp_packet(
        ssrc=ssrc,
        payload_type=96,
        sequence_number=number,
        timestamp=number * 3000,
        payload=vp8_payload(number & 0x7FFF, keyframe=keyframe),
        marker=True,
    )


@dataclass
class Lesson:
    """One publisher and one subscriber, connected, with a picture track between them."""

    worker: Worker
    publisher: LoopbackPeer
    subscriber: LoopbackPeer

    def start_picture(self, first: int = 65530) -> None:
        """Send a keyframe and wait until it has arrived."""
        self.publisher.send_rtp(picture(first, keyframe=True))
        self.subscriber.receive_until(lambda: len(self.subscriber.rtp) > 0)


@contextlib.contextmanager
def open_lesson(
    worker: Worker,
    *,
    profile: SrtpProfile = SrtpProfile.AEAD_AES_128_GCM,
    rtx: bool = True,
) -> Iterator[Lesson]:
    publisher = LoopbackPeer(worker, TransportId(1), profile)
    subscriber = LoopbackPeer(worker, TransportId(2), profile)
    try:
        for peer in (publisher, subscriber):
            worker.set_transport(peer.transport, peer.spec(transport_cc=True))
            peer.connect()
        worker.set_track(PICTURE, picture_spec(publisher.transport))
        worker.set_subscription(SubscriptionId(2), picture_subscription(subscriber.transport, rtx=rtx))
        yield Lesson(worker, publisher, subscriber)
    finally:
        publisher.close()
        subscriber.close()


def numbers(packets: list[RtpPacket], ssrc: int = OUT_PICTURE_SSRC) -> list[int]:
    return [packet.sequence_number for packet in packets if packet.ssrc == ssrc]
