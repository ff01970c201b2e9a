"""The controls as a fold: bans that outlive tokens, and what ends when a seat leaves."""

from __future__ import annotations

from signaling.control_events import (
    AbilityGranted,
    Ban,
    BanLifted,
    Block,
    ClassroomBlocked,
    ListeningChanged,
    PolicyChanged,
    SeatBanned,
    WhisperChanged,
)
from signaling.controls import Controls
from signaling.roles import Ability, Role
from streaming.identifiers import SeatId

A, B = SeatId("a"), SeatId("b")


def test_a_ban_holds_for_another_seat_of_the_same_classroom() -> None:
    controls = Controls().fold(SeatBanned(Ban(A, Role.CLASSROOM, "c3", "")))
    assert controls.ban_of(A, Role.CLASSROOM, "c3")
    assert controls.ban_of(B, Role.CLASSROOM, "c3")
    assert not controls.ban_of(B, Role.CLASSROOM, "c4")
    assert not controls.ban_of(B, Role.STUDENT, "c3")
    assert not controls.ban_of(B, Role.ASSISTANT, "c3")
    assert controls.fold(BanLifted(A)) == Controls()


def test_a_pupils_ban_is_not_the_classrooms() -> None:
    controls = Controls().fold(SeatBanned(Ban(A, Role.STUDENT, "c3", "")))
    assert controls.ban_of(A, Role.STUDENT, "c3")
    assert not controls.ban_of(B, Role.STUDENT, "c3")


def test_what_ends_when_a_seat_leaves() -> None:
    controls = Controls().fold(AbilityGranted(A, Ability.ANNOTATE, True)).fold(WhisperChanged(B, A))
    assert controls.without_seat(SeatId("c")) is controls
    assert controls.without_seat(A) == Controls()
    assert controls.without_seat(B).grants == {A: {Ability.ANNOTATE}}
    listening = Controls().fold(ListeningChanged(B, A))
    assert listening.without_seat(A) == listening.without_seat(B) == Controls()


def test_a_classroom_that_is_shut_down_keeps_its_assistant() -> None:
    controls = Controls().fold(ClassroomBlocked("c3", Block.SHUT_DOWN, A))
    assert controls.is_shut_down(Role.CLASSROOM, "c3")
    assert not controls.is_shut_down(Role.ASSISTANT, "c3")
    assert not controls.is_shut_down(Role.CLASSROOM, None)
    assert controls.fold(ClassroomBlocked("c3", None, None)) == Controls()


def test_the_snapshot_is_sorted() -> None:
    controls = Controls()
    for ability in (Ability.SEND_TEXT, Ability.ANNOTATE):
        controls = controls.fold(PolicyChanged(ability, False))
    assert controls.snapshot()["denied"] == ["annotate", "send_text"]
