"""Effects are values, and each has its one way out of the room."""

from __future__ import annotations

import inspect
from dataclasses import is_dataclass
from typing import get_args

from signaling import live_room
from signaling.effects import Effect, MediaEffect, Outbound, RecorderEffect


def test_each_effect_goes_one_way() -> None:
    ways = [set(get_args(way)) for way in (Outbound, MediaEffect, RecorderEffect)]
    assert set.union(*ways) == set(get_args(Effect))
    assert sum(len(way) for way in ways) == len(get_args(Effect))


def test_every_effect_is_a_value_that_the_shell_carries_out() -> None:
    text = inspect.getsource(live_room)
    for name, effect in {str(effect.__name__): effect for effect in get_args(Effect)}.items():
        assert is_dataclass(effect)
        assert "__slots__" in vars(effect)
        assert f"case {name}(" in text
