"""Effects of peers in the worker's terms, and the two tables in step, on a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from streaming.dataplane import (
    ALL_LAYERS,
    ExtensionKind,
    Format,
    SpeakerGroup,
    SubscriptionSpec,
    TrackCodec,
    TrackId,
    TrackKind,
    TrackSpec,
    TransportId,
    Worker,
)
from streaming.errors import Refused
from streaming.forwarding.layers import UNWANTED_AFTER_NS
from streaming.forwarding.router import Encoding
from streaming.identifiers import PeerId, PublicationId
from streaming.sdp.capabilities import HeaderExtension
from streaming.sdp.formats import NegotiatedCodec
from streaming.session.effects import (
    EndPublication,
    RemoveSubscription,
    RemoveTrack,
    SetPublication,
    SetSubscription,
    SetTrack,
    SetTransport,
)
from streaming.session.media import Codec, LayerLimit, MediaKind, Publication, Source
from streaming.switchboard import Switchboard, subscription_spec, track_spec, transport_spec
from streaming.transport.ice_lite import CredentialPair, IceCredentials
from streaming.transport.srtp_keys import SrtpKeys, SrtpProfile

OWNER, OTHER = TransportId(1), TransportId(2)
VP8 = NegotiatedCodec(
    Codec.VP8, 96, 90_000, None, "", 97, frozenset({"nack", "nack pli", "ccm fir", "transport-cc"})
)
H264_BEST = NegotiatedCodec(Codec.H264, 102, 90_000, None, "profile-level-id=42e01f", 103, frozenset())
H264_OTHER = NegotiatedCodec(Codec.H264, 104, 90_000, None, "profile-level-id=640c1f", None, frozenset())
CAMERA = Publication(
    id=PublicationId("pub_camera"),
    peer=PeerId("peer_p"),
    kind=MediaKind.VIDEO,
    source=Source.CAMERA,
    mid="1",
    codec=Codec.VP8,
    clock_rate_hz=90_000,
    channels=1,
    fmtp="",
    rids=("q", "f"),
)
ENCODINGS = (Encoding(10, "q"), Encoding(11, "f"))


def transport(ufrag: str, keys: SrtpKeys | None = None) -> SetTransport:
    pair = CredentialPair(IceCredentials(ufrag, "p" * 24), "remote")
    return SetTransport((pair,), keys, {HeaderExtension.MID: 4}, True, "tandem", True)


def track(number: int, rid: str) -> SetTrack:
    return SetTrack(number, CAMERA.id, 5, MediaKind.VIDEO, VP8, "1", rid, 0, 0)


def subscription(number: int, publication: PublicationId | None = CAMERA.id) -> SetSubscription:
    return SetSubscription(number, MediaKind.VIDEO, 7, 8, "0", (VP8,), "seat", publication)


@pytest.fixture
def worker() -> Iterator[Worker]:
    opened = Worker([("127.0.0.1", 0)])
    yield opened
    opened.close()


@pytest.fixture
def board(worker: Worker) -> Switchboard:
    """A camera with two encodings on one transport, another transport beside it."""
    switchboard = Switchboard(worker, heard_voices=3)
    switchboard.apply(OWNER, transport("owner"))
    switchboard.apply(OTHER, transport("other"))
    for encoding in ENCODINGS:
        switchboard.apply(OWNER, track(encoding.track, encoding.rid))
    switchboard.apply(OWNER, SetPublication(CAMERA, ENCODINGS))
    switchboard.flush()
    return switchboard


def test_a_transport_in_the_workers_terms() -> None:
    keys = SrtpKeys(SrtpProfile.AEAD_AES_256_GCM, b"l" * 44, b"r" * 44)
    spec = transport_spec(transport("owner", keys))
    assert spec.credentials[0].local_ufrag == "owner"
    assert spec.credentials[0].remote_ufrag == "remote"
    assert spec.extensions == {ExtensionKind.MID: 4}
    assert spec.srtp is not None
    assert (spec.srtp.profile.value, spec.srtp.local) == ("AEAD_AES_256_GCM", b"l" * 44)
    assert transport_spec(transport("owner")).srtp is None


def test_every_header_extension_and_codec_has_its_number() -> None:
    assert {extension.name for extension in HeaderExtension} == {kind.name for kind in ExtensionKind}
    assert {codec.name for codec in Codec} == {codec.name for codec in TrackCodec}


def test_a_track_in_the_workers_terms() -> None:
    spec = track_spec(OWNER, track(10, "q"), is_forbidden=True)
    assert (spec.kind, spec.codec, spec.payload_type, spec.rtx_payload_type) == (
        TrackKind.VIDEO,
        TrackCodec.VP8,
        96,
        97,
    )
    assert spec.nack
    assert spec.pli
    assert spec.fir
    assert spec.forbidden
    assert spec.rid == "q"


def test_of_several_profiles_of_a_codec_the_first_is_sent() -> None:
    effect = SetSubscription(1, MediaKind.VIDEO, 7, 8, "0", (H264_BEST, VP8, H264_OTHER), "seat", CAMERA.id)
    spec = subscription_spec(OTHER, effect, TrackId(10))
    assert set(spec.formats) == {Format(TrackCodec.H264, 102, 103), Format(TrackCodec.VP8, 96, 97)}
    assert spec.rtx_ssrc == 8


def test_without_rtx_there_is_no_rtx_ssrc() -> None:
    effect = SetSubscription(1, MediaKind.VIDEO, 7, 8, "0", (H264_OTHER,), "seat", CAMERA.id)
    assert subscription_spec(OTHER, effect, TrackId(10)).rtx_ssrc == 0


def test_tracks_lead_to_their_publication_until_it_ends(board: Switchboard) -> None:
    assert board.publication(CAMERA.id) == CAMERA
    assert board.publication_of_track(TrackId(11)) == CAMERA
    assert board.publication_of_track(TrackId(99)) is None
    board.apply(OWNER, EndPublication(CAMERA))
    assert board.publication(CAMERA.id) is None
    assert board.publication_of_track(TrackId(11)) is None


def test_a_publication_goes_live_once_whatever_is_set_again(board: Switchboard) -> None:
    assert board.mark_live(CAMERA.id)
    board.apply(OWNER, SetPublication(CAMERA, ENCODINGS))
    assert not board.mark_live(CAMERA.id)
    assert not board.mark_live(PublicationId("pub_unknown"))


def test_what_is_not_there_is_refused_by_name(board: Switchboard) -> None:
    unknown = PublicationId("pub_unknown")
    with pytest.raises(Refused, match="publication_unknown"):
        board.set_forbidden(unknown, is_forbidden=True)
    with pytest.raises(Refused, match="publication_unknown"):
        board.request_keyframe(unknown)
    with pytest.raises(Refused, match="publication_unknown"):
        board.publication_statistics(unknown)


def test_subscriptions_reach_the_worker_with_the_highest_track_and_leave_it(board: Switchboard) -> None:
    board.apply(OTHER, subscription(20))
    board.flush()
    counts = board.publication_statistics(CAMERA.id)
    assert {rid: count["subscribers"] for rid, count in counts.items()} == {"q": 0, "f": 1}
    assert board.subscription_statistics(20) != {}
    board.apply(OTHER, RemoveSubscription(20))
    board.flush()
    assert board.subscription_statistics(20) == {}


def test_a_limit_chooses_the_encoding_and_the_frame_rate(
    board: Switchboard, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[SubscriptionSpec] = []
    monkeypatch.setattr(worker, "set_subscription", lambda _, spec: told.append(spec))
    board.apply(OTHER, replace(subscription(20), layers=LayerLimit(spatial=0, temporal=1)))
    board.flush()
    assert (told[-1].track, told[-1].spatial_layer, told[-1].temporal_layer) == (10, ALL_LAYERS, 1)
    board.apply(OWNER, SetPublication(CAMERA, ENCODINGS[1:]))  # one encoding: the limit is of its own layers
    board.apply(OTHER, replace(subscription(20), layers=LayerLimit(spatial=1)))
    board.flush()
    assert (told[-1].track, told[-1].spatial_layer, told[-1].temporal_layer) == (11, 1, ALL_LAYERS)


def test_the_encodings_that_nobody_gets_may_rest_but_not_what_is_recorded(board: Switchboard) -> None:
    board.apply(OTHER, replace(subscription(20), layers=LayerLimit(spatial=0)))
    board.flush()
    assert board.take_wanted_encodings(0) == []
    assert board.take_wanted_encodings(UNWANTED_AFTER_NS) == []  # nothing has come of it yet
    board.mark_live(CAMERA.id)
    assert board.take_wanted_encodings(2 * UNWANTED_AFTER_NS) == [(CAMERA, ("q",))]
    assert board.take_wanted_encodings(3 * UNWANTED_AFTER_NS) == []
    board.open_tap(CAMERA.id, 1 << 16).close()
    assert board.take_wanted_encodings(3 * UNWANTED_AFTER_NS + 1) == [(CAMERA, ("q", "f"))]


def test_a_publication_that_ends_leaves_its_subscriptions_without_a_track(board: Switchboard) -> None:
    board.apply(OTHER, subscription(20))
    board.flush()
    for encoding in ENCODINGS:
        board.apply(OWNER, RemoveTrack(encoding.track))
    board.apply(OWNER, EndPublication(CAMERA))
    board.flush()
    assert board.subscription_statistics(20) != {}


def test_an_encoding_that_falls_silent_gives_way_to_the_one_below(board: Switchboard) -> None:
    board.apply(OTHER, subscription(20))
    board.flush()
    assert board.simulcast_tracks() == (10, 11)
    board.handle_packet_counts({10: 5, 11: 0}, 1)
    counts = board.publication_statistics(CAMERA.id)
    assert {rid: count["subscribers"] for rid, count in counts.items()} == {"q": 1, "f": 0}
    board.handle_packet_counts({10: 9, 11: 3}, 2)
    counts = board.publication_statistics(CAMERA.id)
    assert {rid: count["subscribers"] for rid, count in counts.items()} == {"q": 0, "f": 1}


def test_a_forbidden_publication_stays_so_when_its_tracks_are_set_again(
    board: Switchboard, monkeypatch: pytest.MonkeyPatch, worker: Worker
) -> None:
    seen: list[bool] = []
    original = worker.set_track

    def note(number: TrackId, spec: TrackSpec) -> None:
        seen.append(spec.forbidden)
        original(number, spec)

    monkeypatch.setattr(worker, "set_track", note)
    board.set_forbidden(CAMERA.id, is_forbidden=True)
    board.set_forbidden(CAMERA.id, is_forbidden=True)
    board.apply(OWNER, track(10, "q"))
    board.set_forbidden(CAMERA.id, is_forbidden=False)
    assert seen == [True, True, True, False, False]


def test_a_voice_competes_in_the_group_it_was_given(
    board: Switchboard, monkeypatch: pytest.MonkeyPatch, worker: Worker
) -> None:
    seen: list[SpeakerGroup | None] = []
    original = worker.set_track

    def note(number: TrackId, spec: TrackSpec) -> None:
        seen.append(spec.speakers)
        original(number, spec)

    monkeypatch.setattr(worker, "set_track", note)
    board.set_speaker_group(CAMERA.id, "lesson")
    board.set_speaker_group(CAMERA.id, "lesson")
    board.apply(OWNER, track(10, "q"))
    board.set_speaker_group(CAMERA.id, None)
    assert seen == [*[SpeakerGroup(1, 3)] * 3, None, None]


def test_a_removed_transport_takes_its_tracks_along(board: Switchboard) -> None:
    board.apply(OWNER, EndPublication(CAMERA))
    board.remove_transport(OWNER)
    assert board.publication_of_track(TrackId(10)) is None
    board.remove_transport(OWNER)
