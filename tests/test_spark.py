"""certpath.spark in a cluster of two workers on this machine."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support import pki
from support.watched import Watched, rebuilt

if shutil.which("java") is None:
    pytest.skip("Java is not installed", allow_module_level=True)
pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed: pip install --group cluster")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus import Corpus

# Of PySpark: pandas newer than it knows, and sockets that it leaves to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyspark"),
    pytest.mark.xdist_group("spark"),
]

LEAF, CA, ROOT = pki.three()
WEBPKI = certpath.Policy.webpki()


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with two executors of one core each, in processes of their own."""
    # Workers write into SPARK_HOME, which is where PySpark is installed: here it is a folder of links.
    home = tmp_path_factory.mktemp("spark")
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    patch = pytest.MonkeyPatch()
    patch.setenv("SPARK_HOME", str(home))
    patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.executor.memory", "512m")
        # Where executors find the class that watches them.
        .config("spark.executorEnv.PYTHONPATH", str(Path(__file__).parent))
        .config("spark.sql.session.timeZone", "Asia/Tokyo")
        .config("spark.sql.warehouse.dir", str(home / "warehouse"))
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    yield session
    session.stop()
    patch.undo()


def verifier(*roots: bytes) -> certpath.Verifier:
    """Of the searching kind."""
    store = certpath.TrustStore.from_der(roots or (ROOT.der,), name="test")
    return certpath.Verifier(store, policy=WEBPKI)


def frame(spark: Any, **columns: Any) -> Any:
    """A DataFrame in several partitions."""
    return spark.createDataFrame(pa.table(columns)).repartition(4)


def by_key(table: Any) -> dict[str, dict[str, Any]]:
    """The rows, by what they are called."""
    return {row["key"]: row for row in table.to_pylist()}


def same(row: dict[str, Any], verdict: dict[str, Any]) -> bool:
    """Whether a row says what `Verdict.to_dict` says, types aside."""
    plain = ["ok", "status", "verify_code", "verify_message", "error_depth", "store", "name", "name_by"]
    plain += ["chain_ok", "time_ok", "name_ok", "purpose_ok", "revoked", "stores_now", "stores_ever", "weak"]
    return (
        all(row[name] == verdict[name] for name in plain)
        and [one["name"] for one in row["findings"]] == [one["name"] for one in verdict["findings"]]
        and [one["depth"] for one in row["findings"]] == [one["depth"] for one in verdict["findings"]]
        and [one.hex() for one in row["path_sha256"]] == verdict["path_sha256"]
        and f"{row['at']:%Y-%m-%dT%H:%M:%SZ}" == verdict["at"]
    )


