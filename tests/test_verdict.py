"""The verdict: all findings in OpenSSL's order, with depth and facts, and one flag for each question."""

from __future__ import annotations

import datetime
import json
from typing import Any

import certpath
import pytest
from certpath import Certificate, Policy, Verdict, Verifier
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from support import pki

LEAF, INTERMEDIATE, ROOT = pki.three()
CODE_SIGNING = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])


def judge(
    *chain: pki.Entity, host: str | None = pki.HOST, policy: Policy | None = None, crls: Any = None
) -> Verdict:
    """Judge against the root."""
    verifier = Verifier(ROOT.store, policy=policy, crls=crls)
    return verifier.check([entity.der for entity in chain], host, at=pki.AT)


class TestAccepted:
    def test_every_field(self) -> None:
        """A sound chain: nothing found, everything told."""
        verdict = judge(LEAF, INTERMEDIATE)
        assert verdict
        assert (verdict.ok, verdict.status) == (True, "ok")
        assert (verdict.verify_code, verdict.verify_message, verdict.error_depth) == (0, "ok", None)
        assert verdict.findings == ()
        flags = (verdict.chain_ok, verdict.time_ok, verdict.name_ok, verdict.purpose_ok, verdict.revoked)
        assert flags == (True, True, True, True, None)
        assert (verdict.name, verdict.name_by) == (pki.HOST, "san_dns")
        assert verdict.at == pki.AT
        assert verdict.leaf_sha256 == LEAF.sha256
        assert verdict.path == tuple(Certificate(one.der) for one in (LEAF, INTERMEDIATE, ROOT))
        assert verdict.path_sha256 == (LEAF.sha256, INTERMEDIATE.sha256, ROOT.sha256)
        assert verdict.anchor_sha256 == ROOT.sha256
        assert verdict.not_after == pki.NOT_AFTER
        assert (verdict.weak, verdict.exceptions) == ((), ())
        assert (verdict.store, verdict.policy) == ("test", "ssl")
        assert str(verdict) == f"ok for {pki.HOST}"
        assert repr(verdict) == '<Verdict ok 0 "ok">'

    def test_immutable(self) -> None:
        """Neither made nor changed by hand."""
        with pytest.raises(TypeError):
            Verdict()
        with pytest.raises(AttributeError):
            judge(LEAF, INTERMEDIATE).ok = False  # type: ignore[misc]


class TestThreeDefects:
    """A chain that is at once expired, misnamed and incomplete."""

    @pytest.fixture(scope="class")
    @staticmethod
    def verdict() -> Verdict:
        """Nothing but the end entity was sent."""
        expired = pki.issue("three", INTERMEDIATE, not_after=pki.at(2021))
        return judge(expired, host="wrong.test")

    def test_all_three_are_found(self, verdict: Verdict) -> None:
        """In OpenSSL's order, which makes the missing issuer the main one."""
        found = [(finding.code, finding.name, finding.depth) for finding in verdict.findings]
        assert found == [(20, "issuer_not_found", 0), (62, "hostname_mismatch", 0), (10, "expired", 0)]
        assert (verdict.verify_code, verdict.error_depth) == (20, 0)
        assert verdict.verify_message == "unable to get local issuer certificate"

    def test_facts(self, verdict: Verdict) -> None:
        """What was expected and what was found, for each."""
        issuer, name, date = verdict.findings
        assert issuer.facts == {"issuer": "CN=Intermediate,O=certpath tests"}
        assert name.facts == {"expected": "wrong.test", "presented": [f"dns:{pki.HOST}"]}
        assert date.facts == {"not_after": "2021-01-01T00:00:00Z", "at": "2026-06-01T00:00:00Z"}

    def test_messages(self, verdict: Verdict) -> None:
        """The words of ssl."""
        assert [finding.message for finding in verdict.findings] == [
            "unable to get local issuer certificate",
            "Hostname mismatch, certificate is not valid for 'wrong.test'.",
            "certificate has expired",
        ]

    def test_certificates_concerned(self, verdict: Verdict) -> None:
        """Each finding names its certificate."""
        assert len(verdict.findings) > 1
        for finding in verdict.findings:
            assert finding.subject == "CN=three,O=certpath tests"
            assert finding.sha256 == verdict.leaf_sha256

    def test_flags(self, verdict: Verdict) -> None:
        """Three questions are answered with no, one with yes."""
        assert (verdict.chain_ok, verdict.time_ok, verdict.name_ok) == (False, False, False)
        assert (verdict.purpose_ok, verdict.revoked) == (True, None)
        assert verdict.anchor_sha256 is None
        assert len(verdict.path) == 1

    def test_explain_tells_all(self, verdict: Verdict) -> None:
        """Every finding has its line, every certificate of the path too."""
        text = verdict.explain()
        for finding in verdict.findings:
            assert finding.detail in text
            assert str(finding) == finding.detail
        assert "(+2 more)" in str(verdict)
        for words in ("wrong.test", pki.HOST, "2021-01-01T00:00:00Z", "CN=Intermediate,O=certpath tests"):
            assert words in text

    def test_json(self, verdict: Verdict) -> None:
        """to_json is to_dict in one line, and survives a round trip."""
        text = verdict.to_json()
        assert "\n" not in text
        assert json.loads(text) == verdict.to_dict()
        found = verdict.to_dict()["findings"]
        assert found == [finding.to_dict() for finding in verdict.findings]
        assert found[0]["sha256"] == verdict.findings[0].sha256.hex()  # type: ignore[union-attr]


