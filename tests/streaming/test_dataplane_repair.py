"""The packet worker over real sockets: retransmission, reports, keyframe requests, taps, forbidden tracks."""

from __future__ import annotations

import struct
from collections.abc import Iterator

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

from streaming.dataplane import SubscriptionId, TrackBye, Worker
from tests.streaming.dataplane_lesson import (
    OUT_PICTURE_SSRC,
    OUT_RTX_SSRC,
    PICTURE,
    PICTURE_RTX_SSRC,
    PICTURE_SSRC,
    numbers,
    open_lesson,
    open_worker,
    picture,
    picture_spec,
)
from tests.streaming.loopback_peers import wait_for_counts, wait_for_event


@pytest.fixture(params=[1, 2], ids=["one-worker", "two-workers"])
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    with open_worker(request.param) as opened:
        yield opened


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
        while not datagrams[-1][0] >= 128 or 192 <= datagrams[-1][1] <= 223:
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
        wait_for_counts(worker, drop_forbidden=2)
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
        assert kind == 1
        assert arrival_ns > 0
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
