"""Files and functions stay short: the tail separates good code from bad."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import files_ending, read

FILE_LINES_LIMIT = 500
FUNCTION_LINES_LIMIT = 60
CODE = (".py", ".cpp", ".hpp", ".ts", ".tsx")

BRACED_FUNCTION = re.compile(
    r"""^(?P<indent>\s*)(?:
        (?:export\s+)?(?:default\s+)?(?:async\s+)?function\b            # TypeScript function
      | (?:export\s+)?const\s+\w+\s*=\s*(?:async\s*)?\(.*=>\s*\{\s*$    # TypeScript arrow
      | [A-Za-z_][\w:<>,&*\s\[\]]*[\s&*~]+[\w:~]+\s*\(.*\)[^;]*\{\s*$    # C++ function or method on one line
    )""",
    re.VERBOSE,
)
NOT_FUNCTIONS = re.compile(
    r"^\s*(?:if|else|for|while|switch|do|return|namespace|catch|TEST_CASE|SUBCASE|class|struct)\b"
)


def test_files_are_short() -> None:
    lengths = {path: read(path).count("\n") for path in files_ending(*CODE)}
    long = {path: lines for path, lines in lengths.items() if lines > FILE_LINES_LIMIT}
    assert not long, f"files over {FILE_LINES_LIMIT} lines, look for the seam: {long}"


def python_functions(path: str) -> Iterator[tuple[str, int]]:
    """(name, lines of code without the docstring) of each function."""
    for node in ast.walk(ast.parse(read(path), path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            start = body[0].lineno if body else node.lineno
            yield node.name, (node.end_lineno or start) - start + 1


def test_python_functions_are_short() -> None:
    long = [
        f"{path}: {name}: {lines}"
        for path in files_ending(".py")
        for name, lines in python_functions(path)
        if lines > FUNCTION_LINES_LIMIT
    ]
    assert not long, f"functions over {FUNCTION_LINES_LIMIT} lines:\n" + "\n".join(long)


def braced_functions(path: str) -> Iterator[tuple[str, int]]:
    """(first line, lines) of each braced function, by indentation: formatters make that reliable."""
    lines = read(path).splitlines()
    for number, line in enumerate(lines):
        found = BRACED_FUNCTION.match(line)
        if found is None or NOT_FUNCTIONS.match(line):
            continue
        closing = re.compile(rf"^{re.escape(found['indent'])}\}}")
        for end in range(number + 1, len(lines)):
            if closing.match(lines[end]):
                yield line.strip(), end - number - 1
                break


def test_braced_functions_are_short() -> None:
    long = [
        f"{path}: {name}: {lines}"
        for path in files_ending(".cpp", ".hpp", ".ts")
        for name, lines in braced_functions(path)
        if lines > FUNCTION_LINES_LIMIT
    ]
    assert not long, f"functions over {FUNCTION_LINES_LIMIT} lines:\n" + "\n".join(long)
