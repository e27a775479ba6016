"""The rules that a path stands or falls with, one chain for each side of each: as `ssl` has it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest
from certpath import Policy, Verifier
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from support import handshake, pki

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = pki.issue("Root", ca=True)
NO_KEY_IDENTIFIERS: list[list[type[x509.ExtensionType]]] = [
    [],
    [x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier],
]
Chain = list[pki.Entity]


def issue(
    subject: str, issuer: pki.Entity, *extensions: tuple[x509.ExtensionType, bool], **more: object
) -> pki.Entity:
    """A certificate with extensions of its own."""
    return pki.issue(subject, issuer, extensions=extensions, **more)  # type: ignore[arg-type]


def purposes(*oids: x509.ObjectIdentifier) -> tuple[x509.ExtensionType, bool]:
    return x509.ExtendedKeyUsage(list(oids)), False


def constraints(
    *, permitted: list[str] | None = None, excluded: list[str] | None = None
) -> tuple[x509.ExtensionType, bool]:
    def subtrees(names: list[str] | None) -> list[x509.GeneralName] | None:
        return None if names is None else [x509.DNSName(name) for name in names]

    return x509.NameConstraints(subtrees(permitted), subtrees(excluded)), True


def below(*cas: Callable[[pki.Entity], pki.Entity]) -> Chain:
    """An end entity below these CAs, the first of which the root has issued: leaf first, without the root."""
    chain = [ROOT]
    for make in cas:
        chain.append(make(chain[-1]))
    chain.append(pki.issue("leaf", chain[-1]))
    return chain[:0:-1]


def ca(
    name: str, *extensions: tuple[x509.ExtensionType, bool], **more: object
) -> Callable[[pki.Entity], pki.Entity]:
    return lambda issuer: issue(name, issuer, *extensions, ca=True, **more)


def leaf(*extensions: tuple[x509.ExtensionType, bool], **more: object) -> Chain:
    return [issue("leaf", ROOT, *extensions, **more)]


UNKNOWN = pki.raw("1.3.6.1.4.1.55738.1", b"\x05\0")
SERVER, CLIENT, ANY = (
    ExtendedKeyUsageOID.SERVER_AUTH,
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
)

# Chain, the finding (None: accepted), its depth.
CASES: dict[str, tuple[Callable[[], Chain], str | None, int]] = {
    "path length kept": (lambda: below(ca("one", path_length=1), ca("two")), None, 0),
    "path length exceeded": (
        lambda: below(ca("one", path_length=0), ca("two")),
        "path_length_exceeded",
        2,
    ),
    "purpose of the end entity": (lambda: leaf(purposes(SERVER)), None, 0),
    "another purpose of the end entity": (lambda: leaf(purposes(CLIENT)), "invalid_purpose", 0),
    "any purpose of the end entity": (lambda: leaf(purposes(ANY)), "invalid_purpose", 0),
    "purpose of a CA": (lambda: below(ca("one", purposes(SERVER))), None, 0),
    "another purpose of a CA": (lambda: below(ca("one", purposes(CLIENT))), "invalid_purpose", 1),
    "permitted": (lambda: below(ca("one", constraints(permitted=["example.test"]))), None, 0),
    "not permitted": (
        lambda: below(ca("one", constraints(permitted=["other.test"]))),
        "permitted_subtree_violation",
        0,
    ),
    "not excluded": (lambda: below(ca("one", constraints(excluded=["other.test"]))), None, 0),
    "excluded": (
        lambda: below(ca("one", constraints(excluded=["example.test"]))),
        "excluded_subtree_violation",
        0,
    ),
    "excluded further up": (
        lambda: below(ca("one", constraints(excluded=["example.test"])), ca("two")),
        "excluded_subtree_violation",
        0,
    ),
    "unknown extension": (lambda: leaf((UNKNOWN, False)), None, 0),
    "unknown critical extension": (lambda: leaf((UNKNOWN, True)), "unhandled_critical_extension", 0),
    "unknown critical extension of a CA": (
        lambda: below(ca("one", (UNKNOWN, True))),
        "unhandled_critical_extension",
        1,
    ),
    "no CA": (lambda: below(lambda issuer: pki.issue("one", issuer)), "invalid_ca", 1),
    "no keyCertSign": (
        lambda: below(ca("one", (pki.usage("crl_sign"), True))),
        "invalid_ca",
        1,
    ),
    "weak key of the end entity": (lambda: leaf(own_key="rsa1024"), "leaf_key_too_weak", 0),
    "weak key of a CA": (lambda: below(ca("one", own_key="rsa1024")), "ca_key_too_weak", 1),
    "expired CA": (lambda: below(ca("one", not_after=pki.at(2024))), "expired", 1),
    "bad signature of the end entity": (
        lambda: leaf(signer=pki.key("p256", "nobody")),
        "signature_invalid",
        0,
    ),
    "bad signature of a CA": (
        lambda: below(ca("one", signer=pki.key("p256", "nobody"))),
        "signature_invalid",
        1,
    ),
}


@functools.cache
def chain_of(case: str) -> Chain:
    return CASES[case][0]()


@pytest.mark.parametrize("case", CASES)
def test_as_ssl_judges(case: str) -> None:
    """The same code, and the finding that belongs to the rule, at the certificate that breaks it."""
    _, finding, depth = CASES[case]
    chain = chain_of(case)
    theirs = handshake.handshake(chain, [ROOT])
    verdict = Verifier(ROOT.store).check([one.der for one in chain], pki.HOST, at=pki.AT)
    assert verdict.verify_code == getattr(theirs, "verify_code", 0)
    assert verdict.ok == (finding is None)
    if finding is not None:
        assert (verdict.findings[0].name, verdict.findings[0].depth) == (finding, depth)


# Public CAs have rules beyond these, which tests/test_profiles.py has: what is sound here is not so there.
SEARCHED = [
    pytest.param(policy, case, id=f"{policy.preset}-{case}")
    for policy in (Policy.webpki(), Policy.rfc5280(), Policy.cabf())
    for case, (_, finding, _) in CASES.items()
    if policy.preset != "cabf" or finding is not None
]


@pytest.mark.parametrize(("policy", "case"), SEARCHED)
def test_as_a_search_judges(policy: Policy, case: str) -> None:
    """The same rules hold for every path that a search considers."""
    _, finding, depth = CASES[case]
    chain = [one.der for one in chain_of(case)]
    verdict = Verifier(ROOT.store, policy=policy).check(chain, pki.HOST, at=pki.AT)
    names = [(found.name, found.depth) for found in verdict.findings]
    assert verdict.ok == (finding is None), names
    assert finding is None or (finding, depth) in names, names


@pytest.mark.parametrize("policy", [Policy.ssl(), Policy.webpki(), Policy.rfc5280(), Policy.cabf()], ids=str)
def test_an_anchor_expires_too(policy: Policy) -> None:
    """Trust ends with the certificate that it was put in, as for `ssl`."""
    old = pki.issue("Old root", ca=True, not_after=pki.at(2024))
    chain = [pki.issue("leaf", old)]
    assert getattr(handshake.handshake(chain, [old]), "verify_code", 0) == 10
    verdict = Verifier(old.store, policy=policy).check([chain[0].der], pki.HOST, at=pki.AT)
    assert not verdict.ok
    assert ("expired", 1) in [(found.name, found.depth) for found in verdict.findings]


# Every curve and digest that the table of algorithms brings together; Wycheproof has no vectors for some.
ALGORITHMS = [
    *((curve, digest) for curve in ("p256", "p384", "p521") for digest in (256, 384, 512)),
    ("secp256k1", 256),
    *(("rsa2048", digest) for digest in (256, 384, 512)),
]


@pytest.mark.parametrize(("kind", "size"), ALGORITHMS)
def test_signatures_of_every_algorithm(kind: str, size: int) -> None:
    """A good one is good, one of another message is not; `ssl` says the same."""
    digest = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}[size]
    root = pki.issue("Root", own_key=kind, ca=True, digest=digest)
    good = pki.issue("leaf", root, digest=digest)
    other = pki.issue("leaf", root, digest=digest, host="other.test")
    tbs, algorithm, _ = pki.elements(pki.inside(good.der))
    signature = pki.elements(pki.inside(other.der))[2]
    bad = pki.Entity(pki.tlv(0x30, tbs + algorithm + signature), good.key)
    for chain, code in (([good], 0), ([bad], 7)):
        verdict = Verifier(root.store).check([chain[0].der], pki.HOST, at=pki.AT)
        assert verdict.verify_code == code
        assert getattr(handshake.handshake(chain, [root]), "verify_code", 0) == code


@pytest.mark.parametrize("policy", [Policy.ssl(), Policy.webpki()], ids=str)
def test_what_is_remembered_belongs_to_one_key(policy: Policy) -> None:
    """A signature found good under one key is not good under that of a namesake."""
    bare = NO_KEY_IDENTIFIERS[1]
    issuer = pki.issue("Issuer", ROOT, ca=True, without=bare)
    namesake = pki.issue("Issuer", ROOT, ca=True, own_key=pki.key("p256", "namesake"), without=bare)
    end = pki.issue("leaf", issuer, without=bare)
    verifier = Verifier(ROOT.store, policy=policy)
    for _ in range(2):
        assert verifier.check([end.der, issuer.der], pki.HOST, at=pki.AT).verify_code == 0
        assert verifier.check([end.der, namesake.der], pki.HOST, at=pki.AT).verify_code == 7


@pytest.mark.parametrize(
    ("host", "matches"),
    [
        ("www.example.test", True),
        ("example.test", False),
        ("a.www.example.test", False),
        (".example.test", None),
    ],
)
def test_a_wildcard_stands_for_one_label(host: str, matches: bool | None) -> None:
    """RFC 9525 6.3: not for none, not for two; under every policy."""
    end = pki.issue("leaf", ROOT, host="*.example.test")
    for policy in (Policy.ssl(), Policy.webpki(), Policy.rfc5280(), Policy.cabf()):
        verifier = Verifier(ROOT.store, policy=policy)
        if matches is None:
            with pytest.raises(ValueError):
                verifier.check([end.der], host, at=pki.AT)
        else:
            assert verifier.check([end.der], host, at=pki.AT).name_ok == matches
    if matches is not None:
        assert (handshake.handshake([end], [ROOT], host=host) is None) == matches


@pytest.mark.parametrize("policy", [Policy.ssl(), Policy.webpki(), Policy.rfc5280(), Policy.cabf()], ids=str)
@pytest.mark.parametrize("own_key", [True, False], ids=["own key", "the root's key"])
def test_a_self_signed_end_entity_is_no_root(policy: Policy, own_key: bool) -> None:
    """Neither with a name of its own, nor with that of a root, nor with its key as well."""
    key = pki.key("p256", "nobody") if own_key else ROOT.key
    for name in ("leaf", "Root"):
        for without in NO_KEY_IDENTIFIERS:
            twin = pki.issue(name, own_key=key, ca=name == "Root", without=without)
            verdict = Verifier(ROOT.store, policy=policy).check([twin.der], at=pki.AT)
            theirs = handshake.handshake([twin], [ROOT], host=None)
            assert not verdict.ok
            if policy.preset == "ssl":
                assert verdict.verify_code == getattr(theirs, "verify_code", 0) == 18
