"""The tables of docs say what the source says: findings, reasons, exceptions, files, numbers."""

from __future__ import annotations

import contextlib
import io
import os
import re
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import certpath
import oracle
import pytest
from certpath import _certpath
from crosscheck import openssl

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SOURCE = ROOT / "src"

# Where facts are made.
FACTS_FROM = [
    "batch.rs",
    "path.rs",
    "path/*.rs",
    "path/checks/*.rs",
    "path/search/*.rs",
    "path/profile/*.rs",
    "path/proof/*.rs",
    "path/revocation/*.rs",
    "verdict.rs",
    "verdict/finding.rs",
    "verifier.rs",
    "verifier/*.rs",
]


@dataclass(frozen=True)
class Check:
    """One row of the table of checks, as it has been compiled."""

    variant: str
    name: str
    code: int | None
    message: str
    facts: str


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def without_tests(path: Path) -> str:
    return text_of(path).partition("#[cfg(test)]")[0]


def checks() -> dict[str, Check]:
    """The findings that the module knows, by name."""
    found = {row[1]: Check(*row[:5]) for row in _certpath._checks()}
    assert len(found) == len(_certpath._checks()), "no name twice"
    return found


def rows(document: str, *, columns: int) -> list[list[str]]:
    """The rows of all tables of so many columns whose first cell is one word of code."""
    cells = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in text_of(DOCS / document).splitlines()
        if line.startswith("| `")
    ]
    return [row for row in cells if len(row) == columns and re.fullmatch(r"`\w+`", row[0])]


def documented_findings() -> dict[str, tuple[str, str | None, str]]:
    """By name the code, the message where a table has them, and the facts of docs/verdict.md."""
    found: list[tuple[str, str, str | None, str]] = [
        (name, code, message, facts) for name, code, message, facts in rows("verdict.md", columns=4)
    ]
    found += [
        (name, code, None, facts) for name, code, facts in rows("verdict.md", columns=3) if code.isdigit()
    ]
    names = [row[0].strip("`") for row in found]
    assert len(names) == len(set(names)), "no finding twice"
    return {name: row[1:] for name, row in zip(names, found, strict=True)}


def documented_facts() -> dict[str, set[str]]:
    return {name: set(re.findall(r"`(\w+)`", facts)) for name, (_, _, facts) in documented_findings().items()}


def undocumented_facts(verdict: certpath.Verdict) -> list[str]:
    facts = documented_facts()
    return [
        f"{finding.name}: {key}"
        for finding in verdict.findings
        for key in finding.facts.keys() - facts[finding.name]
    ]