def with_leaf(**change: Any) -> list[pki.Entity]:
    """The usual chain with another end entity."""
    return [pki.issue("other", INTERMEDIATE, **change), INTERMEDIATE]


STRANGER = pki.key("p256", "stranger")
REVOKING = pki.crl(INTERMEDIATE, [(LEAF.certificate.serial_number, None)])


class TestFlags:
    """Each defect turns off its own flag, and no other."""

    @pytest.mark.parametrize(
        ("chain", "off", "name"),
        [
            ([LEAF], "chain_ok", "issuer_not_found"),
            (with_leaf(signer=STRANGER), "chain_ok", "signature_invalid"),
            (with_leaf(not_after=pki.at(2021)), "time_ok", "expired"),
            (with_leaf(not_before=pki.at(2040)), "time_ok", "not_yet_valid"),
            (with_leaf(host="other.test"), "name_ok", "hostname_mismatch"),
            (with_leaf(extensions=[(CODE_SIGNING, False)]), "purpose_ok", "invalid_purpose"),
        ],
        ids=range(6),
    )
    def test_one_flag(self, chain: list[pki.Entity], off: str, name: str) -> None:
        """Of the four."""
        verdict = judge(*chain)
        assert [finding.name for finding in verdict.findings] == [name]
        flags = {flag: getattr(verdict, flag) for flag in ("chain_ok", "time_ok", "name_ok", "purpose_ok")}
        assert flags == {flag: flag != off for flag in flags}

    def test_revoked(self) -> None:
        """A fifth, which leaves the others alone."""
        verdict = judge(LEAF, INTERMEDIATE, policy=Policy.ssl(crl_check="leaf"), crls=REVOKING)
        assert (verdict.revoked, verdict.ok) == (True, False)
        assert verdict.chain_ok
        assert verdict.time_ok
        assert verdict.name_ok
        assert verdict.purpose_ok


