"""What a job's child process says, line by line. Anything may stand on a line: what is not ours is None."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAXIMUM_LINE_BYTES = 1 << 20
_STEP_CHARACTERS = 40
_CODE = re.compile(r"[a-z0-9_]{1,80}")


@dataclass(frozen=True, slots=True)
class Progress:
    """`ratio`: 0 to 1."""

    ratio: float
    step: str


@dataclass(frozen=True, slots=True)
class Result:
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """It can never be done."""

    code: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What it needs is away."""

    code: str


Line = Progress | Result | Refusal | Waiting


def parse_line(line: bytes) -> Line | None:
    """None: it says nothing that is known.

    >>> parse_line(b'{"progress": 0.5, "step": "picture"}')
    Progress(ratio=0.5, step='picture')
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match found:
        case {"progress": int() | float() as ratio, "step": str(step)} if math.isfinite(ratio):
            return Progress(min(max(float(ratio), 0.0), 1.0), _plain(step))
        case {"result": dict(values)}:
            return Result(values)
        case {"refused": str(code)} if _CODE.fullmatch(code):
            return Refusal(code)
        case {"waits": str(code)} if _CODE.fullmatch(code):
            return Waiting(code)
    return None


def _plain(step: str) -> str:
    """PostgreSQL stores no NUL, and UTF-8 has no lone surrogates."""
    return "".join(c for c in step[:_STEP_CHARACTERS] if c.isprintable() and not "\ud800" <= c <= "\udfff")
