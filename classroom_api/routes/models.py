"""Bodies of the REST face."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from classroom_api.store.lessons import LessonMode, LessonState
from classroom_api.store.schema import LessonRow
from signaling.roles import Role

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
SeatRole = Literal[Role.MASTER, Role.ASSISTANT, Role.CLASSROOM, Role.STUDENT, Role.OBSERVER]
"""An administrator has no seat."""
RecordingPolicy = Literal["off", "master_only", "stage"]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True)


class LessonDraft(Body):
    title: Title
    mode: LessonMode = LessonMode.INTERACTIVE
    recording_policy: RecordingPolicy = "master_only"
    auto_publish: bool = False


class Lesson(Body):
    id: str
    title: str
    mode: str
    state: LessonState
    recording_policy: str
    auto_publish: bool
    created_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    participants: int = Field(description="seats in the room now")


class InvitationDraft(Body):
    role: SeatRole
    name: Name = ""
    classroom: Name | None = None
    recording_consent: bool | None = Field(None, description="default: the master alone")


class Seat(Body):
    id: str
    role: Role
    name: str
    classroom: str | None


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
    hls_url: str | None
    poster_url: str | None
    duration_ms: int


def state_now(row: LessonRow, participants: int) -> LessonState:
    """A scheduled lesson in which somebody sits is in its lobby."""
    state = LessonState(row.state)
    return LessonState.LOBBY if state is LessonState.SCHEDULED and participants else state


def lesson_body(row: LessonRow, participants: int) -> Lesson:
    return Lesson(
        id=row.id,
        title=row.title,
        mode=row.mode,
        state=state_now(row, participants),
        recording_policy=row.recording_policy,
        auto_publish=row.auto_publish,
        created_at_ms=row.created_at_ms,
        started_at_ms=row.started_at_ms,
        ended_at_ms=row.ended_at_ms,
        participants=participants,
    )
