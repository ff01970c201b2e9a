"""What import-linter cannot see: the extension module has one user, and the locks name no index."""

from __future__ import annotations

import ast
import json

from tests.architecture.tree import files_ending, read


def imported_modules(path: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(read(path), path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_the_typed_face_imports_the_extension() -> None:
    users = [
        path
        for path in files_ending(".py", below=("streaming/", "signaling/", "recording/", "classroom_api/"))
        if any(name.startswith("streaming._dataplane") for name in imported_modules(path))
    ]
    assert users == ["streaming/dataplane.py"]


def test_settings_alone_read_the_environment() -> None:
    readers = [
        path
        for path in files_ending(".py", below=("streaming/", "signaling/", "recording/", "classroom_api/"))
        if "os.environ" in read(path) or "os.getenv" in read(path)
    ]
    assert readers in ([], ["classroom_api/settings.py"])


def test_the_python_lock_has_hashes_and_no_index() -> None:
    lock = read("requirements.lock")
    requirements = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line and line.endswith("\\") for line in requirements)
    assert "://" not in lock


def test_the_npm_lock_names_no_registry() -> None:
    packages = json.loads(read("web_client/package-lock.json"))["packages"]
    resolved = [name for name, entry in packages.items() if "resolved" in entry]
    assert not resolved
    assert all("integrity" in entry or entry.get("link") for name, entry in packages.items() if name)
