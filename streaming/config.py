"""Settings of the media server, as one frozen value that the composition root fills."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

MAX_PACKET_WORKERS = 8
"""Beyond it what workers tell each other grows faster than what they carry."""

MAX_HEARD_VOICES = 16
"""More at once nobody understands."""


@dataclass(frozen=True, slots=True)
class AdvertisedAddress:
    """One IP address under which participants reach the media port.

    `advertised` goes into the candidates; `bind` is the local address of the socket.  They differ behind a
    NAT that maps ports one to one.  Never bind to a wildcard: the answer would leave from the wrong address.
    """

    advertised: str
    bind: str

    def __post_init__(self) -> None:
        advertised = ipaddress.ip_address(self.advertised)
        bind = ipaddress.ip_address(self.bind)
        if advertised.is_unspecified or bind.is_unspecified:
            raise ValueError(f"{self.bind} is a wildcard; name the addresses of this machine one by one")
        if advertised.version != bind.version:
            raise ValueError(f"{self.advertised} and {self.bind} are of different IP versions")


@dataclass(frozen=True, slots=True)
class MediaConfig:
    """What a `MediaServer` needs to know.

    media_port: UDP port shared by all participants on every address; 0: the system chooses one for each.
    packet_workers: threads that carry the packets; all share the media port.
    max_transports: peers at once; more are told `too_many_participants`.
    connect_timeout_s: a peer without ICE and DTLS after this time is removed.
    negotiation_timeout_s: a subscriber that leaves an offer unanswered for this time is removed.
    handshake_timeout_s: a DTLS handshake that takes longer has failed.
    max_handshakes: DTLS handshakes in progress at once; the datagrams of others wait in short queues.
    heard_voices: how many of the voices of one speaker group go out at once.
    handshake_threads: threads that carry the cryptography of handshakes, so that the event loop does not.
    """

    addresses: tuple[AdvertisedAddress, ...]
    media_port: int
    packet_workers: int = 1
    max_transports: int = 2000
    connect_timeout_s: float = 20.0
    negotiation_timeout_s: float = 15.0
    handshake_timeout_s: float = 10.0
    max_handshakes: int = 64
    handshake_threads: int = 2
    heard_voices: int = 3

    def __post_init__(self) -> None:
        if not self.addresses:
            raise ValueError("at least one address is needed")
        if not 0 <= self.media_port <= 65535:
            raise ValueError(f"{self.media_port} is not a UDP port")
        if not 1 <= self.packet_workers <= MAX_PACKET_WORKERS:
            raise ValueError(f"at least 1 and at most {MAX_PACKET_WORKERS} packet workers")
        if min(self.max_transports, self.max_handshakes, self.handshake_threads) < 1:
            raise ValueError("max_transports, max_handshakes and handshake_threads are at least 1")
        if not 1 <= self.heard_voices <= MAX_HEARD_VOICES:
            raise ValueError(f"at least 1 and at most {MAX_HEARD_VOICES} voices are heard")
        if min(self.connect_timeout_s, self.negotiation_timeout_s, self.handshake_timeout_s) <= 0:
            raise ValueError("timeouts are positive")
