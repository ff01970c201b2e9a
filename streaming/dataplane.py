"""The typed face of the native packet worker: frozen values in, batches of events out.

A `Worker` is one or more threads of its own that own the media sockets and do all that grows with packets:
STUN checks of known credentials, SRTP, forwarding, repair, reports, keyframe requests.  Nothing here is
called per packet.  Ids are chosen by the caller (positive, never used twice); `set_…` calls are idempotent,
ordered, and cheap; `remove_…` of an unknown id does nothing.  See docs/dataplane.md for counters and what
happens inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NewType, cast

try:
    from streaming import _dataplane
except ImportError as error:  # pragma: no cover - only on a machine without the build
    raise ImportError(
        "the native packet worker is not built; build it with: pip install --no-build-isolation -e ."
    ) from error

TransportId = NewType("TransportId", int)
TrackId = NewType("TrackId", int)
SubscriptionId = NewType("SubscriptionId", int)
ClockSourceId = NewType("ClockSourceId", int)

NO_TRACK = TrackId(0)
"""A subscription to `NO_TRACK` sends nothing for now and keeps its SSRC and sequence numbers."""

EVENTS_LIMIT = 65536


ALL_LAYERS = 7
"""Layer ids have three bits."""


class TrackKind(IntEnum):
    """What a track carries."""

    AUDIO = 0
    VIDEO = 1


class TrackCodec(IntEnum):
    """How a track is coded."""

    OPUS = 1
    VP8 = 2
    VP9 = 3
    AV1 = 4
    H264 = 5


class ExtensionKind(IntEnum):
    """The header extensions (RFC 8285) that the worker reads or writes."""

    MID = 1
    RID = 2
    REPAIRED_RID = 3
    AUDIO_LEVEL = 4
    ABS_SEND_TIME = 5
    TRANSPORT_CC = 6
    DEPENDENCY_DESCRIPTOR = 7
    VIDEO_ORIENTATION = 8
    ABS_CAPTURE_TIME = 9
    PLAYOUT_DELAY = 10


class SrtpProfile(StrEnum):
    """Protection profiles by their DTLS-SRTP names (RFC 5764, RFC 7714)."""

    AEAD_AES_128_GCM = "AEAD_AES_128_GCM"
    AEAD_AES_256_GCM = "AEAD_AES_256_GCM"
    AES_CM_128_HMAC_SHA1_80 = "AES_CM_128_HMAC_SHA1_80"


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """One generation of ICE credentials. `remote_ufrag` is empty while the remote description is unknown."""

    local_ufrag: str
    local_pwd: str = field(repr=False)
    remote_ufrag: str = ""


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """Master key followed by master salt, for each direction, as the DTLS exporter gives them."""

    profile: SrtpProfile
    local: bytes = field(repr=False)
    remote: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TransportSpec:
    """One ICE + DTLS + SRTP association.

    `credentials`: newest first, at most two; the older stays valid until the newer has nominated an address.
    `srtp`: None until the handshake is over.  `extensions`: the ids of this transport, both ways (BUNDLE).
    `cname`: of the worker's own reports.  `transport_cc`: the remote side wants transport-wide feedback.
    """

    credentials: tuple[IceCredentials, ...]
    srtp: SrtpKeys | None = None
    extensions: Mapping[ExtensionKind, int] = field(default_factory=dict)
    extmap_allow_mixed: bool = False
    cname: str = ""
    transport_cc: bool = False


@dataclass(frozen=True, slots=True)
class SpeakerGroup:
    """Voices of which only the `limit` loudest, by RFC 6464 levels, go out to subscribers."""

    id: int
    limit: int


@dataclass(frozen=True, slots=True)
class TrackSpec:
    """One encoding (one SSRC) that a remote peer sends.

    `source`: encodings of one publication share it, and with it one clock.  `ssrc` and `rtx_ssrc`: 0 where
    unknown: then the track is bound by `mid` (and `rid`), or by payload type where only one has it.  `nack`,
    `pli`, `fir`: what was negotiated.  `forbidden`: packets are dropped at ingress and counted.
    `red_payload_type`: under which packets may come with earlier ones (RFC 2198).
    `speakers`: the voices it competes with for being heard; None: it always is.
    """

    transport: TransportId
    source: ClockSourceId
    kind: TrackKind
    codec: TrackCodec
    clock_rate_hz: int
    payload_type: int
    rtx_payload_type: int | None = None
    red_payload_type: int | None = None
    ssrc: int = 0
    rtx_ssrc: int = 0
    mid: str = ""
    rid: str = ""
    nack: bool = False
    pli: bool = False
    fir: bool = False
    forbidden: bool = False
    speakers: SpeakerGroup | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """A codec that a subscriber takes, with the payload types it is sent under.

    `red_payload_type`: packets take the one before with them (RFC 2198) where the publisher's do, and while
    the subscriber reports loss.
    """

    codec: TrackCodec
    payload_type: int
    rtx_payload_type: int | None = None
    red_payload_type: int | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """One outgoing SSRC. A change of `track` is a switch: numbers go on, timestamps strictly increase.

    Video waits for a keyframe of the new track (and asks for it); until then the old one goes on if it runs.
    `spatial_layer`, `temporal_layer`: the highest layers wanted of a track that has several, `ALL_LAYERS`
    for no limit.  Down at once; up where a decoder can follow.
    """

    transport: TransportId
    track: TrackId
    kind: TrackKind
    ssrc: int
    formats: tuple[Format, ...]
    rtx_ssrc: int = 0
    mid: str = ""
    cname: str = ""
    paused: bool = False
    spatial_layer: int = ALL_LAYERS
    temporal_layer: int = ALL_LAYERS


@dataclass(frozen=True, slots=True)
class DatagramReceived:
    """A DTLS record batch from an address with an authenticated check."""

    transport: TransportId
    data: bytes


@dataclass(frozen=True, slots=True)
class Nominated:
    """Egress moved to `address`: (IP address, port)."""

    transport: TransportId
    address: tuple[str, int]


@dataclass(frozen=True, slots=True)
class ConsentExpired:
    """30 s without an authenticated check (RFC 7675 5.1): egress has stopped."""

    transport: TransportId


@dataclass(frozen=True, slots=True)
class TrackBound:
    """The first packet of an SSRC of this track came."""

    track: TrackId
    ssrc: int


@dataclass(frozen=True, slots=True)
class AudioLevel:
    """RFC 6464 level, -127 (silence) to 0; at most every 200 ms, on changes of at least 3 dB."""

    track: TrackId
    level_dbov: int


@dataclass(frozen=True, slots=True)
class KeyframeSeen:
    """A keyframe began; at most four a second."""

    track: TrackId


@dataclass(frozen=True, slots=True)
class TrackBye:
    """The publisher said BYE for this track's SSRC."""

    track: TrackId


