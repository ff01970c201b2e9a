"""Simulcast in SDP: the rids of RFC 8851 and the simulcast line of RFC 8853.

`a=simulcast:send q;~h` gives `Simulcast(send=((SimulcastRid("q"),), (SimulcastRid("h", is_paused=True),)))`.
"""

from __future__ import annotations

from dataclasses import dataclass

from streaming.sdp.attributes import malformed


@dataclass(frozen=True, slots=True)
class Rid:
    """`a=rid:q send pt=96;max-width=320` (RFC 8851); `restrictions` is the text after the direction."""

    id: str
    is_send: bool
    restrictions: str = ""

    @classmethod
    def parse(cls, value: str) -> Rid:
        words = value.split(maxsplit=2)
        # RFC 8851 allows "-" and "_" in a rid; RFC 8852 section 3.3 narrows it to alphanumeric.
        if len(words) < 2 or words[1] not in ("send", "recv") or not words[0].isascii():
            raise malformed("rid", value)
        return cls(words[0], words[1] == "send", words[2] if len(words) == 3 else "")

    def serialize(self) -> str:
        restrictions = f" {self.restrictions}" if self.restrictions else ""
        return f"{self.id} {'send' if self.is_send else 'recv'}{restrictions}"


@dataclass(frozen=True, slots=True)
class SimulcastRid:
    """One rid of a simulcast line; `~q` is paused at first (RFC 8853 section 5.2)."""

    rid: str
    is_paused: bool = False


SimulcastList = tuple[tuple[SimulcastRid, ...], ...]
"""Simulcast streams in order; each a tuple of alternatives."""


def _parse_simulcast_list(text: str) -> SimulcastList:
    streams = []
    for alternatives in text.split(";"):
        rids = alternatives.split(",")
        if not all(rid.removeprefix("~") for rid in rids):
            raise malformed("simulcast", text)
        streams.append(tuple(SimulcastRid(rid.removeprefix("~"), rid.startswith("~")) for rid in rids))
    return tuple(streams)


def _serialize_simulcast_list(streams: SimulcastList) -> str:
    return ";".join(",".join(f"{'~' if r.is_paused else ''}{r.rid}" for r in rids) for rids in streams)


@dataclass(frozen=True, slots=True)
class Simulcast:
    """`a=simulcast:send q;h;f` (RFC 8853); an absent direction is ()."""

    send: SimulcastList = ()
    recv: SimulcastList = ()

    @classmethod
    def parse(cls, value: str) -> Simulcast:
        words = value.split()
        if len(words) not in (2, 4) or (words[0] == words[-2] and len(words) == 4):
            raise malformed("simulcast", value)
        lists = dict(zip(words[0::2], words[1::2], strict=True))
        if not lists.keys() <= {"send", "recv"}:
            raise malformed("simulcast", value)
        return cls(*(_parse_simulcast_list(lists[way]) if way in lists else () for way in ("send", "recv")))

    def serialize(self) -> str:
        ways = (("send", self.send), ("recv", self.recv))
        return " ".join(f"{way} {_serialize_simulcast_list(streams)}" for way, streams in ways if streams)
