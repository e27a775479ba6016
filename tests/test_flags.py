"""Every verify flag of `ssl`, over hierarchies in which it matters: our verdict beside a live handshake's."""

from __future__ import annotations

import itertools
import ssl

import certpath
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from support import pki
from support.handshake import handshake

IS_OPENSSL_3 = ssl.OPENSSL_VERSION.startswith("OpenSSL") and ssl.OPENSSL_VERSION_INFO[0] == 3
pytestmark = pytest.mark.skipif(not IS_OPENSSL_3, reason="the verdicts are those of OpenSSL 3")

# X509_V_FLAG_*, by number: ssl.VerifyFlags names only a few of them.
FLAGS = {
    "none": 0,
    "use_check_time": 0x2,
    "crl_check_all_alone": 0x8,
    "ignore_critical": 0x10,
    "allow_proxy_certs": 0x40,
    "policy_check": 0x80,
    "explicit_policy": 0x100,
    "inhibit_any": 0x200,
    "inhibit_map": 0x400,
    "notify_policy": 0x800,
    "extended_crl_support": 0x1000,
    "use_deltas": 0x2000,
    "check_ss_signature": 0x4000,
    "suiteb_128_only": 0x10000,
    "suiteb_192": 0x20000,
    "suiteb_128": 0x30000,
    "no_alt_chains": 0x100000,
    "no_check_time": 0x200000,
    "unknown": 0x1000000,
}
BASES = {"default": 0x8000, "partial": 0x88000, "strict": 0x88020}


def policies(*oids: str) -> x509.CertificatePolicies:
    """certificatePolicies without qualifiers."""
    return x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    )


CERTIFICATE_POLICIES, POLICY_MAPPINGS, POLICY_CONSTRAINTS = "2.5.29.32", "2.5.29.33", "2.5.29.36"
INHIBIT_ANY_POLICY, IP_ADDR_BLOCKS = "2.5.29.54", "1.3.6.1.5.5.7.1.7"
LISTED_BLOCK, INHERITED_BLOCK = "300e300c040200013006030400c00002", "30083006040200010500"

# name: extensions of the leaf, of the intermediate, of the root
EXTENSIONS: dict[str, tuple[list[x509.ExtensionType], list[x509.ExtensionType], list[x509.ExtensionType]]] = {
    "plain": ([], [], []),
    "policies": ([policies("1.2.3")], [policies("1.2.3")], []),
    "any policy": ([policies("2.5.29.32.0")], [policies("2.5.29.32.0")], [policies("2.5.29.32.0")]),
    "policy twice": ([pki.raw(CERTIFICATE_POLICIES, "300c300406022a03300406022a03")], [], []),
    "no policy in the list": ([pki.raw(CERTIFICATE_POLICIES, "3000")], [], []),
    "policies that do not decode": ([pki.raw(CERTIFICATE_POLICIES, "0500")], [], []),
    "policy mapped": (
        [policies("1.2.4")],
        [policies("1.2.3"), pki.raw(POLICY_MAPPINGS, "300a300806022a0306022a04")],
        [],
    ),
    "any policy mapped": (
        [],
        [policies("1.2.3"), pki.raw(POLICY_MAPPINGS, "300c300a0604551d200006022a03")],
        [],
    ),
    "policy required of the leaf": ([x509.PolicyConstraints(0, None)], [], []),
    "policy required below": ([policies("1.2.3")], [x509.PolicyConstraints(1, None), policies("1.2.3")], []),
    "policy required further below": ([], [x509.PolicyConstraints(2, None)], []),
    "policy required by the root": ([], [], [x509.PolicyConstraints(0, None)]),
    "mapping inhibited": ([], [x509.PolicyConstraints(None, 0)], []),
    "empty policy constraints": ([], [pki.raw(POLICY_CONSTRAINTS, "3000")], []),
    "any policy inhibited": ([], [policies("1.2.3"), x509.InhibitAnyPolicy(0)], []),
    "negative inhibition": ([], [policies("1.2.3"), pki.raw(INHIBIT_ANY_POLICY, "0201ff")], []),
    "addresses of nobody": ([pki.raw(IP_ADDR_BLOCKS, LISTED_BLOCK)], [], []),
    "addresses of the issuer": ([], [pki.raw(IP_ADDR_BLOCKS, LISTED_BLOCK)], []),
    "inherited addresses": ([pki.raw(IP_ADDR_BLOCKS, INHERITED_BLOCK)], [], []),
}


