"""A file is sent whole, in pieces or in part; one that goes while it is asked for is whole, or not found."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_api.routes.files import WHOLE_BYTES, file_response

SMALL = bytes(range(256)) * 4
LARGE = bytes(range(256)) * (WHOLE_BYTES // 256) + b"more"


def ask(paths: list[Path], headers: dict[str, str] | None = None, method: str = "GET") -> httpx.Response:
    async def answer(request: Request) -> Response:
        found = await file_response(request, paths, "video/iso.segment", {"Cache-Control": "private"})
        return found or Response(status_code=404)

    async def scenario() -> httpx.Response:
        app = Starlette(routes=[Route("/", answer)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.request(method, "/", headers=headers)

    return asyncio.run(scenario())


@pytest.fixture(params=[SMALL, LARGE], ids=["whole", "in pieces"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "a.m4s"
    path.write_bytes(request.param)
    return path


def test_a_file_is_sent_with_what_caches_need(file: Path) -> None:
    got = ask([file])
    assert (got.status_code, got.content) == (200, file.read_bytes())
    assert got.headers["content-length"] == str(file.stat().st_size)
    assert got.headers["content-type"] == "video/iso.segment"
    assert got.headers["accept-ranges"] == "bytes"
    assert got.headers["cache-control"] == "private"
    again = ask([file], {"If-None-Match": got.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", got.headers["etag"])
    assert again.headers["cache-control"] == "private"


def test_a_part_of_it(file: Path) -> None:
    got = ask([file], {"Range": "bytes=2-5"})
    assert (got.status_code, got.content) == (206, b"\2\3\4\5")
    assert got.headers["etag"] == ask([file]).headers["etag"], "a player goes on with If-Range"
    assert ask([file], {"Range": "bytes=9999999-"}).status_code == 416


def test_its_head_alone(file: Path) -> None:
    got = ask([file], method="HEAD")
    assert (got.status_code, got.content) == (200, b"")
    assert got.headers["content-length"] == str(file.stat().st_size)


def test_the_first_that_is_there(tmp_path: Path) -> None:
    file = tmp_path / "a.m4s"
    file.write_bytes(b"here")
    (tmp_path / "folder.m4s").mkdir()
    nowhere = [tmp_path / "gone.m4s", tmp_path / "folder.m4s", file / "below.m4s"]
    assert ask([*nowhere, file]).content == b"here"
    assert ask(nowhere).status_code == 404


def test_a_file_that_goes_while_it_is_asked_for_is_whole_or_not_found(tmp_path: Path) -> None:
    file = tmp_path / "a.m4s"

    async def answer(request: Request) -> Response:
        found = await file_response(request, [file], "video/iso.segment", {})
        file.unlink(missing_ok=True)
        return found or Response(status_code=404)

    async def scenario() -> None:
        app = Starlette(routes=[Route("/", answer)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            file.write_bytes(SMALL)
            assert (await client.get("/")).content == SMALL
            assert (await client.get("/")).status_code == 404

    asyncio.run(scenario())
