"""What a seat's device check measured, and what that means: verdicts, and the tier to begin with.

Numbers come from the seat's own page and are believed no further than this: they colour a mark on the wall
and propose a tier.  Nothing is permitted by them.

>>> judge(Measures(down_bps=400_000), at_ms=0).tier
<Tier.L3: 'L3'>
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """From good to bad; the declaration's order is the order of severity."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Tier(StrEnum):
    """What a link of that rate carries, as docs/protocol.md says."""

    L0 = "L0"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    L6 = "L6"
    L7 = "L7"


@dataclass(frozen=True, slots=True)
class Measures:
    """None: not measured, or no such device.

    echo_percent: how much of a known sound the microphone gives back (normalized correlation).
    clock_offset_ms: the server's clock minus the seat's.
    """

    camera_width: int | None = None
    camera_height: int | None = None
    camera_fps: int | None = None
    microphone_dbov: int | None = None
    echo_percent: int | None = None
    down_bps: int | None = None
    up_bps: int | None = None
    rtt_ms: int | None = None
    loss_down_permille: int | None = None
    loss_up_permille: int | None = None
    clock_offset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    camera: Verdict
    microphone: Verdict
    echo: Verdict
    down: Verdict
    up: Verdict
    rtt: Verdict
    loss: Verdict
    clock: Verdict


@dataclass(frozen=True, slots=True)
class DeviceCheck:
    """`verdict`: the worst of `verdicts`.  `tier` None: the rate down is not known."""

    at_ms: int
    verdict: Verdict
    tier: Tier | None
    verdicts: Verdicts
    measures: Measures


BOUNDS: Final[dict[str, tuple[int, int]]] = {
    "camera_width": (1, 16_384),
    "camera_height": (1, 16_384),
    "camera_fps": (0, 240),
    "microphone_dbov": (-127, 0),
    "echo_percent": (0, 100),
    "down_bps": (0, 100_000_000_000),
    "up_bps": (0, 100_000_000_000),
    "rtt_ms": (0, 60_000),
    "loss_down_permille": (0, 1000),
    "loss_up_permille": (0, 1000),
    "clock_offset_ms": (-(10**12), 10**12),
}
"""Least and most of each measure; another number is refused."""

_LEAST_BPS: Final = (
    (Tier.L0, 3_000_000),
    (Tier.L1, 1_500_000),
    (Tier.L2, 700_000),
    (Tier.L3, 350_000),
    (Tier.L4, 256_000),
    (Tier.L5, 64_000),
    (Tier.L6, 1),
    (Tier.L7, 0),
)
_LOSSY_PERMILLE: Final = 50
"""At 5 % loss a keyframe of 720p (50 packets) arrives whole 7.7 times of a hundred, one of 180p (7) 70."""
_VERY_LOSSY_PERMILLE: Final = 150
_TIERS: Final = tuple(Tier)
_VERDICTS: Final = tuple(Verdict)


def judge(measures: Measures, at_ms: int) -> DeviceCheck:
    """The verdicts on what was measured at `at_ms` (UTC)."""
    found = measures
    losses = [loss for loss in (found.loss_down_permille, found.loss_up_permille) if loss is not None]
    verdicts = Verdicts(
        camera=_camera(found),
        microphone=_at_least(found.microphone_dbov, -50, -70, unknown=Verdict.RED),
        echo=_at_most(found.echo_percent, 15, 40),
        down=_at_least(found.down_bps, 700_000, 256_000),
        up=_at_least(found.up_bps, 350_000, 128_000),
        rtt=_at_most(found.rtt_ms, 200, 600),
        loss=_at_most(max(losses, default=None), 20, 80),
        clock=_at_most(_magnitude(found.clock_offset_ms), 2_000, 300_000),
    )
    worst = max((getattr(verdicts, each.name) for each in fields(verdicts)), key=_VERDICTS.index)
    return DeviceCheck(at_ms, worst, propose_tier(found.down_bps, max(losses, default=0)), verdicts, measures)


def propose_tier(down_bps: int | None, loss_permille: int) -> Tier | None:
    """The highest tier that the rate carries, and no higher one than large keyframes arrive at."""
    if down_bps is None:
        return None
    by_rate = next(tier for tier, least_bps in _LEAST_BPS if down_bps >= least_bps)
    by_loss = Tier.L0
    if loss_permille >= _LOSSY_PERMILLE:
        by_loss = Tier.L4 if loss_permille >= _VERY_LOSSY_PERMILLE else Tier.L2
    return max(by_rate, by_loss, key=_TIERS.index)


def _camera(measures: Measures) -> Verdict:
    if measures.camera_height is None:
        return Verdict.RED
    size = _at_least(min(measures.camera_height, measures.camera_width or 0), 360, 1)
    return max(size, _at_least(measures.camera_fps, 14, 5), key=_VERDICTS.index)


def _at_least(value: int | None, green: int, amber: int, *, unknown: Verdict = Verdict.AMBER) -> Verdict:
    if value is None:
        return unknown
    if value >= green:
        return Verdict.GREEN
    return Verdict.AMBER if value >= amber else Verdict.RED


def _at_most(value: int | None, green: int, amber: int) -> Verdict:
    return _at_least(None if value is None else -value, -green, -amber)


def _magnitude(value: int | None) -> int | None:
    return None if value is None else abs(value)
