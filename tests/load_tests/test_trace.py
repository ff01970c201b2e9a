"""Traces are read as they were written; the committed one is what its name says."""

from __future__ import annotations

import pytest

from load_tests.trace import (
    PacketKind,
    TracePacket,
    load_trace,
    parse_trace,
    rates,
    serialize_trace,
    trace_path,
)


def test_a_trace_is_read_as_it_was_written() -> None:
    packets = [
        TracePacket(0, PacketKind.KEYFRAME, 1100, marker=True),
        TracePacket(250, PacketKind.VOICE, 71, marker=False),
        TracePacket(33_000, PacketKind.DELTA, 900, marker=True),
    ]
    assert list(parse_trace(serialize_trace(packets, ["made up"]).splitlines())) == packets


@pytest.mark.parametrize("line", ["0,x,1,0", "0,v,1", "soon,v,1,0"])
def test_what_is_no_packet_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(parse_trace([line]))


def test_the_committed_trace_is_a_teacher_of_1500_kbit_s() -> None:
    packets = load_trace("chromium_vp8_720p30")
    measured = rates(packets)
    assert 30 <= measured.duration_s <= 60
    assert 1_350_000 < measured.video_bps < 1_650_000
    assert 49 < measured.voice_hz < 51
    assert 25 < measured.frames_hz < 31
    assert measured.keyframes >= 2
    assert trace_path("chromium_vp8_720p30").stat().st_size < 300_000


def test_an_unknown_trace_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        trace_path("no_such_trace")
