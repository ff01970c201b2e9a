"""The server's own certificate (ECDSA P-256, self-signed) and the comparison of fingerprints (RFC 8122)."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

# Strongest first: RFC 8122 section 5.1 lets the verifier judge by its most preferred function alone.
_HASHES: tuple[tuple[str, type[hashes.HashAlgorithm]], ...] = (
    ("sha-512", hashes.SHA512),
    ("sha-384", hashes.SHA384),
    ("sha-256", hashes.SHA256),
)
_BACKDATED = dt.timedelta(days=1)
_LIFETIME = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class CertificateDigest:
    """One fingerprint.  `algorithm` as in `a=fingerprint`, lower case; `digest` raw bytes."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """A private key and its certificate; one for the life of the process."""

    key: ec.EllipticCurvePrivateKey
    x509: x509.Certificate

    @property
    def fingerprint(self) -> CertificateDigest:
        """The sha-256 fingerprint that goes into every description."""
        return CertificateDigest("sha-256", self.x509.fingerprint(hashes.SHA256()))


def generate_certificate() -> Certificate:
    """A new certificate with a random common name (RFC 8827 section 6.5: nothing in it names anybody)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, secrets.token_hex(8))])
    now = dt.datetime.now(tz=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _LIFETIME)
        .sign(key, hashes.SHA256())
    )
    return Certificate(key, certificate)


def matches_fingerprint(certificate: x509.Certificate, expected: Iterable[CertificateDigest]) -> bool:
    """Whether `certificate` is one of those announced.

    Only the strongest hash function among `expected` counts (RFC 8122 section 5.1); fingerprints of functions
    that we do not know are passed over, and with none left the answer is no.
    """
    offered = tuple(expected)
    for algorithm, hash_type in _HASHES:
        candidates = [entry.digest for entry in offered if entry.algorithm == algorithm]
        if candidates:
            actual = certificate.fingerprint(hash_type())
            return any(hmac.compare_digest(actual, candidate) for candidate in candidates)
    return False
