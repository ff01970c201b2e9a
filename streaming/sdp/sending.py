"""The lines that say which stream and which SSRCs we send in a section."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from streaming.sdp.attributes import Msid, SsrcAttribute, SsrcGroup
from streaming.sdp.description import MediaDescription


class SentStream(Protocol):
    """What a section's msid and ssrc lines need."""

    @property
    def ssrc(self) -> int: ...
    @property
    def rtx_ssrc(self) -> int | None: ...
    @property
    def cname(self) -> str: ...
    @property
    def stream_id(self) -> str: ...
    @property
    def track_id(self) -> str: ...


def with_stream_lines(media: MediaDescription, stream: SentStream) -> MediaDescription:
    """The section with msid, FID group, and CNAME and msid of each SSRC; RTX only if negotiated.

    SSRC 1 repaired by 2 gives `a=ssrc-group:FID 1 2`, `a=ssrc:1 cname:…`, `a=ssrc:1 msid:…`, the same for 2.
    """
    has_rtx = stream.rtx_ssrc is not None and any(line.name == "rtx" for line in media.rtpmaps)
    ssrcs = (stream.ssrc, stream.rtx_ssrc) if has_rtx and stream.rtx_ssrc is not None else (stream.ssrc,)
    values = (("cname", stream.cname), ("msid", f"{stream.stream_id} {stream.track_id}"))
    return replace(
        media,
        msids=(Msid(stream.stream_id, stream.track_id),),
        ssrc_groups=(SsrcGroup("FID", ssrcs),) if len(ssrcs) == 2 else (),
        ssrcs=tuple(SsrcAttribute(ssrc, name, value) for ssrc in ssrcs for name, value in values),
    )
