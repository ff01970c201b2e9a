"""The table of rights: deny by default, the own room, and the document that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from signaling.roles import (
    Ability,
    Right,
    Role,
    is_forwarded,
    may_act_on,
    permissions_of,
    publishable_sources,
    right_of,
    rights_table,
)
from streaming.session.media import Source

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_document_shows_the_table() -> None:
    assert rights_table() in DOCUMENT.read_text(encoding="utf-8")


def test_an_observer_may_nothing() -> None:
    assert {right_of(Role.OBSERVER, ability) for ability in Ability} == {Right.NEVER}
    assert permissions_of(Role.OBSERVER) == ()


@pytest.mark.parametrize(
    ("role", "off_stage", "on_stage"),
    [
        (Role.MASTER, set(Source), set(Source)),
        (Role.ASSISTANT, {Source.CAMERA, Source.MICROPHONE}, {Source.CAMERA, Source.MICROPHONE}),
        (Role.CLASSROOM, {Source.CAMERA, Source.MICROPHONE}, {Source.CAMERA, Source.MICROPHONE}),
        (Role.STUDENT, set(), {Source.CAMERA, Source.MICROPHONE}),
        (Role.OBSERVER, set(), set()),
    ],
)
def test_what_may_be_published(role: Role, off_stage: set[Source], on_stage: set[Source]) -> None:
    assert publishable_sources(role, is_on_stage=False) == off_stage
    assert publishable_sources(role, is_on_stage=True) == on_stage


def test_a_classroom_is_always_seen_and_heard_on_stage_only() -> None:
    assert is_forwarded(Role.CLASSROOM, Source.CAMERA, is_on_stage=False)
    assert not is_forwarded(Role.CLASSROOM, Source.MICROPHONE, is_on_stage=False)
    assert is_forwarded(Role.CLASSROOM, Source.MICROPHONE, is_on_stage=True)
    assert not is_forwarded(Role.CLASSROOM, Source.SCREEN, is_on_stage=True)


@pytest.mark.parametrize(
    "ability", [Ability.MUTE, Ability.REMOVE, Ability.REVOKE_FLOOR, Ability.REQUEST_FLOOR]
)
@pytest.mark.parametrize(
    ("target_role", "classroom", "may"),
    [
        (Role.CLASSROOM, "a", True),
        (Role.STUDENT, "a", True),
        (Role.CLASSROOM, "b", False),
        (Role.CLASSROOM, None, False),
        (Role.ASSISTANT, "a", False),
        (Role.MASTER, "a", False),
        (Role.OBSERVER, "a", False),
    ],
)
def test_an_assistants_power_ends_at_the_own_classroom(
    ability: Ability, target_role: Role, classroom: str | None, may: bool
) -> None:
    given = may_act_on(
        Role.ASSISTANT,
        ability,
        is_own_seat=False,
        classroom="a",
        target_role=target_role,
        target_classroom=classroom,
    )
    assert given is may


def test_without_a_classroom_there_is_no_own_room() -> None:
    assert not may_act_on(
        Role.ASSISTANT,
        Ability.MUTE,
        is_own_seat=False,
        classroom=None,
        target_role=Role.CLASSROOM,
        target_classroom=None,
    )


def test_a_client_is_told_what_it_may_ask_for() -> None:
    assert permissions_of(Role.STUDENT) == (
        "publish_camera",
        "publish_microphone",
        "request_floor",
        "revoke_floor",
        "consent_to_recording",
    )
