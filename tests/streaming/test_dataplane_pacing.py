"""A subscriber with a limit over real sockets: what comes of a keyframe, of a probe, and of bad limits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiortc.rtp import RtpPacket

from streaming.dataplane import TransportId, Worker
from tests.streaming.dataplane_lesson import (
    OUT_PICTURE_SSRC,
    OUT_RTX_SSRC,
    PICTURE_SSRC,
    Lesson,
    open_lesson,
    open_worker,
    picture,
)
from tests.streaming.loopback_peers import LoopbackPeer, rtp_packet, vp8_payload

RATE_BPS = 2_000_000
DEBT_S = 0.040
PACKET_BYTES = 1_200  # as a datagram, at most
ABS_SEND_TIME_S = 2**-18  # 6 bits of seconds, 18 of fractions
ABS_SEND_TIME_WRAP_S = 64.0


@pytest.fixture(params=[1, 2], ids=["one-worker", "two-workers"])
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    with open_worker(request.param) as opened:
        yield opened


def send_keyframe(publisher: LoopbackPeer, first: int, packets: int) -> None:
    for i in range(packets):
        start = vp8_payload(7, keyframe=i == 0, size=1100)
        payload = start if i == 0 else bytes([start[0] & ~0x10]) + start[1:]
        publisher.send_rtp(
            rtp_packet(
                ssrc=PICTURE_SSRC,
                payload_type=96,
                sequence_number=first + i,
                timestamp=9000,
                payload=payload,
                marker=i == packets - 1,
            )
        )


def departures_s(lesson: Lesson, packets: list[RtpPacket]) -> list[float]:
    """When each left, by the stamps of the worker: a busy machine moves arrivals, not these."""
    stamps = [packet.extensions.abs_send_time for packet in packets]
    assert all(stamp is not None for stamp in stamps)
    seconds = [stamp * ABS_SEND_TIME_S for stamp in stamps if stamp is not None]
    return [at if at >= seconds[0] else at + ABS_SEND_TIME_WRAP_S for at in seconds]


def test_checklist_34_a_keyframe_to_a_limited_seat_is_spread(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        subscriber = lesson.subscriber
        worker.set_pacing(subscriber.transport, RATE_BPS)
        send_keyframe(lesson.publisher, 100, 60)
        subscriber.receive_until(lambda: len(subscriber.rtp) == 60)
        left_s = departures_s(lesson, subscriber.rtp)
        sizes = [len(raw) for raw in subscriber.raw_rtp]
        for window_s in (0.001, 0.010, 0.100):
            for begin_s in left_s:
                within = sum(
                    size for size, at in zip(sizes, left_s, strict=True) if 0 <= at - begin_s < window_s
                )
                assert within <= (window_s + DEBT_S) * RATE_BPS / 8 + PACKET_BYTES
        assert left_s[-1] - left_s[0] >= sum(sizes) * 8 / RATE_BPS - DEBT_S - 0.010
        numbers = [packet.sequence_number for packet in subscriber.rtp]
        assert numbers == [(numbers[0] + i) & 0xFFFF for i in range(60)]
        assert worker.counters()["egress_drop_paced"] == 0
        assert worker.transport_stats(subscriber.transport)["pacing_bps"] == RATE_BPS


def test_a_limit_that_is_lifted_holds_nothing_back(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        subscriber = lesson.subscriber
        worker.set_pacing(subscriber.transport, 50_000)
        send_keyframe(lesson.publisher, 100, 60)  # ten seconds of it
        subscriber.receive_until(lambda: len(subscriber.rtp) > 0)
        worker.set_pacing(subscriber.transport, 0)
        lesson.publisher.send_rtp(picture(160))
        subscriber.receive_until(lambda: len(subscriber.rtp) == 61)
        assert worker.transport_stats(subscriber.transport)["pacing_bps"] == 0


def test_checklist_33_a_probe_is_spread_padding(worker: Worker) -> None:
    with open_lesson(worker) as lesson:
        subscriber = lesson.subscriber
        worker.set_pacing(subscriber.transport, RATE_BPS)
        lesson.start_picture(100)
        worker.probe(subscriber.transport, 4_000_000, 100)
        subscriber.receive_until(
            lambda: sum(len(raw) for raw in subscriber.raw_rtp) >= 0.8 * 4_000_000 / 8 * 0.1
        )
        padding = [packet for packet in subscriber.rtp if packet.ssrc == OUT_RTX_SSRC]
        assert all(packet.payload == b"" and packet.payload_type == 121 for packet in padding)
        assert len(set(departures_s(lesson, padding))) >= 3
        assert [p.ssrc for p in subscriber.rtp if p.ssrc != OUT_RTX_SSRC] == [OUT_PICTURE_SSRC]
        stamps = [packet.extensions.transport_sequence_number for packet in subscriber.rtp]
        assert len(set(stamps)) == len(stamps)


@pytest.mark.parametrize("bits_per_s", [-1, 1, 49_999, 1_000_000_001])
def test_a_limit_out_of_bounds_is_refused(bits_per_s: int) -> None:
    with open_worker() as worker, pytest.raises(ValueError, match="kbit/s"):
        worker.set_pacing(TransportId(1), bits_per_s)


@pytest.mark.parametrize(
    ("bits_per_s", "duration_ms"), [(0, 10), (100_000_001, 10), (1_000, 0), (1_000, 1_001)]
)
def test_a_probe_out_of_bounds_is_refused(bits_per_s: int, duration_ms: int) -> None:
    with open_worker() as worker, pytest.raises(ValueError, match="probe"):
        worker.probe(TransportId(1), bits_per_s, duration_ms)


def test_a_transport_that_is_not_there_is_passed_over() -> None:
    with open_worker() as worker:
        worker.set_pacing(TransportId(7), RATE_BPS)
        worker.probe(TransportId(7), RATE_BPS, 10)
        assert worker.transport_stats(TransportId(7)) == {}
