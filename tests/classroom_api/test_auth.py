from __future__ import annotations

import stat
from pathlib import Path

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_api.auth import (
    ACCESS_TOKEN_S,
    ADMIN,
    ANY_TOKEN,
    JOINING,
    Keys,
    Principal,
    TokenKind,
    Tokens,
    bearer,
    load_or_create_keys,
)
from signaling.ports import SeatClaims
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId, SeatId

KEYS = Keys(secret="s" * 64, admin_key="adm_key")
CLAIMS = SeatClaims(
    lesson=LessonId("les_a"),
    seat=SeatId("seat_a"),
    role=Role.CLASSROOM,
    name="三年级二班",
    classroom="c2",
    recording_consent=True,
)


class Clock:
    now_s = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now_s


def test_an_invitation_gives_back_its_claims() -> None:
    tokens = Tokens(KEYS, Clock())
    token = tokens.issue(TokenKind.INVITATION, CLAIMS, Clock.now_s + 60)
    assert tokens.check(token, ANY_TOKEN) == (CLAIMS, Clock.now_s + 60)


def test_a_token_is_over_at_its_expiry() -> None:
    clock = Clock()
    tokens = Tokens(KEYS, clock)
    token = tokens.issue_access(CLAIMS)
    clock.now_s += ACCESS_TOKEN_S - 1
    assert tokens.access_token(token) == CLAIMS
    clock.now_s += 1
    with pytest.raises(Refused) as refused:
        tokens.access_token(token)
    assert refused.value.code == "token_expired"


def test_each_kind_opens_its_own_doors() -> None:
    tokens = Tokens(KEYS, Clock())
    access = tokens.issue_access(CLAIMS)
    resume = tokens.issue(TokenKind.RESUME, CLAIMS, Clock.now_s + 60)
    assert tokens.resume_key(resume) == CLAIMS
    for token, check in ((access, tokens.resume_key), (resume, tokens.access_token)):
        with pytest.raises(Refused) as refused:
            check(token)
        assert refused.value.code == "token_invalid"
    with pytest.raises(Refused):
        tokens.check(access, JOINING)


def _forged() -> list[str]:
    good = Tokens(KEYS, Clock()).issue_access(CLAIMS)
    body = jwt.decode(good, KEYS.secret, algorithms=["HS256"], options={"verify_exp": False})
    head, middle, signature = good.split(".")
    return [
        "",
        "nonsense",
        good[:-2],
        f"{head}.{middle}.",
        f"{head}.{middle[:-3]}abc.{signature}",
        "x" * 10_000,
        jwt.encode(body, "another secret that is long enough to be one", algorithm="HS256"),
        jwt.encode(body, "", algorithm="none"),
        jwt.encode({**body, "role": "king"}, KEYS.secret, algorithm="HS256"),
        jwt.encode({**body, "kind": "golden"}, KEYS.secret, algorithm="HS256"),
        jwt.encode({k: v for k, v in body.items() if k != "seat"}, KEYS.secret, algorithm="HS256"),
        jwt.encode({**body, "exp": "soon"}, KEYS.secret, algorithm="HS256"),
    ]


@pytest.mark.parametrize("token", _forged(), ids=range(len(_forged())))
def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(Refused) as refused:
        Tokens(KEYS, Clock()).check(token, ANY_TOKEN)
    assert refused.value.code == "token_invalid"


@given(st.text(max_size=300))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(Refused):
        Tokens(KEYS, Clock()).check(text, ANY_TOKEN)


def test_the_admin_key_is_compared_whole() -> None:
    tokens = Tokens(KEYS, Clock())
    assert tokens.is_admin_key("adm_key")
    assert not tokens.is_admin_key("adm_ke")
    assert not tokens.is_admin_key("adm_kéy")


def test_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = load_or_create_keys(path)
    assert load_or_create_keys(path) == keys
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_keys(tmp_path / "other.json").secret != keys.secret


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("Basic eA==", "token_invalid"),
        ("Bearer ", "token_invalid"),
    ],
)
def test_a_missing_credential_is_told(header: str | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        bearer(header)
    assert refused.value.code == code


def test_bearer_is_case_blind() -> None:
    assert bearer("bearer  abc ") == "abc"


def test_a_principal_is_admin_or_a_seat() -> None:
    admin, seat = ADMIN, Principal(CLAIMS.seat, claims=CLAIMS)
    assert admin.is_admin
    assert seat.is_in(CLAIMS.lesson)
    assert not seat.is_in(LessonId("les_b"))
