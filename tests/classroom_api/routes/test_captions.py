from __future__ import annotations

import httpx
import pytest
from sqlalchemy.orm import Session

from classroom_api.roles import GrantRole
from classroom_api.store.captions import CaptionDraft, Origin, store_recognised
from classroom_api.store.database import engine_of
from classroom_api.store.lessons import LessonState
from classroom_api.store.resource_schema import VersionRow
from tests.classroom_api.held_lesson import hold_lesson, seat_of
from tests.classroom_api.house import API, House, code_of

VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n分数<b>&lt;</b>1\n\n00:01:00.000 --> 00:01:02.000\nlater\n"
KEPT = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nlater\n"


def upload(
    client: httpx.Client, lesson: str, body: str = VTT, kind: str = "text/vtt", **query: str
) -> httpx.Response:
    return client.post(
        f"{API}/lessons/{lesson}/captions",
        content=body.encode(),
        params={"language": "zh-CN", "label": "中文", **query},
        headers={"Content-Type": kind},
    )


@pytest.fixture
def lesson(house: House) -> str:
    return hold_lesson(house, "分数")


def publish_version(house: House, lesson: str, state: str) -> str:
    """A version that keeps what follows the first minute."""
    engine = engine_of(house.database_url)
    row = VersionRow(
        id=f"ver{lesson[3:]}", lesson_id=lesson, number=1, state=state, details={}, created_at_ms=0
    )
    row.edit, row.created_by = {"kept": [[60_000, 600_000]], "without": [], "chapters": None}, "admin"
    with Session(engine) as session, session.begin():
        session.add(row)
        identifier = row.id
    engine.dispose()
    return identifier


