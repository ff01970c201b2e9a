from __future__ import annotations

import re

import httpx
import pytest

from classroom_api.pages import PAGE_PATHS, find_pages


@pytest.mark.parametrize("path", PAGE_PATHS)
def test_every_page_is_the_built_page(anyone: httpx.Client, path: str) -> None:
    assert find_pages() is not None, "make setup builds the pages"
    answer = anyone.get(re.sub(r"\{\w+\}", "x", path))
    assert answer.status_code == 200
    assert '<div id="root">' in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_assets_are_served_and_other_paths_are_not(anyone: httpx.Client) -> None:
    page = anyone.get("/").text
    [script, *_] = re.findall(r'src="(/assets/[^"]+\.js)"', page)
    assert anyone.get(script).headers["content-type"].startswith("text/javascript")
    assert anyone.get("/no/such/page").status_code == 404
    assert anyone.get("/assets/..%2f..%2fpyproject.toml").status_code == 404


def test_scripts_are_sent_packed_to_who_can_unpack_them(anyone: httpx.Client) -> None:
    [script, *_] = re.findall(r'src="(/assets/[^"]+\.js)"', anyone.get("/").text)
    plain = anyone.get(script, headers={"Accept-Encoding": "identity"})
    packed = anyone.get(script, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    for answer in (plain, packed):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "immutable" in answer.headers["cache-control"]
    part = anyone.get(script, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert part.content == plain.content[:10]
