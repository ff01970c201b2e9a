"""The table of rights: deny by default, the own room, and the document that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from signaling.roles import (
    FORWARD,
    PUBLISH,
    Ability,
    Right,
    Role,
    may_act_on,
    permissions_of,
    right_of,
    rights_table,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_document_shows_the_table() -> None:
    assert rights_table() in DOCUMENT.read_text(encoding="utf-8")


def test_an_observer_may_nothing() -> None:
    assert {right_of(Role.OBSERVER, ability) for ability in Ability} == {Right.NEVER}
    assert permissions_of(Role.OBSERVER) == ()


P, G, OWN, SELF, STAGE, NO = (
    Right.ALWAYS,
    Right.GRANTED,
    Right.OWN_ROOM,
    Right.OWN_SEAT,
    Right.ON_STAGE,
    Right.NEVER,
)
ROLES = (Role.MASTER, Role.ASSISTANT, Role.CLASSROOM, Role.STUDENT, Role.OBSERVER, Role.ADMIN)
SPECIFIED: dict[Ability, tuple[Right, Right, Right, Right, Right, Right]] = {
    Ability.FORWARD_CAMERA: (P, STAGE, P, STAGE, NO, NO),
    Ability.FORWARD_MICROPHONE: (P, STAGE, STAGE, STAGE, NO, NO),
    Ability.FORWARD_WHISPER: (P, P, NO, NO, NO, NO),
    Ability.ANNOTATE: (P, G, G, G, NO, NO),
    Ability.FORWARD_SCREEN: (P, G, NO, NO, NO, NO),
    Ability.SHARE_FILES: (P, OWN, NO, NO, NO, NO),
    Ability.SEND_TEXT: (P, P, NO, G, NO, P),
    Ability.SEND_PRIVATE_TEXT: (P, P, NO, NO, NO, NO),
    Ability.SEE_WALL: (P, OWN, NO, NO, NO, NO),
    Ability.REQUEST_FLOOR: (NO, OWN, SELF, SELF, NO, NO),
    Ability.GRANT_FLOOR: (P, NO, NO, NO, NO, NO),
    Ability.REVOKE_FLOOR: (P, OWN, SELF, SELF, NO, P),
    Ability.OPEN_ROUND: (P, NO, NO, NO, NO, NO),
    Ability.RUN_LOCAL_PART: (NO, OWN, NO, NO, NO, NO),
    Ability.ANSWER_ROUND: (NO, OWN, SELF, SELF, NO, NO),
    Ability.MUTE: (P, OWN, NO, NO, NO, P),
    Ability.MUTE_ALL: (P, NO, NO, NO, NO, P),
    Ability.LOCK: (P, NO, NO, NO, NO, P),
    Ability.ADMIT: (P, OWN, NO, NO, NO, P),
    Ability.REMOVE: (P, OWN, NO, NO, NO, P),
    Ability.BAN: (P, OWN, NO, NO, NO, P),
    Ability.PAUSE: (P, NO, NO, NO, NO, P),
    Ability.FORBID_ALL: (P, NO, NO, NO, NO, P),
    Ability.SHUT_DOWN: (P, NO, NO, NO, NO, P),
    Ability.BLOCK_CLASSROOM: (P, OWN, NO, NO, NO, P),
    Ability.START_RECORDING: (P, NO, NO, NO, NO, P),
    Ability.REFUSE_RECORDING: (NO, OWN, NO, NO, NO, P),
    Ability.PUBLISH_RESOURCE: (P, NO, NO, NO, NO, NO),
    Ability.PROPOSE_RESOURCE: (NO, P, NO, NO, NO, NO),
    Ability.APPROVE_RESOURCE: (NO, NO, NO, NO, NO, P),
}
"""The table that was specified, written down a second time."""


@pytest.mark.parametrize("ability", SPECIFIED)
def test_the_table_is_the_specified_one(ability: Ability) -> None:
    assert tuple(right_of(role, ability) for role in ROLES) == SPECIFIED[ability]


def test_nobody_without_the_right_to_publish_is_forwarded() -> None:
    for role in Role:
        for source, ability in FORWARD.items():
            if right_of(role, ability) is not Right.NEVER:
                assert right_of(role, PUBLISH[source]) is not Right.NEVER


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
        "consent_to_live",
        "consent_to_recording",
        "check_devices",
        "set_receive",
        "answer_round",
    )
