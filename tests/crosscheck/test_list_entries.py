"""Entries and extensions of CRLs that are odd, contradict each other or occur twice (issue 12, 1).

Whatever OpenSSL makes of a list, nothing is accepted that a live handshake refuses. What is malformed is
refused when the verifier is made.
"""

from __future__ import annotations

import dataclasses
import ssl
from typing import TYPE_CHECKING

import certpath
import pytest
from certpath import Policy, TrustStore, Verifier
from support import handshake

from crosscheck import cases
from crosscheck.certificates import ca, end_entity
from crosscheck.encoding import bits, context, explicit, identifier, integer, sequence, tlv
from crosscheck.extensions import Extension
from crosscheck.keys import Key
from crosscheck.names import spellings
from crosscheck.revocation import COMPROMISED, REMOVED, certificate_issuer, entry, reason, signed_list
from crosscheck.verdicts import IS_OPENSSL_3, compare, our_verdict, ssl_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.skipif(not IS_OPENSSL_3, reason="the verdicts are those of OpenSSL 3")

LEAF_KEY, CA_KEY = Key("p256", 1), Key("p256", 2)
LEAF = end_entity(["dns www.example.test"], "leaf", LEAF_KEY, "CA 1", CA_KEY)
OURS, OTHER = certificate_issuer("CA 1"), certificate_issuer("CA 3")
BUILT, ROOT = LEAF.build(), ca("CA 1", CA_KEY, "CA 1", CA_KEY).build()
SERIAL = LEAF.serial
GONE, LISTED = reason(REMOVED), reason(COMPROMISED)
ANOTHER = entry(SERIAL + 1)
MANY = [entry(serial) for serial in range(600, 300, -1)]


def crl(*entries: bytes, extensions: Sequence[Extension] = (), newer: bool = False) -> bytes:
    return signed_list(spellings("CA 1")[0], CA_KEY, entries, extensions, newer=newer)[0]


def case(*crls: bytes, flags: int = 0x8004) -> cases.Case:
    return cases.Case((BUILT,), LEAF_KEY.pem, (ROOT,), crls, cases.Settings(flags=flags))


def searched(policy: Policy, *crls: bytes) -> certpath.Verdict:
    store = TrustStore.from_der([ROOT])
    return Verifier(store, policy=policy, crls=crls).check([BUILT], "www.example.test")


class TestSameSerialNumber:
    """Several entries of one serial number, told apart by certificateIssuer: RFC 5280 5.3.3."""

    @pytest.mark.parametrize(
        ("entries", "outcome"),
        [
            ([entry(SERIAL, GONE, OTHER), entry(SERIAL, LISTED, OURS)], "refused: 23"),
            ([entry(SERIAL, LISTED, OURS), entry(SERIAL, GONE, OTHER)], "refused: 23"),
            ([entry(SERIAL, GONE, OTHER), ANOTHER, entry(SERIAL, LISTED, OURS)], "refused: 23"),
            ([entry(SERIAL, LISTED), entry(SERIAL, GONE, OTHER)], "refused: 23"),
            ([entry(SERIAL, LISTED, OTHER)], "accepted"),
            ([entry(SERIAL, LISTED, OTHER), ANOTHER], "accepted"),
            ([entry(SERIAL, LISTED, OTHER), entry(SERIAL, GONE, OURS)], "accepted"),
            ([entry(SERIAL, LISTED, certificate_issuer("CA 3", "CA 1"))], "refused: 23"),
            ([entry(SERIAL, LISTED, certificate_issuer("ca  1"))], "refused: 23"),
            ([entry(SERIAL, LISTED, certificate_issuer("CA 3", critical=False))], "accepted"),
            ([entry(SERIAL, LISTED, certificate_issuer())], "accepted"),
            ([*MANY, entry(SERIAL, GONE, OTHER), entry(SERIAL, LISTED, OURS)], "refused: 23"),
            ([entry(SERIAL, GONE, OTHER), entry(SERIAL, LISTED, OURS), *MANY], "refused: 23"),
        ],
    )
    def test_an_entry_is_about_its_own_issuer(self, entries: list[bytes], outcome: str) -> None:
        """The first were false accepts, or a good certificate was called revoked."""
        assert str(compare(case(crl(*entries)))) == outcome
        for policy in (Policy.webpki(crl_check="leaf"), Policy.ssl(0x8004)):
            assert searched(policy, crl(*entries)).ok == (outcome == "accepted")

    @pytest.mark.parametrize(
        ("entries", "outcome"),
        [
            ([entry(1, OTHER), entry(SERIAL, LISTED)], "accepted"),
            ([entry(SERIAL, LISTED), entry(1, OTHER)], "refused: 23"),
            ([entry(1, OTHER), entry(2), *MANY, entry(SERIAL, LISTED)], "accepted"),
            ([entry(1, OTHER), entry(2, OURS), entry(SERIAL, LISTED)], "refused: 23"),
            (
                [entry(1, OURS), entry(SERIAL, GONE, OTHER), entry(3, OURS), entry(SERIAL, LISTED)],
                "refused: 23",
            ),
            ([entry(SERIAL + 9, OTHER), entry(SERIAL, LISTED), entry(5, OURS)], "accepted"),
        ],
    )
    def test_an_issuer_holds_for_what_follows(self, entries: list[bytes], outcome: str) -> None:
        """In the order of the list, not in that of the serial numbers."""
        assert str(compare(case(crl(*entries)))) == outcome

    def test_of_two_equal_ones_the_first_is_obeyed(self) -> None:
        """As in OpenSSL. A search does not let the one that takes it off the list stand in front."""
        pair = [entry(SERIAL, GONE), entry(SERIAL, LISTED)]
        for before in ([], MANY):
            assert str(compare(case(crl(*before, *pair)))) == "accepted"
            assert str(compare(case(crl(*before, *reversed(pair))))) == "refused: 23"
        for policy in (Policy.webpki(crl_check="leaf"), Policy.rfc5280(crl_check="leaf")):
            assert not searched(policy, crl(*pair)).ok

    def test_work_is_linear(self) -> None:
        """Every entry has the serial number, and shares one long list of issuers."""
        names = certificate_issuer(*["CA 3"] * 3000)
        entries = [entry(SERIAL, names), *[entry(SERIAL)] * 20000]
        verdict = searched(Policy.ssl(0x8004), crl(*entries))
        assert verdict.ok


