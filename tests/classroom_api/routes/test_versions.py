"""Review over HTTP: who may what, what is served meanwhile, and what is gone afterwards."""

from __future__ import annotations

import hashlib

import httpx

from classroom_api.roles import GrantRole
from signaling.ports import SeatClaims
from signaling.roles import Role
from streaming.identifiers import LessonId, SeatId
from tests.classroom_api.house import API, House, code_of
from tests.classroom_api.retention.recorded import HILL, LAKE, MASTER, log_key, resource, resource_keys, seat
from tests.classroom_api.reviewed import (
    LENGTH_MS,
    WHY,
    data_dir,
    decide,
    finish,
    jobs,
    proof_of,
    proposed,
    published,
    reviewed_lesson,
)


def pupil(house: House, lesson: str) -> httpx.Client:
    """Somebody with a student's link, as it stays valid for the replay."""
    claims = SeatClaims(LessonId(lesson), SeatId(seat(lesson, "pupil")), Role.STUDENT, "", None, False)
    token = house.service.tokens.issue_access(claims)
    return httpx.Client(base_url=house.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def listed(client: httpx.Client, lesson: str) -> dict[str, dict[str, object]]:
    answer = client.get(f"{API}/lessons/{lesson}/resources").raise_for_status().json()
    return {each["id"]: each for each in answer}


def test_a_version_is_proposed_made_and_published(house: House) -> None:
    lesson, school, _ = reviewed_lesson(house, "way")
    with house.key(school, GrantRole.EDITOR) as editor, pupil(house, lesson) as viewer:
        draft = editor.post(f"{API}/lessons/{lesson}/versions")
        assert draft.headers["Location"] == f"{API}/versions/{draft.json()['id']}"
        assert (draft.json()["number"], draft.json()["state"]) == (1, "draft")
        assert draft.json()["details"]["title"] == "分数"
        version = draft.json()["id"]
        details = {**draft.json()["details"], "licence": "CC-BY-4.0", "keywords": ["分数"]}
        edit = {"kept": [[5000, 20000], [30000, LENGTH_MS]], "without": [resource(lesson, LAKE)]}
        body = {"edit": {**edit, "chapters": [{"at_ms": 0, "title": "引入"}]}, "details": details}
        path = f"{API}/versions/{version}"
        assert code_of(editor.put(path, json=body)) == (428, "precondition_required")
        changed = editor.put(path, json=body, headers={"If-Match": draft.headers["ETag"]})
        assert (changed.status_code, changed.json()["details"]["licence"]) == (200, "CC-BY-4.0")
        stale = editor.put(path, json=body, headers={"If-Match": draft.headers["ETag"]})
        assert code_of(stale) == (412, "precondition_failed")
        assert code_of(viewer.get(f"{API}/lessons/{lesson}/resources")) == (403, "not_permitted")
        made = editor.post(f"{path}/make").json()
        assert made["state"] == "making"
        assert made["sources"] == [resource(lesson, MASTER), resource(lesson, HILL)]
        assert jobs(house, lesson)[-1][0] == version
        assert code_of(editor.put(path, json=body, headers={"If-Match": "*"})) == (
            409,
            "version_state_conflict",
        )
        finish(house, version, 45_000)
        seen = editor.get(path).json()
        assert (seen["state"], seen["duration_ms"], seen["downloads"][0]["kind"]) == (
            "ready",
            45_000,
            "lesson",
        )
        assert house.anyone.get(seen["pictures"][0]["hls_url"]).status_code == 200
        assert editor.post(f"{path}/publish").json()["state"] == "published"
        shown = listed(viewer, lesson)
        assert set(shown) == {resource(lesson, MASTER), resource(lesson, HILL)}
        teacher = shown[resource(lesson, MASTER)]
        assert (teacher["duration_ms"], teacher["version"], teacher["taught_url"]) == (45_000, version, None)
        assert version in house.anyone.get(str(teacher["hls_url"])).text
        both = listed(editor, lesson)
        assert resource(lesson, LAKE) in both
        assert house.anyone.get(str(both[resource(lesson, MASTER)]["taught_url"])).status_code == 200
    assert house.admin.get(f"{API}/lessons/{lesson}").json()["state"] == "published"
    told = house.admin.get(f"{API}/audit", params={"record_id": version}).json()
    assert "POST /api/v1/versions/{record_id}/publish" in {entry["action"] for entry in told}


def test_the_timeline_is_that_of_what_is_served(house: House) -> None:
    lesson, _, _ = reviewed_lesson(house, "timeline")
    chapters = [{"at_ms": 0, "title": "a"}, {"at_ms": 40_000, "title": "b"}]
    published(house, lesson, 45_000, kept=[[15_000, LENGTH_MS]], chapters=chapters)
    path = f"{API}/resources/{resource(lesson, MASTER)}/timeline"
    found = house.admin.get(path).json()["chapters"]
    assert [(one["start_ms"], one["end_ms"], one["title"]) for one in found] == [
        (0, 25_000, "a"),
        (25_000, 45_000, "b"),
    ]
    taught = house.admin.get(path, params={"as_taught": "true"}).json()["chapters"]
    assert [one["end_ms"] for one in taught] == [LENGTH_MS]


def test_who_may_do_what(house: House) -> None:
    lesson, school, _ = reviewed_lesson(house, "rights")
    version = proposed(house.admin, lesson)
    path = f"{API}/versions/{version}"
    with (
        house.key(school, GrantRole.ASSISTANT, user=house.user(school)) as assistant,
        house.key(school, GrantRole.OBSERVER) as observer,
    ):
        # An assistant without a seat in the lesson learns nothing of it.
        assert code_of(assistant.get(path)) == (404, "version_unknown")
        assert code_of(assistant.post(f"{path}/make")) == (403, "not_permitted")
        assert code_of(observer.get(path)) == (403, "not_permitted")
    with house.key(school, GrantRole.ADMIN) as admin:
        assert code_of(admin.get(path)) == (400, "reason_required")
        assert admin.get(path, params=WHY).json()["pictures"] == []
    with pupil(house, lesson) as viewer:
        assert code_of(viewer.get(path)) == (403, "not_permitted")
    claims = SeatClaims(LessonId(lesson), SeatId(seat(lesson, MASTER)), Role.MASTER, "", None, True)
    token = house.service.tokens.issue_access(claims)
    master = {"Authorization": f"Bearer {token}"}
    assert house.anyone.get(path, headers=master).status_code == 200
    assert house.anyone.post(f"{path}/make", headers=master).json()["state"] == "making"
    refused = house.anyone.post(f"{path}/withdraw", headers=master, json={"reason": "x"})
    assert code_of(refused) == (403, "not_permitted")
    other, _, _ = reviewed_lesson(house, "another's")
    stranger = house.anyone.get(f"{API}/versions/{proposed(house.admin, other)}", headers=master)
    assert code_of(stranger) == (404, "version_unknown")


def test_what_cannot_be_is_refused(house: House) -> None:
    lesson, _, _ = reviewed_lesson(house, "refused")
    draft = house.admin.post(f"{API}/lessons/{lesson}/versions").json()
    path = f"{API}/versions/{draft['id']}"
    for edit, expected in (
        ({"kept": [[0, 10], [5, 20]]}, (422, "edit_invalid")),
        ({"kept": [[LENGTH_MS, LENGTH_MS + 5]]}, (422, "edit_invalid")),
        ({"kept": [[-1, 20]]}, (400, "bad_message")),
        ({"without": ["res_" + "a" * 26]}, (422, "reference_unknown")),
        ({"chapters": [{"at_ms": 0, "title": "a\u0000"}]}, (400, "bad_message")),
        ({"unknown": 1}, (400, "bad_message")),
    ):
        body = {"edit": edit, "details": draft["details"]}
        assert code_of(house.admin.put(path, json=body, headers={"If-Match": "*"})) == expected
    assert code_of(house.admin.post(f"{path}/publish")) == (409, "version_state_conflict")
    dropped = [resource(lesson, name) for name in (MASTER, HILL, LAKE)]
    body = {"edit": {"without": dropped}, "details": draft["details"]}
    assert house.admin.put(path, json=body, headers={"If-Match": "*"}).status_code == 200
    assert code_of(house.admin.post(f"{path}/make")) == (409, "version_state_conflict")


def test_a_withdrawn_version_is_erased_and_the_one_before_is_served(house: House) -> None:
    lesson, school, _ = reviewed_lesson(house, "withdrawn")
    first, _ = published(house, lesson)
    second, keys = published(house, lesson, 30_000, kept=[[0, 30_000]])
    digests = {key: hashlib.sha256((data_dir(house) / key).read_bytes()).hexdigest() for key in keys}
    with pupil(house, lesson) as viewer:
        url = str(listed(viewer, lesson)[resource(lesson, MASTER)]["hls_url"])
        assert house.anyone.get(url).status_code == 200
        path = f"{API}/versions/{second}/withdraw"
        assert code_of(house.admin.post(path, json={"reason": ""})) == (400, "bad_message")
        assert house.admin.post(path, json={"reason": "a wrong formula"}).json()["state"] == "withdrawn"
        proof = proof_of(house, school, second)
        assert {each["key"]: each["sha256"] for each in proof["objects"]} == digests
        assert house.anyone.get(url).status_code == 404
        assert listed(viewer, lesson)[resource(lesson, MASTER)]["version"] == first
        house.admin.post(f"{API}/versions/{first}/withdraw", json={"reason": "all of it"})
        # What was cut must not come back by the fast replay.
        assert house.admin.get(f"{API}/lessons/{lesson}").json()["state"] == "withdrawn"
        assert code_of(viewer.get(f"{API}/lessons/{lesson}/resources")) == (403, "not_permitted")
    assert not any((data_dir(house) / key).exists() for key in keys)


def test_consent_withdrawn_takes_the_source_out(house: House) -> None:
    lesson, school, groups = reviewed_lesson(house, "consent")
    cut = [[0, 50_000]]
    old, keys = published(house, lesson, 50_000, kept=cut)
    with pupil(house, lesson) as viewer:
        assert resource(lesson, HILL) in listed(viewer, lesson)
        url = str(listed(viewer, lesson)[resource(lesson, HILL)]["hls_url"])
        decide(house, groups[HILL], "publication", "withdrawn")
        newest = house.admin.get(f"{API}/lessons/{lesson}/versions").json()[0]
        assert (newest["state"], newest["sources"]) == (
            "making",
            [resource(lesson, MASTER), resource(lesson, LAKE)],
        )
        assert newest["edit"]["kept"] == cut
        # Until it is made: nothing of the group, and nothing that was cut.
        meanwhile = listed(viewer, lesson)
        assert set(meanwhile) == {resource(lesson, MASTER), resource(lesson, LAKE)}
        assert {each["hls_url"] for each in meanwhile.values()} == {None}
        proof = proof_of(house, school, old)
        assert [each["key"] for each in proof["objects"]] == keys
        listing = house.admin.get(f"{API}/erasures/{proof['id']}/listing").json()[0]["objects"]
        assert not {each["key"] for each in listing} & set(keys)
        assert house.anyone.get(url).status_code == 404
        finish(house, newest["id"], 50_000)
        shown = listed(viewer, lesson)
        assert set(shown) == set(meanwhile)
        assert {each["version"] for each in shown.values()} == {newest["id"]}
    # The source itself stays for who teaches: its group still lets itself be recorded.
    assert resource(lesson, HILL) in listed(house.admin, lesson)


def test_a_recording_withdrawn_goes_with_its_logs(house: House) -> None:
    lesson, school, groups = reviewed_lesson(house, "recording")
    old, keys = published(house, lesson)
    decide(house, groups[HILL], "recording", "withdrawn")
    raw = proof_of(house, school, groups[HILL])
    gone = {each["key"] for each in raw["objects"]} | {
        each["key"] for each in proof_of(house, school, old)["objects"]
    }
    assert gone == {log_key(lesson, HILL), *resource_keys(lesson, HILL), *keys}
    assert not any((data_dir(house) / key).exists() for key in gone)
    newest = house.admin.get(f"{API}/lessons/{lesson}/versions").json()[0]
    finish(house, newest["id"])
    with pupil(house, lesson) as viewer:
        # Without a cut nothing was withheld; now the new version is there.
        assert {each["version"] for each in listed(viewer, lesson).values()} == {newest["id"]}


def test_an_erased_seat_is_in_no_version(house: House) -> None:
    lesson, school, _ = reviewed_lesson(house, "seat")
    old, keys = published(house, lesson)
    asked = {"seat_id": seat(lesson, LAKE), "reason": "request"}
    assert house.admin.post(f"{API}/erasures", json=asked).status_code == 201
    proof_of(house, school, seat(lesson, LAKE))
    proof_of(house, school, old)
    assert not any((data_dir(house) / key).exists() for key in keys)
    newest = house.admin.get(f"{API}/lessons/{lesson}/versions").json()[0]
    assert resource(lesson, LAKE) not in newest["sources"]
