"""SHELL: what runs between a media server's start and its close: worker, handshakes, peers, timers, events.

Peers decide (streaming.session); here their effects are carried out and what happens is handed to them.
Everything is on one event loop; events go to listeners in order, and never from inside a call of theirs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import assert_never

from streaming.config import MediaConfig
from streaming.dataplane import (
    AudioLevel,
    ConsentExpired,
    DatagramReceived,
    Event,
    KeyframeSeen,
    Nominated,
    TrackBound,
    TrackBye,
    TrackId,
    TransportId,
    Worker,
)
from streaming.errors import Refused, Unavailable
from streaming.identifiers import PeerId, PublicationId
from streaming.notices import Notices
from streaming.session.association import AssociationState, LocalFace
from streaming.session.effects import ClosePeer, Connected, Effect, EndPublication, SendOffer, StartDtls
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
from streaming.session.publish_peer import PublishPeer
from streaming.session.subscribe_peer import SubscribePeer
from streaming.session.viewer_peer import ViewerPeer
from streaming.switchboard import Switchboard
from streaming.transport.certificate import Certificate
from streaming.transport.dtls import create_dtls_context
from streaming.transport.handshakes import DtlsEnded, DtlsOutcome, DtlsSecured, Handshakes

_logger = logging.getLogger(__name__)

_TICK_S = 0.25
_NOTICE_INTERVAL_NS = 2_000_000_000
_EVENTS_AT_ONCE = 1024
_RETRY_AFTER_S = 30
_SERVER_STOPPING = "server_stopping"

Peer = PublishPeer | SubscribePeer | ViewerPeer


@dataclass(frozen=True, slots=True)
class Seated:
    """A peer with its transport of the worker."""

    transport: TransportId
    peer: Peer


class Engine:
    """Invariants: every peer has one transport of the worker and one association in `handshakes`, and the
    three go together; listeners hear of a peer's end once, after the end of its publications.
    """

    def __init__(
        self,
        config: MediaConfig,
        worker: Worker,
        certificate: Certificate,
        face: LocalFace,
        emit: Callable[[MediaEvent], None],
    ) -> None:
        self.face = face
        self.worker = worker
        self.switchboard = Switchboard(worker, config.heard_voices)
        self._max_transports = config.max_transports
        self._emit = emit
        self._seated: dict[PeerId, Seated] = {}
        self._by_transport: dict[int, PeerId] = {}
        self._timed: set[PeerId] = set()  # whose deadlines are looked at
        self._pending: deque[MediaEvent] = deque()
        self._notices = Notices()
        self._notices_due_ns = 0
        self._handshakes = Handshakes(
            create_dtls_context(certificate),
            max_active=config.max_handshakes,
            threads=config.handshake_threads,
            timeout_s=config.handshake_timeout_s,
            send=self._send_datagram,
            on_outcome=self._handle_dtls,
        )
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(worker.fileno(), self._read_events)
        self._ticker = asyncio.create_task(self._tick(), name="media-ticker")

    async def close(self) -> None:
        """End all peers, threads and tasks; listeners have heard everything when it returns."""
        for name in list(self._seated):
            self.remove(name, _SERVER_STOPPING)
        self._ticker.cancel()
        await asyncio.gather(self._ticker, return_exceptions=True)
        self._loop.remove_reader(self.worker.fileno())
        await self._handshakes.close()
        self._deliver()
        self.worker.close()

    def check_capacity(self) -> None:
        """Raise Unavailable("too_many_participants") when no further peer may come."""
        if len(self._seated) >= self._max_transports:
            detail = f"{self._max_transports} transports are in use"
            raise Unavailable("too_many_participants", detail, retry_after_s=_RETRY_AFTER_S)

    def seat(self, transport: int, peer: Peer) -> None:
        """Take a peer in."""
        self._seated[peer.id] = Seated(TransportId(transport), peer)
        self._by_transport[transport] = peer.id
        self._timed.add(peer.id)
        self._handshakes.add(transport)
        _logger.info("peer %s opened as transport %d (%s)", peer.id, transport, type(peer).__name__)

    def seated(self, name: PeerId) -> Seated:
        """The peer of that name.  Raises Refused("peer_unknown")."""
        entry = self._seated.get(name)
        if entry is None:
            raise Refused("peer_unknown", name)
        return entry

    def remove(self, name: PeerId, reason: str) -> None:
        """End a peer; of one that is not here nothing is heard.  Idempotent."""
        entry = self._seated.pop(name, None)
        if entry is None:
            return
        del self._by_transport[entry.transport]
        self.apply(entry, entry.peer.close())
        self._handshakes.remove(entry.transport)
        self.switchboard.remove_transport(entry.transport)
        _logger.info("peer %s closed: %s", name, reason)
        self._tell(PeerClosed(name, reason))

    def apply(self, entry: Seated, effects: Iterable[Effect]) -> None:
        """Carry out what a peer asked for."""
        if entry.peer.deadline_ns is not None:
            self._timed.add(entry.peer.id)
        ended: list[PublicationId] = []
        for effect in effects:
            self._apply_one(entry, effect)
            if isinstance(effect, EndPublication):
                ended.append(effect.publication.id)
        if ended:
            self._forget(ended)
        self.switchboard.flush()

    def counts(self) -> dict[str, int]:
        """Counts of the control plane."""
        states = [entry.peer.association.state for entry in self._seated.values()]
        return {
            "peers": len(states),
            "peers_connected": states.count(AssociationState.CONNECTED),
            "dtls_handshakes_active": self._handshakes.active,
            "dtls_datagrams_dropped": self._handshakes.dropped_datagrams,
        }

    def _apply_one(self, entry: Seated, effect: Effect) -> None:
        peer = entry.peer.id
        match effect:
            case StartDtls():
                self._handshakes.describe(
                    entry.transport, is_server=effect.is_server, fingerprints=effect.fingerprints
                )
            case Connected():
                _logger.info("peer %s connected", peer)
                self._tell(PeerConnected(peer))
            case SendOffer():
                self._tell(SubscribeOffer(peer, effect.offer_id, effect.sdp, effect.sections))
            case ClosePeer():
                self.remove(peer, effect.reason)
            case EndPublication():
                self.switchboard.apply(entry.transport, effect)
                self._tell(PublicationEnded(effect.publication))
            case _:
                self.switchboard.apply(entry.transport, effect)

    def _forget(self, ended: Collection[PublicationId]) -> None:
        """Take ended publications from all subscribers, all at once: that is one offer each."""
        now_ns = time.monotonic_ns()
        for entry in list(self._seated.values()):
            if isinstance(entry.peer, SubscribePeer):
                self.apply(entry, entry.peer.forget(ended, now_ns))

    def _send_datagram(self, transport: int, data: bytes) -> None:
        self.worker.send_datagram(TransportId(transport), data)

    def _handle_dtls(self, transport: int, outcome: DtlsOutcome) -> None:
        name = self._by_transport[transport]
        match outcome:
            case DtlsSecured():
                entry = self._seated[name]
                self.apply(entry, entry.peer.association.handle_secured(outcome.keys))
            case DtlsEnded():
                self.remove(name, outcome.reason)
            case _:
                assert_never(outcome)

    def _read_events(self) -> None:
        # Each in a turn of its own, so that one peer's bug costs the others nothing.
        for event in self.worker.take_events(_EVENTS_AT_ONCE):
            self._loop.call_soon(self._handle_event, event)

    def _handle_event(self, event: Event) -> None:
        match event:
            case DatagramReceived():
                self._handshakes.handle_datagram(event.transport, event.data)
            case Nominated():
                self._handshakes.handle_path(event.transport)
            case ConsentExpired():
                name = self._by_transport.get(event.transport)
                if name is not None:
                    entry = self._seated[name]
                    self.apply(entry, entry.peer.association.handle_expired())
            case TrackBound():
                publication = self.switchboard.publication_of_track(event.track)
                if publication is not None and self.switchboard.mark_live(publication.id):
                    _logger.info("publication %s live: %s %s", publication.id, publication.source, event.ssrc)
                    self._tell(PublicationLive(publication))
            case AudioLevel():
                publication = self.switchboard.publication_of_track(event.track)
                if publication is not None:
                    self._tell(PublicationLevel(publication.id, event.level_dbov))
            case KeyframeSeen() | TrackBye():
                pass  # the worker itself waits for keyframes, and SDP, not BYE, ends publications
            case _:
                assert_never(event)

    async def _tick(self) -> None:
        """Deadlines, what the operator should read, and simulcast encodings, a few times a second."""
        while True:
            await asyncio.sleep(_TICK_S)
            try:
                now_ns = time.monotonic_ns()
                self._handle_deadlines(now_ns)
                self._tell_operator(now_ns)
                tracks = self.switchboard.simulcast_tracks()
                if tracks:
                    # Each answer takes a turn of the packet worker: not on the event loop.
                    counts = await asyncio.to_thread(count_packets, self.worker, tracks)
                    self.switchboard.handle_packet_counts(counts, time.monotonic_ns())
                for publication, rids in self.switchboard.take_wanted_encodings(time.monotonic_ns()):
                    self._tell(EncodingsWanted(publication, rids))
            except Exception:  # one peer's bug must not end the deadlines of all
                _logger.exception("a tick failed")

    def _handle_deadlines(self, now_ns: int) -> None:
        # Of a thousand who are connected nobody waits for anything: they are not asked four times a second.
        for name in list(self._timed):
            entry = self._seated.get(name)
            deadline_ns = None if entry is None else entry.peer.deadline_ns
            if entry is None or deadline_ns is None:
                self._timed.discard(name)
            elif now_ns >= deadline_ns:
                self.apply(entry, entry.peer.handle_time(now_ns))

    def _tell_operator(self, now_ns: int) -> None:
        if now_ns >= self._notices_due_ns:
            self._notices_due_ns = now_ns + _NOTICE_INTERVAL_NS
            for sentence in self._notices.apply(self.worker.counters()):
                _logger.warning("%s", sentence)

    def _tell(self, event: MediaEvent) -> None:
        if not self._pending:
            self._loop.call_soon(self._deliver)
        self._pending.append(event)

    def _deliver(self) -> None:
        while self._pending:
            self._emit(self._pending.popleft())


def count_packets(worker: Worker, tracks: Iterable[int]) -> dict[int, int]:
    """How many packets each track has received."""
    return {track: worker.track_stats(TrackId(track)).get("packets", 0) for track in tracks}


def open_worker(config: MediaConfig) -> Worker:
    """The packet worker on the configured addresses.

    Raises Unavailable("unavailable") naming the address that cannot be bound and the settings to change.
    """
    try:
        return Worker(
            [(address.bind, config.media_port) for address in config.addresses],
            workers=config.packet_workers,
        )
    except OSError as error:
        tried = ", ".join(f"{address.bind} port {config.media_port}" for address in config.addresses)
        raise Unavailable(
            "unavailable",
            f"cannot open the media socket ({tried}): {error}; name an address of this machine by"
            " --public-address, or another port by --media-port",
        ) from error
