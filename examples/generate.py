"""Make the example chains anew: ``python examples/generate.py [FOLDER]``.

Needs ``cryptography``. Writes ``roots.pem``, ``crl.pem``, ``single-certificate.der`` and
``chains/*.pem`` (leaf first) below FOLDER, by default the folder of this file. Every run makes
new keys and keeps none of them, so every run gives other bytes and the same verdicts; README.md
says which.

The shape is that of the web: a root issues an issuing CA, which issues the server's certificate,
with the extensions that the CA/Browser Forum's Baseline Requirements ask for. Only the life of the
certificates is not: 2024 to 2049 unless the case is about dates, so that the files do not rot.
"""

from __future__ import annotations

import datetime
import ipaddress
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Key: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

HOST = "www.example.test"
START = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2049, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc)

# CA/Browser Forum: domain validated.
DOMAIN_VALIDATED = x509.ObjectIdentifier("2.23.140.1.2.1")


@dataclass(frozen=True)
class Identity:
    """A certificate and its key; the key lives as long as the process."""

    certificate: x509.Certificate
    key: Key

    @property
    def name(self) -> x509.Name:
        """The certificate's subject."""
        return self.certificate.subject


@dataclass(frozen=True)
class ExampleSet:
    """Everything that is written, with the leaf keys for those who want to serve the chains."""

    roots: list[x509.Certificate]
    crls: list[x509.CertificateRevocationList]
    chains: dict[str, list[x509.Certificate]]
    leaf_keys: dict[str, Key]
    single: x509.Certificate


def rsa_key(bits: int = 2048) -> Key:
    """A fresh RSA key with a modulus of `bits` bits."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def p256_key() -> Key:
    """A fresh key on the curve P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def p384_key() -> Key:
    """A fresh key on the curve P-384."""
    return ec.generate_private_key(ec.SECP384R1())


def key_usage(*names: str) -> x509.KeyUsage:
    """The extension with just the named bits set (``digital_signature`` …)."""
    bits = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{bit: bit in names for bit in bits})


def hash_for(key: Key) -> hashes.SHA256 | hashes.SHA384:
    """The digest that usually goes with a signing key: SHA-384 for P-384, else SHA-256."""
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size == 384:
        return hashes.SHA384()
    return hashes.SHA256()


def ca_name(common_name: str) -> x509.Name:
    """The subject of an example CA."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CH"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Certpath Examples"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def builder_for(
    subject: x509.Name,
    issuer: x509.Name,
    key: Key,
    not_before: datetime.datetime,
    not_after: datetime.datetime,
) -> x509.CertificateBuilder:
    """What every certificate here has: names, serial number, dates, key and subjectKeyIdentifier."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .public_key(key.public_key())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def with_issuer(builder: x509.CertificateBuilder, issuer: Identity) -> x509.CertificateBuilder:
    """Add what points to the issuer: authorityKeyIdentifier, AIA, CRL distribution point, policy."""
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    slug = issuer.name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    slug = str(slug).lower().replace(" ", "-")
    return (
        builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value),
            critical=False,
        )
        .add_extension(
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.CA_ISSUERS,
                        x509.UniformResourceIdentifier(f"http://pki.example.test/{slug}.der"),
                    )
                ]
            ),
            critical=False,
        )
        .add_extension(
            x509.CRLDistributionPoints(
                [
                    x509.DistributionPoint(
                        full_name=[x509.UniformResourceIdentifier(f"http://pki.example.test/{slug}.crl")],
                        relative_name=None,
                        reasons=None,
                        crl_issuer=None,
                    )
                ]
            ),
            critical=False,
        )
        .add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(DOMAIN_VALIDATED, None)]),
            critical=False,
        )
    )


def make_root(common_name: str, key: Key) -> Identity:
    """A self-signed root CA."""
    name = ca_name(common_name)
    builder = (
        builder_for(name, name, key, START, END)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
    )
    return Identity(builder.sign(key, hash_for(key)), key)


def make_issuing_ca(common_name: str, key: Key, issuer: Identity) -> Identity:
    """A CA that may issue end entities only (pathLenConstraint 0)."""
    builder = (
        builder_for(ca_name(common_name), issuer.name, key, START, END)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage("digital_signature", "key_cert_sign", "crl_sign"), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            critical=False,
        )
    )
    return Identity(with_issuer(builder, issuer).sign(issuer.key, hash_for(issuer.key)), key)


