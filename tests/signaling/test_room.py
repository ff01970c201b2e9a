"""The room, scene by scene (test_room_machine.py lets everything happen in any order)."""

from __future__ import annotations

import json

import pytest

from signaling.commands import (
    AnswerApplied,
    EndLesson,
    EndPeer,
    PublisherUpdated,
    RecorderSaid,
    StartLesson,
    StorageChanged,
    TimePassed,
    ViewerOpened,
    ViewSource,
)
from signaling.effects import (
    ClosePeer,
    OpenRecording,
    RoomOver,
    SealRecording,
    SetViewerSources,
    StartSource,
    StopSource,
    TellLevels,
)
from signaling.messages import (
    FloorGrant,
    Leave,
    LessonEnd,
    LessonStart,
    Mute,
    RecordingConsent,
    Remove,
)
from signaling.ports import RecordingPolicy, RecordingState
from signaling.room import Room
from signaling.snapshot import serialize_snapshot
from streaming.errors import Refused, Unavailable
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import (
    PeerClosed,
    PublicationEnded,
    PublicationLevel,
    SectionMap,
    Source,
    SubscribeOffer,
)
from tests.signaling.room_driver import SECOND_NS, RoomDriver, claims, publication

MASTER = claims("master", consent=True)
CLASSROOM_A = claims("classroom_a")
CLASSROOM_B = claims("classroom_b")
ASSISTANT_A = claims("assistant_a")
STUDENT_A = claims("student_a")
OBSERVER = claims("observer")
CAMERA, MICROPHONE = Source.CAMERA, Source.MICROPHONE


@pytest.fixture
def driver() -> RoomDriver:
    return RoomDriver()


def snapshot(room: Room) -> dict[str, object]:
    found: dict[str, object] = json.loads(serialize_snapshot(room.state))
    return found


