from __future__ import annotations

from classroom_api.store.schema import Table


def test_every_table_hangs_on_a_lesson_so_that_erasing_one_erases_all_of_it() -> None:
    for table in Table.metadata.sorted_tables:
        if table.name == "lessons":
            continue
        keys = [key for key in table.foreign_keys if key.column.table.name == "lessons"]
        assert [key.ondelete for key in keys] == ["CASCADE"], table.name
