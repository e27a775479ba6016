"""Exceptions never widen more than themselves: with all of them, none is accepted whose plain twin is not.
test_translations.py has those that are about how a certificate is written.

The twin has the same names and the same constraints, without what the exception is about: an end entity that
does not say cA, a CA of another name in the place of one that has issued itself, names in one spelling, no
constraints on directory, e-mail and URI names, an anchor above a certificate that was its own.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, TypeAlias

import certpath
import pytest
from certpath import Policy
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings, strategies as st
from support import pki
from support.pki import tlv

if TYPE_CHECKING:
    from collections.abc import Callable

POLICIES: dict[str, Callable[..., Policy]] = {
    "webpki": Policy.webpki,
    "rfc5280": Policy.rfc5280,
    "cabf": Policy.cabf,
    "ssl": Policy.ssl,
    "ssl, strict": lambda **knobs: Policy.ssl(0x8020, **knobs),
}
FEATURES = ("ca_leaf", "self_issued", "canonical_dn", "name_forms")
Subtree: TypeAlias = tuple[bytes, bytes]
"""A base and what stands behind it in the GeneralSubtree."""


def dns(text: bytes) -> bytes:
    return tlv(0x82, text)


def ip(*octets: int) -> bytes:
    return tlv(0x87, bytes(octets))


def name(*common_names: bytes) -> bytes:
    """A Name; each value after ``=`` as UTF8String, else as PrintableString."""

    def attribute(value: bytes) -> bytes:
        kind = 0x0C if value.startswith(b"=") else 0x13
        return tlv(0x31, tlv(0x30, bytes.fromhex("0603550403") + tlv(kind, value.removeprefix(b"="))))

    return tlv(0x30, b"".join(map(attribute, common_names)))


def directory(*common_names: bytes) -> bytes:
    return tlv(0xA4, name(*common_names))


HOST = b"www.good.test"
ADDRESS = (192, 0, 2, 1)
NAMES = {
    "host": dns(HOST),
    "other host": dns(b"www.bad.test"),
    "wildcard": dns(b"*.good.test"),
    "underscore": dns(b"a_b.good.test"),
    "malformed host": dns(b"a..good.test"),
    "host with final dot": dns(b"www.bad.test."),
    "address": ip(*ADDRESS),
    "half an address": ip(192, 0),
    "mailbox": tlv(0x81, b"me@good.test"),
    "other mailbox": tlv(0x81, b"me@bad.test"),
    "URI": tlv(0x86, b"https://www.good.test/"),
    "other URI": tlv(0x86, b"https://www.bad.test/"),
    "directory": directory(b"good"),
    "registered": tlv(0x88, bytes.fromhex("2a0304")),
    "other name": tlv(0xA0, bytes.fromhex("06032a0304") + tlv(0xA0, tlv(0x0C, b"x"))),
}
READABLE = {
    "dns": (dns(b"good.test"), b""),
    "dns, dotted": (dns(b".good.test"), b""),
    "dns, other": (dns(b"bad.test"), b""),
    "dns, empty": (dns(b""), b""),
    "ip": (ip(192, 0, 2, 0, 255, 255, 255, 0), b""),
    "ip, other": (ip(10, 0, 0, 0, 255, 0, 0, 0), b""),
    "email": (tlv(0x81, b"good.test"), b""),
    "URI": (tlv(0x86, b".good.test"), b""),
    "directory": (directory(HOST), b""),
    "directory, other": (directory(b"somebody"), b""),
}
UNREADABLE = {
    "wildcard": (dns(b"*.bad.test"), b""),
    "final dot": (dns(b"bad.test."), b""),
    "a dot": (dns(b"."), b""),
    "blank": (dns(b"bad test"), b""),
    "mask with holes": (ip(10, 0, 0, 0, 255, 0, 255, 0), b""),
    "mask with a late bit": (ip(10, 0, 0, 0, 255, 0, 0, 1), b""),
    "half a mask": (ip(10, 0, 0, 0, 255), b""),
    "minimum": (dns(b"bad.test"), b"\x80\x01\x01"),
    "minimum of zero": (dns(b"bad.test"), b"\x80\x01\x00"),
    "maximum": (dns(b"bad.test"), b"\x81\x01\x02"),
    "mailboxes with a minimum": (tlv(0x81, b"bad.test"), b"\x80\x01\x00"),
    "URIs with a maximum": (tlv(0x86, b"bad.test"), b"\x81\x01\x02"),
    "directory with a minimum": (directory(b"somebody"), b"\x80\x01\x00"),
    "mailbox, final dot": (tlv(0x81, b"bad.test."), b""),
    "mailbox, empty": (tlv(0x81, b""), b""),
    "mailbox, wildcard": (tlv(0x81, b"*.bad.test"), b""),
    "mailbox, two": (tlv(0x81, b"a@b@bad.test"), b""),
    "URI, empty": (tlv(0x86, b""), b""),
    "URI, whole": (tlv(0x86, b"https://bad.test/"), b""),
    "URI, address": (tlv(0x86, b"192.0.2.1"), b""),
    "URI, final dot": (tlv(0x86, b"bad.test."), b""),
    "directory, empty RDN": (tlv(0xA4, tlv(0x30, tlv(0x31, b""))), b""),
    "registered": (tlv(0x88, bytes.fromhex("2a0304")), b""),
    "other name": (tlv(0xA0, bytes.fromhex("06032a0304") + tlv(0xA0, tlv(0x0C, b"x"))), b""),
    "x400": (tlv(0xA3, tlv(0x30, b"")), b""),
    "long length": (b"\x82\x81\x08bad.test", b""),
    "mailbox, long length": (b"\x81\x81\x08bad.test", b""),
}
SUBTREES: dict[str, Subtree] = {**READABLE, **UNREADABLE}
ZERO = b"\x80\x01\x00"
"""A minimum that is the default: subtree_minimum is about it, whatever the form."""
FORMS = (0x81, 0x86, 0xA4)
"""The forms that name_forms is about."""


@dataclasses.dataclass(frozen=True)
class Oddity:
    """What webpki does not read, in one certificate."""

    dates: tuple[bytes, bytes] = (b"200101000000Z", b"490101000000Z")
    """Tagged by their length: UTCTime or GeneralizedTime."""
    long_serial: bool = False
    """A serial number whose length is in long form."""
    more: bytes = b""
    """Another extension."""
    identifier: bytes = b""
    true: int = 0xFF
    """How TRUE is written."""
    rest: bytes = b""
    """At the end of basicConstraints."""


ODDITIES = {
    "none": Oddity(),
    "since 1950": Oddity(dates=(b"500101000000Z", b"490101000000Z")),
    "since 1969": Oddity(dates=(b"691231235959Z", b"490101000000Z")),
    "long length": Oddity(long_serial=True),
    "unique identifier": Oddity(identifier=b"\x82\x02\x00\x01"),
    "loose TRUE": Oddity(true=1),
    "no purposes": Oddity(more=tlv(0x30, bytes.fromhex("0603551d25") + tlv(4, tlv(0x30, b"")))),
    "policies, critical": Oddity(
        more=tlv(
            0x30,
            bytes.fromhex("0603551d200101ff") + tlv(4, tlv(0x30, tlv(0x30, bytes.fromhex("06032a0304")))),
        )
    ),
}


ALGORITHM = tlv(0x30, bytes.fromhex("06082a8648ce3d040302"))


@functools.cache
def spki(slot: str) -> bytes:
    """The SubjectPublicKeyInfo of the key in a slot."""
    return (
        pki.key("p256", slot)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def certificate(
    subject: bytes, issuer: bytes, own: str, signer: str, extensions: bytes, odd: Oddity
) -> bytes:
    """A certificate of the key in one slot, signed by that in another."""

    def date(text: bytes) -> bytes:
        return tlv(0x17 if len(text) == 13 else 0x18, text)

    serial = b"\x02\x81\x02\x10" + own.encode()[:1] if odd.long_serial else tlv(2, b"\x10" + own.encode()[:1])
    fields = (
        b"\xa0\x03\x02\x01\x02"
        + serial
        + ALGORITHM
        + issuer
        + tlv(0x30, b"".join(map(date, odd.dates)))
        + subject
        + spki(own)
        + odd.identifier
        + tlv(0xA3, tlv(0x30, extensions + odd.more))
    )
    tbs = tlv(0x30, fields)
    private = pki.key("p256", signer)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    signature = private.sign(tbs, ec.ECDSA(hashes.SHA256()))
    return tlv(0x30, tbs + ALGORITHM + tlv(3, b"\0" + signature))


@dataclasses.dataclass(frozen=True)
class Plan:
    """A chain: a root, a constrained CA, perhaps another that it has issued to itself, and the end entity."""

    names: tuple[str, ...] = ("host",)
    permitted: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    leaf: str = "none"
    between: str = "none"
    """The oddity of the self-issued CA."""
    between_names: tuple[str, ...] = ()
    path_length: int | None = None
    constrained_root: bool = False

    def build(self, *, plain: bool = False) -> tuple[list[bytes], bytes]:
        """The chain and its root; or its plain twin."""
        features = self.features
        renewed = "self_issued" in features
        lists = b""
        for tag, chosen in ((0xA0, self.permitted), (0xA1, self.excluded)):
            subtrees = [base + bounds for base, bounds in map(SUBTREES.__getitem__, chosen)]
            if plain:
                subtrees = [subtree for subtree in subtrees if subtree[0] not in FORMS]
            if subtrees:
                lists += tlv(tag, b"".join(tlv(0x30, subtree) for subtree in subtrees))
        constraints = pki.extension("2.5.29.30", tlv(0x30, lists), critical=True) if lists else b""
        root, ca, other, leaf = (name(b"Root"), name(b"Constrained CA"), name(b"Other CA"), name(HOST))
        spelt = name(b"=constrained  ca") if "canonical_dn" in features and not plain else ca
        above = constraints if self.constrained_root else b""
        anchor = certificate(
            root, root, "r", "r", ca_extensions("r", "r", None, ODDITIES["none"]) + above, ODDITIES["none"]
        )
        length = self.path_length
        if length is not None and renewed and plain:
            length += 1
        inner = ca_extensions("i", "r", length, ODDITIES["none"]) + (
            b"" if self.constrained_root else constraints
        )
        chain = [certificate(ca, root, "i", "r", inner, ODDITIES["none"])]
        signer = "i"
        if renewed:
            odd = ODDITIES[self.between]
            between = ca_extensions("s", "i", None, odd)
            if self.between_names and not plain:
                between += alternative_names(self.between_names)
            chain.insert(0, certificate(other if plain else ca, ca, "s", "i", between, odd))
            signer = "s"
        issuer = other if renewed and plain else spelt
        odd = ODDITIES[self.leaf]
        is_ca = "ca_leaf" in features and not plain
        basic = (bytes([1, 1, odd.true]) if is_ca else b"") + odd.rest
        own = (
            key_identifiers("l", signer)
            + pki.extension("2.5.29.19", tlv(0x30, basic), critical=True)
            + pki.extension("2.5.29.15", b"\x03\x02\x02\x84" if is_ca else b"\x03\x02\x07\x80", critical=True)
            + alternative_names(self.names)
        )
        if odd.more[5:8] != bytes.fromhex("1d2504"):
            own += pki.extension("2.5.29.37", tlv(0x30, bytes.fromhex("06082b06010505070301")))
        return [certificate(leaf, issuer, "l", signer, own, odd), *chain], anchor


def key_identifiers(own: str, signer: str) -> bytes:
    return pki.extension("2.5.29.14", tlv(4, own.encode() * 20)) + pki.extension(
        "2.5.29.35", tlv(0x30, tlv(0x80, signer.encode() * 20))
    )


def ca_extensions(own: str, signer: str, path_length: int | None, odd: Oddity) -> bytes:
    limit = b"" if path_length is None else tlv(2, bytes([path_length]))
    return (
        key_identifiers(own, signer)
        + pki.extension("2.5.29.19", tlv(0x30, bytes([1, 1, odd.true]) + limit + odd.rest), critical=True)
        + pki.extension("2.5.29.15", b"\x03\x02\x01\x06", critical=True)
    )


def alternative_names(chosen: tuple[str, ...]) -> bytes:
    return pki.extension("2.5.29.17", tlv(0x30, b"".join(map(NAMES.__getitem__, chosen))))


def judge(plan: Plan, policy: str, *, plain: bool = False) -> certpath.Verdict:
    """The verdict on a plan, all exceptions allowed; on its twin, none of those that a plan is about."""
    chain, root = plan.build(plain=plain)
    knobs = {"allow": [one for one in Policy.EXCEPTIONS if one not in FEATURES]} if plain else {}
    store = certpath.TrustStore.from_der([root], name="test")
    return certpath.Verifier(store, policy=POLICIES[policy](**knobs)).check(chain, at=pki.AT)


def plans() -> st.SearchStrategy[Plan]:
    some_subtrees = st.lists(st.sampled_from(sorted(SUBTREES)), max_size=2).map(tuple)
    some_names = st.lists(st.sampled_from(sorted(NAMES)), max_size=2).map(tuple)
    often_none = st.one_of(st.just("none"), st.sampled_from(sorted(ODDITIES)))
    return st.builds(
        Plan,
        names=some_names.map(lambda names: ("host", *names)),
        permitted=some_subtrees,
        excluded=some_subtrees,
        features=st.frozensets(st.sampled_from(FEATURES), min_size=1),
        leaf=often_none,
        between=often_none,
        between_names=some_names,
        path_length=st.sampled_from([None, 0, 1]),
        constrained_root=st.booleans(),
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(plan=plans())
@pytest.mark.parametrize("policy", POLICIES)
def test_accepted_is_accepted_in_plain(policy: str, plan: Plan) -> None:
    """Whatever the chain: all exceptions together accept no more than what is left without them."""
    verdict = judge(plan, policy)
    if verdict.ok:
        twin = judge(plan, policy, plain=True)
        assert twin.ok, f"{plan}: accepted for {verdict.exceptions}, its twin {twin.explain()}"


PLAIN_USES = {
    "ca_leaf": Plan(features=frozenset({"ca_leaf"})),
    "self_issued": Plan(features=frozenset({"self_issued"}), path_length=0),
    "canonical_dn": Plan(features=frozenset({"canonical_dn"})),
    "name_forms": Plan(permitted=("dns", "directory"), excluded=("email", "URI")),
}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("feature", FEATURES)
def test_every_exception_is_still_made(feature: str, policy: str) -> None:
    """The other half of the property: chains with nothing else to them are accepted where they were."""
    verdict = judge(PLAIN_USES[feature], policy)
    # CA/B BR 7.1.2.7.8.
    refused = (feature, policy) == ("ca_leaf", "cabf")
    assert verdict.ok != refused, verdict.explain()
    assert verdict.exceptions == (() if refused else (feature,))


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("where", ["permitted", "excluded"])
def test_unreadable_constraints_stay_unreadable(where: str, what: str, feature: str) -> None:
    """A constraint that webpki cannot read refuses the chain, whatever else there is about it."""
    base, bounds = SUBTREES[what]
    for policy in POLICIES:
        for names in (("host", "other host"), ("host", "address"), ("host", "mailbox", "URI")):
            use = PLAIN_USES[feature]
            subtrees: dict[str, Any] = {where: (*getattr(use, where), what)}
            plan = dataclasses.replace(use, names=names, between_names=("other host",), **subtrees)
            verdict = judge(plan, policy)
            if base[0] in FORMS and bounds != ZERO and "name_forms" in verdict.exceptions:
                # The exception is about these, if they are written as they should be.
                assert not verdict.ok, f"{plan}"
            assert verdict.ok <= judge(plan, policy, plain=True).ok, f"{plan}"


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("odd", sorted(set(ODDITIES) - {"none"}))
@pytest.mark.parametrize("feature", FEATURES)
def test_odd_encodings_stay_odd(feature: str, odd: str, policy: str) -> None:
    """Dates of 1950, long lengths and the like, in the end entity or in the CA between."""
    permitted = ("dns", "email") if feature == "name_forms" else ()
    for plan in (
        Plan(permitted=permitted, features=frozenset({feature}), leaf=odd),
        Plan(permitted=permitted, features=frozenset({feature, "self_issued"}), between=odd),
    ):
        assert judge(plan, policy).ok <= judge(plan, policy, plain=True).ok


@pytest.mark.parametrize("odd", sorted(set(ODDITIES) - {"none"}))
@pytest.mark.parametrize("policy", ["webpki", "rfc5280", "cabf"])
def test_what_is_pinned_is_read_by_webpki(policy: str, odd: str) -> None:
    """A pinned end entity is accepted if it would be below an anchor of no constraints."""
    chain, root = Plan(leaf=odd).build()
    verdicts = []
    for anchor, sent in ((chain[0], chain[:1]), (root, chain)):
        store = certpath.TrustStore.from_der([anchor], name="test")
        verdicts.append(certpath.Verifier(store, policy=POLICIES[policy]()).check(sent, at=pki.AT).ok)
    pinned, issued = verdicts
    assert pinned <= issued
