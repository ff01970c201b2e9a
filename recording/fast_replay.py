"""SHELL: a fast replay, read for the ladder: the picture shown at a position, the samples heard there.

Every answer depends on the files and the position alone, never on what was asked before: so a slice of
the ladder is the same whoever makes it, and whenever. Each segment is decoded by a decoder of its own. A
segment that is damaged or gone counts as not there: the picture before it is held, its sound is silence.
"""

from __future__ import annotations

import hashlib
import io
import struct
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from pathlib import Path

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError
from av.video.frame import VideoFrame

from recording.container import AUDIO_FRAME_SAMPLES, AUDIO_HZ, VIDEO_HZ
from recording.playlist import Segment, parse_playlist
from recording.store import PLAYLIST_NAME
from recording.transcoder import CARD_SIZE, Pcm, draw_card

_WARM_FRAMES = 2
"""An AAC frame overlaps the one before it, which must be decoded first."""
_CACHED_SEGMENTS = 6
_CARD_DIFFERENCE = 3.0


SliceSource = tuple[tuple[str, int, tuple[tuple[int, bytes], ...]], ...]
"""Of each segment: its init segment, where it begins, and its pictures as they are coded."""


class SourceMissing(Exception):
    """There is no fast replay to make anything of."""


@dataclass(frozen=True, slots=True)
class PlacedSegment:
    """A segment and where it stands, in ticks of position."""

    start_ticks: int
    end_ticks: int
    segment: Segment


