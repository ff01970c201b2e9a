"""What the recorder is told when, and what all are told about it."""

from __future__ import annotations

import pytest

from signaling.commands import StorageChanged
from signaling.control_messages import LessonResume, LessonSuspend, SwitchRecording
from signaling.effects import (
    ContinueRecording,
    OpenRecording,
    SealRecording,
    StartSource,
    StopSource,
    SuspendRecording,
)
from signaling.messages import LessonEnd, LessonStart
from signaling.ports import RecordingPolicy
from streaming.errors import Refused
from streaming.session.media import Source
from tests.signaling.room_driver import SECOND_NS, RoomDriver, claims

KINDS = (OpenRecording, SuspendRecording, ContinueRecording, SealRecording, StartSource, StopSource)
MASTER = claims("master", consent=True)


def told(driver: RoomDriver) -> list[str]:
    found = [type(effect).__name__ for effect in driver.effects if isinstance(effect, KINDS)]
    driver.effects.clear()
    return found


def teach(policy: RecordingPolicy) -> RoomDriver:
    driver = RoomDriver(policy)
    driver.connect(MASTER)
    driver.publish(MASTER, Source.CAMERA)
    driver.ask("master", LessonStart())
    return driver


def test_a_pause_keeps_its_sources() -> None:
    driver = teach(RecordingPolicy.MASTER_ONLY)
    assert told(driver) == ["OpenRecording", "StartSource"]
    driver.ask("master", LessonSuspend())
    suspended_ms = driver.room.state.since_ms
    assert told(driver) == ["SuspendRecording"]
    driver.now_ns += 5 * SECOND_NS
    driver.crash()
    found = [effect for effect in driver.effects if isinstance(effect, SuspendRecording)]
    assert [effect.at_ms for effect in found] == [suspended_ms]
    assert told(driver) == ["OpenRecording", "SuspendRecording"]
    driver.connect(MASTER)
    driver.ask("master", LessonResume())
    driver.ask("master", LessonEnd())
    assert told(driver) == ["ContinueRecording", "SealRecording"]


def test_a_lost_master_does_not_stop_the_recording() -> None:
    driver = teach(RecordingPolicy.MASTER_ONLY)
    told(driver)
    driver.disconnect("master")
    assert driver.room.state.lesson.state == "master_lost"
    assert told(driver) == []
    assert driver.room.state.recording.state == "recording"


def test_no_policy_no_recording() -> None:
    driver = teach(RecordingPolicy.OFF)
    driver.ask("master", LessonEnd())
    assert [name for name in told(driver) if name in ("OpenRecording", "SealRecording", "StartSource")] == []
    assert driver.room.state.recording.state == "off"


def test_the_master_pauses_the_recording() -> None:
    """Nothing is written, the replays' time stands still, all screens say so; also after a restart."""
    driver = teach(RecordingPolicy.MASTER_ONLY)
    told(driver)
    driver.now_ns += 60 * SECOND_NS
    driver.ask("master", SwitchRecording(is_on=False))
    paused_ms = driver.room.state.paused_since_ms
    assert told(driver) == ["SuspendRecording", "StopSource"]
    assert driver.room.state.recording.state == "paused"
    driver.apply(StorageChanged(is_full=True))
    driver.apply(StorageChanged(is_full=False))
    driver.now_ns += 5 * SECOND_NS
    driver.crash()
    found = [effect for effect in driver.effects if isinstance(effect, SuspendRecording)]
    assert [effect.at_ms for effect in found] == [paused_ms]
    assert paused_ms != driver.room.state.since_ms
    assert told(driver) == ["OpenRecording", "SuspendRecording"]
    driver.connect(MASTER)
    driver.publish(MASTER, Source.CAMERA)
    assert told(driver) == []
    driver.administer(SwitchRecording(is_on=True))
    assert told(driver) == ["ContinueRecording", "StartSource"]
    assert driver.room.state.recording.state == "recording"


def test_a_paused_recording_stays_so_through_a_pause_of_the_lesson() -> None:
    driver = teach(RecordingPolicy.MASTER_ONLY)
    driver.ask("master", SwitchRecording(is_on=False))
    told(driver)
    driver.ask("master", LessonSuspend())
    driver.ask("master", LessonResume())
    assert told(driver) == []
    driver.ask("master", LessonSuspend())
    driver.ask("master", SwitchRecording(is_on=True))
    assert told(driver) == ["StartSource"]
    driver.ask("master", LessonResume())
    assert told(driver) == ["ContinueRecording"]


def test_who_may_pause_what() -> None:
    driver = teach(RecordingPolicy.MASTER_ONLY)
    driver.connect(claims("assistant_a"))
    with pytest.raises(Refused, match="not_permitted"):
        driver.ask("assistant_a", SwitchRecording(is_on=False))
    with pytest.raises(Refused, match="lesson_state_conflict"):
        teach(RecordingPolicy.OFF).ask("master", SwitchRecording(is_on=False))
    driver.ask("master", SwitchRecording(is_on=True))
    driver.ask("master", LessonEnd())
    assert driver.room.state.recording.state == "off"
