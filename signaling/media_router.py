"""SHELL: brings each event of the media server to the room whose peer it concerns."""

from __future__ import annotations

import logging
from typing import assert_never

from signaling.commands import MediaHappened
from signaling.live_room import LiveRoom
from streaming.identifiers import PeerId, PublicationId
from streaming.session.media import (
    EncodingsWanted,
    MediaEvent,
    PeerClosed,
    PeerConnected,
    PublicationEnded,
    PublicationLevel,
    PublicationLive,
    SubscribeOffer,
)

logger = logging.getLogger(__name__)


class MediaRouter:
    """Invariant: a claimed peer is known until its PeerClosed, a live publication until its
    PublicationEnded."""

    def __init__(self) -> None:
        self._room_of_peer: dict[PeerId, LiveRoom] = {}
        self._room_of_publication: dict[PublicationId, LiveRoom] = {}

    def claim(self, peer: PeerId, room: LiveRoom) -> None:
        """At once after the media server opened the peer: its events come on the same event loop, so none
        is missed."""
        self._room_of_peer[peer] = room

    def route(self, event: MediaEvent) -> None:
        """A listener of the media server."""
        room = self._take_room(event)
        if room is None:
            return
        try:
            room.perform(MediaHappened(event))
        except Exception:  # a room's bug must not reach the media server's loop
            logger.exception("%s: an event of the media server failed", room.lesson)

    def _take_room(self, event: MediaEvent) -> LiveRoom | None:
        match event:
            case PeerClosed(peer=peer):
                return self._room_of_peer.pop(peer, None)
            case PeerConnected(peer=peer) | SubscribeOffer(peer=peer):
                return self._room_of_peer.get(peer)
            case EncodingsWanted(publication=publication):
                return self._room_of_peer.get(publication.peer)
            case PublicationLive(publication=publication):
                room = self._room_of_peer.get(publication.peer)
                if room is not None:
                    self._room_of_publication[publication.id] = room
                return room
            case PublicationEnded(publication=publication):
                self._room_of_publication.pop(publication.id, None)
                return self._room_of_peer.get(publication.peer)
            case PublicationLevel(publication=publication_id):
                return self._room_of_publication.get(publication_id)
            case _:
                assert_never(event)
