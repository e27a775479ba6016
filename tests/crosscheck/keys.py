"""The pool of keys: every kind there is, made once per process, and how each signs.

A key is named by its kind and a number, so that what refers to it can be written down and compared.
RSA keys are the exception to speed: the pool has few of them, and makes them when they are first asked for.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from support import pki

from crosscheck.encoding import bits, explicit, identifier, integer, sequence

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ALGORITHMS", "KINDS", "Key", "usual_algorithm"]

KINDS = [
    "p256",
    "ed25519",
    "p384",
    "rsa2048",
    "p521",
    "rsa3072",
    "rsa4096",
    "rsa1024",
    "secp224r1",
    "secp256k1",
    "ed448",
]

NULL = b"\x05\0"
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "md5": hashes.MD5(),  # noqa: S303 (to be refused)
    "sha1": hashes.SHA1(),  # noqa: S303 (to be refused)
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_DIGEST_IDENTIFIERS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}


def _pss(digest: str, salt: int) -> bytes:
    hashed = sequence(identifier(_DIGEST_IDENTIFIERS[digest]), NULL)
    mask = sequence(identifier("1.2.840.113549.1.1.8"), hashed)
    parameters = sequence(explicit(0, hashed), explicit(1, mask), explicit(2, integer(salt)))
    return sequence(identifier("1.2.840.113549.1.1.10"), parameters)


# Of RSA keys, of EC keys, of the others: AlgorithmIdentifiers by name. "rsa-sha256/absent" and the like have
# odd parameters.
_RSA = {
    "rsa-sha256": sequence(identifier("1.2.840.113549.1.1.11"), NULL),
    "rsa-sha384": sequence(identifier("1.2.840.113549.1.1.12"), NULL),
    "rsa-sha512": sequence(identifier("1.2.840.113549.1.1.13"), NULL),
    "rsa-sha224": sequence(identifier("1.2.840.113549.1.1.14"), NULL),
    "rsa-sha1": sequence(identifier("1.2.840.113549.1.1.5"), NULL),
    "rsa-md5": sequence(identifier("1.2.840.113549.1.1.4"), NULL),
    "rsa-sha256/absent": sequence(identifier("1.2.840.113549.1.1.11")),
    "rsa-sha256/odd": sequence(identifier("1.2.840.113549.1.1.11"), integer(1)),
    "pss-sha256": _pss("sha256", 32),
    "pss-sha384": _pss("sha384", 48),
    "pss-sha512": _pss("sha512", 64),
    "pss-sha256/20": _pss("sha256", 20),
    "pss-sha1/20": _pss("sha1", 20),
}
_EC = {
    "ecdsa-sha256": sequence(identifier("1.2.840.10045.4.3.2")),
    "ecdsa-sha384": sequence(identifier("1.2.840.10045.4.3.3")),
    "ecdsa-sha512": sequence(identifier("1.2.840.10045.4.3.4")),
    "ecdsa-sha224": sequence(identifier("1.2.840.10045.4.3.1")),
    "ecdsa-sha1": sequence(identifier("1.2.840.10045.4.1")),
    "ecdsa-sha256/null": sequence(identifier("1.2.840.10045.4.3.2"), NULL),
    "ecdsa-sha256/odd": sequence(identifier("1.2.840.10045.4.3.2"), integer(1)),
}
_OTHER = {
    "ed25519": sequence(identifier("1.3.101.112")),
    "ed448": sequence(identifier("1.3.101.113")),
    "unknown": sequence(identifier("1.2.3.4")),
}
ALGORITHMS = {**_EC, **_RSA, **_OTHER}


def usual_algorithm(kind: str) -> str:
    """What a CA with a key of this kind would sign with."""
    if kind.startswith("rsa"):
        return "rsa-sha256"
    if kind.startswith("ed"):
        return kind
    return {"p384": "ecdsa-sha384", "p521": "ecdsa-sha512"}.get(kind, "ecdsa-sha256")


class Key(NamedTuple):
    """One key of the pool."""

    kind: str = "p256"
    number: int = 0

    @property
    def private(self) -> pki.Key:
        return pki.key(self.kind, f"crosscheck {self.number}")

    @property
    def pem(self) -> bytes:
        """The private key, PKCS #8."""
        return _pem(self)

    @property
    def info(self) -> bytes:
        """SubjectPublicKeyInfo."""
        return _info(self)

    @property
    def key_identifier(self) -> bytes:
        """RFC 5280 4.2.1.2, method 1."""
        return _key_identifier(self)

    def sign(self, message: bytes, algorithm: str) -> bytes:
        """The signature; by what is usual for the key if the algorithm belongs to another kind."""
        return _signer(self, algorithm)(message)


@functools.cache
def _pem(key: Key) -> bytes:
    return key.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@functools.cache
def _info(key: Key) -> bytes:
    return key.private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@functools.cache
def _key_identifier(key: Key) -> bytes:
    return hashlib.sha1(pki.inside(pki.elements(pki.inside(key.info))[1])[1:], usedforsecurity=False).digest()


@functools.cache
def _signer(key: Key, algorithm: str) -> Callable[[bytes], bytes]:
    private, kind = key.private, key.kind
    name = algorithm.partition("/")[0]
    if isinstance(private, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)):
        return private.sign
    if isinstance(private, rsa.RSAPrivateKey):
        name = name if algorithm in _RSA else "rsa-sha256"
        digest = _DIGESTS[name.partition("-")[2]]
        if not name.startswith("pss"):
            return lambda message: private.sign(message, padding.PKCS1v15(), digest)
        salt = int(algorithm.partition("/")[2] or digest.digest_size)
        if private.key_size < 8 * (digest.digest_size + salt + 2):
            return lambda message: private.sign(message, padding.PKCS1v15(), digest)
        pss = padding.PSS(padding.MGF1(digest), salt)
        return lambda message: private.sign(message, pss, digest)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    name = name if algorithm in _EC else usual_algorithm(kind)
    ecdsa = ec.ECDSA(_DIGESTS[name.partition("-")[2]])
    return lambda message: private.sign(message, ecdsa)


def damaged_infos(key: Key) -> dict[str, bytes]:
    """SubjectPublicKeyInfos that are odd or none."""
    algorithm, value = pki.elements(pki.inside(key.info))
    odd = {
        "key of no bits": sequence(algorithm, bits(b"")),
        "key of garbage": sequence(algorithm, bits(b"\x04" + b"\x01" * 64)),
        "key of unknown kind": sequence(sequence(identifier("1.2.3.5")), value),
        "key without parameters": sequence(sequence(pki.elements(pki.inside(algorithm))[0]), value),
    }
    if isinstance(key.private, ec.EllipticCurvePrivateKey):
        point = key.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
        )
        odd["compressed key"] = sequence(algorithm, bits(point))
    return odd
