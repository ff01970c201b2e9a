"""How long a transport lives without its peer."""

from __future__ import annotations

from streaming.transport.consent import Consent, LossReason


def test_a_peer_that_never_connects_is_lost_at_its_deadline() -> None:
    consent = Consent(connect_timeout_ns=20, now_ns=100)
    assert consent.deadline_ns == 120
    reasons: list[LossReason | None] = []
    for now_ns in (119, 120):
        consent.handle_time(now_ns)
        reasons.append(consent.lost)
    assert reasons == [None, LossReason.CONNECT_TIMEOUT]
    assert consent.deadline_ns is None


def test_a_secured_peer_is_the_workers_to_watch() -> None:
    consent = Consent(connect_timeout_ns=20, now_ns=100)
    consent.handle_secured()
    consent.handle_time(10**18)
    assert consent.lost is None
    consent.handle_expired()
    assert consent.lost is LossReason.CONSENT_EXPIRED


def test_the_first_reason_stays() -> None:
    consent = Consent(connect_timeout_ns=20, now_ns=100)
    consent.handle_expired()
    consent.handle_time(120)
    assert consent.lost is LossReason.CONSENT_EXPIRED
