"""Judge every example, and hold the verdicts to the tables: ``python examples/check.py``.

Runs ``certpath check`` once for each row of the tables in README.md and public/README.md, prints
what came out, and exits with 0 if every ``verify_code`` and every exit code is the one that stands
there, else with 1.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from certpath.cli import main as certpath

FOLDER = Path(__file__).resolve().parent

# | `file` | `options` | what is wrong | code | exit |
ROW = re.compile(r"^\| `([^`]+)` \|(?: `([^`]+)`)? \| ([^|]*) \| (\d+) \| (\d+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One row of a table."""

    file: str
    options: str
    wrong: str
    code: int
    exit: int

    def run(self) -> tuple[int, dict[str, object]]:
        """The exit code and the verdict."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = certpath(["check", self.file, *shlex.split(self.options), "-o", "jsonl"])
        verdict: dict[str, object] = json.loads(out.getvalue())
        return code, verdict


def examples() -> list[Example]:
    found = []
    for table, folder, always in (
        ("README.md", "examples", "--roots examples/roots.pem"),
        ("public/README.md", "examples/public", ""),
    ):
        for file, options, wrong, code, end in ROW.findall((FOLDER / table).read_text(encoding="utf-8")):
            words = f"{always} {options}".strip()
            found.append(Example(f"{folder}/{file}", words, wrong.strip(), int(code), int(end)))
    return found


def main() -> int:
    os.chdir(FOLDER.parent)  # where the options of the tables hold
    rows = examples()
    width = max(len(row.file) for row in rows)
    missed = 0
    print(f"{'file':<{width}}  {'verdict':<7}  code  main finding")
    for row in rows:
        end, verdict = row.run()
        as_documented = (verdict["verify_code"], end) == (row.code, row.exit)
        missed += not as_documented
        line = f"{row.file:<{width}}  {verdict['status']:<7}  {verdict['verify_code']:>4}"
        print(f"{line}  {verdict['verify_message']}")
        if not as_documented:
            print(f"    NOT AS DOCUMENTED: code {row.code}, exit {row.exit}: {row.wrong} [{row.options}]")
    print(f"{len(rows) - missed} of {len(rows)} verdicts as documented")
    return 0 if rows and not missed else 1


if __name__ == "__main__":
    sys.exit(main())
