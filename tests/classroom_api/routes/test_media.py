"""What is served at the signed paths of a lesson that runs: playlists and parts that are waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from recording.events import ResourceState
from signaling.roles import Role
from tests.classroom_api.routes.live_classroom import Classroom, run
from tests.waiting import until


def test_a_player_waits_for_the_next_part_and_gets_it(tmp_path: Path) -> None:
    async def scenario(classroom: Classroom) -> None:
        classroom.write(0, 1)
        url = await classroom.address()
        present = await classroom.client.get(url)
        assert (present.text, present.headers["cache-control"]) == ("whole 0 1", "no-cache")
        waiting = asyncio.create_task(classroom.client.get(f"{url}?_HLS_msn=0&_HLS_part=1&_HLS_skip=YES"))
        hinted = asyncio.create_task(classroom.client.get(url.replace("live.m3u8", "part-a-2.m4s")))
        await until(lambda: classroom.service.live.waiting == 2)
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
        await until(lambda: classroom.service.live.waiting)
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
