"""HLS media playlists (RFC 8216) of a replay: EVENT while the lesson runs, VOD with an end when it is over.

A playlist is also the packager's own memory: `parse_playlist` gives back exactly what was serialized
(durations in 90 kHz ticks are written with six decimals, which name each tick uniquely), so that a
packager which died goes on behind the last segment that the playlist lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

TICKS_HZ = 90_000
TARGET_DURATION_S = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """One media segment. `discontinuity`: its coding differs from the segment before; `wall_ms`: None to
    leave out.
    """

    uri: str
    init_uri: str
    duration_ticks: int
    discontinuity: bool
    wall_ms: int | None


@dataclass(frozen=True, slots=True)
class Playlist:
    """All segments since the start of the lesson; `is_ended` when no more will follow."""

    segments: tuple[Segment, ...] = ()
    is_ended: bool = False

    @property
    def duration_ticks(self) -> int:
        """The position behind the last segment."""
        return sum(segment.duration_ticks for segment in self.segments)


def serialize_segment(segment: Segment, init_uri: str | None) -> str:
    """The lines of one segment. `init_uri`: that of the segment before, None at the first."""
    lines = []
    if segment.discontinuity:
        lines.append("#EXT-X-DISCONTINUITY")
    if segment.init_uri != init_uri:
        lines.append(f'#EXT-X-MAP:URI="{segment.init_uri}"')
    if segment.wall_ms is not None:
        moment = datetime.fromtimestamp(segment.wall_ms / 1000, UTC)
        lines.append(
            f"#EXT-X-PROGRAM-DATE-TIME:{moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"
        )
    lines.append(f"#EXTINF:{segment.duration_ticks / TICKS_HZ:.6f},")
    lines.append(segment.uri)
    return "\n".join(lines) + "\n"


def serialize_head(*, is_ended: bool, target_duration_s: int = TARGET_DURATION_S) -> str:
    """The lines before the first segment. TARGETDURATION may not change (RFC 8216 6.2.1): it is the most
    we cut.
    """
    return (
        "#EXTM3U\n#EXT-X-VERSION:7\n"
        f"#EXT-X-TARGETDURATION:{target_duration_s}\n#EXT-X-MEDIA-SEQUENCE:0\n"
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if is_ended else 'EVENT'}\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    )


def serialize_playlist(playlist: Playlist, *, target_duration_s: int = TARGET_DURATION_S) -> str:
    """The text of index.m3u8."""
    parts = [serialize_head(is_ended=playlist.is_ended, target_duration_s=target_duration_s)]
    init_uri: str | None = None
    for segment in playlist.segments:
        parts.append(serialize_segment(segment, init_uri))
        init_uri = segment.init_uri
    if playlist.is_ended:
        parts.append("#EXT-X-ENDLIST\n")
    return "".join(parts)


def parse_playlist(text: str) -> Playlist:
    """What `serialize_playlist` wrote. Lines it does not know are passed over; a segment without a map is
    left out.
    """
    segments: list[Segment] = []
    init_uri, duration_ticks, discontinuity, wall_ms, is_ended = "", 0, False, None, False
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == "#EXT-X-MAP":
            init_uri = value.removeprefix('URI="').removesuffix('"')
        elif name == "#EXTINF":
            duration_ticks = round(float(value.rstrip(",")) * TICKS_HZ)
        elif name == "#EXT-X-DISCONTINUITY":
            discontinuity = True
        elif name == "#EXT-X-PROGRAM-DATE-TIME":
            wall_ms = round(datetime.fromisoformat(value).timestamp() * 1000)
        elif name == "#EXT-X-ENDLIST":
            is_ended = True
        elif line and not line.startswith("#") and init_uri:
            segments.append(Segment(line, init_uri, duration_ticks, discontinuity, wall_ms))
            duration_ticks, discontinuity, wall_ms = 0, False, None
    return Playlist(tuple(segments), is_ended)
