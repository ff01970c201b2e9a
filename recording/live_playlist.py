"""Low-latency HLS media playlists (draft-ietf-hls-rfc8216bis) of a lesson that runs. Pure.

The segments are those of the replay; only the last of them, and the one being made, are listed in parts too.
A delta update leaves out what a player that follows has long had.

```
#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:8
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=48,PART-HOLD-BACK=1.200
#EXT-X-PART-INF:PART-TARGET=0.400000
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXTINF:4.000000,
segment-1.m4s
#EXT-X-PART:DURATION=0.400000,URI="part-1a2b3c-11.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-1a2b3c-12.m4s"
```
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field

from recording.playlist import TARGET_DURATION_S, TICKS_HZ, Segment, serialize_segment

PART_TICKS = TICKS_HZ * 2 // 5
ADVANCE_PARTS = -(-3 * TICKS_HZ // PART_TICKS)
"""How far ahead of the playlist a player may ask (Advance Part Limit): three seconds."""
_PARTS_LISTED_TICKS = 3 * TARGET_DURATION_S * TICKS_HZ
_SKIP_TICKS = 6 * TARGET_DURATION_S * TICKS_HZ
_HOLD_BACK_PARTS = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a segment. `is_independent`: it begins with a keyframe."""

    uri: str
    duration_ticks: int
    is_independent: bool


@dataclass(frozen=True, slots=True)
class LivePosition:
    """How far the playlist on disk goes. `part`: its parts behind segment `media_sequence` - 1.

    `newest`: the part written last; `hint`: the name that the next will have.
    """

    media_sequence: int
    part: int
    newest: str
    hint: str


@dataclass(slots=True)
class LivePlaylist:
    """Grows by parts and by the segments that they become.

    Invariants: `_parts` are those of the newest segments, oldest first, and of the segment being made;
    `_lines` are the serialized segments, each with where it ends.
    """

    segments: int = 0
    _end_ticks: int = 0
    _init_uri: str | None = None
    _lines: list[tuple[str, int, str]] = field(default_factory=list)
    _parts: deque[tuple[Part, ...]] = field(default_factory=deque)
    _open: list[Part] = field(default_factory=list)
    _open_head: Segment | None = None

    def open_segment(self, head: Segment | None) -> None:
        """A segment begins, of which all but the duration is known; parts of another that was open go."""
        self._open.clear()
        self._open_head = head

    def add_part(self, part: Part) -> None:
        """One more part of the open segment."""
        self._open.append(part)

    @property
    def open_parts(self) -> int:
        """How many parts the open segment has."""
        return len(self._open)

    def add_segment(self, segment: Segment) -> None:
        """The open segment is whole."""
        text = serialize_segment(segment, self._init_uri)
        self._init_uri = segment.init_uri
        self._end_ticks += segment.duration_ticks
        self._lines.append((text, self._end_ticks, segment.init_uri))
        self._parts.append(tuple(self._open))
        self.open_segment(None)
        self.segments += 1
        oldest = self.segments - len(self._parts)
        while self._parts and self._end_ticks - self._lines[oldest][1] > _PARTS_LISTED_TICKS:
            self._parts.popleft()
            oldest += 1

    def serialize(self, hint_uri: str, *, is_delta: bool = False) -> str:
        """The text, whole or without what lies more than `CAN-SKIP-UNTIL` behind."""
        skipped = 0
        if is_delta:
            skipped = bisect_left(self._lines, self._end_ticks - _SKIP_TICKS, key=lambda line: line[1])
        pieces = [self._head()]
        if skipped:
            pieces.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}\n")
            if self._lines[skipped][2] == self._lines[skipped - 1][2]:
                pieces.append(f'#EXT-X-MAP:URI="{self._lines[skipped][2]}"\n')
        first_with_parts = self.segments - len(self._parts)
        pieces += [text for text, _, _ in self._lines[skipped:first_with_parts]]
        for (text, _, _), parts in zip(self._lines[first_with_parts:], self._parts, strict=True):
            before, mark, behind = text.partition("#EXTINF:")
            pieces += [before, *map(_serialize_part, parts), mark, behind]
        if self._open_head is not None:
            text = serialize_segment(self._open_head, self._init_uri)
            pieces += [text.partition("#EXTINF:")[0], *map(_serialize_part, self._open)]
        pieces.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{hint_uri}"\n')
        return "".join(pieces)

    def _head(self) -> str:
        """A picture that stands still for long makes a long part: the target is that of the parts listed."""
        listed = [part.duration_ticks for parts in (*self._parts, self._open) for part in parts]
        target_s = max([PART_TICKS, *listed]) / TICKS_HZ
        return (
            "#EXTM3U\n#EXT-X-VERSION:9\n"
            f"#EXT-X-TARGETDURATION:{TARGET_DURATION_S}\n"
            f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL={_SKIP_TICKS // TICKS_HZ},"
            f"PART-HOLD-BACK={_HOLD_BACK_PARTS * target_s:.3f}\n"
            f"#EXT-X-PART-INF:PART-TARGET={target_s:.6f}\n"
            "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        )


def _serialize_part(part: Part) -> str:
    independent = ",INDEPENDENT=YES" if part.is_independent else ""
    return f'#EXT-X-PART:DURATION={part.duration_ticks / TICKS_HZ:.6f},URI="{part.uri}"{independent}\n'
