"""100,000 each of random, truncated and replayed datagrams: all accounted for; the lesson loses nothing."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from load_tests import light
from load_tests.hostile import Tally, captured_packets, flood, read_tally
from load_tests.participant import Participant
from load_tests.run import connect_all, free_server
from load_tests.scenario import SubscriberShape
from load_tests.server_process import ServerProcess

EACH = 100_000
RATE_HZ = 20_000
GENUINE_PACKETS = 200
SETTLE_TIMEOUT_S = 20.0
TRACE = "chromium_vp8_720p30"


@dataclass
class Attack:
    """Floods the server from a thread of its own, once the publisher's capture holds enough to replay."""

    server: ServerProcess
    publisher: Participant
    capture: Path
    before: Tally | None = None
    sent: int = 0

    def run(self) -> None:
        deadline = time.monotonic() + SETTLE_TIMEOUT_S
        while (
            len(genuine := captured_packets(self.capture)) < GENUINE_PACKETS and time.monotonic() < deadline
        ):
            threading.Event().wait(0.1)
        self.before = read_tally(self.server)
        self.sent = flood(
            (self.publisher.remote.host, self.publisher.remote.port),
            self.publisher.socket,
            genuine,
            each=EACH,
            rate_hz=RATE_HZ,
            seed=20261122,
        )

    def settled(self) -> Tally:
        """The flood's tally, once every datagram is accounted for or time is over."""
        assert self.before is not None
        deadline = time.monotonic() + SETTLE_TIMEOUT_S
        while (tally := read_tally(self.server).since(self.before)).accounted() < self.sent:
            if time.monotonic() > deadline:
                break
            threading.Event().wait(0.1)
        return tally


@pytest.mark.alone
@pytest.mark.timeout(180)
def test_bad_datagrams_are_all_accounted_for_and_the_lesson_loses_nothing(tmp_path: Path) -> None:
    program = light.build()
    capture = tmp_path / "capture"
    with free_server(tmp_path / "data") as server, contextlib.ExitStack() as sockets:
        publisher, subscribers = connect_all(server, server.start_lesson(), 4)
        everybody = [publisher, *subscribers]
        for participant in everybody:
            sockets.enter_context(participant.socket)
        attack = Attack(server, publisher, capture)
        thread = threading.Thread(target=attack.run)
        plan = light.make_plan(
            light.publisher_line(publisher, capture),
            [light.subscriber_line(each) for each in subscribers],
            trace=TRACE,
            subscriber_shape=SubscriberShape(check_ms=2000, report_ms=1000),
            warmup_ms=3000,
            duration_ms=3 * EACH * 1000 // RATE_HZ + 6000,
        )
        result = light.run(
            program,
            plan,
            [participant.socket.fileno() for participant in everybody],
            on_begin=thread.start,
            on_end=lambda: None,
        )
        thread.join()
        tally = attack.settled()
    assert attack.sent == 3 * EACH
    assert tally.accounted() == attack.sent, tally
    assert result.published_video > 0
    assert result.lost() == 0, result.deliveries
