"""The manifest: every line comes back, bad lines are counted, the fold says what is open."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recording.manifest import (
    Alive,
    Gap,
    GapReason,
    LessonContinued,
    LessonEnded,
    LessonPackaged,
    LessonStarted,
    LessonSuspended,
    Manifest,
    ManifestEntry,
    ResourceKind,
    ResourceOpened,
    SourceStarted,
    SourceStopped,
    parse_entry,
    serialize_entry,
)

STARTED = LessonStarted("les_1", "stage", 1000, 5, "boot")
SOURCE = SourceStarted(
    "pub_1",
    "seat_1",
    "master",
    "res_1",
    "seat_1/pub_1.rtplog",
    1100,
    "peer_1",
    "video",
    "camera",
    "H264",
    90_000,
    0,
    "x",
)
STOPPED = SourceStopped("pub_1", "seat_1/pub_1.rtplog", 1900)
ENTRIES: list[ManifestEntry] = [
    STARTED, ResourceOpened("res_1", ResourceKind.TEACHER, ""), SOURCE, Alive(1200), LessonSuspended(1300),
    LessonContinued(1400), Gap("pub_1", GapReason.LOSS, 1500, 1600), STOPPED, LessonEnded(2000),
    LessonPackaged(2100),
]  # fmt: skip


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_each_line_comes_back(entry: ManifestEntry) -> None:
    line = serialize_entry(entry)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert parse_entry(line) == entry
    first = fields(entry)[0].name
    assert parse_entry(line.replace(f'"{first}"'.encode(), b'"other"')) is None


@given(st.binary(max_size=80))
def test_no_line_raises(line: bytes) -> None:
    parse_entry(line)


@pytest.mark.parametrize(
    "line", [b"[]", b'{"type":1}', b'{"type":"alive","at_ms":"1"}', b'{"type":"alive","at_ms":true}']
)
def test_wrong_shapes_are_none(line: bytes) -> None:
    assert parse_entry(line) is None


def test_the_fold() -> None:
    manifest = Manifest()
    manifest.apply_lines([serialize_entry(entry) for entry in ENTRIES[:4]] + [b"", b'{"type":"source_sto'])
    assert manifest.skipped_lines == 1
    assert manifest.open_logs() == [SOURCE]
    assert manifest.last_at_ms == 1200
    manifest.apply_lines([serialize_entry(entry) for entry in ENTRIES[4:]])
    assert manifest.open_logs() == []
    assert manifest.suspensions == [(1300, 1400)]
    assert manifest.started == STARTED
    assert manifest.ended == LessonEnded(2000)
    assert manifest.is_packaged
    assert manifest.resource_of(ResourceKind.TEACHER, "") == ENTRIES[1]
    assert manifest.resource_of(ResourceKind.STAGE, "seat_2") is None


def test_lines_said_twice_count_once() -> None:
    once, twice = Manifest(), Manifest()
    for entry in ENTRIES:
        once.apply(entry)
        twice.apply(entry)
        twice.apply(entry)
    assert once == twice
