from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_api.cursors import MAXIMUM_CURSOR_CHARACTERS, Position, parse_cursor, serialize_cursor
from streaming.errors import RemoteProtocolError

IDS = st.text("abcdefghijklmnopqrstuvwxyz234567_", min_size=1, max_size=40)


@given(st.integers(0, 10**15), IDS)
def test_a_cursor_comes_back(at_ms: int, identifier: str) -> None:
    text = serialize_cursor(Position(at_ms, identifier))
    assert len(text) <= MAXIMUM_CURSOR_CHARACTERS
    assert parse_cursor(text) == (at_ms, identifier)


@given(st.text(max_size=200))
def test_other_text_is_refused(text: str) -> None:
    try:
        position = parse_cursor(text)
    except RemoteProtocolError as refused:
        code = refused.code
    else:
        code = "cursor_invalid" if parse_cursor(serialize_cursor(position)) == position else "lost"
    assert code == "cursor_invalid"


def test_a_long_one_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="cursor_invalid"):
        parse_cursor(serialize_cursor(Position(1, "a" * 40)) + "A" * 100)
