from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from load_tests.run import free_port
from load_tests.server_process import ServerProcess
from tests.e2e.browser import CameraFiles, make_camera_files
from tests.streaming.aiortc_peers import host_address


@dataclass(frozen=True, slots=True)
class House:
    """A running server, its data folder, and an admin's HTTP client."""

    server: ServerProcess
    data_dir: Path
    admin: httpx.Client

    def lesson(self, *, record: str = "off", title: str = "Fractions", start: bool = True) -> str:
        lesson = self.server.tandem("lesson", "create", "--title", title, "--record", record)
        if start:
            self.server.tandem("lesson", "start", lesson)
        return lesson

    def token(
        self, lesson: str, role: str, name: str = "", classroom: str | None = None, *, consent: bool = False
    ) -> str:
        return self._invite(lesson, role, name, classroom, consent)["invitation"]

    def link(
        self, lesson: str, role: str, name: str = "", classroom: str | None = None, *, consent: bool = False
    ) -> str:
        return self._invite(lesson, role, name, classroom, consent)["url"]

    def _invite(
        self, lesson: str, role: str, name: str, classroom: str | None, consent: bool
    ) -> dict[str, str]:
        body = {"role": role, "name": name, "classroom": classroom, "recording_consent": consent or None}
        answer = self.admin.post(f"/api/v1/lessons/{lesson}/invitations", json=body).raise_for_status()
        content: dict[str, str] = answer.json()
        return content


@contextlib.contextmanager
def open_house(folder: Path, host: str, *, ladder: str = "off") -> Iterator[House]:
    """A server that listens on `host`, its data below `folder`. `ladder` off: versions of replays are made
    when somebody asks, so that no encoder runs beside a test that measures.
    """
    data_dir = folder / "data"
    data_dir.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TANDEM_LADDER", ladder)
        yield from _opened(data_dir, host)


def _opened(data_dir: Path, host: str) -> Iterator[House]:
    http_port, media_port = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
    with ServerProcess(data_dir, http_port=http_port, media_port=media_port, host=host) as server:
        key = json.loads((data_dir / "server.json").read_text())["admin_key"]
        with httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=30
        ) as admin:
            yield House(server, data_dir, admin)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, "127.0.0.1") as opened:
        yield opened


@pytest.fixture
def house_with_ladder(tmp_path: Path) -> Iterator[House]:
    """The first version of each replay is made by itself."""
    with open_house(tmp_path, "127.0.0.1", ladder="on") as opened:
        yield opened


@pytest.fixture(scope="session")
def house_on_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On the machine's own address (Firefox takes no media from loopback), for tests that share a server."""
    with open_house(tmp_path_factory.mktemp("house"), host_address()) as opened:
        yield opened


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> CameraFiles:
    return make_camera_files(tmp_path_factory.mktemp("camera"))
