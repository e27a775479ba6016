"""check_arrow with the tables of other libraries: all layouts in, and no certificate copied on its way."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support import pki

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus import Corpus

LEAF, CA, ROOT = pki.three()
VERIFIER = certpath.Verifier(ROOT.store)
CHAINS: list[list[bytes] | None] = [[LEAF.der, CA.der], [LEAF.der], None, [], [b"junk"], [LEAF.der, CA.der]]
STATUSES = ["ok", "invalid", "no_certificate", "no_certificate", "unparseable", "ok"]
NAMES = [pki.HOST, None, pki.HOST, None, pki.HOST, None]


def installed(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed")


def from_polars(table: Any) -> Any:
    return installed("polars").from_arrow(table)


def from_duckdb(table: Any) -> Any:
    return installed("duckdb").connect().from_arrow(table)


def from_nanoarrow(table: Any) -> Any:
    return installed("nanoarrow").Array(table.combine_chunks().to_batches()[0])


def from_nanoarrow_stream(table: Any) -> Any:
    return installed("nanoarrow").ArrayStream(table)


def from_pandas(table: Any) -> Any:
    installed("pandas")
    return table.to_pandas()


LIBRARIES: dict[str, Callable[[Any], Any]] = {
    "pyarrow.Table": lambda table: table,
    "pyarrow.RecordBatch": lambda table: table.to_batches()[0],
    "pyarrow.RecordBatchReader": lambda table: table.to_reader(),
    "polars": from_polars,
    "duckdb": from_duckdb,
    "nanoarrow.Array": from_nanoarrow,
    "nanoarrow.ArrayStream": from_nanoarrow_stream,
    "pandas": from_pandas,
}


@pytest.fixture(params=LIBRARIES, name="library")
def _library(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    return LIBRARIES[request.param]


def statuses(data: Any, **settings: Any) -> list[str]:
    settings.setdefault("at", pki.AT)
    return [verdict.status for verdict in VERIFIER.check_arrow(data, **settings).read_all()]


def octets(array: Any) -> set[int]:
    """Where the octets of a column's certificates lie."""
    if isinstance(array, pa.ChunkedArray):
        return set().union(*(octets(chunk) for chunk in array.chunks))
    if isinstance(array, pa.DictionaryArray):
        return octets(array.dictionary)
    if pa.types.is_nested(array.type):
        return octets(array.values)
    # After validity and offsets (or views): the data, in one piece or, of views, in several.
    return {buffer.address for buffer in array.buffers()[2:]}


class TestLibraries:
    def test_same_verdicts(self, library: Callable[[Any], Any], scan: Corpus) -> None:
        """10,000 mixed rows, whoever gives them."""
        verifier = certpath.Verifier(
            certpath.TrustStore.from_der(scan.roots, name="scan"), policy=certpath.Policy.webpki()
        )
        given = scan.plain().select(["key", "name", "at", "chain"])
        wanted = pa.table(verifier.check_arrow(given))
        assert pa.table(verifier.check_arrow(library(given))).equals(wanted)

    def test_kept_columns(self, library: Callable[[Any], Any]) -> None:
        """Are handed on as they are."""
        table = pa.table({"chain": pa.array(CHAINS, pa.list_(pa.binary())), "asn": range(len(CHAINS))})
        out = pa.table(VERIFIER.check_arrow(library(table), at=pki.AT, keep=["asn", "chain"]))
        assert out["status"].to_pylist() == STATUSES
        assert out["asn"].to_pylist() == table["asn"].to_pylist()
        assert out["chain"].to_pylist() == table["chain"].to_pylist()


@pytest.mark.parametrize("library", ["pyarrow.Table", "pyarrow.RecordBatchReader", "polars", "duckdb"])
def test_no_rows(library: str) -> None:
    """No verdicts, with all columns."""
    empty = pa.table({"chain": pa.array([], pa.list_(pa.binary()))})
    out = pa.table(VERIFIER.check_arrow(LIBRARIES[library](empty)))
    assert out.num_rows == 0
    assert "path_sha256" in out.column_names


