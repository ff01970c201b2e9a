from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_api.outbox.destinations import Destination, is_permitted, parse_destination
from streaming.errors import Refused

PRIVATE = (
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1"),
    *("2002:7f00:1::1", "2001:0:7f00:1::1", "nonsense", ""),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_message_goes_where_only_the_school_s_network_reaches(address: str) -> None:
    assert not is_permitted(address, is_private_allowed=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "203.0.114.1", "2606:4700::1111", "2a00:1450::1"])
def test_public_addresses_are_permitted(address: str) -> None:
    assert is_permitted(address, is_private_allowed=False)


def test_a_setting_permits_private_addresses_and_still_no_multicast() -> None:
    assert all(is_permitted(a, is_private_allowed=True) for a in ("127.0.0.1", "10.0.0.1", "::1"))
    assert not is_permitted("224.0.0.1", is_private_allowed=True)
    assert not is_permitted("0.0.0.0", is_private_allowed=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://school.example/hook",
        "ftp://school.example/",
        "https://",
        "https:///path",
        "https://user:secret@school.example/",
        "https://school.example/#here",
        "https://school.example:99999/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://school.example\\@10.0.0.1/",
        "https://school.example/a b",
        "https://school.example/\n",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://学校.example/",
        "https://school.example/" + "a" * 500,
    ],
)
def test_what_is_no_public_https_address_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_destination(url, is_private_allowed=False)
    assert refused.value.code == "webhook_url_refused"


def test_plain_http_is_for_this_machine_alone_and_only_where_that_is_allowed() -> None:
    here = parse_destination("http://127.0.0.1:8080/hook?a=1", is_private_allowed=True)
    assert here == Destination(
        is_secure=False, host="127.0.0.1", port=8080, authority="127.0.0.1:8080", target="/hook?a=1"
    )
    assert parse_destination("https://10.0.0.1/", is_private_allowed=True).port == 443
    with pytest.raises(Refused):
        parse_destination("http://10.0.0.1/", is_private_allowed=True)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_taken_or_refused(text: str) -> None:
    for url in (text, f"https://{text}"):
        try:
            parsed = parse_destination(url, is_private_allowed=False)
        except Refused:
            continue
        assert parsed.is_secure
        assert parsed.host
        assert parsed.target.startswith("/")
