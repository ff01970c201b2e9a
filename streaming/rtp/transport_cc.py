"""Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1).

    FF FE 00 05  00 00 02 09  D4 20  04  01  01 90  00 00

is, behind the common feedback header: base 65534, five statuses, reference time 2 x 64 ms, feedback count 9;
a chunk of two-bit symbols (small, small, none, none, large); deltas of 1 ms, 0.25 ms and 100 ms; padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from streaming.errors import LocalProtocolError
from streaming.rtp.cursor import ByteReader
from streaming.rtp.feedback import FORMAT_TRANSPORT_CC, Feedback, serialize_feedback
from streaming.rtp.rtcp import RtcpType

DELTA_US = 250
REFERENCE_US = 64_000
MAX_STATUSES = 0xFFFF
_NOT_RECEIVED, _SMALL_DELTA, _LARGE_DELTA, _RESERVED = range(4)
_MAX_RUN = 0x1FFF
_VECTOR_BIT, _TWO_BIT_SYMBOLS = 0x8000, 0x4000
_ONE_BIT_PER_CHUNK, _TWO_BIT_PER_CHUNK = 14, 7


@dataclass(frozen=True, slots=True)
class TransportCc:
    """Which packets arrived and when.

    `arrivals_us[i]` is the arrival of packet `base_sequence_number` + i in microseconds of the receiver's
    clock, None if it did not arrive. `feedback_count` counts feedback packets, modulo 256.
    """

    sender_ssrc: int
    media_ssrc: int
    base_sequence_number: int
    feedback_count: int
    arrivals_us: tuple[int | None, ...]


def _chunk_symbols(chunk: int) -> list[int]:
    """The symbols of one packet status chunk (sections 3.1.3 and 3.1.4)."""
    if not chunk & _VECTOR_BIT:
        return [chunk >> 13] * (chunk & _MAX_RUN)
    if chunk & _TWO_BIT_SYMBOLS:
        return [chunk >> shift & 3 for shift in range(12, -1, -2)]
    return [chunk >> shift & 1 for shift in range(13, -1, -1)]


def _read_symbols(reader: ByteReader, count: int) -> list[int] | None:
    symbols: list[int] = []
    while len(symbols) < count:
        found = _chunk_symbols(reader.u16())
        if not found or not reader.is_ok:
            return None
        symbols += found
    del symbols[count:]
    return None if _RESERVED in symbols else symbols


def parse_transport_cc_feedback(feedback: Feedback) -> TransportCc | None:
    """The statuses of a feedback; None if it is another one, malformed or truncated."""
    if (feedback.type, feedback.format) != (RtcpType.TRANSPORT_FEEDBACK, FORMAT_TRANSPORT_CC):
        return None
    reader = ByteReader(feedback.control)
    base, count = reader.u16(), reader.u16()
    reference = int.from_bytes(reader.take(3), "big", signed=True)
    feedback_count = reader.u8()
    symbols = _read_symbols(reader, count)
    if symbols is None:
        return None
    arrival_us = reference * REFERENCE_US
    arrivals: list[int | None] = []
    for symbol in symbols:
        if symbol == _NOT_RECEIVED:
            arrivals.append(None)
            continue
        is_small = symbol == _SMALL_DELTA
        ticks = reader.u8() if is_small else int.from_bytes(reader.take(2), "big", signed=True)
        arrival_us += ticks * DELTA_US
        arrivals.append(arrival_us)
    if not reader.is_ok:
        return None
    return TransportCc(feedback.sender_ssrc, feedback.media_ssrc, base, feedback_count, tuple(arrivals))


def _chunks(symbols: list[int]) -> Iterator[int]:
    """Packs symbols: a run where one is longer than a vector chunk, two-bit vectors elsewhere."""
    pending: list[int] = []
    for symbol, group in groupby(symbols):
        run = len(list(group))
        while pending and run and len(pending) < _TWO_BIT_PER_CHUNK:
            pending.append(symbol)
            run -= 1
        if len(pending) == _TWO_BIT_PER_CHUNK:
            yield _vector(pending)
            pending = []
        while run > _TWO_BIT_PER_CHUNK:
            length = min(run, _MAX_RUN)
            yield symbol << 13 | length
            run -= length
        pending += [symbol] * run
        if len(pending) == _TWO_BIT_PER_CHUNK:
            yield _vector(pending)
            pending = []
    if pending:
        yield _vector(pending + [_NOT_RECEIVED] * (_TWO_BIT_PER_CHUNK - len(pending)))


def _vector(symbols: list[int]) -> int:
    chunk = _VECTOR_BIT | _TWO_BIT_SYMBOLS
    for index, symbol in enumerate(symbols):
        chunk |= symbol << (12 - 2 * index)
    return chunk


def serialize_transport_cc_feedback(feedback: TransportCc) -> bytes:
    """The feedback packet; arrivals are rounded down to 250 us.

    Raises LocalProtocolError for no arrival at all, over 65,535 statuses, or two arrivals further apart than
    16 bits of 250 us tell (8.19 s).
    """
    ticks = [None if arrival is None else arrival // DELTA_US for arrival in feedback.arrivals_us]
    first = next((tick for tick in ticks if tick is not None), None)
    if first is None or len(ticks) > MAX_STATUSES:
        raise LocalProtocolError("rtcp_field_range", f"{len(ticks)} statuses")
    reference = first * DELTA_US // REFERENCE_US
    previous = reference * REFERENCE_US // DELTA_US
    symbols: list[int] = []
    deltas = b""
    for tick in ticks:
        if tick is None:
            symbols.append(_NOT_RECEIVED)
            continue
        delta, previous = tick - previous, tick
        is_small = 0 <= delta <= 0xFF
        if not -0x8000 <= delta <= 0x7FFF:
            raise LocalProtocolError("rtcp_field_range", f"{delta} ticks between two arrivals")
        symbols.append(_SMALL_DELTA if is_small else _LARGE_DELTA)
        deltas += delta.to_bytes(1 if is_small else 2, "big", signed=not is_small)
    control = feedback.base_sequence_number.to_bytes(2, "big") + len(ticks).to_bytes(2, "big")
    control += (reference & 0xFF_FFFF).to_bytes(3, "big") + bytes((feedback.feedback_count & 0xFF,))
    control += b"".join(chunk.to_bytes(2, "big") for chunk in _chunks(symbols)) + deltas
    control += bytes(-len(control) % 4)
    kind, form = RtcpType.TRANSPORT_FEEDBACK, FORMAT_TRANSPORT_CC
    return serialize_feedback(Feedback(kind, form, feedback.sender_ssrc, feedback.media_ssrc, control))
