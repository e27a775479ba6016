"""A chain for every verify code of OpenSSL, and CRLs for every rule about them.

The keys of `BY_CODE` and `CRLS` are the rows of the parity document's section 4 (tests/test_context_parity.py
sees to it that none is missing).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from . import pki

if TYPE_CHECKING:
    from collections.abc import Callable

PARTIAL, STRICT = 0x80000, 0x80020
CRL_CHECK, CRL_CHECK_CHAIN = 0x4, 0xC
POLICY_CHECK, EXPLICIT_POLICY, EXTENDED_CRLS = 0x80, 0x100, 0x1000

ROOT = pki.issue("Root", ca=True)
CA = pki.issue("CA", ROOT, ca=True)
LEAF = pki.issue("leaf", CA)
STRANGER = pki.key("p256", "stranger")


@dataclass(frozen=True)
class Case:
    """What is presented, and to whom."""

    chain: list[pki.Entity]
    trusted: list[pki.Entity] = field(default_factory=lambda: [ROOT])
    flags: int = 0
    crls: list[bytes] = field(default_factory=list)
    # The PEM of the trust store, where that is more than certificates.
    store: str | None = None
    name: str = pki.HOST
    # ssl accepts, or refuses for another reason, where certpath refuses for a documented reason of its own.
    stricter: str = ""

    @property
    def store_pem(self) -> str:
        store = pki.chain_pem(self.trusted) if self.store is None else self.store
        return store + "".join(map(pki.crl_pem, self.crls))


def leaf(*extensions: x509.ExtensionType, critical: bool = False, flags: int = 0, **settings: Any) -> Case:
    """A leaf with these extensions, below a sound CA."""
    return Case(
        [pki.issue("leaf", CA, extensions=[(one, critical) for one in extensions], **settings), CA],
        flags=flags,
    )


def ca(*extensions: x509.ExtensionType, critical: bool = True, flags: int = 0, **settings: Any) -> Case:
    """A sound leaf below a CA with these extensions."""
    made = pki.issue("CA", ROOT, ca=True, extensions=[(one, critical) for one in extensions], **settings)
    return Case([pki.issue("leaf", made), made], flags=flags)


def times(*texts: str) -> Case:
    """Times that `cryptography` would not write."""

    def change(parts: list[bytes]) -> None:
        parts[4] = pki.tlv(0x30, b"".join(pki.tlv(0x17, text.encode()) for text in texts))

    return Case([pki.patched(LEAF, CA.key, change), CA])


def constrained(
    constraint: str, *names: x509.GeneralName, permitted: bool = True, stricter: str = ""
) -> Case:
    """A CA with one name constraint (a GeneralSubtree's contents), and a leaf with more names."""
    subtree = pki.tlv(0x30, bytes.fromhex(constraint))
    value = pki.tlv(0x30, pki.tlv(0xA0 if permitted else 0xA1, subtree))
    made = pki.issue("CA", ROOT, ca=True, extensions=[(pki.raw("2.5.29.30", value.hex()), True)])
    alternatives = x509.SubjectAlternativeName([x509.DNSName(pki.HOST), *names])
    chain = [pki.issue("leaf", made, extensions=[(alternatives, False)]), made]
    return Case(chain, stricter=stricter)


def long_chain() -> Case:
    own_key = pki.key()
    issuer, chain = ROOT, list[pki.Entity]()
    for number in range(101):
        issuer = pki.issue(f"CA {number}", issuer, ca=True, own_key=own_key)
        chain.insert(0, issuer)
    return Case([pki.issue("leaf", issuer), *chain])


def rejected() -> Case:
    """A root whose TRUSTED CERTIFICATE block rejects both uses (X509_CERT_AUX)."""
    uses = [pki.tlv(0x06, bytes.fromhex("2b060105050703" + last)) for last in ("01", "02")]
    settings = pki.tlv(0x30, pki.tlv(0xA0, b"".join(uses)))
    block = pki.Entity(ROOT.der + settings, ROOT.key).pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE")
    return Case([LEAF, CA], store=block)


def inner_and_outer() -> Case:
    """Signed with SHA-256, and said to be with SHA-384 outside."""
    outer = pki.tlv(0x30, pki.tlv(0x06, bytes.fromhex("2a8648ce3d040303")))
    contents = b"".join(pki.fields(LEAF.der))
    return Case(
        [pki.signed(contents, LEAF, CA.key, algorithm=outer, digest=hashes.SHA384()), CA], flags=STRICT
    )


def version_one() -> Case:
    def change(parts: list[bytes]) -> None:
        parts[0] = pki.tlv(0xA0, b"\x02\x01\x01")

    return Case([pki.patched(LEAF, CA.key, change), CA], flags=STRICT)


def explicit_curve() -> Case:
    """The CA's curve by its parameters (RFC 3279, 2.3.5) in place of its name."""
    assert isinstance(CA.key, ec.EllipticCurvePrivateKey)
    point = CA.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    generator = ec.derive_private_key(1, ec.SECP256R1()).public_key()
    base = generator.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def octets(number: int) -> bytes:
        return number.to_bytes(32, "big")

    def integer(number: int) -> bytes:
        return pki.tlv(0x02, b"\0" + octets(number))

    field_id = pki.tlv(0x30, pki.tlv(0x06, bytes.fromhex("2a8648ce3d0101")) + integer(prime))
    curve = pki.tlv(0x30, pki.tlv(0x04, octets(prime - 3)) + pki.tlv(0x04, octets(b)))
    version, cofactor = pki.tlv(0x02, b"\x01"), pki.tlv(0x02, b"\x01")
    parameters = pki.tlv(0x30, version + field_id + curve + pki.tlv(0x04, base) + integer(order) + cofactor)
    algorithm = pki.tlv(0x30, pki.tlv(0x06, bytes.fromhex("2a8648ce3d0201")) + parameters)

    def change(parts: list[bytes]) -> None:
        parts[6] = pki.tlv(0x30, algorithm + pki.tlv(0x03, b"\0" + point))

    return Case([LEAF, pki.patched(CA, ROOT.key, change)])


def usage_of_crls(*bits: str, **settings: Any) -> Case:
    """A CA with these uses, and a CRL by it."""
    case = ca(pki.usage(*bits), **settings)
    return Case(case.chain, flags=CRL_CHECK, crls=[pki.crl(case.chain[1])])


def crl_case(*crls: bytes, flags: int = CRL_CHECK, stricter: str = "") -> Case:
    return Case([LEAF, CA], flags=flags, crls=list(crls), stricter=stricter)


def revoking(entity: pki.Entity, reason: x509.ReasonFlags | None = None, **settings: Any) -> bytes:
    """The issuer's CRL with this certificate on it."""
    issuer = CA if entity is LEAF else ROOT
    return pki.crl(issuer, [(entity.certificate.serial_number, reason)], **settings)


def scope(**settings: Any) -> tuple[x509.ExtensionType, bool]:
    """A critical issuingDistributionPoint."""
    usual: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(usual | settings)), True


