"""SHELL: runs the DTLS endpoints of all transports: timers on the event loop, cryptography in a few threads.

A handshake costs milliseconds of CPU, and a lesson begins with all of them at once.  So at most `max_active`
run at a time; datagrams of the others wait in short inboxes, and what does not fit is lost like any datagram.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from OpenSSL import SSL

from streaming.transport.demux import DatagramKind, classify_datagram
from streaming.transport.dtls import DtlsEndpoint, DtlsState
from streaming.transport.fingerprint import CertificateDigest
from streaming.transport.srtp_keys import SrtpKeys

_INBOX_DATAGRAMS = 16


@dataclass(frozen=True, slots=True)
class DtlsSecured:
    """The handshake is over and the certificate is the announced one."""

    keys: SrtpKeys


@dataclass(frozen=True, slots=True)
class DtlsEnded:
    """The association failed or the peer closed it; `reason` is a reason of `PeerClosed`."""

    reason: str


DtlsOutcome = DtlsSecured | DtlsEnded


class _Association:
    """One transport: first a bounded inbox, then (once described) an endpoint, then perhaps a task."""

    def __init__(self) -> None:
        self.endpoint: DtlsEndpoint | None = None
        self.is_server = True
        self.has_path = False
        self.inbox: deque[bytes] = deque()
        self.arrived = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Handshakes:
    """All associations of a media server, by transport number.

    Invariants: an endpoint is touched by its task's thread while `task` runs, by the event loop afterwards,
    and never by both; an inbox holds at most 16 datagrams.
    """

    def __init__(
        self,
        context: SSL.Context,
        *,
        max_active: int,
        threads: int,
        timeout_s: float,
        send: Callable[[int, bytes], None],
        on_outcome: Callable[[int, DtlsOutcome], None],
    ) -> None:
        self._context = context
        self._slots = asyncio.Semaphore(max_active)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dtls")
        self._timeout_s = timeout_s
        self._send = send
        self._on_outcome = on_outcome
        self._associations: dict[int, _Association] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.dropped_datagrams = 0

    @property
    def active(self) -> int:
        """Handshakes running or waiting for their turn."""
        return len(self._tasks)

    def add(self, transport: int) -> None:
        """Begin to keep datagrams of `transport`, which may arrive before its description does."""
        self._associations.setdefault(transport, _Association())

    def describe(self, transport: int, *, is_server: bool, fingerprints: Iterable[CertificateDigest]) -> None:
        """The peer's description has come: the handshake may run.  A second description changes nothing."""
        association = self._associations.get(transport)
        if association is None or association.endpoint is not None:
            return
        association.is_server = is_server
        association.endpoint = DtlsEndpoint(
            self._context, is_server=is_server, expected_fingerprints=fingerprints
        )
        self._start_when_ready(transport, association)

    def handle_path(self, transport: int) -> None:
        """The transport has an address to send to: a client may say hello."""
        association = self._associations.get(transport)
        if association is not None and not association.has_path:
            association.has_path = True
            self._start_when_ready(transport, association)

    def handle_datagram(self, transport: int, data: bytes) -> None:
        """Take a datagram that the worker punted."""
        association = self._associations.get(transport)
        if association is None or classify_datagram(data) is not DatagramKind.DTLS:
            self.dropped_datagrams += 1
            return
        endpoint = association.endpoint
        if endpoint is not None and endpoint.state is not DtlsState.HANDSHAKING and association.task is None:
            self._handle_after_handshake(transport, endpoint, data)
            return
        if len(association.inbox) >= _INBOX_DATAGRAMS:
            self.dropped_datagrams += 1
            return
        association.inbox.append(data)
        association.arrived.set()
        self._start_when_ready(transport, association)

    def remove(self, transport: int) -> None:
        """Forget a transport; a secured peer is told (close_notify).  Idempotent."""
        association = self._associations.pop(transport, None)
        if association is None:
            return
        if association.task is not None:
            association.task.cancel()
        elif association.endpoint is not None:
            association.endpoint.close()
            self._flush(transport, association.endpoint)

    async def close(self) -> None:
        """End everything; no task or thread is left.  Idempotent."""
        for transport in list(self._associations):
            self.remove(transport)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=True)

    def _start_when_ready(self, transport: int, association: _Association) -> None:
        """A server waits for a hello, a client for a path, and both for the description."""
        endpoint = association.endpoint
        if endpoint is None or association.task is not None or endpoint.state is not DtlsState.HANDSHAKING:
            return
        if association.inbox or (association.has_path and not association.is_server):
            task = asyncio.create_task(self._run(transport, association, endpoint))
            association.task = task
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, transport: int, association: _Association, endpoint: DtlsEndpoint) -> None:
        try:
            async with self._slots, asyncio.timeout(self._timeout_s):
                await self._handshake(transport, association, endpoint)
        except TimeoutError:
            self._finish(transport, association, DtlsEnded("dtls_timeout"))
            return
        if endpoint.keys is not None:
            self._finish(transport, association, DtlsSecured(endpoint.keys))
        else:
            self._finish(transport, association, DtlsEnded(endpoint.failure or "dtls_failed"))

    async def _handshake(self, transport: int, association: _Association, endpoint: DtlsEndpoint) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, endpoint.start)
        self._flush(transport, endpoint)
        while endpoint.state is DtlsState.HANDSHAKING:
            if not association.inbox:
                association.arrived.clear()
                try:
                    async with asyncio.timeout(endpoint.timeout_s()):
                        await association.arrived.wait()
                except TimeoutError:
                    await loop.run_in_executor(self._threads, endpoint.handle_timeout)
                    self._flush(transport, endpoint)
                    continue
            data = association.inbox.popleft()
            await loop.run_in_executor(self._threads, endpoint.handle_datagram, data)
            self._flush(transport, endpoint)

    def _finish(self, transport: int, association: _Association, outcome: DtlsOutcome) -> None:
        association.task = None
        if self._associations.get(transport) is not association:
            return
        self._on_outcome(transport, outcome)
        while association.inbox and association.endpoint is not None:
            self._handle_after_handshake(transport, association.endpoint, association.inbox.popleft())

    def _handle_after_handshake(self, transport: int, endpoint: DtlsEndpoint, data: bytes) -> None:
        was_secured = endpoint.state is DtlsState.SECURED
        endpoint.handle_datagram(data)
        self._flush(transport, endpoint)
        if was_secured and endpoint.state is DtlsState.CLOSED:
            self._on_outcome(transport, DtlsEnded("peer_left"))

    def _flush(self, transport: int, endpoint: DtlsEndpoint) -> None:
        for data in endpoint.take_datagrams():
            self._send(transport, data)
