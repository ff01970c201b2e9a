"""Random damages of a log: what lies beside them is kept, they are labelled, and the packager finishes.

A hundred here, of which each tenth is packaged; `make log-damages` makes and packages a thousand.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from recording.manifest import GapReason
from recording.packager import LessonPackager, Progress
from recording.recovery import read_manifest
from recording.rtplog import LogScanner, Record, RecordKind, parse_header, serialize_record
from recording.store import Layout
from tests.recording.conformance import faults_of
from tests.recording.damage import KINDS, Damaged, Span
from tests.recording.replay import open_replay
from tests.recording.synthetic import BOOT_NS, SECOND, LessonFiles, Publisher, encode_video, encode_voice

DAMAGES = int(os.environ.get("TANDEM_DAMAGES", "100"))
_SECONDS = 8


def scan(data: bytes) -> list[Record]:
    parsed = parse_header(data)
    scanner = LogScanner()
    found = [*scanner.feed(data[parsed[1] if parsed else 0 :]), *scanner.finish()]
    return [item for item in found if isinstance(item, Record)]


def camera() -> Publisher:
    publisher = Publisher("H264", 90_000)
    publisher.send(encode_video("H264", _SECONDS, width=96, height=64, keyframe_s=1.0))
    for second in range(_SECONDS):
        publisher.report(second + 0.5)
        publisher.records.append(Record(RecordKind.CLOCK, BOOT_NS + second * SECOND, b""))
    return publisher


def kept(records: list[Record], header_bytes: int, spans: list[Span]) -> list[Record]:
    """The records that lie wholly within what is left."""
    found, place = [], header_bytes
    for record in records:
        end = place + len(serialize_record(record))
        if any(begin <= place and end <= until for begin, until in spans):
            found.append(record)
        place = end
    return found


def write_lesson(
    folder: Path, source: Publisher, kind: Callable[[bytes, random.Random], Damaged], seed: int
) -> tuple[LessonFiles, bytes, bytes, list[Span]]:
    """A lesson whose camera log is damaged: files, log before and behind, what is whole of it."""
    files = LessonFiles(folder)
    files.start()
    path = files.add(source, until_s=_SECONDS + 0.1)
    whole = path.read_bytes()
    damaged, spans = kind(whole, random.Random(seed))
    path.write_bytes(damaged)
    return files, whole, damaged, spans


def package(layout: Layout, lesson: str) -> None:
    packager = LessonPackager(layout, lesson)
    for _ in range(1000):
        if packager.advance() is Progress.FINISHED:
            return
    raise AssertionError("the packager never finished")


def slices(data: bytes) -> bytes:
    return data.rsplit(b"\0\0\1", 1)[1]


def assert_packaged(files: LessonFiles, lost: list[Record], said: str) -> None:
    """The replay is whole, the damage labelled, and each group of pictures that nothing touched is in it."""
    package(files.layout, files.lesson)
    manifest = read_manifest(files.layout, files.lesson)
    assert lost == [] or GapReason.DAMAGE in {gap.reason for gap in manifest.gaps}, said
    folder = files.layout.resource("res_teacher")
    assert abs(open_replay(folder).duration_s - (_SECONDS + 0.2)) < 0.05, said
    assert faults_of(folder) == [], said
    written = b"".join(path.read_bytes() for path in folder.glob("segment-*.m4s"))
    bounds = [BOOT_NS + round((second + 0.02) * SECOND) for second in range(_SECONDS + 1)]
    coded = encode_video("H264", _SECONDS, width=96, height=64, keyframe_s=1.0)
    for second, (begin_ns, end_ns) in enumerate(pairwise(bounds)):
        if not any(begin_ns <= record.arrival_ns < end_ns for record in lost):
            pictures = coded[second * 30 : second * 30 + 30]
            assert all(slices(item.data) in written for item in pictures), f"{said}: second {second}"


def test_all_but_the_damage_is_kept_and_the_damage_is_labelled(tmp_path: Path) -> None:
    source, voice = camera(), Publisher("opus", 48_000, ssrc=77)
    voice.send(encode_voice(_SECONDS))
    records = sorted(source.records, key=lambda record: record.arrival_ns)
    records.append(Record(RecordKind.CLOCK, BOOT_NS + round((_SECONDS + 0.1) * SECOND), b""))
    every = 10 if DAMAGES < 1000 else 1
    for seed in range(DAMAGES):
        kind = KINDS[seed % len(KINDS)]
        said = f"{kind.__name__}, seed {seed}"
        files, whole, damaged, spans = write_lesson(tmp_path / str(seed), source, kind, seed)
        parsed = parse_header(whole)
        assert parsed is not None
        wanted, found = kept(records, parsed[1], spans), scan(damaged)
        assert [one for one in wanted if one not in found] == [], said
        if seed % every == 0:
            files.add(voice, until_s=_SECONDS + 0.1)
            files.end(_SECONDS + 0.2)
            media = [record for record in records if record not in found and record.kind is RecordKind.RTP]
            assert_packaged(files, media, said)
