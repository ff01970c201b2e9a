"""Answer a viewer (WHEP): it offers to receive, we send at most one voice and one picture.

All codecs in common stay in the answer, because sources of other codecs are switched inside the section.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from streaming.sdp.attributes import Direction, Setup
from streaming.sdp.capabilities import PUBLISH_PREFERENCE, SENT_EXTENSIONS, CodecName, MediaKind
from streaming.sdp.description import MediaDescription, SessionDescription
from streaming.sdp.formats import (
    Extensions,
    NegotiatedCodec,
    check_bundle_numbers,
    extension_lines,
    kind_of,
    most_preferred,
    shared_extensions,
    supported_codecs,
    with_codec_lines,
    without_transport_cc,
)
from streaming.sdp.negotiation import (
    Layout,
    LocalTransport,
    RemoteTransport,
    allows_mixed_extensions,
    answered_setup,
    bundled_sections,
    check_layout,
    check_section,
    describe_answer,
    has_known_protocol,
    is_ice_restart,
    layout_of,
    remote_transport,
    transport_section,
    unsupported,
)
from streaming.sdp.sending import with_stream_lines


@dataclass(frozen=True, slots=True)
class ViewSource:
    """What we send in a section for the life of the viewer, whichever publication feeds it."""

    ssrc: int
    rtx_ssrc: int | None
    cname: str
    stream_id: str
    track_id: str


@dataclass(frozen=True, slots=True)
class ViewPlan:
    """What we would send: None refuses the sections of a kind. `preferred`: codecs of the present sources."""

    audio: ViewSource | None
    video: ViewSource | None
    preferred: tuple[CodecName, ...] = ()

    def source(self, kind: MediaKind) -> ViewSource | None:
        return self.audio if kind is MediaKind.AUDIO else self.video


@dataclass(frozen=True, slots=True)
class ViewSection:
    """An accepted section, with every codec that may be sent in it, most preferred first."""

    mid: str
    index: int
    kind: MediaKind
    is_receiving: bool
    codecs: tuple[NegotiatedCodec, ...]
    source: ViewSource
    extensions: Extensions


@dataclass(frozen=True, slots=True)
class NegotiatedView:
    """The outcome of one offer; give it to the next call for the same transport as `previous`."""

    transport: RemoteTransport
    sections: tuple[ViewSection, ...]
    allows_mixed_extensions: bool
    session_version: int
    is_ice_restart: bool
    layout: Layout


def _accept(
    media: MediaDescription, index: int, plan: ViewPlan, *, is_mixed_allowed: bool
) -> ViewSection | None:
    """What a section comes to, None when we have nothing that it can play."""
    kind = kind_of(media)
    source = None if kind is None else plan.source(kind)
    codecs = most_preferred(supported_codecs(media), (*plan.preferred, *PUBLISH_PREFERENCE))
    if kind is None or source is None or not codecs or not has_known_protocol(media):
        return None
    check_section(media)
    extensions = shared_extensions(
        media, SENT_EXTENSIONS[kind], remote_sends=False, is_mixed_allowed=is_mixed_allowed
    )
    return ViewSection(
        mid=media.mid or "",
        index=index,
        kind=kind,
        is_receiving=media.effective_direction.receives,
        codecs=tuple(without_transport_cc(codec, extensions) for codec in codecs),
        source=source,
        extensions=extensions,
    )


def _accept_all(offer: SessionDescription, plan: ViewPlan) -> tuple[ViewSection, ...]:
    """The first section of each kind that can be served, in the offer's order."""
    bundled = {id(media) for media in bundled_sections(offer)}
    is_mixed_allowed = allows_mixed_extensions(offer)
    accepted: dict[MediaKind, ViewSection] = {}
    for index, media in enumerate(offer.media):
        if id(media) not in bundled:
            continue
        section = _accept(media, index, plan, is_mixed_allowed=is_mixed_allowed)
        if section is not None:
            accepted.setdefault(section.kind, section)
    return tuple(sorted(accepted.values(), key=lambda section: section.index))


def _answer_section(
    offered: MediaDescription, section: ViewSection, local: LocalTransport, setup: Setup
) -> MediaDescription:
    media = transport_section(offered.kind, offered.protocol, offered.mid, local, setup)
    media = with_codec_lines(media, section.codecs)
    media = replace(
        media,
        direction=Direction.SENDONLY if section.is_receiving else Direction.INACTIVE,
        extmaps=extension_lines(section.extensions),
    )
    return with_stream_lines(media, section.source) if section.is_receiving else media


def answer_view(
    offer: SessionDescription,
    local: LocalTransport,
    plan: ViewPlan,
    previous: NegotiatedView | None = None,
) -> tuple[SessionDescription, NegotiatedView]:
    """The answer to a viewer's offer, and what was agreed.

    `previous` and ICE restarts: as for `publish.answer_publish`. Raises RemoteProtocolError:
    `sdp_unsupported`, `sdp_malformed`.
    """
    transport = remote_transport(offer, is_answer=False)
    if previous is not None:
        check_layout(offer, previous.layout)
    sections = _accept_all(offer, plan)
    if not sections:
        raise unsupported("no section in common")
    check_bundle_numbers([(section.codecs, section.extensions) for section in sections])
    setup = answered_setup(transport)
    answered = {s.index: _answer_section(offer.media[s.index], s, local, setup) for s in sections}
    version = 1 if previous is None else previous.session_version + 1
    answer = describe_answer(offer, answered, local, version)
    negotiated = NegotiatedView(
        transport=transport,
        sections=sections,
        allows_mixed_extensions=answer.is_extmap_allow_mixed,
        session_version=version,
        is_ice_restart=previous is not None and is_ice_restart(offer, previous.transport),
        layout=layout_of(answer),
    )
    return answer, negotiated
