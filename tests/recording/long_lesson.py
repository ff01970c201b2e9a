"""A lesson of any length with all that happens to lessons, recorded by the real writer on a virtual clock
and packaged by the real process while it runs.

Faster than real time and faithful: media is really coded, packets go through jitter and loss, the process
that records is really killed by SIGKILL, and the packager is never let fall behind the lesson further than
it would in reality.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from recording.lesson_recording import open_publication_log
from recording.manifest import (
    GapReason,
    LessonContinued,
    LessonEnded,
    LessonStarted,
    LessonSuspended,
    ResourceKind,
    ResourceOpened,
)
from recording.playlist import parse_playlist
from recording.recovery import anchor_of, read_boot_id, read_manifest, seal_open_logs
from recording.store import PLAYLIST_NAME, Layout
from recording.writer import ClockAnchor, LessonWriter
from streaming.identifiers import SeatId
from streaming.session.media import Codec, Publication, Source
from tests.recording.lesson_media import Network, PictureCoder, Track, VoiceCoder
from tests.recording.synthetic import BOOT_NS, SECOND, START_MS, Publisher
from tests.recording.taps import MemoryMedia
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
LESSON = "les_long"
TEACHER, SCREEN = "res_teacher", "res_screen"
SEAT = SeatId("seat_master")
LOSS_RATIO = 0.02
DOWN_S = 3.0
_STEP_S = 0.1
_PACE_S = 4.0
_MOST_BEHIND_S = 16.0
_RATES_HZ = {"opus": 48_000}

Size = tuple[int, int]
Expected = tuple[str, str, GapReason, float, float]
"""Resource, kind, reason, from and until in seconds since the start."""


@dataclass(frozen=True)
class Plan:
    """When what happens, in seconds since the lesson's start (wall clock)."""

    seconds: int
    large: Size = (1280, 720)
    small: Size = (640, 360)

    def at(self, share: float) -> float:
        return float(round(self.seconds * share))

    begin_s = 1.5

    @property
    def loss(self) -> tuple[float, float]:
        """Nobody repairs what is lost here; elsewhere NACK does."""
        return self.at(0.10), self.at(0.15)

    @property
    def screen(self) -> tuple[float, float]:
        return self.at(0.12), self.at(0.65)

    @property
    def suspension(self) -> tuple[float, float]:
        return self.at(0.22), self.at(0.22) + max(4.0, self.seconds / 100)

    @property
    def kill_s(self) -> float:
        return self.at(0.50) + 0.43

    @property
    def reconnect(self) -> tuple[float, float]:
        return self.at(0.70), self.at(0.70) + 6

    @property
    def camera_off(self) -> tuple[float, float]:
        return self.at(0.82), self.at(0.86)

    @property
    def mute(self) -> tuple[float, float]:
        return self.at(0.92), self.at(0.92) + 3

    @property
    def length_s(self) -> float:
        return self.seconds - (self.suspension[1] - self.suspension[0])

    def expected_gaps(self) -> list[Expected]:
        """All but losses."""
        up_s, back_s = self.kill_s + DOWN_S, self.kill_s + DOWN_S + 2
        found: list[Expected] = [
            (SCREEN, "video", GapReason.ABSENT, 0, self.screen[0]),
            (SCREEN, "video", GapReason.CRASH, self.kill_s, up_s),
            (SCREEN, "video", GapReason.RECONNECT, up_s, back_s + 2),
            (SCREEN, "video", GapReason.ABSENT, self.screen[1], self.seconds),
            (TEACHER, "video", GapReason.ABSENT, *self.camera_off),
            (TEACHER, "audio", GapReason.PAUSE, *self.mute),
        ]
        for kind in ("video", "audio"):
            found += [
                (TEACHER, kind, GapReason.ABSENT, 0, self.begin_s),
                (TEACHER, kind, GapReason.CRASH, self.kill_s, up_s),
                (TEACHER, kind, GapReason.RECONNECT, up_s, back_s),
                (TEACHER, kind, GapReason.RECONNECT, *self.reconnect),
            ]
        return found


