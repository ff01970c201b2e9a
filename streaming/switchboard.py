"""SHELL: carries the media effects of peers out on the native worker, and knows which track is whose.

The router decides which track feeds which subscription; this translates names of the control plane into the
numbers of the worker and keeps the two tables in step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from streaming.dataplane import (
    ALL_LAYERS,
    ClockSourceId,
    ExtensionKind,
    Format,
    IceCredentials,
    SpeakerGroup,
    SrtpKeys,
    SrtpProfile,
    SubscriptionId,
    SubscriptionSpec,
    Tap,
    TrackCodec,
    TrackId,
    TrackKind,
    TrackSpec,
    TransportId,
    TransportSpec,
    Worker,
)
from streaming.errors import Refused
from streaming.forwarding.layers import EncodingActivity, WantedEncodings, rank_rids
from streaming.forwarding.router import Demand, Encoding, Router, Source, ranked_tracks
from streaming.forwarding.speaker import NO_GROUP, SpeakerGroups
from streaming.identifiers import PublicationId
from streaming.session.effects import (
    EndPublication,
    RemoveSubscription,
    RemoveTrack,
    SetPublication,
    SetSubscription,
    SetTrack,
    SetTransport,
)
from streaming.session.media import MediaKind, Publication

MediaEffect = (
    SetTransport
    | SetTrack
    | RemoveTrack
    | SetPublication
    | EndPublication
    | SetSubscription
    | RemoveSubscription
)

_KINDS = {MediaKind.AUDIO: TrackKind.AUDIO, MediaKind.VIDEO: TrackKind.VIDEO}


@dataclass(slots=True)
class _Entry:
    """A publication with its tracks; `is_live` from its first packet on."""

    publication: Publication
    encodings: tuple[Encoding, ...]
    is_live: bool = False

    @property
    def source(self) -> Source:
        return Source(self.publication.codec, self.encodings)


class Switchboard:
    """The worker's table as the control plane wants it.

    Invariants: after `flush` the worker has exactly the tracks and subscriptions set so far, each
    subscription fed by the track that the router names; a forbidden publication has only forbidden tracks.
    """

    def __init__(self, worker: Worker, heard_voices: int) -> None:
        self._worker = worker
        self._heard_voices = heard_voices
        self._speakers = SpeakerGroups()
        self._router = Router()
        self._activity = EncodingActivity()
        self._wanted = WantedEncodings()
        self._tapped: set[PublicationId] = set()
        self._publications: dict[PublicationId, _Entry] = {}
        self._tracks: dict[int, tuple[TransportId, SetTrack]] = {}
        self._subscriptions: dict[int, tuple[TransportId, SetSubscription]] = {}
        self._changed: dict[int, None] = {}
        self._forbidden: set[PublicationId] = set()

    def apply(self, transport: TransportId, effect: MediaEffect) -> None:
        """Carry out one effect of the peer on `transport`; subscriptions follow at `flush`."""
        match effect:
            case SetTransport():
                self._worker.set_transport(transport, transport_spec(effect))
            case SetTrack():
                self._tracks[effect.id] = (transport, effect)
                self._set_track(effect.id)
            case RemoveTrack():
                self._tracks.pop(effect.id, None)
                self._worker.remove_track(TrackId(effect.id))
            case SetPublication():
                self._set_publication(effect)
            case EndPublication():
                self._router.remove_source(effect.publication.id)
                self._publications.pop(effect.publication.id, None)
                self._forbidden.discard(effect.publication.id)
                self._speakers.assign(effect.publication.id, None)
                self._tapped.discard(effect.publication.id)
            case SetSubscription():
                self._subscriptions[effect.id] = (transport, effect)
                self._changed[effect.id] = None
                codecs = frozenset(codec.name.value for codec in effect.formats)
                self._router.set_demand(
                    effect.id,
                    Demand(effect.publication, codecs, effect.low_layer, effect.layers, effect.is_paused),
                )
            case RemoveSubscription():
                self._subscriptions.pop(effect.id, None)
                self._changed.pop(effect.id, None)
                self._router.remove_demand(effect.id)
                self._worker.remove_subscription(SubscriptionId(effect.id))

    def flush(self) -> None:
        """Tell the worker of every subscription that changed or has another track now."""
        self._changed.update(dict.fromkeys(edit.subscription for edit in self._router.take_assignments()))
        for number in self._changed:
            transport, wanted = self._subscriptions[number]
            spec = subscription_spec(transport, wanted, TrackId(self._router.track_of(number)))
            if self._has_encodings(wanted.publication):
                spec = replace(spec, spatial_layer=ALL_LAYERS)  # the limit chose the encoding
            self._worker.set_subscription(SubscriptionId(number), spec)
        self._changed.clear()

    def remove_transport(self, transport: TransportId) -> None:
        """The transport is gone with its tracks; its publications and subscriptions were ended before."""
        for number in [number for number, (owner, _) in self._tracks.items() if owner == transport]:
            del self._tracks[number]
        self._worker.remove_transport(transport)

    def publication(self, name: PublicationId) -> Publication | None:
        """The live or announced publication of that name."""
        entry = self._publications.get(name)
        return entry.publication if entry is not None else None

    def publication_of_track(self, track: TrackId) -> Publication | None:
        """Whose packets the worker speaks of."""
        owned = self._tracks.get(track)
        return self.publication(owned[1].publication) if owned is not None else None

    def mark_live(self, name: PublicationId) -> bool:
        """A packet of the publication came; True for the first."""
        entry = self._publications.get(name)
        if entry is None or entry.is_live:
            return False
        entry.is_live = True
        return True

    def set_forbidden(self, name: PublicationId, *, is_forbidden: bool) -> None:
        """Drop the publication's packets at ingress, or let them in again."""
        if is_forbidden == (name in self._forbidden):
            return
        (self._forbidden.add if is_forbidden else self._forbidden.discard)(name)
        for encoding in self._entry(name).encodings:
            self._set_track(encoding.track)

    def set_speaker_group(self, name: PublicationId, group: str | None) -> None:
        """From now on the voice is heard if it is among the loudest of its group; None: always."""
        entry = self._entry(name)
        if self._speakers.assign(name, group):
            for encoding in entry.encodings:
                self._set_track(encoding.track)

    def request_keyframe(self, name: PublicationId) -> None:
        """Ask for a keyframe of every encoding."""
        for encoding in self._entry(name).encodings:
            self._worker.request_keyframe(TrackId(encoding.track))

    def open_tap(self, name: PublicationId, ring_bytes: int) -> Tap:
        """A tap on the highest encoding."""
        track = ranked_tracks(self._entry(name).source)[-1]
        self._tapped.add(name)
        return self._worker.open_tap(TrackId(track), ring_bytes)

    def simulcast_tracks(self) -> tuple[int, ...]:
        """The tracks of publications with more than one encoding."""
        return tuple(
            encoding.track
            for entry in self._publications.values()
            if len(entry.encodings) > 1
            for encoding in entry.encodings
        )

    def handle_packet_counts(self, packets: Mapping[int, int], now_ns: int) -> None:
        """Take the packets that each simulcast track has received, and route by who is alive."""
        if self._activity.handle_counts(packets, now_ns):
            self._router.set_alive(self._activity.alive)
            self.flush()

    def take_wanted_encodings(self, now_ns: int) -> list[tuple[Publication, tuple[str, ...]]]:
        """The live simulcast publications of which others are wanted than before, with the wanted rids."""
        several = {
            name: entry.encodings
            for name, entry in self._publications.items()
            if entry.is_live and len(entry.encodings) > 1
        }
        rids = {name: rank_rids([one.rid for one in encodings]) for name, encodings in several.items()}
        demanded = self._router.demanded_tracks() if several else frozenset()
        demand = {
            (name, one.rid)
            for name, encodings in several.items()
            for one in encodings
            if one.track in demanded
        }
        demand |= {(name, rids[name][-1]) for name in self._tapped if name in rids}
        changed = self._wanted.update(rids, demand, now_ns)
        return [(self._entry(name).publication, wanted) for name, wanted in changed]

    def publication_statistics(self, name: PublicationId) -> Mapping[str, Mapping[str, int]]:
        """Counts by rid."""
        entry = self._entry(name)
        return {e.rid: self._worker.track_stats(TrackId(e.track)) for e in entry.encodings}

    def subscription_statistics(self, number: int) -> Mapping[str, int]:
        return self._worker.subscription_stats(SubscriptionId(number))

    def _entry(self, name: PublicationId) -> _Entry:
        entry = self._publications.get(name)
        if entry is None:
            raise Refused("publication_unknown", name)
        return entry

    def _set_publication(self, effect: SetPublication) -> None:
        known = self._publications.get(effect.publication.id)
        is_live = known is not None and known.is_live
        entry = _Entry(effect.publication, effect.encodings, is_live)
        self._publications[effect.publication.id] = entry
        self._router.set_source(effect.publication.id, entry.source)

    def _has_encodings(self, name: PublicationId | None) -> bool:
        entry = self._publications.get(name) if name is not None else None
        return entry is not None and len(entry.encodings) > 1

    def _set_track(self, number: int) -> None:
        transport, wanted = self._tracks[number]
        is_forbidden = wanted.publication in self._forbidden
        group = self._speakers.number_of(wanted.publication)
        speakers = None if group == NO_GROUP else SpeakerGroup(group, self._heard_voices)
        spec = track_spec(transport, wanted, speakers, is_forbidden=is_forbidden)
        self._worker.set_track(TrackId(number), spec)


