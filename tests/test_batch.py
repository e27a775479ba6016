"""check_many and check_arrow: each row as if it were alone, whatever is shared, remembered or run at once."""

from __future__ import annotations

import datetime
import os
import random
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

import certpath
import pytest
from certpath import Policy, Verifier
from support import pki

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

LEAF, CA, ROOT = pki.three()
OTHER = pki.issue("other", CA, host="other.test")
SHORT = pki.issue("short", CA, not_before=pki.at(2025), not_after=pki.at(2026, 6, 1))
STRANGER = pki.issue("stranger", None)
POLICIES = [Policy.ssl(), Policy.webpki()]
CHAINS: list[list[bytes]] = [
    [LEAF.der, CA.der],
    [LEAF.der],
    [LEAF.der, CA.der, ROOT.der],
    [OTHER.der, CA.der],
    [SHORT.der, CA.der],
    [STRANGER.der],
    [CA.der],
    [LEAF.der[:-9] + bytes(9), CA.der],
    [LEAF.der[:-1]],
    [LEAF.der, b"junk", CA.der],
    [],
]
NAMES: list[str | None] = [pki.HOST, "other.test", "b\u00fccher.example", "a..b", "", None]
MOMENTS = [
    datetime.datetime(year, month, day, hour, tzinfo=datetime.timezone.utc)
    for year in (2019, 2024, 2026, 2050)
    for month, day, hour in ((1, 1, 0), (5, 31, 23), (6, 1, 0), (6, 1, 1), (12, 31, 23))
]


def mixed(rows: int, seed: int) -> list[tuple[list[bytes], str | None, datetime.datetime]]:
    """Rows at random, with many repeats."""
    chosen = random.Random(seed)
    return [(chosen.choice(CHAINS), chosen.choice(NAMES), chosen.choice(MOMENTS)) for _ in range(rows)]


def alone(verifier: Verifier, row: tuple[list[bytes], str | None, datetime.datetime]) -> dict[str, Any]:
    """The verdict on one row by a batch of its own, which for rows that raise is the only way."""
    chain, name, moment = row
    try:
        return verifier.check(chain, name, at=moment).to_dict()
    except ValueError:
        return verifier.check_many([chain], [name], at=moment, memory=0)[0].to_dict()


def columns(rows: Sequence[tuple[list[bytes], str | None, datetime.datetime]]) -> Any:
    """The rows as a table."""
    return pyarrow.table(
        {
            "chain": pyarrow.array([row[0] for row in rows], pyarrow.list_(pyarrow.binary())),
            "name": pyarrow.array([row[1] for row in rows], pyarrow.string()),
            "at": pyarrow.array([row[2] for row in rows], pyarrow.timestamp("ms", "UTC")),
            "key": pyarrow.array([f"row {number}" for number in range(len(rows))], pyarrow.string()),
        }
    )


@pytest.fixture(params=POLICIES, ids=lambda policy: policy.preset)
def verifier(request: pytest.FixtureRequest) -> Verifier:
    return Verifier(ROOT.store, policy=request.param)


