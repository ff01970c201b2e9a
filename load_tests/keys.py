"""SRTP session keys from a DTLS association (RFC 5764 4.2, RFC 3711 4.3, RFC 7714 12)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES = 16
AUTHENTICATION_BYTES = 20


class Profile(StrEnum):
    """SRTP protection profiles (RFC 5764 4.1.2, RFC 7714 14.2)."""

    GCM = "gcm"
    CM = "cm"

    @property
    def salt_bytes(self) -> int:
        """Length of master and session salts."""
        return 12 if self is Profile.GCM else 14

    @property
    def exported_bytes(self) -> int:
        """What the DTLS exporter is asked for: two keys, two salts."""
        return 2 * (KEY_BYTES + self.salt_bytes)

    @property
    def openssl_name(self) -> bytes:
        """As OpenSSL calls it."""
        return b"SRTP_AEAD_AES_128_GCM" if self is Profile.GCM else b"SRTP_AES128_CM_SHA1_80"


class Label(IntEnum):
    """Key derivation labels (RFC 3711 4.3.2)."""

    RTP_KEY = 0x00
    RTP_AUTHENTICATION = 0x01
    RTP_SALT = 0x02
    RTCP_KEY = 0x03
    RTCP_AUTHENTICATION = 0x04
    RTCP_SALT = 0x05


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Key, salt and (AES-CM alone) authentication key, back to back, of one direction."""

    rtp: bytes
    rtcp: bytes


def derive(master_key: bytes, master_salt: bytes, label: Label, length_bytes: int) -> bytes:
    """The AES-CM pseudo-random function with a key derivation rate of 0.

    `master_salt` has 12 bytes (GCM) or 14 (AES-CM); a shorter one is padded on the right (RFC 7714 11).
    """
    block = bytearray(master_salt.ljust(14, b"\0") + b"\0\0")
    block[7] ^= label
    encryptor = Cipher(algorithms.AES(master_key), modes.CTR(bytes(block))).encryptor()
    return encryptor.update(bytes(length_bytes))


def session_keys(master_key: bytes, master_salt: bytes, profile: Profile = Profile.GCM) -> SessionKeys:
    """The session values of one direction."""

    def values(key: Label, salt: Label, authentication: Label) -> bytes:
        both = derive(master_key, master_salt, key, KEY_BYTES) + derive(
            master_key, master_salt, salt, profile.salt_bytes
        )
        if profile is Profile.GCM:
            return both
        return both + derive(master_key, master_salt, authentication, AUTHENTICATION_BYTES)

    return SessionKeys(
        rtp=values(Label.RTP_KEY, Label.RTP_SALT, Label.RTP_AUTHENTICATION),
        rtcp=values(Label.RTCP_KEY, Label.RTCP_SALT, Label.RTCP_AUTHENTICATION),
    )


def split_exported(exported: bytes, profile: Profile = Profile.GCM) -> tuple[SessionKeys, SessionKeys]:
    """(client's, server's) session keys from the exporter's output: two keys, then two salts."""
    client_key, server_key = exported[:KEY_BYTES], exported[KEY_BYTES : 2 * KEY_BYTES]
    salts = exported[2 * KEY_BYTES : profile.exported_bytes]
    return (
        session_keys(client_key, salts[: profile.salt_bytes], profile),
        session_keys(server_key, salts[profile.salt_bytes :], profile),
    )
