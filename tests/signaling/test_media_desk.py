"""Events of the media server that do not fit, or come at a bad time."""

from __future__ import annotations

import pytest

from signaling.commands import AnswerApplied, PublisherUpdated
from signaling.control_messages import Listen
from signaling.messages import Mute
from streaming.errors import Refused
from streaming.identifiers import PeerId, PublicationId, SeatId
from streaming.session.media import (
    EncodingsWanted,
    MediaEvent,
    PeerClosed,
    PeerConnected,
    PublicationEnded,
    PublicationLevel,
    PublicationLive,
    SectionMap,
    Source,
    SubscribeOffer,
)
from tests.signaling.room_driver import RoomDriver, claims, publication

MASTER, CLASSROOM = claims("master"), claims("classroom_a")


@pytest.fixture
def driver() -> RoomDriver:
    found = RoomDriver()
    found.connect(MASTER)
    found.connect(CLASSROOM)
    found.kinds()
    return found


@pytest.mark.parametrize(
    "event",
    [
        PeerClosed(PeerId("peer_x"), "consent_expired"),
        PeerConnected(PeerId("peer_x")),
        PublicationLive(publication("peer_x", Source.CAMERA)),
        PublicationEnded(publication("peer_x", Source.CAMERA)),
        PublicationLevel(PublicationId("peer_x/camera"), -20),
        EncodingsWanted(publication("peer_x", Source.CAMERA), ("l",)),
        SubscribeOffer(PeerId("peer_x"), 1, "v=0", ()),
    ],
    ids=lambda event: type(event).__name__,
)
def test_strangers_change_nothing(driver: RoomDriver, event: MediaEvent) -> None:
    assert driver.happen(event) == []
    assert driver.room.deadline_ns() is None


def test_live_and_ended_count_once(driver: RoomDriver) -> None:
    peer = driver.publish(MASTER, Source.CAMERA)
    camera = publication(peer, Source.CAMERA)
    driver.happen(PublicationLive(camera))
    driver.happen(PublicationEnded(camera))
    driver.happen(PublicationEnded(camera))
    driver.happen(PeerClosed(peer, "consent_expired"))
    assert driver.kinds() == ["publication_added", "publication_removed"]


def test_who_publishes_several_encodings_is_told_which_are_wanted() -> None:
    driver = RoomDriver()
    client, listener = driver.connect(MASTER), driver.connect(CLASSROOM)
    peer = driver.publish(MASTER, Source.CAMERA)
    camera = publication(peer, Source.CAMERA)
    driver.happen(EncodingsWanted(camera, ("l", "m")))
    told = {"type": "encodings_wanted", "peer": peer, "publication": camera.id, "mid": camera.mid}
    assert client.told == [{**told, "rids": ["l", "m"]}]
    assert listener.told == []


def test_the_level_of_a_forbidden_voice_is_not_told(driver: RoomDriver) -> None:
    peer = driver.publish(MASTER, Source.MICROPHONE)
    driver.ask("master", Mute(SeatId("master")))
    driver.happen(PublicationLevel(publication(peer, Source.MICROPHONE).id, -10))
    assert driver.room.deadline_ns() is None


def test_the_level_of_a_room_listened_to_is_not_told(driver: RoomDriver) -> None:
    voice = publication(driver.publish(CLASSROOM, Source.MICROPHONE), Source.MICROPHONE).id
    driver.ask("master", Listen(CLASSROOM.seat))
    driver.happen(PublicationLevel(voice, -10))
    assert driver.room.deadline_ns() is None


def test_an_offer_names_only_what_still_exists(driver: RoomDriver) -> None:
    client = driver.connect(CLASSROOM)
    publisher = driver.publish(MASTER, Source.CAMERA)
    peer = driver.subscribe(CLASSROOM)
    sections = (SectionMap("0", PublicationId(f"{publisher}/camera")), SectionMap("1", PublicationId("gone")))
    driver.happen(SubscribeOffer(peer, 1, "v=0", sections))
    assert [section["mid"] for section in client.told[-1]["sections"]] == ["0"]
    driver.apply(AnswerApplied(peer, 99))
    driver.connect(CLASSROOM, client)
    assert client.told[-1]["offer_id"] == 1


def test_only_its_owner_renegotiates(driver: RoomDriver) -> None:
    peer = driver.publish(MASTER, Source.CAMERA)
    with pytest.raises(Refused, match="peer_unknown"):
        driver.apply(PublisherUpdated(CLASSROOM.seat, peer, ()))
