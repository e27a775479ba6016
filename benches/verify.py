"""Time the verifier against its rivals: ``python benches/verify.py [--limbo FILE] [--fast]``.

Three tables, all from one run, on one thread, from the same DER octets:

* S1: one chain with its name, the verifier kept from call to call, so that signatures checked
  before are remembered.
* S2: the same, but nothing is remembered: a new `Verifier` (or whatever the rival has) for each
  call. The trust store has been parsed before, on all sides.
* S9: chains that are refused, against the same chain accepted.

The rival is the verifier of ``cryptography``. Where ``pyOpenSSL`` is installed its
``X509StoreContext`` runs along; it checks no names. Rivals take turns in short batches, another one
first in each round, and the tables show the median of the rounds. FILE is in the schema of
x509-limbo, of which the cases ``online::*`` are taken: real sites, one root each. Without it the
accepted chains of examples/chains are used, whose dates and sizes are like those of the web.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import datetime
import importlib
import importlib.util
import json
import math
import platform
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import certpath
import cryptography
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import DNSName
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

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


@dataclasses.dataclass(frozen=True)
class Rival:
    """A verifier: prepared once for each case, then called again and again."""

    label: str
    warm: Callable[[Case], Call]
    cold: Callable[[Case], Call]


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


def certpath_warm(case: Case) -> Call:
    check = certpath.Verifier(certpath.TrustStore.from_der(case.roots)).check
    chain, name, at = case.chain, case.name, case.at
    return lambda: check(chain, name, at=at)


def certpath_cold(case: Case) -> Call:
    store = certpath.TrustStore.from_der(case.roots)
    chain, name, at = case.chain, case.name, case.at
    verifier = certpath.Verifier
    return lambda: verifier(store).check(chain, name, at=at)


def pyca_call(case: Case, builder: Callable[[], PolicyBuilder]) -> Call:
    load = x509.load_der_x509_certificate
    leaf, intermediates, name = case.leaf, case.intermediates, case.name

    def call() -> object:
        verifier = builder().build_server_verifier(DNSName(name))
        try:
            return verifier.verify(load(leaf), [load(der) for der in intermediates])
        except VerificationError:
            return None

    return call


def pyca_builder(case: Case) -> Callable[[], PolicyBuilder]:
    store = Store([x509.load_der_x509_certificate(der) for der in case.roots])
    at = case.at.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return lambda: PolicyBuilder().store(store).time(at)


def pyca_warm(case: Case) -> Call:
    # It remembers no signature; what can be kept between calls is the policy without the name.
    built = pyca_builder(case)()
    return pyca_call(case, lambda: built)


def pyca_cold(case: Case) -> Call:
    return pyca_call(case, pyca_builder(case))


def pyopenssl(case: Case) -> Call:
    crypto: Any = importlib.import_module("OpenSSL.crypto")
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

    return call


def rivals() -> list[Rival]:
    found = [Rival("certpath", certpath_warm, certpath_cold), Rival("pyca", pyca_warm, pyca_cold)]
    if importlib.util.find_spec("OpenSSL") is not None:
        found.append(Rival("pyOpenSSL", pyopenssl, pyopenssl))
    return found


def batch(call: Call, times: int) -> float:
    """Microseconds a call."""
    began = time.perf_counter_ns()
    for _ in range(times):
        call()
    return (time.perf_counter_ns() - began) / times / 1000


def race(calls: dict[str, Call], rounds: int, milliseconds: float) -> dict[str, float]:
    """The median cost of each call in microseconds, all of them taking turns."""
    times = {}
    for label, call in calls.items():
        batch(call, 3)
        times[label] = max(1, int(milliseconds * 1000 / max(batch(call, 3), 0.1)))
    samples: dict[str, list[float]] = {label: [] for label in calls}
    order = list(calls)
    for _ in range(rounds):
        for label in order:
            samples[label].append(batch(calls[label], times[label]))
        order.append(order.pop(0))
    return {label: statistics.median(values) for label, values in samples.items()}


def judged_alike(cases: list[Case], found: list[Rival]) -> list[Case]:
    """The cases that every rival accepts; the others are named and left out."""
    alike = []
    for case in cases:
        refused = [rival.label for rival in found if not accepts(rival.warm(case))]
        if refused:
            print(f"left out: {case.label}, refused by {', '.join(refused)}")
        else:
            alike.append(case)
    print(f"{len(alike)} of {len(cases)} chains, {len(cases) - len(alike)} left out\n")
    return alike


def accepts(call: Call) -> bool:
    result = call()
    # A list in the case of pyca, a Verdict in ours.
    return result is not None and bool(result)


def compare(title: str, rows: list[tuple[str, dict[str, float]]], target: str) -> None:
    """One table: microseconds of each rival and how many times longer than ours it takes."""
    others = [label for label in rows[0][1] if label != "certpath"]
    heads = ["chain", "certpath", *(part for other in others for part in (other, f"{other}: ratio"))]
    print(f"{title}\n")
    print(f"| {' | '.join(heads)} |")
    print(f"|:--|{'--:|' * (len(heads) - 1)}")
    ratios: dict[str, list[float]] = {other: [] for other in others}
    for label, medians in rows:
        cells = [label, f"{medians['certpath']:.1f}"]
        for other in others:
            ratio = medians[other] / medians["certpath"]
            ratios[other].append(ratio)
            cells += [f"{medians[other]:.1f}", f"{ratio:.2f}"]
        print(f"| {' | '.join(cells)} |")
    for other, values in ratios.items():
        mean = math.exp(statistics.fmean(math.log(value) for value in values))
        print(f"\n{other}: geometric mean {mean:.2f}, least {min(values):.2f}, most {max(values):.2f}")
    print(f"target against pyca: {target}\n")


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


def invalid(cases: list[Case], found: list[Rival], rounds: int, milliseconds: float) -> None:
    """The costs of refusing, as multiples of the cost of accepting."""
    heads = [part for rival in found for part in (f"{rival.label}", f"{rival.label}: / valid")]
    print("S9: refusing, µs a call, and as a multiple of accepting the same chain\n")
    print(f"| chain | what is wrong | {' | '.join(heads)} |")
    print(f"|:--|:--|{'--:|' * len(heads)}")
    worst: dict[str, float] = {}
    for case in cases:
        kinds = variants(case, stranger_to(case))
        calls = {
            (kind, rival.label): rival.warm(variant) for kind, variant in kinds.items() for rival in found
        }
        for (kind, label), call in calls.items():
            if accepts(call) is not (kind == "valid") and label != "pyOpenSSL":
                sys.exit(f"{case.label}, {kind}: {label} thinks otherwise")
        keys = {f"{kind}\0{label}": call for (kind, label), call in calls.items()}
        medians = race(keys, rounds, milliseconds)
        for kind in kinds:
            cells = [case.label, kind]
            for rival in found:
                cost = medians[f"{kind}\0{rival.label}"]
                ratio = cost / medians[f"valid\0{rival.label}"]
                cells += [f"{cost:.1f}", f"{ratio:.2f}"]
                if rival.label == "certpath":
                    worst[kind] = max(worst.get(kind, 0), ratio)
            print(f"| {' | '.join(cells)} |")
    highest = ", ".join(f"{kind} {ratio:.2f}" for kind, ratio in worst.items() if kind != "valid")
    print(f"\ncertpath, worst of the chains: {highest}\ntarget: at most 1.5\n")


def main() -> int:
    parser = argparse.ArgumentParser(description="Time certpath against other verifiers.")
    parser.add_argument("--limbo", type=Path, metavar="FILE", help="chains of real sites, limbo.json")
    parser.add_argument("--fast", action="store_true", help="a few rounds only: does it run?")
    arguments = parser.parse_args()
    # One of the real roots has the serial number zero, which cryptography mentions on every parse.
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    rounds, milliseconds = (3, 0.5) if arguments.fast else (41, 4.0)
    cases = limbo_cases(arguments.limbo) if arguments.limbo else example_cases()
    found = rivals()
    print(
        f"certpath {certpath.__version__}, cryptography {cryptography.__version__}, "
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}; "
        f"{rounds} rounds of {milliseconds:g} ms, medians, µs a call"
    )
    cases = judged_alike(cases, found)
    if not cases:
        return 1
    for title, target, kept in (
        ("S1: verifier kept", "geometric mean 5 or more, each 3 or more", True),
        ("S2: nothing remembered", "geometric mean 2 or more", False),
    ):
        rows = [
            (
                case.label,
                race(
                    {rival.label: (rival.warm if kept else rival.cold)(case) for rival in found},
                    rounds,
                    milliseconds,
                ),
            )
            for case in cases
        ]
        compare(title, rows, target)
    invalid(cases[:1] if arguments.fast else cases, found, rounds, milliseconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