def bare_crl(signer: Any = None, *, version: bytes = b"", until: bytes = b"", sha1: bool = False) -> bytes:
    """A CRL of the CA without extensions, of version 1 unless told otherwise."""
    algorithm = (
        pki.ECDSA_WITH_SHA1 if sha1 else pki.tlv(0x30, pki.tlv(0x06, bytes.fromhex("2a8648ce3d040302")))
    )
    issuer = CA.certificate.subject.public_bytes()
    tbs = pki.tlv(0x30, version + algorithm + issuer + pki.tlv(0x17, b"200101000000Z") + until)
    value = pki.signature(tbs, signer or CA.key, pki.SHA1 if sha1 else pki.SHA256)
    return pki.tlv(0x30, tbs + algorithm + pki.tlv(0x03, b"\0" + value))


def delta(*revoked: pki.Entity, **settings: Any) -> bytes:
    """A delta CRL of the CA."""
    entries = [(entity.certificate.serial_number, None) for entity in revoked]
    return pki.crl(CA, entries, extensions=[(x509.DeltaCRLIndicator(1), True)], **settings)


def foreign_crl() -> Case:
    """A CRL by a namesake of the CA whose own path ends nowhere."""
    other = pki.issue("Other root", ca=True)
    namesake = pki.issue("CA", other, ca=True, own_key=pki.key("p256", "namesake"))
    return Case([LEAF, CA, namesake], flags=CRL_CHECK | EXTENDED_CRLS, crls=[pki.crl(namesake)])


VERSION_2, UNTIL_2049 = pki.tlv(0x02, b"\x01"), pki.tlv(0x17, b"490101000000Z")
PAST, FUTURE = pki.at(2021), pki.at(2040)
EMAIL = x509.RFC822Name("someone@example.test")

