"""The two encodings of a made-up teacher, sealed and opened again."""

from __future__ import annotations

import struct

import pylibsrtp
import pytest

from load_tests.keys import Profile, session_keys
from load_tests.offer import VIDEO_PAYLOAD_TYPE
from load_tests.participant import local_end
from load_tests.simulcast import LOWER, UPPER, Encoding, encoding_of, simulcast_offer

MASTER = bytes(range(28))
KEYS = session_keys(MASTER[:16], MASTER[16:], Profile.GCM)


@pytest.mark.parametrize("rid", [LOWER, UPPER])
def test_libsrtp_opens_what_it_seals_and_it_knows_its_encoding(rid: bytes) -> None:
    encoding = Encoding(rid)
    policy = pylibsrtp.Policy(
        MASTER, pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
    )
    libsrtp = pylibsrtp.Session(policy)
    for frame in range(3):
        packet = encoding.packet(KEYS, 4, frame * 3000)
        assert encoding_of(KEYS, packet) == rid
        plain = libsrtp.unprotect(packet)
        assert plain.endswith(rid)
        assert struct.unpack_from("!BBHII", plain) == (
            0x90,
            0x80 | VIDEO_PAYLOAD_TYPE,
            frame + 1,
            frame * 3000,
            encoding.ssrc,
        )


def test_what_is_not_authentic_has_no_encoding() -> None:
    packet = Encoding(UPPER).packet(KEYS, 4, 0)
    assert encoding_of(KEYS, packet[:-1] + bytes([packet[-1] ^ 1])) is None
    assert encoding_of(KEYS, packet[:10]) is None


def test_an_offer_names_both_encodings_and_no_picture_ssrc() -> None:
    voice, picture = simulcast_offer(local_end()).split("m=video")
    assert "a=ssrc:" in voice
    assert "a=ssrc:" not in picture
    assert "a=simulcast:send l;h\r\n" in picture
    assert "a=rid:h send\r\n" in picture
