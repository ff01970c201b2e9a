"""A remote peer that receives: the server offers, the peer answers, one offer at a time.

States of the negotiation:

    STABLE  --the wanted tracks differ from the sections, or a restart is asked for--> OFFERED
    OFFERED --its answer--> STABLE (and at once OFFERED again when the wish has changed meanwhile)
    OFFERED --no answer in time--> the peer is closed

A subscription begins to flow when the answer to its offer is applied, unless its wish holds it; one that is
no longer wanted is paused at once and goes with the next answer.  A track that an answer refuses is
remembered and not offered again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from streaming.errors import Refused
from streaming.forwarding.layers import EVERY_LAYER
from streaming.identifiers import PeerId, PublicationId
from streaming.sdp.parsing import parse_description
from streaming.sdp.serializing import serialize_description
from streaming.sdp.subscribe import (
    NegotiatedSubscribe,
    SubscribeState,
    apply_subscribe_answer,
    offer_subscribe,
)
from streaming.sdp.subscribe import WantedTrack as OfferedTrack
from streaming.session.association import Association, MediaTerms, merge_extensions
from streaming.session.effects import (
    ClosePeer,
    Effect,
    RemoveSubscription,
    SendOffer,
    SetSubscription,
)
from streaming.session.media import MediaKind, Publication, SectionMap, WantedTrack
from streaming.session.numbers import Numbers

MAX_TRACKS_PER_KIND = 32
"""Sections are never removed, so this bounds a description to 64 of them; later wishes of a kind wait."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A wanted track with the publication it names."""

    track: WantedTrack
    publication: Publication


@dataclass(frozen=True, slots=True)
class _Subscription:
    """`sent` is what the worker was last told, None before the first answer."""

    number: int
    offered: OfferedTrack
    sent: SetSubscription | None = None


@dataclass(frozen=True, slots=True)
class _Offer:
    id: int
    state: SubscribeState
    publications: frozenset[PublicationId]
    deadline_ns: int


