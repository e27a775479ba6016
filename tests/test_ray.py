"""certpath.ray on two cores of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support import pki
from support.watched import Watched, rebuilt

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install --group cluster")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus import Corpus

# Of Ray: what it deprecates itself, and what it leaves to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Two workers on the loopback interface."""
    folder = str(Path(__file__).parent)
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        # Where workers find the class that watches them.
        runtime_env={"env_vars": {"PYTHONPATH": folder, "RAY_USAGE_STATS_ENABLED": "0"}},
        _node_ip_address="127.0.0.1",
    )
    yield
    ray.shutdown()


def collected(dataset: Any) -> Any:
    """All rows as one table."""
    return pa.concat_tables(ray.get(dataset.to_arrow_refs()))


def test_same_as_in_this_process(scan: Corpus) -> None:
    """10,000 mixed rows in four blocks, every column of every verdict."""
    from certpath.ray import verdicts

    store = certpath.TrustStore.from_der(scan.roots, name="test")
    verifier = certpath.Verifier(store, policy=certpath.Policy.webpki())
    hosts = scan.plain().select(["key", "name", "at", "chain"])
    found = collected(verdicts(ray.data.from_arrow(hosts).repartition(4), verifier))
    wanted = pa.table(verifier.check_arrow(hosts).read_all()).drop_columns("row")
    assert found.num_rows == 10_000
    assert found.sort_by("key").to_pylist() == wanted.sort_by("key").to_pylist()


def test_rebuilt_once_in_each_process(tmp_path: Path) -> None:
    """However many batches it judges; other columns are kept and may have any name."""
    from certpath.ray import verdicts

    leaf, intermediate, root = pki.three()
    chain = pa.array([[leaf.der, intermediate.der]] * 1_000, pa.list_(pa.binary()))
    hosts = ray.data.from_arrow(pa.table({"presented": chain, "asn": range(1_000)})).repartition(10)
    watched: Any = Watched(certpath.Verifier(root.store), str(tmp_path))
    judged = verdicts(hosts, watched, keep=["asn"], at=pki.AT, batch_size=50, chain="presented")
    found = collected(judged)
    assert sorted(found["asn"].to_pylist()) == list(range(1_000))
    assert all(found["ok"].to_pylist())
    counts = rebuilt(tmp_path)
    assert counts
    assert set(counts) == {1}