NUMBER, DELTA, POINT, KEY = "2.5.29.20", "2.5.29.27", "2.5.29.28", "2.5.29.35"


def held(oid: str, value: bytes, *, critical: bool = False) -> Extension:
    return Extension(oid, critical, value)


ONLY_CAS, ANY_SCOPE = sequence(context(2, b"\xff")), sequence()
MALFORMED = {
    "reason twice": crl(entry(SERIAL, GONE, GONE)),
    "reason twice, another first": crl(entry(SERIAL, LISTED, GONE)),
    "reason padded": crl(entry(SERIAL, reason(b"\x0a\x02\0\x08"))),
    "reason padded, negative": crl(entry(SERIAL, reason(b"\x0a\x02\xff\xf8"))),
    "reason empty": crl(entry(SERIAL, reason(b"\x0a\0"))),
    "reason an INTEGER": crl(entry(SERIAL, reason(b"\x02\x01\x08"))),
    "reason of nothing": crl(entry(SERIAL, reason(b""))),
    "reason with zero length in the long form": crl(entry(SERIAL, reason(b"\x0a\x81\0"))),
    "reason constructed": crl(entry(SERIAL, reason(b"\x2a\x03\x0a\x01\x08"))),
    "reason malformed behind a good entry": crl(ANOTHER, entry(7, reason(b"\x05\0")), entry(SERIAL, LISTED)),
    "certificateIssuer twice": crl(entry(SERIAL, OTHER, OURS)),
    "certificateIssuer no list": crl(entry(SERIAL, Extension("2.5.29.29", True, b"\x05\0"))),
    "distribution point twice": crl(extensions=[held(POINT, ONLY_CAS), held(POINT, ANY_SCOPE)]),
    "distribution point with a tag of its own": crl(extensions=[held(POINT, sequence(context(6, b"\xff")))]),
    "distribution point out of order": crl(
        extensions=[held(POINT, sequence(context(2, b"\xff"), context(1, b"\0")))]
    ),
    "distribution point, no BOOLEAN": crl(extensions=[held(POINT, sequence(context(1, b"")))]),
    "authorityKeyIdentifier twice": crl(extensions=[held(KEY, sequence())]),
    "number twice": crl(extensions=[held(NUMBER, integer(2))]),
    "delta indicator twice": crl(extensions=[held(DELTA, integer(1)), held(DELTA, integer(1))]),
    "delta indicator padded": crl(extensions=[held(DELTA, b"\x02\x02\0\x01")]),
    "delta indicator empty": crl(extensions=[held(DELTA, b"\x02\0")]),
    "delta indicator no INTEGER": crl(extensions=[held(DELTA, b"\x05\0")]),
    "serial number padded": crl(entry(b"\x02\x02\0\x01")),
    "serial number empty": crl(entry(b"\x02\0")),
    "no serial number": crl(entry(b"")),
    "an entry in the long form without octets": crl(ANOTHER, b"\x30\x81\0"),
    "garbage behind good entries": crl(entry(SERIAL, LISTED), b"\x30\x02\x05\0"),
}


