"""ICE fragments (`application/trickle-ice-sdpfrag`, RFC 8840), which WHIP and WHEP PATCH (RFC 9725 4.3).

    a=ice-ufrag:EsAw
    a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
    m=audio 9 RTP/AVP 0
    a=mid:0
    a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host
    a=end-of-candidates

gives `IceFragment("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1", (FragmentSection("0", (Candidate(…),), True),))`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from streaming.sdp.attributes import Candidate, malformed
from streaming.sdp.description import TransportAttributes
from streaming.sdp.parsing import (
    AttributeLines,
    Line,
    parse_media_line,
    parse_mid,
    split_lines,
    split_sections,
)
from streaming.sdp.serializing import transport_lines


@dataclass(frozen=True, slots=True)
class FragmentSection:
    """The candidates of one media section, named by its mid."""

    mid: str
    candidates: tuple[Candidate, ...] = ()
    is_end_of_candidates: bool = False
    kind: str = "audio"


@dataclass(frozen=True, slots=True)
class IceFragment:
    """Credentials (new ones ask for an ICE restart) and candidates; a restart's answer carries our own."""

    ice_ufrag: str | None = None
    ice_pwd: str | None = None
    sections: tuple[FragmentSection, ...] = ()
    ice_options: tuple[str, ...] = ()
    is_ice_lite: bool = False
    is_end_of_candidates: bool = False


def _parse_section(lines: list[Line]) -> tuple[FragmentSection, TransportAttributes]:
    media = parse_media_line(lines[0][1])
    attributes = AttributeLines(lines)
    mid = attributes.single("mid", parse_mid)
    if mid is None:
        raise malformed("fragment section without mid", lines[0][1])
    section = FragmentSection(
        mid,
        attributes.every("candidate", Candidate.parse),
        attributes.flag("end-of-candidates"),
        media.kind,
    )
    return section, attributes.transport()


def parse_fragment(text: str) -> IceFragment:
    """The fragment that `text` holds; credentials inside a section count when the head has none.

    Raises RemoteProtocolError: `sdp_too_large`, `sdp_malformed`.
    """
    head_lines, section_lines = split_sections(split_lines(text))
    attributes = AttributeLines(head_lines)
    transport = attributes.transport()
    sections = []
    for lines in section_lines:
        section, section_transport = _parse_section(lines)
        sections.append(section)
        transport = replace(transport).over(section_transport)
    return IceFragment(
        transport.ice_ufrag,
        transport.ice_pwd,
        tuple(sections),
        transport.ice_options,
        attributes.flag("ice-lite"),
        attributes.flag("end-of-candidates"),
    )


def serialize_fragment(fragment: IceFragment) -> str:
    """The text of a fragment, lines ended by CRLF. Head first, then one `m=` part per section."""
    head = TransportAttributes(fragment.ice_ufrag, fragment.ice_pwd, fragment.ice_options)
    lines = ["a=ice-lite"] if fragment.is_ice_lite else []
    lines += [f"a={attribute}" for attribute in transport_lines(head)]
    if fragment.is_end_of_candidates:
        lines.append("a=end-of-candidates")
    for section in fragment.sections:
        # RFC 8840 section 9: the rest of the m= line is a placeholder that carries no meaning.
        lines += [f"m={section.kind} 9 UDP/TLS/RTP/SAVPF 0", f"a=mid:{section.mid}"]
        lines += [f"a=candidate:{candidate.serialize()}" for candidate in section.candidates]
        if section.is_end_of_candidates:
            lines.append("a=end-of-candidates")
    return "".join(f"{line}\r\n" for line in lines)
