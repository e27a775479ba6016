"""``check_arrow`` with PEM in its columns, text or binary: the verdicts of the same chains in DER."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath.cli import main
from support import pki

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

if TYPE_CHECKING:
    from collections.abc import Callable

LEAF, CA, ROOT = pki.three()
STRANGER = pki.issue("stranger")
VERIFIER = certpath.Verifier(ROOT.store)
CHAINS = [[LEAF, CA], [LEAF], None, [], [STRANGER, CA], [LEAF, CA]]
NAMES = [pki.HOST, None, pki.HOST, None, pki.HOST, "wrong.test"]
TEXTS = [pa.string(), pa.large_string(), pa.string_view()]
KINDS = [*TEXTS, pa.binary(), pa.large_binary(), pa.binary_view()]

WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "behind a byte order mark": lambda text: "\ufeff" + text,
    "with CR LF": lambda text: text.replace("\n", "\r\n"),
    "with words around it": lambda text: f"subject: x\n{text}\nthe end\n",
    "as X509 CERTIFICATE": lambda text: text.replace("CERTIFICATE", "X509 CERTIFICATE"),
    "as TRUSTED CERTIFICATE": lambda text: text.replace("CERTIFICATE", "TRUSTED CERTIFICATE"),
    "beside its key": lambda text: text + LEAF.key_pem,
}
BROKEN: dict[str, str] = {
    "cut short": LEAF.pem[:-40],
    "a dash too few": LEAF.pem.replace("-----BEGIN", "----BEGIN"),
    "bad base64": LEAF.pem.replace("M", "*", 1),
    "the second damaged": LEAF.pem + CA.pem[:-40],
    "a key": LEAF.key_pem,
    "a revocation list": pki.crl_pem(pki.crl(CA)),
    "base64 alone": "".join(LEAF.pem.splitlines()[1:-1]),
    "white space": " \n",
}


def table(data: Any, **settings: Any) -> Any:
    return pa.table(VERIFIER.check_arrow(data, at=pki.AT, **settings))


def in_der() -> Any:
    chains = [None if chain is None else [one.der for one in chain] for chain in CHAINS]
    return pa.table({"chain": pa.array(chains, pa.list_(pa.binary())), "name": NAMES})


def pem(kind: Any, one: pki.Entity) -> str | bytes:
    return one.pem if kind in TEXTS else one.pem.encode()


class TestSameVerdicts:
    @pytest.mark.parametrize("kind", KINDS, ids=str)
    @pytest.mark.parametrize(
        "listed", [pa.list_, pa.large_list, pa.list_view], ids=lambda kind: kind.__name__
    )
    def test_a_certificate_an_item(self, kind: Any, listed: Callable[[Any], Any]) -> None:
        """Lists of PEM, whole and sliced."""
        chains = [None if chain is None else [pem(kind, one) for one in chain] for chain in CHAINS]
        given = pa.table({"chain": pa.array(chains, listed(kind)), "name": NAMES})
        assert table(given).equals(table(in_der()))
        assert table(given.slice(1, 4)).equals(table(in_der().slice(1, 4)))

    @pytest.mark.parametrize("kind", KINDS, ids=str)
    def test_a_chain_a_value(self, kind: Any) -> None:
        """As a file holds it; null and empty text are no chain. Each row is as `check` has it."""
        texts = [None if chain is None else pki.chain_pem(chain) for chain in CHAINS]
        values = texts if kind in TEXTS else [text.encode() if text else None for text in texts]
        given = pa.table({"chain": pa.array(values, kind), "name": NAMES})
        assert table(given).equals(table(in_der()))
        found = VERIFIER.check_arrow(given, at=pki.AT).read_all()
        for verdict, text, name in zip(found, texts, NAMES, strict=True):
            assert verdict == VERIFIER.check(text or [], name, at=pki.AT)

    @pytest.mark.parametrize("kind", [pa.string(), pa.binary()], ids=str)
    def test_dictionaries(self, kind: Any) -> None:
        """Of texts that rows share."""
        texts = [None if not chain else "".join(one.pem for one in chain) for chain in CHAINS]
        values = pa.array(texts if kind == pa.string() else [text and text.encode() for text in texts], kind)
        assert table(pa.table({"chain": values.dictionary_encode(), "name": NAMES})).equals(table(in_der()))

    @pytest.mark.parametrize(
        ("leaf", "chain"),
        [
            (pa.array([LEAF.pem, None, ""]), pa.array([[CA.pem], [CA.pem], None])),
            (pa.array([LEAF.pem, None, ""]), pa.array([CA.pem, CA.pem, None])),
            (pa.array([LEAF.pem, None, None]), pa.array([[CA.der], [CA.der], None], pa.list_(pa.binary()))),
            (
                pa.array([LEAF.der, None, None], pa.binary()),
                pa.array([CA.pem, CA.pem, ""], pa.large_string()),
            ),
            (pa.array([LEAF.pem + CA.pem, None, ""]), pa.array([None, CA.pem, None], pa.string())),
        ],
        ids=["lists", "texts", "the leaf alone", "the rest alone", "all in the leaf"],
    )
    def test_the_leaf_in_a_column_of_its_own(self, leaf: Any, chain: Any) -> None:
        """Each column in PEM or DER, as it comes; the certificates of all values, in order, are the chain."""
        wanted = pa.table({"chain": pa.array([[LEAF.der, CA.der], None, None], pa.list_(pa.binary()))})
        assert table(pa.table({"leaf": leaf, "chain": chain})).equals(table(wanted))

    def test_pem_and_der_in_one_list(self) -> None:
        """Of a binary column every value says itself which it is."""
        mixed = [[LEAF.der, CA.pem.encode()], [LEAF.pem.encode(), CA.der]]
        given = pa.table({"chain": pa.array(mixed, pa.list_(pa.binary()))})
        assert table(given)["status"].to_pylist() == ["ok", "ok"]

    @pytest.mark.parametrize("written", WRITTEN)
    def test_however_it_is_written(self, written: str) -> None:
        """As `check` reads it, and every other door."""
        text = WRITTEN[written](LEAF.pem + CA.pem)
        wanted = VERIFIER.check([LEAF.der, CA.der], pki.HOST, at=pki.AT)
        assert wanted.ok
        for values in (pa.array([text]), pa.array([text.encode()], pa.binary()), pa.array([[text]])):
            [found] = VERIFIER.check_arrow(
                pa.table({"chain": values, "name": [pki.HOST]}), at=pki.AT
            ).read_all()
            assert found == wanted


class TestBadPem:
    @pytest.mark.parametrize("broken", BROKEN)
    def test_costs_its_own_row(self, broken: str) -> None:
        """``input_error``, with what `check` says of the same text."""
        text = BROKEN[broken]
        values = pa.array([LEAF.pem + CA.pem, text, LEAF.pem + CA.pem])
        found = list(VERIFIER.check_arrow(pa.table({"chain": values}), at=pki.AT).read_all())
        assert [one.status for one in found] == ["ok", "input_error", "ok"]
        said = dict(VERIFIER.check(text, at=pki.AT).findings[0].facts)["problem"]
        assert dict(found[1].findings[0].facts)["problem"] == said

    def test_is_told_with_its_place(self) -> None:
        """In a list, which certificate of the chain; nulls and empty texts, too."""
        chains = [[LEAF.pem, CA.pem[:-40]], [LEAF.pem, None], [LEAF.pem, ""]]
        found = VERIFIER.check_arrow(pa.table({"chain": pa.array(chains)}), at=pki.AT).read_all()
        said = [dict(one.findings[0].facts)["problem"] for one in found]
        assert [one.status for one in found] == ["input_error"] * 3
        assert str(said[0]).startswith("certificate 1 of the chain: damaged PEM block at line ")
        assert said[1:] == ["certificate 1 of the chain is null"] * 2

    def test_of_the_rest(self) -> None:
        """Counts from the end entity."""
        given = {"leaf": [LEAF.pem], "chain": pa.array([[CA.pem, LEAF.key_pem]])}
        [found] = VERIFIER.check_arrow(pa.table(given), at=pki.AT).read_all()
        said = str(dict(found.findings[0].facts)["problem"])
        assert said.startswith("certificate 2 of the chain: a private key, not a certificate")

    def test_in_binary_without_a_block(self) -> None:
        """Is what it was: malformed DER."""
        given = pa.table({"chain": pa.array([[b"junk"], [b"----BEGIN"]], pa.list_(pa.binary()))})
        assert table(given)["status"].to_pylist() == ["unparseable"] * 2


class TestWrongColumns:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (
                {"chain": [1, 2]},
                "column chain: a list of binary or of text, or PEM in binary or text expected",
            ),
            ({"chain": [[1], [2]]}, r"column chain: binary \(DER or PEM\) or text \(PEM\), or a dictionary"),
            ({"leaf": [1]}, r"column leaf: binary \(DER or PEM\) or text \(PEM\), or a dictionary"),
        ],
    )
    def test_of_another_type(self, given: dict[str, Any], said: str) -> None:
        """Say what is expected."""
        with pytest.raises(TypeError, match=said):
            VERIFIER.check_arrow(pa.table(given))

    def test_a_leaf_of_another_name(self) -> None:
        """Text that may be the end entity is not passed over: the chain would begin with its issuer."""
        given = pa.table({"certificate": [LEAF.pem], "chain": [CA.pem]})
        with pytest.raises(TypeError, match="no column leaf, but certificate, which may be meant"):
            VERIFIER.check_arrow(given)
        found = VERIFIER.check_arrow(given, leaf="certificate", at=pki.AT).read_all()
        assert [one.ok for one in found] == [True]


def test_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``certpath check`` reads such tables, too."""
    texts = [pki.chain_pem([LEAF, CA]), LEAF.pem[:-40]]
    pq.write_table(pa.table({"chain": texts, "name": [pki.HOST] * 2}), tmp_path / "scan.parquet")
    (tmp_path / "root.pem").write_text(ROOT.pem)
    words = [str(tmp_path / "scan.parquet"), "--roots", str(tmp_path / "root.pem"), "--at", "2026-06-01"]
    assert main(["check", *words, "-o", "csv"]) == 1
    out, _ = capsys.readouterr()
    statuses = [row["status"] for row in csv.DictReader(out.splitlines())]
    assert statuses == ["ok", "input_error"], out


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
@pytest.mark.parametrize("shared", ["dictionary", "list views"])
def test_what_rows_share_is_opened_once(shared: str) -> None:
    """4,000 rows of one text of 250 kB take the memory of one chain, not of 4,000."""
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
        text = leaf.pem + ca.pem * 400
        if {shared!r} == "dictionary":
            chains = pa.DictionaryArray.from_arrays(pa.array([0] * 4000, pa.int32()), pa.array([text]))
        else:
            of = pa.ListViewArray.from_arrays
            chains = of(pa.array([0] * 4000, pa.int32()), pa.array([1] * 4000, pa.int32()), pa.array([text]))
        verifier.check_arrow(pa.table({{"chain": [text]}}), at=pki.AT).read_all()
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        before = resident("VmRSS")
        found = verifier.check_arrow(pa.table({{"chain": chains}}), at=pki.AT).read_all()
        assert found.counts() == {{"ok": 4000}}, found.counts()
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
    assert float(done.stdout) < 200
