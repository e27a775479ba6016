"""What the command says on standard error, and with ``-q`` and ``-v``; what the library tells `logging`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import certpath
import pytest
from certpath.cli import main
from support import pki, scans

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEAF, CA, ROOT = pki.three()
AT = ["--at", "2026-06-01"]


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(name="run")
def _run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def run(*words: object) -> Said:
        code = main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture(name="roots")
def _roots(tmp_path: Path) -> Path:
    """A store, and more keys than are named of it by default."""
    file = tmp_path / "roots.pem"
    file.write_text(
        ROOT.pem
        + LEAF.key_pem
        + "".join(f"-----BEGIN X{n}-----\nAAAA\n-----END X{n}-----\n" for n in range(12))
    )
    return file


@pytest.fixture(name="chain")
def _chain(tmp_path: Path) -> Path:
    file = tmp_path / "chain.pem"
    file.write_text(pki.chain_pem([LEAF, CA]))
    return file


@pytest.fixture(name="scan")
def _scan(tmp_path: Path) -> Path:
    """One chain, and a line that is not JSON."""
    file = tmp_path / "scan.jsonl"
    file.write_text(json.dumps(scans.grab([LEAF.der, CA.der], host=pki.HOST)) + "\n{\n", "utf-8")
    return file


class TestQuiet:
    @pytest.mark.parametrize("word", ["-q", "--quiet"])
    def test_of_files(
        self, run: Callable[..., Said], chain: Path, roots: Path, tmp_path: Path, word: str
    ) -> None:
        """Results and exit code are the same; what was left out is not said, nor is there a summary."""
        bad = tmp_path / "bad.pem"
        bad.write_text(LEAF.key_pem)
        words = ["check", chain, bad, "--roots", roots, *AT, "-o", "jsonl"]
        loud, quiet = run(*words), run(*words, word)
        assert (loud.code, loud.out) == (quiet.code, quiet.out)
        assert f"--roots {roots}: left out: " in loud.err
        assert "bad.pem: is a private key" in loud.err
        assert "main reasons: 1 no_certificate" in loud.err
        assert quiet.err == ""

    def test_of_scans(self, run: Callable[..., Said], scan: Path, roots: Path) -> None:
        """The complaint is a row all the same."""
        words = ["check", scan, "--roots", roots, *AT, "-o", "jsonl"]
        loud, quiet = run(*words), run(*words, "-q")
        assert (loud.code, loud.out) == (quiet.code, quiet.out) == (1, loud.out)
        assert "complaints about the input: 1" in loud.err
        assert quiet.err == ""

    def test_a_file_of_results(
        self, run: Callable[..., Said], chain: Path, roots: Path, tmp_path: Path
    ) -> None:
        """Is written, and no table beside it."""
        target = tmp_path / "out.csv"
        said = run("check", chain, "--roots", roots, *AT, "-o", target, "-q")
        assert (said.code, said.out, said.err) == (0, "", "")
        assert target.read_text("utf-8").count("\n") == 2

    def test_errors_are_said(
        self, run: Callable[..., Said], chain: Path, scan: Path, roots: Path, tmp_path: Path
    ) -> None:
        """Whatever ends the command with 2."""
        for words in (
            ["check", chain, "--roots", tmp_path / "missing.pem"],
            ["check", tmp_path / "missing.pem", "--roots", roots],
            ["check", scan, "--roots", roots, "--strict"],
            ["explain", chain, "--roots", tmp_path / "missing.pem"],
        ):
            said = run(*words, "-q", *AT)
            assert said.code == 2
            assert said.err.startswith("certpath: error: ")
            assert said.err.count("\n") == 1, said.err

    def test_not_with_verbose(self, run: Callable[..., Said], chain: Path) -> None:
        """One of the two."""
        assert "not allowed with argument" in run("check", chain, "-q", "-v").err


class TestVerbose:
    def test_names_everything_that_was_left_out(
        self, run: Callable[..., Said], chain: Path, roots: Path
    ) -> None:
        """By default ten of a store are named, and how many more there are."""
        words = ["explain", chain, "--roots", roots, *AT]
        usual, verbose = run(*words), run(*words, "-v")
        assert usual.out == verbose.out
        assert usual.err.count("left out: ") == 11
        assert "left out: 3 more (-v names them)" in usual.err
        assert verbose.err.count("left out: ") == 13
        assert "more" not in verbose.err

    def test_tells_the_roots(self, run: Callable[..., Said], chain: Path) -> None:
        """Which they are where none are named: Mozilla's, with their date."""
        store = certpath.TrustStore.mozilla()
        said = run("check", chain, *AT, "-v").err
        assert f"certpath: roots mozilla: {len(store)} certificates, {store.date}\n" in said

    def test_all_complaints(
        self, run: Callable[..., Said], scan: Path, roots: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However many there are."""
        monkeypatch.setattr("certpath.cli.scanning.COMPLAINTS_SHOWN", 3)
        scan.write_text("{\n" * 9, "utf-8")
        words = ["check", scan, "--format", "zgrab", "--roots", roots, *AT, "-o", "jsonl"]
        assert run(*words).err.count("scan.jsonl:") == 3
        assert run(*words, "-v").err.count("scan.jsonl:") == 9


class TestLogging:
    def test_what_stores_and_pools_leave_out(self, roots: Path, caplog: pytest.LogCaptureFixture) -> None:
        """Each sentence of `skipped`, with whose it is."""
        caplog.set_level("INFO", logger="certpath")
        data = roots.read_bytes()
        for load, whose in (
            (lambda: certpath.TrustStore.from_path(roots), "trust store roots.pem"),
            (lambda: certpath.TrustStore.from_pem(data, name="own"), "trust store own"),
            (lambda: certpath.IntermediatePool.from_path(roots), "pool of intermediates"),
            (lambda: certpath.IntermediatePool.from_pem(data), "pool of intermediates"),
        ):
            caplog.clear()
            skipped = load().skipped
            assert len(skipped) == 13
            assert caplog.messages == [f"{whose}: left out: {sentence}" for sentence in skipped]
            assert {(record.name, record.levelname) for record in caplog.records} == {("certpath", "INFO")}

    def test_nothing_unless_it_is_asked_for(self, roots: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """A program that has set up no logging prints nothing."""
        certpath.TrustStore.from_path(roots)
        assert capfd.readouterr() == ("", "")

    def test_logging_is_not_loaded_for_it(self, roots: Path) -> None:
        """Where nobody has loaded it, nobody listens."""
        load = "import sys, certpath; certpath.TrustStore.from_path(sys.argv[1])"
        code = f"{load}; print('logging' in sys.modules)"
        done = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-c", code, str(roots)], check=True, capture_output=True, text=True
        )
        assert done.stdout == "False\n"
