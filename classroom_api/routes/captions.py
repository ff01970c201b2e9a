"""Captions of lessons: upload, list, correct, delete; WebVTT for whoever may see the replay."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, StringConstraints, model_validator
from sqlalchemy.orm import Session

from classroom_api.access_routes import PREFIX
from classroom_api.planning import new_id
from classroom_api.routes.access import Authorize, Caller, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute, ReasonOf
from classroom_api.routes.conventions import VersionOf
from classroom_api.routes.models import Body, Id, Name, Plain
from classroom_api.routes.resources import require_replay
from classroom_api.routes.uploads import bounded_body, require_content_type
from classroom_api.service import Service
from classroom_api.store import captions as caption_store
from classroom_api.store.captions import CaptionDraft, Origin
from classroom_api.store.resource_schema import CaptionRow
from classroom_api.store.schema import LessonRow
from recording.edit import Kept
from recording.webvtt import (
    MAX_BYTES,
    MAX_CUES,
    MAX_POSITION_MS,
    CaptionsRefused,
    Cue,
    is_too_long,
    parse_captions,
    placed,
    plain_text,
    serialize_captions,
)
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId

router = APIRouter(prefix=PREFIX, tags=["captions"], dependencies=[Authorize], route_class=AuditedRoute)

_TYPES = ("text/vtt", "application/x-subrip", "text/plain", "application/octet-stream")
"""What is in it decides, whatever a client calls it."""
Language = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$"), Field(description="BCP 47")
]
Position = Annotated[int, Field(ge=0, le=MAX_POSITION_MS)]


class CaptionCue(Body):
    begin_ms: Position
    end_ms: Position
    text: Annotated[str, Field(max_length=2000, description="plain; a line or a few")]

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.begin_ms >= self.end_ms:
            raise ValueError("a caption ends after it begins")
        return self


class CaptionText(Body):
    """Captions as somebody has corrected them."""

    language: Language
    label: Name = ""
    cues: Annotated[list[CaptionCue], Field(max_length=MAX_CUES)]
    is_draft: bool | None = Field(
        default=None, description="false: approved, pupils have it from now on; null: as it was"
    )


class Captions(Body):
    id: str
    lesson: str
    language: str
    label: str
    origin: str = Field(description="upload or recogniser")
    is_draft: bool = Field(description="not approved yet: pupils do not have it")
    created_at_ms: int
    url: str = Field(description="WebVTT")

    @classmethod
    def of(cls, row: CaptionRow) -> Self:
        return cls.model_validate(_members(row))


class EditableCaptions(Captions):
    """`cues` at positions of the lesson, whatever a version cuts."""

    cues: list[CaptionCue]


def _members(row: CaptionRow) -> dict[str, str | int | bool]:
    return {
        "id": row.id,
        "lesson": row.lesson_id,
        "language": row.language,
        "label": row.label,
        "origin": row.origin,
        "is_draft": row.is_draft,
        "created_at_ms": row.created_at_ms,
        "url": f"{PREFIX}/captions/{row.id}.vtt",
    }


def _editable(row: CaptionRow) -> EditableCaptions:
    cues = [
        CaptionCue(begin_ms=cue.begin_ms, end_ms=cue.end_ms, text=cue.text)
        for cue in parse_captions(row.text.encode())
    ]
    return EditableCaptions.model_validate({**_members(row), "cues": cues})


def _etag(row: CaptionRow) -> str:
    return f'"{row.revision}"'


@router.get("/lessons/{lesson_id}/captions")
async def lesson_captions(
    lesson_id: LessonId, service: ServiceOf, caller: CallerOf, reason: ReasonOf = ""
) -> list[Captions]:
    """The captions of a lesson's replay, in the order in which they came; for pupils those approved."""
    lesson = await service.lesson_for(caller.principal, caller.scope, lesson_id)
    await require_replay(service, caller.principal, lesson, reason)
    rows = await service.planning.transaction(lambda session: caption_store.captions_of(session, lesson_id))
    return [Captions.of(row) for row in rows if not (row.is_draft and _is_pupil(caller))]


