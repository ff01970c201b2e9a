"""The native light participants against pylibsrtp: what they seal others open, and what is lost they miss."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pylibsrtp import Policy, Session

from load_tests import light
from load_tests.keys import KEY_BYTES, Profile, session_keys
from load_tests.network import loopback
from load_tests.offer import MID_URI, TRANSPORT_CC_URI, LocalEnd, RemoteEnd
from load_tests.participant import Participant
from load_tests.scenario import Engine, SubscriberShape

TRACE = "chromium_vp8_720p30"
SUBSCRIBER = SubscriberShape(check_ms=200, report_ms=200, feedback_ms=100)
LIBSRTP_PROFILES = {
    Profile.GCM: Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    Profile.CM: Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}


def libsrtp(master: bytes, direction: int, profile: Profile) -> Session:
    return Session(Policy(key=master, ssrc_type=direction, srtp_profile=LIBSRTP_PROFILES[profile]))


@dataclass
class End:
    """A participant and the relay's side of its association."""

    participant: Participant
    relay_socket: socket.socket
    opens: Session
    seals: Session


def make_end(stack: ExitStack, number: int, profile: Profile) -> End:
    """A participant whose handshake was made in heaven."""
    inner = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    outer = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    for each in (inner, outer):
        each.bind(("127.0.0.1", 0))
    inner.connect(outer.getsockname())
    outer.connect(inner.getsockname())
    outer.settimeout(0.05)
    own, server = (secrets.token_bytes(KEY_BYTES + profile.salt_bytes) for _ in range(2))
    host, port = outer.getsockname()
    participant = Participant(
        socket=inner,
        local=LocalEnd("local", "p" * 22, "", voice_ssrc=100 + number, video_ssrc=200 + number),
        remote=RemoteEnd("remote", "q" * 22, "", host, port, {MID_URI: 4, TRANSPORT_CC_URI: 3}),
        send_keys=session_keys(own[:16], own[16:], profile),
        receive_keys=session_keys(server[:16], server[16:], profile),
    )
    return End(
        participant,
        outer,
        libsrtp(own, Policy.SSRC_ANY_INBOUND, profile),
        libsrtp(server, Policy.SSRC_ANY_OUTBOUND, profile),
    )


@dataclass
class Relay:
    """Opens what the publisher sends, seals it for each subscriber; loses each 100th packet for the last."""

    publisher: End
    subscribers: list[End]
    media: int = 0
    dropped: int = 0
    reports: int = 0
    checks: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                datagram = self.publisher.relay_socket.recv(2048)
            except TimeoutError:
                continue
            if datagram[0] < 4:
                self.checks += 1
            elif 192 <= datagram[1] <= 223:
                self.publisher.opens.unprotect_rtcp(datagram)
                self.reports += 1
            else:
                self.forward(self.publisher.opens.unprotect(datagram))

    def forward(self, plain: bytes) -> None:
        self.media += 1
        for subscriber in self.subscribers:
            sealed = subscriber.seals.protect(plain)
            if subscriber is self.subscribers[-1] and self.media % 100 == 0:
                self.dropped += 1
            else:
                subscriber.relay_socket.send(sealed)


@contextmanager
def relay(subscribers: int, profile: Profile = Profile.GCM) -> Iterator[Relay]:
    with ExitStack() as stack:
        ends = [make_end(stack, number, profile) for number in range(subscribers + 1)]
        running = Relay(ends[0], ends[1:])
        thread = threading.Thread(target=running.run)
        thread.start()
        try:
            yield running
        finally:
            running.stopping.set()
            thread.join()


@pytest.fixture(scope="session")
def program() -> Path:
    return light.build()


def run_light(
    program: Path,
    running: Relay,
    capture: Path | None = None,
    shape: SubscriberShape = SUBSCRIBER,
    places: light.Places | None = None,
) -> tuple[light.Result, list[str]]:
    participants = [running.publisher.participant, *(end.participant for end in running.subscribers)]
    plan = light.make_plan(
        light.publisher_line(participants[0], capture),
        [light.subscriber_line(each) for each in participants[1:]],
        trace=TRACE,
        subscriber_shape=shape,
        warmup_ms=0,
        duration_ms=2000,
        places=places,
    )
    marks: list[str] = []
    result = light.run(
        program,
        plan,
        [*(each.socket.fileno() for each in participants), *(places.sockets() if places else ())],
        on_begin=lambda: marks.append("begin"),
        on_end=lambda: marks.append("end"),
    )
    return result, marks


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("verify_every", [1, 16])
def test_what_the_publisher_seals_arrives_and_what_is_lost_is_missed(
    program: Path, tmp_path: Path, profile: Profile, verify_every: int
) -> None:
    capture = tmp_path / "packets"
    shape = replace(SUBSCRIBER, verify_every=verify_every)
    with relay(subscribers=3, profile=profile) as running:
        result, marks = run_light(program, running, capture, shape)
    assert marks == ["begin", "end"]
    published = result.published_voice + result.published_video
    assert published == running.media
    assert 98 <= result.published_voice <= 102
    assert result.lost() == running.dropped > 0
    assert [each.not_authentic + each.renumbered for each in result.deliveries] == [0, 0, 0]
    assert result.keyframe.all.count > 0
    assert running.reports > 0
    assert running.checks > 0
    assert capture.stat().st_size > published * 90


