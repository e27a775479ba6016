"""The whole verdict, as a scanner reads it: what is, what was, what is wrong with what was sent."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

import certpath
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from support import pki

WEBPKI = certpath.Policy.webpki()
LEAF, INTERMEDIATE, ROOT = pki.three()
OLD = pki.at(2021)


def judge(
    *chain: pki.Entity, anchors: tuple[pki.Entity, ...] = (ROOT,), name: str | None = pki.HOST, **options: Any
) -> certpath.Verdict:
    store = certpath.TrustStore.from_der([anchor.der for anchor in anchors], name="scan")
    pool = options.pop("pool", None)
    all_paths = options.pop("all_paths", False)
    at = options.pop("at", pki.AT)
    verifier = certpath.Verifier(store, pool=pool, policy=WEBPKI, **options)
    return verifier.check([one.der for one in chain], name, at=at, all_paths=all_paths)


class TestTrust:
    """has_trusted_path, had_trusted_path, valid_at_expiration, never_valid."""

    def test_valid(self) -> None:
        """All of it now, and until the end entity's end."""
        verdict = judge(LEAF, INTERMEDIATE)
        assert verdict.ok
        assert (verdict.has_trusted_path, verdict.had_trusted_path) == (True, True)
        assert (verdict.valid_at_expiration, verdict.never_valid) == (True, False)
        assert (verdict.stores_now, verdict.stores_ever) == (("scan",), ("scan",))
        assert (verdict.leaf_time, verdict.root_expired, verdict.cert_type) == ("valid", False, "leaf")

    def test_a_wrong_name_takes_nothing_from_the_path(self) -> None:
        """Trust and name are judged apart."""
        verdict = judge(LEAF, INTERMEDIATE, name="other.test")
        assert not verdict.ok
        assert (verdict.has_trusted_path, verdict.chain_ok, verdict.time_ok) == (True, True, True)
        assert (verdict.name_ok, verdict.stores_now, verdict.stores_ever) == (False, ("scan",), ("scan",))
        assert (verdict.n_paths, verdict.paths, verdict.parents) == (0, (), ())

    def test_expired(self) -> None:
        """It had a trusted path, and was valid to its end."""
        verdict = judge(pki.issue("leaf", INTERMEDIATE, not_after=OLD), INTERMEDIATE)
        assert [(finding.name, finding.depth) for finding in verdict.findings] == [("expired", 0)]
        assert (verdict.has_trusted_path, verdict.had_trusted_path) == (False, True)
        assert (verdict.valid_at_expiration, verdict.leaf_time) == (True, "expired")
        assert (verdict.stores_now, verdict.stores_ever) == ((), ("scan",))
        assert (verdict.chain_ok, verdict.time_ok) == (True, False)

    def test_not_yet(self) -> None:
        """It will have a trusted path, and had none."""
        verdict = judge(pki.issue("leaf", INTERMEDIATE, not_before=pki.at(2027)), INTERMEDIATE)
        assert (verdict.has_trusted_path, verdict.had_trusted_path) == (False, False)
        assert (verdict.leaf_time, verdict.stores_ever) == ("not_yet", ("scan",))

    def test_dates_that_do_not_overlap(self) -> None:
        """Never valid is told from expired."""
        young = pki.issue("Intermediate", ROOT, own_key=INTERMEDIATE.key, ca=True, not_before=pki.at(2025))
        verdict = judge(pki.issue("leaf", young, not_after=OLD), young)
        assert (verdict.never_valid, verdict.had_trusted_path) == (True, False)
        assert verdict.stores_ever == ()
        assert verdict.chain_ok

    def test_an_expired_root_is_told_apart(self) -> None:
        """The leaf is fine, the root is not."""
        root = pki.issue("Old root", ca=True, not_after=pki.at(2026, 1, 1))
        verdict = judge(pki.issue("leaf", root), anchors=(root,))
        assert [(finding.name, finding.depth) for finding in verdict.findings] == [("expired", 1)]
        assert (verdict.root_expired, verdict.leaf_time) == (True, "valid")
        assert (verdict.had_trusted_path, verdict.valid_at_expiration) == (True, False)

    def test_an_expired_cross_certificate_is_walked_around(self) -> None:
        """The trouble with AddTrust: the other way up counts."""
        young = pki.issue("Young root", own_key="p256", ca=True)
        old = pki.issue("Old root", ca=True, not_after=OLD)
        cross = pki.issue("Young root", old, own_key=young.key, ca=True, not_after=OLD)
        verdict = judge(pki.issue("leaf", young), cross, anchors=(old, young))
        assert verdict.ok
        assert verdict.anchor_sha256 == young.sha256

    def test_kinds(self) -> None:
        """zcrypto's rule for what a certificate is."""
        verifier = certpath.Verifier(ROOT.store, policy=WEBPKI.replace(purpose="any"))
        assert verifier.check(INTERMEDIATE.der, at=pki.AT).cert_type == "intermediate"
        assert verifier.check(ROOT.der, at=pki.AT).cert_type == "root"
        assert judge(pki.issue("stray")).cert_type == "unknown"


