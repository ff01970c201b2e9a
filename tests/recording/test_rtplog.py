"""The recording log: round trips, growth, and every kind of damage."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.rtplog import (
    MARKER,
    Damage,
    LogHeader,
    LogScanner,
    Record,
    RecordKind,
    parse_header,
    parse_tap_records,
    serialize_header,
    serialize_record,
)

HEADER = LogHeader(
    "les_1", "seat_1", "pub_1", "peer_1", "video", "camera", "H264", 90_000, 0, "a=1", 5, 7_000, 1
)
RECORDS = st.lists(
    st.builds(Record, st.sampled_from(RecordKind), st.integers(0, 2**63), st.binary(max_size=300)),
    max_size=20,
)


def scan(data: bytes, pieces: int = 1) -> list[Record | Damage]:
    scanner, found = LogScanner(), list[Record | Damage]()
    size = max(1, -(-len(data) // pieces))
    for offset in range(0, len(data), size):
        found += scanner.feed(data[offset : offset + size])
    return [*found, *scanner.finish()]


def test_the_worked_example_of_the_documentation() -> None:
    record = Record(RecordKind.RTP, 1_000_000_000, b"\x80")
    assert serialize_record(record).hex() == ("ab5254ba00000001a76e87e601000000000000003b9aca0080")


def test_header_round_trip_and_clock() -> None:
    data = serialize_header(HEADER)
    assert parse_header(data + b"more") == (HEADER, len(data))
    assert HEADER.wall_ns(5 + 3_000_000) == 7_003_000_000


@pytest.mark.parametrize("cut", range(0, len(serialize_header(HEADER)), 7))
def test_a_torn_or_flipped_header_is_none(cut: int) -> None:
    data = serialize_header(HEADER)
    assert parse_header(data[:cut]) is None
    flipped = bytearray(data)
    flipped[cut] ^= 0x10
    assert parse_header(bytes(flipped)) is None


@given(RECORDS, st.integers(1, 50))
def test_records_come_back_in_any_pieces(records: list[Record], pieces: int) -> None:
    assert scan(b"".join(map(serialize_record, records)), pieces) == records


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["flip", "cut", "insert", "zero", "tear"]))
def test_a_thousand_damages_cost_only_what_they_touch(seed: int, kind: str) -> None:
    """Everything before the damage and behind it is read; the damage is reported; nothing is raised."""
    chance = random.Random(seed)
    records = [Record(RecordKind.RTP, index, chance.randbytes(chance.randint(0, 200))) for index in range(12)]
    parts = [serialize_record(record) for record in records]
    data = b"".join(parts)
    begin = chance.randrange(len(data))
    end = min(len(data), begin + chance.randint(1, 60))
    match kind:
        case "flip":
            end = begin + 1
            damaged = data[:begin] + bytes([data[begin] ^ (1 << chance.randrange(8))]) + data[end:]
        case "cut":
            damaged = data[:begin] + data[end:]
        case "insert":
            end = begin
            damaged = data[:begin] + chance.randbytes(30) + data[begin:]
        case "zero":
            damaged = data[:begin] + bytes(end - begin) + data[end:]
        case _:
            end = len(data)
            damaged = data[:begin]
    found = scan(damaged, chance.randint(1, 5))
    kept = [item for item in found if isinstance(item, Record)]
    offset, untouched = 0, list[Record]()
    for record, part in zip(records, parts, strict=True):
        if offset + len(part) <= begin or offset >= end:
            untouched.append(record)
        offset += len(part)
    assert [record for record in records if record in kept] == kept
    assert [record for record in untouched if record not in kept] == []
    assert (
        len(kept) == len(records)
        or any(isinstance(item, Damage) for item in found)
        or kind in {"cut", "tear"}
    )


def test_a_length_that_lies_swallows_nothing() -> None:
    records = [Record(RecordKind.RTP, index, bytes([index]) * 10) for index in range(5)]
    parts = [bytearray(serialize_record(record)) for record in records]
    parts[1][6] ^= 0x80
    found = scan(b"".join(parts))
    assert [item for item in found if isinstance(item, Record)] == [records[0], *records[2:]]
    assert [item for item in found if isinstance(item, Damage)] == [Damage(len(parts[1]))]


def test_markers_alone_are_damage() -> None:
    found = scan(MARKER * 5000)
    assert found == [Damage(len(MARKER) * 5000)]


def test_tap_records_become_log_records() -> None:
    data = b"\0\0\0\3" + b"\1\0\0\0" + (77).to_bytes(8, "big") + b"abc"
    assert list(parse_tap_records(data * 2)) == [Record(RecordKind.RTP, 77, b"abc")] * 2
    assert list(parse_tap_records(data + data[:-1])) == [Record(RecordKind.RTP, 77, b"abc")]
    unknown = data[:4] + b"\x09" + data[5:]
    assert list(parse_tap_records(unknown + data)) == [Record(RecordKind.RTP, 77, b"abc")]
