"""The seats' newest device checks and what picture they are sent, as the fold of the link events.

Invariants: a value is never changed, `fold` gives the next; a seat that is sent everything is not in
`receive`.  Both outlive a seat's absence, as its link does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from signaling.device_check import DeviceCheck
from signaling.link_events import DeviceChecked, LinkEvent, Receive, ReceiveChanged
from streaming.identifiers import SeatId


@dataclass(frozen=True, slots=True)
class Links:
    """See the module's text."""

    receive: Mapping[SeatId, Receive] = field(default_factory=dict)
    checks: Mapping[SeatId, DeviceCheck] = field(default_factory=dict)

    def fold(self, event: LinkEvent) -> Links:
        """The links after one event."""
        match event:
            case DeviceChecked(seat=seat, check=check):
                return replace(self, checks={**self.checks, seat: check})
            case ReceiveChanged(seat=seat, picture=picture):
                others = {other: wanted for other, wanted in self.receive.items() if other != seat}
                return replace(self, receive=others if picture is Receive.HIGH else {**others, seat: picture})
            case _:
                assert_never(event)

    def receive_of(self, seat: SeatId) -> Receive:
        return self.receive.get(seat, Receive.HIGH)

    def snapshot(self) -> Mapping[str, Any]:
        """The members of docs/protocol.md, section 3."""
        return {"receive": dict(self.receive), "checks": dict(self.checks)}