class TestVerdicts:
    def test_same_as_check_many(self, spark: Any, scan: Corpus) -> None:
        """10,000 mixed rows, every column of every verdict, whatever the time zone of the session."""
        from certpath.spark import verdicts

        judge = verifier(*scan.roots)
        given = scan.plain().select(["key", "name", "at", "chain"]).to_pydict()
        chain = pa.array(given["chain"], pa.list_(pa.binary()))
        at = pa.array(given["at"], pa.timestamp("us", "UTC"))
        df = frame(spark, key=given["key"], name=given["name"], at=at, chain=chain)
        found = by_key(verdicts(df, judge).toArrow())
        assert len(found) == 10_000
        assert found == by_key(pa.table(judge.check_arrow(scan.hosts).read_all()).drop_columns("row"))
        for key, verdict in zip(
            given["key"], judge.check_many(given["chain"], given["name"], at=pki.AT), strict=True
        ):
            assert same(found[key], verdict.to_dict())

    def test_names_of_columns_and_what_is_kept(self, spark: Any) -> None:
        """The end entity apart, columns called otherwise, others passed through, nulls."""
        from certpath.spark import verdicts

        df = frame(
            spark,
            host=["good", "nameless", "nothing"],
            der=pa.array([LEAF.der, LEAF.der, None], pa.binary()),
            rest=pa.array([[CA.der], [CA.der], None], pa.list_(pa.binary())),
            sni=[pki.HOST, None, pki.HOST],
            asn=[64496, 64497, None],
        )
        settings: dict[str, Any] = {
            "at": pki.AT,
            "leaf": "der",
            "chain": "rest",
            "name": "sni",
            "key": "host",
        }
        found = verdicts(df, verifier(), keep=["asn"], **settings)
        assert found.schema["asn"].dataType == df.schema["asn"].dataType
        rows = {row["key"]: (row["status"], row["name_ok"], row["asn"]) for row in found.collect()}
        assert rows == {
            "good": ("ok", True, 64496),
            "nameless": ("ok", None, 64497),
            "nothing": ("no_certificate", None, None),
        }
        assert {"host", "asn", "der"} <= set(verdicts(df, verifier(), keep=True, **settings).columns)

    def test_hosts_and_certificates_in_two_tables(self, spark: Any) -> None:
        """Brought together as docs/scale.md has it: each chain in its order."""
        from certpath.spark import verdicts
        from pyspark.sql import functions as f

        prints = {one: one.sha256 for one in (LEAF, CA, ROOT)}
        chains = {"long": [LEAF, CA, ROOT], "short": [LEAF, CA], "wrong": [CA, LEAF]}
        sent = [[prints[one] for one in chain] for chain in chains.values()]
        fingerprints = pa.array(sent, pa.list_(pa.binary()))
        hosts = frame(spark, ip=list(chains), name=[pki.HOST] * 3, sha256s=fingerprints)
        ders = pa.array([one.der for one in prints], pa.binary())
        certificates = frame(spark, sha256=pa.array(list(prints.values()), pa.binary()), der=ders)
        document = Path(__file__).parents[1] / "docs" / "scale.md"
        code = next(
            block.partition("```")[0]
            for block in document.read_text("utf-8").split("```python\n")
            if block.startswith("from pyspark.sql import functions as f")
        )
        names: dict[str, Any] = {"f": f, "hosts": hosts, "certificates": certificates}
        exec(code, names)  # noqa: S102 - our own document
        judged = verdicts(names["chains"], verifier(), keep=["ip"], at=pki.AT)
        assert {row["ip"]: (row["ok"], row["n_presented"]) for row in judged.collect()} == {
            "long": (True, 3),
            "short": (True, 2),
            "wrong": (False, 2),
        }

    def test_one_time_for_all(self, spark: Any) -> None:
        """Now is when the DataFrame was made, on all executors and if they have to do it again."""
        from certpath.spark import verdicts

        chain = pa.array([[LEAF.der, CA.der]] * 50, pa.list_(pa.binary()))
        judged = verdicts(frame(spark, chain=chain), verifier())
        assert len({row["at"] for row in [*judged.collect(), *judged.collect()]}) == 1

    def test_wrong_columns_are_said_at_once(self, spark: Any) -> None:
        """Before anything runs."""
        from certpath.spark import verdicts

        with pytest.raises(TypeError, match="chain"):
            verdicts(frame(spark, chain=[5]), verifier())
        df = frame(spark, chain=pa.array([[LEAF.der]], pa.list_(pa.binary())))
        with pytest.raises(KeyError, match="missing"):
            verdicts(df, verifier(), keep=["missing"])

    def test_rebuilt_once_in_each_process(self, spark: Any, tmp_path: Path) -> None:
        """However many tasks and batches it judges."""
        from certpath.spark import verdicts

        chain = pa.array([[LEAF.der, CA.der]] * 5_000, pa.list_(pa.binary()))
        watched: Any = Watched(verifier(), str(tmp_path))
        judged = verdicts(frame(spark, chain=chain).repartition(12), watched, at=pki.AT)
        for _ in range(2):
            assert judged.where("ok").count() == 5_000
        assert rebuilt(tmp_path) == [1, 1]
