"""Header extensions: both forms, and the values inside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.errors import LocalProtocolError
from streaming.rtp.extensions import (
    ONE_BYTE_PROFILE,
    TWO_BYTE_PROFILE,
    AbsCaptureTime,
    AudioLevel,
    PlayoutDelay,
    parse_abs_capture_time,
    parse_abs_send_time,
    parse_audio_level,
    parse_elements,
    parse_playout_delay,
    parse_text,
    parse_transport_cc,
    parse_video_rotation,
    serialize_abs_send_time,
    serialize_audio_level,
    serialize_elements,
    serialize_playout_delay,
    serialize_transport_cc,
)
from streaming.rtp.packet import ExtensionBlock

SECOND_NS = 1_000_000_000


@pytest.mark.parametrize(
    ("profile", "data", "elements"),
    [
        (ONE_BYTE_PROFILE, "1030310102000000", {1: b"0", 3: b"\x01\x02"}),
        (ONE_BYTE_PROFILE, "00001030", {1: b"0"}),
        (ONE_BYTE_PROFILE, "1030f0ff", {1: b"0"}),  # id 15 ends the block
        (ONE_BYTE_PROFILE, "10300000", {1: b"0"}),
        (ONE_BYTE_PROFILE, "10300130", {1: b"0"}),  # so does id 0 with a length
        (ONE_BYTE_PROFILE, "10301031", {1: b"0"}),  # the first of equal ids
        (ONE_BYTE_PROFILE, "00310102", {3: b"\x01\x02"}),
        (ONE_BYTE_PROFILE, "3f010203", None),
        (TWO_BYTE_PROFILE, "0101300c00000000", {1: b"0", 12: b""}),
        (TWO_BYTE_PROFILE | 0x0F, "010130 00".replace(" ", ""), {1: b"0"}),
        (TWO_BYTE_PROFILE, "0c05aabb", None),
        (TWO_BYTE_PROFILE, "0000000c", None),
        (0x4242, "10300000", None),
        (ONE_BYTE_PROFILE, "", {}),
    ],
)
def test_elements(profile: int, data: str, elements: dict[int, bytes] | None) -> None:
    assert parse_elements(ExtensionBlock(profile, bytes.fromhex(data))) == elements


@given(st.dictionaries(st.integers(1, 255), st.binary(max_size=40), max_size=10))
def test_round_trip_in_the_smaller_form(elements: dict[int, bytes]) -> None:
    """checklist 19: what is longer than 16 bytes takes the two-byte form."""
    block = serialize_elements(elements)
    assert parse_elements(block) == elements
    fits = all(number <= 14 and 1 <= len(value) <= 16 for number, value in elements.items())
    assert (block.profile == ONE_BYTE_PROFILE) == fits
    assert len(block.data) % 4 == 0


@given(st.sampled_from([ONE_BYTE_PROFILE, TWO_BYTE_PROFILE]), st.binary(max_size=60))
def test_any_bytes_never_raise(profile: int, data: bytes) -> None:
    parse_elements(ExtensionBlock(profile, data))


@pytest.mark.parametrize("elements", [{0: b"a"}, {256: b"a"}, {1: bytes(256)}])
def test_elements_that_do_not_fit_are_our_bug(elements: dict[int, bytes]) -> None:
    with pytest.raises(LocalProtocolError):
        serialize_elements(elements)


def test_audio_level() -> None:
    assert parse_audio_level(b"\x85") == AudioLevel(True, 5)
    assert parse_audio_level(b"\x7f\x00") == AudioLevel(False, 127)
    assert parse_audio_level(b"") is None
    assert serialize_audio_level(AudioLevel(True, 5)) == b"\x85"


def test_transport_cc_number() -> None:
    assert parse_transport_cc(b"\x01\x02") == 258
    assert parse_transport_cc(b"\x01\x02\x03\x04") == 258
    assert parse_transport_cc(b"\x01") is None
    assert serialize_transport_cc(65_537) == b"\x00\x01"


def test_abs_send_time_wraps_at_64_seconds() -> None:
    assert serialize_abs_send_time(SECOND_NS) == serialize_abs_send_time(65 * SECOND_NS) == b"\x04\x00\x00"
    assert parse_abs_send_time(b"\x04\x00\x00") == SECOND_NS
    assert parse_abs_send_time(b"\xff\xff\xff") == 63_999_996_185
    assert parse_abs_send_time(b"\x04\x00") is None


def test_text_rotation_delay_capture() -> None:
    assert (parse_text(b"video0"), parse_text(b""), parse_text(b"\xff")) == ("video0", None, None)
    assert (parse_video_rotation(b"\x01"), parse_video_rotation(b"")) == (90, None)
    assert parse_playout_delay(b"\x00\xa0\x64") == PlayoutDelay(100, 1000)
    assert serialize_playout_delay(PlayoutDelay(100, 1000)) == b"\x00\xa0\x64"
    assert parse_playout_delay(b"\x00") is None
    assert parse_abs_capture_time(bytes(7) + b"\x01") == AbsCaptureTime(1)
    assert parse_abs_capture_time(bytes(8) + b"\xff" * 8) == AbsCaptureTime(0, -1)
    assert parse_abs_capture_time(bytes(9)) is None
