"""A load scenario, read from load_tests/scenarios/<name>.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "scenarios"


@dataclass(frozen=True, slots=True)
class PublisherShape:
    """The synthetic teacher: Opus every 20 ms and VP8 frames in bursts."""

    frames_per_second: int
    frame_packets: int
    frame_packet_bytes: int
    packet_spacing_us: int
    keyframe_packets: int
    keyframe_interval_ms: int


@dataclass(frozen=True, slots=True)
class SubscriberShape:
    """How often a light subscriber proves its consent and reports."""

    check_ms: int
    report_ms: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the scenario must reach: packets lost over all subscribers, and the server's CPU."""

    lost_packets: int
    server_cores: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run: `warmup_s` does not count, `duration_s` does."""

    name: str
    title: str
    subscribers: int
    warmup_s: int
    duration_s: int
    publisher: PublisherShape
    subscriber: SubscriberShape
    acceptance: Acceptance


def load_scenario(name: str) -> Scenario:
    """Raises FileNotFoundError for an unknown name and TypeError for missing or unknown keys."""
    values: dict[str, Any] = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Scenario(
        name=name,
        publisher=PublisherShape(**values.pop("publisher")),
        subscriber=SubscriberShape(**values.pop("subscriber")),
        acceptance=Acceptance(**values.pop("acceptance")),
        **values,
    )


def scenario_names() -> tuple[str, ...]:
    """All scenarios of the folder."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
