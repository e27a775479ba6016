"""What is handed in counts or is complained of: revocation lists, columns, arguments, names."""

from __future__ import annotations

import copy
import datetime
import ipaddress
import pickle
import ssl
import warnings
from pathlib import Path
from typing import Any

import certpath
import pytest
from certpath import IntermediatePool, Policy, TrustStore, Verifier
from cryptography import x509
from support import pki

LEAF, CA, ROOT = pki.three()
CHAIN = [LEAF.der, CA.der]
REVOKING = pki.crl(CA, [(LEAF.certificate.serial_number, None)])
PRESETS = ["ssl", "webpki", "rfc5280", "cabf"]
SEARCHING = PRESETS[1:]
SSL = 0x8000


def made(preset: str, **knobs: Any) -> Policy:
    policy: Policy = getattr(Policy, preset)(**knobs)
    return policy


def revoked(verifier: Verifier) -> bool:
    verdict = verifier.check(CHAIN, pki.HOST, at=pki.AT)
    batch = verifier.check_many([CHAIN], pki.HOST, at=pki.AT)[0]
    assert (batch.verify_code, batch.revoked) == (verdict.verify_code, verdict.revoked)
    if verifier.policy.preset != "cabf":  # whose profile our plain certificates do not fit
        assert verdict.ok != bool(verdict.revoked)
    return verdict.revoked is True


