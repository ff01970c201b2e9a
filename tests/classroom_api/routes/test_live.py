"""A lesson that runs, by HLS: who gets its address."""

from __future__ import annotations

from pathlib import Path

from signaling.roles import Role
from streaming.identifiers import LessonId
from tests.classroom_api.routes.live_classroom import RESOURCE, Classroom, run


def test_every_seat_of_the_lesson_gets_the_address_and_no_other(tmp_path: Path) -> None:
    async def scenario(classroom: Classroom) -> None:
        classroom.write(0, 1)
        addresses = set()
        for role in Role:
            [one] = (await classroom.live(await classroom.token(role))).raise_for_status().json()
            assert (one["resource"], one["kind"], one["seat"]) == (RESOURCE, "teacher", None)
            addresses.add(one["live_url"].split("/", 2)[1])
        assert addresses == {"media"}
        other = await classroom.service.create_lesson(
            "Other", "interactive", "master_only", auto_publish=True
        )
        stranger = await classroom.token(Role.MASTER, LessonId(other.id))
        assert (await classroom.live(stranger)).status_code == 404
        assert (await classroom.live({})).status_code == 401

    run(tmp_path, scenario)


def test_without_a_recording_there_is_nothing_to_follow(tmp_path: Path) -> None:
    async def scenario(classroom: Classroom) -> None:
        assert (await classroom.live(await classroom.token(Role.CLASSROOM))).json() == []

    run(tmp_path, scenario)
