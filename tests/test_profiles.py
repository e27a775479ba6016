"""The strict profiles: each rule refuses what breaks it, by its own name, and nothing else."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID
from support import pki

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
RFC5280 = certpath.Policy.rfc5280
CABF = certpath.Policy.cabf
BOTH = (RFC5280, CABF)


def subject(*common_names: str) -> x509.Name:
    return pki.names(*common_names, organization="")


def leaf(issuer: pki.Entity, **changes: Any) -> pki.Entity:
    """An end entity that keeps all rules, but for the changes."""
    return pki.issue(changes.pop("subject", subject(pki.HOST)), issuer, own_key=key_of("leaf"), **changes)


def key_of(who: str) -> pki.Key:
    return pki.key("p256", f"profiles {who}")


ROOT_CA = pki.issue("Profile root", own_key=key_of("root"), ca=True)
ICA = pki.issue("Profile ICA", ROOT_CA, own_key=key_of("ica"), ca=True, path_length=0)


def ica(**changes: Any) -> pki.Entity:
    return pki.issue("Profile ICA", ROOT_CA, own_key=key_of("ica"), ca=True, **changes)


def root(**changes: Any) -> pki.Entity:
    return pki.issue("Profile root", own_key=key_of("root"), ca=True, **changes)


def judge(
    policy: Callable[..., certpath.Policy], *chain: pki.Entity, name: str | None = pki.HOST, **knobs: Any
) -> certpath.Verdict:
    """The verdict on a chain that ends with the trust anchor."""
    *presented, anchor = chain
    crls = knobs.pop("crls", None)
    verifier = certpath.Verifier(anchor.store, policy=policy(**knobs), crls=crls)
    return verifier.check([one.der for one in presented], name, at=pki.AT)


def set_field(index: int, value: bytes) -> Callable[[list[bytes]], None]:
    def change(parts: list[bytes]) -> None:
        parts[index] = value

    return change


def twice(parts: list[bytes]) -> None:
    """The first extension once more."""
    extensions = pki.inside(pki.inside(parts[7]))
    first = pki.elements(extensions)[0]
    parts[7] = pki.tlv(0xA3, pki.tlv(0x30, extensions + first))


def general_time(parts: list[bytes]) -> None:
    """notAfter as a GeneralizedTime before 2050."""
    not_before, _ = pki.elements(pki.inside(parts[4]))
    parts[4] = pki.tlv(0x30, not_before + pki.tlv(0x18, b"20480101000000Z"))


def early_general_time(parts: list[bytes]) -> None:
    """The same with notBefore."""
    _, not_after = pki.elements(pki.inside(parts[4]))
    parts[4] = pki.tlv(0x30, pki.tlv(0x18, b"20200101000000Z") + not_after)


def aki(*, issuer: bool = False, key_id: bytes | None = b"x" * 20) -> x509.AuthorityKeyIdentifier:
    names = [x509.DirectoryName(ROOT_CA.certificate.subject)] if issuer else None
    return x509.AuthorityKeyIdentifier(key_id, names, ROOT_CA.certificate.serial_number if issuer else None)


def constraints(*permitted: x509.GeneralName) -> x509.NameConstraints:
    return x509.NameConstraints(permitted_subtrees=list(permitted), excluded_subtrees=None)


def dns(*names: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in names])


def chain_of(end: pki.Entity) -> tuple[pki.Entity, ...]:
    return end, ICA, ROOT_CA


def with_ica(**changes: Any) -> tuple[pki.Entity, ...]:
    return leaf(ICA), ica(**changes), ROOT_CA


def with_root(**changes: Any) -> tuple[pki.Entity, ...]:
    anchor = root(**changes)
    return leaf(anchor), anchor


def patched_leaf(change: Callable[[list[bytes]], None]) -> tuple[pki.Entity, ...]:
    return chain_of(pki.patched(leaf(ICA), key_of("ica"), change))


NC_OID = "2.5.29.30"
EMPTY_NAME = x509.Name([])
SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
NOT_CA = (x509.BasicConstraints(ca=False, path_length=None), True)

BROKEN: dict[str, tuple[tuple[Any, ...], Callable[[], tuple[pki.Entity, ...]]]] = {
    "version_not_three": (BOTH, lambda: patched_leaf(set_field(0, bytes.fromhex("a003020101")))),
    "serial_not_positive": (BOTH, lambda: patched_leaf(set_field(1, b"\x02\x01\x00"))),
    "serial_too_long": (BOTH, lambda: patched_leaf(set_field(1, pki.tlv(2, b"\x01" * 21)))),
    "signature_algorithm_mismatch": (
        BOTH,
        lambda: patched_leaf(set_field(2, bytes.fromhex("300a06082a8648ce3d040303"))),
    ),
    "issuer_empty": (
        BOTH,
        lambda: (
            leaf(root(), issuer_name=EMPTY_NAME),
            pki.issue(EMPTY_NAME, own_key=key_of("root"), ca=True),
        ),
    ),
    "subject_empty": (
        BOTH,
        lambda: (
            leaf(root(), issuer_name=EMPTY_NAME),
            pki.issue(EMPTY_NAME, own_key=key_of("root"), ca=True),
        ),
    ),
    "not_before_encoding": (BOTH, lambda: patched_leaf(early_general_time)),
    "not_after_encoding": (BOTH, lambda: patched_leaf(general_time)),
    "lifetime_too_long": (
        (CABF,),
        lambda: chain_of(leaf(ICA, not_before=pki.at(2026, 4), not_after=pki.at(2027))),
    ),
    "unique_identifiers": (BOTH, lambda: patched_leaf(lambda parts: parts.insert(7, b"\x81\x02\x00\x01"))),
    "duplicate_extension": (BOTH, lambda: patched_leaf(twice)),
    "authority_key_identifier_missing": (
        BOTH,
        lambda: chain_of(leaf(ICA, without=[x509.AuthorityKeyIdentifier])),
    ),
    "authority_key_identifier_critical": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(aki(), True)])),
    ),
    "subject_key_identifier_missing": (BOTH, lambda: with_ica(without=[x509.SubjectKeyIdentifier])),
    "subject_key_identifier_critical": (
        BOTH,
        lambda: with_ica(
            extensions=[(x509.SubjectKeyIdentifier.from_public_key(key_of("ica").public_key()), True)]
        ),
    ),
    "ca_key_usage_missing": (BOTH, lambda: with_ica(without=[x509.KeyUsage])),
    "cert_sign_on_non_ca": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(pki.usage("digital_signature", "key_cert_sign"), True)])),
    ),
    "invalid_policy_extension": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(pki.raw("2.5.29.32", "300a300306012a300306012a"), False)])),
    ),
    "policy_constraints_not_critical": (
        BOTH,
        lambda: with_ica(extensions=[(x509.PolicyConstraints(0, None), False)]),
    ),
    "inhibit_any_policy_not_critical": (
        BOTH,
        lambda: with_ica(extensions=[(x509.InhibitAnyPolicy(0), False)]),
    ),
    "subject_alt_name_empty": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(pki.raw("2.5.29.17", b"\x30\x00"), False)])),
    ),
    "subject_alt_name_not_critical": (BOTH, lambda: chain_of(leaf(ICA, subject=EMPTY_NAME))),
    "subject_alt_name_syntax": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(dns(pki.HOST, ".example.test"), False)])),
    ),
    "invalid_ca": (BOTH, lambda: with_root(without=[x509.BasicConstraints])),
    "basic_constraints_not_critical": (
        BOTH,
        lambda: with_ica(extensions=[(x509.BasicConstraints(ca=True, path_length=None), False)]),
    ),
    "path_length_on_non_ca": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(pki.raw("2.5.29.19", "3003020100"), True)])),
    ),
    "path_length_without_cert_sign": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(pki.raw("2.5.29.19", "3003020100"), True)])),
    ),
    "name_constraints_on_non_ca": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(constraints(x509.DNSName("example.test")), True)])),
    ),
    "name_constraints_not_critical": (
        (RFC5280,),
        lambda: with_ica(extensions=[(constraints(x509.DNSName("example.test")), False)]),
    ),
    "name_constraints_empty": (BOTH, lambda: with_ica(extensions=[(pki.raw(NC_OID, b"\x30\x00"), True)])),
    "subtree_bounds": (
        BOTH,
        # permittedSubtrees: addresses below 10.0.0.0/8 with maximum 1, which no name is compared with
        lambda: with_ica(extensions=[(pki.raw(NC_OID, "3011a00f300d87080a000000ff000000810101"), True)]),
    ),
    "name_constraint_syntax": (
        BOTH,
        lambda: with_ica(
            extensions=[(constraints(x509.DNSName("example.test"), x509.DNSName(".sub.example.test")), True)]
        ),
    ),
    "extended_key_usage_empty": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(pki.raw("2.5.29.37", b"\x30\x00"), False)])),
    ),
    "distribution_points_empty": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(pki.raw("2.5.29.31", b"\x30\x00"), False)])),
    ),
    "information_access_syntax": (
        BOTH,
        lambda: chain_of(leaf(ICA, extensions=[(pki.raw("1.3.6.1.5.5.7.1.1", b"\x30\x00"), False)])),
    ),
    "key_not_permitted": (
        (CABF,),
        lambda: chain_of(pki.issue(subject(pki.HOST), ICA, own_key="ed25519")),
    ),
    "rsa_modulus_not_multiple_of_8": (
        (CABF,),
        lambda: chain_of(pki.issue(subject(pki.HOST), ICA, own_key="rsa2052")),
    ),
    "rsa_exponent_not_permitted": ((CABF,), lambda: chain_of(leaf_with_exponent_one())),
    "signature_algorithm_not_permitted": (
        (CABF,),
        lambda: chain_of(leaf(ICA, digest=hashes.SHA384())),
    ),
    "authority_key_identifier_form": (
        (CABF,),
        lambda: chain_of(leaf(ICA, extensions=[(aki(issuer=True), False)])),
    ),
    "authority_key_identifier_mismatch": ((CABF,), lambda: with_root(extensions=[(aki(), False)])),
    "extended_key_usage_on_root": ((CABF,), lambda: with_root(extensions=[(SERVER, False)])),
    "ca_as_leaf": (
        (CABF,),
        lambda: chain_of(
            leaf(ICA, extensions=[(x509.BasicConstraints(ca=True, path_length=None), True)]),
        ),
    ),
    "crl_sign_on_non_ca": (
        (CABF,),
        lambda: chain_of(leaf(ICA, extensions=[(pki.usage("digital_signature", "crl_sign"), True)])),
    ),
    "extended_key_usage_missing": ((CABF,), lambda: chain_of(leaf(ICA, without=[x509.ExtendedKeyUsage]))),
    "extended_key_usage_any": (
        (CABF,),
        lambda: chain_of(
            leaf(
                ICA,
                extensions=[
                    (
                        x509.ExtendedKeyUsage(
                            [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]
                        ),
                        False,
                    )
                ],
            )
        ),
    ),
    "extended_key_usage_critical": ((CABF,), lambda: chain_of(leaf(ICA, extensions=[(SERVER, True)]))),
    "subject_alt_name_missing": ((CABF,), lambda: chain_of(leaf(ICA, host=None))),
    "subject_alt_name_critical": (
        (CABF,),
        lambda: chain_of(leaf(ICA, extensions=[(dns(pki.HOST), True)])),
    ),
    "subject_alt_name_form": (
        (CABF,),
        lambda: chain_of(
            leaf(
                ICA,
                extensions=[
                    (
                        x509.SubjectAlternativeName(
                            [x509.DNSName(pki.HOST), x509.RFC822Name("a@example.test")]
                        ),
                        False,
                    )
                ],
            )
        ),
    ),
    "common_name_not_in_subject_alt_name": (
        (CABF,),
        lambda: chain_of(leaf(ICA, subject=subject("other.example.test"))),
    ),
}


def leaf_with_exponent_one() -> pki.Entity:
    """An RSA key whose exponent `cryptography` would not make."""
    entity = pki.issue(subject(pki.HOST), ICA, own_key="rsa2048")

    def change(parts: list[bytes]) -> None:
        parts[6] = parts[6].replace(bytes.fromhex("0203010001"), bytes.fromhex("0203010002"))

    return pki.patched(entity, key_of("ica"), change)


@pytest.mark.parametrize("policy", BOTH, ids=["rfc5280", "cabf"])
def test_a_chain_that_keeps_the_rules_is_accepted(policy: Callable[..., certpath.Policy]) -> None:
    """The one that all broken ones are made from; with authorityInfoAccess and the like."""
    assert judge(policy, leaf(ICA), ICA, ROOT_CA).ok
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://ca.test/a")
            )
        ]
    )
    policies = x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)]
    )
    assert judge(policy, leaf(ICA, extensions=[(access, False), (policies, False)]), ICA, ROOT_CA).ok
    nameless = leaf(ICA, subject=EMPTY_NAME, extensions=[(dns(pki.HOST), True)])
    assert judge(policy, nameless, ICA, ROOT_CA).ok


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_refuses_what_breaks_it(rule: str) -> None:
    """Under its profile the finding is there; under `Policy.webpki` it is not."""
    profiles, make = BROKEN[rule]
    chain = make()
    for policy in profiles:
        verdict = judge(policy, *chain)
        assert not verdict.ok
        assert rule in {finding.name for finding in verdict.findings}, str(verdict)
        assert all(finding.depth is not None for finding in verdict.findings if finding.name == rule)
    if profiles == (CABF,):
        assert rule not in {finding.name for finding in judge(RFC5280, *chain).findings}
    if rule not in {"invalid_ca", "signature_algorithm_mismatch"}:
        assert rule not in {finding.name for finding in judge(certpath.Policy.webpki, *chain).findings}


@pytest.mark.parametrize(
    ("since", "before", "after"),
    [
        (pki.at(2020, 9, 1), None, 398),
        (pki.at(2026, 3, 15), 398, 200),
        (pki.at(2027, 3, 15), 200, 100),
        (pki.at(2029, 3, 15), 100, 47),
    ],
    ids=lambda value: value.date().isoformat() if isinstance(value, datetime.datetime) else None,
)
def test_lifetimes_are_those_of_the_not_before(
    since: datetime.datetime, before: int | None, after: int
) -> None:
    """A second more is a day more, and both ends count; a second earlier the older rule is in force."""
    second = datetime.timedelta(seconds=1)
    verifier = certpath.Verifier(ROOT_CA.store, policy=CABF())

    def found(start: datetime.datetime, lifetime: datetime.timedelta) -> list[Any]:
        end = leaf(ICA, not_before=start, not_after=start + lifetime - second)
        verdict = verifier.check([end.der, ICA.der], pki.HOST, at=start)
        assert [one.name for one in verdict.findings] in ([], ["lifetime_too_long"])
        return [one.facts for one in verdict.findings]

    for start, days in ((since - second, before), (since, after)):
        if days is None:
            assert found(start, datetime.timedelta(days=4000)) == []
            continue
        assert found(start, datetime.timedelta(days=days)) == []
        [facts] = found(start, datetime.timedelta(days=days) + second)
        assert (facts["days"], facts["maximum"]) == (days + 1, days)
    [facts] = found(since, datetime.timedelta(days=after) + second)
    assert facts["since"] == since.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_every_rule_has_a_case() -> None:
    """The table of rules and the cases above name the same checks."""
    source = (ROOT / "src" / "path" / "profile.rs").read_text(encoding="utf-8")
    variants = set(re.findall(r"rule\(Of::\w+, Check::(\w+),", source))
    checks = (ROOT / "src" / "verdict" / "check.rs").read_text(encoding="utf-8")
    table = re.findall(r'^ +(\w+), (\w+), Some\(\d+\), "(\w+)"', checks, re.MULTILINE)
    names = {variant: name for variant, _, name in table}
    assert {names[variant] for variant in variants} == BROKEN.keys()
    profiles = {name for _, kind, name in table if kind in {"Profile", "PurposeRule"}}
    assert profiles
    # What the server does beside its chain is asked where a response is (tests/test_stapled.py).
    profiles.remove("stapling_missing")
    assert profiles <= BROKEN.keys(), "what is classed as a rule of a profile is one"


class TestNames:
    """What counts as the name asked for."""

    def test_mailboxes(self) -> None:
        """RFC 5280 7.5: the local part counts its case, the host does not."""
        names = x509.SubjectAlternativeName([x509.RFC822Name("User@example.test")])
        end = leaf(ICA, subject=subject("User"), extensions=[(names, False)])
        assert judge(RFC5280, end, ICA, ROOT_CA, name="User@EXAMPLE.test").name_by == "san_email"
        other = judge(RFC5280, end, ICA, ROOT_CA, name="user@example.test")
        assert [finding.name for finding in other.findings] == ["email_mismatch"]
        assert (other.verify_code, other.name_ok, other.chain_ok) == (63, False, True)
        assert other.findings[0].facts["presented"] == ["email:User@example.test"]

    def test_uris(self) -> None:
        """RFC 5280 7.4: the path counts its case, scheme and host do not."""
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("spiffe://example.test/Web")])
        end = leaf(ICA, subject=subject("Web"), extensions=[(names, False)])
        assert judge(RFC5280, end, ICA, ROOT_CA, name="SPIFFE://Example.test/Web").name_by == "san_uri"
        other = judge(RFC5280, end, ICA, ROOT_CA, name="spiffe://example.test/web")
        assert [finding.name for finding in other.findings] == ["uri_mismatch"]

    @pytest.mark.parametrize(
        ("pattern", "host"),
        [
            ("*.com", "example.com"),
            ("*.co.uk", "example.co.uk"),
            ("*.s3.amazonaws.com", "a.s3.amazonaws.com"),
        ],
    )
    def test_wildcards_on_public_suffixes(self, pattern: str, host: str) -> None:
        """CA/B BR 3.2.2.6: they speak for nobody; the registries' own view is another policy's."""
        end = leaf(ICA, subject=EMPTY_NAME, extensions=[(dns(pattern), True)])
        assert [one.name for one in judge(CABF, end, ICA, ROOT_CA, name=host).findings] == [
            "hostname_mismatch"
        ]
        if pattern.count(".") > 1:
            assert judge(certpath.Policy.webpki, end, ICA, ROOT_CA, name=host).ok

    def test_no_fallback_to_the_common_name(self) -> None:
        """Unless it is asked for."""
        end = leaf(ICA, host=None)
        assert not judge(certpath.Policy.webpki, end, ICA, ROOT_CA).ok
        verdict = judge(certpath.Policy.webpki, end, ICA, ROOT_CA, hostname_checks_common_name=True)
        assert verdict.name_by == "common_name"

    def test_a_wildcard_stands_for_what_it_matches(self) -> None:
        """Where one host is excluded, a wildcard that matches it is excluded too."""
        excluded = x509.NameConstraints(None, [x509.DNSName("bar.example.test")])
        issuer = ica(extensions=[(excluded, True)])
        for pattern, fine in [("*.example.test", False), ("*.other.test", True), ("foo.example.test", True)]:
            end = leaf(issuer, subject=EMPTY_NAME, extensions=[(dns(pattern), True)])
            verdict = judge(RFC5280, end, issuer, ROOT_CA, name=None)
            assert verdict.ok == fine, str(verdict)


class TestDates:
    """RFC 5280 4.1.2.5: both ends are within the period."""

    @pytest.mark.parametrize("policy", [certpath.Policy.webpki, RFC5280, CABF])
    def test_both_ends(self, policy: Callable[..., certpath.Policy]) -> None:
        """To the second."""
        end = leaf(ICA, not_before=pki.at(2026, 1, 1), not_after=pki.at(2026, 3, 1))
        judge = certpath.Verifier(ROOT_CA.store, policy=policy())
        edge = pki.at(2026, 3, 1).timestamp()
        for at, fine in [(edge, True), (edge + 1, False), (pki.at(2026, 1, 1).timestamp() - 1, False)]:
            assert judge.check([end.der, ICA.der], pki.HOST, at=at).ok == fine


class TestRevocation:
    """The CRL profile, and who is asked."""

    def test_sound(self) -> None:
        """A CRL that keeps the rules, with and without the certificate on it."""
        end = leaf(ICA)
        assert judge(RFC5280, end, ICA, ROOT_CA, crl_check="leaf", crls=pki.crl(ICA)).ok
        crl = pki.crl(ICA, [(end.certificate.serial_number, None)])
        verdict = judge(RFC5280, end, ICA, ROOT_CA, crl_check="leaf", crls=crl)
        assert verdict.revoked
        assert [finding.name for finding in verdict.findings] == ["revoked"]
        assert verdict.chain_ok

    def test_the_anchor_needs_no_crl(self) -> None:
        """RFC 5280 6.1: it is not part of the path."""
        crls = [pki.crl(ICA), pki.crl(ROOT_CA)]
        assert judge(RFC5280, leaf(ICA), ICA, ROOT_CA, crl_check="chain", crls=crls).ok
        verdict = judge(RFC5280, leaf(ICA), ICA, ROOT_CA, crl_check="chain", crls=crls[0])
        assert [(finding.name, finding.depth) for finding in verdict.findings] == [("crl_not_found", 1)]

    @pytest.mark.parametrize(
        ("finding", "change"),
        [
            ("crl_number_missing", lambda tbs: without_extension(tbs, "551d14")),
            ("crl_number_critical", lambda tbs: critical_extension(tbs, "551d14")),
            ("crl_number_invalid", lambda tbs: tbs.replace(b"\x04\x03\x02\x01\x01", b"\x04\x03\x02\x01\xff")),
            ("crl_authority_key_identifier_missing", lambda tbs: without_extension(tbs, "551d23")),
            (
                "crl_duplicate_extension",
                lambda tbs: more_extensions(tbs, bytes.fromhex("30090603551d1204023000") * 2),
            ),
            ("crl_version", lambda tbs: pki.tlv(0x30, b"".join(pki.elements(pki.inside(tbs))[1:]))),
            ("crl_next_update_missing", lambda tbs: without_field(tbs, 4)),
            ("crl_time_encoding", lambda tbs: with_field(tbs, 4, pki.tlv(0x18, b"20480101000000Z"))),
            (
                "crl_algorithm_mismatch",
                lambda tbs: with_field(tbs, 1, bytes.fromhex("300a06082a8648ce3d040303")),
            ),
            (
                "crl_distribution_point_not_critical",
                lambda tbs: more_extensions(tbs, bytes.fromhex("300c0603551d1c04053003810100")),
            ),
            (
                "crl_entry_invalid",
                lambda tbs: with_entry(tbs, bytes.fromhex("300a0603551d1504030a0107")),
            ),
        ],
    )
    def test_each_rule(self, finding: str, change: Callable[[bytes], bytes]) -> None:
        """Refused by the strict profiles, by its name."""
        tbs, algorithm, _ = pki.elements(pki.inside(pki.crl(ICA)))
        tbs = change(tbs)
        value = pki.tlv(3, b"\0" + pki.signature(tbs, ICA.key, pki.SHA256))
        crl = pki.tlv(0x30, tbs + algorithm + value)
        for policy in BOTH:
            verdict = judge(policy, leaf(ICA), ICA, ROOT_CA, crl_check="leaf", crls=crl)
            assert [one.name for one in verdict.findings] == [finding], str(verdict)


def with_field(tbs: bytes, index: int, value: bytes) -> bytes:
    parts = pki.elements(pki.inside(tbs))
    parts[index] = value
    return pki.tlv(0x30, b"".join(parts))


def without_field(tbs: bytes, index: int) -> bytes:
    return with_field(tbs, index, b"")


def change_extensions(tbs: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    extensions = pki.elements(pki.inside(pki.inside(pki.elements(pki.inside(tbs))[-1])))
    return with_field(tbs, -1, pki.tlv(0xA0, pki.tlv(0x30, b"".join(change(extensions)))))


def has_oid(extension: bytes, oid: str) -> bool:
    return pki.inside(pki.elements(pki.inside(extension))[0]) == bytes.fromhex(oid)


def without_extension(tbs: bytes, oid: str) -> bytes:
    return change_extensions(tbs, lambda found: [one for one in found if not has_oid(one, oid)])


def more_extensions(tbs: bytes, extension: bytes) -> bytes:
    return change_extensions(tbs, lambda found: [*found, extension])


def critical_extension(tbs: bytes, oid: str) -> bytes:
    def critical(extension: bytes) -> bytes:
        name, value = pki.elements(pki.inside(extension))
        return pki.tlv(0x30, name + b"\x01\x01\xff" + value)

    return change_extensions(
        tbs, lambda found: [critical(one) if has_oid(one, oid) else one for one in found]
    )


def with_entry(tbs: bytes, extension: bytes) -> bytes:
    """One entry, for another certificate, with an entry extension."""
    parts = pki.elements(pki.inside(tbs))
    entry = pki.tlv(0x30, b"\x02\x01\x05" + pki.tlv(0x17, b"250101000000Z") + pki.tlv(0x30, extension))
    return pki.tlv(0x30, b"".join([*parts[:5], pki.tlv(0x30, entry), *parts[5:]]))


def test_knobs_work_on_every_preset() -> None:
    """Each one has an effect, whatever the preset."""
    for preset in (certpath.Policy.webpki, RFC5280, CABF):
        chain = leaf(ICA), ICA, ROOT_CA
        assert not judge(preset, *chain, max_depth=0).ok
        assert not judge(preset, *chain, security_level=4).ok
        assert not judge(preset, *chain, signature_algorithms=["ED25519"]).ok
        assert judge(preset, *chain, purpose="client").ok
        assert not judge(preset, *chain, purpose="1.3.6.1.5.5.7.3.4").ok
        expired = leaf(ICA, not_after=pki.at(2021))
        assert not judge(preset, expired, ICA, ROOT_CA).ok
        assert judge(preset, expired, ICA, ROOT_CA, check_time=False).ok
        rsa = pki.issue(subject(pki.HOST), ICA, own_key="rsa2048")
        assert judge(preset, rsa, ICA, ROOT_CA).ok
        assert not judge(preset, rsa, ICA, ROOT_CA, min_rsa_bits=3072).ok
        pinned = pki.issue(subject(pki.HOST), own_key=key_of("leaf"))
        store = pinned.store
        for allow in ([], ["pinned_leaf"]):
            verifier = certpath.Verifier(store, policy=preset(allow=allow))
            assert verifier.check(pinned.der, pki.HOST, at=pki.AT).ok == bool(allow)
        with pytest.raises(TypeError, match="has no flags"):
            preset().replace(flags=0x20)
        with pytest.raises(ValueError, match="max_depth must be between 0 and 6"):
            preset(max_depth=7)


def test_policies_show_and_copy_themselves() -> None:
    """repr, replace, pickle's way, equality."""
    import copy

    policy = CABF(purpose="client", crl_check="chain", max_depth=2)
    assert repr(policy) == "Policy.cabf(crl_check='chain', purpose='client', max_depth=2)"
    assert copy.copy(policy) == policy
    assert policy.replace(purpose="server", max_depth=6, crl_check=None) == CABF(crl_check=None)
    assert CABF() != RFC5280()
    assert (certpath.Policy.webpki().preset, certpath.Policy.ssl().preset) == ("webpki", "ssl")


