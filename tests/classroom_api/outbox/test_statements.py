from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from classroom_api.outbox.statements import (
    STATED,
    LessonFacts,
    Narrator,
    duration,
    registration_of,
    statement_id,
)
from signaling.events import EVENT_KINDS
from tests.classroom_api.outbox.receiver import PROFILE, check_statement

FACTS = LessonFacts(
    lesson="les_a",
    title="分数的初步认识",
    home_page="https://school.example",
    accounts={"seat_c": "pair_hill", "seat_m": "usr_lin"},
    course=("crs_a", "数学"),
    unit=("unit_a", "分数"),
    planned_ms=2_400_000,
)


def seat(identifier: str, role: str) -> dict[str, Any]:
    return {"type": "seat_joined", "seat": {"id": identifier, "role": role, "name": "小明"}}


def publication(identifier: str, source: str, *, enabled: bool, of: str = "seat_c") -> dict[str, Any]:
    body = {
        "id": identifier,
        "seat": of,
        "kind": "video",
        "source": source,
        "codec": "VP8",
        "enabled": enabled,
    }
    return {"type": "publication_added", "publication": body}


def answer(*counts: int, text: str | None = None) -> dict[str, Any]:
    return {"seat": "seat_c", "classroom": "hill", "counts": list(counts), "text": text}


LESSON: list[dict[str, Any]] = [
    {"type": "lesson_state", "state": "lobby", "started_at_ms": None, "ended_at_ms": None},
    seat("seat_m", "master"),
    seat("seat_c", "classroom"),
    {"type": "lesson_state", "state": "live", "started_at_ms": 4000, "ended_at_ms": None},
    publication("pub_1", "camera", enabled=False),
    {"type": "publication_changed", "publication": "pub_1", "enabled": True},
    {"type": "publication_removed", "publication": "pub_1"},
    publication("pub_2", "screen", enabled=True, of="seat_m"),
    {"type": "publication_removed", "publication": "pub_2"},
    publication("pub_3", "whisper", enabled=True),
    publication("pub_4", "microphone", enabled=True),
    {"type": "seat_muted", "seat": "seat_c", "muted": True},
    {"type": "floor_requested", "seat": "seat_c", "position": 0},
    {"type": "floor_granted", "seat": "seat_c"},
    {"type": "poll_opened", "poll": {"id": 1, "question": "小明?", "choices": ["a", "b"]}},
    {"type": "poll_answered", "poll": 1, "answer": answer(3, 9), "tally": [3, 9]},
    {"type": "round_opened", "round": {"id": 1, "prompt": "小明?", "answer": "text", "choices": []}},
    {"type": "round_answered", "round": 1, "answer": answer(text="小明"), "tally": []},
    {"type": "text_posted", "text": {"id": 1, "seat": None, "text": "小明"}},
    {"type": "seat_left", "seat": "seat_c", "reason": "left"},
    {"type": "lesson_state", "state": "ended", "started_at_ms": 4000, "ended_at_ms": 2_404_500},
]
VERBS = [
    *("joined", "joined", "initialized", "started", "stopped", "shared", "unshared", "started", "stopped"),
    *("reacted", "unreacted", "asked", "answered", "asked", "answered", "posted", "left", "terminated"),
]


def stated(bodies: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return dict(Narrator().tell(FACTS, [(seq, seq * 1000, body) for seq, body in enumerate(bodies, 1)]))


def test_a_lesson_becomes_statements_of_the_profile() -> None:
    made = list(stated(LESSON).values())
    for statement in made:
        check_statement(statement)
    assert [statement["verb"]["display"]["en"] for statement in made] == VERBS
    assert made[-1]["result"] == {"duration": "PT2400.5S"}
    assert made[2]["context"]["extensions"]["http://id.tincanapi.com/extension/planned-duration"] == "PT2400S"
    grouping = [each["id"] for each in made[0]["context"]["contextActivities"]["grouping"]]
    assert grouping == ["https://school.example/courses/crs_a", "https://school.example/units/unit_a"]
    assert {statement["context"]["registration"] for statement in made} == {str(registration_of("les_a"))}


def test_actors_are_accounts_of_classrooms_and_devices_and_no_name_is_stated() -> None:
    made = list(stated(LESSON).values())
    actors = [statement["actor"]["account"]["name"] for statement in made]
    assert set(actors) == {"usr_lin", "pair_hill", "tandem"}
    assert actors[2] == "usr_lin"
    assert "小明" not in str(made)
    assert "whisper" not in str(made)


def test_ids_are_the_same_whenever_they_are_made_and_differ_between_events_and_lessons() -> None:
    assert stated(LESSON) == stated(LESSON)
    assert stated(LESSON)[2] == stated(LESSON[:2])[2]
    ids = [statement_id(lesson, seq) for lesson in ("les_a", "les_b") for seq in range(1, 50)]
    assert len(set(ids)) == len(ids)
    assert all(identifier.version == 5 for identifier in ids)
    assert UUID(stated(LESSON)[2]["id"]) == statement_id("les_a", 2)


def test_a_source_that_begins_twice_is_stated_once() -> None:
    again = [publication("pub_1", "camera", enabled=True)] * 2
    changed = {"type": "publication_changed", "publication": "pub_1", "enabled": True}
    unknown = {"type": "publication_removed", "publication": "pub_x"}
    assert list(stated([*again, changed, unknown])) == [1]


@given(st.lists(st.sampled_from(LESSON), max_size=30))
def test_events_in_any_order_give_sound_statements_or_none(bodies: list[dict[str, Any]]) -> None:
    for statement in stated(bodies).values():
        check_statement(statement)


def test_the_kinds_are_the_room_s_own_and_durations_are_never_negative() -> None:
    assert STATED <= EVENT_KINDS
    assert {body["type"] for body in LESSON} <= STATED | {"seat_connection"}
    assert [duration(ms) for ms in (-1, 0, 1, 60_000)] == ["PT0S", "PT0S", "PT0.001S", "PT60S"]
    assert PROFILE == "https://w3id.org/xapi/virtual-classroom"
