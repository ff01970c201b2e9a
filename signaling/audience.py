"""Who receives what, whose packets are dropped, what a viewer sees, what may be written: plain functions of
the state.

The rule of docs/protocol.md, section 5: everybody gets the master's sources and the voice and camera of the
seats on stage; the master besides the camera of each classroom, an assistant that of the own classroom;
nobody the own media.  A whisper is in nobody's share but that of the one who is to hear it; so is the voice
of a classroom off stage to which a master listens.

Who may be on stage next is *held* for everybody: negotiated, with nothing flowing. A grant then takes no
offer and no answer, which on a busy PC took up to 0.4 s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from signaling.commands import ViewSource
from signaling.events import OfferedMedia, Seat
from signaling.lifecycle import RUNNING
from signaling.link_events import Receive
from signaling.policy import may_forward
from signaling.ports import RecordingPolicy, RecordingState
from signaling.roles import Ability, Right, Role, right_of
from signaling.room_state import RoomState
from streaming.identifiers import LessonId, PublicationId, SeatId
from streaming.session.media import MediaKind, Source, WantedTrack

_SCREEN_SOURCES = frozenset({Source.SCREEN, Source.SCREEN_AUDIO})
HELD_SEATS = 4
"""So many hands are held, and, while a lesson has no more classrooms than this, each of them."""

_VOICE_FIRST = {
    Source.WHISPER: 0,
    Source.MICROPHONE: 0,
    Source.SCREEN_AUDIO: 1,
    Source.CAMERA: 2,
    Source.SCREEN: 3,
}


@dataclass(frozen=True, slots=True)
class Audience:
    """What the room shows now.  `shared`: to everybody, with its owner, and what is held behind it; `wall`:
    cameras of classrooms off stage, which the policy may keep from assistants; `whispers`: by the one seat
    that hears them, and with them the voices listened to."""

    shared: tuple[tuple[SeatId, WantedTrack], ...]
    wall: tuple[tuple[Seat, WantedTrack], ...]
    whispers: Mapping[SeatId, tuple[WantedTrack, ...]]
    is_wall_denied: bool = False


def audience_of(state: RoomState) -> Audience:
    """Voices come first, then in the order of publication."""
    shared: list[tuple[SeatId, WantedTrack]] = []
    held: list[tuple[SeatId, WantedTrack]] = []
    wall: list[tuple[Seat, WantedTrack]] = []
    whispers: dict[SeatId, tuple[WantedTrack, ...]] = {}
    next_on_stage = _next_on_stage(state)
    for media in sorted(state.publications.values(), key=lambda media: _VOICE_FIRST[media.source]):
        owner = state.seats[media.seat]
        if media.source is Source.WHISPER:
            for hearer in whisper_hearers(state, owner):
                whispers[hearer] = (*whispers.get(hearer, ()), _wanted(media, low_layer=False))
            continue
        if is_shown(state, owner, media.source):
            shared.append((owner.id, _wanted(media, low_layer=False)))
            continue
        if owner.id in next_on_stage:
            held.append((owner.id, _wanted(media, low_layer=False, is_held=True)))
        if media.source is Source.MICROPHONE:
            for hearer in listeners(state, owner):
                whispers[hearer] = (*whispers.get(hearer, ()), _wanted(media, low_layer=False))
        if owner.role is Role.CLASSROOM and media.source is Source.CAMERA:
            wall.append((owner, _wanted(media, low_layer=True)))
    is_wall_denied = Ability.SEE_WALL in state.controls.denied
    return Audience((*shared, *held), tuple(wall), whispers, is_wall_denied)


def is_shown(state: RoomState, owner: Seat, source: Source) -> bool:
    """Whether everybody receives it: the master's, the stage's, and a screen that was granted."""
    if owner.role is Role.MASTER or state.is_on_stage(owner.id):
        return True
    return source in _SCREEN_SOURCES and may_forward(state, owner, source)


def whisper_hearers(state: RoomState, owner: Seat) -> tuple[SeatId, ...]:
    """Who hears the whisper of a seat: of an assistant every master, of a master the one assistant named."""
    if owner.role is Role.ASSISTANT:
        return tuple(seat.id for seat in state.seats.values() if seat.role is Role.MASTER)
    named = state.controls.whispers.get(owner.id)
    hearer = None if named is None else state.seats.get(named)
    return () if owner.role is not Role.MASTER or hearer is None else (hearer.id,)


def listeners(state: RoomState, owner: Seat) -> tuple[SeatId, ...]:
    """The masters who hear this seat's microphone though it is not on stage."""
    return tuple(master for master, to in state.controls.listens.items() if to == owner.id)


