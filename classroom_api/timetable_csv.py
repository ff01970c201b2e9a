"""Tables of a school as CSV: decoded and cut into lines, each with its number; nothing is stored here.

Spreadsheets save UTF-8, with or without a byte order mark, or (in China) GB18030: UTF-8 is tried first, which
other text hardly ever satisfies by chance. The first line names the columns, in English or Chinese.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from streaming.errors import Refused, RemoteProtocolError

MAXIMUM_BYTES = 1_048_576
MAXIMUM_LINES = 1000
MAXIMUM_CELL_CHARACTERS = 1000
_BOM = b"\xef\xbb\xbf"


class ImportTable(StrEnum):
    """What can be imported."""

    STUDENT_GROUPS = "student-groups"
    USERS = "users"
    TIMETABLE = "timetable"


@dataclass(frozen=True, slots=True)
class Columns:
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


COLUMNS: Final[Mapping[ImportTable, Columns]] = MappingProxyType(
    {
        ImportTable.STUDENT_GROUPS: Columns(("name", "grades", "size")),
        ImportTable.USERS: Columns(("login", "name"), ("role", "language")),
        ImportTable.TIMETABLE: Columns(
            ("date", "start", "end", "title", "teacher"), ("room", "classrooms", "mode", "record")
        ),
    }
)
IN_CHINESE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "名称": "name",
        "姓名": "name",
        "年级": "grades",
        "人数": "size",
        "登录名": "login",
        "角色": "role",
        "语言": "language",
        "日期": "date",
        "开始": "start",
        "结束": "end",
        "标题": "title",
        "课题": "title",
        "教师": "teacher",
        "教室": "room",
        "班级": "classrooms",
        "模式": "mode",
        "录制": "record",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the file. `number`: of its first line, counted from 1 as editors do."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line and what to do. `column` None: the line as a whole. `reason` is stable, for
    pages that say it in their own words; `given` is what it is about.
    """

    line: int
    column: str | None
    reason: str
    message: str
    given: str = ""

    def as_members(self) -> dict[str, object]:
        return asdict(self)


class ImportRefused(Refused):
    """Lines that cannot be imported; none is."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("import_refused", "Nothing was imported: correct the lines named in `problems`.")
        self.problems = tuple(problem.as_members() for problem in problems)


def parse_table(data: bytes, table: ImportTable) -> list[Line]:
    """The lines of `data` that are not empty.

    RemoteProtocolError: message_too_large. ImportRefused: an unknown encoding, wrong columns, ragged lines.
    """
    if len(data) > MAXIMUM_BYTES:
        raise RemoteProtocolError("message_too_large", f"A file has at most {MAXIMUM_BYTES} bytes: split it.")
    reader = csv.reader(io.StringIO(_decode(data), newline=""), strict=True)
    lines: list[Line] = []
    problems: list[Problem] = []
    names: list[str] | None = None
    number = 1
    try:
        for cells in reader:
            first, number = number, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _names(cells, table, first)
                continue
            if len(lines) >= MAXIMUM_LINES:
                raise RemoteProtocolError(
                    "message_too_large", f"At most {MAXIMUM_LINES} lines: split the file."
                )
            problem = _shape(cells, names, first)
            if problem is None:
                given = zip(names, (cell.strip() for cell in cells), strict=True)
                lines.append(Line(first, dict(given)))
            else:
                problems.append(problem)
    except csv.Error as error:
        problems.append(Problem(number, None, "not_csv", f"not CSV: {error}"))
    if names is None and not problems:
        problems.append(Problem(1, None, "file_empty", "the file is empty: the first line names the columns"))
    if problems:
        raise ImportRefused(problems)
    return lines


def _decode(data: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.removeprefix(_BOM).decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ImportRefused(
        [Problem(1, None, "encoding_unknown", "neither UTF-8 nor GB18030: save the file as CSV UTF-8")]
    )


def _names(cells: Sequence[str], table: ImportTable, number: int) -> list[str]:
    names = [IN_CHINESE.get(cell.strip(), cell.strip().lower()) for cell in cells]
    columns = COLUMNS[table]
    known = columns.required + columns.optional
    problems = [
        Problem(number, name, "column_unknown", f"unknown column; there are: {', '.join(known)}", name)
        for name in names
        if name not in known
    ]
    problems += [
        Problem(number, name, "column_missing", "this column is missing", name)
        for name in columns.required
        if name not in names
    ]
    problems += [
        Problem(number, name, "column_repeated", "this column stands there twice", name)
        for name in known
        if names.count(name) > 1
    ]
    if problems:
        raise ImportRefused(problems)
    return names


def _shape(cells: Sequence[str], names: Sequence[str], number: int) -> Problem | None:
    if len(cells) != len(names):
        counts = f"{len(cells)} / {len(names)}"
        message = f"{len(cells)} cells, and {len(names)} columns: quote cells with commas"
        return Problem(number, None, "cells_do_not_fit", message, counts)
    if any(len(cell) > MAXIMUM_CELL_CHARACTERS for cell in cells):
        return Problem(
            number, None, "cell_too_long", f"a cell has at most {MAXIMUM_CELL_CHARACTERS} characters"
        )
    return None
