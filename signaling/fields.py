"""Typed, bounded reads of the members of one JSON object from a client."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar

from streaming.errors import RemoteProtocolError
from streaming.identifiers import PeerId, SeatId

MAX_IDENTIFIER: Final = 64
_MAX_NUMBER: Final = 2**53

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class Fields:
    """Each read raises RemoteProtocolError("bad_message") unless the member is as it must be."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def is_absent(self, name: str) -> bool:
        """Missing or null."""
        return self._values.get(name) is None

    def text(self, name: str, limit: int = MAX_IDENTIFIER) -> str:
        """A string of 1 to `limit` characters that UTF-8 can carry."""
        return bounded_text(self._values.get(name), name, limit)

    def text_or_none(self, name: str, limit: int = MAX_IDENTIFIER) -> str | None:
        return None if self.is_absent(name) else self.text(name, limit)

    def text_or_empty(self, name: str, limit: int) -> str:
        """Missing, null and empty are the same."""
        return "" if self._values.get(name) in (None, "") else self.text(name, limit)

    def texts(self, name: str, limit: int, counts: range) -> tuple[str, ...]:
        return self._items(name, counts, lambda value: bounded_text(value, name, limit))

    def number(self, name: str, least: int = 0, most: int = _MAX_NUMBER - 1) -> int:
        return bounded_number(self._values.get(name), name, least, most)

    def number_or_none(self, name: str, least: int, most: int) -> int | None:
        return None if self.is_absent(name) else self.number(name, least, most)

    def numbers(self, name: str, most: int, counts: range) -> tuple[int, ...]:
        return self._items(name, counts, lambda value: bounded_number(value, name, 0, most))

    def pairs(self, name: str, most: int, counts: range) -> tuple[tuple[int, int], ...]:
        """A list of [x, y], each from 0 to `most`."""

        def pair(value: object) -> tuple[int, int]:
            if not isinstance(value, list) or len(value) != 2:
                reject(f"{name}: pairs are wanted")
            return bounded_number(value[0], name, 0, most), bounded_number(value[1], name, 0, most)

        return self._items(name, counts, pair)

    def truth(self, name: str) -> bool:
        value = self._values.get(name)
        if not isinstance(value, bool):
            reject(f"{name}: true or false is wanted")
        return value

    def choice(self, name: str, kind: type[E]) -> E:
        """A member of a closed set."""
        value = self._values.get(name)
        if not isinstance(value, str) or value not in {member.value for member in kind}:
            reject(f"{name}: one of {', '.join(kind)} is wanted")
        return kind(value)

    def choice_or_none(self, name: str, kind: type[E]) -> E | None:
        return None if self.is_absent(name) else self.choice(name, kind)

    def members(self, name: str) -> dict[str, Any] | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, dict):
            reject(f"{name}: an object is wanted")
        return value

    def seat(self) -> SeatId:
        return SeatId(self.text("seat"))

    def seat_or_none(self) -> SeatId | None:
        seat = self.text_or_none("seat")
        return None if seat is None else SeatId(seat)

    def seats(self, counts: range) -> tuple[SeatId, ...]:
        """No seat twice."""
        found = tuple(map(SeatId, self.texts("seats", MAX_IDENTIFIER, counts)))
        if len(set(found)) != len(found):
            reject("seats: one of them twice")
        return found

    def peer(self) -> PeerId:
        return PeerId(self.text("peer"))

    def _items(self, name: str, counts: range, read: Callable[[object], T]) -> tuple[T, ...]:
        value = self._values.get(name)
        if not isinstance(value, list) or len(value) not in counts:
            reject(f"{name}: a list of {counts.start} to {counts.stop - 1} is wanted")
        return tuple(read(item) for item in value)


def bounded_text(value: object, name: str, limit: int) -> str:
    """`value` as text of 1 to `limit` characters."""
    if not isinstance(value, str) or not 1 <= len(value) <= limit or not _is_encodable(value):
        reject(f"{name}: text of 1 to {limit} characters is wanted")
    return value


def bounded_number(value: object, name: str, least: int, most: int) -> int:
    """`value` as a whole number; true and false are none."""
    if type(value) is not int or not least <= value <= most:
        reject(f"{name}: a whole number from {least} to {most} is wanted")
    return value


def reject(detail: str) -> NoReturn:
    """The message does not have the documented shape."""
    raise RemoteProtocolError("bad_message", detail)


def _is_encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
