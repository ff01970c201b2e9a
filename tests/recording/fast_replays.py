"""Fast replays as the packager leaves them, written straight away; and versions, opened as a player would."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from recording.container import AUDIO_FRAME_SAMPLES, AudioSample, VideoSample, mux_segment
from recording.edit import Kept
from recording.ladder_plan import LadderInput, LadderPlan, SlideShown, serialize_plan
from recording.playlist import Playlist, Segment, serialize_playlist
from recording.transcoder import CARD_SIZE, Pcm, PictureEncoder, SoundEncoder, draw_card
from tests.recording.replay import Replay
from tests.recording.synthetic import FLASH_S, START_MS, encode_video

ROOT = Path(__file__).resolve().parents[2]
Voice = Callable[[int], Pcm]
"""Stereo samples of so many seconds."""


def beeps(seconds: int) -> Pcm:
    """A tone of 100 ms at each full second, as loud as a voice."""
    times = np.arange(seconds * 48_000) / 48_000
    is_beep = (times % 1 < FLASH_S - 1e-6) & (times >= 0.999)
    return np.tile(np.where(is_beep, 0.4 * np.sin(2 * np.pi * 1000 * times), 0).astype(np.float32), (2, 1))


def speech(seconds: int, *, loudness: float = 0.05, seed: int = 1) -> Pcm:
    """Noise in syllables."""
    times = np.arange(seconds * 48_000) / 48_000
    noise = np.random.default_rng(seed).normal(0, 1, len(times))
    noise = np.convolve(noise, np.ones(16) / 16, "same")
    syllables = np.clip(np.sin(2 * np.pi * 3 * times) + 0.3, 0, 1)
    return np.tile((noise * syllables * loudness * 4).astype(np.float32), (2, 1))


def silence(seconds: int) -> Pcm:
    return np.zeros((2, seconds * 48_000), np.float32)


def demo_voice(seconds: int) -> Pcm:
    """The teacher of the demo's lesson, who speaks from 0.5 s on."""
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
    parts = []
    with av.open(str(ROOT / "classroom_api" / "demo_media" / "lesson.mkv")) as container:
        for frame in container.decode(audio=0):
            parts += [each.to_ndarray() for each in resampler.resample(frame)]
            if sum(part.shape[1] for part in parts) >= seconds * 48_000:
                break
    voice: Pcm = np.concatenate(parts, axis=1, dtype=np.float32)[:, : seconds * 48_000]
    return voice


def pictures(seconds: int, width: int, height: int, *, start_s: int = 0) -> list[VideoSample]:
    """The moving pattern with a flash at each full second; a keyframe every 3 s."""
    coded = encode_video(
        "H264", float(seconds), width=width, height=height, keyframe_s=3.0, start_s=float(start_s)
    )
    return [
        VideoSample(start_s * 90_000 + index * 3_000, 3_000, item.data, index % 90 == 0)
        for index, item in enumerate(coded)
    ]


def cards(seconds: int, *, start_s: int = 0) -> list[VideoSample]:
    """What the packager shows before the first picture."""
    encoder = PictureEncoder(*CARD_SIZE)
    for index in range(seconds * 5):
        encoder.encode(draw_card(*CARD_SIZE), start_s * 90_000 + index * 18_000)
    return encoder.finish((start_s + seconds) * 90_000)


