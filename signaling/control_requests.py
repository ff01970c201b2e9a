"""Requests about order in the room: the three keys, who enters, who may what.  Plain functions of the state,
as in `requests`."""

from __future__ import annotations

from typing import Final, assert_never

from signaling.control_events import (
    AbilityGranted,
    Admission,
    AdmissionChanged,
    AllForbidden,
    Ban,
    BanLifted,
    Block,
    ClassroomBlocked,
    ClassroomLocal,
    LessonInterrupted,
    ListeningChanged,
    PolicyChanged,
    SeatBanned,
    SeatReadmitted,
    SeatWaitingEnded,
    WaitingSeat,
    WhisperChanged,
)
from signaling.control_messages import (
    Admit,
    BanSeat,
    ClassroomBlock,
    ControlBody,
    ForbidAll,
    GoOnLocally,
    GrantAbility,
    LessonResume,
    LessonSuspend,
    LiftBan,
    Listen,
    LiveConsent,
    RefuseAdmission,
    SetAdmission,
    SetPolicy,
    ShutDown,
    SwitchRecording,
    Whisper,
)
from signaling.events import (
    LessonStateChanged,
    LiveConsentChanged,
    RecordingChanged,
    RoomEvent,
    Seat,
    SeatLeft,
)
from signaling.lifecycle import MASTER_GRACE_MS, RUNNING, check_transition
from signaling.policy import effective_right, require, require_classroom, target_of
from signaling.ports import LessonState, RecordingPolicy, RecordingState
from signaling.roles import OWN_ROOM_ROLES, Ability, Right, Role, may_act_on, right_of
from signaling.room_state import RoomState
from streaming.errors import Refused
from streaming.identifiers import SeatId

MAX_BANS: Final = 500
_NOT_DENIABLE: Final = frozenset(
    {Ability.CONSENT_TO_LIVE, Ability.CONSENT_TO_RECORDING, Ability.REFUSE_RECORDING}
)
"""Nobody may be kept from saying no."""
_SCREEN: Final = (
    Ability.PUBLISH_SCREEN,
    Ability.PUBLISH_SCREEN_AUDIO,
    Ability.FORWARD_SCREEN,
    Ability.FORWARD_SCREEN_AUDIO,
)
"""Granted together: nobody shares a screen that is not forwarded."""


def decide_control(state: RoomState, seat: Seat, body: ControlBody, now_ms: int) -> list[RoomEvent]:
    """The events that the request leads to."""
    match body:
        case LessonSuspend() | LessonResume() | ForbidAll() | ShutDown() | ClassroomBlock() | GoOnLocally():
            return _decide_key(state, seat, body, now_ms)
        case SetAdmission() | Admit() | RefuseAdmission() | BanSeat() | LiftBan():
            return _decide_entrance(state, seat, body)
        case GrantAbility():
            return _grant(state, seat, body)
        case SetPolicy(ability=ability, allowed=allowed):
            require(state, seat, Ability.SET_POLICY)
            if ability in _NOT_DENIABLE:
                raise Refused("not_permitted", "Consent is everybody's own.")
            is_allowed = ability not in state.controls.denied
            return [] if is_allowed == allowed else [PolicyChanged(ability, allowed)]
        case LiveConsent(video=video, voice=voice):
            target = target_of(state, seat, Ability.CONSENT_TO_LIVE, body.seat)
            if not state.decided_of(target.id).permits(video=video, voice=voice):
                raise Refused("not_permitted", "The student group has not granted it: ask the school.")
            is_same = (target.video_consent, target.voice_consent) == (video, voice)
            return [] if is_same else [LiveConsentChanged(target.id, video, voice)]
        case Whisper(seat=to):
            return _whisper(state, seat, to)
        case Listen(seat=to):
            return _listen(state, seat, to)
        case SwitchRecording(is_on=is_on):
            return _switch_recording(state, seat, is_on)
        case _:
            assert_never(body)


def _switch_recording(state: RoomState, seat: Seat, is_on: bool) -> list[RoomEvent]:
    require(state, seat, Ability.START_RECORDING)
    policy = state.facts.recording_policy
    if state.lesson.state not in RUNNING or policy is RecordingPolicy.OFF:
        raise Refused("lesson_state_conflict", "Nothing of this lesson is recorded now.")
    is_paused = state.recording.state is RecordingState.PAUSED
    wanted = RecordingState.RECORDING if is_on else RecordingState.PAUSED
    return [] if is_on is not is_paused else [RecordingChanged(policy, wanted, None)]


