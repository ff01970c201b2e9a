"""The process that makes captions of a voice, on the voice of the demo's lesson."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.recording.fast_replays import ROOT, cards, demo_voice, silence, write_fast_replay

SAID = {*["good", "morning", "everybody", "to", "all", "our", "classrooms"]}
"""By the demo's teacher, from 0.5 s until about 5 s; the next sentence begins at 6 s."""


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one resource, of twelve seconds."""
    data_dir = tmp_path_factory.mktemp("spoken")
    write_fast_replay(data_dir, "res_1", 12, [(640, 360, cards(12))], demo_voice(12))
    return data_dir


def start(data_dir: Path, recogniser: str, resource: str = "res_1") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "recording.recognition", "--data-dir", str(data_dir)]
    command += ["--resource", resource, "--recogniser", recogniser, "--language", "en"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def run(data_dir: Path, recogniser: str, resource: str = "res_1") -> tuple[int, list[dict[str, Any]]]:
    """(exit code, what it said)."""
    process = start(data_dir, recogniser, resource)
    said, _ = process.communicate(timeout=110)
    return process.returncode, [json.loads(line) for line in said.splitlines()]


def counting(tmp_path: Path, then: str = "") -> str:
    """A program that tells how many pieces were shown to it and earlier ones, for good."""
    path, log = tmp_path / "counting.py", tmp_path / "counted"
    path.write_text(
        "import signal, sys\n"
        "for line in sys.stdin:\n"
        f"    log = open({str(log)!r}, 'a+'); log.write('x'); log.flush(); log.seek(0)\n"
        f"    count = len(log.read()); {then or 'pass'}\n"
        "    print('piece', count, flush=True)\n"
    )
    return f"command {shlex.join([sys.executable, str(path)])}"


def test_english_is_recognised_by_what_its_package_carries(tmp_path: Path) -> None:
    # Five seconds: the search through all words of a language costs as much again.
    write_fast_replay(tmp_path, "res_1", 5, [(640, 360, cards(5))], demo_voice(5))
    code, said = run(tmp_path, "pocketsphinx")
    assert code == 0
    assert said[-1]["result"]["language"] == "en"
    cues = said[-1]["result"]["cues"]
    words = " ".join(text for _, _, text in cues).split()
    assert {*words} & SAID, "a synthetic voice is understood badly, but not not at all"
    assert 100 <= cues[0][0] <= 600
    assert 4000 <= cues[-1][1] <= 5000
    ratios = [line["progress"] for line in said[:-1]]
    assert ratios == sorted(ratios)
    assert {line["step"] for line in said[:-1]} == {"voice", "speech"}


def test_a_killed_process_goes_on_behind_the_last_piece(replay: Path, tmp_path: Path) -> None:
    recogniser = counting(tmp_path, "count == 2 and signal.pause()")
    process = start(replay, recogniser)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["step"] == "speech":
            break  # the first piece is done, the second takes for ever
    process.kill()
    process.communicate(timeout=30)
    kept = replay / "resources" / "res_1" / "work" / "speech.jsonl"
    with kept.open("a") as file:
        file.write('[1, 2, "to')  # torn
    counted = tmp_path / "counted"
    before = len(counted.read_text())
    counted.write_text("x" * 10)
    code, said = run(replay, recogniser)
    assert code == 0
    assert [text for _, _, text in said[-1]["result"]["cues"]] == ["piece 1", "piece 11"]
    assert before <= 2
    assert not kept.parent.exists(), "nothing is left"


def test_what_cannot_be_done_is_refused(replay: Path, tmp_path: Path) -> None:
    assert run(replay, "pocketsphinx", "res_2") == (2, [{"refused": "source_missing"}])
    write_fast_replay(tmp_path, "res_1", 3, [(640, 360, cards(3))], silence(3))
    assert run(tmp_path, counting(tmp_path))[1][-1] == {"refused": "speech_missing"}
    assert run(replay, "command /no/such/program")[1][-1] == {"refused": "recogniser_missing"}
    code, said = run(replay, f"command {sys.executable} -c pass")
    assert code == 1
    assert all("refused" not in line for line in said), "it is tried again"
