"""Runs NIST's path validation suite (PKITS) and prints how the verdicts compare with what it expects.

    python tests/pkits.py [FILE] [--list]

FILE (else that of the shared folder) is a list of cases: each with its number in the suite, its certificates
(trust anchor first, end entity last) and CRLs by the names of their files, whether the path is valid, and the
settings that it asks for. The files themselves are those of the package ``cryptography_vectors``. None is
skipped. Exit status: 0 if every case but those of `UNSUPPORTED` comes out as expected.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import importlib.util
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certpath
from support.vectors import vector_file

__all__ = ["UNSUPPORTED", "Result", "load", "run", "table"]

AT = datetime.datetime(2026, 11, 26, tzinfo=datetime.timezone.utc)
"""All but the expired certificates of the suite are valid from 2010 to 2030."""
TEST_POLICIES = "2.16.840.1.101.3.2.1.48"
"""The arc of NIST-test-policy-1 and its sisters."""
UNSUPPORTED = frozenset({"4.1.4", "4.1.5"})
"""The cases that are signed with DSA, which is not checked here: refused as ``unsupported``, though valid."""


@dataclass(frozen=True)
class Result:
    """One case: what the suite expects, what we say."""

    number: str
    """The number in the suite, and after a stroke that of the subpart."""
    expected_ok: bool
    ok: bool
    detail: str
    """The verdict in one line."""

    @property
    def section(self) -> str:
        """The section of the suite."""
        return ".".join(self.number.split(".")[:2])

    @property
    def outcome(self) -> str:
        """``as expected``, ``false accept`` or ``false refusal``."""
        if self.ok == self.expected_ok:
            return "as expected"
        return "false accept" if self.ok else "false refusal"


def vectors() -> Path:
    """The folder with the suite's files."""
    found = importlib.util.find_spec("cryptography_vectors")
    if found is None or found.origin is None:
        raise SystemExit("cryptography_vectors is not installed: python -m pip install --group test")
    return Path(found.origin).parent / "x509" / "PKITS_data"


def load(path: Path) -> list[dict[str, Any]]:
    """The cases of a file."""
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return cases


def number_of(case: dict[str, Any]) -> str:
    """The number of a case, with that of its subpart."""
    subpart = re.search(r"Subpart(\d+)$", case["name"])
    # Some numbers have it already.
    number: str = case["id"]
    return number if subpart is None or number.count(".") > 2 else f"{number}/{subpart[1]}"


def policy_of(case: dict[str, Any]) -> certpath.Policy:
    """The policy that a case is about: RFC 5280's path validation, whatever the keys are worth today."""
    policies = case.get("policies")
    return certpath.Policy.webpki(
        purpose="any",
        crl_check="chain",
        security_level=0,
        initial_policies=policies and [f"{TEST_POLICIES}.{name.rpartition('-')[2]}" for name in policies],
        require_explicit_policy=case.get("explicit", False),
        inhibit_policy_mapping=case.get("inhibit_mapping", False),
        inhibit_any_policy=case.get("inhibit_any", False),
    )


def judge(case: dict[str, Any]) -> certpath.Verdict:
    """Our verdict on a case."""
    folder = vectors()
    anchor, *below = [(folder / "certs" / f"{name}.crt").read_bytes() for name in case["certs"]]
    crls = [(folder / "crls" / f"{name}.crl").read_bytes() for name in case["crls"]]
    store = certpath.TrustStore.from_der([anchor], name="anchor")
    return certpath.Verifier(store, policy=policy_of(case), crls=crls).check(below[::-1], at=AT)


def run(cases: list[dict[str, Any]]) -> list[Result]:
    """All results, in the order of the cases."""
    results = []
    for case in cases:
        verdict = judge(case)
        results.append(Result(number_of(case), case["valid"], verdict.ok, str(verdict)))
    return results


def table(results: list[Result]) -> str:
    """The outcomes, one line a section."""
    outcomes = ["as expected", "false accept", "false refusal"]
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for result in results:
        counts[result.section][result.outcome] += 1
        counts["total"][result.outcome] += 1
    lines = [f"{'section':<8}{'cases':>7}" + "".join(f"{outcome:>15}" for outcome in outcomes)]
    for section, row in counts.items():
        if section != "total":
            lines.append(_row(section, row, outcomes))
    return "\n".join([*lines, _row("total", counts["total"], outcomes)])


def _row(section: str, row: collections.Counter[str], outcomes: list[str]) -> str:
    return f"{section:<8}{row.total():>7}" + "".join(f"{row[outcome]:>15}" for outcome in outcomes)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Compare verdicts with those that NIST's PKITS expects.")
    parser.add_argument("file", type=Path, nargs="?", help="the cases, by the names of their files")
    parser.add_argument("--list", action="store_true", help="show every case that is not as expected")
    given = parser.parse_args()
    results = run(load(vector_file(given.file, "pkits.json")))
    different = [result for result in results if result.outcome != "as expected"]
    if given.list:
        for result in different:
            sys.stdout.write(f"{result.outcome}: {result.number}\n    {result.detail}\n")
    sys.stdout.write(f"{table(results)}\n")
    return 0 if {result.number for result in different} == UNSUPPORTED else 1


if __name__ == "__main__":
    sys.exit(main())