class TestStoresApartFromTheName:
    """Which stores trust a path, whatever the name, under the policies that look at one path."""

    @pytest.mark.parametrize("name", [pki.HOST, "other.test", None])
    def test_one_path_says_which_stores_trust_it(self, name: str | None) -> None:
        """As with the right name, for one store and for several, `ok` apart."""
        other = pki.issue("Another root", ca=True)
        stores = [
            certpath.TrustStore.from_der(other.der, name="other"),
            certpath.TrustStore.from_der(ROOT.der, name="root"),
            certpath.TrustStore.from_der([ROOT.der, other.der], name="both"),
        ]
        chain = [LEAF.der, INTERMEDIATE.der]
        several = certpath.Verifier(stores).check(chain, name, at=pki.AT)
        assert (several.ok, several.stores_now) == (name != "other.test", ("root", "both"))
        expected = [[one.sha256.hex() for one in (LEAF, INTERMEDIATE, ROOT)]]
        validation = several.to_censys()["validation"]
        assert [one["chains"] for one in validation.values()] == [[], expected, expected]
        assert several.n_paths == several.ok
        alone = certpath.Verifier(stores[1]).check(chain, name, at=pki.AT)
        assert (alone.ok, alone.stores_now) == (name != "other.test", ("root",))
        assert alone.to_censys()["validation"]["root"]["parents"] == [INTERMEDIATE.sha256.hex()]

    @pytest.mark.parametrize("name", [pki.HOST, "other.test"])
    def test_what_webpki_does_not_prove_is_not_trusted(self, name: str) -> None:
        """The name, which is found first, is no way around the second key."""
        of_host = x509.SubjectAlternativeName([x509.DNSName(pki.HOST)])
        signs = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        ca = pki.issue("leaf", INTERMEDIATE, ca=True, extensions=[(of_host, False), (signs, True)])
        chain = [ca.der, INTERMEDIATE.der]
        allowed = certpath.Verifier(ROOT.store).check(chain, name, at=pki.AT)
        assert (allowed.has_trusted_path, allowed.exceptions) == (True, ("ca_leaf",))
        verdict = certpath.Verifier(ROOT.store, policy=certpath.Policy.ssl(allow=())).check(
            chain, name, at=pki.AT
        )
        names = [one.name for one in verdict.findings]
        assert names == ["hostname_mismatch"] * (name != pki.HOST) + ["ca_as_leaf"]
        assert (verdict.ok, verdict.has_trusted_path, verdict.stores_now) == (False, False, ())

    def test_a_store_that_refuses_has_no_chains(self) -> None:
        """Nor one whose anchor is that of another store's path, where the path is not valid now."""
        late = judge(pki.issue("leaf", INTERMEDIATE, not_after=OLD), INTERMEDIATE, name="other.test")
        (validation,) = late.to_censys()["validation"].values()
        assert (validation["is_valid"], validation["chains"], late.stores_now) == (False, [], ())


