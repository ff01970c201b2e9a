"""From SDP text to a description: bounded, tolerant to unknown lines, strict about those that matter.

Every failure is RemoteProtocolError: `sdp_too_large` above the bounds below, `sdp_malformed` for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import (
    MAX_PORT,
    Attribute,
    Candidate,
    Direction,
    ExtMap,
    Fingerprint,
    Fmtp,
    Group,
    Msid,
    RtcpFeedback,
    RtpMap,
    Setup,
    SsrcAttribute,
    SsrcGroup,
    malformed,
    parse_integer,
)
from streaming.sdp.description import MediaDescription, Origin, SessionDescription, TransportAttributes
from streaming.sdp.simulcast import Rid, Simulcast

MAX_TEXT_CHARACTERS = 200_000
MAX_LINES = 4_000
MAX_MEDIA_SECTIONS = 64
MAX_FORMATS = 128
"""As many as there are payload types."""
MAX_MID_CHARACTERS = 32
_MAX_CREDENTIAL_CHARACTERS = 256
_MAX_SESSION_NUMBER = 10**19
_RTP_KINDS = ("audio", "video")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0a-\x1f]")

T = TypeVar("T")
Line = tuple[str, str]
"""The letter before `=` and what follows it."""


def split_lines(text: str) -> list[Line]:
    """The lines of an SDP text. CRLF or LF; empty lines are skipped, control characters are malformed."""
    if len(text) > MAX_TEXT_CHARACTERS:
        raise RemoteProtocolError("sdp_too_large", f"{len(text)} characters")
    raw_lines = text.split("\n")
    if len(raw_lines) > MAX_LINES:
        raise RemoteProtocolError("sdp_too_large", f"{len(raw_lines)} lines")
    lines = []
    for raw in raw_lines:
        line = raw.removesuffix("\r").rstrip(" ")
        if not line:
            continue
        if len(line) < 2 or line[1] != "=" or not line[0].isalpha():
            raise malformed("line", line)
        if _CONTROL_CHARACTER.search(line):
            raise malformed("control character", line)
        lines.append((line[0], line[2:]))
    return lines


class AttributeLines:
    """The `a=` lines of one part, taken out by name; `rest()` gives those left, in their order."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines: dict[str, list[str | None]] = {}
        self._order: list[Attribute] = []
        for letter, content in lines:
            if letter != "a":
                continue
            name, colon, value = content.partition(":")
            if not name:
                raise malformed("attribute", content)
            attribute = Attribute(name, value if colon else None)
            self._lines.setdefault(name, []).append(attribute.value)
            self._order.append(attribute)

    def flag(self, name: str) -> bool:
        """Whether a property line such as `a=rtcp-mux` stands there."""
        return bool(self._lines.pop(name, None))

    def every(self, name: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        """All lines of a name, parsed."""
        return tuple(parse(value or "") for value in self._lines.pop(name, ()))

    def single(self, name: str, parse: Callable[[str], T]) -> T | None:
        """The one line of a name; repeating it with another value is malformed."""
        values = self.every(name, parse)
        if any(value != values[0] for value in values):
            raise malformed("repeated", name)
        return values[0] if values else None

    def direction(self) -> Direction | None:
        """The direction line; two different ones are malformed."""
        found = [direction for direction in Direction if self.flag(direction.value)]
        if len(found) > 1:
            raise malformed("direction", " ".join(found))
        return found[0] if found else None

    def transport(self) -> TransportAttributes:
        """The ICE and DTLS lines."""
        options = self.every("ice-options", str.split)
        return TransportAttributes(
            self.single("ice-ufrag", _credential),
            self.single("ice-pwd", _credential),
            tuple(word for words in options for word in words),
            self.every("fingerprint", Fingerprint.parse),
            self.single("setup", Setup.parse),
        )

    def rest(self) -> tuple[Attribute, ...]:
        return tuple(attribute for attribute in self._order if attribute.name in self._lines)


def _credential(value: str) -> str:
    """An ICE ufrag or pwd: ice-char only (RFC 8839 section 5.4)."""
    text = value.strip()
    allowed = text.isascii() and text.translate(_ICE_SYMBOLS).isalnum()
    if not allowed or len(text) > _MAX_CREDENTIAL_CHARACTERS:
        raise malformed("ice credential", f"{len(text)} characters")
    return text


# RFC 8839 allows "+" and "/"; "-", "_" and "=" come from deployed stacks that use base64url, and do no harm.
_ICE_SYMBOLS = str.maketrans(dict.fromkeys("+/-_=", "a"))


def parse_mid(value: str) -> str:
    """An identification tag (RFC 5888): a token short enough for the RTP header extension."""
    text = value.strip()
    if not text or " " in text or "\t" in text or len(text) > MAX_MID_CHARACTERS or not text.isascii():
        raise malformed("mid", value)
    return text


def parse_origin(value: str) -> Origin:
    """The `o=` line."""
    words = value.split()
    if len(words) != 6:
        raise malformed("origin", value)
    return Origin(
        parse_integer(words[1], _MAX_SESSION_NUMBER, "origin"),
        parse_integer(words[2], _MAX_SESSION_NUMBER, "origin"),
        words[0],
        " ".join(words[3:]),
    )


def parse_media_line(value: str) -> MediaDescription:
    """The `m=` line alone: a section without attributes."""
    words = value.split()
    if not 4 <= len(words) <= MAX_FORMATS + 3:
        raise malformed("media", value)
    return MediaDescription(
        words[0], parse_integer(words[1].partition("/")[0], MAX_PORT, "media"), words[2], tuple(words[3:])
    )


def _parse_section(lines: list[Line]) -> MediaDescription:
    """One media section: `lines` starts with its `m=` line."""
    media = parse_media_line(lines[0][1])
    attributes = AttributeLines(lines[1:])
    media = replace(
        media,
        connection=next((content for letter, content in lines if letter == "c"), None),
        mid=attributes.single("mid", parse_mid),
        direction=attributes.direction(),
        transport=attributes.transport(),
        candidates=attributes.every("candidate", Candidate.parse),
        is_end_of_candidates=attributes.flag("end-of-candidates"),
        is_rtcp_mux=attributes.flag("rtcp-mux"),
        is_rtcp_mux_only=attributes.flag("rtcp-mux-only"),
        is_rtcp_reduced_size=attributes.flag("rtcp-rsize"),
        is_bundle_only=attributes.flag("bundle-only"),
        is_extmap_allow_mixed=attributes.flag("extmap-allow-mixed"),
    )
    if media.kind in _RTP_KINDS and "RTP" in media.protocol:
        media = _with_codec_lines(media, attributes)
    return replace(media, other=attributes.rest())


def _inheriting(media: MediaDescription, session_direction: Direction | None) -> MediaDescription:
    """The section with the session's direction where it has none of its own (RFC 8866 section 6.7)."""
    return replace(media, direction=media.direction or session_direction)


def _with_codec_lines(media: MediaDescription, attributes: AttributeLines) -> MediaDescription:
    """The section with the lines that only an RTP section gives a meaning to."""
    for payload_type in media.formats:
        parse_integer(payload_type, 127, "payload type")
    return replace(
        media,
        rtpmaps=attributes.every("rtpmap", RtpMap.parse),
        fmtps=attributes.every("fmtp", Fmtp.parse),
        feedback=attributes.every("rtcp-fb", RtcpFeedback.parse),
        extmaps=attributes.every("extmap", ExtMap.parse),
        msids=attributes.every("msid", Msid.parse),
        ssrc_groups=attributes.every("ssrc-group", SsrcGroup.parse),
        ssrcs=attributes.every("ssrc", SsrcAttribute.parse),
        rids=attributes.every("rid", Rid.parse),
        simulcast=attributes.single("simulcast", Simulcast.parse),
    )


def split_sections(lines: list[Line]) -> tuple[list[Line], list[list[Line]]]:
    """The session's lines, and those of each media section."""
    starts = [index for index, (letter, _) in enumerate(lines) if letter == "m"]
    if len(starts) > MAX_MEDIA_SECTIONS:
        raise RemoteProtocolError("sdp_too_large", f"{len(starts)} media sections")
    bounds = [*starts, len(lines)]
    return lines[: bounds[0]], [lines[start:end] for start, end in pairwise(bounds)]


def parse_description(text: str) -> SessionDescription:
    """The description that `text` holds.

    Raises RemoteProtocolError: `sdp_too_large`, `sdp_malformed`.
    """
    session_lines, section_lines = split_sections(split_lines(text))
    if not session_lines or session_lines[0] != ("v", "0"):
        raise malformed("version", session_lines[0][1] if session_lines else "")
    first: dict[str, str] = {}
    for letter, content in session_lines:
        first.setdefault(letter, content)
    if "o" not in first:
        raise malformed("origin", "")
    attributes = AttributeLines(session_lines)
    direction = attributes.direction()
    media = tuple(_inheriting(_parse_section(lines), direction) for lines in section_lines)
    mids = [section.mid for section in media if section.mid is not None]
    if len(set(mids)) != len(mids):
        raise malformed("mid", " ".join(mids))
    return SessionDescription(
        origin=parse_origin(first["o"]),
        media=media,
        name=first.get("s", "-"),
        timing=first.get("t", "0 0"),
        connection=first.get("c"),
        groups=attributes.every("group", Group.parse),
        is_ice_lite=attributes.flag("ice-lite"),
        is_extmap_allow_mixed=attributes.flag("extmap-allow-mixed"),
        direction=direction,
        transport=attributes.transport(),
        other=attributes.rest(),
    )
