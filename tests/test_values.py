"""Findings, paths, stores and pools as values: compared, copied, pickled, united."""

from __future__ import annotations

import copy
import functools
import itertools
import multiprocessing
import pickle
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath import _certpath
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from support import failures, pki
from support.transparency import Log, ct_logs, logged
from test_revocation_sets import crlset, key_hash, serial
from test_stapled import STATUS, built

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        for wrong in ((*state[:4], "9.9"), ("no_such", *state[1:]), state[:4], None):
            with pytest.raises((ValueError, TypeError)):
                restore(wrong)


OTHER_ROOT = pki.issue("Other root", ca=True)
OTHER_CA = pki.issue("Issuing CA", OTHER_ROOT, ca=True, own_key=failures.CA.key)
REVOKED = failures.leaf()
LOG = Log("A")
FOR_ALL = x509.SubjectAlternativeName(
    [x509.RFC822Name("someone@example.test"), x509.UniformResourceIdentifier("spiffe://example.test/one")]
)
PRESETS = ("ssl", "webpki", "rfc5280", "cabf")


def verifier(preset: Any) -> certpath.Verifier:
    """With stores that have certificates in common, and everything else that bears on a verdict."""
    roots = [failures.ROOT.der, pki.issue("Nobody's root", ca=True).der]
    stores = [
        certpath.TrustStore.from_der(roots[1:], name="first"),
        certpath.TrustStore.from_der(roots, name="second"),
        certpath.TrustStore.from_der([*roots, OTHER_ROOT.der, REVOKED.der], name="third"),
    ]
    return certpath.Verifier(
        stores[1] if preset == "ssl" else stores,
        pool=None if preset == "ssl" else certpath.IntermediatePool.from_der([OTHER_CA.der, failures.CA.der]),
        policy=preset,
        ct_logs=ct_logs(LOG),
        revocation_sets=[
            _certpath._revocation_set("onecrl", b'{"data": []}'),
            _certpath._revocation_set("crlset", crlset({key_hash(failures.CA): [serial(REVOKED)]})),
        ],
    )


@functools.cache
def verdicts(preset: str) -> list[certpath.Verdict]:
    """Of every kind."""
    judges = verifier(preset)
    stamped = logged(failures.CA, [(LOG, pki.at(2026, 3, 1))], not_after=pki.at(2026, 9, 1))
    mail = pki.issue("mail", failures.CA, host=None, extensions=[(FOR_ALL, False)])
    expired = failures.leaf(not_after=pki.at(2026, 5, 1))
    chains = [
        *([one, failures.CA] for one in (failures.LEAF, stamped, expired)),
        [failures.LEAF],
        [REVOKED, failures.CA],
        [failures.LEAF, failures.ROOT, failures.CA],
        [failures.CA],
        [failures.ROOT],
        [failures.LEAF, failures.CA, failures.ROOT, failures.CA],
    ]
    names = (pki.HOST, "wrong.test", None)
    made = [
        judges.check([one.der for one in chain], name, at=pki.AT)
        for chain, name in itertools.product(chains, names)
    ]
    made += [judges.check(chain, pki.HOST, at=pki.AT) for chain in ([], [b"junk"])]
    made += [judges.check([failures.LEAF.der], "a b", at=pki.AT)]
    made += [judges.check([failures.LEAF.der], pki.HOST, at=pki.at(2026, 7, 1))]
    one: dict[str, Any] = {"of": failures.LEAF, "issuer": failures.CA, "signer": failures.CA}
    compromised = x509.ReasonFlags.key_compromise
    made += [
        judges.check([failures.LEAF.der, failures.CA.der], pki.HOST, at=pki.AT, ocsp=octets)
        for octets in (built(**one), built(STATUS.REVOKED, reason=compromised, **one), b"junk")
    ]
    if preset != "ssl":
        both = [mail.der, failures.CA.der]
        made += [
            judges.check(both, name, at=pki.AT)
            for name in ("someone@example.test", "spiffe://example.test/one")
        ]
    return made


