from __future__ import annotations

import base64
import hashlib
import hmac

from classroom_api.outbox.signature import (
    OVERLAP_MS,
    keys_in_force,
    serialize_secret,
    signed_headers,
    webhook_key,
)


def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As the receiver's library does it, from the published scheme."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}"
    wanted = base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
    return any(given == f"v1,{wanted}" for given in headers["webhook-signature"].split(" "))


def test_the_scheme_s_own_example() -> None:
    """The worked example that the libraries of Standard Webhooks test against."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_knows_the_sender_and_no_other_body() -> None:
    secret = serialize_secret(webhook_key("server", "whk_a", 1))
    headers = signed_headers([webhook_key("server", "whk_a", 1)], "dlv_a", 17, b"{}")
    assert verify(secret, headers, b"{}")
    assert not verify(secret, headers, b"[]")
    assert not verify(secret, headers | {"webhook-timestamp": "18"}, b"{}")
    assert not verify(secret, headers | {"webhook-id": "dlv_b"}, b"{}")


def test_each_webhook_and_each_version_has_its_own_secret() -> None:
    keys = {webhook_key(s, w, v) for s in ("a", "b") for w in ("whk_a", "whk_b") for v in (1, 2)}
    assert len(keys) == 8
    assert {len(key) for key in keys} == {32}


def test_for_a_day_after_a_renewal_both_secrets_verify() -> None:
    old, new = (serialize_secret(webhook_key("s", "w", version)) for version in (1, 2))

    def verified(now_ms: int) -> tuple[bool, bool]:
        headers = signed_headers(keys_in_force("s", "w", 2, 1000, now_ms), "m", 1, b"x")
        return verify(old, headers, b"x"), verify(new, headers, b"x")

    assert verified(1000 + OVERLAP_MS - 1) == (True, True)
    assert verified(1000 + OVERLAP_MS) == (False, True)
    assert len(keys_in_force("s", "w", 1, 0, 1)) == 1