class FastReplay:
    """What the playlist says. Raises SourceMissing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            playlist = parse_playlist((folder / PLAYLIST_NAME).read_text())
        except (OSError, ValueError):
            raise SourceMissing(folder.name) from None
        self.segments: list[PlacedSegment] = []
        at = 0
        for segment in playlist.segments:
            self.segments.append(PlacedSegment(at, at + segment.duration_ticks, segment))
            at += segment.duration_ticks
        if not self.segments or not playlist.is_ended:
            raise SourceMissing(folder.name)
        self._starts = [placed.start_ticks for placed in self.segments]
        self.wall_ms = self.segments[0].segment.wall_ms or 0

    def index_at(self, position_ticks: int) -> int:
        """Which segment a position lies in; the first or last for one outside."""
        return max(0, bisect_right(self._starts, position_ticks) - 1)

    def read(self, placed: PlacedSegment) -> io.BytesIO:
        """A segment with its init segment, as one file. Raises OSError."""
        init = (self.folder / placed.segment.init_uri).read_bytes()
        return io.BytesIO(init + (self.folder / placed.segment.uri).read_bytes())

    def pictures_of(self, placed: PlacedSegment) -> Iterator[tuple[int, VideoFrame]]:
        """(position in ticks, picture), in order, as far as the segment can be decoded."""
        before = placed.start_ticks - 1
        try:
            with av.open(self.read(placed), "r", format="mp4") as container:
                if not container.streams.video:
                    return
                container.streams.video[0].codec_context.thread_count = 1
                for frame in container.decode(video=0):
                    start = round((frame.pts or 0) * Fraction(frame.time_base or 0) * VIDEO_HZ)
                    if before < start < placed.end_ticks:
                        before = start
                        yield start, frame
        except (FFmpegError, OSError, ValueError):
            return

    def shown_between(self, begin: int, end: int) -> SliceSource | None:
        """What decides which pictures are shown from position `begin` to `end`, counted from `begin`.

        None: a segment cannot be read, or what is shown at `begin` is older than the segment there.
        """
        placed = self.segments[self.index_at(begin) : self.index_at(end) + 1]
        try:
            found = [(each, self._coded_pictures(each)) for each in placed]
        except (FFmpegError, OSError, ValueError):
            return None
        if not found[0][1] or found[0][0].start_ticks + found[0][1][0][0] > begin:
            return None
        return tuple((each.segment.init_uri, each.start_ticks - begin, coded) for each, coded in found)

    def _coded_pictures(self, placed: PlacedSegment) -> tuple[tuple[int, bytes], ...]:
        """(ticks since the segment's start, SHA-256) of each access unit."""
        with av.open(self.read(placed), "r", format="mp4") as container:
            if not container.streams.video:
                return ()
            return tuple(
                (
                    round(packet.pts * Fraction(packet.time_base or 0) * VIDEO_HZ) - placed.start_ticks,
                    hashlib.sha256(packet).digest(),
                )
                for packet in container.demux(video=0)
                if packet.pts is not None and packet.size
            )

    def shows_from_ticks(self) -> int | None:
        """Where the first picture of the source stands: before it there is a card. None: only a card."""
        first = self.segments[0].segment.init_uri
        run = list(takewhile(lambda placed: placed.segment.init_uri == first, self.segments))
        if not self._is_card(run[0]):
            return 0
        low, high = 0, len(run)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._is_card(run[middle]) else (low, middle)
        return run[high - 1].end_ticks if high < len(self.segments) else None

    def sizes(self, parts: tuple[tuple[int, int], ...], from_ticks: int) -> list[tuple[int, int]]:
        """The sizes of the pictures shown from `from_ticks` on within parts (in ms of position)."""
        found: dict[str, tuple[int, int]] = {}
        for placed in self.segments:
            is_shown = placed.end_ticks > from_ticks and any(
                begin * 90 < placed.end_ticks and placed.start_ticks < end * 90 for begin, end in parts
            )
            uri = placed.segment.init_uri
            if is_shown and uri not in found:
                size = read_size(self.folder / uri)
                if size is not None:
                    found[uri] = size
        return sorted(set(found.values()))

    def _is_card(self, placed: PlacedSegment) -> bool:
        """Whether a segment shows nothing but the card."""
        last: VideoFrame | None = None
        for _, last in self.pictures_of(placed):
            if not is_card(last):
                return False
        return last is not None


def is_card(picture: VideoFrame) -> bool:
    """Whether this is the packager's card, coded."""
    if (picture.width, picture.height) != CARD_SIZE:
        return False
    shown = picture.reformat(format="gray").to_ndarray().astype(np.int16)
    card = draw_card(*CARD_SIZE).reformat(format="gray").to_ndarray().astype(np.int16)
    return float(np.abs(shown - card).mean()) < _CARD_DIFFERENCE


def read_size(path: Path) -> tuple[int, int] | None:
    """(width, height) from an init segment's VisualSampleEntry (ISO/IEC 14496-12 12.1.3)."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    at = data.find(b"avc1", data.find(b"stsd"))
    if at < 0 or at + 32 > len(data):
        return None
    width, height = struct.unpack_from(">HH", data, at + 28)
    return (width, height) if width > 1 and height > 1 else None


class PictureReader:
    """The picture shown at each of a row of positions, which grow; only what is needed is decoded."""

    def __init__(self, replay: FastReplay) -> None:
        self._replay = replay
        self._index = -2
        self._stream: Iterator[tuple[int, int, VideoFrame]] = iter(())
        self._shown: VideoFrame | None = None
        self._ahead: tuple[int, int, VideoFrame] | None = None

    def at(self, position_ticks: int) -> VideoFrame | None:
        """The newest that began until then; None: there is none yet."""
        index = self._replay.index_at(position_ticks)
        if not self._index <= index <= self._index + 1:
            self._enter(index, position_ticks)
        while self._ahead is not None and self._ahead[1] <= position_ticks:
            self._index, _, self._shown = self._ahead
            self._ahead = next(self._stream, None)
        self._index = max(self._index, index)
        return self._shown

    def _enter(self, index: int, position_ticks: int) -> None:
        """Go on from the last segment at or before `index` that begins with a picture."""
        self._shown = None
        for first in range(index, -1, -1):
            self._stream = self._pictures_from(first)
            self._ahead = next(self._stream, None)
            if self._ahead is not None and self._ahead[1] <= position_ticks:
                break
        self._index = index

    def _pictures_from(self, index: int) -> Iterator[tuple[int, int, VideoFrame]]:
        for number in range(index, len(self._replay.segments)):
            for start, picture in self._replay.pictures_of(self._replay.segments[number]):
                yield number, start, picture


class SoundReader:
    """The samples heard at a stretch of positions. Keeps the packets of the last segments."""

    def __init__(self, replay: FastReplay) -> None:
        self._replay = replay
        self._cache: OrderedDict[int, tuple[bytes, dict[int, bytes]]] = OrderedDict()

    def read(self, begin: int, end: int) -> Pcm:
        """Stereo samples of positions `begin` to `end`, in samples; silence where there is nothing."""
        sound = np.zeros((2, end - begin), np.float32)
        first = begin // AUDIO_FRAME_SAMPLES
        decoder: AudioCodecContext | None = None
        for index in range(max(0, first - _WARM_FRAMES), -(-end // AUDIO_FRAME_SAMPLES)):
            configuration, data = self._frame(index)
            if data is None:
                decoder = None
                continue
            decoder = decoder or _open_decoder(configuration)
            samples = _decode(decoder, data)
            at = index * AUDIO_FRAME_SAMPLES - begin
            from_sample, until = max(0, -at), min(AUDIO_FRAME_SAMPLES, end - begin - at)
            if samples is not None and from_sample < until:
                sound[:, at + from_sample : at + until] = samples[:, from_sample:until]
        return sound

    def _frame(self, index: int) -> tuple[bytes, bytes | None]:
        """A frame lies in the segment in which it begins, or, by rounding, in the one before."""
        segment = self._replay.index_at(index * AUDIO_FRAME_SAMPLES * VIDEO_HZ // AUDIO_HZ)
        for number in (segment, segment - 1):
            if number >= 0:
                configuration, frames = self._packets(number)
                if index in frames:
                    return configuration, frames[index]
        return b"", None

    def _packets(self, number: int) -> tuple[bytes, dict[int, bytes]]:
        if number not in self._cache:
            self._cache[number] = _demux(self._replay, self._replay.segments[number])
            if len(self._cache) > _CACHED_SEGMENTS:
                self._cache.popitem(last=False)
        return self._cache[number]


def _demux(replay: FastReplay, placed: PlacedSegment) -> tuple[bytes, dict[int, bytes]]:
    """(AudioSpecificConfig, the AAC frames by index)."""
    frames: dict[int, bytes] = {}
    configuration = b""
    try:
        with av.open(replay.read(placed), "r", format="mp4") as container:
            if not container.streams.audio or container.streams.audio[0].rate != AUDIO_HZ:
                return b"", {}
            configuration = bytes(container.streams.audio[0].codec_context.extradata or b"")
            for packet in container.demux(audio=0):
                if packet.pts is not None and packet.size:
                    frames[packet.pts // AUDIO_FRAME_SAMPLES] = bytes(packet)
    except (FFmpegError, OSError, ValueError):
        return configuration, frames
    return configuration, frames


def _open_decoder(configuration: bytes) -> AudioCodecContext:
    context = av.CodecContext.create("aac", "r")
    assert isinstance(context, AudioCodecContext)
    context.extradata = configuration
    return context


def _decode(decoder: AudioCodecContext, data: bytes) -> Pcm | None:
    try:
        frames = decoder.decode(av.Packet(data))
    except FFmpegError:
        return None
    samples = np.asarray(frames[0].to_ndarray(), dtype=np.float32) if frames else None
    return samples if samples is not None and samples.shape == (2, AUDIO_FRAME_SAMPLES) else None
