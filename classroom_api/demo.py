"""`tandem demo`: a server, a lesson that runs, a synthetic teacher in it, and a link for each role."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.table import Table

from classroom_api.serve import bind_http, describe, make_server
from classroom_api.service import Service
from classroom_api.settings import Settings
from classroom_api.store.lessons import RUNNING, LessonMode
from classroom_api.synthetic_teacher import SyntheticTeacher
from signaling.roles import Role
from streaming.errors import Unavailable
from streaming.identifiers import LessonId

_TITLE = "分数加法 · Adding fractions"


@dataclass(frozen=True, slots=True)
class Guest:
    """A seat that the demo hands out, and what to try in it."""

    role: Role
    page: str
    name: str
    classroom: str | None
    hint: str


_GUESTS = (
    Guest(Role.CLASSROOM, "classroom", "山村小学 · Hill school", "hill", "raise a hand (Space)"),
    Guest(Role.CLASSROOM, "classroom", "河边小学 · River school", "river", "a second room"),
    Guest(Role.ASSISTANT, "assist", "王老师 · Assistant Wang", "hill", "mute the own room, raise its hand"),
    Guest(Role.STUDENT, "join", "小明 · Xiao Ming", None, "watch from a phone"),
    Guest(Role.OBSERVER, "observe", "教研员 · Observer", None, "watch; cannot be heard"),
    Guest(Role.MASTER, "teach", "林老师 · Ms Lin", None, "take over, stage a room, end it"),
)  # fmt: skip


async def _prepare(service: Service, url: str) -> tuple[LessonId, str, list[tuple[Guest, str]]]:
    """A live lesson, the teacher's invitation, and the guests' links. An earlier demo's lesson is ended."""
    for earlier in await service.lessons(100):
        if earlier.title == _TITLE and earlier.state in RUNNING:
            await service.end_lesson(LessonId(earlier.id))
    row = await service.create_lesson(_TITLE, LessonMode.INTERACTIVE, "master_only", auto_publish=True)
    lesson = LessonId(row.id)
    links = []
    teacher = ""
    for guest in _GUESTS:
        _, invitation = await service.invite(lesson, guest.role, guest.name, guest.classroom, None)
        links.append((guest, f"{url}/{guest.page}/{lesson}#token={invitation}"))
        if guest.role is Role.MASTER:
            teacher = invitation
    await service.start_lesson(lesson)
    return lesson, teacher, links


def _print_links(console: Console, url: str, admin_key: str, links: list[tuple[Guest, str]]) -> None:
    table = Table(title="Open these in a browser", title_justify="left", box=None, padding=(0, 2))
    table.add_column("who", style="bold")
    table.add_column("try")
    for guest, _ in links:
        table.add_row(f"{guest.role.value}: {guest.name}", guest.hint)
    console.print(table)
    for guest, link in links:
        # Links stand alone and unwrapped, so that a terminal opens them whole.
        typer.echo(f"\n{guest.role.value} ({guest.name}):\n{link}")
    typer.echo(f"\nschedule and admin: {url}/   admin key: {admin_key}")
    typer.echo("\nEnd the lesson as master: the replay is there seconds later. Ctrl+C stops everything.")


async def _run(settings: Settings) -> None:
    with bind_http(settings) as listener:
        server, service, url = make_server(settings, listener)
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
        while not server.started:
            if serving.done():
                await serving
                raise Unavailable("unavailable", "The server could not start: the lines above say why.")
            await asyncio.sleep(0.05)
        lesson, invitation, links = await _prepare(service, url)
        for line in describe(settings, url, service.keys.admin_key):
            typer.echo(line)
        _print_links(Console(), url, service.keys.admin_key, links)
        certificate = str(settings.tls_cert) if settings.tls_cert is not None else None
        synthetic = SyntheticTeacher(f"{url}/whip/{lesson}", invitation, certificate=certificate)
        teacher = asyncio.create_task(synthetic.run(), name="teacher")
        try:
            await serving
        finally:
            teacher.cancel()
            await asyncio.gather(teacher, return_exceptions=True)


def run_demo(settings: Settings) -> None:
    """Until Ctrl+C."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(settings))
