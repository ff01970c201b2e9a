"""Members of JSON objects back into frozen dataclasses, by the types that their fields declare.

For text of our own making (rows of the event log), not for what comes from the network.  How a type is read
is worked out once: a room is rebuilt from tens of thousands of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Reader = Callable[[Any], object]

_READERS: Final[dict[object, _Reader]] = {}


def typed_value(kind: type[T], members: Mapping[str, Any]) -> T:
    """A value of the dataclass `kind`.  Raises TypeError, ValueError or KeyError for what does not fit."""
    return cast(T, _reader(kind)(members))


def _reader(kind: object) -> _Reader:
    found = _READERS.get(kind)
    if found is None:
        found = _READERS[kind] = _make_reader(kind)
    return found


def _make_reader(kind: object) -> _Reader:
    if get_origin(kind) in (Union, UnionType):
        (inner,) = (_reader(member) for member in get_args(kind) if member is not type(None))
        return lambda value: None if value is None else inner(value)
    if get_origin(kind) is tuple:
        return _tuple_reader(get_args(kind))
    plain = getattr(kind, "__supertype__", kind)  # a NewType
    if not isinstance(plain, type):
        raise TypeError(f"{plain} is no type of an event's field")
    if is_dataclass(plain):
        return _dataclass_reader(plain)
    return plain if issubclass(plain, StrEnum) else _plain_reader(plain)


def _dataclass_reader(kind: type) -> _Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read(members: object) -> object:
        if not isinstance(members, Mapping) or members.keys() != readers.keys():
            raise TypeError(f"not the members of {kind.__name__}")
        return kind(**{name: readers[name](value) for name, value in members.items()})

    return read


def _tuple_reader(kinds: tuple[object, ...]) -> _Reader:
    is_open = len(kinds) == 2 and kinds[1] is Ellipsis
    readers = [_reader(kind) for kind in kinds[: 1 if is_open else None]]

    def read(values: object) -> object:
        if not isinstance(values, list):
            raise TypeError(f"{values!r} is no list")
        if is_open:
            return tuple(readers[0](value) for value in values)
        return tuple(reader(value) for reader, value in zip(readers, values, strict=True))

    return read


def _plain_reader(kind: type) -> _Reader:
    def read(value: object) -> object:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return value

    return read