def start_lesson(state: RoomState, now_ms: int) -> list[RoomEvent]:
    """From the lobby only.  Raises Refused("lesson_state_conflict")."""
    if state.lesson.state is not LessonState.LOBBY:
        raise Refused("lesson_state_conflict", f"The lesson is {state.lesson.state}.")
    return [LessonStateChanged(LessonState.LIVE, now_ms, None)]


def end_lesson(state: RoomState, seat: Seat, now_ms: int) -> list[RoomEvent]:
    """For all by master or administrator; for the own room by an assistant whose master stays away."""
    if effective_right(state, seat, Ability.END_LESSON) is not Right.OWN_ROOM:
        require(state, seat, Ability.END_LESSON)
        return _end(state, now_ms, None)
    _check_master_stays_away(state, now_ms)
    own = {seat.id, *(other.id for other in state.seats.values() if _is_of_room(other, seat.classroom))}
    if any(other.id not in own and other.role is not Role.OBSERVER for other in state.seats.values()):
        return [SeatLeft(leaving, "ended_locally") for leaving in state.seats if leaving in own]
    return _end(state, now_ms, "master_lost")


def _end(state: RoomState, now_ms: int, reason: str | None) -> list[RoomEvent]:
    check_transition(state.lesson.state, LessonState.ENDED)
    return [LessonStateChanged(LessonState.ENDED, state.lesson.started_at_ms, now_ms, reason)]


def _decide_key(
    state: RoomState,
    seat: Seat,
    body: LessonSuspend | LessonResume | ForbidAll | ShutDown | ClassroomBlock | GoOnLocally,
    now_ms: int,
) -> list[RoomEvent]:
    match body:
        case LessonSuspend():
            require(state, seat, Ability.PAUSE)
            check_transition(state.lesson.state, LessonState.SUSPENDED)
            return [LessonInterrupted(LessonState.SUSPENDED)]
        case LessonResume():
            require(state, seat, Ability.PAUSE)
            if state.lesson.state is not LessonState.SUSPENDED:
                raise Refused("lesson_state_conflict", f"The lesson is {state.lesson.state}.")
            is_lost = state.has_had_master() and not state.present_master()
            return [LessonInterrupted(LessonState.MASTER_LOST if is_lost else LessonState.LIVE)]
        case ForbidAll(forbidden=forbidden):
            require(state, seat, Ability.FORBID_ALL)
            return [] if state.controls.is_all_forbidden == forbidden else [AllForbidden(forbidden)]
        case ShutDown():
            require(state, seat, Ability.SHUT_DOWN)
            return _end(state, now_ms, "shut_down")
        case ClassroomBlock():
            return _block(state, seat, body)
        case GoOnLocally():
            right = effective_right(state, seat, Ability.GO_ON_LOCALLY)
            if right is not Right.OWN_ROOM or seat.classroom is None:
                raise Refused("not_permitted", "An assistant goes on with the own room.")
            _check_master_stays_away(state, now_ms)
            is_local = seat.classroom in state.controls.local
            return [] if is_local else [ClassroomLocal(seat.classroom, True)]
        case _:
            assert_never(body)


def _check_master_stays_away(state: RoomState, now_ms: int) -> None:
    is_lost = state.lesson.state is LessonState.MASTER_LOST
    if not is_lost or now_ms - (state.since_ms or 0) < MASTER_GRACE_MS:
        raise Refused("lesson_state_conflict", "An assistant decides 60 s after the master was lost.")


def _block(state: RoomState, seat: Seat, body: ClassroomBlock) -> list[RoomEvent]:
    require_classroom(state, seat, Ability.BLOCK_CLASSROOM, body.classroom)
    present = state.controls.blocks.get(body.classroom)
    if present is not None and seat.role is Role.ASSISTANT and present.by != seat.id:
        raise Refused("not_permitted", "The classroom was blocked by somebody else.")
    if body.block is not None and not any(each.classroom == body.classroom for each in state.seats.values()):
        raise Refused("seat_unknown", "Nobody of that classroom is in the room.")
    if (None if present is None else present.block) == body.block:
        return []
    by = seat.id if seat.id in state.seats else None
    events: list[RoomEvent] = [ClassroomBlocked(body.classroom, body.block, by)]
    if body.block is Block.SHUT_DOWN:
        leaving = (each.id for each in state.seats.values() if _is_of_room(each, body.classroom))
        events += [SeatLeft(each, "shut_down") for each in leaving]
    return events


