"""Each module has its test module, and each test module of a package has its module."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tests.architecture.tree import PACKAGES, files_ending, project_files, read

MIGRATIONS = "classroom_api/store/migrations/"


def modules() -> list[PurePosixPath]:
    paths = [PurePosixPath(path) for path in files_ending(".py", below=tuple(f"{p}/" for p in PACKAGES))]
    return [p for p in paths if p.name != "__init__.py" and not str(p).startswith(MIGRATIONS)]


def expected_test_module(module: PurePosixPath) -> str:
    return f"tests/{module.parent}/test_{module.name.removeprefix('_')}"


def test_each_module_has_its_test_module() -> None:
    present = set(project_files())
    missing = [
        f"{module} -> {expected_test_module(module)}"
        for module in modules()
        if expected_test_module(module) not in present
    ]
    assert not missing, "modules without a test module:\n" + "\n".join(missing)


def test_each_native_parser_has_its_fuzzer() -> None:
    """Who declares parse_…(Bytes …) of the network has fuzz/fuzz_<name>.cpp and tests/test_<name>.cpp."""
    present = set(project_files())
    parsers = [
        PurePosixPath(path).stem
        for path in files_ending(".hpp", below=("streaming/native/src/",))
        if re.search(r"\bparse_\w+\(Bytes", read(path))
    ]
    assert parsers
    missing = [
        path
        for name in parsers
        for path in (f"streaming/native/fuzz/fuzz_{name}.cpp", f"streaming/native/tests/test_{name}.cpp")
        if path not in present
    ]
    assert not missing, "parsers without a fuzzer or a test:\n" + "\n".join(missing)
