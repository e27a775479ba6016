"""Random hierarchies: cross-signed, renewed, re-keyed and misnamed CAs, half of them lost, the rest
shuffled. OpenSSL's builder has no way back, so every wrong turn shows in the verdict.

CERTPATH_EXAMPLES multiplies the number of hierarchies; each is named by its seed.
"""

from __future__ import annotations

import datetime
import os
import random
import ssl

import certpath
import pki
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from handshake import handshake
from test_oracle import listed_reasons

IS_OPENSSL_3_0 = ssl.OPENSSL_VERSION.startswith("OpenSSL") and ssl.OPENSSL_VERSION_INFO[:2] == (3, 0)
pytestmark = pytest.mark.skipif(not IS_OPENSSL_3_0, reason="the verdicts are those of OpenSSL 3.0")

SEEDS = range(int(os.environ.get("CERTPATH_EXAMPLES", "150")))
FLAGS = [0x8000, 0x88000, 0x88020]
LEAF_KEY = pki.key("p256", "the leaf of every topology")
CA_KEYS = [pki.key("p256", f"CA key {number}") for number in range(12)] + [pki.key("rsa2048", "CA key")]


def spelled(name: str, rng: random.Random) -> x509.Name:
    """A name, now and then in another spelling that RFC 5280 7.1 takes for the same."""
    spelling = rng.choice([name] * 12 + [name.upper(), f" {name} "])
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, spelling)])


def period(rng: random.Random) -> tuple[datetime.datetime, datetime.datetime]:
    """Mostly current, now and then past or to come; the ends differ, for the choice between twins."""
    days = datetime.timedelta(days=rng.randrange(400))
    return rng.choice(
        [(pki.at(2020), pki.at(2049) - days)] * 8
        + [(pki.at(2015), pki.at(2020) + days), (pki.at(2040), pki.at(2049) - days)]
    )


Extensions = tuple[list[tuple[x509.ExtensionType, bool]], list[type[x509.ExtensionType]]]


def constraints(rng: random.Random, *, ca: bool) -> Extensions:
    """basicConstraints and name constraints to add, and extensions to leave out."""
    if not ca:
        as_ca = x509.BasicConstraints(ca=True, path_length=None)
        return [(as_ca, True)] if rng.random() < 0.15 else [], []
    added: list[tuple[x509.ExtensionType, bool]] = []
    kind = rng.choice(["usual"] * 12 + ["no CA", "none", "0", "1", "not critical"])
    if kind not in {"usual", "none"}:
        length = int(kind) if kind.isdigit() else None
        added.append((x509.BasicConstraints(ca=kind != "no CA", path_length=length), kind != "not critical"))
    if rng.random() < 0.1:
        dns, mail, directory = x509.DNSName, x509.RFC822Name, x509.DirectoryName
        subtrees = rng.choice(
            [
                ([dns("example.test")], None),
                ([dns("elsewhere.test")], None),
                (None, [dns("example.test")]),
                ([mail("example.test")], None),
                ([directory(pki.names("leaf"))], None),
                (None, [directory(pki.names("nobody"))]),
            ]
        )
        added.append((x509.NameConstraints(*subtrees), True))
    return added, [x509.BasicConstraints] if kind == "none" else []