def _decide_entrance(
    state: RoomState, seat: Seat, body: SetAdmission | Admit | RefuseAdmission | BanSeat | LiftBan
) -> list[RoomEvent]:
    controls = state.controls
    match body:
        case SetAdmission(admission=admission):
            require(state, seat, Ability.LOCK)
            if controls.admission is admission:
                return []
            outcome = {Admission.OPEN: "admitted", Admission.LOCKED: "refused"}.get(admission)
            ended = [SeatWaitingEnded(waiting, outcome) for waiting in controls.waiting if outcome]
            return [AdmissionChanged(admission), *ended]
        case Admit(seat=target):
            return _admit(state, seat, target)
        case RefuseAdmission(seat=target):
            _require_over(state, seat, Ability.ADMIT, controls.waiting.get(target))
            return [SeatWaitingEnded(target, "refused")]
        case BanSeat(seat=target):
            return _ban(state, seat, target)
        case LiftBan(seat=target):
            _require_over(state, seat, Ability.BAN, controls.bans.get(target))
            return [BanLifted(target)]
        case _:
            assert_never(body)


def _admit(state: RoomState, seat: Seat, target: SeatId) -> list[RoomEvent]:
    if target in state.removed:
        _require_over(state, seat, Ability.ADMIT, state.absent.get(target))
        return [SeatReadmitted(target)]
    _require_over(state, seat, Ability.ADMIT, state.controls.waiting.get(target))
    return [SeatWaitingEnded(target, "admitted")]


def _require_over(
    state: RoomState, seat: Seat, ability: Ability, target: WaitingSeat | Ban | Seat | None
) -> None:
    """Whether the seat may decide about one that is not in the room.  Raises Refused."""
    if effective_right(state, seat, ability) is Right.NEVER:
        raise Refused("not_permitted", f"The role {seat.role} may not {ability}.")
    if target is None:
        raise Refused("seat_unknown", "There is no such seat here.")
    if not may_act_on(
        seat.role,
        ability,
        is_own_seat=False,
        classroom=seat.classroom,
        target_role=target.role,
        target_classroom=target.classroom,
    ):
        raise Refused("not_permitted", f"The role {seat.role} may not {ability} that seat.")


def _ban(state: RoomState, seat: Seat, target_id: SeatId) -> list[RoomEvent]:
    """Of a present seat, or of one that left."""
    target = state.seats.get(target_id) or state.absent.get(target_id)
    _require_over(state, seat, Ability.BAN, target)
    if target is None or target.role is Role.MASTER or target.id == seat.id:
        raise Refused("not_permitted", "The master teacher, and oneself, cannot be banned.")
    if target.id in state.controls.bans:
        return []
    if len(state.controls.bans) >= MAX_BANS:
        raise Refused("limit_reached", f"{MAX_BANS} seats are banned: lift some bans first.")
    ban = Ban(target.id, target.role, target.classroom, target.name)
    gone = [each.id for each in state.seats.values() if _is_kept_out(each, ban)]
    return [SeatBanned(ban), *(SeatLeft(each, "banned") for each in gone)]


def _is_kept_out(seat: Seat, ban: Ban) -> bool:
    same_room = ban.classroom is not None and (seat.role, seat.classroom) == (ban.role, ban.classroom)
    return seat.id == ban.seat or (same_room and ban.role in (Role.CLASSROOM, Role.ASSISTANT))


def _grant(state: RoomState, seat: Seat, body: GrantAbility) -> list[RoomEvent]:
    target = target_of(state, seat, Ability.GRANT_ABILITY, body.seat)
    if target.id == seat.id or right_of(target.role, body.ability) is not Right.GRANTED:
        raise Refused("not_permitted", f"{body.ability} is nothing that is granted to this seat.")
    held = state.controls.grants.get(target.id, frozenset())
    abilities = _SCREEN if body.ability in _SCREEN else (body.ability,)
    return [
        AbilityGranted(target.id, ability, body.granted)
        for ability in abilities
        if (ability in held) != body.granted
    ]


def _whisper(state: RoomState, seat: Seat, to: SeatId | None) -> list[RoomEvent]:
    require(state, seat, Ability.WHISPER_TO)
    if to is not None and state.seat(to).role is not Role.ASSISTANT:
        raise Refused("not_permitted", "A whisper goes to an assistant.")
    return [] if state.controls.whispers.get(seat.id) == to else [WhisperChanged(seat.id, to)]


def _listen(state: RoomState, seat: Seat, to: SeatId | None) -> list[RoomEvent]:
    require(state, seat, Ability.SEE_WALL)
    if to is not None and state.seat(to).role is not Role.CLASSROOM:
        raise Refused("not_permitted", "A master listens to a classroom.")
    return [] if state.controls.listens.get(seat.id) == to else [ListeningChanged(seat.id, to)]


def _is_of_room(seat: Seat, classroom: str | None) -> bool:
    return classroom is not None and seat.classroom == classroom and seat.role in OWN_ROOM_ROLES
