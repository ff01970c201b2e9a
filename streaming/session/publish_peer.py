"""A remote peer that publishes: it offers, we answer, and each sending section becomes a publication.

section offered, sending --> publication (one track, or one per rid)
offered again with the same codec and source --> the same publication, its tracks brought up to date
stopped, refused, another codec or source --> the publication ends; what follows is a new one
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streaming.errors import Refused, RemoteProtocolError
from streaming.forwarding.router import Encoding
from streaming.identifiers import PeerId
from streaming.sdp.description import SessionDescription
from streaming.sdp.parsing import parse_description
from streaming.sdp.publish import (
    DEFAULT_PTIME_MS,
    NegotiatedPublish,
    PublishPolicy,
    PublishSection,
    answer_publish,
)
from streaming.sdp.serializing import serialize_description
from streaming.session.association import Association, MediaTerms, merge_extensions
from streaming.session.effects import Effect, EndPublication, RemoveTrack, SetPublication, SetTrack
from streaming.session.media import MediaKind, Publication, Source, kind_of
from streaming.session.numbers import Numbers

_UNNAMED_SOURCES: Mapping[MediaKind, tuple[Source, ...]] = {
    MediaKind.AUDIO: (Source.MICROPHONE,),
    MediaKind.VIDEO: (Source.CAMERA, Source.SCREEN),
}
"""What WHIP's sections are, in their order; sections beyond are refused."""


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """The answer, every live publication of the peer, and what the shell has to do."""

    answer: str
    publications: tuple[Publication, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class _Published:
    publication: Publication
    clock_source: int
    tracks: Mapping[str, int]


class PublishPeer:
    """Invariants: one publication per sending mid; a refused offer changes nothing."""

    def __init__(
        self,
        id: PeerId,
        association: Association,
        numbers: Numbers,
        voice_ptime_ms: int = DEFAULT_PTIME_MS,
    ) -> None:
        self.id = id
        self.association = association
        self._numbers = numbers
        self._voice_ptime_ms = voice_ptime_ms
        self._sources: dict[str, Source] = {}
        self._negotiated: NegotiatedPublish | None = None
        self._published: dict[str, _Published] = {}

    @property
    def publications(self) -> tuple[Publication, ...]:
        """The live ones, in the order of their sections."""
        return tuple(entry.publication for entry in self._published.values())

    @property
    def mids(self) -> tuple[str, ...]:
        """The accepted sections, the one with the candidates first."""
        return tuple(section.mid for section in self._negotiated.sections) if self._negotiated else ()

    @property
    def deadline_ns(self) -> int | None:
        return self.association.deadline_ns

    def handle_time(self, now_ns: int) -> list[Effect]:
        return self.association.handle_time(now_ns)

    def apply_offer(
        self, text: str, sources: Mapping[str, Source] | None, allowed: frozenset[Source], now_ns: int
    ) -> PublishOutcome:
        """Answer an offer, the first or a later one (sections added or stopped, ICE restart).

        sources: mid -> source, those of earlier offers remembered; None: by the order of sections (WHIP).
        Raises RemoteProtocolError (`sdp_…`), Refused("publish_not_permitted").
        """
        offer = parse_description(text)
        named = assign_sources(offer, None if sources is None else {**self._sources, **sources})
        forbidden = sorted(source for source in named.values() if source not in allowed)
        if forbidden:
            raise Refused("publish_not_permitted", ", ".join(forbidden))
        kinds = [kind_of(source) for source in named.values()]
        policy = PublishPolicy(
            kinds.count(MediaKind.AUDIO),
            kinds.count(MediaKind.VIDEO),
            voice_ptime_ms=self._voice_ptime_ms,
        )
        fresh = self.association.credentials_for(offer)
        local = self.association.local_transport(fresh)
        answer, negotiated = answer_publish(offer, local, policy, self._negotiated)
        self.association.check_remote(negotiated.transport)
        if fresh is not None:
            self.association.ice.restart(fresh)
        self._sources = named
        self._negotiated = negotiated
        effects = self.association.handle_remote(negotiated.transport, publish_terms(negotiated), now_ns)
        effects += self._update_publications(negotiated)
        return PublishOutcome(serialize_description(answer), self.publications, tuple(effects))

    def close(self) -> list[Effect]:
        """Everything the peer published is over."""
        self.association.close()
        effects: list[Effect] = [EndPublication(publication) for publication in self.publications]
        self._published.clear()
        return effects

    def _update_publications(self, negotiated: NegotiatedPublish) -> list[Effect]:
        effects: list[Effect] = []
        following: dict[str, _Published] = {}
        for section in negotiated.sections:
            source = self._sources.get(section.mid)
            if not section.is_sending or source is None:
                continue
            present = self._published.get(section.mid)
            if present is not None and not _is_same(present.publication, section, source):
                present = None
            following[section.mid] = self._publish(section, source, present)
        for mid, entry in self._published.items():
            kept = following.get(mid)
            gone = set(entry.tracks.values()) - set(kept.tracks.values() if kept else ())
            effects.extend(RemoveTrack(track) for track in sorted(gone))
            if kept is None or kept.publication.id != entry.publication.id:
                effects.append(EndPublication(entry.publication))
        self._published = following
        for section in negotiated.sections:
            if section.mid in following:
                effects.extend(_track_effects(section, following[section.mid]))
        return effects

    def _publish(self, section: PublishSection, source: Source, present: _Published | None) -> _Published:
        rids = tuple(rid.rid for rid in section.rids)
        known = present.tracks if present else {}
        publication = Publication(
            id=present.publication.id if present else self._numbers.publication_id(),
            peer=self.id,
            kind=section.kind,
            source=source,
            mid=section.mid,
            codec=section.codec.name,
            clock_rate_hz=section.codec.clock_rate_hz,
            channels=section.codec.channels or 1,
            fmtp=section.codec.format_parameters,
            rids=rids,
        )
        tracks = {rid: known[rid] if rid in known else self._numbers.next_number() for rid in rids or ("",)}
        return _Published(
            publication, present.clock_source if present else self._numbers.next_number(), tracks
        )


def assign_sources(offer: SessionDescription, sources: Mapping[str, Source] | None) -> dict[str, Source]:
    """mid -> source for each section that sends; without `sources` by kind and order, surplus ones left out.

    Raises RemoteProtocolError("sdp_unsupported") for a section without a source, a source of the wrong kind,
    or one that two sections claim.
    """
    assigned: dict[str, Source] = {}
    unnamed = {kind: iter(kinds) for kind, kinds in _UNNAMED_SOURCES.items()}
    for media in offer.media:
        if media.is_rejected or media.kind not in set(MediaKind) or not media.effective_direction.sends:
            continue
        mid = media.mid or ""
        if sources is None:
            source = next(unnamed[MediaKind(media.kind)], None)
            if source is not None:
                assigned[mid] = source
            continue
        if mid not in sources:
            raise RemoteProtocolError("sdp_unsupported", f"section {mid!r} has no source")
        if kind_of(sources[mid]).value != media.kind:
            raise RemoteProtocolError("sdp_unsupported", f"{sources[mid]} is no {media.kind}")
        if sources[mid] in assigned.values():
            raise RemoteProtocolError("sdp_unsupported", f"two sections for {sources[mid]}")
        assigned[mid] = sources[mid]
    return assigned


def publish_terms(negotiated: NegotiatedPublish) -> MediaTerms:
    """One extension map for the transport, and whether any section wants transport-wide feedback."""
    return MediaTerms(
        merge_extensions(section.extensions for section in negotiated.sections),
        negotiated.allows_mixed_extensions,
        any(section.codec.has_transport_cc for section in negotiated.sections),
    )


def _is_same(publication: Publication, section: PublishSection, source: Source) -> bool:
    codec = section.codec
    return (publication.source, publication.codec, publication.clock_rate_hz) == (
        source,
        codec.name,
        codec.clock_rate_hz,
    )


def _track_effects(section: PublishSection, entry: _Published) -> list[Effect]:
    # Simulcast is bound by rid: browsers declare no SSRCs for it, and a declared order would prove nothing.
    declared = section.ssrcs[0] if section.ssrcs and not section.rids else None
    effects: list[Effect] = [
        SetTrack(
            id=track,
            publication=entry.publication.id,
            clock_source=entry.clock_source,
            kind=section.kind,
            codec=section.codec,
            mid=section.mid,
            rid=rid,
            ssrc=declared.ssrc if declared else 0,
            rtx_ssrc=(declared.rtx_ssrc or 0) if declared else 0,
        )
        for rid, track in entry.tracks.items()
    ]
    encodings = tuple(Encoding(track, rid) for rid, track in entry.tracks.items())
    return [*effects, SetPublication(entry.publication, encodings)]
