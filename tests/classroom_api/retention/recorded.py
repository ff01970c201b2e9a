"""A lesson as the recorder and the packager leave it: a manifest, logs of three seats, three resources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.lessons import LessonState
from classroom_api.store.planning_schema import OrganizationRow, PairingRow, StudentGroupRow
from classroom_api.store.schema import ResourceRow, SeatRow
from recording.manifest import (
    LessonEnded,
    LessonPackaged,
    LessonStarted,
    ManifestEntry,
    SourceStarted,
    serialize_entry,
)
from tests.classroom_api.store.test_database import lesson_row

MASTER, HILL, LAKE = "master", "hill", "lake"


def identifier(prefix: str, lesson: str, name: str = "") -> str:
    """In the form of ours, and the same each time."""
    letters = hashlib.sha256(f"{lesson}{name}".encode()).hexdigest()
    return f"{prefix}_" + "".join("abcdefghijklmnopqrstuvwxyz234567"[int(c, 16)] for c in letters[:26])


def seat(lesson: str, name: str) -> str:
    return identifier("seat", lesson, name)


def resource(lesson: str, name: str) -> str:
    return identifier("res", lesson, name)


def log_key(lesson: str, name: str) -> str:
    return f"recordings/{lesson}/{seat(lesson, name)}/pub_{name}.rtplog"


def resource_keys(lesson: str, name: str) -> list[str]:
    files = ("index.m3u8", "init-0.mp4", "poster.jpg", "segment-0.m4s")
    return [f"resources/{resource(lesson, name)}/{file}" for file in files]


def record(data_dir: Path, lesson: str, *, is_packaged: bool = True) -> None:
    """The files."""
    entries: list[ManifestEntry] = [LessonStarted(lesson, "stage", 1000, 1, "boot")]
    for name in (MASTER, HILL, LAKE):
        log = log_key(lesson, name).removeprefix(f"recordings/{lesson}/")
        source = SourceStarted(
            publication=f"pub_{name}",
            seat=seat(lesson, name),
            role="master" if name == MASTER else "classroom",
            resource=resource(lesson, name),
            log=log,
            at_ms=1000,
            peer="peer",
            kind="video",
            source="camera",
            codec="H264",
            clock_rate_hz=90_000,
            channels=0,
            format_parameters="",
        )
        entries.append(source)
        for key in [log_key(lesson, name), *resource_keys(lesson, name)]:
            path = data_dir / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"media of {key}".encode() * 100)
    entries.append(LessonEnded(2000))
    if is_packaged:
        entries.append(LessonPackaged(3000))
    folder = data_dir / "recordings" / lesson
    (folder / "manifest.jsonl").write_bytes(b"".join(map(serialize_entry, entries)))
    (folder / "packager.json").write_text("{}")


def keys(data_dir: Path) -> list[str]:
    """All files of recordings and resources."""
    found = [path for top in ("recordings", "resources") for path in (data_dir / top).rglob("*")]
    return sorted(path.relative_to(data_dir).as_posix() for path in found if path.is_file())


@contextmanager
def school(database_url: str) -> Iterator[Session]:
    """A migrated database with one school, two groups and their pairings; committed as it goes."""
    engine = engine_of(database_url)
    upgrade_schema(engine)
    try:
        with Session(engine, expire_on_commit=False) as session:
            session.add(
                OrganizationRow(
                    id="org_a",
                    kind="school",
                    name="Hill",
                    path="/org_a/",
                    time_zone="Asia/Shanghai",
                    created_at_ms=0,
                )
            )
            session.flush()
            for name in (HILL, LAKE):
                group = StudentGroupRow(
                    id=f"grp_{name}",
                    organization_id="org_a",
                    name=name,
                    grade_levels=[3],
                    size=9,
                    created_at_ms=0,
                )
                session.add(group)
                session.flush()
                session.add(
                    PairingRow(
                        id=f"pair_{name}",
                        organization_id="org_a",
                        name=name,
                        student_group_id=group.id,
                        created_at_ms=0,
                    )
                )
            session.commit()
            yield session
    finally:
        engine.dispose()


@contextmanager
def reopened(database_url: str) -> Iterator[Session]:
    """A database that is there."""
    engine = engine_of(database_url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def add_lesson(
    session: Session,
    lesson: str,
    state: LessonState = LessonState.PUBLISHED,
    *,
    ended_at_ms: int | None = 2000,
    organization: str | None = "org_a",
    groups: dict[str, str] | None = None,
) -> None:
    """The rows. `groups`: the student group of a classroom's seat."""
    groups = {HILL: "grp_hill", LAKE: "grp_lake"} if groups is None else groups
    session.add(
        lesson_row(
            lesson,
            title="分数",
            state=state,
            recording_policy="stage",
            organization_id=organization,
            started_at_ms=1000,
            ended_at_ms=ended_at_ms,
        )
    )
    session.flush()
    for name in (MASTER, HILL, LAKE):
        session.add(
            SeatRow(
                id=seat(lesson, name),
                lesson_id=lesson,
                role="master" if name == MASTER else "classroom",
                name=name,
                recording_consent=True,
                created_at_ms=0,
                student_group_id=groups.get(name),
            )
        )
        session.add(
            ResourceRow(
                id=resource(lesson, name),
                lesson_id=lesson,
                kind="teacher" if name == MASTER else "stage",
                seat_id=None if name == MASTER else seat(lesson, name),
                state="ready",
                playlist="index.m3u8",
                poster="poster.jpg",
                duration_ms=1000,
                created_at_ms=0,
            )
        )
    session.commit()
