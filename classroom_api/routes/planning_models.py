"""Bodies of planning's records. A draft makes a record and replaces one; a record is a draft with an id."""

from __future__ import annotations

import zoneinfo
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from classroom_api.roles import GrantRole
from classroom_api.routes.models import Body, Id, Plain, Title

_ZONES = frozenset(zoneinfo.available_timezones())


def _is_zone(name: str) -> str:
    if name not in _ZONES:
        raise ValueError("an IANA time zone, such as Asia/Shanghai")
    return name


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), Plain]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80), Plain]
Login = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, min_length=2, max_length=120),
    StringConstraints(pattern=r"^[^\s:]+$"),
    Plain,
]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
Grade = Annotated[int, Field(ge=0, le=13, description="school year; 0 is the year before the first")]


class Record(Body):
    id: str
    created_at_ms: int


class OrganizationKind(StrEnum):
    REGION = "region"
    SCHOOL = "school"
    TEACHING_POINT = "teaching_point"
    STUDIO = "studio"


class OrganizationDraft(Body):
    kind: OrganizationKind
    name: Title
    parent_id: Id | None = None
    time_zone: Annotated[str, AfterValidator(_is_zone)] = "Asia/Shanghai"


class Organization(OrganizationDraft, Record):
    pass


class UserDraft(Body):
    organization_id: Id
    login: Login
    name: Name
    language: Language = "zh-CN"
    is_disabled: bool = False


class User(UserDraft, Record):
    pass


class RoleGrantDraft(Body):
    organization_id: Id = Field(description="the role holds here and in all below")
    user_id: Id
    role: GrantRole


class RoleGrant(RoleGrantDraft, Record):
    pass


class EndpointDraft(Body):
    organization_id: Id
    name: Name
    room: Text = ""


class Endpoint(EndpointDraft, Record):
    pass


class StudentGroupDraft(Body):
    organization_id: Id
    name: Name
    grade_levels: Annotated[list[Grade], Field(min_length=1, max_length=14)]
    size: int = Field(ge=0, le=2000, description="how many pupils; nothing knows their names")


class StudentGroup(StudentGroupDraft, Record):
    pass


class PairingDraft(Body):
    organization_id: Id = Field(description="whose lessons take this classroom")
    name: Name
    student_group_id: Id
    endpoint_id: Id | None = None
    assistant_id: Id | None = None


class Pairing(PairingDraft, Record):
    pass


class CourseDraft(Body):
    organization_id: Id
    title: Title
    subject: Name
    grade: Grade
    edition: Name = Field(description="which textbook")


class Course(CourseDraft, Record):
    pass


class UnitDraft(Body):
    course_id: Id
    title: Title
    node: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), Plain] = Field(
        default="", description="where in the syllabus, such as 3.2.1"
    )
    week: Annotated[int, Field(ge=1, le=60)] | None = None


class RetentionPolicyDraft(Body):
    """In days, and never for ever."""

    organization_id: Id = Field(description="it holds here and in all below that has none of its own")
    raw_track_days: Annotated[int, Field(ge=1, le=365, description="until raw tracks go")] = 30
    resource_days: Annotated[int, Field(ge=30, le=3650, description="until resources are reviewed")] = 1095
    review_days: Annotated[int, Field(ge=7, le=365, description="of a review, until they go")] = 90


class RetentionPolicy(RetentionPolicyDraft, Record):
    pass


class Unit(UnitDraft, Record):
    organization_id: str
