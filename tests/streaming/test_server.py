"""The media server end to end, with aiortc as publisher, subscriber and viewer, on real sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import replace

import pytest
from aiortc import RTCSessionDescription

from streaming.config import AdvertisedAddress, MediaConfig
from streaming.errors import LocalProtocolError, Refused, RemoteProtocolError, Unavailable
from streaming.identifiers import PeerId, PublicationId
from streaming.sdp.parsing import parse_description
from streaming.server import MediaServer
from streaming.session.media import (
    Codec,
    MediaEvent,
    MediaKind,
    PeerClosed,
    PeerConnected,
    PublicationEnded,
    PublicationLevel,
    Source,
    WantedTrack,
)
from tests.streaming.aiortc_peers import (
    Receiver,
    ascending_share,
    new_connection,
    publish_offer,
)
from tests.streaming.media_stage import ALL, CONFIG, HOST, Stage, run, stage
from tests.waiting import until

one_and_two_workers = pytest.mark.parametrize(
    "config", [CONFIG, replace(CONFIG, packet_workers=2)], ids=["one-worker", "two-workers"]
)


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_a_publisher_is_seen_and_heard_by_a_subscriber_and_a_viewer(codec: str) -> None:
    async def scenario(at: Stage) -> None:
        peer, voice, picture = await at.publish(codec)
        assert picture.codec is Codec(codec)
        assert (voice.source, picture.source) == (Source.MICROPHONE, Source.CAMERA)
        _, subscriber, offer = await at.subscribe(voice, picture)
        assert {section.publication for section in offer.sections} == {voice.id, picture.id}
        _, viewer = await at.view(voice.id, picture.id)
        for receiver in (subscriber, viewer):
            shown = await receiver.until_decoded("video", 30)
            assert ascending_share(shown.numbers) > 0.95
            heard = await receiver.until_decoded("audio", 50)
            assert heard.loudest > 2000
        assert any(isinstance(event, PeerConnected) and event.peer == peer for event in at.events)

    run(scenario)


@one_and_two_workers
def test_subscriptions_come_and_go_by_renegotiation_and_sections_are_used_again(config: MediaConfig) -> None:
    async def scenario(at: Stage) -> None:
        _, voice, picture = await at.publish()
        _, _, other = await at.publish("H264")
        peer, receiver, first = await at.subscribe(voice, picture)
        await receiver.until_decoded("video", 5)
        at.server.set_subscriptions(peer, [WantedTrack(voice.id, "s")])
        without = await at.next_offer(peer, first.offer_id)
        assert [section.publication for section in without.sections] == [voice.id]
        await at.server.apply_answer(peer, without.offer_id, await receiver.answer(without.sdp))
        assert set(at.server.statistics(peer).subscriptions) == {voice.id}
        at.server.set_subscriptions(peer, [WantedTrack(voice.id, "s"), WantedTrack(other.id, "s")])
        again = await at.next_offer(peer, without.offer_id)
        assert len(parse_description(again.sdp).media) == 2

    run(scenario, config)


@one_and_two_workers
def test_a_viewer_is_switched_between_two_publishers_inside_its_sections(config: MediaConfig) -> None:
    async def scenario(at: Stage) -> None:
        _, voice, picture = await at.publish()
        _, other_voice, other_picture = await at.publish()
        peer, viewer = await at.view(voice.id, picture.id)
        shown = await viewer.until_decoded("video", 10)
        at.server.set_viewer_sources(peer, audio=other_voice.id, video=other_picture.id)
        assert set(at.server.statistics(peer).subscriptions) == {other_voice.id, other_picture.id}
        seen = shown.distinct_numbers
        await viewer.until_decoded("video", seen + 15)
        at.server.set_viewer_sources(peer, audio=None, video=None)
        assert at.server.statistics(peer).subscriptions == {}

    run(scenario, config)


@one_and_two_workers
def test_a_forbidden_publication_reaches_nobody_until_it_is_allowed_again(config: MediaConfig) -> None:
    async def scenario(at: Stage) -> None:
        _, voice, picture = await at.publish()
        _, receiver, _ = await at.subscribe(voice, picture)
        await receiver.until_decoded("video", 10)
        at.server.set_forbidden(picture.id, True)
        dropped = at.server.counters()["drop_forbidden"]
        await until(lambda: at.server.counters()["drop_forbidden"] > dropped)
        seen = receiver.of_kind("video")[0].frames
        await until(lambda: at.server.counters()["drop_forbidden"] > dropped + 20)
        assert receiver.of_kind("video")[0].frames <= seen + 2, "at most what was on its way"
        at.server.set_forbidden(picture.id, False)
        shown = receiver.of_kind("video")[0].distinct_numbers
        await receiver.until_decoded("video", shown + 10)

    run(scenario, config)


def test_a_publication_forbidden_from_the_start_goes_live_without_a_packet_let_in() -> None:
    async def scenario(at: Stage) -> None:
        connection = new_connection()
        at.publishers.append(connection)
        offer = await publish_offer(connection, "VP8")
        peer, answer, (voice, picture) = await at.server.open_publisher(
            offer, sources=None, allowed=ALL, stream_name="classroom"
        )
        at.server.set_forbidden(voice.id, True)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await at.until_live(voice)
        await at.until_live(picture)
        assert at.server.statistics(peer).publications[voice.id][""]["packets"] == 0
        assert at.server.counters()["drop_forbidden"] > 0

    run(scenario)


def test_a_peer_that_wants_to_be_dtls_server_is_called_by_us() -> None:
    """FFmpeg offers `setup:passive`: our hello goes out once its checks have given us an address."""

    async def scenario(at: Stage) -> None:
        connection = new_connection()
        at.publishers.append(connection)
        offer = (await publish_offer(connection, "VP8")).replace("a=setup:actpass", "a=setup:passive")
        peer, answer, publications = await at.server.open_publisher(
            offer, sources=None, allowed=ALL, stream_name="ffmpeg"
        )
        assert "a=setup:active" in answer
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await at.until(lambda e: isinstance(e, PeerConnected) and e.peer == peer)
        for publication in publications:
            await at.until_live(publication)

    run(scenario)


def test_a_peer_that_is_closed_hears_goodbye() -> None:
    async def scenario(at: Stage) -> None:
        _, voice, picture = await at.publish()
        peer, receiver, _ = await at.subscribe(voice, picture)
        await receiver.until_decoded("video", 3)
        await at.server.close_peer(peer, "removed")
        dtls = receiver.connection.getTransceivers()[0].receiver.transport
        await until(lambda: dtls.state == "closed")
        assert await at.until_closed(peer) == "removed"

    run(scenario)


def test_levels_are_told_when_the_publisher_sends_them() -> None:
    async def scenario(at: Stage) -> None:
        _, voice, _ = await at.publish()
        level = await at.until(lambda e: isinstance(e, PublicationLevel) and e.publication == voice.id)
        assert isinstance(level, PublicationLevel)
        assert -127 <= level.level_dbov <= 0

    run(scenario)


@one_and_two_workers
def test_a_publisher_that_leaves_ends_its_publications_and_then_its_peer(config: MediaConfig) -> None:
    async def scenario(at: Stage) -> None:
        peer, voice, picture = await at.publish()
        subscriber, receiver, offer = await at.subscribe(voice, picture)
        await receiver.until_decoded("video", 3)
        await at.publishers[0].close()
        assert await at.until_closed(peer) == "peer_left"
        order = [e for e in at.events if isinstance(e, PublicationEnded | PeerClosed)]
        assert order == [PublicationEnded(voice), PublicationEnded(picture), PeerClosed(peer, "peer_left")]
        assert at.server.publication(picture.id) is None
        idle = await at.next_offer(subscriber, offer.offer_id)
        assert idle.sections == ()
        with pytest.raises(Refused, match="peer_unknown"):
            at.server.statistics(peer)

    run(scenario, config)


def test_a_publisher_with_another_certificate_is_closed() -> None:
    async def scenario(at: Stage) -> None:
        connection = new_connection()
        at.publishers.append(connection)
        offer = await publish_offer(connection, "VP8")
        lines = [
            "a=fingerprint:sha-256 " + ":".join(["00"] * 32) if line.startswith("a=fingerprint:") else line
            for line in offer.splitlines()
        ]
        peer, answer, _ = await at.server.open_publisher(
            "\r\n".join([*lines, ""]), sources=None, allowed=ALL, stream_name="x"
        )
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        assert await at.until_closed(peer) == "dtls_fingerprint_mismatch"

    run(scenario)


def test_a_peer_that_never_comes_is_removed() -> None:
    async def scenario(at: Stage) -> None:
        connection = new_connection()
        at.publishers.append(connection)
        offer = await publish_offer(connection, "VP8")
        peer, _, _ = await at.server.open_publisher(offer, sources=None, allowed=ALL, stream_name="x")
        assert await at.until_closed(peer) == "connect_timeout"

    run(scenario, replace(CONFIG, connect_timeout_s=0.3))


def test_an_offer_without_an_answer_removes_the_subscriber() -> None:
    async def scenario(at: Stage) -> None:
        _, voice, _ = await at.publish()
        peer = await at.server.open_subscriber()
        at.server.set_subscriptions(peer, [WantedTrack(voice.id, "s")])
        assert await at.until_closed(peer) == "negotiation_timeout"

    run(scenario, replace(CONFIG, negotiation_timeout_s=0.3))


def test_a_full_server_says_when_to_come_back() -> None:
    async def scenario(at: Stage) -> None:
        await at.server.open_subscriber()
        with pytest.raises(Unavailable, match="too_many_participants") as refused:
            await at.server.open_subscriber()
        assert refused.value.retry_after_s > 0
        with pytest.raises(Unavailable, match="too_many_participants"):
            await at.server.open_viewer("", audio=None, video=None)
        with pytest.raises(Unavailable, match="too_many_participants"):
            await at.server.open_publisher("", sources=None, allowed=ALL, stream_name="")

    run(scenario, replace(CONFIG, max_transports=1))


def test_a_viewer_with_a_limit_is_paced_from_the_start_until_it_is_lifted() -> None:
    async def scenario(at: Stage) -> None:
        receiver = Receiver()
        at.receivers.append(receiver)
        peer, answer = await at.server.open_viewer(
            await receiver.view_offer(), audio=None, video=None, max_bitrate_bps=500_000
        )
        await receiver.accept(answer)
        assert at.server.statistics(peer).transport["pacing_bps"] == 500_000
        at.server.limit_bitrate(peer, None)
        assert at.server.statistics(peer).transport["pacing_bps"] == 0
        with pytest.raises(Refused, match="peer_unknown"):
            at.server.limit_bitrate(PeerId("peer_nobody"), 500_000)

    run(scenario)


def test_bad_offers_open_nothing() -> None:
    async def scenario(at: Stage) -> None:
        for text in ("", "nonsense", "v=0\r\n" * 5000):
            with pytest.raises(RemoteProtocolError):
                await at.server.open_publisher(text, sources=None, allowed=ALL, stream_name="")
            with pytest.raises(RemoteProtocolError):
                await at.server.open_viewer(text, audio=None, video=None)
        assert at.server.counters()["peers"] == 0

    run(scenario)


def test_what_a_peer_is_not_cannot_be_asked_of_it() -> None:
    async def scenario(at: Stage) -> None:
        subscriber = await at.server.open_subscriber()
        with pytest.raises(Refused, match="peer_unknown"):
            at.server.set_viewer_sources(subscriber, audio=None, video=None)
        with pytest.raises(Refused, match="peer_unknown"):
            await at.server.update_publisher(subscriber, "", sources=None, allowed=ALL)
        with pytest.raises(Refused, match="peer_unknown"):
            await at.server.patch(subscriber, "")
        with pytest.raises(Refused, match="offer_outdated"):
            await at.server.apply_answer(subscriber, 1, "")
        unknown = PublicationId("pub_unknown")
        for ask in (at.server.request_keyframe, at.server.open_tap):
            with pytest.raises(Refused, match="publication_unknown"):
                ask(unknown)
        at.server.set_subscriptions(subscriber, [WantedTrack(unknown, "s")])
        await at.server.close_peer(subscriber, "done")
        await at.server.close_peer(subscriber, "done")
        assert await at.until_closed(subscriber) == "done"

    run(scenario)


def test_patch_takes_candidates_silently_and_answers_a_restart() -> None:
    async def scenario(at: Stage) -> None:
        peer, _, picture = await at.publish()
        remote = at.publishers[0].localDescription.sdp
        ufrag = next(line for line in remote.splitlines() if line.startswith("a=ice-ufrag:"))
        before = at.server.ice_ufrag(peer)
        trickled = f"{ufrag}\r\na=ice-pwd:{'p' * 24}\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
        assert await at.server.patch(peer, trickled) is None
        assert at.server.ice_ufrag(peer) == before
        answer = await at.server.patch(peer, f"a=ice-ufrag:newu\r\na=ice-pwd:{'q' * 24}\r\n")
        assert answer is not None
        assert f"a=ice-ufrag:{at.server.ice_ufrag(peer)}" in answer
        assert at.server.ice_ufrag(peer) != before
        assert HOST in answer
        assert "a=end-of-candidates" in answer
        packets = at.server.statistics(peer).publications[picture.id][""]["packets"]
        # The old credentials stay valid until the new ones are nominated.
        await until(
            lambda: at.server.statistics(peer).publications[picture.id][""]["packets"] >= packets + 20
        )

    run(scenario)


def test_a_tap_gives_plain_rtp() -> None:
    async def scenario(at: Stage) -> None:
        _, _, picture = await at.publish()
        tap = at.server.open_tap(picture.id)
        at.server.request_keyframe(picture.id)
        taken = bytearray()

        def has_taken() -> bool:
            taken.extend(tap.take(1 << 16))
            return len(taken) >= 2000

        await until(has_taken)
        assert taken[16] >> 6 == 2, "RTP version 2"
        tap.close()

    run(scenario)


def test_close_leaves_no_task_and_no_thread_and_tells_every_peers_end() -> None:
    async def scenario() -> None:
        threads = set(threading.enumerate())
        async with stage() as at:
            _, voice, picture = await at.publish()
            await at.subscribe(voice, picture)
            await at.view(voice.id, picture.id)
            await at.server.close()
            await at.server.close()
            ended = [event.reason for event in at.events if isinstance(event, PeerClosed)]
            assert ended == ["server_stopping"] * 3
            with pytest.raises(LocalProtocolError):
                at.server.addresses()
        del at
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert "media-ticker" not in names
        left = [
            t.name for t in threading.enumerate() if t not in threads and not t.name.startswith("asyncio")
        ]
        assert left == []

    asyncio.run(scenario())


def test_an_address_that_is_not_of_this_machine_is_named_with_its_setting() -> None:
    async def scenario() -> None:
        server = MediaServer(replace(CONFIG, addresses=(AdvertisedAddress("203.0.113.9", "203.0.113.9"),)))
        with pytest.raises(Unavailable, match=r"203\.0\.113\.9.*--public-address"):
            await server.start()
        await server.close()

    asyncio.run(scenario())


def test_a_taken_port_is_named() -> None:
    async def scenario() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((HOST, 0))
            port = other.getsockname()[1]
            with pytest.raises(Unavailable, match=str(port)):
                await MediaServer(replace(CONFIG, media_port=port)).start()

    asyncio.run(scenario())


def test_a_failing_listener_costs_the_others_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(at: Stage) -> None:
        def fail(event: MediaEvent) -> None:
            raise ValueError(type(event).__name__)

        later: list[MediaEvent] = []
        at.server.add_listener(fail)
        at.server.add_listener(later.append)
        peer = await at.server.open_subscriber()
        await at.server.close_peer(peer, "done")
        assert await at.until_closed(peer) == "done"
        assert later == [PeerClosed(peer, "done")]

    run(scenario)
    assert "a listener failed" in caplog.text


def test_ipv4_and_ipv6_are_both_candidates() -> None:
    addresses = (AdvertisedAddress(HOST, HOST), AdvertisedAddress("::1", "::1"))

    async def scenario(at: Stage) -> None:
        receiver = Receiver()
        at.receivers.append(receiver)
        _, answer = await at.server.open_viewer(await receiver.view_offer(), audio=None, video=None)
        listed = {(host, str(port)) for host, port in at.server.addresses()}
        candidates = [line.split() for line in answer.splitlines() if line.startswith("a=candidate:")]
        assert {(words[4], words[5]) for words in candidates} == listed
        assert MediaKind.VIDEO in answer

    run(scenario, replace(CONFIG, addresses=addresses))
