"""RFC 3779: resources that are equal or inherited are judged, others refused; live `ssl` beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from certpath import Policy, Verdict, Verifier
from cryptography import x509
from support import handshake, pki

NUMBERS, ADDRESSES = "1.3.6.1.5.5.7.1.8", "1.3.6.1.5.5.7.1.7"
# AS 10; AS 10 and 12; AS 10 to 12; inherited.
TEN, TEN_TWELVE, RANGE = (
    "3007a005300302010a",
    "300aa008300602010a02010c",
    "300ca00a30083006 02010a02010c".replace(" ", ""),
)
INHERITED = "3004a0020500"
# 10.0.0.0/8; that and 12.0.0.0/8; the families the other way round.
V4, V4_TWO = (
    "300c300a04020001300403020 00a".replace(" ", ""),
    "3010300e040200013008030200 0a0302000c".replace(" ", ""),
)
V4_INHERITED = "3008300604020001 0500".replace(" ", "")
V6_V4_INHERITED = "3010300604020002050030060402000105 00".replace(" ", "")
V4_INHERITED_V6 = "301430060402000105 00300a04020002300403020020".replace(" ", "")


@dataclass(frozen=True)
class Case:
    """The values in end entity, CA and root; ``None`` where there is no extension."""

    oid: str
    leaf: str | None
    ca: str | None
    root: str | None
    critical: bool = True

    def _extension(self, value: str | None) -> list[tuple[x509.ExtensionType, bool]]:
        if value is None:
            return []
        oid = x509.ObjectIdentifier(self.oid)
        return [(pki.raw(oid, bytes.fromhex(value)), self.critical)]

    def chain(self) -> list[pki.Entity]:
        root = pki.issue("Root", ca=True, extensions=self._extension(self.root))
        ca = pki.issue("CA", root, ca=True, extensions=self._extension(self.ca))
        return [pki.issue("leaf", ca, extensions=self._extension(self.leaf)), ca, root]

    def live(self) -> int:
        *sent, root = self.chain()
        refusal = handshake.handshake(sent, [root], flags=0x8000)
        return 0 if refusal is None else refusal.verify_code  # type: ignore[attr-defined]

    def judge(self, policy: Any = Policy.ssl) -> Verdict:
        *sent, root = self.chain()
        return Verifier(root.store, policy=policy()).check([one.der for one in sent], pki.HOST, at=pki.AT)


def everywhere(oid: str, value: str) -> Case:
    """The same in all three."""
    return Case(oid, value, value, value)


ACCEPTED = {
    "equal numbers": Case(NUMBERS, TEN, TEN, TEN),
    "equal lists of numbers": Case(NUMBERS, TEN_TWELVE, TEN_TWELVE, TEN_TWELVE),
    "equal ranges": Case(NUMBERS, RANGE, RANGE, RANGE),
    "numbers inherited by the end entity": Case(NUMBERS, INHERITED, TEN, TEN),
    "numbers inherited by all below the root": Case(NUMBERS, INHERITED, INHERITED, TEN),
    "numbers handed on": Case(NUMBERS, TEN, INHERITED, TEN),
    "numbers of CAs alone": Case(NUMBERS, None, TEN, TEN),
    "equal addresses": Case(ADDRESSES, V4, V4, V4),
    "equal lists of addresses": Case(ADDRESSES, V4_TWO, V4_TWO, V4_TWO),
    "addresses inherited": Case(ADDRESSES, V4_INHERITED, V4, V4),
    "not critical": Case(NUMBERS, TEN, TEN, TEN, critical=False),
}
# ssl: 0 where it can compare what is not compared here.
REFUSED = {
    "a subset": (Case(NUMBERS, TEN, TEN_TWELVE, TEN_TWELVE), 0),
    "a superset": (Case(NUMBERS, TEN_TWELVE, TEN, TEN), 46),
    "others above": (Case(NUMBERS, TEN, TEN, "3007a005300302010b"), 46),
    "nothing above": (Case(NUMBERS, TEN, None, None), 46),
    "nothing in the root": (Case(NUMBERS, TEN, TEN, None), 46),
    "inherited from nothing that is listed": (Case(NUMBERS, INHERITED, TEN, None), 46),
    "a root that inherits": (Case(NUMBERS, TEN, TEN, INHERITED), 46),
    "numbers out of order": (everywhere(NUMBERS, "300aa008300602010c02010a"), 41),
    "numbers side by side": (everywhere(NUMBERS, "300aa008300602010a02010b"), 41),
    "addresses with bits of hosts": (Case(ADDRESSES, V4_TWO, V4, V4), 46),
    "families out of order": (Case(ADDRESSES, V6_V4_INHERITED, None, None), 41),
    "some inherited": (everywhere(ADDRESSES, V4_INHERITED_V6), 46),
    "two prefixes that are one": (everywhere(ADDRESSES, "3010300e0402000130080302000a0302000b"), 41),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_equal_and_inherited_resources_are_accepted(name: str) -> None:
    """By `ssl`, by `Policy.ssl`, and by the policies that search."""
    case = ACCEPTED[name]
    assert case.live() == 0
    for policy in (Policy.ssl, Policy.webpki, Policy.rfc5280):
        verdict = case.judge(policy)
        assert verdict.ok, verdict.explain()
        assert verdict.exceptions == (("critical_extensions",) if case.critical else ())


@pytest.mark.parametrize("name", REFUSED)
def test_all_others_are_refused(name: str) -> None:
    """In words: what is wrong with them, or what is not compared here."""
    case, code = REFUSED[name]
    assert case.live() == code
    verdict = case.judge()
    assert [finding.name for finding in verdict.findings] == ["unnested_resource"], verdict.explain()
    assert code == 46 or verdict.findings[0].facts["unsupported"]
    for policy in (Policy.webpki, Policy.rfc5280, Policy.cabf):
        assert not case.judge(policy).ok


def test_a_search_asks_it_of_every_critical_one() -> None:
    """RFC 3779 2.3: of CAs too; `ssl` begins with the end entity."""
    case = Case(NUMBERS, None, TEN_TWELVE, TEN)
    assert case.live() == 0
    assert case.judge().ok
    verdict = case.judge(Policy.webpki)
    assert [(finding.name, finding.depth) for finding in verdict.findings] == [("unnested_resource", 1)]
