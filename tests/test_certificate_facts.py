"""``--cert-info``: what a scanner wants to know of end entities, weak keys among it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import random
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID
from support import pki

if TYPE_CHECKING:
    from pathlib import Path

FACTS = (
    "ca_issuer_urls",
    "ocsp_urls",
    "crl_urls",
    "certificate_policies",
    "validation",
    "tls_features",
    "must_staple",
    "key_algorithm",
    "key_bits",
    "signature_algorithm",
    "weak_key",
)


def facts(folder: Path, *entities: pki.Entity) -> list[dict[str, Any]]:
    """The columns, of a folder of certificates."""
    from certpath.cli import main

    path = folder / "certificates"
    path.mkdir()
    for number, entity in enumerate(entities):
        (path / f"{number:02}.pem").write_text(entity.pem)
    (folder / "root.pem").write_text(pki.three()[2].pem)
    out = io.StringIO()
    words = [
        "check",
        str(path),
        "--format",
        "certificates",
        "--cert-info",
        "--at",
        "2026-06-01",
        "-o",
        "jsonl",
    ]
    with contextlib.redirect_stdout(out):
        main([*words, "--roots", str(folder / "root.pem")])
    return [json.loads(line) for line in out.getvalue().splitlines()]


def policy(*oids: str) -> tuple[x509.ExtensionType, bool]:
    listed = [x509.PolicyInformation(x509.ObjectIdentifier(one), None) for one in oids]
    return x509.CertificatePolicies(listed), False


def test_what_a_certificate_says_of_itself(tmp_path: Path) -> None:
    """URLs, policies, features, key and signature."""
    _, intermediate, _ = pki.three()
    access = [
        (AuthorityInformationAccessOID.CA_ISSUERS, "http://ca.example.test/ca.cer"),
        (AuthorityInformationAccessOID.OCSP, "http://ocsp.example.test/"),
    ]
    aia = x509.AuthorityInformationAccess(
        [x509.AccessDescription(method, x509.UniformResourceIdentifier(url)) for method, url in access]
    )
    points = x509.CRLDistributionPoints(
        [
            x509.DistributionPoint(
                [x509.UniformResourceIdentifier("http://crl.example.test/ca.crl")], None, None, None
            )
        ]
    )
    features = x509.TLSFeature([x509.TLSFeatureType.status_request])
    extensions = [(aia, False), (points, False), (features, False), policy("1.2.3", "2.23.140.1.1")]
    told, plain = facts(
        tmp_path, pki.issue("leaf", intermediate, extensions=extensions), pki.issue("plain", intermediate)
    )
    assert {key: told[key] for key in FACTS} == {
        "ca_issuer_urls": ["http://ca.example.test/ca.cer"],
        "ocsp_urls": ["http://ocsp.example.test/"],
        "crl_urls": ["http://crl.example.test/ca.crl"],
        "certificate_policies": ["1.2.3", "2.23.140.1.1"],
        "validation": "ev",
        "tls_features": ["5"],
        "must_staple": True,
        "key_algorithm": "EC",
        "key_bits": 256,
        "signature_algorithm": "ecdsa-with-SHA256",
        "weak_key": [],
    }
    lists = ("ca_issuer_urls", "ocsp_urls", "crl_urls", "certificate_policies", "tls_features", "weak_key")
    assert [plain[key] for key in lists] == [[]] * 6
    assert (plain["validation"], plain["must_staple"]) == (None, False)


@pytest.mark.parametrize(
    ("oid", "word"), [("2.23.140.1.2.1", "dv"), ("2.23.140.1.2.2", "ov"), ("2.23.140.1.2.3", "iv")]
)
def test_validation(tmp_path: Path, oid: str, word: str) -> None:
    """By the policies that the CA/Browser Forum has reserved."""
    (told,) = facts(tmp_path, pki.issue("leaf", pki.three()[1], extensions=[policy(oid)]))
    assert told["validation"] == word


def with_modulus(modulus: int, exponent: int = 65_537) -> pki.Entity:
    """A certificate of an RSA key, of which only the public half is there."""
    _, intermediate, _ = pki.three()
    numbers = rsa.RSAPublicNumbers(exponent, modulus)
    kinds = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    try:
        spki = numbers.public_key().public_bytes(*kinds)
    except ValueError:  # an exponent that nobody takes
        good = rsa.RSAPublicNumbers(65_537, modulus).public_key().public_bytes(*kinds)
        octets = exponent.to_bytes((exponent.bit_length() + 8) // 8, "big")
        key = pki.tlv(0x30, pki.elements(pki.inside(_key(good)))[0] + pki.tlv(0x02, octets))
        spki = pki.tlv(0x30, pki.elements(pki.inside(good))[0] + pki.tlv(0x03, b"\0" + key))

    def change(parts: list[bytes]) -> None:
        parts[6] = spki

    return pki.patched(pki.issue("leaf", intermediate), intermediate.key, change)


def _key(spki: bytes) -> bytes:
    return pki.inside(pki.elements(pki.inside(spki))[1])[1:]


def is_prime(number: int) -> bool:
    """Fermat's test to a few bases: good enough for keys of tests."""
    return all(number % small for small in (3, 5, 7, 11, 13)) and all(
        pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7)
    )


