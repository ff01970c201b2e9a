"""Signing in through a school's OpenID Connect provider: authorization code flow with PKCE.

Sources: OpenID Connect Core 1.0, sections 3.1 and 3.1.3.7; Discovery 1.0, section 4; RFC 7636.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt

from streaming.errors import Refused, Unavailable

PENDING_S = 600
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")  # never HS256: the client's secret is no signing key here
_MAXIMUM_BODY_BYTES = 262_144
_TIMEOUT_S = 10.0
_FRESH_S = 3600
_REFETCH_S = 60
_LEEWAY_S = 60
_REQUIRED = ["exp", "iat", "sub", "aud", "iss"]


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """A provider and this server's registration there. `login_claim`: which claim is a user's login."""

    issuer: str
    client_id: str
    client_secret: str
    login_claim: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that has begun; the browser keeps it, signed, until it comes back."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for. `login` is empty when it names none."""

    issuer: str
    subject: str
    login: str


def _refuse(reason: str) -> Refused:
    return Refused("sign_in_refused", f"The sign-in at the provider failed: {reason}.")


class OpenIdProvider:
    """One configured provider. Its metadata and keys are read when first needed, again after an hour."""

    def __init__(self, config: OidcConfig, secret: str, clock_s: Callable[[], float]) -> None:
        self._config = config
        self._secret = hmac.digest(secret.encode(), b"tandem oidc pending", hashlib.sha256)
        self._clock_s = clock_s
        self._http = httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False)
        self._metadata: Mapping[str, Any] = {}
        self._metadata_at_s = -float(_FRESH_S)
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._keys_at_s = -float(_FRESH_S)

    async def begin(self, redirect_uri: str) -> tuple[str, str]:
        """Where to send the browser, and what it keeps. Unavailable: the provider does not answer."""
        metadata = await self._discovered()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        pending = Pending(state, nonce, verifier, redirect_uri)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(pending.verifier.encode()).digest()).decode()
        query = {
            "response_type": "code",
            "client_id": self._config.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge.rstrip("="),
            "code_challenge_method": "S256",
        }
        body = asdict(pending) | {"exp": int(self._clock_s()) + PENDING_S}
        kept = jwt.encode(body, self._secret, algorithm="HS256")
        return f"{metadata['authorization_endpoint']}?{urlencode(query)}", kept

    async def finish(self, kept: str, state: str, code: str) -> Identity:
        """Refused: sign_in_refused. Unavailable: the provider does not answer."""
        pending = self._pending(kept)
        if not hmac.compare_digest(state.encode(), pending.state.encode()):
            raise _refuse("it was begun elsewhere")
        metadata = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.redirect_uri,
            "code_verifier": pending.verifier,
        }
        registration = httpx.BasicAuth(self._config.client_id, self._config.client_secret)
        answer = await self._fetch("POST", str(metadata["token_endpoint"]), data=form, auth=registration)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _refuse("no ID token came back")
        claims = await self._verified(token)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), pending.nonce.encode()):
            raise _refuse("the ID token is for another sign-in")
        login = claims.get(self._config.login_claim)
        return Identity(self._config.issuer, str(claims["sub"]), login if isinstance(login, str) else "")

    async def close(self) -> None:
        """Idempotent."""
        await self._http.aclose()

    def _pending(self, kept: str) -> Pending:
        try:
            body = jwt.decode(kept, self._secret, algorithms=["HS256"], options={"verify_exp": False})
            if body["exp"] <= self._clock_s():
                raise _refuse("it took too long")
            return Pending(body["state"], body["nonce"], body["verifier"], body["redirect_uri"])
        except (jwt.PyJWTError, KeyError, TypeError):
            raise _refuse("it was begun elsewhere") from None

    async def _discovered(self) -> Mapping[str, Any]:
        now_s = self._clock_s()
        if now_s - self._metadata_at_s >= _FRESH_S:
            url = f"{self._config.issuer.rstrip('/')}/.well-known/openid-configuration"
            metadata = await self._fetch("GET", url)
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if metadata.get("issuer") != self._config.issuer or not all(
                isinstance(metadata.get(name), str) for name in wanted
            ):
                raise Unavailable("unavailable", "The sign-in provider describes another issuer.")
            self._metadata, self._metadata_at_s = metadata, now_s
        return self._metadata

    async def _verified(self, token: str) -> Mapping[str, Any]:
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid", ""))
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self._config.client_id,
                issuer=self._config.issuer,
                leeway=_LEEWAY_S,
                options={"require": _REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise _refuse(f"the ID token is not valid ({type(error).__name__})") from None
        if claims.get("azp", self._config.client_id) != self._config.client_id:
            raise _refuse("the ID token is for another client")
        return claims

    async def _key(self, key_id: str) -> jwt.PyJWK:
        """A provider that has changed its keys is asked anew, at most once a minute."""
        age_s = self._clock_s() - self._keys_at_s
        if age_s >= _FRESH_S or (key_id not in self._keys and age_s >= _REFETCH_S):
            metadata = await self._discovered()
            keys = jwt.PyJWKSet.from_dict(dict(await self._fetch("GET", str(metadata["jwks_uri"]))))
            self._keys = {key.key_id or "": key for key in keys.keys}
            self._keys_at_s = self._clock_s()
        if key_id not in self._keys:
            raise jwt.InvalidKeyError
        return self._keys[key_id]

    async def _fetch(
        self,
        method: str,
        url: str,
        data: Mapping[str, str] | None = None,
        auth: httpx.BasicAuth | None = None,
    ) -> Mapping[str, Any]:
        body = bytearray()
        try:
            async with self._http.stream(method, url, data=data, auth=auth) as answer:
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _MAXIMUM_BODY_BYTES:
                        raise Unavailable("unavailable", "The sign-in provider's answer is too long.")
            content = json.loads(bytes(body))
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable("unavailable", "The sign-in provider does not answer.") from error
        if answer.is_client_error:
            raise _refuse("the provider refused the code")
        if not answer.is_success or not isinstance(content, dict):
            raise Unavailable("unavailable", "The sign-in provider does not answer.")
        return content
