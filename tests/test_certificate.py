"""The view of one certificate: what it opens, what it shows, and that it shows what others see."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import pickle
import ssl
import tempfile
import warnings
from pathlib import Path
from typing import Any

import certpath
import pytest
from certpath import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from support import pki
from support.handshake import verified_chain

MOZILLA = certpath.TrustStore.mozilla().certificates

EVERY_NAME_FORM = x509.SubjectAlternativeName(
    [
        x509.DNSName("www.example.test"),
        x509.DNSName("*.example.test"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
        x509.RFC822Name("someone@example.test"),
        x509.UniformResourceIdentifier("https://example.test/a?b=c"),
        x509.DirectoryName(pki.names("directory", "twice")),
        x509.RegisteredID(x509.ObjectIdentifier("1.2.3.4.5")),
        x509.RegisteredID(NameOID.COMMON_NAME),
        x509.OtherName(x509.ObjectIdentifier("1.2.3.4.5.6"), b"\x0c\x05other"),
    ]
)
ACCESS = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.example.test/")
        ),
        x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://example.test/1")
        ),
        x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://example.test/2")
        ),
        x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.DNSName("no.uri.example.test")),
    ]
)
POINTS = x509.CRLDistributionPoints(
    [
        x509.DistributionPoint(
            [x509.UniformResourceIdentifier(f"http://example.test/{number}.crl")], None, None, None
        )
        for number in range(2)
    ]
)
RICH_NAME = x509.Name(
    [
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COUNTRY_NAME, "DE")]),
        x509.RelativeDistinguishedName(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'A, "B" + C; <D> # \\')]
        ),
        x509.RelativeDistinguishedName(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, "two in one"),
                x509.NameAttribute(NameOID.EMAIL_ADDRESS, "someone@example.test"),
            ]
        ),
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.LOCALITY_NAME, " München ")]),
        x509.RelativeDistinguishedName(
            [x509.NameAttribute(x509.ObjectIdentifier("1.2.3.4"), "unknown type")]
        ),
    ]
)


def serial(octets: str) -> pki.Entity:
    """A certificate whose serial number has these contents octets."""

    def change(fields: list[bytes]) -> None:
        fields[1] = pki.tlv(0x02, bytes.fromhex(octets))

    return pki.patched(pki.three()[0], pki.three()[1].key, change)


def subject(tag: int, contents: bytes) -> pki.Entity:
    """A certificate whose only commonName is of this string type."""

    def change(fields: list[bytes]) -> None:
        attribute = pki.tlv(0x30, pki.tlv(0x06, b"\x55\x04\x03") + pki.tlv(tag, contents))
        fields[5] = pki.tlv(0x30, pki.tlv(0x31, attribute))

    return pki.patched(pki.three()[0], pki.three()[1].key, change)


def validity(not_before: bytes, not_after: bytes) -> pki.Entity:
    """A certificate with these elements as its dates."""

    def change(fields: list[bytes]) -> None:
        fields[4] = pki.tlv(0x30, not_before + not_after)

    return pki.patched(pki.three()[0], pki.three()[1].key, change)


def make_version_1(fields: list[bytes]) -> None:
    """Neither a version nor extensions."""
    del fields[0], fields[-1]


def make_specimens() -> dict[str, pki.Entity]:
    """Certificates of many kinds."""
    leaf, intermediate, root = pki.three()
    plain = pki.issue("plain", intermediate, extensions=[(ACCESS, False), (POINTS, False)])
    specimens = {
        "leaf": leaf,
        "intermediate": intermediate,
        "root": root,
        "every name form": pki.issue("san", intermediate, extensions=[(EVERY_NAME_FORM, False)]),
        "empty names": pki.issue(
            "none",
            intermediate,
            extensions=[(pki.raw(x509.SubjectAlternativeName.oid, b"\x30\0"), False)],
        ),
        "no names": pki.issue("none", intermediate, host=None),
        "addresses": plain,
        "rich name": pki.issue(RICH_NAME, intermediate),
        "empty subject": pki.issue(x509.Name([]), intermediate),
        "distant dates": pki.issue(
            "dates", intermediate, not_before=pki.at(1951, 2, 3), not_after=pki.at(9999, 12, 31)
        ),
        "path length": pki.issue("ca", root, ca=True, path_length=3),
        "version 1": pki.patched(leaf, intermediate.key, make_version_1),
        "serial zero": serial("00"),
        "serial minus five": serial("fb"),
        "serial minus 128": serial("80"),
        "serial minus 256": serial("ff00"),
        "serial with sign octet": serial("00ff"),
        "serial of 30 octets": serial("7b" * 30),
        "serial of 35 octets": serial("5a" * 35),
        "serial of 36 octets": serial("5a" * 36),
        "serial of 80 octets": serial("5a" * 80),
        "BMPString": subject(0x1E, "Bücher €".encode("utf-16-be")),
        "T61String": subject(0x14, b"caf\xe9"),
        "UniversalString": subject(0x1C, "Bücher".encode("utf-32-be")),
        "IA5String": subject(0x16, b"ascii"),
        "PrintableString": subject(0x13, b"Printable"),
        "NUL in the name": subject(0x0C, b"a\0b"),
        "UTCTime of 1950": validity(pki.tlv(0x17, b"500101000000Z"), pki.tlv(0x17, b"491231235959Z")),
        "GeneralizedTime": validity(pki.tlv(0x18, b"20200101000000Z"), pki.tlv(0x18, b"20490101000000Z")),
    }
    for kind in ("rsa2048", "rsa1024", "p384", "p521", "secp256k1", *UNSUPPORTED, "ed25519", "ed448"):
        specimens[kind] = pki.issue(kind, intermediate, own_key=kind)
    return specimens


UNSUPPORTED = ("secp224r1", "brainpool", "dsa")
SPECIMENS = make_specimens()
each = pytest.mark.parametrize("entity", SPECIMENS.values(), ids=SPECIMENS.keys())


def stdlib_dictionary(der: bytes) -> dict[str, Any]:
    """What getpeercert would give, by the decoder that CPython tests it with."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "certificate.pem")
        file.write_text(ssl.DER_cert_to_PEM_cert(der), encoding="ascii")
        decoded: dict[str, Any] = ssl._ssl._test_decode_cert(str(file))  # type: ignore[attr-defined]
        return decoded


