"""What a storm amounts to; the trace's own gaps are not the server's."""

from __future__ import annotations

from load_tests.join_storm import Storm, longest_gaps_us
from load_tests.trace import PacketKind, TracePacket
from tests.load_tests.made_up import make_outcome


def test_a_trace_has_gaps_of_its_own() -> None:
    packets = [
        TracePacket(0, PacketKind.VOICE, 80, marker=False),
        TracePacket(10, PacketKind.KEYFRAME, 1000, marker=True),
        TracePacket(20_000, PacketKind.VOICE, 80, marker=False),
        TracePacket(33_010, PacketKind.DELTA, 1000, marker=True),
        TracePacket(41_000, PacketKind.VOICE, 80, marker=False),
    ]
    assert longest_gaps_us(packets) == (21_000, 33_000)


def test_a_storm_tells_gaps_and_failures() -> None:
    storm = Storm(50, 499, 10.2, ("HTTPStatusError: full",), make_outcome().result, (20_000, 33_000))
    assert storm.gaps_ms() == (1.0, 2.0)
    assert "499 in 10.2 s, 1 failed" in storm.text()
    assert "HTTPStatusError: full" in storm.text()
