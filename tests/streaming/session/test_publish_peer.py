"""A publisher's offers, recorded from real peers, and what becomes of their sections."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from streaming.errors import Refused, RemoteProtocolError
from streaming.identifiers import PeerId
from streaming.sdp.capabilities import HeaderExtension
from streaming.sdp.parsing import parse_description
from streaming.session.effects import (
    EndPublication,
    RemoveTrack,
    SetPublication,
    SetTrack,
    SetTransport,
    StartDtls,
)
from streaming.session.media import Codec, MediaKind, Source
from streaming.session.publish_peer import PublishOutcome, PublishPeer, assign_sources
from tests.streaming.session.descriptions import SECOND_NS, new_association, seeded_numbers, vector

ALL = frozenset(Source)
SOURCES = {"0": Source.MICROPHONE, "1": Source.CAMERA}


def publisher() -> PublishPeer:
    numbers = seeded_numbers()
    return PublishPeer(PeerId("peer_p"), new_association(numbers), numbers)


def offer(
    peer: PublishPeer,
    name: str,
    sources: Mapping[str, Source] | None = None,
    allowed: frozenset[Source] = ALL,
) -> PublishOutcome:
    return peer.apply_offer(vector(name), sources, allowed, 0)


def tracks(outcome: PublishOutcome) -> list[SetTrack]:
    return [effect for effect in outcome.effects if isinstance(effect, SetTrack)]


def test_simulcast_becomes_one_track_per_rid_on_one_clock() -> None:
    outcome = offer(publisher(), "chromium_publish_simulcast", SOURCES)
    voice, picture = outcome.publications
    assert (voice.source, voice.codec, voice.channels) == (Source.MICROPHONE, Codec.OPUS, 2)
    assert (picture.source, picture.kind) == (Source.CAMERA, MediaKind.VIDEO)
    assert len(picture.rids) >= 2
    of_picture = [track for track in tracks(outcome) if track.publication == picture.id]
    assert tuple(track.rid for track in of_picture) == picture.rids
    assert len({track.clock_source for track in of_picture}) == 1
    assert all(track.ssrc == 0 for track in of_picture), "bound by rid"
    (of_voice,) = (track for track in tracks(outcome) if track.publication == voice.id)
    assert of_voice.ssrc != 0
    assert of_voice.clock_source != of_picture[0].clock_source


def test_the_transport_is_set_before_its_tracks_and_dtls_waits_for_the_client() -> None:
    outcome = offer(publisher(), "chromium_publish_simulcast", SOURCES)
    transport, dtls, *_ = outcome.effects
    assert isinstance(transport, SetTransport)
    assert isinstance(dtls, StartDtls)
    assert dtls.is_server
    assert transport.keys is None
    assert transport.has_transport_cc
    assert {HeaderExtension.MID, HeaderExtension.RID} <= transport.extensions.keys()
    assert "a=setup:passive" in outcome.answer
    assert "a=end-of-candidates" in outcome.answer
    assert "2001:db8::1" in outcome.answer


def test_ffmpeg_is_answered_as_dtls_client() -> None:
    outcome = offer(publisher(), "ffmpeg_whip")
    (dtls,) = (effect for effect in outcome.effects if isinstance(effect, StartDtls))
    assert not dtls.is_server
    assert {p.source for p in outcome.publications} == {Source.MICROPHONE, Source.CAMERA}


@pytest.mark.parametrize("name", ["aiortc_publish", "gstreamer_publish_vp8", "chromium_publish_sendrecv"])
def test_other_peers_publish_by_the_order_of_their_sections(name: str) -> None:
    outcome = offer(publisher(), name)
    assert {p.source for p in outcome.publications} <= {Source.MICROPHONE, Source.CAMERA, Source.SCREEN}
    assert all(isinstance(p.clock_rate_hz, int) for p in outcome.publications)
    assert outcome.publications


def test_a_source_that_is_not_allowed_is_refused_and_nothing_changes() -> None:
    peer = publisher()
    with pytest.raises(Refused, match="publish_not_permitted"):
        offer(peer, "chromium_publish_simulcast", SOURCES, frozenset({Source.MICROPHONE}))
    assert peer.publications == ()
    assert peer.deadline_ns is None
    assert offer(peer, "chromium_publish_simulcast", SOURCES).publications


@pytest.mark.parametrize(
    "sources",
    [
        {"0": Source.MICROPHONE},
        {"0": Source.CAMERA, "1": Source.MICROPHONE},
        {"0": Source.SCREEN_AUDIO, "1": Source.SCREEN_AUDIO},
    ],
)
def test_sources_have_to_fit_their_sections(sources: Mapping[str, Source]) -> None:
    with pytest.raises(RemoteProtocolError, match="sdp_unsupported"):
        assign_sources(parse_description(vector("chromium_publish_simulcast")), sources)


def test_two_sections_cannot_be_one_source() -> None:
    description = parse_description(vector("chromium_publish_simulcast").replace("m=audio", "m=video"))
    with pytest.raises(RemoteProtocolError, match="two sections"):
        assign_sources(description, {"0": Source.CAMERA, "1": Source.CAMERA})


def test_the_same_offer_again_keeps_publications_and_tracks() -> None:
    peer = publisher()
    first = offer(peer, "chromium_publish_simulcast", SOURCES)
    again = offer(peer, "chromium_publish_simulcast", {})
    assert again.publications == first.publications
    assert [t.id for t in tracks(again)] == [t.id for t in tracks(first)]
    assert not any(isinstance(e, EndPublication | RemoveTrack | StartDtls) for e in again.effects)


def test_a_stopped_section_ends_its_publication_and_a_new_start_is_a_new_one() -> None:
    peer = publisher()
    first = offer(peer, "chromium_publish_simulcast", SOURCES)
    text = vector("chromium_publish_simulcast")
    head, video = text.split("m=video")
    stopped = peer.apply_offer(head + "m=video" + video.replace("a=sendonly", "a=inactive"), None, ALL, 0)
    voice, picture = first.publications
    assert stopped.publications == (voice,)
    assert EndPublication(picture) in stopped.effects
    assert sum(isinstance(effect, RemoveTrack) for effect in stopped.effects) == len(picture.rids)
    started = offer(peer, "chromium_publish_simulcast", SOURCES)
    assert started.publications[1].id != picture.id


def test_another_source_in_a_section_is_another_publication() -> None:
    peer = publisher()
    first = offer(peer, "chromium_publish_simulcast", SOURCES)
    second = offer(peer, "chromium_publish_simulcast", {"1": Source.SCREEN})
    assert EndPublication(first.publications[1]) in second.effects
    assert second.publications[1].source is Source.SCREEN


def test_an_ice_restart_keeps_dtls_and_gives_both_credentials_to_the_worker() -> None:
    peer = publisher()
    first = offer(peer, "chromium_publish_simulcast", SOURCES)
    before = peer.association.ice.local
    text = vector("chromium_publish_simulcast").replace("a=ice-ufrag:pzfJ", "a=ice-ufrag:newU")
    restarted = peer.apply_offer(text, None, ALL, 0)
    transport = restarted.effects[0]
    assert isinstance(transport, SetTransport)
    newest, older = transport.credentials
    assert (newest.remote_ufrag, older.remote_ufrag) == ("newU", "pzfJ")
    assert older.local == before
    assert f"a=ice-ufrag:{newest.local.ufrag}" in restarted.answer
    assert restarted.publications == first.publications


def test_another_fingerprint_is_refused() -> None:
    peer = publisher()
    offer(peer, "chromium_publish_simulcast", SOURCES)
    other = vector("chromium_publish_simulcast").replace("sha-256 40:", "sha-256 41:")
    with pytest.raises(RemoteProtocolError, match="fingerprint"):
        peer.apply_offer(other, None, ALL, 0)


def test_h264_publications_carry_their_profile() -> None:
    peer = publisher()
    picture = offer(peer, "chromium_publish_simulcast", SOURCES).publications[1]
    assert picture.codec is Codec.H264
    assert "profile-level-id=42" in picture.fmtp


def test_close_ends_every_publication_once() -> None:
    peer = publisher()
    outcome = offer(peer, "chromium_publish_simulcast", SOURCES)
    assert peer.deadline_ns == 20 * SECOND_NS
    assert peer.close() == [EndPublication(p) for p in outcome.publications]
    assert peer.close() == []


def test_publications_are_set_with_their_encodings() -> None:
    outcome = offer(publisher(), "chromium_publish_simulcast", SOURCES)
    for effect in outcome.effects:
        if isinstance(effect, SetPublication):
            own = [t for t in tracks(outcome) if t.publication == effect.publication.id]
            assert [(e.track, e.rid) for e in effect.encodings] == [(t.id, t.rid) for t in own]