class TestVerdictsInOtherLibraries:
    def test_polars(self) -> None:
        """As a frame: streams as they are; verdicts, a sequence to polars, with their own method."""
        polars = installed("polars")
        reader = VERIFIER.check_arrow(pa.table({"chain": pa.array(CHAINS, pa.list_(pa.binary()))}), at=pki.AT)
        assert polars.DataFrame(reader)["status"].to_list() == STATUSES
        verdicts = VERIFIER.check_many([chain or [] for chain in CHAINS], at=pki.AT)
        assert verdicts.to_polars()["status"].to_list() == STATUSES

    def test_pandas(self) -> None:
        """As a frame."""
        installed("pandas")
        frame = VERIFIER.check_many([chain or [] for chain in CHAINS], NAMES, at=pki.AT).to_pandas()
        assert list(frame["status"]) == STATUSES
        assert list(frame["path_sha256"][0]) == [LEAF.sha256, CA.sha256, ROOT.sha256]
        assert frame["name_ok"].isna().sum() == 5

    def test_duckdb(self) -> None:
        """As a table of a query."""
        duckdb = installed("duckdb")
        verdicts = VERIFIER.check_many([chain or [] for chain in CHAINS], at=pki.AT)
        connection = duckdb.connect()
        connection.register("verdicts", pa.table(verdicts))
        query = "select status, count(*) from verdicts group by status order by status"
        assert connection.sql(query).fetchall() == sorted(
            (status, STATUSES.count(status)) for status in set(STATUSES)
        )

    def test_nanoarrow(self) -> None:
        """As a stream."""
        nanoarrow = installed("nanoarrow")
        reader = VERIFIER.check_arrow(pa.table({"chain": pa.array(CHAINS, pa.list_(pa.binary()))}), at=pki.AT)
        stream = nanoarrow.ArrayStream(reader)
        position = [field.name for field in stream.schema.fields].index("status")
        assert stream.read_all().child(position).to_pylist() == STATUSES


class TestRequestedSchemas:
    """What Arrow's PyCapsule interface lets a consumer ask for."""

    @staticmethod
    def makers() -> list[Callable[[], Any]]:
        table = pa.table({"chain": pa.array(CHAINS, pa.list_(pa.binary()))})
        verdicts = VERIFIER.check_many([chain or [] for chain in CHAINS], at=pki.AT)
        return [lambda: VERIFIER.check_arrow(table, at=pki.AT), lambda: verdicts]

    def test_other_types_are_not_made(self) -> None:
        """A request chooses a representation and binds nobody: the types are the documented ones."""
        for make in self.makers():
            own = pa.schema(make())
            wanted = pa.schema([pa.field(field.name, pa.large_string()) for field in own])
            reader = pa.RecordBatchReader.from_stream(make(), wanted)
            assert reader.schema == own
            assert reader.read_all()["status"].to_pylist() == STATUSES

    def test_other_columns_are_an_error_and_nothing_is_taken(self) -> None:
        """They are another table; the verdicts are still there to be read."""
        for make in self.makers():
            verdicts = make()
            with pytest.raises(ValueError, match=r"^requested_schema: the columns are row, .*, not status; "):
                pa.RecordBatchReader.from_stream(verdicts, pa.schema([pa.field("status", pa.string())]))
            assert pa.table(verdicts)["status"].to_pylist() == STATUSES

    def test_one_batch(self) -> None:
        """As an array of structures, too."""
        verdicts = self.makers()[1]()
        own = pa.schema(verdicts)
        assert pa.record_batch(verdicts).schema == own
        with pytest.raises(ValueError, match=r"^requested_schema: "):
            verdicts.__arrow_c_array__(pa.schema([own.field(0)]).__arrow_c_schema__())

    def test_what_is_not_a_schema(self) -> None:
        """Is refused before anything is read from it."""
        for make in self.makers():
            verdicts = make()
            with pytest.raises(TypeError, match="requested_schema: a capsule expected, found int"):
                verdicts.__arrow_c_stream__(1)
            with pytest.raises(ValueError, match="requested_schema: the capsule is not an arrow_schema"):
                verdicts.__arrow_c_stream__(pa.record_batch({"x": [1]}).__arrow_c_array__()[1])


def test_errors_of_a_stream_may_hold_anything() -> None:
    """A NUL in the text of what failed does not end the process."""

    def fail(done: int, total: int | None) -> None:
        message = f"of {done}, {total}: a \0 in it"
        raise RuntimeError(message)

    table = pa.table({"chain": pa.array(CHAINS, pa.list_(pa.binary()))})
    with pytest.raises(Exception, match=r"a \W in it"):
        pa.table(VERIFIER.check_arrow(table, at=pki.AT, progress=fail))


