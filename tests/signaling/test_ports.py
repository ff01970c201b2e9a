"""The ports are small, and what stands on the other side fits them."""

from __future__ import annotations

import inspect

import pytest

from signaling import ports
from streaming.config import AdvertisedAddress, MediaConfig
from streaming.server import MediaServer

PORTS = (
    ports.EventLog,
    ports.RecorderPort,
    ports.Authenticator,
    ports.SocketPort,
    ports.PublishPort,
    ports.SubscribePort,
    ports.ViewPort,
    ports.PeerPort,
)


def own_methods(port: type) -> list[str]:
    return [name for name, value in vars(port).items() if inspect.isfunction(value) and name[0] != "_"]


def test_the_media_server_is_a_media_port() -> None:
    server: ports.MediaPort = MediaServer(MediaConfig((AdvertisedAddress("127.0.0.1", "127.0.0.1"),), 0))
    for port in PORTS[4:]:
        for name in own_methods(port):
            assert inspect.signature(getattr(type(server), name)) is not None
            wanted = inspect.signature(getattr(port, name)).parameters
            assert list(inspect.signature(getattr(type(server), name)).parameters) == list(wanted)


@pytest.mark.parametrize("port", PORTS, ids=lambda port: str(port.__name__))
def test_a_port_has_at_most_seven_methods(port: type) -> None:
    assert 1 <= len(own_methods(port)) <= 7
