"""The native light participants against pylibsrtp: what they seal others open, and what is lost they miss."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pylibsrtp import Policy, Session

from load_tests import light
from load_tests.keys import session_keys
from load_tests.offer import MID_URI, LocalEnd, RemoteEnd
from load_tests.participant import Participant
from load_tests.scenario import PublisherShape, SubscriberShape

SHAPE = PublisherShape(
    frames_per_second=30,
    frame_packets=5,
    frame_packet_bytes=1185,
    packet_spacing_us=60,
    keyframe_packets=12,
    keyframe_interval_ms=1000,
)
SUBSCRIBER = SubscriberShape(check_ms=200, report_ms=200)


def gcm(master: bytes, direction: int) -> Session:
    return Session(Policy(key=master, ssrc_type=direction, srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM))


@dataclass
class End:
    """A participant and the relay's side of its association."""

    participant: Participant
    relay_socket: socket.socket
    opens: Session
    seals: Session


def make_end(stack: ExitStack, number: int) -> End:
    """A participant whose handshake was made in heaven."""
    inner = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    outer = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    for each in (inner, outer):
        each.bind(("127.0.0.1", 0))
    inner.connect(outer.getsockname())
    outer.connect(inner.getsockname())
    outer.settimeout(0.05)
    own, server = secrets.token_bytes(28), secrets.token_bytes(28)
    host, port = outer.getsockname()
    participant = Participant(
        socket=inner,
        local=LocalEnd("local", "p" * 22, "", voice_ssrc=100 + number, video_ssrc=200 + number),
        remote=RemoteEnd("remote", "q" * 22, "", host, port, {MID_URI: 4}),
        send_keys=session_keys(own[:16], own[16:]),
        receive_keys=session_keys(server[:16], server[16:]),
    )
    return End(participant, outer, gcm(own, Policy.SSRC_ANY_INBOUND), gcm(server, Policy.SSRC_ANY_OUTBOUND))


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
def relay(subscribers: int) -> Iterator[Relay]:
    with ExitStack() as stack:
        ends = [make_end(stack, number) for number in range(subscribers + 1)]
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


def run_light(program: Path, running: Relay, capture: Path | None = None) -> tuple[light.Result, list[str]]:
    participants = [running.publisher.participant, *(end.participant for end in running.subscribers)]
    plan = light.make_plan(
        participants[0],
        participants[1:],
        shape=SHAPE,
        subscriber_shape=SUBSCRIBER,
        warmup_ms=0,
        duration_ms=2000,
        capture=capture,
    )
    marks: list[str] = []
    result = light.run(
        program,
        plan,
        [each.socket.fileno() for each in participants],
        on_begin=lambda: marks.append("begin"),
        on_end=lambda: marks.append("end"),
    )
    return result, marks


def test_what_the_publisher_seals_arrives_and_what_is_lost_is_missed(program: Path, tmp_path: Path) -> None:
    capture = tmp_path / "packets"
    with relay(subscribers=3) as running:
        result, marks = run_light(program, running, capture)
    assert marks == ["begin", "end"]
    published = result.published_voice + result.published_video
    assert published == running.media
    assert result.published_voice == 100
    assert result.lost() == running.dropped > 0
    assert [each.not_authentic for each in result.deliveries] == [0, 0, 0]
    assert running.reports > 0
    assert running.checks > 0
    assert capture.stat().st_size > published * 90


def test_checks_and_reports_of_a_subscriber_are_authentic(program: Path) -> None:
    with relay(subscribers=1) as running:
        run_light(program, running)
        end = running.subscribers[0]
        kinds = set()
        while "report" not in kinds or "check" not in kinds:
            datagram = end.relay_socket.recv(2048)
            if datagram[0] < 4:
                kinds.add("check")
            else:
                assert end.opens.unprotect_rtcp(datagram)[1] == 201
                kinds.add("report")
