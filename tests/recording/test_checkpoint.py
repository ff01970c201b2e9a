"""The packager's memory: what it says, and that nothing older is ever read again."""

from __future__ import annotations

import json
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from recording.checkpoint import (
    Checkpoint,
    GapState,
    PeerClockState,
    SourceState,
    TrackClockState,
    parse_checkpoint,
    serialize_checkpoint,
)
from recording.manifest import Gap, GapReason
from recording.packager import LessonPackager, Progress
from recording.recovery import read_manifest
from recording.store import CHECKPOINT_NAME
from tests.recording.replay import open_replay
from tests.recording.synthetic import (
    SECOND,
    START_MS,
    Coded,
    LessonFiles,
    Publisher,
    encode_video,
    encode_voice,
)
from tests.recording.test_packager import package

CHECKPOINT = Checkpoint(
    7_000_000_000,
    {
        "seat_1/pub_1.rtplog": SourceState(
            offset_bytes=812,
            wall_offset_ns=-5,
            newest_ns=6_999_000_000,
            began_ns=1_000_000_000,
            ssrc=77,
            highest_sequence_number=65_540,
            awaited_sequence_number=65_538,
            held_sequence_numbers=(65_539, 65_540),
            highest_ticks=(1 << 32) + 3,
            first_ns=None,
            last_ns=6_900_000_000,
            delivered_ns=6_900_000_001,
            parameters="0000000167",
            clock=TrackClockState(2, ((6, -44), (7, -45)), (9, 8), None, 0),
            gaps=GapState(6_900_000_000, 0, None, ((GapReason.LOSS, 5, 6),)),
        )
    },
    {"peer_1": PeerClockState(((6, 3),), 1)},
)
HOUR_S = 3600


def test_what_was_written_is_read() -> None:
    assert parse_checkpoint(serialize_checkpoint(CHECKPOINT)) == CHECKPOINT


@pytest.mark.parametrize("change", ["torn", "version", "field", "shape"])
def test_what_cannot_be_read_means_to_begin_at_the_beginning(change: str) -> None:
    data = serialize_checkpoint(CHECKPOINT)
    values = json.loads(data)
    match change:
        case "torn":
            data = data[:-20]
        case "version":
            data = json.dumps({**values, "version": 0}).encode()
        case "field":
            del values["sources"]["seat_1/pub_1.rtplog"]["ssrc"]
            data = json.dumps(values).encode()
        case _:
            data = json.dumps([values]).encode()
    assert parse_checkpoint(data) is None


def _shifted(coded: tuple[Coded, ...], seconds: int) -> tuple[Coded, ...]:
    return tuple(replace(item, at_s=item.at_s + seconds) for item in coded)


def _hour_of_lesson(data_dir: Path) -> LessonFiles:
    """Five pictures a second all along; a voice in two seconds of each minute, and in the last minute."""
    picture = encode_video("H264", 60, fps=5, width=160, height=96)
    voice = encode_voice(60)
    camera, microphone = Publisher("H264", 90_000), Publisher("opus", 48_000, ssrc=77)
    for minute in range(HOUR_S // 60):
        camera.send(_shifted(picture, minute * 60))
        spoken = voice if minute == HOUR_S // 60 - 1 else voice[: 2 * 50]
        microphone.send(_shifted(spoken, minute * 60))
        for second in range(minute * 60, minute * 60 + 60, 3):
            camera.report(second + 0.5)
            microphone.report(second + 0.7)
    files = LessonFiles(data_dir)
    files.start()
    files.add(camera)
    files.add(microphone)
    return files


def test_a_packager_that_dies_after_an_hour_reads_none_of_it_again(tmp_path: Path) -> None:
    files = _hour_of_lesson(tmp_path)
    packager = LessonPackager(files.layout, files.lesson)
    while packager.advance() is Progress.ADVANCED:
        pass
    listed = (files.layout.resource("res_teacher") / "index.m3u8").read_text()
    kept = parse_checkpoint((files.layout.lesson(files.lesson) / CHECKPOINT_NAME).read_bytes())
    assert kept is not None
    assert kept.at_ns > START_MS * 1_000_000 + (HOUR_S - 30) * SECOND
    for log, state in kept.sources.items():
        path = files.layout.lesson(files.lesson) / log
        with path.open("r+b") as file:  # whoever looks at the old part finds damage
            file.write(bytes(state.offset_bytes))
    gaps_before = list(read_manifest(files.layout, files.lesson).gaps)
    files.end(HOUR_S)
    used_before = resource.getrusage(resource.RUSAGE_CHILDREN)
    package(files)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert used.ru_utime + used.ru_stime - used_before.ru_utime - used_before.ru_stime < 3
    assert (
        (files.layout.resource("res_teacher") / "index.m3u8")
        .read_text()
        .startswith(listed.replace("TYPE:EVENT", "TYPE:VOD"))
    )
    _expect_whole_hour(files, gaps_before)


def _expect_whole_hour(files: LessonFiles, gaps_before: list[Gap]) -> None:
    replay = open_replay(files.layout.resource("res_teacher"), last_segments=14)
    assert replay.playlist.is_ended
    assert replay.duration_s == pytest.approx(HOUR_S, abs=0.02)
    assert replay.audio_holes() == []
    last_minute = replay.skews_ms()
    assert len(last_minute) >= 50
    assert max(map(abs, last_minute)) < 20
    gaps = list(read_manifest(files.layout, files.lesson).gaps)
    assert gaps[: len(gaps_before)] == gaps_before
    assert {gap.reason for gap in gaps} == {GapReason.PAUSE}


def test_a_checkpoint_behind_the_playlist_is_not_used(tmp_path: Path) -> None:
    """As after a power cut that took the playlist back and left the checkpoint."""
    files = LessonFiles(tmp_path)
    files.start()
    camera = Publisher("H264", 90_000)
    camera.send(encode_video("H264", 40, fps=5, width=160, height=96))
    files.add(camera)
    packager = LessonPackager(files.layout, files.lesson)
    while packager.advance() is Progress.ADVANCED:
        pass
    assert (files.layout.lesson(files.lesson) / CHECKPOINT_NAME).exists()
    folder = files.layout.resource("res_teacher")
    for path in folder.iterdir():
        path.unlink()
    files.end(40)
    package(files)
    replay = open_replay(folder)
    assert replay.duration_s == pytest.approx(40, abs=0.02)
    assert max(luminance for start, luminance, *_ in replay.pictures if start < 3) > 200
