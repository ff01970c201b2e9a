"""What becomes of versions, and which one is served."""

from __future__ import annotations

from itertools import count

import pytest
from sqlalchemy.orm import Session

from classroom_api.access import EVERYTHING
from classroom_api.store import versions as store
from classroom_api.store.consents import Consent, ConsentKind, Decision, record_consent
from classroom_api.store.lessons import LessonState
from classroom_api.store.resource_schema import VersionRow
from classroom_api.store.schema import LessonRow
from classroom_api.store.versions import Author, VersionState, served_version
from streaming.errors import Refused
from tests.classroom_api.retention.recorded import HILL, LAKE, MASTER, add_lesson, resource, school

NUMBERS = count(1)
AUTHOR = Author("user_a", 7, lambda prefix: f"{prefix}_{next(NUMBERS)}")


def test_the_newest_published_one_is_served(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        assert served_version(session, "les_a") is None
        for number, state in enumerate(("published", "published", "ready", "withdrawn"), 1):
            session.add(
                VersionRow(
                    id=f"ver_{number}",
                    lesson_id="les_a",
                    number=number,
                    state=VersionState(state),
                    edit={},
                    details={},
                    sources=[],
                    is_to_be_published=False,
                    created_by="user_a",
                    created_at_ms=number,
                )
            )
        session.flush()
        served = served_version(session, "les_a")
        assert served is not None
        assert served.id == "ver_2"


def consent(session: Session, name: str) -> None:
    granted = Consent(f"grp_{name}", ConsentKind.PUBLICATION, Decision.GRANTED, "user_a", "")
    record_consent(session, granted, EVERYTHING, 0)


def made(session: Session, lesson: LessonRow) -> VersionRow:
    """A version that waits for somebody to publish it."""
    row = store.draft_version(session, lesson, AUTHOR)
    store.begin_version(session, row)
    store.finish_version(session, row.id, {"duration_ms": 1000, "pictures": []}, 8)
    assert row.state == VersionState.READY
    return row


def test_only_who_has_consented_is_in_a_version(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a", LessonState.REVIEW)
        consent(session, HILL)
        row = made(session, session.get_one(LessonRow, "les_a"))
        assert row.sources == [resource("les_a", MASTER), resource("les_a", HILL)]


def test_a_version_takes_its_steps_in_order(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a", LessonState.REVIEW)
        lesson = session.get_one(LessonRow, "les_a")
        draft = store.draft_version(session, lesson, AUTHOR)
        with pytest.raises(Refused, match="version_state_conflict"):
            store.publish_version(session, draft, lesson, 9)
        store.begin_version(session, draft)
        store.fail_version(session, draft.id, "media_malformed")
        assert (draft.state, draft.reason) == ("failed", "media_malformed")
        store.begin_version(session, draft)
        store.finish_version(session, draft.id, {}, 8)
        store.publish_version(session, draft, lesson, 9)
        assert (draft.published_at_ms, lesson.state) == (9, LessonState.PUBLISHED)
        # The job's end comes late: it changes nothing.
        store.fail_version(session, draft.id, "late")
        store.finish_version(session, draft.id, {"late": 1}, 9)
        assert (draft.state, draft.made) == ("published", {})
        store.withdraw_version(session, draft, lesson, "wrong", 10)
        assert (draft.state, lesson.state) == ("withdrawn", LessonState.WITHDRAWN)
        with pytest.raises(Refused, match="version_state_conflict"):
            store.withdraw_version(session, draft, lesson, "again", 11)


def test_a_new_version_begins_as_the_newest(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a", LessonState.REVIEW)
        lesson = session.get_one(LessonRow, "les_a")
        first = store.draft_version(session, lesson, AUTHOR)
        store.change_version(first, {**store.NO_EDIT, "kept": [[0, 500]]}, {**first.details, "grade": "3"})
        second = store.draft_version(session, lesson, AUTHOR)
        assert (second.number, second.edit["kept"], second.details["grade"]) == (2, [[0, 500]], "3")
        second.number = store.MAX_VERSIONS
        session.flush()
        with pytest.raises(Refused, match="limit_reached"):
            store.draft_version(session, lesson, AUTHOR)


def test_a_source_that_goes_takes_down_what_contains_it(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a", LessonState.REVIEW)
        lesson = session.get_one(LessonRow, "les_a")
        consent(session, HILL)
        consent(session, LAKE)
        served = made(session, lesson)
        store.change_version(store.draft_version(session, lesson, AUTHOR), served.edit, served.details)
        store.publish_version(session, served, lesson, 9)
        hill, lake = resource("les_a", HILL), resource("les_a", LAKE)
        gone, draft = store.withdraw_sources(session, lesson, {hill}, AUTHOR)
        assert ([row.id for row in gone], served.state) == ([served.id], "withdrawn")
        assert draft is not None
        assert (draft.edit["without"], draft.is_to_be_published) == ([hill], True)
        # The lesson stays published: the replays of the others still play.
        assert (lesson.state, store.shown_of(session, "les_a").hidden) == ("published", frozenset())
        store.begin_version(session, draft)
        store.finish_version(session, draft.id, {"duration_ms": 1000}, 10)
        assert served_version(session, "les_a") is draft
        assert store.withdraw_sources(session, lesson, {hill}, AUTHOR) == ([], None)
        _, again = store.withdraw_sources(session, lesson, {lake}, AUTHOR)
        assert again is not None
        assert again.edit["without"] == sorted([hill, lake])


def test_what_an_edit_cut_does_not_come_back_by_the_fast_replay(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a", LessonState.REVIEW)
        lesson = session.get_one(LessonRow, "les_a")
        assert not store.shown_of(session, "les_a").is_withheld
        row = store.draft_version(session, lesson, AUTHOR)
        edit = {**store.NO_EDIT, "kept": [[0, 500]], "without": [resource("les_a", HILL)]}
        store.change_version(row, edit, row.details)
        store.begin_version(session, row)
        store.finish_version(session, row.id, {}, 8)
        store.publish_version(session, row, lesson, 9)
        store.withdraw_version(session, row, lesson, "wrong", 10)
        shown = store.shown_of(session, "les_a")
        assert shown.is_withheld
        assert shown.hidden == {resource("les_a", HILL)}
