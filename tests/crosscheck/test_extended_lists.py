"""The flags 0x1000 and 0x2000 beside OpenSSL itself: lists that share out the reasons, indirect ones, deltas,
and issuers of lists that are not on the path.
"""

from __future__ import annotations

import collections
import functools
import os
import random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from crosscheck import mutations, openssl
from crosscheck.cases import Case, Settings
from crosscheck.certificates import Plan, ca, end_entity
from crosscheck.encoding import bits, context, explicit, integer, sequence, time
from crosscheck.extensions import OIDS, VALUES, Extension
from crosscheck.keys import ALGORITHMS, Key, usual_algorithm
from crosscheck.names import spellings
from crosscheck.revocation import COMPROMISED, REMOVED, certificate_issuer, entry, reason
from crosscheck.verdicts import IS_OPENSSL_3

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = [
    pytest.mark.skipif(not IS_OPENSSL_3, reason="the verdicts are those of OpenSSL 3"),
    pytest.mark.skipif(not openssl.available(), reason="libcrypto cannot be called"),
]

EXAMPLES = int(os.environ.get("CERTPATH_EXAMPLES", "3000"))
LEAF_KEY, CA_KEY, ROOT_KEY, SIGNER_KEY, OTHER_ROOT_KEY, FOREIGN_KEY = (
    Key("p256", number) for number in range(1, 7)
)
EXTENDED, DELTAS = 0x1000, 0x2000
_POINT = explicit(0, explicit(0, context(6, b"http://crl.example.test/1.crl")))
_OTHER_POINT = explicit(0, explicit(0, context(6, b"http://other.test/")))
# keyCompromise; all the others.
_SOME, _OTHERS = context(3, b"\x06\x40"), context(3, b"\x07\x3f\x80")
SCOPES = {
    "none": None,
    "keyCompromise": sequence(_SOME),
    "other reasons": sequence(_OTHERS),
    "indirect": sequence(context(4, b"\xff")),
    "this point": sequence(_POINT),
    "this point, indirect": sequence(_POINT, context(4, b"\xff")),
    "this point, keyCompromise": sequence(_POINT, _SOME),
    "another point": sequence(_OTHER_POINT),
    "CAs": sequence(context(2, b"\xff")),
}
POINTS = [None, None, "uri", "reasons", "reasons shared out", "another issuer", "issuer alone"]


class Listed(NamedTuple):
    """A list by the name of the CA or of the root."""

    of_root: bool
    key: Key
    scope: str
    entries: tuple[bytes, ...]
    number: int | None = 1
    base: int | None = None
    freshest: bool = False
    dates: tuple[str, str] = ("200101000000Z", "490101000000Z")
    damaged: bool = False
    identified: bool = True

    def build(self) -> bytes:
        """DER, signed."""
        extensions = []
        scope = SCOPES[self.scope]
        identifier = sequence(context(0, self.key.key_identifier))
        for oid, critical, value in (
            (OIDS["authorityKeyIdentifier"], False, identifier if self.identified else None),
            ("2.5.29.20", False, None if self.number is None else integer(self.number)),
            ("2.5.29.27", True, None if self.base is None else integer(self.base)),
            ("2.5.29.28", True, scope),
            ("2.5.29.46", False, sequence(sequence(_POINT)) if self.freshest else None),
        ):
            if value is not None:
                extensions.append(Extension(oid, critical, value))
        algorithm = usual_algorithm(self.key.kind)
        tbs = sequence(
            integer(1),
            ALGORITHMS[algorithm],
            spellings("CA 2" if self.of_root else "CA 1")[0],
            *map(time, self.dates),
            sequence(*self.entries) if self.entries else b"",
            explicit(0, sequence(*(extension.der for extension in extensions))) if extensions else b"",
        )
        signature = self.key.sign(tbs, algorithm)
        if self.damaged:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        return sequence(tbs, ALGORITHMS[algorithm], bits(signature))


def _leaf(points: str | None, *, freshest: bool) -> Plan:
    plan = end_entity(["dns www.example.test"], "leaf", LEAF_KEY, "CA 1", CA_KEY)
    if points is not None:
        plan.replace(
            Extension(
                OIDS["cRLDistributionPoints"], critical=False, value=VALUES["cRLDistributionPoints"][points]
            )
        )
    if freshest:
        plan.replace(Extension("2.5.29.46", critical=False, value=sequence(sequence(_POINT))))
    return plan


class Signer(NamedTuple):
    """Another certificate by the name of the CA, whose key signs lists."""

    issuer: str = "CA 2"
    usage: str | None = "keyCertSign and cRLSign"
    names: tuple[str, ...] = ()
    expired: bool = False
    serial: int = 0x1002

    def build(self) -> bytes:
        by = {"CA 2": ROOT_KEY, "CA 3": OTHER_ROOT_KEY, "CA 1": SIGNER_KEY}[self.issuer]
        plan = ca("CA 1", SIGNER_KEY, self.issuer, by)
        plan.serial = self.serial
        if self.usage is None:
            plan.without(OIDS["keyUsage"])
        else:
            plan.replace(Extension(OIDS["keyUsage"], critical=True, value=USAGES[self.usage]))
        if self.names:
            donor = end_entity(list(self.names), "leaf", LEAF_KEY, "CA 1", CA_KEY)
            plan.replace(next(one for one in donor.extensions if one.oid == OIDS["subjectAltName"]))
        if self.expired:
            plan.dates = ("150101000000Z", "200101000000Z")
        return plan.build()


