"""The tree as the architecture tests see it: files that git tracks or would track."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("streaming", "signaling", "recording", "classroom_api")
GENERATED = ("requirements.lock", "web_client/package-lock.json")
TEXT_SUFFIXES = frozenset(
    {".py", ".pyi", ".cpp", ".hpp", ".cmake", ".ts", ".tsx", ".css", ".html", ".js", ".mjs", ".sh"}
    | {".md", ".toml", ".txt", ".yml", ".json", ".mako", ".sdp", ".hex"}
)


@cache
def project_files() -> tuple[str, ...]:
    """Paths below the root, with forward slashes, sorted."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(sorted({line for line in listing.stdout.splitlines() if (ROOT / line).is_file()}))


def files_ending(*suffixes: str, below: tuple[str, ...] = ("",)) -> tuple[str, ...]:
    """Project files with one of these endings below one of these folders (all, when none is given)."""
    return tuple(path for path in project_files() if path.endswith(suffixes) and path.startswith(below))


def read(path: str) -> str:
    """A project file's text."""
    return (ROOT / path).read_text(encoding="utf-8")
