"""Parts while the lesson runs: near the live edge, the same media as the segments, gone at the end."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import av
import m3u8
import pytest

from recording.live_playlist import LivePosition
from recording.manifest import LessonContinued, LessonSuspended
from recording.rtplog import RecordKind
from tests.recording.growing import GrowingLesson
from tests.recording.replay import open_replay
from tests.recording.synthetic import (
    BOOT_NS,
    SECOND,
    START_MS,
    LessonFiles,
    Publisher,
    encode_video,
    encode_voice,
)

Media = list[tuple[str, int, bytes]]


def camera(seconds: float, codec: str = "H264", *, fps: int = 30) -> Publisher:
    publisher = Publisher(codec, 90_000)
    publisher.send(encode_video(codec, seconds, fps=fps), lesson_at_s=0.3)
    for second in range(int(seconds)):
        publisher.report(second + 0.2, lesson_at_s=0.3)
    return publisher


def microphone(seconds: float) -> Publisher:
    publisher = Publisher("opus", 48_000, ssrc=77, first_timestamp=(1 << 32) - 9_600)
    publisher.send(encode_voice(seconds), lesson_at_s=0.3)
    for second in range(int(seconds)):
        publisher.report(second + 0.2, lesson_at_s=0.3)
    return publisher


def media_of(data: bytes) -> Media:
    with av.open(io.BytesIO(data), "r") as container:
        return sorted(
            (packet.stream.type, packet.pts or 0, bytes(packet))
            for packet in container.demux()
            if packet.size
        )


@dataclass
class Follower:
    """Reads the live playlist after each step, as a player does, and keeps what it names."""

    folder: Path
    parts: dict[str, bytes] = field(default_factory=dict)
    part_seconds: list[float] = field(default_factory=list)
    by_segment: dict[str, list[str]] = field(default_factory=dict)
    behind_s: list[float] = field(default_factory=list)
    end_s: float = 0.0
    positions: list[LivePosition] = field(default_factory=list)

    def look(self, at_s: float, position: LivePosition | None) -> None:
        self.behind_s.append(at_s - self.end_s)
        if position is None:
            return
        self.positions.append(position)
        text = (self.folder / "live.m3u8").read_text()
        playlist = m3u8.loads(text)
        assert playlist.server_control.can_block_reload == "YES"
        assert playlist.server_control.part_hold_back >= 3 * playlist.part_inf.part_target - 0.001
        assert playlist.preload_hint.uri == position.hint
        assert not (self.folder / position.hint).exists()
        complete = [segment for segment in playlist.segments if segment.uri]
        assert len(complete) == position.media_sequence
        assert all((self.folder / segment.uri).exists() for segment in complete)
        for segment in playlist.segments:
            for part in segment.parts:
                assert part.duration <= playlist.part_inf.part_target
                if part.uri not in self.parts:
                    self.parts[part.uri] = (self.folder / part.uri).read_bytes()
                    self.part_seconds.append(part.duration)
            if segment.uri:
                self.by_segment[segment.uri] = [part.uri for part in segment.parts]
        opened = [part for segment in playlist.segments if not segment.uri for part in segment.parts]
        assert len(opened) == position.part
        self.end_s = sum(segment.duration for segment in complete) + sum(part.duration for part in opened)


def follow(lesson: GrowingLesson, follower: Follower, from_s: float, until_s: float) -> None:
    for at_s in lesson.run(from_s, until_s):
        follower.look(at_s, lesson.packager.assemblies["res_teacher"].take_live_position())


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_parts_follow_the_lesson_closely_and_are_what_the_segments_are_made_of(
    tmp_path: Path, codec: str
) -> None:
    lesson = GrowingLesson(LessonFiles(tmp_path))
    lesson.add(camera(12, codec))
    lesson.add(microphone(12))
    follower = Follower(lesson.folder)
    follow(lesson, follower, 0, 12)
    assert max(follower.behind_s[15:]) < 1.0
    whole = {uri: parts for uri, parts in follower.by_segment.items() if parts}
    assert len(whole) >= 2
    for uri, parts in whole.items():
        init = (lesson.folder / "init-1.mp4").read_bytes()
        in_parts = init + b"".join(follower.parts[part] for part in parts)
        assert media_of(in_parts) == media_of(init + (lesson.folder / uri).read_bytes())
    assert sum(0.34 <= seconds <= 0.4 for seconds in follower.part_seconds) > 0.8 * len(follower.parts)
    lesson.end(12.2)
    assert {path.suffix for path in lesson.folder.iterdir()} == {".m3u8", ".mp4", ".m4s", ".jpg"}
    assert not list(lesson.folder.glob("part-*"))
    assert not list(lesson.folder.glob("live*"))
    replay = open_replay(lesson.folder)
    assert replay.duration_s == pytest.approx(12.2)
    assert replay.audio_holes() == []


def test_a_packet_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    """A lost packet that NACK brings back 0.9 s later delays the parts, and is in the replay."""
    lesson = GrowingLesson(LessonFiles(tmp_path))
    source, voice = camera(8), microphone(8)
    for publisher in (source, voice):
        packets = [record for record in publisher.records if record.kind is RecordKind.RTP]
        late = next(one for one in packets if one.arrival_ns > BOOT_NS + 5 * SECOND)
        publisher.records.remove(late)
        publisher.records.append(type(late)(late.kind, late.arrival_ns + 9 * SECOND // 10, late.data))
    lesson.add(source)
    lesson.add(voice)
    follower = Follower(lesson.folder)
    follow(lesson, follower, 0, 8.4)
    assert 1.2 < max(follower.behind_s[15:]) < 2.2
    lesson.end(8.4)
    replay = open_replay(lesson.folder)
    assert len(replay.pictures) == 240
    assert len(replay.beeps()) == 7


def test_a_network_that_stalls_for_a_second_costs_no_voice(tmp_path: Path) -> None:
    lesson = GrowingLesson(LessonFiles(tmp_path))
    for publisher in (camera(8), microphone(8)):
        stall = BOOT_NS + 5 * SECOND
        publisher.records = [
            type(record)(record.kind, max(record.arrival_ns, stall + SECOND), record.data)
            if stall <= record.arrival_ns < stall + SECOND
            else record
            for record in publisher.records
        ]
        lesson.add(publisher)
    for _ in lesson.run(0, 8):
        pass
    lesson.end(8.4)
    replay = open_replay(lesson.folder)
    assert max(abs(skew) for skew in replay.skews_ms()) < 20
    assert len(replay.beeps()) == 7


def test_a_suspended_lesson_waits_and_goes_on(tmp_path: Path) -> None:
    lesson = GrowingLesson(LessonFiles(tmp_path))
    lesson.add(camera(12))
    lesson.add(microphone(12))
    follower = Follower(lesson.folder)
    follow(lesson, follower, 0, 5)
    lesson.files.tell(LessonSuspended(START_MS + 5000))
    follow(lesson, follower, 5, 8)
    before = (lesson.folder / "live.m3u8").read_text()
    assert "ENDLIST" not in before
    lesson.files.tell(LessonContinued(START_MS + 8000))
    follow(lesson, follower, 8, 12)
    assert (lesson.folder / "live.m3u8").read_text() != before
    lesson.end(12)
    assert open_replay(lesson.folder).duration_s == pytest.approx(9)


def test_another_process_goes_on_with_names_of_its_own(tmp_path: Path) -> None:
    lesson = GrowingLesson(LessonFiles(tmp_path))
    lesson.add(camera(12))
    follower = Follower(lesson.folder)
    follow(lesson, follower, 0, 7)
    before = set(follower.parts)
    lesson.packager = type(lesson.packager)(lesson.files.layout, lesson.files.lesson)
    follow(lesson, follower, 7, 12)
    names = set(re.findall(r'URI="(part-[^"]+)"', (lesson.folder / "live.m3u8").read_text()))
    assert names
    assert not names & before
    assert {path.name for path in lesson.folder.glob("part-*")} <= names | set(follower.parts) - before
