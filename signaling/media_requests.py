"""SHELL: the requests that the media server carries out, between the room's permission and the room's
record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final, TypeVar, assert_never

from signaling.commands import (
    AnswerApplied,
    Command,
    EndPeer,
    PublisherOpened,
    PublisherUpdated,
    SubscriberOpened,
    ViewerOpened,
    ViewSource,
)
from signaling.live_room import LiveRoom
from signaling.media_router import MediaRouter
from signaling.messages import (
    Candidate,
    MediaBody,
    Publish,
    Subscribe,
    SubscribeAnswer,
    SubscribeRestart,
    Unpublish,
)
from signaling.ports import MediaPort, SeatClaims
from streaming.errors import TandemError, Unavailable
from streaming.identifiers import PeerId
from streaming.session.media import Publication, Source

MEDIA_TIMEOUT_S: Final = 10.0

T = TypeVar("T")


class MediaRequests:
    """For all rooms of the process; holds no state of its own."""

    def __init__(self, media: MediaPort, router: MediaRouter) -> None:
        self._media = media
        self._router = router

    async def carry_out(self, room: LiveRoom, claims: SeatClaims, body: MediaBody) -> Mapping[str, Any]:
        """One request of a socket.  Returns the members of its result."""
        seat, check_peer = claims.seat, room.room.check_peer
        room.room.check_present(seat)
        match body:
            case Publish():
                return await self._publish(room, claims, body)
            case Subscribe():
                peer = await _in_time(self._media.open_subscriber())
                await self._record(room, peer, SubscriberOpened(seat, peer))
                return {"peer": peer}
            case SubscribeAnswer(peer=peer, offer_id=offer_id, sdp=sdp):
                check_peer(seat, peer)
                await _in_time(self._media.apply_answer(peer, offer_id, sdp))
                room.perform(AnswerApplied(peer, offer_id))
            case SubscribeRestart(peer=peer):
                check_peer(seat, peer)
                await _in_time(self._media.restart_subscriber(peer))
            case Unpublish(peer=peer):
                room.perform(EndPeer(seat, peer))
            case Candidate(peer=peer):
                check_peer(seat, peer)
            case _:
                assert_never(body)
        return {}

    async def open_whip(self, room: LiveRoom, claims: SeatClaims, offer: str) -> tuple[PeerId, str]:
        """A WHIP resource: (peer, answer)."""
        room.room.check_admission(claims)
        peer, answer, _ = await self._open_publisher(room, claims, offer, None)
        return peer, answer

    async def open_whep(
        self,
        room: LiveRoom,
        claims: SeatClaims,
        offer: str,
        source: ViewSource,
        max_bitrate_bps: int | None,
    ) -> tuple[PeerId, str]:
        """A WHEP resource: (peer, answer)."""
        room.room.check_viewer(claims)
        audio, video = room.room.viewer_sources(source)
        opening = self._media.open_viewer(offer, audio=audio, video=video, max_bitrate_bps=max_bitrate_bps)
        peer, answer = await _in_time(opening)
        await self._record(room, peer, ViewerOpened(claims, peer, source, audio, video))
        return peer, answer

    async def patch(self, room: LiveRoom, claims: SeatClaims, peer: PeerId, fragment: str) -> str | None:
        room.room.check_peer(claims.seat, peer)
        return await _in_time(self._media.patch(peer, fragment))

    def ice_ufrag(self, room: LiveRoom, claims: SeatClaims, peer: PeerId) -> str:
        room.room.check_peer(claims.seat, peer)
        return self._media.ice_ufrag(peer)

    async def _publish(self, room: LiveRoom, claims: SeatClaims, body: Publish) -> Mapping[str, Any]:
        if body.peer is None:
            opened = await self._open_publisher(room, claims, body.sdp, body.sources)
            return _publish_result(*opened)
        room.room.check_peer(claims.seat, body.peer)
        allowed = room.room.allowed_sources(claims)
        answer, publications = await _in_time(
            self._media.update_publisher(body.peer, body.sdp, sources=body.sources, allowed=allowed)
        )
        room.perform(PublisherUpdated(claims.seat, body.peer, publications))
        return _publish_result(body.peer, answer, publications)

    async def _open_publisher(
        self, room: LiveRoom, claims: SeatClaims, offer: str, sources: Mapping[str, Source] | None
    ) -> tuple[PeerId, str, tuple[Publication, ...]]:
        """`sources` None: by WHIP."""
        allowed = room.room.allowed_sources(claims)
        peer, answer, publications = await _in_time(
            self._media.open_publisher(
                offer,
                sources=sources,
                allowed=allowed,
                stream_name=claims.seat,
                voice_ptime_ms=room.room.state.facts.voice_ptime_ms,
            )
        )
        await self._record(room, peer, PublisherOpened(claims, peer, publications, is_whip=sources is None))
        return peer, answer, publications

    async def _record(self, room: LiveRoom, peer: PeerId, command: Command) -> None:
        """The room learns of the new peer; if it cannot have it any more, the peer is closed again."""
        self._router.claim(peer, room)
        try:
            room.perform(command)
        except TandemError:
            await _in_time(self._media.close_peer(peer, "refused"))
            raise


def _publish_result(peer: PeerId, answer: str, publications: tuple[Publication, ...]) -> Mapping[str, Any]:
    shown = [
        {"id": p.id, "mid": p.mid, "kind": p.kind, "source": p.source, "codec": p.codec} for p in publications
    ]
    return {"peer": peer, "sdp": answer, "publications": shown}


async def _in_time(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(MEDIA_TIMEOUT_S):
            return await work
    except TimeoutError as error:
        raise Unavailable("unavailable", "The media server did not answer in time.") from error
