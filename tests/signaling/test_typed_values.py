"""JSON members back into dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest

from signaling.typed_values import typed_value
from streaming.identifiers import SeatId


class Kind(StrEnum):
    ONE = "one"


@dataclass(frozen=True)
class Inner:
    kind: Kind
    seat: SeatId | None


@dataclass(frozen=True)
class Outer:
    inner: Inner
    points: tuple[tuple[int, int], ...]
    maybe: Inner | None


MEMBERS: dict[str, Any] = {"inner": {"kind": "one", "seat": "s"}, "points": [[1, 2], [3, 4]], "maybe": None}


def test_nested() -> None:
    inner = Inner(Kind.ONE, SeatId("s"))
    assert typed_value(Outer, MEMBERS) == Outer(inner, ((1, 2), (3, 4)), None)
    assert typed_value(Outer, {**MEMBERS, "maybe": MEMBERS["inner"]}).maybe == inner


@pytest.mark.parametrize(
    "change",
    [{"points": [[1]]}, {"points": [1]}, {"points": [["1", 2]]}, {"inner": None}, {"inner": {}}, {"more": 1}],
)
def test_what_does_not_fit(change: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        typed_value(Outer, {**MEMBERS, **change})
