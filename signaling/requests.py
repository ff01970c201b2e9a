"""What a seat's request changes: permission first, then the state; the answer is the events that follow.

Plain functions: they read the state and change nothing.  They raise Refused with the documented code.
"""

from __future__ import annotations

from typing import assert_never

from signaling.board_messages import BoardBody
from signaling.board_requests import decide_board
from signaling.control_messages import ControlBody
from signaling.control_requests import decide_control, end_lesson, start_lesson
from signaling.events import (
    ConsentChanged,
    PublicationChanged,
    RoomEvent,
    Seat,
    SeatLeft,
    SeatMuted,
)
from signaling.floor_requests import decide_floor
from signaling.link_messages import LinkBody
from signaling.link_requests import decide_link
from signaling.messages import (
    FloorBody,
    Leave,
    LessonEnd,
    LessonStart,
    Mute,
    MuteAll,
    PublicationEnable,
    RecordingConsent,
    Remove,
    SeatBody,
    Unmute,
)
from signaling.policy import require, target_of
from signaling.roles import Ability, Role
from signaling.room_state import RoomState
from streaming.errors import Refused
from streaming.identifiers import PublicationId
from streaming.session.media import Source


def decide(
    state: RoomState,
    seat: Seat,
    body: FloorBody | SeatBody | ControlBody | BoardBody | LinkBody,
    now_ms: int,
    seed: int,
) -> list[RoomEvent]:
    """The events that the request of a seat (or of `policy.ADMINISTRATOR`) leads to.

    `now_ms`: UTC.  `seed`: a random number of the shell, for what is left to chance.
    """
    if isinstance(body, FloorBody):
        return decide_floor(state, seat, body)
    if isinstance(body, SeatBody):
        return _decide_seat(state, seat, body, now_ms)
    if isinstance(body, ControlBody):
        return decide_control(state, seat, body, now_ms)
    if isinstance(body, LinkBody):
        return decide_link(state, seat, body, now_ms)
    return decide_board(state, seat, body, now_ms, seed)


def _decide_seat(state: RoomState, seat: Seat, body: SeatBody, now_ms: int) -> list[RoomEvent]:
    match body:
        case Mute(seat=target):
            return _mute(target_of(state, seat, Ability.MUTE, target), True)
        case Unmute(seat=target):
            return _mute(target_of(state, seat, Ability.MUTE, target), False)
        case MuteAll():
            require(state, seat, Ability.MUTE_ALL)
            return _mute_all(state)
        case RecordingConsent():
            return _consent_to_recording(state, seat, body)
        case PublicationEnable(publication=publication, enabled=enabled):
            return _enable(state, seat, publication, enabled)
        case Remove(seat=target):
            removed = target_of(state, seat, Ability.REMOVE, target)
            if removed.role is Role.MASTER:
                raise Refused("not_permitted", "The master teacher cannot be removed.")
            return [SeatLeft(removed.id, "removed")]
        case Leave():
            return [SeatLeft(state.seat(seat.id).id, "left")]
        case LessonStart():
            require(state, seat, Ability.START_LESSON)
            return start_lesson(state, now_ms)
        case LessonEnd():
            return end_lesson(state, seat, now_ms)
        case _:
            assert_never(body)


def _consent_to_recording(state: RoomState, seat: Seat, body: RecordingConsent) -> list[RoomEvent]:
    """Each for itself; an assistant may refuse, and no more than that, for the own room."""
    is_own = body.seat in (None, seat.id)
    ability = Ability.CONSENT_TO_RECORDING if is_own or body.granted else Ability.REFUSE_RECORDING
    target = target_of(state, seat, ability, body.seat)
    if not state.decided_of(target.id).permits(recording=body.granted):
        raise Refused("not_permitted", "The student group has not granted it: ask the school.")
    return [] if target.recording_consent == body.granted else [ConsentChanged(target.id, body.granted)]


def _mute(target: Seat, muted: bool) -> list[RoomEvent]:
    return [] if target.muted == muted else [SeatMuted(target.id, muted)]


def _mute_all(state: RoomState) -> list[RoomEvent]:
    """Every seat but the masters' that is on stage or publishes a microphone: nobody else can be heard."""
    voices = {media.seat for media in state.publications.values() if media.source is Source.MICROPHONE}
    voices.update(state.floor.stage)
    return [
        SeatMuted(seat.id, True)
        for seat in state.seats.values()
        if seat.id in voices and seat.role is not Role.MASTER and not seat.muted
    ]


def _enable(state: RoomState, seat: Seat, publication: PublicationId, enabled: bool) -> list[RoomEvent]:
    media = state.publications.get(publication)
    if media is None or media.seat != seat.id:
        raise Refused("publication_unknown", "This seat has no such publication.")
    return [] if media.enabled == enabled else [PublicationChanged(publication, enabled)]
