"""Values of the SDP attributes that WebRTC uses, each with its `parse` and `serialize`.

A worked line, `a=extmap:3/sendonly urn:3gpp:video-orientation`: what follows the first colon goes to
`ExtMap.parse`, which gives `ExtMap(3, "urn:3gpp:video-orientation", Direction.SENDONLY, "")`.
Every `parse` raises RemoteProtocolError("sdp_malformed") and nothing else.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from streaming.errors import RemoteProtocolError

MAX_PAYLOAD_TYPE = 127
MAX_SSRC = 0xFFFF_FFFF
MAX_EXTENSION_ID = 4351
"""RFC 8285 section 5: 1-14 one-byte, 1-255 two-byte, 4096-4351 for what an offer has no number left for."""
MAX_PORT = 65535
_MAX_NUMBER_DIGITS = 20
_DIGEST_BYTES = {"sha-1": 20, "sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64}
_MAX_DIGEST_BYTES = 64


def malformed(what: str, text: str) -> RemoteProtocolError:
    """The error for a line that cannot be read; quotes at most 80 characters of it."""
    return RemoteProtocolError("sdp_malformed", f"{what}: {text[:80]!r}")


def parse_integer(text: str, highest: int, what: str, lowest: int = 0) -> int:
    """A plain decimal in [lowest, highest]: no sign, no blank, no underscore, ASCII digits only."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_NUMBER_DIGITS):
        raise malformed(what, text)
    number = int(text)
    if not lowest <= number <= highest:
        raise malformed(what, text)
    return number


def _token(text: str, what: str) -> str:
    if not text or " " in text or "\t" in text:
        raise malformed(what, text)
    return text


class Direction(StrEnum):
    """Media direction (RFC 8866 section 6.7), from the view of whoever wrote the description."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)


class Setup(StrEnum):
    """Who opens the DTLS association (RFC 4145 section 4, RFC 8842 section 5)."""

    ACTIVE = "active"
    PASSIVE = "passive"
    ACTPASS = "actpass"
    HOLDCONN = "holdconn"

    @classmethod
    def parse(cls, value: str) -> Setup:
        try:
            return cls(value.strip().lower())
        except ValueError:
            raise malformed("setup", value) from None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute line that has no type of its own; `value` is None for a property such as `a=rtcp-mux`."""

    name: str
    value: str | None = None

    def serialize(self) -> str:
        return self.name if self.value is None else f"{self.name}:{self.value}"


@dataclass(frozen=True, slots=True)
class RtpMap:
    """`a=rtpmap:111 opus/48000/2`; `channels` is None when the line leaves it out."""

    payload_type: int
    name: str
    clock_rate_hz: int
    channels: int | None = None

    @classmethod
    def parse(cls, value: str) -> RtpMap:
        payload_type, _, encoding = value.partition(" ")
        parts = encoding.strip().split("/")
        if len(parts) not in (2, 3):
            raise malformed("rtpmap", value)
        channels = parse_integer(parts[2], 255, "rtpmap", 1) if len(parts) == 3 else None
        return cls(
            parse_integer(payload_type, MAX_PAYLOAD_TYPE, "rtpmap"),
            _token(parts[0], "rtpmap"),
            parse_integer(parts[1], 10_000_000, "rtpmap", 1),
            channels,
        )

    def serialize(self) -> str:
        channels = "" if self.channels is None else f"/{self.channels}"
        return f"{self.payload_type} {self.name}/{self.clock_rate_hz}{channels}"


@dataclass(frozen=True, slots=True)
class Fmtp:
    """`a=fmtp:97 apt=96`: the text after the payload type is kept as it came."""

    payload_type: int
    text: str

    @classmethod
    def parse(cls, value: str) -> Fmtp:
        payload_type, _, text = value.partition(" ")
        return cls(parse_integer(payload_type, MAX_PAYLOAD_TYPE, "fmtp"), text.strip())

    def serialize(self) -> str:
        return f"{self.payload_type} {self.text}"


def format_parameters(text: str) -> dict[str, str]:
    """`"apt=96;x"` -> `{"apt": "96", "x": ""}`: names in lower case, the first of two equal names wins."""
    parameters: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.strip().partition("=")
        if name:
            parameters.setdefault(name.strip().lower(), value.strip())
    return parameters


@dataclass(frozen=True, slots=True)
class RtcpFeedback:
    """`a=rtcp-fb:96 nack pli`; `payload_type` is None for the wildcard `*` (RFC 4585 section 4.2)."""

    payload_type: int | None
    kind: str

    @classmethod
    def parse(cls, value: str) -> RtcpFeedback:
        payload_type, _, kind = value.partition(" ")
        number = None if payload_type == "*" else parse_integer(payload_type, MAX_PAYLOAD_TYPE, "rtcp-fb")
        words = kind.split()
        if not words:
            raise malformed("rtcp-fb", value)
        return cls(number, " ".join(words))

    def serialize(self) -> str:
        return f"{'*' if self.payload_type is None else self.payload_type} {self.kind}"