class TestOpening:
    def test_every_form_of_a_certificate_is_the_same(self) -> None:
        """DER and PEM, in every type that holds octets or text, and objects with public_bytes."""
        leaf = pki.three()[0]
        wanted = Certificate(leaf.der)
        pem = leaf.pem
        forms: list[Any] = [
            wanted,
            bytearray(leaf.der),
            memoryview(leaf.der),
            memoryview(b"x" + leaf.der)[1:],
            pem,
            pem.encode(),
            bytearray(pem.encode()),
            memoryview(pem.encode()),
            pem.replace("\n", "\r\n"),
            f"subject: a leaf\n{pem}\nand more text",
            leaf.certificate,
        ]
        for form in forms:
            assert Certificate(form) == wanted
            assert Certificate(form).der == leaf.der

    def test_certificates_of_the_ssl_module_are_taken(self) -> None:
        """The objects that `SSLSocket.get_verified_chain` is made of."""
        leaf, intermediate, root = pki.three()
        chain = verified_chain([leaf, intermediate], [root])
        assert [Certificate(one).der for one in chain] == [one.der for one in (leaf, intermediate, root)]
        assert certpath.Verifier(root.store).check(chain, pki.HOST, at=pki.AT).ok

    @pytest.mark.parametrize("wrong", [None, 1, 1.5, object(), {}, [], (b"",), b"".decode])
    def test_other_types_are_refused(self, wrong: Any) -> None:
        """With a TypeError that names what was given."""
        with pytest.raises(TypeError, match=f"certificate must be .*, not {type(wrong).__name__}|argument"):
            Certificate(wrong)

    @pytest.mark.parametrize(
        "wrong",
        [
            b"",
            "",
            b"\0" * 100,
            "no certificate",
            b"\x30\x03\x02\x01\x01",
            pki.three()[0].der + b"\0",
            pki.three()[0].der * 2,
            pki.three()[0].der[:-1],
            pki.three()[0].pem * 2,
            pki.three()[0].pem[:-30],
            pki.three()[0].pem.replace("MII", "M!I"),
            pki.three()[0].key_pem,
            pki.crl(pki.three()[1]),
        ],
        ids=range(13),
    )
    def test_what_is_not_one_certificate_is_refused(self, wrong: Any) -> None:
        """With a ValueError: nothing, something else, too much, too little, more than one."""
        with pytest.raises(ValueError, match=r"."):
            Certificate(wrong)

    def test_the_reason_is_named(self) -> None:
        """A private key is called one; the number of certificates is told; so is the broken part."""
        leaf = pki.three()[0]
        with pytest.raises(ValueError, match="private key"):
            Certificate(leaf.key_pem)
        with pytest.raises(ValueError, match="one certificate expected, 2 found"):
            Certificate(leaf.pem * 2)
        with pytest.raises(ValueError, match="octets left over"):
            Certificate(leaf.der + b"\0")


