"""The server's own certificate: ECDSA P-256, self-signed, one for the life of the process."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from streaming.transport.fingerprint import CertificateDigest

_BACKDATED = dt.timedelta(days=1)
_LIFETIME = dt.timedelta(days=365)


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
