"""How exported keying material is cut (RFC 5764 section 4.2)."""

from __future__ import annotations

import pytest

from streaming.transport.srtp_keys import (
    OPENSSL_PROFILES,
    SrtpProfile,
    exported_bytes,
    profile_of_openssl,
    split_exported,
)


def test_the_worked_example() -> None:
    material = bytes(range(56))
    server = split_exported(SrtpProfile.AEAD_AES_128_GCM, material, is_server=True)
    assert server.local == bytes(range(16, 32)) + bytes(range(44, 56))
    assert server.remote == bytes(range(16)) + bytes(range(32, 44))
    client = split_exported(SrtpProfile.AEAD_AES_128_GCM, material, is_server=False)
    assert (client.local, client.remote) == (server.remote, server.local)


@pytest.mark.parametrize(
    ("profile", "total", "each"),
    [
        (SrtpProfile.AEAD_AES_128_GCM, 56, 28),
        (SrtpProfile.AEAD_AES_256_GCM, 88, 44),
        (SrtpProfile.AES_CM_128_HMAC_SHA1_80, 60, 30),
    ],
)
def test_sizes(profile: SrtpProfile, total: int, each: int) -> None:
    assert exported_bytes(profile) == total
    assert len(split_exported(profile, bytes(total), is_server=True).local) == each
    with pytest.raises(ValueError, match="exported bytes"):
        split_exported(profile, bytes(total - 1), is_server=True)


def test_openssl_names_lead_to_profiles_in_the_order_of_preference() -> None:
    assert [profile_of_openssl(name) for name in OPENSSL_PROFILES.split(b":")] == list(SrtpProfile)
    assert profile_of_openssl(b"") is None


def test_keys_are_not_printed() -> None:
    keys = split_exported(SrtpProfile.AEAD_AES_128_GCM, b"secret__" * 7, is_server=True)
    assert "secret" not in repr(keys)