class TestRevocationLists:
    """Lists that are handed in are asked, unless somebody has said that they are not."""

    @pytest.mark.parametrize("policy", [None, *PRESETS, *map(made, PRESETS)], ids=str)
    def test_count_where_nobody_has_said_otherwise(self, policy: Any) -> None:
        """Under every preset, by name or made, and without a policy."""
        verifier = Verifier(ROOT.store, policy=policy, crls=REVOKING)
        assert revoked(verifier)
        assert verifier.policy.crl_check == "leaf"
        assert not revoked(Verifier(ROOT.store, policy=policy))
        assert Verifier(ROOT.store, policy=policy, crls=[]).policy.crl_check is None

    @pytest.mark.parametrize(
        "policy",
        [
            *(made(preset, crl_check=None) for preset in PRESETS),
            *(made(preset).replace(crl_check=None) for preset in PRESETS),
            *(made(preset, crl_check="leaf").replace(crl_check=None) for preset in PRESETS),
            Policy.ssl(SSL),
            Policy.ssl(0),
            Policy.ssl(SSL | 0x8),
            Policy.ssl(SSL, crl_check=None),
            Policy.ssl().replace(flags=SSL | ssl.VERIFY_X509_STRICT),
        ],
        ids=str,
    )
    def test_who_says_otherwise_is_obeyed_and_warned(self, policy: Policy) -> None:
        """``crl_check=None``, or flags without CRL_CHECK: CRL_CHECK_ALL does nothing on its own."""
        with pytest.warns(UserWarning, match="crls: the policy says that they are not asked") as seen:
            verifier = Verifier(ROOT.store, policy=policy, crls=REVOKING)
        assert Path(seen[0].filename) == Path(__file__)
        assert not revoked(verifier)
        assert verifier.policy == policy
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            Verifier(ROOT.store, policy=policy)
            Verifier(ROOT.store, policy=policy, crls=[])

    @pytest.mark.parametrize("preset", PRESETS)
    def test_who_wants_the_whole_chain_gets_it(self, preset: str) -> None:
        """What was said is not made less."""
        policy = made(preset, crl_check="chain")
        verifier = Verifier(ROOT.store, policy=policy, crls=[pki.crl(CA), pki.crl(ROOT)])
        assert verifier.policy == policy
        assert verifier.check(CHAIN, at=pki.AT).revoked is False
        assert Verifier(ROOT.store, policy=policy, crls=pki.crl(CA)).check(CHAIN, at=pki.AT).revoked is None

    @pytest.mark.parametrize("preset", PRESETS)
    def test_a_policy_remembers_whether_it_was_said(self, preset: str) -> None:
        """In equality, hash, repr, copies, pickles and `replace`."""
        silent, said = made(preset), made(preset, crl_check=None)
        assert silent != said
        assert (silent.flags, silent.crl_check) == (said.flags, said.crl_check)
        assert hash(silent) == hash(made(preset))
        assert repr(silent) != repr(said)
        for policy in (silent, said, made(preset, crl_check="leaf"), silent.replace(max_depth=3)):
            assert eval(repr(policy), {"Policy": Policy}) == policy  # noqa: S307 - our own text
            assert copy.copy(policy) == copy.deepcopy(policy) == policy
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                assert pickle.loads(pickle.dumps(policy, protocol)) == policy  # noqa: S301 - our own pickle
        assert revoked(Verifier(ROOT.store, policy=silent.replace(max_depth=3), crls=REVOKING))
        assert said.replace(crl_check="leaf") == made(preset, crl_check="leaf")

    @pytest.mark.parametrize("preset", PRESETS)
    def test_a_pickled_verifier_judges_alike_and_warns_no_second_time(self, preset: str) -> None:
        """The same in another process."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            asked = pickle.loads(pickle.dumps(Verifier(ROOT.store, policy=made(preset), crls=REVOKING)))  # noqa: S301
        assert revoked(asked)
        with pytest.warns(UserWarning, match="crls"):
            unasked = Verifier(ROOT.store, policy=made(preset, crl_check=None), crls=REVOKING)
        assert not revoked(pickle.loads(pickle.dumps(unasked)))  # noqa: S301 - our own pickle

    def test_a_context_keeps_the_rule_of_ssl(self, tmp_path: Path) -> None:
        """There the flags decide, as live `ssl` has it, and nobody is warned."""
        file = tmp_path / "trusted.pem"
        file.write_text(ROOT.pem + pki.crl_pem(REVOKING))
        for flags, wanted in [(0, False), (ssl.VERIFY_CRL_CHECK_LEAF, True)]:
            context = certpath.create_default_context(cafile=file)
            context.verify_flags |= flags
            verifier = context.verifier()
            assert (revoked(verifier), verifier.crl_count) == (wanted, 1)

    @pytest.mark.parametrize("form", ["bytes", "bytearray", "memoryview", "text", "path", "cryptography"])
    @pytest.mark.parametrize("wrapped", [False, True])
    def test_forms(self, form: str, wrapped: bool, tmp_path: Path) -> None:
        """Octets, text, a file and the object of another library, alone or among others."""
        file = tmp_path / "list.crl"
        file.write_bytes(REVOKING)
        crls: Any = {
            "bytes": REVOKING,
            "bytearray": bytearray(REVOKING),
            "memoryview": memoryview(REVOKING),
            "text": pki.crl_pem(REVOKING),
            "path": file,
            "cryptography": x509.load_der_x509_crl(REVOKING),
        }[form]
        assert revoked(Verifier(ROOT.store, crls=iter([pki.crl(ROOT), crls]) if wrapped else crls))


class TestArguments:
    """What is meant beyond doubt works; anything else is an error that says what to write."""

    @pytest.mark.parametrize("preset", PRESETS)
    def test_presets_by_name(self, preset: str) -> None:
        """``policy="webpki"``."""
        assert Verifier(ROOT.store, policy=preset).policy == made(preset)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("policy", "error", "said"),
        [
            ("webpkl", ValueError, "the presets are ssl, webpki, rfc5280, cabf"),
            ("", ValueError, "the presets are"),
            (Policy.webpki, TypeError, r"call it, as in Policy.webpki\(\)"),
            (SSL, TypeError, "must be a Policy, the name of a preset"),
            (b"webpki", TypeError, "must be a Policy, the name of a preset"),
        ],
    )
    def test_what_is_no_policy(self, policy: Any, error: type[Exception], said: str) -> None:
        """Named with what there is."""
        with pytest.raises(error, match=said):
            Verifier(ROOT.store, policy=policy)

    @pytest.mark.parametrize(
        "store",
        [
            "mozilla",
            ROOT.pem,
            ROOT.der,
            bytearray(ROOT.der),
            Path("roots.pem"),
            ROOT.certificate,
            [ROOT.der],
            1,
        ],
        ids=lambda one: type(one).__name__,
    )
    def test_what_is_no_store(self, store: Any) -> None:
        """The constructors are named."""
        with pytest.raises(TypeError, match=r"store must be a TrustStore .* TrustStore\.from_path"):
            Verifier(store)

    @pytest.mark.parametrize("pool", ["pool.pem", CA.der, [CA.certificate], ROOT.store])
    def test_what_is_no_pool(self, pool: Any) -> None:
        """The constructors are named."""
        with pytest.raises(
            TypeError, match=r"pool must be an IntermediatePool .* IntermediatePool\.from_path"
        ):
            Verifier(ROOT.store, pool=pool, policy="webpki")

    def test_a_pool_that_would_not_be_used(self) -> None:
        """Under `Policy.ssl` it is an error, not a thing that is passed over."""
        with pytest.raises(ValueError, match=r"pool: Policy\.ssl judges the presented chain alone"):
            Verifier(ROOT.store, pool=IntermediatePool.from_der(CA.der))

    def test_a_path_is_a_chain(self, tmp_path: Path) -> None:
        """`pathlib.Path`: the file, PEM or DER, as a chain, certificate or store; a `str` is never one."""
        pem, der = tmp_path / "chain.pem", tmp_path / "leaf.der"
        pem.write_text(pki.chain_pem([LEAF, CA]))
        der.write_bytes(LEAF.der)
        verifier = Verifier(ROOT.store)
        assert verifier.check(pem, pki.HOST, at=pki.AT).ok
        assert verifier.check([der, CA.der], pki.HOST, at=pki.AT).ok
        assert certpath.Certificate(der).der == LEAF.der
        assert len(TrustStore.from_pem(pem)) == 2
        assert len(IntermediatePool.from_der([der])) == 1
        with pytest.raises(FileNotFoundError, match=r"absent\.pem"):
            verifier.check(tmp_path / "absent.pem", at=pki.AT)
        verdict = verifier.check(str(pem), at=pki.AT)
        assert verdict.status == "unparseable"
        assert "pathlib.Path" in str(verdict.findings[0].facts["problem"])

    def test_a_path_that_cannot_be_read_costs_its_row_only(self, tmp_path: Path) -> None:
        """Rows of a batch never raise."""
        pem = tmp_path / "chain.pem"
        pem.write_text(pki.chain_pem([LEAF, CA]))
        verdicts = Verifier(ROOT.store).check_many([tmp_path / "absent", pem, tmp_path], pki.HOST, at=pki.AT)
        assert [verdict.status for verdict in verdicts] == ["input_error", "ok", "input_error"]

    @pytest.mark.parametrize(
        "one",
        [
            LEAF.der,
            bytearray(LEAF.der),
            memoryview(LEAF.der),
            pki.chain_pem([LEAF, CA]),
            "chain.pem",
            Path("chain.pem"),
            certpath.Certificate(LEAF.der),
            LEAF.certificate,
        ],
        ids=lambda one: type(one).__name__,
    )
    def test_one_chain_where_many_belong(self, one: Any) -> None:
        """Its octets are not a chain each: TypeError that says what to write."""
        with pytest.raises(TypeError, match="chains must be an iterable of chains"):
            Verifier(ROOT.store).check_many(one, pki.HOST, at=pki.AT)

    @pytest.mark.parametrize("what", [{LEAF.der}, frozenset([LEAF.der]), {LEAF.der: CA.der}])
    def test_what_has_no_order(self, what: Any) -> None:
        """A set is no chain, no batch and no column of names."""
        verifier = Verifier(ROOT.store)
        with pytest.raises(TypeError, match="must be in order, as a list or tuple is"):
            verifier.check(what, at=pki.AT)
        with pytest.raises(TypeError, match="must be in order"):
            verifier.check_many(what, at=pki.AT)
        with pytest.raises(TypeError, match="must be in order"):
            verifier.check_many([CHAIN], what, at=pki.AT)
        assert verifier.check_many([what], at=pki.AT)[0].status == "input_error"

    def test_a_table_where_chains_belong(self) -> None:
        """Iterating over it would give columns."""
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        table = pa.table({"chain": [CHAIN]})
        with pytest.raises(TypeError, match=r"write check_arrow\(table\)"):
            Verifier(ROOT.store).check_many(table, at=pki.AT)

    def test_generators_and_nothing(self) -> None:
        """Any iterable is a chain or a batch; ``None`` among certificates costs its row."""
        verifier = Verifier(ROOT.store)
        generator: Any = (der for der in CHAIN)
        assert verifier.check(generator, pki.HOST, at=pki.AT).ok
        rows: Any = iter([CHAIN, [LEAF.der, None], None, (der for der in CHAIN)])
        verdicts = verifier.check_many(rows, pki.HOST, at=pki.AT)
        assert [verdict.status for verdict in verdicts] == ["ok", "input_error", "input_error", "ok"]

    @pytest.mark.parametrize("policy", PRESETS)
    def test_addresses_of_ipaddress(self, policy: Any) -> None:
        """An address object is a name; a network, an interface and a zone are none."""
        leaf = pki.issue("leaf", CA, extensions=[(pki.sans("192.0.2.1", "2001:db8::1"), False)])
        verifier = Verifier(ROOT.store, policy=policy)
        for address in (ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("2001:db8::1")):
            assert verifier.check([leaf.der, CA.der], address, at=pki.AT).name_ok
            assert verifier.check_many([[leaf.der, CA.der]], address, at=pki.AT)[0].name_ok
            assert verifier.check_many([[leaf.der, CA.der]], [address], at=pki.AT)[0].name_ok
            assert certpath.canonical_hostname(address) == str(address)
        assert verifier.check([leaf.der], ipaddress.ip_address("192.0.2.2"), at=pki.AT).name_ok is False
        with pytest.raises(ValueError, match="has a zone"):
            verifier.check([leaf.der], ipaddress.ip_address("fe80::1%eth0"), at=pki.AT)
        wrong: Any
        for wrong in (
            ipaddress.ip_network("192.0.2.0/24"),
            ipaddress.ip_interface("192.0.2.1/24"),
            [pki.HOST],
        ):
            with pytest.raises(TypeError, match="name must be str, bytes, an address"):
                verifier.check([leaf.der], wrong, at=pki.AT)

    @pytest.mark.parametrize(
        ("at", "error", "said"),
        [
            ("2026", TypeError, r"write datetime\.datetime\("),
            ("2026-01-15T12:00:00Z", TypeError, r"write datetime\.datetime\("),
            (b"2026", TypeError, r"write datetime\.datetime\("),
            (datetime.date(2026, 1, 15), TypeError, "a day is not a moment"),
            (datetime.datetime(2026, 1, 15), ValueError, "it has no time zone"),  # noqa: DTZ001 - that is the point
            (float("nan"), ValueError, "outside the years"),
            (float("inf"), ValueError, "outside the years"),
            (True, TypeError, "not bool"),
        ],
    )
    def test_what_is_no_time(self, at: Any, error: type[Exception], said: str) -> None:
        """Never 1970 for a year; in a batch it is the argument's error as well."""
        verifier = Verifier(ROOT.store)
        for judge in (verifier.check, verifier.verify):
            with pytest.raises(error, match=said):
                judge(CHAIN, at=at)
        with pytest.raises(error, match=said):
            verifier.check_many([CHAIN], at=at)

    def test_numbers_of_numpy(self) -> None:
        """Scalars are seconds; a datetime64, which has no zone, says what to write."""
        np = pytest.importorskip("numpy", reason="numpy is not installed")
        verifier = Verifier(ROOT.store)
        for kind in (np.int64, np.float64, np.uint32):
            assert verifier.check(CHAIN, at=kind(pki.AT.timestamp())).at == pki.AT
        with pytest.raises(TypeError, match="it has no time zone"):
            verifier.check(CHAIN, at=np.datetime64("2026-01-15"))