class TestFields:
    @each
    def test_as_cryptography_sees_them(self, entity: pki.Entity) -> None:
        """Every field that both libraries know has the same value."""
        compare_with_cryptography(entity.der)

    def test_embedded_roots_as_cryptography_sees_them(self) -> None:
        """The same for all of Mozilla's roots."""
        assert len(MOZILLA) > 100
        for root in MOZILLA:
            compare_with_cryptography(root.der)
            assert root.is_ca
            assert root.self_issued
            assert root.self_signed
            assert root.problems == []

    def test_names(self) -> None:
        """All forms of subjectAltName, in their order, and the commonNames."""
        assert Certificate(SPECIMENS["every name form"].der).subject_alt_names == [
            ("dns", "www.example.test"),
            ("dns", "*.example.test"),
            ("ip", "192.0.2.1"),
            ("ip", "2001:db8::1"),
            ("email", "someone@example.test"),
            ("uri", "https://example.test/a?b=c"),
            ("directory", pki.names("directory", "twice").rfc4514_string()),
            ("rid", "1.2.3.4.5"),
            ("rid", "2.5.4.3"),
            ("other", "1.2.3.4.5.6"),
        ]
        twice = Certificate(pki.issue(pki.names("one", "two"), pki.three()[1]).der)
        assert twice.common_names == ["one", "two"]
        assert Certificate(SPECIMENS["empty names"].der).subject_alt_names == []
        assert Certificate(SPECIMENS["empty subject"].der).subject == ""
        assert Certificate(SPECIMENS["BMPString"].der).common_names == ["Bücher €"]
        assert Certificate(SPECIMENS["T61String"].der).common_names == ["café"]

    def test_keys(self) -> None:
        """Algorithm, size and curve of every kind of key, checkable or not."""
        shown = {
            kind: (view.public_key_algorithm, view.public_key_bits, view.public_key_curve)
            for kind in ("rsa2048", "p384", "secp256k1", "secp224r1", "brainpool", "dsa", "ed25519", "ed448")
            for view in [Certificate(SPECIMENS[kind].der)]
        }
        assert shown == {
            "rsa2048": ("RSA", 2048, None),
            "p384": ("EC", 384, "P-384"),
            "secp256k1": ("EC", 256, "secp256k1"),
            "secp224r1": ("EC", 224, "P-224"),
            "brainpool": ("EC", 256, "brainpoolP256r1"),
            "dsa": ("DSA", 2048, None),
            "ed25519": ("Ed25519", 256, None),
            "ed448": ("Ed448", 456, None),
        }

    def test_signature_algorithms(self) -> None:
        """The usual names, also of algorithms that prove nothing."""
        leaf, intermediate, _ = pki.three()
        rsa_leaf, rsa_intermediate, _ = pki.three("rsa2048")
        sha1 = pki.patched(leaf, intermediate.key, algorithm=pki.ECDSA_WITH_SHA1, digest=pki.SHA1)
        md5 = pki.patched(rsa_leaf, rsa_intermediate.key, algorithm=pki.RSA_WITH_MD5, digest=pki.MD5)
        shown = [Certificate(one.der).signature_algorithm for one in (leaf, sha1, rsa_leaf, md5)]
        assert shown == [
            "ecdsa-with-SHA256",
            "ecdsa-with-SHA1",
            "sha256WithRSAEncryption",
            "md5WithRSAEncryption",
        ]

    def test_extensions(self) -> None:
        """Usages and constraints; ``None`` where there is no such extension."""
        leaf, ca = Certificate(SPECIMENS["leaf"].der), Certificate(SPECIMENS["path length"].der)
        assert (leaf.is_ca, leaf.path_length, ca.is_ca, ca.path_length) == (False, None, True, 3)
        assert leaf.key_usage == ["digitalSignature"]
        assert ca.key_usage == ["keyCertSign", "cRLSign"]
        assert leaf.extended_key_usage == ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]
        assert ca.extended_key_usage is None
        bare = Certificate(SPECIMENS["version 1"].der)
        assert bare.version == 1
        assert (bare.key_usage, bare.extended_key_usage, bare.path_length) == (None, None, None)
        assert (bare.subject_key_identifier, bare.authority_key_identifier) == (None, None)

    def test_dates_that_are_none(self) -> None:
        """A field that is not a time as RFC 5280 writes it is shown as None, and called a problem."""
        odd = Certificate(validity(pki.tlv(0x17, b"2001010000Z"), pki.tlv(0x17, b"490101000000Z")).der)
        assert odd.not_before is None
        assert odd.not_after == pki.at(2049)
        assert len(odd.problems) == 1
        assert "notBefore" in odd.problems[0]

    def test_malformed_extensions_are_problems(self) -> None:
        """A known extension that does not decode, or a key that does not, is named; the rest is shown."""
        broken = pki.issue(
            "broken",
            pki.three()[1],
            extensions=[(pki.raw(x509.KeyUsage.oid, b"\x30\x00"), True)],
        )
        view = Certificate(broken.der)
        assert view.problems
        assert "CN=broken" in view.subject
        assert view.not_after == pki.NOT_AFTER
        assert Certificate(pki.three()[0].der).problems == []

    def test_self_issued_and_self_signed(self) -> None:
        """The first is about names alone, the second about key identifiers and algorithms too."""
        leaf, intermediate, root = (Certificate(entity.der) for entity in pki.three())
        assert [one.self_issued for one in (leaf, intermediate, root)] == [False, False, True]
        assert [one.self_signed for one in (leaf, intermediate, root)] == [False, False, True]
        renewed = pki.issue("Root", pki.three()[2], own_key=pki.key("p256", "renewed"), ca=True)
        assert Certificate(renewed.der).self_issued
        assert not Certificate(renewed.der).self_signed


