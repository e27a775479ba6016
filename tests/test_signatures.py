"""Signatures with digests that the library has no name for beside a curve, live `ssl` beside ours."""

from __future__ import annotations

import pytest
from certpath import Policy, Verdict, Verifier
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from support import handshake, pki

CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "secp256k1": ec.SECP256K1(),
}
# What it is called in a certificate.
DIGESTS: dict[str, tuple[hashes.HashAlgorithm, bytes]] = {
    "SHA-1": (pki.SHA1, pki.ECDSA_WITH_SHA1),
    "SHA-224": (hashes.SHA224(), pki.tlv(0x30, pki.tlv(0x06, bytes.fromhex("2a8648ce3d040301")))),
}
KEYS = {name: ec.generate_private_key(curve) for name, curve in CURVES.items()}
STRANGERS = {name: ec.generate_private_key(curve) for name, curve in CURVES.items()}
LEVEL = 0


def chain(curve: str, digest: str, *, forged: bool = False) -> list[pki.Entity]:
    """An end entity signed so, by the key of the root or by a stranger's on the same curve."""
    root = pki.issue("Root", ca=True, own_key=KEYS[curve])
    signer = STRANGERS[curve] if forged else KEYS[curve]
    used, algorithm = DIGESTS[digest]
    return [pki.patched(pki.issue("leaf", root), signer, algorithm=algorithm, digest=used), root]


def with_signature(one: bytes, other: bytes) -> bytes:
    """The certificate with the signature of another."""
    tbs, algorithm, _ = pki.elements(pki.inside(one))
    return pki.tlv(0x30, tbs + algorithm + pki.elements(pki.inside(other))[2])


def live(sent: list[pki.Entity]) -> int:
    leaf, root = sent
    refusal, _ = handshake.judgement(
        (leaf.der,), leaf.key_pem.encode(), (root.der,), host=pki.HOST, flags=0x8000, security_level=LEVEL
    )
    return 0 if refusal is None else refusal.verify_code  # type: ignore[attr-defined]


def judge(sent: list[pki.Entity], policy: Policy) -> Verdict:
    leaf, root = sent
    return Verifier(root.store, policy=policy).check([leaf.der], pki.HOST, at=pki.AT)


@pytest.mark.parametrize("digest", DIGESTS)
@pytest.mark.parametrize("curve", CURVES)
class TestShorterDigests:
    def test_good_signatures_are_good(self, curve: str, digest: str) -> None:
        """To `ssl` and here, webpki included."""
        sent = chain(curve, digest)
        assert live(sent) == 0
        for policy in (Policy.ssl(security_level=LEVEL), Policy.webpki(security_level=LEVEL)):
            verdict = judge(sent, policy)
            assert verdict.ok, verdict.explain()
            assert verdict.exceptions == ()

    def test_forged_ones_are_not(self, curve: str, digest: str) -> None:
        """Nor is what another key has signed, or the same key another message."""
        forged = chain(curve, digest, forged=True)
        assert live(forged) == 7
        assert judge(forged, Policy.ssl(security_level=LEVEL)).verify_code == 7
        (leaf, root), (other, _) = chain(curve, digest), chain(curve, digest)
        mixed = [pki.Entity(with_signature(leaf.der, other.der), leaf.key), root]
        assert judge(mixed, Policy.ssl(security_level=LEVEL)).verify_code == 7
        assert not judge(mixed, Policy.webpki(security_level=LEVEL)).ok


def test_the_security_level_still_counts() -> None:
    """SHA-224 has 112 bits, SHA-1 63."""
    assert judge(chain("P-256", "SHA-224"), Policy.ssl(security_level=2)).ok
    assert (
        judge(chain("P-256", "SHA-224"), Policy.ssl(security_level=3)).findings[0].name == "digest_too_weak"
    )
    assert judge(chain("P-384", "SHA-1"), Policy.ssl(security_level=1)).findings[0].name == "digest_too_weak"
