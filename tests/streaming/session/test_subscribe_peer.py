"""The subscriber's negotiation: one offer at a time, sections used again, nothing flows before its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from streaming.errors import Refused, RemoteProtocolError
from streaming.identifiers import PeerId, PublicationId
from streaming.sdp.attributes import Direction, Fingerprint
from streaming.sdp.parsing import parse_description
from streaming.session.effects import (
    ClosePeer,
    Effect,
    RemoveSubscription,
    SendOffer,
    SetSubscription,
    SetTransport,
    StartDtls,
)
from streaming.session.media import LayerLimit, MediaKind, Publication, WantedTrack
from streaming.session.subscribe_peer import MAX_TRACKS_PER_KIND, SubscribePeer, Wish
from tests.streaming.session.descriptions import (
    SECOND_NS,
    answer_to,
    new_association,
    publication,
    seeded_numbers,
)

CAMERA = publication("camera")
SCREEN = publication("screen")
VOICE = publication("voice", MediaKind.AUDIO)


def subscriber() -> SubscribePeer:
    numbers = seeded_numbers()
    association = new_association(numbers)
    return SubscribePeer(PeerId("peer_a"), association, numbers, negotiation_timeout_ns=15 * SECOND_NS)


def wishes(*publications: Publication, low_layer: bool = False) -> list[Wish]:
    return [Wish(WantedTrack(p.id, "seat_1", low_layer), p) for p in publications]


def offers(effects: Sequence[Effect]) -> list[SendOffer]:
    return [effect for effect in effects if isinstance(effect, SendOffer)]


def subscriptions(effects: Sequence[Effect]) -> list[SetSubscription]:
    return [effect for effect in effects if isinstance(effect, SetSubscription)]


def accept(peer: SubscribePeer, effects: Sequence[Effect], now_ns: int = 0) -> list[Effect]:
    """Answer the one offer among `effects`."""
    (offer,) = offers(effects)
    return peer.apply_answer(offer.offer_id, answer_to(offer.sdp), now_ns)


def test_the_first_wish_is_offered_and_flows_after_the_answer() -> None:
    peer = subscriber()
    effects = peer.set_wishes(wishes(VOICE, CAMERA), 0)
    transport, offer = effects
    assert isinstance(transport, SetTransport)
    assert transport.credentials[0].remote_ufrag == ""
    assert isinstance(offer, SendOffer)
    assert [(s.mid, s.publication) for s in offer.sections] == [("0", VOICE.id), ("1", CAMERA.id)]
    assert "a=setup:actpass" in offer.sdp
    assert subscriptions(effects) == []

    effects = accept(peer, effects)
    assert isinstance(effects[0], SetTransport)
    assert effects[0].credentials[0].remote_ufrag == "wxyz"
    assert any(isinstance(effect, StartDtls) and effect.is_server for effect in effects)
    flowing = subscriptions(effects)
    assert [s.publication for s in flowing] == [VOICE.id, CAMERA.id]
    assert not any(s.is_paused for s in flowing)
    assert len({s.ssrc for s in flowing} | {s.rtx_ssrc for s in flowing}) == 4
    assert peer.subscriptions.keys() == {VOICE.id, CAMERA.id}


def test_voice_and_picture_of_a_seat_share_their_stream() -> None:
    """libwebrtc pairs lips by the stream id of msid (checklist 23)."""
    (offer,) = offers(subscriber().set_wishes(wishes(VOICE, CAMERA), 0))
    streams = {media.msids[0].stream_id for media in parse_description(offer.sdp).media}
    assert streams == {"seat_1"}


def test_wishes_during_an_offer_are_offered_after_its_answer() -> None:
    peer = subscriber()
    first = peer.set_wishes(wishes(CAMERA), 0)
    assert peer.set_wishes(wishes(CAMERA, VOICE), 0) == []
    assert peer.set_wishes(wishes(VOICE), 0) == []
    effects = accept(peer, first)
    (camera,) = subscriptions(effects)
    assert camera.is_paused, "no longer wanted: it must not flow for a moment"
    (offer,) = offers(effects)
    assert [s.publication for s in offer.sections] == [VOICE.id]
    effects = peer.apply_answer(offer.offer_id, answer_to(offer.sdp), 0)
    assert [e for e in effects if isinstance(e, RemoveSubscription)] == [RemoveSubscription(camera.id)]
    assert [s.publication for s in subscriptions(effects)] == [VOICE.id]


def test_an_unwanted_track_is_paused_at_once_and_its_section_used_again_with_another_ssrc() -> None:
    peer = subscriber()
    effects = accept(peer, peer.set_wishes(wishes(CAMERA), 0))
    (camera,) = subscriptions(effects)
    effects = peer.set_wishes([], 0)
    assert [s.is_paused for s in subscriptions(effects)] == [True]
    (offer,) = offers(effects)
    assert offer.sections == ()
    assert parse_description(offer.sdp).media[0].direction is Direction.INACTIVE
    accept(peer, effects)
    effects = peer.set_wishes(wishes(SCREEN), 0)
    (offer,) = offers(effects)
    assert [(s.mid, s.publication) for s in offer.sections] == [("0", SCREEN.id)]
    (screen,) = subscriptions(accept(peer, effects))
    assert screen.ssrc != camera.ssrc
    assert screen.id != camera.id


def test_a_track_wanted_again_before_its_removal_was_offered_just_goes_on() -> None:
    peer = subscriber()
    accept(peer, peer.set_wishes(wishes(CAMERA), 0))
    offer = peer.set_wishes(wishes(CAMERA, VOICE), 0)
    (paused,) = subscriptions(peer.set_wishes(wishes(VOICE), 0))
    (resumed,) = subscriptions(peer.set_wishes(wishes(CAMERA, VOICE), 0))
    assert (paused.is_paused, resumed.is_paused) == (True, False)
    assert paused.ssrc == resumed.ssrc
    assert offers(accept(peer, offer)) == []


def test_a_change_of_layer_needs_no_negotiation() -> None:
    peer = subscriber()
    accept(peer, peer.set_wishes(wishes(CAMERA), 0))
    effects = peer.set_wishes(wishes(CAMERA, low_layer=True), 0)
    assert [s.low_layer for s in subscriptions(effects)] == [True]
    assert offers(effects) == []
    assert peer.set_wishes(wishes(CAMERA, low_layer=True), 0) == []
    limited = [
        Wish(replace(wish.track, layers=LayerLimit(1, 0)), wish.publication) for wish in wishes(CAMERA)
    ]
    assert [s.layers for s in subscriptions(peer.set_wishes(limited, 0))] == [LayerLimit(1, 0)]
    held = [Wish(replace(wish.track, is_held=True), wish.publication) for wish in wishes(CAMERA)]
    assert [s.is_paused for s in subscriptions(peer.set_wishes(held, 0))] == [True]
    assert [s.is_paused for s in subscriptions(peer.set_wishes(wishes(CAMERA), 0))] == [False]


def test_a_refused_track_is_withdrawn_once_and_not_offered_again_until_it_was_unwanted() -> None:
    peer = subscriber()
    effects = peer.set_wishes(wishes(VOICE, CAMERA), 0)
    (offer,) = offers(effects)
    effects = peer.apply_answer(offer.offer_id, answer_to(offer.sdp, refused_mids=["1"]), 0)
    assert [s.publication for s in subscriptions(effects)] == [VOICE.id]
    refused = [peer.refused]
    effects = accept(peer, effects)
    assert offers(effects) == []
    assert peer.set_wishes(wishes(VOICE, CAMERA), 0) == []
    accept(peer, peer.set_wishes(wishes(VOICE, CAMERA, SCREEN), 0))
    refused.append(peer.refused)
    peer.set_wishes(wishes(VOICE, SCREEN), 0)
    refused.append(peer.refused)
    assert refused == [(CAMERA.id,), (CAMERA.id,), ()]
    assert len(offers(peer.set_wishes(wishes(VOICE, SCREEN, CAMERA), 0))) == 1


def test_an_ended_publication_is_forgotten() -> None:
    peer = subscriber()
    accept(peer, peer.set_wishes(wishes(VOICE, CAMERA), 0))
    effects = peer.forget([CAMERA.id], 0)
    (offer,) = offers(effects)
    assert [s.publication for s in offer.sections] == [VOICE.id]
    assert peer.forget([PublicationId("pub_unknown")], 0) == []


def test_a_restart_offers_new_credentials_and_keeps_both_pairs() -> None:
    peer = subscriber()
    accept(peer, peer.set_wishes(wishes(CAMERA), 0))
    before = peer.association.ice.local
    effects = peer.restart(0)
    announced = effects[0]
    assert isinstance(announced, SetTransport)
    assert [pair.local for pair in announced.credentials] == [peer.association.ice.local, before]
    (offer,) = offers(effects)
    assert f"a=ice-ufrag:{peer.association.ice.local.ufrag}" in offer.sdp
    effects = peer.apply_answer(offer.offer_id, answer_to(offer.sdp, ufrag="newu"), 0)
    assert isinstance(effects[0], SetTransport)
    assert [pair.remote_ufrag for pair in effects[0].credentials] == ["newu", "wxyz"]
    assert not any(isinstance(effect, StartDtls) for effect in effects), "the DTLS association stays"
    assert offers(effects) == []


def test_a_restart_during_an_offer_waits_and_one_before_any_section_is_nothing() -> None:
    peer = subscriber()
    assert peer.restart(0) == []
    first = peer.set_wishes(wishes(CAMERA), 0)
    ufrag = peer.association.ice.local.ufrag
    assert peer.restart(0) == []
    (offer,) = offers(accept(peer, first))
    assert f"a=ice-ufrag:{ufrag}" not in offer.sdp


def test_answers_to_other_offers_are_outdated() -> None:
    peer = subscriber()
    with pytest.raises(Refused, match="offer_outdated"):
        peer.apply_answer(1, "", 0)
    (offer,) = offers(peer.set_wishes(wishes(CAMERA), 0))
    with pytest.raises(Refused, match="offer_outdated"):
        peer.apply_answer(offer.offer_id + 1, answer_to(offer.sdp), 0)
    peer.apply_answer(offer.offer_id, answer_to(offer.sdp), 0)
    with pytest.raises(Refused, match="offer_outdated"):
        peer.apply_answer(offer.offer_id, answer_to(offer.sdp), 0)


def test_a_bad_answer_changes_nothing_and_the_right_one_may_follow() -> None:
    peer = subscriber()
    effects = peer.set_wishes(wishes(CAMERA), 0)
    (offer,) = offers(effects)
    with pytest.raises(RemoteProtocolError):
        peer.apply_answer(offer.offer_id, "v=0\r\nnonsense", 0)
    assert len(subscriptions(accept(peer, effects))) == 1


def test_another_certificate_is_another_peer() -> None:
    peer = subscriber()
    accept(peer, peer.set_wishes(wishes(CAMERA), 0))
    (offer,) = offers(peer.set_wishes(wishes(CAMERA, VOICE), 0))
    stranger = answer_to(offer.sdp, fingerprint=Fingerprint("sha-256", bytes(32)))
    with pytest.raises(RemoteProtocolError, match="fingerprint"):
        peer.apply_answer(offer.offer_id, stranger, 0)


def test_an_offer_without_an_answer_closes_the_peer() -> None:
    peer = subscriber()
    peer.set_wishes(wishes(CAMERA), SECOND_NS)
    assert peer.deadline_ns == 16 * SECOND_NS
    assert peer.handle_time(16 * SECOND_NS - 1) == []
    assert peer.handle_time(16 * SECOND_NS) == [ClosePeer("negotiation_timeout")]


def test_a_peer_that_answers_and_never_connects_is_closed() -> None:
    peer = subscriber()
    deadlines = [peer.deadline_ns]
    accept(peer, peer.set_wishes(wishes(CAMERA), 0), now_ns=SECOND_NS)
    deadlines.append(peer.deadline_ns)
    assert deadlines == [None, 21 * SECOND_NS]
    assert peer.handle_time(21 * SECOND_NS) == [ClosePeer("connect_timeout")]


def test_no_more_tracks_of_a_kind_than_there_is_room_for() -> None:
    peer = subscriber()
    many = [publication(f"wall{i}") for i in range(MAX_TRACKS_PER_KIND + 5)]
    (offer,) = offers(peer.set_wishes(wishes(*many, VOICE), 0))
    assert len(offer.sections) == MAX_TRACKS_PER_KIND + 1
    accept(peer, [offer])
    (offer,) = offers(peer.set_wishes(wishes(*many[5:], VOICE), 0))
    assert len(parse_description(offer.sdp).media) == MAX_TRACKS_PER_KIND + 1


def test_close_takes_back_what_the_worker_knows() -> None:
    peer = subscriber()
    effects = accept(peer, peer.set_wishes(wishes(CAMERA, VOICE), 0))
    numbers = {s.id for s in subscriptions(effects)}
    assert set(peer.close()) == {RemoveSubscription(number) for number in numbers}
    assert peer.subscriptions == {}
    assert peer.close() == []


POOL = [
    *(publication(f"picture{i}") for i in range(4)),
    *(publication(f"voice{i}", MediaKind.AUDIO) for i in range(3)),
]


class Negotiation(RuleBasedStateMachine):
    """Any order of wishes, ends, restarts and answers; a model of what the worker was told."""

    def __init__(self) -> None:
        super().__init__()
        self.peer = subscriber()
        self.wanted: dict[PublicationId, Publication] = {}
        self.outstanding: SendOffer | None = None
        self.worker: dict[int, SetSubscription] = {}
        self.ssrcs: dict[int, PublicationId | None] = {}
        self.places: dict[str, str] = {}

    def take(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case SendOffer():
                    assert self.outstanding is None, "one offer at a time"
                    self.outstanding = effect
                    for media in parse_description(effect.sdp).media:
                        assert self.places.setdefault(media.mid or "", media.kind) == media.kind
                case SetSubscription():
                    self.worker[effect.id] = effect
                    assert self.ssrcs.setdefault(effect.ssrc, effect.publication) == effect.publication
                case RemoveSubscription():
                    del self.worker[effect.id]
                case _:
                    pass

    @rule(chosen=st.sets(st.sampled_from(POOL)), low_layer=st.booleans())
    def wish(self, chosen: set[Publication], low_layer: bool) -> None:
        self.wanted = {p.id: p for p in chosen}
        self.take(self.peer.set_wishes(wishes(*chosen, low_layer=low_layer), 0))

    @rule(ended=st.sampled_from(POOL))
    def end(self, ended: Publication) -> None:
        self.wanted.pop(ended.id, None)
        self.take(self.peer.forget([ended.id], 0))

    @rule()
    def restart(self) -> None:
        self.take(self.peer.restart(0))

    @precondition(lambda self: self.outstanding is not None)
    @rule(refused=st.sets(st.sampled_from(["1", "2"])))
    def answer(self, refused: set[str]) -> None:
        offer, self.outstanding = self.outstanding, None
        assert offer is not None
        self.take(self.peer.apply_answer(offer.offer_id, answer_to(offer.sdp, refused_mids=refused), 0))

    @invariant()
    def nothing_unwanted_flows(self) -> None:
        flowing = [spec for spec in self.worker.values() if not spec.is_paused]
        assert {spec.publication for spec in flowing} <= self.wanted.keys()
        assert len({spec.mid for spec in flowing}) == len(flowing)

    @invariant()
    def at_rest_everything_wanted_flows(self) -> None:
        if self.outstanding is None:
            flowing = {spec.publication for spec in self.worker.values() if not spec.is_paused}
            assert flowing == self.wanted.keys() - set(self.peer.refused)
            assert not any(spec.is_paused for spec in self.worker.values())


TestNegotiation = Negotiation.TestCase
TestNegotiation.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