MISTAKES = [
    ("https://www.example.test/", pki.HOST),
    ("www.example.test:443", pki.HOST),
    ("www.example.test/path", pki.HOST),
    (" www.example.test", pki.HOST),
    ("[2001:db8::1]", "2001:db8::1"),
    ("[2001:db8::1]:8443", "2001:db8::1"),
    ("https://user@www.example.test:8443/?q", pki.HOST),
    ("DNS:www.example.test", pki.HOST),
    ("a b", None),
    ("*.example.test", None),
    ("https://", None),
    ("192.0.2.256", None),
]


class TestNames:
    """What is not a name is told from a name that does not match."""

    @pytest.mark.parametrize("preset", SEARCHING)
    @pytest.mark.parametrize(("name", "instead"), MISTAKES)
    def test_under_the_searching_policies(self, name: str, instead: str | None, preset: Any) -> None:
        """An `input_error` that says what to write, alone and in a batch; `paths` raises ValueError."""
        verifier = Verifier(ROOT.store, policy=preset)
        said = f"write {instead or 'one DNS name or IP address'}$"
        for form in (name, name.encode()):
            with pytest.raises(ValueError, match=said):
                verifier.paths(CHAIN, form, at=pki.AT)
            with pytest.raises(certpath.VerificationError) as caught:
                verifier.verify(CHAIN, form, at=pki.AT)
            assert caught.value.verdict is not None
            assert caught.value.verdict.name_problem == verifier.check(CHAIN, form, at=pki.AT).name_problem
        for verdict in (
            verifier.check(CHAIN, name, at=pki.AT),
            verifier.check_many([CHAIN], name, at=pki.AT)[0],
            verifier.check_many([CHAIN], [name], at=pki.AT)[0],
        ):
            assert (verdict.status, verdict.ok, verdict.name) == ("input_error", False, None)
            assert verdict.name_problem is not None
            assert verdict.name_problem.endswith(said[:-1])
            assert verdict.to_dict()["name_problem"] == verdict.name_problem
            assert pickle.loads(pickle.dumps(verdict)).name_problem == verdict.name_problem  # noqa: S301
        assert verifier.check_many([CHAIN], pki.HOST, at=pki.AT)[0].name_problem is None

    @pytest.mark.parametrize(("name", "instead"), MISTAKES)
    def test_ssl_keeps_its_own_rule(self, name: str, instead: str | None) -> None:
        """There it is a host that nothing matches, as for a context of `ssl`, bar brackets and the like."""
        del instead
        verdict = Verifier(ROOT.store).check(CHAIN, name, at=pki.AT)
        assert verdict.verify_code == 62
        assert Verifier(ROOT.store).check_many([CHAIN], name, at=pki.AT)[0].verify_code == 62

    @pytest.mark.parametrize("preset", SEARCHING)
    @pytest.mark.parametrize("name", ["", ".", "a..b", "x" * 64 + ".test", "a\0b"])
    def test_what_was_an_error_before(self, name: str, preset: Any) -> None:
        """Has its problem in the column, too."""
        verdict = Verifier(ROOT.store, policy=preset).check_many([CHAIN], name, at=pki.AT)[0]
        assert verdict.status == "input_error"
        assert verdict.name_problem

    def test_in_columns(self) -> None:
        """`name_problem` says why, also beside IDNA, and is null everywhere else."""
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        names = [
            pki.HOST,
            "https://bücher.example/",
            None,
            "www.example.test:443",
            "b\u00fccher.example",
            "other.test",
        ]
        table = pa.table({"chain": [CHAIN] * 6, "name": names})
        verdicts = pa.table(Verifier(ROOT.store, policy="webpki").check_arrow(table, at=pki.AT))
        assert [status == "input_error" for status in verdicts["status"].to_pylist()] == [0, 1, 0, 1, 0, 0]
        problems = verdicts["name_problem"].to_pylist()
        assert [problem is not None for problem in problems] == [False, True, False, True, False, False]
        assert problems[1].endswith("write bücher.example")
        assert problems[3].endswith("write www.example.test")


