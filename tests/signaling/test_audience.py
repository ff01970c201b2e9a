"""Who receives what, as plain functions of a folded state."""

from __future__ import annotations

import pytest

from signaling.audience import (
    HELD_SEATS,
    audience_of,
    is_forbidden,
    may_be_recorded,
    speaker_group,
    tracks_for,
    viewer_sources,
)
from signaling.commands import ViewSource
from signaling.control_events import AbilityGranted, ListeningChanged, PolicyChanged, WhisperChanged
from signaling.events import (
    FloorGranted,
    FloorRequested,
    LessonStateChanged,
    OfferedMedia,
    PublicationAdded,
    Seat,
    SeatJoined,
    SeatMuted,
)
from signaling.ports import LessonState, RecordingPolicy
from signaling.roles import Ability, Role
from signaling.room_state import RoomState
from streaming.identifiers import PublicationId, SeatId
from streaming.session.media import Codec, Source, WantedTrack, kind_of
from tests.signaling.room_driver import facts

MASTER, ROOM_A, ROOM_B = SeatId("master"), SeatId("room_a"), SeatId("room_b")


def seat(id_: SeatId, role: Role, classroom: str | None = None, *, consent: bool = True) -> Seat:
    return Seat(id_, role, id_, classroom, True, False, consent, True, True, None)


def offered(owner: SeatId, source: Source) -> OfferedMedia:
    codec = Codec.OPUS if kind_of(source) == "audio" else Codec.VP8
    return OfferedMedia(PublicationId(f"{owner}/{source}"), owner, kind_of(source), source, codec, True)


def flowing(state: RoomState, receiver: Seat) -> list[WantedTrack]:
    return [track for track in tracks_for(receiver, audience_of(state)) if not track.is_held]


@pytest.fixture
def state() -> RoomState:
    room = RoomState(facts(RecordingPolicy.STAGE))
    room.fold(SeatJoined(seat(MASTER, Role.MASTER)), 1)
    room.fold(SeatJoined(seat(ROOM_A, Role.CLASSROOM, "a")), 1)
    room.fold(SeatJoined(seat(ROOM_B, Role.CLASSROOM, "b", consent=False)), 1)
    for owner in (MASTER, ROOM_A, ROOM_B):
        room.fold(PublicationAdded(offered(owner, Source.CAMERA)), 1)
        room.fold(PublicationAdded(offered(owner, Source.MICROPHONE)), 1)
    return room


def test_voices_come_first_and_lips_are_grouped(state: RoomState) -> None:
    state.fold(PublicationAdded(offered(MASTER, Source.SCREEN)), 1)
    tracks = flowing(state, state.seats[ROOM_A])
    assert [track.publication for track in tracks] == ["master/microphone", "master/camera", "master/screen"]
    assert [track.stream_id for track in tracks] == ["master", "master", "master-screen"]


def test_the_wall_is_small_and_the_stage_is_not(state: RoomState) -> None:
    state.fold(FloorGranted(ROOM_B), 2)
    tracks = {t.publication: t.low_layer for t in flowing(state, state.seats[MASTER])}
    assert tracks == {"room_b/microphone": False, "room_b/camera": False, "room_a/camera": True}


def test_who_may_be_on_stage_next_is_held_for_all(state: RoomState) -> None:
    held = [t.publication for t in tracks_for(state.seats[ROOM_A], audience_of(state)) if t.is_held]
    assert held == ["room_b/microphone", "room_b/camera"]
    on_the_wall = [t.publication for t in tracks_for(state.seats[MASTER], audience_of(state)) if t.is_held]
    assert on_the_wall == ["room_a/microphone", "room_b/microphone"]
    state.fold(FloorGranted(ROOM_B), 2)
    assert not any(t.is_held for t in tracks_for(state.seats[ROOM_A], audience_of(state)))


def test_a_large_lesson_holds_only_raised_hands(state: RoomState) -> None:
    for number in range(HELD_SEATS):
        state.fold(SeatJoined(seat(SeatId(f"more_{number}"), Role.CLASSROOM)), 1)
    assert not any(t.is_held for t in tracks_for(state.seats[ROOM_A], audience_of(state)))
    state.fold(FloorRequested(ROOM_B, 0), 2)
    held = [t.publication for t in tracks_for(state.seats[ROOM_A], audience_of(state)) if t.is_held]
    assert held == ["room_b/microphone", "room_b/camera"]


def test_an_assistant_sees_the_own_room(state: RoomState) -> None:
    assistant = seat(SeatId("assistant"), Role.ASSISTANT, "b")
    tracks = [track.publication for track in flowing(state, assistant)]
    assert tracks == ["master/microphone", "master/camera", "room_b/camera"]
    lost = flowing(state, seat(SeatId("assistant"), Role.ASSISTANT))
    assert [track.publication for track in lost] == ["master/microphone", "master/camera"]


def test_the_policy_may_keep_the_wall_from_assistants(state: RoomState) -> None:
    assistant = seat(SeatId("assistant"), Role.ASSISTANT, "b")
    state.fold(PolicyChanged(Ability.SEE_WALL, allowed=False), 2)
    assert [track.publication for track in flowing(state, assistant)] == [
        "master/microphone",
        "master/camera",
    ]
    assert "room_a/camera" in [track.publication for track in flowing(state, state.seats[MASTER])]


