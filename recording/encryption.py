"""Logs that cannot be read without a key: AES-256-GCM per record, one random key per log, wrapped by a
master key.

```
{log}.key = "TANDKEY1" | 8 bytes: which master key | 12 bytes nonce | 48 bytes: the log's key, wrapped
record's data = u64 number | ciphertext | 16 bytes tag ```  The wrapping names the log as associated data,
a record its kind and arrival.  Kind, arrival and checksum stay readable: torn writes are found, and a dead
recorder's logs sealed, without any key.  Deleting the small key file forgets the log.

A number is a record's nonce.  It counts up in memory, and a log is written by one process in one go: one that
starts again begins another log with another key.  So no nonce comes twice under a key, whatever is killed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import struct
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recording.rtplog import Record
from streaming.errors import Refused

KEY_SUFFIX = ".key"
KEY_BYTES = 32
_MAGIC = b"TANDKEY1"
_NAME_BYTES = 8
_NONCE_BYTES = 12
_NUMBER = struct.Struct(">4xQ")
_ASSOCIATED = struct.Struct(">BQ")


class LogCipher:
    """Encrypts and decrypts the records of one log. Invariant: `_number` only grows."""

    __slots__ = ("_aead", "_number")

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._number = 0

    def encrypt(self, record: Record) -> Record:
        """The same record, readable with the key alone."""
        nonce = _NUMBER.pack(self._number)
        self._number += 1
        data = nonce[4:] + self._aead.encrypt(nonce, record.data, _associated(record))
        return replace(record, data=data, is_encrypted=True)

    def decrypt(self, record: Record) -> Record | None:
        """The record as it was; None where it is not of this log, or was changed."""
        try:
            data = self._aead.decrypt(b"\0\0\0\0" + record.data[:8], record.data[8:], _associated(record))
        except (InvalidTag, ValueError):
            return None
        return replace(record, data=data, is_encrypted=False)


def _associated(record: Record) -> bytes:
    return _ASSOCIATED.pack(record.kind, record.arrival_ns)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys: the first writes, all read. Empty: logs are not encrypted."""

    keys: tuple[bytes, ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Base64 keys of 32 bytes, separated by commas. ValueError says what is wrong, without the key."""
        keys = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            try:
                key = base64.b64decode(part, validate=True)
            except binascii.Error:
                raise ValueError("a recording key is base64: openssl rand -base64 32") from None
            if len(key) != KEY_BYTES:
                raise ValueError(f"a recording key has {KEY_BYTES} bytes: openssl rand -base64 {KEY_BYTES}")
            keys.append(key)
        return cls(tuple(keys))

    def serialize(self) -> str:
        """What `parse` reads: for a pipe to a process of our own, and nothing else."""
        return ",".join(base64.b64encode(key).decode() for key in self.keys)

    def create(self, log: str) -> tuple[LogCipher, bytes]:
        """A new log's cipher, and the bytes of its key file."""
        key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)
        master = self.keys[0]
        wrapped = AESGCM(master).encrypt(nonce, key, log.encode())
        return LogCipher(key), _MAGIC + _name(master) + nonce + wrapped

    def open(self, log: str, data: bytes) -> LogCipher:
        """The cipher of a log whose key file holds `data`. Refused: recording_key_wrong."""
        name = data[len(_MAGIC) : len(_MAGIC) + _NAME_BYTES]
        wrapped = data[len(_MAGIC) + _NAME_BYTES :]
        for master in self.keys:
            if data.startswith(_MAGIC) and _name(master) == name:
                try:
                    nonce, rest = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
                    return LogCipher(AESGCM(master).decrypt(nonce, rest, log.encode()))
                except (InvalidTag, ValueError):
                    break
        raise Refused(
            "recording_key_wrong",
            f"The recording {log} was written with key {name.hex() or '?'}; "
            f"given are {', '.join(_name(key).hex() for key in self.keys) or 'none'}. Add that key to "
            "TANDEM_RECORDING_KEY, behind a comma.",
        )


def _name(master: bytes) -> bytes:
    """Tells keys apart and says nothing of them."""
    return hashlib.sha256(b"tandem recording key" + master).digest()[:_NAME_BYTES]
