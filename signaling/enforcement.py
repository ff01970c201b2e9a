"""Keeps the media server and the recorder in line with the room: desired state against what they were told.

Invariant: after `update`, what was told equals what `signaling.audience` says of the state.  Only
differences become effects, and prohibitions come before everything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from signaling.audience import (
    Audience,
    audience_of,
    is_forbidden,
    may_be_recorded,
    received,
    speaker_group,
    tracks_for,
    viewer_sources,
)
from signaling.commands import ViewSource
from signaling.effects import (
    MediaEffect,
    RecorderEffect,
    SetForbidden,
    SetSpeakerGroup,
    SetSubscriptions,
    SetViewerSources,
    StartSource,
    StopSource,
)
from signaling.peers import PeerTable
from signaling.roles import Ability, Right, right_of
from signaling.room_state import RoomState
from streaming.identifiers import LessonId, PeerId, PublicationId, SeatId
from streaming.session.media import WantedTrack

_ViewedSources = tuple[PublicationId | None, PublicationId | None]


class Enforcement:
    """What was told last.  Owned by one Room."""

    def __init__(self) -> None:
        self._forbidden: dict[PublicationId, bool] = {}
        self._speakers: dict[PublicationId, LessonId] = {}
        self._subscriptions: dict[PeerId, tuple[WantedTrack, ...]] = {}
        self._viewed: dict[PeerId, _ViewedSources] = {}
        self._recorded: set[PublicationId] = set()
        self._shared: tuple[WantedTrack, ...] = ()

    def viewer_opened(self, peer: PeerId, sources: _ViewedSources) -> None:
        """A viewer was opened with these sources."""
        self._viewed[peer] = sources

    def update(self, state: RoomState, peers: PeerTable) -> list[MediaEffect | RecorderEffect]:
        """What has to be told now."""
        return [
            *self._prohibitions(state, peers),
            *self._update_speakers(state, peers),
            *self._recordings(state, peers),
            *self._update_subscriptions(state, peers),
            *self._update_viewers(state, peers),
        ]

    def _prohibitions(self, state: RoomState, peers: PeerTable) -> Iterator[SetForbidden]:
        told = self._forbidden
        self._forbidden = {}
        for publisher in peers.publishers.values():
            for publication in publisher.publications.values():
                forbidden = is_forbidden(state, publisher.seat, publication.source)
                self._forbidden[publication.id] = forbidden
                if told.get(publication.id, False) != forbidden:
                    yield SetForbidden(publication.id, forbidden)

    def _update_speakers(self, state: RoomState, peers: PeerTable) -> Iterator[SetSpeakerGroup]:
        told = self._speakers
        self._speakers = {}
        for publisher in peers.publishers.values():
            for publication in publisher.publications.values():
                group = speaker_group(state, publisher.seat, publication.source)
                if group is not None:
                    self._speakers[publication.id] = group
                if told.get(publication.id) != group:
                    yield SetSpeakerGroup(publication.id, group)

    def _recordings(self, state: RoomState, peers: PeerTable) -> Iterator[StartSource | StopSource]:
        wanted = {
            media.id
            for media in state.publications.values()
            if media.id in peers.publications and may_be_recorded(state, media)
        }
        for publication in sorted(self._recorded - wanted):
            yield StopSource(publication)
        for publication in sorted(wanted - self._recorded):
            owner = state.seats[state.publications[publication].seat]
            yield StartSource(owner.id, owner.role.value, peers.publications[publication])
        self._recorded = wanted

    def _update_subscriptions(self, state: RoomState, peers: PeerTable) -> Iterator[SetSubscriptions]:
        if not peers.subscribers:
            self._subscriptions.clear()
            return
        audience = audience_of(state)
        # One tuple for all who get just what is shared: six hundred comparisons by identity, not by value.
        shared = tuple(track for _, track in audience.shared)
        self._shared = shared = self._shared if self._shared == shared else shared
        owners = {owner for owner, _ in audience.shared}
        told = self._subscriptions
        self._subscriptions = {}
        for subscriber in peers.subscribers.values():
            wanted = self._wanted(state, subscriber.seat in owners, subscriber.seat, audience)
            self._subscriptions[subscriber.peer] = wanted
            before = told.get(subscriber.peer, ())
            if before is not wanted and before != wanted:
                yield SetSubscriptions(subscriber.peer, wanted)

    def _wanted(
        self, state: RoomState, is_shown: bool, seat_id: SeatId, audience: Audience
    ) -> tuple[WantedTrack, ...]:
        seat = state.seats.get(seat_id)
        if seat is None:
            return ()
        is_plain = not is_shown and right_of(seat.role, Ability.SEE_WALL) is Right.NEVER
        return received(state, seat.id, self._shared if is_plain else tracks_for(seat, audience))

    def _update_viewers(self, state: RoomState, peers: PeerTable) -> Iterator[SetViewerSources]:
        if not peers.viewers:
            self._viewed.clear()
            return
        sources = {source: viewer_sources(state, source) for source in ViewSource}
        told = self._viewed
        self._viewed = {}
        for viewer in peers.viewers.values():
            wanted = sources[viewer.source]
            self._viewed[viewer.peer] = wanted
            if told.get(viewer.peer, (None, None)) != wanted:
                yield SetViewerSources(viewer.peer, audio=wanted[0], video=wanted[1])
