"""Where a page of a list ended: opaque text that the next request brings back.

A cursor names a position, not a right: what it leads to is scoped again.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from streaming.errors import RemoteProtocolError

MAXIMUM_CURSOR_CHARACTERS = 120
_FORM = re.compile(r"(-?\d{1,16})\.([a-z0-9_]{1,40})")


class Position(NamedTuple):
    """After the record with this time (ms) and, among those of one time, this id."""

    at_ms: int
    id: str


def serialize_cursor(position: Position) -> str:
    return base64.urlsafe_b64encode(f"{position.at_ms}.{position.id}".encode()).decode().rstrip("=")


def parse_cursor(text: str) -> Position:
    """RemoteProtocolError: cursor_invalid."""
    try:
        padded = text + "=" * (-len(text) % 4)
        plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        plain = ""
    form = _FORM.fullmatch(plain)
    if form is None or len(text) > MAXIMUM_CURSOR_CHARACTERS:
        raise RemoteProtocolError("cursor_invalid", "Take the cursor from the Link header, unchanged.")
    return Position(int(form[1]), form[2])
