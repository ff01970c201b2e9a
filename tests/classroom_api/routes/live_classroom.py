"""A recorded lesson that has begun, in an application in process, for tests of its live tier."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from classroom_api.app import create_app
from classroom_api.service import Service
from classroom_api.settings import load_settings
from recording.events import LiveAdvanced, ResourceChanged, ResourceState
from recording.live_playlist import LivePosition
from recording.manifest import ResourceKind
from signaling.roles import Role
from streaming.identifiers import LessonId, ResourceId, SeatId

Scenario = Callable[["Classroom"], Awaitable[None]]
RESOURCE = ResourceId("res_a")


class Classroom:
    """A recorded lesson that has begun, its first two parts written."""

    def __init__(self, service: Service, client: httpx.AsyncClient, lesson: LessonId) -> None:
        self.service, self.client, self.lesson = service, client, lesson
        self.folder = service.resource_folder / RESOURCE
        self.folder.mkdir(parents=True)

    def write(self, media_sequence: int, part: int) -> None:
        (self.folder / "live.m3u8").write_text(f"whole {media_sequence} {part}")
        (self.folder / "live-delta.m3u8").write_text(f"delta {media_sequence} {part}")
        (self.folder / f"part-a-{part}.m4s").write_bytes(bytes([part]))
        position = LivePosition(media_sequence, part, f"part-a-{part}.m4s", f"part-a-{part + 1}.m4s")
        self.service._recorder._hear(LiveAdvanced(self.lesson, RESOURCE, position))

    async def say(self, state: ResourceState) -> None:
        changed = ResourceChanged(
            self.lesson, RESOURCE, ResourceKind.TEACHER, SeatId(""), state, 1000, "index.m3u8", ""
        )
        self.service._recorder._hear(changed)
        await self.service._recorder._news.join()

    async def token(self, role: Role, lesson: LessonId | None = None) -> dict[str, str]:
        _, invitation = await self.service.invite(lesson or self.lesson, role, "Ada", "Room", None)
        passed = await self.service.join(lesson or self.lesson, invitation)
        return {"Authorization": f"Bearer {passed.access_token}"}

    async def live(self, headers: dict[str, str], **query: str) -> httpx.Response:
        return await self.client.get(f"/api/v1/lessons/{self.lesson}/live", headers=headers, params=query)

    async def address(self) -> str:
        answer = await self.live(await self.token(Role.OBSERVER))
        return str(answer.raise_for_status().json()[0]["live_url"])


def run(data_dir: Path, scenario: Scenario) -> None:
    async def staged() -> None:
        app = create_app(load_settings({"data_dir": data_dir, "media_port": 0}))
        service: Service = app.state.service
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://classroom.test") as client,
        ):
            row = await service.create_lesson("Fractions", "interactive", "master_only", auto_publish=True)
            classroom = Classroom(service, client, LessonId(row.id))
            await classroom.say(ResourceState.PENDING)
            await scenario(classroom)

    asyncio.run(staged())
