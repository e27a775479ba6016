"""A certification authority for the tests of contexts: made at session start, dates fixed, in one folder."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import ipaddress
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

START = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2049, 1, 1, tzinfo=datetime.timezone.utc)
PAST = datetime.datetime(2021, 1, 1, tzinfo=datetime.timezone.utc)
FUTURE = datetime.datetime(2040, 1, 1, tzinfo=datetime.timezone.utc)

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


@dataclasses.dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any
    issuer: Issued | None = None

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        text: bytes = self.key.private_bytes(encoding, form, serialization.NoEncryption())
        return text.decode()


def new_key(kind: str = "P-256") -> Any:
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, int(kind.removeprefix("RSA-")))
    return ec.generate_private_key({"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}[kind])


def issue(
    name: str,
    issuer: Issued | None = None,
    *,
    ca: bool = False,
    hosts: tuple[str, ...] = (),
    start: datetime.datetime = START,
    end: datetime.datetime = END,
    usages: tuple[x509.ObjectIdentifier, ...] = (),
    key: Any = None,
    kind: str = "P-256",
    constraints: bool = True,
) -> Issued:
    """A certificate as RFC 5280 wants it, but for what the arguments say."""
    key = key or new_key(kind)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = key if issuer is None else issuer.key
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if constraints:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        builder = builder.add_extension(key_usage(ca=ca), critical=True)
    if hosts:
        names = [general_name(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Issued(builder.sign(signer, algorithm), key, issuer)


def key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def crl(issuer: Issued, revoked: tuple[Issued, ...] = ()) -> str:
    """A CRL in PEM."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(START)
        .next_update(END)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
        )
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(START).build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


class Authority:
    """Certificates by name, and the files that contexts load them from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = issue("Test Root", ca=True)
        self.intermediate = issue("Test Intermediate", self.root, ca=True)
        self.other_root = issue("Other Root", ca=True)
        local = ("localhost", "127.0.0.1")
        self.leaves = {
            "good": issue("localhost", self.intermediate, hosts=local, usages=(SERVER,)),
            "wrong name": issue(
                "elsewhere", self.intermediate, hosts=("elsewhere.example",), usages=(SERVER,)
            ),
            "expired": issue("expired", self.intermediate, hosts=local, end=PAST),
            "not yet valid": issue("future", self.intermediate, hosts=local, start=FUTURE),
            "untrusted": issue("stranger", self.other_root, hosts=local),
            "self-signed": issue("localhost", hosts=local),
            "wrong purpose": issue("localhost", self.intermediate, hosts=local, usages=(CLIENT,)),
            "revoked": issue("revoked", self.intermediate, hosts=local),
            "client": issue("a client", self.intermediate, usages=(CLIENT,)),
            "common name only": issue("localhost", self.intermediate),
        }
        self.crl = crl(self.intermediate, (self.leaves["revoked"],))

    @functools.cached_property
    def root_file(self) -> str:
        return self.file("root.pem", self.root.pem)

    @functools.cached_property
    def crl_file(self) -> str:
        return self.file("crl.pem", self.crl)

    def file(self, name: str, text: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    def chain_file(self, name: str, *, complete: bool = True) -> str:
        """Key, certificate and, if asked for, intermediates: what ``load_cert_chain`` takes."""
        path = self.folder / f"{name.replace(' ', '-')}-{'chain' if complete else 'leaf'}.pem"
        if not path.exists():
            leaf = self.leaves[name]
            parts = [leaf.key_pem, leaf.pem]
            if complete and leaf.issuer is self.intermediate:
                parts.append(self.intermediate.pem)
            path.write_text("".join(parts))
        return str(path)
