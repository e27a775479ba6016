"""The contract of docs/parity.md, on sound chains with revocation lists of every kind.

Several of one issuer, beside distribution points of every form: whole hierarchies seldom get as far as that.
"""

from __future__ import annotations

import collections
import functools
import os
from typing import NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from crosscheck import cases
from crosscheck.certificates import Plan, ca, end_entity
from crosscheck.extensions import OIDS, VALUES, Extension
from crosscheck.keys import Key
from crosscheck.revocation import KINDS, RevocationList
from crosscheck.verdicts import IS_OPENSSL_3, compare

pytestmark = pytest.mark.skipif(not IS_OPENSSL_3, reason="the verdicts are those of OpenSSL 3")

EXAMPLES = int(os.environ.get("CERTPATH_EXAMPLES", "2000"))
LEAF_KEY, CA_KEY, ROOT_KEY = Key("p256", 1), Key("p256", 2), Key("p256", 3)
CA = ca("CA 1", CA_KEY, "CA 2", ROOT_KEY)
PRESENTED, TRUSTED = CA.build(), ca("CA 2", ROOT_KEY, "CA 2", ROOT_KEY).build()
# None that is malformed: there nobody gets as far as the lists.
POINTS = [None, "uri", "relative", "reasons", "reasons shared out", "another issuer", "issuer alone"]
LIKELY = [
    "good",
    "this point",
    "another point",
    "delta",
    "some reasons",
    "newest delta elsewhere",
    "second delta",
]
FLAGS = {"whole chain": 0x8, "ignore critical": 0x10, "extended support": 0x1000, "use deltas": 0x2000}


class Listed(NamedTuple):
    """A list: of the CA, or of the root above it; whether it has the certificate that it may speak for."""

    kind: str
    of_root: bool
    revokes: bool
    newer: bool


@functools.cache
def leaf(points: str | None) -> tuple[Plan, bytes]:
    plan = end_entity(["dns www.example.test"], "leaf", LEAF_KEY, "CA 1", CA_KEY)
    if points is not None:
        value = VALUES["cRLDistributionPoints"][points]
        plan.replace(Extension(OIDS["cRLDistributionPoints"], critical=False, value=value))
    return plan, plan.build()


@functools.cache
def built(listed: Listed, serial: int) -> bytes:
    issuer, key = (CA.issuer, ROOT_KEY) if listed.of_root else (CA.subject, CA_KEY)
    revoked = (serial,) if listed.revokes else ()
    return RevocationList(issuer, key, listed.kind, revoked, newer=listed.newer).build()


def rarely() -> st.SearchStrategy[bool]:
    return st.sampled_from([False, False, False, True])


def test_the_contract_holds() -> None:
    """In half as many handshakes as CERTPATH_EXAMPLES says."""
    outcomes: collections.Counter[str] = collections.Counter()

    @settings(
        max_examples=EXAMPLES // 2,
        derandomize="CERTPATH_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
    )
    @given(
        st.sampled_from(POINTS),
        st.lists(
            st.builds(Listed, st.sampled_from(LIKELY) | st.sampled_from(KINDS), rarely(), rarely(), rarely()),
            max_size=4,
        ),
        st.sets(st.sampled_from([*FLAGS.values()])),
    )
    def judge(points: str | None, lists: list[Listed], flags: set[int]) -> None:
        plan, presented = leaf(points)
        crls = tuple(built(one, CA.serial if one.of_root else plan.serial) for one in lists)
        asked = cases.Settings(flags=sum(flags, 0x8004))
        outcomes[str(compare(cases.Case((presented, PRESENTED), LEAF_KEY.pem, (TRUSTED,), crls, asked)))] += 1

    judge()
    # Accepted, revoked, no list, no list that fits: each often enough for the test to mean something.
    for outcome in ("accepted", "refused: 23", "refused: 3", "refused: 44"):
        assert outcomes[outcome] > 0.02 * EXAMPLES / 2, outcomes
