"""The command ``certpath``: exit codes, formats, inputs, and the verdicts on the examples."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import io
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import certpath
import pytest
from certpath._display import printable
from certpath.cli import judging, main
from certpath.cli.formats import CSV_COLUMNS
from certpath.cli.options import POLICIES, SEARCHING
from certpath.cli.values import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
CHAINS = EXAMPLES / "chains"
ROOTS = str(EXAMPLES / "roots.pem")

AT = "2026-01-15T12:00:00Z"
HOST = "www.example.test"

PRIVATE_KEY = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"


@dataclass(frozen=True)
class Result:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, object]]:
        """Standard output, read as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Run(Protocol):
    """Runs the command with the given words in this process."""

    def __call__(self, *words: str | Path) -> Result:
        """Run ``certpath`` with `words`."""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wish of the surroundings about colours and widths."""
    for variable in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)


class Terminal(io.StringIO):
    """Standard output as a terminal."""

    def isatty(self) -> bool:
        """A terminal it is."""
        return True

    @property
    def text(self) -> str:
        """What was shown, without colours."""
        return re.sub("\x1b\\[[0-9;]*m", "", self.getvalue())


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """What `run` then has as standard output: a terminal wide enough for every row."""
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Run:
    stdout = request.getfixturevalue("terminal") if "terminal" in request.fixturenames else None

    def call(*words: str | Path) -> Result:
        with contextlib.nullcontext() if stdout is None else contextlib.redirect_stdout(stdout):
            code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def judge(run: Run) -> Run:
    """``certpath check`` with the example roots, host and clock."""

    def call(*words: str | Path) -> Result:
        return run("check", "--roots", ROOTS, "--name", HOST, "--at", AT, *words)

    return call


def example_rows(readme: Path) -> list[tuple[str, str, int, int]]:
    """(file, options, verify code, exit code): the rows of the five-column tables of a README."""
    row = re.compile(r"\| `([^`]+)` \| (?:`([^`]*)`)? ?\| [^|]* \| (\d+) \| (\d+) \|")
    found = map(row.fullmatch, readme.read_text(encoding="utf-8").splitlines())
    return [(row[1], row[2] or "", int(row[3]), int(row[4])) for row in found if row is not None]


def check_example(run: Run, folder: Path, row: tuple[str, str, int, int], *common: str | Path) -> None:
    """Judge one row's file with its options and compare code and exit code."""
    file, options, code, exit_code = row
    words = shlex.split(options)
    if "--at" not in words:
        words += ["--at", AT]
    result = run("check", folder / file, *common, *words, "-o", "jsonl")
    assert (result.rows[0]["verify_code"], result.code) == (code, exit_code), result.err


class TestExamples:
    @pytest.mark.parametrize("row", example_rows(EXAMPLES / "README.md"), ids=lambda row: " ".join(row[:2]))
    def test_example_gets_the_verdict_of_the_readme(
        self, row: tuple[str, str, int, int], run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The table in examples/README.md tells the truth."""
        monkeypatch.chdir(ROOT)
        check_example(run, EXAMPLES, row, "--roots", ROOTS)

    @pytest.mark.parametrize(
        "row", example_rows(EXAMPLES / "public" / "README.md"), ids=lambda row: " ".join(row[:2])
    )
    def test_public_example_gets_the_verdict_of_the_readme(
        self, row: tuple[str, str, int, int], run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """So does the one in examples/public/README.md."""
        monkeypatch.chdir(ROOT)
        check_example(run, EXAMPLES / "public", row)

    def test_every_example_has_a_row(self) -> None:
        """No file is forgotten in a table, no row lacks its file."""
        listed = {file for file, *_ in example_rows(EXAMPLES / "README.md")}
        assert listed == {f"chains/{path.name}" for path in CHAINS.iterdir()} | {"single-certificate.der"}
        listed = {file for file, *_ in example_rows(EXAMPLES / "public" / "README.md")}
        present = {path.name for path in (EXAMPLES / "public").glob("*.pem")}
        assert listed == present - {"issuing-cas.pem"}

    def test_three_faults_at_once_are_all_found(self, judge: Run) -> None:
        """The first fault does not hide the others."""
        row = judge(CHAINS / "expired-misnamed-incomplete.pem").rows[0]
        findings = row["findings"]
        assert isinstance(findings, list)
        assert [finding["code"] for finding in findings] == [20, 62, 10]

    def test_freshly_generated_examples_get_the_same_verdicts(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The generator makes what is checked in: other keys, same files, same verdicts."""
        pytest.importorskip("cryptography")
        spec = importlib.util.spec_from_file_location("generate", EXAMPLES / "generate.py")
        assert spec is not None
        assert spec.loader is not None
        generate = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "generate", generate)
        spec.loader.exec_module(generate)
        folder = tmp_path / "examples"
        written = generate.write_examples(folder)
        assert {path.relative_to(folder) for path in written} == {
            path.relative_to(EXAMPLES)
            for path in [*EXAMPLES.glob("*.pem"), *EXAMPLES.glob("*.der"), *CHAINS.iterdir()]
        }
        monkeypatch.chdir(tmp_path)
        for row in example_rows(EXAMPLES / "README.md"):
            check_example(run, folder, row, "--roots", folder / "roots.pem")