class SubscribePeer:
    """Invariants: at most one offer is outstanding; an SSRC is used for one publication only and never again;
    the worker knows exactly the subscriptions whose `sent` is set.
    """

    def __init__(
        self, id: PeerId, association: Association, numbers: Numbers, *, negotiation_timeout_ns: int
    ) -> None:
        self.id = id
        self.association = association
        self._numbers = numbers
        self._negotiation_timeout_ns = negotiation_timeout_ns
        self._ssrcs: set[int] = set()
        self._wishes: dict[PublicationId, Wish] = {}
        self._subscriptions: dict[PublicationId, _Subscription] = {}
        self._refused: set[PublicationId] = set()
        self._state = SubscribeState()
        self._outstanding: _Offer | None = None
        self._last_offer_id = 0
        self._is_restart_asked = False

    @property
    def refused(self) -> tuple[PublicationId, ...]:
        """Publications that the peer's answers rejected."""
        return tuple(sorted(self._refused))

    @property
    def subscriptions(self) -> dict[PublicationId, int]:
        """The worker's number of each subscription that it knows."""
        return {name: entry.number for name, entry in self._subscriptions.items() if entry.sent is not None}

    @property
    def deadline_ns(self) -> int | None:
        """When `handle_time` is due."""
        if self._outstanding is None:
            return self.association.deadline_ns
        return min(
            self._outstanding.deadline_ns, self.association.deadline_ns or self._outstanding.deadline_ns
        )

    def set_wishes(self, wishes: Sequence[Wish], now_ns: int) -> list[Effect]:
        """Take the whole desired state."""
        taken: dict[PublicationId, Wish] = {}
        counts = dict.fromkeys(MediaKind, 0)
        for wish in wishes:
            counts[wish.publication.kind] += wish.publication.id not in taken
            if counts[wish.publication.kind] <= MAX_TRACKS_PER_KIND:
                taken[wish.publication.id] = wish
        self._wishes = taken
        self._refused &= set(taken)
        return self._update_running() + self._offer_when_needed(now_ns)

    def forget(self, ended: Collection[PublicationId], now_ns: int) -> list[Effect]:
        """Publications ended: they are no longer wanted."""
        kept = [wish for name, wish in self._wishes.items() if name not in ended]
        return self.set_wishes(kept, now_ns) if len(kept) < len(self._wishes) else []

    def restart(self, now_ns: int) -> list[Effect]:
        """Ask for an ICE restart with the next offer."""
        self._is_restart_asked = True
        return self._offer_when_needed(now_ns)

    def apply_answer(self, offer_id: int, text: str, now_ns: int) -> list[Effect]:
        """Take the answer to the outstanding offer.

        Raises Refused("offer_outdated"), RemoteProtocolError (`sdp_…`); then the offer stays outstanding.
        """
        offer = self._outstanding
        if offer is None or offer.id != offer_id:
            raise Refused("offer_outdated", f"offer {offer_id} waits for no answer")
        negotiated = apply_subscribe_answer(offer.state, parse_description(text))
        self.association.check_remote(negotiated.transport)
        self._outstanding = None
        self._state = offer.state
        effects = self.association.handle_remote(negotiated.transport, _terms(negotiated), now_ns)
        effects += self._drop_all_but(offer.publications)
        self._refused |= {PublicationId(track.key) for track in negotiated.refused} & set(self._wishes)
        for section in negotiated.sections:
            name = PublicationId(section.track.key)
            entry = self._subscriptions[name]
            spec = SetSubscription(
                id=entry.number,
                kind=section.track.kind,
                ssrc=section.track.ssrc,
                rtx_ssrc=section.track.rtx_ssrc or 0,
                mid=section.mid,
                formats=(section.codec,),
                cname=section.track.cname,
                publication=name,
                low_layer=name in self._wishes and self._wishes[name].track.low_layer,
                is_paused=self._is_paused(name),
                layers=self._wishes[name].track.layers if name in self._wishes else EVERY_LAYER,
            )
            if spec != entry.sent:
                self._subscriptions[name] = replace(entry, sent=spec)
                effects.append(spec)
        return effects + self._offer_when_needed(now_ns)

    def handle_time(self, now_ns: int) -> list[Effect]:
        """Time passed."""
        if self._outstanding is not None and now_ns >= self._outstanding.deadline_ns:
            return [ClosePeer("negotiation_timeout")]
        return self.association.handle_time(now_ns)

    def close(self) -> list[Effect]:
        """The peer is removed; nothing flows to it any more."""
        self.association.close()
        self._outstanding = None
        return self._drop_all_but(frozenset())

    def _update_running(self) -> list[Effect]:
        """Pause what is held or no longer wanted, and follow changes of layer: that needs no negotiation."""
        effects: list[Effect] = []
        for name, entry in self._subscriptions.items():
            if entry.sent is None:
                continue
            wish = self._wishes.get(name)
            spec = replace(entry.sent, is_paused=self._is_paused(name))
            if wish is not None:
                spec = replace(spec, low_layer=wish.track.low_layer, layers=wish.track.layers)
            if spec != entry.sent:
                self._subscriptions[name] = replace(entry, sent=spec)
                effects.append(spec)
        return effects

    def _is_paused(self, name: PublicationId) -> bool:
        wish = self._wishes.get(name)
        return wish is None or wish.track.is_held

    def _drop_all_but(self, kept: frozenset[PublicationId]) -> list[Effect]:
        effects: list[Effect] = []
        for name in [name for name in self._subscriptions if name not in kept]:
            entry = self._subscriptions.pop(name)
            if entry.sent is not None:
                effects.append(RemoveSubscription(entry.number))
        return effects

    def _offer_when_needed(self, now_ns: int) -> list[Effect]:
        if self._outstanding is not None:
            return []
        wishes = {name: wish for name, wish in self._wishes.items() if name not in self._refused}
        present = {slot.track.key for slot in self._state.slots if slot.track is not None}
        is_restart = self._is_restart_asked and bool(self._state.slots)
        if not is_restart and present == set(wishes):
            return []
        effects: list[Effect] = []
        if is_restart:
            self.association.ice.restart(self._numbers.ice_credentials())
        self._is_restart_asked = False
        if is_restart or not self._state.slots:
            effects += self.association.announce()
        return [*effects, self._offer(wishes, now_ns)]

    def _offer(self, wishes: dict[PublicationId, Wish], now_ns: int) -> SendOffer:
        for name, wish in wishes.items():
            if name not in self._subscriptions:
                self._subscriptions[name] = self._subscribe(wish)
        tracks = [self._subscriptions[name].offered for name in wishes]
        state, description = offer_subscribe(self._state, tracks, self.association.local_transport())
        self._last_offer_id += 1
        self._outstanding = _Offer(
            self._last_offer_id, state, frozenset(wishes), now_ns + self._negotiation_timeout_ns
        )
        sections = tuple(
            SectionMap(slot.mid, PublicationId(slot.track.key))
            for slot in state.slots
            if slot.track is not None
        )
        return SendOffer(self._last_offer_id, serialize_description(description), sections)

    def _subscribe(self, wish: Wish) -> _Subscription:
        publication = wish.publication
        is_video = publication.kind is MediaKind.VIDEO
        offered = OfferedTrack(
            key=publication.id,
            kind=publication.kind,
            codec=publication.codec,
            format_parameters=publication.fmtp,
            ssrc=self._numbers.ssrc(self._ssrcs),
            rtx_ssrc=self._numbers.ssrc(self._ssrcs) if is_video else None,
            cname=wish.track.stream_id,
            stream_id=wish.track.stream_id,
            track_id=publication.id,
        )
        return _Subscription(self._numbers.next_number(), offered)


def _terms(negotiated: NegotiatedSubscribe) -> MediaTerms:
    extensions = merge_extensions(section.extensions for section in negotiated.sections)
    return MediaTerms(extensions, negotiated.allows_mixed_extensions, has_transport_cc=False)
