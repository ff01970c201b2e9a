"""What the recorder is told when, and what all are told about it."""

from __future__ import annotations

from signaling.control_messages import LessonResume, LessonSuspend
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
