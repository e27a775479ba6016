"""Time contexts and handshakes against the standard library: ``python benches/context.py [--fast]``.

Two tables, from one run:

* S6: ``create_default_context()`` with the system's roots: the first in a process (each sample in an
  interpreter of its own, with all modules loaded) and those after it.
* S7: a TLS handshake over memory with the client verifying its server (CERT_REQUIRED, host name,
  root in the store, one intermediate sent), by version and key. Both sides run in the one thread, and
  the server is the standard library's in both columns, so the difference is the client's.
  *seen*: the client has met the chain before and remembers its signatures, as one does that talks to the
  same servers; *new*: it has forgotten them before each handshake (before the clock runs, that is).

Rivals take turns, and the tables show medians.
"""

from __future__ import annotations

import argparse
import functools
import platform
import ssl
import statistics
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import certpath
from figures import MICROSECONDS, TIMES, Chart, Result, Table, Target
from support import pki
from support.authority import LOCAL
from support.link import Link
from turns import in_turns

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = """
import time, ssl, {module} as module
module.SSLContext  # certpath loads what contexts need when one is first asked for
start = time.perf_counter()
context = module.create_default_context()
print(time.perf_counter() - start)
"""


def first_in_process(module: str) -> float:
    code = FIRST.format(module=module)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - code written here
    return float(done.stdout)


def s6(rounds: int) -> Result:
    roots = ssl.create_default_context().cert_store_stats()["x509"]
    title = f"S6: create_default_context(), {roots} system roots"
    table = Table(f"{title}, ms", ["", "ssl", "certpath", "ssl / certpath"])
    first: dict[str, list[float]] = {"ssl": [], "certpath": []}
    for _ in range(max(3, rounds // 20)):
        for module, times in first.items():
            times.append(first_in_process(module))
    after: dict[str, Callable[[], object]] = {
        "ssl": ssl.create_default_context,
        "certpath": certpath.create_default_context,
    }
    result = Result("S6", [table])
    for what, medians, least in (
        ("first in a process", {name: statistics.median(times) for name, times in first.items()}, 6),
        ("after it", in_turns(after, rounds), 40),
    ):
        theirs, ours = medians["ssl"], medians["certpath"]
        table.add(what, f"{theirs * 1e3:.2f}", f"{ours * 1e3:.2f}", f"{theirs / ours:.2f}")
        target = Target.at_least(f"a context, {what}, ssl / certpath", theirs / ours, least, TIMES)
        result.targets.append(target)
    return result


def s7(rounds: int) -> Result:
    title = "S7: handshake over memory, client and server together"
    columns = ["", "ssl", "certpath, seen", "/ ssl", "certpath, new", "/ ssl"]
    table = Table(f"{title}, µs", columns)
    ratios: dict[str, dict[str, float]] = {"seen": {}, "new": {}}
    bars: dict[str, float] = {}
    for label, kind in (
        ("RSA-2048", "rsa2048"),
        ("P-256", "p256"),
        ("P-384", "p384"),
        ("Ed25519", "ed25519"),
    ):
        root = pki.issue("Root", ca=True, own_key=kind)
        intermediate = pki.issue("Intermediate", root, ca=True, own_key=kind)
        leaf = pki.issue("localhost", intermediate, own_key=kind, extensions=(LOCAL,))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            server = server_context((leaf, intermediate), version)
            forgetful = client_context(certpath.SSLContext, root)
            calls = {
                "ssl": shaking(client_context(ssl.SSLContext, root), server),
                "seen": shaking(client_context(certpath.SSLContext, root), server),
                "new": shaking(forgetful, server),
            }
            before: dict[str, Callable[[], object]] = {"new": functools.partial(forget, forgetful)}
            medians = in_turns(calls, rounds, before)
            cell = f"{label}, {version.name}"
            cells = [f"{medians['ssl'] * 1e6:.0f}"]
            for which, found in ratios.items():
                found[cell] = medians[which] / medians["ssl"]
                cells += [f"{medians[which] * 1e6:.0f}", f"{found[cell]:.2f}"]
            table.add(cell, *cells)
            bars |= {f"{cell}, {who}": taken * 1e6 for who, taken in medians.items()}
    result = Result("S7", [table], charts=[Chart(title, MICROSECONDS, bars)])
    for which, found in ratios.items():
        worst = max(found, key=lambda cell: found[cell])
        what = f"handshake, chain {which}, certpath / ssl, worst cell ({worst})"
        result.targets.append(Target.at_most(what, found[worst], 1, TIMES))
    return result


def server_context(chain: tuple[pki.Entity, ...], version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(chain[0].key_pem + pki.chain_pem(chain))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def client_context(kind: Any, root: pki.Entity) -> Any:
    context = kind(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=root.der)
    return context


def forget(client: certpath.SSLContext) -> None:
    """Leave the context with a verifier that has not met any chain yet."""
    anchors = client._anchors  # noqa: SLF001 - there is no other way to forget
    settings = list(anchors._verifiers)  # noqa: SLF001 - as above
    anchors._verifiers.clear()  # noqa: SLF001 - as above
    for one in settings:
        anchors.verifier(*one)


def shaking(client: ssl.SSLContext, server: ssl.SSLContext) -> Callable[[], object]:
    def shake() -> None:
        link = Link(client, server)
        for end in (link.client, link.server, link.client, link.server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
        link.client.write(b"x")

    return shake


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fast", action="store_true", help="few rounds: to see that it runs")
    rounds = 20 if parser.parse_args().fast else 300
    print(f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, certpath {certpath.__version__}\n")
    print(f"{s6(rounds).text()}\n\n{s7(rounds).text()}")


if __name__ == "__main__":
    main()
