"""The packet worker over real sockets: addresses, forwarding, bad input.

The peers share no code with it (libsrtp, aioice, aiortc's RTP).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from aiortc.rtp import HeaderExtensions

from streaming.dataplane import (
    AudioLevel,
    DatagramReceived,
    Event,
    Format,
    KeyframeSeen,
    Nominated,
    SrtpProfile,
    SubscriptionId,
    SubscriptionSpec,
    TrackBound,
    TrackCodec,
    TrackKind,
    TransportId,
    Worker,
    crypto_choice,
)
from tests.streaming.dataplane_lesson import (
    OUT_PICTURE_SSRC,
    OUT_VOICE_SSRC,
    PICTURE,
    PICTURE_SSRC,
    VOICE,
    VOICE_SSRC,
    numbers,
    open_lesson,
    open_worker,
    picture,
    voice_spec,
)
from tests.streaming.loopback_peers import (
    LoopbackPeer,
    rtp_packet,
    vp8_payload,
    wait_for_counts,
    wait_for_event,
)

DTLS_RECORD = bytes([22, 254, 253]) + bytes(30)


@pytest.fixture(params=[1, 2], ids=["one-worker", "two-workers"])
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    with open_worker(request.param) as opened:
        yield opened


def test_check_is_answered_and_nominates(worker: Worker) -> None:
    with contextlib.closing(LoopbackPeer(worker, TransportId(7))) as peer:
        worker.set_transport(peer.transport, peer.spec(keys=False))
        peer.connect()
        assert peer.stun[0].attributes["XOR-MAPPED-ADDRESS"] == peer.socket.getsockname()
        assert peer.stun[0].check_message_integrity(peer.local_pwd.encode())
        assert wait_for_event(worker, Nominated) == Nominated(peer.transport, peer.socket.getsockname())
        assert worker.transport_stats(peer.transport)["validated_addresses"] == 1


def test_it_encrypts_with_the_library_that_was_chosen(worker: Worker) -> None:
    name, advice = crypto_choice()
    assert name.startswith("OpenSSL 3." if advice else "ipsec-mb ")
    assert worker.crypto_name() == name


def test_two_workers_share_a_lesson_and_hand_over_what_came_to_the_wrong_one() -> None:
    with open_worker(2) as worker, open_lesson(worker) as lesson:
        owners = [
            worker.transport_stats(peer.transport)["worker"] for peer in (lesson.publisher, lesson.subscriber)
        ]
        assert owners == [0, 1]
        lesson.start_picture(first=100)
        assert worker.track_stats(PICTURE)["subscribers"] == 1
        # The kernel picks a socket by a hash of the addresses: from one port or another the wrong one.
        frames = 1
        while worker.counters()["handed_over"] == 0:
            assert frames < 64, "every datagram came to its owner"
            lesson.publisher.socket.close()
            replace_socket(lesson.publisher)
            lesson.publisher.connect()
            lesson.publisher.send_rtp(picture(100 + frames))
            frames += 1
        lesson.subscriber.receive_until(lambda: len(lesson.subscriber.rtp) == frames)
        counters = worker.counters()
        assert counters["feed_packets"] == counters["accepted_rtp"] == frames
        assert counters["feed_overflows"] == counters["drop_handover_full"] == 0


def test_ipv6_has_its_own_socket() -> None:
    with (
        contextlib.closing(Worker([("127.0.0.1", 0), ("::1", 0)])) as worker,
        contextlib.closing(LoopbackPeer(worker, TransportId(7), bind="::1")) as peer,
    ):
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
        wait_for_counts(worker, drop_stun_unauthorized=1, drop_stun_unknown_ufrag=1)


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
        wait_for_counts(worker, drop_truncated=1)
        assert worker.counters()["drop_srtp_replayed"] >= 50


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
