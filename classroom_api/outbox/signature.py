"""Standard Webhooks: the secret of a webhook, and the headers that prove who sent a message.

The secret is derived from the server's own secret, so that the database never holds it: who reads a backup
of the database can forge nothing. It is as lasting as `keys.json`, and is renewed by counting up its version.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

_PREFIX = "whsec_"
OVERLAP_MS = 86_400_000
"""How long after a renewal messages carry the older secret's signature too."""


def webhook_key(server_secret: str, webhook: str, secret_version: int) -> bytes:
    """The 32 bytes that sign the messages of a webhook."""
    message = f"tandem webhook {webhook} {secret_version}".encode()
    return hmac.digest(server_secret.encode(), message, hashlib.sha256)


def serialize_secret(key: bytes) -> str:
    """As it is shown, once, to who made the webhook.

    >>> serialize_secret(bytes(3))
    'whsec_AAAA'
    """
    return _PREFIX + base64.b64encode(key).decode()


def signed_headers(keys: list[bytes], message: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """`message`: the id by which a receiver knows it again. The signature covers id, time and body."""
    signed = f"{message}.{timestamp_s}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def keys_in_force(
    server_secret: str, webhook: str, secret_version: int, renewed_at_ms: int, now_ms: int
) -> list[bytes]:
    """The present key, and for a day after a renewal the one before."""
    keys = [webhook_key(server_secret, webhook, secret_version)]
    if secret_version > 1 and now_ms - renewed_at_ms < OVERLAP_MS:
        keys.append(webhook_key(server_secret, webhook, secret_version - 1))
    return keys