def next_prime(number: int, step: int = 2) -> int:
    number |= 1
    while not is_prime(number):
        number += step
    return number


def roca_prime(generator: random.Random, bits: int) -> int:
    """k·M + (65537^a mod M), as the library of CVE-2017-15361 made them."""
    primes = [number for number in range(2, 168) if all(number % small for small in range(2, number))]
    product = math.prod(primes)
    while True:
        start = generator.getrandbits(bits - product.bit_length()) | 1 << (bits - product.bit_length() - 1)
        candidate = start * product + pow(65_537, generator.getrandbits(64), product)
        if is_prime(candidate):
            return candidate


def test_weak_keys(tmp_path: Path) -> None:
    """Each by its own fault, and sound ones by none."""
    generator = random.Random(2017)
    first = next_prime(generator.getrandbits(1024) | 3 << 1022)
    second = next_prime(generator.getrandbits(1024) | 3 << 1022)
    close = next_prime(first + (1 << 516))
    roca = roca_prime(generator, 512) * roca_prime(generator, 512)
    cases = [
        (with_modulus(first * second), []),
        (with_modulus(roca), ["roca"]),
        (with_modulus(first * close), ["close_primes"]),
        (with_modulus(first * next_prime(first + (1 << 700))), []),
        (with_modulus(first * first), ["close_primes"]),
        (with_modulus(first * second, 3), ["small_exponent"]),
        (with_modulus(first * second, 65_538), ["even_exponent"]),
        (with_modulus(roca, 2), ["roca", "small_exponent", "even_exponent"]),
        (pki.issue("rsa", pki.three()[1], own_key="rsa2048"), []),
        (pki.issue("ed", pki.three()[1], own_key="ed25519"), []),
    ]
    told = facts(tmp_path, *(entity for entity, _ in cases))
    assert [row["weak_key"] for row in told] == [weak for _, weak in cases]
    assert [row["key_bits"] for row in told][:2] == [2_048, roca.bit_length()]


def test_in_csv(tmp_path: Path) -> None:
    """The same columns, lists joined."""
    from certpath.cli import main

    path = tmp_path / "certificates.pem"
    path.write_text(pki.issue("leaf", pki.three()[1], extensions=[policy("1.2.3", "1.2.4")]).pem)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(
            ["check", str(path), "--format", "certificates", "--cert-info", "--at", "2026-06-01", "-o", "csv"]
        )
    (told,) = csv.DictReader(io.StringIO(out.getvalue()))
    assert told["certificate_policies"] == "1.2.3; 1.2.4"
    assert {*FACTS} <= {*told}
