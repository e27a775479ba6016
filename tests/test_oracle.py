"""Our verdicts beside those of the standard library's `ssl`: recorded ones, and live ones."""

from __future__ import annotations

import functools
import ipaddress
import os
import random
import re
import ssl
from dataclasses import dataclass
from pathlib import Path

import certpath
import oracle
import pki
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from handshake import handshake
from hypothesis import HealthCheck, event, given, settings, strategies as st

PARITY = Path(__file__).resolve().parent.parent / "docs" / "parity.md"
RECORDED = "openssl-oracle-dev.json.gz"

DEFAULT, PARTIAL, STRICT = 0x8000, 0x88000, 0x88020
IS_OPENSSL_3 = ssl.OPENSSL_VERSION.startswith("OpenSSL") and ssl.OPENSSL_VERSION_INFO[0] == 3
IS_OPENSSL_3_0 = IS_OPENSSL_3 and ssl.OPENSSL_VERSION_INFO[1] == 0


@functools.cache
def listed_reasons() -> set[str]:
    """The findings in the tables of docs/parity.md: why we may refuse what `ssl` accepts."""
    table = PARITY.read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([a-z_]+)` \| *[0-9]+ *\|", table, re.MULTILINE))


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


@dataclass(frozen=True)
class Scenario:
    """A hierarchy with defects, as presented and as trusted."""

    intermediates: int
    defects: tuple[frozenset[str], ...]
    """For every certificate of the path, leaf first."""
    missing: frozenset[int]
    order: tuple[int, ...]
    trusted: frozenset[int]
    host: str | None
    flags: int
    client_role: bool

    def path(self) -> list[pki.Entity]:
        """The whole path, leaf first, root last."""
        issuer: pki.Entity | None = None
        path: list[pki.Entity] = []
        for depth in reversed(range(self.intermediates + 2)):
            issuer = certificate(depth, self.defects[depth], issuer)
            path.insert(0, issuer)
        return path


ANYWHERE = ["expired", "not_yet_valid", "wrong_eku", "unknown_critical", "no_aki"]
BELOW_THE_ROOT = ["bad_signature", "sha1", "unknown_issuer"]
IN_LEAVES = ["weak_key", "common_name_only", "wildcard", "ip", "self_signed", "ca_leaf", "key_usage"]
IN_CAS = ["not_ca", "no_cert_sign", "weak_key", "path_length_0", "permits_other", "excludes_host", "permits"]


# What each defect makes of the extensions: all critical, save those that OpenSSL wants otherwise.
EXTENSIONS: dict[str, list[x509.ExtensionType]] = {
    "ca_leaf": [
        x509.BasicConstraints(ca=True, path_length=None),
        pki.usage("digital_signature", "key_cert_sign"),
    ],
    "wrong_eku": [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])],
    "unknown_critical": [x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\0")],
    "not_ca": [x509.BasicConstraints(ca=False, path_length=None)],
    "no_cert_sign": [pki.usage("crl_sign")],
    "key_usage": [pki.usage("crl_sign")],
    "permits": [x509.NameConstraints([x509.DNSName("example.test")], None)],
    "permits_other": [x509.NameConstraints([x509.DNSName("other.test")], None)],
    "excludes_host": [x509.NameConstraints(None, [x509.DNSName(pki.HOST)])],
    "wildcard": [pki.sans("*.example.test")],
    "ip": [pki.sans("192.0.2.7", "2001:db8::7")],
}
WITHOUT: dict[str, type[x509.ExtensionType]] = {
    "no_aki": x509.AuthorityKeyIdentifier,
    "common_name_only": x509.SubjectAlternativeName,
}


def certificate(depth: int, defects: frozenset[str], issuer: pki.Entity | None) -> pki.Entity:
    """The certificate at a depth of the path, with its defects."""
    if "self_signed" in defects:
        issuer = None
    is_rsa = issuer is not None and isinstance(issuer.key, rsa.RSAPrivateKey)
    signer = None
    if "bad_signature" in defects and issuer is not None:
        signer = pki.key("rsa2048" if is_rsa else "p256", "stranger")
    entity = pki.issue(
        pki.HOST if "common_name_only" in defects else f"depth {depth}",
        issuer,
        own_key="rsa1024" if "weak_key" in defects else "p256",
        ca=depth > 0,
        path_length=0 if "path_length_0" in defects else None,
        extensions=[(one, True) for defect in sorted(defects) for one in EXTENSIONS.get(defect, [])],
        without=[WITHOUT[defect] for defect in defects if defect in WITHOUT],
        not_before=pki.at(2048) if "not_yet_valid" in defects else pki.NOT_BEFORE,
        not_after=pki.at(2021) if "expired" in defects else pki.NOT_AFTER,
        issuer_name=pki.names("nobody") if "unknown_issuer" in defects else None,
        signer=signer,
    )
    if "sha1" in defects and issuer is not None:
        algorithm = pki.RSA_WITH_SHA1 if is_rsa else pki.ECDSA_WITH_SHA1
        return pki.patched(entity, signer or issuer.key, algorithm=algorithm, digest=pki.SHA1)
    return entity


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Mostly sound hierarchies with a few things wrong."""
    intermediates = draw(st.sampled_from([1, 0, 2, 3]))
    length = intermediates + 2
    defects: list[frozenset[str]] = [frozenset()] * length
    for _ in range(draw(st.sampled_from([1, 0, 2, 3]))):
        depth = draw(st.integers(0, length - 1))
        kinds = list(ANYWHERE) if IS_OPENSSL_3_0 else ANYWHERE[:-1]
        kinds += IN_LEAVES if depth == 0 else IN_CAS
        if depth < length - 1:
            kinds += BELOW_THE_ROOT
        defects[depth] |= {draw(st.sampled_from(kinds))}
    sent = list(range(1, length - 1))
    missing = frozenset(draw(st.sampled_from([[], [], [], [], sent[-1:], sent[:1], sent])))
    sent = [depth for depth in sent if depth not in missing]
    shape = draw(st.sampled_from(["plain", "plain", "shuffled", "duplicated", "root sent"]))
    if shape == "shuffled":
        sent = draw(st.permutations(sent))
    elif shape == "duplicated":
        sent = [0, *sent, *sent]
    elif shape == "root sent":
        sent = [*sent, length - 1]
    root = [length - 1]
    trusted = draw(st.sampled_from([root, root, root, root, [1], [0], [0, length - 1], [1, length - 1], []]))
    client_role = draw(st.booleans())
    return Scenario(
        intermediates=intermediates,
        defects=tuple(defects),
        missing=missing,
        order=(0, *sent),
        trusted=frozenset(trusted),
        host=draw(st.sampled_from([pki.HOST, pki.HOST, "192.0.2.7", "wrong.example", "2001:db8::7"])),
        flags=draw(st.sampled_from([DEFAULT, PARTIAL, STRICT])),
        client_role=client_role,
    )


@pytest.mark.skipif(not IS_OPENSSL_3, reason="only OpenSSL 3 has the codes and words that are promised")
class TestLive:
    @given(scenario=scenarios())
    @settings(
        max_examples=int(os.environ.get("CERTPATH_EXAMPLES", "150")),
        derandomize="CERTPATH_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def test_contract(self, scenario: Scenario) -> None:
        """Ours accepts, then `ssl` accepts; `ssl` refuses, then we do, with its code and message;
        `ssl` accepts and we refuse, then for a listed reason.
        """
        path = scenario.path()
        stranger = pki.three("p384")[2]
        trusted = [path[depth] for depth in sorted(scenario.trusted)] or [stranger]
        chain = [path[depth] for depth in scenario.order]
        host = scenario.host if scenario.client_role else None
        refusal = handshake(
            chain, trusted, host=host, flags=scenario.flags, verifier_is_server=not scenario.client_role
        )
        verifier = certpath.Verifier(
            certpath.TrustStore.from_der([one.der for one in trusted]),
            policy=certpath.Policy.ssl(
                scenario.flags, purpose="server" if scenario.client_role else "client"
            ),
        )
        # The handshake judged now, so this does too: all dates are years away.
        ours = verifier.check([one.der for one in chain], host)
        if refusal is None:
            event("ssl accepts")
            # Nothing here should need the reason that stands for all others.
            allowed = listed_reasons() - {"proof_refused"}
            assert {finding.name for finding in ours.findings} <= allowed, ours.explain()
        else:
            assert isinstance(refusal, ssl.SSLCertVerificationError), refusal
            event(f"ssl refuses with {refusal.verify_code}")
            assert not ours.ok, refusal
            expected = (refusal.verify_code, refusal.verify_message)
            assert (ours.verify_code, ours.verify_message) == expected, ours.explain()

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
        if flags == 0xC and not IS_OPENSSL_3_0:
            pytest.skip("later versions ask for fewer CRLs")
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


def extension(oid: str, contents: str) -> tuple[x509.ExtensionType, bool]:
    """An extension from its contents in hexadecimal, not critical."""
    value = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), bytes.fromhex(contents))
    return value, False


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
    extension("2.16.840.1.113730.1.1", "03020106"),
    extension("2.5.29.33", "300e300c06042a0304050604551d2000"),
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
    extension("2.16.840.1.113730.1.1", "030206c0"),
    extension("1.3.6.1.5.5.7.48.1.5", "0500"),
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
            except (ssl.SSLError, AssertionError):
                # Not even OpenSSL can read it, so it cannot be presented.
                assert not verifier.check([one.der for one in mutants], pki.HOST).ok
                continue
            judged += 1
            ours = verifier.check([one.der for one in mutants], pki.HOST)
            assert refusal is None or not ours.ok, (place, changed.hex(), refusal)
        assert judged > 300
