"""The part of a room that follows its recording: when it opens, stands still and is sealed, and what all are
told about it."""

from __future__ import annotations

from signaling.effects import ContinueRecording, OpenRecording, SealRecording, SuspendRecording
from signaling.events import RecordingChanged
from signaling.ledger import Ledger
from signaling.lifecycle import RUNNING
from signaling.ports import LessonState, RecordingPolicy, RecordingState


class RecordingDesk:
    """Shares the ledger with its Room."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._said: tuple[RecordingState, str | None] = (RecordingState.RECORDING, None)
        self.is_storage_full = False

    def heard(self, state: RecordingState, reason: str | None) -> None:
        """The recorder failed, or records again."""
        self._said = (state, reason)

    def recover(self) -> None:
        """After a restart the recorder is told of a running lesson again, and since when its time stands
        still, or that it goes on: what it wrote down may have missed either."""
        state = self._ledger.state
        if state.lesson.state not in RUNNING:
            return
        self.open()
        is_suspended = state.lesson.state is LessonState.SUSPENDED
        still = [
            at_ms for at_ms in (state.since_ms if is_suspended else None, state.paused_since_ms) if at_ms
        ]
        if still:
            self._ledger.add(SuspendRecording(min(still)))
        else:
            self._ledger.add(ContinueRecording(self._ledger.now_ms))

    def open(self) -> None:
        """The lesson is live."""
        policy, started_at_ms = self._policy, self._ledger.state.lesson.started_at_ms
        if policy is not RecordingPolicy.OFF and started_at_ms is not None:
            self._ledger.add(OpenRecording(policy, started_at_ms))

    def interrupted(self, before: LessonState, after: LessonState) -> None:
        """The replays' time stands still while the lesson is suspended, or the recording is paused."""
        if self._is_paused:
            return
        if after is LessonState.SUSPENDED:
            self._ledger.add(SuspendRecording(self._ledger.now_ms))
        elif before is LessonState.SUSPENDED:
            self._ledger.add(ContinueRecording(self._ledger.now_ms))

    def switch(self, event: RecordingChanged) -> None:
        """The master pauses the recording, or lets it go on (if it can: `update` says)."""
        if event.state is not RecordingState.PAUSED:
            event = RecordingChanged(self._policy, *self._possible())
        self._ledger.record(event)
        if self._ledger.state.lesson.state is LessonState.SUSPENDED:
            return  # the time stands still already
        if event.state is RecordingState.PAUSED:
            self._ledger.add(SuspendRecording(self._ledger.now_ms))
        else:
            self._ledger.add(ContinueRecording(self._ledger.now_ms))

    def seal(self) -> None:
        """The lesson ended."""
        lesson = self._ledger.state.lesson
        is_recorded = self._policy is not RecordingPolicy.OFF
        if is_recorded and lesson.started_at_ms is not None and lesson.ended_at_ms is not None:
            self._ledger.add(SealRecording(lesson.ended_at_ms))

    def update(self) -> None:
        """All are told when the recording's state is another than they know."""
        lesson, policy, said = self._ledger.state.lesson.state, self._policy, self._possible()
        if self._is_paused and lesson in RUNNING:  # that the disk is full matters when it is to go on
            said = (RecordingState.PAUSED, None)
        wanted = RecordingChanged(policy, *said)
        if self._ledger.state.recording != wanted:
            self._ledger.record(wanted)

    def _possible(self) -> tuple[RecordingState, str | None]:
        """What it is where nobody has paused it, and why it is not more."""
        lesson = self._ledger.state.lesson.state
        if self.is_storage_full and lesson is not LessonState.ENDED:
            return (RecordingState.FAILED, "storage_full")
        return (
            self._said
            if lesson in RUNNING and self._policy is not RecordingPolicy.OFF
            else (RecordingState.OFF, None)
        )

    @property
    def _is_paused(self) -> bool:
        return self._ledger.state.recording.state is RecordingState.PAUSED

    @property
    def _policy(self) -> RecordingPolicy:
        return self._ledger.state.facts.recording_policy