def as_chains(values: Any) -> Any:
    """The chains of `CHAINS` with these values as items: a leaf, a CA, junk."""
    positions = {LEAF.der: 0, CA.der: 1, b"junk": 2}
    flat = [positions[der] for chain in CHAINS for der in chain or []]
    offsets, total = [0], 0
    for chain in CHAINS:
        total += len(chain or [])
        offsets.append(total)
    mask = pa.array([chain is None for chain in CHAINS])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values(flat), mask=mask)


DERS = [LEAF.der, CA.der, b"junk"]


def plain(kind: Any) -> Callable[[list[int]], Any]:
    return lambda flat: pa.array([DERS[number] for number in flat], kind)


def dictionary(kind: Any, keys: Any) -> Callable[[list[int]], Any]:
    return lambda flat: pa.DictionaryArray.from_arrays(pa.array(flat, keys), pa.array(DERS, kind))


class TestLayouts:
    @pytest.mark.parametrize(
        "values",
        [
            pytest.param(plain(pa.binary()), id="binary"),
            pytest.param(plain(pa.large_binary()), id="large_binary"),
            pytest.param(plain(pa.binary_view()), id="binary_view"),
            pytest.param(dictionary(pa.binary(), pa.int8()), id="dictionary, int8"),
            pytest.param(dictionary(pa.large_binary(), pa.uint32()), id="dictionary of large_binary, uint32"),
        ],
    )
    @pytest.mark.parametrize(
        "cut",
        [
            pytest.param(lambda table: table, id="whole"),
            pytest.param(lambda table: pa.concat_tables([table.slice(0, 2), table.slice(2)]), id="chunks"),
            pytest.param(
                lambda table: pa.concat_tables([table, table, table]).slice(len(CHAINS), len(CHAINS)),
                id="slice",
            ),
            pytest.param(lambda table: table.slice(1), id="offset"),
            pytest.param(lambda table: table.slice(0, 0), id="nothing"),
        ],
    )
    def test_binary_in_lists(self, values: Callable[[list[int]], Any], cut: Callable[[Any], Any]) -> None:
        """Nulls, empty lists, chunks and slices; without a copy of the octets."""
        table = cut(pa.table({"chain": as_chains(values), "name": pa.array(NAMES)}))
        wanted = {0: [], len(CHAINS): STATUSES}.get(table.num_rows, STATUSES[1:])
        assert statuses(table) == wanted
        out = pa.table(VERIFIER.check_arrow(table, keep=["chain"], at=pki.AT))
        assert out["chain"].to_pylist() == table["chain"].to_pylist()
        assert octets(out["chain"]) <= octets(table["chain"])

    @pytest.mark.parametrize(
        "kind",
        [
            pa.large_list(pa.binary()),
            pa.list_view(pa.binary()),
            pa.large_list_view(pa.large_binary()),
        ],
        ids=str,
    )
    def test_lists_of_other_kinds(self, kind: Any) -> None:
        """Of 64-bit offsets, of views, also sliced."""
        table = pa.table({"chain": pa.array(CHAINS, kind)})
        assert statuses(table) == STATUSES
        assert statuses(table.slice(1, 4)) == STATUSES[1:5]

    def test_lists_of_fixed_size(self) -> None:
        """Two certificates each."""
        chains = pa.array([[LEAF.der, CA.der], None, [LEAF.der, b"junk"]], pa.list_(pa.binary(), 2))
        assert statuses(pa.table({"chain": chains})) == ["ok", "no_certificate", "unparseable"]
        assert statuses(pa.table({"chain": chains}).slice(2)) == ["unparseable"]

    @pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
    def test_names(self, kind: Any) -> None:
        """Text of all kinds, plain and dictionary-encoded; null is not a name."""
        chains = pa.array([[LEAF.der, CA.der]] * 3, pa.list_(pa.binary()))
        names = pa.array([pki.HOST, "wrong.test", None], kind)
        for column in (names, *([] if kind == pa.string_view() else [names.dictionary_encode()])):
            table = pa.table({"chain": chains, "name": column})
            found = [verdict.name_ok for verdict in VERIFIER.check_arrow(table, at=pki.AT).read_all()]
            assert found == [True, False, None]

    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    @pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
    def test_times(self, unit: str, zone: str | None) -> None:
        """In all units; a zone is how a time is shown and not what it is."""
        moments = [int(pki.at(year).timestamp()) for year in (2019, 2026)]
        times = pa.array([*moments, None], pa.timestamp("s", zone)).cast(pa.timestamp(unit, zone))
        table = pa.table({"chain": pa.array([[LEAF.der, CA.der]] * 3, pa.list_(pa.binary())), "at": times})
        assert statuses(table, at=pki.at(2050)) == ["invalid", "ok", "invalid"]


