"""Our own certificate."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from streaming.transport.certificate import generate_certificate

OURS = generate_certificate()
OTHER = generate_certificate()


def test_the_fingerprint_is_sha_256_of_the_whole_certificate() -> None:
    assert OURS.fingerprint.algorithm == "sha-256"
    assert OURS.fingerprint.digest == OURS.x509.fingerprint(hashes.SHA256())


def test_the_certificate_is_p256_and_names_nobody() -> None:
    key = OURS.x509.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert OURS.x509.issuer == OURS.x509.subject
    assert OURS.x509.subject != OTHER.x509.subject
