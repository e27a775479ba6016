"""No application byte passes an impostor: each act, plain, injected, beside gevent, eventlet, truststore."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import impostor_acts
import pytest
from support import peers

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

    from support.authority import Authority

VERSIONS = ("TLSv1_2", "TLSv1_3")


class Received:
    """What a server has received, by the port that its client came from."""

    def __init__(self) -> None:
        self._octets: dict[int, bytes] = {}
        self._lock = threading.Lock()

    def serve(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        """Send the secret in the flight that ends the handshake, then listen."""
        port = sock.getpeername()[1]
        with context.wrap_socket(sock, server_side=True) as connection:
            connection.sendall(impostor_acts.SECRET)
            while data := connection.recv(4096):
                with self._lock:
                    self._octets[port] = self._octets.get(port, b"") + data

    def from_ports(self, ports: list[int]) -> bytes:
        return b"".join(self._octets.get(port, b"") for port in ports)


class Outcome:
    """What one act has got to see, and what its server has got from it."""

    def __init__(self, saw: bool, received: bytes) -> None:
        self.saw = saw
        self.received = received


Outcomes = dict[tuple[str, str, str], Outcome]


@pytest.fixture(scope="session")
def outcomes(authority: Authority) -> Callable[[str], Outcomes]:
    """All acts in an environment, in one process, when the first of them is asked for."""

    @functools.cache
    def run(environment: str) -> Outcomes:
        # Each its own: a client's port of the one connection may be that of another to the other server.
        received = {name: Received() for name in ("impostor", "honest")}
        with contextlib.ExitStack() as stack:
            ports = {
                name: stack.enter_context(
                    peers.serving(received[name].serve, peers.server_context(authority, leaf))
                )
                for name, leaf in (("impostor", "untrusted"), ("honest", "good"))
            }
            done = subprocess.run(  # noqa: S603 - our own program
                [sys.executable, impostor_acts.__file__, environment],
                input=json.dumps({"root": authority.root_file, **ports}),
                capture_output=True,
                text=True,
                check=False,
                timeout=1200,
                env={**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": path()},
            )
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        # The servers have ended: all that they will ever have received is there.
        return {
            (one["server"], one["version"], one["act"]): Outcome(
                one["saw"], received[one["server"]].from_ports(one["ports"])
            )
            for one in found
        }

    return run


def path() -> str:
    """Where this process finds certpath: not installed, where it is worked on."""
    import certpath

    return os.pathsep.join(
        filter(None, [str(Path(certpath.__file__).parents[1]), os.environ.get("PYTHONPATH")])
    )


def of(outcomes: Callable[[str], Outcomes], environment: str) -> Outcomes:
    if environment not in {"plain", "injected"} and importlib.util.find_spec(environment) is None:
        pytest.skip(f"{environment} is not installed")
    return outcomes(environment)


@pytest.mark.xdist_group("impostor")
@pytest.mark.parametrize("environment", impostor_acts.ENVIRONMENTS)
class TestImpostor:
    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("act", impostor_acts.ACTS)
    def test_nothing_passes(
        self, outcomes: Callable[[str], Outcomes], environment: str, act: str, version: str
    ) -> None:
        """The program sees nothing of the impostor's data, and the impostor nothing of the program's."""
        outcome = of(outcomes, environment)["impostor", version, act]
        assert not outcome.saw
        assert outcome.received == b""

    def test_the_acts_are_real(self, outcomes: Callable[[str], Outcomes], environment: str) -> None:
        """With an honest server each of them moves data, those aside that no TLS connection has."""
        moved = {
            act
            for (server, _, act), outcome in of(outcomes, environment).items()
            if server == "honest" and (outcome.saw or outcome.received)
        }
        assert len(impostor_acts.ACTS) >= 36
        missing = impostor_acts.ACTS.keys() - moved - impostor_acts.FRUITLESS
        if environment in {"plain", "injected"}:
            assert missing == set()
        # Sockets of gevent and eventlet lack some of the methods, and truststore some of the settings.
        assert len(moved) >= 25, missing
