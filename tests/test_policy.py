"""Policies: what the knobs take and refuse, what they do, and the exceptions."""

from __future__ import annotations

import pickle
import ssl
from typing import Any

import certpath
import pytest
from certpath import Policy, Verifier
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from support import pki

LEAF, INTERMEDIATE, ROOT = pki.three()
PARTIAL_CHAIN = 0x80000

CHANGES: list[dict[str, Any]] = [
    {"flags": 0x88020},
    {"purpose": "client"},
    {"purpose": "any"},
    {"purpose": "1.3.6.1.5.5.7.3.4"},
    {"security_level": 0},
    {"security_level": 5},
    {"hostname_checks_common_name": False},
    {"max_depth": 0},
    {"check_time": False},
    {"min_rsa_bits": 3072},
    {"signature_algorithms": ("ecdsa-with-SHA256", "sha256WithRSAEncryption")},
    {"signature_algorithms": ()},
    {"allow": ()},
    {"allow": ("ca_leaf", "name_forms")},
]


def judge(chain: list[pki.Entity], policy: Policy, *, store: pki.Entity = ROOT) -> certpath.Verdict:
    """Judge for the usual host at the usual time."""
    verifier = Verifier(store.store, policy=policy)
    return verifier.check([entity.der for entity in chain], pki.HOST, at=pki.AT)


class TestValue:
    def test_defaults(self) -> None:
        """Those of a context of the ssl module."""
        policy = Policy.ssl()
        assert policy.preset == "ssl"
        assert policy.flags == ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST
        assert (policy.purpose, policy.security_level) == ("server", 2)
        assert (policy.hostname_checks_common_name, policy.check_time) == (True, True)
        assert (policy.max_depth, policy.min_rsa_bits) == (100, None)
        assert (policy.signature_algorithms, policy.crl_check) == (None, None)
        assert policy.allow == Policy.EXCEPTIONS
        assert Verifier(ROOT.store).policy == policy

    def test_exceptions_are_the_closed_list(self) -> None:
        """Five of them, no more."""
        assert Policy.EXCEPTIONS == (
            "pinned_leaf",
            "ca_leaf",
            "self_issued",
            "name_forms",
            "canonical_dn",
            "version",
            "unique_ids",
            "critical_extensions",
            "path_length",
            "subtree_minimum",
            "dates",
            "repeated_ca",
            "deep_path",
            "dns_syntax",
        )

    @pytest.mark.parametrize("change", CHANGES, ids=str)
    def test_every_knob_is_kept_compared_and_copied(self, change: dict[str, Any]) -> None:
        """By the preset, `replace`, equality, hash, pickle and repr alike."""
        ((knob, value),) = change.items()
        policy = Policy.ssl(**change)
        assert getattr(policy, knob) == value
        assert policy != Policy.ssl()
        assert Policy.ssl().replace(**change) == policy
        # Flags say whether CRLs are asked, and that somebody has said so is kept.
        plain = Policy.ssl(0x8000) if knob in {"flags", "crl_check"} else Policy.ssl()
        assert policy.replace(**{knob: getattr(plain, knob)}) == plain
        assert hash(Policy.ssl().replace(**change)) == hash(policy)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            assert pickle.loads(pickle.dumps(policy, protocol)) == policy  # noqa: S301 (our own pickle)
        assert eval(repr(policy), {"Policy": Policy}) == policy  # noqa: S307 (our own repr)

    def test_flags_of_the_ssl_module(self) -> None:
        """ssl.VerifyFlags are taken as they are, and whatever has __index__."""
        flags = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_TRUSTED_FIRST
        assert Policy.ssl(flags) == Policy.ssl(0x8020)

        class Index:
            def __index__(self) -> int:
                return 0x8020

        assert Policy.ssl(Index()) == Policy.ssl(0x8020)

    def test_crl_check_is_a_word_for_flags(self) -> None:
        """The same as the bits 0x4 and 0xC; ``None`` leaves the flags alone, and `replace` clears them."""
        assert Policy.ssl(crl_check="leaf") == Policy.ssl(0x8004)
        assert Policy.ssl(crl_check="chain") == Policy.ssl(0x800C)
        assert Policy.ssl(0x8004, crl_check=None).crl_check == "leaf"
        assert Policy.ssl(0x800C).crl_check == "chain"
        assert Policy.ssl(0x800C).replace(crl_check=None) == Policy.ssl(0x8000)

    def test_other_objects_are_not_equal(self) -> None:
        """Nor can a policy be changed in place."""
        assert Policy.ssl() != 0x8000
        with pytest.raises(AttributeError):
            Policy.ssl().flags = 1  # type: ignore[misc]
        with pytest.raises(TypeError):
            Policy()

    def test_order_of_exceptions_does_not_matter(self) -> None:
        """`allow` is a set: any order, any repetition."""
        assert Policy.ssl(allow=["ca_leaf", "pinned_leaf", "ca_leaf"]) == Policy.ssl(
            allow=iter(["pinned_leaf", "ca_leaf"])
        )