class TestOrder:
    def test_findings_come_in_the_order_of_openssl(self) -> None:
        """Eight defects at once: weak key, purpose, digest, name, revocation, signature, date, names."""
        constraints = x509.NameConstraints([x509.DNSName("permitted.test")], None)
        ca = pki.issue("constrained", ROOT, own_key="rsa2048", ca=True, extensions=[(constraints, True)])
        leaf = pki.issue(
            "all",
            ca,
            own_key="rsa1024",
            extensions=[(CODE_SIGNING, False)],
            not_after=pki.at(2021),
        )
        leaf = pki.patched(leaf, pki.key("rsa2048", "stranger"), algorithm=pki.RSA_WITH_SHA1, digest=pki.SHA1)
        verdict = judge(leaf, ca, host="wrong.test", policy=Policy.ssl(crl_check="leaf"))
        assert [finding.code for finding in verdict.findings] == [66, 26, 68, 62, 3, 7, 10, 47]
        assert verdict.findings[0].facts["bits"] == 1024
        assert verdict.findings[1].facts["found"] == "extendedKeyUsage [1.3.6.1.5.5.7.3.3]"
        assert verdict.findings[2].facts["algorithm"] == "sha1WithRSAEncryption"
        assert verdict.findings[5].facts["issuer"] == "CN=constrained,O=certpath tests"
        assert verdict.findings[7].facts["name"] == f"dns:{pki.HOST}"
        assert verdict.findings[7].facts["constrained_by_depth"] == 1
        assert verdict.weak == ("rsa_lt_2048", "sha1")

    def test_depth_is_that_of_the_certificate(self) -> None:
        """Dates are checked from the anchor down."""
        ca = pki.issue("old", ROOT, ca=True, not_after=pki.at(2023))
        leaf = pki.issue("older", ca, not_after=pki.at(2022))
        verdict = judge(leaf, ca)
        assert [(finding.code, finding.depth) for finding in verdict.findings] == [(10, 1), (10, 0)]
        assert verdict.findings[0].sha256 == ca.sha256
        assert verdict.error_depth == 1
        assert verdict.not_after == pki.at(2022)


class TestStatus:
    def test_every_status(self) -> None:
        """One example each; whatever is not ok is false."""
        verifier = Verifier(ROOT.store)
        unsupported = pki.issue("dsa", INTERMEDIATE, own_key="brainpool")
        examples: dict[str, Any] = {
            "ok": [LEAF.der, INTERMEDIATE.der],
            "invalid": [LEAF.der],
            "unparseable": [LEAF.der, INTERMEDIATE.der[:-1]],
            "unsupported": [unsupported.der, INTERMEDIATE.der],
            "no_certificate": [],
            "input_error": None,
            "budget": [LEAF.der] * 1001,
        }
        verdicts = verifier.check_many(examples.values(), pki.HOST, at=pki.AT)
        assert [verdict.status for verdict in verdicts] == list(examples)
        assert [bool(verdict) for verdict in verdicts] == [True] + [False] * 6
        assert [verdict.verify_code for verdict in verdicts] == [0, 20, None, 76, None, None, 1]
        for verdict in verdicts:
            assert bool(verdict.findings) != verdict.ok
            assert json.loads(verdict.to_json())["status"] == verdict.status
            assert verdict.explain()
            assert repr(verdict).startswith(f"<Verdict {verdict.status}")

    def test_unparseable_names_the_position(self) -> None:
        """And what is broken there."""
        verdict = Verifier(ROOT.store).check([LEAF.der, INTERMEDIATE.der[:-1]], pki.HOST, at=pki.AT)
        (finding,) = verdict.findings
        assert (finding.name, finding.code, finding.depth) == ("unparseable", None, None)
        assert (finding.subject, finding.sha256) == (None, None)
        assert finding.facts["position"] == 1
        assert "malformed" in str(finding.facts["problem"])
        assert (verdict.chain_ok, verdict.time_ok, verdict.name_ok) == (None, None, None)
        assert verdict.path == ()


