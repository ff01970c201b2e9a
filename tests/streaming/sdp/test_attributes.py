"""Each attribute value: its worked example, its round trip, and what it refuses."""

from __future__ import annotations

from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import (
    Candidate,
    Direction,
    ExtMap,
    Fingerprint,
    Fmtp,
    Group,
    Msid,
    RtcpFeedback,
    RtpMap,
    Setup,
    SsrcAttribute,
    SsrcGroup,
    format_parameters,
    host_candidates,
    parse_integer,
)


class Value(Protocol):
    def serialize(self) -> str: ...

    @classmethod
    def parse(cls, value: str) -> Value: ...


EXAMPLES: list[tuple[type[Value], str, Value]] = [
    (RtpMap, "111 opus/48000/2", RtpMap(111, "opus", 48_000, 2)),
    (RtpMap, "96 VP8/90000", RtpMap(96, "VP8", 90_000)),
    (Fmtp, "97 apt=96", Fmtp(97, "apt=96")),
    (Fmtp, "63 111/111", Fmtp(63, "111/111")),
    (RtcpFeedback, "* nack", RtcpFeedback(None, "nack")),
    (RtcpFeedback, "96 nack pli", RtcpFeedback(96, "nack pli")),
    (ExtMap, "3/sendonly uri:x a b", ExtMap(3, "uri:x", Direction.SENDONLY, "a b")),
    (ExtMap, "4096 uri:y", ExtMap(4096, "uri:y")),
    (SsrcAttribute, "1 cname:a:b", SsrcAttribute(1, "cname", "a:b")),
    (SsrcAttribute, "4294967295 mslabel", SsrcAttribute(4_294_967_295, "mslabel")),
    (SsrcGroup, "FID 1 2", SsrcGroup("FID", (1, 2))),
    (Msid, "- track", Msid("-", "track")),
    (Msid, "stream", Msid("stream")),
    (Group, "BUNDLE 0 audio1", Group("BUNDLE", ("0", "audio1"))),
    (Group, "BUNDLE", Group("BUNDLE", ())),
    (Fingerprint, "sha-1 " + ":".join(["AB"] * 20), Fingerprint("sha-1", b"\xab" * 20)),
    (
        Candidate,
        "1 1 udp 2130706431 192.0.2.1 7881 typ host",
        Candidate("1", 1, "udp", 2_130_706_431, "192.0.2.1", 7881, "host"),
    ),
    (
        Candidate,
        "a/+ 1 tcp 5 x.local 9 typ srflx raddr 0.0.0.0 rport 0 tcptype active",
        Candidate(
            "a/+",
            1,
            "tcp",
            5,
            "x.local",
            9,
            "srflx",
            (("raddr", "0.0.0.0"), ("rport", "0"), ("tcptype", "active")),
        ),
    ),
]


@pytest.mark.parametrize(("kind", "text", "value"), EXAMPLES)
def test_examples_parse_and_serialize(kind: type[Value], text: str, value: Value) -> None:
    assert kind.parse(text) == value
    assert value.serialize() == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (RtpMap, "111 opus"),
        (RtpMap, "128 opus/48000"),
        (RtpMap, "96 VP8/0"),
        (RtpMap, "96 /90000"),
        (RtpMap, "+96 VP8/90000"),
        (RtpMap, "٩٦ VP8/90000"),
        (Fmtp, "x apt=1"),
        (RtcpFeedback, "96"),
        (RtcpFeedback, "96 "),
        (ExtMap, "0 uri:x"),
        (ExtMap, "3/sideways uri:x"),
        (ExtMap, "3"),
        (SsrcAttribute, "4294967296 cname:a"),
        (SsrcGroup, ""),
        (SsrcGroup, "FID x"),
        (Msid, ""),
        (Msid, "a b c"),
        (Group, ""),
        (Fingerprint, "sha-256 AB:CD"),
        (Fingerprint, "sha-256 " + ":".join(["GG"] * 32)),
        (Fingerprint, "md99 " + ":".join(["AA"] * 65)),
        (Fingerprint, "sha-256"),
        (Candidate, "1 1 udp 1 192.0.2.1 7881 host"),
        (Candidate, "1 1 udp 1 192.0.2.1 65536 typ host"),
        (Candidate, "1 1 udp 1 192.0.2.1 1 typ host odd"),
    ],
)
def test_malformed_values_are_refused(kind: type[Value], text: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        kind.parse(text)
    assert caught.value.code == "sdp_malformed"


@pytest.mark.parametrize("kind", list(dict.fromkeys(kind for kind, _, _ in EXAMPLES)))
@given(text=st.text(alphabet="09:/; -*aé\t.~", max_size=40))
def test_any_text_parses_or_is_malformed(kind: type[Value], text: str) -> None:
    try:
        value = kind.parse(text)
    except RemoteProtocolError:
        return
    assert kind.parse(value.serialize()) == value


def test_setup_in_any_case_but_not_in_any_word() -> None:
    assert Setup.parse("ActPass") is Setup.ACTPASS
    assert Setup.parse("holdconn") is Setup.HOLDCONN
    with pytest.raises(RemoteProtocolError):
        Setup.parse("both")


def test_integers_are_bounded_plain_decimals() -> None:
    assert parse_integer("0127", 127, "x") == 127
    for text in ("", "-1", "1_0", " 1", "128", "9" * 5000):
        with pytest.raises(RemoteProtocolError):
            parse_integer(text, 127, "x")


def test_format_parameters() -> None:
    assert format_parameters(" Apt=96;x ; ;y=a=b;apt=1") == {"apt": "96", "x": "", "y": "a=b"}


def test_host_candidates_prefer_the_first_address() -> None:
    first, second = host_candidates(["192.0.2.1", "2001:DB8::1"], 7881)
    assert first.serialize() == "1 1 udp 2130706431 192.0.2.1 7881 typ host"
    assert (second.address, second.foundation) == ("2001:db8::1", "2")
    assert first.priority > second.priority
    with pytest.raises(ValueError, match="does not appear"):
        host_candidates(["example.org"], 1)