class TestEachRowAlone:
    @pytest.mark.parametrize("threads", [1, 2, 8])
    @pytest.mark.parametrize("memory", [0, 1 << 16, 1 << 26])
    def test_in_any_company(self, verifier: Verifier, threads: int, memory: int) -> None:
        """The verdict on a row is that on the row alone, with repeats, other times and other names around it,
        in any order, remembered from an earlier batch or not."""
        rows = mixed(700, seed=threads)
        expected = [alone(Verifier(ROOT.store, policy=verifier.policy), row) for row in rows]
        for _ in range(2):
            chains, names, times = zip(*rows, strict=True)
            verdicts = verifier.check_many(chains, names, at=times, threads=threads, memory=memory)
            assert [verdict.to_dict() for verdict in verdicts] == expected
            order = random.Random(1).sample(range(len(rows)), len(rows))
            rows, expected = [rows[i] for i in order], [expected[i] for i in order]

    def test_ten_thousand_rows(self) -> None:
        """However many threads there are, and in whichever order the rows come."""
        policy = Policy.webpki()
        rows = mixed(10_000, seed=6)
        expected = [alone(Verifier(ROOT.store, policy=policy), row) for row in rows]
        for threads in (1, 2, 8):
            for _ in range(2):
                chains, names, times = zip(*rows, strict=True)
                verdicts = Verifier(ROOT.store, policy=policy).check_many(
                    chains, names, at=times, threads=threads
                )
                assert [verdict.to_dict() for verdict in verdicts] == expected
                order = random.Random(threads).sample(range(len(rows)), len(rows))
                rows, expected = [rows[i] for i in order], [expected[i] for i in order]

    def test_from_columns(self, verifier: Verifier) -> None:
        """The same rows in columns have the same verdicts."""
        rows = mixed(500, seed=5)
        chains, names, times = zip(*rows, strict=True)
        expected = [verdict.to_dict() for verdict in verifier.check_many(chains, names, at=times)]
        verdicts = verifier.check_arrow(columns(rows)).read_all()
        assert [verdict.to_dict() for verdict in verdicts] == expected

    def test_the_very_second(self) -> None:
        """What is remembered holds up to the last second before something changes and not beyond."""
        verifier = Verifier(ROOT.store)
        end = int(pki.at(2026, 6, 1).timestamp())
        for moment in (end - 1, end, end + 1, end - 1, end + 1, end):
            fresh = Verifier(ROOT.store).check([SHORT.der, CA.der], at=moment)
            assert verifier.check_many([[SHORT.der, CA.der]], at=moment)[0].to_dict() == fresh.to_dict()

    def test_crls_begin_and_end(self) -> None:
        """A remembered chain is judged again once a CRL has come or gone."""
        crl = pki.crl(CA, last_update=pki.at(2026), next_update=pki.at(2027))
        policy = Policy.ssl(crl_check="leaf")
        verifier = Verifier(ROOT.store, policy=policy, crls=crl)
        codes = [
            verifier.check_many([[LEAF.der, CA.der]], at=pki.at(year, 2))[0].verify_code
            for year in (2025, 2026, 2025, 2027, 2026)
        ]
        assert codes == [11, 0, 11, 12, 0]

    def test_the_facts_tell_the_rows_own_time(self) -> None:
        """Also where two rows share a verdict."""
        verdicts = Verifier(ROOT.store).check_many([[SHORT.der, CA.der]] * 2, at=[pki.at(2027), pki.at(2028)])
        assert [verdict.findings[0].facts["at"] for verdict in verdicts] == [
            "2027-01-01T00:00:00Z",
            "2028-01-01T00:00:00Z",
        ]
        assert [verdict.at for verdict in verdicts] == [pki.at(2027), pki.at(2028)]


class TestVerdicts:
    def test_is_a_sequence(self) -> None:
        """With negative indices, slices and IndexError."""
        verdicts = Verifier(ROOT.store).check_many(CHAINS, at=pki.AT)
        assert issubclass(type(verdicts), Sequence)
        assert len(verdicts) == len(CHAINS)
        assert [one.status for one in verdicts[::-3]] == [one.status for one in list(verdicts)[::-3]]
        assert verdicts[-1].status == "no_certificate"
        assert verdicts[0].path[0].der == LEAF.der
        for index in (len(CHAINS), -len(CHAINS) - 1):
            with pytest.raises(IndexError):
                verdicts[index]
        assert verdicts.counts() == {"ok": 3, "invalid": 5, "unparseable": 2, "no_certificate": 1}
        assert repr(verdicts) == "<Verdicts: 3 of 11 ok>"

    def test_views(self) -> None:
        """The words of other tools, row by row."""
        verdicts = Verifier(ROOT.store, policy=Policy.webpki()).check_many(CHAINS, pki.HOST, at=pki.AT)
        assert verdicts.to_zgrab2() == [verdict.to_zgrab2() for verdict in verdicts]
        assert verdicts.to_censys() == [verdict.to_censys() for verdict in verdicts]

    def test_the_columns_are_the_keys(self, verifier: Verifier) -> None:
        """Same names, same values; `work`, `paths_sha256`, `policy` and `schema_version` are not columns."""
        verdicts = verifier.check_many(CHAINS, pki.HOST, at=pki.AT)
        table = pyarrow.table(verdicts)
        left_out = {"work", "paths_sha256", "policy", "schema_version"}
        assert set(table.column_names) - {"row", "key"} == verdicts[0].to_dict().keys() - left_out
        for row, verdict in zip(table.to_pylist(), verdicts, strict=True):
            for key, value in verdict.to_dict().items():
                if key not in left_out:
                    assert plain(row[key], key) == plain(value, key), key
        metadata = table.schema.metadata
        assert metadata[b"certpath.stores"].decode().split("\n") == [ROOT.store.name]
        assert metadata[b"certpath.policy"].decode() == verifier.policy.preset
        assert pyarrow.record_batch(verdicts).equals(table.to_batches()[0])


