"""The HLS playlists of a version (RFC 8216). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from recording.playlist import Playlist, Segment, serialize_playlist

TARGET_DURATION_S = 4


@dataclass(frozen=True, slots=True)
class MadeRendition:
    """A row of segments that is whole. `ticks` and `sizes_bytes`: of each of them.

    `width`, `height`, `frame_rate`: 0 for sound.
    """

    name: str
    codecs: str
    width: int
    height: int
    frame_rate: int
    ticks: tuple[int, ...]
    sizes_bytes: tuple[int, ...]

    @property
    def peak_bps(self) -> int:
        """The most that any segment needs."""
        each = zip(self.ticks, self.sizes_bytes, strict=True)
        return max(-(-size * 8 * 90_000 // ticks) for ticks, size in each)

    @property
    def average_bps(self) -> int:
        return -(-self.size_bytes * 8 * 90_000 // sum(self.ticks))

    @property
    def size_bytes(self) -> int:
        return sum(self.sizes_bytes)


def serialize_media(rendition: MadeRendition, init_uri: str, uris: Sequence[str], wall_ms: int) -> str:
    """A media playlist. `wall_ms`: when its first moment was."""
    segments = tuple(
        Segment(uri, init_uri, ticks, False, wall_ms if index == 0 else None)
        for index, (uri, ticks) in enumerate(zip(uris, rendition.ticks, strict=True))
    )
    longest = max(rendition.ticks)
    target = max(TARGET_DURATION_S, int(Fraction(longest, 90_000) + Fraction(1, 2)))
    return serialize_playlist(Playlist(segments, is_ended=True), target_duration_s=target)


def serialize_multivariant(pictures: Sequence[MadeRendition], sounds: Sequence[MadeRendition]) -> str:
    """Of a picture in its sizes, or of sound alone; the best first, as players begin with the first.

    The lowest picture goes with the lowest sound, the others with the best.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if not pictures:
        for sound in sounds:
            lines.append(_stream(sound.peak_bps, sound.average_bps, sound.codecs))
            lines.append(f"{sound.name}.m3u8")
        return "\n".join(lines) + "\n"
    for index, sound in enumerate(sounds):
        is_default = "YES" if index == 0 else "NO"
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{sound.name}",NAME="lesson",DEFAULT={is_default},'
            f'AUTOSELECT=YES,CHANNELS="2",URI="{sound.name}.m3u8"'
        )
    for index, picture in enumerate(pictures):
        is_lowest = index == len(pictures) - 1 and index > 0
        sound = sounds[-1] if is_lowest else sounds[0]
        head = _stream(
            picture.peak_bps + sound.peak_bps,
            picture.average_bps + sound.average_bps,
            f"{picture.codecs},{sound.codecs}",
        )
        size = f"RESOLUTION={picture.width}x{picture.height},FRAME-RATE={picture.frame_rate}.000"
        lines += [f'{head},{size},AUDIO="{sound.name}"', f"{picture.name}.m3u8"]
    return "\n".join(lines) + "\n"


def _stream(peak_bps: int, average_bps: int, codecs: str) -> str:
    return f'#EXT-X-STREAM-INF:BANDWIDTH={peak_bps},AVERAGE-BANDWIDTH={average_bps},CODECS="{codecs}"'


def codecs_of(init: bytes) -> str:
    """RFC 6381's name of what an init segment describes: `avc1.64001f` or `mp4a.40.2`."""
    at = init.find(b"avcC")
    return f"avc1.{init[at + 5 : at + 8].hex()}" if at >= 0 else "mp4a.40.2"