Event = DatagramReceived | Nominated | ConsentExpired | TrackBound | AudioLevel | KeyframeSeen | TrackBye


class _EventKind(IntEnum):
    DATAGRAM = 1
    NOMINATED = 2
    EXPIRED = 3
    BOUND = 4
    AUDIO_LEVEL = 5
    KEYFRAME = 6
    BYE = 7


def _to_event(kind: int, id: int, payload: object) -> Event:
    match _EventKind(kind):
        case _EventKind.DATAGRAM:
            return DatagramReceived(TransportId(id), cast(bytes, payload))
        case _EventKind.NOMINATED:
            return Nominated(TransportId(id), cast("tuple[str, int]", payload))
        case _EventKind.EXPIRED:
            return ConsentExpired(TransportId(id))
        case _EventKind.BOUND:
            return TrackBound(TrackId(id), cast(int, payload))
        case _EventKind.AUDIO_LEVEL:
            return AudioLevel(TrackId(id), cast(int, payload))
        case _EventKind.KEYFRAME:
            return KeyframeSeen(TrackId(id))
        case _EventKind.BYE:
            return TrackBye(TrackId(id))


class Tap:
    """Plain RTP of one track, and its sender reports, in a bounded ring; if full, the newest are lost."""

    def __init__(self, native: _dataplane.Tap) -> None:
        self._native = native

    def take(self, limit_bytes: int) -> bytes:
        """Whole records, back to back; b"" when there are none.

        Record: u32 be length of data | u8 kind (1 RTP, 2 RTCP SR) | 3 zero bytes | u64 be arrival
        (CLOCK_MONOTONIC, ns) | data.  RTP is without padding, retransmissions undone; recovered packets come
        late, in order of arrival.
        """
        return self._native.take(limit_bytes)

    def overflows(self) -> int:
        """Records dropped because the reader was late."""
        return self._native.overflows()

    def close(self) -> None:
        """Stop filling; idempotent."""
        self._native.close()


def crypto_choice() -> tuple[str, str]:
    """The library that encrypts SRTP here, and what to install for a faster one (empty: it is that one)."""
    return _dataplane.crypto_choice()


