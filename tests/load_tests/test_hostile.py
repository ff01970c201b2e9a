"""The flood's generators and its capture reader."""

from __future__ import annotations

import random
import socket
from itertools import islice
from pathlib import Path

from load_tests.hostile import (
    Tally,
    captured_packets,
    flood,
    random_datagrams,
    truncated_datagrams,
)


def test_random_datagrams_are_of_any_length_and_repeatable() -> None:
    first = list(islice(random_datagrams(random.Random(7)), 2000))
    assert first == list(islice(random_datagrams(random.Random(7)), 2000))
    assert min(map(len, first)) < 10
    assert 1490 < max(map(len, first)) <= 1500


def test_truncated_datagrams_are_shorter_beginnings() -> None:
    genuine = [bytes(range(100)), bytes(50)]
    cut = list(islice(truncated_datagrams(random.Random(7), genuine), 500))
    assert all(any(packet.startswith(each) and packet != each for packet in genuine) for each in cut)


def test_a_growing_capture_gives_its_whole_packets(tmp_path: Path) -> None:
    capture = tmp_path / "capture"
    assert captured_packets(capture) == []
    capture.write_bytes(b"\0\3abc\0\2de\0\5fg")
    assert captured_packets(capture) == [b"abc", b"de"]


def test_a_flood_comes_from_a_stranger_and_from_the_participant() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as participant,
    ):
        server.bind(("127.0.0.1", 0))
        participant.connect(server.getsockname())
        sent = flood(server.getsockname(), participant, [b"\x80" * 40], each=10, rate_hz=10_000, seed=1)
        senders = [server.recvfrom(2048)[1] for _ in range(sent)]
        assert senders.count(participant.getsockname()) == sent // 2 == 15


def test_a_tally_counts_what_was_added() -> None:
    assert Tally(10, 3, 2).since(Tally(4, 1, 1)) == Tally(6, 2, 1)
    assert Tally(6, 2, 1).accounted() == 9
