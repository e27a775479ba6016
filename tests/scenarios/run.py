"""Try the clients of the world on certpath: whatever `ssl` answers, certpath has to answer.

    python tests/scenarios/run.py [NAME ...]

Each client (uses.py) meets each server (servers.py) in a process of its own: plain, with a certpath
context where it takes one, and injected. Prints a table; exit code 1 if an outcome differs from that of
`ssl`, from what it should be, or if certpath was not asked. `.ci/clients` has what this needs.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import json
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import servers  # noqa: E402 - as above
from support import peers  # noqa: E402 - beside this folder
from support.authority import Authority  # noqa: E402 - as above
from uses import USES, Use  # noqa: E402 - as above

# Leaf, whether the intermediate is sent, and what `ssl` says: the beginning of its message.
CASES: dict[str, tuple[str, bool, str]] = {
    "good": ("good", True, "ok"),
    "wrong name": ("wrong name", True, "Hostname mismatch"),
    "untrusted": ("untrusted", True, "unable to get local issuer certificate"),
    "expired": ("expired", True, "certificate has expired"),
    "missing intermediate": ("good", False, "unable to get local issuer certificate"),
}

# What a protocol is spoken by, where it is a real one.
PROGRAMS = {"redis": "redis-server", "postgres": "postgres"}

# botocore has urllib3 compare names after the handshake.
NAMES_COMPARED_LATER = "doesn't match 'elsewhere.example'"

PACKAGES = (
    "aiohttp", "aiosmtplib", "anyio", "asyncpg", "boto3", "eventlet", "gevent", "httpx", "paho-mqtt", "pip",
    "pymongo", "redis", "requests", "tornado", "trio", "truststore", "urllib3", "uvloop", "websockets",
)  # fmt: skip


def versions() -> str:
    """Of everything that took part."""
    found = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    for program in PROGRAMS.values():
        if path := servers.found(program):
            said = subprocess.run(  # noqa: S603 - a server
                [path, "--version"], capture_output=True, text=True, check=False
            ).stdout
            found.append(said.strip().split(" sha=")[0])
    return f"Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}; {', '.join(found)}"


class Servers:
    """One for each protocol and case, started when it is first asked for."""

    def __init__(self, authority: Authority, pool: peers.Pool) -> None:
        self._authority = authority
        self._pool = pool
        self._cluster = authority.folder / "postgres"

    def ports(self, protocol: str) -> dict[str, int]:
        """A port for each case."""
        if protocol == "postgres" and not self._cluster.exists():
            servers.initialise(self._cluster)
        return {case: self._port(protocol, leaf, complete) for case, (leaf, complete, _) in CASES.items()}

    def _port(self, protocol: str, leaf: str, complete: bool) -> int:
        start: Any
        if protocol == "redis":
            start = functools.partial(servers.redis, self._authority, leaf, complete=complete)
        elif protocol == "postgres":
            start = functools.partial(
                servers.postgres, self._cluster, self._authority, leaf, complete=complete
            )
        else:
            context = peers.server_context(self._authority, leaf, complete=complete)
            if protocol == "websocket":
                start = functools.partial(servers.websocket, context)
            else:
                start = functools.partial(peers.serving, servers.SPOKEN[protocol], context)
        port: int = self._pool.port((protocol, leaf, complete), start)
        return port


def outcomes(name: str, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    """What one client made of all cases, in one way."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(HERE / "uses.py"), name, kind],
        input=json.dumps(settings), capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    with contextlib.suppress(ValueError, IndexError):
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer
    return {"outcomes": dict.fromkeys(CASES, f"no answer: {done.stderr[-500:]}"), "judged": 0, "missed": []}


def problems(name: str, use: Use, settings: dict[str, Any]) -> tuple[int, list[str]]:
    """How many cells there are, and what is wrong with them."""
    plain = outcomes(name, "plain", settings)["outcomes"]
    found = [
        f"{name}, {case}, plain: {plain[case]}"
        for case, (_, _, expected) in CASES.items()
        if not plain[case].startswith(expected)
        and not (case == "wrong name" and NAMES_COMPARED_LATER in plain[case])
    ]
    cells = len(CASES)
    for kind in ("context", "injected") if use.takes_context else ("injected",):
        ours = outcomes(name, kind, settings)
        cells += len(CASES)
        found += [
            f"{name}, {case}, {kind}: {ours['outcomes'][case]!r} instead of {plain[case]!r}"
            for case in CASES
            if ours["outcomes"][case] != plain[case]
        ]
        if ours["judged"] < len(CASES):
            found.append(f"{name}, {kind}: certpath was asked {ours['judged']} times")
        found += [f"{name}, {kind}: not reached: {one}" for one in ours["missed"] if kind == "injected"]
    return cells, found


def main() -> int:
    """All clients, or those that are named."""
    names = sys.argv[1:] or list(USES)
    print(versions())
    total, not_run = 0, 0
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(peers.Pool()) as pool:
        # PostgreSQL runs as somebody else.
        Path(folder).chmod(0o755)
        authority = Authority(Path(folder))
        available = Servers(authority, pool)
        for name in names:
            program = PROGRAMS.get(USES[name].server)
            if program is not None and servers.found(program) is None:
                print(f"  {name:26} NOT RUN: there is no {program}", flush=True)
                not_run += 1
                continue
            began = time.monotonic()
            ports = available.ports(USES[name].server)
            cells, found = problems(name, USES[name], {"root": authority.root_file, "ports": ports})
            total += cells
            wrong += found
            state = "agree" if not found else "DIFFER"
            print(f"  {name:26} {cells:3} cells {state} ({time.monotonic() - began:.0f} s)", flush=True)
            for line in found:
                print(f"    {line}", flush=True)
    print(f"{len(names) - not_run} clients, {total} cells, {len(wrong)} problems; {not_run} clients not run")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
