"""Hypothesis strategies: whole hierarchies, what is sent of them and what is trusted, and the settings.

Few draws make a case, since draws are what Hypothesis spends its time on: the shape first, then a handful
of twists, each for one certificate. Nothing drawn means a sound chain of three.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from crosscheck.cases import Case, Settings
from crosscheck.certificates import SERIAL, TWISTS, Plan, Twist, ca, end_entity
from crosscheck.keys import KINDS, Key
from crosscheck.names import COMMON_NAMES, HOSTS, PLAIN_HOSTS, PRESENTED, spellings
from crosscheck.revocation import KINDS as LISTS, RevocationList

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["VERSION_3", "Profile", "cases", "hierarchies"]

DEFAULT, PARTIAL, STRICT = 0x8000, 0x88000, 0x88020
OTHER_FLAGS = [
    0x0,
    0x2,
    0x8,
    0x10,
    0x40,
    0x80,
    0x100,
    0x180,
    0x200,
    0x400,
    0x800,
    0x1000,
    0x2000,
    0x4000,
    0x10000,
    0x20000,
    0x30000,
    0x100000,
    0x200000,
    0x1000000,
]
REVOCATION_FLAGS = [0x4, 0xC]
LEAF_KINDS = ["p256"] * 12 + [kind for kind in KINDS if kind != "p256"]
# Under 0x1000 it may be taken for one by a certificate that was sent.
FOREIGN = "of another key"
_RARELY = st.sampled_from([False] * 7 + [True])
CA_KINDS = ["ed25519"] * 8 + ["p256"] * 8 + KINDS[2:]


@dataclasses.dataclass(frozen=True)
class Profile:
    """What is generated. OpenSSL 4.0 does not look for some hosts at all (docs/parity.md)."""

    odd_hosts: bool = True
    malformed_dates: bool = True
    revocation: bool = True
    web: bool = False
    """Sound certificates are as on the web: keys of P-256, a commonName out of the subjectAltName."""


VERSION_3 = Profile()
LATER_VERSIONS = Profile(odd_hosts=False)


@dataclasses.dataclass
class Hierarchy:
    """Plans, leaf first, then the straight way up, then all others; and the identities of the CAs."""

    plans: list[Plan]
    levels: int
    identities: list[tuple[str, Key]]
    twisted: list[tuple[int, Twist]]


def _twists(profile: Profile) -> st.SearchStrategy[Twist]:
    left_out = set() if profile.malformed_dates else {"malformed dates"}
    groups = [twists for name, twists in TWISTS.items() if name not in left_out]
    return st.sampled_from(groups).flatmap(st.sampled_from)


@st.composite
def hierarchies(draw: st.DrawFn, profile: Profile = VERSION_3) -> Hierarchy:
    """A straight way of up to 8 CAs, and beside it cross-signs, renewals, twins and loops."""
    levels = draw(st.sampled_from([2, 1, 2, 3, 0, 2, 3, 4, 5, 6, 7, 8]))
    kinds = ["p256" if profile.web else "ed25519"] * max(levels, 1)
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        kinds[draw(st.integers(0, len(kinds) - 1))] = draw(st.sampled_from(CA_KINDS))
    identities = [(f"CA {number + 1}", Key(kind, number)) for number, kind in enumerate(kinds)]
    leaf_key = Key(draw(st.sampled_from(LEAF_KINDS)), 50)
    names = ["dns www.example.test"]
    if draw(_RARELY):
        names = draw(st.lists(st.sampled_from(list(PRESENTED)), max_size=4))
    common_name = (
        draw(st.sampled_from(list(COMMON_NAMES))) if draw(_RARELY) else ("host" if profile.web else "leaf")
    )
    if levels == 0:
        plans = [end_entity(names, common_name, leaf_key, None, leaf_key)]
    else:
        plans = [end_entity(names, common_name, leaf_key, *identities[0])]
        for lower, upper in zip(range(levels), [*range(1, levels), levels - 1], strict=True):
            plans.append(ca(*identities[lower], *identities[upper]))
    # Others beside the straight way: (whose name, whose key, issuer).
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3, 6]))):
        named = draw(st.integers(0, len(identities) - 1))
        if draw(st.sampled_from([False, False, True])):
            identities.append((identities[named][0], Key(kinds[0], 10 + len(identities))))
            subject = identities[-1]
        else:
            subject = identities[named]
        issuer = draw(st.sampled_from([*identities, subject]))
        plans.append(ca(*subject, *issuer))
    for number, plan in enumerate(plans):
        plan.serial = SERIAL + number
    twisted = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 5, 8]))):
        place = draw(st.integers(0, len(plans) - 1))
        twist = draw(_twists(profile))
        twist.apply(plans[place])
        twisted.append((place, twist))
    return Hierarchy(plans, levels, identities, twisted)


@st.composite
def _sent_and_trusted(draw: st.DrawFn, hierarchy: Hierarchy) -> tuple[list[int], list[int]]:
    """Places of the presented certificates after the leaf, and of the anchors."""
    count, top = len(hierarchy.plans), hierarchy.levels
    anywhere = st.integers(0, count - 1)
    sent = list(range(1, top))
    how = draw(
        st.sampled_from(["in order", "in order", "in order", "all", "all", "all shuffled", "some", "any"])
    )
    if how == "all":
        sent = list(range(1, count))
    elif how == "all shuffled":
        sent = draw(st.permutations(range(1, count)))
    elif how == "some":
        missing = draw(anywhere)
        sent = [place for place in range(1, count) if place != missing]
    elif how == "any":
        sent = draw(st.lists(anywhere, max_size=10))
    trusted = [top]
    if draw(_RARELY):
        trusted = draw(st.lists(anywhere, max_size=4))
    return sent, trusted


def _flags(draw: st.DrawFn, profile: Profile) -> int:
    bases = [DEFAULT, DEFAULT, PARTIAL, STRICT]
    flags = draw(st.sampled_from(bases))
    match draw(st.sampled_from(["none", "none", "none", "other", "others", "revocation", "revocation"])):
        case "other":
            flags |= draw(st.sampled_from(OTHER_FLAGS))
        case "others":
            flags |= draw(st.sampled_from(OTHER_FLAGS)) | draw(st.sampled_from(OTHER_FLAGS))
            flags |= draw(st.sampled_from(OTHER_FLAGS))
        case "revocation" if profile.revocation:
            flags |= draw(st.sampled_from(REVOCATION_FLAGS))
            flags |= draw(st.sampled_from([0, 0, 0, 0x1000, 0x1000, 0x1010, 0x2000, 0x400000, 0xC00000]))
        case _:
            pass
    return flags


@st.composite
def _lists(draw: st.DrawFn, hierarchy: Hierarchy) -> list[RevocationList]:
    """For each CA one, mostly; and now and then a second one."""
    lists = []
    serials = [plan.serial for plan in hierarchy.plans]
    for name, key in hierarchy.identities:
        kind = draw(st.sampled_from(["good"] * 6 + ["none", "other", FOREIGN]))
        if kind == "none":
            continue
        if kind == "other":
            kind = draw(st.sampled_from(LISTS))
        revoked = draw(
            st.sampled_from([(), (), (), (1,), (serials[0],), tuple(serials[1:2]), tuple(serials)])
        )
        lists.append(RevocationList(spellings(name)[0], key, kind, revoked))
    if lists and draw(st.sampled_from([False, False, True])):
        again = draw(st.sampled_from(lists))
        lists.append(
            again._replace(
                kind=draw(st.sampled_from([*LISTS, *[FOREIGN] * 8])),
                revoked=draw(st.sampled_from([(), (serials[0],)])),
                newer=draw(st.booleans()),
            )
        )
    return lists


@st.composite
def cases(draw: st.DrawFn, profile: Profile = VERSION_3) -> Case:
    """A handshake, judged by client or server."""
    hierarchy = draw(hierarchies(profile))
    sent, trusted = draw(_sent_and_trusted(hierarchy))
    flags = _flags(draw, profile)
    lists = draw(_lists(hierarchy)) if flags & 0x4 else []
    hosts = HOSTS if profile.odd_hosts else PLAIN_HOSTS
    settings = Settings(
        host=draw(st.sampled_from(hosts if draw(_RARELY) else hosts[:1])),
        flags=flags,
        security_level=draw(st.sampled_from([2] * 12 + [0, 1, 3])),
        hostname_checks_common_name=draw(st.sampled_from([True, True, False])),
        verifier_is_server=draw(st.sampled_from([False, False, False, True])),
    )
    built: dict[int, bytes] = {}
    for place in {0, *sent, *trusted}:
        built[place] = hierarchy.plans[place].build()
    return Case(
        chain=tuple(built[place] for place in [0, *sent]),
        key_pem=hierarchy.plans[0].key.pem,
        trusted=tuple(built[place] for place in trusted) or (stranger(),),
        crls=tuple(one.build() for one in lists),
        settings=settings,
        curve=hierarchy.plans[0].key.kind,
        note=_note(hierarchy, sent, trusted, lists),
    )


def _note(
    hierarchy: Hierarchy, sent: Sequence[int], trusted: Sequence[int], lists: Sequence[RevocationList]
) -> str:
    kinds = ", ".join(plan.key.kind for plan in hierarchy.plans)
    lines = [f"presented {[0, *sent]}, trusted {list(trusted)} of {hierarchy.levels} levels, keys {kinds}"]
    lines += [f"certificate {place}: {twist}" for place, twist in hierarchy.twisted]
    lines += [f"revocation list: {one.kind}, revoked {one.revoked}" for one in lists]
    return "\n".join(lines)


def stranger() -> bytes:
    """An anchor that has issued nothing."""
    key = Key("ed25519", 98)
    return ca("Stranger", key, "Stranger", key).build()
