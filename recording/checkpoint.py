"""What a packager must remember of the logs it has read, so that another one need not read them again.

A checkpoint is the state of all clocks, counters and open gaps at one moment, and where each log went on
then.  Left out are the packets under way at that moment: it has to lie so far before the first picture still
to be made that they do not matter.  Pure; a checkpoint that cannot be read means to begin at the beginning.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

_VERSION = 2

Buckets = tuple[tuple[int, int], ...]
"""The smallest value of each second: (second, value)."""


@dataclass(frozen=True, slots=True)
class PeerClockState:
    """How far the server's clock is ahead of a publisher's."""

    delays: Buckets
    generation: int


@dataclass(frozen=True, slots=True)
class TrackClockState:
    """Where a track's timestamps lie on the server's clock."""

    generation: int
    arrivals: Buckets
    reports: tuple[int, ...]
    applied_ns: int | None
    applied_ticks: int


@dataclass(frozen=True, slots=True)
class GapState:
    """What is missing and not yet said: (reason, from, until) in ns."""

    last_media_ns: int | None
    last_report_ns: int
    lost_from_ns: int | None
    gaps: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class SourceState:
    """One log. `offset_bytes`: its first record not taken in; `wall_offset_ns`: wall minus monotonic clock;
    held: come behind a hole that a repair may still fill; `parameters`: SPS and PPS in hex.
    """

    offset_bytes: int
    wall_offset_ns: int
    newest_ns: int
    began_ns: int | None
    ssrc: int | None
    highest_sequence_number: int | None
    awaited_sequence_number: int | None
    held_sequence_numbers: tuple[int, ...]
    highest_ticks: int | None
    first_ns: int | None
    last_ns: int
    delivered_ns: int
    parameters: str
    clock: TrackClockState
    gaps: GapState


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything at `at_ns` (wall clock): sources by log, clocks by peer."""

    at_ns: int
    sources: dict[str, SourceState]
    peers: dict[str, PeerClockState]


def serialize_checkpoint(checkpoint: Checkpoint) -> bytes:
    """The text of the file."""
    return json.dumps({"version": _VERSION, **asdict(checkpoint)}, separators=(",", ":")).encode()


def parse_checkpoint(data: bytes) -> Checkpoint | None:
    """What `serialize_checkpoint` wrote, None where it is damaged or of another version."""
    try:
        values = json.loads(data)
        if values["version"] != _VERSION:
            return None
        return Checkpoint(
            int(values["at_ns"]),
            {log: _source(fields) for log, fields in values["sources"].items()},
            {peer: _peer(fields) for peer, fields in values["peers"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _peer(fields: dict[str, Any]) -> PeerClockState:
    return PeerClockState(_buckets(fields["delays"]), int(fields["generation"]))


def _source(fields: dict[str, Any]) -> SourceState:
    clock, gaps = fields.pop("clock"), fields.pop("gaps")
    arrivals, reports = _buckets(clock.pop("arrivals")), tuple(map(int, clock.pop("reports")))
    held = tuple(map(int, fields.pop("held_sequence_numbers")))
    missing = tuple((str(reason), int(begin), int(end)) for reason, begin, end in gaps.pop("gaps"))
    return SourceState(
        **fields,
        held_sequence_numbers=held,
        clock=TrackClockState(**clock, arrivals=arrivals, reports=reports),
        gaps=GapState(**gaps, gaps=missing),
    )


def _buckets(pairs: list[list[int]]) -> Buckets:
    return tuple((int(second), int(value)) for second, value in pairs)