def context_with(lists: Sequence[bytes], folder: Path) -> certpath.SSLContext:
    """One that trusts the root and has these lists."""
    context = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags = ssl.VerifyFlags(0x8004)
    file = folder / "trusted.pem"
    texts = [ssl.DER_cert_to_PEM_cert(one).replace("CERTIFICATE", "X509 CRL") for one in lists]
    file.write_text("".join([ssl.DER_cert_to_PEM_cert(ROOT), *texts]), encoding="ascii")
    context.load_verify_locations(cafile=file)
    return context


class TestMalformedLists:
    """RFC 5280 4.2 for 5.2 and 5.3: at most one instance; X.690 for the rest."""

    @pytest.mark.parametrize("name", MALFORMED)
    @pytest.mark.parametrize("flags", [0x8004, 0x9004], ids=hex)
    def test_refused_when_the_verifier_is_made(self, name: str, flags: int) -> None:
        """Some were read differently from OpenSSL, which accepted less."""
        with pytest.raises(ValueError, match=r"CRL|crlExtensions|revokedCertificates"):
            Verifier(TrustStore.from_der([ROOT]), policy=Policy.ssl(flags), crls=MALFORMED[name])
        assert our_verdict(case(MALFORMED[name], flags=flags)) is None

    @pytest.mark.parametrize("name", MALFORMED)
    @pytest.mark.parametrize("order", [1, -1])
    def test_a_context_does_not_pass_over_one(self, name: str, order: int, tmp_path: Path) -> None:
        """OpenSSL loads it and may prefer it to a good list beside it, so the good one is not one either."""
        lists = [crl(ANOTHER), MALFORMED[name]][::order]
        try:
            context = context_with(lists, tmp_path)
        except ssl.SSLError:
            return
        verdict = context.verifier().check([BUILT], "www.example.test")
        assert (verdict.ok, verdict.verify_code) == (False, 3)

    def test_a_context_keeps_the_lists_of_others(self, tmp_path: Path) -> None:
        """A malformed list of another issuer takes nothing away."""
        foreign, _ = signed_list(spellings("CA 3")[0], CA_KEY, [entry(1, GONE, GONE)])
        context = context_with([foreign, crl(ANOTHER)], tmp_path)
        assert context.verifier().check([BUILT], "www.example.test").ok


ODD = {
    **{f"reason {number}": [entry(SERIAL, reason(bytes([0x0A, 1, number])))] for number in range(12)},
    "reason 255": [entry(SERIAL, reason(b"\x0a\x02\0\xff"))],
    "reason -1": [entry(SERIAL, reason(b"\x0a\x01\xff"))],
    "reason -8": [entry(SERIAL, reason(b"\x0a\x01\xf8"))],
    "reason 2^64 + 8": [entry(SERIAL, reason(b"\x0a\x09\x01" + bytes(7) + b"\x08"))],
    "reason critical": [entry(SERIAL, reason(REMOVED, critical=True))],
    "reason and more": [entry(SERIAL, reason(REMOVED + b"\x05\0"))],
    "date of invalidity no date": [entry(SERIAL + 1, held("2.5.29.24", b"\x05\0"))],
    "date of invalidity critical": [
        entry(SERIAL + 1, held("2.5.29.24", tlv(0x18, b"20250301000000Z"), critical=True))
    ],
    "date of invalidity twice": [
        entry(SERIAL, LISTED, *[held("2.5.29.24", tlv(0x18, b"20250301000000Z"))] * 2)
    ],
    "hold instruction": [entry(SERIAL, held("2.5.29.23", identifier("1.2.840.10040.2.1")))],
    "unknown critical": [entry(SERIAL + 1, held("1.2.3.4", b"\x05\0", critical=True))],
    "serial number 0": [entry(0)],
    "serial number negative": [entry(-SERIAL)],
    "serial number of 21 octets": [entry(1 << 160)],
    "the same entry twice": [entry(SERIAL, LISTED)] * 2,
    "no extensions, but their list": [sequence(integer(SERIAL), tlv(0x17, b"250301000000Z"), sequence())],
    "date of revocation no date": [sequence(integer(SERIAL), tlv(0x17, b"soon"))],
    "date of revocation generalized": [sequence(integer(SERIAL), tlv(0x18, b"20250301000000Z"))],
    "nobody": [],
}


