"""Precertificates (RFC 6962 3.1): never accepted, and yet told apart by all that is wrong with them."""

from __future__ import annotations

from typing import Any

import certpath
import pytest
from cryptography import x509
from support import pki

SEARCHING = [certpath.Policy.webpki, certpath.Policy.rfc5280]
POISON = (x509.PrecertPoison(), True)
SIGNING_PRECERTIFICATES = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.4")
UNKNOWN = (pki.raw("1.2.3.4", b"\x05\x00"), True)
IGNORE_CRITICAL = 0x10


def judge(
    leaf: pki.Entity, *others: pki.Entity, policy: certpath.Policy | None = None, **options: Any
) -> certpath.Verdict:
    _, intermediate, root = pki.three()
    verifier = certpath.Verifier(root.store, policy=policy or certpath.Policy.webpki())
    chain = [entity.der for entity in (leaf, *others, intermediate)]
    return verifier.check(chain, options.pop("name", pki.HOST), at=pki.AT, **options)


def precertificate(**options: Any) -> pki.Entity:
    _, intermediate, _ = pki.three()
    extensions = [POISON, *options.pop("extensions", [])]
    return pki.issue("leaf", options.pop("issuer", intermediate), extensions=extensions, **options)


def names(verdict: certpath.Verdict) -> list[str]:
    return [finding.name for finding in verdict.findings]


class TestPoison:
    @pytest.mark.parametrize("preset", SEARCHING)
    def test_a_sound_precertificate_is_refused_for_its_poison_alone(self, preset: Any) -> None:
        """Everything else is told as of a certificate, and no store accepts."""
        verdict = judge(precertificate(), policy=preset())
        assert names(verdict) == ["precertificate"]
        assert (verdict.ok, verdict.status, verdict.verify_code) == (False, "invalid", 34)
        assert (verdict.chain_ok, verdict.time_ok, verdict.name_ok, verdict.purpose_ok) == (True,) * 4
        assert verdict.has_trusted_path
        assert verdict.stores_now == verdict.stores_ever == ()
        assert verdict.to_dict()["precert"] is True

    def test_no_path_of_it_is_a_valid_one(self) -> None:
        """Not among all paths either, and not in the words of other tools."""
        verdict = judge(precertificate(), all_paths=True)
        assert not verdict
        assert verdict.to_dict()["n_paths"] == 0
        assert verdict.to_zgrab2()["browser_trusted"] is False
        (validation,) = verdict.to_censys()["validation"].values()
        assert (validation["is_valid"], validation["has_trusted_path"]) == (False, True)

    def test_a_pinned_precertificate_is_refused_too(self) -> None:
        """A store is no way around the poison."""
        leaf = precertificate()
        verdict = certpath.Verifier(leaf.store, policy=certpath.Policy.webpki()).check(
            leaf.der, pki.HOST, at=pki.AT
        )
        assert names(verdict) == ["precertificate"]
        assert not verdict.ok

    def test_what_else_is_wrong_is_found(self) -> None:
        """Dates, names, signatures and purposes as ever."""
        expired = judge(precertificate(not_after=pki.at(2021)))
        assert set(names(expired)) == {"precertificate", "expired"}
        assert (expired.chain_ok, expired.has_trusted_path, expired.had_trusted_path) == (True, False, True)
        assert set(names(judge(precertificate(), name="other.test"))) == {
            "precertificate",
            "hostname_mismatch",
        }
        forged = judge(precertificate(signer=pki.key("p256", "a stranger")))
        assert "signature_invalid" in names(forged)
        assert not forged.has_trusted_path

    def test_another_critical_extension_is_still_unknown(self) -> None:
        """The poison covers for nothing."""
        verdict = judge(precertificate(extensions=[UNKNOWN]))
        assert set(names(verdict)) == {"precertificate", "unhandled_critical_extension"}
        assert not verdict.has_trusted_path
        assert verdict.chain_ok is False

    def test_only_the_end_entity_is_a_precertificate(self) -> None:
        """A poisoned CA is one with an unknown critical extension."""
        _, _, root = pki.three()
        poisoned = pki.issue("Poisoned", root, ca=True, extensions=[POISON])
        verdict = judge(pki.issue("leaf", poisoned), poisoned)
        assert names(verdict) == ["unhandled_critical_extension"]
        assert not verdict.has_trusted_path

    @pytest.mark.parametrize("flags", [0x8000, 0x88000, 0x8000 | IGNORE_CRITICAL])
    def test_policies_of_ssl_know_no_precertificates(self, flags: int) -> None:
        """For OpenSSL it is an unknown extension; told to ignore those, webpki still refuses."""
        verdict = judge(precertificate(), policy=certpath.Policy.ssl(flags))
        assert not verdict.ok
        assert verdict.verify_code == 34
        assert "precertificate" not in names(verdict)


class TestPrecertificateSigningCertificate:
    def test_it_is_no_ca_for_servers(self) -> None:
        """RFC 6962 3.1: its one purpose is to sign precertificates, which no proof covers."""
        _, intermediate, _ = pki.three()
        purpose = (x509.ExtendedKeyUsage([SIGNING_PRECERTIFICATES]), True)
        signing = pki.issue("Signing", pki.three()[2], ca=True, extensions=[purpose])
        leaf = precertificate(issuer=signing)
        verdict = judge(leaf, signing)
        assert "precertificate" in names(verdict)
        assert "invalid_purpose" in names(verdict)
        assert not verdict.has_trusted_path
        assert intermediate.der not in [certificate.der for certificate in verdict.path]
