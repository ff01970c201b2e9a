"""Appending, reading along, replacing whole files."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from recording.store import AppendFile, Layout, LineReader, TailReader, alone_in, free_bytes, replace_file


def test_the_layout(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert layout.manifest("les_1") == tmp_path / "recordings/les_1/manifest.jsonl"
    assert layout.resource("res_1") == tmp_path / "resources/res_1"
    assert layout.unused_log_name("les_1", "seat", "pub") == ("seat/pub.rtplog", 1)
    (layout.lesson("les_1") / "seat").mkdir(parents=True)
    (layout.lesson("les_1") / "seat/pub.rtplog").touch()
    assert layout.unused_log_name("les_1", "seat", "pub") == ("seat/pub.2.rtplog", 2)


def test_lessons_that_are_not_packaged_are_found(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert layout.unpackaged_lessons() == []
    for lesson, text in (("les_a", '{"type":"lesson_packaged","at_ms":1}\n'), ("les_b", "x" * 1000)):
        layout.lesson(lesson).mkdir(parents=True)
        layout.manifest(lesson).write_text(text)
    assert layout.unpackaged_lessons() == ["les_b"]


def test_appended_bytes_stay_and_a_torn_line_gets_its_end(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log"
    for _ in range(2):
        file = AppendFile(path)
        file.open()
        file.append(b"abc")
        file.sync()
        file.close()
        file.close()
    assert path.read_bytes() == b"abcabc"
    file = AppendFile(path)
    file.open()
    file.end_line()
    file.end_line()
    assert path.read_bytes() == b"abcabc\n"
    file.clear()
    file.end_line()
    file.close()
    assert path.read_bytes() == b""


def test_reading_along(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    tail, lines = TailReader(path), LineReader(path)
    assert tail.read(10) == b""
    assert lines.read() == []
    path.write_bytes(b"one\ntw")
    assert tail.read(4) == b"one\n"
    assert lines.read() == [b"one"]
    with path.open("ab") as file:
        file.write(b"o\nthree\n")
    assert tail.read(100) == b"two\nthree\n"
    assert lines.read() == [b"two", b"three"]


def test_a_replaced_file_is_never_half_there(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "index.m3u8"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["index.m3u8"]
    with pytest.raises(FileExistsError):
        replace_file(path / "below", b"x")
    assert free_bytes(tmp_path) > 0


def test_one_at_a_time_is_alone_in_a_folder(tmp_path: Path) -> None:
    other = os.open(tmp_path, os.O_RDONLY)
    with alone_in(tmp_path), pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)
