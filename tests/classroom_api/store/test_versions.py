"""Which version of a replay is served."""

from __future__ import annotations

from classroom_api.store.resource_schema import VersionRow
from classroom_api.store.versions import VersionState, served_version
from tests.classroom_api.retention.recorded import add_lesson, school


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
                    created_by="user_a",
                    created_at_ms=number,
                )
            )
        session.flush()
        served = served_version(session, "les_a")
        assert served is not None
        assert served.id == "ver_2"
