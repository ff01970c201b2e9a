"""SHELL: the parts of the segment being made, and the live playlist, as files beside the replay's.

Parts hold the very samples of their segment, in a box each; the segment is muxed anew when it is whole, so
that a replay knows nothing of them.  They are not synced: after a crash nobody follows them any more.
"""

from __future__ import annotations

import secrets
from collections import deque
from pathlib import Path

from recording.container import AUDIO_FRAME_SAMPLES, AUDIO_HZ, VIDEO_HZ, PartMuxer, VideoSample
from recording.live_playlist import PART_TICKS, LivePlaylist, LivePosition, Part
from recording.picture import PictureSegment
from recording.playlist import Playlist, Segment
from recording.sound import SoundLine
from recording.store import LIVE_DELTA_NAME, LIVE_NAME, PART_PREFIX, swap_file

_KEPT_PARTS = 128
_SHORTEST_RATIO = 0.85


class LiveTier:
    """Writes what of the open segment is certain.

    Invariants: a part is on disk before the playlist lists it; names are never used again, not even by
    another process; `_from_ticks` and `_from_index` are behind what the parts of the open segment hold.
    """

    def __init__(self, folder: Path, listed: Playlist) -> None:
        self._folder = folder
        self._prefix = f"{PART_PREFIX}{secrets.token_hex(4)}"
        self._count = 0
        self._kept: deque[Path] = deque()
        self._playlist = LivePlaylist()
        for segment in listed.segments:
            self._playlist.add_segment(segment)
        self._muxer: PartMuxer | None = None
        self._first: VideoSample | None = None
        self._from_ticks = 0
        self._from_index = 0
        self._is_changed = False
        for path in folder.glob(f"{PART_PREFIX}*.m4s"):
            path.unlink()

    def follows(self, picture: PictureSegment) -> bool:
        """Whether this is the segment whose parts are being written."""
        return self._muxer is not None and self._first == picture.samples[0]

    def begin(self, picture: PictureSegment) -> bytes:
        """Write parts of this segment from now on; gives its init segment."""
        self._first = picture.samples[0]
        self._muxer = PartMuxer(self._first.data)
        self._from_ticks = picture.start_ticks
        self._from_index = -(-(picture.start_ticks * AUDIO_HZ // VIDEO_HZ) // AUDIO_FRAME_SAMPLES)
        return self._muxer.mux(1, [self._first], [])[0]

    def open_segment(self, head: Segment) -> None:
        """What the playlist says of that segment before its parts."""
        self._playlist.open_segment(head)

    def write_parts(self, picture: PictureSegment, sound: SoundLine, *, is_whole: bool = False) -> None:
        """Write the parts that became whole; all that is left where the segment is."""
        samples = [sample for sample in picture.samples if sample.start_ticks >= self._from_ticks]
        while samples:
            count = _part_length(samples)
            if count == 0:
                if not is_whole:
                    return
                count = len(samples)
            last = samples[count - 1]
            end_ticks = last.start_ticks + last.duration_ticks
            if not self._write_part(samples[:count], end_ticks, sound):
                return
            samples = samples[count:]

    def close_segment(self, segment: Segment, picture: PictureSegment) -> None:
        """This segment is on disk; parts that were none of it (pictures that had to be coded anew) go."""
        if not self.follows(picture):
            self._playlist.open_segment(None)
        self._muxer = None
        self._playlist.add_segment(segment)
        self._is_changed = True

    def flush(self) -> LivePosition | None:
        """Write the playlists where something is new."""
        if not self._is_changed:
            return None
        hint = f"{self._prefix}-{self._count + 1}.m4s"
        swap_file(self._folder / LIVE_NAME, self._playlist.serialize(hint).encode())
        swap_file(self._folder / LIVE_DELTA_NAME, self._playlist.serialize(hint, is_delta=True).encode())
        self._is_changed = False
        newest = self._kept[-1].name if self._kept else ""
        return LivePosition(self._playlist.segments, self._playlist.open_parts, newest, hint)

    def end(self) -> None:
        """Nothing will follow: from now on the replay's own playlist says all."""
        for path in (*self._kept, self._folder / LIVE_NAME, self._folder / LIVE_DELTA_NAME):
            path.unlink(missing_ok=True)
        self._kept.clear()

    def _write_part(self, samples: list[VideoSample], end_ticks: int, sound: SoundLine) -> bool:
        voice = sound.frames_between(self._from_index, end_ticks * AUDIO_HZ // VIDEO_HZ)
        if voice is None or self._muxer is None:
            return False
        _, media = self._muxer.mux(self._count + 1, samples, voice)
        path = self._folder / f"{self._prefix}-{self._count + 1}.m4s"
        swap_file(path, media)
        self._count += 1
        self._kept.append(path)
        if len(self._kept) > _KEPT_PARTS:
            self._kept.popleft().unlink(missing_ok=True)
        duration = end_ticks - self._from_ticks
        self._playlist.add_part(Part(path.name, duration, samples[0].is_keyframe))
        self._from_ticks = end_ticks
        self._from_index = voice[-1].index + 1 if voice else self._from_index
        self._is_changed = True
        return True


def _part_length(samples: list[VideoSample]) -> int:
    """How many of these samples make a part; 0 while that is not to be said."""
    begin = samples[0].start_ticks
    best = 0
    for count, sample in enumerate(samples, 1):
        duration = sample.start_ticks + sample.duration_ticks - begin
        if duration > PART_TICKS:
            return best or count
        if duration >= _SHORTEST_RATIO * PART_TICKS:
            best = count
        if best == count and duration + sample.duration_ticks > PART_TICKS:
            return best
    return 0
