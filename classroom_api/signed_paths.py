"""Signed paths: `/media/{expiry}.{signature}/{resource}/…`, and likewise below `/slides` and `/photos`.

The signature covers expiry and resource and stands in the path's prefix, so that segments, which a playlist
names relative to itself, inherit it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from streaming.errors import Refused

_SIGNATURE_CHARACTERS = 32


class PathSigner:
    """Signs with HMAC-SHA256 under a key derived from the server's secret."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"tandem media path", hashlib.sha256)

    def prefix(self, resource: str, expires_at_s: int, face: str = "media") -> str:
        """`/{face}/{expiry}.{signature}/{resource}` without a slash at the end."""
        return f"/{face}/{expires_at_s}.{self._signature(resource, expires_at_s)}/{resource}"

    def check(self, stamp: str, resource: str, now_s: float) -> None:
        """Refused: token_invalid (forged), token_expired."""
        expiry, _, signature = stamp.partition(".")
        if not (expiry.isascii() and expiry.isdigit() and len(expiry) <= 12):
            raise Refused("token_invalid", "This is not a signed media path.")
        if not hmac.compare_digest(signature.encode(), self._signature(resource, int(expiry)).encode()):
            raise Refused("token_invalid", "The media path's signature is wrong.")
        if int(expiry) <= now_s:
            raise Refused("token_expired", "The link to this is over: open its page again.")

    def _signature(self, resource: str, expires_at_s: int) -> str:
        digest = hmac.digest(self._key, f"{expires_at_s}/{resource}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode()[:_SIGNATURE_CHARACTERS]
