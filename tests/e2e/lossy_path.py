"""A path to the media server that delays both ways and loses datagrams on the way to the client, seeded.

The kernel of a test machine may have no netem: the path is a UDP relay, whose port stands in the client's
copy of the server's offer in place of the media port.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator, Callable

from typing_extensions import override

Address = tuple[str, int]

_HOST_CANDIDATE = re.compile(r"^(a=candidate:\S+ \d+ udp \d+) (\S+) (\d+) typ host", re.MULTILINE)


class LossyPath:
    """One client's path: everything that comes from another address than the server's is taken for its own.

    loss: share of the datagrams to the client that are lost from now on.
    lost, carried: datagrams to the client, counted.
    """

    def __init__(self, host: str, delay_s: float, seed: int) -> None:
        self.loss = 0.0
        self.lost = 0
        self.carried = 0
        self._host = host
        self._delay_s = delay_s
        self._dice = random.Random(seed)
        self._server: Address | None = None
        self._client: Address | None = None
        self._inner: asyncio.DatagramTransport | None = None
        self._outer: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        here = (self._host, 0)
        self._outer, _ = await loop.create_datagram_endpoint(lambda: _End(self._handle_client), here)
        self._inner, _ = await loop.create_datagram_endpoint(lambda: _End(self._handle_server), here)

    def close(self) -> None:
        for transport in (self._inner, self._outer):
            if transport is not None:
                transport.close()

    def lead(self, offer: str) -> str:
        """The server's `offer` as the client shall see it: its one candidate is this path."""
        assert self._outer is not None
        port = self._outer.get_extra_info("sockname")[1]
        found = _HOST_CANDIDATE.search(offer)
        assert found is not None
        self._server = (found[2], int(found[3]))
        return _HOST_CANDIDATE.sub(rf"\1 {self._host} {port} typ host", offer)

    def _handle_client(self, data: bytes, address: Address) -> None:
        self._client = address
        self._later(self._inner, data, self._server)

    def _handle_server(self, data: bytes, address: Address) -> None:
        if address != self._server:
            return
        if self._dice.random() < self.loss:
            self.lost += 1
            return
        self.carried += 1
        self._later(self._outer, data, self._client)

    def _later(self, out: asyncio.DatagramTransport | None, data: bytes, to: Address | None) -> None:
        if out is not None and to is not None:
            asyncio.get_running_loop().call_later(self._delay_s, _send, out, data, to)


def _send(out: asyncio.DatagramTransport, data: bytes, to: Address) -> None:
    if not out.is_closing():
        out.sendto(data, to)


class _End(asyncio.DatagramProtocol):
    def __init__(self, handle: Callable[[bytes, Address], None]) -> None:
        self._handle = handle

    @override
    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._handle(data, addr)


@contextlib.asynccontextmanager
async def lossy_path(host: str, *, round_trip_s: float, seed: int) -> AsyncIterator[LossyPath]:
    path = LossyPath(host, round_trip_s / 2, seed)
    await path.open()
    try:
        yield path
    finally:
        path.close()
