"""docs/checklist.md says which test holds each line: those exist, and none that claims a line is left out."""

from __future__ import annotations

import re
from functools import cache

from tests.architecture.tree import files_ending, read

HELD_LINES = (*range(1, 32), *range(33, 38), 39)
ROW = re.compile(r"^\| (?P<line>\d+) \| (?P<fact>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
NAMED_TEST = re.compile(r"`(?P<path>[\w/.]+\.(?:cpp|py))`: (?P<name>“[^”]+”|`\w+`)")
CLAIM = re.compile(
    r'TEST_CASE\("(?P<native>checklist (?P<lines>[\d and]+):[^"]*)"'
    r"|def (?P<python>test_checklist_(?P<line>\d+)_\w+)\("
)


@cache
def rows() -> dict[int, list[tuple[str, str]]]:
    """Checklist line -> (path, test name) of each test that holds it."""
    return {
        int(row["line"]): [
            (test["path"], test["name"].strip("“”`")) for test in NAMED_TEST.finditer(row["tests"])
        ]
        for row in ROW.finditer(read("docs/checklist.md"))
    }


def exists(path: str, name: str) -> bool:
    text = read(path) if path in files_ending(".py", ".cpp") else ""
    return f'TEST_CASE("{name}"' in text if path.endswith(".cpp") else f"def {name}(" in text


def test_each_line_is_held_by_a_test() -> None:
    table = rows()
    assert [line for line in HELD_LINES if not table.get(line)] == []


def test_each_named_test_exists() -> None:
    lost = [
        f"{line}: {path} {name}"
        for line, tests in rows().items()
        for path, name in tests
        if not exists(path, name)
    ]
    assert not lost, "docs/checklist.md names tests that do not exist:\n" + "\n".join(lost)


def test_each_test_that_claims_a_line_is_in_its_row() -> None:
    table = rows()
    claims = [
        (int(line), path, claim["native"] or claim["python"])
        for path in files_ending(".cpp", ".py", below=("streaming/native/tests/", "tests/streaming/"))
        for claim in CLAIM.finditer(read(path))
        for line in re.findall(r"\d+", claim["lines"] or claim["line"])
    ]
    missing = [claim for claim in claims if claim[1:] not in table.get(claim[0], [])]
    assert not missing, f"tests that docs/checklist.md does not name: {missing}"