BY_CODE: dict[int, Callable[[], Case]] = {
    2: lambda: Case([LEAF, CA], [CA]),
    3: crl_case,
    7: lambda: leaf(signer=STRANGER),
    8: lambda: crl_case(pki.crl(CA, signer=STRANGER)),
    9: lambda: leaf(not_before=FUTURE),
    10: lambda: leaf(not_after=PAST),
    11: lambda: crl_case(pki.crl(CA, last_update=FUTURE)),
    12: lambda: crl_case(pki.crl(CA, next_update=PAST)),
    13: lambda: times("2001010000Z", "490101000000Z"),
    14: lambda: times("200101000000Z", "4901010000Z"),
    18: lambda: Case([pki.issue("alone")]),
    19: lambda: Case([LEAF, CA, ROOT], [pki.issue("Other root", ca=True)]),
    20: lambda: Case([LEAF]),
    22: long_chain,
    23: lambda: crl_case(revoking(LEAF)),
    25: lambda: Case(
        [
            pki.issue(
                "leaf",
                lower := pki.issue(
                    "lower", upper := pki.issue("upper", ROOT, ca=True, path_length=0), ca=True
                ),
            ),
            lower,
            upper,
        ]
    ),
    26: lambda: leaf(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])),
    28: rejected,
    # Never shows: a CA without keyCertSign is not a CA (79).
    32: lambda: ca(pki.usage("crl_sign")),
    34: lambda: leaf(pki.raw("1.2.3.4", "0500"), critical=True),
    35: lambda: usage_of_crls("key_cert_sign"),
    36: lambda: crl_case(pki.crl(CA, extensions=[(pki.raw("1.2.3.4", "0500"), True)])),
    42: lambda: leaf(pki.raw("2.5.29.32", "300c300406022a03300406022a03"), flags=POLICY_CHECK),
    43: lambda: leaf(flags=EXPLICIT_POLICY),
    44: lambda: crl_case(pki.crl(CA, extensions=[scope(only_contains_ca_certs=True)])),
    46: lambda: leaf(pki.raw("1.3.6.1.5.5.7.1.7", "300e300c040200013006030400c00002")),
    47: lambda: constrained("820d6f746865722e6578616d706c65"),
    48: lambda: constrained("820c6578616d706c652e74657374", permitted=False),
    49: lambda: constrained("820c6578616d706c652e74657374800101"),
    51: lambda: constrained("88022a03", x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))),
    53: lambda: constrained("860c6578616d706c652e74657374", x509.UniformResourceIdentifier("nothing")),
    54: foreign_crl,
    62: lambda: Case([LEAF, CA], name="elsewhere.example.test"),
    64: lambda: Case([LEAF, CA], name="192.0.2.1"),
    66: lambda: leaf(own_key="rsa1024"),
    67: lambda: ca(own_key="rsa1024"),
    68: lambda: Case([pki.patched(LEAF, CA.key, algorithm=pki.ECDSA_WITH_SHA1, digest=pki.SHA1), CA]),
    78: inner_and_outer,
    79: lambda: ca(x509.BasicConstraints(ca=False, path_length=None)),
    80: lambda: leaf(pki.raw("2.5.29.19", "3003020100"), flags=STRICT),
    81: lambda: leaf(x509.BasicConstraints(ca=True, path_length=0), critical=True, flags=STRICT),
    82: lambda: leaf(pki.usage("digital_signature", "key_cert_sign"), critical=True, flags=STRICT),
    83: lambda: nameless("issuer"),
    84: lambda: nameless("subject"),
    85: lambda: leaf(flags=STRICT, without=[x509.AuthorityKeyIdentifier]),
    86: lambda: ca(flags=STRICT, without=[x509.SubjectKeyIdentifier]),
    87: lambda: leaf(pki.raw("2.5.29.17", "3000"), flags=STRICT),
    88: lambda: nameless("subject with names"),
    89: lambda: ca(x509.BasicConstraints(ca=True, path_length=None), critical=False, flags=STRICT),
    92: lambda: ca(flags=STRICT, without=[x509.KeyUsage]),
    93: version_one,
    94: explicit_curve,
}
NEVER_SHOWN = {32: 79}
"""Codes that other ones are shown in place of."""


def nameless(which: str) -> Case:
    """Certificates with empty names."""
    nobody = x509.Name([])
    if which == "issuer":
        made = pki.issue(nobody, ROOT, ca=True)
        return Case([pki.issue("leaf", made), made], flags=STRICT)
    without = [x509.SubjectAlternativeName] if which == "subject" else []
    return Case([pki.issue(nobody, CA, without=without), CA], flags=STRICT)


