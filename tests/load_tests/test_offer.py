"""Offers say what a light participant is; answers are read or refused."""

from __future__ import annotations

import pytest

from load_tests.offer import MID_URI, LocalEnd, make_offer, make_receiving_answer, read_answer

LOCAL = LocalEnd(ufrag="abcd", pwd="p" * 32, fingerprint="AA:BB", voice_ssrc=1, video_ssrc=2)
ANSWER = "\r\n".join(
    [
        "v=0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=ice-ufrag:serv",
        "a=ice-pwd:secretsecretsecretsecret",
        "a=fingerprint:sha-256 ab:cd",
        "a=candidate:1 1 UDP 2130706431 127.0.0.1 41500 typ host",
        f"a=extmap:4 {MID_URI}",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "",
    ]
)


@pytest.mark.parametrize(("publishes", "direction"), [(True, "sendonly"), (False, "recvonly")])
def test_an_offer_has_two_sections_of_one_direction(publishes: bool, direction: str) -> None:
    offer = make_offer(LOCAL, publishes=publishes)
    assert offer.count(f"a={direction}\r\n") == offer.count("m=") == 2
    assert ("a=ssrc:2 cname:light" in offer) is publishes


def test_an_answer_gives_address_credentials_and_extensions() -> None:
    remote = read_answer(ANSWER)
    assert (remote.host, remote.port, remote.ufrag) == ("127.0.0.1", 41500, "serv")
    assert remote.fingerprint == "AB:CD"
    assert remote.extensions == {MID_URI: 4}


def test_an_answer_takes_what_the_server_offers() -> None:
    offer = ANSWER.replace("m=audio", "a=mid:a\r\nm=audio").replace("a=ice-ufrag", "a=mid:v0\r\na=ice-ufrag")
    answer = make_receiving_answer(LOCAL, offer, ("192.0.2.1", 5000))
    assert answer.count("a=recvonly\r\n") == answer.count("a=setup:active\r\n") == answer.count("m=") == 2
    assert answer.count(" 192.0.2.1 5000 typ host\r\n") == 2
    assert "a=mid:v0\r\n" in answer
    assert f"a=extmap:4 {MID_URI}" in answer


@pytest.mark.parametrize(
    "broken", [ANSWER.replace("m=video 9", "m=video 0"), ANSWER.replace("typ host", "typ srflx")]
)
def test_an_answer_without_a_section_or_an_address_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match="answer"):
        read_answer(broken)