class TestDeployment:
    """What is wrong with the chain as it was sent, whatever the verdict."""

    @pytest.mark.parametrize(
        ("chain", "faults"),
        [
            ((LEAF, INTERMEDIATE), ()),
            ((LEAF, INTERMEDIATE, ROOT), ("root_sent",)),
            ((LEAF, ROOT, INTERMEDIATE), ("wrong_order", "root_sent")),
            ((LEAF, INTERMEDIATE, INTERMEDIATE), ("duplicate",)),
            ((LEAF, INTERMEDIATE, pki.issue("stranger", ca=True)), ("unrelated", "root_sent")),
            ((LEAF,), ("missing_intermediate",)),
        ],
        ids=["sound", "root", "order", "duplicate", "unrelated", "missing"],
    )
    def test_faults(self, chain: tuple[pki.Entity, ...], faults: tuple[str, ...]) -> None:
        """None of them but a missing certificate stands in the way of a path."""
        verdict = judge(*chain)
        assert verdict.deployment == faults
        assert verdict.ok == ("missing_intermediate" not in faults)

    def test_an_unknown_root_is_no_missing_intermediate(self) -> None:
        """Where the end entity's issuer was sent, nobody can say which of the two it is."""
        stranger = pki.issue("Another root", ca=True)
        assert judge(LEAF, INTERMEDIATE, anchors=(stranger,)).deployment == ()

    def test_junk_is_passed_over(self) -> None:
        """What is not a certificate costs the search nothing; beside the end entity it is a fault."""
        verifier = certpath.Verifier(ROOT.store, policy=WEBPKI)
        verdict = verifier.check([LEAF.der, b"\x30\x02\x05\x00", INTERMEDIATE.der], pki.HOST, at=pki.AT)
        assert verdict.ok
        assert [one.sha256 for one in verdict.path] == [LEAF.sha256, INTERMEDIATE.sha256, ROOT.sha256]
        assert "unparseable" in verdict.deployment
        assert verifier.check([b"\x30\x00", LEAF.der], at=pki.AT).status == "unparseable"