class TestRefusals:
    @pytest.mark.parametrize(
        ("knob", "value", "words"),
        [
            ("flags", -1, "between 0 and"),
            ("flags", 1 << 80, "between 0 and"),
            ("security_level", -1, "between 0 and 5, not -1"),
            ("security_level", 6, "between 0 and 5, not 6"),
            ("max_depth", 101, "between 0 and 100, not 101"),
            ("max_depth", -1, "between 0 and 100, not -1"),
            ("min_rsa_bits", -1, "between 0 and"),
            ("min_rsa_bits", 1 << 40, "between 0 and"),
            ("purpose", "", "'server', 'client', 'any' or a dotted OID"),
            ("purpose", "mail", 'dotted OID, not "mail"'),
            ("purpose", "1.3.", "dotted OID"),
            ("purpose", "9.9.9", "dotted OID"),
            ("crl_check", "all", "'leaf', 'chain' or None, not \"all\""),
            ("signature_algorithms", ["sha256"], 'unknown "sha256"; known are .*sha256WithRSAEncryption'),
            ("allow", ["anything"], 'unknown exception "anything"; known are pinned_leaf, ca_leaf'),
            ("allow", ["ca_leaf", ""], "unknown exception"),
        ],
    )
    def test_values(self, knob: str, value: Any, words: str) -> None:
        """ValueError that names the argument and what would do, from the preset and from `replace`."""
        for call in (Policy.ssl, Policy.ssl().replace):
            with pytest.raises(ValueError, match=words) as caught:
                call(**{knob: value})
            assert knob in str(caught.value)

    @pytest.mark.parametrize(
        ("knob", "value"),
        [
            ("flags", "0x8000"),
            ("flags", 1.0),
            ("flags", True),
            ("security_level", "2"),
            ("security_level", None),
            ("max_depth", 1.5),
            ("max_depth", None),
            ("min_rsa_bits", "2048"),
            ("purpose", None),
            ("purpose", 1),
            ("purpose", b"server"),
            ("hostname_checks_common_name", 1),
            ("hostname_checks_common_name", "no"),
            ("check_time", None),
            ("check_time", 0),
            ("crl_check", 4),
            ("crl_check", True),
            ("signature_algorithms", "ecdsa-with-SHA256"),
            ("signature_algorithms", 1),
            ("signature_algorithms", [1]),
            ("allow", "ca_leaf"),
            ("allow", None),
            ("allow", [None]),
        ],
    )
    def test_types(self, knob: str, value: Any) -> None:
        """TypeError that names the argument: nothing is coerced, above all no text into letters."""
        for call in (Policy.ssl, Policy.ssl().replace):
            with pytest.raises(TypeError, match=knob):
                call(**{knob: value})

    @pytest.mark.parametrize("knob", ["flag", "Purpose", "depth", "preset", ""])
    def test_unknown_knobs(self, knob: str) -> None:
        """TypeError with the list of the known ones; an option is never accepted and ignored."""
        unknown: Any = 1
        for call in (Policy.ssl, Policy.ssl().replace):
            with pytest.raises(TypeError, match=f'"{knob}".*min_rsa_bits'):
                call(**{knob: unknown})

    def test_everything_but_the_flags_is_given_by_name(self) -> None:
        """Positional arguments stop there."""
        with pytest.raises(TypeError):
            Policy.ssl(0x8000, "server")  # type: ignore[call-arg]


