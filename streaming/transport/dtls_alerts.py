"""Alerts of a DTLS 1.2 association whose handshake is over, without OpenSSL's state (RFC 6347 4.1, RFC 5288).

After the handshake an association of WebRTC without data channels carries nothing but the goodbye. OpenSSL
keeps about 90 KiB of handshake and record buffers for it; these keys are 120 bytes.

Example: close_notify is the plaintext 01 00 (warning, close_notify) in a record of 13 + 8 + 2 + 16 bytes.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_HEADER_BYTES = 13
_SALT_BYTES = 4
_EXPLICIT_NONCE_BYTES = 8
_TAG_BYTES = 16
_CONTENT_ALERT = 21
_ALERT = bytes([_CONTENT_ALERT]) + b"\xfe\xfd"
_CLOSE_NOTIFY = b"\x01\x00"
_FATAL = 2
# The handshake's own records in this epoch are few; numbers may leave gaps but must not repeat (a GCM nonce).
_OWN_NUMBER = (1 << 48) + (1 << 20)
_SUITES = {"AES128-GCM-SHA256": (16, "sha256"), "AES256-GCM-SHA384": (32, "sha384")}


@dataclass(frozen=True, slots=True)
class AlertKeys:
    """Record keys and implicit nonces of both directions."""

    local_key: bytes
    local_salt: bytes
    remote_key: bytes
    remote_salt: bytes


def derive_alert_keys(
    suite: str, master_secret: bytes, client_random: bytes, server_random: bytes, *, is_server: bool
) -> AlertKeys | None:
    """The key block of RFC 5246 6.3. `suite` is OpenSSL's name; None when it is not one of AES-GCM."""
    found = next((shape for ending, shape in _SUITES.items() if suite.endswith(ending)), None)
    if found is None:
        return None
    key_bytes, digest = found
    block = _expand(master_secret, b"key expansion" + server_random + client_random, digest)[
        : 2 * (key_bytes + _SALT_BYTES)
    ]
    client_key, server_key = block[:key_bytes], block[key_bytes : 2 * key_bytes]
    salts = block[2 * key_bytes :]
    client_salt, server_salt = salts[:_SALT_BYTES], salts[_SALT_BYTES:]
    if is_server:
        return AlertKeys(server_key, server_salt, client_key, client_salt)
    return AlertKeys(client_key, client_salt, server_key, server_salt)


def ends_association(keys: AlertKeys, datagram: bytes) -> bool:
    """Whether an authentic alert in `datagram` says goodbye or is fatal."""
    alerts = (_open(keys, record) for record in _records(datagram) if record[0] == _CONTENT_ALERT)
    return any(alert == _CLOSE_NOTIFY or (len(alert) == 2 and alert[0] == _FATAL) for alert in alerts)


def seal_close_notify(keys: AlertKeys) -> bytes:
    """The goodbye, once: a second one would repeat its number."""
    number = _OWN_NUMBER.to_bytes(_EXPLICIT_NONCE_BYTES, "big")
    sealed = AESGCM(keys.local_key).encrypt(
        keys.local_salt + number, _CLOSE_NOTIFY, _additional_data(number, _ALERT, len(_CLOSE_NOTIFY))
    )
    length = (_EXPLICIT_NONCE_BYTES + len(sealed)).to_bytes(2, "big")
    return _ALERT + number + length + number + sealed


def _expand(secret: bytes, seed: bytes, digest: str) -> bytes:
    """P_hash of RFC 5246 5, 128 bytes or more."""
    output, link = b"", seed
    while len(output) < 128:
        link = hmac.digest(secret, link, digest)
        output += hmac.digest(secret, link + seed, digest)
    return output


def _records(datagram: bytes) -> Iterator[bytes]:
    position = 0
    while position + _HEADER_BYTES <= len(datagram):
        end = position + _HEADER_BYTES + int.from_bytes(datagram[position + 11 : position + 13], "big")
        if end <= len(datagram):
            yield datagram[position:end]
        position = end


def _open(keys: AlertKeys, record: bytes) -> bytes:
    """The plaintext; empty when the record is not authentic."""
    body = record[_HEADER_BYTES:]
    plain_bytes = len(body) - _EXPLICIT_NONCE_BYTES - _TAG_BYTES
    if plain_bytes < 0:
        return b""
    nonce = keys.remote_salt + body[:_EXPLICIT_NONCE_BYTES]
    try:
        return AESGCM(keys.remote_key).decrypt(
            nonce, body[_EXPLICIT_NONCE_BYTES:], _additional_data(record[3:11], record[:3], plain_bytes)
        )
    except InvalidTag:
        return b""


def _additional_data(number: bytes, kind: bytes, plain_bytes: int) -> bytes:
    """`number` with the epoch before it, `kind` the record's type and version (RFC 5246 6.2.3.3)."""
    return number + kind + plain_bytes.to_bytes(2, "big")