@dataclass
class VirtualServer:
    """The recording half of a server on a clock that `run` moves."""

    layout: Layout
    plan: Plan
    life: int
    at_s: float
    media: MemoryMedia = field(default_factory=MemoryMedia)
    tracks: dict[str, tuple[Publication, Track]] = field(default_factory=dict)
    is_suspended: bool = False
    writer: LessonWriter = field(init=False)
    _packager: subprocess.Popen[bytes] | None = None

    def now_ns(self) -> int:
        return BOOT_NS + round(self.at_s * SECOND)

    def now_ms(self) -> int:
        return START_MS + round(self.at_s * 1000)

    def open(self) -> None:
        if self.life == 1:
            self.writer = LessonWriter(self.layout, LESSON, ClockAnchor(BOOT_NS, START_MS, self.now_ns))
            self.writer.tell(
                LessonStarted(LESSON, "stage", START_MS, BOOT_NS, read_boot_id()),
                ResourceOpened(TEACHER, ResourceKind.TEACHER, ""),
                ResourceOpened(SCREEN, ResourceKind.SCREEN, ""),
            )
        else:
            manifest = read_manifest(self.layout, LESSON)
            anchor = replace(anchor_of(manifest), now_ns=self.now_ns)
            self.writer = LessonWriter(self.layout, LESSON, anchor)
            seal_open_logs(self.writer, manifest)
        arguments = [
            "--data-dir", str(self.layout.data_dir), "--lesson", LESSON, "--parent", str(os.getpid()),
        ]  # fmt: skip
        command = [sys.executable, "-m", "recording.packager", *arguments]
        self._packager = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)

    def run(self, events: list[tuple[float, Callable[[], None]]], until_s: float) -> None:
        """Step through the lesson; each event at its time."""
        waiting = sorted(events, key=lambda event: event[0])
        paced_s = self.at_s
        while self.at_s < until_s:
            self.at_s = min(until_s, round(self.at_s + _STEP_S, 3))
            while waiting and waiting[0][0] <= self.at_s:
                waiting.pop(0)[1]()
            self._record()
            if self.at_s - paced_s >= _PACE_S:
                paced_s = self.at_s
                self._wait_for_packager()

    def _record(self) -> None:
        taken: dict[str, bytes] = {}
        for name, (_, track) in self.tracks.items():
            records = track.advance(self.at_s, BOOT_NS)
            if name in self.writer.sources:
                for record in records:
                    self.media.taps[name].give(record)
                taken[name] = self.media.taps[name].take(1 << 24)
        self.writer.write(taken, {})

    def _wait_for_packager(self) -> None:
        """A real packager is this far behind at most: so is this one, however fast the lesson runs."""
        if self.is_suspended:
            return
        playlist = self.layout.resource(TEACHER) / PLAYLIST_NAME
        begin_s, end_s = self.plan.suspension
        cut_s = end_s - begin_s if self.at_s > begin_s else 0.0
        wanted = self.at_s - cut_s - _MOST_BEHIND_S
        assert self._packager is not None
        process = self._packager

        def is_near() -> bool:
            assert process.poll() in {None, 0}, "the packager died"
            text = playlist.read_text() if playlist.exists() else ""
            return parse_playlist(text).duration_ticks / 90_000 >= wanted

        if wanted > 2 * _MOST_BEHIND_S:
            wait_until(is_near, 120)

    def publish(
        self, name: str, source: Source, codec: Codec, *, peer: str, size: Size, fps: int = 25
    ) -> None:
        publication = self.media.publish(name, source, codec, peer=peer)
        seed = random.Random(name)
        name_of_codec = str(codec)
        coder: PictureCoder | VoiceCoder = VoiceCoder(self.at_s)
        if codec is not Codec.OPUS:
            coder = PictureCoder(name_of_codec, *size, self.at_s, fps)
        publisher = Publisher(
            name_of_codec,
            _RATES_HZ.get(name_of_codec, 90_000),
            ssrc=seed.getrandbits(32),
            sequence_number=seed.getrandbits(16),
            first_timestamp=seed.getrandbits(32),
            ntp_offset_s=random.Random(peer).uniform(1e8, 2e8),
            delay_s=0.03 if codec is Codec.OPUS else 0.06,
            clock_ratio=1 + seed.uniform(-50e-6, 50e-6),
        )
        track = Track(coder, publisher, Network(seed, LOSS_RATIO))
        self.tracks[name] = (publication, track)
        self._open(name)

    def unpublish(self, *names: str) -> None:
        for name in names:
            self.writer.close_source(name, b"")
            del self.tracks[name]

    def repair(self, is_repaired: bool) -> None:
        for _, track in self.tracks.values():
            track.network.is_repaired = is_repaired

    def resize(self, name: str, size: Size) -> None:
        coder = self.tracks[name][1].coder
        assert isinstance(coder, PictureCoder)
        self.tracks[name][1].coder = PictureCoder(coder.codec, *size, self.at_s, coder.fps)

    def suspend(self) -> None:
        """As a room does: no source is recorded while the lesson stands still."""
        self.is_suspended = True
        self.writer.tell(LessonSuspended(self.now_ms()))
        for name in list(self.writer.sources):
            self.writer.close_source(name, b"")

    def proceed(self) -> None:
        self.is_suspended = False
        self.writer.tell(LessonContinued(self.now_ms()))
        for name in self.tracks:
            self._open(name)

    def end(self) -> float:
        """Seconds from the end until all is packaged."""
        for name in list(self.writer.sources):
            self.writer.close_source(name, b"")
        self.writer.tell(LessonEnded(self.now_ms()))
        began_s = time.monotonic()
        assert self._packager is not None
        assert self._packager.wait(timeout=120) == 0
        return time.monotonic() - began_s

    def _open(self, name: str) -> None:
        publication, track = self.tracks[name]
        if isinstance(track.coder, PictureCoder):
            track.coder.keyframe_due_s = self.at_s  # the recorder asks for one
        resource = SCREEN if publication.source is Source.SCREEN else TEACHER
        open_publication_log(self.writer, SEAT, "master", publication, resource)


