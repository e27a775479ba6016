"""Twenty thousand chains and CRLs with elements twisted and signed again, judged by OpenSSL and by certpath.

`python tests/crosscheck mutations` makes millions of them.
"""

from __future__ import annotations

import collections
import os

import certpath
import pytest

from crosscheck import mutations, openssl
from crosscheck.verdicts import IS_OPENSSL_3, ssl_verdict

pytestmark = pytest.mark.skipif(
    not (IS_OPENSSL_3 and openssl.available()),
    reason="the verdicts are those of OpenSSL 3.0, by its own functions",
)

SEED = int(os.environ.get("CERTPATH_SEED", "12"))
CHAINS, LISTS, SLICES = 16_000, 4_000, 8


@pytest.mark.parametrize("number", range(SLICES))
@pytest.mark.parametrize("of_lists", [False, True], ids=["chains", "lists"])
def test_openssl_agrees(number: int, *, of_lists: bool) -> None:
    """What is accepted here OpenSSL accepts; what it refuses is refused with its code; what only we
    refuse has a listed reason. What does not even parse there is accepted by no searching policy either.
    """
    count = (LISTS if of_lists else CHAINS) // SLICES
    totals = mutations.Totals()
    for start in range(number * count, (number + 1) * count, mutations.BATCH):
        totals.add(mutations.batch(SEED, start, mutations.BATCH, of_lists=of_lists))
    assert totals.mutants == count
    assert not totals.breaches
    # Much is refused, but enough is accepted for the comparison to mean something.
    assert totals.outcomes["accepted"] > count / 25, totals.table()


@pytest.mark.parametrize("of_lists", [False, True], ids=["chains", "lists"])
def test_a_handshake_says_the_same(*, of_lists: bool) -> None:
    """`X509_verify_cert`, asked directly, says what a handshake comes to, if it gets as far."""
    for number in range(100):
        case = mutations.mutant(SEED, number, of_list=of_lists).case
        direct = openssl.verdict(case.chain, case.trusted, case.crls, mutations.openssl_settings(case))
        live = ssl_verdict(case)
        if live.accepts or live.code is not None:
            assert direct == (0 if live.accepts else live.code), number
        elif direct == 0:
            # The presenting side refuses to load a leaf whose key it cannot use for TLS.
            assert live.message.startswith(("no handshake", "chain unreadable")), number


def test_what_webpki_refuses_names_certificate_and_part() -> None:
    """Each finding that is webpki's alone says at which depth, and which field or extension."""
    policies = [
        certpath.Policy.ssl(0x88000, allow=[]),
        certpath.Policy.ssl(0x88000),
        certpath.Policy.webpki(),
    ]
    told: collections.Counter[str] = collections.Counter()
    for number in range(3_000):
        one = mutations.mutant(SEED, number)
        try:
            store = certpath.TrustStore.from_der(one.case.trusted)
        except ValueError:
            continue
        for policy in policies:
            verdict = certpath.Verifier(store, policy=policy).check(one.case.chain)
            for finding in verdict.findings:
                if "webpki" not in finding.facts:
                    continue
                assert finding.depth is not None, (number, str(finding))
                part = finding.facts.get("field", finding.facts.get("extension", finding.facts.get("found")))
                assert part is not None, (number, str(finding))
                told[str(part)] += 1
    assert len(told) > 8, told


def test_a_mutant_is_made_by_its_numbers() -> None:
    """The same seed and number make the same mutant, keys and signatures aside."""
    for number in range(50):
        one, same = (mutations.mutant(SEED, number) for _ in range(2))
        assert (one.hierarchy, one.what) == (same.hierarchy, same.what)
        lengths = [[len(der) for der in made.case.chain] for made in (one, same)]
        assert all(abs(first - second) < 8 for first, second in zip(*lengths, strict=True)), number


def test_everything_sound_is_accepted() -> None:
    """By both: what mutants are made from is good, or revoked on purpose."""
    hierarchies = mutations.hierarchies()
    assert len(hierarchies) > 5
    for hierarchy in hierarchies:
        case = hierarchy.case()
        theirs = openssl.verdict(case.chain, case.trusted, case.crls, mutations.openssl_settings(case))
        (ours,) = mutations.our_verdicts([mutations.Mutant(case, hierarchy.name, "sound")])
        assert mutations.compare(theirs, ours, case) in {
            "accepted",
            "refused: 23",
            "refused: 48",
            "refused: 3",
            # The list is for a distribution point, and the certificate names none.
            "refused: 44",
            "stricter: proof_version",
            # Delegations of resources are not compared (docs/parity.md).
            "stricter: unnested_resource",
        }, hierarchy.name
