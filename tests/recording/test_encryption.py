"""Records that nobody reads without the key, and logs that are forgotten with theirs."""

from __future__ import annotations

import base64
import random
from dataclasses import replace
from pathlib import Path

import pytest

from recording.encryption import KeyRing, LogCipher
from recording.lesson_recording import open_publication_log
from recording.manifest import GapReason
from recording.recovery import last_record_ms, read_manifest
from recording.rtplog import Record, RecordKind, parse_header
from recording.store import Layout
from recording.writer import ClockAnchor, LessonWriter
from streaming.errors import Refused
from streaming.identifiers import SeatId
from streaming.session.media import Codec, Source
from tests.recording.damage import KINDS
from tests.recording.replay import open_replay
from tests.recording.synthetic import BOOT_NS, START_MS, LessonFiles, Publisher, encode_video
from tests.recording.taps import MemoryMedia
from tests.recording.test_damages import kept, package, scan

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
RECORD = Record(RecordKind.RTP, 1, b"what was said")


def test_a_record_comes_back_and_nothing_else_is_taken_for_it() -> None:
    cipher = LogCipher(OLD)
    first, second = cipher.encrypt(RECORD), cipher.encrypt(RECORD)
    assert first.data != second.data
    assert RECORD.data not in first.data
    assert first.data[:8] != second.data[:8], "a nonce comes once"
    assert cipher.decrypt(first) == RECORD == cipher.decrypt(second)
    assert LogCipher(NEW).decrypt(first) is None
    assert cipher.decrypt(replace(first, arrival_ns=2)) is None
    assert cipher.decrypt(replace(first, kind=RecordKind.SENDER_REPORT)) is None
    assert cipher.decrypt(replace(first, data=first.data[:-1])) is None
    assert cipher.decrypt(replace(first, data=b"")) is None


def test_the_first_key_writes_and_all_read() -> None:
    old = KeyRing((OLD,))
    cipher, file = old.create("les/log")
    record = cipher.encrypt(RECORD)
    rotated = KeyRing((NEW, OLD))
    assert rotated.open("les/log", file).decrypt(record) == RECORD
    _, newer = rotated.create("les/log")
    with pytest.raises(Refused, match="recording_key_wrong"):
        old.open("les/log", newer)
    for wrong in (b"", file[:30], file[:-1] + b"x", b"TANDKEY1"):
        with pytest.raises(Refused, match="TANDEM_RECORDING_KEY"):
            rotated.open("les/log", wrong)
    with pytest.raises(Refused):
        rotated.open("les/other", file)


def test_keys_are_base64_of_32_bytes() -> None:
    ring = KeyRing((NEW, OLD))
    assert KeyRing.parse(ring.serialize()) == ring
    assert KeyRing.parse(" ") == KeyRing()
    assert base64.b64encode(OLD).decode() not in repr(ring)
    for wrong in ("hunter2!", base64.b64encode(b"short").decode()):
        with pytest.raises(ValueError, match="openssl rand") as error:
            KeyRing.parse(wrong)
        assert wrong not in str(error.value)


def write_lesson(data_dir: Path, keys: KeyRing) -> tuple[LessonFiles, Path, list[Record]]:
    """A lesson as the recorder writes it: its files, its log and what was sent."""
    files = LessonFiles(data_dir)
    files.start()
    anchor = ClockAnchor(BOOT_NS, START_MS, lambda: BOOT_NS + 2_100_000_000)
    writer = LessonWriter(Layout(data_dir, keys), files.lesson, anchor)
    media, publisher = MemoryMedia(), Publisher("H264", 90_000)
    publisher.send(encode_video("H264", 2, width=96, height=64))
    publication = media.publish("pub_1", Source.CAMERA, Codec.H264)
    open_publication_log(writer, SeatId("seat_1"), "master", publication, "res_teacher")
    for record in publisher.records:
        media.taps["pub_1"].give(record)
    writer.write({"pub_1": media.taps["pub_1"].take(1 << 24)}, {})
    writer.close()
    files.end(2.2)
    return files, writer.layout.lesson(files.lesson) / "seat_1/pub_1.rtplog", publisher.records


def test_nothing_of_the_media_is_on_disk_and_the_replay_is_made_all_the_same(tmp_path: Path) -> None:
    files, log, sent = write_lesson(tmp_path, KeyRing((OLD,)))
    written = log.read_bytes() + log.with_name(log.name + ".key").read_bytes()
    assert not [record for record in sent if record.data[12:60] in written]
    assert OLD not in written
    layout = Layout(tmp_path, KeyRing((NEW, OLD)))
    package(layout, files.lesson)
    assert len(open_replay(layout.resource("res_teacher")).pictures) >= 60
    assert last_record_ms(log) == START_MS + 2_100, "a dead recorder's log is sealed without its key"


def test_a_log_whose_key_was_deleted_is_forgotten_and_labelled(tmp_path: Path) -> None:
    files, log, _ = write_lesson(tmp_path, KeyRing((OLD,)))
    log.with_name(log.name + ".key").unlink()
    layout = Layout(tmp_path, KeyRing((OLD,)))
    package(layout, files.lesson)
    assert not layout.resource("res_teacher").exists()
    assert {gap.reason for gap in read_manifest(layout, files.lesson).gaps} == {GapReason.DAMAGE}


@pytest.mark.parametrize("keys", [KeyRing(), KeyRing((NEW,))])
def test_a_wrong_key_is_refused_with_a_sentence(tmp_path: Path, keys: KeyRing) -> None:
    files, _, _ = write_lesson(tmp_path, KeyRing((OLD,)))
    with pytest.raises(Refused, match="TANDEM_RECORDING_KEY"):
        Layout(tmp_path, keys).require_keys()
    Layout(tmp_path, KeyRing((NEW, OLD))).require_keys()
    with pytest.raises(Refused, match="recording_key_wrong"):
        package(Layout(tmp_path, keys), files.lesson)


def test_a_log_begun_again_has_another_key(tmp_path: Path) -> None:
    """So the numbers of a process that was killed never come again under its key."""
    keys = KeyRing((OLD,))
    assert keys.create("les/log")[0].encrypt(RECORD).data != keys.create("les/log")[0].encrypt(RECORD).data


def test_damages_of_an_encrypted_log_cost_only_what_they_touch(tmp_path: Path) -> None:
    _, log, _ = write_lesson(tmp_path, KeyRing((OLD,)))
    whole = log.read_bytes()
    parsed = parse_header(whole)
    assert parsed is not None
    records = scan(whole)
    for seed in range(60):
        damaged, spans = KINDS[seed % len(KINDS)](whole, random.Random(seed))
        found = scan(damaged)
        assert all(record in found for record in kept(records, parsed[1], spans)), seed