class TestNothingIsCopied:
    def test_from_polars(self) -> None:
        """The octets that come out are those of the frame."""
        frame = from_polars(pa.table({"chain": as_chains(plain(pa.binary()))}))
        out = pa.table(VERIFIER.check_arrow(frame, keep=["chain"], at=pki.AT))
        assert out["status"].to_pylist() == STATUSES
        assert octets(out["chain"]) == octets(pa.table(frame)["chain"]) != set()
        back = installed("polars").DataFrame(VERIFIER.check_arrow(frame, keep=["chain"], at=pki.AT))
        assert octets(pa.table(back.select("chain"))["chain"]) == octets(pa.table(frame)["chain"])

    def test_from_duckdb(self) -> None:
        """Once it has made Arrow of its rows, which it does in chunks of its own."""
        relation = from_duckdb(pa.table({"chain": as_chains(plain(pa.binary()))}))
        batches = list(pa.RecordBatchReader.from_stream(relation))
        stream = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
        out = pa.table(VERIFIER.check_arrow(stream, keep=["chain"], at=pki.AT))
        assert out["status"].to_pylist() == STATUSES
        assert octets(out["chain"]) == set().union(*(octets(batch["chain"]) for batch in batches))

    def test_from_nanoarrow(self) -> None:
        """The octets that come out are those that went in."""
        table = pa.table({"chain": as_chains(plain(pa.binary()))})
        out = pa.table(VERIFIER.check_arrow(from_nanoarrow(table), keep=["chain"], at=pki.AT))
        assert out["status"].to_pylist() == STATUSES
        assert octets(out["chain"]) == octets(table["chain"])

    def test_of_the_normalised_pair(self) -> None:
        """The table of certificates stays where it is; what is kept of the rows, too."""
        certificates = pa.table({"der": pa.array(DERS, pa.binary())})
        hosts = pa.table({"ids": [[0, 1], [0], [2]]})
        reader = VERIFIER.check_arrow(hosts, certificates=certificates, keep=["ids"], at=pki.AT)
        out = pa.table(reader)
        assert out["status"].to_pylist() == ["ok", "invalid", "unparseable"]
        address = out["ids"].chunk(0).values.buffers()[1].address
        assert address == hosts["ids"].chunk(0).values.buffers()[1].address

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
    @pytest.mark.parametrize("library", ["pyarrow", "polars"])
    def test_judging_takes_no_memory_for_them(self, library: str) -> None:
        """256 MB of what is to be certificates, judged within a small part of that."""
        installed(library)
        code = f"""
            import re
            import pyarrow as pa
            from support import pki
            import certpath

            def resident(what):
                with open("/proc/self/status") as file:
                    return int(re.search(what + r":\\s*(\\d+)", file.read())[1]) / 1024

            leaf, ca, root = pki.three()
            verifier = certpath.Verifier(root.store)
            ballast = [leaf.der + bytes([number]) * (4 << 20) for number in range(64)]
            data = pa.table({{"chain": pa.array([[one] for one in ballast], pa.list_(pa.binary()))}})
            if {library!r} == "polars":
                import polars
                data = polars.from_arrow(data)
            del ballast
            verifier.check_arrow(pa.table({{"chain": pa.array([[b""]], pa.list_(pa.binary()))}})).read_all()
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
            before = resident("VmRSS")
            found = verifier.check_arrow(data, at=pki.AT).read_all()
            assert found.counts() == {{"unparseable": 64}}, found.counts()
            print(resident("VmHWM") - before)
        """
        done = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-c", textwrap.dedent(code)],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert float(done.stdout) < 64
