"""From a description to SDP text, in the order in which RFC 8829 section 5.2 writes its lines."""

from __future__ import annotations

from collections.abc import Iterator

from streaming.sdp.attributes import Attribute
from streaming.sdp.description import MediaDescription, SessionDescription, TransportAttributes


def transport_lines(transport: TransportAttributes) -> Iterator[str]:
    """The ICE and DTLS attributes, without `a=`."""
    if transport.ice_ufrag is not None:
        yield f"ice-ufrag:{transport.ice_ufrag}"
    if transport.ice_pwd is not None:
        yield f"ice-pwd:{transport.ice_pwd}"
    if transport.ice_options:
        yield f"ice-options:{' '.join(transport.ice_options)}"
    for fingerprint in transport.fingerprints:
        yield f"fingerprint:{fingerprint.serialize()}"
    if transport.setup is not None:
        yield f"setup:{transport.setup}"


def _other_lines(other: tuple[Attribute, ...]) -> Iterator[str]:
    return (attribute.serialize() for attribute in other)


def _codec_lines(media: MediaDescription) -> Iterator[str]:
    """Each payload type's rtpmap, feedback and fmtp together, as everybody writes them."""
    written: set[int] = set()
    yield from (f"rtcp-fb:{line.serialize()}" for line in media.feedback if line.payload_type is None)
    for rtpmap in media.rtpmaps:
        number = rtpmap.payload_type
        yield f"rtpmap:{rtpmap.serialize()}"
        if number in written:
            continue
        written.add(number)
        yield from (f"rtcp-fb:{line.serialize()}" for line in media.feedback if line.payload_type == number)
        yield from (f"fmtp:{line.serialize()}" for line in media.fmtps if line.payload_type == number)
    # RFC 3551's static payload types need no rtpmap, yet may carry feedback and parameters.
    unmapped = [line for line in media.feedback if line.payload_type not in written]
    yield from (f"rtcp-fb:{line.serialize()}" for line in unmapped if line.payload_type is not None)
    yield from (f"fmtp:{line.serialize()}" for line in media.fmtps if line.payload_type not in written)


def _media_attributes(media: MediaDescription) -> Iterator[str]:
    yield from (f"candidate:{candidate.serialize()}" for candidate in media.candidates)
    if media.is_end_of_candidates:
        yield "end-of-candidates"
    yield from transport_lines(media.transport)
    if media.mid is not None:
        yield f"mid:{media.mid}"
    yield from (f"extmap:{extmap.serialize()}" for extmap in media.extmaps)
    if media.direction is not None:
        yield media.direction.value
    yield from (f"msid:{msid.serialize()}" for msid in media.msids)
    flags = {
        "bundle-only": media.is_bundle_only,
        "rtcp-mux": media.is_rtcp_mux,
        "rtcp-mux-only": media.is_rtcp_mux_only,
        "rtcp-rsize": media.is_rtcp_reduced_size,
        "extmap-allow-mixed": media.is_extmap_allow_mixed,
    }
    yield from (name for name, is_set in flags.items() if is_set)
    yield from _codec_lines(media)
    yield from (f"ssrc-group:{group.serialize()}" for group in media.ssrc_groups)
    yield from (f"ssrc:{ssrc.serialize()}" for ssrc in media.ssrcs)
    yield from (f"rid:{rid.serialize()}" for rid in media.rids)
    if media.simulcast is not None:
        yield f"simulcast:{media.simulcast.serialize()}"
    yield from _other_lines(media.other)


def _session_attributes(description: SessionDescription) -> Iterator[str]:
    yield from (f"group:{group.serialize()}" for group in description.groups)
    if description.is_extmap_allow_mixed:
        yield "extmap-allow-mixed"
    if description.is_ice_lite:
        yield "ice-lite"
    if description.direction is not None:
        yield description.direction.value
    yield from transport_lines(description.transport)
    yield from _other_lines(description.other)


def serialize_description(description: SessionDescription) -> str:
    """The text of a description, lines ended by CRLF."""
    origin = description.origin
    lines = [
        "v=0",
        f"o={origin.username} {origin.session_id} {origin.version} {origin.address}",
        f"s={description.name}",
    ]
    if description.connection is not None:
        lines.append(f"c={description.connection}")
    lines.append(f"t={description.timing}")
    lines += [f"a={attribute}" for attribute in _session_attributes(description)]
    for media in description.media:
        lines.append(f"m={media.kind} {media.port} {media.protocol} {' '.join(media.formats)}")
        if media.connection is not None:
            lines.append(f"c={media.connection}")
        lines += [f"a={attribute}" for attribute in _media_attributes(media)]
    return "\r\n".join(lines) + "\r\n"
