"""SHELL: uvicorn's HTTP by llhttp, with a bound on what comes before a body: the parser itself has none.

A head is kept in memory until its empty line: without a bound, one connection that sends headers for ever
takes all there is.
"""

from __future__ import annotations

from typing import Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MAXIMUM_HEAD_BYTES: Final = 64 << 10


class BoundedHttp(HttpToolsProtocol):
    """One connection.

    Invariant: `_unfinished_bytes` came since a head, a piece of a body or a message was whole.
    """

    _unfinished_bytes = 0

    @override
    def data_received(self, data: bytes) -> None:
        self._unfinished_bytes += len(data)
        super().data_received(data)
        if self._unfinished_bytes > MAXIMUM_HEAD_BYTES and not self.transport.is_closing():
            cycle: RequestResponseCycle | None = getattr(self, "cycle", None)  # none before the first request
            if cycle is None or cycle.response_complete:
                self.send_400_response("The head of the request is too large.")
            else:  # an answer is on its way: nothing may come between its bytes
                self.transport.close()

    @override
    def on_headers_complete(self) -> None:
        self._unfinished_bytes = 0
        super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        self._unfinished_bytes = 0
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._unfinished_bytes = 0
        super().on_message_complete()
