"""Trickle and restart fragments."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import host_candidates
from streaming.sdp.fragment import FragmentSection, IceFragment, parse_fragment, serialize_fragment

TRICKLE = """a=ice-ufrag:EsAw
a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
m=audio 9 RTP/AVP 0
a=mid:0
a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1
a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0
a=end-of-candidates
"""


def test_trickle() -> None:
    fragment = parse_fragment(TRICKLE)
    (section,) = fragment.sections
    assert (fragment.ice_ufrag, fragment.ice_pwd) == ("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1")
    assert (section.mid, section.kind, section.is_end_of_candidates) == ("0", "audio", True)
    assert [candidate.address for candidate in section.candidates] == ["192.0.2.1", "198.51.100.2"]


def test_credentials_inside_a_section_count() -> None:
    fragment = parse_fragment("m=video 9 X 0\na=mid:v\na=ice-ufrag:abcd\na=ice-pwd:" + "x" * 22)
    assert fragment.ice_ufrag == "abcd"


@pytest.mark.parametrize(
    "fragment",
    [
        IceFragment(),
        IceFragment("abcd", "p" * 22, ice_options=("ice2",), is_ice_lite=True, is_end_of_candidates=True),
        IceFragment("abcd", "p" * 22, (FragmentSection("0", host_candidates(["::1"], 1), True, "video"),)),
    ],
)
def test_round_trip(fragment: IceFragment) -> None:
    assert parse_fragment(serialize_fragment(fragment)) == fragment


def test_serialized_restart() -> None:
    text = serialize_fragment(IceFragment("abcd", "p" * 22, (FragmentSection("0"),), is_ice_lite=True))
    assert text.split("\r\n") == [
        "a=ice-lite",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:" + "p" * 22,
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "a=mid:0",
        "",
    ]


@pytest.mark.parametrize(
    "text", ["m=audio 9 X 0\n", "a=ice-ufrag:a b\n", "m=audio 9 X 0\na=mid:0\na=candidate:1\n"]
)
def test_malformed(text: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_fragment(text)
    assert caught.value.code == "sdp_malformed"


def test_too_large() -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_fragment("a=x\n" * 5000)
    assert caught.value.code == "sdp_too_large"


@given(st.text(max_size=200))
def test_any_text_raises_one_kind_of_error_only(text: str) -> None:
    for whole in (text, TRICKLE + text, "a=ice-pwd:" + text):
        with suppress(RemoteProtocolError):
            parse_fragment(whole)
