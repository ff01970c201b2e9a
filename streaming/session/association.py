"""ICE, DTLS and SRTP of one remote peer, as far as they are decisions: the part that all kinds of peer share.

States (`_TRANSITIONS` is the whole truth; what is not in it is our own bug):

    NEW --described--> CONNECTING --secured--> CONNECTED
    any --lost--> CLOSED; in CONNECTED a further description changes credentials or sections, never the keys
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from streaming.errors import LocalProtocolError, RemoteProtocolError
from streaming.sdp.attributes import Candidate, Fingerprint
from streaming.sdp.capabilities import HeaderExtension
from streaming.sdp.description import SessionDescription
from streaming.sdp.fragment import FragmentSection, IceFragment
from streaming.sdp.negotiation import DtlsRole, LocalTransport, RemoteTransport, is_ice_restart
from streaming.session.effects import ClosePeer, Connected, Effect, SetTransport, StartDtls
from streaming.session.numbers import Numbers
from streaming.transport.consent import Consent
from streaming.transport.fingerprint import CertificateDigest
from streaming.transport.ice_lite import IceCredentials, IceLiteAgent
from streaming.transport.srtp_keys import SrtpKeys


class AssociationState(StrEnum):
    """How far a peer has come."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


class _Input(StrEnum):
    DESCRIBED = "described"
    SECURED = "secured"
    LOST = "lost"


