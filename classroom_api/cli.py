"""The command `tandem`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from classroom_api.settings import Settings, forget_recording_key, load_settings
from streaming.errors import TandemError

app = typer.Typer(
    help="Tandem: one master teacher, many remote classrooms, and a replay when the bell rings.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
lesson_app = typer.Typer(help="Make, start, end and list lessons.", no_args_is_help=True)
app.add_typer(lesson_app, name="lesson")

DataDir = Annotated[
    Path, typer.Option("--data-dir", envvar="TANDEM_DATA_DIR", help="The server's data folder.")
]
_DATA = Path("data")


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Our own errors and wrong settings become one line and exit status 1 or 2."""
    try:
        yield
    except TandemError as error:
        typer.echo(f"tandem: {error.detail or error.code} [{error.code}]", err=True)
        raise typer.Exit(1) from None
    except ValidationError as error:
        for problem in error.errors():
            flag = "--" + "-".join(str(part) for part in problem["loc"]).replace("_", "-")
            typer.echo(f"tandem: {flag}: {problem['msg']}", err=True)
        raise typer.Exit(2) from None


Host = Annotated[str | None, typer.Option(help="HTTP address; 0.0.0.0 for all. [default: 127.0.0.1]")]
HttpPort = Annotated[int | None, typer.Option(help="HTTP and WebSocket port. [default: 8080]")]
MediaPort = Annotated[int | None, typer.Option(help="UDP port of all media. [default: 7882]")]
PacketWorkers = Annotated[
    int | None, typer.Option(help="Threads that carry media. [default: all cores but one, at most 8]")
]
PublicAddress = Annotated[
    list[str] | None,
    typer.Option(help="Where clients send media (repeat it; PUBLIC=LOCAL behind NAT). [default: found]"),
]
Data = Annotated[Path | None, typer.Option(help="Database, keys, recordings, resources. [default: data]")]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="postgresql://user@host/name. [default: a SQLite file in the data folder]")
]
Certificate = Annotated[Path | None, typer.Option(help="TLS certificate chain (PEM).")]
CertificateKey = Annotated[Path | None, typer.Option(help="TLS private key (PEM).")]
Participants = Annotated[int | None, typer.Option(help="Seats and viewers of one lesson. [default: 1200]")]


def _settings(*, public_address: list[str] | None = None, **flags: object) -> Settings:
    settings = load_settings({**flags, "public_address": tuple(public_address or ())})
    forget_recording_key()
    return settings


@app.command()
def serve(
    host: Host = None,
    http_port: HttpPort = None,
    media_port: MediaPort = None,
    public_address: PublicAddress = None,
    data_dir: Data = None,
    database_url: DatabaseUrl = None,
    tls_cert: Certificate = None,
    tls_key: CertificateKey = None,
    max_participants: Participants = None,
    packet_workers: PacketWorkers = None,
) -> None:
    """Run everything for one school on this machine. Settings also come from TANDEM_… variables."""
    flags = dict(locals())
    from classroom_api.serve import run_server

    with _told_plainly():
        run_server(_settings(**flags))


@app.command()
def demo(
    host: Host = None,
    http_port: HttpPort = None,
    media_port: MediaPort = None,
    public_address: PublicAddress = None,
    data_dir: Data = None,
    tls_cert: Certificate = None,
    tls_key: CertificateKey = None,
) -> None:
    """Start a server with a lesson and a synthetic teacher, and print a link for each role."""
    flags = dict(locals())
    from classroom_api.demo import run_demo

    with _told_plainly():
        run_demo(_settings(**flags))


@lesson_app.command("create")
def lesson_create(
    title: Annotated[str, typer.Option(help="What the lesson is about.")],
    mode: Annotated[
        str, typer.Option(help="interactive, broadcast, integrated, training, event.")
    ] = "interactive",
    record: Annotated[str, typer.Option(help="off, master_only or stage.")] = "master_only",
    auto_publish: Annotated[bool, typer.Option(help="Pupils may replay as soon as it is ready.")] = True,
    voice_ptime_ms: Annotated[
        int, typer.Option(help="Voice in one packet: 20, or, in broadcast lessons, 40 or 60.")
    ] = 20,
    data_dir: DataDir = _DATA,
) -> None:
    """Make a lesson and print its id alone."""
    from classroom_api.client import connect

    with _told_plainly(), connect(data_dir) as api:
        body = {
            "title": title,
            "mode": mode,
            "recording_policy": record,
            "auto_publish": auto_publish,
            "voice_ptime_ms": voice_ptime_ms,
        }
        typer.echo(api.call("POST", "/lessons", body)["id"])


