"""Numbers, names and secrets come from the given bytes alone."""

from __future__ import annotations

from collections.abc import Callable

from streaming.identifiers import is_identifier
from streaming.session.numbers import Numbers
from tests.streaming.session.descriptions import seeded_numbers


def bytes_of(*chunks: bytes) -> Callable[[int], bytes]:
    waiting = list(chunks)

    def take(size: int) -> bytes:
        chunk = waiting.pop(0)
        assert len(chunk) == size
        return chunk

    return take


def test_worker_numbers_begin_at_one_because_zero_means_none() -> None:
    numbers = seeded_numbers()
    assert [numbers.next_number() for _ in range(3)] == [1, 2, 3]


def test_an_ssrc_is_neither_zero_nor_taken() -> None:
    numbers = Numbers(bytes_of(bytes(4), b"\0\0\0\7", b"\0\0\0\7", b"\xff\xff\xff\xff"))
    taken: set[int] = set()
    assert numbers.ssrc(taken) == 7
    assert numbers.ssrc(taken) == 0xFFFFFFFF
    assert taken == {7, 0xFFFFFFFF}


def test_session_numbers_are_positive_for_every_reader() -> None:
    assert Numbers(bytes_of(b"\xff" * 8)).session_id() == 2**62 - 1


def test_publications_are_named_by_identifiers() -> None:
    assert is_identifier(seeded_numbers().publication_id(), "pub")


def test_credentials_differ() -> None:
    numbers = seeded_numbers()
    assert numbers.ice_credentials() != numbers.ice_credentials()
