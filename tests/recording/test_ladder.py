"""The ladder as a process, on fast replays of real media: what comes out is parsed and decoded by others."""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import json
import multiprocessing
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import av
import m3u8
import numpy as np
import pytest
from mpegdash.parser import MPEGDASHParser

from recording.ladder import run
from recording.ladder_plan import LadderPlan, serialize_plan
from recording.store import alone_in
from tests.recording.fast_replays import (
    ROOT,
    beeps,
    camera,
    make_version,
    open_rendition,
    pictures,
    plan_of,
    speech,
    watch,
    write_fast_replay,
)
from tests.waiting import wait_until

Version = tuple[Path, dict[str, Any], list[dict[str, Any]]]
CUT = ((0, 5_500), (7_000, 11_500))
"""10 s of 12: cut amid the second slice, so that nothing of it is aligned with anything."""

PLAIN = plan_of([("teacher", "res_teacher")], (0, 1_000))


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher whose picture grows in mid-lesson, and a screen that begins after three seconds."""
    found = tmp_path_factory.mktemp("lesson")
    runs = [(320, 180, pictures(6, 320, 180)), (640, 360, pictures(6, 640, 360, start_s=6))]
    write_fast_replay(found, "res_teacher", 12, runs, beeps(12))
    camera(found, "res_screen", 12, size=(640, 400), sound=lambda seconds: speech(seconds, loudness=0.001))
    return found


@pytest.fixture(scope="module")
def version(data_dir: Path) -> Version:
    plan = plan_of([("teacher", "res_teacher"), ("screen", "res_screen")], *CUT)
    return make_version(data_dir, plan)


def probe(data: bytes) -> list[av.Packet[Any]]:
    with av.open(io.BytesIO(data), "r") as container:
        return [packet for packet in container.demux() if packet.pts is not None and packet.size]


def test_every_picture_has_its_sizes_and_none_above_the_source(
    version: Version,
) -> None:
    _, made, lines = version
    sizes = {
        each["name"]: [(one["name"], one["width"], one["height"]) for one in each["renditions"]]
        for each in made["pictures"]
    }
    assert sizes == {
        "teacher": [("teacher-360", 640, 360), ("teacher-240", 426, 240)],
        "screen": [("screen-400", 640, 400), ("screen-240", 384, 240)],
    }
    assert made["duration_ms"] == 10_000
    shares = [line["progress"] for line in lines]
    assert shares == sorted(shares)
    assert {line["step"] for line in lines} == {"sound", "picture", "downloads"}


def test_all_renditions_have_one_rate_one_length_and_keyframes_at_the_same_moments(
    version: Version,
) -> None:
    folder, made, _ = version
    for picture in made["pictures"]:
        step = 6_000 if picture["kind"] == "screen" else 3_000
        for one in picture["renditions"]:
            packets = probe(open_rendition(folder, one["name"]))
            assert [packet.pts for packet in packets] == list(range(0, 900_000, step))
            assert all(packet.duration == step for packet in packets)
            keyframes = [packet.pts for packet in packets if packet.is_keyframe]
            assert keyframes == [0, 360_000, 720_000]
    for name in ("audio-128", "audio-48"):
        packets = probe(open_rendition(folder, name))
        assert [packet.pts for packet in packets] == list(range(0, len(packets) * 1024, 1024))
        assert len(packets) * 1024 / 48_000 == pytest.approx(10, abs=1 / 30)


def test_playlists_are_what_another_parser_reads(
    version: Version,
) -> None:
    folder, made, _ = version
    dates = set()
    for name in [*(each["playlist"] for each in made["pictures"]), made["sound"]["playlist"]]:
        multivariant = m3u8.load(str(folder / name))
        assert multivariant.is_variant
        uris = [each.uri for each in multivariant.playlists] + [each.uri for each in multivariant.media]
        for variant in multivariant.playlists:
            info = variant.stream_info
            assert info.bandwidth >= info.average_bandwidth > 0
            assert info.codecs.endswith("mp4a.40.2")
            assert info.audio is None or info.audio in {each.group_id for each in multivariant.media}
        for uri in uris:
            playlist = m3u8.load(str(folder / uri))
            assert playlist.is_endlist
            assert playlist.target_duration == 4
            assert sum(each.duration for each in playlist.segments) == pytest.approx(10, abs=1 / 30)
            assert all(round(each.duration) <= 4 for each in playlist.segments)
            assert all((folder / each.uri).stat().st_size for each in playlist.segments)
            assert (folder / playlist.segment_map[0].uri).stat().st_size
            dates.add(playlist.program_date_time)
            boundaries = list(itertools.accumulate(each.duration for each in playlist.segments))
            assert boundaries[:2] == pytest.approx([4, 8], abs=0.022)
    assert len(dates) == 1
    # FFmpeg's own HLS player finds all of it, too.
    with av.open(str(folder / "teacher.m3u8"), "r") as container:
        assert {(stream.width, stream.height) for stream in container.streams.video} == {
            (640, 360),
            (426, 240),
        }


def test_the_dash_manifest_names_the_same_segments(
    version: Version,
) -> None:
    folder, made, _ = version
    for picture in made["pictures"]:
        mpd = MPEGDASHParser.parse(str(folder / picture["dash"]))
        assert mpd.media_presentation_duration == "PT10.000S"
        video, audio = mpd.periods[0].adaptation_sets
        assert [each.id for each in video.representations] == [one["name"] for one in picture["renditions"]]
        assert [each.id for each in audio.representations] == ["audio-128", "audio-48"]
        for found, length in ((video, 900_000), (audio, 480_256)):
            template = found.segment_templates[0]
            spans = [(each.d, (each.r or 0) + 1) for each in template.segment_timelines[0].Ss]
            assert sum(duration * count for duration, count in spans) == length
            for representation in found.representations:
                for number in range(1, sum(count for _, count in spans) + 1):
                    name = template.media.replace("$RepresentationID$", representation.id)
                    assert (folder / name.replace("$Number%05d$", f"{number:05d}")).exists()


@pytest.mark.parametrize(("picture", "sound"), [("teacher-360", "audio-128"), ("screen-240", "audio-48")])
def test_voice_and_picture_are_together_at_the_start_and_behind_the_cut(
    version: Version, picture: str, sound: str
) -> None:
    folder, _, _ = version
    replay = watch(open_rendition(folder, picture), open_rendition(folder, sound))
    assert replay.audio_holes() == []
    # Flashes of seconds 1 to 5, and of 7 to 11 behind the cut, which stand at 5.5 to 9.5.
    assert replay.flashes() == pytest.approx([1, 2, 3, 4, 5, 5.5, 6.5, 7.5, 8.5, 9.5], abs=0.05)
    before, behind = replay.skews_ms(until_s=5.4), replay.skews_ms(from_s=5.6)
    assert len(before) == 5
    assert len(behind) == 4
    assert max(map(abs, before + behind)) < 40


def test_the_downloads_play_to_the_same_length(
    version: Version,
) -> None:
    folder, made, _ = version
    assert [each["kind"] for each in made["downloads"]] == ["lesson", "audio", "slides"]
    for each in made["downloads"]:
        data = (folder / each["name"]).read_bytes()
        assert (each["bytes"], each["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert data.index(b"moov") < data.index(b"mdat")
        with av.open(folder / each["name"], "r") as container:
            for stream in container.streams:
                assert float(stream.duration * stream.time_base) == pytest.approx(10, abs=0.04)
    composed = watch(folder / "lesson.mp4", folder / "lesson.mp4")
    assert {(width, height) for _, _, width, height in composed.pictures} == {(800, 400)}
    assert max(map(abs, composed.skews_ms(until_s=5.4) + composed.skews_ms(from_s=5.6))) < 80


def test_the_mix_has_the_standard_loudness(
    version: Version,
) -> None:
    folder, made, _ = version
    for name in ("audio-128", "audio-48"):
        loudness, peak = measured_by_ffmpeg(open_rendition(folder, name))
        assert loudness == pytest.approx(-16, abs=1)
        assert peak <= -1.5
        assert made["sound"]["loudness_lufs"] == pytest.approx(loudness, abs=0.5)


def measured_by_ffmpeg(data: bytes) -> tuple[float, float]:
    """(integrated loudness in LUFS, true peak in dBTP) by FFmpeg's ebur128 filter."""
    graph = av.filter.Graph()
    with av.open(io.BytesIO(data), "r") as container:
        source = graph.add_abuffer(template=container.streams.audio[0])
        meter = graph.add("ebur128", "metadata=1:peak=true")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        found: dict[str, str] = {}
        for frame in itertools.chain(container.decode(audio=0), [None]):
            graph.push(frame)
            while True:
                try:
                    pulled = graph.pull()
                except (av.BlockingIOError, av.EOFError):
                    break
                found.update(pulled.metadata)
    peaks = [float(value) for key, value in found.items() if "true_peak" in key]
    return float(found["lavfi.r128.I"]), float(20 * np.log10(max(peaks)))


