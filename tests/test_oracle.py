"""Our verdicts beside those of the standard library's `ssl`: recorded ones, and live ones."""

from __future__ import annotations

import ipaddress
import os
import random
import ssl
from typing import TYPE_CHECKING

import certpath
import oracle
import pytest
from crosscheck.verdicts import listed_reasons
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from support import pki
from support.handshake import Unpresentable, handshake

if TYPE_CHECKING:
    from pathlib import Path

RECORDED = "openssl-oracle-dev.json.gz"

DEFAULT = 0x8000
IS_OPENSSL_3 = ssl.OPENSSL_VERSION.startswith("OpenSSL") and ssl.OPENSSL_VERSION_INFO[0] == 3


class TestRecorded:
    @pytest.fixture(scope="class")
    @staticmethod
    def comparisons(shared: Path) -> list[oracle.Comparison]:
        """Every recorded handshake of the shared folder, judged by us."""
        return oracle.compare(oracle.load(shared / "conformance" / RECORDED))

    @pytest.mark.parametrize("outcome", ["false accept", "wrong code", "wrong message"])
    def test_no_verdict_contradicts_ssl(self, comparisons: list[oracle.Comparison], outcome: str) -> None:
        """What `ssl` refuses is refused with its code and its message."""
        assert len(comparisons) > 1000
        assert [one.id for one in comparisons if one.outcome == outcome] == []

    def test_stricter_verdicts_have_listed_reasons(self, comparisons: list[oracle.Comparison]) -> None:
        """Where `ssl` accepts and we do not, docs/parity.md says why."""
        stricter = [one for one in comparisons if one.outcome == "stricter"]
        unexplained = [one.id for one in stricter if one.ours is None]
        assert unexplained == []
        reasons = {finding.name for one in stricter if one.ours is not None for finding in one.ours.findings}
        assert reasons
        assert reasons - listed_reasons() == set()

    def test_only_missing_algorithms_in_the_algorithm_group(
        self, comparisons: list[oracle.Comparison]
    ) -> None:
        """There, nothing but an algorithm that the signature library lacks is in the way."""
        reasons = {
            finding.name
            for one in comparisons
            if one.group == "alg" and one.outcome == "stricter" and one.ours is not None
            for finding in one.ours.findings
        }
        assert reasons == {"algorithm_not_supported"}

    def test_few_stricter_verdicts_elsewhere(self, comparisons: list[oracle.Comparison]) -> None:
        """At most 2 % of the other cases."""
        others = [one for one in comparisons if one.group != "alg"]
        stricter = [one.id for one in others if one.outcome == "stricter"]
        assert len(stricter) <= 0.02 * len(others), stricter


@pytest.mark.skipif(not IS_OPENSSL_3, reason="only OpenSSL 3 has the codes and words that are promised")
class TestLive:
    def test_the_sound_hierarchy_is_accepted_by_both(self) -> None:
        """The harness can accept: without defects, both sides do, in both roles."""
        leaf, intermediate, root = pki.three()
        for server in (False, True):
            assert handshake([leaf, intermediate], [root], verifier_is_server=server) is None
        verifier = certpath.Verifier(root.store)
        assert verifier.check([leaf.der, intermediate.der], pki.HOST).ok

    @pytest.mark.parametrize("flags", [0x4, 0xC])
    @pytest.mark.parametrize("revoked", [None, 0, 1])
    @pytest.mark.parametrize("issuers", [(1, 2), (1,), (2,), ()])
    def test_revocation(self, flags: int, revoked: int | None, issuers: tuple[int, ...]) -> None:
        """CRLs of the chain, all or some, with one certificate revoked: the same code and message."""
        path = pki.three()
        crls = []
        for depth in issuers:
            below = path[depth - 1].certificate.serial_number
            crls.append(pki.crl(path[depth], [(below, None)] if revoked == depth - 1 else []))
        refusal = handshake(path[:2], path[2:], flags=DEFAULT | flags, crls=crls)
        verifier = certpath.Verifier(path[2].store, policy=certpath.Policy.ssl(DEFAULT | flags), crls=crls)
        ours = verifier.check([one.der for one in path[:2]], pki.HOST)
        assert ours.ok == (refusal is None)
        if refusal is not None:
            assert isinstance(refusal, ssl.SSLCertVerificationError)
            assert (ours.verify_code, ours.verify_message) == (refusal.verify_code, refusal.verify_message)


