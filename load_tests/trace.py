"""A packet trace of one publisher: when each packet came, what it was, how long its payload. No content.

```
# any number of comment lines
gap_us,kind,payload_bytes,marker      gap_us: since the packet before; kind: v voice, d delta, k keyframe
0,v,71,0
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FOLDER = Path(__file__).parent / "traces"
COLUMNS = "gap_us,kind,payload_bytes,marker"


class PacketKind(StrEnum):
    """What a packet carries; the letters of the file."""

    VOICE = "v"
    DELTA = "d"
    KEYFRAME = "k"


@dataclass(frozen=True, slots=True)
class TracePacket:
    """One packet; `offset_us` since the trace began, `payload_bytes` behind the RTP header, unpadded."""

    offset_us: int
    kind: PacketKind
    payload_bytes: int
    marker: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """What a trace is, in a line."""

    duration_s: float
    voice_hz: float
    video_hz: float
    frames_hz: float
    video_bps: float
    keyframes: int

    def text(self) -> str:
        """For people."""
        return (
            f"{self.duration_s:.1f} s, {self.voice_hz:.1f} voice + {self.video_hz:.1f} video packets/s, "
            f"{self.frames_hz:.1f} frames/s of {self.video_bps / 1e6:.2f} Mbit/s, {self.keyframes} keyframes"
        )


def trace_path(name: str) -> Path:
    """Where a committed trace lies. Raises FileNotFoundError when it does not."""
    path = FOLDER / f"{name}.csv"
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


def parse_trace(lines: Iterable[str]) -> Iterator[TracePacket]:
    """Raises ValueError for a line that is no packet."""
    offset_us = 0
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#") or text == COLUMNS:
            continue
        gap, kind, payload_bytes, marker = text.split(",")
        offset_us += int(gap)
        yield TracePacket(offset_us, PacketKind(kind), int(payload_bytes), marker == "1")


def load_trace(name: str) -> list[TracePacket]:
    """All packets of a committed trace."""
    return list(parse_trace(trace_path(name).read_text(encoding="ascii").splitlines()))


def serialize_trace(packets: Sequence[TracePacket], comments: Sequence[str]) -> str:
    """The file's text."""
    lines = [*(f"# {comment}" for comment in comments), COLUMNS]
    before_us = 0
    for packet in packets:
        lines.append(
            f"{packet.offset_us - before_us},{packet.kind},{packet.payload_bytes},{int(packet.marker)}"
        )
        before_us = packet.offset_us
    return "\n".join(lines) + "\n"


def rates(packets: Sequence[TracePacket]) -> Rates:
    """What a trace amounts to."""
    duration_s = max(1, packets[-1].offset_us - packets[0].offset_us) / 1e6
    video = [packet for packet in packets if packet.kind is not PacketKind.VOICE]
    return Rates(
        duration_s=duration_s,
        voice_hz=(len(packets) - len(video)) / duration_s,
        video_hz=len(video) / duration_s,
        frames_hz=sum(packet.marker for packet in video) / duration_s,
        video_bps=sum(packet.payload_bytes for packet in video) * 8 / duration_s,
        keyframes=sum(packet.marker and packet.kind is PacketKind.KEYFRAME for packet in video),
    )
