"""The numbered events of a seat's devices and link, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signaling.device_check import DeviceCheck
from streaming.identifiers import SeatId


class Receive(StrEnum):
    """How much picture a seat is sent.  Voice is never taken away."""

    HIGH = "high"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DeviceChecked:
    seat: SeatId
    check: DeviceCheck


@dataclass(frozen=True, slots=True)
class ReceiveChanged:
    seat: SeatId
    picture: Receive


LinkEvent = DeviceChecked | ReceiveChanged
"""Those that `Links` folds."""
