"""The shell around the endpoints: threads, inboxes, timeouts, and nothing left over."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from streaming.transport.certificate import generate_certificate
from streaming.transport.dtls import DtlsEndpoint, DtlsState, create_dtls_context
from streaming.transport.fingerprint import CertificateDigest
from streaming.transport.handshakes import DtlsEnded, DtlsOutcome, DtlsSecured, Handshakes
from tests.waiting import until

OURS = generate_certificate()
THEIRS = generate_certificate()
CONTEXT = create_dtls_context(OURS)
THEIR_CONTEXT = create_dtls_context(THEIRS)


@dataclass
class Network:
    """Carries datagrams between `handshakes` and one endpoint per transport, at once."""

    max_active: int = 64
    timeout_s: float = 10.0
    handshakes: Handshakes = field(init=False)
    peers: dict[int, DtlsEndpoint] = field(default_factory=dict)
    outcomes: dict[int, list[DtlsOutcome]] = field(default_factory=dict)
    sent: list[bytes] = field(default_factory=list)
    peak_active: int = 0

    def __post_init__(self) -> None:
        self.handshakes = Handshakes(
            CONTEXT,
            max_active=self.max_active,
            threads=2,
            timeout_s=self.timeout_s,
            send=self.carry,
            on_outcome=lambda transport, outcome: self.outcomes.setdefault(transport, []).append(outcome),
        )

    def add(
        self, transport: int, *, we_serve: bool = True, fingerprint: CertificateDigest | None = None
    ) -> None:
        self.peers[transport] = DtlsEndpoint(
            THEIR_CONTEXT, is_server=not we_serve, expected_fingerprints=[OURS.fingerprint]
        )
        self.handshakes.add(transport)
        self.handshakes.describe(
            transport, is_server=we_serve, fingerprints=[fingerprint or THEIRS.fingerprint]
        )

    def hello(self, transport: int) -> None:
        self.peers[transport].start()
        self.deliver(transport)

    def carry(self, transport: int, data: bytes) -> None:
        self.sent.append(data)
        peer = self.peers.get(transport)
        if peer is not None:
            peer.handle_datagram(data)
            self.deliver(transport)

    def deliver(self, transport: int) -> None:
        for data in self.peers[transport].take_datagrams():
            self.handshakes.handle_datagram(transport, data)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run and check that neither task nor thread is left."""

    async def guarded() -> None:
        await scenario()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(guarded())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("dtls")]


@pytest.mark.parametrize("we_serve", [True, False])
def test_a_handshake_yields_matching_keys_in_both_roles(we_serve: bool) -> None:
    async def scenario() -> None:
        network = Network()
        network.add(1, we_serve=we_serve)
        if we_serve:
            network.hello(1)
        else:
            assert network.handshakes.active == 0, "a client waits for a path"
            network.handshakes.handle_path(1)
        await until(lambda: 1 in network.outcomes)
        (outcome,) = network.outcomes[1]
        assert isinstance(outcome, DtlsSecured)
        theirs = network.peers[1].keys
        assert theirs is not None
        assert outcome.keys.local == theirs.remote
        await network.handshakes.close()

    run(scenario)


def test_a_hello_before_the_description_waits_for_it() -> None:
    async def scenario() -> None:
        network = Network()
        network.peers[1] = DtlsEndpoint(
            THEIR_CONTEXT, is_server=False, expected_fingerprints=[OURS.fingerprint]
        )
        network.handshakes.add(1)
        network.hello(1)
        assert network.handshakes.active == 0
        network.handshakes.describe(1, is_server=True, fingerprints=[THEIRS.fingerprint])
        await until(lambda: 1 in network.outcomes)
        assert isinstance(network.outcomes[1][0], DtlsSecured)
        await network.handshakes.close()

    run(scenario)


def test_a_storm_of_joins_runs_through_two_slots() -> None:
    async def scenario() -> None:
        network = Network(max_active=2)
        for transport in range(1, 31):
            network.add(transport)
        for transport in range(1, 31):
            network.hello(transport)
        await until(lambda: len(network.outcomes) == 30)
        assert all(isinstance(outcomes[0], DtlsSecured) for outcomes in network.outcomes.values())
        await until(lambda: network.handshakes.active == 0)
        await network.handshakes.close()

    run(scenario)


def test_the_wrong_certificate_ends_the_peer() -> None:
    async def scenario() -> None:
        network = Network()
        network.add(1, fingerprint=CertificateDigest("sha-256", bytes(32)))
        network.hello(1)
        await until(lambda: 1 in network.outcomes)
        assert network.outcomes[1] == [DtlsEnded("dtls_fingerprint_mismatch")]
        await network.handshakes.close()

    run(scenario)


def test_a_handshake_that_takes_too_long_ends() -> None:
    async def scenario() -> None:
        network = Network(timeout_s=0.05)
        network.add(1)
        network.peers[1].start()
        hello = network.peers.pop(1).take_datagrams()[0]
        network.handshakes.handle_datagram(1, hello)
        await until(lambda: 1 in network.outcomes)
        assert network.outcomes[1] == [DtlsEnded("dtls_timeout")]
        await network.handshakes.close()

    run(scenario)


def test_a_peer_that_says_goodbye_has_left() -> None:
    async def scenario() -> None:
        network = Network()
        network.add(1)
        network.hello(1)
        await until(lambda: 1 in network.outcomes)
        network.peers[1].close()
        network.deliver(1)
        assert network.outcomes[1][1:] == [DtlsEnded("peer_left")]
        await network.handshakes.close()

    run(scenario)


def test_removal_tells_a_secured_peer_and_is_idempotent() -> None:
    async def scenario() -> None:
        network = Network()
        network.add(1)
        network.hello(1)
        await until(lambda: 1 in network.outcomes)
        network.handshakes.remove(1)
        network.handshakes.remove(1)
        assert network.peers[1].state is DtlsState.CLOSED
        await network.handshakes.close()
        await network.handshakes.close()

    run(scenario)


def test_strange_and_surplus_datagrams_are_dropped_and_counted() -> None:
    async def scenario() -> None:
        network = Network()
        network.handshakes.handle_datagram(9, b"\x16\xfe\xfd")
        network.handshakes.add(1)
        network.handshakes.handle_datagram(1, b"\x80 not DTLS")
        for _ in range(20):
            network.handshakes.handle_datagram(1, b"\x16\xfe\xfd" + bytes(10))
        assert network.handshakes.dropped_datagrams == 2 + 4
        network.handshakes.describe(1, is_server=True, fingerprints=[THEIRS.fingerprint])
        network.handshakes.describe(2, is_server=True, fingerprints=[THEIRS.fingerprint])
        network.handshakes.handle_path(2)
        await network.handshakes.close()

    run(scenario)