LessonArgument = Annotated[str, typer.Argument(metavar="ID", help="The lesson's id.")]


@lesson_app.command("start")
def lesson_start(lesson: LessonArgument, data_dir: DataDir = _DATA) -> None:
    """Lobby to live."""
    _lesson_call(data_dir, lesson, "start")


@lesson_app.command("end")
def lesson_end(lesson: LessonArgument, data_dir: DataDir = _DATA) -> None:
    """End a lesson; its replay is made."""
    _lesson_call(data_dir, lesson, "end")


def _lesson_call(data_dir: Path, lesson: str, action: str) -> None:
    from classroom_api.client import connect

    with _told_plainly(), connect(data_dir) as api:
        typer.echo(api.call("POST", f"/lessons/{lesson}/{action}")["state"])


@lesson_app.command("list")
def lesson_list(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False, data_dir: DataDir = _DATA
) -> None:
    """The newest lessons."""
    from classroom_api.client import connect

    with _told_plainly(), connect(data_dir) as api:
        lessons = api.lessons()
    if as_json:
        typer.echo(json.dumps(lessons, ensure_ascii=False, indent=2))
        return
    if not lessons:
        typer.echo("No lessons yet: tandem lesson create --title …", err=True)
        return
    table = Table("id", "state", "title", "participants", "recording")
    for lesson in lessons:
        columns = ("id", "state", "title", "participants", "recording_policy")
        table.add_row(*(str(lesson[column]) for column in columns))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@app.command()
def token(
    lesson: Annotated[str, typer.Option(help="The lesson's id.")],
    role: Annotated[str, typer.Option(help="master, assistant, classroom, student or observer.")],
    name: Annotated[str, typer.Option(help="What others read.")] = "",
    classroom: Annotated[
        str | None, typer.Option(help="The classroom it belongs to: an assistant's power ends there.")
    ] = None,
    record: Annotated[
        bool | None, typer.Option("--consent/--no-consent", help="To recording. [default: the master alone]")
    ] = None,
    link: Annotated[bool, typer.Option("--link", help="Print the whole link instead.")] = False,
    data_dir: DataDir = _DATA,
) -> None:
    """Print an invitation alone."""
    from classroom_api.client import connect

    body: dict[str, Any] = {"role": role, "name": name, "classroom": classroom, "recording_consent": record}
    with _told_plainly(), connect(data_dir) as api:
        answer = api.call("POST", f"/lessons/{lesson}/invitations", body)
        typer.echo(answer["url" if link else "invitation"])


@app.command()
def worker(data_dir: Data = None, database_url: DatabaseUrl = None) -> None:
    """Finish the replays that wait in a stopped server's data folder. A running server does so by itself."""
    from classroom_api.worker import run_worker

    with _told_plainly():
        settings = _settings(data_dir=data_dir, database_url=database_url)
        run_worker(settings.recording(), settings.database_url)


@app.command()
def retention(data_dir: Data = None, database_url: DatabaseUrl = None) -> None:
    """Delete now what is due: by age, and what was asked for. A running server does so by itself."""
    from classroom_api.upkeep import run_retention

    with _told_plainly():
        run_retention(_settings(data_dir=data_dir, database_url=database_url))


@app.command()
def doctor(
    host: Host = None,
    media_port: MediaPort = None,
    public_address: PublicAddress = None,
    data_dir: Data = None,
    tls_cert: Certificate = None,
    tls_key: CertificateKey = None,
) -> None:
    """Look at this machine: what is there, what lacks, what to do."""
    flags = dict(locals())
    from classroom_api.doctor import Verdict, examine

    colours = {Verdict.GOOD: "green", Verdict.WARNING: "yellow", Verdict.BAD: "red"}
    console = Console()
    is_bad = False
    with _told_plainly():
        for finding in examine(_settings(**flags)):
            mark = f"[{colours[finding.verdict]}]{finding.verdict.value:8}[/]"
            console.print(f"{mark}[bold]{finding.subject}[/]: {finding.sentence}", highlight=False)
            is_bad = is_bad or finding.verdict is Verdict.BAD
    raise typer.Exit(1 if is_bad else 0)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from classroom_api.app import openapi_document

    typer.echo(json.dumps(openapi_document(), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    app()