def transport_spec(effect: SetTransport) -> TransportSpec:
    """The effect in the worker's terms."""
    keys = effect.keys
    return TransportSpec(
        credentials=tuple(
            IceCredentials(pair.local.ufrag, pair.local.pwd, pair.remote_ufrag) for pair in effect.credentials
        ),
        srtp=SrtpKeys(SrtpProfile(keys.profile.value), keys.local, keys.remote) if keys is not None else None,
        extensions={ExtensionKind[name.name]: number for name, number in effect.extensions.items()},
        extmap_allow_mixed=effect.allows_mixed_extensions,
        cname=effect.cname,
        transport_cc=effect.has_transport_cc,
    )


def track_spec(
    transport: TransportId, effect: SetTrack, speakers: SpeakerGroup | None = None, *, is_forbidden: bool
) -> TrackSpec:
    """The effect in the worker's terms."""
    codec = effect.codec
    return TrackSpec(
        transport=transport,
        source=ClockSourceId(effect.clock_source),
        kind=_KINDS[effect.kind],
        codec=TrackCodec[codec.name.name],
        clock_rate_hz=codec.clock_rate_hz,
        payload_type=codec.payload_type,
        rtx_payload_type=codec.rtx_payload_type,
        red_payload_type=codec.red_payload_type,
        ssrc=effect.ssrc,
        rtx_ssrc=effect.rtx_ssrc,
        mid=effect.mid,
        rid=effect.rid,
        nack=codec.has_nack,
        pli=codec.has_pli,
        fir=codec.has_fir,
        forbidden=is_forbidden,
        speakers=speakers,
    )


def subscription_spec(transport: TransportId, effect: SetSubscription, track: TrackId) -> SubscriptionSpec:
    """The effect in the worker's terms, fed by `track`."""
    preferred = {codec.name: codec for codec in reversed(effect.formats)}  # the first H264 profile
    formats = tuple(
        Format(TrackCodec[name.name], codec.payload_type, codec.rtx_payload_type, codec.red_payload_type)
        for name, codec in preferred.items()
    )
    return SubscriptionSpec(
        transport=transport,
        track=track,
        kind=_KINDS[effect.kind],
        ssrc=effect.ssrc,
        formats=formats,
        rtx_ssrc=effect.rtx_ssrc if any(f.rtx_payload_type is not None for f in formats) else 0,
        mid=effect.mid,
        cname=effect.cname,
        paused=effect.is_paused,
        spatial_layer=_layer(effect.layers.spatial),
        temporal_layer=_layer(effect.layers.temporal),
    )


def _layer(limit: int | None) -> int:
    return ALL_LAYERS if limit is None else min(max(limit, 0), ALL_LAYERS)
