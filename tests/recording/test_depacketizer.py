"""Reordering and the payload formats, against what the publisher of the tests cut into packets."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.depacketizer import (
    FORMATS,
    AccessUnit,
    Depacketizer,
    MediaPacket,
    ReorderBuffer,
    parameter_sets,
    sprop_parameter_sets,
)
from tests.recording.synthetic import encode_video, encode_voice, payloads_of

SECOND = 1_000_000_000


def packets_of(codec: str, seconds: float = 1.0) -> list[MediaPacket]:
    coded = encode_voice(seconds) if codec == "opus" else encode_video(codec, seconds, keyframe_s=0.5)
    found: list[MediaPacket] = []
    for item in coded:
        payloads = payloads_of(codec, item.data)
        for index, payload in enumerate(payloads):
            ticks = round(item.at_s * 90_000)
            found.append(MediaPacket(len(found) - 3, ticks, index == len(payloads) - 1, payload, len(found)))
    return found


def assemble(codec: str, packets: list[MediaPacket]) -> list[AccessUnit]:
    depacketizer, found = Depacketizer(FORMATS[codec]()), list[AccessUnit]()
    for packet in packets:
        found += depacketizer.push(packet)
    return found


@pytest.mark.parametrize("codec", ["H264", "VP8", "VP9", "AV1", "opus"])
def test_each_picture_comes_back_whole(codec: str) -> None:
    coded = encode_voice(1) if codec == "opus" else encode_video(codec, 1, keyframe_s=0.5)
    units = assemble(codec, packets_of(codec))
    assert [unit.ticks for unit in units] == [round(item.at_s * 90_000) for item in coded]
    if codec != "H264":
        assert [unit.data for unit in units] == [item.data for item in coded]
    assert units[0].follows_loss
    assert not any(unit.follows_loss for unit in units[1:])
    if codec != "opus":
        assert [unit.is_keyframe for unit in units] == [index in {0, 15} for index in range(30)]


@pytest.mark.parametrize("codec", ["H264", "VP8", "VP9", "AV1"])
def test_a_missing_packet_costs_its_picture_and_marks_the_next(codec: str) -> None:
    packets = packets_of(codec)
    whole = assemble(codec, packets)
    for missing in range(1, len(packets)):
        rest = packets[:missing] + packets[missing + 1 :]
        units = assemble(codec, rest)
        ticks = packets[missing].ticks
        assert [unit.ticks for unit in units if unit.ticks < ticks] == [
            u.ticks for u in whole if u.ticks < ticks
        ]
        behind = [unit for unit in units if unit.ticks >= ticks]
        if behind:
            assert behind[0].follows_loss
        assert not [unit for unit in behind if unit.ticks == ticks and unit in whole]


def test_reordering_waits_a_second_and_then_passes_over() -> None:
    buffer = ReorderBuffer()
    for number, arrival in ((5, 0), (7, 1), (8, 2)):
        buffer.push(MediaPacket(number, 0, False, b"", arrival))
    assert [(packet.sequence_number, lost) for packet, lost in buffer.pop(SECOND // 8)] == [(5, False)]
    assert list(buffer.pop(SECOND // 2)) == []
    late = MediaPacket(6, 0, False, b"", SECOND // 2)
    buffer.push(late)
    buffer.push(late)
    assert [packet.sequence_number for packet, _ in buffer.pop(SECOND // 2)] == [6, 7, 8]
    buffer.push(MediaPacket(4, 0, False, b"", SECOND))
    buffer.push(MediaPacket(12, 0, False, b"", SECOND))
    assert list(buffer.pop(2 * SECOND - 1)) == []
    assert [(packet.sequence_number, lost) for packet, lost in buffer.pop(2 * SECOND)] == [(12, True)]
    assert buffer.lost_packets == 3


def test_what_another_buffer_held_is_not_lost() -> None:
    buffer = ReorderBuffer()
    for number in (5, 7, 10):
        buffer.push(MediaPacket(number, 0, False, b"", 0))
    assert [packet.sequence_number for packet, _ in buffer.pop(SECOND // 8)] == [5]
    resumed = ReorderBuffer.restored(*buffer.state())
    for number in (6, 11, 12):
        resumed.push(MediaPacket(number, 0, False, b"", SECOND // 2))
    assert [(packet.sequence_number, lost) for packet, lost in resumed.pop(SECOND)] == [(6, False)]
    assert resumed.state() == (8, (10, 11, 12))
    # 8 and 9 never come, 10 was held.
    assert [(packet.sequence_number, lost) for packet, lost in resumed.pop(2 * SECOND)] == [
        (11, True),
        (12, False),
    ]
    assert resumed.lost_packets == 2


def test_a_stream_begins_with_the_packet_that_was_sent_first() -> None:
    buffer = ReorderBuffer()
    for number, arrival in ((6, 0), (5, SECOND // 100), (7, SECOND // 50)):
        buffer.push(MediaPacket(number, 0, False, b"", arrival))
        assert list(buffer.pop(arrival)) == []
    buffer.push(MediaPacket(2, 0, False, b"", SECOND // 20))  # repaired late, of before the recording
    assert [packet.sequence_number for packet, _ in buffer.pop(SECOND // 10)] == [5, 6, 7]


def test_the_buffer_is_bounded() -> None:
    buffer = ReorderBuffer()
    buffer.push(MediaPacket(0, 0, False, b"", 0))
    given_out = 0
    for number in range(2, 10_000):
        buffer.push(MediaPacket(number, 0, False, b"", 0))
        given_out += len(list(buffer.pop(0)))
    assert given_out > 5_000


@given(st.permutations(range(30)))
def test_any_order_within_the_wait_comes_out_sorted(order: list[int]) -> None:
    buffer = ReorderBuffer()
    buffer.push(MediaPacket(-1, 0, False, b"", 0))
    for number in order:
        buffer.push(MediaPacket(number, 0, False, b"", 0))
    assert [packet.sequence_number for packet, _ in buffer.pop(SECOND)] == list(range(-1, 30))


@settings(max_examples=300)
@given(st.sampled_from(sorted(FORMATS)), st.lists(st.binary(max_size=40), max_size=12), st.integers(0, 2**32))
def test_no_payload_raises(codec: str, payloads: list[bytes], seed: int) -> None:
    chance = random.Random(seed)
    packets = [
        MediaPacket(index, index // 3, chance.random() < 0.3, data, 0) for index, data in enumerate(payloads)
    ]
    if packets:
        assemble(codec, packets)


def test_parameter_sets_of_a_picture_and_of_a_description() -> None:
    data = b"\0\0\0\1\x67ab\0\0\0\1\x68c\0\0\0\1\x65rest"
    assert parameter_sets(data) == b"\0\0\0\1\x67ab\0\0\0\1\x68c"
    described = sprop_parameter_sets(
        "packetization-mode=1; sprop-parameter-sets=Z2Fi,aGM=;profile-level-id=42e01f"
    )
    assert described == b"\0\0\0\1gab\0\0\0\1hc"
    assert sprop_parameter_sets("sprop-parameter-sets=!!") == b""
    assert sprop_parameter_sets("") == b""
