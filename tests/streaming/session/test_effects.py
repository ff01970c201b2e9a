"""Effects are values; what they carry of secrets does not show."""

from __future__ import annotations

from streaming.session.effects import SendOffer, SetTransport
from streaming.transport.ice_lite import CredentialPair, IceCredentials
from streaming.transport.srtp_keys import SrtpKeys, SrtpProfile


def test_no_key_or_password_is_printed() -> None:
    keys = SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, b"local-key-and-salt", b"remote-key-and-salt")
    pair = CredentialPair(IceCredentials("ufrag", "password"), "remote")
    text = repr(SetTransport((pair,), keys, {}, False, "tandem", False))
    assert "ufrag" in text
    assert "password" not in text
    assert "key-and-salt" not in text


def test_a_description_is_not_printed_with_its_effect() -> None:
    assert "a=ice-pwd" not in repr(SendOffer(1, "a=ice-pwd:x", ()))