class TestVerdict:
    def test_every_finding_is_documented(self) -> None:
        """No more and no less than the module has."""
        assert documented_findings().keys() == checks().keys()

    @pytest.mark.parametrize("check", checks().values(), ids=lambda check: check.name)
    def test_with_its_code_message_and_facts(self, check: Check) -> None:
        """As the module has them; where rules of profiles stand comes before their facts."""
        code, message, facts = documented_findings()[check.name]
        assert code == ("" if check.code is None else str(check.code))
        assert message in {None, check.message}
        assert facts.endswith(check.facts)

    @pytest.mark.skipif(not openssl.available(), reason="libcrypto cannot be called")
    @pytest.mark.parametrize("check", checks().values(), ids=lambda check: check.name)
    def test_messages_are_those_of_openssl(self, check: Check) -> None:
        """Where it has the code; 3.6 and 4.0 add a guess to one."""
        if check.code is None:
            assert check.message
            return
        theirs = openssl.message(check.code).removesuffix(" or the system clock is incorrect")
        unknown = check.code in {102, 103} and theirs.startswith("unknown")
        assert unknown or check.message == theirs

    def test_every_key_of_a_fact_is_documented(self) -> None:
        """The keys that the source writes down are those of the tables, all in all."""
        source = "".join(
            without_tests(path) for pattern in FACTS_FROM for path in sorted(SOURCE.glob(pattern))
        )
        keys = re.findall(r'(?:\.fact\(\s*|\(\(|\[\(|, \(|\| \()"(\w+)",', source)
        constants = re.findall(
            r'pub\(crate\) const \w+: &str = "(\w+)";', text_of(SOURCE / "verdict" / "finding.rs")
        )
        assert {*keys, *constants} == set().union(*documented_facts().values())

    def test_facts_of_the_examples(self) -> None:
        """What verdicts on the examples say has a documented key."""
        verifier = certpath.Verifier(
            certpath.TrustStore.from_path(ROOT / "examples" / "roots.pem"),
            policy=certpath.Policy.ssl(crl_check="leaf"),
            crls=(ROOT / "examples" / "crl.pem").read_bytes(),
        )
        chains = sorted((ROOT / "examples").glob("**/*.pem"))
        verdicts = verifier.check_many(
            [path.read_bytes() for path in chains if path.name != "crl.pem"], "a.test"
        )
        assert {finding.name for verdict in verdicts for finding in verdict.findings} > {"revoked", "expired"}
        assert [one for verdict in verdicts for one in undocumented_facts(verdict)] == []

    def test_facts_of_recorded_verdicts(self, shared: Path) -> None:
        """So have those on thousands of others."""
        comparisons = oracle.compare(oracle.load(shared / "conformance" / "openssl-oracle-dev.json.gz"))
        verdicts = [comparison.ours for comparison in comparisons if comparison.ours is not None]
        assert {one for verdict in verdicts for one in undocumented_facts(verdict)} == set()

    def test_statuses(self) -> None:
        """The first table has them all."""
        stub = text_of(ROOT / "python" / "certpath" / "_certpath.pyi")
        literal = re.search(r"^Status: TypeAlias = Literal\[(.*?)\]", stub, re.MULTILINE | re.DOTALL)
        assert literal is not None
        assert {row[0].strip("`") for row in rows("verdict.md", columns=3)} >= set(
            re.findall(r'"(\w+)"', literal[1])
        )

    def test_the_example_is_what_the_code_prints(self) -> None:
        """The JSON shown; and the table above it has every key."""
        document = text_of(DOCS / "verdict.md")
        code = re.search(r"^```python\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
        shown = re.search(r"^```json\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
        assert code is not None
        assert shown is not None
        done = subprocess.run(  # noqa: S603 - the document is ours
            [sys.executable, "-W", "error", "-c", code[1]],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.stdout == shown[1]
        table = document.partition("\n## JSON\n")[2]
        keys = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
        assert keys == list(certpath.Verifier(certpath.TrustStore.mozilla()).check(b"").to_dict())


class TestParity:
    @staticmethod
    def reasons() -> dict[str, str]:
        """Finding and code of the table of reasons."""
        return {row[0].strip("`"): row[1] for row in rows("parity.md", columns=4) if row[1].isdigit()}

    def test_every_reason_has_its_code(self) -> None:
        """As it stands in src/verdict/check.rs."""
        known = checks()
        assert {name: str(known[name].code) for name in self.reasons()} == self.reasons()

    def test_every_reason_of_the_source_is_listed(self) -> None:
        """Whatever is refused after OpenSSL's own checks, and nothing else."""
        names = {check.variant: name for name, check in checks().items()}
        refused = re.findall(r"\bCheck::(\w+)", without_tests(SOURCE / "path" / "proof.rs"))
        refused += re.findall(r"\bCheck::(\w+)", text_of(SOURCE / "path" / "proof" / "refusal.rs"))
        checking = sorted((SOURCE / "path" / "checks").glob("*.rs"))
        for file in (SOURCE / "path" / "single.rs", SOURCE / "path" / "checks.rs", *checking):
            refused += re.findall(r"\.refuse\(\s*Check::(\w+)", without_tests(file))
        # The first is told from other CRL failures by its name, the second is OpenSSL's too, further up.
        refused += ["CrlNotSupported", "NameConstraintBudget"]
        # OpenSSL's own checks, which are stricter here on what tests/crosscheck/test_encodings.py has.
        refused += ["SignatureInvalid", "DigestTooWeak", "InvalidPolicyExtension"]
        assert {names[variant] for variant in refused} == self.reasons().keys()

    def test_the_figures_are_those_of_the_recorded_verdicts(self, shared: Path) -> None:
        """The table quoted is the one that the command prints."""
        quoted = re.search(r"<!-- oracle -->\n```text\n(.*?)```", text_of(DOCS / "parity.md"), re.DOTALL)
        assert quoted is not None
        comparisons = oracle.compare(oracle.load(shared / "conformance" / "openssl-oracle-dev.json.gz"))
        assert oracle.table(comparisons) + "\n" == quoted[1]


class TestReleases:
    def test_every_rule_is_documented(self) -> None:
        """The table of docs/parity.md: since which release of each series, and no rule more or less."""
        shown = {
            row[0].strip("`"): row[1].split(", ")
            for row in rows("parity.md", columns=4)
            if not row[1].isdigit()
        }
        expected = {}
        for rule, since in _certpath._openssl_rules():
            cells = zip(certpath.Policy.OPENSSL_VERSIONS, since, strict=True)
            expected[rule] = [
                series if first == f"{series}.0" else first for series, first in cells if first is not None
            ]
        assert shown == expected
        series = ", ".join(certpath.Policy.OPENSSL_VERSIONS)
        assert f"Of the series {series} those" in text_of(DOCS / "parity.md").replace("\n", " ")


class TestBulk:
    def test_the_blocks_print_what_is_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Docs/bulk.md, one block after the other in one session, in the folder of a clone."""
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        monkeypatch.chdir(ROOT)
        blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text_of(DOCS / "bulk.md"), re.DOTALL)
        assert len(blocks) == text_of(DOCS / "bulk.md").count("```python")
        session: dict[str, object] = {}
        for code, shown in blocks:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(code, session)  # noqa: S102 - the page is ours
            assert out.getvalue() == shown


class TestArchitecture:
    def test_every_exception_is_documented(self) -> None:
        """The closed list, in its order."""
        assert (
            tuple(row[0].strip("`") for row in rows("architecture.md", columns=4))
            == certpath.Policy.EXCEPTIONS
        )

    def test_every_file_is_there(self) -> None:
        """The table of files names what exists, and every file of src but those of its folders."""
        table = (
            text_of(DOCS / "architecture.md").partition("\n## Where to find what\n")[2].partition("\n## ")[0]
        )
        named = re.findall(r"\b(?:src|python|tests|benches)/[\w./]*", table)
        assert [name for name in named if not (ROOT / name).exists()] == []
        files = {path.relative_to(ROOT).as_posix() for path in SOURCE.rglob("*.rs")}
        folders = tuple(name for name in named if name.endswith("/"))
        assert sorted(file for file in files - set(named) if not file.startswith(folders)) == []


class TestLimits:
    @pytest.mark.parametrize(
        ("file", "constant", "shown"),
        [
            ("verifier.rs", r"MAX_PRESENTED: usize = 1_000;", "| presented certificates | 1,000 |"),
            ("policy.rs", r"MAX_DEPTH: usize = 100;", "between end entity and anchor | 100 |"),
            (
                "path/name_constraints.rs",
                r"MAX_COMPARISONS: usize = 1 << 20;",
                "for each certificate and each set of constraints | 2^20 = 1,048,576 |",
            ),
            (
                "path/name_constraints.rs",
                r"MAX_PATH_COMPARISONS: usize = 2 * MAX_COMPARISONS;",
                "for a whole path | 2^21 = 2,097,152 |",
            ),
            ("path/search.rs", r"MAX_EDGES: usize = 200_000;", "candidate issuer in a search | 200,000 |"),
            ("path/search.rs", r"MAX_SIGNATURES: usize = 100;", "CRLs included | 100 |"),
            (
                "path/search.rs",
                r"MAX_COMPARISONS: usize = 1 << 20;",
                "for a whole search | 2^20 = 1,048,576 |",
            ),
            ("path/memory.rs", r"MAX_OCTETS: usize = 1 << 25;", "in one judgement | 2^25 = 33,554,432 |"),
            ("path/memory.rs", r"PATH: usize = 1 << 13;", "and 8,192 octets for the path"),
            ("ingest.rs", r"LONGEST_KEPT: usize = 1 << 14;", "| field that `--keep` copies | 16 KiB |"),
            ("verifier.rs", r"MAX_STORES: usize = 32;", "| trust stores of one verifier | 32 |"),
            ("ct.rs", r"MAX_LISTED: usize = 32;", "that are looked at | 32 |"),
            ("signature.rs", r"MAX_RSA_BITS: u32 = 8192;", "| RSA modulus | 8,192 bits |"),
            ("signature.rs", r"MAX_SALT: u16 = 990;", "990 octets"),
            ("signature.rs", r"MAX_EXPONENT_BITS: u32 = 33;", "| RSA public exponent | 33 bits |"),
            ("signature.rs", r"OPENSSL_MAX_RSA_BITS: u32 = 16_384;", "16,384 bits"),
            ("signature.rs", r"OPENSSL_SMALL_RSA_BITS: u32 = 3_072;", "3,072 bits"),
            ("signature.rs", r"OPENSSL_MAX_EXPONENT_BITS: u32 = 64;", "64 bits"),
            ("signature/memo.rs", r"CAPACITY: usize = 1 << 17;", "for each `Verifier` | 2^17 = 131,072 |"),
            (
                "signature/memo.rs",
                r"KEYS: usize = 1 << 12;",
                "of issuers, for each `Verifier` | 2^12 = 4,096 |",
            ),
            ("name.rs", r"MAX_SHOWN: usize = 20;", "in the fact `presented` | 20 |"),
            ("py/verifier.rs", r"memory = 67_108_864", "batch to batch, for each `Verifier` | 64 MiB |"),
            ("py/verifier.rs", r"MAX_THREADS: usize = 1_024;", "| threads of one batch | 1,024 |"),
            ("py/batch.rs", r"STEP_ROWS: usize = 1 << 16;", "2^16 = 65,536 rows"),
        ],
    )
    def test_the_numbers_are_those_of_the_source(self, file: str, constant: str, shown: str) -> None:
        """Whoever changes one is sent to the other."""
        assert constant in text_of(SOURCE / file)
        assert shown in text_of(DOCS / "limits.md")


class TestSpeed:
    def test_the_benchmark_runs(self) -> None:
        """A few rounds over the examples; how long they take is not asked here."""
        done = subprocess.run(  # noqa: S603 - the script is ours
            [sys.executable, str(ROOT / "benches" / "verify.py"), "--fast", "--no-programs"],
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert all(f"\n| {chain} | " in done.stdout for chain in ("good-rsa", "good-ecdsa"))
        assert all(f"\n{table}: " in done.stdout for table in ("S1", "S2", "S9"))


class TestMirror:
    @pytest.mark.parametrize("mirrored", [ssl.SSLContext, ssl.SSLSocket, ssl.SSLObject])
    def test_every_attribute_has_a_status(self, mirrored: type) -> None:
        """Whatever the running Python's classes have, the page that compares them has it too."""
        page = text_of(DOCS / "from-ssl-to-certpath.md")
        own = [kind for kind in mirrored.__mro__ if kind.__module__ in {"ssl", "_ssl"}]
        names = {name for kind in own for name in vars(kind) if not name.startswith("_")}
        assert len(names) > 10
        missing = sorted(name for name in names if f"`{name}`" not in page)
        assert missing == []
