"""Time batches: ``python benches/bulk.py s3|s4|s5|s8|s9|all [--folder DIR] [--rows N] [--fast]``.

Scans come from benches/corpus.py, kept in DIR. The tables:

* S3: distinct, valid chains, nothing remembered: `check_many` and `check_arrow`, the verifier of
  ``cryptography`` on 1 to 4 threads, pyOpenSSL where it is installed, and the bare signatures of the
  end entities with the crypto library that certpath has (benches/leaf_signatures.rs).
* S4: chains seen before, and what repeats gain.
* S5: a pool of 10,000 intermediates, and none; the rival with 1,000 in its list.
* S8: zgrab2 JSON lines, compressed, to verdicts in Parquet with the command, against S3's rate on the same
  chains; peak memory, and the share of the signatures in the processor time. `--million` adds the scan of
  ten times as many rows.
* S9: invalid chains against valid ones, signatures known.

Rivals have the same octets in the same run and take turns, another one first in each round; the tables show
medians. ``cryptography`` gets Python lists, as `check_many` does.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import dataclasses
import functools
import importlib
import importlib.util
import json
import os
import platform
import ssl
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import certpath
import corpus
import cryptography
import scan_files
from corpus import Corpus, Shape, arrow
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import DNSName
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from issuance import AT, FAULTS
from support import pki
from turns import in_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[1]
POLICY = certpath.Policy.webpki()
Chains: TypeAlias = "Sequence[list[bytes]]"


@dataclasses.dataclass(frozen=True)
class Setting:
    """What all tables share."""

    folder: Path
    rows: int
    rounds: int
    threads: int
    fast: bool
    million: bool

    def scan(self, name: str, shape: Shape) -> Corpus:
        made = corpus.obtain(self.folder / f"{name}-{shape.rows}.arrow", shape)
        print(f"{name}: {corpus.summary(made)}", file=sys.stderr)
        return made


def verifier(scan: Corpus, pool: list[bytes] | None = None) -> certpath.Verifier:
    lent = certpath.IntermediatePool.from_der(pool) if pool else None
    store = certpath.TrustStore.from_der(scan.roots, name="roots")
    return certpath.Verifier(store, policy=POLICY, pool=lent)


def accepted(verdicts: Any, wanted: int) -> None:
    found = verdicts.counts().get("ok", 0)
    if found != wanted:
        sys.exit(f"certpath accepts {found} rows, not {wanted}")


def pyca(scan: Corpus, chains: Chains, names: list[str], threads: int, extra: int = 0) -> Callable[[], int]:
    """How many rows ``cryptography`` accepts; with the first `extra` certificates of the pool in its list."""
    load = x509.load_der_x509_certificate
    store = Store([load(der) for der in scan.roots])
    builder = PolicyBuilder().store(store).time(AT.replace(tzinfo=None))
    pool = [load(der) for der in scan.pool[:extra]]

    def judge(first: int) -> int:
        good = 0
        for chain, name in zip(chains[first::threads], names[first::threads], strict=True):
            try:
                certificates = [load(der) for der in chain[1:]] + pool
                builder.build_server_verifier(DNSName(name)).verify(load(chain[0]), certificates)
                good += 1
            except (IndexError, ValueError, VerificationError):
                pass
        return good

    def run() -> int:
        if threads == 1:
            return judge(0)
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(judge, range(threads)))

    return run


def pyopenssl(scan: Corpus, chains: Chains, threads: int) -> Callable[[], int]:
    """The same for pyOpenSSL, which checks no names."""
    crypto: Any = importlib.import_module("OpenSSL.crypto")
    load, kind = crypto.load_certificate, crypto.FILETYPE_ASN1
    store = crypto.X509Store()
    for der in scan.roots:
        store.add_cert(load(kind, der))
    store.set_time(AT)

    def judge(first: int) -> int:
        good = 0
        for chain in chains[first::threads]:
            try:
                crypto.X509StoreContext(
                    store, load(kind, chain[0]), [load(kind, der) for der in chain[1:]]
                ).verify_certificate()
                good += 1
            except (IndexError, crypto.Error, crypto.X509StoreContextError):
                pass
        return good

    def run() -> int:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(judge, range(threads)))

    return run


class BareSignatures:
    """The signatures of end entities alone, in a process that takes turns with us."""

    def __init__(self, chains: Chains, threads: int) -> None:
        built = subprocess.run(
            ["cargo", "bench", "--locked", "--bench", "leaf_signatures", "--no-run", "--message-format=json"],  # noqa: S607 (found on PATH)
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        program = next(
            message["executable"]
            for message in map(json.loads, built.splitlines())
            if message.get("executable") and message["target"]["name"] == "leaf_signatures"
        )
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(self.replay(chains))
        self.file = Path(file.name)
        self.process = subprocess.Popen(  # noqa: S603 (the same)
            [program, self.file, str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    @staticmethod
    def replay(chains: Chains) -> bytes:
        """The file that benches/leaf_signatures.rs describes."""

        def number(value: int) -> bytes:
            return value.to_bytes(4, "little")

        def counted(octets: bytes) -> bytes:
            return number(len(octets)) + octets

        keys: dict[bytes, tuple[int, bytes]] = {}
        signed = []
        for leaf, issuer, *_ in chains:
            if issuer not in keys:
                public = x509.load_der_x509_certificate(issuer).public_key()
                if isinstance(public, rsa.RSAPublicKey):
                    kind, form = b"\0", serialization.PublicFormat.PKCS1
                    octets = public.public_bytes(serialization.Encoding.DER, form)
                elif isinstance(public, ec.EllipticCurvePublicKey):
                    kind = b"\1" if public.key_size == 256 else b"\2"
                    form = serialization.PublicFormat.UncompressedPoint
                    octets = public.public_bytes(serialization.Encoding.X962, form)
                else:
                    sys.exit(f"no end entity is signed with {public}")
                keys[issuer] = (len(keys), kind + counted(octets))
            tbs, _, value = pki.elements(pki.inside(leaf))
            signed.append(number(keys[issuer][0]) + counted(tbs) + counted(pki.inside(value)[1:]))
        encoded = b"".join(key for _, key in keys.values())
        return number(len(keys)) + encoded + number(len(signed)) + b"".join(signed)

    def run(self, how: str) -> float:
        """Seconds, as the process itself measures them."""
        assert self.process.stdin is not None  # noqa: S101 (a pipe was asked for)
        assert self.process.stdout is not None  # noqa: S101 (the same)
        self.process.stdin.write(f"{how}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline()) / 1e9

    def processor_seconds(self, how: str) -> float:
        """The same in time of processors, on which a busy machine has less influence."""
        before = self.used()
        self.run(how)
        return self.used() - before

    def used(self) -> float:
        """utime and stime of proc_pid_stat(5): after the name, in brackets, the 12th and 13th."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text("ascii")
        return sum(map(int, stat.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        assert self.process.stdin is not None  # noqa: S101 (a pipe was asked for)
        self.process.stdin.close()
        self.process.wait()
        self.file.unlink()


def head(title: str, *columns: str) -> None:
    print(f"\n{title}\n\n| {' | '.join(columns)} |\n|:--|{'--:|' * (len(columns) - 1)}")


def line(*cells: object) -> None:
    print(f"| {' | '.join(str(cell) for cell in cells)} |")


def distinct(setting: Setting) -> Corpus:
    return setting.scan("clean", Shape.clean(setting.rows))


def s3(setting: Setting) -> None:
    scan = distinct(setting)
    chains, names, table = scan.chains(), scan.names(), scan.plain()
    rows, threads = len(chains), setting.threads
    bare = BareSignatures(chains, threads)

    def many(threads: int) -> None:
        accepted(verifier(scan).check_many(chains, names, at=AT, threads=threads), rows)

    def columns(threads: int) -> None:
        accepted(verifier(scan).check_arrow(table, threads=threads).read_all(), rows)

    def rival(run: Callable[[], int]) -> Callable[[], None]:
        def call() -> None:
            if (found := run()) != rows:
                sys.exit(f"a rival accepts {found} rows, not {rows}")

        return call

    calls: dict[str, Callable[[], object]] = {
        f"certpath, check_arrow, {threads} threads": lambda: columns(threads),
        "certpath, check_arrow, 1 thread": lambda: columns(1),
        f"certpath, check_many, {threads} threads": lambda: many(threads),
        f"bare signatures, {threads} threads, keys decoded once": lambda: bare.run("parsed"),
        f"bare signatures, {threads} threads, keys decoded each time": lambda: bare.run("encoded"),
    }
    for count in (1, 2, 3, 4):
        plural = "" if count == 1 else "s"
        calls[f"pyca, {count} thread{plural}"] = rival(pyca(scan, chains, names, count))
    if importlib.util.find_spec("OpenSSL") is not None:
        for count in (1, 2):
            plural = "" if count == 1 else "s"
            calls[f"pyOpenSSL, {count} thread{plural}, no names"] = rival(pyopenssl(scan, chains, count))
    medians = in_turns(calls, setting.rounds)
    bare.close()
    ours = medians[f"certpath, check_arrow, {threads} threads"]
    head(f"S3: {rows:,} distinct chains, nothing remembered", "", "rows/s", "µs a row", "time / certpath's")
    for label, seconds in medians.items():
        line(label, f"{rows / seconds:,.0f}", f"{seconds / rows * 1e6:.2f}", f"{seconds / ours:.2f}")
    best = min(seconds for label, seconds in medians.items() if label.startswith("pyca"))
    parsed, encoded = (medians[label] for label in medians if label.startswith("bare"))
    print(
        f"\npyca's best / certpath: {best / ours:.2f} (target 12); certpath / bare signatures: "
        f"{ours / parsed:.2f} with keys decoded once, {ours / encoded:.2f} each time (target 1.2)"
    )


def s4(setting: Setting) -> None:
    scan = distinct(setting)
    pa = arrow()
    table, rows, threads = scan.plain(), scan.hosts.num_rows, setting.threads
    memory = 16 * table.nbytes
    warm = verifier(scan)
    accepted(warm.check_arrow(table, threads=threads, memory=memory).read_all(), rows)
    fresh = rows * 6 // 10
    again = [number % fresh for number in range(rows - fresh)]
    repeating = table.take(pa.array([*range(fresh), *again], pa.int64()))

    def remembered(threads: int) -> None:
        accepted(warm.check_arrow(table, threads=threads, memory=memory).read_all(), rows)

    def cold(data: Any) -> None:
        accepted(verifier(scan).check_arrow(data, threads=threads).read_all(), rows)

    few = table.take(pa.array([number % 1_000 for number in range(rows)], pa.int64()))
    one_thread, all_threads = (
        "seen in an earlier batch, 1 thread",
        f"seen in an earlier batch, {threads} threads",
    )
    within = "1,000 chains repeated within a batch"
    medians = in_turns(
        {
            one_thread: lambda: remembered(1),
            all_threads: lambda: remembered(threads),
            within: lambda: cold(few),
            "all distinct": lambda: cold(table),
            "40 % repeats": lambda: cold(repeating),
        },
        setting.rounds,
    )
    head(f"S4: {rows:,} chains, check_arrow", "", "µs a row")
    for label, seconds in medians.items():
        line(label, f"{seconds / rows * 1e6:.2f}")
    saved = 1 - medians["40 % repeats"] / medians["all distinct"]
    print(
        f"\nseen before: {medians[one_thread] / rows * 1e6:.2f} µs each on one thread (target 2); "
        f"40 % repeats save {saved:.0%} (target 40 %)"
    )


def s5(setting: Setting) -> None:
    rows = min(setting.rows, 20_000)
    shape = dataclasses.replace(Shape.clean(rows), pool=1_000 if setting.fast else 10_000)
    scan = setting.scan("pool", shape)
    table, chains, names = scan.plain(), scan.chains(), scan.names()
    few = min(rows, 1_000)
    store = certpath.TrustStore.from_der(scan.roots, name="roots")
    lent = certpath.IntermediatePool.from_der(scan.pool)
    # The pool that every verifier below shares is parsed once; a verifier of its own remembers nothing.
    plain = functools.partial(certpath.Verifier, store, policy=POLICY)

    def judge(pool: certpath.IntermediatePool | None) -> None:
        accepted(plain(pool=pool).check_arrow(table, threads=1).read_all(), rows)

    with_pool = f"certpath, pool of {len(lent):,}"
    calls: dict[str, Callable[[], object]] = {
        "certpath, no pool": lambda: judge(None),
        with_pool: lambda: judge(lent),
    }
    medians = {name: time / rows for name, time in in_turns(calls, setting.rounds).items()}
    rivals: dict[str, Callable[[], object]] = {
        "pyca, none": pyca(scan, chains[:few], names[:few], 1),
        "pyca, 1,000 in its list": pyca(scan, chains[:few], names[:few], 1, 1_000),
    }
    medians |= {name: time / few for name, time in in_turns(rivals, setting.rounds).items()}
    head("S5: intermediates to choose from, one thread", "", "µs a row")
    for label, seconds in medians.items():
        line(label, f"{seconds * 1e6:.2f}")
    ratio = medians[with_pool] / medians["certpath, no pool"]
    print(
        f"\nwith a pool / without: certpath {ratio:.2f} (target 1.1), "
        f"pyca {medians['pyca, 1,000 in its list'] / medians['pyca, none']:.2f}"
    )


LAUNCHER = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
taken = time.perf_counter() - began
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, done.stderr, taken, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
"""
"""Started between us and the command: Linux counts what a process was forked from into its peak memory."""


def command(arguments: list[str]) -> tuple[float, float, int]:
    """Wall seconds, processor seconds and peak kibibytes of the command."""
    run = [sys.executable, "-m", "certpath", *arguments]
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-c", LAUNCHER, *run], check=True, stdout=subprocess.PIPE, text=True
    )
    code, complaint, taken, processor, peak = json.loads(done.stdout)
    # 1: some chains are not valid.
    if code not in {0, 1}:
        sys.exit(f"certpath {' '.join(arguments)}: {complaint}")
    return taken, processor, peak


def s8(setting: Setting) -> None:
    scan = distinct(setting)
    table, rows = scan.plain(), scan.hosts.num_rows
    roots = setting.folder / "roots.pem"
    roots.write_text("".join(ssl.DER_cert_to_PEM_cert(der) for der in scan.roots), "ascii")
    out = setting.folder / "verdicts.parquet"
    one = BareSignatures(scan.chains(), 1)
    signatures = min(one.processor_seconds("parsed") for _ in range(3))
    one.close()

    def columns() -> None:
        accepted(verifier(scan).check_arrow(table, threads=setting.threads).read_all(), rows)

    head(
        "S8: zgrab2 lines to Parquet, with the command",
        "scan",
        "rows",
        "rows/s",
        "/ S3's rate",
        "processor µs a row",
        "share of signatures",
        "peak MiB",
    )
    for lean in (False, True):
        file = zgrab2(setting, scan, "clean", lean=lean)
        usages: list[tuple[float, float, int]] = []

        def check(file: Path = file, usages: list[tuple[float, float, int]] = usages) -> None:
            usages.append(command(judged(file, roots, out, setting.threads)))

        medians = in_turns({"arrow": columns, "command": check}, setting.rounds)
        processor, peak = (sorted(values)[len(values) // 2] for values in list(zip(*usages, strict=True))[1:])
        line(
            "distinct, lean" if lean else "distinct, full lines",
            f"{rows:,}",
            f"{rows / medians['command']:,.0f}",
            f"{medians['arrow'] / medians['command']:.2f}",
            f"{processor / rows * 1e6:.2f}",
            f"{signatures / processor:.0%}",
            f"{peak / 1024:.0f}",
        )
    peaks = []
    for count in (setting.rows, setting.rows * 10) if setting.million else (setting.rows,):
        mixed = setting.scan("mixed", Shape(count))
        roots.write_text("".join(ssl.DER_cert_to_PEM_cert(der) for der in mixed.roots), "ascii")
        file = zgrab2(setting, mixed, "mixed", lean=True)
        del mixed
        taken, processor, peak = command(judged(file, roots, out, setting.threads))
        peaks.append(peak)
        used = f"{processor / count * 1e6:.2f}"
        line("mixed, lean", f"{count:,}", f"{count / taken:,.0f}", "", used, "", f"{peak / 1024:.0f}")
    if len(peaks) > 1:
        print(f"\npeak memory of ten times the rows: {peaks[1] / peaks[0]:.2f} times (target: 1.1 at most)")


def judged(file: Path, roots: Path, out: Path, threads: int) -> list[str]:
    """The arguments of the command."""
    out.unlink(missing_ok=True)
    arguments = ["check", str(file), "--roots", str(roots), "--policy", "webpki", "-o", str(out)]
    return [*arguments, "--threads", str(threads)]


def zgrab2(setting: Setting, scan: Corpus, name: str, *, lean: bool) -> Path:
    path = setting.folder / f"{name}-{scan.hosts.num_rows}{'-lean' if lean else ''}.jsonl.zst"
    made = setting.folder / f"{name}-{scan.hosts.num_rows}.arrow"
    if not path.exists() or path.stat().st_mtime < made.stat().st_mtime:
        scan_files.write_zgrab2(scan, path, lean=lean)
    return path


def s9(setting: Setting) -> None:
    scan = setting.scan("mixed", Shape(min(setting.rows, 50_000)))
    pa, table = arrow(), scan.plain()
    positions: dict[str, list[int]] = collections.defaultdict(list)
    for position, kind in enumerate(scan.hosts["kind"].to_pylist()):
        positions[kind].append(position)
    judge = verifier(scan)
    seconds = 0

    def call(rows: Any) -> Callable[[], None]:
        def check() -> None:
            # Another second, another question: verdicts are not remembered, signatures are.
            nonlocal seconds
            seconds += 1
            judge.check_arrow(rows, at=AT.timestamp() + seconds, threads=1, memory=0).read_all()

        return check

    calls: dict[str, Callable[[], object]] = {}
    counts = {}
    for kind in ("valid", *FAULTS):
        # Distinct ones, as many as the verifier remembers.
        rows = table.take(pa.array(positions[kind][:2_000], pa.int64())).drop_columns(["at", "key", "kind"])
        counts[kind] = rows.num_rows
        calls[kind] = call(rows)
        calls[kind]()
    medians = {kind: taken / counts[kind] for kind, taken in in_turns(calls, setting.rounds).items()}
    head("S9: invalid chains, signatures known, one thread", "", "µs a row", "/ valid")
    for kind, taken in medians.items():
        line(kind.replace("_", " "), f"{taken * 1e6:.2f}", f"{taken / medians['valid']:.2f}")
    print(f"\nworst: {max(taken / medians['valid'] for taken in medians.values()):.2f} (target 1.5)")


TABLES = {"s3": s3, "s4": s4, "s5": s5, "s8": s8, "s9": s9}


def main() -> int:
    parser = argparse.ArgumentParser(description="Time batches.")
    parser.add_argument("table", choices=[*TABLES, "all"])
    parser.add_argument("--folder", type=Path, help="keeps the scans (default: a temporary folder)")
    parser.add_argument("--rows", type=int, default=100_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    parser.add_argument("--million", action="store_true", help="S8: also ten times the rows")
    parser.add_argument("--fast", action="store_true", help="a few rows and one round: does it run?")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    rows, rounds = (2_000, 1) if arguments.fast else (arguments.rows, arguments.rounds)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        setting = Setting(folder, rows, rounds, arguments.threads, arguments.fast, arguments.million)
        print(
            f"certpath {certpath.__version__}, cryptography {cryptography.__version__}, "
            f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}; "
            f"{os.cpu_count()} cores, {rounds} rounds, medians"
        )
        for table in TABLES if arguments.table == "all" else [arguments.table]:
            TABLES[table](setting)
    return 0


if __name__ == "__main__":
    sys.exit(main())