class Worker:
    """The packet workers behind one media port: threads, each with one UDP socket per (bind address, port).

    Each transport is one thread's; `transport_stats` tells which ("worker").  Commands take effect in the
    order given, within milliseconds.  `fileno()` is readable while events wait.
    Raises OSError from the constructor when an address cannot be bound.
    """

    def __init__(
        self, sockets: Sequence[tuple[str, int]], *, workers: int = 1, events_limit: int = EVENTS_LIMIT
    ) -> None:
        self._native = _dataplane.Worker(list(sockets), workers=workers, events_limit=events_limit)

    def addresses(self) -> list[tuple[str, int]]:
        """The bound (IP address, port) of each socket; port 0 has become the chosen one."""
        return self._native.addresses()

    def fileno(self) -> int:
        """An eventfd, readable while events wait; `take_events` clears it."""
        return self._native.fileno()

    def take_events(self, limit: int = 1024) -> list[Event]:
        """At most `limit` events, oldest first."""
        return [_to_event(*event) for event in self._native.take_events(limit)]

    def send_datagram(self, transport: TransportId, data: bytes) -> bool:
        """Slow path (DTLS): to the nominated address, else the last validated. False: none, or no room."""
        return self._native.send_datagram(transport, data)

    def set_transport(self, id: TransportId, spec: TransportSpec) -> None:
        """Add a transport or change it. The same keys again leave the SRTP contexts as they are."""
        srtp = spec.srtp
        self._native.set_transport(
            id,
            credentials=[(c.local_ufrag, c.local_pwd, c.remote_ufrag) for c in spec.credentials],
            srtp=None if srtp is None else (srtp.profile.value, srtp.local, srtp.remote),
            extensions={int(kind): number for kind, number in spec.extensions.items()},
            extmap_allow_mixed=spec.extmap_allow_mixed,
            cname=spec.cname,
            transport_cc=spec.transport_cc,
        )

    def remove_transport(self, id: TransportId) -> None:
        """Forget a transport with its tracks and subscriptions; BYE goes to the remote side."""
        self._native.remove_transport(id)

    def set_track(self, id: TrackId, spec: TrackSpec) -> None:
        """Add a track or change it."""
        self._native.set_track(
            id,
            transport=spec.transport,
            source=spec.source,
            kind=spec.kind,
            codec=spec.codec,
            clock_rate_hz=spec.clock_rate_hz,
            payload_type=spec.payload_type,
            rtx_payload_type=_or_none(spec.rtx_payload_type),
            red_payload_type=_or_none(spec.red_payload_type),
            ssrc=spec.ssrc,
            rtx_ssrc=spec.rtx_ssrc,
            mid=spec.mid,
            rid=spec.rid,
            nack=spec.nack,
            pli=spec.pli,
            fir=spec.fir,
            forbidden=spec.forbidden,
            speaker_group=0 if spec.speakers is None else spec.speakers.id,
            speaker_limit=0 if spec.speakers is None else spec.speakers.limit,
        )

    def remove_track(self, id: TrackId) -> None:
        """Forget a track; its subscriptions send nothing until they get another."""
        self._native.remove_track(id)

    def set_subscription(self, id: SubscriptionId, spec: SubscriptionSpec) -> None:
        """Add a subscription, change it, or switch it to another track."""
        self._native.set_subscription(
            id,
            transport=spec.transport,
            track=spec.track,
            kind=spec.kind,
            ssrc=spec.ssrc,
            rtx_ssrc=spec.rtx_ssrc,
            mid=spec.mid,
            formats=[
                (f.codec, f.payload_type, _or_none(f.rtx_payload_type), _or_none(f.red_payload_type))
                for f in spec.formats
            ],
            cname=spec.cname,
            paused=spec.paused,
            spatial_layer=spec.spatial_layer,
            temporal_layer=spec.temporal_layer,
        )

    def remove_subscription(self, id: SubscriptionId) -> None:
        """End an outgoing SSRC; BYE goes to the subscriber."""
        self._native.remove_subscription(id)

    def request_keyframe(self, track: TrackId) -> None:
        """Ask the publisher; requests are merged to at most one a second and one trailing."""
        self._native.request_keyframe(track)

    def set_pacing(self, transport: TransportId, bits_per_s: int) -> None:
        """How fast pictures, repairs and probes go out to `transport`; 0: no limit.

        50 kbit/s to 1 Gbit/s, of datagrams as UDP carries them.  Voice and RTCP are counted and never wait.
        """
        self._native.set_pacing(transport, bits_per_s)

    def probe(self, transport: TransportId, bits_per_s: int, duration_ms: int) -> None:
        """Send as much for up to a second, up to 100 Mbit/s, with padding (RFC 4588) where media is less.

        Only to a transport with a pace, and with RTX; others get nothing.
        """
        self._native.probe(transport, bits_per_s, duration_ms)

    def open_tap(self, track: TrackId, ring_bytes: int = 4 << 20) -> Tap:
        """Copy what the track receives from now on into a ring of `ring_bytes`."""
        return Tap(self._native.open_tap(track, ring_bytes))

    def counters(self) -> dict[str, int]:
        """One snapshot; every datagram in is accounted for, every drop has a name (docs/dataplane.md)."""
        return self._native.counters()

    def crypto_name(self) -> str:
        """Which library encrypts SRTP: `ipsec-mb 1.3 (AVX512)`, `OpenSSL 3.0.17`."""
        return self._native.crypto_name()

    def transport_stats(self, id: TransportId) -> dict[str, int]:
        """Empty when the transport is not known."""
        return self._native.transport_stats(id)

    def track_stats(self, id: TrackId) -> dict[str, int]:
        """Empty when the track is not known."""
        return self._native.track_stats(id)

    def subscription_stats(self, id: SubscriptionId) -> dict[str, int]:
        """Empty when the subscription is not known."""
        return self._native.subscription_stats(id)

    def close(self) -> None:
        """Stop the threads, join them, close the sockets; idempotent."""
        self._native.close()


def _or_none(payload_type: int | None) -> int:
    """As the extension says it: -1 for none."""
    return -1 if payload_type is None else payload_type
