"""SRTP protection profiles and the keys that DTLS exports for them (RFC 5764 section 4.2, RFC 7714).

The exporter yields `client key | server key | client salt | server salt`.  For AEAD_AES_128_GCM that is
16 + 16 + 12 + 12 = 56 bytes: a DTLS server sends with 16-31 and 44-55, and receives with 0-15 and 32-43.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

EXPORTER_LABEL = b"EXTRACTOR-dtls_srtp"


class SrtpProfile(StrEnum):
    """Profiles that the native worker speaks, the cheapest to run first: the order of our preference."""

    AEAD_AES_128_GCM = "AEAD_AES_128_GCM"
    AEAD_AES_256_GCM = "AEAD_AES_256_GCM"
    AES_CM_128_HMAC_SHA1_80 = "AES_CM_128_HMAC_SHA1_80"


@dataclass(frozen=True, slots=True)
class _Shape:
    openssl_name: bytes
    key_bytes: int
    salt_bytes: int


_SHAPES = {
    SrtpProfile.AEAD_AES_128_GCM: _Shape(b"SRTP_AEAD_AES_128_GCM", 16, 12),
    SrtpProfile.AEAD_AES_256_GCM: _Shape(b"SRTP_AEAD_AES_256_GCM", 32, 12),
    SrtpProfile.AES_CM_128_HMAC_SHA1_80: _Shape(b"SRTP_AES128_CM_SHA1_80", 16, 14),
}
OPENSSL_PROFILES = b":".join(shape.openssl_name for shape in _SHAPES.values())


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """Master key followed by master salt, for each direction."""

    profile: SrtpProfile
    local: bytes = field(repr=False)
    remote: bytes = field(repr=False)


def profile_of_openssl(name: bytes) -> SrtpProfile | None:
    """The profile that OpenSSL calls `name`; None for the empty name (nothing agreed) or an unknown one."""
    return next((profile for profile, shape in _SHAPES.items() if shape.openssl_name == name), None)


def exported_bytes(profile: SrtpProfile) -> int:
    """How many bytes to ask of the exporter."""
    shape = _SHAPES[profile]
    return 2 * (shape.key_bytes + shape.salt_bytes)


def split_exported(profile: SrtpProfile, material: bytes, *, is_server: bool) -> SrtpKeys:
    """The keys of both directions, seen from the DTLS server (`is_server`) or the client."""
    if len(material) != exported_bytes(profile):
        raise ValueError(f"{profile} takes {exported_bytes(profile)} exported bytes, not {len(material)}")
    shape = _SHAPES[profile]
    keys_end = 2 * shape.key_bytes
    client = material[: shape.key_bytes] + material[keys_end : keys_end + shape.salt_bytes]
    server = material[shape.key_bytes : keys_end] + material[keys_end + shape.salt_bytes :]
    return SrtpKeys(profile, server, client) if is_server else SrtpKeys(profile, client, server)
