"""Settings that cannot work are refused where they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from streaming.config import AdvertisedAddress, MediaConfig

GOOD = MediaConfig((AdvertisedAddress("192.0.2.1", "10.0.0.1"),), 41300)


@pytest.mark.parametrize(
    ("advertised", "bind"),
    [
        ("192.0.2.1", "0.0.0.0"),
        ("::", "::1"),
        ("192.0.2.1", "::1"),
        ("example.org", "192.0.2.1"),
        ("", ""),
    ],
)
def test_an_address_is_an_address_and_no_wildcard(advertised: str, bind: str) -> None:
    with pytest.raises(ValueError, match=r"address|wildcard|version"):
        AdvertisedAddress(advertised, bind)


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(GOOD, addresses=()),
        lambda: replace(GOOD, media_port=-1),
        lambda: replace(GOOD, media_port=65536),
        lambda: replace(GOOD, packet_workers=0),
        lambda: replace(GOOD, packet_workers=9),
        lambda: replace(GOOD, max_transports=0),
        lambda: replace(GOOD, max_handshakes=0),
        lambda: replace(GOOD, handshake_threads=0),
        lambda: replace(GOOD, heard_voices=0),
        lambda: replace(GOOD, connect_timeout_s=0),
        lambda: replace(GOOD, negotiation_timeout_s=-1.0),
        lambda: replace(GOOD, handshake_timeout_s=0.0),
    ],
)
def test_impossible_values_are_refused(change: Callable[[], MediaConfig]) -> None:
    with pytest.raises(ValueError, match=r"least|port|positive"):
        change()


def test_ipv6_and_a_port_of_the_systems_choice_are_fine() -> None:
    config = MediaConfig((AdvertisedAddress("2001:db8::1", "::1"),), 0)
    assert config.media_port == 0
