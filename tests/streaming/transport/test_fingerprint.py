"""Fingerprints as RFC 8122 wants them compared."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes

from streaming.transport.certificate import generate_certificate
from streaming.transport.fingerprint import CertificateDigest, matches_fingerprint

OURS = generate_certificate()
OTHER = generate_certificate()
SHA_512 = CertificateDigest("sha-512", OURS.x509.fingerprint(hashes.SHA512()))


def test_one_match_among_fingerprints_of_one_function_is_enough() -> None:
    assert matches_fingerprint(OURS.x509, [OTHER.fingerprint, OURS.fingerprint])
    assert not matches_fingerprint(OURS.x509, [OTHER.fingerprint])


def test_the_strongest_function_alone_counts() -> None:
    """RFC 8122 section 5.1: a right weak hash does not heal a wrong strong one."""
    wrong = CertificateDigest("sha-512", bytes(64))
    assert not matches_fingerprint(OURS.x509, [OURS.fingerprint, wrong])
    assert matches_fingerprint(OURS.x509, [CertificateDigest("sha-256", bytes(32)), SHA_512])


def test_without_a_known_function_nothing_matches() -> None:
    assert not matches_fingerprint(OURS.x509, [])
    sha1 = CertificateDigest("sha-1", OURS.x509.fingerprint(hashes.SHA1()))
    assert not matches_fingerprint(OURS.x509, [sha1])
