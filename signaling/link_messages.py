"""Requests about a seat's devices and link: what its check measured, how much picture it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from signaling.device_check import BOUNDS, Measures
from signaling.fields import Fields
from signaling.link_events import Receive
from streaming.identifiers import SeatId


@dataclass(frozen=True, slots=True)
class CheckDevices:
    measures: Measures


@dataclass(frozen=True, slots=True)
class SetReceive:
    """`seat` None: the own."""

    picture: Receive
    seat: SeatId | None


LinkBody = CheckDevices | SetReceive


def _measures(fields: Fields) -> Measures:
    return Measures(
        **{name: fields.number_or_none(name, least, most) for name, (least, most) in BOUNDS.items()}
    )


LINK_BODIES: Final[Mapping[str, Callable[[Fields], LinkBody]]] = MappingProxyType(
    {
        "device_check": lambda f: CheckDevices(_measures(f)),
        "receive": lambda f: SetReceive(f.choice("picture", Receive), f.seat_or_none()),
    }
)
