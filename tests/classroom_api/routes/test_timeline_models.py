from __future__ import annotations

from classroom_api.lesson_timeline import InkMark, LessonTimeline, PageTurn, Question, Turn
from classroom_api.routes.timeline_models import Timeline
from recording.chapters import Cause, Chapter


def test_everything_is_said() -> None:
    timeline = LessonTimeline(
        (Chapter(0, 9, Cause.ROUND, "3/4?", None),),
        (PageTurn(0, "deck_a", 1),),
        (InkMark(4, "deck_a", 1, "#d00000", 8, ((0, 1),)),),
        (Question(0, "poll", "3/4?", ("yes", "no"), (1, 2), 9),),
        (Turn(2, "seat_a", "Hill school", 5), Turn(3, "seat_b", "", 4)),
        (Turn(1, "pub_a", "", 8),),
        (Turn(3, "seat_a", "Hill school", 6), Turn(3, "seat_b", "", 6)),
    )
    assert Timeline.of(timeline, {"seat_b"}).model_dump(mode="json") == {
        "chapters": [{"start_ms": 0, "end_ms": 9, "kind": "round", "title": "3/4?", "page": None}],
        "pages": [{"at_ms": 0, "deck": "deck_a", "page": 1}],
        "ink": [
            {"at_ms": 4, "deck": "deck_a", "page": 1, "color": "#d00000", "width": 8, "points": [[0, 1]]}
        ],
        "questions": [
            {
                "at_ms": 0,
                "until_ms": 9,
                "kind": "poll",
                "prompt": "3/4?",
                "choices": ["yes", "no"],
                "tally": [1, 2],
            }
        ],
        "stage": [{"at_ms": 2, "until_ms": 5, "seat": "seat_a", "name": "Hill school"}],
        "screens": [{"at_ms": 1, "until_ms": 8, "seat": "pub_a", "name": ""}],
        "photos": [{"at_ms": 3, "until_ms": 6, "seat": "seat_a", "name": "Hill school"}],
    }
