"""Who is asking: the admin key, invitations, access tokens and resume keys.

All but the admin key are JWTs (HS256) of this server's own secret, told apart by `kind`:

    invitation  what a link carries; names lesson, seat, role; to the lesson's end
    access      10 minutes; opens the socket and the REST face
    resume      gives the seat back after the access token is over; to the lesson's end

The secret and the admin key are made at first start and lie in `keys.json` (mode 0600) of the data folder.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import jwt

from classroom_api.roles import Grant, GrantRole
from signaling.ports import SeatClaims
from signaling.roles import Role
from streaming.errors import Refused
from streaming.identifiers import LessonId, SeatId

ACCESS_TOKEN_S = 600
_ALGORITHM = "HS256"
_MAXIMUM_TOKEN_CHARACTERS = 4096


class TokenKind(StrEnum):
    INVITATION = "invitation"
    ACCESS = "access"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Keys:
    """The server's secrets: `secret` signs tokens and media paths, `admin_key` opens everything."""

    secret: str
    admin_key: str


def load_or_create_keys(path: Path) -> Keys:
    """The keys in `path`; made on first use, readable by the owner alone."""
    if not path.exists():
        body = {"secret": secrets.token_urlsafe(48), "admin_key": f"adm_{secrets.token_urlsafe(24)}"}
        part = path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(body, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    content = json.loads(path.read_text())
    return Keys(secret=content["secret"], admin_key=content["admin_key"])


@dataclass(frozen=True, slots=True)
class Principal:
    """The one who made a request: the admin key, a lesson's seat (`claims`), or what planning knows: a user,
    an API key, a device. `id` names it in records of what was done; `scopes` limits an API key.
    """

    id: str
    claims: SeatClaims | None = None
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None
    user: str | None = None
    endpoint: str | None = None

    @property
    def is_admin(self) -> bool:
        return self.id == ROOT

    def as_other_than(self, role: GrantRole) -> Principal:
        """What is left of it without the grants of `role`."""
        return replace(self, grants=tuple(grant for grant in self.grants if grant.role is not role))

    def is_in(self, lesson: LessonId) -> bool:
        return self.is_admin or (self.claims is not None and self.claims.lesson == lesson)


ROOT = "admin"
ADMIN = Principal(ROOT)


class Tokens:
    """Makes and checks tokens. `clock_s` gives UTC seconds.

    Whether a lesson has ended is the caller's question.
    """

    def __init__(self, keys: Keys, clock_s: Callable[[], float]) -> None:
        self._keys = keys
        self._clock_s = clock_s

    def issue(self, kind: TokenKind, claims: SeatClaims, expires_at_s: float) -> str:
        body: dict[str, Any] = {
            "kind": kind.value,
            "lesson": claims.lesson,
            "seat": claims.seat,
            "role": claims.role.value,
            "name": claims.name,
            "consent": claims.recording_consent,
            "exp": int(expires_at_s),
        }
        if claims.classroom is not None:
            body["classroom"] = claims.classroom
        return jwt.encode(body, self._keys.secret, algorithm=_ALGORITHM)

    def issue_access(self, claims: SeatClaims) -> str:
        return self.issue(TokenKind.ACCESS, claims, self._clock_s() + ACCESS_TOKEN_S)

    def is_admin_key(self, key: str) -> bool:
        return hmac.compare_digest(key.encode(), self._keys.admin_key.encode())

    def check(self, token: str, kinds: frozenset[TokenKind]) -> tuple[SeatClaims, float]:
        """The claims of a token of one of `kinds`, and its expiry (UTC seconds).

        Refused: token_invalid, token_expired.
        """
        if len(token) > _MAXIMUM_TOKEN_CHARACTERS:
            raise Refused("token_invalid", "The token is too long.")
        try:
            body = jwt.decode(
                token,
                self._keys.secret,
                algorithms=[_ALGORITHM],
                options={"verify_exp": False, "require": ["exp", "kind", "lesson", "seat", "role"]},
            )
            kind = TokenKind(body["kind"])
            claims = SeatClaims(
                lesson=LessonId(str(body["lesson"])),
                seat=SeatId(str(body["seat"])),
                role=Role(body["role"]),
                name=str(body.get("name") or ""),
                classroom=body.get("classroom"),
                recording_consent=bool(body.get("consent", False)),
            )
            expires_at_s = float(body["exp"])
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Refused("token_invalid", "This link is not valid here: ask for a new one.") from None
        if kind not in kinds:
            raise Refused("token_invalid", f"A token of kind {kind.value} does not open this.")
        if expires_at_s <= self._clock_s():
            raise Refused("token_expired", "The token is no longer valid: join again, or ask for a new link.")
        return claims, expires_at_s

    def access_token(self, token: str) -> SeatClaims:
        """Signaling's `Authenticator`."""
        return self.check(token, frozenset({TokenKind.ACCESS}))[0]

    def resume_key(self, key: str) -> SeatClaims:
        """Signaling's `Authenticator`."""
        return self.check(key, frozenset({TokenKind.RESUME}))[0]


ANY_TOKEN = frozenset(TokenKind)
JOINING = frozenset({TokenKind.INVITATION, TokenKind.RESUME})


def bearer(header: str | None) -> str:
    """The credential of an Authorization header. Refused: token_missing, token_invalid."""
    if not header:
        raise Refused("token_missing", "Send Authorization: Bearer with an invitation, token or admin key.")
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Refused("token_invalid", "The Authorization header must be: Bearer TOKEN.")
    return credential.strip()