def told(verdict: certpath.Verdict) -> dict[str, Any]:
    """Everything that a verdict says: each attribute, each form, each text."""
    said = {
        name: getattr(verdict, name)
        for name in dir(verdict)
        if not name.startswith("_") and not callable(getattr(verdict, name))
    }
    for method in (
        "explain",
        "to_dict",
        "to_json",
        "to_censys",
        "to_zgrab2",
        "__str__",
        "__repr__",
        "__bool__",
    ):
        said[method] = getattr(verdict, method)()
    return said


def told_elsewhere(made: list[certpath.Verdict]) -> tuple[list[certpath.Verdict], list[dict[str, Any]]]:
    """What another process has to say of them."""
    return made, [told(verdict) for verdict in made]


def raises(verdict: certpath.Verdict) -> None:
    """In another process."""
    raise certpath.VerificationError.from_verdict(verdict)


def sent(value: Any, protocol: int = pickle.DEFAULT_PROTOCOL) -> Any:
    """What comes back from a pickle."""
    return pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - ours


def damaged(state: Any) -> Iterator[Any]:
    """The same nested tuples and lists with one thing changed, in every way and in every place."""
    others: tuple[Any, ...] = (None, -1, 1 << 70, "x", "\ud800", b"x", (), [], 1.5)
    yield from (wrong for wrong in others if wrong != state)
    if isinstance(state, bool):
        yield not state
    elif isinstance(state, int):
        yield state + 1
    elif isinstance(state, (str, bytes)):
        yield state[:-1]
    if isinstance(state, (tuple, list)):
        make = type(state)
        for index, part in enumerate(state):
            yield make([*state[:index], *state[index + 1 :]])
            yield make([*state[:index], part, *state[index:]])
            for wrong in damaged(part):
                yield make([*state[:index], wrong, *state[index + 1 :]])


