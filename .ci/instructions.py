#!/usr/bin/env python3
"""Count instructions of a fixed scan, and hold them to .ci/instructions.json: 3 % more fail.

    python .ci/instructions.py            with the Python that has certpath as `pip install .` builds it
    python .ci/instructions.py --renew    writes what was counted as the new baseline

Time depends on who else is at work; the instructions that callgrind counts do not. What is counted:

* only those of the extension module: not Python's, nor the C library's, which has other routes for other
  processors. The module as it is installed has no names of functions, so the parts are told apart by scans
  that differ in one thing;
* the difference of a scan of 2 N rows and one of N, for each row: whatever happens once is not in it, the
  only signatures that are checked among it.

Digests and memchr choose their code by what the processor can do. It is valgrind that tells them: version
3.19 presents a Core i7-4910MQ, with AVX2 and BMI2 where the machine has them, without SHA, ADX and AVX-512
whatever the machine. So counts hold for one such kind of processor, one valgrind and one compiler; where
these are not those of the baseline nothing is compared. Hash tables have other keys in each run: that makes
half a per cent.

The rows are grabs as zgrab2 writes them, of the chains in examples/. One thread; Parquet if not said
otherwise.
Exit code 3: not run, and the last line says why.
"""

from __future__ import annotations

import argparse
import base64
import collections
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / ".ci/instructions.json"
ALLOWED = 0.03
ROWS = 500
MODULE = "_certpath"
NOT_RUN = 3
PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END", re.DOTALL)

BOUNDARY = "getsid"
"""A function of the C library that nobody else calls: before it callgrind writes down what it has counted."""


def chain(name: str) -> list[str]:
    """The certificates of an example in base64."""
    text = (ROOT / f"examples/chains/{name}.pem").read_text("ascii")
    return ["".join(block.split()) for block in PEM.findall(text)]


GOOD, ALONE = chain("good-rsa"), chain("missing-intermediate")


def line(number: int, sent: list[str], name: str = "www.example.test", parsed: object = None) -> str:
    """A grab."""
    members = [{"raw": raw} if parsed is None else {"raw": raw, "parsed": parsed} for raw in sent]
    certificates = {"certificate": members[0], "chain": members[1:]}
    tls = {
        "status": "success",
        "protocol": "tls",
        "result": {"handshake_log": {"server_certificates": certificates}},
        "timestamp": "2026-01-15T00:00:00Z",
    }
    grab = {"ip": f"198.18.{number >> 8}.{number & 255}", "domain": name, "data": {"tls": tls}}
    return json.dumps(grab) + "\n"


def stranger(number: int) -> list[str]:
    """An end entity of its own serial number without its issuer: there is no signature to check."""
    der = bytearray(base64.b64decode(ALONE[0]))
    # SEQUENCE, SEQUENCE, [0] version, INTEGER: within the serial number.
    der[16:20] = number.to_bytes(4, "big")
    return [base64.b64encode(der).decode("ascii")]


PARSED = {f"field {number}": f"{number:04}" * 20 for number in range(120)}
"""As much text as zgrab2 writes beside a certificate."""
SCANS: dict[str, Callable[[int], str]] = {
    "equal": lambda number: line(number, GOOD),
    "text": lambda number: line(number, GOOD),
    "long": lambda number: line(number, GOOD, parsed=PARSED),
    "strangers": lambda number: line(number, stranger(number)),
}
PARTS: dict[str, tuple[str, str, str | None]] = {
    "row": ("a row equal to one before: read, recognised, written", "equal", None),
    "text": ("the same written as JSON lines", "text", None),
    "reading": ("the same with two `parsed` parts of 11 kB to read", "long", None),
    "judging": (
        "a chain never seen before, without its issuer: parsed, searched, refused",
        "strangers",
        None,
    ),
}
"""What a part is, the scan that it is counted in, and the one to subtract."""


def work(folder: Path) -> None:
    """What runs under callgrind: every scan for practice, with N rows and with 2 N."""
    from certpath.cli import main  # noqa: PLC0415 - the other process does not need it

    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 1)
    for scan in SCANS:
        for times in (0, 1, 2):
            file, out = folder / f"{scan}.{max(times, 1)}.jsonl", folder / "verdicts.parquet"
            out.unlink(missing_ok=True)
            output = "jsonl" if scan == "text" else str(out)
            options = ["--roots", str(ROOT / "examples/roots.pem"), "--policy", "webpki", "-q"]
            options += ["--threads", "1", "-o", output]
            code = main(["check", str(file), *options])
            if code != (1 if scan == "strangers" else 0):
                sys.exit(f"{scan}: exit code {code}")
            os.getsid(0)


