"""Translations: what webpki cannot read it is shown in other words, by name, and nothing else with it.

Every case is a chain that live `ssl` accepts and only one exception lets through, and the same chain with a
defect elsewhere, which both refuse with one code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from certpath import Policy, Verdict, Verifier
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from support import handshake, pki
from support.pki import tlv

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = 0x8000
IGNORE_CRITICAL = PLAIN | 0x10
NO_CHECK_TIME = PLAIN | 0x200000
EXPIRED = pki.at(2021)
Extensions = list[tuple[x509.ExtensionType, bool]]

ROOT = pki.issue("Root", ca=True)
CA = pki.issue("CA", ROOT, ca=True)
LEAF = pki.issue("leaf", CA)
STRANGER = pki.key("p256", "stranger")
WRONG_PURPOSE: Extensions = [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)]


@dataclass(frozen=True)
class Case:
    """A chain with its root last, and the flags of `ssl`."""

    chain: list[pki.Entity]
    flags: int = PLAIN

    def judge(self, policy: Policy | None = None) -> Verdict:
        """Ours, under `Policy.ssl` of the flags if no other is given."""
        *sent, root = self.chain
        verifier = Verifier(root.store, policy=policy or Policy.ssl(self.flags))
        return verifier.check([one.der for one in sent], pki.HOST, at=pki.AT)

    def live(self) -> int:
        """The code of live `ssl`, now; 0 if it accepts."""
        *sent, root = self.chain
        refusal = handshake.handshake(sent, [root], flags=self.flags)
        return 0 if refusal is None else refusal.verify_code  # type: ignore[attr-defined]


def signer(issuer: pki.Entity, *, broken: bool) -> pki.Key:
    """The issuer's key, or a stranger's."""
    return STRANGER if broken else issuer.key


def field(number: int, der: str) -> Callable[[list[bytes]], None]:
    def change(parts: list[bytes]) -> None:
        parts[number] = bytes.fromhex(der)

    return change


def before(number: int, der: str) -> Callable[[list[bytes]], None]:
    def change(parts: list[bytes]) -> None:
        parts.insert(number, bytes.fromhex(der))

    return change


def version_of_leaf(number: str) -> Callable[..., Case]:
    """An end entity of another version; broken: expired."""

    def make(*, broken: bool) -> Case:
        leaf = pki.issue("leaf", CA, not_after=EXPIRED if broken else pki.NOT_AFTER)
        return Case([pki.patched(leaf, CA.key, field(0, f"a0030201{number}")), CA, ROOT])

    return make


def version_of_ca(*, broken: bool) -> Case:
    """A CA of version 2 with basicConstraints; broken: the end entity is for another purpose."""
    ca = pki.patched(CA, ROOT.key, field(0, "a003020101"))
    return Case([pki.issue("leaf", CA, extensions=WRONG_PURPOSE if broken else []), ca, ROOT])


def version_one_bare(*, broken: bool) -> Case:
    """An end entity of version 1 as it should be, without extensions: its name is in the subject."""

    def change(parts: list[bytes]) -> None:
        del parts[7], parts[0]

    leaf = pki.issue(pki.HOST, CA)
    return Case([pki.patched(leaf, signer(CA, broken=broken), change), CA, ROOT])


def unique_ids_of_leaf(*, broken: bool) -> Case:
    """Both identifiers in the end entity; broken: signed by a stranger."""
    change = before(7, "8102000182020002")
    return Case([pki.patched(LEAF, signer(CA, broken=broken), change), CA, ROOT])


def unique_ids_of_ca(*, broken: bool) -> Case:
    """One in a CA; broken: the end entity is expired."""
    ca = pki.patched(CA, ROOT.key, before(7, "81020001"))
    return Case([pki.issue("leaf", CA, not_after=EXPIRED if broken else pki.NOT_AFTER), ca, ROOT])


POLICIES = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.5.29.32.0"), None)])
CRITICAL: dict[str, x509.ExtensionType] = {
    "policies": POLICIES,
    "mappings": pki.raw("2.5.29.33", "300c300a06032a030406032a0305"),
    "constraints": pki.raw("2.5.29.36", "3003810100"),
    "inhibition": pki.raw("2.5.29.54", "020100"),
    "no check": pki.raw("1.3.6.1.5.5.7.48.1.5", "0500"),
    "Netscape type": pki.raw("2.16.840.1.113730.1.1", "030206c0"),
    "AS numbers": pki.raw("1.3.6.1.5.5.7.1.8", "3007a005300302010a"),
}


def critical_in_leaf(what: str) -> Callable[..., Case]:
    """A critical extension of the end entity; broken: expired."""

    def make(*, broken: bool) -> Case:
        until = EXPIRED if broken else pki.NOT_AFTER
        return Case([pki.issue("leaf", CA, extensions=[(CRITICAL[what], True)], not_after=until), CA, ROOT])

    return make


def critical_in_ca(what: str) -> Callable[..., Case]:
    """A critical extension of the CA; broken: the end entity is signed by a stranger."""

    def make(*, broken: bool) -> Case:
        ca = pki.issue("critical", ROOT, ca=True, extensions=[(CRITICAL[what], True)])
        return Case([pki.issue("leaf", ca, signer=signer(ca, broken=broken)), ca, ROOT])

    return make


def ignored(*, broken: bool) -> Case:
    """A critical extension that nobody knows, under the flag to ignore it; broken: without the flag."""
    leaf = pki.issue("leaf", CA, extensions=[(pki.raw("1.2.3.4", "0500"), True)])
    return Case([leaf, CA, ROOT], PLAIN if broken else IGNORE_CRITICAL)


def path_length(octets: str) -> Callable[..., Case]:
    """A limit beyond 255; broken: the end entity is for another purpose."""

    def make(*, broken: bool) -> Case:
        contents = bytes.fromhex("0101ff") + tlv(2, bytes.fromhex(octets))
        limit = pki.raw("2.5.29.19", tlv(0x30, contents).hex())
        ca = pki.issue("long", ROOT, ca=True, extensions=[(limit, True)])
        return Case([pki.issue("leaf", ca, extensions=WRONG_PURPOSE if broken else []), ca, ROOT])

    return make


def constraints(permitted: bytes = b"", excluded: bytes = b"") -> Extensions:
    lists = b"".join(tlv(tag, trees) for tag, trees in ((0xA0, permitted), (0xA1, excluded)) if trees)
    return [(pki.raw("2.5.29.30", tlv(0x30, lists).hex()), True)]


def subtree(base: bytes, rest: bytes = b"") -> bytes:
    return tlv(0x30, base + rest)


ZERO = b"\x80\x01\x00"
HOST = tlv(0x82, pki.HOST.encode())


def minimum_in_ca(*, broken: bool) -> Case:
    """A minimum of 0 that is written down; broken: the name is excluded."""
    other = HOST if broken else tlv(0x82, b"evil.test")
    lists = constraints(subtree(HOST, ZERO), subtree(other, ZERO) + subtree(tlv(0x81, b"evil.test"), ZERO))
    ca = pki.issue("constrained", ROOT, ca=True, extensions=lists)
    return Case([pki.issue("leaf", ca), ca, ROOT])


def minimum_in_root(*, broken: bool) -> Case:
    """The same in the trust anchor; broken: the name is not permitted."""
    permitted = subtree(tlv(0x82, b"evil.test") if broken else HOST, ZERO)
    root = pki.issue("Constrained root", ca=True, extensions=constraints(permitted))
    ca = pki.issue("CA", root, ca=True)
    return Case([pki.issue("leaf", ca), ca, root])


def dates_before_1970(*, broken: bool) -> Case:
    """A CA since 1955; broken: the end entity is expired."""
    ca = pki.issue("old", ROOT, ca=True, not_before=pki.at(1955))
    return Case([pki.issue("leaf", ca, not_after=EXPIRED if broken else pki.NOT_AFTER), ca, ROOT])


def dates_that_do_not_count(*, broken: bool) -> Case:
    """An end entity that has ended before its issuer began, under the flag not to look; broken: forged."""
    ca = pki.issue("short", ROOT, ca=True, not_before=pki.at(2025), not_after=pki.at(2027))
    own = signer(ca, broken=broken)
    leaf = pki.issue("leaf", ca, not_before=pki.at(2021), not_after=pki.at(2022), signer=own)
    return Case([leaf, ca, ROOT], NO_CHECK_TIME)


def repeated_ca(*, broken: bool) -> Case:
    """One CA, name and key, above and below another; broken: the end entity is of a stranger."""
    upper = pki.issue("A", ROOT, ca=True)
    middle = pki.issue("B", upper, ca=True)
    lower = pki.issue("A", middle, ca=True)
    return Case([pki.issue("leaf", lower, signer=signer(lower, broken=broken)), lower, middle, upper, ROOT])


def tower(
    height: int, top: Extensions | None = None, limit: int | None = None, leaf: Extensions | None = None
) -> list[pki.Entity]:
    """A path with so many intermediates; what the uppermost of them says."""
    chain = [pki.issue("CA 0", ROOT, ca=True, extensions=top or [], path_length=limit), ROOT]
    for number in range(1, height):
        chain.insert(0, pki.issue(f"CA {number}", chain[0], ca=True))
    return [pki.issue("leaf", chain[0], extensions=leaf or []), *chain]


def deep(height: int) -> Callable[..., Case]:
    """More than six intermediates, all of them used up; broken: the name is excluded by the uppermost."""

    def make(*, broken: bool) -> Case:
        excluded = subtree(HOST if broken else tlv(0x82, b"evil.test"))
        return Case(tower(height, constraints(excluded=excluded), height - 1))

    return make


def deep_and_too_long(*, broken: bool) -> Case:
    """The uppermost of eight has room for the seven below it; broken: for six."""
    return Case(tower(8, limit=6 if broken else 7))


def odd_host(*, broken: bool) -> Case:
    """A dNSName with an empty label, within what is permitted; broken: outside."""
    ca = pki.issue("constrained", ROOT, ca=True, extensions=constraints(subtree(tlv(0x82, b"example.test"))))
    odd = b"bad..example.com" if broken else b"bad..example.test"
    names = pki.raw("2.5.29.17", tlv(0x30, HOST + tlv(0x82, odd)).hex())
    leaf = pki.issue("leaf", ca, extensions=[(names, False)])
    return Case([leaf, ca, ROOT])


CASES: dict[str, tuple[Callable[..., Case], int]] = {
    "version, one": (version_of_leaf("00"), 10),
    "version, two": (version_of_leaf("01"), 10),
    "version, four": (version_of_leaf("03"), 10),
    "version, bare": (version_one_bare, 7),
    "version, of a CA": (version_of_ca, 26),
    "unique_ids, both": (unique_ids_of_leaf, 7),
    "unique_ids, of a CA": (unique_ids_of_ca, 10),
    **{f"critical_extensions, {what}": (critical_in_leaf(what), 10) for what in list(CRITICAL)[:-1]},
    **{f"critical_extensions, {what}, of a CA": (critical_in_ca(what), 7) for what in CRITICAL},
    "critical_extensions, ignored": (ignored, 34),
    "path_length, 300": (path_length("012c"), 26),
    "path_length, 256": (path_length("0100"), 26),
    "path_length, beyond 64 bits": (path_length("01" + "00" * 8), 26),
    "subtree_minimum": (minimum_in_ca, 48),
    "subtree_minimum, of the anchor": (minimum_in_root, 47),
    "dates, since 1955": (dates_before_1970, 10),
    "dates, none count": (dates_that_do_not_count, 7),
    "repeated_ca": (repeated_ca, 7),
    "deep_path, 7": (deep(7), 48),
    "deep_path, 12": (deep(12), 48),
    "deep_path, 13": (deep(13), 48),
    "deep_path, 40": (deep(40), 48),
    "deep_path, limited": (deep_and_too_long, 25),
    "dns_syntax": (odd_host, 47),
}
SEARCHING = {"webpki": Policy.webpki, "rfc5280": Policy.rfc5280, "cabf": Policy.cabf}


def exception_of(name: str) -> str:
    return name.split(",", maxsplit=1)[0]


@pytest.mark.parametrize("name", CASES)
class TestTranslations:
    """Under `Policy.ssl`, and beside `ssl` itself."""

    def test_accepted_under_its_name(self, name: str) -> None:
        """By `ssl`, and here: the verdict says which exception it rests on, and that one is enough."""
        case = CASES[name][0](broken=False)
        assert case.live() == 0
        for policy in (Policy.ssl(case.flags), Policy.ssl(case.flags, allow=[exception_of(name)])):
            verdict = case.judge(policy)
            assert verdict.ok, verdict.explain()
            assert verdict.exceptions == (exception_of(name),)

    def test_refused_unless_allowed(self, name: str) -> None:
        """Without it the path is refused, whatever else is allowed, and webpki's reason is given in words."""
        case = CASES[name][0](broken=False)
        for allow in (set(Policy.EXCEPTIONS) - {exception_of(name)}, set[str]()):
            verdict = case.judge(Policy.ssl(case.flags, allow=allow))
            assert (verdict.ok, verdict.status, verdict.exceptions) == (False, "invalid", ())
            assert len(verdict.findings) == 1
            assert verdict.findings[0].facts["reason"]

    def test_a_defect_elsewhere_is_still_refused(self, name: str) -> None:
        """With the code of `ssl`."""
        make, code = CASES[name]
        case = make(broken=True)
        assert case.live() == code
        verdict = case.judge()
        assert (verdict.ok, verdict.verify_code) == (False, code), verdict.explain()

    @pytest.mark.parametrize("policy", SEARCHING)
    def test_what_is_broken_no_policy_accepts(self, policy: str, name: str) -> None:
        """Nor does any of those that search."""
        case = CASES[name][0](broken=True)
        if case.flags == NO_CHECK_TIME:
            assert not case.judge(SEARCHING[policy](check_time=False)).ok
        assert not case.judge(SEARCHING[policy]()).ok


