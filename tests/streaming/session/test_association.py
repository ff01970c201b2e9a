"""The states of one transport: described, secured, restarted, lost."""

from __future__ import annotations

import pytest

from streaming.errors import LocalProtocolError, RemoteProtocolError
from streaming.sdp.attributes import Fingerprint
from streaming.sdp.capabilities import HeaderExtension
from streaming.sdp.fragment import IceFragment, parse_fragment, serialize_fragment
from streaming.sdp.negotiation import DtlsRole, RemoteTransport
from streaming.session.association import (
    NO_TERMS,
    Association,
    AssociationState,
    MediaTerms,
    merge_extensions,
)
from streaming.session.effects import ClosePeer, Connected, SetTransport, StartDtls
from streaming.transport.srtp_keys import SrtpKeys, SrtpProfile
from tests.streaming.session.descriptions import (
    FACE,
    REMOTE_FINGERPRINT,
    SECOND_NS,
    new_association,
    seeded_numbers,
)

KEYS = SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, bytes(28), bytes(28))
TERMS = MediaTerms({HeaderExtension.MID: 4}, allows_mixed_extensions=True, has_transport_cc=True)


def remote(
    role: DtlsRole = DtlsRole.SERVER, fingerprint: Fingerprint = REMOTE_FINGERPRINT
) -> RemoteTransport:
    return RemoteTransport("ufra", "p" * 24, (fingerprint,), (), True, True, role)


def described() -> Association:
    association = new_association(seeded_numbers())
    association.handle_remote(remote(), TERMS, 0)
    return association


def test_the_first_description_starts_dtls_and_a_later_one_does_not() -> None:
    association = new_association(seeded_numbers())
    transport, dtls = association.handle_remote(remote(DtlsRole.CLIENT), TERMS, 0)
    assert isinstance(transport, SetTransport)
    assert transport.extensions == {HeaderExtension.MID: 4}
    assert transport.credentials[0].remote_ufrag == "ufra"
    assert isinstance(dtls, StartDtls)
    assert not dtls.is_server
    assert association.state is AssociationState.CONNECTING
    assert len(association.handle_remote(remote(DtlsRole.CLIENT), NO_TERMS, 0)) == 1


def test_keys_go_to_the_worker_and_the_peer_is_connected() -> None:
    association = described()
    transport, connected = association.handle_secured(KEYS)
    assert isinstance(transport, SetTransport)
    assert transport.keys == KEYS
    assert connected == Connected()
    assert association.state is AssociationState.CONNECTED
    assert association.deadline_ns is None
    assert association.handle_time(10**18) == []


def test_a_peer_that_never_comes_is_given_up() -> None:
    association = described()
    assert association.deadline_ns == 20 * SECOND_NS
    assert association.handle_time(20 * SECOND_NS) == [ClosePeer("connect_timeout")]


def test_consent_that_expires_closes_the_peer() -> None:
    association = described()
    association.handle_secured(KEYS)
    assert association.handle_expired() == [ClosePeer("consent_expired")]
    association.close()
    association.close()
    assert association.state is AssociationState.CLOSED


def test_out_of_order_inputs_are_our_own_bugs() -> None:
    association = new_association(seeded_numbers())
    with pytest.raises(LocalProtocolError):
        association.handle_secured(KEYS)
    association.close()
    with pytest.raises(LocalProtocolError):
        association.handle_remote(remote(), TERMS, 0)
    assert association.handle_expired() == []


def test_the_fingerprint_never_changes() -> None:
    association = described()
    association.check_remote(remote())
    with pytest.raises(RemoteProtocolError, match="sdp_unsupported"):
        association.check_remote(remote(fingerprint=Fingerprint("sha-256", bytes(32))))


def test_trickled_candidates_need_no_answer() -> None:
    association = described()
    assert association.handle_fragment(IceFragment("ufra", "p" * 24), ("0",)) == (None, [])
    assert association.handle_fragment(IceFragment(), ("0",)) == (None, [])
    early = new_association(seeded_numbers())
    assert early.handle_fragment(IceFragment("newu", "p" * 24), ()) == (None, [])


def test_a_fragment_with_new_credentials_restarts_ice() -> None:
    association = described()
    association.handle_secured(KEYS)
    before = association.ice.local
    answer, effects = association.handle_fragment(IceFragment("newu", "q" * 24), ("0", "1"))
    assert answer is not None
    assert (answer.ice_ufrag, answer.ice_pwd) == (association.ice.local.ufrag, association.ice.local.pwd)
    assert association.ice.local != before
    (section,) = answer.sections
    assert section.mid == "0"
    assert section.candidates == FACE.candidates
    assert parse_fragment(serialize_fragment(answer)).ice_ufrag == answer.ice_ufrag
    (transport,) = effects
    assert isinstance(transport, SetTransport)
    assert transport.keys == KEYS
    assert [pair.remote_ufrag for pair in transport.credentials] == ["newu", "ufra"]
    assert association.handle_fragment(IceFragment("newu", "q" * 24), ("0",)) == (None, [])


def test_a_fragment_with_half_of_the_credentials_is_malformed() -> None:
    with pytest.raises(RemoteProtocolError, match="sdp_malformed"):
        described().handle_fragment(IceFragment("newu", None), ("0",))


def test_extension_maps_of_sections_become_one() -> None:
    merged = merge_extensions([{HeaderExtension.MID: 1}, {HeaderExtension.MID: 1, HeaderExtension.RID: 2}])
    assert merged == {HeaderExtension.MID: 1, HeaderExtension.RID: 2}
