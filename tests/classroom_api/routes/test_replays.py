from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.classroom_api.routes.test_resources import LESSONS, keep_a_seat_private, private_seat, resource

__all__ = ["resource"]

DECK, VERSION = "deck_aaaaaaaaaaaaaaaaaaaaaaaaaa", "ver_aaaaaaaaaaaaaaaaaaaaaaaaaa"
MADE: dict[str, Any] = {
    "duration_ms": 3000,
    "bytes": 10,
    "pictures": [
        {
            "name": "teacher",
            "kind": "teacher",
            "resource": "res_x",
            "seat": "seat_x",
            "playlist": "teacher.m3u8",
            "dash": "teacher.mpd",
            "poster": "teacher.jpg",
            "storyboard": "teacher.vtt",
            "renditions": [
                {"name": "teacher-240", "width": 426, "height": 240, "bit_rate_bps": 200_000, "bytes": 1}
            ],
        },
        {
            "name": "stage-1",
            "kind": "stage",
            "resource": "res_y",
            "seat": "seat_private",
            "playlist": "s.m3u8",
        },
    ],
    "sound": {"playlist": "audio.m3u8", "loudness_lufs": -16.0, "bytes": 1},
    "downloads": [{"kind": "audio", "name": "lesson.m4a", "bytes": 7, "sha256": "00"}],
}


