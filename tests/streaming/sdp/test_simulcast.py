"""Rids and the simulcast line."""

from __future__ import annotations

import pytest

from streaming.errors import RemoteProtocolError
from streaming.sdp.simulcast import Rid, Simulcast, SimulcastRid


def test_rid() -> None:
    assert Rid.parse("q send pt=96,97;max-width=320") == Rid("q", True, "pt=96,97;max-width=320")
    assert Rid("q", False).serialize() == "q recv"
    assert Rid.parse("q send pt=96").serialize() == "q send pt=96"


def test_simulcast_keeps_order_alternatives_and_pauses() -> None:
    value = Simulcast.parse("send q;~h,g recv x")
    assert value.send == ((SimulcastRid("q"),), (SimulcastRid("h", True), SimulcastRid("g")))
    assert value.recv == ((SimulcastRid("x"),),)
    assert value.serialize() == "send q;~h,g recv x"
    assert Simulcast.parse("recv x send q") == Simulcast.parse("send q recv x")


@pytest.mark.parametrize(
    "text", ["", "send", "send q send h", "sned q", "send q;;h", "send ~", "send q recv"]
)
def test_malformed_simulcast(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        Simulcast.parse(text)


@pytest.mark.parametrize("text", ["q", "q both", "", "é send"])
def test_malformed_rid(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        Rid.parse(text)