class TestViews:
    """The words of other tools."""

    def test_zgrab2(self) -> None:
        """Trust apart from the name, and matches_domain always there."""
        assert judge(LEAF, INTERMEDIATE).to_zgrab2() == {"browser_trusted": True, "matches_domain": True}
        assert judge(LEAF, INTERMEDIATE, name=None).to_zgrab2()["matches_domain"] is None
        wrong = judge(LEAF, INTERMEDIATE, name="other.test").to_zgrab2()
        assert wrong == {"browser_trusted": True, "matches_domain": False}
        missing = judge(LEAF).to_zgrab2()
        assert missing["browser_trusted"] is False
        assert missing["browser_error"] == "unable to get local issuer certificate"

    def test_censys(self) -> None:
        """One block a store."""
        other = pki.issue("Another root", ca=True)
        stores = [
            certpath.TrustStore.from_der(ROOT.der, name="nss"),
            certpath.TrustStore.from_der(other.der, name="apple"),
        ]
        verifier = certpath.Verifier(stores, policy=WEBPKI)
        verdict = verifier.check([LEAF.der, INTERMEDIATE.der], "other.test", at=pki.AT, all_paths=True)
        validation = verdict.to_censys()["validation"]
        assert validation["nss"]["is_valid"], "the name is no business of this view"
        assert validation["nss"]["type"] == "leaf"
        assert validation["nss"]["chains"] == [[one.sha256.hex() for one in (LEAF, INTERMEDIATE, ROOT)]]
        assert validation["nss"]["parents"] == [INTERMEDIATE.sha256.hex()]
        assert validation["apple"] == {
            "is_valid": False,
            "ever_valid": False,
            "has_trusted_path": False,
            "had_trusted_path": False,
            "in_revocation_set": None,
            "type": "unknown",
            "chains": [],
            "parents": [],
        }
        named = verifier.check([LEAF.der, INTERMEDIATE.der], pki.HOST, at=pki.AT, all_paths=True)
        chains = named.to_censys()["validation"]["nss"]["chains"]
        assert chains == [[one.sha256.hex() for one in (LEAF, INTERMEDIATE, ROOT)]]
        assert named.to_censys()["validation"]["nss"]["parents"] == [INTERMEDIATE.sha256.hex()]

    def test_json(self) -> None:
        """The whole verdict survives."""
        verdict = judge(LEAF, INTERMEDIATE, ROOT)
        layout = json.loads(verdict.to_json())
        assert layout["stores_now"] == ["scan"]
        assert layout["deployment"] == ["root_sent"]
        assert layout["work"]["complete"] is True
        assert layout["paths_sha256"] == [layout["path_sha256"]]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a deployment, and how a verdict has to call it."""

    finding: str
    depth: int
    of_root: dict[str, Any] = field(default_factory=dict)
    of_ca: dict[str, Any] = field(default_factory=dict)
    of_leaf: dict[str, Any] = field(default_factory=dict)


UNKNOWN = (pki.raw("1.2.3.4", b"\x05\0"), True)
ELSEWHERE = (x509.NameConstraints([x509.DNSName("elsewhere.test")], None), True)
NO_CA = (x509.BasicConstraints(ca=False, path_length=None), True)
FOR_MAIL = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
FAULTS = {
    "expired leaf": Fault("expired", 0, of_leaf={"not_after": OLD}),
    "expired intermediate": Fault("expired", 1, of_ca={"not_after": OLD}),
    "expired root": Fault("expired", 2, of_root={"not_after": OLD}),
    "not yet valid": Fault("not_yet_valid", 0, of_leaf={"not_before": pki.at(2027)}),
    "wrong name": Fault("hostname_mismatch", 0, of_leaf={"host": "another.test"}),
    "missing intermediate": Fault("issuer_not_found", 0),
    "unknown root": Fault("issuer_not_found", 1),
    "self-signed": Fault("self_signed", 0),
    "bad signature": Fault("signature_invalid", 0, of_leaf={"signer": pki.key("p256", "a stranger")}),
    "not a CA": Fault("invalid_ca", 1, of_ca={"extensions": [NO_CA]}),
    "path length": Fault("path_length_exceeded", 2, of_root={"path_length": 0}),
    "wrong purpose": Fault("invalid_purpose", 0, of_leaf={"extensions": [FOR_MAIL]}),
    "name constraints": Fault("permitted_subtree_violation", 0, of_ca={"extensions": [ELSEWHERE]}),
    "weak key": Fault("leaf_key_too_weak", 0, of_leaf={"own_key": "rsa1024"}),
    "unknown extension": Fault("unhandled_critical_extension", 1, of_ca={"extensions": [UNKNOWN]}),
}


def deploy(label: str, choices: random.Random) -> tuple[list[bytes], certpath.TrustStore, str]:
    """A chain with one fault, as careless servers send it, the store, and the host."""
    fault = FAULTS[label]
    host = f"host{choices.randrange(10_000)}.example.test"
    root = pki.issue("Deployment root", own_key=pki.key("p256", "d root"), ca=True, **fault.of_root)
    ca = pki.issue("Deployment CA", root, own_key=pki.key("p256", "d ca"), ca=True, **fault.of_ca)
    leaf = pki.issue(host, ca, **{"own_key": pki.key("p256", "d leaf"), "host": host, **fault.of_leaf})
    if label == "self-signed":
        leaf = pki.issue(host, own_key=pki.key("p256", "d leaf"), host=host)
    chain = [leaf] if label in {"missing intermediate", "self-signed"} else [leaf, ca]
    if label not in {"missing intermediate", "self-signed", "unknown root"}:
        chain += [entity for entity in (root, ROOT, ca) if choices.random() < 0.2]
    store = ROOT.store if label == "unknown root" else root.store
    return [one.der for one in chain], store, host


@pytest.mark.parametrize("label", FAULTS)
def test_broken_deployments_name_the_fault_and_the_certificate(label: str) -> None:
    """The main finding is the fault that was put in, at its certificate, and the sentence says which."""
    choices = random.Random(len(label))
    for _ in range(67):  # fifteen faults: a thousand in all
        chain, store, host = deploy(label, choices)
        verdict = certpath.Verifier(store, policy=WEBPKI).check(chain, host, at=pki.AT)
        main = verdict.findings[0]
        assert (main.name, main.depth) == (FAULTS[label].finding, FAULTS[label].depth), verdict.explain()
        assert main.subject
        assert main.subject in str(verdict)
