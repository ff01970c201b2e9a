"""SHELL: one room with its clock, its clients, and the ways to media server, recorder and event log."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, assert_never

from signaling.carrier import Carrier
from signaling.commands import Ask, Command, ConnectionId, TimePassed
from signaling.commands import StorageChanged as StorageChangedCommand
from signaling.connection import Frame, frame_of
from signaling.effects import (
    ClosePeer,
    ContinueRecording,
    Dismiss,
    Effect,
    Emit,
    Greet,
    MediaEffect,
    OpenRecording,
    Outbound,
    RecorderEffect,
    RoomOver,
    SealRecording,
    SetForbidden,
    SetSpeakerGroup,
    SetSubscriptions,
    SetViewerSources,
    StartSource,
    StopSource,
    SuspendRecording,
    Tell,
    TellAll,
    TellLevels,
)
from signaling.gathering import Gathering
from signaling.outbox import Outbox, Reply
from signaling.ports import EventLog, MediaPort, RecorderPort, StoredEvent
from signaling.room import Room
from signaling.server_messages import (
    numbers_given,
    serialize_direct,
    serialize_levels,
    serialize_result,
    serialize_stored_event,
    serialize_stored_events,
    serialize_welcome,
)
from streaming.errors import TandemError
from streaming.identifiers import LessonId

logger = logging.getLogger(__name__)

HEARTBEAT_S = 5


class Outlet(Protocol):
    """The way to one client; neither call blocks."""

    def send(self, frame: Frame) -> None: ...

    def dismiss(self, code: str | None) -> None: ...


@dataclass(frozen=True, slots=True)
class _Greeted:
    """`seq`: the last event that the client was given with its welcome."""

    outlet: Outlet
    seq: int


class LiveRoom:
    """Owner of one Room.  `perform` is the only way in, and runs to its end without an await."""

    def __init__(
        self,
        room: Room,
        media: MediaPort,
        log: EventLog,
        recorder: RecorderPort,
        *,
        make_epoch: Callable[[], str],
    ) -> None:
        self.room = room
        self.lesson: LessonId = room.state.facts.id
        self._media = media
        self._recorder = recorder
        self._attached: dict[ConnectionId, Outlet] = {}
        self._greeted: dict[ConnectionId, _Greeted] = {}
        self._gathering = Gathering()
        self._gather_timer: asyncio.TimerHandle | None = None
        self._outbox = Outbox(
            room,
            log,
            deliver=self._deliver,
            storage_changed=lambda is_full: self.perform(StorageChangedCommand(is_full)),
            make_epoch=make_epoch,
        )
        self._media_carrier = Carrier(f"{self.lesson} media")
        self._recorder_carrier = Carrier(f"{self.lesson} recorder")
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.over = asyncio.Event()

    @property
    def unstored_events(self) -> int:
        return self._outbox.unstored_events

    @property
    def sockets(self) -> int:
        return len(self._greeted)

    def open(self, *, is_recovered: bool) -> None:
        """Start the room's tasks; with `is_recovered` its seats are waited for."""
        loop = asyncio.get_running_loop()
        runs = (self._outbox.run(), self._media_carrier.run(), self._recorder_carrier.run())
        self._tasks = [loop.create_task(run) for run in runs]
        if is_recovered:
            self._carry_out(self.room.recover(time.monotonic_ns()))

    async def drain(self) -> None:
        """Until events are stored and delivered and effects carried out."""
        await self._outbox.drain()
        await self._media_carrier.drain()
        await self._recorder_carrier.drain()

    async def close(self) -> None:
        """End the tasks; idempotent.  What must be finished was drained before."""
        for timer in (self._timer, self._gather_timer):
            if timer is not None:
                timer.cancel()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def attach(self, connection: ConnectionId, outlet: Outlet) -> None:
        """Before the connection's `Connect`."""
        self._attached[connection] = outlet

    def detach(self, connection: ConnectionId) -> None:
        self._attached.pop(connection, None)
        self._greeted.pop(connection, None)

    def dismiss_all(self, code: str) -> None:
        for outlet in self._attached.values():
            outlet.dismiss(code)

    def perform(self, command: Command) -> None:
        """Apply a command and send its effects on their ways.  Raises what `Room.apply` raises."""
        self._carry_out(self.room.apply(command, time.monotonic_ns()))

    def perform_and_reply(self, command: Ask, request_id: str) -> None:
        """The answer goes out after the events of the command, and before it closes any socket."""
        effects = self.room.apply(command, time.monotonic_ns())
        events = [effect.event for effect in effects if isinstance(effect, Emit)]
        text = serialize_result(request_id, numbers_given(events))
        self._carry_out(effects, Reply(command.connection, frame_of(text)))

    def reply(self, connection: ConnectionId, text: str) -> None:
        """Answer a request that led to no events, or to none that wait to be gathered."""
        self._outbox.put([Reply(connection, frame_of(text), is_after_events=False)])

    def _carry_out(self, effects: Sequence[Effect], reply: Reply | None = None) -> None:
        outbound: list[Outbound | Reply] = [effect for effect in effects if isinstance(effect, Outbound)]
        if reply is not None:
            last = (index for index, item in enumerate(outbound) if isinstance(item, Dismiss | RoomOver))
            outbound.insert(next(last, len(outbound)), reply)
        self._outbox.put(outbound)
        for effect in effects:
            if isinstance(effect, MediaEffect):
                self._carry_out_media(effect)
            elif isinstance(effect, RecorderEffect):
                self._carry_out_recorder(effect)
        self._arm_timer()

    def _carry_out_media(self, effect: MediaEffect) -> None:
        try:
            match effect:
                case SetForbidden(publication=publication, forbidden=forbidden):
                    self._media.set_forbidden(publication, forbidden)
                case SetSpeakerGroup(publication=publication, group=group):
                    self._media.set_speaker_group(publication, group)
                case SetSubscriptions(peer=peer, wanted=wanted):
                    self._media.set_subscriptions(peer, wanted)
                case SetViewerSources(peer=peer, audio=audio, video=video):
                    self._media.set_viewer_sources(peer, audio=audio, video=video)
                case ClosePeer(peer=peer, reason=reason):
                    self._media_carrier.put(lambda: self._media.close_peer(peer, reason))
                case _:
                    assert_never(effect)
        except TandemError as error:  # the peer went away first; its PeerClosed is on the way
            logger.info("%s: %s", self.lesson, error)

    def _carry_out_recorder(self, effect: RecorderEffect) -> None:
        recorder, lesson, put = self._recorder, self.lesson, self._recorder_carrier.put
        match effect:
            case OpenRecording(policy=policy, started_at_ms=at_ms):
                put(lambda: recorder.lesson_started(lesson, policy.value, at_ms))
            case SuspendRecording(at_ms=at_ms):
                put(lambda: recorder.lesson_suspended(lesson, at_ms))
            case ContinueRecording(at_ms=at_ms):
                put(lambda: recorder.lesson_continued(lesson, at_ms))
            case SealRecording(ended_at_ms=at_ms):
                put(lambda: recorder.lesson_ended(lesson, at_ms))
            case StartSource(seat=seat, role=role, publication=publication):
                put(lambda: recorder.source_started(lesson, seat, role, publication), is_droppable=True)
            case StopSource(publication=publication_id):
                put(lambda: recorder.source_stopped(publication_id))
            case _:
                assert_never(effect)

    def _deliver(self, item: Outbound | Reply) -> None:
        match item:
            case Emit(event=event):
                for batch in self._gathering.take(event, len(self._greeted), time.monotonic_ns()):
                    self._send_events(batch)
                self._arm_gather_timer()
            case Reply(connection=connection, frame=frame, is_after_events=is_after_events):
                if is_after_events:
                    self._send_gathered()
                self._send(connection, frame)
            case Tell(connection=connection, message=message):
                self._send(connection, frame_of(serialize_direct(message)))
            case TellAll(message=message):
                self._broadcast(frame_of(serialize_direct(message)))
            case TellLevels(levels=levels):
                self._broadcast(frame_of(serialize_levels(levels)))
            case Greet():
                self._greet(item)
            case Dismiss(connection=connection, code=code):
                self._send_gathered()
                outlet = self._attached.get(connection)
                self.detach(connection)
                if outlet is not None:
                    outlet.dismiss(code)
            case RoomOver():
                self.over.set()
            case _:
                assert_never(item)

    def _greet(self, greet: Greet) -> None:
        outlet = self._attached.get(greet.connection)
        if outlet is None:
            return
        epoch = self.room.epoch
        outlet.send(frame_of(serialize_welcome(greet.welcome, epoch, HEARTBEAT_S)))
        for event in greet.missed:
            outlet.send(frame_of(serialize_stored_event(event, epoch)))
        self._greeted[greet.connection] = _Greeted(outlet, greet.welcome.seq)

    def _send_gathered(self) -> None:
        self._send_events(self._gathering.take_all())
        self._arm_gather_timer()

    def _send_events(self, events: tuple[StoredEvent, ...]) -> None:
        """To every client those that its welcome did not have: who came last knows of all that is held."""
        if not events:
            return
        newest, epoch = events[-1].seq, self.room.epoch
        frames: dict[int, Frame] = {}
        for greeted in self._greeted.values():
            known = max(0, greeted.seq - events[0].seq + 1)
            if greeted.seq >= newest:
                continue
            if known not in frames:
                frames[known] = frame_of(serialize_stored_events(events[known:], epoch))
            greeted.outlet.send(frames[known])

    def _arm_gather_timer(self) -> None:
        due_ns = self._gathering.deadline_ns()
        if due_ns is None and self._gather_timer is not None:
            self._gather_timer.cancel()
            self._gather_timer = None
        elif due_ns is not None and self._gather_timer is None:
            delay_s = max(0.0, (due_ns - time.monotonic_ns()) / 1e9)
            self._gather_timer = asyncio.get_running_loop().call_later(delay_s, self._send_gathered)

    def _send(self, connection: ConnectionId, frame: Frame) -> None:
        outlet = self._attached.get(connection)
        if outlet is not None:
            outlet.send(frame)

    def _broadcast(self, frame: Frame) -> None:
        for greeted in self._greeted.values():
            greeted.outlet.send(frame)

    def _arm_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline_ns = self.room.deadline_ns()
        if deadline_ns is not None and not self.over.is_set():
            delay_s = max(0.0, (deadline_ns - time.monotonic_ns()) / 1e9)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self.perform, TimePassed())
