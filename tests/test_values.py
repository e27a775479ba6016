"""Findings, paths, stores and pools as values: compared, copied, pickled, united."""

from __future__ import annotations

import copy
import pickle

import certpath
import failures
import pki
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

VERIFIER = certpath.Verifier(failures.ROOT.store)


def refused() -> certpath.Verdict:
    return VERIFIER.check(failures.LEAF.der, "a.test", at=pki.AT)


def searched() -> certpath.Verdict:
    return certpath.Verifier(failures.ROOT.store, policy="webpki").check(
        failures.LEAF.der, "a.test", at=pki.AT
    )


class TestFinding:
    @pytest.mark.parametrize("verdict", [refused(), searched()], ids=["ssl", "webpki"])
    def test_copies_and_pickles(self, verdict: certpath.Verdict) -> None:
        """Under the searching policies, too, with facts, message and detail."""
        assert len(verdict.findings) == 2
        for finding in verdict.findings:
            for twin in (copy.copy(finding), copy.deepcopy(finding), pickle.loads(pickle.dumps(finding))):  # noqa: S301 - ours
                assert twin == finding
                assert hash(twin) == hash(finding)
                assert twin.to_dict() == finding.to_dict()

    def test_compares_by_value(self) -> None:
        """The same finding of another verdict is equal; another finding, depth or fact is not."""
        first, second = refused(), refused()
        assert first.findings == second.findings
        assert first.findings[0] != first.findings[1]
        other = VERIFIER.check(failures.LEAF.der, "b.test", at=pki.AT)
        assert other.findings[1] != first.findings[1]
        assert first.findings[0] != "issuer_not_found"
        assert len({*first.findings, *second.findings}) == 2

    def test_what_is_no_finding_is_refused(self) -> None:
        """A pickle is foreign input."""
        restore, (state,) = refused().findings[0].__reduce__()
        parts, release = state
        for wrong in ((parts, "9.9"), (("no_such", *parts[1:]), release), parts, None):
            with pytest.raises((ValueError, TypeError)):
                restore(wrong)


class TestPath:
    def test_copies_pickles_and_compares(self) -> None:
        """By its certificates."""
        chain = [failures.LEAF.der, failures.CA.der]
        path = VERIFIER.verify(chain, pki.HOST, at=pki.AT)
        for twin in (copy.copy(path), copy.deepcopy(path), pickle.loads(pickle.dumps(path))):  # noqa: S301 - ours
            assert twin == path
            assert hash(twin) == hash(path)
            assert twin.verdict.to_dict() == path.verdict.to_dict()
        shorter = certpath.Verifier(
            certpath.TrustStore.from_der(failures.CA.der), policy=certpath.Policy.ssl(0x88000)
        ).verify(chain, pki.HOST, at=pki.AT)
        assert shorter != path
        assert path != path.certificates

    def test_a_refused_chain_has_none(self) -> None:
        """Nobody makes a path of a verdict that is not ok."""
        chain = [failures.LEAF.der, failures.CA.der]
        restore, _ = VERIFIER.verify(chain, pki.HOST, at=pki.AT).__reduce__()
        with pytest.raises(ValueError, match="that is ok"):
            restore(refused())


class TestUnions:
    def test_stores(self) -> None:
        """All certificates, each once, under both names."""
        other = certpath.TrustStore.from_der([failures.CA.der, failures.ROOT.der], name="other")
        united = failures.ROOT.store | other
        assert united.name == "test+other"
        assert [one.der for one in united] == [failures.ROOT.der, failures.CA.der]
        with pytest.raises(TypeError):
            united | [failures.CA.der]  # type: ignore[operator]

    def test_pools(self) -> None:
        """All certificates, each once, and what both have skipped."""
        first = certpath.IntermediatePool.from_der([failures.CA.der, failures.ROOT.der])
        second = certpath.IntermediatePool.from_der([failures.ROOT.der, failures.LEAF.der])
        united = first | second
        assert [one.der for one in united] == [failures.CA.der, failures.ROOT.der, failures.LEAF.der]
        assert (len(first), len(second)) == (2, 2)
        with pytest.raises(TypeError):
            united | failures.ROOT.store  # type: ignore[operator]


class TestPurposes:
    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("serverAuth", "server"),
            ("clientAuth", "client"),
            ("codeSigning", "1.3.6.1.5.5.7.3.3"),
            ("email", "1.3.6.1.5.5.7.3.4"),
            ("emailProtection", "1.3.6.1.5.5.7.3.4"),
            ("timeStamping", "1.3.6.1.5.5.7.3.8"),
            ("OCSPSigning", "1.3.6.1.5.5.7.3.9"),
        ],
    )
    def test_names(self, name: str, meant: str) -> None:
        """Each is another word for what there was before."""
        assert certpath.Policy.ssl(purpose=name) == certpath.Policy.ssl(purpose=meant)
        assert certpath.Policy.webpki(purpose=name) == certpath.Policy.webpki(purpose=meant)

    def test_a_signer_of_code_is_judged_as_one(self) -> None:
        """And is not a server."""
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
        signer = pki.issue("signer", failures.CA, host=None, extensions=[(usage, False)])
        chain = [signer.der, failures.CA.der]
        for purpose, ok in (("codeSigning", True), ("email", False), ("server", False)):
            policy = certpath.Policy.ssl(purpose=purpose)
            assert certpath.Verifier(failures.ROOT.store, policy=policy).check(chain, at=pki.AT).ok is ok

    def test_what_is_none_is_told_what_there_is(self) -> None:
        """All names are in the error."""
        with pytest.raises(ValueError, match=r"not \"codesigning\"; names of OIDs: 'codeSigning', 'email'"):
            certpath.Policy.ssl(purpose="codesigning")


class TestTables:
    def columns(self) -> certpath.VerdictReader:
        pyarrow = pytest.importorskip("pyarrow")
        table = pyarrow.table({"chain": [[failures.LEAF.der, failures.CA.der]] * 3, "mine": [1, 2, 3]})
        return VERIFIER.check_arrow(table, at=pki.AT, keep=["mine"])

    def test_to_arrow(self) -> None:
        """With the columns that are kept, once."""
        reader = self.columns()
        table = reader.to_arrow()
        assert table.column("status").to_pylist() == ["ok"] * 3
        assert table.column("mine").to_pylist() == [1, 2, 3]
        with pytest.raises(ValueError, match="taken already"):
            reader.to_arrow()
        assert self.columns().read_all().to_arrow().column("status").to_pylist() == ["ok"] * 3

    def test_to_pandas(self) -> None:
        """Columns of Arrow's types."""
        pytest.importorskip("pandas")
        frame = self.columns().to_pandas()
        assert list(frame["status"]) == ["ok"] * 3
        assert list(frame["mine"]) == [1, 2, 3]

    def test_to_polars(self) -> None:
        """The same rows."""
        pytest.importorskip("polars")
        frame = self.columns().to_polars()
        assert frame["status"].to_list() == ["ok"] * 3
        assert frame["mine"].to_list() == [1, 2, 3]
