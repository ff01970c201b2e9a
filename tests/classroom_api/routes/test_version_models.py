from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from classroom_api.routes.version_models import Details, Edit, Proposal, VersionDetail
from classroom_api.store.resource_schema import VersionRow

MADE: dict[str, Any] = {
    "duration_ms": 9,
    "bytes": 99,
    "pictures": [
        {
            "name": "teacher",
            "kind": "teacher",
            "resource": "res_a",
            "playlist": "teacher.m3u8",
            "poster": None,
        }
    ],
    "downloads": [{"kind": "slides", "name": "slides.mp4", "bytes": 9, "sha256": "00"}],
}


def row(state: str) -> VersionRow:
    return VersionRow(
        id="ver_a",
        lesson_id="les_a",
        number=1,
        state=state,
        edit=Edit().model_dump(),
        details=Details(title="t").model_dump(),
        made=MADE,
        sources=["res_a"],
        created_by="user_a",
        created_at_ms=1,
    )


def test_files_are_named_while_they_are_there() -> None:
    ready = VersionDetail.with_files(row("ready"), {}, "/media/x/ver_a")
    assert [one.hls_url for one in ready.pictures] == ["/media/x/ver_a/teacher.m3u8"]
    assert [one.url for one in ready.downloads] == ["/media/x/ver_a/slides.mp4"]
    for withheld in (
        VersionDetail.with_files(row("withdrawn"), {}, "/media/x/ver_a"),
        VersionDetail.with_files(row("ready"), {}, None),
    ):
        assert (withheld.pictures, withheld.downloads, withheld.duration_ms) == ([], [], 9)


@pytest.mark.parametrize(
    "details",
    [
        {"title": ""},
        {"title": "t", "description": "a\x00"},
        {"title": "t", "language": "zh_CN; drop"},
        {"title": "t", "keywords": ["k"] * 21},
        {"title": "t", "unknown": ""},
    ],
)
def test_details_are_bounded(details: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Proposal.model_validate({"edit": {}, "details": details})


def test_a_description_may_have_lines() -> None:
    assert (
        Details(title="t", description=" 第一行\n第二行 ", language="zh-Hans-CN").description
        == "第一行\n第二行"
    )