def hierarchy(
    kinds: tuple[str, str, str] = ("p256", "p256", "p256"),
    digests: tuple[hashes.HashAlgorithm | None, ...] = (None, None, None),
    extensions: str = "plain",
) -> list[pki.Entity]:
    """Leaf, intermediate and root with keys of these kinds, signed with these digests."""
    usual = {"p256": hashes.SHA256(), "p384": hashes.SHA384(), "p521": hashes.SHA512()}
    leaf_extensions, ca_extensions, root_extensions = (
        [(extension, False) for extension in group] for group in EXTENSIONS[extensions]
    )
    leaf_kind, ca_kind, root_kind = kinds
    leaf_digest, ca_digest, root_digest = digests
    root = pki.issue(
        "Root",
        own_key=root_kind,
        ca=True,
        digest=root_digest or usual.get(root_kind),
        extensions=root_extensions,
    )
    ca = pki.issue(
        "CA",
        root,
        own_key=ca_kind,
        ca=True,
        digest=ca_digest or usual.get(root_kind),
        extensions=ca_extensions,
    )
    leaf = pki.issue(
        "leaf", ca, own_key=leaf_kind, digest=leaf_digest or usual.get(ca_kind), extensions=leaf_extensions
    )
    return [leaf, ca, root]


def agree(chain: list[pki.Entity], trusted: list[pki.Entity], flags: int) -> str | None:
    """``None`` if our verdict and `ssl`'s agree, the reason if ours is stricter; asserts all else."""
    refusal = handshake(chain, trusted, flags=flags)
    store = certpath.TrustStore.from_der([anchor.der for anchor in trusted])
    verdict = certpath.Verifier(store, policy=certpath.Policy.ssl(flags)).check(
        [entity.der for entity in chain], pki.HOST
    )
    if refusal is None:
        return None if verdict.ok else verdict.findings[0].name
    assert isinstance(refusal, ssl.SSLCertVerificationError)
    assert (verdict.verify_code, verdict.verify_message) == (refusal.verify_code, refusal.verify_message)
    return None


@pytest.mark.parametrize("flag", FLAGS.values(), ids=FLAGS)
@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
class TestFlags:
    @pytest.mark.parametrize("extensions", EXTENSIONS)
    def test_policies_and_resources(self, extensions: str, base: int, flag: int) -> None:
        """Policy flags and policy extensions, RFC 3779 resources: same verdict, whatever the flag."""
        leaf, ca, root = hierarchy(extensions=extensions)
        assert agree([leaf, ca], [root], base | flag) in {None, "proof_critical_extension"}

    def test_unknown_critical_extension(self, base: int, flag: int) -> None:
        """IGNORE_CRITICAL lets it pass, there and here: webpki is shown it in translation."""
        _, ca, root = pki.three()
        leaf = pki.issue("leaf", ca, extensions=[(pki.raw("1.2.3.4", "0500"), True)])
        assert agree([leaf, ca], [root], base | flag) is None

    def test_self_signature_of_the_anchor(self, base: int, flag: int) -> None:
        """Looked at under CHECK_SS_SIGNATURE alone."""
        leaf, ca, root = pki.three()
        broken = pki.Entity(root.der[:-1] + bytes([root.der[-1] ^ 1]), root.key)
        assert agree([leaf, ca], [broken], base | flag) is None


@pytest.mark.parametrize(
    "flag", [FLAGS["suiteb_128_only"], FLAGS["suiteb_192"], FLAGS["suiteb_128"]], ids=hex
)
class TestSuiteB:
    @pytest.mark.parametrize("kinds", list(itertools.product(["p256", "p384"], repeat=3)), ids="-".join)
    def test_levels(self, kinds: tuple[str, str, str], flag: int) -> None:
        """Every order of the two curves."""
        leaf, ca, root = hierarchy(kinds)
        assert agree([leaf, ca], [root], 0x8000 | flag) is None

    @pytest.mark.parametrize(
        ("kinds", "digests"),
        [
            (("p256", "p521", "p384"), (None, None, None)),
            (("rsa2048", "rsa2048", "rsa2048"), (None, None, None)),
            (("p256", "p256", "rsa2048"), (None, None, None)),
            (("p256", "p256", "p256"), (hashes.SHA384(), None, None)),
            (("p384", "p384", "p384"), (None, None, hashes.SHA256())),
        ],
    )
    def test_keys_and_digests(
        self, kinds: tuple[str, str, str], digests: tuple[hashes.HashAlgorithm | None, ...], flag: int
    ) -> None:
        """Other keys, and digests that do not belong to the curve."""
        leaf, ca, root = hierarchy(kinds, digests)
        assert agree([leaf, ca], [root], 0x8000 | flag) is None
