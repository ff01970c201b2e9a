"""Opens a packaged resource as a player would and says what is seen and heard when."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from recording.playlist import Playlist, parse_playlist

AUDIO_HZ = 48_000


@dataclass(slots=True)
class Replay:
    """Everything decoded. Times in seconds of position.

    pictures: (start, mean luminance, width, height); samples: (start, samples) from the first on.
    """

    playlist: Playlist
    pictures: list[tuple[float, float, int, int]] = field(default_factory=list)
    samples: list[tuple[int, np.ndarray[tuple[int], np.dtype[np.float32]]]] = field(default_factory=list)
    segment_spans: list[tuple[float, float]] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        return self.playlist.duration_ticks / 90_000

    def wall_s(self) -> float:
        """When the replay begins, seconds since 1970."""
        wall_ms = self.playlist.segments[0].wall_ms
        assert wall_ms is not None
        return wall_ms / 1000

    def sound(self) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        begin = self.samples[0][0]
        whole = np.zeros(max(start + len(part) for start, part in self.samples) - begin, np.float32)
        for start, part in self.samples:
            whole[start - begin : start - begin + len(part)] = part
        return whole

    def audio_holes(self) -> list[int]:
        """Differences, in samples, between where a part ends and the next begins."""
        ends = [start + len(part) for start, part in self.samples]
        return [
            start - end for end, (start, _) in zip(ends[:-1], self.samples[1:], strict=True) if start != end
        ]

    def flashes(self) -> list[float]:
        found, was_white = [], False
        for start, luminance, _, _ in self.pictures:
            is_white = luminance > 200
            if is_white and not was_white:
                found.append(start)
            was_white = is_white
        return found

    def beeps(self) -> list[float]:
        loud = (np.flatnonzero(np.abs(self.sound()) > 0.1) + self.samples[0][0]).tolist()
        firsts = [
            index
            for before, index in itertools.pairwise([-AUDIO_HZ, *loud])
            if index - before > AUDIO_HZ // 4
        ]
        return [index / AUDIO_HZ for index in firsts]

    def skews_ms(self, *, from_s: float = 0.0, until_s: float = math.inf) -> list[float]:
        """Beep minus flash, for each flash of that time that has a beep within half a second."""
        flashes = [flash for flash in self.flashes() if from_s <= flash < until_s]
        return [(beep - flash) * 1000 for flash, beep in pairs_s(flashes, self.beeps())]


def pairs_s(flashes: Sequence[float], beeps: Sequence[float]) -> list[tuple[float, float]]:
    """Each flash that has a beep within half a second, with the nearest."""
    pairs = [(flash, min(beeps, key=lambda beep: abs(beep - flash))) for flash in flashes if beeps]
    return [(flash, beep) for flash, beep in pairs if abs(beep - flash) < 0.5]


def open_replay(folder: Path, *, last_segments: int = 0) -> Replay:
    """Decode all segments, or the last ones, each discontinuity with decoders of its own."""
    playlist = parse_playlist((folder / "index.m3u8").read_text())
    replay = Replay(playlist)
    runs: list[tuple[bytes, list[bytes]]] = []
    last_init = ""
    for segment in playlist.segments[-last_segments:]:
        assert not last_init or segment.discontinuity == (segment.init_uri != last_init)
        if segment.init_uri != last_init:
            runs.append(((folder / segment.init_uri).read_bytes(), []))
            last_init = segment.init_uri
        runs[-1][1].append((folder / segment.uri).read_bytes())
    for init, parts in runs:
        with av.open(io.BytesIO(init + b"".join(parts)), "r") as container:
            for frame in container.decode(video=0):
                luminance = float(frame.to_ndarray(format="gray").mean())
                replay.pictures.append(
                    (
                        float((frame.pts or 0) * Fraction(frame.time_base or 0)),
                        luminance,
                        frame.width,
                        frame.height,
                    )
                )
        with av.open(io.BytesIO(init + b"".join(parts)), "r") as container:
            for sound in container.decode(audio=0):
                replay.samples.append(
                    (
                        round((sound.pts or 0) * Fraction(sound.time_base or 0) * AUDIO_HZ),
                        sound.to_ndarray()[0],
                    )
                )
    return replay
