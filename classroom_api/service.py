"""What REST, WHIP, WHEP and the socket stand on: one object that owns database, media, rooms and recorder."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from classroom_api.auth import ANY_TOKEN, JOINING, Keys, Principal, TokenKind, Tokens, load_or_create_keys
from classroom_api.metrics import render_metrics
from classroom_api.recorder_port import RecorderAdapter
from classroom_api.settings import Settings
from classroom_api.signed_paths import PathSigner
from classroom_api.store import lessons as lesson_store
from classroom_api.store import resources as resource_store
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.events import StoredEvents
from classroom_api.store.lessons import LessonState
from classroom_api.store.schema import LessonRow, ResourceRow, SeatRow
from signaling.messages import RoomBody
from signaling.ports import SeatClaims
from signaling.roles import Role
from signaling.rooms import Rooms, RoomsConfig
from streaming.errors import Refused
from streaming.identifiers import LessonId, SeatId, format_identifier
from streaming.server import MediaServer

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Pass:
    """What joining gives."""

    claims: SeatClaims
    lesson: LessonRow
    access_token: str
    resume_key: str


def _new_id(prefix: str) -> str:
    return format_identifier(prefix, secrets.token_bytes(16))


class Service:
    """Built by `create_app`; `open` before the first request, `close` after the last."""

    def __init__(self, settings: Settings) -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self._settings = settings
        self._keys = load_or_create_keys(settings.data_dir / "keys.json")
        self._database = Database(sqlite_url(settings.data_dir / "tandem.db"))
        self.tokens = Tokens(self._keys, time.time)
        self.signer = PathSigner(self._keys.secret)
        self.media = MediaServer(settings.media())
        self._recorder = RecorderAdapter(settings.data_dir, self.media, self._database)
        self.rooms = Rooms(
            self.media,
            StoredEvents(self._database),
            self._recorder,
            RoomsConfig(
                max_participants=settings.max_participants,
                max_viewers=settings.max_transports,
                max_viewers_per_seat=settings.max_participants,
            ),
        )
        self._recorder.tell_state = self.rooms.recording_state

    async def open(self) -> None:
        """Database, media port, recorder, rooms: in the order in which each needs the one before."""
        await self._database.open()
        await self.media.start()
        await self._recorder.open()
        await self.rooms.open()

    async def close(self) -> None:
        """The reverse of `open`. Lessons stay live: they go on when the server is back."""
        await self.rooms.close()
        await self._recorder.close()
        await self.media.close()
        await self._database.close()

    @property
    def keys(self) -> Keys:
        return self._keys

    @property
    def resource_folder(self) -> Path:
        return self._settings.data_dir / "resources"

    # Who is asking

    def principal(self, credential: str) -> Principal:
        """Refused: token_invalid, token_expired."""
        if self.tokens.is_admin_key(credential):
            return Principal(None)
        return Principal(self.tokens.check(credential, ANY_TOKEN)[0])

    def require_in(self, principal: Principal, lesson: LessonId) -> None:
        """Refused: lesson_unknown to strangers, so that they learn nothing."""
        if not principal.is_in(lesson):
            raise Refused("lesson_unknown", "There is no such lesson for this link.")

    async def seat_of(self, credential: str, lesson: LessonId) -> SeatClaims:
        """The seat that an invitation or access token opens in a lesson that still runs (WHIP, WHEP).

        Refused: lesson_unknown, token_invalid, token_expired, lesson_ended.
        """
        await self.lesson(lesson)
        claims, _ = self.tokens.check(credential, ANY_TOKEN)
        if claims.lesson != lesson:
            raise Refused("token_invalid", "This token is for another lesson.")
        await self._require_open(lesson)
        return claims

    async def join(self, lesson: LessonId, credential: str) -> Pass:
        """An invitation or a resume key becomes an access token and a resume key."""
        await self.lesson(lesson)
        claims, expires_at_s = self.tokens.check(credential, JOINING)
        if claims.lesson != lesson:
            raise Refused("token_invalid", "This link is for another lesson.")
        row = await self._require_open(lesson)
        await self._database.transaction(lambda session: lesson_store.require_seat(session, claims.seat))
        return Pass(
            claims=claims,
            lesson=row,
            access_token=self.tokens.issue_access(claims),
            resume_key=self.tokens.issue(TokenKind.RESUME, claims, expires_at_s),
        )

    async def _require_open(self, lesson: LessonId) -> LessonRow:
        row = await self.lesson(lesson)
        if row.state not in lesson_store.OPEN:
            raise Refused("lesson_ended", "The lesson is over: open its replay.")
        return row

    # Lessons

    async def create_lesson(
        self, title: str, mode: str, recording_policy: str, auto_publish: bool
    ) -> LessonRow:
        row = LessonRow(
            id=_new_id("les"),
            title=title,
            mode=mode,
            state=LessonState.SCHEDULED,
            recording_policy=recording_policy,
            auto_publish=auto_publish,
            created_at_ms=int(time.time() * 1000),
            started_at_ms=None,
            ended_at_ms=None,
        )
        await self._database.transaction(lambda session: session.add(row))
        return row

    async def lesson(self, lesson: LessonId) -> LessonRow:
        """Refused: lesson_unknown."""
        return await self._database.transaction(lambda session: lesson_store.require_lesson(session, lesson))

    async def lessons(self, limit: int) -> Sequence[LessonRow]:
        return await self._database.transaction(lambda session: lesson_store.list_lessons(session, limit))

    async def start_lesson(self, lesson: LessonId) -> None:
        await self._require_open(lesson)
        await self.rooms.start_lesson(lesson)

    async def end_lesson(self, lesson: LessonId) -> None:
        await self._require_open(lesson)
        await self.rooms.end_lesson(lesson)

    async def control(self, lesson: LessonId, body: RoomBody) -> None:
        """An administrator's request to a lesson's room. Refused: as the room says."""
        await self._require_open(lesson)
        await self.rooms.administer(lesson, body)

    def occupancy(self, lesson: LessonId) -> int:
        return self.rooms.occupancy(lesson)

    async def invite(
        self, lesson: LessonId, role: Role, name: str, classroom: str | None, recording_consent: bool | None
    ) -> tuple[SeatClaims, str]:
        """A seat and its invitation. Refused: lesson_unknown, lesson_ended."""
        row = await self._require_open(lesson)
        consent = role is Role.MASTER if recording_consent is None else recording_consent
        wanted = SeatRow(
            id=_new_id("seat"),
            lesson_id=lesson,
            role=role.value,
            name=name or classroom or "",
            classroom=classroom,
            recording_consent=consent,
            created_at_ms=int(time.time() * 1000),
        )
        seat = await self._database.transaction(
            lambda session: lesson_store.seat_for_invitation(session, wanted)
        )
        claims = SeatClaims(
            lesson=lesson,
            seat=SeatId(seat.id),
            role=Role(seat.role),
            name=seat.name,
            classroom=seat.classroom,
            recording_consent=consent,
        )
        expires_at_s = row.created_at_ms / 1000 + self._settings.invitation_days * _DAY_S
        return claims, self.tokens.issue(TokenKind.INVITATION, claims, expires_at_s)

    # Resources

    async def resources(self, lesson: LessonId) -> Sequence[ResourceRow]:
        return await self._database.transaction(lambda session: resource_store.resources_of(session, lesson))

    async def resource(self, resource: str) -> ResourceRow:
        """Refused: resource_unknown."""
        return await self._database.transaction(
            lambda session: resource_store.require_resource(session, resource)
        )

    # Health

    async def check_ready(self) -> None:
        """Unavailable: the database does not answer within two seconds."""
        async with asyncio.timeout(2):
            await self._database.transaction(lambda session: session.execute(select(1)).scalar_one())

    def metrics(self) -> bytes:
        return render_metrics(
            self.media.counters(), self.media.crypto_name(), self.rooms.summaries(), os.times()
        )