class TestOddLists:
    """What OpenSSL takes as it comes."""

    @pytest.mark.parametrize("name", ODD)
    @pytest.mark.parametrize("flags", [0x8004, 0x8014], ids=hex)
    def test_entries_mean_what_ssl_says(self, name: str, flags: int) -> None:
        """Accepted or refused with the same code."""
        kind = compare(case(crl(*ODD[name]), flags=flags)).kind
        if name == "date of revocation no date" and ssl.OPENSSL_VERSION_INFO >= (3, 5):
            # From then on it does not load such a list.
            assert kind == "not judged"
        else:
            assert kind in {"accepted", "refused"}

    @pytest.mark.parametrize("critical", [False, True])
    @pytest.mark.parametrize(
        "value",
        [
            sequence(context(1, b"\xff"), context(2, b"\xff")),
            sequence(context(1, b"\xff"), context(5, b"\xff")),
            sequence(context(2, b"\xff"), context(5, b"\xff")),
            sequence(context(1, b"\0"), context(2, b"\0")),
            sequence(context(4, b"\xff")),
            sequence(context(4, b"\x01"), context(5, b"\0")),
            sequence(context(3, b"\x07\x80")),
            sequence(context(3, b"\0")),
            sequence(context(3, b"\x06\x40"), context(4, b"\xff")),
            sequence(explicit(0, explicit(0, explicit(4, spellings("CA 1")[0])))),
            sequence(explicit(0, explicit(0))),
            sequence(),
        ],
        ids=bytes.hex,
    )
    @pytest.mark.parametrize("flags", [0x8004, 0x9004, 0xA004], ids=hex)
    def test_scopes_mean_what_ssl_says(self, value: bytes, flags: int, *, critical: bool) -> None:
        """Alone, and newer than a list without a scope; contradictions are not lists at all."""
        scoped = crl(entry(SERIAL, LISTED), extensions=[held(POINT, value, critical=critical)], newer=True)
        for lists in ([scoped], [crl(ANOTHER), scoped], [crl(entry(SERIAL, LISTED)), scoped]):
            compare(case(*lists, flags=flags))

    @pytest.mark.parametrize("version", [None, -1, 0, 1, 2, 3, 300, 1 << 64])
    def test_versions_do_not_matter(self, version: int | None) -> None:
        """To OpenSSL, nor here; the strict profiles want 2."""
        good = crl(entry(SERIAL, LISTED))
        tbs = good_fields(good)
        tbs[0] = b"" if version is None else integer(version)
        body = sequence(*tbs)
        algorithm = tbs[1]
        der = sequence(body, algorithm, bits(CA_KEY.sign(body, "ecdsa-sha256")))
        assert str(compare(case(der))) == "refused: 23"

    @pytest.mark.parametrize("version", [b"\x02\0", b"\x02\x02\0\x01", b"\x02\x02\xff\xff"])
    def test_versions_that_are_no_numbers_are_refused(self, version: bytes) -> None:
        """Accepted before; OpenSSL does not load such a list."""
        tbs = good_fields(crl(ANOTHER))
        tbs[0] = version
        body = sequence(*tbs)
        der = sequence(body, tbs[1], bits(CA_KEY.sign(body, "ecdsa-sha256")))
        assert not ssl_verdict(case(der)).accepts
        assert our_verdict(case(der)) is None


def good_fields(der: bytes) -> list[bytes]:
    from support import pki

    return pki.fields(der)


def test_one_entry_extension_twice_breaks_the_profile() -> None:
    """RFC 5280 4.2, which 5.3 takes over: also one that nobody reads."""
    twice = [held("2.5.29.24", tlv(0x18, b"20250301000000Z"))] * 2
    verdict = searched(Policy.rfc5280(crl_check="leaf"), crl(entry(SERIAL + 1, *twice)))
    assert verdict.findings[0].name == "crl_entry_invalid"


def test_the_scripts_of_issue_12() -> None:
    """A list for each of the rows of crl_ci.py, live."""
    rows = [
        ([entry(SERIAL, LISTED)], False),
        ([entry(SERIAL + 1, LISTED)], True),
        ([entry(SERIAL, GONE)], True),
        ([entry(SERIAL, GONE, OTHER), entry(SERIAL, LISTED, OURS)], False),
        ([entry(SERIAL, LISTED, OTHER)], True),
        ([entry(SERIAL, LISTED, OURS), entry(SERIAL, GONE, OTHER)], False),
    ]
    for entries, good in rows:
        one = dataclasses.replace(case(crl(*entries)))
        refusal, _ = handshake.judgement(
            one.chain, one.key_pem, one.trusted, flags=one.settings.flags, crls=one.crls
        )
        assert (refusal is None) == good
        for policy in (Policy.ssl(0x8004), Policy.webpki(crl_check="leaf")):
            assert searched(policy, *one.crls).ok == good