URI = x509.UniformResourceIdentifier("http://example.test/")
POINTS = x509.CRLDistributionPoints(
    [
        x509.DistributionPoint(
            [URI],
            None,
            frozenset([x509.ReasonFlags.key_compromise]),
            [x509.DirectoryName(pki.names("indirect"))],
        ),
        x509.DistributionPoint(
            None,
            x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, "relative")]),
            None,
            [x509.DirectoryName(pki.names("indirect"))],
        ),
    ]
)
POLICIES = x509.CertificatePolicies(
    [
        x509.PolicyInformation(x509.ObjectIdentifier("1.2.3.4"), ["http://example.test/cps"]),
        x509.PolicyInformation(
            x509.ObjectIdentifier("2.5.29.32.0"),
            [x509.UserNotice(x509.NoticeReference("organization", [1]), "text")],
        ),
    ]
)
RICH_CA: list[tuple[x509.ExtensionType, bool]] = [
    (POINTS, False),
    (POLICIES, False),
    (x509.PolicyConstraints(3, 3), False),
    (x509.InhibitAnyPolicy(2), False),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    (
        x509.AuthorityKeyIdentifier(
            x509.SubjectKeyIdentifier.from_public_key(pki.three()[2].key.public_key()).digest,
            [x509.DirectoryName(pki.names("Root"))],
            pki.three()[2].certificate.serial_number,
        ),
        False,
    ),
    (
        x509.NameConstraints(
            [
                x509.DNSName("example.test"),
                x509.RFC822Name("example.test"),
                x509.UniformResourceIdentifier("example.test"),
                x509.IPAddress(ipaddress.ip_network("192.0.2.0/24")),
                x509.DirectoryName(pki.names()),
            ],
            [x509.DNSName("evil.test"), x509.IPAddress(ipaddress.ip_network("2001:db8::/32"))],
        ),
        True,
    ),
    (pki.raw("2.16.840.1.113730.1.1", "03020106"), False),
    (pki.raw("2.5.29.33", "300e300c06042a0304050604551d2000"), False),
]
RICH_LEAF: list[tuple[x509.ExtensionType, bool]] = [
    (POINTS, False),
    (POLICIES, False),
    (
        x509.SubjectAlternativeName(
            [
                x509.DNSName(pki.HOST),
                x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
                x509.RFC822Name("someone@example.test"),
                URI,
                x509.DirectoryName(pki.names("directory")),
                x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
                x509.OtherName(x509.ObjectIdentifier("1.2.3.4.5"), b"\x0c\x05other"),
            ]
        ),
        False,
    ),
    (x509.IssuerAlternativeName([x509.DNSName("issuer.test")]), False),
    (
        x509.FreshestCRL([x509.DistributionPoint([URI], None, None, None)]),
        False,
    ),
    (
        x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, URI)]),
        False,
    ),
    (x509.TLSFeature([x509.TLSFeatureType.status_request]), False),
    (pki.raw("2.16.840.1.113730.1.1", "030206c0"), False),
    (pki.raw("1.3.6.1.5.5.7.48.1.5", "0500"), False),
]
TAGS = bytes.fromhex("010203040506 0c1316171830318081828384858687 88a0a1a2a3a4a5 7fff")


class TestMutants:
    """Certificates with an octet changed and signed again: what only a decoder can refuse."""

    @pytest.mark.parametrize("position", [0, 1], ids=["leaf", "intermediate"])
    def test_nothing_is_accepted_that_ssl_refuses(self, position: int) -> None:
        """Every kind of extension, in deterministic random mutants; CERTPATH_EXAMPLES raises their number."""
        root = pki.three()[2]
        ca = pki.issue("Intermediate", root, ca=True, path_length=1, extensions=RICH_CA)
        leaf = pki.issue("leaf", ca, extensions=RICH_LEAF)
        chain, signers = [leaf, ca], [ca.key, root.key]
        verifier = certpath.Verifier(root.store)
        assert handshake(chain, [root]) is None
        assert verifier.check([one.der for one in chain], pki.HOST).ok
        randomness = random.Random(position)
        octets = b"".join(pki.fields(chain[position].der))
        judged = 0
        for _ in range(int(os.environ.get("CERTPATH_EXAMPLES", "1000"))):
            changed = bytearray(octets)
            place = randomness.randrange(len(changed))
            changed[place] ^= 1 << randomness.randrange(8)
            if randomness.random() < 0.3:
                changed[place] = randomness.choice(TAGS)
            mutants = [*chain]
            mutants[position] = pki.signed(bytes(changed), chain[position], signers[position])
            try:
                refusal = handshake(mutants, [root])
            except Unpresentable:
                # Not even OpenSSL can read it, so it cannot be presented.
                assert not verifier.check([one.der for one in mutants], pki.HOST).ok
                continue
            judged += 1
            ours = verifier.check([one.der for one in mutants], pki.HOST)
            assert refusal is None or not ours.ok, (place, changed.hex(), refusal)
        assert judged > 300
