"""A lesson that runs, by HLS: who gets its address, and what is served there. The application in process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

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


def test_a_player_waits_for_the_next_part_and_gets_it(tmp_path: Path) -> None:
    async def scenario(classroom: Classroom) -> None:
        classroom.write(0, 1)
        url = await classroom.address()
        present = await classroom.client.get(url)
        assert (present.text, present.headers["cache-control"]) == ("whole 0 1", "no-cache")
        waiting = asyncio.create_task(classroom.client.get(f"{url}?_HLS_msn=0&_HLS_part=1&_HLS_skip=YES"))
        hinted = asyncio.create_task(classroom.client.get(url.replace("live.m3u8", "part-a-2.m4s")))
        while classroom.service.live.waiting < 2:
            await asyncio.sleep(0)
        classroom.write(0, 2)
        assert (await waiting).text == "delta 0 2"
        assert (await hinted).content == b"\2"
        assert (await hinted).headers["content-type"] == "video/iso.segment"

    run(tmp_path, scenario)


def test_the_end_of_the_lesson_ends_the_live_playlist(tmp_path: Path) -> None:
    async def scenario(classroom: Classroom) -> None:
        classroom.write(0, 1)
        url = await classroom.address()
        waiting = asyncio.create_task(classroom.client.get(f"{url}?_HLS_msn=0&_HLS_part=1"))
        while not classroom.service.live.waiting:
            await asyncio.sleep(0)
        (classroom.folder / "index.m3u8").write_text("#EXT-X-ENDLIST")
        await classroom.say(ResourceState.PLAYABLE)
        assert (await waiting).text == "#EXT-X-ENDLIST"
        assert (await classroom.client.get(url)).text == "#EXT-X-ENDLIST"
        assert (await classroom.live(await classroom.token(Role.OBSERVER))).json() == []

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    "query", ["_HLS_msn=9", "_HLS_msn=-1", "_HLS_msn=x", "_HLS_msn=99999999999999999999", "_HLS_part=1"]
)
def test_what_no_player_asks_for_is_refused(tmp_path: Path, query: str) -> None:
    async def scenario(classroom: Classroom) -> None:
        classroom.write(0, 1)
        answer = await classroom.client.get(f"{await classroom.address()}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")

    run(tmp_path, scenario)
