"""The offline package: made by its process, and played by a browser from disk with the network off."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from classroom_api import packages
from classroom_api.package_plan import PackagePlan, serialize_package
from classroom_api.packages import PackageRefused, make_package
from recording.store import alone_in
from tests.classroom_api.packaged import SECONDS, make_slides, make_version
from tests.e2e.browser import chromium, eventually

DETAILS = {
    "title": "分数的初步认识",
    "description": "第一课",
    "creators": ["林老师"],
    "keywords": ["分数"],
    "subject": "数学",
    "licence": "CC-BY-4.0",
}
SHOWN = {
    "chapters": [
        {"start_ms": 0, "kind": "opening", "title": "", "page": None},
        {"start_ms": 4000, "kind": "marker", "title": "分一分</script>", "page": None},
    ],
    "captions": [{"language": "zh-CN", "label": "中文", "cues": [[3500, 6000, "一半是二分之一"]]}],
}


@pytest.fixture
def plan(tmp_path: Path) -> PackagePlan:
    folder = make_version(tmp_path)
    first, second = make_slides(tmp_path, 2)
    return PackagePlan(
        folder=folder,
        playlists={"teacher": f"{folder}/teacher-480.m3u8"},
        sound=f"{folder}/audio-128.m3u8",
        slides=((0, first), (3000, second), (4000, None), (5000, first)),
        details=DETAILS,
        shown=SHOWN,
    )


def test_it_plays_from_disk_without_a_network(tmp_path: Path, plan: PackagePlan) -> None:
    plan_file = tmp_path / "plan.json"
    plan_file.write_text(serialize_package(plan))
    command = [sys.executable, "-m", "classroom_api.packages"]
    done = subprocess.run(
        [*command, "--data-dir", str(tmp_path), "--plan", str(plan_file)], capture_output=True, check=True
    )
    result = json.loads(done.stdout.splitlines()[-1])["result"]
    package = tmp_path / plan.folder / "package.zip"
    assert result["sha256"] == hashlib.sha256(package.read_bytes()).hexdigest()
    assert [path.name for path in package.parent.iterdir() if path.is_dir()] == []
    unpacked = tmp_path / "unpacked"
    with ZipFile(package) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for each in manifest["files"]:
            assert hashlib.sha256(archive.read(each["name"])).hexdigest() == each["sha256"]
        names = {each["name"] for each in manifest["files"]}
        archive.extractall(unpacked)
    assert {"index.html", "data.js", "media/teacher.mp4", "slides/001.webp", "slides/002.webp"} == names
    assert manifest["dcterms"]["title"] == DETAILS["title"]
    with chromium() as browser:
        context = browser.new_context(locale="zh-CN", offline=True)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto((unpacked / "index.html").as_uri())
        video, slide = page.locator("#teacher"), page.locator("#slide")
        eventually(lambda: video.evaluate("(video) => video.readyState >= 3"), 30, "the picture")
        assert abs(float(video.evaluate("(video) => video.duration")) - SECONDS) < 0.1
        assert slide.evaluate("(image) => image.complete && image.naturalWidth") == 640
        page.locator("select").select_option(label="中文")
        before = video.screenshot()
        video.evaluate("(video) => { video.muted = true; return video.play(); }")
        eventually(lambda: str(slide.get_attribute("src")).endswith("002.webp"), 30, "the second slide")
        assert video.screenshot() != before
        eventually(lambda: page.get_by_text("一半是二分之一").is_visible(), 30, "the caption")
        page.get_by_role("button", name="分一分</script>").click()
        eventually(slide.is_hidden, 30, "the cleared board")
        assert faults == []


def test_paths_that_lead_elsewhere_are_refused(tmp_path: Path, plan: PackagePlan) -> None:
    (tmp_path / "keys.json").write_text("secret")
    tricks = [
        replace(plan, slides=((0, "keys.json"),)),
        replace(plan, slides=((0, f"{plan.folder}/../../keys.json"),)),
        replace(plan, playlists={"teacher": f"{plan.folder}/../x.m3u8"}),
        replace(plan, playlists={"../teacher": f"{plan.folder}/teacher-480.m3u8"}),
    ]
    for each in tricks:
        with pytest.raises(PackageRefused, match="path_refused"):
            make_package(tmp_path, each)
    playlist = tmp_path / plan.folder / "teacher-480.m3u8"
    playlist.write_text(playlist.read_text().replace("teacher-480-00000.m4s", "../../keys.json"))
    with pytest.raises(PackageRefused, match="path_refused"):
        make_package(tmp_path, plan)
    assert not (tmp_path / plan.folder / "package.zip").exists()


def holds_open(process: int, path: Path) -> bool:
    try:
        return any(link.resolve() == path for link in Path(f"/proc/{process}/fd").iterdir())
    except OSError:  # closed between two looks
        return False


def test_it_waits_for_another_that_makes_it(tmp_path: Path, plan: PackagePlan) -> None:
    folder = tmp_path / plan.folder
    theirs = folder / "package.work" / "package.zip"
    theirs.parent.mkdir()
    theirs.write_bytes(b"half of it")
    plan_file = tmp_path / "plan.json"
    plan_file.write_text(serialize_package(plan))
    command = [sys.executable, "-m", "classroom_api.packages"]
    with alone_in(folder):
        second = subprocess.Popen(
            [*command, "--data-dir", str(tmp_path), "--plan", str(plan_file)], stdout=subprocess.DEVNULL
        )
        eventually(lambda: holds_open(second.pid, folder), 60, "its turn")
        assert theirs.read_bytes() == b"half of it"
        assert not (folder / "package.zip").exists()
    assert second.wait(60) == 0
    with ZipFile(folder / "package.zip") as archive:
        assert archive.testzip() is None


def test_its_size_is_bounded(tmp_path: Path, plan: PackagePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MAX_BYTES", 1000)
    with pytest.raises(PackageRefused, match="package_too_large"):
        make_package(tmp_path, plan)
    assert [path.name for path in (tmp_path / plan.folder).iterdir() if path.is_dir()] == []


def test_media_that_cannot_be_read_are_refused(tmp_path: Path, plan: PackagePlan) -> None:
    (tmp_path / plan.folder / "teacher-480-00000.m4s").write_bytes(b"\x00" * 5000)
    (tmp_path / plan.folder / "teacher-480-init.mp4").write_bytes(b"\x00" * 50)
    with pytest.raises(PackageRefused, match="media_malformed"):
        make_package(tmp_path, plan)
