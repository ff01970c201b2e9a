from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom_api.cli import app
from load_tests.server_process import ServerProcess
from streaming.identifiers import is_identifier

RUN = CliRunner()


def test_a_lesson_by_commands_alone(server: ServerProcess) -> None:
    lesson = server.tandem("lesson", "create", "--title", "分数", "--record", "off")
    assert is_identifier(lesson, "les")
    invitation = server.tandem("token", "--lesson", lesson, "--role", "classroom", "--classroom", "hill")
    assert invitation.count(".") == 2
    link = server.tandem("token", "--lesson", lesson, "--role", "master", "--link")
    assert f"/teach/{lesson}#token=" in link
    assert server.tandem("lesson", "start", lesson) == "live"
    listed = json.loads(server.tandem("lesson", "list", "--json"))
    assert [entry["state"] for entry in listed if entry["id"] == lesson] == ["live"]
    assert lesson in server.tandem("lesson", "list")
    assert server.tandem("lesson", "end", lesson) in ("ended", "processing", "review", "published")


def test_errors_are_one_line_and_a_status(data_dir: Path, server: ServerProcess) -> None:
    done = RUN.invoke(app, ["lesson", "start", "les_x", "--data-dir", str(data_dir)])
    assert done.exit_code == 1
    assert done.stderr == "tandem: There is no such lesson: check the link. [lesson_unknown]\n"


def test_without_a_server_it_says_what_to_start(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["lesson", "list", "--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "tandem serve --data-dir" in done.stderr


@pytest.mark.parametrize(
    ("flags", "named"),
    [(["--public-address", "school.example"], "--public-address"), (["--http-port", "99999"], "--http-port")],
)
def test_a_wrong_flag_is_named(flags: list[str], named: str, tmp_path: Path) -> None:
    done = RUN.invoke(app, ["serve", "--data-dir", str(tmp_path), *flags])
    assert done.exit_code == 2
    assert named in done.stderr


def test_openapi_is_printed_without_a_server() -> None:
    done = RUN.invoke(app, ["openapi"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["info"]["title"] == "Tandem"


def test_doctor_reports_each_check(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["doctor", "--data-dir", str(tmp_path)])
    for subject in ("packet worker", "pages", "encoders", "addresses", "UDP buffers", "disk", "TLS"):
        assert subject in done.stdout