def cross_signed(**changes: Any) -> pki.Entity:
    """A CA that another root has signed, to be a trust anchor."""
    other = pki.issue("Other root", own_key=key_of("other root"), ca=True)
    return pki.issue("Profile ICA", other, own_key=key_of("ica"), ca=True, **changes)


class TestCrossSignedAnchors:
    """RFC 5280 6.1: an anchor is not part of the path; one that has not issued itself is not a root."""

    WITHOUT = (
        x509.AuthorityKeyIdentifier,
        x509.SubjectKeyIdentifier,
        x509.KeyUsage,
    )
    ODD: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (x509.BasicConstraints(ca=True, path_length=None), False),
        (x509.SubjectAlternativeName([]), False),
        (x509.PolicyConstraints(0, None), False),
        (x509.InhibitAnyPolicy(0), False),
        (x509.NameConstraints([x509.DNSName("example.test"), x509.DNSName("example.com")], None), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), True),
        (pki.raw("1.3.6.1.5.5.7.1.1", b"\x30\0"), False),
        (pki.raw("2.5.29.31", b"\x30\0"), False),
    )

    @pytest.mark.parametrize("policy", BOTH)
    @pytest.mark.parametrize("missing", WITHOUT)
    def test_nothing_is_missing_in_it(self, policy: Any, missing: type[x509.ExtensionType]) -> None:
        """Nor are the identifiers by which it would be found as an intermediate."""
        anchor = cross_signed(without=[missing])
        assert judge(policy, leaf(anchor), anchor).ok
        above = pki.issue("Other root", own_key=key_of("other root"), ca=True)
        refused = judge(policy, leaf(anchor), anchor, above)
        assert not refused.ok, "as an intermediate it is part of the path"

    @pytest.mark.parametrize("policy", BOTH)
    @pytest.mark.parametrize("number", range(len(ODD)))
    def test_its_extensions_are_its_own(self, policy: Any, number: int) -> None:
        """What a rule says of extensions in certificates of the path."""
        anchor = cross_signed(extensions=[self.ODD[number]])
        verdict = judge(policy, leaf(anchor), anchor)
        assert verdict.ok, verdict.explain()

    @pytest.mark.parametrize("policy", BOTH)
    def test_what_is_handed_on_to_the_path_is_judged(self, policy: Any) -> None:
        """Its constraints have to be such as can be obeyed, and they are."""
        malformed = x509.NameConstraints([x509.DNSName(".example.test")], None)
        anchor = cross_signed(extensions=[(malformed, True)])
        assert {one.name for one in judge(policy, leaf(anchor), anchor).findings} >= {
            "name_constraint_syntax"
        }
        other = cross_signed(extensions=[(x509.NameConstraints([x509.DNSName("other.test")], None), False)])
        assert judge(policy, leaf(other), other).findings[0].name == "permitted_subtree_violation"

    def test_its_key_is_judged(self) -> None:
        """CA/B BR 6.1.5 is about the keys of all CAs."""
        other = pki.issue("Other root", own_key=key_of("other root"), ca=True)
        odd = pki.key("rsa2047", "profiles odd")
        anchor = pki.issue("Profile ICA", other, own_key=odd, ca=True)
        verdict = judge(CABF, leaf(anchor), anchor, security_level=0)
        assert [one.name for one in verdict.findings] == ["rsa_modulus_not_multiple_of_8"]

    @pytest.mark.parametrize("policy", BOTH)
    def test_roots_are_asked_what_roots_are_asked(self, policy: Any) -> None:
        """CA/B BR 7.1.2.1, of an anchor that has issued itself."""
        bare = root(without=[x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier])
        names = [one.name for one in judge(policy, leaf(bare), bare).findings]
        assert names == ["subject_key_identifier_missing"]


