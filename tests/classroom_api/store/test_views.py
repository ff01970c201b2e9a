from __future__ import annotations

import pytest

from classroom_api.store.resource_schema import ViewSessionRow
from classroom_api.store.schema import SeatRow
from classroom_api.store.views import (
    MAX_OF_VIEWER,
    account_of,
    add_view,
    audience,
    forget_views,
    last_view,
    require_view,
)
from streaming.errors import Refused
from tests.classroom_api.retention.recorded import add_lesson, school


def view(number: int, viewer: str) -> ViewSessionRow:
    return ViewSessionRow(
        id=f"view_{viewer}_{number}",
        lesson_id="les_a",
        viewer=viewer,
        started_at_ms=number,
        updated_at_ms=number,
        position_ms=number,
        duration_ms=1000,
        played=[],
        is_completed=False,
        is_playing=False,
    )


def test_views_are_their_viewer_s_and_bounded(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        for number in range(MAX_OF_VIEWER + 3):
            add_view(session, view(number, "seat_pupil"))
            session.flush()
        add_view(session, view(1, "user_a"))
        session.flush()
        last = last_view(session, "les_a", "seat_pupil")
        assert last is not None
        assert last.position_ms == MAX_OF_VIEWER + 2
        assert session.get(ViewSessionRow, "view_seat_pupil_2") is None
        assert require_view(session, "view_seat_pupil_3", "seat_pupil").position_ms == 3
        with pytest.raises(Refused) as refused:
            require_view(session, "view_seat_pupil_3", "user_a")
        assert refused.value.code == "view_unknown"
        forget_views(session, "les_a", "seat_pupil")
        assert last_view(session, "les_a", "seat_pupil") is None
        assert last_view(session, "les_a", "user_a") is not None
        forget_views(session, "les_a")
        assert last_view(session, "les_a", "user_a") is None


def test_the_audience_is_who_did_not_teach(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        for name, role in (("seat_pupil", "student"), ("seat_lin", "master")):
            session.add(
                SeatRow(
                    id=name, lesson_id="les_a", role=role, name="", recording_consent=False, created_at_ms=0
                )
            )
        session.flush()
        for viewer in ("seat_pupil", "seat_lin", "user_editor"):
            add_view(session, view(1, viewer))
        session.flush()
        assert [viewing.viewer for viewing in audience(session, "les_a")] == ["seat_pupil"]
        accounts = [account_of(session, viewer) for viewer in ("seat_pupil", "seat_lin", "user_editor")]
        assert accounts == ["student", "seat_lin", "user_editor"]
