from __future__ import annotations

import pytest

from classroom_api.cors import cors_headers


@pytest.mark.parametrize("path", ["/whip/les_x", "/whep/les_x/peer_x"])
def test_whip_and_whep_answer_every_origin(path: str) -> None:
    assert cors_headers(path)["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/", "/api/v1/lessons", "/whips", "/api/whip/x"])
def test_nothing_else_does(path: str) -> None:
    assert cors_headers(path) == {}
