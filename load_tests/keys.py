"""SRTP session keys from a DTLS association (RFC 5764 4.2, RFC 3711 4.3, RFC 7714 12)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES = 16
SALT_BYTES = 12
EXPORTED_BYTES = 2 * (KEY_BYTES + SALT_BYTES)


class Label(IntEnum):
    """Key derivation labels (RFC 3711 4.3.2)."""

    RTP_KEY = 0x00
    RTP_SALT = 0x02
    RTCP_KEY = 0x03
    RTCP_SALT = 0x05


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Key and salt, back to back (28 bytes), of one direction."""

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


def session_keys(master_key: bytes, master_salt: bytes) -> SessionKeys:
    """The four session values of AEAD_AES_128_GCM."""
    return SessionKeys(
        rtp=derive(master_key, master_salt, Label.RTP_KEY, KEY_BYTES)
        + derive(master_key, master_salt, Label.RTP_SALT, SALT_BYTES),
        rtcp=derive(master_key, master_salt, Label.RTCP_KEY, KEY_BYTES)
        + derive(master_key, master_salt, Label.RTCP_SALT, SALT_BYTES),
    )


def split_exported(exported: bytes) -> tuple[SessionKeys, SessionKeys]:
    """(client's, server's) session keys from the exporter's output: two keys, then two salts."""
    client_key, server_key = exported[:KEY_BYTES], exported[KEY_BYTES : 2 * KEY_BYTES]
    salts = exported[2 * KEY_BYTES :]
    return (
        session_keys(client_key, salts[:SALT_BYTES]),
        session_keys(server_key, salts[SALT_BYTES:EXPORTED_BYTES]),
    )
