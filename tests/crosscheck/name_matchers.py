"""Matchers of names: ours, OpenSSL's, webpki's, service-identity's and the one that Python once had.

Each says whether a certificate with these presented names speaks for a host: ``True``, ``False``, or
``None`` if it does not take such a host, or cannot read such a certificate.
"""

from __future__ import annotations

import functools
import ipaddress
import ssl
import warnings
from typing import TYPE_CHECKING, Any

import certpath
import service_identity
from cryptography import x509
from service_identity import cryptography as service_identity_cryptography
from support import pki
from support.handshake import judgement

from crosscheck.certificates import ca, end_entity
from crosscheck.keys import Key
from crosscheck.opinions import OK, WebpkiQuestion, ask_webpki

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["by_certpath", "by_match_hostname", "by_service_identity", "by_ssl", "by_webpki", "certificate"]

LEAF_KEY, ISSUER_KEY = Key("p256", 1), Key("p256", 2)
MISMATCHES = {62, 64}


@functools.cache
def certificate(*names: str, common_name: str = "leaf") -> bytes:
    """An end entity with these names of `crosscheck.names.PRESENTED`."""
    return end_entity(list(names), common_name, LEAF_KEY, "CA 1", ISSUER_KEY).build()


@functools.cache
def _anchor() -> bytes:
    return ca("CA 1", ISSUER_KEY, "CA 1", ISSUER_KEY).build()


@functools.cache
def _verifier(preset: str) -> certpath.Verifier:
    policy = certpath.Policy.ssl() if preset == "ssl" else certpath.Policy.webpki()
    return certpath.Verifier(certpath.TrustStore.from_der(_anchor()), policy=policy)


def by_ssl(der: bytes, host: str) -> bool | None:
    """By a handshake in memory."""
    refusal, _ = judgement([der], LEAF_KEY.pem, [_anchor()], host=host)
    if refusal is None:
        return True
    assert isinstance(refusal, ssl.SSLCertVerificationError), refusal
    assert refusal.verify_code in MISMATCHES, refusal
    return False


def by_certpath(der: bytes, host: str, preset: str = "ssl") -> bool | None:
    """Ours, as `ssl` judges or as the searching policies do."""
    try:
        verdict = _verifier(preset).check(der, host, at=pki.AT)
    except ValueError:
        return None
    return verdict.name_ok


def by_webpki(pairs: Sequence[tuple[bytes, str]]) -> list[bool | None]:
    """Alone; all at once, since it is another process. Raises `WebpkiMissing`."""
    answers = ask_webpki(WebpkiQuestion(host, [der], [_anchor()]) for der, host in pairs)
    meanings = {OK: True, "CertNotValidForName": False}
    return [meanings.get(name) for _, name in answers]


def by_service_identity(der: bytes, host: str) -> bool | None:
    """As clients that use it call it: addresses and host names apart."""
    loaded = x509.load_der_x509_certificate(der)
    verify: Callable[[x509.Certificate, str], None]
    try:
        ipaddress.ip_address(host)
        verify = service_identity_cryptography.verify_certificate_ip_address
    except ValueError:
        verify = service_identity_cryptography.verify_certificate_hostname
    with warnings.catch_warnings():
        # It recommends subjectAltName where there is none.
        warnings.simplefilter("ignore")
        try:
            verify(loaded, host)
        except (service_identity.VerificationError, service_identity.SubjectAltNameWarning):
            return False
        except (service_identity.CertificateError, x509.UnsupportedGeneralNameType, ValueError, TypeError):
            return None
    return True


def by_match_hostname(der: bytes, host: str) -> bool | None:
    """`ssl.match_hostname`, which Python has up to 3.11, over what `getpeercert` gives."""
    match: Any = getattr(ssl, "match_hostname", None)
    assert match is not None, "callers ask for it first"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            match(certpath.Certificate(der).getpeercert(), host)
        except ssl.CertificateError:
            return False
        except ValueError:
            return None
    return True
