"""Where a webhook may go: HTTPS to a public address, whatever a name resolves to.

A webhook's address is chosen by whoever administers an organization, and is called from inside the school's
network: without these checks it would reach what only that network should.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from streaming.errors import Refused

MAXIMUM_URL_CHARACTERS = 500
_UNICAST = IPv6Network("2000::/3")
_TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
"""Addresses that carry an IPv4 address along (Teredo, 6to4)."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address taken apart. `host` without brackets; `authority` as the Host header wants it."""

    is_secure: bool
    host: str
    port: int
    authority: str
    target: str


def parse_destination(url: str, *, is_private_allowed: bool) -> Destination:
    """The parts of a webhook's address. Refused: webhook_url_refused.

    Only where private addresses are allowed, plain HTTP is too, and then to this machine alone.
    """
    if len(url) > MAXIMUM_URL_CHARACTERS or not (url.isascii() and url.isprintable()) or " " in url:
        raise _refuse(f"printable ASCII of at most {MAXIMUM_URL_CHARACTERS} characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refuse("not a URL") from None
    if not host or "%" in host or "\\" in url or parts.username is not None or parts.fragment:
        raise _refuse("https://host/path, without a user and without a fragment")
    address = _literal(host)
    if address is not None and not is_permitted(str(address), is_private_allowed=is_private_allowed):
        raise _refuse("not to a private or local address")
    is_here = host == "localhost" or (address is not None and address.is_loopback)
    is_secure = parts.scheme == "https"
    if not is_secure and not (parts.scheme == "http" and is_private_allowed and is_here):
        raise _refuse("https alone")
    if is_here and not is_private_allowed:
        raise _refuse("not to a private or local address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(is_secure, host, port or (443 if is_secure else 80), parts.netloc, target)


def is_permitted(address: str, *, is_private_allowed: bool) -> bool:
    """Whether a message may go to this IP address.

    >>> [is_permitted(a, is_private_allowed=False) for a in ("8.8.8.8", "10.0.0.1", "::ffff:10.0.0.1")]
    [True, False, False]
    """
    parsed = _literal(address.partition("%")[0])
    if parsed is None:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.is_multicast or parsed.is_unspecified:
        return False
    if is_private_allowed:
        return True
    if isinstance(parsed, IPv6Address):
        is_tunnel = any(parsed in tunnel for tunnel in _TUNNELS)
        return parsed.is_global and parsed in _UNICAST and not is_tunnel
    return parsed.is_global


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _refuse(why: str) -> Refused:
    return Refused("webhook_url_refused", f"This address cannot be a webhook's: {why}.")
