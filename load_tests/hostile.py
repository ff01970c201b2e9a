"""Bad datagrams against a media port while a lesson runs: random, truncated and replayed; paced, counted."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from load_tests.process_cost import kernel_drops
from load_tests.server_process import ServerProcess

LONGEST_DATAGRAM_BYTES = 1500
BURST = 32
DROPPED = "tandem_media_dropped_packets_total{"
ACCEPTED_DTLS = 'tandem_media_total{counter="accepted_dtls"}'


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a flood. DTLS from a participant's own address goes to OpenSSL and is not dropped."""

    dropped: int
    given_to_dtls: int
    dropped_by_kernel: int

    def accounted(self) -> int:
        """Datagrams whose fate is known."""
        return self.dropped + self.given_to_dtls + self.dropped_by_kernel

    def since(self, earlier: Tally) -> Tally:
        """What was added since an earlier reading."""
        return Tally(
            self.dropped - earlier.dropped,
            self.given_to_dtls - earlier.given_to_dtls,
            self.dropped_by_kernel - earlier.dropped_by_kernel,
        )


def read_tally(server: ServerProcess) -> Tally:
    """The server's counters now."""
    metrics = server.metrics()
    return Tally(
        dropped=int(sum(value for name, value in metrics.items() if name.startswith(DROPPED))),
        given_to_dtls=int(metrics.get(ACCEPTED_DTLS, 0)),
        dropped_by_kernel=kernel_drops(server.media_port),
    )


def captured_packets(path: Path) -> list[bytes]:
    """Whole packets of a capture that may still be growing (a 16-bit length before each)."""
    data = path.read_bytes() if path.exists() else b""
    packets = []
    while len(data) >= 2 + (length := int.from_bytes(data[:2], "big")) and length:
        packets.append(data[2 : 2 + length])
        data = data[2 + length :]
    return packets


def random_datagrams(generator: random.Random) -> Iterator[bytes]:
    """Any bytes of any length up to 1,500; every second one pretends to be a protocol that the port knows."""
    first_bytes = (0x00, 0x01, 0x14, 0x16, 0x17, 0x19, 0x80, 0x90, 0xB0)
    while True:
        data = bytearray(generator.randbytes(generator.randint(0, LONGEST_DATAGRAM_BYTES)))
        if data and generator.random() < 0.5:
            data[0] = generator.choice(first_bytes)
        yield bytes(data)


def truncated_datagrams(generator: random.Random, genuine: Sequence[bytes]) -> Iterator[bytes]:
    """Real packets, cut anywhere."""
    while True:
        packet = generator.choice(genuine)
        yield packet[: generator.randrange(len(packet))]


def replayed_datagrams(generator: random.Random, genuine: Sequence[bytes]) -> Iterator[bytes]:
    """Real packets, again."""
    while True:
        yield generator.choice(genuine)


def send_paced(target: socket.socket, datagrams: Iterator[bytes], count: int, rate_hz: int) -> None:
    """Sends `count` datagrams through a connected socket, in bursts of 32 over `count / rate_hz` s."""
    started = time.monotonic()
    for sent, datagram in enumerate(islice(datagrams, count)):
        if sent % BURST == 0:
            time.sleep(max(0.0, started + sent / rate_hz - time.monotonic()))
        target.send(datagram)


def flood(
    media_address: tuple[str, int],
    participant: socket.socket,
    genuine: Sequence[bytes],
    *,
    each: int,
    rate_hz: int,
    seed: int,
) -> int:
    """Sends `each` datagrams of each kind, half from a stranger and half from a participant's own address.

    Returns how many were sent.
    """
    generator = random.Random(seed)
    kinds = (
        random_datagrams(generator),
        truncated_datagrams(generator, genuine),
        replayed_datagrams(generator, genuine),
    )
    half = each // 2
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.connect(media_address)
        for datagrams in kinds:
            send_paced(stranger, datagrams, half, rate_hz)
            send_paced(participant, datagrams, each - half, rate_hz)
    return len(kinds) * each
