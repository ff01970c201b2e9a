"""How long a transport may live without its peer: the rules, as a clock (RFC 7675 section 5.1).

The native worker watches authenticated checks and says when none came for 30 s.  Before the first keys exist
there is nothing to watch, so that time is limited here: a peer that never came is removed.
"""

from __future__ import annotations

from enum import StrEnum


class LossReason(StrEnum):
    """Why a transport is given up; these are reasons of `PeerClosed`."""

    CONNECT_TIMEOUT = "connect_timeout"
    CONSENT_EXPIRED = "consent_expired"


class Consent:
    """Give it an input with `now_ns`, then read `lost` and `deadline_ns`.

    Invariants: `deadline_ns` is None once secured or lost; `lost` never changes after it was set.
    """

    def __init__(self, *, connect_timeout_ns: int, now_ns: int) -> None:
        self.lost: LossReason | None = None
        self.deadline_ns: int | None = now_ns + connect_timeout_ns

    def handle_secured(self) -> None:
        """ICE and DTLS are complete: from now on the worker's expiry decides."""
        self.deadline_ns = None

    def handle_expired(self) -> None:
        """The worker saw no authenticated check for 30 s."""
        self._lose(LossReason.CONSENT_EXPIRED)

    def handle_time(self, now_ns: int) -> None:
        """Time passed."""
        if self.deadline_ns is not None and now_ns >= self.deadline_ns:
            self._lose(LossReason.CONNECT_TIMEOUT)

    def _lose(self, reason: LossReason) -> None:
        self.lost = self.lost or reason
        self.deadline_ns = None