class TestOrder:
    """The CA in front of the end entity is said as such."""

    @pytest.mark.parametrize("policy", PRESETS)
    def test_the_certificate_for_the_name_is_numbered(self, policy: Any) -> None:
        """In the finding, its sentence and the faults of the chain."""
        verdict = Verifier(ROOT.store, policy=policy).check([CA.der, LEAF.der], pki.HOST, at=pki.AT)
        assert not verdict.ok
        finding = next(one for one in verdict.findings if one.name == "hostname_mismatch")
        assert finding.facts["number"] == 2
        assert f"the certificate for {pki.HOST} is number 2" in finding.detail
        assert "ca_first" in verdict.deployment
        assert f"the certificate for {pki.HOST} is number 2" in verdict.explain()

    def test_not_where_it_is_not_so(self) -> None:
        """A chain in order, another name, and a CA alone."""
        verifier = Verifier(ROOT.store)
        for chain, name in [(CHAIN, pki.HOST), (CHAIN, "other.test"), ([CA.der, ROOT.der], pki.HOST)]:
            verdict = verifier.check(chain, name, at=pki.AT)
            assert "ca_first" not in verdict.deployment
            assert all("number" not in finding.facts for finding in verdict.findings)

    def test_in_the_shared_file(self, shared: Path) -> None:
        """`ca-first.pem` is refused and says which certificate is meant."""
        folder = shared / "doors"
        verifier = Verifier(TrustStore.from_path(folder / "roots.pem"))
        verdict = verifier.check(folder / "ca-first.pem", "good.example.test", at=pki.AT)
        assert (verdict.ok, verdict.findings[0].facts["number"]) == (False, 2)


