from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

from classroom_api.retention.objects import LessonObjects, erasing
from classroom_api.retention.scope import Scope
from classroom_api.storage import open_storage
from tests.classroom_api.retention.recorded import (
    HILL,
    LAKE,
    MASTER,
    keys,
    log_key,
    record,
    resource,
    resource_keys,
    seat,
)

ALL = (MASTER, HILL, LAKE)


def objects_of(data_dir: Path, lesson: str) -> LessonObjects:
    return LessonObjects(data_dir, lesson, [resource(lesson, name) for name in ALL])


def test_a_lesson_s_files_are_found_and_no_other_s(tmp_path: Path) -> None:
    record(tmp_path, "les_a")
    record(tmp_path, "les_b")
    listed = objects_of(tmp_path, "les_a").listing()
    mine = [key for key in keys(tmp_path) if "les_a" in key or any(resource("les_a", n) in key for n in ALL)]
    assert [each.key for each in listed] == mine
    assert listed[0].size_bytes == (tmp_path / listed[0].key).stat().st_size
    manifest = objects_of(tmp_path, "les_a").manifest()
    assert manifest is not None
    assert manifest.is_packaged
    assert objects_of(tmp_path, "les_x").manifest() is None
    assert objects_of(tmp_path, "les_x").listing() == []


def test_a_scope_takes_its_files_and_deleting_them_leaves_no_empty_folder(tmp_path: Path) -> None:
    record(tmp_path, "les_a")
    objects = objects_of(tmp_path, "les_a")
    scope = Scope(seats=frozenset({seat("les_a", HILL)}), resources=frozenset({resource("les_a", HILL)}))
    found = [each.key for each in objects.within(scope)]
    assert found == [log_key("les_a", HILL), *resource_keys("les_a", HILL)]
    content = (tmp_path / found[0]).read_bytes()
    assert objects.sha256(found[0]) == hashlib.sha256(content).hexdigest()
    before = keys(tmp_path)
    objects.delete(found)
    objects.delete(found)
    assert keys(tmp_path) == [key for key in before if key not in found]
    assert not (tmp_path / found[0]).parent.exists()
    assert not (tmp_path / found[1]).parent.exists()
    objects.delete([each.key for each in objects.listing()])
    assert keys(tmp_path) == []
    assert (tmp_path / "recordings").is_dir()


def test_one_process_erases_at_a_time_and_a_killed_one_holds_up_nobody(tmp_path: Path) -> None:
    hold = (
        "import sys, pathlib; from classroom_api.retention.objects import erasing\n"
        "with erasing(pathlib.Path(sys.argv[1])) as mine:\n    print(mine, flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "True\n"
    with erasing(tmp_path) as is_mine:
        assert not is_mine
    other.send_signal(signal.SIGKILL)
    other.wait()
    other.stdout.close()
    other.stdin.close()
    with erasing(tmp_path) as is_mine:
        assert is_mine


def test_what_the_storage_holds_of_a_lesson_is_listed_and_goes_too(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    record(data_dir, "les_a")
    record(data_dir, "les_b")
    storage = open_storage(f"file://{tmp_path / 'store'}")
    for lesson in ("les_a", "les_b"):
        storage.put_folder(f"recordings/{lesson}", data_dir / "recordings" / lesson)
        for name in ALL:
            folder = f"resources/{resource(lesson, name)}"
            storage.put_folder(folder, data_dir / folder)
    mine = [resource("les_a", name) for name in ALL]
    objects = LessonObjects(data_dir, "les_a", mine, storage)
    there = [each.key for each in objects.listing() if each.key.startswith("storage:")]
    marks = 1 + len(ALL)
    assert len(there) == len(objects.listing()) - len(there) + marks
    assert objects.sha256(f"storage:{log_key('les_a', HILL)}") == objects.sha256(log_key("les_a", HILL))
    scope = Scope(seats=frozenset({seat("les_a", HILL)}), resources=frozenset({resource("les_a", HILL)}))
    found = [each.key for each in objects.within(scope)]
    assert f"storage:{log_key('les_a', HILL)}" in found
    objects.delete(found)
    objects.delete(found)
    assert not [each.key for each in objects.listing() if each.key in found]
    assert storage.list_prefix(f"resources/{resource('les_a', HILL)}") == []
    objects.delete([each.key for each in objects.listing()])
    assert objects.listing() == []
    assert storage.has_folder("recordings/les_b")
    assert storage.has_folder(f"resources/{resource('les_b', HILL)}")