class TestExitCode:
    def test_all_valid_is_0(self, judge: Run) -> None:
        """0 promises that every chain is valid."""
        assert judge(CHAINS / "good-rsa.pem", CHAINS / "good-ecdsa.pem").code == 0

    def test_one_invalid_is_1(self, judge: Run) -> None:
        """One refused chain is enough."""
        assert judge(CHAINS / "good-rsa.pem", CHAINS / "expired.pem").code == 1

    def test_one_unreadable_is_1(self, judge: Run) -> None:
        """A file that cannot be read is not valid either."""
        assert judge(CHAINS / "good-rsa.pem", "no-such-file.pem").code == 1

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ([], "COMMAND"),
            (["check"], "FILES"),
            (["judge", "a.pem"], "judge"),
            (["check", "a.pem", "--policy", "lax"], "ssl-strict"),
            (["check", "a.pem", "--at", "yesterday"], "'yesterday' is not a time"),
            (["check", "a.pem", "--at", "2025-02-30"], "'2025-02-30' is not a time"),
            (["check", "a.pem", "--at", "20250601"], "write the date with hyphens"),
            (["check", "a.pem", "--name", ""], "is not a name"),
            (["check", "a.pem", "--name", "a..b"], "'a..b' is not a name"),
            (["check", "a.pem", "--purpose", "mail"], "--purpose"),
            (["check", "a.pem", "--roots", "no-such-roots"], "--roots no-such-roots: "),
            (["check", "a.pem", "--crl", "no-such.crl"], "--crl no-such.crl: No such file"),
            (["check", "a.pem", "--crl-check", "leaf"], "--crl-check needs revocation lists"),
            (["check", "a.pem", "-o", "out.xlsx"], "'out.xlsx' is neither a format"),
            (["check", "a.pem", "--resume"], "--resume needs the file to go on with"),
            (["check", "a.pem", "--memory", "much"], "'much' is not a size"),
            (["check", "a.pem", "--threads", "0"], "'0' is not a number from 1 to 1024"),
            (["check", "a.pem", "-o", "no-such-folder/out.csv"], "-o no-such-folder/out.csv: No such file"),
            (["check", "a.pem", "--intermediate", "b.pem"], "--intermediate"),
            (["check", "a.pem", "--pol", "ssl"], "--pol"),
            (["check", "-", "-"], "only once"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_bad_usage_is_2_and_says_why(
        self,
        words: list[str],
        message: str,
        run: Run,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What cannot be carried out is refused before anything is judged."""
        monkeypatch.chdir(tmp_path)
        result = run(*words)
        assert result.code == 2
        assert message in result.err
        assert result.out == ""

    def test_roots_without_certificate_are_bad_usage(self, run: Run, tmp_path: Path) -> None:
        """An empty store would mark the world untrusted."""
        empty = tmp_path / "empty.pem"
        empty.write_bytes(b"")
        result = run("check", CHAINS / "good-rsa.pem", "--roots", empty)
        assert result.code == 2
        assert f"--roots {empty}: " in result.err

    def test_broken_revocation_list_is_bad_usage(self, run: Run) -> None:
        """The file that holds no list is the one named."""
        result = run("check", CHAINS / "good-rsa.pem", "--crl", EXAMPLES / "crl.pem", "--crl", ROOTS)
        assert result.code == 2
        assert f"--crl {ROOTS}: " in result.err

    def test_interrupt_is_130_and_leaves_no_half_file(
        self, judge: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Ctrl-C leaves no traceback, and says what became of the results."""

        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("certpath.cli.running.judge", interrupt)
        result = judge(CHAINS / "good-rsa.pem", "-o", tmp_path / "out.csv")
        target = tmp_path / "out.csv"
        assert result == Result(130, "", f"certpath: interrupted; {target} is as it was\n")
        assert list(tmp_path.iterdir()) == []

    def test_help_and_version_are_0(self, run: Run) -> None:
        """Help names the exit codes and every policy."""
        assert run("--version").out == f"certpath {certpath.__version__}\nsignatures: {certpath.backend}\n"
        result = run("check", "--help")
        assert result.code == 0
        assert "exit codes:" in result.out
        assert all(policy in result.out for policy in (*POLICIES, *SEARCHING))


class TestTime:
    NOON = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)

    @pytest.mark.parametrize(
        "text",
        [
            "2025-06-01T12:00:00Z",
            "2025-06-01t12:00:00z",
            "2025-06-01 12:00:00",
            "2025-06-01T12:00",
            "2025-06-01T14:00:00+02:00",
            "2025-06-01T12:00:00.0Z",
            "1748779200",
            "1748779200.0",
        ],
    )
    def test_forms(self, text: str) -> None:
        """Each of these is noon of the first of June 2025, UTC."""
        assert parse_time(text) == self.NOON
        assert parse_time(text).tzinfo == timezone.utc

    def test_date_is_its_first_second(self) -> None:
        """A date alone is its midnight, UTC."""
        assert parse_time("2025-06-01") == self.NOON - timedelta(hours=12)

    def test_before_1970(self) -> None:
        """Seconds may be negative."""
        assert parse_time("-86400") == datetime(1969, 12, 31, tzinfo=timezone.utc)

    def test_default_is_now(self, run: Run) -> None:
        """Without --at the clock decides."""
        before = datetime.now(timezone.utc).replace(microsecond=0)
        row = run("check", CHAINS / "good-rsa.pem", "--roots", ROOTS).rows[0]
        at = row["at"]
        assert isinstance(at, str)
        assert before <= parse_time(at) <= datetime.now(timezone.utc)

    def test_the_very_second_of_not_after_is_too_late(self, judge: Run) -> None:
        """OpenSSL lets a certificate end before its last second, and --at reaches the judge unchanged."""
        file = CHAINS / "expired.pem"
        assert judge(file, "--at", "2024-03-30T23:59:59Z").rows[0]["verify_code"] == 0
        assert judge(file, "--at", "2024-03-31T00:00:00Z").rows[0]["verify_code"] == 10


class TestRoots:
    def test_default_is_mozilla(self, run: Run) -> None:
        """Without --roots the built-in list is used."""
        assert run("check", CHAINS / "good-rsa.pem").rows[0]["store"] == "mozilla"

    def test_several_are_one_store_named_after_all(self, run: Run) -> None:
        """Roots given together are trusted together."""
        result = run("check", CHAINS / "good-rsa.pem", "--roots", "mozilla", "--roots", ROOTS, "--at", AT)
        assert result.code == 0
        assert result.rows[0]["store"] == "mozilla+roots.pem"

    def test_policy_partial_takes_an_issuing_ca_for_an_anchor(self, run: Run, tmp_path: Path) -> None:
        """The flag that tells the policies apart arrives."""
        blocks = re.findall(
            "-----BEGIN.*?-----END CERTIFICATE-----\n", (CHAINS / "good-rsa.pem").read_text(), flags=re.DOTALL
        )
        anchor = tmp_path / "issuing.pem"
        anchor.write_text(blocks[1])
        words = ("check", CHAINS / "good-rsa.pem", "--roots", anchor, "--at", AT)
        assert [row["verify_code"] for row in run(*words).rows] == [2]
        assert run(*words, "--policy", "ssl-partial").code == 0
        assert run(*words, "--policy", "ssl-strict").code == 0


class TestSearch:
    """The policies that search for paths."""

    @pytest.mark.parametrize("policy", SEARCHING)
    def test_every_policy_judges(self, judge: Run, policy: str) -> None:
        """Good is good and expired is expired; the 26 years of the good are too many for the CA/B Forum."""
        good, expired = judge(CHAINS / "good-rsa.pem", CHAINS / "expired.pem", "--policy", policy).rows
        against = "lifetime too long (certificate rejected)" if policy == "cabf" else ""
        assert (good["ok"], good["policy"]) == (not against, policy)
        assert against in str(good["findings"])
        assert expired["verify_message"] == "certificate has expired"

    def test_intermediates_complete_a_path(self, judge: Run) -> None:
        """What the server forgot comes from the pool, and the verdict says so."""
        words = (CHAINS / "missing-intermediate.pem", "--policy", "webpki")
        assert judge(*words).code == 1
        result = judge(*words, "--intermediates", CHAINS / "good-rsa.pem")
        assert result.code == 0
        assert result.rows[0]["repaired"] is True
        assert result.rows[0]["deployment"] == ["missing_intermediate"]

    def test_roots_keep_their_names(self, run: Run) -> None:
        """The verdict says which of them accept."""
        words = ("check", CHAINS / "good-rsa.pem", "--policy", "webpki", "--at", AT)
        result = run(*words, "--roots", "mozilla", "--roots", ROOTS)
        assert result.code == 0
        assert result.rows[0]["stores_now"] == ["roots.pem"]

    def test_bad_usage(self, run: Run, tmp_path: Path) -> None:
        """A pool that nobody would search, a pool that cannot be read, two roots of one name."""
        chain = CHAINS / "good-rsa.pem"
        result = run("check", chain, "--intermediates", chain)
        assert result.code == 2
        assert "--intermediates needs one of --policy webpki, rfc5280, cabf" in result.err
        missing = tmp_path / "missing.pem"
        result = run("check", chain, "--intermediates", missing, "--policy", "cabf")
        assert (result.code, f"--intermediates {missing}: No such file" in result.err) == (2, True)
        result = run("check", chain, "--roots", ROOTS, "--roots", ROOTS, "--policy", "webpki")
        assert (result.code, "two trust stores have the name" in result.err) == (2, True)


class TestRevocation:
    def test_crl_turns_on_the_check_of_the_end_entity(self, judge: Run) -> None:
        """--crl alone is not ignored."""
        crl = EXAMPLES / "crl.pem"
        assert judge(CHAINS / "revoked.pem", "--crl", crl).rows[0]["verify_code"] == 23
        assert judge(CHAINS / "good-rsa.pem", "--crl", crl).code == 0

    def test_check_of_the_chain_wants_the_root_s_list_too(self, judge: Run) -> None:
        """--crl-check chain asks for more than leaf."""
        row = judge(CHAINS / "good-rsa.pem", "--crl", EXAMPLES / "crl.pem", "--crl-check", "chain").rows[0]
        assert (row["verify_code"], row["error_depth"]) == (3, 1)

    def test_lists_may_come_in_several_files_and_in_der(self, judge: Run, tmp_path: Path) -> None:
        """Each --crl adds to the others."""
        x509 = pytest.importorskip("cryptography.x509")
        encoding = pytest.importorskip("cryptography.hazmat.primitives.serialization").Encoding.DER
        pem = (EXAMPLES / "crl.pem").read_bytes()
        words: list[str | Path] = []
        for number, block in enumerate(re.findall(b"-----BEGIN.*?-----END X509 CRL-----\n", pem, re.DOTALL)):
            path = tmp_path / f"{number}.crl"
            path.write_bytes(x509.load_pem_x509_crl(block).public_bytes(encoding))
            words += ["--crl", path]
        result = judge(CHAINS / "good-rsa.pem", CHAINS / "good-ecdsa.pem", CHAINS / "revoked.pem", *words)
        assert [row["verify_code"] for row in result.rows] == [0, 0, 23]


class TestInputs:
    def test_threads_and_memory_change_nothing(self, run: Run) -> None:
        """How the work is done is not what comes of it: chains stay chains."""
        words = ("check", CHAINS, "--roots", ROOTS, "--at", AT)
        plain = run(*words)
        assert len(plain.rows) > 10
        for more in (("--threads", 1), ("--threads", 3, "--memory", "1K")):
            other = run(*words, *more)
            assert (other.code, other.out, other.err) == (plain.code, plain.out, plain.err)

    def test_folder_gives_its_certificate_files_in_order(self, run: Run, tmp_path: Path) -> None:
        """Sorted by name, suffixes in any case, no folders inside, nothing else."""
        for name, source in {"b.crt": "good-rsa", "a.PEM": "good-ecdsa", "c.txt": "expired"}.items():
            (tmp_path / name).write_bytes((CHAINS / f"{source}.pem").read_bytes())
        (tmp_path / "d.der").write_bytes((EXAMPLES / "single-certificate.der").read_bytes())
        (tmp_path / "e.pem").mkdir()
        result = run("check", tmp_path, "--roots", ROOTS, "--at", AT)
        assert [row["file"] for row in result.rows] == [
            str(tmp_path / name) for name in ("a.PEM", "b.crt", "d.der")
        ]
        assert result.code == 0

    def test_folder_without_certificates_is_said(self, judge: Run, tmp_path: Path) -> None:
        """An empty folder is not "all valid"."""
        result = judge(tmp_path)
        assert result.code == 2
        assert result.rows[0]["status"] == "input_error"
        assert f"certpath: {tmp_path}: a folder without any file *.pem" in result.err

    @pytest.mark.parametrize("file", [CHAINS / "good-rsa.pem", EXAMPLES / "single-certificate.der"])
    def test_standard_input(self, file: Path, judge: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """``-`` takes PEM and DER."""
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
        result = judge("-")
        assert (result.code, result.rows[0]["file"]) == (0, "-")

    @pytest.mark.parametrize(
        ("content", "status", "complaint"),
        [
            (b"", "no_certificate", "is empty"),
            (b"\n \n", "no_certificate", "is empty"),
            (b"hello", "unparseable", "is neither PEM nor DER"),
            (
                PRIVATE_KEY,
                "no_certificate",
                "is a private key, not a certificate: hand in the certificate that belongs to it",
            ),
            (
                PRIVATE_KEY.replace(b"PRIVATE", b"RSA PRIVATE") + PRIVATE_KEY,
                "no_certificate",
                "is a private key, not a certificate: hand in the certificate that belongs to it",
            ),
            (
                bytes.fromhex("3003020100"),
                "no_certificate",
                "is a private key, not a certificate: hand in the certificate that belongs to it",
            ),
            (
                bytes.fromhex("308200060201010400ff"),
                "no_certificate",
                "is a private key, not a certificate: hand in the certificate that belongs to it",
            ),
            (
                bytes.fromhex("3003020103"),
                "no_certificate",
                "not a certificate: openssl pkcs12 -in FILE -nokeys -out certificates.pem",
            ),
            (bytes.fromhex("30030601ff"), "no_certificate", "-in FILE shows what it is"),
            (
                b"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",
                "no_certificate",
                "a revocation list, not a certificate: hand it in among the revocation lists (crls, --crl)",
            ),
            (
                b"-----BEGIN STRANGE THING-----\nMAA=\n-----END STRANGE THING-----\n",
                "no_certificate",
                "is a PEM block called STRANGE THING, not a certificate",
            ),
            (b"0", "unparseable", ""),
            (b"\x30\x03\x02\x01", "unparseable", ""),
            (b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", "unparseable", ""),
            (b"-----BEGIN CERTIFICATE-----\nMAA=\n", "unparseable", ""),
        ],
    )
    def test_what_is_no_certificate_is_said_and_costs_nothing_else(
        self, content: bytes, status: str, complaint: str, judge: Run, tmp_path: Path
    ) -> None:
        """One complaint, one row with the same keys as every other, and the next file is judged."""
        bad = tmp_path / "bad.pem"
        bad.write_bytes(content)
        result = judge(bad, CHAINS / "good-rsa.pem")
        assert result.code == 1
        assert [row["status"] for row in result.rows] == [status, "ok"]
        assert result.rows[0]["ok"] is False
        assert result.rows[0].keys() == result.rows[1].keys()
        said = [line for line in result.err.splitlines() if line.startswith(f"certpath: {bad}: ")]
        assert len(said) == 1
        assert said[0].endswith(complaint)
        assert len(said[0]) > len(f"certpath: {bad}: ")

    def test_unreadable_file(self, judge: Run, tmp_path: Path) -> None:
        """The reason stands in the row and on stderr."""
        result = judge(tmp_path / "absent.pem", CHAINS / "good-rsa.pem")
        assert [row["status"] for row in result.rows] == ["input_error", "ok"]
        assert result.rows[0]["verify_message"] == "cannot be read: No such file or directory"
        assert result.rows[0]["findings"] == []
        assert "absent.pem: cannot be read: No such file or directory\n" in result.err

    def test_every_cut_of_a_file_gives_a_row(self, judge: Run, tmp_path: Path) -> None:
        """A damaged file is a row, never a traceback."""
        whole = (EXAMPLES / "single-certificate.der").read_bytes()
        files = []
        for length in range(0, len(whole), 37):
            files.append(tmp_path / f"{length:04}.der")
            files[-1].write_bytes(whole[:length])
        result = judge(*files)
        assert len(result.rows) == len(files)
        assert {row["status"] for row in result.rows} == {"unparseable", "no_certificate"}

    def test_a_key_beside_the_certificates_is_passed_over(self, judge: Run, tmp_path: Path) -> None:
        """Servers like key and chain in one file."""
        both = tmp_path / "both.pem"
        both.write_bytes(PRIVATE_KEY + (CHAINS / "good-rsa.pem").read_bytes())
        assert judge(both).code == 0

    @pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX only")
    def test_file_name_that_is_no_text(self, run: Run, tmp_path: Path) -> None:
        """Bytes and escape sequences in a file name break no format."""
        name = os.fsdecode(b"\xff\x1b[31m.pem")
        try:
            (tmp_path / name).write_bytes((CHAINS / "good-rsa.pem").read_bytes())
        except OSError:
            pytest.skip("this file system wants UTF-8")
        for form in ("jsonl", "csv", "table"):
            result = run("check", tmp_path, "--roots", ROOTS, "--at", AT, "-o", form)
            assert result.code == 0
            assert "\x1b" not in result.out or form == "csv"


class TestFormats:
    def test_json_lines_are_the_verdict_with_the_file(self, judge: Run) -> None:
        """Nothing is lost or renamed on the way out."""
        file = CHAINS / "expired.pem"
        verifier = certpath.Verifier(certpath.TrustStore.from_path(ROOTS))
        verdict = verifier.check(file.read_bytes(), HOST, at=parse_time(AT))
        assert judge(file).rows == [{"file": str(file), **verdict.to_dict()}]

    def test_csv_has_the_documented_columns(self, judge: Run) -> None:
        """The header is fixed, and missing values are empty."""
        files = (CHAINS / "good-rsa.pem", CHAINS / "expired-misnamed-incomplete.pem", "absent.pem")
        good, bad, absent = csv.DictReader(io.StringIO(judge(*files, "-o", "csv").out))
        assert tuple(good) == CSV_COLUMNS
        assert (good["ok"], good["status"], good["verify_code"], good["findings"]) == ("true", "ok", "0", "")
        assert good["name"] == HOST
        assert good["not_after"] == "2049-12-31T23:59:59Z"
        assert len(good["leaf_sha256"]) == len(good["anchor_sha256"]) == 64
        assert (bad["ok"], bad["status"], bad["verify_code"]) == ("false", "invalid", "20")
        assert bad["findings"].count("; ") == 2
        assert bad["anchor_sha256"] == ""
        assert (absent["status"], absent["findings"]) == ("input_error", "")

    @pytest.mark.parametrize(
        ("command", "policy", "at"),
        [
            ("check", "ssl, for scans webpki", "now, for scans the time of capture"),
            ("simulate", "webpki", "now, for scans the time of capture"),
            ("graph", "webpki", "now"),
            ("explain", "ssl, for a live host that of ssl.create_default_context()", "now"),
        ],
    )
    def test_help_tells_the_defaults_of_the_command(
        self, command: str, policy: str, at: str, run: Run
    ) -> None:
        """Its own, where those of others differ."""
        shown = " ".join(run(command, "--help").out.split())
        assert f"the rules (certpath check --help has them); default: {policy} --openssl" in shown
        assert f"or now; default: {at} --roots" in shown

    def test_csv_columns_are_those_of_the_manual(self) -> None:
        """docs/cli.md lists them in the same order."""
        manual = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
        section = manual[manual.index("### CSV") : manual.index("### File")]
        listed = section[section.index("Columns are ") : section.index("```")]
        assert tuple(re.findall(r"`(\w+)`", listed)) == CSV_COLUMNS

    def test_table_on_a_terminal(self, terminal: Terminal, judge: Run) -> None:
        """One line for each chain, with the main finding and how many more there are."""
        pytest.importorskip("rich")
        judge(CHAINS / "good-rsa.pem", CHAINS / "expired-misnamed-incomplete.pem", "absent.pem")
        lines = terminal.text.splitlines()
        assert all(len(line) <= 250 for line in lines)
        good, bad, absent = (
            [cell.strip() for cell in line.strip("│").split("│")] for line in lines if line.startswith("│")
        )
        assert good == [str(CHAINS / "good-rsa.pem"), HOST, "ok", "0", "", "ok", ""]
        assert bad[2:5] == ["invalid", "20", "0"]
        assert bad[6] == "+2"
        assert absent[2:] == ["input_error", "", "", "cannot be read: No such file or directory", ""]

    def test_table_is_followed_by_all_findings(self, terminal: Terminal, judge: Run) -> None:
        """The long form of each refused chain, and of no other."""
        pytest.importorskip("rich")
        file = CHAINS / "expired-misnamed-incomplete.pem"
        judge(file, CHAINS / "good-rsa.pem")
        verifier = certpath.Verifier(certpath.TrustStore.from_path(ROOTS))
        verdict = verifier.check(file.read_bytes(), HOST, at=parse_time(AT))
        _, _, below = terminal.text.partition(f"\n\n{file}\n")
        assert below.splitlines() == [f"  {line}" for line in verdict.explain().split("\n")]

    def test_without_rich_a_line_for_each_chain(
        self, terminal: Terminal, judge: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The extra is optional."""
        monkeypatch.delitem(sys.modules, "certpath.cli.table", raising=False)
        monkeypatch.setitem(sys.modules, "rich.console", None)
        file = CHAINS / "expired.pem"
        verifier = certpath.Verifier(certpath.TrustStore.from_path(ROOTS))
        verdict = verifier.check(file.read_bytes(), HOST, at=parse_time(AT))
        assert judge(file, "absent.pem").code == 1
        assert terminal.text.splitlines() == [
            f"{file}: {verdict}",
            "absent.pem: cannot be read: No such file or directory",
        ]

    def test_table_into_a_pipe_folds_nothing(self, judge: Run) -> None:
        """No width is invented, no colour sent."""
        pytest.importorskip("rich")
        out = judge(CHAINS / "expired-misnamed-incomplete.pem", "-o", "table").out
        assert str(CHAINS / "expired-misnamed-incomplete.pem") in out
        assert "\x1b" not in out

    def test_summary_counts_statuses_and_reasons(self, judge: Run) -> None:
        """The last three lines on stderr."""
        files = [CHAINS / f"{name}.pem" for name in ("good-rsa", "good-ecdsa", "expired", "wrong-name")]
        lines = judge(*files, "absent.pem").err.splitlines()[-3:]
        assert lines[0] == (
            "4 chains and 1 file without as of 2026-01-15T12:00:00Z, store roots.pem, policy ssl, "
            "name www.example.test"
        )
        assert lines[1] == "  2 ok, 2 invalid, 1 input_error"
        assert lines[2].startswith("  main reasons: 1 ")
        assert "1 input_error" in lines[2]

    def test_summary_says_that_names_were_not_checked(self, run: Run) -> None:
        """Without a name, "ok" is less than it seems."""
        result = run("check", CHAINS / "wrong-name.pem", "--roots", ROOTS, "--at", AT)
        assert result.code == 0
        assert "names not checked" in result.err

    @pytest.mark.parametrize(
        ("text", "shown"),
        [("plain", "plain"), ("é", "é"), ("a\x1b[2Jb\n", "a\\x1b[2Jb\\n"), ("\u202egnp", "\\u202egnp")],
    )
    def test_terminal_never_sees_control_characters(self, text: str, shown: str) -> None:
        """Names in certificates are foreign data."""
        assert printable(text) == shown


class TestOutputFile:
    @pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".CSV"])
    def test_holds_what_the_pipe_would_have(self, suffix: str, judge: Run, tmp_path: Path) -> None:
        """The file is the format, the table goes to stderr."""
        files = [CHAINS / "good-rsa.pem", CHAINS / "expired.pem"]
        target = tmp_path / f"out{suffix}"
        result = judge(*files, "-o", target)
        assert result.code == 1
        assert result.out == ""
        assert "2 chains" in result.err
        assert str(files[1]) in result.err
        assert target.read_text(encoding="utf-8") == judge(*files, "-o", suffix[1:].lower()).out
        assert list(tmp_path.iterdir()) == [target]

    def test_terminal_gets_the_table(self, terminal: Terminal, judge: Run, tmp_path: Path) -> None:
        """With a terminal the table goes there."""
        result = judge(CHAINS / "good-rsa.pem", "-o", tmp_path / "out.csv")
        assert "good-rsa.pem" in terminal.text
        assert "good-rsa.pem" not in result.err

    def test_replaces_the_old_file_only_when_complete(
        self, judge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A reader never sees half a file."""
        target = tmp_path / "out.csv"
        target.write_text("old")
        seen = []
        real = judging.judge

        def watched(*words: Any) -> Iterator[judging.Row]:
            for row in real(*words):
                seen.append(target.read_text())
                yield row

        monkeypatch.setattr("certpath.cli.running.judge", watched)
        judge(CHAINS / "good-rsa.pem", CHAINS / "good-ecdsa.pem", "-o", target)
        assert seen == ["old", "old"]
        assert target.read_text().startswith("file,name,ok,")

    def test_failure_leaves_the_old_file(
        self, judge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A full disk costs the new results only."""
        target = tmp_path / "out.csv"
        target.write_text("old")

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("certpath.cli.outputs.os.fsync", fail)
        result = judge(CHAINS / "good-rsa.pem", "-o", target)
        assert result.code == 2
        assert "No space left on device" in result.err
        assert target.read_text() == "old"
        assert list(tmp_path.iterdir()) == [target]

    def test_through_a_symbolic_link(self, judge: Run, tmp_path: Path) -> None:
        """The link stays a link."""
        target, link = tmp_path / "real.csv", tmp_path / "link.csv"
        target.write_text("old")
        try:
            link.symlink_to(target)
        except OSError:
            pytest.skip("no symbolic links here")
        assert judge(CHAINS / "good-rsa.pem", "-o", link).code == 0
        assert link.is_symlink()
        assert target.read_text() != "old"

    def test_a_folder_of_that_name_is_bad_usage(self, judge: Run, tmp_path: Path) -> None:
        """Said before anything is judged."""
        (tmp_path / "out.csv").mkdir()
        result = judge(CHAINS / "good-rsa.pem", "-o", tmp_path / "out.csv")
        assert result.code == 2
        assert "is not an ordinary file" in result.err


def python_m_certpath(*words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]  # noqa: S603
        [sys.executable, "-m", "certpath", *map(str, words)],
        check=False,
        text=True,
        encoding="utf-8",
        **{"capture_output": True, **options},
    )


class TestProcess:
    def test_module_is_the_command(self) -> None:
        """``python -m certpath`` works and exits with the code."""
        done = python_m_certpath("check", CHAINS / "expired.pem", "--roots", ROOTS, "--at", AT)
        assert done.returncode == 1
        assert json.loads(done.stdout)["verify_code"] == 10

    def test_bad_usage_shows_no_traceback(self) -> None:
        """One line says what is wrong."""
        done = python_m_certpath("check", "a.pem", "--roots", "no-such-roots")
        assert done.returncode == 2
        assert re.fullmatch(r"certpath: error: --roots no-such-roots: .+\n", done.stderr)

    @pytest.mark.skipif(os.name != "posix", reason="pipes break in their own way on Windows")
    def test_broken_pipe_is_quiet(self) -> None:
        """``certpath check ... | head -1`` ends without a word."""
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = python_m_certpath(
                "check",
                *[CHAINS / "good-rsa.pem"] * 200,
                "--roots",
                ROOTS,
                capture_output=False,
                stdout=writer,
                stderr=subprocess.PIPE,
            )
        finally:
            os.close(writer)
        assert (done.returncode, done.stderr) == (141, "")


_BLOCK = re.compile(r"^```console\n\$ (.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class TestManual:
    @pytest.mark.skipif(os.name != "posix", reason="the examples are for a POSIX shell")
    @pytest.mark.parametrize(
        ("command", "shown"),
        [
            block
            for manual in ("cli.md", "formats.md")
            for block in _BLOCK.findall((ROOT / "docs" / manual).read_text(encoding="utf-8"))
        ],
    )
    def test_commands_print_what_is_shown(self, command: str, shown: str, tmp_path: Path) -> None:
        """Every example of docs/cli.md and docs/formats.md, run as it stands there."""
        pytest.importorskip("rich")
        (tmp_path / "examples").symlink_to(EXAMPLES)
        words = re.sub(
            r"(?<![\w/.])certpath (?=[a-z-])", f"{shlex.quote(sys.executable)} -m certpath ", command
        )
        done = subprocess.run(  # noqa: S602 - the manual is ours
            words,
            shell=True,
            check=False,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        assert done.stdout == shown
