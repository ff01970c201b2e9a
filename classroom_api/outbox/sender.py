"""SHELL: one POST to a destination that may be slow, hostile or gone. Bounded in time and in what is read.

A webhook's host is resolved here, each address it gives is checked, and the connection goes to one that was
checked: a name that resolves to something else a moment later changes nothing. Connections are not kept, so
that none that was opened for one host is used for another of the same address.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from classroom_api.outbox.destinations import Destination, is_permitted, parse_destination
from streaming.errors import Refused

_READ_BYTES = 65_536
_LONGEST_WAIT_S = 86_400


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` None: nothing did, and `reason` says why. `wanted_ms`: of Retry-After."""

    status: int | None
    reason: str
    wanted_ms: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Sender:
    """Posts. Owned by one event loop; `close` when done."""

    def __init__(self, timeout_s: float, *, is_private_allowed: bool) -> None:
        self.timeout_s = timeout_s
        self._is_private_allowed = is_private_allowed
        self._http = httpx.AsyncClient(
            verify=ssl.create_default_context(),
            timeout=timeout_s,
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,
        )

    async def post_webhook(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """To an address that somebody else chose."""
        try:
            async with asyncio.timeout(self.timeout_s):
                destination = parse_destination(url, is_private_allowed=self._is_private_allowed)
                address = await self._resolve(destination)
                scheme = "https" if destination.is_secure else "http"
                host = f"[{address}]" if ":" in address else address
                request = self._http.build_request(
                    "POST",
                    f"{scheme}://{host}:{destination.port}{destination.target}",
                    headers={**headers, "Host": destination.authority},
                    content=body,
                    extensions={"sni_hostname": destination.host},
                )
                return await self._send(request)
        except Refused as refused:
            return Answer(None, refused.code)
        except TimeoutError:
            return Answer(None, "timed out")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, key: str, secret: str) -> Answer:
        """To an address of the server's own settings, with Basic authentication."""
        try:
            async with asyncio.timeout(self.timeout_s):
                request = self._http.build_request("POST", url, headers=headers, content=body)
                request = next(httpx.BasicAuth(key, secret).auth_flow(request))
                return await self._send(request)
        except TimeoutError:
            return Answer(None, "timed out")

    async def _resolve(self, destination: Destination) -> str:
        """Refused: webhook_url_refused, where the host has no address, or one that is not for webhooks."""
        addresses = await _addresses_of(destination.host, destination.port)
        is_fine = all(is_permitted(each, is_private_allowed=self._is_private_allowed) for each in addresses)
        if not addresses or not is_fine:
            raise Refused("webhook_url_refused", "The host has no address, or one that is not public.")
        return addresses[0]

    async def _send(self, request: httpx.Request) -> Answer:
        try:
            response = await self._http.send(request, stream=True)
            try:
                taken = 0
                async for part in response.aiter_raw():
                    taken += len(part)
                    if taken > _READ_BYTES:
                        break
            finally:
                await response.aclose()
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            return Answer(None, type(error).__name__)
        wanted = response.headers.get("retry-after", "")
        wanted_s = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 8 else 0
        return Answer(
            response.status_code, f"HTTP {response.status_code}", min(wanted_s, _LONGEST_WAIT_S) * 1000
        )

    async def close(self) -> None:
        """Idempotent."""
        await self._http.aclose()


async def _addresses_of(host: str, port: int) -> list[str]:
    """What a name resolves to; nothing where it does not. The thread that asks holds up nobody's end: a name
    server that is silent does so for longer than a server may take to stop.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def answer(addresses: list[str]) -> None:
        if not found.done():
            found.set_result(addresses)

    def ask() -> None:
        addresses: list[str] = []
        with contextlib.suppress(OSError, UnicodeError):
            addresses = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        with contextlib.suppress(RuntimeError):  # the loop is closed by now
            loop.call_soon_threadsafe(answer, addresses)

    threading.Thread(target=ask, name="tandem-resolver", daemon=True).start()
    return await found
