from __future__ import annotations

import pytest

from classroom_api.package_plan import (
    PackagePlan,
    cues_of,
    is_media_path,
    manifest_of,
    parse_package,
    playlists_of,
    serialize_package,
)
from recording.edit import Kept

VTT = """WEBVTT

STYLE
::cue { color: red }

1
00:00:01.000 --> 00:00:03.000 align:start
<v 林老师>第一句</v>

00:04.500 --> 00:06.000
second line
and a third

01:00:00.000 --> 01:00:01.000
after the end
"""


def test_a_plan_comes_back() -> None:
    plan = PackagePlan("f", {"teacher": "t"}, None, ((0, None), (5, "p")), {"title": "t"}, {"chapters": []})
    assert parse_package(serialize_package(plan)) == plan
    for text in ("{}", "[]", "no"):
        with pytest.raises(ValueError, match=r"plan|Expecting"):
            parse_package(text)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "resources/ver_a/..",
        "resources/ver_a/a.js",
        "decks/les_a/deck_a/x.webp",
        "resources/ver_a/a\n.mp4",
    ],
)
def test_other_paths_are_none_of_media(path: str) -> None:
    assert not is_media_path(path)


def test_the_size_that_plays_everywhere_is_taken() -> None:
    def sizes(name: str, *heights: int) -> list[dict[str, object]]:
        return [{"name": f"{name}-{height}", "height": height} for height in heights]

    pictures = [
        {"kind": "teacher", "renditions": sizes("teacher", 720, 480, 240)},
        {"kind": "screen", "renditions": sizes("screen", 1080, 720)},
        {"kind": "stage", "renditions": sizes("stage-1", 480)},
    ]
    assert playlists_of("f", {"pictures": pictures}) == {
        "teacher": "f/teacher-480.m3u8",
        "screen": "f/screen-720.m3u8",
    }


def test_captions_follow_the_cuts() -> None:
    assert cues_of(VTT, Kept(((0, 10_000),))) == [
        (1000, 3000, "第一句"),
        (4500, 6000, "second line\nand a third"),
    ]
    assert cues_of(VTT, Kept(((2000, 5000),))) == [
        (0, 1000, "第一句"),
        (2500, 3000, "second line\nand a third"),
    ]


def test_the_manifest_says_what_is_known() -> None:
    details = {"title": "t", "keywords": ["k"], "subject": "", "grade": "3", "creators": []}
    found = manifest_of(details, [{"name": "a"}])
    assert found["dcterms"]["subject"] == ["k"]
    assert "description" not in found["dcterms"]
    assert (found["lom"], found["files"]) == ({"educational.context.grade": "3"}, [{"name": "a"}])
