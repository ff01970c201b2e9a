from __future__ import annotations

import pytest

from classroom_api.signed_paths import PathSigner
from streaming.errors import Refused

SIGNER = PathSigner("secret")
NOW_S = 1_790_000_000


def _split(prefix: str) -> tuple[str, str]:
    empty, media, stamp, resource = prefix.split("/")
    assert (empty, media) == ("", "media")
    return stamp, resource


def test_a_signed_prefix_opens_its_resource_until_it_expires() -> None:
    stamp, resource = _split(SIGNER.prefix("res_a", NOW_S + 10))
    SIGNER.check(stamp, resource, NOW_S + 9.9)
    with pytest.raises(Refused) as refused:
        SIGNER.check(stamp, resource, NOW_S + 10)
    assert refused.value.code == "token_expired"


@pytest.mark.parametrize("stamp", ["", ".", "123", "abc.def", "99999999999999999.x", "-5.x", "１２.x"])
def test_a_malformed_stamp_is_refused(stamp: str) -> None:
    with pytest.raises(Refused) as refused:
        SIGNER.check(stamp, "res_a", NOW_S)
    assert refused.value.code == "token_invalid"


def test_a_signature_is_for_one_resource_one_expiry_one_server() -> None:
    stamp, _ = _split(SIGNER.prefix("res_a", NOW_S + 10))
    later = f"{NOW_S + 9999}.{stamp.partition('.')[2]}"
    for signer, forged, resource in (
        (SIGNER, stamp, "res_b"),
        (SIGNER, later, "res_a"),
        (PathSigner("other"), stamp, "res_a"),
    ):
        with pytest.raises(Refused) as refused:
            signer.check(forged, resource, NOW_S)
        assert refused.value.code == "token_invalid"
