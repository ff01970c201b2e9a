from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from recording.recognisers import RECOGNISER_HZ, RecogniserFailed, RecogniserMissing, open_recogniser

SECOND = bytes(2 * RECOGNISER_HZ)


def program(tmp_path: Path, each: str) -> str:
    """A program that does `each` with the path of a piece."""
    path = tmp_path / "recogniser.py"
    path.write_text(
        f"import os, signal, sys, wave\nfor line in sys.stdin:\n    path = line[:-1]\n    {each}\n"
    )
    return f"command {shlex.join([sys.executable, '-u', str(path)])}"


def test_a_program_is_told_pieces_and_tells_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_OIDC_CLIENT_SECRET", "s3cret")
    told = "w = wave.open(path); print(os.getpid(), w.getparams()[:4], sorted(os.environ), '分数')"
    recogniser = open_recogniser(program(tmp_path, told))
    first, second = recogniser.recognise(SECOND), recogniser.recognise(bytes(8))
    recogniser.close()
    assert f"(1, 2, {RECOGNISER_HZ}, {RECOGNISER_HZ})" in first
    assert f"(1, 2, {RECOGNISER_HZ}, 4)" in second
    assert first.split()[0] == second.split()[0], "started once"
    assert first.endswith("分数\n")
    assert "'PATH'" in first
    assert "TANDEM_" not in first


def children() -> set[str]:
    """Of this process, which may run a database for other tests."""
    return {
        pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()
    }


@pytest.mark.parametrize(
    "each",
    [
        "print('a\\nb')",
        "print('x' * 70_000)",
        "sys.exit(1)",
        "signal.pause()",
    ],
)
def test_a_program_that_breaks_its_contract_is_ended(tmp_path: Path, each: str) -> None:
    before = children()
    recogniser = open_recogniser(program(tmp_path, each), answer_s=1.0)
    with pytest.raises(RecogniserFailed):
        recogniser.recognise(SECOND)
    assert len(children()) == len(before) + 1
    recogniser.close()
    assert children() == before


def test_a_program_that_is_not_there_is_missing() -> None:
    with pytest.raises(RecogniserMissing):
        open_recogniser("command /no/such/program")
