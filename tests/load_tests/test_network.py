"""The two layouts: an address that is no loopback address, and a namespace where root allows."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
from collections.abc import Iterator

import pytest

from load_tests.network import NAMESPACE, Network, loopback, network, veth
from load_tests.scenario import Layout


@pytest.fixture
def apart() -> Iterator[Network]:
    if os.geteuid() != 0:
        pytest.skip("network namespaces want root")
    try:
        with veth() as made:
            yield made
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces here: {error}")


def exchange(net: Network) -> bytes:
    with net.server_socket() as server, net.participant_socket() as participant:
        participant.sendto(b"hello", server.getsockname())
        server.settimeout(5)
        return server.recv(100)


def test_loopback_has_an_address_that_janus_takes() -> None:
    net = loopback()
    assert not ipaddress.ip_address(net.server_address).is_loopback
    assert exchange(net) == b"hello"
    assert net.free_port(socket.SOCK_STREAM) > 0


def test_packets_cross_the_veth_pair(apart: Network) -> None:
    assert exchange(apart) == b"hello"
    prefix = apart.command_prefix()
    shown = subprocess.run([*prefix, "ip", "-o", "address"], check=True, capture_output=True, text=True)
    assert apart.server_address in shown.stdout
    assert apart.participant_address not in shown.stdout


def test_a_layout_is_what_it_is_called() -> None:
    with network(Layout.LOOPBACK) as net:
        assert net.layout is Layout.LOOPBACK
        assert NAMESPACE not in net.command_prefix()
