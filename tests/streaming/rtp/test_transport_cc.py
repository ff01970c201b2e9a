"""Transport-wide congestion control feedback."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.errors import LocalProtocolError
from streaming.rtp.feedback import FORMAT_TRANSPORT_CC, Feedback, parse_feedback
from streaming.rtp.rtcp import RtcpType, parse_compound
from streaming.rtp.transport_cc import (
    DELTA_US,
    TransportCc,
    parse_transport_cc_feedback,
    serialize_transport_cc_feedback,
)

VECTORS = configparser.ConfigParser()
VECTORS.read(Path(__file__).parents[2] / "vectors" / "rtcp.hex")
GOLDEN = bytes.fromhex(VECTORS["transport_cc"]["packet"])
MEANING = TransportCc(0x11111111, 0x22222222, 0xFFFE, 9, (129_000, 129_250, None, None, 229_250))


def parse(data: bytes) -> TransportCc | None:
    packets = parse_compound(data)
    assert packets is not None
    feedback = parse_feedback(packets[0])
    assert feedback is not None
    return parse_transport_cc_feedback(feedback)


def control(text: str) -> TransportCc | None:
    data = bytes.fromhex(text)
    kind, form = RtcpType.TRANSPORT_FEEDBACK, FORMAT_TRANSPORT_CC
    return parse_transport_cc_feedback(Feedback(kind, form, 1, 2, data))


def test_shared_vector() -> None:
    assert parse(GOLDEN) == MEANING
    assert serialize_transport_cc_feedback(MEANING) == GOLDEN


def test_every_chunk_form() -> None:
    run = control("0001 0003 000000 00 2003 040404")
    assert run is not None
    assert run.arrivals_us == (1000, 2000, 3000)
    one_bit = control("0001 0003 000000 00 a800 0408 0000")
    assert one_bit is not None
    assert one_bit.arrivals_us == (1000, None, 3000)
    early = control("0001 0001 ffffff 00 4001 8000")
    assert early is not None
    assert early.arrivals_us == (-64_000 - 0x8000 * DELTA_US,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0001 0001 000000 00",
        "0001 0001 000000 00 0000",
        "0001 0001 000000 00 2001",
        "0001 0001 000000 00 6001 01",
    ],
)
def test_malformed(text: str) -> None:
    assert control(text) is None


def test_other_feedback() -> None:
    assert parse_transport_cc_feedback(Feedback(RtcpType.TRANSPORT_FEEDBACK, 1, 1, 2, bytes(16))) is None


@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 1 << 20),
    st.lists(st.none() | st.integers(-0x4000, 0x4000), min_size=1, max_size=60),
    st.integers(1, 40),
)
def test_round_trip(base: int, start: int, steps: list[int | None], repeat: int) -> None:
    tick = start + 0x10000
    arrivals: list[int | None] = [tick * DELTA_US]
    for step in steps:
        for _ in range(repeat if step is None or step == 0 else 1):
            tick += step or 0
            arrivals.append(None if step is None else tick * DELTA_US)
    feedback = TransportCc(1, 2, base, 255, tuple(arrivals))
    assert parse(serialize_transport_cc_feedback(feedback)) == feedback


@given(st.binary(max_size=80))
def test_any_bytes_never_raise(data: bytes) -> None:
    control(data.hex())
    control("fffe000500000209" + data.hex())


def test_what_does_not_fit_is_our_bug() -> None:
    for arrivals in ((), (None,), (0, 9_000_000), (None,) * 65_535 + (0,)):
        with pytest.raises(LocalProtocolError):
            serialize_transport_cc_feedback(TransportCc(1, 2, 0, 0, arrivals))