class TestJoining:
    def test_the_snapshot_holds_the_own_seat(self, driver: RoomDriver) -> None:
        client = driver.connect(MASTER)
        assert client.room["seats"] == [
            {
                "id": "master",
                "role": "master",
                "name": "Name of master",
                "classroom": None,
                "connected": True,
                "muted": False,
                "recording_consent": True,
                "video_consent": True,
                "voice_consent": True,
                "hand_at_ms": None,
            }
        ]
        assert client.room == snapshot(driver.room)

    def test_a_join_is_one_event_for_the_others(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        driver.kinds()
        driver.connect(CLASSROOM_A)
        assert driver.kinds() == ["seat_joined"]

    def test_a_second_socket_replaces_the_first(self, driver: RoomDriver) -> None:
        first = driver.connect(MASTER)
        driver.kinds()
        second = driver.connect(MASTER)
        assert (first.closed, second.closed) == ("seat_replaced", None)
        assert driver.kinds() == []

    def test_the_room_is_bounded_but_the_master_always_comes_in(self) -> None:
        driver = RoomDriver(max_participants=1)
        driver.connect(CLASSROOM_A)
        with pytest.raises(Unavailable, match="too_many_participants"):
            driver.connect(CLASSROOM_B)
        driver.connect(MASTER)

    def test_a_reconnect_within_a_minute_keeps_the_stage(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        client = driver.connect(CLASSROOM_A)
        driver.ask("master", FloorGrant(SeatId("classroom_a")))
        driver.disconnect("classroom_a")
        driver.now_ns += 59 * SECOND_NS
        driver.apply(TimePassed())
        driver.connect(CLASSROOM_A, client)
        assert client.room["stage"] == ["classroom_a"]
        driver.now_ns += 10 * SECOND_NS
        driver.apply(TimePassed())
        assert client.room == snapshot(driver.room)
        assert driver.room.deadline_ns() is None

    def test_a_seat_that_stays_away_gives_everything_up(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        driver.connect(CLASSROOM_A)
        driver.publish(CLASSROOM_A, CAMERA)
        driver.ask("master", FloorGrant(SeatId("classroom_a")))
        driver.disconnect("classroom_a")
        driver.kinds()
        assert driver.room.deadline_ns() == driver.now_ns + 60 * SECOND_NS
        driver.now_ns += 60 * SECOND_NS
        driver.apply(TimePassed())
        assert driver.kinds() == ["floor_revoked", "publication_removed", "seat_left"]
        assert [closed.reason for closed in driver.of(ClosePeer)] == ["seat_timeout"]

    def test_a_mute_outlives_the_absence(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        driver.connect(CLASSROOM_A)
        driver.ask("master", Mute(SeatId("classroom_a")))
        driver.ask("classroom_a", Leave())
        driver.connect(CLASSROOM_A)
        driver.publish(CLASSROOM_A, MICROPHONE)
        driver.ask("master", FloorGrant(SeatId("classroom_a")))
        assert list(driver.forbidden.values()) == [True]

    def test_a_removed_seat_does_not_come_back(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        client = driver.connect(CLASSROOM_A)
        driver.ask("master", Remove(SeatId("classroom_a")))
        assert client.closed == "seat_removed"
        for _ in range(2):
            with pytest.raises(Refused, match="seat_removed"):
                driver.connect(CLASSROOM_A)
            driver.crash()


class TestResume:
    def test_exactly_the_missed_events_come(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        client = driver.connect(CLASSROOM_A)
        driver.disconnect("classroom_a")
        driver.connect(CLASSROOM_B)
        driver.ask("master", FloorGrant(SeatId("classroom_b")))
        driver.connect(CLASSROOM_A, client)
        assert client.room == snapshot(driver.room)
        assert client.seq == driver.room.seq

    def test_the_epoch_goes_on_after_a_crash(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        client = driver.connect(CLASSROOM_A)
        driver.crash()
        seq = client.seq
        driver.connect(CLASSROOM_A, client)
        assert client.seq == seq + 3  # both seats disconnected, this one connected
        assert client.room == snapshot(driver.room)

    def test_too_many_missed_events_give_a_snapshot(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        client = driver.connect(CLASSROOM_A)
        driver.disconnect("classroom_a")
        for turn in range(1001):
            driver.ask("master", RecordingConsent(granted=turn % 2 == 1))
        driver.connect(CLASSROOM_A, client)
        assert client.room == snapshot(driver.room)

    def test_a_changed_epoch_gives_a_snapshot(self, driver: RoomDriver) -> None:
        client = driver.connect(MASTER)
        driver.disconnect("master")
        driver.room.change_epoch("ep_2")
        driver.connect(MASTER, client)
        assert client.epoch == "ep_2"
        assert client.room == snapshot(driver.room)

    def test_an_unanswered_offer_is_sent_again(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        driver.publish(MASTER, CAMERA)
        client = driver.connect(CLASSROOM_A)
        peer = driver.subscribe(CLASSROOM_A)
        offer = SubscribeOffer(peer, 7, "v=0", (SectionMap("0", PublicationId("pub_1/camera")),))
        driver.happen(offer)
        driver.disconnect("classroom_a")
        driver.connect(CLASSROOM_A, client)
        assert [told["offer_id"] for told in client.told] == [7, 7]
        section = {"mid": "0", "publication": "pub_1/camera", "seat": "master"}
        assert client.told[0]["sections"] == [section | {"source": "camera", "kind": "video"}]
        driver.apply(AnswerApplied(peer, 7))
        driver.connect(CLASSROOM_A, client)
        assert len(client.told) == 2


class TestMedia:
    def test_the_shared_media_go_to_all_and_the_wall_to_the_master(self, driver: RoomDriver) -> None:
        everyone = (MASTER, CLASSROOM_A, CLASSROOM_B, ASSISTANT_A, OBSERVER)
        for who in everyone:
            driver.connect(who)
        driver.publish(MASTER, CAMERA, MICROPHONE)
        driver.publish(CLASSROOM_A, CAMERA, MICROPHONE)
        driver.publish(CLASSROOM_B, CAMERA, MICROPHONE)
        peers = {who.seat: driver.subscribe(who) for who in everyone}
        masters = {"pub_1/camera", "pub_1/microphone"}
        assert driver.received(peers[MASTER.seat]) == {"pub_2/camera", "pub_3/camera"}
        assert driver.received(peers[CLASSROOM_A.seat]) == masters
        assert driver.received(peers[ASSISTANT_A.seat]) == {*masters, "pub_2/camera"}
        assert driver.received(peers[OBSERVER.seat]) == masters
        driver.ask("master", FloorGrant(SeatId("classroom_b")))
        on_stage = {"pub_3/camera", "pub_3/microphone"}
        assert driver.received(peers[MASTER.seat]) == {"pub_2/camera", *on_stage}
        assert driver.received(peers[CLASSROOM_A.seat]) == masters | on_stage
        assert driver.received(peers[CLASSROOM_B.seat]) == masters
        assert driver.received(peers[OBSERVER.seat]) == masters | on_stage
        assert driver.forbidden == {"pub_2/microphone": True, "pub_3/microphone": False}

    def test_nothing_is_added_before_its_media_comes(self, driver: RoomDriver) -> None:
        client = driver.connect(MASTER)
        driver.publish(MASTER, CAMERA, is_live=False)
        assert client.room["publications"] == []

    def test_a_prohibition_comes_before_the_answer(self, driver: RoomDriver) -> None:
        driver.connect(CLASSROOM_A)
        driver.publish(CLASSROOM_A, MICROPHONE, is_live=False)
        assert driver.forbidden == {"pub_1/microphone": True}

    def test_the_newest_publisher_replaces_the_one_before(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        first = driver.publish(MASTER, CAMERA)
        driver.kinds()
        driver.publish(MASTER, CAMERA)
        assert driver.kinds() == ["publication_removed", "publication_added"]
        assert driver.of(ClosePeer) == [ClosePeer(first, "replaced")]

    def test_a_renegotiation_adds_and_removes(self, driver: RoomDriver) -> None:
        client = driver.connect(MASTER)
        peer = driver.publish(MASTER, CAMERA, MICROPHONE)
        screen = publication(peer, Source.SCREEN)
        kept = publication(peer, CAMERA)
        driver.apply(PublisherUpdated(MASTER.seat, peer, (kept, screen)))
        driver.happen(PublicationEnded(publication(peer, MICROPHONE)))
        assert [media["source"] for media in client.room["publications"]] == ["camera"]

    def test_a_closed_peer_is_told_to_its_owner(self, driver: RoomDriver) -> None:
        client = driver.connect(MASTER)
        peer = driver.publish(MASTER, CAMERA)
        driver.happen(PeerClosed(peer, "consent_expired"))
        assert client.told == [{"type": "peer_closed", "peer": peer, "reason": "consent_expired"}]
        assert client.room["publications"] == []

    def test_the_media_of_a_lost_socket_go_on(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        driver.publish(MASTER, CAMERA)
        driver.kinds()
        driver.disconnect("master")
        assert driver.kinds() == ["seat_connection"]
        assert driver.of(ClosePeer) == []

    def test_a_whip_seat_lives_with_its_peer(self, driver: RoomDriver) -> None:
        driver.connect(OBSERVER)
        peer = driver.publish(MASTER, CAMERA, is_whip=True)
        assert driver.room.state.seats[MASTER.seat].connected
        driver.happen(PeerClosed(peer, "consent_expired"))
        assert not driver.room.state.seats[MASTER.seat].connected
        again = driver.publish(MASTER, CAMERA, is_whip=True)
        driver.apply(EndPeer(MASTER.seat, again))
        assert MASTER.seat not in driver.room.state.seats

    def test_a_peer_of_another_seat_is_unknown(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        peer = driver.publish(MASTER, CAMERA)
        for stranger in (CLASSROOM_A.seat, OBSERVER.seat):
            with pytest.raises(Refused, match="peer_unknown"):
                driver.apply(EndPeer(stranger, peer))

    def test_viewers_follow_the_stage(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        driver.connect(CLASSROOM_A)
        driver.publish(MASTER, CAMERA, MICROPHONE)
        driver.publish(CLASSROOM_A, CAMERA, MICROPHONE)
        audio, video = driver.room.viewer_sources(ViewSource.STAGE)
        assert (audio, video) == ("pub_1/microphone", "pub_1/camera")
        driver.apply(ViewerOpened(OBSERVER, PeerId("view_1"), ViewSource.STAGE, audio, video))
        assert driver.of(SetViewerSources) == []
        assert OBSERVER.seat in driver.room.state.seats  # an observer is listed
        driver.ask("master", FloorGrant(SeatId("classroom_a")))
        (told,) = driver.of(SetViewerSources)
        assert (told.audio, told.video) == ("pub_2/microphone", "pub_2/camera")
        driver.apply(ViewerOpened(OBSERVER, PeerId("view_2"), ViewSource.MASTER, audio, video))
        with pytest.raises(Unavailable, match="too_many_participants"):
            driver.room.check_viewer(OBSERVER)

    def test_levels_are_gathered(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        driver.publish(MASTER, MICROPHONE)
        voice = PublicationId("pub_1/microphone")
        driver.happen(PublicationLevel(voice, -30))
        assert driver.room.deadline_ns() == 0
        driver.apply(TimePassed())
        assert [told.levels.levels for told in driver.of(TellLevels)] == [((voice, -30),)]
        driver.happen(PublicationLevel(voice, -31))
        assert driver.room.deadline_ns() == driver.now_ns + SECOND_NS // 5


class TestRecording:
    @pytest.mark.parametrize(
        ("policy", "recorded"),
        [
            (RecordingPolicy.OFF, []),
            (RecordingPolicy.MASTER_ONLY, ["pub_1/camera"]),
            (RecordingPolicy.STAGE, ["pub_1/camera", "pub_2/camera"]),
        ],
    )
    def test_policy_consent_and_stage(self, policy: RecordingPolicy, recorded: list[str]) -> None:
        driver = RoomDriver(policy)
        consenting, refusing = claims("classroom_a", consent=True), CLASSROOM_B
        for who in (MASTER, consenting, refusing):
            driver.connect(who)
            driver.publish(who, CAMERA)
        driver.ask("master", FloorGrant(consenting.seat))
        driver.ask("master", FloorGrant(refusing.seat))
        assert driver.of(StartSource) == []  # only while the lesson is live
        driver.ask("master", LessonStart())
        assert [start.publication.id for start in driver.of(StartSource)] == recorded
        assert len(driver.of(OpenRecording)) == (policy is not RecordingPolicy.OFF)
        driver.ask("master", LessonEnd())
        assert [stop.publication for stop in driver.of(StopSource)] == recorded
        assert len(driver.of(SealRecording)) == (policy is not RecordingPolicy.OFF)

    def test_a_withdrawn_consent_stops_the_source_at_once(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        driver.publish(MASTER, CAMERA)
        driver.ask("master", LessonStart())
        assert len(driver.of(StartSource)) == 1
        driver.ask("master", RecordingConsent(granted=False))
        assert len(driver.of(StopSource)) == 1
        driver.ask("master", RecordingConsent(granted=True))
        assert len(driver.of(StartSource)) == 1

    def test_a_full_disk_is_told_once(self, driver: RoomDriver) -> None:
        client = driver.connect(MASTER)
        driver.ask("master", LessonStart())
        driver.apply(RecorderSaid(RecordingState.FAILED, "storage_full"))
        driver.kinds()
        driver.apply(StorageChanged(is_full=True))
        assert driver.kinds() == []
        driver.apply(RecorderSaid(RecordingState.RECORDING, None))
        assert client.room["recording"]["state"] == "failed"
        driver.apply(StorageChanged(is_full=False))
        assert client.room["recording"]["state"] == "recording"

    def test_after_a_crash_the_recorder_hears_of_the_lesson_again(self, driver: RoomDriver) -> None:
        driver.connect(MASTER)
        driver.publish(MASTER, CAMERA)
        driver.apply(StartLesson())
        driver.crash()
        assert len(driver.of(OpenRecording)) == 1
        assert driver.room.state.publications == {}


def test_the_end_of_the_lesson_ends_everything(driver: RoomDriver) -> None:
    client = driver.connect(MASTER)
    peer = driver.publish(MASTER, CAMERA)
    driver.apply(StartLesson())
    driver.apply(EndLesson())
    assert client.closed == "lesson_ended"
    assert ClosePeer(peer, "lesson_ended") in driver.of(ClosePeer)
    assert driver.of(RoomOver) == [RoomOver()]
    driver.happen(PeerClosed(peer, "lesson_ended"))
    assert not driver.of(RoomOver)
    assert len(driver.of(SealRecording)) == 1
    with pytest.raises(Refused, match="lesson_ended"):
        driver.connect(MASTER)
    with pytest.raises(Refused, match="lesson_state_conflict"):
        driver.apply(EndLesson())


def test_a_refused_command_changes_nothing(driver: RoomDriver) -> None:
    driver.connect(CLASSROOM_A)
    before = snapshot(driver.room)
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask("classroom_a", FloorGrant(CLASSROOM_A.seat))
    assert snapshot(driver.room) == before
    assert driver.kinds() == ["seat_joined"]
