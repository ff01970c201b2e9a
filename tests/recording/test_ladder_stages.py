"""Versions of unusual inputs, made within the test's own process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recording.fast_replay import SourceMissing
from recording.ladder import make
from recording.ladder_stages import LadderMaking, decode_sound
from recording.transcoder import CARD_SIZE
from tests.recording.fast_replays import (
    camera,
    cards,
    open_rendition,
    plan_of,
    silence,
    speech,
    watch,
    write_fast_replay,
)


def test_a_teacher_without_a_camera_is_a_small_card_with_sound(tmp_path: Path) -> None:
    write_fast_replay(tmp_path, "res_t", 5, [(*CARD_SIZE, cards(5))], speech(5))
    write_fast_replay(tmp_path, "res_1", 5, [(*CARD_SIZE, cards(5))], speech(5, seed=2, loudness=0.01))
    made: dict[str, Any] = make(
        tmp_path, plan_of([("teacher", "res_t"), ("stage-1", "res_1")], (0, 5_000)), 2
    )
    assert [each["name"] for each in made["pictures"]] == ["teacher"]
    assert [one["name"] for one in made["pictures"][0]["renditions"]] == ["teacher-240"]
    assert made["sound"]["loudness_lufs"] == pytest.approx(-16, abs=0.5)
    assert [each["kind"] for each in made["downloads"]] == ["lesson", "audio"]


def test_silence_stays_silent_and_damage_is_held(tmp_path: Path) -> None:
    folder = camera(tmp_path, "res_t", 9, size=(64, 36), sound=silence)
    (folder / "segment-2.m4s").unlink()
    plan = plan_of([("teacher", "res_t")], (0, 9_000))
    made: dict[str, Any] = make(tmp_path, plan, 1)
    assert made["sound"]["loudness_lufs"] is None
    version = tmp_path / plan.folder
    replay = watch(open_rendition(version, "teacher-36"), open_rendition(version, "audio-48"))
    assert len(replay.pictures) == 270
    assert replay.flashes() == pytest.approx([1, 2, 6, 7, 8], abs=0.05)
    assert not decode_sound(open_rendition(version, "audio-128")).any()


def test_another_plan_begins_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    camera(tmp_path, "res_t", 5, size=(64, 36))
    plan = plan_of([("teacher", "res_t")], (0, 5_000))
    make(tmp_path, plan, 1)
    spent = json.loads(capsys.readouterr().err)["spent"]
    assert spent["length_s"] == 5
    assert 0 < sum(spent["cpu_s"].values()) < spent["of_the_length_on_two_cores"] * 10 + 0.1
    assert set(spent["cpu_s"]) == {"levels", "sound", "teacher", "storyboard", "downloads"}
    shorter = plan_of([("teacher", "res_t")], (0, 2_000))
    made = make(tmp_path, shorter, 1)
    assert made["duration_ms"] == 2_000
    folder = tmp_path / plan.folder
    assert not (folder / "teacher-36-00002.m4s").exists()
    assert not (folder / "work").exists()
    assert not list(folder.glob("*.tmp"))


def test_a_source_that_is_gone_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        LadderMaking(tmp_path, plan_of([("teacher", "res_gone")], (0, 5_000)), tmp_path / "work")
