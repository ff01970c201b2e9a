"""Bodies of the REST face."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from classroom_api.store.lessons import LessonMode, LessonState
from classroom_api.store.schema import LessonRow
from classroom_api.store.timetable import Plan
from signaling.ports import LessonState as RoomState
from signaling.roles import Role
from signaling.rooms import Occupancy

_FORBIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LONGEST_LESSON_MS = 86_400_000


def is_plain(text: str) -> str:
    """ValueError: a control character, line break or half a surrogate pair, which no database takes alike."""
    if any(unicodedata.category(character) in _FORBIDDEN for character in text):
        raise ValueError("no control characters or line breaks")
    return text


Plain = AfterValidator(is_plain)
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80), Plain]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Plain]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,6}_[a-z2-7]{26}$")]
Time = Annotated[int, Field(ge=0, le=32_503_680_000_000, description="UTC, ms since 1970")]
SeatRole = Literal[Role.MASTER, Role.ASSISTANT, Role.CLASSROOM, Role.STUDENT, Role.OBSERVER]
"""An administrator has no seat."""
RecordingPolicy = Literal["off", "master_only", "stage"]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True)


class LessonPlan(Body):
    """What a lesson is to be. With a time, its teacher, room, devices and groups are booked."""

    title: Title
    mode: LessonMode = LessonMode.INTERACTIVE
    recording_policy: RecordingPolicy = "master_only"
    auto_publish: bool = False
    organization_id: Id | None = None
    course_id: Id | None = None
    unit_id: Id | None = None
    master_id: Id | None = Field(default=None, description="the user who teaches")
    room: Name | None = Field(default=None, description="where the teacher is")
    starts_at_ms: Time | None = None
    ends_at_ms: Time | None = None
    pairings: Annotated[tuple[Id, ...], Field(max_length=500)] = Field(
        default=(), description="the classrooms"
    )
    voice_ptime_ms: Literal[20, 40, 60] = Field(
        default=20, description="voice in one packet; above 20 for listen-only lessons (broadcast) alone"
    )

    @model_validator(mode="after")
    def _has_a_whole_time(self) -> Self:
        if (self.starts_at_ms is None) != (self.ends_at_ms is None):
            raise ValueError("starts_at_ms and ends_at_ms go together")
        starts_at_ms, ends_at_ms = self.starts_at_ms or 0, self.ends_at_ms
        if ends_at_ms is not None and not 0 < ends_at_ms - starts_at_ms <= _LONGEST_LESSON_MS:
            raise ValueError("a lesson ends after it starts, and within a day")
        if len(set(self.pairings)) != len(self.pairings):
            raise ValueError("each pairing once")
        return self

    @model_validator(mode="after")
    def _talk_is_prompt(self) -> Self:
        if self.voice_ptime_ms != 20 and self.mode is not LessonMode.BROADCAST:
            raise ValueError("voice_ptime_ms above 20 delays a conversation: broadcast lessons only")
        return self

    def plan(self) -> Plan:
        return Plan(**self.model_dump(exclude={"state"}))


class LessonDraft(LessonPlan):
    state: Literal["draft", "scheduled"] = "scheduled"


class Lesson(Body):
    id: str
    title: str
    mode: str
    state: LessonState
    recording_policy: str
    auto_publish: bool
    voice_ptime_ms: int
    created_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    organization_id: str | None
    course_id: str | None
    unit_id: str | None
    master_id: str | None
    room: str | None
    starts_at_ms: int | None
    ends_at_ms: int | None
    participants: int = Field(description="seats in the room now")
    interruption: RoomState | None = Field(description="of a live lesson: suspended, master_lost")


class TimetableSeat(Body):
    role: Role
    name: str
    pairing_id: str | None


class TimetableLesson(Lesson):
    seats: list[TimetableSeat] = Field(description="the teacher's and the classrooms', as planned")


class InvitationDraft(Body):
    role: SeatRole
    name: Name = ""
    classroom: Name | None = None
    recording_consent: bool | None = Field(default=None, description="default: the master alone")


class Seat(Body):
    id: str
    role: Role
    name: str
    classroom: str | None


class PlannedSeat(Seat):
    pairing_id: str | None
    student_group_id: str | None
    endpoint_id: str | None
    user_id: str | None
    recording_consent: bool


class Invitation(Body):
    invitation: str
    seat: Seat
    url: str = Field(description="the link to give away")


class LessonOfSeat(Body):
    id: str
    title: str
    mode: str
    state: LessonState
    recording_policy: str


class Joined(Body):
    access_token: str
    expires_in_s: int
    resume_key: str
    seat: Seat
    lesson: LessonOfSeat
    ws_url: str
    ice_servers: list[dict[str, str]]
    permissions: list[str]


class Resource(Body):
    id: str
    lesson: str
    kind: str
    seat: str | None
    title: str
    state: str = Field(description="pending, playable, ready or failed")
    hls_url: str | None = Field(description="of the served version, else of the fast replay")
    poster_url: str | None
    duration_ms: int = Field(description="of what hls_url plays")
    version: str | None = Field(default=None, description="the version that is served")
    taught_url: str | None = Field(default=None, description="the fast replay, for who teaches and edits")
    taught_ms: int = Field(default=0, description="the lesson's length")


class LiveResource(Body):
    resource: str
    kind: str
    seat: str | None
    live_url: str = Field(description="low-latency HLS, the whole lesson so far")


def state_now(row: LessonRow, participants: int) -> LessonState:
    """A scheduled lesson in which somebody sits is in its lobby."""
    state = LessonState(row.state)
    return LessonState.LOBBY if state is LessonState.SCHEDULED and participants else state


def lesson_body(row: LessonRow, occupancy: Occupancy) -> Lesson:
    return Lesson(
        id=row.id,
        title=row.title,
        mode=row.mode,
        state=state_now(row, occupancy.participants),
        recording_policy=row.recording_policy,
        auto_publish=row.auto_publish,
        voice_ptime_ms=row.voice_ptime_ms,
        created_at_ms=row.created_at_ms,
        started_at_ms=row.started_at_ms,
        ended_at_ms=row.ended_at_ms,
        organization_id=row.organization_id,
        course_id=row.course_id,
        unit_id=row.unit_id,
        master_id=row.master_id,
        room=row.room,
        starts_at_ms=row.starts_at_ms,
        ends_at_ms=row.ends_at_ms,
        participants=occupancy.participants,
        interruption=occupancy.interruption,
    )
