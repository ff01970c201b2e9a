"""A lesson that was recorded, and versions of its replay as the ladder leaves them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.orm import Session

from classroom_api.store import versions as store
from classroom_api.store.database import engine_of
from classroom_api.store.lessons import LessonState
from classroom_api.store.resource_schema import JobRow, VersionRow
from classroom_api.store.schema import ResourceRow
from tests.classroom_api.house import API, House
from tests.classroom_api.outbox.receiver import WAIT_S
from tests.classroom_api.retention.recorded import (
    HILL,
    LAKE,
    MASTER,
    add_lesson,
    identifier,
    record,
    resource,
)

LENGTH_MS = 60_000
WHY = {"reason": "review"}


def reviewed_lesson(
    house: House, name: str, state: LessonState = LessonState.REVIEW
) -> tuple[str, str, dict[str, str]]:
    """(lesson, school, groups): a minute with two classrooms, whose groups consent to publication."""
    school = house.organization()
    groups = {
        each: house.make("student-groups", organization_id=school, name=each, grade_levels=[3], size=9)
        for each in (HILL, LAKE)
    }
    for group in groups.values():
        decide(house, group, "publication", "granted")
        decide(house, group, "recording", "granted")
    lesson = identifier("les", f"{name}{school}")
    record(data_dir(house), lesson)
    engine = engine_of(house.database_url)
    with Session(engine) as session:
        add_lesson(session, lesson, state, organization=school, groups=groups)
        for each in (MASTER, HILL, LAKE):
            session.get_one(ResourceRow, resource(lesson, each)).duration_ms = LENGTH_MS
        session.commit()
    engine.dispose()
    return lesson, school, groups


def data_dir(house: House) -> Path:
    return house.service.resource_folder.parent


def decide(house: House, group: str, kind: str, decision: str) -> None:
    body = {"student_group_id": group, "kind": kind, "decision": decision}
    assert house.admin.post(f"{API}/consents", json=body).status_code == 201


def made_of(sources: dict[str, str], duration_ms: int) -> dict[str, Any]:
    """What a ladder says. `sources`: resource -> kind."""
    names = {resource: kind if kind != "stage" else "stage-1" for resource, kind in sources.items()}
    pictures = [
        {
            "name": name,
            "kind": sources[resource],
            "resource": resource,
            "seat": "",
            "playlist": f"{name}.m3u8",
            "poster": f"{name}.jpg",
        }
        for resource, name in names.items()
    ]
    downloads = [{"kind": "lesson", "name": "lesson.mp4", "bytes": 9, "sha256": "0" * 64}]
    return {"duration_ms": duration_ms, "bytes": 99, "pictures": pictures, "downloads": downloads}


def finish(house: House, version: str, duration_ms: int = LENGTH_MS) -> list[str]:
    """The ladder's job ends; the keys of what it has made."""
    folder = data_dir(house) / "resources" / version
    folder.mkdir(parents=True, exist_ok=True)
    engine = engine_of(house.database_url)
    with Session(engine) as session, session.begin():
        row = session.get_one(VersionRow, version)
        kinds = {name: session.get_one(ResourceRow, name).kind for name in row.sources}
        made = made_of(kinds, duration_ms)
        store.finish_version(session, version, made, int(time.time() * 1000))
        for job in store.jobs_of(session, row):
            job.state = "done"
    engine.dispose()
    files = [each[part] for each in made["pictures"] for part in ("playlist", "poster")]
    for name in (*files, "lesson.mp4", "teacher-480-00001.m4s"):
        (folder / name).write_bytes(f"#EXTM3U {version} {name}".encode())
    return sorted(path.relative_to(data_dir(house)).as_posix() for path in folder.iterdir())


def jobs(house: House, lesson: str) -> list[tuple[str, str, bool]]:
    """(version, state, is_cancelled) of each."""
    engine = engine_of(house.database_url)
    with Session(engine) as session:
        rows = session.query(JobRow).where(JobRow.lesson_id == lesson).order_by(JobRow.created_at_ms)
        found = [(str(row.payload["version"]), row.state, row.is_cancelled) for row in rows]
    engine.dispose()
    return found


def proposed(client: httpx.Client, lesson: str, **edit: object) -> str:
    """A draft with this edit; its id."""
    draft = client.post(f"{API}/lessons/{lesson}/versions")
    assert draft.status_code == 201, draft.text
    body = {"edit": {**draft.json()["edit"], **edit}, "details": draft.json()["details"]}
    path = f"{API}/versions/{draft.json()['id']}"
    changed = client.put(path, json=body, headers={"If-Match": draft.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    return str(draft.json()["id"])


def published(
    house: House, lesson: str, duration_ms: int = LENGTH_MS, **edit: object
) -> tuple[str, list[str]]:
    """A version that is made and published; its id, and the keys of its files."""
    version = proposed(house.admin, lesson, **edit)
    assert house.admin.post(f"{API}/versions/{version}/make").json()["state"] == "making"
    keys = finish(house, version, duration_ms)
    answer = house.admin.post(f"{API}/versions/{version}/publish")
    assert answer.json()["state"] == "published", answer.text
    return version, keys


def proof_of(house: House, school: str, target_id: str) -> dict[str, Any]:
    """The erasure of something, once it is carried out."""
    give_up = time.monotonic() + WAIT_S
    while True:
        listed = house.admin.get(f"{API}/erasures?limit=500").json()
        [found] = [each for each in listed if each["target_id"] == target_id]
        proof: dict[str, Any] = house.admin.get(f"{API}/erasures/{found['id']}").json()
        if proof["finished_at_ms"] is not None:
            assert proof["organization_id"] == school
            return proof
        assert time.monotonic() < give_up, proof
