"""Requests about what is asked, shown and signalled.  Plain functions of the state, as in `requests`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from signaling.board import MAX_INK_POINTS, MAX_MARKERS
from signaling.board_events import (
    Deck,
    DeckReady,
    DeckRemoved,
    Ink,
    InkAdded,
    InkCleared,
    Marker,
    MarkerSet,
    Pick,
    Picked,
    PollAnswered,
    PollClosed,
    PollOpened,
    RoundAnswered,
    RoundOpened,
    RoundPhaseChanged,
    RoundReady,
    SignalRaised,
    SlideShown,
    Timer,
    TimerSet,
)
from signaling.board_messages import (
    BoardBody,
    ClearInk,
    ClearSignal,
    DrawInk,
    PickOf,
    PickRandom,
    PollAnswer,
    PollClose,
    PollOpen,
    RaiseSignal,
    RoundAnswer,
    RoundDone,
    RoundOpen,
    RoundPhase,
    SetMarker,
    SetTimer,
    ShowPhotos,
    ShowSlide,
)
from signaling.events import RoomEvent, Seat
from signaling.floor_requests import set_stage
from signaling.policy import require, require_classroom, target_of
from signaling.ports import LessonState
from signaling.roles import Ability, Role
from signaling.room_state import RoomState
from signaling.rounds import Answer, Phase, Poll, Round, tally_of, with_answer
from signaling.shown_photos import show_photos
from streaming.errors import Refused
from streaming.identifiers import SeatId

_RoundBody = RoundOpen | RoundPhase | RoundDone | RoundAnswer
_PollBody = PollOpen | PollAnswer | PollClose
_PageBody = ShowSlide | DrawInk | ClearInk


def decide_board(state: RoomState, seat: Seat, body: BoardBody, now_ms: int, seed: int) -> list[RoomEvent]:
    """The events that the request leads to.  `seed`: what is left to chance."""
    if isinstance(body, _RoundBody):
        return _decide_round(state, seat, body, now_ms)
    if isinstance(body, _PollBody):
        return _decide_poll(state, seat, body)
    if isinstance(body, _PageBody):
        return _decide_page(state, seat, body)
    match body:
        case RaiseSignal(signal=signal):
            require(state, seat, Ability.RAISE_SIGNAL)
            return [] if state.board.signals.get(seat.id) == signal else [SignalRaised(seat.id, signal)]
        case ClearSignal(seat=target):
            require(state, seat, Ability.CLEAR_SIGNAL)
            return [SignalRaised(target, None)] if target in state.board.signals else []
        case SetMarker(label=label):
            require(state, seat, Ability.SET_MARKER)
            if len(state.board.markers) >= MAX_MARKERS:
                raise Refused("limit_reached", f"A lesson has at most {MAX_MARKERS} markers.")
            return [MarkerSet(Marker(state.board.newest_id + 1, now_ms, label))]
        case SetTimer(duration_s=duration_s, label=label):
            require(state, seat, Ability.SET_TIMER)
            if duration_s is None:
                return [] if state.board.timer is None else [TimerSet(None)]
            return [TimerSet(Timer(now_ms + duration_s * 1000, duration_s * 1000, label))]
        case ShowPhotos(photos=photos):
            return show_photos(state, seat, photos)
        case PickRandom():
            require(state, seat, Ability.PICK)
            return [Picked(_pick(state, body, seed))]
        case _:
            assert_never(body)


def end_local_phase(state: RoomState, now_ms: int) -> list[RoomEvent]:
    """The local timer ran out: the rooms report."""
    current, deadline_ms = state.board.round, state.board.local_deadline_ms()
    if current is None or deadline_ms is None or now_ms < deadline_ms:
        return []
    return [RoundPhaseChanged(current.id, Phase.REPORT, None)]


def follow_decks(state: RoomState, decks: Sequence[Deck]) -> list[RoomEvent]:
    """What is to be said so that the room knows `decks` and no others; nothing once the lesson is over."""
    if state.lesson.state is LessonState.ENDED:
        return []
    known, kept = state.board.decks, {deck.id for deck in decks}
    gone = [DeckRemoved(id_) for id_ in known if id_ not in kept]
    return [*gone, *(DeckReady(deck) for deck in decks if known.get(deck.id) != deck)]


def _decide_round(state: RoomState, seat: Seat, body: _RoundBody, now_ms: int) -> list[RoomEvent]:
    if isinstance(body, RoundOpen):
        require(state, seat, Ability.OPEN_ROUND)
        number = state.board.newest_id + 1
        return [RoundOpened(Round(number, body.prompt, body.answer, body.choices))]
    match body:
        case RoundPhase():
            require(state, seat, Ability.OPEN_ROUND)
            return _change_phase(state, seat, body, now_ms)
        case RoundDone():
            current = _current_round(state, body.round)
            require_classroom(state, seat, Ability.RUN_LOCAL_PART, seat.classroom or "")
            if current.phase is not Phase.LOCAL:
                raise Refused("round_state_conflict", f"The round is in its phase {current.phase}.")
            is_told = seat.classroom is None or seat.classroom in current.ready
            return [] if is_told else [RoundReady(current.id, seat.classroom or "")]
        case RoundAnswer():
            target = _answering(state, seat, body.seat)
            if target.role is Role.STUDENT and not (body.text is None and body.photo is None):
                raise Refused("not_permitted", "A student answers with counts alone.")
            current = _current_round(state, body.round)
            answer = Answer(target.id, target.classroom, body.counts, body.text, body.photo)
            current.check_answer(answer)
            tally = tally_of(with_answer(current.answers, answer))
            return [RoundAnswered(current.id, answer, tally)]
        case _:
            assert_never(body)


def _change_phase(state: RoomState, seat: Seat, body: RoundPhase, now_ms: int) -> list[RoomEvent]:
    current = _current_round(state, body.round)
    current.check_phase(body.phase)
    until_ms = None if body.local_s is None else now_ms + body.local_s * 1000
    staged = [] if body.seats is None else set_stage(state, seat, body.seats)
    return [RoundPhaseChanged(current.id, body.phase, until_ms), *staged]


def _current_round(state: RoomState, number: int) -> Round:
    current = state.board.round
    if current is None or current.id != number:
        raise Refused("round_state_conflict", "That round is not the present one.")
    return current


def _decide_poll(state: RoomState, seat: Seat, body: _PollBody) -> list[RoomEvent]:
    if isinstance(body, PollOpen):
        require(state, seat, Ability.OPEN_ROUND)
        return [PollOpened(Poll(state.board.newest_id + 1, body.question, body.choices))]
    if isinstance(body, PollClose):
        require(state, seat, Ability.OPEN_ROUND)
        poll = _current_poll(state, body.poll)
        return [PollClosed(poll.id)] if poll.is_open else []
    target = _answering(state, seat, body.seat)
    poll = _current_poll(state, body.poll)
    answer = Answer(target.id, target.classroom, body.counts, None)
    poll.check_answer(answer)
    return [PollAnswered(poll.id, answer, tally_of(with_answer(poll.answers, answer)))]


def _current_poll(state: RoomState, number: int) -> Poll:
    poll = state.board.poll
    if poll is None or poll.id != number:
        raise Refused("round_state_conflict", "That poll is not the present one.")
    return poll


def _answering(state: RoomState, seat: Seat, named: SeatId | None) -> Seat:
    """Whose answer it is: an assistant's is that of the own room's screen, so that no room counts twice."""
    if named is None and seat.role is Role.ASSISTANT and seat.classroom is not None:
        screens = (
            each.id
            for each in state.seats.values()
            if each.role is Role.CLASSROOM and each.classroom == seat.classroom
        )
        named = next(screens, None)
    return target_of(state, seat, Ability.ANSWER_ROUND, named)


def _pick(state: RoomState, body: PickRandom, seed: int) -> Pick:
    if body.of is PickOf.NUMBER:
        return Pick(None, None, seed % body.upto + 1, body.upto)
    present = [seat for seat in state.seats.values() if seat.role is Role.CLASSROOM and seat.connected]
    if not present:
        raise Refused("seat_unknown", "No classroom is connected.")
    picked = present[seed % len(present)]
    return Pick(picked.classroom, picked.id, None, len(present))


def _decide_page(state: RoomState, seat: Seat, body: _PageBody) -> list[RoomEvent]:
    match body:
        case ShowSlide(slide=slide):
            require(state, seat, Ability.SHOW_SLIDE)
            if slide is not None:
                state.board.check_slide(slide)
            return [] if state.board.slide == slide else [SlideShown(slide)]
        case DrawInk():
            return _draw(state, seat, body)
        case ClearInk(slide=slide):
            require(state, seat, Ability.SHOW_SLIDE)
            has_ink = any((ink.deck, ink.page) == (slide.deck, slide.page) for ink in state.board.ink)
            return [InkCleared(slide.deck, slide.page)] if has_ink else []
        case _:
            assert_never(body)


def _draw(state: RoomState, seat: Seat, body: DrawInk) -> list[RoomEvent]:
    require(state, seat, Ability.ANNOTATE)
    state.board.check_slide(body.slide)
    if state.board.ink_points() + len(body.points) > MAX_INK_POINTS:
        raise Refused("limit_reached", f"At most {MAX_INK_POINTS} points of ink are kept: clear a page.")
    slide, number = body.slide, state.board.newest_id + 1
    return [InkAdded(Ink(number, seat.id, slide.deck, slide.page, body.color, body.width, body.points))]
