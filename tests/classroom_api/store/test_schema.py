from __future__ import annotations

from classroom_api.store.outbox_schema import LessonRetentionRow
from classroom_api.store.planning_schema import BookingRow
from classroom_api.store.resource_schema import (
    CaptionRow,
    JobRow,
    ReplayDocumentRow,
    VersionRow,
    ViewSessionRow,
)
from classroom_api.store.schema import (
    DeckRow,
    EventRow,
    LessonRow,
    PhotoRow,
    ResourceRow,
    SeatRow,
    Table,
)


def test_what_is_of_a_lesson_goes_with_it_so_that_erasing_one_erases_all_of_it() -> None:
    of_lessons = {
        table.name
        for table in Table.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == LessonRow.__tablename__ and key.ondelete == "CASCADE"
    }
    referring = {
        table.name
        for table in Table.metadata.sorted_tables
        if any(key.column.table.name == LessonRow.__tablename__ for key in table.foreign_keys)
    }
    assert of_lessons == referring
    taught = (SeatRow, EventRow, BookingRow, DeckRow, PhotoRow, LessonRetentionRow)
    made = (ResourceRow, VersionRow, CaptionRow, JobRow, ViewSessionRow, ReplayDocumentRow)
    assert of_lessons == {row.__tablename__ for row in (*taught, *made)}
