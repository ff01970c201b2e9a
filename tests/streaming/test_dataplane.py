"""The packet worker over real sockets, against peers that share no code with it (libsrtp, aioice, aiortc's RTP)."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    HeaderExtensions,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    RtpPacket,
    unwrap_rtx,
    wrap_rtx,
)

from streaming.dataplane import (
    AudioLevel,
    ClockSourceId,
    DatagramReceived,
    Event,
    Format,
    KeyframeSeen,
    Nominated,
    SrtpProfile,
    SubscriptionId,
    SubscriptionSpec,
    TrackBound,
    TrackBye,
    TrackCodec,
    TrackId,
    TrackKind,
    TrackSpec,
    TransportId,
    Worker,
)
from tests.streaming.loopback_peers import LoopbackPeer, rtp_packet, vp8_payload, wait_for_event

VOICE, PICTURE = TrackId(1), TrackId(2)
VOICE_SSRC, PICTURE_SSRC, PICTURE_RTX_SSRC = 1111, 2222, 2223
OUT_VOICE_SSRC, OUT_PICTURE_SSRC, OUT_RTX_SSRC = 5111, 5222, 5223
DTLS_RECORD = bytes([22, 254, 253]) + bytes(30)


@pytest.fixture
def worker() -> Iterator[Worker]:
    with contextlib.closing(Worker([("127.0.0.1", 0)])) as opened:
        yield opened
        assert_balanced(opened)


def assert_balanced(worker: Worker) -> None:
    """Every datagram that came in has one fate with a name."""
    counters = worker.counters()
    fates = sum(n for name, n in counters.items() if name.startswith(("accepted_", "drop_")))
    assert counters["in_datagrams"] == fates


def voice_spec(transport: TransportId) -> TrackSpec:
    return TrackSpec(
        transport, ClockSourceId(1), TrackKind.AUDIO, TrackCodec.OPUS, 48000, 111, ssrc=VOICE_SSRC, mid="0"
    )


def picture_spec(transport: TransportId, **changes: object) -> TrackSpec:
    spec = TrackSpec(
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
    )
    return replace(spec, **changes)  # type: ignore[arg-type]


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
    **changes: object,
) -> Iterator[Lesson]:
    publisher = LoopbackPeer(worker, TransportId(1), profile)
    subscriber = LoopbackPeer(worker, TransportId(2), profile)
    try:
        for peer in (publisher, subscriber):
            worker.set_transport(peer.transport, peer.spec(transport_cc=True))
            peer.connect()
        worker.set_track(PICTURE, picture_spec(publisher.transport, **changes))
        worker.set_subscription(SubscriptionId(2), picture_subscription(subscriber.transport, rtx=rtx))
        yield Lesson(worker, publisher, subscriber)
    finally:
        publisher.close()
        subscriber.close()


def numbers(packets: list[RtpPacket], ssrc: int = OUT_PICTURE_SSRC) -> list[int]:
    return [packet.sequence_number for packet in packets if packet.ssrc == ssrc]


def test_check_is_answered_and_nominates(worker: Worker) -> None:
    with contextlib.closing(LoopbackPeer(worker, TransportId(7))) as peer:
        worker.set_transport(peer.transport, peer.spec(keys=False))
        peer.connect()
        assert peer.stun[0].attributes["XOR-MAPPED-ADDRESS"] == peer.socket.getsockname()
        assert peer.stun[0].check_message_integrity(peer.local_pwd.encode())
        assert wait_for_event(worker, Nominated) == Nominated(peer.transport, peer.socket.getsockname())
        assert worker.transport_stats(peer.transport)["validated_addresses"] == 1


def test_ipv6_has_its_own_socket() -> None:
    with contextlib.closing(Worker([("127.0.0.1", 0), ("::1", 0)])) as worker:
        with contextlib.closing(LoopbackPeer(worker, TransportId(7), bind="::1")) as peer:
            worker.set_transport(peer.transport, peer.spec(keys=False))
            peer.connect()
            assert wait_for_event(worker, Nominated).address == ("::1", peer.socket.getsockname()[1])


def test_checklist_25_forged_checks_move_nothing(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        lesson.start_picture()
        with contextlib.closing(LoopbackPeer(worker, TransportId(99))) as stranger:
            stranger.local_ufrag, stranger.remote_ufrag = (
                lesson.subscriber.local_ufrag,
                lesson.subscriber.remote_ufrag,
            )
            stranger.send(stranger.check_message(pwd="a guess"))
            stranger.local_ufrag = "nobody"
            stranger.send(stranger.check_message())
            lesson.publisher.send_rtp(picture(65531))
            lesson.subscriber.receive_until(lambda: len(lesson.subscriber.rtp) == 2)
        counters = worker.counters()
        assert (counters["drop_stun_unauthorized"], counters["drop_stun_unknown_ufrag"]) == (1, 1)


def test_checklist_25_use_candidate_moves_egress_to_a_new_address(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        lesson.start_picture()
        old = lesson.subscriber.socket
        moved = replace_socket(lesson.subscriber)
        lesson.subscriber.send(lesson.subscriber.check_message(nominate=False))
        lesson.subscriber.receive_until(lambda: len(lesson.subscriber.stun) == 2)
        assert worker.transport_stats(lesson.subscriber.transport)["validated_addresses"] == 2
        lesson.subscriber.connect()
        lesson.publisher.send_rtp(picture(65531))
        lesson.subscriber.receive_until(lambda: len(lesson.subscriber.rtp) == 2)
        assert moved != old.getsockname()
        old.close()


def replace_socket(peer: LoopbackPeer) -> tuple[str, int]:
    """The peer goes on from another port (a mobile network, a NAT rebinding)."""
    fresh = LoopbackPeer(peer.worker, peer.transport)
    peer.socket = fresh.socket
    name: tuple[str, int] = fresh.socket.getsockname()
    return name


def test_checklist_25_same_address_with_a_new_ufrag_binds_anew(worker: Worker) -> None:
    first, second = LoopbackPeer(worker, TransportId(1)), LoopbackPeer(worker, TransportId(2))
    second.socket.close()
    second.socket = first.socket
    with contextlib.closing(first):
        for peer in (first, second):
            worker.set_transport(peer.transport, peer.spec(keys=False))
            peer.connect()
        second.send(DTLS_RECORD)
        assert wait_for_event(worker, DatagramReceived).transport == second.transport
        assert worker.transport_stats(first.transport)["validated_addresses"] == 0


def test_checklist_27_dtls_only_after_a_valid_check(worker: Worker) -> None:
    with contextlib.closing(LoopbackPeer(worker, TransportId(7))) as peer:
        worker.set_transport(peer.transport, peer.spec(keys=False))
        peer.send(DTLS_RECORD)
        peer.connect()
        peer.send(DTLS_RECORD)
        assert wait_for_event(worker, DatagramReceived) == DatagramReceived(peer.transport, DTLS_RECORD)
        assert worker.counters()["drop_dtls_not_validated"] == 1
        assert worker.send_datagram(peer.transport, DTLS_RECORD)
        peer.receive_until(lambda: peer.dtls == [DTLS_RECORD])


@pytest.mark.parametrize("profile", list(SrtpProfile))
def test_a_track_reaches_a_subscriber_under_its_own_numbers(worker: Worker, profile: SrtpProfile) -> None:
    with open_lesson(worker, profile=profile) as lesson:
        lesson.start_picture()
        for number in range(65531, 65546):
            lesson.publisher.send_rtp(picture(number))
        got = lesson.subscriber.rtp
        lesson.subscriber.receive_until(lambda: len(got) == 16)
        assert {packet.ssrc for packet in got} == {OUT_PICTURE_SSRC}
        assert {packet.payload_type for packet in got} == {120}
        assert got[0].sequence_number < 1 << 15  # checklist 3
        assert numbers(got) == [(got[0].sequence_number + i) & 0xFFFF for i in range(16)]
        assert got[0].extensions.mid == "v"
        assert [p.extensions.transport_sequence_number for p in got] == list(range(1, 17))
        assert [p.payload for p in got[:2]] == [
            vp8_payload(65530 & 0x7FFF, keyframe=True),
            vp8_payload(65531 & 0x7FFF, keyframe=False),
        ]
        assert wait_for_event(worker, TrackBound) == TrackBound(PICTURE, PICTURE_SSRC)
        assert wait_for_event(worker, KeyframeSeen) == KeyframeSeen(PICTURE)


def test_voice_passes_with_its_level(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        worker.set_track(VOICE, voice_spec(lesson.publisher.transport))
        worker.set_subscription(
            SubscriptionId(1),
            SubscriptionSpec(
                lesson.subscriber.transport,
                VOICE,
                TrackKind.AUDIO,
                OUT_VOICE_SSRC,
                (Format(TrackCodec.OPUS, 109),),
            ),
        )
        packet = rtp_packet(
            ssrc=VOICE_SSRC, payload_type=111, sequence_number=9, timestamp=960, payload=b"opus"
        )
        packet.extensions = HeaderExtensions(audio_level=(True, 40), mid="0")
        lesson.publisher.send_rtp(packet)
        lesson.subscriber.receive_until(lambda: len(lesson.subscriber.rtp) == 1)
        got = lesson.subscriber.rtp[0]
        assert (got.payload, got.extensions.audio_level, got.extensions.mid) == (b"opus", (True, 40), None)
        assert wait_for_event(worker, AudioLevel) == AudioLevel(VOICE, -40)


def test_checklist_5_publishers_padding_is_stripped(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        lesson.start_picture()
        padded = picture(65531)
        padded.padding_size = 40
        lesson.publisher.send_rtp(padded)
        lesson.subscriber.receive_until(lambda: len(lesson.subscriber.rtp) == 2)
        assert lesson.subscriber.rtp[1].padding_size == 0
        assert lesson.subscriber.rtp[1].payload == padded.payload


def test_checklist_7_padding_only_packets_leave_no_gap(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        lesson.start_picture()
        padding = rtp_packet(
            ssrc=PICTURE_SSRC, payload_type=96, sequence_number=65531, timestamp=0, payload=b""
        )
        padding.padding_size = 200
        lesson.publisher.send_rtp(padding)
        lesson.publisher.send_rtp(picture(65532))
        lesson.subscriber.receive_until(lambda: len(lesson.subscriber.rtp) == 2)
        first, second = numbers(lesson.subscriber.rtp)
        assert second == first + 1


def test_checklist_12_loss_upstream_is_asked_for_and_goes_out_under_its_number(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        publisher, subscriber = lesson.publisher, lesson.subscriber
        lesson.start_picture(65534)
        publisher.send_rtp(picture(65536))
        publisher.receive_until(
            lambda: any(isinstance(p, RtcpRtpfbPacket) and p.fmt == 1 for p in publisher.rtcp)
        )
        nack = next(p for p in publisher.rtcp if isinstance(p, RtcpRtpfbPacket) and p.fmt == 1)
        assert (nack.media_ssrc, nack.lost) == (PICTURE_SSRC, [65535])
        rtx = wrap_rtx(picture(65535), payload_type=97, sequence_number=5, ssrc=PICTURE_RTX_SSRC)
        rtx.padding_size = 10  # checklist 6: off before the OSN
        publisher.send_rtp(rtx)
        subscriber.receive_until(lambda: len(subscriber.rtp) == 3)
        first = subscriber.rtp[0].sequence_number
        assert numbers(subscriber.rtp) == [first, first + 2, first + 1]
        assert subscriber.rtp[2].payload == picture(65535).payload
        assert worker.track_stats(PICTURE)["recovered_by_rtx"] == 1


def nack(*numbers: int) -> RtcpRtpfbPacket:
    return RtcpRtpfbPacket(
        fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=OUT_PICTURE_SSRC, lost=[n & 0xFFFF for n in numbers]
    )


def test_a_subscribers_nack_is_answered_by_rtx(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        lesson.start_picture()
        original = lesson.subscriber.rtp[0]
        lesson.subscriber.send_rtcp(nack(original.sequence_number))
        lesson.subscriber.receive_until(lambda: len(lesson.subscriber.rtp) == 2)
        rtx = lesson.subscriber.rtp[1]
        assert (rtx.ssrc, rtx.payload_type) == (OUT_RTX_SSRC, 121)
        again = unwrap_rtx(rtx, payload_type=120, ssrc=OUT_PICTURE_SSRC)
        assert (again.sequence_number, again.timestamp, again.payload, again.marker) == (
            original.sequence_number,
            original.timestamp,
            original.payload,
            original.marker,
        )


def test_checklist_4_without_rtx_the_same_bytes_go_out_again(worker: Worker) -> None:
    with open_lesson(worker, rtx=False) as lesson:
        subscriber = lesson.subscriber
        lesson.start_picture()
        subscriber.send_rtcp(nack(subscriber.rtp[0].sequence_number))
        subscriber.socket.settimeout(5)
        datagrams = [subscriber.socket.recv(4096)]
        while not 128 <= datagrams[-1][0] or 192 <= datagrams[-1][1] <= 223:
            datagrams.append(subscriber.socket.recv(4096))
        assert datagrams[-1] == subscriber.raw_rtp[0]


def test_checklist_31_keyframe_requests_are_merged(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        publisher = lesson.publisher
        lesson.start_picture()
        for _ in range(20):
            pli = RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=OUT_PICTURE_SSRC)
            lesson.subscriber.send_rtcp(pli)
        plis = [p for p in publisher.rtcp if isinstance(p, RtcpPsfbPacket)]
        publisher.receive_until(
            lambda: (
                len([p for p in publisher.rtcp if isinstance(p, RtcpPsfbPacket)]) > len(plis)
                and worker.subscription_stats(SubscriptionId(2))["plis_received"] == 20
            )
        )
        assert worker.track_stats(PICTURE)["plis_sent"] <= 2


def test_checklist_21_reports_carry_our_counts_and_the_publishers_clock(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        publisher, subscriber = lesson.publisher, lesson.subscriber
        ntp = 0xE000_0000_8000_0000
        publisher.send_rtp(picture(100, keyframe=True))
        publisher.send_rtcp(RtcpSrPacket(ssrc=PICTURE_SSRC, sender_info=RtcpSenderInfo(ntp, 300_000, 1, 1)))
        subscriber.receive_until(lambda: any(isinstance(p, RtcpSrPacket) for p in subscriber.rtcp))
        report = next(p for p in subscriber.rtcp if isinstance(p, RtcpSrPacket))
        assert report.ssrc == OUT_PICTURE_SSRC
        assert report.sender_info.packet_count == 1
        assert report.sender_info.octet_count == len(subscriber.rtp[0].payload)
        seconds = (report.sender_info.ntp_timestamp - ntp) / (1 << 32)
        ticks = report.sender_info.rtp_timestamp - 300_000
        assert 0 <= seconds < 2
        assert abs(ticks / 90000 - seconds) < 0.001
        publisher.receive_until(
            lambda: any(isinstance(p, RtcpRrPacket) and p.reports for p in publisher.rtcp)
        )
        blocks = [b for p in publisher.rtcp if isinstance(p, RtcpRrPacket) for b in p.reports]
        assert blocks[0].ssrc == PICTURE_SSRC


def test_transport_cc_feedback_reaches_the_publisher(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        publisher = lesson.publisher
        for number in range(3):
            packet = picture(100 + number, keyframe=number == 0)
            packet.extensions = HeaderExtensions(transport_sequence_number=65535 + number & 0xFFFF)
            publisher.send_rtp(packet)
        publisher.receive_until(
            lambda: any(isinstance(p, RtcpRtpfbPacket) and p.fmt == 15 for p in publisher.rtcp)
        )
        assert worker.counters()["transport_feedback_sent"] >= 1


def test_forbidden_tracks_are_dropped_and_stay_dropped(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        publisher, subscriber = lesson.publisher, lesson.subscriber
        lesson.start_picture(65000)
        worker.set_track(PICTURE, picture_spec(publisher.transport, forbidden=True))
        worker.track_stats(PICTURE)  # the command has been carried out
        for number in (65001, 65003):
            publisher.send_rtp(picture(number))
        publisher.connect()  # answered after what was sent before
        assert worker.counters()["drop_forbidden"] == 2
        worker.set_track(PICTURE, picture_spec(publisher.transport))
        worker.track_stats(PICTURE)
        for number, osn in enumerate((65001, 65002)):  # neither comes back by retransmission
            rtx = wrap_rtx(picture(osn), payload_type=97, sequence_number=number, ssrc=PICTURE_RTX_SSRC)
            publisher.send_rtp(rtx)
        publisher.send_rtp(picture(65004))
        publisher.send_rtp(picture(65005, keyframe=True))
        subscriber.receive_until(lambda: len(subscriber.rtp) == 2)
        assert numbers(subscriber.rtp)[1] == numbers(subscriber.rtp)[0] + 1
        assert subscriber.rtp[1].payload[5:] == picture(65005, keyframe=True).payload[5:]
        assert worker.track_stats(PICTURE)["nacks_sent"] == 0


def test_tap_gets_plain_packets_and_reports(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        tap = worker.open_tap(PICTURE, 1 << 16)
        padded = picture(7, keyframe=True)
        padded.padding_size = 9
        lesson.publisher.send_rtp(padded)
        lesson.publisher.send_rtcp(
            RtcpSrPacket(ssrc=PICTURE_SSRC, sender_info=RtcpSenderInfo(1 << 33, 5, 1, 1))
        )
        records = b""
        while len(records) < 16 + 12 + 200 + 16 + 28:
            lesson.publisher.connect()
            records += tap.take(4096)
        length, kind, arrival_ns = struct.unpack_from("!IB3xQ", records)
        assert kind == 1 and arrival_ns > 0
        plain = RtpPacket.parse(records[16 : 16 + length])
        assert (plain.ssrc, plain.sequence_number, plain.padding_size) == (PICTURE_SSRC, 7, 0)
        assert plain.payload == padded.payload
        report = records[16 + length :]
        assert struct.unpack_from("!IB", report) == (28, 2)
        assert struct.unpack_from("!BBHIQ", report, 16) == (0x80, 200, 6, PICTURE_SSRC, 1 << 33)
        assert tap.overflows() == 0
        tap.close()


def test_bye_of_a_track_is_an_event(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        lesson.start_picture()
        lesson.publisher.send_rtcp(RtcpByePacket(sources=[PICTURE_SSRC]))
        assert wait_for_event(worker, TrackBye) == TrackBye(PICTURE)


def test_random_truncated_and_replayed_datagrams_are_counted(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        good = lesson.publisher.protect(picture(5, keyframe=True))
        lesson.publisher.send(good)
        lesson.subscriber.receive_until(lambda: len(lesson.subscriber.rtp) == 1)
        for _ in range(50):
            lesson.publisher.send(good)
        for length in range(1, len(good), 5):
            lesson.publisher.send(good[:length])
        for first in range(256):
            lesson.publisher.send(bytes([first]) + good[1:])
        lesson.publisher.send(bytes(3000))
        lesson.publisher.send_rtp(picture(6))
        lesson.subscriber.receive_until(lambda: len(lesson.subscriber.rtp) == 2)
        counters = worker.counters()
        assert counters["drop_srtp_replayed"] >= 50
        assert counters["drop_truncated"] == 1


def test_bad_specifications_are_refused(worker: Worker) -> None:
    with contextlib.closing(LoopbackPeer(worker, TransportId(7))) as peer:
        spec = peer.spec()
        with pytest.raises(ValueError, match="28 bytes"):
            worker.set_transport(peer.transport, replace(spec, srtp=replace(peer.keys, local=b"short")))
        with pytest.raises(ValueError, match="header extension"):
            worker.set_transport(peer.transport, replace(spec, extensions={next(iter(spec.extensions)): 0}))
    with pytest.raises(OSError, match=r"192\.0\.2\.1"):
        Worker([("192.0.2.1", 0)])


def test_close_is_idempotent_and_ends_answers() -> None:
    worker = Worker([("127.0.0.1", 0)])
    worker.close()
    worker.close()
    assert worker.transport_stats(TransportId(1)) == {}
    assert worker.take_events() == []
    events: list[Event] = []
    assert events == worker.take_events(10)