_TRANSITIONS: Mapping[tuple[AssociationState, _Input], AssociationState] = {
    (AssociationState.NEW, _Input.DESCRIBED): AssociationState.CONNECTING,
    (AssociationState.CONNECTING, _Input.DESCRIBED): AssociationState.CONNECTING,
    (AssociationState.CONNECTED, _Input.DESCRIBED): AssociationState.CONNECTED,
    (AssociationState.CONNECTING, _Input.SECURED): AssociationState.CONNECTED,
    (AssociationState.NEW, _Input.LOST): AssociationState.CLOSED,
    (AssociationState.CONNECTING, _Input.LOST): AssociationState.CLOSED,
    (AssociationState.CONNECTED, _Input.LOST): AssociationState.CLOSED,
    (AssociationState.CLOSED, _Input.LOST): AssociationState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class LocalFace:
    """What every description of ours says alike: the certificate and the addresses."""

    fingerprint: Fingerprint
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class MediaTerms:
    """What the sections of a description agreed for the whole transport (BUNDLE: one map for all)."""

    extensions: Mapping[HeaderExtension, int]
    allows_mixed_extensions: bool
    has_transport_cc: bool


def merge_extensions(maps: Iterable[Mapping[HeaderExtension, int]]) -> dict[HeaderExtension, int]:
    """The maps of bundled sections as one; they never disagree (RFC 8843 section 9.1, checked by sdp)."""
    merged: dict[HeaderExtension, int] = {}
    for extensions in maps:
        merged.update(extensions)
    return merged


NO_TERMS = MediaTerms({}, allows_mixed_extensions=False, has_transport_cc=False)


class Association:
    """One transport.

    Invariants: the keys are set exactly in CONNECTED (and CLOSED after it); the peer's fingerprints never
    change, because a new certificate would be a new DTLS association (RFC 8842 section 5), which we do not
    do.
    """

    def __init__(self, face: LocalFace, numbers: Numbers, *, cname: str, connect_timeout_ns: int) -> None:
        self.state = AssociationState.NEW
        self.ice = IceLiteAgent(numbers.ice_credentials())
        self._face = face
        self._numbers = numbers
        self._cname = cname
        self._connect_timeout_ns = connect_timeout_ns
        self._session_id = numbers.session_id()
        self._consent: Consent | None = None
        self.remote: RemoteTransport | None = None
        self._terms = NO_TERMS
        self._keys: SrtpKeys | None = None

    @property
    def deadline_ns(self) -> int | None:
        """When `handle_time` is due."""
        return self._consent.deadline_ns if self._consent is not None else None

    def local_transport(self, credentials: IceCredentials | None = None) -> LocalTransport:
        """Our end for a description, with the newest credentials or with `credentials` about to be used."""
        chosen = credentials or self.ice.local
        return LocalTransport(
            chosen.ufrag, chosen.pwd, (self._face.fingerprint,), self._face.candidates, self._session_id
        )

    def credentials_for(self, offer: SessionDescription) -> IceCredentials | None:
        """New credentials when `offer` is an ICE restart (RFC 8839 section 4.4.3), else None."""
        is_restart = self.remote is not None and is_ice_restart(offer, self.remote)
        return self._numbers.ice_credentials() if is_restart else None

    def check_remote(self, remote: RemoteTransport) -> None:
        """Raise RemoteProtocolError("sdp_unsupported") when `remote` is another endpoint than before."""
        if self.remote is not None and set(remote.fingerprints) != set(self.remote.fingerprints):
            raise RemoteProtocolError("sdp_unsupported", "the DTLS fingerprint changed; open a new peer")

    def announce(self) -> list[Effect]:
        """Let the worker answer checks before the peer's description is here (we offered)."""
        return [self._set_transport()]

    def handle_remote(self, remote: RemoteTransport, terms: MediaTerms, now_ns: int) -> list[Effect]:
        """The peer described itself, for the first time or again (`check_remote` found no fault)."""
        self._move(_Input.DESCRIBED)
        is_first = self.remote is None
        self.remote = remote
        self._terms = terms
        self.ice.handle_remote(remote.ice_ufrag)
        effects: list[Effect] = [self._set_transport()]
        if is_first:
            self._consent = Consent(connect_timeout_ns=self._connect_timeout_ns, now_ns=now_ns)
            fingerprints = tuple(CertificateDigest(f.algorithm, f.digest) for f in remote.fingerprints)
            effects.append(StartDtls(remote.local_dtls_role is DtlsRole.SERVER, fingerprints))
        return effects

    def handle_secured(self, keys: SrtpKeys) -> list[Effect]:
        """DTLS is complete."""
        self._move(_Input.SECURED)
        self._keys = keys
        if self._consent is not None:
            self._consent.handle_secured()
        return [self._set_transport(), Connected()]

    def handle_fragment(
        self, fragment: IceFragment, mids: tuple[str, ...]
    ) -> tuple[IceFragment | None, list[Effect]]:
        """A trickled fragment: candidates need nothing, new credentials are an ICE restart (RFC 9725 4.3.2).

        Returns the fragment to answer a restart with, on the first of `mids`.
        """
        if self.remote is None or fragment.ice_ufrag is None or fragment.ice_ufrag == self.remote.ice_ufrag:
            return None, []
        if not fragment.ice_pwd:
            raise RemoteProtocolError("sdp_malformed", "ice-ufrag without ice-pwd")
        self.remote = replace(self.remote, ice_ufrag=fragment.ice_ufrag, ice_pwd=fragment.ice_pwd)
        self.ice.restart(self._numbers.ice_credentials(), fragment.ice_ufrag)
        section = FragmentSection(mids[0], self._face.candidates, is_end_of_candidates=True)
        answer = IceFragment(self.ice.local.ufrag, self.ice.local.pwd, (section,), is_ice_lite=True)
        return answer, [self._set_transport()]

    def handle_expired(self) -> list[Effect]:
        """The worker saw no authenticated check for too long."""
        if self._consent is not None:
            self._consent.handle_expired()
        return self._close_when_lost()

    def handle_time(self, now_ns: int) -> list[Effect]:
        """Time passed."""
        if self._consent is not None:
            self._consent.handle_time(now_ns)
        return self._close_when_lost()

    def close(self) -> None:
        """The peer is removed.  Idempotent."""
        self._move(_Input.LOST)

    def _close_when_lost(self) -> list[Effect]:
        if self._consent is None or self._consent.lost is None:
            return []
        return [ClosePeer(self._consent.lost.value)]

    def _set_transport(self) -> SetTransport:
        terms = self._terms
        return SetTransport(
            self.ice.pairs,
            self._keys,
            terms.extensions,
            terms.allows_mixed_extensions,
            self._cname,
            terms.has_transport_cc,
        )

    def _move(self, given: _Input) -> None:
        following = _TRANSITIONS.get((self.state, given))
        if following is None:
            raise LocalProtocolError("association_state", f"{given} while {self.state}")
        self.state = following
