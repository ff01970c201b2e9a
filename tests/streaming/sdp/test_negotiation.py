"""The rules that publish, subscribe and view share."""

from __future__ import annotations

import pytest

from streaming.errors import RemoteProtocolError
from streaming.sdp.attributes import Fingerprint, Setup, host_candidates
from streaming.sdp.description import MediaDescription, SessionDescription
from streaming.sdp.negotiation import (
    DtlsRole,
    LocalTransport,
    allows_mixed_extensions,
    answered_setup,
    answered_setup_role,
    bundled_sections,
    check_layout,
    check_section,
    describe_answer,
    has_known_protocol,
    is_ice_restart,
    layout_of,
    offered_setup_role,
    refused_section,
    remote_transport,
    transport_section,
)
from streaming.sdp.parsing import parse_description

LOCAL = LocalTransport(
    "ours",
    "o" * 24,
    (Fingerprint("sha-256", bytes(32)),),
    host_candidates(["192.0.2.9", "2001:db8::9"], 7881),
    77,
)
SHA_256 = "a=fingerprint:sha-256 " + ":".join(["0F"] * 32) + "\n"
CREDENTIALS = "a=ice-ufrag:abcd\na=ice-pwd:" + "p" * 22 + "\n"
TRANSPORT = CREDENTIALS + SHA_256 + "a=setup:actpass\n"


def description(lines: str, session: str = "") -> SessionDescription:
    return parse_description("v=0\no=- 1 1 IN IP4 x\ns=-\nt=0 0\n" + session + lines)


def media(mid: str, *, port: int = 9, lines: str = "") -> str:
    return f"m=video {port} UDP/TLS/RTP/SAVPF 96\na=mid:{mid}\n{lines}"


def test_bundle_order_and_members() -> None:
    offer = description(
        media("a") + media("b") + media("c", port=0) + media("d"), "a=group:BUNDLE b c a missing b\n"
    )
    assert [section.mid for section in bundled_sections(offer)] == ["b", "a"]
    assert [section.mid for section in bundled_sections(description(media("x")))] == ["x"]
    with pytest.raises(RemoteProtocolError) as caught:
        bundled_sections(description(media("x") + media("y")))
    assert caught.value.code == "sdp_unsupported"


@pytest.mark.parametrize("at_session", [True, False])
def test_remote_transport_from_session_or_section(at_session: bool) -> None:
    session = TRANSPORT + "a=ice-options:ice2 trickle\n"
    offer = description(media("0"), session) if at_session else description(media("0", lines=session))
    remote = remote_transport(offer, is_answer=False)
    assert (remote.ice_ufrag, remote.ice_pwd, remote.supports_ice2) == ("abcd", "p" * 22, True)
    assert remote.fingerprints == (Fingerprint("sha-256", b"\x0f" * 32),)
    assert remote.local_dtls_role is DtlsRole.SERVER
    assert answered_setup(remote) is Setup.PASSIVE


def test_tagged_section_speaks_for_bundle_only_ones() -> None:
    bundle = "a=group:BUNDLE 0 1\n"
    offer = description(media("1", port=0, lines="a=bundle-only\n") + media("0", lines=TRANSPORT), bundle)
    assert remote_transport(offer, is_answer=False).ice_ufrag == "abcd"


@pytest.mark.parametrize(
    "lines",
    [
        media("0", lines=SHA_256),
        media("0", lines=CREDENTIALS),
        media("0", lines=CREDENTIALS + "a=fingerprint:sha-1 " + ":".join(["00"] * 20) + "\n"),
        media("0", lines=SHA_256 + "a=ice-ufrag:abc\na=ice-pwd:" + "p" * 22 + "\n"),
        media("0", lines=SHA_256 + "a=ice-ufrag:abcd\na=ice-pwd:short\n"),
        media("0", lines=CREDENTIALS + SHA_256 + "a=setup:holdconn\n"),
        media("0", port=0, lines=TRANSPORT),
        "",
    ],
)
def test_transports_that_cannot_be_used(lines: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        remote_transport(description(lines), is_answer=False)
    assert caught.value.code == "sdp_unsupported"


def test_two_lite_ends_cannot_meet() -> None:
    with pytest.raises(RemoteProtocolError, match="ICE-lite"):
        remote_transport(description(media("0", lines=TRANSPORT), "a=ice-lite\n"), is_answer=False)


def test_dtls_roles() -> None:
    assert offered_setup_role(None) is offered_setup_role(Setup.ACTIVE) is DtlsRole.SERVER
    assert offered_setup_role(Setup.PASSIVE) is DtlsRole.CLIENT
    assert answered_setup_role(Setup.ACTIVE) is answered_setup_role(None) is DtlsRole.SERVER
    assert answered_setup_role(Setup.PASSIVE) is DtlsRole.CLIENT
    for setup in (Setup.ACTPASS, Setup.HOLDCONN):
        with pytest.raises(RemoteProtocolError):
            answered_setup_role(setup)


def test_ice_restart_is_a_change_of_credentials() -> None:
    first = description(media("0", lines=TRANSPORT))
    previous = remote_transport(first, is_answer=False)
    assert not is_ice_restart(first, previous)
    assert is_ice_restart(description(media("0", lines=TRANSPORT.replace("abcd", "efgh"))), previous)


def test_layout_may_grow_and_reuse_refused_places_only() -> None:
    before = layout_of(description(media("0") + media("1", port=0)))
    check_layout(description(media("0") + media("1") + media("2")), before)
    check_layout(description(media("0") + media("new")), before)
    check_layout(description(media("other", port=0) + media("1")), before)
    for bad in (media("0"), media("1") + media("0"), media("other") + media("1")):
        with pytest.raises(RemoteProtocolError) as caught:
            check_layout(description(bad), before)
        assert caught.value.code == "sdp_unsupported"


def test_rtcp_mux_is_required() -> None:
    check_section(MediaDescription("video", 9, "x", ("96",), is_rtcp_mux_only=True))
    with pytest.raises(RemoteProtocolError):
        check_section(MediaDescription("video", 9, "x", ("96",)))


def test_answer_refuses_in_place_and_puts_candidates_on_the_first_accepted() -> None:
    offer = description(media("a") + media("b") + media("c"), "a=group:BUNDLE c a b\n")
    accepted = {
        index: transport_section("video", "UDP/TLS/RTP/SAVPF", mid, LOCAL, Setup.PASSIVE)
        for index, mid in ((1, "b"), (2, "c"))
    }
    answer = describe_answer(offer, accepted, LOCAL, 3)
    assert [(section.mid, section.port) for section in answer.media] == [("a", 0), ("b", 9), ("c", 9)]
    assert answer.bundle_mids == ("c", "b")
    assert [len(section.candidates) for section in answer.media] == [0, 0, 2]
    assert (answer.origin.session_id, answer.origin.version, answer.is_ice_lite) == (77, 3, True)
    assert refused_section(offer.media[0]) == answer.media[0]


def test_mixed_extensions_by_session_or_by_every_section() -> None:
    mixed = "a=extmap-allow-mixed\n"
    assert allows_mixed_extensions(description(media("0"), mixed))
    assert allows_mixed_extensions(description(media("0", lines=mixed) + media("1", lines=mixed)))
    assert not allows_mixed_extensions(description(media("0", lines=mixed) + media("1")))
    assert not allows_mixed_extensions(description(""))


def test_protocols() -> None:
    assert has_known_protocol(MediaDescription("video", 9, "UDP/TLS/RTP/SAVPF", ()))
    assert not has_known_protocol(MediaDescription("video", 9, "RTP/AVP", ()))
