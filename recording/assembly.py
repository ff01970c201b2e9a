"""SHELL: one course resource: its sources' units become the segments, the playlist and the poster on disk.

The playlist is the only memory: opened again, an assembly goes on behind the last segment listed, holding
its last picture.
"""

from __future__ import annotations

import io
from collections import deque
from dataclasses import replace
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.frame import VideoFrame

from recording.container import AUDIO_FRAME_SAMPLES, AUDIO_HZ, VIDEO_HZ, AudioSample, mux_segment
from recording.live_playlist import LivePosition
from recording.live_tier import LiveTier
from recording.manifest import ResourceOpened
from recording.picture import PictureLine, PictureSegment
from recording.playlist import Playlist, Segment, parse_playlist, serialize_playlist
from recording.sound import SoundLine
from recording.sources import PlacedUnit, SourceReader
from recording.store import PLAYLIST_NAME, POSTER_NAME, replace_file
from recording.timeline import SECOND_NS, LessonClock
from recording.transcoder import PictureDecoder, SoundDecoder, encode_jpeg, measure_detail

_OPUS_LOOKAHEAD_SAMPLES = 312
"""An Opus encoder's output is this much (6.5 ms, RFC 6716) later than its timestamp says."""
_PRIME_NS = 10 * SECOND_NS
"""What lies further before the first segment to be made is not decoded: a keyframe is never that far away."""
_UNDER_WAY_NS = 2 * SECOND_NS
"""A packet is placed at most this long after its arrival: it waits a second for the one before it."""
_NEVER_NS = 1 << 62
_POSTER_CANDIDATES = 15
_CARD_DETAIL = 2.0
_END_PADDING_SAMPLES = 8 * AUDIO_FRAME_SAMPLES


