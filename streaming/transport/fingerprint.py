"""Fingerprints of certificates and how they are compared (RFC 8122)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes

# Strongest first: RFC 8122 section 5.1 lets the verifier judge by its most preferred function alone.
_HASHES: tuple[tuple[str, type[hashes.HashAlgorithm]], ...] = (
    ("sha-512", hashes.SHA512),
    ("sha-384", hashes.SHA384),
    ("sha-256", hashes.SHA256),
)


@dataclass(frozen=True, slots=True)
class CertificateDigest:
    """One fingerprint.  `algorithm` as in `a=fingerprint`, lower case; `digest` raw bytes."""

    algorithm: str
    digest: bytes


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
