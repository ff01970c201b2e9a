"""The wheel holds all that runs: installed into an empty environment it serves pages and makes lessons."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from load_tests.run import free_server
from tests.architecture.tree import ROOT

pytestmark = pytest.mark.timeout(900)  # builds the extension anew


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this checkout; objects are kept in build/wheel for the next time."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "-Cbuild-dir=build/wheel",
            f"-o={folder}",
            ".",
        ],
        cwd=ROOT,
        check=True,
    )
    (built,) = folder.glob("tandem_classroom-*.whl")
    return built


def constraints(folder: Path) -> Path:
    """The locked versions without their hashes, which pip does not allow in constraints."""
    pinned = re.findall(r"^([A-Za-z0-9_.-]+==\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    path = folder / "constraints.txt"
    path.write_text("\n".join(pinned) + "\n")
    return path


def test_the_wheel_holds_packages_pages_migrations_and_the_extension(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for expected in (
        r"streaming/_dataplane\..*\.so",
        r"streaming/server\.py",
        r"signaling/room\.py",
        r"recording/recorder\.py",
        r"classroom_api/cli\.py",
        r"classroom_api/store/migrations/versions/.*\.py",
        r"classroom_api/pages/index\.html",
        r"classroom_api/pages/assets/.*\.js",
    ):
        assert any(re.fullmatch(expected, name) for name in names), f"no {expected} in the wheel"
    strange = [name for name in names if re.match(r"tests/|load_tests/|web_client/|streaming/native/", name)]
    assert not strange


def test_an_empty_environment_installs_and_serves_it(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    subprocess.run(
        [environment / "bin" / "pip", "install", "--quiet", f"--constraint={constraints(tmp_path)}", wheel],
        check=True,
        cwd=tmp_path,
    )
    command = str(environment / "bin" / "tandem")
    with free_server(tmp_path / "data", command=command) as server:
        assert httpx.get(f"{server.url}/healthz").is_success
        page = httpx.get(f"{server.url}/")
        assert page.is_success
        assert "<script" in page.text
        assert server.start_lesson().lesson.startswith("les_")
