"""What the session tests share: deterministic numbers, recorded offers, and answers made from our offers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path

from streaming.identifiers import PeerId, PublicationId
from streaming.sdp.attributes import Direction, Fingerprint, Setup, host_candidates
from streaming.sdp.description import SessionDescription, TransportAttributes
from streaming.sdp.parsing import parse_description
from streaming.sdp.serializing import serialize_description
from streaming.session.association import Association, LocalFace
from streaming.session.media import Codec, MediaKind, Publication, Source
from streaming.session.numbers import Numbers

VECTORS = Path(__file__).parents[2] / "vectors" / "sdp"
SECOND_NS = 1_000_000_000
FACE = LocalFace(
    Fingerprint("sha-256", bytes(range(32))), host_candidates(["192.0.2.1", "2001:db8::1"], 41300)
)
REMOTE_FINGERPRINT = Fingerprint("sha-256", bytes(reversed(range(32))))


def vector(name: str) -> str:
    """A recorded description of a real peer."""
    return (VECTORS / f"{name}.sdp").read_text()


def seeded_numbers(seed: str = "tandem") -> Numbers:
    """Numbers from a seeded stream of bytes."""
    calls = count()

    def random_bytes(size: int) -> bytes:
        return hashlib.shake_128(f"{seed}:{next(calls)}".encode()).digest(size)

    return Numbers(random_bytes)


def new_association(numbers: Numbers) -> Association:
    return Association(FACE, numbers, cname="tandem", connect_timeout_ns=20 * SECOND_NS)


def publication(name: str, kind: MediaKind = MediaKind.VIDEO, codec: Codec | None = None) -> Publication:
    """A publication of some other peer."""
    is_video = kind is MediaKind.VIDEO
    return Publication(
        id=PublicationId(f"pub_{name}"),
        peer=PeerId("peer_publisher"),
        kind=kind,
        source=Source.CAMERA if is_video else Source.MICROPHONE,
        mid="0",
        codec=codec or (Codec.VP8 if is_video else Codec.OPUS),
        clock_rate_hz=90_000 if is_video else 48_000,
        channels=1 if is_video else 2,
        fmtp="",
        rids=(),
    )


def answer_to(
    offer: str,
    *,
    refused_mids: Iterable[str] = (),
    fingerprint: Fingerprint = REMOTE_FINGERPRINT,
    ufrag: str = "wxyz",
) -> str:
    """The answer of a willing browser: every section received, but those refused by port 0."""
    description = parse_description(offer)
    refused = set(refused_mids)
    transport = TransportAttributes(ufrag, "p" * 24, (), (fingerprint,), Setup.ACTIVE)
    media = tuple(
        replace(
            section,
            port=0 if section.mid in refused else section.port,
            direction=(Direction.RECVONLY if section.direction is Direction.SENDONLY else Direction.INACTIVE),
            transport=transport,
            candidates=(),
            msids=(),
            ssrcs=(),
            ssrc_groups=(),
        )
        for section in description.media
    )
    answer: SessionDescription = replace(description, media=media, is_ice_lite=False)
    return serialize_description(answer)