class TestKnobs:
    def test_purposes(self) -> None:
        """Every certificate that has an extendedKeyUsage must carry the purpose."""
        email = ExtendedKeyUsageOID.EMAIL_PROTECTION
        leaves = {
            oid.dotted_string: pki.issue(
                "x", INTERMEDIATE, extensions=[(x509.ExtendedKeyUsage([oid]), False)]
            )
            for oid in (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH, email)
        }
        wanted = {"server": 0, "client": 1, email.dotted_string: 2}
        for purpose, good in wanted.items():
            for position, leaf in enumerate(leaves.values()):
                verdict = judge([leaf, INTERMEDIATE], Policy.ssl(purpose=purpose))
                assert (verdict.ok, verdict.purpose_ok) == (position == good,) * 2
                if not verdict.ok:
                    assert (verdict.verify_code, verdict.findings[0].name) == (26, "invalid_purpose")
                    assert verdict.findings[0].facts["expected"] == purpose
        for leaf in leaves.values():
            assert judge([leaf, INTERMEDIATE], Policy.ssl(purpose="any")).ok
        own = "1.3.6.1.4.1.99999.7"
        assert judge([LEAF, INTERMEDIATE], Policy.ssl(purpose=own)).verify_code == 26
        bare = pki.issue("bare", INTERMEDIATE, without=[x509.ExtendedKeyUsage])
        assert judge([bare, INTERMEDIATE], Policy.ssl(purpose=own)).ok

    def test_security_level(self) -> None:
        """Level 2 refuses RSA-1024, level 3 RSA-2048, level 0 nothing."""
        weak = pki.issue("weak", INTERMEDIATE, own_key="rsa1024")
        usual = pki.issue("usual", INTERMEDIATE, own_key="rsa2048")
        for level, refused in ((0, []), (1, []), (2, [weak]), (3, [weak, usual])):
            for leaf in (weak, usual):
                verdict = judge([leaf, INTERMEDIATE], Policy.ssl(security_level=level))
                assert verdict.ok == (leaf not in refused)
                assert verdict.verify_code == (66 if leaf in refused else 0)
                assert verdict.weak == (("rsa_lt_2048",) if leaf is weak else ())

    def test_min_rsa_bits(self) -> None:
        """Anywhere in the path, the trust anchor included; other keys are not concerned."""
        leaf, intermediate, root = pki.three("rsa2048")
        assert judge([leaf, intermediate], Policy.ssl(min_rsa_bits=2048), store=root).ok
        verdict = judge([leaf, intermediate], Policy.ssl(min_rsa_bits=2049), store=root)
        assert [(finding.code, finding.depth) for finding in verdict.findings] == [(66, 0), (67, 1), (67, 2)]
        assert verdict.findings[0].facts == {"bits": 2048, "minimum": 2049}
        assert judge([LEAF, INTERMEDIATE], Policy.ssl(min_rsa_bits=4096)).ok

    def test_signature_algorithms(self) -> None:
        """Only those named may stand below the trust anchor."""
        allowed = Policy.ssl(signature_algorithms=["ecdsa-with-SHA256"])
        assert judge([LEAF, INTERMEDIATE], allowed).ok
        other = pki.issue("other", INTERMEDIATE, digest=hashes.SHA384())
        verdict = judge([other, INTERMEDIATE], allowed)
        assert (verdict.status, verdict.verify_code) == ("invalid", 76)
        assert verdict.findings[0].name == "algorithm_not_allowed"
        assert verdict.findings[0].facts == {"algorithm": "ecdsa-with-SHA384"}
        assert judge([other, INTERMEDIATE], Policy.ssl()).ok
        assert not judge([LEAF, INTERMEDIATE], Policy.ssl(signature_algorithms=[])).ok

    def test_max_depth(self) -> None:
        """How many certificates may stand between end entity and trust anchor."""
        assert judge([LEAF, INTERMEDIATE], Policy.ssl(max_depth=1)).ok
        verdict = judge([LEAF, INTERMEDIATE], Policy.ssl(max_depth=0))
        assert (verdict.verify_code, verdict.findings[0].name) == (22, "chain_too_long")
        assert verdict.findings[0].facts["max_depth"] == 0
        assert judge([pki.issue("direct", ROOT)], Policy.ssl(max_depth=0)).ok

    def test_check_time(self) -> None:
        """Without it, validity periods do not count, and nothing is said about them."""
        verifier = Verifier(ROOT.store, policy=Policy.ssl(check_time=False))
        for year in (1999, 2026, 2100):
            verdict = verifier.check([LEAF.der, INTERMEDIATE.der], pki.HOST, at=pki.at(year))
            assert (verdict.ok, verdict.time_ok) == (True, None)
        expired = pki.issue("expired", INTERMEDIATE, not_after=pki.at(2021))
        assert judge([expired, INTERMEDIATE], Policy.ssl(check_time=False)).ok
        assert judge([expired, INTERMEDIATE], Policy.ssl()).verify_code == 10

    def test_hostname_checks_common_name(self) -> None:
        """The fallback for want of a dNSName can be switched off."""
        leaf = pki.issue(pki.HOST, INTERMEDIATE, host=None)
        verdict = judge([leaf, INTERMEDIATE], Policy.ssl())
        assert (verdict.ok, verdict.name_by) == (True, "common_name")
        verdict = judge([leaf, INTERMEDIATE], Policy.ssl(hostname_checks_common_name=False))
        assert (verdict.verify_code, verdict.name_ok, verdict.name_by) == (62, False, None)

    def test_partial_chain_and_strict(self) -> None:
        """Flags do what they do in OpenSSL."""
        assert judge([LEAF], Policy.ssl(), store=INTERMEDIATE).verify_code == 2
        assert judge([LEAF], Policy.ssl(0x8000 | PARTIAL_CHAIN), store=INTERMEDIATE).ok
        loose = pki.issue("loose", ROOT, ca=True, without=[x509.SubjectKeyIdentifier])
        leaf = pki.issue("leaf", loose)
        assert judge([leaf, loose], Policy.ssl()).ok
        assert judge([leaf, loose], Policy.ssl(0x8020)).verify_code == 86

    def test_flags_without_implementation_are_never_ignored(self) -> None:
        """They make unsupported what they bear on."""
        proxy = pki.raw("1.3.6.1.5.5.7.1.14", bytes.fromhex("300c300a06082b06010505071501"))
        leaf = pki.issue(
            "proxy", INTERMEDIATE, extensions=[(proxy, True)], without=[x509.SubjectAlternativeName]
        )
        policy = Policy.ssl(0x8040, purpose="any")
        verdict = Verifier(ROOT.store, policy=policy).check([leaf.der, INTERMEDIATE.der], at=pki.AT)
        assert not verdict.ok
        assert "flag_not_supported" in {finding.name for finding in verdict.findings}