def test_a_whisper_is_for_one_ear(state: RoomState) -> None:
    assistants = [seat(SeatId(f"assistant_{room}"), Role.ASSISTANT, room) for room in "ab"]
    for assistant in assistants:
        state.fold(SeatJoined(assistant), 2)
        state.fold(PublicationAdded(offered(assistant.id, Source.WHISPER)), 2)
    state.fold(PublicationAdded(offered(MASTER, Source.WHISPER)), 2)
    state.fold(FloorGranted(assistants[0].id), 3)

    def whispers(receiver: SeatId) -> list[str]:
        tracks = tracks_for(state.seats[receiver], audience_of(state))
        return [track.publication for track in tracks if track.publication.endswith("whisper")]

    assert whispers(MASTER) == ["assistant_a/whisper", "assistant_b/whisper"]
    assert [whispers(receiver) for receiver in state.seats if receiver != MASTER] == [[]] * 4
    state.fold(WhisperChanged(MASTER, assistants[1].id), 4)
    assert whispers(assistants[1].id) == ["master/whisper"]
    assert [whispers(receiver) for receiver in (ROOM_A, ROOM_B, assistants[0].id)] == [[]] * 3
    state.fold(LessonStateChanged(LessonState.LIVE, 1, None), 5)
    recorded = [m.id for m in state.publications.values() if may_be_recorded(state, m)]
    assert not [id_ for id_ in recorded if id_.endswith("whisper")]


def test_a_room_listened_to_is_for_that_master_alone(state: RoomState) -> None:
    state.fold(ListeningChanged(MASTER, ROOM_A), 2)
    heard = [track for track in flowing(state, state.seats[MASTER]) if "microphone" in track.publication]
    assert [track.publication for track in heard] == ["room_a/microphone"]
    assert not is_forbidden(state, ROOM_A, Source.MICROPHONE)
    assert is_forbidden(state, ROOM_B, Source.MICROPHONE)
    others = [seat(SeatId("second"), Role.MASTER), seat(SeatId("assistant"), Role.ASSISTANT, "a")]
    for other in (*others, state.seats[ROOM_B]):
        assert "room_a/microphone" not in [track.publication for track in flowing(state, other)]
    assert speaker_group(state, ROOM_A, Source.MICROPHONE) is None
    assert "room_a/microphone" not in viewer_sources(state, ViewSource.STAGE)
    state.fold(LessonStateChanged(LessonState.LIVE, 1, None), 3)
    media = next(m for m in state.publications.values() if m.id == "room_a/microphone")
    assert not may_be_recorded(state, media)
    state.fold(FloorGranted(ROOM_A), 4)
    tracks = [track.publication for track in flowing(state, state.seats[MASTER])]
    assert tracks.count(PublicationId("room_a/microphone")) == 1


def test_a_screen_that_was_granted_is_for_all(state: RoomState) -> None:
    assistant = seat(SeatId("assistant"), Role.ASSISTANT, "b")
    state.fold(SeatJoined(assistant), 2)
    state.fold(PublicationAdded(offered(assistant.id, Source.SCREEN)), 2)
    shown = "assistant/screen"
    assert shown not in [track.publication for track in flowing(state, state.seats[ROOM_A])]
    state.fold(AbilityGranted(assistant.id, Ability.FORWARD_SCREEN, granted=True), 3)
    assert shown in [track.publication for track in flowing(state, state.seats[ROOM_A])]


def test_prohibitions(state: RoomState) -> None:
    assert is_forbidden(state, ROOM_A, Source.MICROPHONE)
    state.fold(FloorGranted(ROOM_A), 2)
    assert not is_forbidden(state, ROOM_A, Source.MICROPHONE)
    state.fold(SeatMuted(ROOM_A, True), 3)
    assert is_forbidden(state, ROOM_A, Source.MICROPHONE)
    assert not is_forbidden(state, ROOM_A, Source.CAMERA)
    assert is_forbidden(state, SeatId("nobody"), Source.CAMERA)
    state.fold(LessonStateChanged(LessonState.ENDED, 1, 2), 4)
    assert is_forbidden(state, MASTER, Source.CAMERA)


def test_voices_that_everybody_gets_compete_but_the_masters_does_not(state: RoomState) -> None:
    assert speaker_group(state, ROOM_A, Source.MICROPHONE) is None
    state.fold(FloorGranted(ROOM_A), 2)
    assert speaker_group(state, ROOM_A, Source.MICROPHONE) == state.facts.id
    assert speaker_group(state, ROOM_A, Source.CAMERA) is None
    assert speaker_group(state, MASTER, Source.MICROPHONE) is None
    assert speaker_group(state, SeatId("nobody"), Source.MICROPHONE) is None


def test_viewers(state: RoomState) -> None:
    assert viewer_sources(state, ViewSource.STAGE) == ("master/microphone", "master/camera")
    assert viewer_sources(state, ViewSource.SCREEN) == ("master/microphone", "master/camera")
    state.fold(PublicationAdded(offered(MASTER, Source.SCREEN)), 1)
    state.fold(FloorGranted(ROOM_A), 2)
    state.fold(FloorGranted(ROOM_B), 3)
    assert viewer_sources(state, ViewSource.SCREEN) == ("master/microphone", "master/screen")
    assert viewer_sources(state, ViewSource.STAGE) == ("room_b/microphone", "room_b/camera")
    assert viewer_sources(RoomState(facts()), ViewSource.MASTER) == (None, None)


def test_recording(state: RoomState) -> None:
    def recorded() -> set[str]:
        return {media.id for media in state.publications.values() if may_be_recorded(state, media)}

    state.fold(FloorGranted(ROOM_A), 2)
    state.fold(FloorGranted(ROOM_B), 2)
    assert recorded() == set()
    state.fold(LessonStateChanged(LessonState.LIVE, 1, None), 3)
    assert {media.partition("/")[0] for media in recorded()} == {"master", "room_a"}
