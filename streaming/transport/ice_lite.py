"""ICE-lite (RFC 8445 section 2.5): we never send checks; we answer those that know our password.

What remains on this side is credentials: making them, and keeping the last two generations, because during
an ICE restart (section 9) checks of the old one arrive until the peer has nominated a pair of the new one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

_UFRAG_BYTES = 9  # 72 bits: unique over all transports of a worker, which finds a transport by it
_PWD_BYTES = 24  # 192 bits, 32 characters (RFC 8445 section 5.3 wants 128 bits)


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """A user name fragment and its password."""

    ufrag: str
    pwd: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CredentialPair:
    """Our credentials with the fragment of the peer that uses them; empty while it is unknown."""

    local: IceCredentials
    remote_ufrag: str


def create_credentials(random_bytes: Callable[[int], bytes]) -> IceCredentials:
    """New credentials of `ice-char`s (RFC 8839 section 5.4: letters, digits, + and /)."""
    ufrag, pwd = (base64.b64encode(random_bytes(size)).decode() for size in (_UFRAG_BYTES, _PWD_BYTES))
    return IceCredentials(ufrag, pwd)


class IceLiteAgent:
    """The credentials of one transport.

    Invariant: `pairs` has one or two entries, the newest first.  Candidates of the peer have no place here:
    its checks tell its address.
    """

    def __init__(self, local: IceCredentials) -> None:
        self.pairs: tuple[CredentialPair, ...] = (CredentialPair(local, ""),)

    @property
    def local(self) -> IceCredentials:
        """The newest credentials of ours."""
        return self.pairs[0].local

    @property
    def remote_ufrag(self) -> str:
        """The peer's newest fragment, empty while unknown."""
        return self.pairs[0].remote_ufrag

    def handle_remote(self, ufrag: str) -> None:
        """The peer's description named its fragment for our newest credentials."""
        self.pairs = (CredentialPair(self.local, ufrag), *self.pairs[1:])

    def restart(self, local: IceCredentials, remote_ufrag: str = "") -> None:
        """Begin a new generation; the one before stays valid, older ones do not."""
        self.pairs = (CredentialPair(local, remote_ufrag), self.pairs[0])
