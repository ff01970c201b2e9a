"""The error codes that the code raises and those that docs/protocol.md lists are the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import PACKAGES, files_ending, read

ERRORS_WITH_CODE = frozenset({"RemoteProtocolError", "Refused", "Unavailable", "Problem", "PackageRefused"})
LISTED = re.compile(r"^\|\s*`(?P<code>[a-z][a-z0-9_]+)`\s*\|", re.MULTILINE)


def listed_codes() -> set[str]:
    section = read("docs/protocol.md").split("## 8. Error codes", 1)[1]
    return {found["code"] for found in LISTED.finditer(section)}


def said_by_a_job(node: ast.Dict) -> list[str]:
    """The codes of `{"refused": "code"}`."""
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    values = [value for key, value in zip(keys, node.values, strict=True) if key == "refused"]
    return [one.value for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def raised_codes() -> Iterator[tuple[str, str]]:
    """(code, where) for each error built with a literal code."""
    for path in files_ending(".py", below=tuple(f"{package}/" for package in PACKAGES)):
        for node in ast.walk(ast.parse(read(path), path)):
            if isinstance(node, ast.Dict):
                yield from ((code, f"{path}:{node.lineno}") for code in said_by_a_job(node))
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if name in ERRORS_WITH_CODE and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, f"{path}:{node.lineno}"


def test_each_raised_code_is_listed() -> None:
    listed = listed_codes()
    unlisted = [f"{where}: {code}" for code, where in raised_codes() if code not in listed]
    assert not unlisted, "codes that docs/protocol.md does not list:\n" + "\n".join(unlisted)


def test_each_listed_code_stands_in_the_code() -> None:
    sources = "\n".join(read(path) for path in files_ending(".py", below=tuple(f"{p}/" for p in PACKAGES)))
    unused = sorted(code for code in listed_codes() if f'"{code}"' not in sources)
    assert not unused, f"docs/protocol.md lists codes that nothing raises: {unused}"