def identifiers_and_usages(issuer: str, rng: random.Random) -> Extensions:
    """Key identifiers, key usage and purposes to add, and extensions to leave out."""
    added: list[tuple[x509.ExtensionType, bool]] = []
    without: list[type[x509.ExtensionType]] = []
    if rng.random() < 0.2:
        without.append(x509.KeyUsage)
    elif rng.random() < 0.1:
        added.append((pki.usage("crl_sign"), True))
    if rng.random() < 0.15:
        without.append(x509.SubjectKeyIdentifier)
    identifier = rng.choice(["usual"] * 7 + ["none"] * 2 + ["of another key", "serial"])
    if identifier == "none":
        without.append(x509.AuthorityKeyIdentifier)
    elif identifier == "of another key":
        added.append((x509.AuthorityKeyIdentifier(b"\x01" * 20, None, None), False))
    elif identifier == "serial":
        directory_name = [x509.DirectoryName(pki.names(issuer))]
        added.append((x509.AuthorityKeyIdentifier(None, directory_name, 5), False))
    if rng.random() < 0.1:
        purpose = rng.choice([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
        added.append((x509.ExtendedKeyUsage([purpose]), False))
    return added, without


def certificate(
    name: str, own_key: pki.Key, issuer: str, issuer_key: pki.Key, *, ca: bool, rng: random.Random
) -> pki.Entity:
    """A certificate of CA or leaf, with anything that can go wrong going wrong at times."""
    constrained, unconstrained = constraints(rng, ca=ca)
    added, without = identifiers_and_usages(issuer, rng)
    not_before, not_after = period(rng)
    return pki.issue(
        spelled(name, rng),
        pki.Entity(b"", issuer_key),
        own_key=own_key,
        ca=ca,
        host=rng.choice([pki.HOST] * 9 + ["other.test", None]),
        extensions=constrained + added,
        without=unconstrained + without,
        not_before=not_before,
        not_after=not_after,
        issuer_name=spelled(issuer, rng),
        signer=issuer_key if rng.random() > 0.04 else rng.choice(CA_KEYS),
    )


def topology(rng: random.Random) -> tuple[list[pki.Entity], list[pki.Entity]]:
    """What the peer presents, leaf first, and what is trusted."""
    names = [f"CA {number}" for number in range(rng.randrange(2, 6))]
    keys = {name: rng.choices(CA_KEYS, k=rng.choice([1, 1, 1, 2])) for name in names}
    cas = []
    for name in names:
        for own_key in keys[name]:
            if rng.random() < 0.6:
                cas.append(certificate(name, own_key, name, own_key, ca=True, rng=rng))
            for _ in range(rng.choice([0, 1, 1, 2])):
                issuer = rng.choice(names)
                cas.append(certificate(name, own_key, issuer, rng.choice(keys[issuer]), ca=True, rng=rng))
    issuer = rng.choice(names)
    if rng.random() < 0.06:
        leaf = certificate("leaf", LEAF_KEY, "leaf", LEAF_KEY, ca=False, rng=rng)
    else:
        leaf = certificate("leaf", LEAF_KEY, issuer, rng.choice(keys[issuer]), ca=False, rng=rng)
    trusted = [ca for ca in cas if rng.random() < 0.35] or [leaf]
    if rng.random() < 0.07:
        trusted.insert(rng.randrange(len(trusted) + 1), leaf)
    presented = [ca for ca in cas if rng.random() < 0.7]
    rng.shuffle(presented)
    if presented and rng.random() < 0.1:
        presented.append(rng.choice(presented))
    return [leaf, *presented], trusted


@pytest.mark.parametrize("seed", SEEDS)
def test_the_verdict_is_that_of_ssl(seed: int) -> None:
    """Same code and message where `ssl` refuses; acceptance by both, or a listed reason, where it accepts."""
    rng = random.Random(seed)
    chain, trusted = topology(rng)
    flags = rng.choice(FLAGS)
    verifier_is_server = rng.random() < 0.3
    refusal = handshake(chain, trusted, flags=flags, verifier_is_server=verifier_is_server)
    verifier = certpath.Verifier(
        certpath.TrustStore.from_der([anchor.der for anchor in trusted]),
        policy=certpath.Policy.ssl(flags, purpose="client" if verifier_is_server else "server"),
    )
    verdict = verifier.check([one.der for one in chain], None if verifier_is_server else pki.HOST)
    if refusal is None:
        assert verdict.ok or verdict.findings[0].name in listed_reasons()
    else:
        assert isinstance(refusal, ssl.SSLCertVerificationError)
        assert (verdict.verify_code, verdict.verify_message) == (refusal.verify_code, refusal.verify_message)