USAGES = {
    "keyCertSign and cRLSign": b"\x03\x02\x01\x06",
    "cRLSign": b"\x03\x02\x01\x02",
    "digitalSignature and cRLSign": b"\x03\x02\x01\x82",
    "digitalSignature": b"\x03\x02\x07\x80",
}
PRESENTED_CA = ca("CA 1", CA_KEY, "CA 2", ROOT_KEY)
PRESENTED_CA.serial = 0x1001
LEAF_SERIAL = _leaf(None, freshest=False).serial
ROOT = ca("CA 2", ROOT_KEY, "CA 2", ROOT_KEY).build()
OTHER_ROOT = ca("CA 3", OTHER_ROOT_KEY, "CA 3", OTHER_ROOT_KEY).build()
UNUSED_TWIN = ca("CA 2", Key("p256", 7), "CA 3", OTHER_ROOT_KEY).build()
_built = functools.cache(lambda one: one.build())
_leaf_built = functools.cache(lambda points, freshest: _leaf(points, freshest=freshest).build())


def _entries(chance: random.Random, serials: Sequence[int]) -> tuple[bytes, ...]:
    kind = chance.choice(["none", "none", "none", "listed", "removed", "of another", "of the CA"])
    serial = chance.choice(serials)
    if kind == "none":
        return ()
    if kind == "listed":
        return (entry(serial, reason(COMPROMISED)),)
    if kind == "removed":
        return (entry(serial, reason(REMOVED)),)
    named = certificate_issuer("CA 3" if kind == "of another" else "CA 1")
    return (entry(serial, reason(COMPROMISED), named),)


def _list(chance: random.Random, keys: Sequence[Key], serials: Sequence[int], *, of_root: bool) -> Listed:
    is_delta = chance.random() < 0.35
    dates = ("200101000000Z", "490101000000Z")
    odd = chance.random()
    if odd < 0.12:
        dates = ("200101000000Z", "210101000000Z")
    elif odd < 0.25:
        dates = ("250601000000Z", "490101000000Z")
    elif odd < 0.28:
        dates = ("400101000000Z", "490101000000Z")
    scope = "none" if chance.random() < 0.5 else chance.choice(list(SCOPES))
    return Listed(
        of_root,
        chance.choice(keys),
        scope,
        _entries(chance, serials),
        number=chance.choice([1, 2, 3, 3, None]) if not is_delta else chance.choice([2, 3, 4, 4, None]),
        base=chance.choice([0, 1, 1, 2, 3]) if is_delta else None,
        freshest=chance.random() < 0.3,
        dates=dates,
        damaged=chance.random() < 0.04,
        identified=chance.random() < 0.9,
    )


def case(number: int) -> Case:
    """The case with this number: the same in every run."""
    chance = random.Random(f"extended lists {number}")
    signer = Signer(
        issuer=chance.choice(["CA 2"] * 6 + ["CA 3", "CA 1"]),
        usage=chance.choice([None, None, None, *USAGES]),
        names=chance.choice([("dns www.example.test",), ("dns www.example.test",), (), ("dns other.test",)]),
        expired=chance.random() < 0.06,
    )
    sent = [PRESENTED_CA.build() if number < 0 else _ca_built()]
    keys = [CA_KEY]
    if chance.random() < 0.6:
        sent.append(_built(signer))
        keys.append(SIGNER_KEY)
        if chance.random() < 0.7:
            keys.append(SIGNER_KEY)
    if chance.random() < 0.4:
        # What the path does without: OpenSSL may not have looked into it when it needs an issuer of a list.
        sent += chance.sample([ROOT, OTHER_ROOT, UNUSED_TWIN, _ca_built()], chance.choice([1, 1, 2]))
        keys.append(FOREIGN_KEY)
    chance.shuffle(sent)
    lists = [
        _list(chance, keys, [LEAF_SERIAL], of_root=False) for _ in range(chance.choice([1, 1, 2, 2, 3, 4]))
    ]
    if chance.random() < 0.5:
        lists.append(
            _list(chance, [ROOT_KEY, *keys[1:]], [0x1001, 0x1002], of_root=True)._replace(
                scope="none", base=None
            )
        )
    chance.shuffle(lists)
    flags = 0x8004
    for flag, share in ((0x8, 0.25), (EXTENDED, 0.8), (DELTAS, 0.6), (0x10, 0.1), (0x20, 0.1)):
        flags |= flag if chance.random() < share else 0
    trusted = (ROOT, OTHER_ROOT) if chance.random() < 0.5 else (ROOT,)
    leaf = _leaf_built(chance.choice(POINTS), chance.random() < 0.3)
    host = chance.choice(["www.example.test", "www.example.test", None])
    return Case(
        (leaf, *sent),
        LEAF_KEY.pem,
        trusted,
        tuple(_built(one) for one in lists),
        Settings(host=host, flags=flags),
    )


@functools.cache
def _ca_built() -> bytes:
    return PRESENTED_CA.build()


def test_the_contract_holds() -> None:
    """What OpenSSL refuses is refused with its code; what it accepts is accepted, or the reason is listed."""
    mutants = [mutations.Mutant(case(number), "extended lists", str(number)) for number in range(EXAMPLES)]
    outcomes: collections.Counter[str] = collections.Counter()
    broken: dict[str, str] = {}
    for one, ours in zip(mutants, mutations.our_verdicts(mutants), strict=True):
        told = mutations.openssl_settings(one.case)
        theirs = openssl.verdict(one.case.chain, one.case.trusted, one.case.crls, told)
        outcome = mutations.compare(theirs, ours, one.case)
        outcomes[outcome] += 1
        if outcome.endswith("!"):
            broken.setdefault(outcome, one.what)
    assert not broken, outcomes
    for outcome in ("accepted", "refused: 3", "refused: 23", "refused: 44", "refused: 54"):
        assert outcomes[outcome] > EXAMPLES // 100, outcomes
    assert (
        sum(count for outcome, count in outcomes.items() if "crl_not_supported" in outcome) < EXAMPLES // 20
    )