class Case:
    """A chain that only one exception lets through, and the same with a defect elsewhere."""

    def __init__(self, store: pki.Entity, chain: list[pki.Entity], flags: int = 0x8000) -> None:
        self.store = store
        self.chain = chain
        self.flags = flags


def pinned_leaf(*, broken: bool) -> Case:
    """A self-signed certificate that is its own trust anchor; broken: expired."""
    leaf = pki.issue("pinned", ca=True, extensions=SERVER_CA, not_after=EXPIRED if broken else pki.NOT_AFTER)
    return Case(leaf, [leaf])


def pinned_issued_leaf(*, broken: bool) -> Case:
    """An issued certificate in the store, under PARTIAL_CHAIN; broken: for another purpose."""
    extensions = WRONG_PURPOSE if broken else []
    leaf = pki.issue("pinned", INTERMEDIATE, extensions=extensions)
    return Case(leaf, [leaf], 0x8000 | PARTIAL_CHAIN)


def ca_leaf(*, broken: bool) -> Case:
    """An end entity with cA TRUE; broken: signed by a stranger."""
    signer = pki.key("p256", "stranger") if broken else None
    leaf = pki.issue("ca leaf", INTERMEDIATE, ca=True, extensions=SERVER_CA, signer=signer)
    return Case(ROOT, [leaf, INTERMEDIATE])


def self_issued(*, broken: bool) -> Case:
    """A self-issued CA, which does not count for pathLenConstraint; broken: a third CA that counts."""
    top = pki.issue("Top", own_key="p256", ca=True)
    first = pki.issue("CA", top, ca=True, path_length=0)
    renewed = pki.issue("CA", first, own_key=pki.key("p256", "renewed CA"), ca=True)
    chain = [renewed, first]
    if broken:
        chain.insert(0, pki.issue("one too many", renewed, ca=True))
    return Case(top, [pki.issue("leaf", chain[0]), *chain])


def self_issued_constrained(*, broken: bool) -> Case:
    """A self-issued CA, exempt from the constraints above it; broken: an end entity is not."""
    top = pki.issue("Top", own_key="p256", ca=True)
    constraints = x509.NameConstraints(None, [x509.DNSName("evil.test")])
    first = pki.issue("CA", top, ca=True, extensions=[(constraints, True)])
    renewed = pki.issue(
        "CA",
        first,
        own_key=pki.key("p256", "renewed CA"),
        ca=True,
        extensions=[(pki.sans("evil.test"), False)],
    )
    own: list[tuple[x509.ExtensionType, bool]] = [(pki.sans(pki.HOST, "evil.test"), False)] if broken else []
    return Case(top, [pki.issue("leaf", renewed, extensions=own), renewed, first])


