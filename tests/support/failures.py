"""The failures that servers and their clients have most often, each with what mends it.

Chosen from what people ask about at public trackers and forums of OpenSSL, Python, curl, Let's Encrypt and
web servers: missing intermediates, expired certificates, names, private roots, and what Python 3.13 has made
strict.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import certpath
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from . import pki

if TYPE_CHECKING:
    from collections.abc import Callable

STRICT = 0x88020
PUBLISHED = "http://pki.example.test/ca.der"
LIST = "http://pki.example.test/ca.crl"

ROOT = pki.issue("Root", ca=True)
CA = pki.issue("Issuing CA", ROOT, ca=True)
PLACES: list[tuple[x509.ExtensionType, bool]] = [
    (
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(
                    AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(PUBLISHED)
                )
            ]
        ),
        False,
    ),
    (
        x509.CRLDistributionPoints(
            [x509.DistributionPoint([x509.UniformResourceIdentifier(LIST)], None, None, None)]
        ),
        False,
    ),
]
LEAF = pki.issue("server", CA, extensions=PLACES)
PAST, FUTURE = pki.at(2026, 5, 1), pki.at(2026, 7, 1)


@dataclass(frozen=True)
class Situation:
    """What is presented to whom."""

    chain: list[pki.Entity]
    trusted: list[pki.Entity] = field(default_factory=lambda: [ROOT])
    name: str = pki.HOST
    flags: int = 0x8000
    crls: list[bytes] | None = None
    policy: str = "ssl"

    def verdict(self) -> certpath.Verdict:
        """What certpath says."""
        store = certpath.TrustStore.from_der([entity.der for entity in self.trusted], name="test")
        policy = certpath.Policy.ssl(self.flags) if self.policy == "ssl" else certpath.Policy.webpki()
        verifier = certpath.Verifier(store, policy=policy, crls=self.crls)
        return verifier.check([entity.der for entity in self.chain], self.name, at=pki.AT)


@dataclass(frozen=True)
class Failure:
    """A situation, the words that its remedy has to have, and the situation after it has been applied."""

    finding: str
    who: str
    words: tuple[str, ...]
    broken: Situation
    mended: Situation


GOOD = Situation([LEAF, CA])


def leaf(*extensions: tuple[x509.ExtensionType, bool], **settings: object) -> pki.Entity:
    return pki.issue("server", CA, extensions=[*PLACES, *extensions], **settings)  # type: ignore[arg-type]


def presenting(*chain: pki.Entity, **settings: object) -> Situation:
    return replace(GOOD, chain=list(chain), **settings)  # type: ignore[arg-type]


def missing_intermediate() -> Failure:
    words = ('does not send the intermediate "Issuing CA"', "Append it", PUBLISHED)
    return Failure("issuer_not_found", "server", words, presenting(LEAF), GOOD)


def missing_upper_intermediate() -> Failure:
    lower = pki.issue("Lower CA", CA, ca=True, extensions=PLACES)
    end = pki.issue("server", lower)
    words = ('"Issuing CA"', "append it to the end of the file", PUBLISHED)
    return Failure("issuer_not_found", "server", words, presenting(end, lower), presenting(end, lower, CA))


def private_root_not_sent() -> Failure:
    return Failure(
        "issuer_not_found",
        "verifier",
        ('its issuer "Root" is neither sent nor in the store', "--roots"),
        presenting(LEAF, CA, trusted=[pki.issue("Other root", ca=True)]),
        GOOD,
    )


def private_root_sent() -> Failure:
    broken = presenting(LEAF, CA, ROOT, trusted=[pki.issue("Other root", ca=True)])
    words = ('ends at the root "Root"', "not in the store (test)", "--roots")
    return Failure("self_signed_in_chain", "verifier", words, broken, GOOD)


def self_signed() -> Failure:
    alone = pki.issue("appliance")
    words = ('"appliance"', "add it to the store")
    broken = presenting(alone)
    return Failure("self_signed", "verifier", words, broken, replace(broken, trusted=[alone]))


def expired() -> Failure:
    words = ('"server"', "2026-05-01", "31 days before", "renewed", "loaded the new one")
    return Failure("expired", "server", words, presenting(leaf(not_after=PAST), CA), GOOD)


def expired_intermediate() -> Failure:
    old = pki.issue("Issuing CA", ROOT, ca=True, not_after=PAST)
    words = ('The intermediate "Issuing CA"', "current one in its place", PUBLISHED)
    return Failure("expired", "server", words, presenting(LEAF, old), GOOD)


def expired_root() -> Failure:
    old = pki.issue("Root", ca=True, not_after=PAST)
    words = ('The root "Root" in the store', "Renew the store")
    return Failure("expired", "verifier", words, presenting(LEAF, CA, trusted=[old]), GOOD)


def not_yet_valid() -> Failure:
    words = ("2026-07-01", "clock")
    return Failure("not_yet_valid", "verifier", words, presenting(leaf(not_before=FUTURE), CA), GOOD)


def other_name() -> Failure:
    words = ("DNS name www.example.test", "It has dns:old.example.test")
    return Failure("hostname_mismatch", "server", words, presenting(leaf(host="old.example.test"), CA), GOOD)


def bare_domain() -> Failure:
    broken = presenting(leaf((pki.sans("*.example.test"), False)), CA, name="example.test")
    mended = presenting(leaf((pki.sans("*.example.test", "example.test"), False)), CA, name="example.test")
    words = ("*.example.test stands for one label", "example.test needs an entry of its own")
    return Failure("hostname_mismatch", "server", words, broken, mended)


def two_labels_below_a_wildcard() -> Failure:
    broken = presenting(leaf((pki.sans("*.example.test"), False)), CA, name="a.b.example.test")
    mended = presenting(leaf((pki.sans("a.b.example.test"), False)), CA, name="a.b.example.test")
    words = ("*.example.test stands for one label", "a.b.example.test needs an entry of its own")
    return Failure("hostname_mismatch", "server", words, broken, mended)


def final_dot() -> Failure:
    words = ("Ask for www.example.test, without the dot",)
    return Failure("hostname_mismatch", "verifier", words, presenting(LEAF, CA, name=f"{pki.HOST}."), GOOD)


def address() -> Failure:
    words = ("the address 192.0.2.1",)
    mended = presenting(leaf((pki.sans("192.0.2.1"), False)), CA, name="192.0.2.1")
    broken = presenting(LEAF, CA, name="192.0.2.1")
    return Failure("ip_address_mismatch", "server", words, broken, mended)


def common_name_alone() -> Failure:
    named = pki.issue(pki.names(pki.HOST), CA, host=None)
    words = ("DNS name www.example.test in its subjectAltName",)
    return Failure(
        "hostname_mismatch",
        "server",
        words,
        presenting(named, CA, policy="webpki"),
        replace(GOOD, policy="webpki"),
    )


def wrong_order() -> Failure:
    words = ("number 2 of the chain", "first")
    return Failure("hostname_mismatch", "server", words, presenting(CA, LEAF), GOOD)


def wrong_intermediate() -> Failure:
    other = pki.issue(
        "Issuing CA", ROOT, ca=True, own_key=pki.key("p256", "another"), without=[x509.SubjectKeyIdentifier]
    )
    bare = pki.issue("server", CA, without=[x509.AuthorityKeyIdentifier])
    words = ('The signature on "server" is not that of "Issuing CA"',)
    return Failure("signature_invalid", "server", words, presenting(bare, other), presenting(bare, CA))


def client_certificate() -> Failure:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    words = ("reissued for the purpose serverAuth", "clientAuth")
    return Failure("invalid_purpose", "issuer", words, presenting(leaf((usage, False)), CA), GOOD)


def issued_by_a_server() -> Failure:
    other = pki.issue("another server", ROOT)
    words = ('"another server"', "is to be a CA", "CA:TRUE")
    below = pki.issue("server", other)
    made = pki.issue("another server", ROOT, ca=True)
    return Failure(
        "invalid_ca", "issuer", words, presenting(below, other), presenting(pki.issue("server", made), made)
    )


def small_key() -> Failure:
    words = ('"server"', "RSA 1024 bits", "P-256")
    return Failure("leaf_key_too_weak", "server", words, presenting(leaf(own_key="rsa1024"), CA), GOOD)


def sha1() -> Failure:
    old = pki.patched(LEAF, CA.key, algorithm=pki.ECDSA_WITH_SHA1, digest=pki.SHA1)
    words = ('"server"', "ecdsa-with-SHA1", "SHA-256")
    return Failure("digest_too_weak", "issuer", words, presenting(old, CA), GOOD)


def revoked() -> Failure:
    entries = [(LEAF.certificate.serial_number, x509.ReasonFlags.key_compromise)]
    listed = pki.crl(CA, entries)
    words = ("revoked", "keyCompromise", "new key")
    broken, other = replace(GOOD, crls=[listed], flags=0x8004), leaf(own_key=pki.key("p256", "new"))
    return Failure("revoked", "server", words, broken, replace(broken, chain=[other, CA]))


def no_list() -> Failure:
    words = ('No revocation list of "Issuing CA"', LIST, "--crl")
    broken = replace(GOOD, crls=[pki.crl(ROOT)], flags=0x8004)
    return Failure("crl_not_found", "verifier", words, broken, replace(broken, crls=[pki.crl(CA)]))


def old_list() -> Failure:
    words = ('"Issuing CA"', "out of date since 2026-05-01", LIST)
    broken = replace(GOOD, crls=[pki.crl(CA, next_update=PAST)], flags=0x8004)
    return Failure("crl_expired", "verifier", words, broken, replace(broken, crls=[pki.crl(CA)]))


def strict(finding: str, ca: pki.Entity, *words: str) -> Failure:
    """A private root that Python 3.13 has made unfit: strict checks are its default."""
    end = pki.issue("server", ca)
    broken = presenting(end, trusted=[ca], flags=STRICT)
    good = pki.issue("Root", ca=True)
    mended = presenting(pki.issue("server", good), trusted=[good], flags=STRICT)
    return Failure(finding, "issuer", (*words, "--policy ssl-partial"), broken, mended)


def root_without_key_usage() -> Failure:
    made = pki.issue("Home root", ca=True, without=[x509.KeyUsage])
    return strict("ca_key_usage_missing", made, '"Home root"', "keyCertSign")


def root_without_critical_constraints() -> Failure:
    made = pki.issue(
        "Home root", ca=True, extensions=[(x509.BasicConstraints(ca=True, path_length=None), False)]
    )
    return strict("basic_constraints_not_critical", made, '"Home root"', "critical basicConstraints")


def leaf_without_authority_key_identifier() -> Failure:
    bare = pki.issue("server", CA, without=[x509.AuthorityKeyIdentifier])
    words = ('"server"', "authorityKeyIdentifier", "--policy ssl-partial")
    broken = presenting(bare, CA, flags=STRICT)
    return Failure("authority_key_identifier_missing", "issuer", words, broken, replace(GOOD, flags=STRICT))


def constrained() -> Failure:
    subtree = x509.NameConstraints([x509.DNSName("intern.example.test")], None)
    made = pki.issue("Inner CA", ROOT, ca=True, extensions=[(subtree, True)])
    host = "www.intern.example.test"
    inside = presenting(pki.issue("server", made, host=host), made, name=host)
    words = ('"Inner CA"', "may not issue", "www.example.test")
    broken = presenting(pki.issue("server", made), made)
    return Failure("permitted_subtree_violation", "issuer", words, broken, inside)


def too_many_cas() -> Failure:
    upper = pki.issue("Upper CA", ROOT, ca=True, path_length=0)
    lower = pki.issue("Lower CA", upper, ca=True)
    words = ('"Upper CA" allows 0 CAs below it', "has 1")
    return Failure(
        "path_length_exceeded",
        "issuer",
        words,
        presenting(pki.issue("server", lower), lower, upper),
        presenting(pki.issue("server", upper), upper),
    )


FAILURES: list[Callable[[], Failure]] = [
    missing_intermediate,
    missing_upper_intermediate,
    private_root_not_sent,
    private_root_sent,
    self_signed,
    expired,
    expired_intermediate,
    expired_root,
    not_yet_valid,
    other_name,
    bare_domain,
    two_labels_below_a_wildcard,
    final_dot,
    address,
    common_name_alone,
    wrong_order,
    wrong_intermediate,
    client_certificate,
    issued_by_a_server,
    small_key,
    sha1,
    revoked,
    no_list,
    old_list,
    root_without_key_usage,
    root_without_critical_constraints,
    leaf_without_authority_key_identifier,
    constrained,
    too_many_cas,
]


@functools.cache
def made(make: Callable[[], Failure]) -> Failure:
    return make()