def _next_on_stage(state: RoomState) -> frozenset[SeatId]:
    rooms = [seat.id for seat in state.seats.values() if seat.role is Role.CLASSROOM]
    return frozenset([*state.floor.hands[:HELD_SEATS], *(rooms if len(rooms) <= HELD_SEATS else ())])


def tracks_for(seat: Seat, audience: Audience) -> tuple[WantedTrack, ...]:
    """What one seat receives, without its own media; what the wall shows need not be held besides."""
    wall: list[WantedTrack] = []
    match right_of(seat.role, Ability.SEE_WALL):
        case Right.ALWAYS:
            wall = [track for _, track in audience.wall]
        case Right.OWN_ROOM if seat.classroom is not None and not audience.is_wall_denied:
            wall = [track for owner, track in audience.wall if owner.classroom == seat.classroom]
        case _:
            pass
    whispers = audience.whispers.get(seat.id, ())
    seen = {track.publication for track in (*whispers, *wall)}
    shared = [track for owner, track in audience.shared if owner != seat.id and track.publication not in seen]
    return (*whispers, *shared, *wall)


def received(state: RoomState, seat: SeatId, tracks: tuple[WantedTrack, ...]) -> tuple[WantedTrack, ...]:
    """The same with as much picture as the seat is to be sent; what it is not sent stays held, so that it
    comes back without an offer."""
    receive = state.links.receive_of(seat)
    if receive is Receive.HIGH:
        return tracks
    pictures = {media.id for media in state.publications.values() if media.kind is MediaKind.VIDEO}
    return tuple(
        replace(track, low_layer=True, is_held=track.is_held or receive is Receive.NONE)
        if track.publication in pictures
        else track
        for track in tracks
    )


def is_forbidden(state: RoomState, seat: SeatId, source: Source) -> bool:
    """Whether the packets of a source are dropped at the server."""
    owner = state.seats.get(seat)
    return owner is None or not may_forward(state, owner, source)


def speaker_group(state: RoomState, seat: SeatId, source: Source) -> LessonId | None:
    """The voices that a voice competes with for being heard: all that everybody gets but the master's.

    None: it is heard by whoever gets it, as a voice is that goes to a few alone.
    """
    owner = state.seats.get(seat)
    competes = owner is not None and owner.role is not Role.MASTER and state.is_on_stage(seat)
    return state.facts.id if competes and source is Source.MICROPHONE else None


def viewer_sources(state: RoomState, source: ViewSource) -> tuple[PublicationId | None, PublicationId | None]:
    """The (audio, video) publications that a WHEP viewer gets."""
    by_owner: dict[tuple[SeatId, Source], PublicationId] = {
        (media.seat, media.source): media.id for media in state.publications.values()
    }
    publishing = {seat for seat, _ in by_owner}
    masters = [seat.id for seat in state.seats.values() if seat.role is Role.MASTER]
    shown = sorted(masters, key=lambda seat: seat not in publishing)
    if source is ViewSource.STAGE and state.floor.stage:
        shown.insert(0, state.floor.stage[-1])
    video_order = [Source.SCREEN, Source.CAMERA] if source is ViewSource.SCREEN else [Source.CAMERA]
    audio = [by_owner[key] for seat in shown[:1] if (key := (seat, Source.MICROPHONE)) in by_owner]
    video = [by_owner[key] for seat in shown[:1] for kind in video_order if (key := (seat, kind)) in by_owner]
    return (audio[0] if audio else None, video[0] if video else None)


def may_be_recorded(state: RoomState, media: OfferedMedia) -> bool:
    """Policy AND the seat's consent AND role or stage, only in a running lesson, and never a whisper."""
    owner = state.seats[media.seat]
    if state.lesson.state not in RUNNING or state.recording.state is RecordingState.PAUSED:
        return False
    if not owner.recording_consent or media.source is Source.WHISPER:
        return False
    match state.facts.recording_policy:
        case RecordingPolicy.OFF:
            return False
        case RecordingPolicy.MASTER_ONLY:
            return owner.role is Role.MASTER
        case RecordingPolicy.STAGE:
            return owner.role is Role.MASTER or state.is_on_stage(owner.id)


def _wanted(media: OfferedMedia, *, low_layer: bool, is_held: bool = False) -> WantedTrack:
    stream = media.seat
    if media.source in _SCREEN_SOURCES:
        stream = SeatId(f"{media.seat}-screen")
    elif media.source is Source.WHISPER:  # no picture's lips belong to it
        stream = SeatId(f"{media.seat}-whisper")
    return WantedTrack(media.id, stream, low_layer, is_held)