SGC = {"Netscape": "2.16.840.1.113730.4.1", "Microsoft": "1.3.6.1.4.1.311.10.3.3"}


@pytest.mark.parametrize("whose", SGC)
class TestServerGatedCryptography:
    """The purposes of old that stood for serverAuth: to OpenSSL they still do."""

    def purposes(self, whose: str, *others: x509.ObjectIdentifier) -> list[tuple[x509.ExtensionType, bool]]:
        return [(x509.ExtendedKeyUsage([x509.ObjectIdentifier(SGC[whose]), *others]), False)]

    @pytest.mark.parametrize("policy", [certpath.Policy.webpki, RFC5280, CABF])
    def test_it_is_no_purpose_of_servers(self, whose: str, policy: Any) -> None:
        """In an end entity, and in a CA; beside serverAuth it does no harm."""
        alone = self.purposes(whose)
        for chain in (
            [leaf(ROOT_CA, extensions=alone), ROOT_CA],
            [leaf(ica(extensions=alone)), ica(extensions=alone), ROOT_CA],
        ):
            verdict = judge(policy, *chain)
            assert verdict.findings[0].name == "invalid_purpose", verdict.explain()
        beside = self.purposes(whose, ExtendedKeyUsageOID.SERVER_AUTH)
        assert judge(policy, leaf(ROOT_CA, extensions=beside), ROOT_CA).ok
        assert judge(policy, leaf(ROOT_CA, extensions=alone), ROOT_CA, purpose=SGC[whose]).ok

    def test_to_ssl_it_is_one(self, whose: str) -> None:
        """As OpenSSL has it, and webpki is asked alike."""
        chain = [leaf(ica(extensions=self.purposes(whose)), extensions=self.purposes(whose))]
        assert judge(certpath.Policy.ssl, *chain, ica(extensions=self.purposes(whose)), ROOT_CA).ok
