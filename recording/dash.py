"""The DASH manifest of a version (ISO/IEC 23009-1, static): the segments that HLS plays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from recording.ladder_playlists import MadeRendition

_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"


def serialize_mpd(
    pictures: Sequence[MadeRendition], sounds: Sequence[MadeRendition], length_ticks: int
) -> str:
    """Each of `pictures` and `sounds` is a Representation of one AdaptationSet."""
    length = f"PT{length_ticks / 90_000:.3f}S"
    root = ET.Element(
        "MPD",
        xmlns=_NAMESPACE,
        type="static",
        profiles="urn:mpeg:dash:profile:isoff-live:2011",
        mediaPresentationDuration=length,
        minBufferTime="PT4S",
    )
    period = ET.SubElement(root, "Period", id="1", start="PT0S", duration=length)
    for kind, renditions, time_scale in (("video", pictures, 90_000), ("audio", sounds, 48_000)):
        if renditions:
            _add_set(period, kind, renditions, time_scale)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_set(period: ET.Element, kind: str, renditions: Sequence[MadeRendition], time_scale: int) -> None:
    found = ET.SubElement(
        period,
        "AdaptationSet",
        id="1" if kind == "video" else "2",
        contentType=kind,
        mimeType=f"{kind}/mp4",
        segmentAlignment="true",
        startWithSAP="1",
    )
    template = ET.SubElement(
        found,
        "SegmentTemplate",
        timescale=str(time_scale),
        initialization="$RepresentationID$-init.mp4",
        media="$RepresentationID$-$Number%05d$.m4s",
        startNumber="1",
    )
    row = ET.SubElement(template, "SegmentTimeline")
    at = 0
    for ticks, alike in groupby(renditions[0].ticks):
        count = len(list(alike))
        duration = ticks * time_scale // 90_000
        times = {"t": str(at), "d": str(duration)} | ({"r": str(count - 1)} if count > 1 else {})
        ET.SubElement(row, "S", times)
        at += duration * count
    for rendition in renditions:
        details = {"id": rendition.name, "codecs": rendition.codecs, "bandwidth": str(rendition.peak_bps)}
        if kind == "video":
            details |= {
                "width": str(rendition.width),
                "height": str(rendition.height),
                "frameRate": str(rendition.frame_rate),
            }
        else:
            details["audioSamplingRate"] = "48000"
        one = ET.SubElement(found, "Representation", details)
        if kind == "audio":
            scheme = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
            ET.SubElement(one, "AudioChannelConfiguration", schemeIdUri=scheme, value="2")
