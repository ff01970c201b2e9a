"""What REST, WHIP, WHEP and the socket stand on: one object that owns database, media, rooms and recorder."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.access import EVERYTHING, Ability, Scope, require
from classroom_api.auth import (
    ADMIN,
    ANY_TOKEN,
    JOINING,
    Keys,
    Principal,
    TokenKind,
    Tokens,
    load_or_create_keys,
)
from classroom_api.decks import Decks
from classroom_api.jobs.desk import JobDesk
from classroom_api.jobs.kinds import job_kinds
from classroom_api.live_media import LiveMedia
from classroom_api.metrics import render_metrics
from classroom_api.oidc import OpenIdProvider
from classroom_api.outbox.destinations import parse_destination
from classroom_api.outbox.events import Told, happening_of_state
from classroom_api.photos import Photos
from classroom_api.planning import Planning, new_id
from classroom_api.probes import Probes
from classroom_api.recorder_port import RecorderAdapter
from classroom_api.replays import Replays
from classroom_api.reports import Reports
from classroom_api.settings import Settings
from classroom_api.sign_in import SignIn
from classroom_api.signed_paths import PathSigner
from classroom_api.store import consents as consent_store
from classroom_api.store import lessons as lesson_store
from classroom_api.store import outbox, timetable
from classroom_api.store import resources as resource_store
from classroom_api.store.credentials import is_credential, principal_of
from classroom_api.store.database import Database, sqlite_url
from classroom_api.store.events import StoredEvents
from classroom_api.store.lessons import LessonState
from classroom_api.store.records import require_version
from classroom_api.store.schema import LessonRow, ResourceRow, SeatRow
from classroom_api.store.timetable import Plan
from classroom_api.upkeep import Upkeep
from classroom_api.versions import Versions
from signaling.messages import RoomBody
from signaling.ports import Decided, SeatClaims
from signaling.roles import Role
from signaling.rooms import Occupancy, Rooms, RoomsConfig
from streaming.errors import Refused, Unavailable
from streaming.identifiers import LessonId, SeatId
from streaming.server import MediaServer

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Pass:
    """What joining gives."""

    claims: SeatClaims
    lesson: LessonRow
    access_token: str
    resume_key: str


class Service:
    """Built by `create_app`; `open` before the first request, `close` after the last."""

    def __init__(self, settings: Settings) -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self._settings = settings
        self._keys = load_or_create_keys(settings.data_dir / "keys.json")
        url = settings.database_url or sqlite_url(settings.data_dir / "tandem.db")
        self._database = Database(url)
        # PostgreSQL has many writers: a long import does not hold up what rooms commit.
        self._planning_database = self._database
        if self._database.has_many_writers:
            self._planning_database = Database(url, self._database.watches)
        self.planning = Planning(self._planning_database, lambda: int(time.time() * 1000))
        self._following = asyncio.Lock()
        self.sign_in = SignIn(self.planning)
        self.reports = Reports(self.planning)
        lrs = settings.lrs()
        self.replays = Replays(
            self._planning_database, self.planning.now_ms, lrs.home_page if lrs is not None else None
        )
        oidc = settings.oidc()
        self.oidc = OpenIdProvider(oidc, self._keys.secret, time.time) if oidc is not None else None
        self.probes = Probes()
        self.tokens = Tokens(self._keys, time.time)
        self.signer = PathSigner(self._keys.secret)
        self.media = MediaServer(settings.media())
        kinds = job_kinds(settings)
        self._upkeep = Upkeep(
            settings, self._keys.secret, self._planning_database, kinds, self.planning.now_ms
        )
        self._database.committed = self._planning_database.committed = self._upkeep.committed
        self.recognised_language = settings.recogniser_language if settings.recogniser is not None else None
        self.jobs = JobDesk(self.planning, kinds)
        self.live = LiveMedia(self.resource_folder)
        self.storage = settings.opened_storage()
        self.versions = Versions(self.planning, kinds, self._upkeep, is_ladder_on=settings.ladder == "on")
        self._recorder = RecorderAdapter(
            settings.recording(),
            self.media,
            self._database,
            self.live,
            self.versions.lesson_settled,
            is_stored=self.storage is not None,
        )
        self.photos = Photos(settings.data_dir, self._database, self.planning.now_ms)
        self.rooms = Rooms(
            self.media,
            StoredEvents(self._database, is_stated=settings.lrs_url is not None),
            self._recorder,
            self.photos,
            self,
            RoomsConfig(
                max_participants=settings.max_participants,
                max_viewers=settings.max_transports,
                max_viewers_per_seat=settings.max_participants,
            ),
        )
        self._recorder.tell_state = self.rooms.recording_state
        self.decks = Decks(settings.data_dir, self._database, self.planning.now_ms, self.rooms.decks_changed)

    async def open(self) -> None:
        """Database, media port, recorder, rooms: in the order in which each needs the one before."""
        await self._database.open()
        await self.media.start()
        await self._recorder.open()
        await self.photos.open()
        await self.rooms.open()
        await self.decks.open()
        await self._upkeep.open()

    async def close(self) -> None:
        """The reverse of `open`. Lessons stay live: they go on when the server is back."""
        await self._upkeep.close()
        await self.decks.close()
        await self.rooms.close()
        await self.photos.close()
        await self._recorder.close()
        await self.media.close()
        self.sign_in.close()
        if self.oidc is not None:
            await self.oidc.close()
        await self._planning_database.close()
        await self._database.close()

    @property
    def keys(self) -> Keys:
        return self._keys

    @property
    def resource_folder(self) -> Path:
        return self._settings.data_dir / "resources"

    @property
    def site_url(self) -> str | None:
        """Where browsers find this server, if that was set."""
        return self._settings.site_url

    def erase_soon(self) -> None:
        """An erasure was asked for: it is carried out at once."""
        self._upkeep.erase_soon()

    def check_webhook_url(self, url: str) -> None:
        """Refused: webhook_url_refused."""
        parse_destination(url, is_private_allowed=self._settings.webhook_private_addresses)

    # Who is asking

    async def principal(self, credential: str) -> Principal:
        """Refused: token_invalid, token_expired."""
        if self.tokens.is_admin_key(credential):
            return ADMIN
        if is_credential(credential):
            now_ms = self.planning.now_ms()
            return await self._database.transaction(lambda session: principal_of(session, credential, now_ms))
        claims = self.tokens.check(credential, ANY_TOKEN)[0]
        return Principal(claims.seat, claims=claims)

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

    async def with_decisions(self, claims: SeatClaims) -> SeatClaims:
        """Signaling's `ConsentPort`."""

        def work(session: Session) -> Decided:
            seat = lesson_store.require_seat(session, claims.seat)
            return consent_store.decided_by(session, seat.student_group_id)

        return replace(claims, decided=await self._database.transaction(work))

    async def follow_decisions(self, student_group: str) -> None:
        """The rooms in which a group sits hold it to what it has decided, from now on."""

        def work(session: Session) -> tuple[Decided, Sequence[tuple[str, str]]]:
            seats = lesson_store.open_seats_of(session, student_group)
            return consent_store.decided_by(session, student_group), seats

        async with self._following:  # else an older decision could overtake a newer one on its way
            decided, seats = await self._database.transaction(work)
            for lesson, seat in seats:
                await self.rooms.decide_consent(LessonId(lesson), SeatId(seat), decided)

    async def join(self, lesson: LessonId, credential: str) -> Pass:
        """An invitation or a resume key becomes an access token and a resume key."""
        await self.lesson(lesson)
        claims, expires_at_s = self.tokens.check(credential, JOINING)
        if claims.lesson != lesson:
            raise Refused("token_invalid", "This link is for another lesson.")
        row = await self._require_open(lesson)
        return Pass(
            claims=claims,
            lesson=row,
            access_token=self.tokens.issue_access(claims),
            resume_key=self.tokens.issue(TokenKind.RESUME, claims, expires_at_s),
        )

    async def _require_open(self, lesson: LessonId) -> LessonRow:
        row = await self.lesson(lesson)
        if row.state == LessonState.DRAFT:
            raise Refused("lesson_state_conflict", "The lesson is a draft: schedule it first.")
        if row.state not in lesson_store.OPEN:
            raise Refused("lesson_ended", "The lesson is over: open its replay.")
        return row

    # Lessons

    async def create_lesson(
        self,
        title: str,
        mode: str,
        recording_policy: str,
        auto_publish: bool,
        voice_ptime_ms: int = 20,
    ) -> LessonRow:
        """A lesson without time or place, which can be joined at once."""
        plan = Plan(title, mode, recording_policy, auto_publish, voice_ptime_ms=voice_ptime_ms)
        return await self._database.transaction(lambda session: self.plan_new(session, plan, ADMIN))

    def plan_new(
        self,
        session: Session,
        plan: Plan,
        principal: Principal,
        state: LessonState = LessonState.SCHEDULED,
    ) -> LessonRow:
        """Part of a transaction. Refused: as `timetable.apply_plan`."""
        row = LessonRow(id=new_id("les"), state=state, created_at_ms=self.planning.now_ms())
        timetable.apply_plan(session, row, plan, principal, lambda: new_id("seat"))
        self._tell_state(session, row)
        return row

    def _tell_state(self, session: Session, row: LessonRow) -> None:
        """What people have made of a lesson, to who wants to hear it."""
        kind = happening_of_state(row.state)
        if kind is not None:
            outbox.tell(session, Told(kind, self.planning.now_ms(), row.id, row.organization_id))

    def plan_again(
        self, session: Session, lesson: LessonId, plan: Plan, principal: Principal, version: int | None
    ) -> LessonRow:
        """Part of a transaction. Refused: lesson_unknown, precondition_failed, as `timetable.apply_plan`."""
        scope = require(principal, Ability.LESSONS_WRITE)
        row = timetable.find_lesson(session, lesson, scope)
        require_version(row.version, version)
        timetable.apply_plan(session, row, plan, principal, lambda: new_id("seat"))
        return row

    async def step_lesson(self, lesson: LessonId, scope: Scope, step: str) -> LessonRow:
        """A step of `lessons.STEPS`. Refused: lesson_unknown, lesson_state_conflict."""

        def work(session: Session) -> LessonRow:
            row = timetable.find_lesson(session, lesson, scope)
            lesson_store.take_step(row, step)
            if row.state == LessonState.CANCELLED:
                timetable.free_bookings(session, row.id)
            session.flush()
            self._tell_state(session, row)
            return row

        if self.occupancy(lesson).participants:
            raise Refused("lesson_state_conflict", "Somebody is in the lesson: start or end it instead.")
        return await self._database.transaction(work)

    async def lesson_for(self, principal: Principal, scope: Scope, lesson: LessonId) -> LessonRow:
        """The lesson of a seat, or one in `scope`. Refused: lesson_unknown (strangers learn nothing)."""
        if principal.claims is not None:
            self.require_in(principal, lesson)
            scope = EVERYTHING
        return await self._database.transaction(lambda session: timetable.find_lesson(session, lesson, scope))

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

    def occupancy(self, lesson: LessonId) -> Occupancy:
        return self.rooms.occupancy(lesson)

    async def invite(
        self, lesson: LessonId, role: Role, name: str, classroom: str | None, recording_consent: bool | None
    ) -> tuple[SeatClaims, str]:
        """A seat and its invitation. Refused: lesson_unknown, lesson_ended."""
        row = await self._require_open(lesson)
        wanted = SeatRow(
            id=new_id("seat"),
            lesson_id=lesson,
            role=role.value,
            name=name,
            classroom=classroom,
            recording_consent=role is Role.MASTER if recording_consent is None else recording_consent,
            created_at_ms=self.planning.now_ms(),
        )
        seat = await self._database.transaction(
            lambda session: lesson_store.seat_for_invitation(session, wanted)
        )
        consent = wanted.recording_consent
        if seat.student_group_id is not None:
            consent = seat.recording_consent and recording_consent is not False
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

    async def invite_device(self, lesson: LessonId, endpoint: str) -> tuple[SeatClaims, str]:
        """The invitation of the seat that a device has in a lesson. Refused: seat_unknown, lesson_ended."""
        seat = await self._database.transaction(
            lambda session: session.scalar(
                select(SeatRow).where(SeatRow.lesson_id == lesson, SeatRow.endpoint_id == endpoint)
            )
        )
        if seat is None:
            raise Refused("seat_unknown", "This device has no seat in this lesson.")
        return await self.invite(lesson, Role.CLASSROOM, "", seat.classroom, None)

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
        try:
            async with asyncio.timeout(2):
                await self._database.transaction(lambda session: session.execute(select(1)).scalar_one())
        except TimeoutError:
            raise Unavailable("unavailable", "The database does not answer.") from None

    def metrics(self, refusals: Mapping[str, int]) -> bytes:
        return render_metrics(
            self.media.counters(),
            self.media.crypto_name(),
            self.rooms.summaries(),
            os.times(),
            self._upkeep.outbox_figures,
            self._upkeep.job_figures,
            refusals,
        )
