from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom_api.auth import load_or_create_keys
from classroom_api.cli import app
from classroom_api.store.jobs import enqueue
from load_tests.server_process import ServerProcess
from streaming.identifiers import is_identifier
from tests.classroom_api.house import open_planning_house
from tests.classroom_api.retention.recorded import add_lesson, record, school

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


def test_what_is_due_is_deleted_on_command(tmp_path: Path) -> None:
    nothing = RUN.invoke(app, ["retention", "--data-dir", str(tmp_path)])
    assert (nothing.exit_code, "not the data folder" in nothing.stderr) == (1, True)
    database_url = f"sqlite:///{tmp_path / 'tandem.db'}"
    load_or_create_keys(tmp_path / "keys.json")
    record(tmp_path, "les_a")
    with school(database_url) as session:
        add_lesson(session, "les_a")
    for told in ("2 due by policy, 1 erased\n", "Nothing is due.\n"):
        done = RUN.invoke(app, ["retention", "--data-dir", str(tmp_path)])
        assert (done.exit_code, done.stdout) == (0, told)


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


def test_jobs_are_listed_cancelled_and_begun_again(tmp_path: Path) -> None:
    with open_planning_house(tmp_path, f"sqlite:///{tmp_path / 'tandem.db'}") as house:
        where = ["--data-dir", str(tmp_path)]
        assert RUN.invoke(app, ["job", "list", *where]).exit_code == 0
        planning = house.service.planning
        row = asyncio.run(
            planning.transaction(
                lambda session: enqueue(session, "unknown", "k", {}, None, planning.now_ms())
            )
        )
        [job] = json.loads(RUN.invoke(app, ["job", "list", "--json", *where]).stdout)
        assert (job["id"], job["state"]) == (row.id, "pending")
        assert row.id in RUN.invoke(app, ["job", "list", "--state", "pending", *where]).stdout
        assert RUN.invoke(app, ["job", "cancel", row.id, *where]).stdout == "cancelled\n"
        assert "cancelled" in RUN.invoke(app, ["job", "list", "--watch", *where]).stdout
        refused = RUN.invoke(app, ["job", "cancel", row.id, *where])
        assert (refused.exit_code, "job_state_conflict" in refused.stderr) == (1, True)
        assert RUN.invoke(app, ["job", "retry", row.id, *where]).stdout == "pending\n"
