from __future__ import annotations

from classroom_api.outbox.view_statements import (
    PROFILE,
    Now,
    Step,
    Stood,
    Verb,
    ViewFacts,
    statements_of_view,
    steps_of,
)

BEGUN = Stood(0, is_playing=False, is_completed=False)
FACTS = ViewFacts("view_a", "les_a", "分数", "student", "https://school.test", 100_000)


def now(position_ms: int, *played: tuple[int, int], playing: bool = True, over: bool = False) -> Now:
    return Now(position_ms, playing, is_completed=False, is_over=over, played=played)


def test_going_on_says_nothing_and_seeking_says_where_to() -> None:
    assert list(steps_of(BEGUN, now(15_000, (0, 15_000)))) == [Step(Verb.PLAYED, 0)]
    playing = Stood(15_000, is_playing=True, is_completed=False)
    assert list(steps_of(playing, now(30_000, (15_200, 30_000)))) == []
    assert list(steps_of(playing, now(70_000, (15_000, 20_000), (60_000, 70_000)))) == [
        Step(Verb.SEEKED, 60_000, 20_000),
        Step(Verb.PLAYED, 60_000),
    ]
    assert list(steps_of(playing, now(20_000, (15_000, 20_000), playing=False))) == [
        Step(Verb.PAUSED, 20_000)
    ]


def test_the_end_of_a_viewing() -> None:
    playing = Stood(80_000, is_playing=True, is_completed=False)
    ended = Now(95_000, is_playing=True, is_completed=True, is_over=True, played=((80_000, 95_000),))
    verbs = [step.verb for step in steps_of(playing, ended)]
    assert verbs == [Verb.PAUSED, Verb.COMPLETED, Verb.TERMINATED]
    again = Stood(95_000, is_playing=False, is_completed=True)
    left = Now(95_000, is_playing=False, is_completed=True, is_over=True)
    assert [step.verb for step in steps_of(again, left)] == [Verb.TERMINATED]


def test_statements_follow_the_profile() -> None:
    steps = [Step(Verb.SEEKED, 60_000, 20_000), Step(Verb.COMPLETED, 95_500)]
    seeked, completed = statements_of_view(FACTS, steps, [(0, 20_000), (60_000, 95_500)], 1_790_000_000_000)
    extensions = f"{PROFILE}/extensions"
    assert seeked["result"] == {
        "extensions": {f"{extensions}/time-from": 20.0, f"{extensions}/time-to": 60.0}
    }
    assert completed["verb"]["id"] == "http://adlnet.gov/expapi/verbs/completed"
    assert completed["result"] == {
        "completion": True,
        "extensions": {
            f"{extensions}/time": 95.5,
            f"{extensions}/played-segments": "0[.]20[,]60[.]95.5",
            f"{extensions}/progress": 0.555,
        },
    }
    assert completed["actor"]["account"] == {"homePage": "https://school.test", "name": "student"}
    assert completed["context"]["extensions"][f"{extensions}/length"] == 100.0
    assert seeked["id"] != completed["id"]
    again = statements_of_view(FACTS, steps, [], 1_790_000_000_000)
    assert next(iter(again))["id"] == seeked["id"]
