"""Identifiers: 128 random bits in lower-case base32 behind a prefix, e.g. `pub_mfrggzdfmztwq2lknnwg23tpoa`.

The randomness is an argument, because pure modules have no source of it.
"""

from __future__ import annotations

import base64
from typing import NewType

LessonId = NewType("LessonId", str)
SeatId = NewType("SeatId", str)
PeerId = NewType("PeerId", str)
PublicationId = NewType("PublicationId", str)
ResourceId = NewType("ResourceId", str)

RANDOM_BYTES = 16
_ENCODED_LENGTH = 26
_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz234567")


def format_identifier(prefix: str, random_bytes: bytes) -> str:
    """`prefix` + `_` + 26 characters. `random_bytes`: exactly 16 bytes from a cryptographic source."""
    if len(random_bytes) != RANDOM_BYTES:
        raise ValueError(f"an identifier takes {RANDOM_BYTES} random bytes, not {len(random_bytes)}")
    return f"{prefix}_{base64.b32encode(random_bytes).decode().rstrip('=').lower()}"


def is_identifier(text: str, prefix: str) -> bool:
    """Whether `text` has the form that `format_identifier(prefix, …)` gives."""
    head, _, tail = text.partition("_")
    return head == prefix and len(tail) == _ENCODED_LENGTH and _ALPHABET.issuperset(tail)
