"""Small certification hierarchies for the tests, made with `cryptography`, with any defect one asks for.

Every certificate is valid from 2020 to 2049 unless told otherwise, so the fixed clock `AT` and the
real one (for handshakes) find it equally sound.
"""

from __future__ import annotations

import datetime
import functools
import ipaddress
import itertools
import re
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import certpath
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "AT",
    "ECDSA_WITH_SHA1",
    "HOST",
    "MD5",
    "NOT_AFTER",
    "NOT_BEFORE",
    "RSA_WITH_MD5",
    "RSA_WITH_SHA1",
    "SHA1",
    "SHA256",
    "Entity",
    "Key",
    "at",
    "chain_pem",
    "crl",
    "crl_pem",
    "elements",
    "extension",
    "fields",
    "generate",
    "inside",
    "issue",
    "key",
    "names",
    "oid",
    "patched",
    "raw",
    "sans",
    "signature",
    "signed",
    "three",
    "tlv",
    "usage",
]

Key: TypeAlias = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
    | dsa.DSAPrivateKey
)
Extension: TypeAlias = tuple[x509.ExtensionType, bool]


def at(year: int, month: int = 1, day: int = 1) -> datetime.datetime:
    """Midnight UTC of a day."""
    return datetime.datetime(year, month, day, tzinfo=datetime.timezone.utc)


HOST = "www.example.test"
AT = at(2026, 6, 1)
"""The fixed clock."""
NOT_BEFORE = at(2020)
NOT_AFTER = at(2049)
_CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
    "p256": ec.SECP256R1,
    "p384": ec.SECP384R1,
    "p521": ec.SECP521R1,
    "secp224r1": ec.SECP224R1,
    "secp256k1": ec.SECP256K1,
    "brainpool": ec.BrainpoolP256R1,
}
_serials = itertools.count(0x1000)


def generate(kind: str) -> Key:
    """A new key: a curve's short name, ``rsa2048``, ``ed25519``, ``ed448``, ``dsa`` …"""
    if kind in _CURVES:
        return ec.generate_private_key(_CURVES[kind]())
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))
    if kind == "dsa":
        return dsa.generate_private_key(2048)
    if kind == "ed448":
        return ed448.Ed448PrivateKey.generate()
    assert kind == "ed25519", kind
    return ed25519.Ed25519PrivateKey.generate()


@functools.cache
def key(kind: str = "p256", slot: int | str = 0) -> Key:
    """The process's key of a kind; another `slot`, another key."""
    del slot
    return generate(kind)


@dataclass(frozen=True)
class Entity:
    """A certificate with its private key."""

    der: bytes
    key: Key = field(repr=False)

    @functools.cached_property
    def certificate(self) -> x509.Certificate:
        """As `cryptography` sees it."""
        return x509.load_der_x509_certificate(self.der)

    @property
    def pem(self) -> str:
        """As the stdlib writes it."""
        return ssl.DER_cert_to_PEM_cert(self.der)

    @property
    def sha256(self) -> bytes:
        """The fingerprint."""
        digest = hashes.Hash(hashes.SHA256())
        digest.update(self.der)
        return digest.finalize()

    @property
    def store(self) -> certpath.TrustStore:
        """A store of this certificate alone."""
        return certpath.TrustStore.from_der(self.der, name="test")

    @property
    def key_pem(self) -> str:
        """The private key, PKCS #8."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()


def names(*common_names: str, organization: str = "certpath tests") -> x509.Name:
    """A distinguished name: an organization, then commonNames."""
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] if organization else []
    return x509.Name(
        attributes + [x509.NameAttribute(NameOID.COMMON_NAME, common_name) for common_name in common_names]
    )


def sans(*alternatives: str) -> x509.SubjectAlternativeName:
    """Host names and IP addresses as subjectAltName."""
    is_address = re.compile(r"[0-9.]+|[0-9a-f]*:[0-9a-f:]*").fullmatch
    return x509.SubjectAlternativeName(
        [
            x509.IPAddress(ipaddress.ip_address(alternative))
            if is_address(alternative)
            else x509.DNSName(alternative)
            for alternative in alternatives
        ]
    )


def usage(*bits: str) -> x509.KeyUsage:
    """A keyUsage of just these bits, by `cryptography`'s names."""
    known = [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ]
    return x509.KeyUsage(**{bit: bit in bits for bit in known})