class ResourceAssembly:
    """Makes one resource out of the sources it is given.

    Nothing is written before the first unit comes: a resource of nothing is no resource.
    Invariants: a segment is on disk before the playlist lists it; the playlist only grows until it is ended.
    """

    def __init__(self, folder: Path, entry: ResourceOpened) -> None:
        self.entry = entry
        self.has_media = False
        self._folder = folder
        self._playlist = _read_playlist(folder)
        self._duration_ticks = self._playlist.duration_ticks
        self._init, last_picture = _read_last(folder, self._playlist)
        self._start_ticks = self._duration_ticks
        self._picture = PictureLine(self._start_ticks, last_picture)
        self._sound = SoundLine(-(-self._start_ticks * AUDIO_HZ // VIDEO_HZ // AUDIO_FRAME_SAMPLES))
        self._pending: deque[PictureSegment] = deque()
        self._readers: list[SourceReader] = []
        self._decoders: dict[str, SoundDecoder] = {}
        self._orders = {"video": -1, "audio": -1}
        self._posters_seen = 0
        self._poster_detail = _read_poster_detail(folder)
        self._considered = b""
        self._last_segment = self._playlist.segments[-1] if self._playlist.segments else None
        self._next_wall_ms = 0
        self._is_written = True
        self._live = LiveTier(folder, self._playlist)
        self._live_position: LivePosition | None = None

    @property
    def is_ended(self) -> bool:
        """Whether the playlist is closed."""
        return self._playlist.is_ended

    def summary(self) -> dict[str, object]:
        """What the recorder wants to know: is_ended, duration_ms, and the name of the poster or an empty
        one.
        """
        has_poster = (self._folder / POSTER_NAME).exists()
        return {
            "is_ended": self.is_ended,
            "duration_ms": round(self._duration_ticks * 1000 / VIDEO_HZ),
            "poster": POSTER_NAME if has_poster else "",
        }

    def take_live_position(self) -> LivePosition | None:
        """How far the live playlist goes now, where it went on since the last call."""
        position, self._live_position = self._live_position, None
        return position

    def whole_until_ns(self, now_ns: int) -> int:
        """Before which moment (wall clock) nothing more is awaited of its sources."""
        return min((reader.whole_until_ns(now_ns) for reader in self._readers), default=now_ns)

    def add_source(self, reader: SourceReader) -> None:
        """One more source; of two at a time the later one is shown."""
        self._readers.append(reader)

    def needed_from_ns(self, lesson: LessonClock, began_ns: int | None) -> int:
        """What arrived before this time (wall clock) is not needed for what is still to be made.

        `began_ns`: when its sources' first packet came.
        """
        if self._duration_ticks:
            begin_ns = self._duration_ticks * SECOND_NS // VIDEO_HZ - _PRIME_NS
            return lesson.wall_ns(max(0, begin_ns)) - _UNDER_WAY_NS
        return (_NEVER_NS if began_ns is None else began_ns) - _UNDER_WAY_NS

    def advance(self, horizon_ns: int, lesson: LessonClock) -> None:
        """Take in all that lies before this position, and write the segments that became whole.

        Raises OSError where the storage fails; a later call, or `flush`, tries again.
        """
        taken: list[tuple[int, PlacedUnit, SourceReader]] = []
        for reader in self._readers:
            newest_ns = 0
            for placed in reader.take(horizon_ns, lesson):
                # A B picture lies before the one that it was sent behind: each source keeps its order.
                newest_ns = max(newest_ns, placed.position_ns)
                taken.append((newest_ns, placed, reader))
        taken.sort(key=lambda item: item[0])
        for _, placed, reader in taken:
            kind = reader.entry.kind
            if reader.order < self._orders[kind]:
                continue
            self._orders[kind] = reader.order
            self.has_media = True
            if placed.position_ns < self._start_ticks * SECOND_NS // VIDEO_HZ - _PRIME_NS:
                continue
            if kind == "audio":
                self._take_voice(reader, placed.unit.data, placed.position_ns)
                continue
            source, codec = reader.entry.log, reader.entry.codec
            position = placed.position_ns * VIDEO_HZ // SECOND_NS
            if position < self._start_ticks - VIDEO_HZ // 10:
                self._picture.prime(source, codec, placed.unit)
            else:
                self._picture.feed(source, codec, placed.unit, position)
        if self.has_media or self._duration_ticks:
            self._picture.advance(horizon_ns * VIDEO_HZ // SECOND_NS)
            self._sound.advance(horizon_ns * AUDIO_HZ // SECOND_NS - _OPUS_LOOKAHEAD_SAMPLES)
            self.flush(lesson)

    def finish(self, length_ns: int, lesson: LessonClock) -> None:
        """The lesson is over: the replay gets exactly this length. Raises OSError as `advance` does."""
        if not self.is_ended:
            self.advance(length_ns, lesson)
            if not (self.has_media or self._duration_ticks):
                return
            self._picture.finish(length_ns * VIDEO_HZ // SECOND_NS)
            self._sound.advance(length_ns * AUDIO_HZ // SECOND_NS + _END_PADDING_SAMPLES)
            self.flush(lesson)
            self._playlist = replace(self._playlist, is_ended=True)
            self._is_written = False
        self.flush(lesson)
        self._live.end()

    def flush(self, lesson: LessonClock) -> None:
        """Write what is whole."""
        self._pending.extend(self._picture.take_segments())
        written: list[Segment] = []
        try:
            while self._pending:
                picture = self._pending[0]
                if self._live.follows(picture):
                    self._live.write_parts(picture, self._sound, is_whole=True)
                voice = self._sound.take_until(picture.end_ticks * AUDIO_HZ // VIDEO_HZ)
                if voice is None:
                    break
                written.append(
                    self._write(picture, voice, lesson, len(self._playlist.segments) + len(written) + 1)
                )
                self._pending.popleft()
        finally:
            if written:
                segments = (*self._playlist.segments, *written)
                self._playlist = replace(self._playlist, segments=segments)
                self._is_written = False
        if not self._is_written:
            replace_file(self._folder / PLAYLIST_NAME, serialize_playlist(self._playlist).encode())
            self._is_written = True

    def follow_live(self, lesson: LessonClock) -> None:
        """All that was recorded is taken in: make parts of what is certain. Raises OSError as `advance`."""
        picture = self._picture.open_segment()
        if picture is not None and picture.samples and not self._pending:
            if not self._live.follows(picture):
                init = self._live.begin(picture)
                self._live.open_segment(self._head(init, picture, lesson, len(self._playlist.segments) + 1))
            self._live.write_parts(picture, self._sound)
        self._live_position = self._live.flush() or self._live_position

    def _take_voice(self, reader: SourceReader, data: bytes, position_ns: int) -> None:
        log = reader.entry.log
        if log not in self._decoders:
            self._decoders[log] = SoundDecoder()
        samples = self._decoders[log].decode(data)
        if samples is not None:
            self._sound.feed(samples, position_ns * AUDIO_HZ // SECOND_NS - _OPUS_LOOKAHEAD_SAMPLES)

    def _write(
        self, picture: PictureSegment, voice: list[AudioSample], lesson: LessonClock, number: int
    ) -> Segment:
        init, media = mux_segment(number, picture.width, picture.height, picture.samples, voice)
        head = self._head(init, picture, lesson, number)
        replace_file(self._folder / head.uri, media)
        self._consider_poster(picture)
        duration = picture.end_ticks - picture.start_ticks
        wall_ms = lesson.wall_ns(picture.start_ticks * SECOND_NS // VIDEO_HZ) // 1_000_000
        self._next_wall_ms = wall_ms + duration * 1000 // VIDEO_HZ
        self._init = init
        self._duration_ticks += duration
        self._last_segment = replace(head, duration_ticks=duration)
        self._live.close_segment(self._last_segment, picture)
        return self._last_segment

    def _head(self, init: bytes, picture: PictureSegment, lesson: LessonClock, number: int) -> Segment:
        """What a playlist says of a segment before it is whole; its init segment is on disk."""
        previous = self._last_segment
        init_uri = previous.init_uri if previous else ""
        if init != self._init or previous is None:
            init_uri = f"init-{int(init_uri.removeprefix('init-').removesuffix('.mp4') or 0) + 1}.mp4"
            replace_file(self._folder / init_uri, init)
        is_discontinuity = previous is not None and init_uri != previous.init_uri
        wall_ms = lesson.wall_ns(picture.start_ticks * SECOND_NS // VIDEO_HZ) // 1_000_000
        is_wall_due = previous is None or is_discontinuity or abs(wall_ms - self._next_wall_ms) > 1
        return Segment(
            f"segment-{number}.m4s", init_uri, 0, is_discontinuity, wall_ms if is_wall_due else None
        )

    def _consider_poster(self, picture: PictureSegment) -> None:
        """Keep the first picture of the segment with the most detail among the first that show something."""
        data = picture.samples[0].data
        if self._posters_seen >= _POSTER_CANDIDATES or data == self._considered:
            return
        self._considered = data
        shown = PictureDecoder("H264").decode_alone(data)
        if shown is None:
            return
        detail = measure_detail(shown)
        if detail >= _CARD_DETAIL:
            self._posters_seen += 1
        if detail > self._poster_detail:
            replace_file(self._folder / POSTER_NAME, encode_jpeg(shown))
            self._poster_detail = detail


def _read_playlist(folder: Path) -> Playlist:
    try:
        return parse_playlist((folder / PLAYLIST_NAME).read_text())
    except FileNotFoundError:
        return Playlist()


def _read_poster_detail(folder: Path) -> float:
    """How much detail the poster shows that an earlier process chose; -1 without one."""
    try:
        with av.open(folder / POSTER_NAME, "r") as container:
            return max(map(measure_detail, container.decode(video=0)))
    except (FFmpegError, OSError, ValueError):
        return -1.0


def _read_last(folder: Path, playlist: Playlist) -> tuple[bytes, VideoFrame | None]:
    """The present init segment, and the last picture that the playlist shows."""
    if not playlist.segments:
        return b"", None
    last = playlist.segments[-1]
    init = (folder / last.init_uri).read_bytes()
    picture: VideoFrame | None = None
    try:
        with av.open(io.BytesIO(init + (folder / last.uri).read_bytes()), "r") as container:
            for frame in container.decode(video=0):
                picture = frame
    except (FFmpegError, FileNotFoundError):
        return init, picture
    return init, picture
