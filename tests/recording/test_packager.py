"""The packager as a process, on logs of real media: what comes out is decoded and looked at."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recording.manifest import GapReason, LessonContinued, LessonSuspended, Manifest
from recording.rtplog import Record, RecordKind
from recording.store import Layout
from tests.recording.replay import Replay, open_replay
from tests.recording.synthetic import (
    BOOT_NS,
    SECOND,
    START_MS,
    LessonFiles,
    Publisher,
    encode_video,
    encode_voice,
)
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


def start_packager(files: LessonFiles) -> subprocess.Popen[bytes]:
    arguments = ["--data-dir", str(files.data_dir), "--lesson", files.lesson, "--parent", str(os.getpid())]
    command = [sys.executable, "-m", "recording.packager", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def package(files: LessonFiles) -> dict[str, dict[str, object]]:
    """Run the process to its end; what it says, by resource."""
    process = start_packager(files)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return {line["resource"]: line for line in map(json.loads, said.splitlines())}


def replay_of(files: LessonFiles, resource: str = "res_teacher") -> Replay:
    return open_replay(files.layout.resource(resource))


def gaps_of(files: LessonFiles) -> list[tuple[str, float, float]]:
    manifest = Manifest()
    manifest.apply_lines(files.layout.manifest(files.lesson).read_bytes().split(b"\n"))
    assert manifest.skipped_lines == 0
    return [
        (gap.reason, (gap.from_ms - START_MS) / 1000, (gap.until_ms - START_MS) / 1000)
        for gap in manifest.gaps
    ]


def camera(seconds: float, codec: str = "H264", *, at_s: float = 0.3, keyframe_s: float = 2.0) -> Publisher:
    publisher = Publisher(codec, 90_000)
    publisher.send(encode_video(codec, seconds, keyframe_s=keyframe_s), lesson_at_s=at_s)
    for second in range(int(seconds)):
        publisher.report(second + 0.5, lesson_at_s=at_s)
    return publisher


def microphone(seconds: float, *, at_s: float = 0.3, first_report_s: float = 1.5) -> Publisher:
    publisher = Publisher("opus", 48_000, ssrc=77, first_timestamp=(1 << 32) - 9_600)
    publisher.send(encode_voice(seconds), lesson_at_s=at_s)
    report_s = first_report_s
    while report_s < seconds:
        publisher.report(report_s, lesson_at_s=at_s)
        report_s += 3.0
    return publisher


def lesson(data_dir: Path, seconds: float, *sources: Publisher) -> LessonFiles:
    files = LessonFiles(data_dir)
    files.start()
    for source in sources:
        files.add(source, until_s=seconds - 0.1)
    files.end(seconds)
    return files


def assert_whole(replay: Replay, seconds: float) -> None:
    """The length is right, segments and sound follow each other without a hole, TARGETDURATION holds."""
    assert replay.playlist.is_ended
    assert replay.duration_s == pytest.approx(seconds, abs=0.02)
    assert replay.audio_holes() == []
    assert len(replay.sound()) / 48_000 == pytest.approx(seconds, abs=0.05)
    starts = [start for start, *_ in replay.pictures]
    assert starts[0] == 0
    assert all(before < after for before, after in itertools.pairwise(starts))
    assert max(segment.duration_ticks for segment in replay.playlist.segments) <= 8.4 * 90_000


@pytest.mark.parametrize("codec", ["H264", "VP8", "VP9", "AV1"])
def test_each_codec_becomes_a_replay_of_the_lessons_length_in_sync(tmp_path: Path, codec: str) -> None:
    files = lesson(tmp_path, 6.5, camera(6, codec), microphone(6))
    said = package(files)
    assert said["res_teacher"] == {
        "resource": "res_teacher", "is_ended": True, "duration_ms": 6500, "poster": "poster.jpg",
    }  # fmt: skip
    replay = replay_of(files)
    assert_whole(replay, 6.5)
    skews = replay.skews_ms()
    assert len(skews) == 5
    assert max(map(abs, skews)) < (20 if codec != "H264" else 10)
    assert len({segment.init_uri for segment in replay.playlist.segments}) == 1
    assert (files.layout.resource("res_teacher") / "poster.jpg").read_bytes().startswith(b"\xff\xd8")
    assert gaps_of(files) == []


def test_copied_pictures_are_the_bytes_that_came(tmp_path: Path) -> None:
    coded = encode_video("H264", 4)
    publisher = Publisher("H264", 90_000)
    publisher.send(coded)
    files = lesson(tmp_path, 4.2, publisher)
    package(files)
    folder = files.layout.resource("res_teacher")
    written = b"".join(path.read_bytes() for path in sorted(folder.glob("segment-*.m4s")))
    slices = [item.data.rsplit(b"\0\0\1", 1)[1] for item in coded]
    assert all(piece in written for piece in slices)
    assert len(replay_of(files).pictures) == len(coded)


def test_late_and_reordered_packets_are_put_in_order(tmp_path: Path) -> None:
    source = camera(4)
    shuffled = random.Random(7)
    records = [
        Record(record.kind, record.arrival_ns + (shuffled.random() < 0.1) * 400_000_000, record.data)
        for record in source.records
    ]
    source.records = records
    files = lesson(tmp_path, 5, source)
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 5)
    assert len(replay.pictures) == 120
    assert gaps_of(files) == []


def test_a_lost_packet_holds_the_picture_until_the_next_keyframe_and_is_labelled(tmp_path: Path) -> None:
    source = camera(6)
    packets = [record for record in source.records if record.kind is RecordKind.RTP]
    lost = next(record for record in packets if record.arrival_ns > BOOT_NS + 3 * SECOND)
    source.records.remove(lost)
    files = lesson(tmp_path, 6.4, source, microphone(6))
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 6.4)
    held = [
        (before, after)
        for (before, *_), (after, *_) in zip(replay.pictures, replay.pictures[1:], strict=False)
        if after - before > 0.1 and before > 0
    ]
    assert len(held) == 1
    assert held[0][0] == pytest.approx(2.98, abs=0.05)
    assert held[0][1] == pytest.approx(4.32, abs=0.05)
    assert [reason for reason, *_ in gaps_of(files)] == [GapReason.LOSS]


@pytest.mark.parametrize("packet_ms", [40, 60])
def test_long_voice_packets_become_the_same_unbroken_sound(tmp_path: Path, packet_ms: int) -> None:
    voice = Publisher("opus", 48_000, ssrc=77)
    voice.send(encode_voice(6, packet_ms=packet_ms), lesson_at_s=0.3)
    voice.report(1.5, lesson_at_s=0.3)
    files = lesson(tmp_path, 6.5, camera(6), voice)
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 6.5)
    assert len(replay.skews_ms()) == 5
    assert max(map(abs, replay.skews_ms())) < 40
    assert gaps_of(files) == []


def test_late_reports_move_nothing_by_a_jump_and_end_in_sync(tmp_path: Path) -> None:
    """The voice's packets take 120 ms longer than the picture's; its first report comes after 5 s."""
    voice = Publisher("opus", 48_000, ssrc=77, delay_s=0.14)
    voice.send(encode_voice(16), lesson_at_s=0.3)
    for second in (5, 8, 11, 14):
        voice.report(second, lesson_at_s=0.3)
    files = lesson(tmp_path, 17, camera(16), voice)
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 17)
    skews = replay.skews_ms()
    assert len(skews) == 15
    steps = [abs(after - before) for before, after in itertools.pairwise(skews)]
    assert max(steps) < 25
    assert abs(skews[-1]) < 80
    assert abs(skews[-1]) < abs(skews[0])


def test_a_change_of_resolution_begins_a_new_init_segment_with_a_discontinuity(tmp_path: Path) -> None:
    for codec in ("H264", "VP8"):
        source = Publisher(codec, 90_000)
        source.send(encode_video(codec, 3), lesson_at_s=0.1)
        source.send(encode_video(codec, 3, width=640, height=360, start_s=3), lesson_at_s=0.1)
        files = lesson(tmp_path / codec, 6.3, source, microphone(6, at_s=0.1))
        package(files)
        replay = replay_of(files)
        assert_whole(replay, 6.3)
        assert {(width, height) for _, _, width, height in replay.pictures} == {(320, 180), (640, 360)}
        segments = replay.playlist.segments
        assert [segment.discontinuity for segment in segments].count(True) == 1
        assert len({segment.init_uri for segment in segments}) == 2
        assert max(map(abs, replay.skews_ms())) < 40


def test_gaps_are_held_and_labelled_and_the_card_stands_before_the_first_picture(tmp_path: Path) -> None:
    """Nothing for 5 s, camera for 3 s, nothing for 9 s (with reports), camera again; voice all along."""
    source = Publisher("H264", 90_000)
    source.send(encode_video("H264", 3), lesson_at_s=5)
    for second in range(12):
        source.report(second + 0.5, lesson_at_s=5)
    source.send(encode_video("H264", 3, start_s=12), lesson_at_s=5)
    files = lesson(tmp_path, 20.5, source, microphone(20))
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 20.5)
    assert replay.pictures[0][2:] == (1280, 720)
    assert all(width == 320 for start, _, width, _ in replay.pictures if start > 5.1)
    held = [luminance for start, luminance, *_ in replay.pictures if 9.7 < start < 16.9]
    assert len(held) >= 5 * 6
    assert max(held) - min(held) < 3
    last_before = next(luminance for start, luminance, *_ in reversed(replay.pictures) if start < 8.02)
    assert held[0] == pytest.approx(last_before, abs=3)
    assert [(reason, round(begin), round(end)) for reason, begin, end in gaps_of(files)] == [
        ("pause", 8, 17),
        ("absent", 0, 5),
    ]
    assert len(replay.beeps()) == 19


def test_a_publisher_that_gives_no_keyframes_is_coded_anew_after_its_first_seconds(tmp_path: Path) -> None:
    source = Publisher("H264", 90_000)
    source.send(encode_video("H264", 14, keyframe_s=60), lesson_at_s=0.1)
    files = lesson(tmp_path, 14.5, source, microphone(14, at_s=0.1))
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 14.5)
    assert max(map(abs, replay.skews_ms())) < 40
    assert len(replay.skews_ms()) == 13


@pytest.mark.parametrize(("pixel_format", "b_pictures"), [("yuv420p", 3), ("yuv444p", 0)])
def test_h264_that_cannot_be_copied_is_coded(tmp_path: Path, pixel_format: str, b_pictures: int) -> None:
    """B pictures, which WebRTC has not; and a profile that browsers do not play."""
    source = Publisher("H264", 90_000)
    coded = encode_video("H264", 8, pixel_format=pixel_format, b_pictures=b_pictures)
    assert (sorted(coded, key=lambda item: item.at_s) != list(coded)) == bool(b_pictures)
    source.send(coded, lesson_at_s=0.3)
    source.report(1, lesson_at_s=0.3)
    files = lesson(tmp_path, 8.5, source, microphone(8))
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 8.5)
    assert len([start for start, *_ in replay.pictures if 1 < start < 8]) >= 200
    assert len(replay.skews_ms()) == 7
    assert max(map(abs, replay.skews_ms())) < 40
    assert gaps_of(files) == []


def test_suspended_time_is_cut_out(tmp_path: Path) -> None:
    files = LessonFiles(tmp_path)
    files.start()
    files.add(camera(4), until_s=4.4)
    files.add(microphone(4), until_s=4.4)
    files.tell(LessonSuspended(START_MS + 3_000), LessonContinued(START_MS + 33_000))
    files.add(camera(4, at_s=33.2), at_s=33, until_s=37.4)
    files.add(microphone(4, at_s=33.2), at_s=33, until_s=37.4)
    files.end(37.5)
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 7.5)
    assert [round(beep, 1) for beep in replay.beeps()] == [1.3, 2.3, 4.2, 5.2, 6.2]


def test_nothing_recorded_gives_no_playlist(tmp_path: Path) -> None:
    files = lesson(tmp_path, 30)
    said = package(files)
    assert said["res_teacher"]["is_ended"] is False
    assert not files.layout.resource("res_teacher").exists()


def test_a_voice_alone_stands_over_the_card(tmp_path: Path) -> None:
    files = lesson(tmp_path, 9, microphone(6, at_s=2))
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 9)
    assert {(width, height) for _, _, width, height in replay.pictures} == {(1280, 720)}
    assert len(replay.beeps()) == 5


def test_a_damaged_log_gives_all_but_the_damage(tmp_path: Path) -> None:
    def damage(data: bytes) -> bytes:
        third = len(data) // 3
        return data[:third] + os.urandom(400) + data[third + 400 : 2 * third] + data[2 * third + 150 :]

    files = LessonFiles(tmp_path)
    files.start()
    files.add(camera(9), until_s=9.4, damage=damage)
    files.add(microphone(9), until_s=9.4, damage=damage)
    files.end(9.5)
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 9.5)
    assert len(replay.beeps()) >= 7
    assert GapReason.DAMAGE in [reason for reason, *_ in gaps_of(files)]


def test_another_publication_takes_over_when_the_first_is_gone(tmp_path: Path) -> None:
    files = LessonFiles(tmp_path)
    files.start()
    files.add(camera(4), until_s=4.4)
    files.add(microphone(4), until_s=4.4)
    files.add(camera(4, "VP8", at_s=6), peer="peer_2", at_s=5.9, until_s=10.2)
    files.add(microphone(4, at_s=6), peer="peer_2", at_s=5.9, until_s=10.2)
    files.end(10.5)
    package(files)
    replay = replay_of(files)
    assert_whole(replay, 10.5)
    assert [round(beep) for beep in replay.beeps()] == [1, 2, 3, 7, 8, 9]
    assert max(map(abs, replay.skews_ms())) < 40


def test_a_killed_packager_goes_on_behind_its_last_segment(tmp_path: Path) -> None:
    """Killed while it reads along with an open lesson, again and again; what was listed stays as it is."""
    files = LessonFiles(tmp_path)
    files.start()
    whole = {"camera": camera(24, "VP8"), "microphone": microphone(24)}
    paths = {}
    for name, publisher in whole.items():
        records, publisher.records = publisher.records, []
        paths[name] = (files.add(publisher), records)
    folder = files.layout.resource("res_teacher")
    listed: list[str] = []
    for until_s in (9, 17):
        _append_until(paths, until_s)
        process = start_packager(files)
        _wait_for_segments(folder, _count_segments(folder) + 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before, listed = listed, _lines(folder)
        assert listed[: len(before)] == before
        replay = open_replay(folder)
        assert replay.audio_holes() == []
        assert not [path for path in folder.iterdir() if path.suffix == ".m3u8" and path.stat().st_size == 0]
    _append_until(paths, 100)
    files.end(24.5)
    package(files)
    assert _lines(folder)[: len(listed)] == listed
    replay = replay_of(files)
    assert_whole(replay, 24.5)
    assert len(replay.skews_ms()) == 23
    assert max(map(abs, replay.skews_ms())) < 40
    assert not [segment for segment in replay.playlist.segments if segment.discontinuity]


def _lines(folder: Path) -> list[str]:
    lines = (folder / "index.m3u8").read_text().splitlines()
    return [line for line in lines if not line.startswith(("#EXT-X-PLAYLIST-TYPE", "#EXT-X-ENDLIST"))]


def _append_until(paths: dict[str, tuple[Path, list[Record]]], until_s: float) -> None:
    from recording.rtplog import serialize_record

    for path, records in paths.values():
        records.sort(key=lambda record: record.arrival_ns)
        due = [record for record in records if record.arrival_ns < BOOT_NS + until_s * SECOND]
        del records[: len(due)]
        with path.open("ab") as file:
            file.write(b"".join(map(serialize_record, due)))


def _count_segments(folder: Path) -> int:
    return (
        sum(line.startswith("#EXTINF") for line in _lines(folder)) if (folder / "index.m3u8").exists() else 0
    )


def _wait_for_segments(folder: Path, count: int) -> None:
    wait_until(lambda: _count_segments(folder) >= count)


def test_the_packager_ends_with_its_parent(tmp_path: Path) -> None:
    files = LessonFiles(tmp_path)
    files.start()
    layout = Layout(tmp_path)
    code = (
        "import subprocess, sys, os; "
        "p = subprocess.Popen([sys.executable, '-m', 'recording.packager', "
        f"'--data-dir', {str(layout.data_dir)!r}, "
        "'--lesson', 'les_test', '--parent', str(os.getpid())]); print(p.pid)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=30, check=True)
    pid = int(done.stdout)
    stat = Path(f"/proc/{pid}/stat")
    wait_until(lambda: not stat.exists() or stat.read_text().split()[2] == "Z")
