from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_api.timetable_csv import (
    MAXIMUM_BYTES,
    MAXIMUM_LINES,
    ImportRefused,
    ImportTable,
    parse_table,
)
from streaming.errors import RemoteProtocolError

GROUPS = ImportTable.STUDENT_GROUPS
TEXT = "名称,年级,人数\r\n三四年级,3;4,12\r\n"


@pytest.mark.parametrize(
    "data",
    [TEXT.encode(), codecs.BOM_UTF8 + TEXT.encode(), TEXT.encode("gb18030")],
    ids=["utf8", "bom", "gb"],
)
def test_each_encoding_of_a_spreadsheet_is_read(data: bytes) -> None:
    [line] = parse_table(data, GROUPS)
    assert (line.number, dict(line.cells)) == (2, {"name": "三四年级", "grades": "3;4", "size": "12"})


def test_lines_are_counted_as_an_editor_does() -> None:
    text = 'name,grades,size\n\n"two\nlines",3,4\nlast,3,4\n'
    assert [line.number for line in parse_table(text.encode(), GROUPS)] == [3, 5]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, None),
        ("name,grades\n", 1, "size"),
        ("name,grades,size,phone\n", 1, "phone"),
        ("name,name,grades,size\n", 1, "name"),
        ("name,grades,size\na,3\n", 2, None),
        ("name,grades,size\na,3,4\nb,3,4,5\n", 3, None),
        ('name,grades,size\n"a"b,3,4\n', 2, None),
        ("name,grades,size\n" + "x" * 1001 + ",3,4\n", 2, None),
        ("name\x00,grades,size\n", 1, None),
    ],
)
def test_what_is_wrong_is_told_by_line(text: str, line: int, column: str | None) -> None:
    with pytest.raises(ImportRefused) as refused:
        parse_table(text.encode(), GROUPS)
    assert (refused.value.problems[0]["line"], refused.value.problems[0]["column"]) == (line, column)


def test_size_is_bounded() -> None:
    line = b"a,3,4\n"
    for data in (b"x" * (MAXIMUM_BYTES + 1), b"name,grades,size\n" + line * (MAXIMUM_LINES + 1)):
        with pytest.raises(RemoteProtocolError, match="message_too_large"):
            parse_table(data, GROUPS)
    assert len(parse_table(b"name,grades,size\n" + line * MAXIMUM_LINES, GROUPS)) == MAXIMUM_LINES


@given(st.binary(max_size=300), st.sampled_from(ImportTable))
def test_no_bytes_do_harm(data: bytes, table: ImportTable) -> None:
    with contextlib.suppress(ImportRefused):
        assert all(line.number > 1 for line in parse_table(data, table))
