from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom_api.report_csv import cell_of, lesson_table, local_time, minutes, seconds, sums_table
from classroom_api.report_sums import sum_up
from tests.classroom_api.test_report_sums import report

BOM = "\ufeff".encode()


def read(table: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))


def test_a_spreadsheet_reads_it_as_chinese_text() -> None:
    table = lesson_table(report(), is_chinese=True)
    assert table.startswith(BOM)
    head, *lines = read(table)
    assert head[:3] == ["课程编号", "课题", "开始时间"]
    assert [line[7] for line in lines] == [
        "青山小学三年级",
        "River school, grades 3 and 4",
        "石桥教学点",
        "Hill school",
    ]
    assert {len(line) for line in lines} == {len(head)}
    assert len(set(head)) == len(head)


def test_the_figures_stand_in_their_columns() -> None:
    head, first, *_ = read(lesson_table(report(), is_chinese=False))
    cells = dict(zip(head, first, strict=True))
    assert (cells["title"], cells["started"]) == ("分数", "2026-09-01 08:05")
    assert (cells["lesson minutes"], cells["present ratio"]) == ("40.000", "1.000")
    assert (cells["turns"], cells["hands"], cells["rounds answered"]) == ("2", "2", "2")
    assert cells["minutes with a small picture or none"] == "0.000"


def test_sums_are_one_line_a_classroom() -> None:
    summed = sum_up([report(), report("les_b")], 0, 1, is_complete=True)
    head, *lines = read(sums_table(summed, is_chinese=False))
    assert head[:3] == ["classroom", "classroom name", "lessons expected"]
    assert {line[2] for line in lines} == {"2"}


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-2", "@SUM(A1)", "  =1", "\t=1", "＝1", '=HYPERLINK("http://x")']
)
def test_what_would_be_a_formula_is_text(text: str) -> None:
    assert cell_of(text) == f"'{text}"


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1, max_size=20))
def test_no_text_becomes_a_formula_or_breaks_the_table(text: str) -> None:
    cell = cell_of(text)
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    named = sum_up([report(name=text)], 0, 1, is_complete=True)
    lines = read(sums_table(named, is_chinese=False))
    assert cell in {line[1] for line in lines}
    assert len(lines) == 5


def test_numbers_and_times() -> None:
    assert [cell_of(value) for value in (0, 1.5, None, -3)] == ["0", "1.500", "", "-3"]
    assert (minutes(90_000), minutes(None), seconds(1500), seconds(None)) == (1.5, None, 1.5, None)
    assert local_time(None, "Asia/Shanghai") is None
