"""What the values of a description derive."""

from __future__ import annotations

from streaming.sdp.attributes import Direction, Fingerprint, Fmtp, Group, Setup
from streaming.sdp.description import MediaDescription, Origin, SessionDescription, TransportAttributes

SECTION = MediaDescription("video", 9, "UDP/TLS/RTP/SAVPF", ("96",))


def test_transport_falls_back_to_the_session_value_by_value() -> None:
    session = TransportAttributes(
        "sess", "p" * 22, ("ice2",), (Fingerprint("sha-256", bytes(32)),), Setup.ACTIVE
    )
    merged = TransportAttributes(ice_ufrag="media", setup=Setup.PASSIVE).over(session)
    assert (merged.ice_ufrag, merged.ice_pwd) == ("media", None)
    assert (merged.ice_options, merged.setup) == (("ice2",), Setup.PASSIVE)
    assert merged.fingerprints == session.fingerprints
    assert TransportAttributes().over(session) == session


def test_rejected_unless_bundle_only() -> None:
    assert not SECTION.is_rejected
    assert MediaDescription("video", 0, "x", ("1",)).is_rejected
    assert not MediaDescription("video", 0, "x", ("1",), is_bundle_only=True).is_rejected


def test_direction_defaults_to_sendrecv() -> None:
    assert SECTION.effective_direction is Direction.SENDRECV


def test_format_parameters_of_a_payload_type() -> None:
    media = MediaDescription(
        "video", 9, "x", ("96",), fmtps=(Fmtp(97, "apt=96"), Fmtp(96, "A=1"), Fmtp(96, "b"))
    )
    assert media.fmtp_text(96) == "A=1;b"
    assert media.fmtp_parameters(96) == {"a": "1", "b": ""}
    assert media.fmtp_text(1) == ""


def test_first_bundle_group_counts() -> None:
    groups = (Group("LS", ("9",)), Group("BUNDLE", ("0",)), Group("BUNDLE", ("1",)))
    assert SessionDescription(Origin(1, 1), groups=groups).bundle_mids == ("0",)
    assert SessionDescription(Origin(1, 1)).bundle_mids is None
