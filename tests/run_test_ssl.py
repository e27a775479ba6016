#!/usr/bin/env python3
"""Run CPython's own test suite of the ssl module, plain and with certpath injected, and compare.

    python tests/run_test_ssl.py [--module test_ftplib] [INTERPRETER ...]

Each interpreter must have certpath and its own `test` package installed; the default is the running one.
Prints, for each, how many tests pass either way and every test whose outcome differs. Exit code 1 if a
test that passes plain does not pass with certpath.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# Tests that may fail although they pass plain; each with a reason that a CPython maintainer would accept.
EXCLUDED: dict[str, str] = {}

OUTCOMES = ("passed", "skipped", "expected failure", "failed")

# What runs inside each interpreter. Network tests stay off, as in `python -m test` without -u.
CHILD = """
import importlib, json, sys, unittest
injected, report, module, patterns = sys.argv[1] == "1", sys.argv[2], sys.argv[3], sys.argv[4:]
sys.argv[1:] = []
if injected:
    import certpath
    certpath.inject_into_ssl()
from test import support
support.use_resources = []
module = importlib.import_module("test." + module)

class Result(unittest.TextTestResult):
    outcomes = {}
    def _note(self, test, outcome, why=""):
        known = self.outcomes.get(test.id(), ("", ""))
        if known[0] != "failed":
            self.outcomes[test.id()] = (outcome, why)
    def addSuccess(self, test):
        super().addSuccess(test); self._note(test, "passed")
    def addSkip(self, test, reason):
        super().addSkip(test, reason); self._note(test, "skipped", reason)
    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error); self._note(test, "expected failure")
    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test); self._note(test, "failed", "unexpected success")
    def addFailure(self, test, error):
        super().addFailure(test, error); self._note(test, "failed", self.failures[-1][1])
    def addError(self, test, error):
        super().addError(test, error); self._note(test, "failed", self.errors[-1][1])
    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._note(test, "failed", repr(error[1]))

loader = unittest.TestLoader()
loader.testNamePatterns = [f"*{pattern}*" for pattern in patterns] or None
suite = loader.loadTestsFromModule(module)
unittest.TextTestRunner(resultclass=Result, verbosity=2).run(suite)
with open(report, "w") as out:
    json.dump({"outcomes": Result.outcomes, "version": sys.version.split()[0]}, out)
"""


def run(
    interpreter: str, module: str, injected: bool, patterns: list[str], log: Path | None
) -> dict[str, Any]:
    """The outcomes of one run, by test id."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        # CPython's tests write beside themselves into the working directory.
        done = subprocess.run(  # noqa: S603 - interpreters named by whoever runs this
            [interpreter, "-c", CHILD, str(int(injected)), str(report), module, *patterns],
            cwd=folder,
            env={**os.environ, "PYTHONSAFEPATH": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=1800,
        )
        if log is not None:
            log.write_text(done.stdout + done.stderr, encoding="utf-8")
        if not report.exists():
            raise SystemExit(f"{interpreter}: no report\n{done.stderr[-4000:]}")
        outcomes: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return outcomes


def compare(interpreter: str, module: str, patterns: list[str], logs: Path | None) -> int:
    """Run both ways, print the difference, and return how many tests got worse."""
    plain = run(interpreter, module, False, patterns, logs and logs / "plain.log")
    injected = run(interpreter, module, True, patterns, logs and logs / "injected.log")
    ours, theirs = injected["outcomes"], plain["outcomes"]
    counts = {
        name: ", ".join(
            f"{sum(outcome == kind for outcome, _ in outcomes.values())} {kind}" for kind in OUTCOMES
        )
        for name, outcomes in (("plain", theirs), ("certpath", ours))
    }
    print(f"Python {plain['version']}, {module}")
    for name, text in counts.items():
        print(f"  {name:9} {text}")
    worse = 0
    for test in sorted(theirs.keys() | ours.keys()):
        before, _ = theirs.get(test, ("missing", ""))
        after, why = ours.get(test, ("missing", ""))
        if before == after:
            continue
        name = test.removeprefix(f"test.{module}.")
        reason = EXCLUDED.get(name)
        worse += before == "passed" and after != "passed" and reason is None
        last_line = why.strip().rpartition("\n")[2]
        print(f"  {name}: {before} -> {after}: {reason or last_line}")
    print(f"  {'no test got worse' if not worse else f'{worse} got worse'}")
    return worse


def main() -> int:
    """Compare every interpreter that was named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("interpreters", nargs="*", default=[sys.executable])
    parser.add_argument(
        "-k", dest="patterns", action="append", default=[], help="only tests with this in their name"
    )
    parser.add_argument(
        "--logs", type=Path, help="an existing folder for the full output of the last interpreter"
    )
    parser.add_argument(
        "--module",
        dest="modules",
        action="append",
        help="another test module than test_ssl, such as test_asyncio.test_sslproto; may be repeated",
    )
    arguments = parser.parse_args()
    worse = [
        compare(interpreter, module, arguments.patterns, arguments.logs)
        for interpreter in arguments.interpreters
        for module in arguments.modules or ["test_ssl"]
    ]
    return 1 if sum(worse) else 0


if __name__ == "__main__":
    sys.exit(main())