def without_identifier(der: str) -> Case:
    return Case([pki.patched(LEAF, CA.key, before(7, der)), CA, ROOT])


CERTIFICATE_POLICIES = "0603551d20"
OCSP_NO_CHECK = "06092b0601050507300105"


def critical_value(oid: str, value: str, times: int = 1) -> Case:
    """A critical extension of this value, so many times."""

    def change(parts: list[bytes]) -> None:
        extensions = pki.inside(pki.inside(parts[7]))
        own = tlv(0x30, bytes.fromhex(oid + "0101ff") + tlv(4, bytes.fromhex(value)))
        parts[7] = tlv(0xA3, tlv(0x30, extensions + own * times))

    return Case([pki.patched(LEAF, CA.key, change), CA, ROOT])


def host_below(base: bytes, name: bytes) -> Case:
    """An excluded base, and a dNSName beside the host."""
    ca = pki.issue("excluding", ROOT, ca=True, extensions=constraints(excluded=subtree(tlv(0x82, base))))
    names = pki.raw("2.5.29.17", tlv(0x30, HOST + tlv(0x82, name)).hex())
    return Case([pki.issue("leaf", ca, extensions=[(names, False)]), ca, ROOT])


REFUSED: dict[str, tuple[Case, str]] = {
    "an identifier in the long form": (without_identifier("8181020001"), "proof_encoding"),
    "a version in the long form": (
        Case([pki.patched(LEAF, CA.key, field(0, "a08103020103")), CA, ROOT]),
        "proof_version",
    ),
    "version 5": (Case([pki.patched(LEAF, CA.key, field(0, "a003020104")), CA, ROOT]), "proof_version"),
    "policies twice": (
        critical_value(CERTIFICATE_POLICIES, "3006300406022a03", 2),
        "proof_critical_extension",
    ),
    "policies that do not decode": (
        critical_value(CERTIFICATE_POLICIES, "3003020100"),
        "proof_critical_extension",
    ),
    "OCSP no-check twice": (critical_value(OCSP_NO_CHECK, "0500", 2), "proof_critical_extension"),
    "a host with a final dot": (host_below(b"evil.test", b"www.evil.test."), "proof_name_constraints"),
    "a wildcard above an excluded host": (
        host_below(b"www.evil.test", b"*.evil.test"),
        "proof_name_constraints",
    ),
    "two wildcards": (host_below(b"evil.test", b"*.*.good.test"), "proof_name_constraints"),
    "a mask with holes": (
        Case(
            [
                pki.issue(
                    "leaf",
                    holes := pki.issue(
                        "holes",
                        ROOT,
                        ca=True,
                        extensions=constraints(excluded=subtree(bytes.fromhex("87080a000000ff00ff00"))),
                    ),
                    extensions=[
                        (pki.raw("2.5.29.17", tlv(0x30, HOST + tlv(0x87, bytes([10, 0, 1, 1]))).hex()), False)
                    ],
                ),
                holes,
                ROOT,
            ]
        ),
        "proof_name_constraints",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_translation_mends_nothing(name: str) -> None:
    """What `ssl` lets pass and nobody may: refused, in words, with the certificate that it is about."""
    case, finding = REFUSED[name]
    assert case.live() == 0
    verdict = case.judge()
    assert [found.name for found in verdict.findings] == [finding], verdict.explain()
    assert verdict.findings[0].depth == 0
    assert {"reason", "webpki"} < verdict.findings[0].facts.keys()
    for policy in SEARCHING.values():
        assert not case.judge(policy()).ok


def test_what_a_constraint_refuses_is_named() -> None:
    """The name, and by whose constraints; an extension by its number, a field by its name."""
    told: dict[str, dict[str, object]] = {
        "a wildcard above an excluded host": {"name": "dns:*.evil.test", "constrained_by_depth": 1},
        "a host with a final dot": {"name": "dns:www.evil.test.", "constrained_by_depth": 1},
        "a mask with holes": {"name": "ip:10.0.1.1", "constrained_by_depth": 1},
        "policies twice": {"extension": "2.5.29.32"},
        "version 5": {"field": "version"},
    }
    for name, expected in told.items():
        facts = REFUSED[name][0].judge().findings[0].facts
        assert {key: facts.get(key) for key in expected} == expected


class TestSearching:
    """The policies that search accept what RFC 5280 lets them."""

    @pytest.mark.parametrize(
        "name",
        [
            "version, one",
            "unique_ids, both",
            "critical_extensions, policies",
            "critical_extensions, no check",
            "critical_extensions, Netscape type",
            "path_length, 300",
            "subtree_minimum",
            "dates, since 1955",
        ],
    )
    def test_any_path(self, name: str) -> None:
        """Under `Policy.webpki`, and under the exception's name."""
        verdict = CASES[name][0](broken=False).judge(Policy.webpki())
        assert (verdict.ok, verdict.exceptions) == (True, (exception_of(name),)), verdict.explain()
        assert not CASES[name][0](broken=False).judge(Policy.webpki(allow=())).ok

    @pytest.mark.parametrize(
        "name",
        [
            "version, of a CA",
            "critical_extensions, Netscape type, of a CA",
            "critical_extensions, AS numbers, of a CA",
            "dns_syntax",
        ],
    )
    def test_not_what_only_openssl_lets_pass(self, name: str) -> None:
        """RFC 5280 6.1.4(k); a type of end entities in a CA; resources not compared; names that are none."""
        for policy in SEARCHING.values():
            assert not CASES[name][0](broken=False).judge(policy()).ok

    @pytest.mark.parametrize(
        ("name", "finding"),
        [
            ("version, one", "version_not_three"),
            ("unique_ids, both", "unique_identifiers"),
            ("unique_ids, of a CA", "unique_identifiers"),
            ("subtree_minimum", "subtree_bounds"),
        ],
    )
    def test_the_strict_profiles_have_rules_of_their_own(self, name: str, finding: str) -> None:
        """What RFC 5280 asks of certificates is asked of those in translation, too."""
        for policy in (Policy.rfc5280(), Policy.cabf()):
            verdict = CASES[name][0](broken=False).judge(policy)
            assert finding in {found.name for found in verdict.findings}


def test_other_names_hide_nothing() -> None:
    """A CA twice on a path that is linked by RFC 5280 7.1 alone: both exceptions have to be allowed."""
    upper = pki.issue("A", ROOT, ca=True)
    middle = pki.issue("B", upper, ca=True)
    spelt = pki.issue("A", middle, ca=True, issuer_name=pki.names("b", organization="CERTPATH tests"))
    case = Case([pki.issue("leaf", spelt), spelt, middle, upper, ROOT])
    assert case.live() == 0
    assert set(case.judge().exceptions) == {"canonical_dn", "repeated_ca"}
    for allow in (["canonical_dn"], ["repeated_ca"], []):
        assert not case.judge(Policy.ssl(PLAIN, allow=allow)).ok
