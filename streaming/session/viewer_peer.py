"""A remote peer that views (WHEP): it offers two sections, and sources are switched inside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streaming.forwarding.layers import EVERY_LAYER, LayerLimit
from streaming.identifiers import PeerId, PublicationId
from streaming.sdp.parsing import parse_description
from streaming.sdp.serializing import serialize_description
from streaming.sdp.view import NegotiatedView, ViewPlan, ViewSource, answer_view
from streaming.session.association import Association, MediaTerms, merge_extensions
from streaming.session.effects import Effect, RemoveSubscription, SetSubscription
from streaming.session.media import MediaKind, Publication
from streaming.session.numbers import Numbers

_STREAM_ID = "lesson"


@dataclass(frozen=True, slots=True)
class ViewOutcome:
    """The answer and what the shell has to do."""

    answer: str
    effects: tuple[Effect, ...]


class ViewerPeer:
    """Invariants: one SSRC per kind for the life of the peer; nothing is renegotiated: a source whose codec
    the viewer did not take is not forwarded (the router sees to it).
    """

    def __init__(
        self, id: PeerId, association: Association, numbers: Numbers, layers: LayerLimit = EVERY_LAYER
    ) -> None:
        self.id = id
        self.association = association
        self._layers = layers
        ssrcs: set[int] = set()
        self._streams = {
            kind: ViewSource(
                ssrc=numbers.ssrc(ssrcs),
                rtx_ssrc=numbers.ssrc(ssrcs),
                cname=_STREAM_ID,
                stream_id=_STREAM_ID,
                track_id=kind.value,
            )
            for kind in MediaKind
        }
        self._numbers = {kind: numbers.next_number() for kind in MediaKind}
        self._negotiated: NegotiatedView | None = None
        self._sources: dict[MediaKind, PublicationId | None] = dict.fromkeys(MediaKind)
        self._sent: dict[MediaKind, SetSubscription] = {}

    @property
    def mids(self) -> tuple[str, ...]:
        """The accepted sections, the one with the candidates first."""
        return tuple(section.mid for section in self._negotiated.sections) if self._negotiated else ()

    @property
    def subscriptions(self) -> dict[PublicationId, int]:
        """The worker's number of each subscription that has a source."""
        return {spec.publication: spec.id for spec in self._sent.values() if spec.publication is not None}

    @property
    def deadline_ns(self) -> int | None:
        return self.association.deadline_ns

    def handle_time(self, now_ns: int) -> list[Effect]:
        return self.association.handle_time(now_ns)

    def apply_offer(
        self, text: str, sources: Mapping[MediaKind, Publication | None], now_ns: int
    ) -> ViewOutcome:
        """Answer an offer; the codecs of `sources` come first in the answer.

        Raises RemoteProtocolError (`sdp_…`), and then nothing has changed.
        """
        offer = parse_description(text)
        fresh = self.association.credentials_for(offer)
        preferred = tuple(source.codec for source in sources.values() if source is not None)
        plan = ViewPlan(self._streams[MediaKind.AUDIO], self._streams[MediaKind.VIDEO], preferred)
        answer, negotiated = answer_view(
            offer, self.association.local_transport(fresh), plan, self._negotiated
        )
        self.association.check_remote(negotiated.transport)
        if fresh is not None:
            self.association.ice.restart(fresh)
        self._negotiated = negotiated
        extensions = merge_extensions(section.extensions for section in negotiated.sections)
        terms = MediaTerms(extensions, negotiated.allows_mixed_extensions, has_transport_cc=False)
        effects = self.association.handle_remote(negotiated.transport, terms, now_ns)
        self._sources = {kind: source.id if source else None for kind, source in sources.items()}
        return ViewOutcome(serialize_description(answer), tuple(effects + self._update()))

    def set_sources(self, sources: Mapping[MediaKind, PublicationId | None]) -> list[Effect]:
        """Switch what the sections carry; None: nothing for now."""
        self._sources = dict(sources)
        return self._update()

    def close(self) -> list[Effect]:
        """The peer is removed."""
        self.association.close()
        effects: list[Effect] = [RemoveSubscription(spec.id) for spec in self._sent.values()]
        self._sent.clear()
        return effects

    def _update(self) -> list[Effect]:
        effects: list[Effect] = []
        for section in self._negotiated.sections if self._negotiated else ():
            stream = self._streams[section.kind]
            spec = SetSubscription(
                id=self._numbers[section.kind],
                kind=section.kind,
                ssrc=stream.ssrc,
                rtx_ssrc=stream.rtx_ssrc or 0,
                mid=section.mid,
                formats=section.codecs,
                cname=stream.cname,
                publication=self._sources.get(section.kind),
                is_paused=not section.is_receiving,
                layers=self._layers,
            )
            if self._sent.get(section.kind) != spec:
                self._sent[section.kind] = spec
                effects.append(spec)
        return effects