def name_forms(*, broken: bool) -> Case:
    """Constraints on directoryName that are satisfied; broken: violated."""
    permitted = pki.names(organization="someone else" if broken else "certpath tests")
    constraints = x509.NameConstraints([x509.DirectoryName(permitted)], None)
    ca = pki.issue("constrained", ROOT, ca=True, extensions=[(constraints, True)])
    return Case(ROOT, [pki.issue("leaf", ca), ca])


def canonical_dn(*, broken: bool) -> Case:
    """The leaf names its issuer in other letters; broken: expired."""
    leaf = pki.issue(
        "leaf",
        INTERMEDIATE,
        issuer_name=pki.names("INTERMEDIATE", organization="certpath  TESTS"),
        not_after=EXPIRED if broken else pki.NOT_AFTER,
    )
    return Case(ROOT, [leaf, INTERMEDIATE])


def canonical_anchor(*, broken: bool) -> Case:
    """The intermediate names the trust anchor in other letters; broken: the leaf's signature."""
    ca = pki.issue("ca", ROOT, ca=True, issuer_name=pki.names("root", organization="Certpath Tests"))
    return Case(ROOT, [pki.issue("leaf", ca, signer=pki.key("p256", "stranger") if broken else None), ca])


EXPIRED = pki.at(2021)
SERVER_CA: list[tuple[x509.ExtensionType, bool]] = [
    (pki.usage("digital_signature", "key_cert_sign"), True),
    (pki.sans(pki.HOST), False),
]
WRONG_PURPOSE: list[tuple[x509.ExtensionType, bool]] = [
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)
]
CASES = {
    "pinned_leaf": (pinned_leaf, 10),
    "pinned_leaf, issued": (pinned_issued_leaf, 26),
    "ca_leaf": (ca_leaf, 7),
    "self_issued": (self_issued, 25),
    "self_issued, constrained": (self_issued_constrained, 48),
    "name_forms": (name_forms, 47),
    "canonical_dn": (canonical_dn, 10),
    "canonical_dn, anchor": (canonical_anchor, 7),
}


@pytest.mark.parametrize("name", CASES)
class TestExceptions:
    """Where webpki cannot judge, the native model decides alone: by name, and only there."""

    def test_accepted_under_its_name(self, name: str) -> None:
        """The verdict says which exception it rests on, in `explain` too."""
        case = CASES[name][0](broken=False)
        verdict = judge(case.chain, Policy.ssl(case.flags), store=case.store)
        exception = name.split(",", maxsplit=1)[0]
        assert verdict.ok, verdict.explain()
        assert verdict.exceptions == (exception,)
        assert exception in verdict.explain()

    def test_nothing_else_is_needed(self, name: str) -> None:
        """Allowing just that one is enough."""
        case = CASES[name][0](broken=False)
        policy = Policy.ssl(case.flags, allow=[name.split(",", maxsplit=1)[0]])
        assert judge(case.chain, policy, store=case.store).ok

    @pytest.mark.parametrize("others", [True, False], ids=["all others", "none"])
    def test_refused_unless_allowed(self, name: str, *, others: bool) -> None:
        """Without it, the path is refused, whatever else is allowed."""
        case = CASES[name][0](broken=False)
        allow = set(Policy.EXCEPTIONS) - {name.split(",", maxsplit=1)[0]} if others else ()
        verdict = judge(case.chain, Policy.ssl(case.flags, allow=allow), store=case.store)
        assert (verdict.ok, verdict.status) == (False, "invalid")
        assert len(verdict.findings) == 1
        assert verdict.findings[0].facts["reason"]
        assert verdict.verify_code != 0
        assert verdict.exceptions == ()

    def test_a_defect_elsewhere_is_still_refused(self, name: str) -> None:
        """An exception excuses nothing but itself."""
        make, code = CASES[name]
        case = make(broken=True)
        verdict = judge(case.chain, Policy.ssl(case.flags), store=case.store)
        assert (verdict.ok, verdict.verify_code) == (False, code), verdict.explain()

    def test_the_sound_chain_needs_none(self, name: str) -> None:
        """Under `allow` of nothing, an ordinary path is accepted, without exceptions."""
        assert name in CASES
        verdict = judge([LEAF, INTERMEDIATE], Policy.ssl(allow=()))
        assert (verdict.ok, verdict.exceptions) == (True, ())
