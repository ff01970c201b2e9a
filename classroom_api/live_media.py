"""The live tier over HTTP: playlists and parts that are waited for (rfc8216bis 6.2.5.2, 6.2.6).

Nobody polls the disk: the packager says what it wrote, the newest playlist and parts are kept in memory, and
whoever waits is woken.  A wait ends after one target duration with the playlist as it is, so that players
outlast a suspended lesson (hls.js gives up a request after ten seconds).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from recording.live_playlist import ADVANCE_PARTS, LivePosition
from recording.playlist import TARGET_DURATION_S
from recording.store import LIVE_DELTA_NAME, LIVE_NAME
from streaming.errors import Refused, Unavailable

_AHEAD_SEGMENTS = 2
_KEPT_BYTES = 2 << 20
_GRACE_S = 60.0


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """How many requests may wait: for one resource, and in all."""

    waiting_of_one: int = 1000
    waiting: int = 3000


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a request waits for (`_HLS_msn`, `_HLS_part`) and whether a delta will do (`_HLS_skip`)."""

    media_sequence: int | None = None
    part: int | None = None
    accepts_delta: bool = False

    def is_in(self, position: LivePosition) -> bool:
        if self.media_sequence is None or position.media_sequence > self.media_sequence:
            return True
        is_in_open = position.media_sequence == self.media_sequence
        return is_in_open and self.part is not None and position.part > self.part


@dataclass(slots=True)
class _Live:
    """One resource. `parts`: the newest, at most 2 MiB of them."""

    position: LivePosition
    playlist: bytes = b""
    delta: bytes = b""
    parts: deque[tuple[str, bytes]] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    is_over: bool = False

    def keep(self, name: str, data: bytes) -> None:
        self.parts.append((name, data))
        while len(self.parts) > 1 and sum(len(kept) for _, kept in self.parts) > _KEPT_BYTES:
            self.parts.popleft()

    def find(self, name: str) -> bytes | None:
        return next((data for kept, data in self.parts if kept == name), None)

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class LiveMedia:
    """What is being followed. All on one event loop.

    Invariants: only the recorder's news make entries; `waiting` is the sum of theirs, and within the limits.
    """

    def __init__(self, folder: Path, limits: LiveLimits | None = None) -> None:
        self._folder = folder
        self._limits = limits or LiveLimits()
        self._live: dict[str, _Live] = {}
        self.waiting = 0

    def is_live(self, resource: str) -> bool:
        """Whether it has a playlist that still grows."""
        live = self._live.get(resource)
        return live is not None and not live.is_over

    def advanced(self, resource: str, position: LivePosition) -> None:
        """The packager wrote so far."""
        folder = self._folder / resource
        try:
            playlist, delta = (folder / LIVE_NAME).read_bytes(), (folder / LIVE_DELTA_NAME).read_bytes()
            newest = (folder / position.newest).read_bytes() if position.newest else b""
        except FileNotFoundError:
            return  # it is over, and that will be told
        live = self._live.setdefault(resource, _Live(position))
        live.position, live.playlist, live.delta = position, playlist, delta
        if newest and live.find(position.newest) is None:
            live.keep(position.newest, newest)
        live.wake()

    def ended(self, resource: str) -> None:
        """The replay's playlist is closed; who is on the way still finds the last parts for a minute."""
        live = self._live.get(resource)
        if live is not None and not live.is_over:
            live.is_over = True
            live.wake()
            asyncio.get_running_loop().call_later(_GRACE_S, self._live.pop, resource, None)

    async def playlist(self, resource: str, awaited: Awaited) -> bytes | None:
        """The playlist that has what is awaited, or the present one after a target duration.

        None: not live (any more); the replay's own playlist says what there is.

        Refused: bad_message (further ahead than any player asks); Unavailable: too_many_viewers.
        """
        live = self._live.get(resource)
        if live is None or live.is_over:
            return None
        _check_ahead(awaited, live.position)
        await self._wait(live, lambda: awaited.is_in(live.position))
        if not self.is_live(resource):
            return None
        return live.delta if awaited.accepts_delta else live.playlist

    async def part(self, resource: str, name: str) -> bytes | None:
        """A part, waited for where it is the next; None: look on disk."""
        live = self._live.get(resource)
        if live is None:
            return None
        if name == live.position.hint:
            await self._wait(live, lambda: live.position.hint != name)
        return live.find(name)

    async def _wait(self, live: _Live, is_there: Callable[[], bool]) -> None:
        if is_there():
            return
        with self._place(live):
            try:
                async with asyncio.timeout(TARGET_DURATION_S):
                    while not is_there() and not live.is_over:
                        await live.changed.wait()
            except TimeoutError:
                return

    @contextmanager
    def _place(self, live: _Live) -> Iterator[None]:
        """One more that waits."""
        if live.waiting >= self._limits.waiting_of_one or self.waiting >= self._limits.waiting:
            raise Unavailable("too_many_viewers", "Too many follow this lesson here.", retry_after_s=2)
        live.waiting += 1
        self.waiting += 1
        try:
            yield
        finally:
            live.waiting -= 1
            self.waiting -= 1


def _check_ahead(awaited: Awaited, position: LivePosition) -> None:
    if awaited.media_sequence is None:
        if awaited.part is not None:
            raise Refused("bad_message", "_HLS_part wants _HLS_msn.")
        return
    ahead = awaited.media_sequence - position.media_sequence
    is_part_ahead = ahead == 0 and (awaited.part or 0) >= position.part + ADVANCE_PARTS
    if ahead > _AHEAD_SEGMENTS or is_part_ahead:
        raise Refused("bad_message", "The playlist is not near there.")
