"""Each module has its test module, and each test module of a package has its module."""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.architecture.tree import PACKAGES, files_ending, project_files

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


def test_each_native_source_is_named_by_a_native_test() -> None:
    """Every .cpp of the native core has test_<name>.cpp beside it in tests/."""
    present = set(project_files())
    sources = [PurePosixPath(path) for path in files_ending(".cpp", below=("streaming/native/src/",))]
    bindings = [path for path in sources if path.stem.startswith("bindings") or path.stem == "module"]
    missing = [
        str(source)
        for source in sources
        if source not in bindings and f"streaming/native/tests/test_{source.stem}.cpp" not in present
    ]
    assert not missing, "native sources without a test file:\n" + "\n".join(missing)