@dataclass(frozen=True, slots=True)
class ExtMap:
    """`a=extmap:3/sendonly URI attributes` (RFC 8285 section 5); `attributes` is "" when there are none."""

    id: int
    uri: str
    direction: Direction | None = None
    attributes: str = ""

    @classmethod
    def parse(cls, value: str) -> ExtMap:
        head, _, rest = value.partition(" ")
        number, slash, direction = head.partition("/")
        uri, _, attributes = rest.strip().partition(" ")
        try:
            parsed = Direction(direction) if slash else None
        except ValueError:
            raise malformed("extmap", value) from None
        return cls(
            parse_integer(number, MAX_EXTENSION_ID, "extmap", 1),
            _token(uri, "extmap"),
            parsed,
            attributes.strip(),
        )

    def serialize(self) -> str:
        direction = "" if self.direction is None else f"/{self.direction}"
        attributes = f" {self.attributes}" if self.attributes else ""
        return f"{self.id}{direction} {self.uri}{attributes}"


@dataclass(frozen=True, slots=True)
class SsrcAttribute:
    """`a=ssrc:1234 cname:x` (RFC 5576); `value` is None for a line such as `a=ssrc:1234 mslabel`."""

    ssrc: int
    name: str
    value: str | None = None

    @classmethod
    def parse(cls, value: str) -> SsrcAttribute:
        ssrc, _, rest = value.partition(" ")
        name, colon, content = rest.strip().partition(":")
        return cls(parse_integer(ssrc, MAX_SSRC, "ssrc"), name, content if colon else None)

    def serialize(self) -> str:
        content = "" if self.value is None else f":{self.value}"
        return f"{self.ssrc} {self.name}{content}"


@dataclass(frozen=True, slots=True)
class SsrcGroup:
    """`a=ssrc-group:FID 1 2`: for FID the first is the media SSRC and the second its RTX."""

    semantics: str
    ssrcs: tuple[int, ...]

    @classmethod
    def parse(cls, value: str) -> SsrcGroup:
        semantics, *ssrcs = value.split() or [""]
        return cls(
            _token(semantics, "ssrc-group"),
            tuple(parse_integer(ssrc, MAX_SSRC, "ssrc-group") for ssrc in ssrcs),
        )

    def serialize(self) -> str:
        return " ".join((self.semantics, *map(str, self.ssrcs)))


@dataclass(frozen=True, slots=True)
class Msid:
    """`a=msid:stream track` (RFC 8830); a stream of `-` means none, a missing track is None."""

    stream_id: str
    track_id: str | None = None

    @classmethod
    def parse(cls, value: str) -> Msid:
        words = value.split()
        if len(words) not in (1, 2):
            raise malformed("msid", value)
        return cls(words[0], words[1] if len(words) == 2 else None)

    def serialize(self) -> str:
        return self.stream_id if self.track_id is None else f"{self.stream_id} {self.track_id}"


@dataclass(frozen=True, slots=True)
class Group:
    """`a=group:BUNDLE 0 1` (RFC 5888)."""

    semantics: str
    mids: tuple[str, ...]

    @classmethod
    def parse(cls, value: str) -> Group:
        semantics, *mids = value.split() or [""]
        return cls(_token(semantics, "group"), tuple(mids))

    def serialize(self) -> str:
        return " ".join((self.semantics, *self.mids))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`a=fingerprint:sha-256 AB:CD:…` (RFC 8122): the hash of the certificate that DTLS must present."""

    algorithm: str
    digest: bytes

    @classmethod
    def parse(cls, value: str) -> Fingerprint:
        algorithm, _, text = value.strip().partition(" ")
        pairs = text.strip().split(":")
        if len(pairs) > _MAX_DIGEST_BYTES or any(len(pair) != 2 for pair in pairs):
            raise malformed("fingerprint", value)
        try:
            digest = bytes.fromhex("".join(pairs))
        except ValueError:
            raise malformed("fingerprint", value) from None
        if len(digest) != _DIGEST_BYTES.get(algorithm.lower(), len(digest)):
            raise malformed("fingerprint", value)
        return cls(_token(algorithm.lower(), "fingerprint"), digest)

    def serialize(self) -> str:
        return f"{self.algorithm} {self.digest.hex(':').upper()}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """`a=candidate:1 1 udp 2130706431 192.0.2.1 7881 typ host …` (RFC 8839 section 5.1).

    `address` is whatever stands there: IPv4, IPv6 or an mDNS name. `extensions`: the pairs after it.
    """

    foundation: str
    component: int
    transport: str
    priority: int
    address: str
    port: int
    kind: str
    extensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, value: str) -> Candidate:
        words = value.split()
        if len(words) < 8 or words[6] != "typ" or len(words) % 2:
            raise malformed("candidate", value)
        return cls(
            words[0],
            parse_integer(words[1], 256, "candidate"),
            words[2].lower(),
            parse_integer(words[3], MAX_SSRC, "candidate"),
            words[4],
            parse_integer(words[5], MAX_PORT, "candidate"),
            words[7],
            tuple(zip(words[8::2], words[9::2], strict=True)),
        )

    def serialize(self) -> str:
        head = (
            f"{self.foundation} {self.component} {self.transport} {self.priority} "
            f"{self.address} {self.port} typ {self.kind}"
        )
        return " ".join((head, *(f"{name} {value}" for name, value in self.extensions)))


def host_candidates(addresses: Sequence[str], port: int) -> tuple[Candidate, ...]:
    """One UDP host candidate per address of ours, the first preferred (RFC 8445 section 5.1.2.1).

    Raises ValueError for what is no IP address: that is our own settings, not remote input.
    """
    found = []
    for index, address in enumerate(addresses):
        ip = ipaddress.ip_address(address)
        priority = (126 << 24) | ((65535 - index) << 8) | 255
        found.append(Candidate(str(index + 1), 1, "udp", priority, str(ip), port, "host"))
    return tuple(found)
