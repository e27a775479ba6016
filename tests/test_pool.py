"""IntermediatePool: where its certificates come from, and that they are lent and never trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support import pki

if TYPE_CHECKING:
    from pathlib import Path

parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

LEAF, CA, ROOT = pki.three()


def judge(pool: certpath.IntermediatePool) -> certpath.Verdict:
    """A leaf without its issuer, the pool to help."""
    verifier = certpath.Verifier(ROOT.store, policy=certpath.Policy.webpki(), pool=pool)
    return verifier.check(LEAF.der, pki.HOST, at=pki.AT)


def write(path: Path, column: str, values: list[Any], kind: Any) -> Path:
    """A Parquet file of one column and a number for each row."""
    columns = {column: pyarrow.array(values, kind), "row": pyarrow.array(range(len(values)))}
    parquet.write_table(pyarrow.table(columns), path, row_group_size=2)
    return path


class TestFromParquet:
    @pytest.mark.parametrize("kind", [pyarrow.binary(), pyarrow.large_binary()], ids=str)
    def test_binary_column(self, tmp_path: Path, kind: Any) -> None:
        """Each once; nulls are passed over, garbage is listed and costs nothing else."""
        file = write(tmp_path / "pool.parquet", "der", [CA.der, None, b"junk", CA.der], kind)
        pool = certpath.IntermediatePool.from_parquet(file)
        assert [one.der for one in pool] == [CA.der]
        assert len(pool.skipped) == 1
        assert judge(pool).ok

    def test_column_of_lists(self, tmp_path: Path) -> None:
        """Chains as scanners keep them, under any name."""
        file = write(
            tmp_path / "scan.parquet", "chain", [[CA.der], [], None], pyarrow.list_(pyarrow.binary())
        )
        assert judge(certpath.IntermediatePool.from_parquet(file, column="chain")).repaired

    def test_many_row_groups_and_compression(self, tmp_path: Path) -> None:
        """Dictionaries and nested lists, too; each certificate once, however often it comes."""
        nested = pyarrow.list_(pyarrow.list_(pyarrow.binary()))
        table = pyarrow.table(
            {
                "der": pyarrow.array([CA.der, ROOT.der] * 3_000, pyarrow.binary()).dictionary_encode(),
                "chains": pyarrow.array([[[LEAF.der, CA.der], []]] * 6_000, nested),
            }
        )
        file = tmp_path / "pool.parquet"
        for codec in ("none", "snappy", "gzip", "zstd"):
            parquet.write_table(table, file, row_group_size=2_500, compression=codec)
            assert [one.der for one in certpath.IntermediatePool.from_parquet(file)] == [CA.der, ROOT.der]
            pool = certpath.IntermediatePool.from_parquet(file, column="chains")
            assert [one.der for one in pool] == [LEAF.der, CA.der]

    def test_damaged_file(self, tmp_path: Path) -> None:
        """Says that it is not a Parquet file, wherever it is cut or broken."""
        file = write(tmp_path / "pool.parquet", "der", [CA.der] * 10, pyarrow.binary())
        whole = file.read_bytes()
        for damaged in (b"", b"PAR1", whole[:-1], whole[:100], b"PAR1" + b"\xff" * 100 + whole[104:]):
            file.write_bytes(damaged)
            with pytest.raises(
                ValueError, match=r"pool\.parquet: no sound Parquet file|no certificate found"
            ):
                certpath.IntermediatePool.from_parquet(file)

    def test_bad_columns(self, tmp_path: Path) -> None:
        """The complaint names the column."""
        file = write(tmp_path / "scan.parquet", "chain", ["text"], pyarrow.string())
        with pytest.raises(ValueError, match=r"no column .der.; the columns are chain, row"):
            certpath.IntermediatePool.from_parquet(file)
        with pytest.raises(TypeError, match=r"column .chain. must hold binary values .* not Utf8"):
            certpath.IntermediatePool.from_parquet(file, column="chain")

    def test_nothing_in_it(self, tmp_path: Path) -> None:
        """A pool is never empty."""
        file = write(tmp_path / "none.parquet", "der", [None], pyarrow.binary())
        with pytest.raises(ValueError, match="no certificate found"):
            certpath.IntermediatePool.from_parquet(file)

    def test_missing_file(self, tmp_path: Path) -> None:
        """As for any other file."""
        with pytest.raises(FileNotFoundError):
            certpath.IntermediatePool.from_parquet(tmp_path / "missing.parquet")


class TestFromVerdicts:
    def test_what_one_server_sends_mends_another(self) -> None:
        """CA certificates alone, each once, whatever the verdicts were."""
        verifier = certpath.Verifier(ROOT.store)
        verdicts = verifier.check_many(
            [[LEAF.der, CA.der], [LEAF.der], [LEAF.der, LEAF.der, CA.der], []], at=pki.AT
        )
        pool = certpath.IntermediatePool.from_verdicts(verdicts)
        assert [one.der for one in pool] == [CA.der]
        assert judge(pool).repaired

    def test_nothing_presented(self) -> None:
        """A pool is never empty."""
        verdict = certpath.Verifier(ROOT.store).check(LEAF.der, at=pki.AT)
        with pytest.raises(ValueError, match="no certificate found"):
            certpath.IntermediatePool.from_verdicts([verdict])

    @pytest.mark.parametrize("wrong", [None, 1, [1], [LEAF.der]])
    def test_wrong_types(self, wrong: Any) -> None:
        """TypeError."""
        with pytest.raises(TypeError, match="iterable of Verdict"):
            certpath.IntermediatePool.from_verdicts(wrong)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error is the platform's, with the file."""
    with pytest.raises(FileNotFoundError) as caught:
        certpath.IntermediatePool.from_path(tmp_path / "missing.pem")
    assert caught.value.errno == 2
    assert "missing.pem" in str(caught.value.filename)
