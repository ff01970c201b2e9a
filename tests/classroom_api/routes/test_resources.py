from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import httpx
import pytest

from classroom_api.auth import load_or_create_keys
from classroom_api.signed_paths import PathSigner
from classroom_api.storage import open_storage
from tests.classroom_api.house import open_planning_house
from tests.classroom_api.object_storage import object_server

LESSONS = "/api/v1/lessons"


@pytest.fixture
def resource(data_dir: Path, lesson: str) -> str:
    """A playable resource of `lesson`, as the recorder would leave it."""
    identifier = f"res_{lesson.removeprefix('les_')}"
    with sqlite3.connect(data_dir / "tandem.db") as database:
        database.execute(
            "insert into resources (id, lesson_id, kind, state, playlist, poster, duration_ms, created_at_ms)"
            " values (?, ?, 'teacher', 'playable', 'index.m3u8', 'poster.jpg', 5000, 0)",
            (identifier, lesson),
        )
    folder = data_dir / "resources" / identifier
    folder.mkdir(parents=True)
    (folder / "index.m3u8").write_text("#EXTM3U\n")
    (folder / "segment-0.m4s").write_bytes(bytes(range(100)))
    (folder / "notes.txt").write_text("private")
    return identifier


def test_a_replay_is_played_from_a_signed_path(
    admin: httpx.Client, anyone: httpx.Client, lesson: str, resource: str
) -> None:
    [listed] = admin.get(f"{LESSONS}/{lesson}/resources").json()
    assert listed == admin.get(f"/api/v1/resources/{resource}").json()
    assert (listed["state"], listed["duration_ms"], listed["kind"]) == ("playable", 5000, "teacher")
    expiry_s = int(listed["hls_url"].split("/")[2].split(".")[0])
    assert expiry_s >= time.time() + 3600
    playlist = anyone.get(listed["hls_url"])
    assert playlist.text == "#EXTM3U\n"
    assert playlist.headers["content-type"] == "application/vnd.apple.mpegurl"
    segment = anyone.get(
        listed["hls_url"].replace("index.m3u8", "segment-0.m4s"), headers={"Range": "bytes=10-19"}
    )
    assert (segment.status_code, segment.content) == (206, bytes(range(10, 20)))
    again = anyone.get(listed["hls_url"], headers={"If-None-Match": playlist.headers["etag"]})
    assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", "no-cache")


@pytest.mark.parametrize(
    "name", ["notes.txt", "..%2f..%2fkeys.json", "%2e%2e/keys.json", "segment-9.m4s", ".hidden.mp4"]
)
def test_nothing_else_is_served(anyone: httpx.Client, admin: httpx.Client, resource: str, name: str) -> None:
    url = admin.get(f"/api/v1/resources/{resource}").json()["hls_url"]
    assert anyone.get(url.replace("index.m3u8", name)).status_code == 404


def test_a_signature_is_needed(anyone: httpx.Client, data_dir: Path, resource: str) -> None:
    signer = PathSigner(load_or_create_keys(data_dir / "keys.json").secret)
    old = signer.prefix(resource, int(time.time()) - 1)
    other = signer.prefix("res_other", int(time.time()) + 60).replace("res_other", resource)
    for prefix, code in (
        (old, "token_expired"),
        (other, "token_invalid"),
        (f"/media/1.x/{resource}", "token_invalid"),
    ):
        answer = anyone.get(f"{prefix}/index.m3u8")
        assert (answer.status_code, answer.json()["code"]) == (401, code)


def private_seat(lesson: str) -> str:
    return lesson.replace("les_", "seat_")


def keep_a_seat_private(data_dir: Path, lesson: str, resource: str) -> None:
    """The resource is of a classroom whose student group has not consented to publication."""
    with sqlite3.connect(data_dir / "tandem.db") as database:
        database.execute(
            "insert into seats"
            " (id, lesson_id, role, name, recording_consent, created_at_ms, student_group_id)"
            " values (?, ?, 'classroom', '', 1, 0, 'grp_any')",
            (private_seat(lesson), lesson),
        )
        database.execute("update resources set seat_id = ? where id = ?", (private_seat(lesson), resource))


