from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from classroom_api.auth import TokenKind
from classroom_api.service import Service
from classroom_api.settings import load_settings
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId


def _service(folder: Path) -> Service:
    return Service(load_settings({"data_dir": folder, "media_port": 0}))


def test_it_opens_answers_and_leaves_nothing_running(tmp_path: Path) -> None:
    async def run() -> set[str]:
        service = _service(tmp_path)
        await service.open()
        await service.check_ready()
        assert b"tandem_rooms 0.0" in service.metrics({})
        await service.close()
        return {repr(task.get_coro()) for task in asyncio.all_tasks() - {asyncio.current_task()}}

    assert asyncio.run(run()) == set()


def test_invitations_survive_a_restart_and_name_the_same_seat(tmp_path: Path) -> None:
    async def first() -> tuple[LessonId, str]:
        service = _service(tmp_path)
        await service.open()
        row = await service.create_lesson("Fractions", "interactive", "off", auto_publish=False)
        lesson = LessonId(row.id)
        claims, token = await service.invite(lesson, Role.CLASSROOM, "Hill", "c1", None)
        assert not claims.recording_consent
        await service.start_lesson(lesson)
        await service.close()
        return lesson, token

    async def second(lesson: LessonId, token: str) -> None:
        service = _service(tmp_path)
        await service.open()
        joined = await service.join(lesson, token)
        assert joined.lesson.state == "live"
        assert service.tokens.check(joined.resume_key, frozenset({TokenKind.RESUME}))[0] == joined.claims
        with pytest.raises(Refused, match="token_invalid"):
            await service.join(lesson, joined.access_token)
        await service.end_lesson(lesson)
        with pytest.raises(Refused, match="lesson_ended"):
            await service.join(lesson, token)
        await service.close()

    asyncio.run(second(*asyncio.run(first())))
