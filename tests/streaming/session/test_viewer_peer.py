"""The viewer: two sections for life, sources switched inside them."""

from __future__ import annotations

import pytest

from streaming.errors import RemoteProtocolError
from streaming.forwarding.layers import LayerLimit
from streaming.identifiers import PeerId
from streaming.session.effects import RemoveSubscription, SetSubscription, SetTransport
from streaming.session.media import Codec, MediaKind, Publication
from streaming.session.viewer_peer import ViewerPeer, ViewOutcome
from tests.streaming.session.descriptions import new_association, publication, seeded_numbers, vector

CAMERA = publication("camera", codec=Codec.VP9)
VOICE = publication("voice", MediaKind.AUDIO)
STAGE = publication("stage")


def viewer() -> ViewerPeer:
    numbers = seeded_numbers()
    return ViewerPeer(PeerId("peer_v"), new_association(numbers), numbers)


def open_view(
    peer: ViewerPeer,
    audio: Publication | None = VOICE,
    video: Publication | None = CAMERA,
    name: str = "chromium_view_recvonly",
) -> ViewOutcome:
    return peer.apply_offer(vector(name), {MediaKind.AUDIO: audio, MediaKind.VIDEO: video}, 0)


def sent(outcome: ViewOutcome) -> dict[MediaKind, SetSubscription]:
    return {effect.kind: effect for effect in outcome.effects if isinstance(effect, SetSubscription)}


def test_both_sections_are_fed_from_the_start_with_the_sources_codec_first() -> None:
    outcome = open_view(viewer())
    specs = sent(outcome)
    assert specs[MediaKind.AUDIO].publication == VOICE.id
    assert specs[MediaKind.VIDEO].publication == CAMERA.id
    assert specs[MediaKind.VIDEO].formats[0].name is Codec.VP9
    assert {f.name for f in specs[MediaKind.VIDEO].formats} >= {Codec.VP8, Codec.H264}
    assert f"a=ssrc:{specs[MediaKind.VIDEO].ssrc}" in outcome.answer
    assert "a=sendonly" in outcome.answer


def test_a_limit_of_layers_goes_with_every_section() -> None:
    numbers = seeded_numbers()
    limit = LayerLimit(spatial=1)
    peer = ViewerPeer(PeerId("peer_v"), new_association(numbers), numbers, limit)
    assert {spec.layers for spec in sent(open_view(peer)).values()} == {limit}


def test_sections_without_a_source_wait_for_one() -> None:
    peer = viewer()
    assert {spec.publication for spec in sent(open_view(peer, None, None)).values()} == {None}
    (change,) = peer.set_sources({MediaKind.VIDEO: STAGE.id})
    assert isinstance(change, SetSubscription)
    assert change.publication == STAGE.id
    assert peer.subscriptions == {STAGE.id: change.id}


def test_a_switch_keeps_the_ssrc_and_an_equal_one_is_nothing() -> None:
    peer = viewer()
    before = sent(open_view(peer))[MediaKind.VIDEO]
    sources = {MediaKind.AUDIO: VOICE.id, MediaKind.VIDEO: STAGE.id}
    (after,) = peer.set_sources(sources)
    assert isinstance(after, SetSubscription)
    assert (after.ssrc, after.id, after.mid) == (before.ssrc, before.id, before.mid)
    assert peer.set_sources(sources) == []


@pytest.mark.parametrize("name", ["aiortc_view_datachannel", "firefox_view_recvonly"])
def test_other_players_are_answered(name: str) -> None:
    assert sent(open_view(viewer(), name=name)).keys() == set(MediaKind)


def test_an_ice_restart_by_offer_keeps_what_flows() -> None:
    peer = viewer()
    open_view(peer)
    text = vector("chromium_view_recvonly")
    ufrag = next(line for line in text.splitlines() if line.startswith("a=ice-ufrag:"))
    outcome = peer.apply_offer(
        text.replace(ufrag, "a=ice-ufrag:newU"), {MediaKind.AUDIO: VOICE, MediaKind.VIDEO: CAMERA}, 0
    )
    transport = outcome.effects[0]
    assert isinstance(transport, SetTransport)
    assert len(transport.credentials) == 2
    assert sent(outcome) == {}


def test_a_bad_offer_changes_nothing() -> None:
    peer = viewer()
    with pytest.raises(RemoteProtocolError):
        peer.apply_offer("nonsense", {}, 0)
    assert peer.mids == ()
    assert peer.deadline_ns is None


def test_close_takes_both_back() -> None:
    peer = viewer()
    specs = sent(open_view(peer))
    assert set(peer.close()) == {RemoveSubscription(spec.id) for spec in specs.values()}
    assert peer.close() == []
