"""What recording costs the server: `python -m tests.recording.recorder_cost [--lessons 4] [--seconds 30]`.

The real recorder with its threads and its disk, fed in real time with 720p at 1.5 Mbit/s and a voice by taps
in memory; packagers, which are processes of their own, are left out.  What the feeding costs is measured
first and subtracted.  A second table runs hours of one lesson through the writer, on a virtual clock.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import struct
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from unittest import mock

from recording.encryption import KeyRing
from recording.recorder import Recorder, RecordingConfig
from recording.rtplog import RecordKind
from recording.store import Layout
from recording.supervisor import PackagerSupervisor
from recording.writer import ClockAnchor, LessonWriter
from streaming.identifiers import LessonId, SeatId
from streaming.session.media import Codec, Source
from tests.recording.synthetic import SECOND
from tests.recording.taps import MemoryMedia
from tests.recording.test_writer import LESSON, open_source
from tests.waiting import until

_STEP_S = 0.1
_VIDEO = (17, 1100)
"""Packets of a tenth of a second, and their bytes: 1.5 Mbit/s."""
_VOICE = (5, 120)
_HEAD = struct.Struct(">IB3xQ")


def _taken(packets: int, size: int, now_ns: int) -> bytes:
    return b"".join(_HEAD.pack(size, RecordKind.RTP, now_ns) + os.urandom(size) for _ in range(packets))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def _feed(media: MemoryMedia, names: list[str], seconds: float) -> None:
    """Give every tap its share until the time is over; bytes are made once, they cost nothing then."""
    shares = {"camera": [_taken(1, _VIDEO[1], 0)] * _VIDEO[0], "voice": [_taken(1, _VOICE[1], 0)] * _VOICE[0]}
    loop = asyncio.get_running_loop()

    def is_due(at_s: float) -> bool:
        return loop.time() >= at_s

    due_s = loop.time()
    end_s = due_s + seconds
    while due_s < end_s:
        for name in names:
            media.taps[name].pending += shares[name.partition("_")[0]]
        due_s += _STEP_S
        await until(partial(is_due, due_s))


async def _measure(lessons: int, seconds: float, keys: KeyRing) -> tuple[float, float, float]:
    """CPU share per lesson, MB per lesson, and MB more at the end than at half time."""
    media, names = MemoryMedia(), []
    with tempfile.TemporaryDirectory(prefix="tandem-cost-") as folder:
        recorder = Recorder(RecordingConfig(Path(folder), keys=keys), media, lambda event: None)
        await recorder.open()
        before_mb = _resident_mb()
        for number in range(lessons):
            lesson = LessonId(f"les_{number}")
            await recorder.start_lesson(lesson, "master_only", time.time_ns() // 1_000_000)
            for name, source, codec in (
                (f"camera_{number}", Source.CAMERA, Codec.H264),
                (f"voice_{number}", Source.MICROPHONE, Codec.OPUS),
            ):
                publication = media.publish(name, source, codec)
                names.append(name)
                await recorder.start_source(lesson, SeatId("seat"), "master", publication)
        began_s = _cpu_s()
        await _feed(media, names, seconds / 2)
        half_mb = _resident_mb()
        await _feed(media, names, seconds / 2)
        used_s, end_mb = _cpu_s() - began_s, _resident_mb()
        await recorder.close()
    return used_s / seconds, (end_mb - before_mb) / max(1, lessons), end_mb - half_mb


async def _feeding_alone(lessons: int, seconds: float) -> float:
    media = MemoryMedia()
    names = [f"{kind}_{number}" for number in range(lessons) for kind in ("camera", "voice")]
    for name in names:
        media.publish(name, Source.CAMERA, Codec.H264)
    began_s = _cpu_s()
    await _feed(media, names, seconds)
    return (_cpu_s() - began_s) / seconds


def _write_hours(hours: float, keys: KeyRing) -> tuple[float, float]:
    """CPU seconds per recorded hour, and MB more behind the last hour than behind the first minutes."""
    now = [SECOND]
    with tempfile.TemporaryDirectory(prefix="tandem-cost-") as folder:
        anchor = ClockAnchor(SECOND, 0, lambda: now[0])
        writer = LessonWriter(Layout(Path(folder), keys), LESSON, anchor)
        path = open_source(writer)
        share = _taken(*_VIDEO, now[0]) + _taken(*_VOICE, now[0])
        steps = round(hours * 3600 / _STEP_S)
        first_mb, began_s = 0.0, _cpu_s()
        for step in range(steps):
            now[0] += round(_STEP_S * SECOND)
            writer.write({"pub_1": share}, {})
            if step == steps // 10:
                first_mb = _resident_mb()
            if step % 3000 == 0:
                os.truncate(path, 0)  # hours of media need not lie on this disk
        used_s = _cpu_s() - began_s
        grown_mb = _resident_mb() - first_mb
        writer.close()
    return used_s / hours, grown_mb


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="tests.recording.recorder_cost")
    parser.add_argument("--lessons", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--hours", type=float, default=3)
    given = parser.parse_args()
    with mock.patch.object(PackagerSupervisor, "start"):
        _report(given.lessons, given.seconds, given.hours)


def _report(lessons: int, seconds: float, hours: float) -> None:
    say = sys.stdout.write
    load = os.getloadavg()[0]
    say(f"{os.cpu_count()} cores, load {load:.1f}, {lessons} lessons, {seconds:.0f} s\n")
    feeding = asyncio.run(_feeding_alone(lessons, seconds))
    for name, keys in (("plain", KeyRing()), ("encrypted", KeyRing((bytes(32),)))):
        share, lesson_mb, grown_mb = asyncio.run(_measure(lessons, seconds, keys))
        share = (share - feeding) / lessons
        hour_s, hours_mb = _write_hours(hours, keys)
        say(
            f"{name:<10} {share:7.2%} of a core and {lesson_mb:5.2f} MB a lesson, {grown_mb:+.2f} MB in the"
            f" second half;  writer {hour_s:5.1f} s of CPU an hour, {hours_mb:+.2f} MB in {hours:g} h\n"
        )


if __name__ == "__main__":
    main()
