from __future__ import annotations

import stat
from pathlib import Path

import pytest

from classroom_api.client import (
    SERVER_FILE,
    ApiClient,
    ServerAddress,
    connect,
    read_server_file,
    write_server_file,
)
from load_tests.server_process import ServerProcess
from streaming.errors import Refused, Unavailable


def test_the_address_is_written_for_the_owner_alone(tmp_path: Path) -> None:
    address = ServerAddress("http://127.0.0.1:1", "adm_x", 7)
    write_server_file(tmp_path, address)
    assert read_server_file(tmp_path) == address
    assert stat.S_IMODE((tmp_path / SERVER_FILE).stat().st_mode) == 0o600


def test_a_server_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    with ApiClient(ServerAddress("http://127.0.0.1:1", "adm_x", 7)) as api, pytest.raises(Unavailable):
        api.lessons()
    with pytest.raises(Unavailable):
        connect(tmp_path)


def test_a_problem_becomes_an_error_with_its_code(server: ServerProcess, data_dir: Path) -> None:
    with connect(data_dir) as api:
        assert isinstance(api.lessons(), list)
        with pytest.raises(Refused) as refused:
            api.call("GET", "/lessons/les_x")
    assert refused.value.code == "lesson_unknown"