def test_poster_and_storyboard_show_the_lesson(
    version: Version,
) -> None:
    folder, _, _ = version
    for name in ("teacher", "screen"):
        text = (folder / f"{name}.vtt").read_text()
        assert text.count(" --> ") == 3
        assert f"{name}-sprite-1.jpg#xywh=" in text
        with av.open(folder / f"{name}.jpg", "r") as container:
            poster = next(container.decode(video=0))
            assert poster.to_ndarray(format="gray").std() > 20


def test_made_again_it_says_the_same_at_once(data_dir: Path, version: Version) -> None:
    folder, made, _ = version
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    plan = plan_of([("teacher", "res_teacher"), ("screen", "res_screen")], *CUT)
    assert make_version(data_dir, plan)[1:] == (made, [])
    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != "work"}
    assert after == before


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_killed_ten_times_it_ends_with_the_same_bytes(
    data_dir: Path, version: Version, tmp_path: Path
) -> None:
    whole = contents(version[0])
    shutil.copytree(data_dir / "resources" / "res_teacher", tmp_path / "resources" / "res_teacher")
    shutil.copytree(data_dir / "resources" / "res_screen", tmp_path / "resources" / "res_screen")
    plan = plan_of([("teacher", "res_teacher"), ("screen", "res_screen")], *CUT)
    folder = tmp_path / plan.folder
    chance = random.Random(5)
    # While there are segments to be made: behind them it would sometimes be over before it is killed.
    segments = sum(name.endswith(".m4s") for name in whole)
    marks = sorted(chance.sample(range(1, segments + 4), 10))
    finished: dict[str, int] = {}
    written = tmp_path / "plan.json"
    written.write_text(serialize_plan(plan))
    # Processes of their own that have imported everything already: only what they do counts here.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["recording.ladder"])
    for mark in marks:
        process = processes.Process(target=run, args=(tmp_path, written, 2))
        process.start()
        wait_until(partial(has_made, process, folder, mark))
        process.kill()
        process.join()
        assert process.exitcode == -9
        finished = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.m4s")}
        assert not (folder / "made.json").exists()
        kept = {name: stamp for name, stamp in finished.items() if contents(folder)[name] == whole[name]}
        assert kept == finished
    _, made, _ = make_version(tmp_path, plan)
    assert made == version[1]
    assert contents(folder) == whole
    assert all((folder / name).stat().st_mtime_ns == stamp for name, stamp in finished.items())


