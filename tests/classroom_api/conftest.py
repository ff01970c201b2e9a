"""One real server for all tests of this folder: `tandem serve` as a child process."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from load_tests.run import free_port
from load_tests.server_process import ServerProcess
from tests.classroom_api.databases import Cluster, postgresql_cluster
from tests.classroom_api.house import House, open_planning_house


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    with postgresql_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.new_database()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for each kind of database; each test makes organizations of its own in it."""
    data_dir = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{data_dir / 'tandem.db'}"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgresql")
        url = cluster.new_database()
    with open_planning_house(data_dir, url, webhook_private_addresses="true") as running:
        yield running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data_dir = tmp_path_factory.mktemp("data")
    with ServerProcess(
        data_dir, http_port=free_port(socket.SOCK_STREAM), media_port=free_port(socket.SOCK_DGRAM)
    ) as running:
        yield running


@pytest.fixture(scope="session")
def data_dir(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "data0"


@pytest.fixture(scope="session")
def admin(server: ServerProcess, data_dir: Path) -> Iterator[httpx.Client]:
    key = json.loads((data_dir / "server.json").read_text())["admin_key"]
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        yield client


@pytest.fixture
def lesson(admin: httpx.Client) -> str:
    body = {"title": "Fractions", "recording_policy": "off"}
    return str(admin.post("/api/v1/lessons", json=body).raise_for_status().json()["id"])


@pytest.fixture
def anyone(server: ServerProcess) -> Iterator[httpx.Client]:
    """A client without credentials."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client
