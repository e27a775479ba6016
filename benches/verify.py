"""Time the verifier against its rivals: ``python benches/verify.py [--limbo FILE] [--fast] [--no-programs]``.

Three tables, all from one run, on one thread, from the same DER octets:

* S1: one chain with its name, the verifier kept from call to call, so that signatures checked
  before are remembered.
* S2: the same, but nothing is remembered: a new `Verifier` (or whatever the rival has) for each
  call. The trust store has been parsed before, on all sides. Beside it the bare signatures of the path.
* S9: chains that are refused, against the same chain accepted.

The rivals: the verifier of ``cryptography``; ``X509StoreContext`` of pyOpenSSL, which checks no names; and
of programs.py the command of OpenSSL, Go's crypto/x509 and webpki. What is not to be had is named and
left out; so is a rival that refuses a chain, for that chain. Rivals take turns in short batches, another one
first in each round, and the tables show the median of the rounds. FILE is in the schema of x509-limbo, of
which the cases ``online::*`` are taken: real sites, one root each. Without it the accepted chains of
examples/chains are used, whose dates and sizes are like those of the web.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import dataclasses
import datetime
import json
import platform
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias

import certpath
import cryptography
import programs
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import DNSName
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from figures import MICROSECONDS, TIMES, Chart, Result, Table, Target, geometric_mean

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s+(.*?)-----END CERTIFICATE-----", re.DOTALL)
FAR_FUTURE = datetime.datetime(2060, 1, 1, tzinfo=datetime.timezone.utc)

Call: TypeAlias = Callable[[], object]


@dataclasses.dataclass(frozen=True)
class Case:
    """A chain that is accepted: octets only, as every rival starts from them."""

    label: str
    leaf: bytes
    intermediates: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    name: str
    at: datetime.datetime

    @property
    def chain(self) -> list[bytes]:
        return [self.leaf, *self.intermediates]

    @property
    def question(self) -> programs.Question:
        return programs.Question(self.chain, self.name, self.at)


class Contender(Protocol):
    """A rival with one chain."""

    def accepts(self) -> bool: ...

    def batch(self, times: int) -> float:
        """Microseconds a call."""
        ...

    def close(self) -> None: ...


@dataclasses.dataclass(frozen=True)
class InProcess:
    """A function of this process."""

    call: Call

    def accepts(self) -> bool:
        # A list in the case of pyca, a Verdict in ours.
        return bool(self.call())

    def batch(self, times: int) -> float:
        call = self.call
        began = time.perf_counter_ns()
        for _ in range(times):
            call()
        return (time.perf_counter_ns() - began) / times / 1000

    def close(self) -> None:
        """Nothing is left."""


@dataclasses.dataclass(frozen=True)
class OfProgram:
    """A program that asks itself so many times."""

    program: programs.Verifying | programs.OpenSSL
    least: int = 1

    def accepts(self) -> bool:
        try:
            self.program.run(1, 2)
        except programs.Refuses:
            return False
        return True

    def batch(self, times: int) -> float:
        times = max(times, self.least)
        return self.program.run(1, times) * 1e6 / times

    def close(self) -> None:
        self.program.close()


@dataclasses.dataclass(frozen=True)
class Rival:
    """A verifier: prepared once for each case, then called again and again."""

    label: str
    warm: Callable[[Case], Contender]
    cold: Callable[[Case], Contender]


@dataclasses.dataclass
class Setting:
    """What the tables share."""

    cases: list[Case]
    rounds: int
    milliseconds: float

    @classmethod
    def of(cls, limbo: Path | None, *, fast: bool) -> Setting:
        cases = [case for case in (limbo_cases(limbo) if limbo else example_cases()) if accepted(case)]
        return cls(cases[:2] if fast else cases, *((3, 0.5) if fast else (41, 4.0)))


def der_of(text: str) -> list[bytes]:
    return [base64.b64decode(block) for block in PEM.findall(text)]


def limbo_cases(path: Path) -> list[Case]:
    cases = []
    for case in json.loads(path.read_text(encoding="utf-8"))["testcases"]:
        if not case["id"].startswith("online::") or case["expected_result"] != "SUCCESS":
            continue
        cases.append(
            Case(
                label=case["id"].removeprefix("online::"),
                leaf=der_of(case["peer_certificate"])[0],
                intermediates=tuple(der for pem in case["untrusted_intermediates"] for der in der_of(pem)),
                roots=tuple(der for pem in case["trusted_certs"] for der in der_of(pem)),
                name=case["expected_peer_name"]["value"],
                at=datetime.datetime.fromisoformat(case["validation_time"]),
            )
        )
    return cases


def example_cases() -> list[Case]:
    roots = tuple(der_of((EXAMPLES / "roots.pem").read_text(encoding="ascii")))
    cases = []
    for label in ("good-rsa", "good-ecdsa"):
        leaf, *intermediates = der_of((EXAMPLES / f"chains/{label}.pem").read_text(encoding="ascii"))
        at = datetime.datetime(2026, 1, 15, tzinfo=datetime.timezone.utc)
        cases.append(Case(label, leaf, tuple(intermediates), roots, "www.example.test", at))
    return cases


def accepted(case: Case) -> bool:
    """Whether certpath accepts it; a case that it refuses is named and left out."""
    if certpath_warm(case).accepts():
        return True
    print(f"left out: {case.label}, which certpath refuses", file=sys.stderr)
    return False


def certpath_warm(case: Case) -> Contender:
    check = certpath.Verifier(certpath.TrustStore.from_der(case.roots)).check
    chain, name, at = case.chain, case.name, case.at
    return InProcess(lambda: check(chain, name, at=at))


def certpath_cold(case: Case) -> Contender:
    store = certpath.TrustStore.from_der(case.roots)
    chain, name, at = case.chain, case.name, case.at
    verifier = certpath.Verifier
    return InProcess(lambda: verifier(store).check(chain, name, at=at))


def pyca_call(case: Case, builder: Callable[[], PolicyBuilder]) -> Contender:
    load = x509.load_der_x509_certificate
    leaf, intermediates, name = case.leaf, case.intermediates, case.name

    def call() -> object:
        verifier = builder().build_server_verifier(DNSName(name))
        try:
            return verifier.verify(load(leaf), [load(der) for der in intermediates])
        except VerificationError:
            return None

    return InProcess(call)


def pyca_builder(case: Case) -> Callable[[], PolicyBuilder]:
    store = Store([x509.load_der_x509_certificate(der) for der in case.roots])
    at = case.at.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return lambda: PolicyBuilder().store(store).time(at)


def pyca_warm(case: Case) -> Contender:
    # It remembers no signature; what can be kept between calls is the policy without the name.
    built = pyca_builder(case)()
    return pyca_call(case, lambda: built)


def pyca_cold(case: Case) -> Contender:
    return pyca_call(case, pyca_builder(case))


def pyopenssl(case: Case) -> Contender:
    crypto = programs.pyopenssl()
    store = crypto.X509Store()
    for der in case.roots:
        store.add_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, der))
    store.set_time(case.at.astimezone(datetime.timezone.utc))
    load, kind, context = crypto.load_certificate, crypto.FILETYPE_ASN1, crypto.X509StoreContext
    leaf, intermediates = case.leaf, case.intermediates

    def call() -> object:
        try:
            context(store, load(kind, leaf), [load(kind, der) for der in intermediates]).verify_certificate()
        except crypto.X509StoreContextError:
            return None
        return True

    return InProcess(call)


def openssl(case: Case) -> Contender:
    # Two processes for each batch: enough calls that what they take to start does not drown them.
    return OfProgram(programs.OpenSSL(case.roots, [case.question], case.name), least=40)


def go(case: Case) -> Contender:
    return OfProgram(programs.Verifying.go(case.roots, [case.question]))


def webpki(case: Case) -> Contender:
    return OfProgram(programs.Verifying.webpki(case.roots, [case.question]))


CERTPATH = Rival("certpath", certpath_warm, certpath_cold)
PYCA = Rival("pyca", pyca_warm, pyca_cold)
RIVALS = [
    CERTPATH,
    PYCA,
    Rival("pyOpenSSL, no names", pyopenssl, pyopenssl),
    Rival("openssl verify", openssl, openssl),
    Rival("Go", go, go),
    Rival("webpki", webpki, webpki),
]


def at_hand(case: Case, result: Result) -> list[Rival]:
    """The rivals that can be had; why not the others."""
    found = []
    for rival in RIVALS:
        try:
            rival.warm(case).close()
            found.append(rival)
        except programs.Missing as reason:
            result.not_run.append(f"{rival.label} ({reason})")
    return found


def race(contenders: dict[str, Contender], rounds: int, milliseconds: float) -> dict[str, float]:
    """The median cost of each call in microseconds, all of them taking turns."""
    times = {}
    for label, one in contenders.items():
        one.batch(3)
        times[label] = max(1, int(milliseconds * 1000 / max(one.batch(3), 0.1)))
    samples: dict[str, list[float]] = {label: [] for label in contenders}
    order = list(contenders)
    for _ in range(rounds):
        for label in order:
            samples[label].append(contenders[label].batch(times[label]))
        order.append(order.pop(0))
    return {label: statistics.median(values) for label, values in samples.items()}


class Bare:
    """The signatures of the path that certpath finds, checked and nothing else; keys decoded each time."""

    def __init__(self, case: Case) -> None:
        verifier = certpath.Verifier(certpath.TrustStore.from_der(case.roots))
        path = [one.der for one in verifier.verify(case.chain, case.name, at=case.at)]
        read = [x509.load_der_x509_certificate(der) for der in path]
        signed = [programs.Signed.certificate(path[n], read[n + 1]) for n in range(len(path) - 1)]
        # Many times in one go, so that starting its thread does not count.
        self.times = 200
        self.program = programs.BareSignatures(signed * self.times)

    def accepts(self) -> bool:
        return True

    def batch(self, times: int) -> float:
        del times
        return self.program.run("encoded") * 1e6 / self.times

    def close(self) -> None:
        self.program.close()


def measure(setting: Setting, name: str, title: str, *, kept: bool) -> tuple[Result, list[dict[str, float]]]:
    """One table: microseconds of each rival and how many times longer than ours it takes."""
    result = Result(name)
    found = at_hand(setting.cases[0], result)
    rows = []
    for case in setting.cases:
        contenders = {rival.label: (rival.warm if kept else rival.cold)(case) for rival in found}
        if not kept:
            with contextlib.suppress(programs.Missing):
                contenders["bare signatures"] = Bare(case)
        try:
            for label in [label for label, one in contenders.items() if not one.accepts()]:
                result.not_run.append(f"{label} with {case.label}, which it refuses")
                contenders.pop(label).close()
            rows.append(race(contenders, setting.rounds, setting.milliseconds))
        finally:
            for one in contenders.values():
                one.close()
    labels = list(dict.fromkeys(label for row in rows for label in row))
    table = Table(f"{title}, µs a call", ["chain", *labels])
    for case, row in zip(setting.cases, rows, strict=True):
        table.add(case.label, *(f"{row[label]:.1f}" if label in row else "-" for label in labels))
    ratios = {label: [row[label] / row["certpath"] for row in rows if label in row] for label in labels[1:]}
    table.add(
        "mean of time / certpath's", "", *(f"{geometric_mean(ratios[label]):.2f}" for label in labels[1:])
    )
    table.add("least", "", *(f"{min(ratios[label]):.2f}" for label in labels[1:]))
    result.tables.append(table)
    means = {label: geometric_mean(row[label] for row in rows if label in row) for label in labels}
    result.charts.append(Chart(f"{title} (mean of {len(rows)} chains)", MICROSECONDS, means))
    return result, rows


def s1(setting: Setting) -> Result:
    result, rows = measure(setting, "S1", "S1: verifier kept", kept=True)
    ratios = [row["pyca"] / row["certpath"] for row in rows if "pyca" in row]
    result.targets = [
        Target.at_least("a chain seen before, pyca / certpath, mean", geometric_mean(ratios), 30, TIMES),
        Target.at_least("the same, least of all chains", min(ratios), 15, TIMES),
    ]
    return result


def s2(setting: Setting) -> Result:
    result, rows = measure(setting, "S2", "S2: nothing remembered", kept=False)
    ratios = [row["pyca"] / row["certpath"] for row in rows if "pyca" in row]
    bare = [row["certpath"] / row["bare signatures"] for row in rows if "bare signatures" in row]
    what = "certpath / the path's bare signatures, mean"
    result.targets = [
        Target.at_least("nothing remembered, pyca / certpath, mean", geometric_mean(ratios), 2.2, TIMES),
        Target.at_most(what, geometric_mean(bare), 1.1, TIMES)
        if bare
        else Target.not_run(what, "≤ 1.1 times", "the bare signatures could not be had"),
    ]
    return result


def variants(case: Case, stranger: bytes) -> dict[str, Case]:
    """The chain as it is, and what may be wrong with it."""
    change = dataclasses.replace
    root = case.roots[0]
    return {
        "valid": case,
        "expired": change(case, at=FAR_FUTURE),
        "wrong name": change(case, name="wrong.name.invalid"),
        "unknown issuer": change(case, roots=(stranger,)),
        "self-signed": change(case, leaf=root, intermediates=(), roots=(stranger,)),
    }


def stranger_to(case: Case) -> bytes:
    """A root that has nothing to do with the case."""
    for file in ("roots.pem", "public/digicert-global-root-g3.pem"):
        root = der_of((EXAMPLES / file).read_text(encoding="ascii"))[0]
        if root not in case.roots:
            return root
    sys.exit(f"{case.label}: no root is a stranger to it")


def s9(setting: Setting) -> Result:
    """The costs of refusing, as multiples of the cost of accepting."""
    result = Result("S9")
    kinds = ["valid", "expired", "wrong name", "unknown issuer", "self-signed"]
    table = Table("S9: refusing, verifier kept, µs a call (/ valid)", ["chain", "", *kinds])
    worst = dict.fromkeys(kinds[1:], 0.0)
    for case in setting.cases:
        contenders: dict[str, Contender] = {}
        for kind, variant in variants(case, stranger_to(case)).items():
            for rival in (CERTPATH, PYCA):
                contenders[f"{rival.label} {kind}"] = one = rival.warm(variant)
                if one.accepts() is not (kind == "valid"):
                    sys.exit(f"{case.label}, {kind}: {rival.label} thinks otherwise")
        medians = race(contenders, setting.rounds, setting.milliseconds)
        for rival in (CERTPATH, PYCA):
            costs = {kind: medians[f"{rival.label} {kind}"] for kind in kinds}
            cells = [f"{cost:.1f} ({cost / costs['valid']:.2f})" for cost in costs.values()]
            table.add(case.label, rival.label, *cells)
            if rival is CERTPATH:
                worst = {kind: max(most, costs[kind] / costs["valid"]) for kind, most in worst.items()}
    result.tables.append(table)
    kind = max(worst, key=lambda one: worst[one])
    result.targets.append(
        Target.at_most(f"one refused chain / the valid one, worst ({kind})", worst[kind], 1.5, TIMES)
    )
    return result


TABLES: dict[str, Callable[[Setting], Result]] = {"s1": s1, "s2": s2, "s9": s9}


def main() -> int:
    parser = argparse.ArgumentParser(description="Time certpath against other verifiers.")
    parser.add_argument("--limbo", type=Path, metavar="FILE", help="chains of real sites, limbo.json")
    parser.add_argument("--fast", action="store_true", help="a few rounds only: does it run?")
    parser.add_argument("--no-programs", action="store_true", help="leave out what has to be built")
    arguments = parser.parse_args()
    # One of the real roots has the serial number zero, which cryptography mentions on every parse.
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    programs.build = not arguments.no_programs
    setting = Setting.of(arguments.limbo, fast=arguments.fast)
    print(
        f"certpath {certpath.__version__}, cryptography {cryptography.__version__}, "
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}; "
        f"{setting.rounds} rounds of {setting.milliseconds:g} ms, medians, µs a call"
    )
    if not setting.cases:
        return 1
    for table in TABLES.values():
        print(f"\n{table(setting).text()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
