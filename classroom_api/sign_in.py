"""Signing in: a login and its password, or a device's enrolment code, become a credential."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_api.access import Ability, require
from classroom_api.attempts import Attempts
from classroom_api.auth import Principal
from classroom_api.oidc import Identity
from classroom_api.passwords import Passwords
from classroom_api.planning import Planning
from classroom_api.store import credentials
from classroom_api.store.credentials import CredentialKind
from classroom_api.store.planning_schema import CredentialRow, UserRow
from classroom_api.store.records import KINDS, find_record
from streaming.errors import Refused

_WINDOW_MS = 15 * 60_000
_FAILURES_OF_A_LOGIN = 10
_FAILURES_OF_AN_ADDRESS = 200
_REFUSED = "The login or the password is wrong."


class SignIn:
    """Sessions and device keys. Failures are counted per login and per address."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._passwords = Passwords()
        self._logins = Attempts(_FAILURES_OF_A_LOGIN, _WINDOW_MS)
        self._addresses = Attempts(_FAILURES_OF_AN_ADDRESS, _WINDOW_MS)

    async def with_password(
        self, login: str, password: str, address: str, note: Callable[[str], None]
    ) -> tuple[CredentialRow, str]:
        """A session. `note` is told whose login it is before the password is looked at.
        Refused: sign_in_refused. Unavailable: rate_limited.
        """
        name = login.strip().lower()
        now_ms = self._planning.now_ms()
        self._logins.require(name, now_ms)
        self._addresses.require(address, now_ms)
        user = await self._planning.transaction(
            lambda session: session.scalar(select(UserRow).where(UserRow.login == name))
        )
        if user is not None:
            note(user.id)
        stored = user.password_hash if user is not None and not user.is_disabled else None
        is_right = await self._passwords.is_right(password, stored)
        if user is None or not is_right:
            self._logins.failed(name, now_ms)
            self._addresses.failed(address, now_ms)
            raise Refused("sign_in_refused", _REFUSED)
        self._logins.succeeded(name)
        return await self._planning.transaction(lambda session: self.open_session(session, user.id))

    async def with_identity(self, identity: Identity) -> tuple[CredentialRow, str]:
        """A session of the user whom a provider vouches for. The first time the user is found by its login,
        and from then on by the provider's subject alone. Refused: sign_in_refused.
        """

        def work(session: Session) -> tuple[CredentialRow, str]:
            user = session.scalar(
                select(UserRow).where(
                    UserRow.oidc_issuer == identity.issuer, UserRow.oidc_subject == identity.subject
                )
            )
            if user is None:
                by_login = select(UserRow).where(UserRow.login == identity.login.strip().lower())
                user = session.scalar(by_login.where(UserRow.oidc_subject.is_(None)))
            if user is None or user.is_disabled:
                raise Refused("sign_in_refused", "Nobody here has this login: ask your administrator.")
            user.oidc_issuer, user.oidc_subject = identity.issuer, identity.subject
            return self.open_session(session, user.id)

        return await self._planning.transaction(work)

    def open_session(self, session: Session, user_id: str) -> tuple[CredentialRow, str]:
        """Part of a transaction."""
        now_ms = self._planning.now_ms()
        credentials.void_oldest_sessions(session, user_id, now_ms)
        row, text = credentials.new_credential(CredentialKind.SESSION, now_ms, credentials.SESSION_MS)
        row.user_id = user_id
        session.add(row)
        return row, text

    async def set_password(self, user_id: str, password: str, principal: Principal) -> None:
        """By who administers the user; all its sessions end. Refused: record_unknown, not_permitted."""
        scope = require(principal, Ability.USERS_WRITE)
        hashed = await self._passwords.hash(password)

        def work(session: Session) -> None:
            row = find_record(session, KINDS["users"], user_id, scope)
            assert isinstance(row, UserRow)
            row.password_hash = hashed
            credentials.void_credentials(session, CredentialKind.SESSION, user_id=user_id)

        await self._planning.transaction(work)

    async def change_password(self, user_id: str, old: str, new: str) -> None:
        """By the user; all its sessions end. Refused: sign_in_refused. Unavailable: rate_limited."""
        now_ms = self._planning.now_ms()
        self._logins.require(user_id, now_ms)
        user = await self._planning.transaction(lambda session: session.get_one(UserRow, user_id))
        if not await self._passwords.is_right(old, user.password_hash):
            self._logins.failed(user_id, now_ms)
            raise Refused("sign_in_refused", "The present password is wrong.")
        hashed = await self._passwords.hash(new)

        def work(session: Session) -> None:
            session.get_one(UserRow, user_id).password_hash = hashed
            credentials.void_credentials(session, CredentialKind.SESSION, user_id=user_id)

        await self._planning.transaction(work)

    async def enrol(self, code: str, address: str) -> tuple[CredentialRow, str]:
        """A device's key for its one-time code. Refused: token_invalid, token_expired."""
        now_ms = self._planning.now_ms()
        self._addresses.require(address, now_ms)

        def work(session: Session) -> tuple[CredentialRow, str]:
            row = credentials.require_enrolment(session, code, now_ms)
            session.delete(row)
            return credentials.new_device_key(session, row.endpoint_id or "", now_ms)

        try:
            return await self._planning.transaction(work)
        except Refused:
            self._addresses.failed(address, now_ms)
            raise

    def close(self) -> None:
        """Idempotent."""
        self._passwords.close()