def write_fast_replay(
    data_dir: Path,
    resource: str,
    seconds: int,
    runs: Sequence[tuple[int, int, list[VideoSample]]],
    sound: Pcm,
) -> Path:
    """`runs`: (width, height, samples), one after the other, each with an init segment of its own."""
    folder = data_dir / "resources" / resource
    folder.mkdir(parents=True)
    encoder, coded = SoundEncoder(), list[bytes]()
    padded = np.pad(sound, ((0, 0), (0, 6 * AUDIO_FRAME_SAMPLES)))
    for at in range(0, padded.shape[1] - AUDIO_FRAME_SAMPLES, AUDIO_FRAME_SAMPLES):
        coded += encoder.encode(padded[:, at : at + AUDIO_FRAME_SAMPLES])
    frames = [AudioSample(index, data) for index, data in enumerate(coded)]
    segments: list[Segment] = []
    for run, (width, height, samples) in enumerate(runs, 1):
        cuts = [index for index, sample in enumerate(samples) if sample.is_keyframe] + [len(samples)]
        for first, last in itertools.pairwise(cuts):
            start = samples[first].start_ticks
            end = samples[last - 1].start_ticks + samples[last - 1].duration_ticks
            heard = [each for each in frames if start <= each.index * 1920 < end]
            number = len(segments) + 1
            init, media = mux_segment(number, width, height, samples[first:last], heard)
            (folder / f"init-{run}.mp4").write_bytes(init)
            (folder / f"segment-{number}.m4s").write_bytes(media)
            is_new = bool(segments) and first == 0
            wall_ms = START_MS + start // 90 if number == 1 or is_new else None
            segments.append(Segment(f"segment-{number}.m4s", f"init-{run}.mp4", end - start, is_new, wall_ms))
    assert sum(segment.duration_ticks for segment in segments) == seconds * 90_000
    (folder / "index.m3u8").write_text(serialize_playlist(Playlist(tuple(segments), is_ended=True)))
    return folder


def camera(
    data_dir: Path, resource: str, seconds: int, *, size: tuple[int, int] = (320, 180), sound: Voice = beeps
) -> Path:
    runs = [(*size, pictures(seconds, *size))]
    return write_fast_replay(data_dir, resource, seconds, runs, sound(seconds))


def plan_of(
    inputs: Sequence[tuple[str, str]], *parts_ms: tuple[int, int], slides: tuple[SlideShown, ...] = ()
) -> LadderPlan:
    """`inputs`: (name, resource)."""
    entries = tuple(
        LadderInput(name, name.partition("-")[0], resource, "seat_1") for name, resource in inputs
    )
    return LadderPlan("resources/ver_1", "分数", parts_ms[-1][1], entries, Kept(parts_ms), slides)


def start_ladder(data_dir: Path, plan: LadderPlan) -> subprocess.Popen[str]:
    path = data_dir / "plan.json"
    path.write_text(serialize_plan(plan))
    command = [sys.executable, "-m", "recording.ladder", "--data-dir", str(data_dir), "--plan", str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def make_version(
    data_dir: Path, plan: LadderPlan, timeout_s: float | None = 110
) -> tuple[Path, dict[str, object], list[dict[str, object]]]:
    """Run the process to its end: (folder, what was made, the lines before)."""
    process = start_ladder(data_dir, plan)
    said, _ = process.communicate(timeout=timeout_s)
    assert process.returncode == 0
    *lines, result = map(json.loads, said.splitlines())
    return data_dir / plan.folder, result["result"], lines


def open_rendition(folder: Path, name: str) -> bytes:
    """All of a rendition as one file."""
    parts = sorted(folder.glob(f"{name}-?????.m4s"))
    return b"".join(path.read_bytes() for path in [folder / f"{name}-init.mp4", *parts])


def watch(picture: bytes | Path, sound: bytes | Path) -> Replay:
    """Decode a picture and a sound that play together."""
    replay = Replay(Playlist())
    with av.open(_file(picture), "r") as container:
        for frame in container.decode(video=0):
            start = float((frame.pts or 0) * Fraction(frame.time_base or 0))
            luminance = float(frame.to_ndarray(format="gray").mean())
            replay.pictures.append((start, luminance, frame.width, frame.height))
    with av.open(_file(sound), "r") as container:
        for heard in container.decode(audio=0):
            at = round((heard.pts or 0) * Fraction(heard.time_base or 0) * 48_000)
            replay.samples.append((at, heard.to_ndarray()[0]))
    return replay


def _file(source: bytes | Path) -> io.BytesIO | str:
    return io.BytesIO(source) if isinstance(source, bytes) else str(source)