def test_delay_is_what_the_relay_adds_to_the_way_without_it(program: Path) -> None:
    net = loopback()
    with ExitStack() as sockets, relay(subscribers=2) as running:
        sender, receiver = (sockets.enter_context(net.participant_socket()) for _ in range(2))
        sender.connect(receiver.getsockname())
        places = light.Places(null_send=sender.fileno(), null_receive=receiver.fileno())
        result, _ = run_light(program, running, places=places)
    published = result.published_voice + result.published_video
    assert result.null_path_us.count == published
    for delays in (result.voice, result.delta, result.keyframe):
        assert 0 < delays.first.p50 <= delays.last.p50  # Python relays one by one, in the same order
        assert delays.all.count == pytest.approx(2 * delays.first.count, rel=0.05)
    voice_us, picture_us = result.longest_stall_us  # by which a delay grew from one packet to the next
    assert 0 < voice_us <= result.voice.all.max
    assert 0 < picture_us <= max(result.delta.all.max, result.keyframe.all.max)


def feedback_kinds(end: End) -> Iterator[tuple[int, int]]:
    """(type, format) of each packet that a subscriber has sent back."""
    while True:
        datagram = end.relay_socket.recv(2048)
        if datagram[0] < 4:
            yield 0, 0
            continue
        plain = end.opens.unprotect_rtcp(datagram)
        yield plain[1], plain[0] & 0x1F


@pytest.mark.parametrize("profile", list(Profile))
def test_what_a_subscriber_sends_back_is_authentic(program: Path, profile: Profile) -> None:
    awaited = {(0, 0), (201, 2), (205, 15), (206, 1)}  # check, receiver report, transport-cc, PLI
    with relay(subscribers=1, profile=profile) as running:
        run_light(program, running)
        for kind in feedback_kinds(running.subscribers[0]):
            awaited.discard(kind)
            if not awaited:
                break


def test_a_subscriber_asks_again_for_what_it_took_for_lost(program: Path) -> None:
    with relay(subscribers=1) as running:
        result, _ = run_light(program, running, shape=replace(SUBSCRIBER, loss_permille=100))
        assert (205, 1) in feedback_kinds(running.subscribers[0])
    published = result.published_voice + result.published_video
    assert published * 0.05 < result.deliveries[0].taken_for_lost < published * 0.2


@pytest.mark.parametrize(
    ("engine", "profile"),
    [(Engine.OPENSSL, Profile.GCM), (Engine.IPSEC_MB, Profile.GCM), (Engine.IPSEC_MB, Profile.CM)],
)
def test_the_ceiling_reaches_every_sink(program: Path, engine: Engine, profile: Profile) -> None:
    net = loopback()
    with ExitStack() as sockets:
        sender = sockets.enter_context(net.server_socket())
        sinks = [sockets.enter_context(net.participant_socket()) for _ in range(3)]
        lines = []
        for sink in sinks:
            sink.connect(sender.getsockname())
            keys = session_keys(secrets.token_bytes(16), secrets.token_bytes(profile.salt_bytes), profile)
            lines.append(light.sink_line(sink.fileno(), keys))
        plan = light.make_plan(
            light.ceiling_line(sender.fileno(), engine),
            lines,
            trace=TRACE,
            subscriber_shape=SubscriberShape(check_ms=0, report_ms=0, feedback_ms=0),
            warmup_ms=0,
            duration_ms=1000,
        )
        numbers = [sender.fileno(), *(sink.fileno() for sink in sinks)]
        result = light.run(program, plan, numbers, on_begin=lambda: None, on_end=lambda: None)
    assert result.published_voice > 40
    assert result.published_video > 100
    assert result.lost() == 0
    assert result.sender_cpu_ns > 0
    assert all(each.not_authentic == 0 for each in result.deliveries)