def has_made(process: ForkServerProcess, folder: Path, files: int) -> bool:
    """Whether so many files are there, or the process is over."""
    return not process.is_alive() or sum(path.suffix != ".tmp" for path in folder.glob("*.*")) >= files


def test_what_cannot_be_made_is_refused_with_a_code(data_dir: Path) -> None:
    outside = LadderPlan("../elsewhere", "", 4_000, PLAIN.inputs, PLAIN.kept)
    assert refusal(data_dir, serialize_plan(outside)) == "plan_invalid"
    assert refusal(data_dir, serialize_plan(plan_of([("lesson", "res_teacher")], (0, 1)))) == "plan_invalid"
    assert refusal(data_dir, "{}") == "plan_invalid"
    assert refusal(data_dir, serialize_plan(plan_of([("teacher", "res_gone")], (0, 1)))) == "source_missing"


def refusal(data_dir: Path, plan: str) -> str:
    path = data_dir / "refused.json"
    path.write_text(plan)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        assert run(data_dir, path, 1) == 2
    return str(json.loads(output.getvalue())["refused"])


def test_it_ends_when_its_parent_is_gone(data_dir: Path, tmp_path: Path) -> None:
    plan = replace(PLAIN, folder="resources/ver_orphan")
    path = tmp_path / "plan.json"
    path.write_text(serialize_plan(plan))
    command = [sys.executable, "-m", "recording.ladder", "--data-dir", str(data_dir), "--plan", str(path)]
    script = (
        "import subprocess, sys; "
        f"print(subprocess.Popen({command!r}, stdout=subprocess.DEVNULL).pid, flush=True); sys.stdin.read()"
    )
    # Held up by the lock of its folder, it cannot end because it is done.
    folder = data_dir / plan.folder
    folder.mkdir()
    with alone_in(folder):
        parent = subprocess.Popen(
            [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_until(lambda: holds_open(child, folder))
        parent.kill()
        parent.communicate()
        wait_until(lambda: not holds_open(child, folder))


def holds_open(process: int, path: Path) -> bool:
    try:
        return any(link.resolve() == path.resolve() for link in Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return False