def test_pupils_wait_for_publication_and_strangers_for_ever(
    anyone: httpx.Client, admin: httpx.Client, data_dir: Path, lesson: str, resource: str
) -> None:
    invitation = admin.post(f"{LESSONS}/{lesson}/invitations", json={"role": "student"}).json()["invitation"]
    pupil = {"Authorization": f"Bearer {invitation}"}
    assert anyone.get(f"/api/v1/resources/{resource}", headers=pupil).json()["code"] == "not_permitted"
    assert anyone.get(f"{LESSONS}/{lesson}/resources", headers=pupil).json()["code"] == "not_permitted"
    with sqlite3.connect(data_dir / "tandem.db") as database:
        database.execute("update lessons set state = 'published' where id = ?", (lesson,))
    assert anyone.get(f"/api/v1/resources/{resource}", headers=pupil).json()["id"] == resource
    assert len(anyone.get(f"{LESSONS}/{lesson}/resources", headers=pupil).json()) == 1
    keep_a_seat_private(data_dir, lesson, resource)
    assert anyone.get(f"{LESSONS}/{lesson}/resources", headers=pupil).json() == []
    assert anyone.get(f"/api/v1/resources/{resource}", headers=pupil).json()["code"] == "resource_unknown"
    assert admin.get(f"/api/v1/resources/{resource}").json()["id"] == resource
    other = admin.post(LESSONS, json={"title": "Another"}).json()["id"]
    stranger = admin.post(f"{LESSONS}/{other}/invitations", json={"role": "master"}).json()["invitation"]
    answer = anyone.get(f"/api/v1/resources/{resource}", headers={"Authorization": f"Bearer {stranger}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "resource_unknown")


def test_what_is_in_the_storage_alone_is_played_from_there(tmp_path: Path) -> None:
    with object_server() as objects:
        data_dir = tmp_path / "data"
        data_dir.mkdir()
        url = f"sqlite:///{data_dir / 'tandem.db'}"
        made = tmp_path / "made"
        made.mkdir()
        (made / "index.m3u8").write_text("#EXTM3U\n")
        (made / "segment-0.m4s").write_bytes(bytes(range(100)))
        open_storage(objects.url).put_folder("resources/res_a", made)
        with open_planning_house(data_dir, url, storage=objects.url) as house:
            prefix = house.service.signer.prefix("res_a", int(time.time()) + 60)
            playlist = house.anyone.get(f"{prefix}/index.m3u8")
            assert (playlist.status_code, playlist.text) == (200, "#EXTM3U\n")
            moved = house.anyone.get(f"{prefix}/segment-0.m4s")
            assert moved.status_code == 307
            segment = httpx.get(moved.headers["location"], headers={"Range": "bytes=10-19"})
            assert (segment.status_code, segment.content) == (206, bytes(range(10, 20)))
            assert house.anyone.get(f"{prefix}/other.m3u8").status_code == 404
            assert house.anyone.get(f"{prefix}/stored.json").status_code == 404
            objects.stop()
            gone = house.anyone.get(f"{prefix}/index.m3u8")
            assert (gone.status_code, gone.json()["code"]) == (503, "unavailable")
            objects.start_again()


def test_a_storage_that_is_a_folder_is_played_from(tmp_path: Path) -> None:
    data_dir, store = tmp_path / "data", tmp_path / "store"
    (store / "resources" / "res_a").mkdir(parents=True)
    (store / "resources" / "res_a" / "index.m3u8").write_text("#EXTM3U\n")
    url = f"sqlite:///{data_dir / 'tandem.db'}"
    with open_planning_house(data_dir, url, storage=f"file://{store}") as house:
        prefix = house.service.signer.prefix("res_a", int(time.time()) + 60)
        assert house.anyone.get(f"{prefix}/index.m3u8").text == "#EXTM3U\n"
        assert house.anyone.get(f"{prefix}/segment-0.m4s").status_code == 404