class TestLayout:
    def test_keys(self) -> None:
        """The same keys in every verdict, whatever its status; this is the layout of version 2."""
        keys = [
            "schema_version",
            "ok",
            "status",
            "verify_code",
            "verify_message",
            "error_depth",
            "findings",
            "chain_ok",
            "time_ok",
            "name_ok",
            "purpose_ok",
            "revoked",
            "revoked_by",
            "in_revocation_set",
            "revocation_sets",
            "ocsp_status",
            "ocsp_problem",
            "ocsp_revoked_at",
            "ocsp_reason",
            "name",
            "name_by",
            "name_problem",
            "at",
            "leaf_sha256",
            "path_sha256",
            "anchor_sha256",
            "not_after",
            "weak",
            "exceptions",
            "policies",
            "store",
            "policy",
            "stores_now",
            "stores_ever",
            "has_trusted_path",
            "had_trusted_path",
            "valid_at_expiration",
            "never_valid",
            "leaf_time",
            "root_expired",
            "cert_type",
            "spki_sha256",
            "self_issued",
            "precert",
            "n_presented",
            "presented_order_ok",
            "root_sent",
            "dup_or_unrelated",
            "deployment",
            "repaired",
            "repaired_sha256",
            "n_paths",
            "paths_sha256",
            "parents",
            "scts",
            "scts_valid",
            "sct_earliest",
            "ct_chrome",
            "ct_apple",
            "not_before",
            "work",
        ]
        for verdict in (judge(LEAF, INTERMEDIATE), judge(), judge(LEAF)):
            assert list(verdict.to_dict()) == keys
            assert verdict.to_dict()["schema_version"] == 2
        finding = judge(LEAF).findings[0].to_dict()
        wanted = ["name", "code", "message", "depth", "subject", "sha256", "facts", "detail"]
        assert list(finding) == wanted

    @pytest.mark.parametrize("policy", [Policy.ssl(), Policy.webpki()])
    def test_every_key_is_an_attribute(self, policy: Policy) -> None:
        """What `to_dict` tells is an attribute of the same name, as bytes and datetimes, accepted or not."""

        def plain(value: Any) -> Any:
            if isinstance(value, bytes):
                return value.hex()
            if isinstance(value, datetime.datetime):
                return value.strftime("%Y-%m-%dT%H:%M:%SZ")
            if isinstance(value, tuple):
                return [plain(one) for one in value]
            return value.to_dict() if isinstance(value, certpath.Finding) else value

        chains = ((LEAF, INTERMEDIATE), (LEAF,), (LEAF, INTERMEDIATE, INTERMEDIATE, ROOT), ())
        for verdict in (judge(*chain, policy=policy) for chain in chains):
            layout = verdict.to_dict()
            assert {key: plain(getattr(verdict, key)) for key in layout} == layout

    def test_values(self) -> None:
        """Fingerprints in hexadecimal, times in RFC 3339, the rest as the attributes are."""
        verdict = judge(LEAF, INTERMEDIATE)
        layout = verdict.to_dict()
        assert layout["leaf_sha256"] == LEAF.sha256.hex()
        assert layout["path_sha256"] == [one.hex() for one in verdict.path_sha256]
        assert layout["anchor_sha256"] == ROOT.sha256.hex()
        assert layout["at"] == "2026-06-01T00:00:00Z"
        assert datetime.datetime.fromisoformat(layout["not_after"].replace("Z", "+00:00")) == pki.NOT_AFTER
        for key in ("ok", "status", "verify_code", "name", "name_by", "store", "policy", "revoked"):
            assert layout[key] == getattr(verdict, key)

    def test_findings_are_values_of_their_own(self) -> None:
        """A dictionary that was handed out changes nothing."""
        verdict = judge(LEAF)
        verdict.findings[0].facts.clear()
        assert verdict.findings[0].facts
        assert repr(verdict.findings[0]) == "<Finding issuer_not_found at depth 0>"
        with pytest.raises(AttributeError):
            verdict.findings[0].name = "x"  # type: ignore[misc]
        with pytest.raises(TypeError):
            certpath.Finding()

    def test_names_that_could_forge_a_line(self) -> None:
        """Line breaks and controls from a certificate never reach the text unescaped."""
        evil = pki.issue("evil\nok for you\x1b[31m\u202e", INTERMEDIATE, not_after=pki.at(2021))
        verdict = judge(evil, INTERMEDIATE)
        lines = verdict.explain().split("\n")
        mending = [line for line in lines if line.startswith("  to mend (")]
        assert len(lines) == 1 + len(verdict.path) + len(mending)
        assert len(mending) == len(verdict.remedies) > 0
        assert "\x1b" not in verdict.explain()
        assert "\u202e" not in verdict.explain()
        assert "\n" not in str(verdict)
