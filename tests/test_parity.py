"""docs/parity.md: every reason for which we refuse what `ssl` accepts, provoked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import certpath
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from support import pki

PARTIAL = 0x88000

ROOT = pki.issue("Root", ca=True)
CA = pki.issue("CA", ROOT, ca=True)
LEAF = pki.issue("leaf", CA)


@dataclass(frozen=True)
class Reason:
    """A chain that `ssl` accepts, and what we say."""

    finding: str
    code: int
    status: str
    chain: list[pki.Entity]
    roots: list[pki.Entity] = field(default_factory=lambda: [ROOT])
    knobs: dict[str, Any] = field(default_factory=dict)
    crls: list[bytes] = field(default_factory=list)
    name: str | None = pki.HOST

    def verdict(self) -> certpath.Verdict:
        """Ours."""
        store = certpath.TrustStore.from_der([root.der for root in self.roots])
        policy = certpath.Policy.ssl(**{"flags": PARTIAL, **self.knobs})
        verifier = certpath.Verifier(store, policy=policy, crls=self.crls)
        return verifier.check([entity.der for entity in self.chain], self.name, at=pki.AT)


def critical(extension: x509.ExtensionType) -> list[pki.Entity]:
    return [pki.issue("leaf", CA, extensions=[(extension, True)]), CA]


def seven_cas() -> list[pki.Entity]:
    chain = [ROOT]
    for number in range(7):
        chain.insert(0, pki.issue(f"CA {number}", chain[0], ca=True))
    return [pki.issue("leaf", chain[0]), *chain[:-1]]


def damaged_name() -> list[pki.Entity]:
    constraints = x509.NameConstraints([x509.DNSName("example.test")], None)
    ca = pki.issue("Constrained", ROOT, ca=True, extensions=[(constraints, True)])
    return [pki.issue("leaf", ca, extensions=[(pki.sans(pki.HOST, "*.*.example.test"), False)]), ca]


def nothing_in_common() -> list[pki.Entity]:
    ca = pki.issue("Short", ROOT, ca=True, not_before=pki.at(2025), not_after=pki.at(2027))
    return [pki.issue("leaf", ca, not_before=pki.at(2021), not_after=pki.at(2022)), ca]


def fifth_version(parts: list[bytes]) -> None:
    parts[0] = bytes.fromhex("a003020104")


def old_ca() -> list[pki.Entity]:
    ca = pki.issue("Old", ROOT, ca=True, not_before=pki.at(1955))
    return [pki.issue("leaf", ca), ca]


def distrusted() -> list[pki.Entity]:
    """An end entity with the key of an eMudhra CA, of which webpki knows that it must not be trusted."""
    key = bytes.fromhex(
        "3076301006072a8648ce3d020106052b81040022036200043a7a7862c8c44d324ddd69033a6782c0efeefe4055e68a123fa0371ba3bd"
        "9194514ee172a433e3630f02bd188037d9e5149f9b77db94a281df987b2fea888b74bdfe8fda4c1099ee6ca19566fe3ef0e5f6b09a55"
        "6ccc8ba50561df1b2a441d01"
    )

    def change(parts: list[bytes]) -> None:
        parts[6] = key

    return [pki.patched(LEAF, CA.key, change), CA]


def there_and_back() -> list[pki.Entity]:
    upper = pki.issue("A", ROOT, ca=True)
    middle = pki.issue("B", upper, ca=True)
    lower = pki.issue("A", middle, ca=True)
    return [pki.issue("leaf", lower), lower, middle, upper]


def reissued() -> list[pki.Entity]:
    # The exception `self_issued` is for this. webpki tries the older key on the certificate below, too, and
    # finds its own PathLenConstraintViolated less worth telling than the signature that does not fit.
    older = pki.issue("Q", ROOT, ca=True, path_length=1)
    newer = pki.issue("Q", older, ca=True, own_key=pki.key("p256", "newer Q"))
    below = pki.issue("below Q", newer, ca=True)
    return [pki.issue("leaf", below), below, newer, older]


def many_names() -> list[pki.Entity]:
    excluded = [x509.DNSName(f"x{number}.invalid") for number in range(501)]
    constraints = x509.NameConstraints(None, excluded)
    ca = pki.issue("Crowded", ROOT, ca=True, extensions=[(constraints, True)])
    names = pki.sans(pki.HOST, *(f"n{number}.example.test" for number in range(500)))
    return [pki.issue("leaf", ca, extensions=[(names, False)]), ca]


def brainpool() -> list[pki.Entity]:
    ca = pki.issue("Brainpool", ROOT, ca=True, own_key="brainpool")
    return [pki.issue("leaf", ca), ca]


def ca_leaf() -> list[pki.Entity]:
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    return [pki.issue("leaf", CA, extensions=[(constraints, True)]), CA]


NUMBERS = pki.raw("1.3.6.1.5.5.7.1.8", "3007a005300302010a")
RSA = pki.issue("RSA root", ca=True, own_key="rsa2048")
OTHER_NUMBERS = pki.raw("1.3.6.1.5.5.7.1.8", "3007a005300302010b")
NUMBERED = pki.issue("Numbered root", ca=True, extensions=[(NUMBERS, False)])


def proxy() -> list[pki.Entity]:
    user = pki.names("user")
    common_name = x509.NameAttribute(x509.NameOID.COMMON_NAME, "1")
    user_certificate = pki.issue(user, CA)
    extension = pki.raw("1.3.6.1.5.5.7.1.14", "300c300a06082b06010505071501")
    issued = pki.issue(
        x509.Name([*user, common_name]),
        user_certificate,
        extensions=[(extension, True)],
        without=[x509.SubjectAlternativeName],
    )
    return [issued, user_certificate, CA]


def negative() -> bytes:
    base = pki.raw("2.5.29.27", "0201ff")
    return pki.crl(CA, extensions=[(base, True)])


BAD_KEY_USAGE = pki.issue("pinned", extensions=[(pki.raw("2.5.29.15", "0500"), False)])
ED448 = pki.issue("Ed448", ca=True, own_key="ed448")
POLICIES = x509.CertificatePolicies(
    [x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)],
)
PINNED = pki.issue("pinned")

REASONS = [
    Reason("proof_too_deep", 22, "invalid", seven_cas(), knobs={"allow": []}),
    Reason("proof_critical_extension", 34, "invalid", critical(POLICIES), knobs={"allow": []}),
    Reason("proof_critical_extension", 34, "invalid", critical(pki.raw("2.5.29.32", "3006300406022a03ff"))),
    Reason("proof_critical_extension", 34, "invalid", critical(pki.raw("1.3.6.1.5.5.7.48.1.5", "0400"))),
    Reason("proof_version", 93, "invalid", [pki.patched(LEAF, CA.key, fifth_version), CA]),
    Reason("proof_encoding", 41, "invalid", old_ca(), knobs={"allow": []}),
    Reason("proof_name_constraints", 51, "invalid", damaged_name()),
    Reason("proof_purpose", 26, "invalid", critical(pki.raw("2.5.29.37", "3000")), knobs={"purpose": "any"}),
    Reason("proof_time", 10, "invalid", nothing_in_common(), knobs={"check_time": False, "allow": []}),
    Reason("proof_refused", 20, "invalid", there_and_back(), knobs={"allow": []}),
    Reason("proof_refused", 20, "invalid", reissued(), knobs={"allow": ["ca_leaf", "canonical_dn"]}),
    Reason("proof_refused", 20, "invalid", [PINNED], [PINNED], knobs={"allow": []}),
    Reason("rejected", 28, "invalid", distrusted()),
    Reason("ca_as_leaf", 37, "invalid", ca_leaf(), knobs={"allow": []}),
    Reason("invalid_extension", 41, "invalid", [BAD_KEY_USAGE], [BAD_KEY_USAGE]),
    Reason(
        "unnested_resource",
        46,
        "invalid",
        [pki.issue("leaf", NUMBERED, extensions=[(OTHER_NUMBERS, False)])],
        [NUMBERED],
    ),
    Reason("algorithm_not_supported", 76, "unsupported", [pki.issue("leaf", ED448)], [ED448]),
    Reason("algorithm_not_supported", 76, "unsupported", brainpool()),
    Reason(
        "algorithm_not_supported", 76, "unsupported", [pki.issue("leaf", RSA, digest=hashes.SHA224())], [RSA]
    ),
    Reason(
        "crl_not_supported",
        3,
        "unsupported",
        [LEAF, CA],
        knobs={"flags": PARTIAL | 0x2000, "crl_check": "leaf"},
        crls=[negative()],
    ),
    Reason(
        "crl_not_supported",
        3,
        "unsupported",
        [pki.issue("leaf", RSA)],
        [RSA],
        knobs={"crl_check": "leaf"},
        crls=[pki.crl(RSA, digest=hashes.SHA224())],
    ),
    Reason("budget_exhausted", 1, "budget", [LEAF] * 1001),
    Reason("budget_exhausted", 1, "budget", many_names()),
]


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.finding)
def test_the_reason_is_given(reason: Reason) -> None:
    """Alone, with its code, and with a status that tells what cannot be checked from what is wrong."""
    verdict = reason.verdict()
    assert [finding.name for finding in verdict.findings] == [reason.finding]
    assert (verdict.ok, verdict.verify_code, verdict.status) == (False, reason.code, reason.status)


def test_without_the_reason_all_is_well() -> None:
    """The hierarchy itself is accepted, and so is a path of just six CAs."""
    assert Reason("", 0, "ok", [LEAF, CA]).verdict().ok
    assert Reason("", 0, "ok", [pki.issue("leaf", seven_cas()[2]), *seven_cas()[2:]]).verdict().ok
    assert Reason("", 0, "ok", ca_leaf()).verdict().exceptions == ("ca_leaf",)
    assert Reason("", 0, "ok", [PINNED], [PINNED]).verdict().exceptions == ("pinned_leaf",)
    assert Reason("", 0, "ok", reissued()).verdict().exceptions == ("self_issued",)


def test_a_purpose_that_the_proof_refuses_is_no_fitting_purpose() -> None:
    """`purpose_ok` is false whoever has found the purpose missing, and `chain_ok` does not speak of it."""
    reasons = [reason for reason in REASONS if reason.finding == "proof_purpose"]
    assert reasons
    for reason in reasons:
        verdict = reason.verdict()
        assert (verdict.purpose_ok, verdict.chain_ok, verdict.time_ok) == (False, True, True)


def test_proxy_certificates_are_refused() -> None:
    """`ssl` accepts them under ALLOW_PROXY_CERTS; here they are not judged at all."""
    verdict = Reason("", 0, "", proxy(), knobs={"flags": PARTIAL | 0x40}, name=None).verdict()
    assert verdict.status == "unsupported"
    assert [finding.name for finding in verdict.findings] == ["flag_not_supported"]
    without = Reason("", 0, "", proxy(), name=None).verdict()
    assert without.findings[0].name == "proxy_certificate"
