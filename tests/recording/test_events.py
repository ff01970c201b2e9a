"""The events name a lesson, and a resource's states are those of the outside face."""

from __future__ import annotations

from recording.events import ResourceState


def test_the_states_are_those_of_the_rest_face() -> None:
    assert [state.value for state in ResourceState] == ["pending", "playable", "ready", "failed"]