def make_leaf(
    key: Key,
    issuer: Identity | None,
    *,
    names: Sequence[str] = (HOST, "example.test"),
    addresses: Sequence[str] = (),
    not_before: datetime.datetime = START,
    not_after: datetime.datetime = END,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
) -> Identity:
    """An end entity for DNS `names` and IP `addresses`; self-signed if there is no issuer."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, [*names, *addresses][0])])
    usages = ["digital_signature"]
    if isinstance(key, rsa.RSAPrivateKey):
        usages.append("key_encipherment")
    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    builder = (
        builder_for(subject, subject if issuer is None else issuer.name, key, not_before, not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(*usages), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    )
    if issuer is not None:
        builder = with_issuer(builder, issuer)
    signer = key if issuer is None else issuer.key
    return Identity(builder.sign(signer, hash_for(signer)), key)


def make_crl(issuer: Identity, revoked: Sequence[x509.Certificate]) -> x509.CertificateRevocationList:
    """A complete CRL of `issuer` that names the `revoked` certificates, current from 2024 to 2049."""
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.name)
        .last_update(START)
        .next_update(END)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value),
            critical=False,
        )
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for certificate in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(certificate.serial_number)
            .revocation_date(START)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
            .build()
        )
    return builder.sign(issuer.key, hash_for(issuer.key))


def make_examples() -> ExampleSet:
    """All the examples, with fresh keys."""
    rsa_root = make_root("Example Root R1", rsa_key())
    ec_root = make_root("Example Root E1", p384_key())
    unlisted_root = make_root("Example Unlisted Root X1", p256_key())
    rsa_ca = make_issuing_ca("Example Issuing CA R2", rsa_key(), rsa_root)
    ec_ca = make_issuing_ca("Example Issuing CA E2", p256_key(), ec_root)
    unlisted_ca = make_issuing_ca("Example Unlisted CA X2", p256_key(), unlisted_root)

    # (leaf, what is sent with it)
    cases: dict[str, tuple[Identity, list[Identity]]] = {
        "good-rsa": (make_leaf(rsa_key(), rsa_ca), [rsa_ca]),
        "good-ecdsa": (make_leaf(p256_key(), ec_ca), [ec_ca]),
        "good-ip": (
            make_leaf(p384_key(), ec_ca, names=(), addresses=("192.0.2.10", "2001:db8::10")),
            [ec_ca],
        ),
        "expired": (
            make_leaf(p256_key(), ec_ca, not_after=START + datetime.timedelta(days=90)),
            [ec_ca],
        ),
        "not-yet-valid": (
            make_leaf(p256_key(), ec_ca, not_before=START.replace(year=2048)),
            [ec_ca],
        ),
        "wrong-name": (
            make_leaf(rsa_key(), rsa_ca, names=("mail.example.test", "*.shop.example.test")),
            [rsa_ca],
        ),
        "wrong-purpose": (
            make_leaf(p256_key(), ec_ca, purpose=ExtendedKeyUsageOID.CLIENT_AUTH),
            [ec_ca],
        ),
        "self-signed": (make_leaf(rsa_key(), None), []),
        "missing-intermediate": (make_leaf(rsa_key(), rsa_ca), []),
        "unknown-issuer": (make_leaf(p256_key(), unlisted_ca), [unlisted_ca]),
        "unlisted-root-sent": (make_leaf(p256_key(), unlisted_ca), [unlisted_ca, unlisted_root]),
        "revoked": (make_leaf(p256_key(), ec_ca), [ec_ca]),
        "weak-key": (make_leaf(rsa_key(1024), rsa_ca), [rsa_ca]),
        "expired-misnamed-incomplete": (
            make_leaf(
                rsa_key(),
                rsa_ca,
                names=("old.example.test",),
                not_after=START + datetime.timedelta(days=90),
            ),
            [],
        ),
    }
    return ExampleSet(
        roots=[rsa_root.certificate, ec_root.certificate],
        crls=[make_crl(rsa_ca, []), make_crl(ec_ca, [cases["revoked"][0].certificate])],
        chains={
            name: [leaf.certificate, *(ca.certificate for ca in sent)] for name, (leaf, sent) in cases.items()
        },
        leaf_keys={name: leaf.key for name, (leaf, _) in cases.items()},
        single=make_leaf(p256_key(), ec_root).certificate,
    )


def described_pem(certificate: x509.Certificate) -> bytes:
    """The PEM block below a line that says whose certificate it is."""
    title = f"# {certificate.subject.rfc4514_string()}, issued by {certificate.issuer.rfc4514_string()}\n"
    return title.encode() + certificate.public_bytes(Encoding.PEM)


def write_examples(folder: Path) -> list[Path]:
    """Write the files below `folder` and return their paths. Raises `OSError` as writing does."""
    examples = make_examples()
    (folder / "chains").mkdir(parents=True, exist_ok=True)
    contents = {
        "roots.pem": b"".join(map(described_pem, examples.roots)),
        "crl.pem": b"".join(crl.public_bytes(Encoding.PEM) for crl in examples.crls),
        "single-certificate.der": examples.single.public_bytes(Encoding.DER),
    }
    for name, chain in examples.chains.items():
        contents[f"chains/{name}.pem"] = b"".join(map(described_pem, chain))
    for relative, content in contents.items():
        (folder / relative).write_bytes(content)
    return [folder / relative for relative in contents]


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for written_path in write_examples(target):
        print(written_path)