def plain(value: Any, key: str) -> Any:
    """A value of a column or of `to_dict` in one form for both."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if key == "facts":
        pairs = value.items() if isinstance(value, dict) else value
        return {name: " | ".join(one) if isinstance(one, list) else str(one) for name, one in pairs}
    if isinstance(value, dict):
        return {name: plain(one, name) for name, one in value.items()}
    return [plain(one, key) for one in value] if isinstance(value, list) else value


class TestArguments:
    def test_times_for_each_row(self, verifier: Verifier) -> None:
        """As many as there are chains; None means now, what is not a time makes the row an input_error."""
        chain = [SHORT.der, CA.der]
        verdicts = verifier.check_many([chain] * 3, at=[pki.at(2025, 6), None, "then"])  # type: ignore[list-item]
        assert [verdict.status for verdict in verdicts] == ["ok", "invalid", "input_error"]
        with pytest.raises(ValueError, match="fewer times than chains"):
            verifier.check_many([chain] * 3, at=[pki.AT])
        with pytest.raises(ValueError, match="more times than chains"):
            verifier.check_many([chain], at=[pki.AT, pki.AT])

    @pytest.mark.parametrize("threads", [0, 1025])
    def test_threads(self, verifier: Verifier, threads: int) -> None:
        """ValueError outside 1 to 1024."""
        with pytest.raises(ValueError, match="threads must be 1 to 1024"):
            verifier.check_many(CHAINS, threads=threads)

    def test_progress(self, verifier: Verifier) -> None:
        """Called with what is done and what there is, at last with all; what it raises ends the batch."""
        calls: list[tuple[int, int | None]] = []
        verifier.check_many(CHAINS * 10, at=pki.AT, progress=lambda *call: calls.append(call))
        assert calls[-1] == (110, 110)
        assert all(done <= 110 and total == 110 for done, total in calls)

        def refuse(*_: object) -> None:
            raise LookupError("enough")

        with pytest.raises(LookupError, match="enough"):
            verifier.check_many(CHAINS, progress=refuse)


class TestColumns:
    """What check_arrow takes; tests/test_columns.py has the libraries that give it."""

    def test_leaf_and_rest(self) -> None:
        """The end entity in a column of its own; a null one is not a chain."""
        table = pyarrow.table(
            {
                "leaf": pyarrow.array([LEAF.der, LEAF.der, None], pyarrow.binary()),
                "chain": pyarrow.array([[CA.der], None, [CA.der]], pyarrow.list_(pyarrow.binary())),
            }
        )
        verdicts = Verifier(ROOT.store).check_arrow(table, at=pki.AT).read_all()
        assert [verdict.status for verdict in verdicts] == ["ok", "invalid", "no_certificate"]

    def test_numbers_and_fingerprints(self) -> None:
        """Rows of a table of certificates, by position, by number or by fingerprint; what is not there costs
        its row alone."""
        ders = [LEAF.der, CA.der]
        prints = [certpath.Certificate(der).sha256 for der in ders]
        verifier = Verifier(ROOT.store)
        for certificates, ids in (
            ({"der": ders}, [[0, 1], [0], [0, 7]]),
            ({"der": ders, "id": [70, 30]}, [[70, 30], [70], [70, 1]]),
            ({"der": ders, "sha256": prints}, [prints, prints[:1], [prints[0], bytes(32)]]),
        ):
            hosts = pyarrow.table({"ids": ids, "name": [pki.HOST] * 3})
            table = pyarrow.table(certificates)
            verdicts = verifier.check_arrow(hosts, certificates=table, at=pki.AT).read_all()
            assert [verdict.status for verdict in verdicts] == ["ok", "invalid", "input_error"]
            assert "there is no certificate" in str(verdicts[2].findings[0].facts["problem"])

    def test_null_inside_a_chain(self) -> None:
        """Costs its row alone and says which certificate."""
        table = pyarrow.table({"chain": pyarrow.array([[LEAF.der, None]], pyarrow.list_(pyarrow.binary()))})
        (verdict,) = Verifier(ROOT.store).check_arrow(table, at=pki.AT).read_all()
        assert verdict.findings[0].facts["problem"] == "certificate 1 of the chain is null"

    @pytest.mark.parametrize(
        ("column", "kind"),
        [("chain", pyarrow.int32()), ("chain", pyarrow.list_(pyarrow.int8())), ("name", pyarrow.binary())],
        ids=str,
    )
    def test_a_wrong_type_names_the_column(self, column: str, kind: Any) -> None:
        """Before anything is judged."""
        chains = pyarrow.array([], pyarrow.list_(pyarrow.binary()))
        table = pyarrow.table({"chain": chains, column: pyarrow.array([], kind)})
        with pytest.raises(TypeError, match=f"column {column}: .* expected, found"):
            Verifier(ROOT.store).check_arrow(table)

    def test_a_missing_column_says_what_there_is(self) -> None:
        """And so does an object without columns."""
        with pytest.raises(TypeError, match="no column chain in the rows, which have host, port"):
            Verifier(ROOT.store).check_arrow(pyarrow.table({"host": [""], "port": [1]}))
        with pytest.raises(TypeError, match="data must have __arrow_c_stream__"):
            Verifier(ROOT.store).check_arrow([LEAF.der])  # type: ignore[arg-type]

    def test_kept_columns(self) -> None:
        """Stand beside the verdicts, row by row; a name that verdicts have themselves is refused."""
        rows = mixed(200, seed=9)
        table = columns(rows).append_column("host", pyarrow.array([f"h{n}" for n in range(200)]))
        verifier = Verifier(ROOT.store)
        out = pyarrow.table(verifier.check_arrow(table, keep=["host", "chain"]))
        assert out["host"].to_pylist() == table["host"].to_pylist()
        assert out["chain"].to_pylist() == table["chain"].to_pylist()
        assert out["key"].to_pylist() == table["key"].to_pylist()
        with pytest.raises(ValueError, match="verdicts have a column name themselves"):
            verifier.check_arrow(table, keep=["name"])
        with pytest.raises(KeyError, match="no column nothing"):
            verifier.check_arrow(table, keep=["nothing"])

    def test_all_columns_are_kept_once(self) -> None:
        """What is read as name, time and key stands among the verdicts anyway; no other is lost."""
        table = columns(mixed(20, seed=9)).append_column("host", pyarrow.array(range(20)))
        verifier = Verifier(ROOT.store)
        own = pyarrow.table(verifier.check_arrow(table)).column_names
        out = pyarrow.table(verifier.check_arrow(table, keep=True))
        assert out.column_names == [*own, "chain", "host"]
        renamed = table.rename_columns(["chain", "asked", "at", "key", "host"])
        out = pyarrow.table(verifier.check_arrow(renamed, keep=True, name="asked"))
        assert out.column_names == [*own, "chain", "asked", "host"]
        for column in ("name", "status"):
            other = renamed.append_column(column, pyarrow.array(range(20)))
            with pytest.raises(ValueError, match=f"verdicts have a column {column} themselves"):
                verifier.check_arrow(other, keep=True, name="asked")

    @pytest.mark.parametrize("library", ["array", "stream"])
    def test_kept_columns_stay_with_verdicts(self, library: str) -> None:
        """Of one step and of all of them, in steps of any size."""
        batches = [
            columns(mixed(50, seed=seed)).append_column("host", pyarrow.array(range(50))).to_batches()[0]
            for seed in range(3)
        ]

        def reader() -> Any:
            stream = pyarrow.RecordBatchReader.from_batches(batches[0].schema, batches)
            return Verifier(ROOT.store).check_arrow(stream, keep=["host"])

        def table(verdicts: Any) -> Any:
            return pyarrow.record_batch(verdicts) if library == "array" else pyarrow.table(verdicts)

        assert table(reader().read_all())["host"].to_pylist() == [*range(50)] * 3
        assert [table(step)["host"].to_pylist() for step in reader()] == [[*range(50)]] * 3
        assert "host" in reader().read_all().to_pandas().columns

    def test_is_read_once(self) -> None:
        """What has been taken is not there twice."""
        reader = Verifier(ROOT.store).check_arrow(columns(mixed(10, seed=2)))
        pyarrow.table(reader)
        for again in (reader.read_all, lambda: next(iter(reader)), lambda: pyarrow.table(reader)):
            with pytest.raises(ValueError, match="can be read once"):
                again()

    def test_steps(self) -> None:
        """A stream is judged in steps, and the rows are numbered through."""
        batches = [columns(mixed(50, seed=seed)).to_batches()[0] for seed in range(3)]
        stream = pyarrow.RecordBatchReader.from_batches(batches[0].schema, batches)
        steps = list(Verifier(ROOT.store).check_arrow(stream))
        assert [len(step) for step in steps] == [50, 50, 50]
        assert pyarrow.table(steps[2])["row"].to_pylist() == list(range(100, 150))

    def test_a_stream_that_fails(self) -> None:
        """Its exception comes out where it is read."""

        def batches() -> Any:
            yield columns(mixed(3, seed=1)).to_batches()[0]
            raise OSError("the disk is gone")

        stream = pyarrow.RecordBatchReader.from_batches(columns([]).schema, batches())
        reader = Verifier(ROOT.store).check_arrow(stream)
        assert len(next(iter(reader))) == 3
        with pytest.raises(ValueError, match="the disk is gone"):
            reader.read_all()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
class TestProcesses:
    def test_fork_after_a_batch(self) -> None:
        """A child judges on, with threads of its own."""
        code = """
            import os, warnings
            import certpath
            from support import pki
            warnings.simplefilter("ignore")
            leaf, ca, root = pki.three()
            verifier = certpath.Verifier(root.store)
            names = [f"h{n}.test" for n in range(5000)]
            def batch():
                return len(verifier.check_many([[leaf.der, ca.der]] * 5000, names, threads=4))
            batch()
            child = os.fork()
            done = batch()
            if child == 0:
                os._exit(done != 5000)
            assert os.waitpid(child, 0)[1] == 0
            print("both")
        """
        done = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-c", textwrap.dedent(code)],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "both\n", "")

    def test_ctrl_c_ends_a_batch(self) -> None:
        """With KeyboardInterrupt, long before the batch would be through."""
        code = """
            import os, signal
            import certpath
            from support import pki
            # A background job of a shell begins with the signal ignored.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            leaf, ca, root = pki.three()
            names = [f"h{n}.test" for n in range(300_000)]
            chains = [[leaf.der, ca.der]] * len(names)
            began = []
            def progress(done, total):
                if done and not began:
                    began.append(done)
                    os.kill(os.getpid(), signal.SIGINT)
            try:
                certpath.Verifier(root.store).check_many(chains, names, progress=progress, memory=0)
            except KeyboardInterrupt:
                print("interrupted")
        """
        done = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-c", textwrap.dedent(code)],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")