def compare_with_cryptography(der: bytes) -> None:
    """Assert that our view agrees with cryptography's wherever that one can say something."""
    ours = Certificate(der)
    with warnings.catch_warnings():
        # cryptography minds serial numbers that are not positive.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        theirs = x509.load_der_x509_certificate(der)
    assert ours.der == der
    assert ssl.PEM_cert_to_DER_cert(ours.pem) == der
    assert ours.sha256 == hashlib.sha256(der).digest()
    assert ours.sha1 == hashlib.sha1(der, usedforsecurity=False).digest()
    assert ours.version == theirs.version.value + 1
    assert ours.not_before == theirs.not_valid_before_utc
    assert ours.not_after == theirs.not_valid_after_utc
    assert ours.not_after is not None
    assert ours.not_after.tzinfo is datetime.timezone.utc
    # A v1 certificate has no version field before the serial number.
    number = pki.inside(pki.fields(der)[ours.version > 1])
    assert ours.serial_number == int.from_bytes(number, "big", signed=True)
    compare_names_and_key(ours, theirs)
    if ours.version == 3:
        compare_extensions(ours, theirs.extensions)


def compare_names_and_key(ours: Certificate, theirs: x509.Certificate) -> None:
    """Names, where cryptography takes them, and the key."""
    try:
        subject = theirs.subject
    except ValueError:
        # cryptography refuses some strings, a T61String in Latin-1 among them.
        assert "café" in ours.subject
        return
    assert ours.common_names == [one.value for one in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    for shown, name in ((ours.subject, subject), (ours.issuer, theirs.issuer)):
        for attribute in name:
            if str(attribute.value).isalnum():
                assert str(attribute.value) in shown
    key = theirs.public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert ours.spki_sha256 == hashlib.sha256(spki).digest()
    if isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
        assert ours.public_key_bits == key.key_size
        assert ours.public_key_algorithm == ("RSA" if isinstance(key, rsa.RSAPublicKey) else "EC")


USAGES = {
    "digital_signature": "digitalSignature",
    "key_encipherment": "keyEncipherment",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}


def compare_extensions(ours: Certificate, theirs: x509.Extensions) -> None:
    """The extensions that the view shows."""
    found = {extension.oid: extension.value for extension in theirs}
    constraints = found.get(x509.BasicConstraints.oid)
    assert ours.is_ca == (isinstance(constraints, x509.BasicConstraints) and constraints.ca)
    expected = constraints.path_length if isinstance(constraints, x509.BasicConstraints) else None
    assert ours.path_length == expected
    usage = found.get(x509.KeyUsage.oid)
    assert (usage is None) == (ours.key_usage is None)
    if ours.key_usage is not None:
        for name, shown in USAGES.items():
            assert (shown in ours.key_usage) == getattr(usage, name)
    purposes = found.get(x509.ExtendedKeyUsage.oid)
    if isinstance(purposes, x509.ExtendedKeyUsage):
        assert ours.extended_key_usage == [one.dotted_string for one in purposes]
    identifier = found.get(x509.SubjectKeyIdentifier.oid)
    digest = identifier.digest if isinstance(identifier, x509.SubjectKeyIdentifier) else None
    assert ours.subject_key_identifier == digest
    authority = found.get(x509.AuthorityKeyIdentifier.oid)
    digest = authority.key_identifier if isinstance(authority, x509.AuthorityKeyIdentifier) else None
    assert ours.authority_key_identifier == digest
    alternatives = found.get(x509.SubjectAlternativeName.oid)
    if isinstance(alternatives, x509.SubjectAlternativeName):
        dns = alternatives.get_values_for_type(x509.DNSName)
        assert [text for kind, text in ours.subject_alt_names if kind == "dns"] == dns
        addresses = [str(address) for address in alternatives.get_values_for_type(x509.IPAddress)]
        assert [text for kind, text in ours.subject_alt_names if kind == "ip"] == addresses


class TestGetpeercert:
    @each
    def test_as_the_stdlib_decodes_it(self, entity: pki.Entity) -> None:
        """The very dictionary of `ssl`, for every kind of certificate."""
        assert Certificate(entity.der).getpeercert() == stdlib_dictionary(entity.der)

    @pytest.mark.skipif(ssl.OPENSSL_VERSION_INFO < (3,), reason="OpenSSL prints them since 3.0")
    @pytest.mark.parametrize("contents", ["text", "", "é", "a:b", "a\0b", "a\nb", b"\xff\xff"], ids=range(7))
    @pytest.mark.parametrize("tag", [0x0C, 0x16, 0x04])
    @pytest.mark.parametrize(
        "oid",
        [
            "1.3.6.1.4.1.311.20.2.3",
            "1.3.6.1.5.5.7.8.5",
            "1.3.6.1.5.5.7.8.7",
            "1.3.6.1.5.5.7.8.8",
            "1.3.6.1.5.5.7.8.9",
            "1.2.3.4",
            "2.5.4.3",
        ],
    )
    def test_other_names(self, oid: str, tag: int, contents: str | bytes) -> None:
        """OpenSSL prints a few kinds of otherName if they are strings of the right type; so do we."""
        octets = contents if isinstance(contents, bytes) else contents.encode()
        other = x509.OtherName(x509.ObjectIdentifier(oid), pki.tlv(tag, octets))
        extension = (x509.SubjectAlternativeName([other]), False)
        der = pki.issue("other", pki.three()[1], extensions=[extension]).der
        try:
            wanted = stdlib_dictionary(der)
        except UnicodeDecodeError:
            with pytest.raises(UnicodeDecodeError):
                Certificate(der).getpeercert()
        else:
            assert Certificate(der).getpeercert() == wanted

    def test_embedded_roots_as_the_stdlib_decodes_them(self, tmp_path: Path) -> None:
        """The same for all of Mozilla's roots."""
        file = tmp_path / "root.pem"
        for root in MOZILLA:
            file.write_text(root.pem, encoding="ascii")
            decoded = ssl._ssl._test_decode_cert(str(file))  # type: ignore[attr-defined]
            assert root.getpeercert() == decoded

    def test_a_name_that_is_not_utf_8(self) -> None:
        """UnicodeDecodeError, as in the stdlib."""
        names = pki.tlv(0x30, pki.tlv(0x82, b"caf\xe9.test"))
        odd = pki.issue(
            "odd",
            pki.three()[1],
            extensions=[(pki.raw(x509.SubjectAlternativeName.oid, names), False)],
        )
        with pytest.raises(UnicodeDecodeError):
            stdlib_dictionary(odd.der)
        with pytest.raises(UnicodeDecodeError):
            Certificate(odd.der).getpeercert()
        assert Certificate(odd.der).subject_alt_names == [("dns", "caf\\xe9.test")]


class TestUncheckable:
    """What the signature library lacks is still shown, and refused with a clear word."""

    @pytest.mark.parametrize("kind", UNSUPPORTED)
    def test_as_a_leaf_it_is_unsupported(self, kind: str) -> None:
        """The key of such an end entity cannot be looked at here."""
        _, intermediate, root = pki.three()
        entity = SPECIMENS[kind]
        view = Certificate(entity.der)
        assert (view.not_before, view.not_after) == (pki.NOT_BEFORE, pki.NOT_AFTER)
        assert view.common_names == [kind]
        verdict = certpath.Verifier(root.store).check([entity.der, intermediate.der], pki.HOST, at=pki.AT)
        assert (verdict.ok, verdict.status) == (False, "unsupported")
        assert [finding.name for finding in verdict.findings] == ["algorithm_not_supported"]
        assert verdict.findings[0].facts["public_key"] in {"P-224", "brainpoolP256r1", "DSA"}
        assert verdict.findings[0].depth == 0

    def test_an_ed448_leaf_is_accepted(self) -> None:
        """Nothing but its issuer's signature has to be checked."""
        _, intermediate, root = pki.three()
        chain = [SPECIMENS["ed448"].der, intermediate.der]
        assert certpath.Verifier(root.store).check(chain, pki.HOST, at=pki.AT).ok

    @pytest.mark.parametrize("kind", ["ed448", *UNSUPPORTED])
    def test_as_an_issuer_it_is_unsupported(self, kind: str) -> None:
        """The finding names the algorithm and the issuer."""
        root = pki.issue("Exotic", own_key=kind, ca=True)
        verdict = certpath.Verifier(root.store).check(pki.issue("leaf", root).der, pki.HOST, at=pki.AT)
        assert (verdict.status, verdict.verify_code) == ("unsupported", 76)
        assert verdict.findings[0].facts["issuer"] == Certificate(root.der).subject
        # A defect of the path outweighs what cannot be checked.
        verdict = certpath.Verifier(root.store).check(pki.issue("leaf", root).der, "no.test", at=pki.AT)
        assert (verdict.status, verdict.verify_code) == ("invalid", 62)

    def test_md5_and_sha1_are_refused_but_shown(self) -> None:
        """Below the trust anchor they are too weak; the anchor's own signature proves nothing anyway."""
        root = pki.three("rsa2048")[2]
        for algorithm, digest, word in (
            (pki.RSA_WITH_SHA1, pki.SHA1, "sha1"),
            (pki.RSA_WITH_MD5, pki.MD5, "md5"),
        ):
            weak = pki.patched(pki.issue("weak", root), root.key, algorithm=algorithm, digest=digest)
            verdict = certpath.Verifier(root.store).check(weak.der, pki.HOST, at=pki.AT)
            assert (verdict.verify_code, verdict.weak) == (68, (word,))
            assert Certificate(weak.der).common_names == ["weak"]
            weak_root = pki.patched(root, root.key, algorithm=algorithm, digest=digest)
            good = pki.issue("leaf", weak_root)
            verdict = certpath.Verifier(weak_root.store).check(good.der, pki.HOST, at=pki.AT)
            assert (verdict.ok, verdict.weak) == (True, ())


class TestValue:
    def test_equality_and_hash(self) -> None:
        """By the DER, never equal to another type."""
        leaf, intermediate, _ = pki.three()
        one, same, other = Certificate(leaf.der), Certificate(leaf.pem), Certificate(intermediate.der)
        assert one == same
        assert hash(one) == hash(same)
        assert one != other
        assert len({one, same, other}) == 2
        assert one != leaf.der

    def test_immutable(self) -> None:
        """No attribute can be set."""
        with pytest.raises(AttributeError):
            Certificate(pki.three()[0].der).subject = "x"  # type: ignore[misc]

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickles(self, protocol: int) -> None:
        """By its DER, with every protocol."""
        one = Certificate(pki.three()[0].der)
        assert pickle.loads(pickle.dumps(one, protocol)) == one  # noqa: S301 (our own pickle)

    def test_public_bytes(self) -> None:
        """DER, unless PEM is asked for by name or by cryptography's or ssl's constants."""
        leaf = pki.three()[0]
        one = Certificate(leaf.der)
        assert one.public_bytes() == leaf.der
        assert one.public_bytes(serialization.Encoding.DER) == leaf.der
        assert one.public_bytes(serialization.Encoding.PEM) == leaf.pem.encode()
        assert one.public_bytes("PEM") == leaf.pem.encode()
        assert one.pem == leaf.pem

    def test_repr_names_it(self) -> None:
        """Subject and fingerprint, for logs."""
        leaf = pki.three()[0]
        assert leaf.sha256.hex() in repr(Certificate(leaf.der))
        assert "CN=leaf" in repr(Certificate(leaf.der))
