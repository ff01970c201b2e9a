"""Names that say nothing, and words that must not stand in the tree."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from tests.architecture.tree import GENERATED, TEXT_SUFFIXES, files_ending, project_files, read

EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "shared", "core"})
EMPTY_CLASS = re.compile(r"(Manager|Helper|Utils?)$")

# Written in pieces, so that this file does not contain what it forbids.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.-])/(?:wor" + r"k|ro" + r"ot|home/\w+)/"),
    "a package registry": re.compile(
        r"pypi" + r"\.org|registry\.npm" + r"js|deb\.debian" + r"\.org|index-" + r"url|registry" + "="
    ),
    "a promise instead of code": re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"),
}
ALLOWED = {("Makefile", "a package registry"): "--no-emit-index-" + "url"}


def test_no_folder_module_or_class_has_an_empty_name() -> None:
    bad = []
    for path in files_ending(".py", ".cpp", ".hpp", ".ts", ".tsx"):
        parts = {PurePosixPath(part).stem.lower() for part in PurePosixPath(path).parts}
        if parts & EMPTY_NAMES:
            bad.append(path)
    assert not bad, f"names that say nothing: {bad}"


def test_no_class_has_an_empty_name() -> None:
    bad = [
        f"{path}: {node.name}"
        for path in files_ending(".py")
        for node in ast.walk(ast.parse(read(path), path))
        if isinstance(node, ast.ClassDef) and EMPTY_CLASS.search(node.name)
    ]
    assert not bad, f"names that say nothing: {bad}"


def test_nothing_names_a_machine_a_registry_or_a_promise() -> None:
    found = []
    for path in project_files():
        suffix = PurePosixPath(path).suffix
        if path in GENERATED or "/fuzz/corpus/" in path or (suffix and suffix not in TEXT_SUFFIXES):
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            for what, pattern in FORBIDDEN.items():
                allowed = ALLOWED.get((path, what))
                if pattern.search(line.replace(allowed, "") if allowed else line):
                    found.append(f"{path}:{number}: {what}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


def test_tests_wait_for_conditions_and_never_sleep() -> None:
    sleeps = re.compile(r"\b(?:time|asyncio|anyio)\.sleep\((?!0\))")
    found = [
        f"{path}:{number}"
        for path in files_ending(".py", below=("tests/",))
        for number, line in enumerate(read(path).splitlines(), 1)
        if sleeps.search(line)
    ]
    assert not found, f"sleeps in tests: {found}"
