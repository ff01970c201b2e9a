"""Credentials and their generations."""

from __future__ import annotations

import re
import secrets

from streaming.transport.ice_lite import CredentialPair, IceCredentials, IceLiteAgent, create_credentials

A, B, C = (IceCredentials(name, name * 24) for name in "abc")


def test_credentials_are_ice_chars_of_enough_bits() -> None:
    """RFC 8839 section 5.4: 4-256 and 22-256 ice-chars; RFC 8445 section 5.3: 24 and 128 bits at least."""
    for _ in range(50):
        credentials = create_credentials(secrets.token_bytes)
        assert re.fullmatch(r"[A-Za-z0-9+/]{12}", credentials.ufrag)
        assert re.fullmatch(r"[A-Za-z0-9+/]{32}", credentials.pwd)


def test_a_password_is_not_printed() -> None:
    assert "b" * 24 not in repr(B)


def test_a_restart_keeps_one_generation_back() -> None:
    agent = IceLiteAgent(A)
    agent.handle_remote("one")
    agent.restart(B)
    assert agent.pairs == (CredentialPair(B, ""), CredentialPair(A, "one"))
    agent.handle_remote("two")
    assert (agent.local, agent.remote_ufrag) == (B, "two")
    agent.restart(C, "three")
    assert agent.pairs == (CredentialPair(C, "three"), CredentialPair(B, "two"))
