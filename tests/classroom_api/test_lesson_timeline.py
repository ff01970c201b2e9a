from __future__ import annotations

import json
from itertools import count

from classroom_api.lesson_timeline import KINDS, InkMark, PageTurn, Question, Turn, timeline_of
from recording.chapters import Cause
from signaling.ports import StoredEvent

STARTED_MS = 1_790_000_000_000
_SEQ = count(1)


def said(second: float, kind: str, **fields: object) -> StoredEvent:
    """An event, `second` seconds after the lesson began."""
    body = json.dumps({"type": kind, **fields})
    return StoredEvent(next(_SEQ), STARTED_MS + int(second * 1000), kind, body)


def state(second: float, to: str) -> StoredEvent:
    return said(second, "lesson_state", state=to, started_at_ms=STARTED_MS, ended_at_ms=None)


def ink(second: float, seat: str, points: int = 2) -> StoredEvent:
    stroke = {"id": 1, "seat": seat, "deck": "deck_a", "page": 1, "color": "#d00000", "width": 8}
    return said(second, "ink_added", ink=stroke | {"points": [[0, 1]] * points})


def test_everything_stands_where_the_replay_shows_it() -> None:
    """A suspension of a minute is not in the replay."""
    events = [
        said(-30, "seat_joined", seat={"id": "seat_master", "role": "master"}),
        said(-30, "seat_joined", seat={"id": "seat_room", "role": "classroom", "name": "Hill school"}),
        said(-10, "slide_shown", slide={"deck": "deck_a", "page": 1}),
        state(0, "live"),
        ink(40, "seat_master"),
        ink(41, "seat_room"),
        said(50, "lesson_interrupted", state="suspended"),
        said(110, "lesson_interrupted", state="live"),
        said(115, "ink_cleared", deck="deck_a", page=1),
        said(120, "slide_shown", slide={"deck": "deck_a", "page": 2}),
        said(130, "round_opened", round={"id": 3, "prompt": "3/4?", "choices": []}),
        said(140, "round_answered", round=3, tally=[9, 12]),
        said(150, "slide_shown", slide=None),
        said(200, "marker_set", marker={"label": "Example 2"}),
        state(240, "ended"),
    ]
    timeline = timeline_of(events, 180_000)
    assert timeline_of([event for event in events if event.kind in KINDS], 180_000) == timeline
    assert timeline.pages == (
        PageTurn(0, "deck_a", 1),
        PageTurn(60_000, "deck_a", 2),
        PageTurn(90_000, None, None),
    )
    assert timeline.ink == (
        InkMark(40_000, "deck_a", 1, "#d00000", 8, ((0, 1), (0, 1))),
        InkMark(55_000, "deck_a", 1),
    )
    assert timeline.questions == (Question(70_000, "round", "3/4?", (), (9, 12), 180_000),)
    assert [(one.start_ms, one.cause, one.title, one.page) for one in timeline.chapters] == [
        (0, Cause.PAGE, "", 1),
        (70_000, Cause.ROUND, "3/4?", None),
        (140_000, Cause.MARKER, "Example 2", None),
    ]


def test_a_photo_was_shown_and_is_not_in_the_replay() -> None:
    one, two = ({"photo": f"photo_{n}", "seat": f"seat_{n}", "classroom": f"c{n}"} for n in (1, 2))
    events = [
        said(-9, "seat_joined", seat={"id": "seat_1", "role": "classroom", "name": "Hill school"}),
        state(0, "live"),
        said(10, "photos_shown", photos=[one]),
        said(12, "photos_shown", photos=[one, two]),
        said(15, "photos_shown", photos=[two]),
    ]
    timeline = timeline_of(events, 20_000)
    assert timeline.photos == (
        Turn(10_000, "seat_1", "Hill school", 15_000),
        Turn(12_000, "seat_2", "", 20_000),
    )
    assert "photo_" not in repr(timeline)


def test_a_paused_recording_is_not_in_the_replay_either() -> None:
    events = [
        state(0, "live"),
        said(10, "recording_state", policy="stage", state="paused", reason=None),
        said(20, "lesson_interrupted", state="suspended"),
        said(30, "recording_state", policy="stage", state="recording", reason=None),
        said(40, "lesson_interrupted", state="live"),
        said(50, "slide_shown", slide={"deck": "deck_a", "page": 2}),
    ]
    assert timeline_of(events, 60_000).pages == (PageTurn(20_000, "deck_a", 2),)


def test_ink_is_bounded() -> None:
    joined = said(0, "seat_joined", seat={"id": "seat_master", "role": "master"})
    strokes = [ink(number, "seat_master", 200) for number in range(300)]
    marks = timeline_of([joined, state(0, "live"), *strokes], 400_000).ink
    assert len(marks) == 250


def test_a_lesson_that_never_began_has_nothing_to_show() -> None:
    assert timeline_of([said(0, "marker_set", marker={"label": "x"})], 0).chapters == ()


def taught() -> list[StoredEvent]:
    return [
        said(-9, "seat_joined", seat={"id": "seat_master", "role": "master", "name": "Ms Lin"}),
        said(-9, "seat_joined", seat={"id": "seat_room", "role": "classroom", "name": "Hill school"}),
        said(-9, "seat_joined", seat={"id": "seat_pupil", "role": "student", "name": "Xiao Ming"}),
        said(0, "slide_shown", slide={"deck": "deck_a", "page": 1}),
        state(0, "live"),
        said(
            5,
            "publication_added",
            publication={"id": "pub_s", "seat": "seat_master", "source": "screen", "enabled": True},
        ),
        said(10, "round_opened", round={"id": 1, "prompt": "3/4?", "choices": []}),
        said(20, "round_phase", round=1, phase="local"),
        said(30, "round_phase", round=1, phase="closed"),
        said(32, "floor_granted", seat="seat_room"),
        said(35, "publication_changed", publication="pub_s", enabled=False),
        said(38, "floor_revoked", seat="seat_room"),
        said(40, "floor_granted", seat="seat_pupil"),
        said(41, "slide_shown", slide={"deck": "deck_a", "page": 2}),
        said(42, "poll_opened", poll={"id": 1, "question": "Clear?", "choices": ["yes", "no"]}),
        said(44, "poll_closed", poll=1),
        said(50, "seat_left", seat="seat_pupil", reason="left"),
    ]


def test_who_was_on_stage_and_what_was_asked_how_long() -> None:
    timeline = timeline_of(taught(), 60_000)
    assert timeline_of([event for event in taught() if event.kind in KINDS], 60_000) == timeline
    assert timeline.stage == (
        Turn(32_000, "seat_room", "Hill school", 38_000),
        Turn(40_000, "seat_pupil", "", 50_000),
    )
    assert timeline.screens == (Turn(5_000, "pub_s", "", 35_000),)
    assert [(one.at_ms, one.until_ms) for one in timeline.questions] == [(10_000, 30_000), (42_000, 44_000)]


def test_the_picture_makes_chapters_where_nothing_else_does() -> None:
    changes = [30_000, 45_000, 60_000]
    events = [state(0, "live"), state(90, "ended")]
    chapters = timeline_of(events, 90_000, changes).chapters
    assert [(one.start_ms, one.cause) for one in chapters] == [
        (0, Cause.OPENING),
        (30_000, Cause.PICTURE),
        (60_000, Cause.PICTURE),
    ]
    marked = [*events, said(20, "marker_set", marker={"label": "Example"})]
    assert [one.cause for one in timeline_of(marked, 90_000, changes).chapters] == [
        Cause.OPENING,
        Cause.MARKER,
    ]
    assert len(timeline_of([], 90_000, changes).chapters) == 3
