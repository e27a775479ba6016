"""One context, many threads: no verdict under settings that never existed."""

from __future__ import annotations

import ssl
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import certpath
import pytest
from support.link import Link

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.authority import Authority

THREADS = 32
ROUNDS = 12


def outcome(client: ssl.SSLContext, server: ssl.SSLContext) -> int:
    side = Link(client, server).shake()[0]
    if side.error is None:
        assert side.outcome == "ok"
        return 0
    assert isinstance(side.error, certpath.VerificationError), side.error
    return side.error.verify_code


@pytest.fixture(autouse=True)
def eager_switching() -> object:
    """Threads take turns as often as the interpreter allows."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def server_for(authority: Authority, leaf: str) -> ssl.SSLContext:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(authority.chain_file(leaf))
    return server


def storm(
    client: ssl.SSLContext, servers: dict[str, ssl.SSLContext], disturb: Callable[[int], None]
) -> dict[str, Counter[int]]:
    """Handshakes from all threads while another one disturbs the context."""
    counts: dict[str, Counter[int]] = {name: Counter() for name in servers}
    stop = threading.Event()
    start = threading.Barrier(THREADS + 1)
    lock = threading.Lock()

    def disturber() -> None:
        start.wait()
        turn = 0
        while not stop.is_set():
            disturb(turn)
            turn += 1

    def connect(_: int) -> None:
        start.wait()
        for _ in range(ROUNDS):
            for name, server in servers.items():
                code = outcome(client, server)
                with lock:
                    counts[name][code] += 1

    thread = threading.Thread(target=disturber)
    thread.start()
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(connect, range(THREADS)))
    finally:
        stop.set()
        thread.join()
    return counts


class TestThreads:
    def test_verdicts_belong_to_some_setting(self, authority: Authority) -> None:
        """Names and flags are toggled and anchors reloaded: only verdicts of one of those states occur."""
        client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(authority.root_file)
        servers = {
            leaf: server_for(authority, leaf) for leaf in ("good", "wrong name", "untrusted", "expired")
        }

        def disturb(turn: int) -> None:
            client.check_hostname = bool(turn % 2)
            client.verify_flags = ssl.VerifyFlags(0x8000 | (4 if turn % 3 == 0 else 0))
            client.load_verify_locations(
                cadata=authority.intermediate.der if turn % 2 else authority.root.der
            )
            client.options |= ssl.OP_NO_TICKET

        counts = storm(client, servers, disturb)
        assert set(counts["good"]) <= {0, 3}
        assert set(counts["wrong name"]) <= {0, 3, 62}
        assert set(counts["untrusted"]) == {20}
        assert set(counts["expired"]) <= {3, 10}
        assert all(sum(count.values()) == THREADS * ROUNDS for count in counts.values())
        # Nothing of the toggling sticks.
        assert not client.options & ssl.OP_NO_RENEGOTIATION
        assert client.verify_mode == ssl.CERT_REQUIRED

    def test_a_server_goes_on_asking(self, authority: Authority) -> None:
        """Clients and servers of one context, which asks OpenSSL for different things for each."""
        context = certpath.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.chain_file("good"))
        context.load_verify_locations(authority.root_file)
        context.verify_mode = ssl.CERT_REQUIRED
        anonymous = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anonymous.load_verify_locations(authority.root_file)
        reasons: Counter[str | None] = Counter()
        lock = threading.Lock()

        def connect(_: int) -> None:
            for _ in range(ROUNDS):
                context.cert_store_stats()
                context.options |= ssl.OP_NO_TICKET
                side = Link(anonymous, context).shake()[1]
                with lock:
                    reasons[getattr(side.error, "reason", "accepted")] += 1

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(connect, range(THREADS)))
        assert reasons == {"PEER_DID_NOT_RETURN_A_CERTIFICATE": THREADS * ROUNDS}

    def test_two_threads_on_one_connection(self, authority: Authority) -> None:
        """Reader and writer race to the handshake; neither passes before the verdict."""
        client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(authority.root_file)
        for _ in range(20):
            link = Link(client, server_for(authority, "untrusted"))
            passed: list[object] = []

            def use(action: Callable[[], object], passed: list[object] = passed) -> None:
                for _ in range(50):
                    try:
                        passed.append(action())
                    except certpath.VerificationError:
                        return
                    except ssl.SSLWantReadError:
                        continue

            threads = [
                threading.Thread(target=use, args=(link.client.read,)),
                threading.Thread(target=use, args=(lambda link=link: link.client.write(b"x"),)),
            ]
            for thread in threads:
                thread.start()
            for _ in range(50):
                try:
                    link.server.do_handshake()
                    link.server.write(b"secret")
                    break
                except (ssl.SSLWantReadError, ssl.SSLError):
                    continue
            for thread in threads:
                thread.join()
            assert passed == []
