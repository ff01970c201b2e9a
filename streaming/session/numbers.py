"""Where peers get numbers, names and secrets from: one source per media server, fed by its shell."""

from __future__ import annotations

from collections.abc import Callable

from streaming.identifiers import RANDOM_BYTES, PublicationId, format_identifier
from streaming.transport.ice_lite import IceCredentials, create_credentials


class Numbers:
    """Invariant: worker numbers grow from 1 and are never given twice."""

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random_bytes = random_bytes
        self._last_number = 0

    def next_number(self) -> int:
        """A number for a transport, track, subscription or clock source of the worker."""
        self._last_number += 1
        return self._last_number

    def ssrc(self, taken: set[int]) -> int:
        """32 random bits, not 0 and not in `taken` (all ever used under one key), to which it is added."""
        while True:
            ssrc = int.from_bytes(self._random_bytes(4), "big")
            if ssrc and ssrc not in taken:
                taken.add(ssrc)
                return ssrc

    def session_id(self) -> int:
        """The number of an SDP session: 62 bits, so that no peer reads it as negative (RFC 8829 5.2.1)."""
        return int.from_bytes(self._random_bytes(8), "big") >> 2

    def publication_id(self) -> PublicationId:
        return PublicationId(format_identifier("pub", self._random_bytes(RANDOM_BYTES)))

    def ice_credentials(self) -> IceCredentials:
        return create_credentials(self._random_bytes)
