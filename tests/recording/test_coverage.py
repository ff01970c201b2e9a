"""What no log shows: holes before, between and behind the sources of a resource."""

from __future__ import annotations

import pytest

from recording.coverage import find_absences, find_lost_ends, subtract
from recording.manifest import (
    Gap,
    GapReason,
    LessonContinued,
    LessonEnded,
    LessonStarted,
    LessonSuspended,
    Manifest,
    ResourceOpened,
    SourceStarted,
    SourceStopped,
)


def source(publication: str, log: str, *, peer: str = "peer_1", kind: str = "video") -> SourceStarted:
    return SourceStarted(
        publication, "seat", "master", "res_1", log, 0, peer, kind, "camera", "H264", 90_000, 0, ""
    )


def manifest(*sources: SourceStarted) -> Manifest:
    made = Manifest()
    made.apply(LessonStarted("les", "stage", 0, 0, ""))
    made.apply(ResourceOpened("res_1", "teacher", ""))
    for entry in sources:
        made.apply(entry)
    return made


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (source("pub_1", "b"), GapReason.CONSENT),
        (source("pub_2", "b"), GapReason.ABSENT),
        (source("pub_2", "b", peer="peer_2"), GapReason.RECONNECT),
    ],
)
def test_the_reason_follows_from_who_comes_next(second: SourceStarted, reason: GapReason) -> None:
    made = manifest(source("pub_1", "a"), second)
    made.apply(LessonEnded(20_000))
    assert find_absences(made, {"a": (3_000, 8_000), "b": (12_000, 19_500)}) == [
        Gap("pub_1", GapReason.ABSENT, 0, 3_000),
        Gap("pub_1", reason, 8_000, 12_000),
    ]


def test_what_never_came_back_is_absent_and_a_running_lesson_has_no_end() -> None:
    made = manifest(source("pub_1", "a"), source("pub_voice", "v", kind="audio"))
    media = {"a": (0, 8_000), "v": (0, 20_000)}
    assert find_absences(made, media) == []
    made.apply(LessonEnded(20_000))
    assert find_absences(made, media) == [Gap("pub_1", GapReason.ABSENT, 8_000, 20_000)]


def test_suspended_time_and_what_is_labelled_already_are_left_out() -> None:
    made = manifest(source("pub_1", "a"), source("pub_2", "b", peer="peer_2"))
    for entry in (LessonSuspended(5_000), LessonContinued(9_000)):
        made.apply(entry)
    made.apply(Gap("pub_1", GapReason.CRASH, 11_000, 13_000))
    made.apply(Gap("pub_other", GapReason.LOSS, 0, 20_000))
    made.apply(LessonEnded(20_000))
    assert find_absences(made, {"a": (0, 4_500), "b": (15_000, 20_000)}) == [
        Gap("pub_1", GapReason.RECONNECT, 9_000, 11_000),
        Gap("pub_1", GapReason.RECONNECT, 13_000, 15_000),
    ]


def test_a_source_within_another_leaves_no_hole() -> None:
    made = manifest(source("pub_1", "a"), source("pub_2", "b"), source("pub_3", "c"))
    made.apply(LessonEnded(20_000))
    assert find_absences(made, {"a": (0, 15_000), "b": (2_000, 6_000), "c": (15_500, 20_000)}) == []


def test_subtract() -> None:
    assert subtract((0, 10_000), []) == [(0, 10_000)]
    assert subtract((0, 10_000), [(8_000, 20_000), (0, 1_500), (1_000, 2_500)]) == [(2_500, 8_000)]
    assert subtract((0, 10_000), [(500, 9_500)]) == []


def test_a_log_that_ends_before_it_was_sealed_lost_its_end() -> None:
    made = manifest(source("pub_1", "a"), source("pub_2", "b"), source("pub_3", "c"))
    for publication, log in (("pub_1", "a"), ("pub_2", "b"), ("pub_3", "c")):
        made.apply(SourceStopped(publication, log, 10_000))
    made.apply(Gap("pub_3", GapReason.STORAGE_FULL, 4_000, 10_000))
    assert find_lost_ends(made, {"a": 9_950, "b": 3_000, "c": 4_000}) == [
        Gap("pub_2", GapReason.DAMAGE, 3_000, 10_000)
    ]
