"""A replay held against the rules by parsers that are not ours: `m3u8` for the playlist, FFmpeg for media.

RFC 8216: 4.3.2.1 (EXTINF is the media's duration), 4.3.3.1 (TARGETDURATION), 4.3.2.3 (discontinuity where the
coding changes), 4.3.2.5 (a map before the first segment), 3 (segments begin with a keyframe and follow each
other on one timeline); fragmented MP4 as ISO/IEC 14496-12 8.8.12 places it (tfdt).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import m3u8

_TICK = Fraction(1, 90_000)
_AAC_FRAME = Fraction(1024, 48_000)


@dataclass(frozen=True)
class SegmentMedia:
    """What FFmpeg demuxes of init and segment. Times in seconds of position."""

    begin: Fraction
    end: Fraction
    sound_begin: Fraction | None
    sound_end: Fraction | None
    faults: tuple[str, ...]


def demux(init: bytes, media: bytes, name: str) -> SegmentMedia:
    """Every packet of one segment; faults are what a player would stumble over."""
    faults: list[str] = []
    spans: dict[str, tuple[Fraction, Fraction]] = {}
    with av.open(io.BytesIO(init + media), "r") as container:
        for packet in container.demux():
            if packet.dts is None or packet.pts is None:
                continue
            kind = packet.stream.type
            base = Fraction(packet.time_base)
            begin = packet.dts * base
            if packet.pts < packet.dts:
                faults.append(f"{name}: shown before it is decoded at {float(begin)}")
            if kind not in spans and kind == "video" and not packet.is_keyframe:
                faults.append(f"{name}: begins without a keyframe")
            if kind in spans and abs(begin - spans[kind][1]) > _TICK:
                faults.append(f"{name}: {kind} at {float(begin)} does not follow {float(spans[kind][1])}")
            first = spans[kind][0] if kind in spans else begin
            spans[kind] = (first, begin + (packet.duration or 0) * base)
    if "video" not in spans:
        return SegmentMedia(Fraction(0), Fraction(0), None, None, (f"{name}: no picture",))
    begin, end = spans["video"]
    sound_begin, sound_end = spans.get("audio", (None, None))
    return SegmentMedia(begin, end, sound_begin, sound_end, tuple(faults))


def faults_of(folder: Path, *, wall_of: list[tuple[float, datetime]] | None = None) -> list[str]:
    """Everything that is wrong with a closed replay; [] when nothing is.

    wall_of: (position in s, wall clock) where the wall clock is set anew; between them it runs along.
    """
    playlist = m3u8.loads((folder / "index.m3u8").read_text())
    faults: list[str] = []
    if not playlist.is_endlist or playlist.playlist_type != "vod" or playlist.media_sequence != 0:
        faults.append("the playlist is not closed")
    position, sound_end, last_map = Fraction(0), Fraction(0), ""
    for index, segment in enumerate(playlist.segments):
        name = str(segment.uri)
        faults += _head_faults(index, segment, last_map, int(playlist.target_duration or 0))
        if segment.init_section is None:
            continue
        last_map = str(segment.init_section.uri)
        seen = demux((folder / last_map).read_bytes(), (folder / name).read_bytes(), name)
        faults += seen.faults
        if abs(seen.begin - position) > _TICK:
            faults.append(f"{name}: begins at {float(seen.begin)}, not at {float(position)}")
        if abs(float(seen.end - seen.begin) - segment.duration) > 2e-5:
            faults.append(f"{name}: EXTINF {segment.duration}, media {float(seen.end - seen.begin)}")
        if seen.sound_begin is None or seen.sound_end is None:
            faults.append(f"{name}: no sound")
        else:
            if abs(seen.sound_begin - sound_end) > _TICK:
                faults.append(f"{name}: sound at {float(seen.sound_begin)}, not at {float(sound_end)}")
            if abs(seen.sound_end - seen.end) > _AAC_FRAME * 2 and index < len(playlist.segments) - 1:
                faults.append(f"{name}: sound ends {float(seen.sound_end - seen.end)} s beside the picture")
            sound_end = seen.sound_end
        faults += _wall_faults(name, segment.current_program_date_time, float(position), wall_of or [])
        position = seen.end
    return faults


def _head_faults(index: int, segment: m3u8.Segment, last_map: str, target_s: int) -> list[str]:
    faults: list[str] = []
    name = str(segment.uri)
    if segment.init_section is None:
        faults.append(f"{name}: no map")
    elif index and segment.discontinuity != (segment.init_section.uri != last_map):
        faults.append(f"{name}: a map changes exactly at a discontinuity")
    if not segment.duration > 0 or round(segment.duration) > target_s:
        faults.append(f"{name}: {segment.duration} s is more than the target {target_s}")
    return faults


def _wall_faults(
    name: str, told: datetime | None, position_s: float, wall_of: list[tuple[float, datetime]]
) -> list[str]:
    anchors = [(begin_s, wall) for begin_s, wall in wall_of if begin_s <= position_s + 0.001]
    if not anchors:
        return []
    begin_s, wall = anchors[-1]
    wanted = wall + timedelta(seconds=position_s - begin_s)
    if told is None or abs((told.astimezone(UTC) - wanted).total_seconds()) > 0.005:
        return [f"{name}: PROGRAM-DATE-TIME {told}, not {wanted}"]
    return []
