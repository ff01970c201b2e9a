"""The room as a rule-based state machine: anything may happen in any order, and the documents' words hold.

Requests of every type are under way from several seats at once and arrive in any order; servers crash and
start again from what was stored; disks fill up; clients read late, come back from any earlier point, speak
from a window that was replaced.  `TANDEM_HISTORIES` sets how many histories are lived through.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from signaling.board_events import Deck
from signaling.commands import (
    Administer,
    Ask,
    DecideConsent,
    DecksChanged,
    EndPeer,
    StartLesson,
    TimePassed,
    ViewerOpened,
    ViewSource,
)
from signaling.effects import StartSource, StopSource, Tell
from signaling.messages import REQUEST_TYPES, Request, RoomBody, parse_message
from signaling.ports import UNDECIDED, Decided, LessonState, RecordingPolicy, SeatClaims
from signaling.room import Room
from signaling.server_messages import TextPending
from signaling.snapshot import serialize_snapshot
from streaming.errors import Refused, TandemError
from streaming.identifiers import PeerId, SeatId
from streaming.session.media import PeerClosed, PublicationEnded, Source
from tests.signaling import room_oracle
from tests.signaling.request_catalogue import (
    MEDIA_REQUESTS,
    PHOTOS,
    ROOM_REQUESTS,
    SEAT_NAMES,
    SHELL_REQUESTS,
    kinds,
    request_of,
    requests,
)
from tests.signaling.room_bounds import check_bounds
from tests.signaling.room_clients import LateClient, Truth
from tests.signaling.room_driver import SECOND_NS, RoomDriver, claims
from tests.signaling.room_oracle import Person, Scene

HISTORIES = int(os.environ.get("TANDEM_HISTORIES", "100"))
ADMIN = "admin"
PEOPLE = {seat: claims(seat, consent=seat in ("master", "classroom_a")) for seat in SEAT_NAMES}
GROUPED = ("classroom_a", "classroom_b", "student_a")
KINDS = ("recording", "video", "voice")
DECISIONS = st.none() | st.booleans()
SPEAKERS = ("master", "master", "master", "assistant_a", "assistant_a", ADMIN, *SEAT_NAMES)
"""Who asks: the master, mostly, or there would be little order."""


class RoomMachine(RuleBasedStateMachine):
    """`driver.room` is the room under test, `clients` the newest window of each seat."""

    def __init__(self) -> None:
        super().__init__()
        self.driver = RoomDriver(RecordingPolicy.STAGE)
        self.requests = requests(sorted(ROOM_REQUESTS))
        self.truth: Truth = {}
        self.clients: dict[str, LateClient] = {}
        self.persons = {seat: Person(seat, who.role, who.classroom) for seat, who in PEOPLE.items()}
        self.decided: dict[str, Decided] = {}
        self.read_claims: dict[str, SeatClaims] = {}
        self.under_way: dict[str, list[dict[str, Any]]] = {}
        self.replaced: list[Any] = []
        self.pending: dict[int, str] = {}
        self.snapshots: dict[int, str] = {}
        self.recorded: set[str] = set()
        self.peers: list[tuple[str, PeerId]] = []
        self.shown: list[str] = []
        self.video_consent: dict[str, bool] = {}
        self.is_back = False
        self.steps = 0

    # --- who comes and goes

    @initialize(policy=st.sampled_from(RecordingPolicy), known=kinds())
    def everybody_comes(self, policy: RecordingPolicy, known: list[str]) -> None:
        self.driver = RoomDriver(policy)
        self.requests = requests(known)
        self.driver.apply(DecksChanged((Deck("deck_1", "Fractions", 2),)))
        for seat in SEAT_NAMES[:-1]:
            self.enter(seat, LateClient(truth=self.truth))
            self.publish(seat, is_whip=False)
            self.subscribe(seat)
        with suppress(Refused):
            self.driver.ask("master", parse_request({"type": "lesson_start", "id": "1"}))

    @rule(seat=st.sampled_from(SEAT_NAMES), way=st.sampled_from(["resume", "resume", "older", "new"]))
    def come(self, seat: str, way: str) -> None:
        """With what it knows, with what an older page knows, or with nothing."""
        known = self.clients.get(seat)
        client = LateClient(truth=self.truth)
        if known is not None and way == "resume":
            client = known
        elif known is not None and way == "older":
            client = known.older_page()
        self.enter(seat, client)

    def enter(self, seat: str, client: LateClient) -> None:
        client.lose_link()
        before = self.driver.connection_of.get(seat)
        with suppress(TandemError):
            self.driver.connect(self.claims_of(seat), client)
            self.clients[seat] = client
            if before is not None:
                self.replaced.append(before)
        self.know_groups()

    def claims_of(self, seat: str) -> SeatClaims:
        """Read since the room was loaded; a decision may have overtaken them."""
        self.read_claims.setdefault(seat, replace(PEOPLE[seat], decided=self.decided.get(seat, UNDECIDED)))
        return self.read_claims[seat]

    def know_groups(self) -> None:
        """What the room has been told; a decision that was never stored reaches it when the seat comes."""
        for seat, person in self.persons.items():
            decided = self.driver.room.state.decided_of(SeatId(seat))
            self.persons[seat] = replace(person, group=asdict(decided))

    @precondition(lambda self: self.driver.connection_of)
    @rule(data=st.data())
    def lose_socket(self, data: st.DataObject) -> None:
        seat = data.draw(st.sampled_from(sorted(self.driver.connection_of)))
        self.clients[seat].lose_link()
        self.driver.disconnect(seat)

    @rule(seat=st.sampled_from(SEAT_NAMES), count=st.integers(1, 9), saves=st.booleans())
    def read(self, seat: str, count: int, saves: bool) -> None:
        if seat in self.clients:
            self.clients[seat].read_some(count)
            if saves:
                self.clients[seat].save()

    @rule(seat=st.sampled_from(GROUPED), decided=st.fixed_dictionaries(dict.fromkeys(KINDS, DECISIONS)))
    def decide(self, seat: str, decided: dict[str, bool | None]) -> None:
        """The student group of a seat decides, wherever the seat is; it holds it to that at once."""
        self.decided[seat] = Decided(**decided)
        self.driver.apply(DecideConsent(SeatId(seat), self.decided[seat]))
        is_over = self.driver.room.state.lesson.state is LessonState.ENDED
        assert is_over or self.driver.room.state.decided_of(SeatId(seat)) == self.decided[seat]
        self.know_groups()

    @rule(seat=st.sampled_from(GROUPED))
    def read_claims_again(self, seat: str) -> None:
        self.read_claims.pop(seat, None)

    # --- what is asked

    @rule(who=st.sampled_from(SPEAKERS), data=st.data())
    def ask(self, who: str, data: st.DataObject) -> None:
        self.deliver(who, data.draw(self.requests))

    @rule(photos=st.lists(st.sampled_from(PHOTOS[:2]), min_size=1, unique=True))
    def show_photos(self, photos: list[str]) -> None:
        """Two rooms answer, and the master shows it: what no history of single requests comes to."""
        self.deliver("master", {"type": "round_open", "id": "1", "prompt": "?", "answer": "photo"})
        opened = self.driver.room.state.board.round
        number = 0 if opened is None else opened.id
        self.deliver("master", {"type": "round_phase", "id": "1", "round": number, "phase": "report"})
        for who, photo in zip(("classroom_a", "classroom_b"), PHOTOS, strict=False):
            self.deliver(who, {"type": "round_answer", "id": "1", "round": number, "photo": photo})
        self.deliver("master", {"type": "photos", "id": "1", "photos": photos})

    @rule(who=st.sampled_from(SPEAKERS), data=st.data())
    def ask_too(self, who: str, data: st.DataObject) -> None:
        self.deliver(who, data.draw(self.requests))

    @rule(who=st.sampled_from(SPEAKERS), data=st.data())
    def send(self, who: str, data: st.DataObject) -> None:
        """It is under way, and others overtake it."""
        self.under_way.setdefault(who, []).append(data.draw(self.requests))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), again=st.booleans())
    def arrive(self, data: st.DataObject, again: bool) -> None:
        """The oldest of one seat; a client that saw no answer asks again."""
        who = data.draw(st.sampled_from(sorted(self.under_way)))
        queue = self.under_way[who]
        request = queue[0] if again else queue.pop(0)
        if not queue:
            del self.under_way[who]
        self.deliver(who, request)

    @precondition(lambda self: self.replaced)
    @rule(data=st.data())
    def ask_from_a_replaced_window(self, data: st.DataObject) -> None:
        before = self.known()
        with pytest.raises(Refused, match=r"seat_replaced|not_admitted"):
            self.driver.apply(Ask(self.replaced[-1], parse_request(data.draw(self.requests))))
        assert self.known() == before

    @rule(who=st.sampled_from(SEAT_NAMES), kind=st.sampled_from(sorted(MEDIA_REQUESTS)), data=st.data())
    def ask_for_media(self, who: str, kind: str, data: st.DataObject) -> None:
        match kind:
            case "publish":
                self.publish(who, is_whip=data.draw(st.booleans()))
            case "subscribe":
                self.subscribe(who)
            case _:
                self.name_a_peer(who, data.draw(request_of(kind)))

    @rule()
    def start_the_lesson(self) -> None:
        with suppress(Refused):
            self.driver.apply(StartLesson())

    def deliver(self, who: str, request: dict[str, Any]) -> None:
        if who != ADMIN and who not in self.driver.connection_of:
            return
        room, before = self.driver.room, self.known()
        scene = Scene(self.view(), self.persons, self.pending, room._at_ms(self.driver.now_ns))
        person = self.persons.get(who) or Person(ADMIN, ADMIN, None)
        body = parse_request(request)
        may = room_oracle.may(scene, person, request)
        is_in = who == ADMIN or SeatId(who) in room.state.seats
        try:
            self.driver.apply(Administer(body) if who == ADMIN else Ask(self.driver.connection_of[who], body))
        except TandemError as refused:
            code: str | None = refused.code
        else:
            code = None
        if code is None:
            assert may, (who, request)
            if request["type"] == "photos":
                self.shown = list(request["photos"])
            return
        assert self.known() == before, "a refused request changed the room"
        assert not room._ledger.has_effects(), "a refused request leaves something to be sent"
        assert not (may and is_in and code == "not_permitted"), (who, request)

    def name_a_peer(self, who: str, request: dict[str, Any]) -> None:
        """As `signaling.media_requests` does: the room is asked first whose peer it is."""
        owner, peer = self.peers[request["peer"] % len(self.peers)]
        assert isinstance(parse_message(json.dumps(request | {"peer": peer})), Request)
        before = self.known()
        try:
            self.driver.room.check_peer(SeatId(who), peer)
            assert who == owner, "another's peer"
            if request["type"] == "unpublish":
                self.driver.apply(EndPeer(SeatId(who), peer))
        except Refused:
            assert self.known() == before

    # --- media

    def publish(self, seat: str, *, is_whip: bool) -> None:
        who = self.claims_of(seat)
        allowed = sorted(self.driver.room.allowed_sources(who))
        with suppress(TandemError):
            self.peers.append((seat, self.driver.publish(who, *allowed, is_whip=is_whip)))
        self.know_groups()

    def subscribe(self, seat: str) -> None:
        with suppress(TandemError):
            self.peers.append((seat, self.driver.subscribe(PEOPLE[seat])))

    @rule(seat=st.sampled_from(SEAT_NAMES), source=st.sampled_from(ViewSource))
    def view_by_whep(self, seat: str, source: ViewSource) -> None:
        peer, shown = PeerId(f"view_{self.steps}"), self.driver.room.viewer_sources(source)
        with suppress(TandemError):
            self.driver.room.check_viewer(self.claims_of(seat))
            self.driver.apply(ViewerOpened(self.claims_of(seat), peer, source, *shown))
            self.peers.append((seat, peer))
        self.know_groups()

    def lose_peer(self, data: st.DataObject) -> None:
        table = self.driver.room._peers
        known = sorted([*table.publishers, *table.subscribers, *table.viewers])
        if known:
            self.driver.happen(PeerClosed(data.draw(st.sampled_from(known)), "consent_expired"))

    def lose_publication(self, data: st.DataObject) -> None:
        known = self.driver.room._peers.publications
        if known:
            self.driver.happen(PublicationEnded(known[data.draw(st.sampled_from(sorted(known)))]))

    # --- what goes wrong

    @rule(seconds=st.sampled_from([1, 30, 61]), data=st.data())
    def disturb(self, seconds: int, data: st.DataObject) -> None:
        """One rule for all of these, or nothing would ever last."""
        disturbances: dict[str, Callable[[], None]] = {
            "wait": lambda: self.wait(seconds),
            "hold the store": self.hold_the_store,
            "store": self.store,
            "disk is full": lambda: self.fill_the_disk(True),
            "disk has room": lambda: self.fill_the_disk(False),
            "crash": self.crash,
            "lose a peer": lambda: self.lose_peer(data),
            "lose a publication": lambda: self.lose_publication(data),
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

    def fill_the_disk(self, is_full: bool) -> None:
        self.driver.is_full = is_full
        self.store()

    def crash(self) -> None:
        for client in self.clients.values():
            client.lose_link()
        for seat in self.driver.connection_of:
            self.clients[seat].save()
        newest, epoch = (self.driver.log[-1].seq if self.driver.log else 0), self.driver.stored_epoch
        told = [client.seq for client in self.clients.values() if client.epoch == epoch]
        assert all(seq <= newest for seq in told), "told before it was stored"
        self.snapshots = {seq: text for seq, text in self.snapshots.items() if seq <= newest}
        self.replaced.clear()
        self.pending.clear()
        self.peers = self.peers[:1]
        self.recorded.clear()
        self.read_claims.clear()
        self.driver.crash()
        self.is_back = True
        self.know_groups()
        self.fill_the_disk(False)

    # --- what always holds

    def known(self) -> tuple[str, int, object]:
        room = self.driver.room
        return serialize_snapshot(room.state), room.seq, (dict(room.state.absent), set(room.state.removed))

    def view(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(serialize_snapshot(self.driver.room.state))
        return found

    @invariant()
    def look_around(self) -> None:
        """One snapshot for all that looks at it."""
        self.steps += 1
        text = serialize_snapshot(self.driver.room.state)
        self.snapshots[self.driver.room.seq] = text
        view = json.loads(text)
        self.note_effects(view)
        self.check_media(view)
        self.check_clients()
        self.check_decisions(view)
        self.check_photos(view)
        check_bounds(self.driver.room)
        if self.steps % 8 == 0:
            self.check_log()

    def check_log(self) -> None:
        """Looked at now and then: to read the whole log at each step is most of the time."""
        log = self.driver.log
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        if self.driver.stores and not self.driver.unstored:
            rebuilt = Room(self.driver.facts, "ep_0", self.driver.limits, log)
            assert rebuilt.state == self.driver.room.state

    def check_clients(self) -> None:
        for connection in self.driver.greeted:
            client = self.driver.clients[connection]
            if client.seq in self.snapshots:
                assert client.room == json.loads(self.snapshots[client.seq])

    def check_media(self, view: dict[str, Any]) -> None:
        """What the media server was told: whose packets pass, who gets what.  Told nothing, it lets pass."""
        driver, room = self.driver, self.driver.room
        for publisher in room._peers.publishers.values():
            for offered in publisher.publications.values():
                passes = not driver.forbidden.get(offered.id, False)
                assert passes == room_oracle.passes(view, publisher.seat, offered.source), offered
        for subscriber in room._peers.subscribers.values():
            got = driver.received(subscriber.peer)
            meant = {m["id"] for m in view["publications"] if room_oracle.receives(view, subscriber.seat, m)}
            assert got == meant, subscriber.seat

    def check_decisions(self, view: dict[str, Any]) -> None:
        """No seat consents to what its group has not granted."""
        for seat in view["seats"]:
            group = self.persons[seat["id"]].group or {}
            for kind in KINDS:
                assert group.get(kind) is not False or not seat[f"{kind}_consent"], (seat, group)

    def check_photos(self, view: dict[str, Any]) -> None:
        """What the master showed last is shown, without what may not be seen since: that never comes back."""
        for seat in view["seats"]:
            self.video_consent[seat["id"]] = seat["video_consent"]
        found = {each["photo"]: each for each in view["board"]["photos"]}
        if self.is_back:  # what was not stored is lost, an act of the master's too
            self.shown, self.is_back = list(found), False
        assert set(found) <= set(self.shown), "shown without the master's act"
        if view["lesson"]["state"] == "ended":
            return
        for photo in found.values():
            group = self.persons[photo["seat"]].group or {}
            has_consent = self.video_consent[photo["seat"]] and group.get("video") is not False
            assert room_oracle.may_stay_shown(view, photo, has_consent=has_consent), photo
        self.shown = list(found)

    def note_effects(self, view: dict[str, Any]) -> None:
        for effect in self.driver.effects:
            match effect:
                case StartSource():
                    self.recorded.add(effect.publication.id)
                case StopSource():
                    self.recorded.discard(effect.publication)
                case Tell(message=TextPending(text=text)):
                    self.pending[text.id] = text.seat or ""
        self.driver.effects.clear()
        meant = {media["id"] for media in view["publications"] if room_oracle.is_recorded(view, media)}
        assert self.recorded == meant

    @override
    def teardown(self) -> None:
        """In the end all who listen know the same room."""
        self.fill_the_disk(False)
        final = json.loads(serialize_snapshot(self.driver.room.state))
        for connection in self.driver.greeted:
            client = self.driver.clients[connection]
            assert isinstance(client, LateClient)
            client.read_all()
            assert (client.seq, client.room) == (self.driver.room.seq, final)
        self.check_log()


def parse_request(request: dict[str, Any]) -> RoomBody:
    """The value of a request that the room decides."""
    message = parse_message(json.dumps(request))
    assert isinstance(message, Request)
    assert isinstance(message.body, RoomBody)
    return message.body


def test_the_machine_knows_every_type_of_request() -> None:
    """One that is new has to be put into the catalogue, and its right into the oracle's table."""
    assert {*ROOM_REQUESTS, *MEDIA_REQUESTS, *SHELL_REQUESTS} == REQUEST_TYPES
    assert set(room_oracle.CELLS) == set(ROOM_REQUESTS)
    assert set(room_oracle.MEDIA_CELLS) == set(Source)


RoomMachine.TestCase.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=40,
    deadline=None,
    phases=[Phase.reuse, Phase.generate, Phase.shrink],  # to explain costs a tracer in every step
    suppress_health_check=list(HealthCheck),
)
TestRoomMachine = RoomMachine.TestCase
