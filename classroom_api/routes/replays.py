"""All that a player needs in one answer, and what it tells of the viewing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from classroom_api.access_routes import PREFIX
from classroom_api.replays import Progress, Watched
from classroom_api.routes.access import Authorize, CallerOf, ServiceOf
from classroom_api.routes.audited import AuditedRoute, ReasonOf
from classroom_api.routes.decks import DeckPage, page_bodies
from classroom_api.routes.models import Body, Id
from classroom_api.routes.resources import PLAYABLE, replayed, reviews_replays, signed_until_s
from classroom_api.service import Service
from classroom_api.store.lessons import LessonState
from classroom_api.store.schema import LessonRow, ResourceRow, SeatRow
from classroom_api.store.versions import Shown
from signaling.roles import Role

router = APIRouter(prefix=PREFIX, tags=["replays"], dependencies=[Authorize], route_class=AuditedRoute)

_LONGEST_MS = 86_400_000
_MAX_TOLD_PARTS = 50
_DETAILS = ("description", "subject", "grade", "edition", "language", "creators", "keywords", "licence")
Ms = Annotated[int, Field(ge=0, le=_LONGEST_MS)]


class Rendition(Body):
    width: int
    height: int
    bit_rate_bps: int


class Picture(Body):
    """A picture with its sound; all have the same length and begin at the same moment."""

    resource: str
    kind: str = Field(description="teacher, screen or stage")
    seat: str | None
    classroom: str = Field(description="the name of the classroom on stage; empty for others")
    hls_url: str
    dash_url: str | None
    poster_url: str | None
    storyboard_url: str | None
    renditions: list[Rendition] = Field(description="the largest first; empty for a fast replay")


class Sound(Body):
    hls_url: str


class Captions(Body):
    id: str
    language: str
    label: str
    url: str
    is_automatic: bool


class Download(Body):
    kind: str
    url: str
    bytes: int


class ReplayDeck(Body):
    id: str
    title: str
    pages: list[DeckPage] = Field(description="those that the lesson showed")


class Replay(Body):
    resource: str
    lesson: str
    title: str
    details: dict[str, Any]
    version: str | None = Field(description="null: the fast replays")
    state: str = Field(description="of the teacher's picture: pending, playable, ready, failed or erased")
    is_published: bool
    duration_ms: int
    expires_at_ms: int = Field(description="when the addresses of pictures and sound stop to answer")
    pictures: list[Picture]
    sound: Sound | None
    captions: list[Captions]
    downloads: list[Download]
    decks: list[ReplayDeck]
    position_ms: int = Field(description="where this viewer stopped; 0: at the beginning, or it was watched")


class View(Body):
    id: str
    position_ms: int
    is_completed: bool


class ViewProgress(Body):
    version: Id | None = Field(default=None, description="what is played; null: the fast replays")
    position_ms: Ms
    played: Annotated[list[tuple[Ms, Ms]], Field(max_length=_MAX_TOLD_PARTS)] = Field(
        default_factory=list, description="parts since the last time, in the order in which they were played"
    )
    is_playing: bool = False
    is_over: bool = Field(default=False, description="the page was left")


@dataclass(frozen=True, slots=True)
class _Address:
    """Signs what lies in one folder."""

    service: Service
    expires_at_s: int

    def of(self, folder: str, name: str | None) -> str | None:
        return f"{self.service.signer.prefix(folder, self.expires_at_s)}/{name}" if name else None

    def require(self, folder: str, name: str) -> str:
        return f"{self.service.signer.prefix(folder, self.expires_at_s)}/{name}"


@router.get("/resources/{resource_id}/replay")
async def replay(resource_id: str, service: ServiceOf, caller: CallerOf, reason: ReasonOf = "") -> Replay:
    """What is served of the lesson of a resource, for a player."""
    row, lesson, shown = await replayed(resource_id, service, caller, reason)
    watched = await service.replays.watched(row, caller.principal.id)
    return _body(service, row, lesson, watched, shown, is_staff=reviews_replays(caller.principal))


@router.post("/resources/{resource_id}/views", status_code=201)
async def begin_view(resource_id: str, service: ServiceOf, caller: CallerOf, reason: ReasonOf = "") -> View:
    """A viewing begins; told by whom it is, for the one who watches alone."""
    row, _, _ = await replayed(resource_id, service, caller, reason)
    view = await service.replays.begin(row, caller.principal.id)
    return View(id=view.id, position_ms=view.position_ms, is_completed=view.is_completed)


@router.put("/views/{view_id}")
async def tell_view(view_id: str, progress: ViewProgress, service: ServiceOf, caller: CallerOf) -> View:
    """Which parts were played since, and where it is now."""
    told = Progress(
        version=progress.version,
        position_ms=progress.position_ms,
        played=tuple(progress.played),
        is_playing=progress.is_playing,
        is_over=progress.is_over,
    )
    view = await service.replays.tell(view_id, caller.principal.id, told)
    return View(id=view.id, position_ms=view.position_ms, is_completed=view.is_completed)


def _body(
    service: Service,
    row: ResourceRow,
    lesson: LessonRow,
    watched: Watched,
    shown: Shown,
    *,
    is_staff: bool,
) -> Replay:
    version, made = watched.version, _made(watched)
    duration_ms = int(made.get("duration_ms", row.duration_ms))
    address = _Address(service, signed_until_s(duration_ms))
    details = version.details if version is not None else {}
    pictures = _made_pictures(address, watched) if made else _fast_pictures(address, watched, shown, is_staff)
    hidden = frozenset() if is_staff else shown.hidden_seats
    sound = made.get("sound")
    first = next((one for one in watched.resources if one.kind == "teacher"), row)
    may_download = is_staff or details.get("is_downloadable") is True
    folder = version.id if version is not None else ""
    return Replay(
        resource=row.id,
        lesson=lesson.id,
        title=str(details.get("title") or lesson.title),
        details={name: details[name] for name in _DETAILS if details.get(name)},
        version=version.id if made and version is not None else None,
        state="ready" if made else first.state,
        is_published=lesson.state == LessonState.PUBLISHED,
        duration_ms=duration_ms,
        expires_at_ms=address.expires_at_s * 1000,
        pictures=[one for one in pictures if one.seat not in hidden],
        sound=Sound(hls_url=address.require(folder, sound["playlist"])) if sound else None,
        captions=[
            Captions(
                id=one.id,
                language=one.language,
                label=one.label,
                url=f"{PREFIX}/captions/{one.id}.vtt",
                is_automatic=one.origin == "recogniser",
            )
            for one in watched.captions
        ],
        downloads=[
            Download(kind=one["kind"], url=address.require(folder, one["name"]), bytes=one["bytes"])
            for one in (made.get("downloads", []) if may_download else [])
        ],
        decks=[
            ReplayDeck(id=deck.id, title=deck.title, pages=page_bodies(service, deck, pages))
            for deck, pages in watched.decks
        ],
        position_ms=min(watched.position_ms, duration_ms),
    )


def _made(watched: Watched) -> dict[str, Any]:
    """What the served version's ladder made; empty while the fast replays are served."""
    return (watched.version.made or {}) if watched.version is not None else {}


