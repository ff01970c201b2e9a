"""How often somebody may fail: counted by name, forgotten after a while, bounded in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from streaming.errors import Unavailable

_MAXIMUM_NAMES = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    since_ms: int


class Attempts:
    """At most `limit` failures of one name within `window_ms`, counted from the first of them.

    When full, the name that failed longest ago is forgotten: who would use that needs 10,000 names.
    """

    def __init__(self, limit: int, window_ms: int) -> None:
        self._limit = limit
        self._window_ms = window_ms
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def require(self, name: str, now_ms: int) -> None:
        """Unavailable: rate_limited."""
        known = self._failures.get(name)
        if known is None or now_ms - known.since_ms >= self._window_ms:
            return
        if known.count >= self._limit:
            wait_s = (known.since_ms + self._window_ms - now_ms + 999) // 1000
            raise Unavailable("rate_limited", "Too many attempts: wait a while.", retry_after_s=wait_s)

    def failed(self, name: str, now_ms: int) -> None:
        known = self._failures.get(name)
        if known is None or now_ms - known.since_ms >= self._window_ms:
            known = self._failures[name] = _Failures(0, now_ms)
        known.count += 1
        self._failures.move_to_end(name)
        while len(self._failures) > _MAXIMUM_NAMES:
            self._failures.popitem(last=False)

    def succeeded(self, name: str) -> None:
        self._failures.pop(name, None)
