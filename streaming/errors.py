"""The four kinds of error (see docs/protocol.md for every code).

`RemoteProtocolError`: a peer broke its protocol: answer, count, close. `LocalProtocolError`: our own bug:
let it rise. `Refused`: the request is well formed and not permitted: answer. `Unavailable`: the world
failed (no capacity, no disk): degrade and say so.
"""

from __future__ import annotations


class TandemError(Exception):
    """An error with a stable `code` (documented in docs/protocol.md) and a sentence for people."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class RemoteProtocolError(TandemError):
    """A remote peer sent what its protocol does not allow."""


class LocalProtocolError(TandemError):
    """This program misused one of its own parts: a bug."""


class Refused(TandemError):
    """A well-formed request that is not permitted, or not possible in the present state."""


class Unavailable(TandemError):
    """Something outside failed or is full; the request may succeed later."""

    def __init__(self, code: str, detail: str = "", *, retry_after_s: int = 5) -> None:
        super().__init__(code, detail)
        self.retry_after_s = retry_after_s
