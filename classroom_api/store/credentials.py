"""Secrets that people, programs and devices show: sessions, API keys, device keys, enrolment codes.

A credential is `{id}.{secret}`; the id is public, of the secret only its SHA-256 is stored: it has 256 random
bits, so that a slow hash would add nothing. An enrolment code is typed by hand into a device: 60 bits in
groups of four (`k7qd-2m5x-ab3c`), for a quarter of an hour, once; its id follows from it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from classroom_api.auth import Principal
from classroom_api.roles import Grant, GrantRole
from classroom_api.store.planning_schema import CredentialRow, OrganizationRow, RoleGrantRow, UserRow
from streaming.errors import Refused
from streaming.identifiers import RANDOM_BYTES, format_identifier

SESSION_MS = 12 * 3_600_000
ENROLMENT_MS = 15 * 60_000
MAXIMUM_SESSIONS = 20
_CODE_CHARACTERS = 12
_SEEN_EVERY_MS = 60_000
_INVALID = "This key is not valid here, or no longer."


class CredentialKind(StrEnum):
    SESSION = "ses"
    API_KEY = "key"
    DEVICE = "dev"
    ENROLMENT = "enr"


_SHOWN = frozenset({CredentialKind.SESSION, CredentialKind.API_KEY, CredentialKind.DEVICE})


def is_credential(text: str) -> bool:
    """Whether `text` has the form of one that opens the REST face."""
    return text.partition("_")[0] in _SHOWN


def new_credential(kind: CredentialKind, now_ms: int, lasts_ms: int | None) -> tuple[CredentialRow, str]:
    """A row to complete and add, and what its holder is given, once."""
    identifier = format_identifier(kind, secrets.token_bytes(RANDOM_BYTES))
    secret = secrets.token_urlsafe(32)
    row = CredentialRow(
        id=identifier,
        kind=kind,
        secret_hash=_hash(secret),
        name="",
        created_at_ms=now_ms,
        expires_at_ms=None if lasts_ms is None else now_ms + lasts_ms,
    )
    return row, f"{identifier}.{secret}"


def require_credential(session: Session, text: str, now_ms: int) -> CredentialRow:
    """The row of a credential that still holds. Refused: token_invalid, token_expired."""
    identifier, _, secret = text.partition(".")
    row = (
        session.get(CredentialRow, identifier[:40])
        if identifier.isascii() and identifier.isprintable()
        else None
    )
    if row is None or not hmac.compare_digest(_hash(secret), row.secret_hash):
        raise Refused("token_invalid", _INVALID)
    if row.expires_at_ms is not None and row.expires_at_ms <= now_ms:
        raise Refused("token_expired", "The key or the session is over: sign in again, or ask for a new one.")
    return row


def new_enrolment(endpoint_id: str, now_ms: int) -> tuple[CredentialRow, str]:
    """A row to add, and the code to type into the device."""
    code = base64.b32encode(secrets.token_bytes(8)).decode().lower()[:_CODE_CHARACTERS]
    row, _ = new_credential(CredentialKind.ENROLMENT, now_ms, ENROLMENT_MS)
    row.id, row.secret_hash, row.endpoint_id = _id_of_code(code), _hash(code), endpoint_id
    return row, "-".join(code[start : start + 4] for start in range(0, _CODE_CHARACTERS, 4))


def require_enrolment(session: Session, typed: str, now_ms: int) -> CredentialRow:
    """The row of a code, however it was typed. Refused: token_invalid, token_expired."""
    code = "".join(character for character in typed.lower() if character not in "- ")
    return require_credential(session, f"{_id_of_code(code)}.{code}", now_ms)


def principal_of(session: Session, text: str, now_ms: int) -> Principal:
    """Whom a credential speaks for. Refused: token_invalid, token_expired."""
    row = require_credential(session, text, now_ms)
    if row.kind not in _SHOWN:
        raise Refused("token_invalid", _INVALID)
    if row.last_used_at_ms is None or row.last_used_at_ms <= now_ms - _SEEN_EVERY_MS:
        row.last_used_at_ms = now_ms
    if row.endpoint_id is not None:
        return Principal(row.endpoint_id, endpoint=row.endpoint_id)
    if row.user_id is not None:
        user = session.get_one(UserRow, row.user_id)
        if user.is_disabled:
            raise Refused("token_invalid", _INVALID)
        return Principal(user.id, grants=grants_of(session, user.id), user=user.id)
    organization = session.get_one(OrganizationRow, row.organization_id)
    scopes = None if row.scopes is None else frozenset(row.scopes)
    return Principal(row.id, grants=(Grant(GrantRole(row.role or ""), organization.path),), scopes=scopes)


def grants_of(session: Session, user_id: str) -> tuple[Grant, ...]:
    query = (
        select(RoleGrantRow.role, OrganizationRow.path)
        .join(OrganizationRow, OrganizationRow.id == RoleGrantRow.organization_id)
        .where(RoleGrantRow.user_id == user_id)
    )
    return tuple(Grant(GrantRole(role), path) for role, path in session.execute(query))


def void_credentials(
    session: Session, kind: CredentialKind, *, user_id: str | None = None, endpoint_id: str | None = None
) -> None:
    """All of one kind of a user or of a device."""
    owner = (
        CredentialRow.user_id == user_id if user_id is not None else CredentialRow.endpoint_id == endpoint_id
    )
    session.execute(delete(CredentialRow).where(CredentialRow.kind == kind, owner))


def new_device_key(session: Session, endpoint_id: str, now_ms: int) -> tuple[CredentialRow, str]:
    """A device has one key: an older one is void from now on, whoever holds it."""
    void_credentials(session, CredentialKind.DEVICE, endpoint_id=endpoint_id)
    row, text = new_credential(CredentialKind.DEVICE, now_ms, None)
    row.endpoint_id = endpoint_id
    session.add(row)
    return row, text


def void_oldest_sessions(session: Session, user_id: str, now_ms: int) -> None:
    """Keep room for one more: those that are over go, and the oldest beyond the limit."""
    session.execute(
        delete(CredentialRow).where(
            CredentialRow.kind == CredentialKind.SESSION, CredentialRow.expires_at_ms <= now_ms
        )
    )
    query = select(CredentialRow).where(
        CredentialRow.kind == CredentialKind.SESSION, CredentialRow.user_id == user_id
    )
    rows = session.scalars(query.order_by(CredentialRow.created_at_ms.desc())).all()
    for row in rows[MAXIMUM_SESSIONS - 1 :]:
        session.delete(row)


def _id_of_code(code: str) -> str:
    digest = hashlib.sha256(b"enrolment " + code.encode()).digest()
    return format_identifier(CredentialKind.ENROLMENT, digest[:RANDOM_BYTES])


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
