"""SHELL: the media server's public face.  What happens inside is in engine (running), session (deciding)."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from streaming.config import MediaConfig
from streaming.dataplane import Tap, Worker
from streaming.engine import Engine, Peer, Seated, open_worker
from streaming.errors import LocalProtocolError, Refused
from streaming.forwarding.layers import layers_within
from streaming.identifiers import RANDOM_BYTES, PeerId, PublicationId, format_identifier
from streaming.sdp.attributes import Candidate, Fingerprint, host_candidates
from streaming.sdp.fragment import parse_fragment, serialize_fragment
from streaming.sdp.publish import DEFAULT_PTIME_MS
from streaming.session.association import Association, LocalFace
from streaming.session.media import MediaEvent, MediaKind, PeerStatistics, Publication, Source, WantedTrack
from streaming.session.numbers import Numbers
from streaming.session.publish_peer import PublishPeer
from streaming.session.subscribe_peer import SubscribePeer, Wish
from streaming.session.viewer_peer import ViewerPeer
from streaming.transport.certificate import generate_certificate

_logger = logging.getLogger(__name__)

_NS = 1_000_000_000
_OWN_CNAME = "tandem"

Listener = Callable[[MediaEvent], None]
_PeerT = TypeVar("_PeerT", PublishPeer, SubscribePeer, ViewerPeer)


class MediaServer:
    """Publishers, subscribers and viewers of one process, on one event loop.

    All but `start`, `close` and `add_listener` need a started server.  Methods raise RemoteProtocolError
    (`sdp_…`), Refused (`peer_unknown`, `publication_unknown`, `publish_not_permitted`, `offer_outdated`)
    and Unavailable (`too_many_participants`), and then nothing has changed.
    """

    def __init__(self, config: MediaConfig) -> None:
        self._config = config
        self._numbers = Numbers(secrets.token_bytes)
        self._listeners: list[Listener] = []
        self._running: Engine | None = None

    async def start(self) -> None:
        """Bind the media sockets.  Raises Unavailable("unavailable"), naming the address and the setting."""
        if self._running is not None:
            raise LocalProtocolError("server_state", "the media server was started before")
        worker = open_worker(self._config)
        certificate = generate_certificate()
        digest = certificate.fingerprint
        face = LocalFace(Fingerprint(digest.algorithm, digest.digest), self._candidates(worker))
        self._running = Engine(self._config, worker, certificate, face, self._emit)
        _logger.info("SRTP by %s", worker.crypto_name())
        _logger.info("media on %s", ", ".join(f"{host} port {port}" for host, port in self.addresses()))

    async def close(self) -> None:
        """End every peer (reason `server_stopping`), thread and task.  Idempotent."""
        running, self._running = self._running, None
        if running is not None:
            await running.close()

    def addresses(self) -> tuple[tuple[str, int], ...]:
        """The advertised (IP address, port) pairs."""
        return tuple((candidate.address, candidate.port) for candidate in self._engine.face.candidates)

    def add_listener(self, listener: Listener) -> None:
        """`listener` is called for each event, in order, on the event loop; it must not block."""
        self._listeners.append(listener)

    async def open_publisher(
        self,
        offer: str,
        *,
        sources: Mapping[str, Source] | None,
        allowed: frozenset[Source],
        stream_name: str,
        voice_ptime_ms: int = DEFAULT_PTIME_MS,
    ) -> tuple[PeerId, str, tuple[Publication, ...]]:
        """Answer a new publisher.

        sources: mid -> source; None (WHIP): first audio is the microphone, first video the camera, second the
        screen.  stream_name: how the server calls itself towards this peer in RTCP (CNAME).
        voice_ptime_ms: how much sound it is asked to put into one packet: 20, 40 or 60.
        """
        engine = self._engine
        engine.check_capacity()
        peer = PublishPeer(self._peer_id(), self._association(stream_name), self._numbers, voice_ptime_ms)
        outcome = peer.apply_offer(offer, sources, allowed, time.monotonic_ns())
        engine.apply(self._seat(peer), outcome.effects)
        return peer.id, outcome.answer, outcome.publications

    async def update_publisher(
        self, peer: PeerId, offer: str, *, sources: Mapping[str, Source] | None, allowed: frozenset[Source]
    ) -> tuple[str, tuple[Publication, ...]]:
        """Answer a publisher's later offer: sections added or stopped, ICE restart.  All its publications."""
        entry, publisher = self._find(peer, PublishPeer)
        outcome = publisher.apply_offer(offer, sources, allowed, time.monotonic_ns())
        self._engine.apply(entry, outcome.effects)
        return outcome.answer, outcome.publications

    async def open_subscriber(self) -> PeerId:
        """A peer that will be offered what `set_subscriptions` asks for."""
        engine = self._engine
        engine.check_capacity()
        timeout_ns = int(self._config.negotiation_timeout_s * _NS)
        peer = SubscribePeer(
            self._peer_id(), self._association(_OWN_CNAME), self._numbers, negotiation_timeout_ns=timeout_ns
        )
        self._seat(peer)
        return peer.id

    def set_subscriptions(self, peer: PeerId, wanted: Sequence[WantedTrack]) -> None:
        """The whole desired state of a subscriber; a SubscribeOffer follows when it needs negotiation.

        Publications that ended meanwhile are passed over.
        """
        entry, subscriber = self._find(peer, SubscribePeer)
        found = [(track, self.publication(track.publication)) for track in wanted]
        wishes = [Wish(track, publication) for track, publication in found if publication is not None]
        self._engine.apply(entry, subscriber.set_wishes(wishes, time.monotonic_ns()))

    async def apply_answer(self, peer: PeerId, offer_id: int, answer: str) -> None:
        """The answer to a SubscribeOffer."""
        entry, subscriber = self._find(peer, SubscribePeer)
        self._engine.apply(entry, subscriber.apply_answer(offer_id, answer, time.monotonic_ns()))

    async def restart_subscriber(self, peer: PeerId) -> None:
        """ICE restart: a SubscribeOffer with new credentials follows."""
        entry, subscriber = self._find(peer, SubscribePeer)
        self._engine.apply(entry, subscriber.restart(time.monotonic_ns()))

    async def open_viewer(
        self,
        offer: str,
        *,
        audio: PublicationId | None,
        video: PublicationId | None,
        max_bitrate_bps: int | None = None,
    ) -> tuple[PeerId, str]:
        """Answer a new viewer (WHEP), which gets these sources for a start.

        max_bitrate_bps: what its path carries; see `limit_bitrate`.  Of several encodings it gets the highest
        that is worth sending then.
        """
        engine = self._engine
        engine.check_capacity()
        layers = layers_within(max_bitrate_bps)
        peer = ViewerPeer(self._peer_id(), self._association(_OWN_CNAME), self._numbers, layers)
        sources = {
            MediaKind.AUDIO: None if audio is None else self.publication(audio),
            MediaKind.VIDEO: None if video is None else self.publication(video),
        }
        outcome = peer.apply_offer(offer, sources, time.monotonic_ns())
        engine.apply(self._seat(peer), outcome.effects)
        if max_bitrate_bps is not None:
            self.limit_bitrate(peer.id, max_bitrate_bps)
        return peer.id, outcome.answer

    def limit_bitrate(self, peer: PeerId, bits_per_s: int | None) -> None:
        """Pace what goes to a subscriber or viewer, 50 kbit/s to 1 Gbit/s; None: no limit.

        Voice never waits.  A keyframe is spread; a picture that stays a second behind goes on at a keyframe.
        """
        engine = self._engine
        engine.worker.set_pacing(engine.seated(peer).transport, bits_per_s or 0)

    def set_viewer_sources(
        self, peer: PeerId, *, audio: PublicationId | None, video: PublicationId | None
    ) -> None:
        """Switch what a viewer gets, inside its sections."""
        entry, viewer = self._find(peer, ViewerPeer)
        self._engine.apply(entry, viewer.set_sources({MediaKind.AUDIO: audio, MediaKind.VIDEO: video}))

    async def patch(self, peer: PeerId, fragment: str) -> str | None:
        """A WHIP or WHEP fragment (RFC 8840): None for trickled candidates, else the answer to a restart."""
        entry = self._engine.seated(peer)
        if isinstance(entry.peer, SubscribePeer):
            raise Refused("peer_unknown", f"{peer} is not a WHIP or WHEP resource")
        association = entry.peer.association
        answer, effects = association.handle_fragment(parse_fragment(fragment), entry.peer.mids)
        self._engine.apply(entry, effects)
        return None if answer is None else serialize_fragment(answer)

    def ice_ufrag(self, peer: PeerId) -> str:
        """Our newest fragment, which names the ICE session (the ETag of RFC 9725 section 4.3.1)."""
        return self._engine.seated(peer).peer.association.ice.local.ufrag

    async def close_peer(self, peer: PeerId, reason: str) -> None:
        """End a peer; PeerClosed follows.  Idempotent."""
        self._engine.remove(peer, reason)

    def set_forbidden(self, publication: PublicationId, forbidden: bool) -> None:
        """Drop what the publication sends, at once and at ingress, or let it in again."""
        self._engine.switchboard.set_forbidden(publication, is_forbidden=forbidden)

    def set_speaker_group(self, publication: PublicationId, group: str | None) -> None:
        """Of the voices of one group only the loudest few go out (`MediaConfig.heard_voices`); None: always.

        What a tap gets is not changed by it.
        """
        self._engine.switchboard.set_speaker_group(publication, group)

    def request_keyframe(self, publication: PublicationId) -> None:
        """Ask the publisher for a keyframe; requests are merged to at most one a second."""
        self._engine.switchboard.request_keyframe(publication)

    def open_tap(self, publication: PublicationId, ring_bytes: int = 4 << 20) -> Tap:
        """Plain RTP of the publication's highest encoding from now on."""
        return self._engine.switchboard.open_tap(publication, ring_bytes)

    def publication(self, id: PublicationId) -> Publication | None:
        """The publication of that id, None when it ended or never was."""
        return self._engine.switchboard.publication(id)

    def statistics(self, peer: PeerId) -> PeerStatistics:
        """Counts of one peer, its publications and subscriptions."""
        entry = self._engine.seated(peer)
        board, remote = self._engine.switchboard, entry.peer
        publications = remote.publications if isinstance(remote, PublishPeer) else ()
        subscriptions = {} if isinstance(remote, PublishPeer) else remote.subscriptions
        return PeerStatistics(
            state=remote.association.state.value,
            transport=self._engine.worker.transport_stats(entry.transport),
            publications={p.id: board.publication_statistics(p.id) for p in publications},
            subscriptions={name: board.subscription_statistics(n) for name, n in subscriptions.items()},
            refused=remote.refused if isinstance(remote, SubscribePeer) else (),
        )

    def counters(self) -> Mapping[str, int]:
        """The worker's counters (docs/dataplane.md) and those of the control plane."""
        return {**self._engine.worker.counters(), **self._engine.counts()}

    def crypto_name(self) -> str:
        """Which library encrypts SRTP, with its version."""
        return self._engine.worker.crypto_name()

    @property
    def _engine(self) -> Engine:
        if self._running is None:
            raise LocalProtocolError("server_state", "the media server is not running")
        return self._running

    def _emit(self, event: MediaEvent) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # a listener's bug must not cost the others their events
                _logger.exception("a listener failed on %s", type(event).__name__)

    def _candidates(self, worker: Worker) -> tuple[Candidate, ...]:
        """One candidate per advertised address, with the port that its own socket got."""
        advertised = [address.advertised for address in self._config.addresses]
        bound = worker.addresses()
        candidates = host_candidates(advertised, self._config.media_port)
        return tuple(replace(c, port=port) for c, (_, port) in zip(candidates, bound, strict=True))

    def _peer_id(self) -> PeerId:
        return PeerId(format_identifier("peer", secrets.token_bytes(RANDOM_BYTES)))

    def _association(self, cname: str) -> Association:
        timeout_ns = int(self._config.connect_timeout_s * _NS)
        return Association(self._engine.face, self._numbers, cname=cname, connect_timeout_ns=timeout_ns)

    def _seat(self, peer: Peer) -> Seated:
        self._engine.seat(self._numbers.next_number(), peer)
        return self._engine.seated(peer.id)

    def _find(self, peer: PeerId, kind: type[_PeerT]) -> tuple[Seated, _PeerT]:
        entry = self._engine.seated(peer)
        if not isinstance(entry.peer, kind):
            raise Refused("peer_unknown", f"{peer} is no {kind.__name__}")
        return entry, entry.peer