def test_captions_are_uploaded_listed_corrected_and_deleted(house: House, lesson: str) -> None:
    made = upload(house.admin, lesson)
    assert made.status_code == 201, made.text
    captions = made.json()
    [listed] = house.admin.get(f"{API}/lessons/{lesson}/captions").json()
    assert listed == captions
    assert (captions["language"], captions["label"], captions["origin"]) == ("zh-CN", "中文", "upload")
    one = f"{API}/captions/{captions['id']}"
    read = house.admin.get(one)
    assert read.headers["etag"] == made.headers["etag"]
    assert [cue["text"] for cue in read.json()["cues"]] == ["分数<1", "later"]
    body = {
        "language": "zh",
        "cues": [
            {"begin_ms": 5000, "end_ms": 6000, "text": "b\n\n c "},
            {"begin_ms": 0, "end_ms": 9000, "text": "<script>"},
            {"begin_ms": 7000, "end_ms": 9000, "text": "  "},
        ],
    }
    assert code_of(house.admin.put(one, json=body)) == (428, "precondition_required")
    changed = house.admin.put(one, json=body, headers={"If-Match": read.headers["etag"]})
    assert changed.json()["cues"] == [
        {"begin_ms": 0, "end_ms": 9000, "text": "<script>"},
        {"begin_ms": 5000, "end_ms": 6000, "text": "b\nc"},
    ]
    late = house.admin.put(one, json=body, headers={"If-Match": read.headers["etag"]})
    assert code_of(late) == (412, "precondition_failed")
    assert code_of(house.admin.delete(one, headers={"If-Match": '"1"'})) == (412, "precondition_failed")
    exported = house.admin.get(captions["url"])
    assert exported.headers["content-type"] == "text/vtt; charset=utf-8"
    assert "&lt;script&gt;" in exported.text
    assert house.admin.delete(one, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    assert code_of(house.admin.get(one)) == (404, "captions_unknown")
    assert house.admin.get(f"{API}/lessons/{lesson}/captions").json() == []


def test_subrip_becomes_webvtt(house: House, lesson: str) -> None:
    made = upload(house.admin, lesson, "1\n00:00:01,000 --> 00:00:02,000\nhello\n", "application/x-subrip")
    expected = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nhello\n"
    assert house.admin.get(made.json()["url"]).text == expected


def test_what_is_no_caption_is_refused_with_its_line(house: House, lesson: str) -> None:
    broken = upload(house.admin, lesson, VTT.replace("00:01:02", "00:00:02"))
    assert code_of(broken) == (422, "captions_malformed")
    assert broken.json()["line"] == 6
    chinese = house.admin.post(
        f"{API}/lessons/{lesson}/captions?language=zh",
        content=b"PK\x03\x04",
        headers={"Content-Type": "text/vtt", "Accept-Language": "zh"},
    )
    assert "按行号" in chinese.json()["detail"]
    assert code_of(upload(house.admin, lesson, VTT, "text/html")) == (415, "content_type_unsupported")
    assert code_of(upload(house.admin, lesson, language="<script>")) == (400, "bad_message")
    assert code_of(upload(house.admin, lesson, "x" * ((1 << 20) + 1))) == (413, "message_too_large")
    one = f"{API}/captions/{upload(house.admin, lesson).json()['id']}"
    for cue, expected in (
        ({"begin_ms": 2, "end_ms": 1, "text": ""}, (400, "bad_message")),
        ({"begin_ms": 1, "end_ms": 2, "text": "x" * 301}, (422, "captions_too_large")),
    ):
        answer = house.admin.put(one, json={"language": "zh", "cues": [cue]}, headers={"If-Match": "*"})
        assert code_of(answer) == expected


def test_a_lesson_has_so_many_captions(house: House, lesson: str) -> None:
    answers = [upload(house.admin, lesson, VTT).status_code for _ in range(20)]
    assert set(answers) == {201}
    assert code_of(upload(house.admin, lesson)) == (409, "limit_reached")


def test_pupils_read_what_is_published_and_nothing_that_was_cut(house: House, lesson: str) -> None:
    captions = upload(house.admin, lesson).json()
    pupil, master = seat_of(house, lesson, "student"), seat_of(house, lesson, "master")
    url = captions["url"]
    assert house.anyone.get(url, headers=pupil).text.count("-->") == 2
    draft = publish_version(house, lesson, "ready")
    assert code_of(house.anyone.get(url, params={"version": draft}, headers=pupil)) == (
        404,
        "resource_unknown",
    )
    assert house.anyone.get(url, params={"version": draft}, headers=master).text == KEPT
    engine = engine_of(house.database_url)
    with Session(engine) as session, session.begin():
        session.get_one(VersionRow, draft).state = "published"
    engine.dispose()
    assert house.anyone.get(url, headers=pupil).text == KEPT
    assert house.anyone.get(url, headers=master).text.count("-->") == 2
    one = f"{API}/captions/{captions['id']}"
    assert code_of(house.anyone.get(one, headers=pupil)) == (403, "not_permitted")
    deleted = house.anyone.delete(one, headers={**pupil, "If-Match": "*"})
    assert code_of(deleted) == (403, "not_permitted")
    assert house.anyone.get(one, headers=master).status_code == 200


def test_what_a_recogniser_heard_is_shown_to_pupils_when_a_person_has_approved_it(
    house: House, lesson: str
) -> None:
    engine = engine_of(house.database_url)
    heard = f"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nheard in {lesson}\n"
    draft = CaptionDraft(lesson, "en", "", Origin.RECOGNISER, heard, is_draft=True)
    with Session(engine) as session, session.begin():
        store_recognised(session, f"cap{lesson[3:]}", draft, 1)
    engine.dispose()
    pupil, one = seat_of(house, lesson, "student"), f"{API}/captions/cap{lesson[3:]}"
    listing = f"{API}/lessons/{lesson}/captions"
    [listed] = house.admin.get(listing).json()
    assert (listed["origin"], listed["is_draft"]) == ("recogniser", True)
    replay = f"{API}/resources/{house.admin.get(f'{API}/lessons/{lesson}/resources').json()[0]['id']}/replay"

    def seen() -> tuple[object, ...]:
        """By pupils: in the list, as a file, in the player, in the search."""
        found = house.admin.get(f"{API}/replays", params={"q": f"heard in {lesson}"}).json()
        return (
            len(house.anyone.get(listing, headers=pupil).json()),
            house.anyone.get(f"{one}.vtt", headers=pupil).status_code,
            len(house.anyone.get(replay, headers=pupil).json()["captions"]),
            len(found["replays"] if isinstance(found, dict) else found),
        )

    assert seen() == (0, 404, 0, 0)
    read = house.admin.get(one)
    body = {"language": "en", "cues": read.json()["cues"]}
    changed = house.admin.put(one, json=body, headers={"If-Match": read.headers["etag"]})
    assert changed.json()["is_draft"], "corrected is not approved"
    assert seen() == (0, 404, 0, 0)
    body["is_draft"] = False
    approved = house.admin.put(one, json=body, headers={"If-Match": changed.headers["etag"]}).json()
    assert (approved["origin"], approved["is_draft"]) == ("recogniser", False)
    assert seen() == (1, 200, 1, 1)


def test_before_publication_only_who_teaches_or_edits_reads_them(house: House) -> None:
    lesson = hold_lesson(house, "分数", LessonState.REVIEW)
    captions = upload(house.admin, lesson).json()
    pupil = seat_of(house, lesson, "student")
    assert code_of(house.anyone.get(captions["url"], headers=pupil)) == (403, "not_permitted")
    listed = house.anyone.get(f"{API}/lessons/{lesson}/captions", headers=pupil)
    assert code_of(listed) == (403, "not_permitted")


def test_each_school_has_its_own_and_changes_are_written_down(house: House) -> None:
    here, there = house.organization(), house.organization(name="Lake county")
    lesson = hold_lesson(house, "分数", organization_id=here)
    editor, stranger = house.key(here, GrantRole.EDITOR), house.key(there, GrantRole.EDITOR)
    observer, admin = house.key(here, GrantRole.OBSERVER), house.key(here, GrantRole.ADMIN)
    made = upload(editor, lesson)
    one = f"{API}/captions/{made.json()['id']}"
    assert editor.get(one).status_code == 200
    assert code_of(stranger.get(one)) == (404, "captions_unknown")
    assert code_of(upload(stranger, lesson)) == (404, "lesson_unknown")
    assert code_of(upload(observer, lesson)) == (403, "not_permitted")
    assert code_of(admin.get(one)) == (400, "reason_required")
    assert admin.get(one, params={"reason": "a complaint"}).status_code == 200
    entries = admin.get(f"{API}/audit").json()
    actions = {(entry["action"], entry["record_id"]) for entry in entries if entry["outcome"] == "ok"}
    assert (f"POST {API}/lessons/{{lesson_id}}/captions", lesson) in actions
    assert (f"GET {API}/captions/{{record_id}}", made.json()["id"]) in actions