class TestColumns:
    """A column that is named and not there, or there under another name, is never passed over."""

    @staticmethod
    def table(**columns: Any) -> Any:
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        return pa.table({"chain": [CHAIN], **columns})

    @pytest.mark.parametrize("argument", ["leaf", "chain", "name", "time", "key"])
    def test_a_named_column_that_is_not_there(self, argument: str) -> None:
        """The columns that there are are named, before anything is judged; the usual name is one, too."""
        verifier = Verifier(ROOT.store)
        table = self.table(comment=["other.test"])
        for name in ("commend", "", "leaf" if argument == "chain" else argument):
            with pytest.raises(TypeError, match=r"there is no column .*, which have chain, comment"):
                verifier.check_arrow(table, at=pki.AT, **{argument: name})  # type: ignore[arg-type]

    def test_a_slip_is_seen(self) -> None:
        """`hots` may be `host`; with it the name is checked."""
        verifier = Verifier(ROOT.store)
        table = self.table(host=["other.test"])
        with pytest.raises(TypeError, match='say name="host"'):
            verifier.check_arrow(table, at=pki.AT, name="hots")
        assert not verifier.check_arrow(table, at=pki.AT, name="host").read_all()[0].ok
        assert verifier.check_arrow(table, at=pki.AT, name=None).read_all()[0].ok

    @pytest.mark.parametrize(
        "column",
        ["hostname", "host", "Host", "domain", "sni", "server_name", "Name", "names", "nmae", "fqdn"],
    )
    def test_a_default_name_that_is_there_under_another(self, column: str) -> None:
        """Unless ``name=None`` says that there is none."""
        verifier = Verifier(ROOT.store)
        table = self.table(**{column: ["other.test"]})
        with pytest.raises(TypeError, match=rf'no column name, but {column}.*say name="{column}".*name=None'):
            verifier.check_arrow(table, at=pki.AT)
        assert verifier.check_arrow(table, at=pki.AT, name=None, keep=[column]).read_all()[0].ok
        beside = self.table(**{column: ["other.test"], "name": [pki.HOST]})
        assert verifier.check_arrow(beside, at=pki.AT).read_all()[0].name == pki.HOST

    def test_columns_that_are_no_names(self) -> None:
        """Numbers, and what is called otherwise."""
        verifier = Verifier(ROOT.store)
        table = self.table(host=[7], ip=["192.0.2.1"], comment=["x"])
        assert verifier.check_arrow(table, at=pki.AT).read_all()[0].ok

    def test_the_end_entity_under_another_name(self) -> None:
        """Or the CA would be judged in its place."""
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        verifier = Verifier(ROOT.store)
        table = pa.table({"end_entity": [LEAF.der], "chain": [[CA.der]], "name": [pki.HOST]})
        with pytest.raises(TypeError, match='say leaf="end_entity"'):
            verifier.check_arrow(table, at=pki.AT)
        assert verifier.check_arrow(table, at=pki.AT, leaf="end_entity").read_all()[0].ok
        assert not verifier.check_arrow(table, at=pki.AT, leaf=None).read_all()[0].ok
        other = pa.table({"leaf": [LEAF.der], "intermediates": [[CA.der]], "name": [pki.HOST]})
        with pytest.raises(TypeError, match='say chain="intermediates"'):
            verifier.check_arrow(other, at=pki.AT)
        assert verifier.check_arrow(other, at=pki.AT, chain="intermediates").read_all()[0].ok
        assert not verifier.check_arrow(other, at=pki.AT, chain=None).read_all()[0].ok

    def test_the_time_under_another_name(self) -> None:
        """Unless the time is said for all rows."""
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        verifier = Verifier(ROOT.store)
        table = self.table(timestamp=pa.array([pki.at(2019)], pa.timestamp("s", "UTC")))
        with pytest.raises(TypeError, match='say time="timestamp"'):
            verifier.check_arrow(table)
        assert verifier.check_arrow(table, time="timestamp").read_all()[0].at == pki.at(2019)
        assert verifier.check_arrow(table, at=pki.AT).read_all()[0].ok

    def test_a_table_of_certificates_and_what_it_does_not_read(self) -> None:
        """`chain` and `leaf` beside `certificates`, and `ids` without, are errors where they are named."""
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        verifier = Verifier(ROOT.store)
        certificates = pa.table({"der": CHAIN})
        rows = pa.table({"ids": [[0, 1]], "chain": [CHAIN]})
        assert verifier.check_arrow(rows, certificates=certificates, at=pki.AT).read_all()[0].ok
        with pytest.raises(TypeError, match="not read where certificates are in a table"):
            verifier.check_arrow(rows, certificates=certificates, chain="chain", at=pki.AT)
        with pytest.raises(TypeError, match="needs certificates"):
            verifier.check_arrow(rows, ids="ids", at=pki.AT)
        with pytest.raises(TypeError, match='say ids="certs"'):
            verifier.check_arrow(pa.table({"certs": [[0, 1]]}), certificates=certificates, at=pki.AT)

    def test_two_columns_of_one_name(self) -> None:
        """Nobody knows which is meant."""
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        table = pa.table([[CHAIN], ["a.test"], [pki.HOST]], names=["chain", "name", "name"])
        with pytest.raises(TypeError, match="2 columns name"):
            Verifier(ROOT.store).check_arrow(table, at=pki.AT)

    @pytest.mark.parametrize("name", [1, b"host", ["host"]])
    def test_names_of_columns_are_text(self, name: Any) -> None:
        """Or ``None``."""
        with pytest.raises(TypeError, match="name"):
            Verifier(ROOT.store).check_arrow(self.table(host=["a.test"]), name=name)
