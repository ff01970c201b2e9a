"""The room as a rule-based state machine: crashes, reconnects, lost peers and requests of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from signaling.board_events import Deck, Signal, Slide
from signaling.board_messages import (
    ClearInk,
    DrawInk,
    PickOf,
    PickRandom,
    PollAnswer,
    PollClose,
    PollOpen,
    RaiseSignal,
    RoundAnswer,
    RoundDone,
    RoundOpen,
    RoundPhase,
    SetMarker,
    SetTimer,
    ShowSlide,
)
from signaling.commands import (
    DecksChanged,
    StartLesson,
    TimePassed,
)
from signaling.control_events import Admission, Block
from signaling.control_messages import (
    Admit,
    BanSeat,
    ClassroomBlock,
    ForbidAll,
    GoOnLocally,
    GrantAbility,
    LessonResume,
    LessonSuspend,
    LiftBan,
    Listen,
    LiveConsent,
    RefuseAdmission,
    SetAdmission,
    SetPolicy,
    Whisper,
)
from signaling.device_check import Measures
from signaling.effects import StartSource, StopSource
from signaling.events import Seat
from signaling.link_events import Receive
from signaling.link_messages import CheckDevices, SetReceive
from signaling.messages import (
    FloorGrant,
    FloorRequest,
    FloorRevoke,
    FloorWithdraw,
    Leave,
    LessonStart,
    Mute,
    MuteAll,
    PublicationEnable,
    RecordingConsent,
    Remove,
    RoomBody,
    SetStage,
    Unmute,
)
from signaling.ports import RecordingPolicy
from signaling.roles import FORWARD, Ability, Right, Role, right_of
from signaling.room import Room
from signaling.room_state import RoomState
from signaling.rounds import AnswerKind, Phase
from signaling.snapshot import serialize_snapshot
from signaling.talk_messages import DecideText, MovePointer, SendPrivateText, SendText
from streaming.errors import Refused
from streaming.identifiers import PublicationId, SeatId
from streaming.session.media import (
    PeerClosed,
    Source,
)
from tests.signaling.room_driver import SECOND_NS, Client, RoomDriver, claims

MASTER = claims("master", consent=True)
CLASSROOM_A = claims("classroom_a")
CLASSROOM_B = claims("classroom_b")
ASSISTANT_A = claims("assistant_a")
STUDENT_A = claims("student_a")
OBSERVER = claims("observer")
CAMERA, MICROPHONE = Source.CAMERA, Source.MICROPHONE


def snapshot(room: Room) -> dict[str, object]:
    found: dict[str, object] = json.loads(serialize_snapshot(room.state))
    return found


PEOPLE = (MASTER, CLASSROOM_A, CLASSROOM_B, ASSISTANT_A, STUDENT_A, claims("student_b"), OBSERVER)
SEATS = st.sampled_from([who.seat for who in PEOPLE])
REQUESTS: st.SearchStrategy[RoomBody] = st.one_of(
    st.builds(FloorRequest, st.none() | SEATS),
    st.builds(FloorWithdraw, st.none() | SEATS),
    st.builds(FloorGrant, SEATS),
    st.builds(FloorRevoke, SEATS),
    st.builds(Mute, SEATS),
    st.builds(Unmute, SEATS),
    st.just(MuteAll()),
    st.builds(RecordingConsent, st.booleans()),
    st.just(LessonStart()),
    st.just(Leave()),
    st.builds(PublicationEnable, st.just(PublicationId("pub_1/camera")), st.booleans()),
    st.builds(SetStage, st.lists(SEATS, max_size=3, unique=True).map(tuple)),
)
CLASSROOMS = st.sampled_from(["a", "b"])
CONTROLS: st.SearchStrategy[RoomBody] = st.one_of(
    st.just(LessonSuspend()),
    st.just(LessonResume()),
    st.builds(ForbidAll, st.booleans()),
    st.builds(ClassroomBlock, CLASSROOMS, st.none() | st.sampled_from(Block)),
    st.just(GoOnLocally()),
    st.builds(SetAdmission, st.sampled_from(Admission)),
    st.builds(Admit, SEATS),
    st.builds(RefuseAdmission, SEATS),
    st.builds(Remove, SEATS),
    st.builds(BanSeat, SEATS),
    st.builds(LiftBan, SEATS),
    st.builds(GrantAbility, SEATS, st.sampled_from([Ability.ANNOTATE, Ability.SEND_TEXT]), st.booleans()),
    st.builds(SetPolicy, st.sampled_from(Ability), st.booleans()),
    st.builds(LiveConsent, st.booleans(), st.booleans(), st.none() | SEATS),
    st.builds(Whisper, st.none() | SEATS),
    st.builds(Listen, st.none() | SEATS),
)
NUMBERS = st.integers(1, 4)
COUNTS = st.sampled_from([(1, 2), (3, 3), (2, 1), (1, 2, 3)])
DECK = Deck("deck_1", "Fractions", 2)
SLIDES = st.builds(Slide, st.just(DECK.id), st.integers(1, 3))
BOARD: st.SearchStrategy[RoomBody] = st.one_of(
    st.builds(RoundOpen, st.just("?"), st.sampled_from(AnswerKind), st.just(("yes", "no"))),
    st.builds(RoundPhase, NUMBERS, st.sampled_from(Phase), st.none() | st.just(30), st.none()),
    st.builds(RoundDone, NUMBERS),
    st.builds(RoundAnswer, NUMBERS, COUNTS, st.none(), st.none() | SEATS),
    st.builds(RoundAnswer, NUMBERS, st.just(()), st.just("three"), st.none() | SEATS),
    st.builds(RoundAnswer, NUMBERS, st.just(()), st.none(), st.none() | SEATS, st.just("photo_1")),
    st.builds(PollOpen, st.just("?"), st.just(("yes", "no"))),
    st.builds(PollAnswer, NUMBERS, COUNTS, st.none()),
    st.builds(PollClose, NUMBERS),
    st.builds(RaiseSignal, st.none() | st.sampled_from(Signal)),
    st.just(SetMarker("here")),
    st.builds(SetTimer, st.none() | st.just(10), st.just("")),
    st.builds(PickRandom, st.sampled_from(PickOf), st.just(7)),
    st.builds(ShowSlide, st.none() | SLIDES),
    st.builds(DrawInk, SLIDES, st.just("#000000"), st.just(3), st.just(((1, 2), (3, 4)))),
    st.builds(ClearInk, SLIDES),
    st.builds(MovePointer, st.just(1), st.just(2)),
    st.just(SendText("hello")),
    st.builds(DecideText, NUMBERS, st.booleans()),
    st.builds(SendPrivateText, SEATS, st.just("psst")),
    st.builds(CheckDevices, st.builds(Measures, down_bps=st.none() | st.just(80_000))),
    st.builds(SetReceive, st.sampled_from(Receive), st.none() | SEATS),
)
TARGETED: dict[type[RoomBody], Ability] = {
    FloorGrant: Ability.GRANT_FLOOR,
    FloorRevoke: Ability.REVOKE_FLOOR,
    Mute: Ability.MUTE,
    Unmute: Ability.MUTE,
    Remove: Ability.REMOVE,
}


def may_pass(state: RoomState, owner: Seat, source: Source) -> bool:
    """The rule of docs/protocol.md, written down a second time."""
    ability, controls, is_master = FORWARD[source], state.controls, owner.role is Role.MASTER
    right = right_of(owner.role, ability)
    is_stopped = state.lesson.state in ("suspended", "ended") or (
        not is_master and (controls.is_all_forbidden or ability in controls.denied)
    )
    if source is not Source.WHISPER and owner.classroom in controls.blocks:
        is_stopped = True
    is_voice = source in (Source.MICROPHONE, Source.WHISPER)
    consents = owner.voice_consent if is_voice else owner.video_consent or source is not CAMERA
    has_right = right is Right.ALWAYS or (right is Right.ON_STAGE and state.is_on_stage(owner.id))
    if right is Right.GRANTED:
        has_right = ability in controls.grants.get(owner.id, ())
    if source is MICROPHONE and owner.id in controls.listens.values():
        has_right = True
    return has_right and consents and not is_stopped and not (is_voice and owner.muted)


class RoomMachine(RuleBasedStateMachine):
    """Anything may happen in any order; every seat that was told everything knows the same room."""

    def __init__(self) -> None:
        super().__init__()
        self.driver = RoomDriver(RecordingPolicy.STAGE)
        self.people = {who.seat: who for who in PEOPLE}
        self.clients: dict[str, Client] = {}
        self.snapshots: dict[int, object] = {}
        self.recorded: set[str] = set()
        self.steps = 0

    @initialize()
    def everybody_comes(self) -> None:
        for seat in self.people:
            self.connect(seat, resumes=False)
            self.publish(seat, is_whip=False)

    @rule(seat=SEATS, resumes=st.booleans())
    def connect(self, seat: SeatId, resumes: bool) -> None:
        client = self.clients.get(seat) if resumes else None
        with suppress(Refused):
            self.clients[seat] = self.driver.connect(self.people[seat], client)

    @precondition(lambda self: self.driver.connection_of)
    @rule(data=st.data())
    def lose_socket(self, data: st.DataObject) -> None:
        self.driver.disconnect(data.draw(st.sampled_from(sorted(self.driver.connection_of))))

    @precondition(lambda self: self.driver.connection_of)
    @rule(data=st.data(), request=REQUESTS)
    def ask(self, data: st.DataObject, request: RoomBody) -> None:
        self.ask_as(data.draw(st.sampled_from(sorted(self.driver.connection_of))), request)

    @precondition(lambda self: "master" in self.driver.connection_of)
    @rule(request=REQUESTS)
    def ask_as_master(self, request: RoomBody) -> None:
        self.ask_as("master", request)

    @precondition(lambda self: "assistant_a" in self.driver.connection_of)
    @rule(request=REQUESTS)
    def ask_as_assistant(self, request: RoomBody) -> None:
        self.ask_as("assistant_a", request)

    @precondition(lambda self: self.driver.connection_of)
    @rule(data=st.data(), request=CONTROLS)
    def order(self, data: st.DataObject, request: RoomBody) -> None:
        """The master, mostly, or there would be little order."""
        who = data.draw(st.sampled_from(["master", "master", *sorted(self.driver.connection_of)]))
        if who in self.driver.connection_of:
            self.ask_as(who, request)

    @precondition(lambda self: self.driver.connection_of)
    @rule(data=st.data(), request=BOARD)
    def teach(self, data: st.DataObject, request: RoomBody) -> None:
        who = data.draw(st.sampled_from(["master", "master", *sorted(self.driver.connection_of)]))
        if who in self.driver.connection_of:
            self.ask_as(who, request)

    @rule(decks=st.sampled_from([(DECK,), (DECK,), ()]))
    def decks_come_and_go(self, decks: tuple[Deck, ...]) -> None:
        self.driver.apply(DecksChanged(decks))

    @rule()
    def start_the_lesson(self) -> None:
        with suppress(Refused):
            self.driver.apply(StartLesson())

    def ask_as(self, seat: str, request: RoomBody) -> None:
        before = snapshot(self.driver.room)
        try:
            self.driver.ask(seat, request)
        except Refused:
            assert snapshot(self.driver.room) == before
            return
        self.check_permission(SeatId(seat), request)

    def check_permission(self, seat: SeatId, request: RoomBody) -> None:
        if not isinstance(request, FloorGrant | FloorRevoke | Mute | Unmute | Remove):
            return
        ability = TARGETED[type(request)]
        who, target = self.people[seat], self.people[request.seat]
        right = right_of(who.role, ability)
        assert right is not Right.NEVER
        if right is Right.OWN_SEAT:
            assert who.seat == target.seat
        if right is Right.OWN_ROOM:
            assert who.classroom == target.classroom

    @rule(seat=SEATS, is_whip=st.booleans())
    def publish(self, seat: SeatId, is_whip: bool) -> None:
        who = self.people[seat]
        allowed = self.driver.room.allowed_sources(who) & {CAMERA, MICROPHONE, Source.WHISPER}
        with suppress(Refused):
            self.driver.publish(who, *sorted(allowed), is_whip=is_whip)

    @rule(seat=SEATS)
    def subscribe(self, seat: SeatId) -> None:
        with suppress(Refused):
            self.driver.subscribe(self.people[seat])

    def lose_peer(self, data: st.DataObject) -> None:
        peers = self.driver.room._peers
        known = sorted([*peers.publishers, *peers.subscribers])
        if known:
            self.driver.happen(PeerClosed(data.draw(st.sampled_from(known)), "consent_expired"))

    @rule(seconds=st.sampled_from([1, 30, 61]), data=st.data())
    def disturb(self, seconds: int, data: st.DataObject) -> None:
        """One rule for all of these, or nothing would ever last."""
        disturbances: dict[str, Callable[[], None]] = {
            "wait": lambda: self.wait(seconds),
            "hold the store": self.hold_the_store,
            "store": self.store,
            "crash": self.crash,
            "lose a peer": lambda: self.lose_peer(data),
        }
        disturbances[data.draw(st.sampled_from(sorted(disturbances)))]()

    def wait(self, seconds: int) -> None:
        self.driver.now_ns += seconds * SECOND_NS
        self.driver.apply(TimePassed())

    def hold_the_store(self) -> None:
        self.driver.stores = False

    def store(self) -> None:
        self.driver.stores = True
        self.driver.store()

    def crash(self) -> None:
        self.driver.crash()
        self.driver.stores = True
        self.driver.store()
        newest = self.driver.log[-1].seq if self.driver.log else 0
        assert all(client.seq <= newest for client in self.clients.values()), "told before it was stored"

    @invariant()
    def numbers_have_no_gap(self) -> None:
        assert [event.seq for event in self.driver.log] == list(range(1, len(self.driver.log) + 1))

    @invariant()
    def every_client_knows_the_room_of_its_seq(self) -> None:
        self.snapshots[self.driver.room.seq] = snapshot(self.driver.room)
        for connection in self.driver.greeted:
            client = self.driver.clients[connection]
            if client.seq in self.snapshots and self.driver.stores:
                assert client.seq == self.driver.room.seq
                assert client.room == self.snapshots[client.seq]

    @invariant()
    def the_log_gives_the_state(self) -> None:
        """Looked at now and then: to read the whole log at each step is most of the time."""
        self.steps += 1
        if self.driver.stores and self.steps % 8 == 0:
            rebuilt = Room(self.driver.facts, "ep_1", self.driver.limits, self.driver.log)
            assert rebuilt.state == self.driver.room.state

    @invariant()
    def forbidden_media_stay_forbidden(self) -> None:
        state = self.driver.room.state
        for peer in self.driver.room._peers.publishers.values():
            owner = state.seats.get(peer.seat)
            for offered in peer.publications.values():
                passes = not self.driver.forbidden.get(offered.id, False)
                if owner is None or not may_pass(state, owner, offered.source):
                    assert not passes
                else:
                    assert passes

    @invariant()
    def nobody_receives_what_is_not_shown(self) -> None:
        state = self.driver.room.state
        for subscriber in self.driver.room._peers.subscribers.values():
            for id_ in self.driver.received(subscriber.peer):
                media = state.publications[PublicationId(id_)]
                assert media.seat != subscriber.seat
                owner, who = state.seats[media.seat], state.seats[subscriber.seat]
                if media.source is Source.WHISPER:
                    assert {owner.role, who.role} == {Role.MASTER, Role.ASSISTANT}
                    assert owner.role is Role.ASSISTANT or state.controls.whispers[owner.id] == who.id
                    continue
                if media.source is MICROPHONE and state.controls.listens.get(who.id) == owner.id:
                    assert (who.role, owner.role) == ("master", "classroom")
                    continue
                is_shown = owner.role == "master" or state.is_on_stage(owner.id)
                is_on_wall = media.source is CAMERA and owner.role == "classroom"
                sees_wall = who.role == "master" or (
                    who.role == "assistant" and who.classroom == owner.classroom
                )
                assert is_shown or (is_on_wall and sees_wall)

    @invariant()
    def only_the_consenting_are_recorded(self) -> None:
        for effect in self.driver.effects:
            if isinstance(effect, StartSource):
                self.recorded.add(effect.publication.id)
            elif isinstance(effect, StopSource):
                self.recorded.discard(effect.publication)
        self.driver.effects.clear()
        state = self.driver.room.state
        if not state.publications:
            self.recorded &= set()  # a crash ends them all
        for id_ in self.recorded & set(state.publications):
            owner = state.seats[state.publications[PublicationId(id_)].seat]
            assert owner.recording_consent
            assert not id_.endswith("whisper")
            assert owner.role == "master" or state.is_on_stage(owner.id)


RoomMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestRoomMachine = RoomMachine.TestCase
