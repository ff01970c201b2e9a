"""Bounded reads: what fits comes out, everything else is `bad_message`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import pytest

from signaling.fields import Fields
from streaming.errors import RemoteProtocolError


class Color(StrEnum):
    RED = "red"


def test_what_fits() -> None:
    fields = Fields(
        {"a": "x", "b": 3, "c": [1, 2], "d": [[0, 9]], "e": "red", "f": None, "seats": ["s", "t"]}
    )
    assert (fields.text("a"), fields.number("b"), fields.numbers("c", 2, range(1, 3))) == ("x", 3, (1, 2))
    assert (fields.pairs("d", 9, range(2)), fields.choice("e", Color)) == (((0, 9),), Color.RED)
    assert (fields.choice_or_none("f", Color), fields.text_or_empty("g", 5)) == (None, "")
    assert fields.seats(range(3)) == ("s", "t")


@pytest.mark.parametrize(
    "read",
    [
        lambda f: f.text("long", 3),
        lambda f: f.text("empty"),
        lambda f: f.text("lone"),
        lambda f: f.number("true"),
        lambda f: f.number("number", 5),
        lambda f: f.number("number", 0, 3),
        lambda f: f.number("float"),
        lambda f: f.numbers("list", 9, range(1)),
        lambda f: f.numbers("list", 1, range(9)),
        lambda f: f.numbers("long", 1, range(9)),
        lambda f: f.pairs("list", 9, range(9)),
        lambda f: f.choice("long", Color),
        lambda f: f.choice("list", Color),
        lambda f: f.truth("number"),
        lambda f: f.members("list"),
        lambda f: f.seats(range(3)),
    ],
)
def test_what_does_not_fit(read: Callable[[Fields], object]) -> None:
    values = {"long": "abcd", "empty": "", "lone": "\ud800", "true": True, "number": 4, "float": 4.0}
    fields = Fields({**values, "list": [1, 2], "seats": ["s", "s"]})
    with pytest.raises(RemoteProtocolError, match="bad_message"):
        read(fields)
