"""The native SRTP against libsrtp: two implementations, one wire (SFU checklist lines 1 and 2).

Each profile, under each crypto library that is here, is driven both ways,
through the wrap of the sequence number, late packets around it, replays, and
tampering.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import pylibsrtp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.rtp.packet import ExtensionBlock, RtpPacket, serialize_packet
from streaming.rtp.rtcp import ReceiverReport, serialize_receiver_report

Outcome: TypeAlias = tuple[str, bytes, int]


class Sender(Protocol):
    """The native sender: (status, packet, packet index)."""

    def protect_rtp(self, header: bytes, payload_parts: list[bytes], roc: int) -> Outcome: ...
    def protect_rtcp(self, compound: bytes) -> Outcome: ...


class Receiver(Protocol):
    """The native receiver."""

    def unprotect_rtp(self, packet: bytes) -> Outcome: ...
    def unprotect_rtcp(self, packet: bytes) -> Outcome: ...
    def roll_over_counter(self, ssrc: int) -> int: ...
    def ssrc_count(self) -> int: ...


wire: Final[Any] = importlib.import_module("streaming._dataplane").wire

SSRC: Final = 0x1234_5678
WINDOW_PACKETS: Final = 1024
MAX_LIBSRTP_PAYLOAD_BYTES: Final = 1200


@dataclass(frozen=True, slots=True)
class Profile:
    """A protection profile under a crypto library: names here, number in libsrtp, sizes in bytes."""

    library: str
    name: str
    libsrtp: int
    key_and_salt_bytes: int
    tag_bytes: int


LIBRARIES: Final[list[str]] = wire.crypto_libraries()
PROFILES: Final = tuple(
    Profile(library, *profile)
    for library in LIBRARIES
    for profile in (
        ("AES_CM_128_HMAC_SHA1_80", pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30, 10),
        ("AEAD_AES_128_GCM", pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28, 16),
        ("AEAD_AES_256_GCM", pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44, 16),
    )
)

profiles = st.sampled_from(PROFILES)
keys = st.binary(min_size=44, max_size=44)
payloads = st.binary(max_size=MAX_LIBSRTP_PAYLOAD_BYTES)
extensions = st.none() | st.builds(
    ExtensionBlock,
    st.just(0xBEDE),
    st.integers(0, 8).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n)),
)
# Steps of an extended sequence number: mostly the next ones, some back, some far ahead.
steps = st.lists(st.integers(-40, 60) | st.integers(1000, 20_000), min_size=1, max_size=40)


def libsrtp_session(profile: Profile, key: bytes, *, outbound: bool) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(
        key=key[: profile.key_and_salt_bytes],
        ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND if outbound else pylibsrtp.Policy.SSRC_ANY_INBOUND,
        srtp_profile=profile.libsrtp,
    )
    policy.window_size = WINDOW_PACKETS
    policy.allow_repeat_tx = True
    return pylibsrtp.Session(policy)


def native_receiver(profile: Profile, key: bytes) -> Receiver:
    receiver: Receiver = wire.srtp_receiver(
        profile.name, key[: profile.key_and_salt_bytes], 16, profile.library
    )
    return receiver


def native_sender(profile: Profile, key: bytes) -> Sender:
    sender: Sender = wire.srtp_sender(profile.name, key[: profile.key_and_salt_bytes], profile.library)
    return sender


def packet_of(number: int, payload: bytes = b"voice", extension: ExtensionBlock | None = None) -> bytes:
    return serialize_packet(
        RtpPacket(111, number & 0xFFFF, number & 0xFFFF_FFFF, SSRC, payload, extension=extension)
    )


def protect(sender: Sender, packet: bytes, number: int) -> bytes:
    """What the native sender makes of a packet whose header has no extension."""
    status, protected, index = sender.protect_rtp(packet[:12], [packet[12:]], number >> 16)
    assert (status, index) == ("ok", number)
    return protected


@given(profiles, keys, st.integers(0, 0x7FFF), payloads, extensions)
def test_native_opens_what_libsrtp_seals(
    profile: Profile, key: bytes, number: int, payload: bytes, extension: ExtensionBlock | None
) -> None:
    packet = packet_of(number, payload, extension)
    sealed = libsrtp_session(profile, key, outbound=True).protect(packet)
    assert native_receiver(profile, key).unprotect_rtp(sealed) == ("ok", packet, number)


@given(profiles, keys, st.integers(0, 0x7FFF), payloads, extensions, st.integers(0, 40))
def test_libsrtp_opens_what_native_seals_and_both_seal_alike(
    profile: Profile, key: bytes, number: int, payload: bytes, extension: ExtensionBlock | None, cut: int
) -> None:
    packet = packet_of(number, payload, extension)
    header, body = packet[: len(packet) - len(payload)], payload
    status, sealed, _ = native_sender(profile, key).protect_rtp(header, [body[:cut], body[cut:]], 0)
    assert status == "ok"
    assert libsrtp_session(profile, key, outbound=True).protect(packet) == sealed
    assert libsrtp_session(profile, key, outbound=False).unprotect(sealed) == packet


@given(profiles, keys, steps)
@settings(max_examples=60)
def test_roll_over_counters_agree_across_the_wrap(profile: Profile, key: bytes, walk: list[int]) -> None:
    """checklist 1: from just below 65535, ahead and back; every packet index is the one that was meant."""
    sender, receiver = native_sender(profile, key), native_receiver(profile, key)
    peer = libsrtp_session(profile, key, outbound=False)
    number = highest = 65_500
    seen: set[int] = set()
    for step in [0, *walk]:
        number = max(number + step, 0)
        # A jump beyond half the circle, or back below the window, is another number to every receiver.
        number = max(highest - 900, min(number, highest + 20_000))
        if number < 65_500 - 900 or number in seen:
            continue
        packet = packet_of(number)
        sealed = protect(sender, packet, number)
        assert receiver.unprotect_rtp(sealed) == ("ok", packet, number)
        assert peer.unprotect(sealed) == packet
        seen.add(number)
        highest = max(highest, number)
    assert receiver.roll_over_counter(SSRC) == highest >> 16


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: f"{profile.library}-{profile.name}")
def test_late_packets_and_replays_around_the_wrap(profile: Profile) -> None:
    """checklist 1: 65534, 65536, then the late 65535 under its own counter; each of them once."""
    key = bytes(range(44))
    sender, receiver = native_sender(profile, key), native_receiver(profile, key)
    sealed = {number: protect(sender, packet_of(number), number) for number in range(65_534, 65_538)}
    for number in (65_534, 65_536, 65_535, 65_537):
        assert receiver.unprotect_rtp(sealed[number]) == ("ok", packet_of(number), number)
    for packet in sealed.values():
        assert receiver.unprotect_rtp(packet)[:2] == ("replayed", b"")
    assert receiver.roll_over_counter(SSRC) == 1


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: f"{profile.library}-{profile.name}")
def test_a_packet_1024_late_is_taken_by_native_as_by_libsrtp(profile: Profile) -> None:
    """checklist 2: the replay window holds at least what a retransmission needs."""
    key = bytes(range(44))
    sender, receiver = native_sender(profile, key), native_receiver(profile, key)
    peer = libsrtp_session(profile, key, outbound=False)
    late = protect(sender, packet_of(65_000), 65_000)
    for number in range(65_001, 65_000 + WINDOW_PACKETS):
        sealed = protect(sender, packet_of(number), number)
        assert receiver.unprotect_rtp(sealed)[0] == "ok"
        peer.unprotect(sealed)
    assert receiver.unprotect_rtp(late)[0] == "ok"
    assert peer.unprotect(late) == packet_of(65_000)
    assert receiver.unprotect_rtp(late)[0] == "replayed"


@given(profiles, keys, st.data())
def test_tampering_is_refused_and_leaves_the_roll_over_counter(
    profile: Profile, key: bytes, data: st.DataObject
) -> None:
    """checklist 1: a forged packet that would turn the counter over changes nothing."""
    sender, receiver = native_sender(profile, key), native_receiver(profile, key)
    receiver.unprotect_rtp(protect(sender, packet_of(65_000), 65_000))
    sealed = bytearray(protect(sender, packet_of(65_600), 65_600))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    assert receiver.unprotect_rtp(bytes(sealed))[0] != "ok"
    assert receiver.roll_over_counter(SSRC) == 0
    assert receiver.ssrc_count() == 1
    number = 65_001
    assert receiver.unprotect_rtp(protect(sender, packet_of(number), number)) == (
        "ok",
        packet_of(number),
        number,
    )


@given(profiles, keys, st.binary(max_size=1500))
def test_noise_is_refused_without_a_trace(profile: Profile, key: bytes, noise: bytes) -> None:
    receiver = native_receiver(profile, key)
    assert receiver.unprotect_rtp(noise)[0] in {"malformed", "auth_failed"}
    assert receiver.unprotect_rtcp(noise)[0] in {"malformed", "auth_failed"}
    assert receiver.ssrc_count() == 0


@given(profiles, keys, st.integers(1, 20), st.binary(max_size=600))
def test_rtcp_both_ways(profile: Profile, key: bytes, count: int, tail: bytes) -> None:
    compound = serialize_receiver_report(ReceiverReport(SSRC)) + tail
    sender, receiver = native_sender(profile, key), native_receiver(profile, key)
    outbound = libsrtp_session(profile, key, outbound=True)
    inbound = libsrtp_session(profile, key, outbound=False)
    for expected_index in range(count):
        status, sealed, index = sender.protect_rtcp(compound)
        assert (status, index) == ("ok", expected_index)
        assert inbound.unprotect_rtcp(sealed) == compound
        theirs = outbound.protect_rtcp(compound)
        assert len(theirs) == len(sealed) == len(compound) + profile.tag_bytes + 4
        status, plain, _ = receiver.unprotect_rtcp(theirs)
        assert (status, plain) == ("ok", compound)
        assert receiver.unprotect_rtcp(theirs)[0] == "replayed"


@given(profiles, keys, st.data())
def test_tampered_rtcp_is_refused(profile: Profile, key: bytes, data: st.DataObject) -> None:
    receiver = native_receiver(profile, key)
    compound = serialize_receiver_report(ReceiverReport(SSRC)) + b"feedback"
    sealed = libsrtp_session(profile, key, outbound=True).protect_rtcp(compound)
    tampered = bytearray(sealed)
    bit = data.draw(st.integers(0, 8 * len(tampered) - 1))
    tampered[bit // 8] ^= 1 << bit % 8
    assert receiver.unprotect_rtcp(bytes(tampered))[0] != "ok"
    assert receiver.unprotect_rtcp(sealed)[:2] == ("ok", compound)


def test_a_key_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="wrong size"):
        wire.srtp_sender("AEAD_AES_128_GCM", bytes(30))
    with pytest.raises(ValueError, match="profile"):
        wire.srtp_receiver("NULL", bytes(30), 1)
    with pytest.raises(ValueError, match="crypto library"):
        wire.srtp_sender("AEAD_AES_128_GCM", bytes(28), "identity")


def test_openssl_is_always_here() -> None:
    assert LIBRARIES[0] == "openssl"