def _digest(signer: Key, digest: hashes.HashAlgorithm | None) -> hashes.HashAlgorithm | None:
    if isinstance(signer, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)):
        return None
    return digest or hashes.SHA256()


def issue(
    subject: str | x509.Name,
    issuer: Entity | None = None,
    *,
    own_key: str | Key = "p256",
    ca: bool = False,
    path_length: int | None = None,
    host: str | None = HOST,
    extensions: Iterable[Extension] = (),
    without: Iterable[type[x509.ExtensionType]] = (),
    not_before: datetime.datetime = NOT_BEFORE,
    not_after: datetime.datetime = NOT_AFTER,
    serial: int | None = None,
    digest: hashes.HashAlgorithm | None = None,
    issuer_name: x509.Name | None = None,
    signer: Key | None = None,
) -> Entity:
    """A certificate; without an `issuer` a self-signed one.

    `extensions` replace or add to the usual ones of a CA or an end entity (for `host`), `without`
    leaves some out; `signer` signs in the issuer's stead, which makes a bad signature.
    """
    subject_name = names(subject) if isinstance(subject, str) else subject
    private = key(own_key, str(subject_name.rfc4514_string())) if isinstance(own_key, str) else own_key
    issuer_key = private if issuer is None else issuer.key
    usual: list[Extension] = [
        (x509.SubjectKeyIdentifier.from_public_key(private.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False),
    ]
    if ca:
        usual.append((x509.BasicConstraints(ca=True, path_length=path_length), True))
        usual.append((usage("key_cert_sign", "crl_sign"), True))
    else:
        usual.append((x509.BasicConstraints(ca=False, path_length=None), True))
        usual.append((usage("digital_signature"), True))
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        usual.append((x509.ExtendedKeyUsage(purposes), False))
        if host is not None:
            usual.append((sans(host), False))
    chosen = {extension.oid: (extension, critical) for extension, critical in usual}
    for extension, critical in extensions:
        chosen[extension.oid] = (extension, critical)
    for unwanted in without:
        chosen.pop(unwanted.oid, None)
    if issuer_name is None:
        issuer_name = subject_name if issuer is None else issuer.certificate.subject
    builder = x509.CertificateBuilder(
        issuer_name=issuer_name,
        subject_name=subject_name,
        public_key=private.public_key(),
        serial_number=next(_serials) if serial is None else serial,
        not_valid_before=not_before,
        not_valid_after=not_after,
        extensions=[x509.Extension(oid, critical, value) for oid, (value, critical) in chosen.items()],
    )
    signer = signer or issuer_key
    certificate = builder.sign(signer, _digest(signer, digest))  # type: ignore[arg-type]
    return Entity(certificate.public_bytes(serialization.Encoding.DER), private)


@functools.cache
def three(kind: str = "p256") -> tuple[Entity, Entity, Entity]:
    """Leaf (for `HOST`), intermediate and root, all sound."""
    root = issue("Root", own_key=kind, ca=True)
    intermediate = issue("Intermediate", root, own_key=kind, ca=True, path_length=0)
    return issue("leaf", intermediate, own_key=kind), intermediate, root


def chain_pem(chain: Sequence[Entity]) -> str:
    """A chain as one PEM text."""
    return "".join(entity.pem for entity in chain)


def crl(
    issuer: Entity,
    revoked: Iterable[tuple[int, x509.ReasonFlags | None]] = (),
    *,
    last_update: datetime.datetime = NOT_BEFORE,
    next_update: datetime.datetime = NOT_AFTER,
    extensions: Iterable[Extension] = (),
    signer: Key | None = None,
    digest: hashes.HashAlgorithm | None = None,
) -> bytes:
    """A CRL in DER; entries were revoked on 2025-03-01."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(last_update)
        .next_update(next_update)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    for serial, reason in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at(2025, 3, 1))
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    chosen = signer or issuer.key
    finished = builder.sign(chosen, _digest(chosen, digest))  # type: ignore[arg-type]
    return finished.public_bytes(serialization.Encoding.DER)


def crl_pem(der: bytes) -> str:
    """A CRL as `load_verify_locations` takes it."""
    return ssl.DER_cert_to_PEM_cert(der).replace("CERTIFICATE", "X509 CRL")


def tlv(tag: int, contents: bytes) -> bytes:
    """One DER element."""
    length = len(contents)
    if length < 0x80:
        return bytes([tag, length]) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + contents


@functools.cache
def oid(dotted: str) -> bytes:
    """The DER of an object identifier."""
    first, second, *rest = map(int, dotted.split("."))
    contents = b""
    for arc in [first * 40 + second, *rest]:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, 0x80 | arc & 0x7F)
        contents += bytes(groups)
    return tlv(0x06, contents)


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    """The DER of an extension."""
    return tlv(0x30, oid(dotted) + (b"\x01\x01\xff" if critical else b"") + tlv(0x04, value))


def raw(kind: str | x509.ObjectIdentifier, value: bytes | str) -> x509.UnrecognizedExtension:
    """An extension whose octets `cryptography` does not look at; text is hexadecimal."""
    kind = x509.ObjectIdentifier(kind) if isinstance(kind, str) else kind
    return x509.UnrecognizedExtension(kind, bytes.fromhex(value) if isinstance(value, str) else value)


def elements(contents: bytes) -> list[bytes]:
    """The DER elements that stand one after the other in `contents`."""
    found = []
    while contents:
        length, start = contents[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(contents[2:start], "big")
        found.append(contents[: start + length])
        contents = contents[start + length :]
    return found


def inside(element: bytes) -> bytes:
    """The contents octets of one DER element."""
    return element[2 + (element[1] & 0x7F if element[1] & 0x80 else 0) :]


def fields(der: bytes) -> list[bytes]:
    """The fields of a certificate's TBSCertificate, each a DER element."""
    return elements(inside(elements(inside(der))[0]))


def signature(message: bytes, signer: Key, digest: hashes.HashAlgorithm) -> bytes:
    """What a certificate's issuer puts under it."""
    if isinstance(signer, rsa.RSAPrivateKey):
        return signer.sign(message, padding.PKCS1v15(), digest)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    return signer.sign(message, ec.ECDSA(digest))


def patched(
    entity: Entity,
    signer: Key,
    change: Callable[[list[bytes]], None] | None = None,
    *,
    algorithm: bytes | None = None,
    digest: hashes.HashAlgorithm | None = None,
) -> Entity:
    """The certificate with its TBS fields changed (0 version, 1 serial, 2 algorithm, 3 issuer,
    4 validity, 5 subject, 6 key, 7 extensions) and signed again, for what `cryptography` refuses to
    build; `algorithm` is the DER of another AlgorithmIdentifier, for another `digest`.
    """
    _, outer, _ = elements(inside(entity.der))
    parts = fields(entity.der)
    if algorithm is not None:
        parts[2] = outer = algorithm
    if change is not None:
        change(parts)
    return signed(b"".join(parts), entity, signer, algorithm=outer, digest=digest)


def signed(
    contents: bytes,
    entity: Entity,
    signer: Key,
    *,
    algorithm: bytes | None = None,
    digest: hashes.HashAlgorithm | None = None,
) -> Entity:
    """A certificate with these contents octets of its TBSCertificate, whatever they are; `algorithm`
    stands beside the signature, by default that of `entity`.
    """
    _, outer, _ = elements(inside(entity.der))
    tbs = tlv(0x30, contents)
    value = tlv(0x03, b"\0" + signature(tbs, signer, digest or hashes.SHA256()))
    return Entity(tlv(0x30, tbs + (algorithm or outer) + value), entity.key)


ECDSA_WITH_SHA1 = tlv(0x30, tlv(0x06, bytes.fromhex("2a8648ce3d0401")))
RSA_WITH_SHA1 = tlv(0x30, tlv(0x06, bytes.fromhex("2a864886f70d010105")) + b"\x05\0")
RSA_WITH_MD5 = tlv(0x30, tlv(0x06, bytes.fromhex("2a864886f70d010104")) + b"\x05\0")
MD5, SHA1, SHA256 = hashes.MD5(), hashes.SHA1(), hashes.SHA256()  # noqa: S303 (weak, as the point of a test)
