"""One verifier in many threads, and in processes forked while it is at work."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from certpath import Policy, TrustStore, Verifier
from support import pki

if TYPE_CHECKING:
    from collections.abc import Callable

LEAF, INTERMEDIATE, ROOT = pki.three()
RSA_LEAF, RSA_INTERMEDIATE, RSA_ROOT = pki.three("rsa2048")
BAD_SIGNATURE = pki.issue("leaf", INTERMEDIATE, signer=LEAF.key)
EXPIRED = pki.issue("leaf", INTERMEDIATE, not_after=pki.at(2024))
REVOKED = pki.issue("leaf", INTERMEDIATE, serial=77)
CRLS = [pki.crl(INTERMEDIATE, [(77, None)]), pki.crl(RSA_INTERMEDIATE)]
CHAINS: list[Any] = [
    [LEAF.der, INTERMEDIATE.der],
    [INTERMEDIATE.der, LEAF.der],
    [LEAF.der],
    [RSA_LEAF.der, RSA_INTERMEDIATE.der],
    [RSA_LEAF.der, INTERMEDIATE.der, RSA_INTERMEDIATE.der],
    [BAD_SIGNATURE.der, INTERMEDIATE.der],
    [EXPIRED.der, INTERMEDIATE.der],
    [REVOKED.der, INTERMEDIATE.der],
    [LEAF.der[:-1], INTERMEDIATE.der],
    [],
]
POLICIES = {
    "ssl": Policy.ssl,
    "webpki": Policy.webpki,
    "rfc5280": Policy.rfc5280,
    "cabf": Policy.cabf,
}
HANG = 60.0
"""Seconds after which a child is taken to hang; it needs a fraction of one."""


def verifier(policy: Callable[..., Policy]) -> Verifier:
    """A verifier that has learnt nothing yet."""
    return Verifier(TrustStore.from_der([ROOT.der, RSA_ROOT.der]), policy=policy(crl_check="leaf"), crls=CRLS)


def judgements(judge: Verifier, start: int = 0) -> list[str]:
    """The verdict on each chain, in order of the chains, asked for from another one on."""
    order = [(start + number) % len(CHAINS) for number in range(len(CHAINS))]
    found = {number: judge.check(CHAINS[number], pki.HOST, at=pki.AT).to_json() for number in order}
    return [found[number] for number in range(len(CHAINS))]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_sixty_four_threads_on_one_verifier(policy: Callable[..., Policy]) -> None:
    """All learn from each other, and every verdict is that of a verifier with one thread."""
    alone = judgements(verifier(policy))
    assert len(set(alone)) > 5
    shared = verifier(policy)
    barrier = threading.Barrier(64)
    results: list[list[str]] = []

    def work(number: int) -> None:
        barrier.wait()
        results.extend([judgements(shared, number + turn) for turn in range(5)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 320
    assert all(result == alone for result in results)


def child_result(work: Callable[[], bool]) -> str:
    """Forks, lets the child work, and says how it ended: `right`, `wrong` or `hangs`."""
    child = os.fork()
    if child == 0:
        right = False
        try:
            right = work()
        finally:
            os._exit(0 if right else 1)
    deadline = time.monotonic() + HANG
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "right" if os.waitstatus_to_exitcode(status) == 0 else "wrong"
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hangs"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
class TestFork:
    def test_while_threads_check(self) -> None:
        """The child judges as ever, whatever the other threads held when it was made; its child too."""
        judge = verifier(Policy.webpki)
        alone = judgements(verifier(Policy.webpki))
        fresh = [pki.issue(f"leaf {number}", INTERMEDIATE).der for number in range(300)]
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                for leaf in fresh:
                    judge.check([leaf, INTERMEDIATE.der], at=pki.AT)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        try:
            results = [
                child_result(
                    lambda: (
                        judgements(judge) == alone
                        and child_result(lambda: judgements(judge) == alone) == "right"
                    )
                )
                for _ in range(30)
            ]
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert set(results) == {"right"}

    def test_while_a_large_crl_is_asked_for_the_first_time(self) -> None:
        """What one thread is about to compute, a child would wait for in vain."""
        crl = pki.crl(INTERMEDIATE, [(number, None) for number in range(100_000, 130_000)])
        chain = [LEAF.der, INTERMEDIATE.der]
        for turn in range(5):
            judge = Verifier(ROOT.store, policy=Policy.ssl(crl_check="leaf"), crls=crl)
            began = threading.Event()

            def first(judge: Verifier = judge, began: threading.Event = began) -> None:
                began.set()
                assert judge.check(chain, at=pki.AT).ok

            thread = threading.Thread(target=first)
            thread.start()
            began.wait()
            time.sleep(turn / 1000)
            result = child_result(lambda judge=judge: judge.check(chain, at=pki.AT).ok)  # type: ignore[misc]
            thread.join()
            assert result == "right"
