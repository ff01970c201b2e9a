"""Nothing in a room outlives what it belongs to, and what a client can make grow has an end."""

from __future__ import annotations

from signaling.board import KEPT_TEXTS, MAX_INK_POINTS, MAX_MARKERS
from signaling.board_messages import PHOTO_COUNTS
from signaling.control_requests import MAX_BANS
from signaling.conversation import MAX_PENDING_TEXTS
from signaling.entrance import MAX_WAITING_SEATS
from signaling.floor import STAGE_SEATS
from signaling.ledger import HISTORY_EVENTS
from signaling.room import Room
from signaling.rounds import MAX_ANSWERS


def check_bounds(room: Room) -> None:
    """Looks inside, because growth is not to be seen from outside."""
    if room.state.lesson.state != "ended":  # then only the record is left
        _check_state(room)
        _check_parts(room)


def _check_state(room: Room) -> None:
    state, controls, board, floor = room.state, room.state.controls, room.state.board, room.state.floor
    seats, known = set(state.seats), {*state.seats, *state.absent}
    classrooms = {seat.classroom for seat in (*state.seats.values(), *state.absent.values())}
    assert not set(state.seats) & set(state.absent)
    assert {media.seat for media in state.publications.values()} <= seats
    assert set(floor.stage) | set(floor.hands) <= seats
    assert set(floor.turns) <= known
    assert state.removed <= known
    assert len(floor.stage) <= STAGE_SEATS
    assert {*controls.grants, *board.signals} <= seats
    assert {*controls.whispers, *controls.whispers.values()} <= seats
    assert {*controls.blocks, *controls.local} <= classrooms
    assert len(controls.waiting) <= MAX_WAITING_SEATS
    assert len(controls.bans) <= MAX_BANS
    assert board.ink_points() <= MAX_INK_POINTS
    assert len(board.markers) <= MAX_MARKERS
    assert len(board.photos) < PHOTO_COUNTS.stop
    assert len(board.texts) <= KEPT_TEXTS
    for question in (board.round, board.poll):
        if question is not None:
            assert len(question.answers) <= MAX_ANSWERS
            assert len({answer.seat for answer in question.answers}) == len(question.answers)
    if board.round is not None:
        assert set(board.round.ready) <= classrooms


def _check_parts(room: Room) -> None:
    seats, peers, attendance = set(room.state.seats), room._peers, room._attendance
    assert len(room._ledger._history) <= HISTORY_EVENTS
    assert set(attendance._connection_of) <= seats
    assert set(attendance._deadline_ns) <= seats
    assert not set(attendance._connection_of) & set(attendance._deadline_ns)
    assert set(attendance._seat_of) == set(attendance._connection_of.values())
    assert set(room._entrance._waiting) == set(room.state.controls.waiting)
    tables = (peers.publishers, peers.subscribers, peers.viewers)
    assert {peers.owner(peer) for table in tables for peer in table} <= seats
    assert len(peers.publishers) == len({each.seat for each in peers.publishers.values()})
    assert len(peers.subscribers) == len({each.seat for each in peers.subscribers.values()})
    offered = {id_ for each in peers.publishers.values() for id_ in each.publications}
    assert set(peers.publications) == offered
    assert set(room.state.publications) <= offered
    assert set(room._enforcement._forbidden) == offered
    assert set(room._enforcement._subscriptions) == set(peers.subscribers)
    assert set(room._enforcement._viewed) == set(peers.viewers)
    conversation = room._conversation
    assert len(conversation._pending) <= MAX_PENDING_TEXTS
    assert {waiting.author.id for waiting in conversation._pending.values()} <= seats
    assert {
        *conversation._pointer_pace._due_ns,
        *room._paces._ink._due_ns,
        *room._paces._receive._due_ns,
    } <= seats