def execute(data_dir: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(data_dir / "tandem.db", timeout=30) as database:
        database.execute(statement, values)


def publish_version(data_dir: Path, lesson: str, **details: object) -> str:
    """The first second and the last two of the five are served."""
    identifier = VERSION[:4] + lesson.removeprefix("les_")
    with sqlite3.connect(data_dir / "tandem.db", timeout=30) as database:
        query = "select id from resources where lesson_id = ? and kind = 'teacher'"
        [[teacher]] = database.execute(query, (lesson,)).fetchall()
    made = json.dumps(MADE).replace("seat_private", private_seat(lesson)).replace("res_x", teacher)
    execute(
        data_dir,
        "insert into versions"
        " (id, lesson_id, number, state, edit, details, made, sources, is_to_be_published, created_by,"
        " created_at_ms, revision)"
        " values (?, ?, 1, 'published', ?, ?, ?, ?, 0, 'user_a', 0, 1)",
        identifier,
        lesson,
        json.dumps({"kept": [[0, 1000], [3000, 5000]], "without": [], "chapters": None}),
        json.dumps({"title": "Fractions", **details}),
        made,
        json.dumps([teacher, "res_y"]),
    )
    return identifier


def invite(admin: httpx.Client, lesson: str, role: str, **more: str) -> dict[str, str]:
    answer = admin.post(f"{LESSONS}/{lesson}/invitations", json={"role": role, **more})
    return {"Authorization": f"Bearer {answer.json()['invitation']}"}


@pytest.fixture
def pupil(admin: httpx.Client, data_dir: Path, lesson: str) -> dict[str, str]:
    """Of a lesson that is published."""
    headers = invite(admin, lesson, "student", name="Xiao Ming")
    execute(data_dir, "update lessons set state = 'published' where id = ?", lesson)
    return headers


def replay_of(client: httpx.Client, resource: str, headers: dict[str, str]) -> dict[str, Any]:
    answer = client.get(f"/api/v1/resources/{resource}/replay", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_fast_replay_and_its_slides(
    anyone: httpx.Client, data_dir: Path, lesson: str, resource: str, pupil: dict[str, str]
) -> None:
    execute(
        data_dir,
        "insert into decks (id, lesson_id, title, state, page_count, created_at_ms)"
        " values (?, ?, 'D', 'ready', 2, 0)",
        f"{DECK[:-4]}{lesson[-4:]}",
        lesson,
    )
    deck = f"{DECK[:-4]}{lesson[-4:]}"
    for page in (1, 2):
        execute(
            data_dir,
            "insert into deck_pages (deck_id, page, sha256, width, height, bytes, thumbnail, text)"
            " values (?, ?, ?, 1600, 900, 9, ?, '')",
            deck,
            page,
            f"{page:064d}",
            f"{page + 5:064d}",
        )
    folder = data_dir / "decks" / lesson / deck
    folder.mkdir(parents=True)
    (folder / f"{2:064d}.webp").write_bytes(b"page two")
    body = {"type": "slide_shown", "slide": {"deck": deck, "page": 2}}
    execute(
        data_dir,
        "insert into events (lesson_id, seq, epoch, at_ms, body) values (?, 1, 'e', 0, ?)",
        lesson,
        json.dumps(body, separators=(",", ":")),
    )
    replay = replay_of(anyone, resource, pupil)
    assert (replay["title"], replay["version"], replay["state"]) == ("Fractions", None, "playable")
    assert (replay["duration_ms"], replay["is_published"], replay["sound"]) == (5000, True, None)
    [picture] = replay["pictures"]
    assert (picture["kind"], picture["storyboard_url"], picture["renditions"]) == ("teacher", None, [])
    assert anyone.get(picture["hls_url"]).text == "#EXTM3U\n"
    [shown] = replay["decks"]
    assert [page["page"] for page in shown["pages"]] == [2]
    assert anyone.get(shown["pages"][0]["url"]).content == b"page two"


def test_a_version_is_served_with_what_its_policy_permits(
    admin: httpx.Client,
    anyone: httpx.Client,
    data_dir: Path,
    lesson: str,
    resource: str,
    pupil: dict[str, str],
) -> None:
    version = publish_version(data_dir, lesson, title="Fractions, edited", licence="CC BY 4.0")
    keep_a_seat_private(data_dir, lesson, resource)
    execute(data_dir, "update resources set seat_id = null where id = ?", resource)
    execute(
        data_dir,
        "insert into captions"
        " (id, lesson_id, language, label, origin, text, is_draft, created_at_ms, revision)"
        " values ('cap_a', ?, 'zh', '中文', 'recogniser', 'WEBVTT', false, 0, 1)",
        lesson,
    )
    folder = data_dir / "resources" / version
    folder.mkdir(parents=True)
    (folder / "teacher.vtt").write_text("WEBVTT\n")
    replay = replay_of(anyone, resource, pupil)
    assert (replay["version"], replay["title"], replay["duration_ms"]) == (version, "Fractions, edited", 3000)
    assert replay["details"] == {"licence": "CC BY 4.0"}
    [picture] = replay["pictures"]
    assert picture["renditions"] == [{"width": 426, "height": 240, "bit_rate_bps": 200_000}]
    assert anyone.get(picture["storyboard_url"]).headers["content-type"] == "text/vtt; charset=utf-8"
    assert replay["sound"]["hls_url"].endswith(f"{version}/audio.m3u8")
    assert replay["captions"] == [
        {
            "id": "cap_a",
            "language": "zh",
            "label": "中文",
            "url": "/api/v1/captions/cap_a.vtt",
            "is_automatic": True,
        }
    ]
    assert replay["downloads"] == []
    whole = admin.get(f"/api/v1/resources/{resource}/replay").json()
    assert [one["kind"] for one in whole["pictures"]] == ["teacher", "stage"]
    assert [one["kind"] for one in whole["downloads"]] == ["audio"]
    execute(
        data_dir,
        "update versions set details = ? where id = ?",
        json.dumps({"is_downloadable": True}),
        version,
    )
    assert [one["bytes"] for one in replay_of(anyone, resource, pupil)["downloads"]] == [7]


def test_who_may_not_watch_has_no_replay_and_no_view(
    admin: httpx.Client, anyone: httpx.Client, lesson: str, resource: str
) -> None:
    early = invite(admin, lesson, "student")
    other = admin.post(LESSONS, json={"title": "Another"}).json()["id"]
    stranger = invite(admin, other, "master")
    for headers, status in ((early, 403), (stranger, 404), ({}, 401)):
        for method, path in (("GET", "replay"), ("POST", "views")):
            answer = anyone.request(method, f"/api/v1/resources/{resource}/{path}", headers=headers)
            assert answer.status_code == status, answer.text


def test_a_view_is_told_and_gone_on_with(
    admin: httpx.Client,
    anyone: httpx.Client,
    data_dir: Path,
    lesson: str,
    resource: str,
    pupil: dict[str, str],
) -> None:
    begun = anyone.post(f"/api/v1/resources/{resource}/views", headers=pupil)
    assert (begun.status_code, begun.json()["position_ms"]) == (201, 0)
    view = f"/api/v1/views/{begun.json()['id']}"
    told = {"position_ms": 2500, "played": [[0, 1500], [1000, 2500]]}
    assert anyone.put(view, headers=pupil, json=told).json()["position_ms"] == 2500
    assert admin.put(view, json=told).json()["code"] == "view_unknown"
    assert replay_of(anyone, resource, pupil)["position_ms"] == 2500
    assert admin.get(f"/api/v1/resources/{resource}/replay").json()["position_ms"] == 0
    version = publish_version(data_dir, lesson)
    assert replay_of(anyone, resource, pupil)["position_ms"] == 1000
    told = {"version": version, "position_ms": 3000, "played": [[900, 3000]], "is_over": True}
    ended = anyone.put(view, headers=pupil, json=told).json()
    assert (ended["position_ms"], ended["is_completed"]) == (5000, True)
    with sqlite3.connect(data_dir / "tandem.db") as database:
        [(played,)] = database.execute("select played from view_sessions where lesson_id = ?", (lesson,))
    assert json.loads(played) == [[0, 2500], [3000, 5000]]
    for bad in (
        {"position_ms": -1},
        {"position_ms": 1, "played": [[0, 1]] * 51},
        {"position_ms": 1, "version": "x"},
    ):
        assert anyone.put(view, headers=pupil, json=bad).json()["code"] == "bad_message"
    absent = {"position_ms": 1, "version": VERSION}
    assert anyone.put(view, headers=pupil, json=absent).json()["code"] == "reference_unknown"


def test_views_are_limited(anyone: httpx.Client, resource: str, pupil: dict[str, str]) -> None:
    answers = [anyone.post(f"/api/v1/resources/{resource}/views", headers=pupil) for _ in range(21)]
    assert [one.status_code for one in answers] == [201] * 20 + [429]
    assert answers[-1].json()["code"] == "rate_limited"
