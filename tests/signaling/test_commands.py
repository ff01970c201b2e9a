"""Commands are values: frozen, comparable, and each one known to the room."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, is_dataclass
from typing import get_args

import pytest

from signaling import room
from signaling.commands import Command, ConnectionId, Disconnect


def test_every_command_is_a_frozen_slotted_value() -> None:
    for command in get_args(Command):
        assert is_dataclass(command)
        assert "__slots__" in vars(command)
    with pytest.raises(FrozenInstanceError):
        object.__getattribute__(Disconnect(ConnectionId(1)), "__setattr__")("connection", ConnectionId(2))


def test_the_room_names_every_command() -> None:
    text = inspect.getsource(room)
    assert [c.__name__ for c in get_args(Command) if f"case {c.__name__}(" not in text] == []
