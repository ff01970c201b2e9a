"""Requests that wait: woken by the packager's word, bounded in time and number, refused with a code."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from classroom_api import live_media
from classroom_api.live_media import Awaited, LiveLimits, LiveMedia
from recording.live_playlist import LivePosition
from streaming.errors import Refused, Unavailable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Packager:
    """Writes what a packager would, and says so."""

    def __init__(self, folder: Path, limits: LiveLimits | None = None) -> None:
        self.media = LiveMedia(folder, limits)
        self.folder = folder / "res"
        self.folder.mkdir(parents=True)
        self.parts = 0

    def write(self, media_sequence: int, part: int, *, size: int = 3) -> None:
        self.parts += 1
        newest = f"part-a-{self.parts}.m4s"
        (self.folder / newest).write_bytes(bytes([self.parts % 256]) * size)
        (self.folder / "live.m3u8").write_text(f"whole {media_sequence} {part}")
        (self.folder / "live-delta.m3u8").write_text(f"delta {media_sequence} {part}")
        self.media.advanced("res", LivePosition(media_sequence, part, newest, f"part-a-{self.parts + 1}.m4s"))


@pytest.fixture
def packager(tmp_path: Path) -> Packager:
    made = Packager(tmp_path, LiveLimits(waiting_of_one=3, waiting=4))
    made.write(5, 2)
    return made


async def test_what_is_there_is_given_at_once(packager: Packager) -> None:
    give = packager.media.playlist
    assert await give("res", Awaited()) == b"whole 5 2"
    assert await give("res", Awaited(4)) == b"whole 5 2"
    assert await give("res", Awaited(5, 1)) == b"whole 5 2"
    assert await give("res", Awaited(5, 1, accepts_delta=True)) == b"delta 5 2"
    assert await give("res_other", Awaited(5, 1)) is None


async def test_what_is_awaited_is_given_when_it_is_written(packager: Packager) -> None:
    next_part = asyncio.create_task(packager.media.playlist("res", Awaited(5, 2)))
    whole_segment = asyncio.create_task(packager.media.playlist("res", Awaited(5)))
    hinted = asyncio.create_task(packager.media.part("res", "part-a-2.m4s"))
    await asyncio.sleep(0)
    packager.write(5, 3)
    assert await next_part == b"whole 5 3"
    assert await hinted == b"\2\2\2"
    assert not whole_segment.done()
    packager.write(6, 0)
    assert await whole_segment == b"whole 6 0"


async def test_the_end_of_the_lesson_wakes_all_and_the_last_parts_stay(packager: Packager) -> None:
    waiting = asyncio.create_task(packager.media.playlist("res", Awaited(5, 2)))
    hinted = asyncio.create_task(packager.media.part("res", "part-a-2.m4s"))
    await asyncio.sleep(0)
    packager.media.ended("res")
    packager.media.ended("res")
    assert await waiting is None
    assert await hinted is None
    assert not packager.media.is_live("res")
    assert await packager.media.part("res", "part-a-1.m4s") == b"\1\1\1"


async def test_a_lesson_that_stands_still_gives_what_it_has(
    packager: Packager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_media, "TARGET_DURATION_S", 0.05)
    assert await packager.media.playlist("res", Awaited(5, 2)) == b"whole 5 2"
    assert await packager.media.part("res", "part-a-2.m4s") is None


async def test_more_than_may_wait_are_refused_and_places_come_free(packager: Packager) -> None:
    tasks = [asyncio.create_task(packager.media.playlist("res", Awaited(5, 2))) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="too_many_viewers"):
        await packager.media.playlist("res", Awaited(5, 2))
    assert await packager.media.playlist("res", Awaited()) == b"whole 5 2"
    tasks[0].cancel()
    await asyncio.gather(tasks[0], return_exceptions=True)
    again = asyncio.create_task(packager.media.playlist("res", Awaited(5, 2)))
    await asyncio.sleep(0)
    packager.write(5, 3)
    assert await asyncio.gather(again, *tasks[1:]) == [b"whole 5 3"] * 3
    assert packager.media.waiting == 0


@pytest.mark.parametrize("awaited", [Awaited(8), Awaited(8, 0), Awaited(5, 10), Awaited(None, 1)])
async def test_what_no_player_asks_for_is_refused(packager: Packager, awaited: Awaited) -> None:
    with pytest.raises(Refused, match="bad_message"):
        await packager.media.playlist("res", awaited)


async def test_parts_are_kept_by_their_bytes(packager: Packager) -> None:
    for part in range(3, 9):
        packager.write(5, part, size=512 << 10)
    assert await packager.media.part("res", "part-a-2.m4s") is None
    assert await packager.media.part("res", "part-a-7.m4s") is not None