# The rules of the section on CRLs, in its order: code, case.
CRLS: dict[str, tuple[int | None, Callable[[], Case]]] = {
    "none for a certificate": (3, crl_case),
    "leaf checked": (None, lambda: crl_case(pki.crl(CA))),
    "chain checked": (None, lambda: crl_case(pki.crl(CA), pki.crl(ROOT), flags=CRL_CHECK_CHAIN)),
    "bit 8 alone does nothing": (None, lambda: crl_case(flags=0x8)),
    "chain checked, none for the CA": (3, lambda: crl_case(pki.crl(CA), flags=CRL_CHECK_CHAIN)),
    "chain checked, CA revoked": (
        23,
        lambda: crl_case(pki.crl(CA), revoking(CA), flags=CRL_CHECK_CHAIN),
    ),
    "chain checked, root revoked": (
        23,
        lambda: crl_case(pki.crl(CA), revoking(ROOT), flags=CRL_CHECK_CHAIN),
    ),
    "expired and valid: valid wins": (
        None,
        lambda: crl_case(pki.crl(CA, next_update=PAST), pki.crl(CA)),
    ),
    "newest wins": (
        23,
        lambda: crl_case(
            pki.crl(CA),
            revoking(LEAF, last_update=PAST),
        ),
    ),
    "expired and badly signed": (12, lambda: crl_case(pki.crl(CA, next_update=PAST, signer=STRANGER))),
    "badly signed and revoked": (8, lambda: crl_case(revoking(LEAF, signer=STRANGER))),
    "expired and revoked": (12, lambda: crl_case(revoking(LEAF, next_update=PAST))),
    "same name, foreign AKI": (
        3,
        lambda: crl_case(pki.crl(pki.issue("CA", ROOT, ca=True, own_key=pki.key("p256", "namesake")))),
    ),
    "same name, without AKI": (
        8,
        lambda: crl_case(bare_crl(STRANGER, version=VERSION_2, until=UNTIL_2049)),
    ),
    "issuer without cRLSign": (35, BY_CODE[35]),
    "version 1": (None, lambda: crl_case(bare_crl(until=UNTIL_2049))),
    "no extensions": (None, lambda: crl_case(bare_crl(version=VERSION_2, until=UNTIL_2049))),
    "no nextUpdate": (None, lambda: crl_case(bare_crl(version=VERSION_2))),
    "SHA-1 signature": (None, lambda: crl_case(bare_crl(version=VERSION_2, until=UNTIL_2049, sha1=True))),
    "only users": (None, lambda: crl_case(pki.crl(CA, extensions=[scope(only_contains_user_certs=True)]))),
    "only CAs": (44, BY_CODE[44]),
    "indirect": (3, lambda: crl_case(pki.crl(CA, extensions=[scope(indirect_crl=True)]))),
    "name of the scope not in the certificate": (
        44,
        lambda: crl_case(
            pki.crl(
                CA, extensions=[scope(full_name=[x509.UniformResourceIdentifier("http://crl.example.test/")])]
            )
        ),
    ),
    "removeFromCRL": (None, lambda: crl_case(revoking(LEAF, x509.ReasonFlags.remove_from_crl))),
    "certificateHold": (23, lambda: crl_case(revoking(LEAF, x509.ReasonFlags.certificate_hold))),
    "older delta": (None, lambda: crl_case(delta(last_update=pki.NOT_BEFORE), pki.crl(CA, last_update=PAST))),
    # As if it were complete: OpenSSL only passes it over under EXTENDED_CRL_SUPPORT.
    "newer delta that revokes": (23, lambda: crl_case(pki.crl(CA), delta(LEAF, last_update=PAST))),
    "newer delta that does not": (None, lambda: crl_case(pki.crl(CA), delta(last_update=PAST))),
    "delta that takes a revocation back": (
        None,
        lambda: crl_case(revoking(LEAF), delta(last_update=PAST), stricter="not without a complete CRL"),
    ),
    "delta alone": (None, lambda: crl_case(delta(), stricter="not without a complete CRL")),
    "delta alone that revokes": (23, lambda: crl_case(delta(LEAF))),
}


@functools.cache
def by_code(code: int) -> Case:
    return BY_CODE[code]()


@functools.cache
def by_crl_rule(rule: str) -> Case:
    return CRLS[rule][1]()