def _classroom(seats: Mapping[str, SeatRow], seat: str | None) -> str:
    row = seats.get(seat or "")
    return row.name if row is not None and row.role == Role.CLASSROOM else ""


def _fast_pictures(address: _Address, watched: Watched, shown: Shown, is_staff: bool) -> list[Picture]:
    """Of what pupils are not to see in it, they get nothing."""
    if shown.is_withheld and not is_staff:
        return []
    rows = [row for row in watched.resources if row.state in PLAYABLE and (is_staff or shown.holds(row))]
    found = [_fast(address, row, watched.seats) for row in rows]
    return [one for one in found if one is not None]


def _fast(address: _Address, row: ResourceRow, seats: Mapping[str, SeatRow]) -> Picture | None:
    if row.playlist is None:
        return None
    return Picture(
        resource=row.id,
        kind=row.kind,
        seat=row.seat_id,
        classroom=_classroom(seats, row.seat_id),
        hls_url=address.require(row.id, row.playlist),
        dash_url=None,
        poster_url=address.of(row.id, row.poster),
        storyboard_url=None,
        renditions=[],
    )


def _made_pictures(address: _Address, watched: Watched) -> list[Picture]:
    version = watched.version
    if version is None:
        return []
    return [
        Picture(
            resource=one["resource"],
            kind=one["kind"],
            seat=one.get("seat"),
            classroom=_classroom(watched.seats, one.get("seat")) if one["kind"] == "stage" else "",
            hls_url=address.require(version.id, one["playlist"]),
            dash_url=address.of(version.id, one.get("dash")),
            poster_url=address.of(version.id, one.get("poster")),
            storyboard_url=address.of(version.id, one.get("storyboard")),
            renditions=[
                Rendition(width=each["width"], height=each["height"], bit_rate_bps=each["bit_rate_bps"])
                for each in one.get("renditions", [])
            ],
        )
        for one in _made(watched).get("pictures", [])
    ]