def counted(file: Path) -> int:
    """Instructions of the module itself, calls of others not included, in one of callgrind's files."""
    names: dict[str, str] = {}
    total, ours, is_call = 0, False, False
    for text in file.read_text("utf-8", errors="replace").splitlines():
        if text.startswith(("ob=", "cob=")):
            number, _, name = text.partition("=")[2].partition(" ")
            if name:
                names[number] = name
            if text.startswith("ob="):
                ours = MODULE in names[number]
        elif text.startswith("calls="):
            is_call = True
        elif text[:1].isdigit() or text.startswith(("+", "-", "*")):
            if ours and not is_call:
                total += int(text.split()[1])
            is_call = False
    return total


def measure(valgrind: str) -> dict[str, int]:
    """Instructions a row, part by part."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for scan, make in SCANS.items():
            for times in (1, 2):
                (folder / f"{scan}.{times}.jsonl").write_text(
                    "".join(map(make, range(ROWS * times))), "ascii"
                )
        out = folder / "out"
        command = [valgrind, "--tool=callgrind", f"--callgrind-out-file={out}", f"--dump-before={BOUNDARY}"]
        command += [sys.executable, __file__, "--work", str(folder)]
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if done.returncode:
            sys.exit(f"callgrind ended with {done.returncode}:\n{done.stderr[-2000:]}")
        # One file before each boundary; of each scan the first was practice.
        files = iter(Path(f"{out}.{number}") for number in range(1, 3 * len(SCANS) + 1))
        rows = {}
        for scan in SCANS:
            _, once, twice = next(files), counted(next(files)), counted(next(files))
            rows[scan] = (twice - once) / ROWS
    return {part: round(rows[scan] - (rows[less] if less else 0)) for part, (_, scan, less) in PARTS.items()}


def circumstances(valgrind: str) -> dict[str, str]:
    """What counts depend on beside the sources."""

    def told(*command: str) -> str:
        if shutil.which(command[0]) is None:
            return "none"
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()

    information = Path("/proc/cpuinfo")
    flags = information.read_text("utf-8").split() if information.exists() else []
    return {
        "processor": " ".join([platform.machine(), *(flag for flag in ("avx2", "bmi2") if flag in flags)]),
        "valgrind": told(valgrind, "--version"),
        # The patch level changes no code.
        "rustc": ".".join(told("rustc", "--version").split(" (", maxsplit=1)[0].split(".")[:2]),
    }


def complaints(found: dict[str, int], wanted: dict[str, int]) -> Iterator[str]:
    """What has become dearer."""
    for part in sorted({*found, *wanted}):
        if part not in found or part not in wanted:
            yield f"{part}: only in {'the baseline' if part in wanted else 'this run'}"
        elif found[part] / wanted[part] - 1 > ALLOWED:
            change = found[part] / wanted[part] - 1
            yield f"{part}: {found[part]:,} instructions a row, {change:+.1%} from {wanted[part]:,}"


def main() -> int:
    """Count, then compare or renew."""
    parser = argparse.ArgumentParser(description="Count the instructions of a fixed scan.")
    parser.add_argument("--renew", action="store_true", help="write the baseline anew")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work is not None:
        work(arguments.work)
        return 0
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        print("NOT RUN: there is no valgrind")
        return NOT_RUN
    here = circumstances(valgrind)
    baseline = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else collections.defaultdict(dict)
    if not arguments.renew and here != baseline["circumstances"]:
        differing = [
            f"{name} {here[name]}" for name in here if here[name] != baseline["circumstances"].get(name)
        ]
        print(f"NOT RUN: the baseline is not for {', '.join(differing)}")
        return NOT_RUN
    found = measure(valgrind)
    for part, (what, _, _) in PARTS.items():
        print(f"{found[part]:>9,}  {part}: {what}")
    if arguments.renew:
        told = {"circumstances": here, "instructions a row": found}
        BASELINE.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
        return 0
    wrong = list(complaints(found, baseline["instructions a row"]))
    print("\n".join(wrong) or f"none is more than {ALLOWED:.0%} above the baseline")
    for part, before in baseline["instructions a row"].items():
        if found.get(part, before) < before * (1 - ALLOWED):
            print(f"{part} has become cheaper, {found[part]:,} in place of {before:,}: --renew keeps it so")
    if wrong:
        print("If that is meant to be: python .ci/instructions.py --renew (CONTRIBUTING.md)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
