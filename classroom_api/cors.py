"""Who may read answers from another origin: WHIP and WHEP clients, on any page of the web."""

from __future__ import annotations

from collections.abc import Mapping

_OPEN_PATHS = ("/whip/", "/whep/")
_ANY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, ETag, Link, Retry-After, WWW-Authenticate",
}


def cors_headers(path: str) -> Mapping[str, str]:
    """What every answer of `path` carries, refusals and failures too: the token is the permission.

    Example: `cors_headers("/api/v1/lessons")` is empty.
    """
    return _ANY_ORIGIN if path.startswith(_OPEN_PATHS) else {}
