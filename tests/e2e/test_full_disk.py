"""The data folder's file system fills up in mid-lesson: the lesson goes on, and everybody is told."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.browser import CameraFiles, chromium, eventually, inbound, open_page, skip_device_check
from tests.e2e.conftest import House, open_house
from tests.e2e.teacher import teaching

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def small_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A server whose data folder holds 24 MiB, and which would use all of it."""
    monkeypatch.setenv("TANDEM_RECORDING_FREE_MB", "0")
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(data_dir)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system takes privileges that are not given here")
    try:
        with open_house(tmp_path, "127.0.0.1") as house:
            yield house
    finally:
        subprocess.run(["umount", str(data_dir)], check=True)


def _recording_state(page: Page) -> str:
    return page.get_by_test_id("rec").first.get_attribute("data-state") or ""


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as ballast:
        try:
            while ballast.write(bytes(65_536)):
                pass
        except OSError:
            return


def test_a_full_disk(small_house: House, camera: CameraFiles) -> None:
    lesson = small_house.lesson(record="master_only")
    link = skip_device_check(small_house.link(lesson, "classroom", "Hill", "c1"))
    ballast = small_house.data_dir / "ballast"
    with (
        teaching(small_house.server.url, lesson, small_house.token(lesson, "master", "Ms Lin")),
        chromium(camera) as browser,
    ):
        room = open_page(browser, link)
        eventually(lambda: _recording_state(room) == "recording", 30, "the REC mark")
        _fill(ballast)
        eventually(lambda: _recording_state(room) == "failed", 30, "word that the recording failed")
        frames = sum(one["frames"] for one in inbound(room, "video"))
        eventually(
            lambda: sum(one["frames"] for one in inbound(room, "video")) > frames + 50,
            20,
            "the lesson to go on",
        )
        room.get_by_test_id("raise-hand").click()
        ballast.unlink()
        eventually(lambda: _recording_state(room) == "recording", 40, "the recording to go on")
