"""SHELL: what a ladder makes, as tasks that any thread can do.

Each writes whole files, and passes over those that are there.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import av
import numpy as np

from recording import dash
from recording.composition import Composition
from recording.container import AUDIO_FRAME_SAMPLES, VIDEO_HZ, mux_sound_segment
from recording.downloads import (
    SegmentRow,
    planned_slides,
    screen_slides,
    sha256_of,
    write_download,
    write_slides,
)
from recording.fast_replay import FastReplay
from recording.ladder_plan import LadderInput, LadderPlan
from recording.ladder_playlists import MadeRendition, codecs_of, serialize_media, serialize_multivariant
from recording.ladder_sizes import RUNGS, Rung, Size, plan_rungs
from recording.ladder_timeline import LadderTimeline
from recording.loudness import BLOCK_SAMPLES, Powers, correct, integrated_lufs, level, measure_powers
from recording.mixing import Mixer
from recording.rendition import (
    CAMERA_OPTIONS,
    SCREEN_OPTIONS,
    LadderPicture,
    init_name,
    make_slices,
    segment_name,
)
from recording.store import replace_file
from recording.storyboard import make_storyboard
from recording.transcoder import CARD_SIZE

CAMERA_TICKS = VIDEO_HZ // 30
SCREEN_TICKS = VIDEO_HZ // 15
SOUND_BIT_RATES_BPS = (128_000, 48_000)
LESSON = "lesson"
_RUN_SLICES = 15
"""A task of a minute: what it decodes twice at its beginning does not count."""
_LEVELS_NAME = "levels.json"
_MEASURED_BLOCKS = 600


@dataclass(frozen=True, slots=True)
class Task:
    """`part`: what it makes; `cost`: about how long it takes, beside others."""

    part: str
    cost: float
    run: Callable[[], None]


def sound_name(bit_rate_bps: int) -> str:
    return f"audio-{bit_rate_bps // 1000}"


@dataclass(slots=True)
class LadderMaking:
    """One version in the making. `work`: a folder for what is not served. Raises SourceMissing.

    Invariant: each stage's tasks need what the stages before it made, and nothing of each other.
    """

    data_dir: Path
    plan: LadderPlan
    work: Path
    folder: Path = field(init=False)
    timeline: LadderTimeline = field(init=False)
    replays: tuple[FastReplay, ...] = field(init=False)
    pictures: tuple[LadderPicture, ...] = field(init=False)
    _gains: tuple[float, ...] = field(default=(), init=False)
    _measured: dict[int, list[Powers]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.folder = self.data_dir / self.plan.folder
        self.timeline = LadderTimeline(self.plan.kept)
        folders = [self.data_dir / "resources" / each.resource for each in self.plan.inputs]
        self.replays = tuple(map(FastReplay, folders))
        pairs = zip(self.plan.inputs, self.replays, strict=True)
        found = [self._picture(entry, replay) for entry, replay in pairs]
        self.pictures = tuple(picture for picture in found if picture is not None)

    def stages(self) -> Iterator[tuple[str, list[Task]]]:
        """(step, its tasks), each stage asked for when the one before it is done."""
        if not self._read_levels():
            yield "sound", self._measuring()
            gains = tuple(level(self._take_measured()))
            yield "sound", self._measuring(gains)
            self._write_levels(gains)
        yield "sound", self._sounds()
        yield "picture", self._pictures()
        yield "picture", self._compositions()
        yield "downloads", [*self._remeasuring(), *self._storyboards(), *self._downloads()]

    def total_cost(self) -> float:
        """Of all stages."""
        parts = [self._measuring(), self._measuring(), self._sounds(), self._pictures(), self._compositions()]
        parts += [self._remeasuring(), self._storyboards(), self._downloads()]
        return sum(task.cost for tasks in parts for task in tasks)

    def finish(self) -> dict[str, object]:
        """Write the playlists, and say what was made."""
        wall_ms = self.replays[0].wall_ms + self.plan.kept.parts[0][0]
        sounds = [self._made_sound(rate) for rate in SOUND_BIT_RATES_BPS]
        pictures = {
            picture.name: [self._made_picture(picture, rung) for rung in picture.rungs]
            for picture in self.pictures
        }
        for rendition in [*sounds, *(one for each in pictures.values() for one in each)]:
            uris = [segment_name(rendition.name, number) for number in self._numbers()]
            text = serialize_media(rendition, init_name(rendition.name), uris, wall_ms)
            replace_file(self.folder / f"{rendition.name}.m3u8", text.encode())
        for name, renditions in pictures.items():
            mpd = dash.serialize_mpd(renditions, sounds, self.timeline.length_ticks)
            replace_file(self.folder / f"{name}.mpd", mpd.encode())
            replace_file(self.folder / f"{name}.m3u8", serialize_multivariant(renditions, sounds).encode())
        replace_file(self.folder / "audio.m3u8", serialize_multivariant([], sounds).encode())
        return self._made(pictures, sounds)

    def _picture(self, entry: LadderInput, replay: FastReplay) -> LadderPicture | None:
        """None: an input that never showed anything; the teacher's is made all the same, as a small card."""
        from_ticks = replay.shows_from_ticks()
        sizes = replay.sizes(self.plan.kept.parts, from_ticks) if from_ticks is not None else []
        frame_ticks = SCREEN_TICKS if entry.kind == "screen" else CAMERA_TICKS
        if not sizes and entry is not self.plan.inputs[0]:
            return None
        rungs = plan_rungs(sizes) if sizes else plan_rungs([CARD_SIZE])[len(RUNGS) - 1 :]
        options = SCREEN_OPTIONS if entry.kind == "screen" else CAMERA_OPTIONS
        return LadderPicture(entry.name, replay, rungs, frame_ticks, from_ticks or 0, options)

    def _numbers(self) -> range:
        return range(1, self.timeline.slices + 1)

    def _runs(self) -> list[range]:
        last = self.timeline.slices
        return [range(first, min(first + _RUN_SLICES, last + 1)) for first in range(1, last + 1, _RUN_SLICES)]

    # Sound

    def _measuring(self, gains: tuple[float, ...] | None = None) -> list[Task]:
        """Each voice, or their mix at these gains."""
        blocks = self.timeline.length_ticks * 10 // VIDEO_HZ
        return [
            Task(
                "levels",
                0.05 * len(self.replays),
                partial(self._measure, begin, min(begin + _MEASURED_BLOCKS, blocks), gains),
            )
            for begin in range(0, blocks, _MEASURED_BLOCKS)
        ]

    def _measure(self, begin: int, end: int, gains: tuple[float, ...] | None) -> None:
        mixer = Mixer(self.timeline, self.replays, gains or ())
        if gains is None:
            self._measured[begin] = mixer.measure_voices(begin, end)
        else:
            self._measured[begin] = [mixer.measure_mix(begin, end)]

    def _take_measured(self) -> list[Powers]:
        """Of the whole replay, what was measured in pieces."""
        pieces = [powers for _, powers in sorted(self._measured.items(), key=lambda item: item[0])]
        self._measured.clear()
        return [np.concatenate(row) for row in zip(*pieces, strict=True)]

    def _write_levels(self, gains: tuple[float, ...]) -> None:
        correction = correct(self._take_measured()[0])
        self._gains = tuple(gain * correction for gain in gains)
        replace_file(self.work / _LEVELS_NAME, json.dumps(self._gains).encode())

    def _read_levels(self) -> bool:
        try:
            self._gains = tuple(map(float, json.loads((self.work / _LEVELS_NAME).read_text())))
        except FileNotFoundError:
            return False
        return True

    def _sounds(self) -> list[Task]:
        return [
            Task("sound", 0.01 * len(run) * (2 + len(self.replays)), partial(self._make_sound, run))
            for run in self._runs()
        ]

    def _make_sound(self, numbers: range) -> None:
        mixer = Mixer(self.timeline, self.replays, self._gains)
        for number in numbers:
            rates = tuple(
                rate
                for rate in SOUND_BIT_RATES_BPS
                if not (self.folder / segment_name(sound_name(rate), number)).exists()
            )
            for rate, frames in zip(rates, mixer.encode_slice(number, rates) if rates else (), strict=True):
                init, media = mux_sound_segment(number, rate, frames)
                if number == 1:
                    replace_file(self.folder / init_name(sound_name(rate)), init)
                replace_file(self.folder / segment_name(sound_name(rate), number), media)

    def _remeasuring(self) -> list[Task]:
        """What is served is measured, not what was meant to be."""
        return [Task("levels", 0.005 * len(run), partial(self._remeasure, run)) for run in self._runs()]

    def _remeasure(self, numbers: range) -> None:
        name = sound_name(SOUND_BIT_RATES_BPS[0])
        init = (self.folder / init_name(name)).read_bytes()
        media = b"".join((self.folder / segment_name(name, number)).read_bytes() for number in numbers)
        self._measured[numbers.start] = [measure_powers(decode_sound(init + media))]

    # Pictures

    def _pictures(self) -> list[Task]:
        tasks = []
        for run in self._runs():
            for picture in self.pictures:
                area = sum(rung.size.width * rung.size.height for rung in picture.rungs)
                cost = len(run) * area / 1e6 * (CAMERA_TICKS / picture.frame_ticks)
                make = partial(make_slices, self.folder, picture, self.timeline, run)
                tasks.append(Task(picture.name, cost, make))
        return tasks

    def _screen(self) -> LadderPicture | None:
        kinds = {entry.name: entry.kind for entry in self.plan.inputs}
        return next((each for each in self.pictures if kinds[each.name] == "screen"), None)

    def _compositions(self) -> list[Task]:
        screen = self._screen()
        teacher = self.pictures[0]
        if screen is None or screen is teacher:
            return []
        made = Composition(self.folder, self.work, LESSON, teacher, screen, self.timeline)
        return [Task("composition", 0.25 * len(run), partial(made.make_slices, run)) for run in self._runs()]

    def _storyboards(self) -> list[Task]:
        cost = 0.01 * self.timeline.slices
        return [
            Task("storyboard", cost, partial(make_storyboard, self.folder, picture, self.timeline))
            for picture in self.pictures
        ]

    # Downloads

    def _downloads(self) -> list[Task]:
        sound = SegmentRow(self.folder, sound_name(SOUND_BIT_RATES_BPS[0]))
        teacher = self.pictures[0]
        picture = SegmentRow(self.folder, teacher.rendition(teacher.rungs[0]))
        if self._compositions():
            picture = SegmentRow(self.work, LESSON)
        slices = self.timeline.slices
        rows = {"lesson.mp4": [picture, sound], "lesson.m4a": [sound]}
        tasks = [
            Task("downloads", 0.02 * slices, partial(self._unless_there, name, row))
            for name, row in rows.items()
        ]
        if self.plan.slides or self._screen() is not None:
            tasks.append(Task("downloads", 0.05 * slices, self._make_slides))
        return tasks

    def _unless_there(self, name: str, rows: list[SegmentRow]) -> None:
        if not (self.folder / name).exists():
            write_download(self.folder / name, rows, self.timeline.slices)

    def _make_slides(self) -> None:
        path = self.folder / "slides.mp4"
        screen = self._screen()
        if path.exists():
            return
        slides = planned_slides(self.data_dir, self.plan.slides, self.plan.kept)
        if not self.plan.slides and screen is not None:
            slides = screen_slides(self.folder, screen.rendition(screen.rungs[0]), self.timeline)
        sound = SegmentRow(self.folder, sound_name(SOUND_BIT_RATES_BPS[-1]))
        write_slides(path, sound, slides, self.timeline)

    # What was made

    def _made_picture(self, picture: LadderPicture, rung: Rung) -> MadeRendition:
        spans = [self.timeline.slice_ticks(number) for number in self._numbers()]
        ticks = tuple(end - begin for begin, end in spans)
        name = picture.rendition(rung)
        return self._made_rendition(name, rung.size, VIDEO_HZ // picture.frame_ticks, ticks)

    def _made_sound(self, bit_rate_bps: int) -> MadeRendition:
        spans = [self.timeline.sound_frames(number) for number in self._numbers()]
        ticks = tuple((end - begin) * AUDIO_FRAME_SAMPLES * 15 // 8 for begin, end in spans)
        return self._made_rendition(sound_name(bit_rate_bps), Size(0, 0), 0, ticks)

    def _made_rendition(
        self, name: str, size: Size, frame_rate: int, ticks: tuple[int, ...]
    ) -> MadeRendition:
        codecs = codecs_of((self.folder / init_name(name)).read_bytes())
        sizes = tuple((self.folder / segment_name(name, number)).stat().st_size for number in self._numbers())
        return MadeRendition(name, codecs, size.width, size.height, frame_rate, ticks, sizes)

    def _made(
        self, pictures: dict[str, list[MadeRendition]], sounds: list[MadeRendition]
    ) -> dict[str, object]:
        entries = {entry.name: entry for entry in self.plan.inputs}
        loudness = integrated_lufs(self._take_measured()[0])
        downloads = [("lesson", "lesson.mp4"), ("audio", "lesson.m4a"), ("slides", "slides.mp4")]
        return {
            "duration_ms": self.plan.kept.length_ms,
            "bytes": sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file()),
            "pictures": [
                {
                    "name": name,
                    "kind": entries[name].kind,
                    "resource": entries[name].resource,
                    "seat": entries[name].seat,
                    "playlist": f"{name}.m3u8",
                    "dash": f"{name}.mpd",
                    "poster": f"{name}.jpg",
                    "storyboard": f"{name}.vtt",
                    "renditions": [
                        {
                            "name": made.name,
                            "width": made.width,
                            "height": made.height,
                            "bit_rate_bps": made.average_bps,
                            "bytes": made.size_bytes,
                        }
                        for made in renditions
                    ],
                }
                for name, renditions in pictures.items()
            ],
            "sound": {
                "playlist": "audio.m3u8",
                "loudness_lufs": round(loudness, 1) if np.isfinite(loudness) else None,
                "bytes": sum(made.size_bytes for made in sounds),
            },
            "downloads": [
                {
                    "kind": kind,
                    "name": name,
                    "bytes": (self.folder / name).stat().st_size,
                    "sha256": sha256_of(self.folder / name),
                }
                for kind, name in downloads
                if (self.folder / name).exists()
            ],
        }


def decode_sound(data: bytes) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """All samples of a file, (2, n)."""
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        parts = [np.asarray(frame.to_ndarray(), dtype=np.float32) for frame in container.decode(audio=0)]
    return np.concatenate(parts, axis=1) if parts else np.zeros((2, BLOCK_SAMPLES), np.float32)