@router.post(
    "/lessons/{lesson_id}/captions",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _TYPES},
        }
    },
)
async def upload_captions(
    lesson_id: LessonId,
    request: Request,
    response: Response,
    service: ServiceOf,
    caller: CallerOf,
    language: Annotated[str, Query(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")],
    label: Annotated[str, Query(max_length=80), Plain] = "",
) -> Captions:
    """Upload WebVTT or SubRip (SRT), times being positions of the lesson."""
    await service.lesson_for(caller.principal, caller.scope, lesson_id)
    require_content_type(request, *_TYPES)
    data = await bounded_body(request, MAX_BYTES)
    text = serialize_captions(parse_captions(data))
    draft = CaptionDraft(lesson_id, language, label.strip(), Origin.UPLOAD, text)
    identifier, now_ms = new_id("cap"), service.planning.now_ms()
    row = await service.planning.transaction(
        lambda session: caption_store.add_caption(session, identifier, draft, now_ms)
    )
    response.headers["ETag"] = _etag(row)
    return Captions.of(row)


@router.get(
    "/captions/{record_id}.vtt",
    response_class=Response,
    responses={200: {"content": {"text/vtt": {"schema": {"type": "string"}}}}},
)
async def captions_as_webvtt(
    record_id: str,
    service: ServiceOf,
    caller: CallerOf,
    version: Annotated[Id | None, Query(description="at places of that version")] = None,
    reason: ReasonOf = "",
) -> Response:
    """WebVTT: for pupils at places of what is served to them, else, without a version, at positions."""
    row, lesson = await _found(record_id, service, caller)
    await require_replay(service, caller.principal, lesson, reason)
    is_pupil = _is_pupil(caller)
    kept = await service.planning.transaction(lambda session: _kept(session, lesson.id, version, is_pupil))
    text = row.text
    if kept is not None:
        text = serialize_captions(placed(parse_captions(text.encode()), kept))
    headers = {
        "Content-Disposition": f'inline; filename="captions-{row.language}.vtt"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }
    return Response(text, media_type="text/vtt", headers=headers)


def _is_pupil(caller: Caller) -> bool:
    claims = caller.principal.claims
    return claims is not None and claims.role is not Role.MASTER


def _kept(session: Session, lesson: str, version: str | None, is_pupil: bool) -> Kept | None:
    """A pupil gets nothing of what was cut."""
    if version is not None or is_pupil:
        return caption_store.kept_of_version(session, lesson, version, is_published_only=is_pupil)
    return None


@router.get("/captions/{record_id}")
async def one_captions(
    record_id: str, response: Response, service: ServiceOf, caller: CallerOf, reason: ReasonOf = ""
) -> EditableCaptions:
    """Captions to correct, with their ETag."""
    row, lesson = await _found(record_id, service, caller)
    await require_replay(service, caller.principal, lesson, reason)
    response.headers["ETag"] = _etag(row)
    return _editable(row)


@router.put("/captions/{record_id}")
async def replace_captions(
    record_id: str,
    body: CaptionText,
    response: Response,
    service: ServiceOf,
    caller: CallerOf,
    revision: VersionOf,
) -> EditableCaptions:
    """Corrected captions, in the order of their times; with `is_draft` false a person approves them."""
    row, _ = await _found(record_id, service, caller)
    is_draft = row.is_draft if body.is_draft is None else body.is_draft
    text = _text(body.cues)
    draft = CaptionDraft(row.lesson_id, body.language, body.label, Origin(row.origin), text, is_draft)
    changed = await service.planning.transaction(
        lambda session: caption_store.replace_caption(session, record_id, revision, draft)
    )
    response.headers["ETag"] = _etag(changed)
    return _editable(changed)


@router.delete("/captions/{record_id}", status_code=204)
async def delete_captions(record_id: str, service: ServiceOf, caller: CallerOf, revision: VersionOf) -> None:
    """Delete captions."""
    await _found(record_id, service, caller)
    await service.planning.transaction(
        lambda session: caption_store.delete_caption(session, record_id, revision)
    )


def _text(cues: list[CaptionCue]) -> str:
    """CaptionsRefused: captions_too_large."""
    found = sorted((cue.begin_ms, cue.end_ms, plain_text(cue.text)) for cue in cues)
    for number, (_, _, text) in enumerate(found, 1):
        if is_too_long(text):
            raise CaptionsRefused("captions_too_large", number, "that caption is too long.")
    text = serialize_captions(Cue(*each) for each in found if each[2])
    if len(text.encode()) > MAX_BYTES:
        raise CaptionsRefused("captions_too_large", len(found), f"at most {MAX_BYTES} bytes in all.")
    return text


async def _found(record_id: str, service: Service, caller: Caller) -> tuple[CaptionRow, LessonRow]:
    """Refused: captions_unknown, also to strangers."""
    is_pupil = _is_pupil(caller)
    row = await service.planning.transaction(
        lambda session: caption_store.require_caption(session, record_id, is_approved_only=is_pupil)
    )
    try:
        lesson = await service.lesson_for(caller.principal, caller.scope, LessonId(row.lesson_id))
    except Refused:
        raise Refused("captions_unknown", "There are no such captions.") from None
    return row, lesson
