from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from classroom_api.storage import MARK, Storage, open_storage
from streaming.errors import Refused, Unavailable
from tests.classroom_api.object_storage import ObjectServer, object_server

PREFIX = "resources/res_a"


@pytest.fixture
def server() -> Iterator[ObjectServer]:
    with object_server() as server:
        yield server


@pytest.fixture(params=["s3", "file"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "file":
        return open_storage(f"file://{tmp_path / 'store'}")
    server: ObjectServer = request.getfixturevalue("server")
    return open_storage(server.url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A replay."""
    made = tmp_path / "made"
    (made / "seat").mkdir(parents=True)
    (made / "index.m3u8").write_text("#EXTM3U\n")
    (made / "segment-0.m4s").write_bytes(b"s" * 300_000)
    (made / "seat" / "log").write_bytes(b"")
    return made


def keys(storage: Storage, prefix: str = PREFIX) -> list[str]:
    return [each.key.removeprefix(f"{PREFIX}/") for each in storage.list_prefix(prefix)]


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_folder_goes_there_and_comes_back(storage: Storage, folder: Path, tmp_path: Path) -> None:
    told: list[float] = []
    assert not storage.has_folder(PREFIX)
    assert storage.put_folder(PREFIX, folder, told.append) == 300_008
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert storage.has_folder(PREFIX)
    assert keys(storage) == ["index.m3u8", "seat/log", "segment-0.m4s", MARK]
    storage.fetch_folder(PREFIX, tmp_path / "back")
    assert content(tmp_path / "back") == content(folder)
    assert storage.read(f"{PREFIX}/index.m3u8", 100) == b"#EXTM3U\n"
    storage.put_folder("resources/res_ab", folder)
    storage.delete_prefix(PREFIX)
    storage.delete_prefix(PREFIX)
    assert keys(storage) == []
    assert storage.has_folder("resources/res_ab")


def test_what_a_killed_upload_left_is_found_and_goes(folder: Path, tmp_path: Path) -> None:
    storage = open_storage(f"file://{tmp_path / 'store'}")
    storage.put_folder(PREFIX, folder)
    half = tmp_path / "store" / PREFIX / "segment-1.m4s#1"  # obstore's name of what it writes
    half.write_bytes(b"half")
    assert "segment-1.m4s#1" in keys(storage)
    assert storage.sha256(f"{PREFIX}/segment-1.m4s#1") == hashlib.sha256(b"half").hexdigest()
    storage.put_folder(PREFIX, folder)
    assert not half.exists()
    half.write_bytes(b"half")
    storage.delete_prefix(PREFIX)
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def test_what_is_not_whole_is_not_taken_and_goes_on_where_it_was(
    storage: Storage, folder: Path, tmp_path: Path
) -> None:
    class Killed(Exception):
        pass

    def die(_: float) -> None:
        raise Killed

    with pytest.raises(Killed):
        storage.put_folder(PREFIX, folder, die)
    assert len(keys(storage)) == 1
    assert "index.m3u8" not in keys(storage)
    with pytest.raises(Refused):
        storage.fetch_folder(PREFIX, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    storage.put_folder(PREFIX, folder)
    (folder / "segment-0.m4s").rename(folder / "segment-1.m4s")
    (folder / "index.m3u8").write_text("#EXTM3V\n")
    storage.put_folder(PREFIX, folder)
    storage.fetch_folder(PREFIX, tmp_path / "back")
    assert content(tmp_path / "back") == content(folder)


def test_what_is_there_is_not_sent_again(
    server: ObjectServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = open_storage(server.url)
    storage.put_folder(PREFIX, folder)
    caplog.set_level(logging.INFO, "werkzeug")
    storage.put_folder(PREFIX, folder)
    asked = [record.getMessage() for record in caplog.records]
    assert ["PUT" in line for line in asked if "segment-0" in line] == []
    assert sum("PUT" in line and MARK in line for line in asked) == 1


def test_an_object_that_is_not_there_or_too_long_is_refused(storage: Storage, folder: Path) -> None:
    storage.put_folder(PREFIX, folder)
    outside = f"{PREFIX}/../../../made/index.m3u8"
    for key, limit_bytes in (
        (f"{PREFIX}/nothing", 100),
        (f"{PREFIX}/index.m3u8", 7),
        (f"{PREFIX}/seat", 7),
        (outside, 100),
    ):
        with pytest.raises(Refused):
            storage.read(key, limit_bytes)


def test_s3_gives_what_is_signed_to_anybody_for_a_while(server: ObjectServer, folder: Path) -> None:
    storage = open_storage(server.url)
    storage.put_folder(PREFIX, folder)
    address = storage.sign(f"{PREFIX}/segment-0.m4s", 60)
    assert "X-Amz-Expires=60" in address
    answer = httpx.get(address, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (206, b"s" * 10)
    assert storage.path_of("a") is None


def test_a_storage_that_is_gone_is_unavailable_and_comes_back(server: ObjectServer, folder: Path) -> None:
    storage = open_storage(server.url)
    storage.put_folder(PREFIX, folder)
    server.stop()
    for call in (
        lambda: storage.list_prefix(PREFIX),
        lambda: storage.put_folder(PREFIX, folder),
        lambda: storage.read(f"{PREFIX}/index.m3u8", 100),
        lambda: storage.delete([f"{PREFIX}/index.m3u8"]),
    ):
        with pytest.raises(Unavailable):
            call()
    server.start_again()
    assert storage.has_folder(PREFIX)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "s3:",
        "s3://",
        "ftp://a/b",
        "file://host/a",
        "file:relative",
        "s3://b?nonsense=1",
        "s3://b?endpoint",
    ],
)
def test_other_storages_there_are_not(url: str) -> None:
    with pytest.raises(ValueError, match=r"storage|query|field"):
        open_storage(url)
