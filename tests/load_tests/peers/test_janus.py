"""Janus' configuration, and a subscriber of it where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from load_tests.keys import Profile
from load_tests.network import loopback
from load_tests.peers import janus


def test_one_plugin_and_one_transport_are_left(tmp_path: Path) -> None:
    for name in ("plugins/libjanus_streaming.so", "plugins/libjanus_sip.so", "transports/libjanus_http.so"):
        path = tmp_path / "modules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    janus.write_configuration(tmp_path, tmp_path / "modules", "192.0.2.1", (8088, 5000, 5002))
    general = (tmp_path / "janus.jcfg").read_text()
    assert "event_loops = 1" in general
    assert 'plugins: { disable = "libjanus_sip.so" }' in general
    assert "audioport = 5000" in (tmp_path / "janus.plugin.streaming.jcfg").read_text()


@pytest.mark.skipif(not janus.is_installed(), reason="janus is not installed")
@pytest.mark.parametrize("profile", list(Profile))
def test_a_light_subscriber_joins_janus(tmp_path: Path, profile: Profile) -> None:
    with janus.running(tmp_path / "janus", loopback()) as server, server.subscribe(profile).socket as media:
        assert media.getpeername()[0] == loopback().server_address
