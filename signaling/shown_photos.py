"""Photos of rounds that the master shows to all rooms.  Plain functions of the state, as in `requests`.

Only what the master has named, only while the seat that answered with it consents to be seen live, and
neither its classroom nor everybody is forbidden.  What was taken away comes back by the master's act alone.
"""

from __future__ import annotations

from signaling.board_events import PhotosShown, ShownPhoto
from signaling.events import RoomEvent, Seat
from signaling.policy import is_blocked, require
from signaling.roles import Ability
from signaling.room_state import RoomState
from streaming.errors import Refused
from streaming.identifiers import SeatId


def show_photos(state: RoomState, seat: Seat, photos: tuple[str, ...]) -> list[RoomEvent]:
    """Raises Refused: not_permitted, photo_unknown, photo_withheld."""
    require(state, seat, Ability.SHOW_PHOTOS)
    shown = tuple(_answered(state, photo) for photo in photos)
    if not all(_may_be_seen(state, one.seat) for one in shown):
        raise Refused("photo_withheld", "Its room has not consented to be seen, or is forbidden.")
    return [] if shown == state.board.photos else [PhotosShown(shown)]


def follow_photos(state: RoomState) -> list[RoomEvent]:
    """What must not be seen any more is taken away: withdrawn, forbidden, replaced, or of another round."""
    answered = _answers(state)
    kept = tuple(one for one in state.board.photos if one in answered and _may_be_seen(state, one.seat))
    return [] if kept == state.board.photos else [PhotosShown(kept)]


def _answered(state: RoomState, photo: str) -> ShownPhoto:
    for one in _answers(state):
        if one.photo == photo:
            return one
    raise Refused("photo_unknown", "The present round was not answered with that photo.")


def _answers(state: RoomState) -> tuple[ShownPhoto, ...]:
    answers = () if state.board.round is None else state.board.round.answers
    return tuple(ShownPhoto(one.photo, one.seat, one.classroom) for one in answers if one.photo is not None)


def _may_be_seen(state: RoomState, seat: SeatId) -> bool:
    """Also of a seat that has lost its link meanwhile: what it said last holds."""
    owner = state.seats.get(seat) or state.absent.get(seat)
    if owner is None or state.controls.is_all_forbidden or is_blocked(state, owner):
        return False
    return owner.video_consent and state.decided_of(seat).video is not False