def first_life(server: VirtualServer) -> list[tuple[float, Callable[[], None]]]:
    """A camera (H264) and a voice, a screen (VP8) later, unrepaired loss, a suspension, another size."""
    plan = server.plan

    def begin() -> None:
        server.publish("pub_camera_1", Source.CAMERA, Codec.H264, peer="peer_1", size=plan.large)
        server.publish("pub_voice_1", Source.MICROPHONE, Codec.OPUS, peer="peer_1", size=plan.large)

    return [
        (plan.begin_s, begin),
        (plan.loss[0], lambda: server.repair(is_repaired=False)),
        (
            plan.screen[0],
            lambda: server.publish(
                "pub_screen_1", Source.SCREEN, Codec.VP8, peer="peer_1", size=plan.small, fps=5
            ),
        ),
        (plan.loss[1], lambda: server.repair(is_repaired=True)),
        (plan.suspension[0], server.suspend),
        (plan.suspension[1], server.proceed),
        (plan.at(0.35), lambda: server.resize("pub_camera_1", plan.small)),
    ]


def second_life(server: VirtualServer) -> list[tuple[float, Callable[[], None]]]:
    """All come back as new peers; the camera is VP8 until the network of the teacher breaks off."""
    plan = server.plan
    back_s = plan.kill_s + DOWN_S + 2

    def come_back() -> None:
        server.publish("pub_camera_2", Source.CAMERA, Codec.VP8, peer="peer_2", size=plan.small)
        server.publish("pub_voice_2", Source.MICROPHONE, Codec.OPUS, peer="peer_2", size=plan.small)

    def cut() -> None:
        for _, track in server.tracks.values():
            track.is_cut = True

    def reconnect() -> None:
        server.publish("pub_camera_3", Source.CAMERA, Codec.H264, peer="peer_3", size=plan.large)
        server.publish("pub_voice_3", Source.MICROPHONE, Codec.OPUS, peer="peer_3", size=plan.large)

    def mute(is_silent: bool) -> None:
        server.tracks["pub_voice_3"][1].is_silent = is_silent

    return [
        (back_s, come_back),
        (
            back_s + 2,
            lambda: server.publish(
                "pub_screen_2", Source.SCREEN, Codec.VP8, peer="peer_2", size=plan.small, fps=5
            ),
        ),
        (plan.screen[1], lambda: server.unpublish("pub_screen_2")),
        (plan.reconnect[0], cut),
        (plan.reconnect[1] - 1, lambda: server.unpublish("pub_camera_2", "pub_voice_2")),
        (plan.reconnect[1], reconnect),
        (plan.camera_off[0], lambda: server.unpublish("pub_camera_3")),
        (
            plan.camera_off[1],
            lambda: server.publish("pub_camera_4", Source.CAMERA, Codec.H264, peer="peer_3", size=plan.large),
        ),
        (plan.mute[0], lambda: mute(is_silent=True)),
        (plan.mute[1], lambda: mute(is_silent=False)),
    ]


def live(data_dir: Path, plan: Plan, life: int) -> None:
    """One life of the recording process: the first is killed, the second ends the lesson."""
    server = VirtualServer(Layout(data_dir), plan, life, 0.0 if life == 1 else plan.kill_s + DOWN_S)
    server.open()
    if life == 1:
        server.run(first_life(server), plan.kill_s)
        os.kill(os.getpid(), signal.SIGKILL)
    server.run(second_life(server), plan.seconds)
    sys.stdout.write(json.dumps({"seconds_after_the_end": server.end()}) + "\n")
    sys.stdout.flush()


def produce(data_dir: Path, plan: Plan) -> float:
    """Record and package the lesson; seconds from its end until the replay is whole."""
    command = [
        sys.executable, "-m", "tests.recording.long_lesson", str(data_dir), "--seconds", str(plan.seconds),
        "--large", *map(str, plan.large), "--small", *map(str, plan.small),
    ]  # fmt: skip
    killed = subprocess.run([*command, "--life", "1"], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.returncode
    done = subprocess.run([*command, "--life", "2"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return float(json.loads(done.stdout)["seconds_after_the_end"])


def main() -> None:
    """The command line: one of the two processes."""
    parser = argparse.ArgumentParser(prog="tests.recording.long_lesson")
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--seconds", type=int, default=2700)
    parser.add_argument("--large", type=int, nargs=2, default=Plan.large)
    parser.add_argument("--small", type=int, nargs=2, default=Plan.small)
    parser.add_argument("--life", type=int, choices=(1, 2), required=True)
    given = parser.parse_args()
    plan = Plan(given.seconds, tuple(given.large), tuple(given.small))
    live(given.data_dir, plan, given.life)


if __name__ == "__main__":
    main()
