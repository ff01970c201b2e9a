"""One client's socket, without the socket: hello, rate limit, bounds of what waits unsent, errors and close
codes.

Feed it text and time, drain `take_output`.  States: awaiting hello -> open -> closing.  Invariants: a closing
connection takes no more input; the close comes after everything that was sent before it, except for
`too_slow`, whose client would not read it; what waits unsent is at most `MAX_WAITING_MESSAGES` and
`MAX_WAITING_BYTES`.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from signaling.messages import Hello, Request, parse_message
from signaling.server_messages import serialize_error
from streaming.errors import RemoteProtocolError

HELLO_TIMEOUT_NS: Final = 5_000_000_000
MESSAGE_COST_NS: Final = 20_000_000
"""50 messages a second…"""
BURST_NS: Final = 200 * MESSAGE_COST_NS
"""…and 200 at once."""
MAX_WAITING_MESSAGES: Final = 1000
MAX_WAITING_BYTES: Final = 4 * 1024 * 1024

CLOSE_CODES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "bad_message": 4400,
        "token_invalid": 4401,
        "token_expired": 4401,
        "seat_removed": 4403,
        "seat_banned": 4403,
        "seat_unknown": 4403,
        "room_locked": 4403,
        "not_admitted": 4403,
        "classroom_shut_down": 4403,
        "lesson_unknown": 4404,
        "hello_timeout": 4408,
        "seat_replaced": 4409,
        "lesson_ended": 4410,
        "message_too_large": 4413,
        "rate_limited": 4429,
        "internal_error": 4500,
        "server_stopping": 4503,
        "too_many_participants": 4503,
        "unavailable": 4503,
        "too_slow": 4508,
    }
)
NORMAL_CLOSE: Final = 1000
_FINAL_TEXT: Final = 0x81
OTHER_REFUSAL: Final = 4403


@dataclass(frozen=True, slots=True)
class Frame:
    """A serialized message; one value is shared by all who get it.

    `wire`: the text as a WebSocket frame of a server: final, unmasked (RFC 6455, section 5.2).
    """

    text: str
    wire: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.wire)


@dataclass(frozen=True, slots=True)
class Close:
    code: int
    reason: str


class _State(Enum):
    AWAITING_HELLO = auto()
    OPEN = auto()
    CLOSING = auto()


def frame_of(text: str) -> Frame:
    """
    >>> frame_of("hi").wire
    b'\\x81\\x02hi'
    """
    payload = text.encode()
    size_bytes = len(payload)
    if size_bytes < 126:
        head = struct.pack("!BB", _FINAL_TEXT, size_bytes)
    elif size_bytes < 1 << 16:
        head = struct.pack("!BBH", _FINAL_TEXT, 126, size_bytes)
    else:
        head = struct.pack("!BBQ", _FINAL_TEXT, 127, size_bytes)
    return Frame(text, head + payload)


class Connection:
    """Endpoint core of one socket."""

    def __init__(self, now_ns: int) -> None:
        self._state = _State.AWAITING_HELLO
        self._hello_deadline_ns = now_ns + HELLO_TIMEOUT_NS
        self._rate_clock_ns = now_ns  # GCRA: when the messages so far would have come at the permitted rate
        self._waiting: deque[Frame] = deque()
        self._waiting_bytes = 0
        self._close: Close | None = None

    @property
    def is_closing(self) -> bool:
        return self._state is _State.CLOSING

    def may_overtake(self) -> bool:
        """Whether a frame written past this queue comes in its turn: it is open and nothing waits."""
        return not self._waiting and not self.is_closing

    def handle_text(self, text: str, now_ns: int) -> Hello | Request | None:
        """One frame from the client.  None: it was a breach of the protocol, and the connection is
        closing."""
        if self.is_closing:
            return None
        try:
            self._count_message(now_ns)
            message = parse_message(text)
            self._check_turn(message)
        except RemoteProtocolError as error:
            self.fail(error.code, error.detail)
            return None
        self._state = _State.OPEN
        return message

    def handle_time(self, now_ns: int) -> None:
        """The deadline was reached."""
        if self._state is _State.AWAITING_HELLO and now_ns >= self._hello_deadline_ns:
            self.fail("hello_timeout", "No hello came within 5 s.")

    def deadline_ns(self) -> int | None:
        return self._hello_deadline_ns if self._state is _State.AWAITING_HELLO else None

    def send(self, frame: Frame) -> None:
        """Queue one message; a client that does not read is cut off."""
        if self.is_closing:
            return
        self._waiting.append(frame)
        self._waiting_bytes += frame.size_bytes
        if len(self._waiting) > MAX_WAITING_MESSAGES or self._waiting_bytes > MAX_WAITING_BYTES:
            self._waiting.clear()
            self._waiting_bytes = 0
            self._begin_close(Close(CLOSE_CODES["too_slow"], "too_slow"))

    def fail(self, code: str, detail: str) -> None:
        """Say the error, then close with its code."""
        if self.is_closing:
            return
        self.send(frame_of(serialize_error(None, code, detail)))
        self._begin_close(Close(CLOSE_CODES.get(code, OTHER_REFUSAL), code))

    def dismiss(self, code: str | None) -> None:
        """Close after what waits; `code` None: as the client wished."""
        close = Close(NORMAL_CLOSE, "") if code is None else Close(CLOSE_CODES[code], code)
        self._begin_close(close)

    def take_output(self) -> Frame | Close | None:
        """The next thing for the socket; None while nothing waits.  Nothing follows a Close."""
        if self._waiting:
            frame = self._waiting.popleft()
            self._waiting_bytes -= frame.size_bytes
            return frame
        close, self._close = self._close, None
        return close

    def _begin_close(self, close: Close) -> None:
        if not self.is_closing:
            self._state = _State.CLOSING
            self._close = close

    def _count_message(self, now_ns: int) -> None:
        self._rate_clock_ns = max(self._rate_clock_ns, now_ns) + MESSAGE_COST_NS
        if self._rate_clock_ns - now_ns > BURST_NS:
            raise RemoteProtocolError("rate_limited", "At most 50 messages a second, and 200 at once.")

    def _check_turn(self, message: Hello | Request) -> None:
        if isinstance(message, Hello) != (self._state is _State.AWAITING_HELLO):
            raise RemoteProtocolError("bad_message", "The first message, and only the first, is hello.")
