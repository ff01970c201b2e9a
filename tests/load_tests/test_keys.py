"""Key derivation against the vectors of RFC 3711 B.3 and the order of RFC 5764 4.2."""

from __future__ import annotations

from load_tests.keys import Label, Profile, derive, session_keys, split_exported

MASTER_KEY = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139")
MASTER_SALT = bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")


def test_cipher_key_and_salt_are_those_of_the_rfc() -> None:
    assert (
        derive(MASTER_KEY, MASTER_SALT, Label.RTP_KEY, 16).hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
    )
    assert derive(MASTER_KEY, MASTER_SALT, Label.RTP_SALT, 14).hex().upper() == "30CBBC08863D8C85D49DB34A9AE1"


def test_the_exporter_gives_two_keys_and_then_two_salts() -> None:
    exported = bytes(range(56))
    client, server = split_exported(exported)
    assert client == session_keys(exported[:16], exported[32:44])
    assert server == session_keys(exported[16:32], exported[44:])
    assert len(client.rtp) == len(client.rtcp) == 28


def test_aes_cm_has_a_longer_salt_and_an_authentication_key() -> None:
    exported = bytes(range(60))
    client, server = split_exported(exported, Profile.CM)
    assert client == session_keys(exported[:16], exported[32:46], Profile.CM)
    assert server == session_keys(exported[16:32], exported[46:], Profile.CM)
    authentication = derive(MASTER_KEY, MASTER_SALT, Label.RTP_AUTHENTICATION, 20)
    assert session_keys(MASTER_KEY, MASTER_SALT, Profile.CM).rtp.endswith(authentication)
    assert authentication.hex().upper().startswith("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"[:20])