class TestVerdict:
    @pytest.mark.parametrize("preset", PRESETS)
    def test_what_comes_back_says_the_same(self, preset: str) -> None:
        """Every attribute and every form, whatever the policy, and by every way of copying."""
        ways: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy]
        ways += [
            functools.partial(sent, protocol=protocol) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
        ]
        made = verdicts(preset)
        assert {verdict.ok for verdict in made} == ({False} if preset == "cabf" else {True, False})
        for verdict in made:
            said = told(verdict)
            for way in ways:
                assert way(verdict) == verdict
                assert hash(way(verdict)) == hash(verdict)
            assert told(sent(verdict)) == said

    def test_there_is_something_in_every_attribute(self) -> None:
        """Else the test above proves nothing about it."""
        said = [told(verdict) for preset in PRESETS for verdict in verdicts(preset)]
        of = {name: {repr(one[name]) for one in said} for name in said[0]}
        same = {name for name, values in of.items() if len(values) == 1}
        assert same == {"schema_version", "exceptions", "policies", "weak", "never_valid"} & same
        assert {"'san_dns'", "'san_email'", "'san_uri'"} <= of["name_by"]
        assert any(one["repaired"] and len(one["stores_now"]) == 2 for one in said)

    @pytest.mark.parametrize("preset", PRESETS)
    def test_compares_by_value(self, preset: str) -> None:
        """The verdicts of another verifier are equal where all they say is, and only there."""
        made = verdicts(preset)
        again = verdicts.__wrapped__(preset)
        # Some certificates are made anew, so that some verdicts are about others.
        of_made, of_again = [[told(verdict) for verdict in those] for those in (made, again)]
        for (one, said), (other, also) in itertools.product(
            zip(made, of_made, strict=True), zip(again, of_again, strict=True)
        ):
            assert (one == other) == (said == also)
            assert hash(one) == hash(other) or one != other
        for one, other in itertools.combinations(made, 2):
            assert one != other
        assert len(set(made)) == len(made)
        assert made[0] != object()

    def test_in_another_process(self) -> None:
        """There and back, and as what an exception carries."""
        made = [*verdicts("webpki"), *verdicts("cabf")[:3]]
        refused = next(verdict for verdict in made if not verdict)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            again, said = pool.apply(told_elsewhere, (made,))
            with pytest.raises(certpath.VerificationError) as caught:
                pool.apply(raises, (refused,))
        assert again == made
        assert said == [told(verdict) for verdict in made]
        assert caught.value.verdict == refused

    def test_holds_what_it_is_about(self) -> None:
        """And not all of Mozilla's roots."""
        store = certpath.TrustStore.mozilla() | failures.ROOT.store
        verdict = certpath.Verifier(store, policy="webpki").check(
            [failures.LEAF.der, failures.CA.der], at=pki.AT
        )
        assert verdict.ok
        assert len(pickle.dumps(verdict)) < 4_096

    @pytest.mark.parametrize("preset", ["ssl", "webpki"])
    def test_what_is_damaged_is_refused(self, preset: str) -> None:
        """Or is a verdict all the same, of which everything can be asked; and none becomes accepted."""
        made = verdicts(preset)
        lent = [verdict for verdict in made if verdict.repaired and verdict.ok][:1]
        for verdict in [made[0], made[1], *lent]:
            restore, (state,) = verdict.__reduce__()
            assert restore is _certpath._verdict
            refused = 0
            for wrong in damaged(state):
                try:
                    again = restore(wrong)
                except (ValueError, TypeError):
                    refused += 1
                    continue
                assert again.ok == verdict.ok
                assert all((again.to_json(), again.to_censys(), again.explain()))
                assert (again == verdict) <= (hash(again) == hash(verdict))
            assert refused > 200

    def test_what_contradicts_itself_is_refused(self) -> None:
        """Fingerprints of others, stores that are not there, a search where none is made."""
        good, bad = verdicts("webpki")[0], verdicts("webpki")[1]
        assert (good.ok, bad.ok) == (True, False)
        _, (of_good,) = good.__reduce__()
        _, (of_bad,) = bad.__reduce__()
        _, (of_ssl,) = verdicts("ssl")[0].__reduce__()
        for state in (
            ("ok", *of_bad[1:]),
            ("invalid", *of_good[1:]),
            (*of_good[:5], b"\0" * 32, *of_good[6:]),
            (*of_good[:6], ([], True), *of_good[7:]),
            (*of_good[:6], (of_good[6][0], False), *of_good[7:]),
            (*of_good[:9], (((8, *of_good[9][0][1:]), *of_good[9][1:])), *of_good[10:]),
            (*of_ssl[:9], of_good[9], *of_ssl[10:]),
        ):
            with pytest.raises(ValueError, match="not a verdict: "):
                _certpath._verdict(state)

    def test_a_path_of_other_certificates_is_refused(self) -> None:
        """Each member has to be there, wherever it says that it comes from."""
        made = [verdict for verdict in verdicts("webpki") if verdict.ok]
        sources = set()
        for verdict in made:
            _, (state,) = verdict.__reduce__()
            path, anchored = state[6]
            for place, (source, position, sha256) in enumerate(path):
                sources.add(source)
                other = bytes([sha256[0] ^ 1, *sha256[1:]])
                wrong = [*path[:place], (source, position, other), *path[place + 1 :]]
                with pytest.raises(ValueError, match="a certificate of a path is not there"):
                    _certpath._verdict((*state[:6], (wrong, anchored), *state[7:]))
        assert sources == {"presented", "store", "pool"}


class TestPath:
    def test_copies_pickles_and_compares(self) -> None:
        """By its certificates, whatever the policy."""
        chain = [failures.LEAF.der, failures.CA.der]
        searched = certpath.Verifier(failures.ROOT.store, policy="webpki").verify(chain, pki.HOST, at=pki.AT)
        assert sent(searched) == searched
        assert sent(searched).verdict == searched.verdict
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
