"""Values of extensions: valid, odd and invalid ones, of every extension that anybody reads."""

from __future__ import annotations

from typing import NamedTuple

from crosscheck.encoding import (
    bits,
    context,
    explicit,
    identifier,
    integer,
    octets,
    printable,
    sequence,
    set_of,
    utf8,
)

__all__ = ["CRITICAL", "OIDS", "VALUES", "Extension", "directory"]


class Extension(NamedTuple):
    """One extension as it will be encoded."""

    oid: str
    critical: bool
    value: bytes

    @property
    def der(self) -> bytes:
        flag = b"\x01\x01\xff" if self.critical else b""
        return sequence(identifier(self.oid), flag, octets(self.value))


def directory(*common_names: str) -> bytes:
    """A distinguished name of commonNames."""
    return sequence(
        *(set_of(sequence(identifier("2.5.4.3"), utf8(common_name))) for common_name in common_names)
    )


OIDS = {
    "basicConstraints": "2.5.29.19",
    "keyUsage": "2.5.29.15",
    "extendedKeyUsage": "2.5.29.37",
    "nameConstraints": "2.5.29.30",
    "authorityKeyIdentifier": "2.5.29.35",
    "subjectKeyIdentifier": "2.5.29.14",
    "subjectAltName": "2.5.29.17",
    "issuerAltName": "2.5.29.18",
    "certificatePolicies": "2.5.29.32",
    "policyMappings": "2.5.29.33",
    "policyConstraints": "2.5.29.36",
    "inhibitAnyPolicy": "2.5.29.54",
    "cRLDistributionPoints": "2.5.29.31",
    "freshestCRL": "2.5.29.46",
    "authorityInfoAccess": "1.3.6.1.5.5.7.1.1",
    "subjectInfoAccess": "1.3.6.1.5.5.7.1.11",
    "subjectDirectoryAttributes": "2.5.29.9",
    "privateKeyUsagePeriod": "2.5.29.16",
    "nsCertType": "2.16.840.1.113730.1.1",
    "nsComment": "2.16.840.1.113730.1.13",
    "tlsFeature": "1.3.6.1.5.5.7.1.24",
    "signedCertificateTimestamps": "1.3.6.1.4.1.11129.2.4.2",
    "precertificatePoison": "1.3.6.1.4.1.11129.2.4.3",
    "ocspNoCheck": "1.3.6.1.5.5.7.48.1.5",
    "ipAddrBlocks": "1.3.6.1.5.5.7.1.7",
    "asIdentifiers": "1.3.6.1.5.5.7.1.8",
    "proxyCertInfo": "1.3.6.1.5.5.7.1.14",
    "unknown": "1.2.3.4",
}
CRITICAL = {"basicConstraints", "keyUsage", "nameConstraints", "policyConstraints", "proxyCertInfo"}
"""Those that are critical as a rule."""

MALFORMED = {"no value": b"", "NULL": b"\x05\0", "garbage": b"\xff\xff\xff", "cut short": b"\x30\x05\x02\x01"}

TRUE, FALSE = b"\x01\x01\xff", b"\x01\x01\0"
_BASIC_CONSTRAINTS = {
    "CA": sequence(TRUE),
    "no CA": sequence(),
    "path length 0": sequence(TRUE, integer(0)),
    "path length 1": sequence(TRUE, integer(1)),
    "path length 2": sequence(TRUE, integer(2)),
    "path length 300": sequence(TRUE, integer(300)),
    "path length 2^64": sequence(TRUE, integer(1 << 64)),
    "path length -1": sequence(TRUE, integer(-1)),
    "path length without cA": sequence(integer(0)),
    "explicit FALSE": sequence(FALSE),
    "TRUE as 1": sequence(b"\x01\x01\x01"),
    "cA TRUE and more": sequence(TRUE, integer(0), integer(0)),
}
_KEY_USAGE = {
    "keyCertSign and cRLSign": bits(b"\x06", 1),
    "keyCertSign": bits(b"\x04", 2),
    "cRLSign": bits(b"\x02", 1),
    "digitalSignature": bits(b"\x80", 7),
    "nonRepudiation": bits(b"\x40", 6),
    "keyEncipherment": bits(b"\x20", 5),
    "dataEncipherment": bits(b"\x10", 4),
    "keyAgreement": bits(b"\x08", 3),
    "digitalSignature and keyCertSign": bits(b"\x84", 2),
    "decipherOnly": bits(b"\0\x80", 7),
    "all": bits(b"\xff\x80", 7),
    "three octets": bits(b"\x80\0\x01"),
    "no bits": bits(b""),
    "zeros": bits(b"\0", 7),
    "eight unused": bits(b"\x80", 8),
    "unused bits set": bits(b"\xff", 7),
}
_SERVER, _CLIENT = identifier("1.3.6.1.5.5.7.3.1"), identifier("1.3.6.1.5.5.7.3.2")
_EXTENDED_KEY_USAGE = {
    "server": sequence(_SERVER),
    "client": sequence(_CLIENT),
    "server and client": sequence(_SERVER, _CLIENT),
    "any": sequence(identifier("2.5.29.37.0")),
    "any and server": sequence(identifier("2.5.29.37.0"), _SERVER),
    "code signing": sequence(identifier("1.3.6.1.5.5.7.3.3")),
    "msSGC": sequence(identifier("1.3.6.1.4.1.311.10.3.3")),
    "nsSGC": sequence(identifier("2.16.840.1.113730.4.1")),
    "unknown": sequence(identifier("1.2.3.6")),
    "server twice": sequence(_SERVER, _SERVER),
    "none": sequence(),
}


def _subtrees(permitted: list[bytes] | None = None, excluded: list[bytes] | None = None) -> bytes:
    parts = [
        explicit(number, *(sequence(base) for base in bases))
        for number, bases in enumerate([permitted, excluded])
        if bases is not None
    ]
    return sequence(*parts)


_BASES = {
    "dns example.test": context(2, b"example.test"),
    "dns www.example.test": context(2, b"www.example.test"),
    "dns .example.test": context(2, b".example.test"),
    "dns EXAMPLE.test": context(2, b"EXAMPLE.test"),
    "dns other.test": context(2, b"other.test"),
    "dns test": context(2, b"test"),
    "dns nothing": context(2, b""),
    "dns *.example.test": context(2, b"*.example.test"),
    "dns example.test.": context(2, b"example.test."),
    "dns no text": context(2, b"\xff\0"),
    "email example.test": context(1, b"example.test"),
    "email .example.test": context(1, b".example.test"),
    "email user@example.test": context(1, b"user@example.test"),
    "email nothing": context(1, b""),
    "uri example.test": context(6, b"example.test"),
    "uri .example.test": context(6, b".example.test"),
    "uri nothing": context(6, b""),
    "ip 192.0.2.0/24": context(7, bytes.fromhex("c0000200ffffff00")),
    "ip 0.0.0.0/0": context(7, bytes(8)),
    "ip 198.51.100.0/24": context(7, bytes.fromhex("c6336400ffffff00")),
    "ip mask with holes": context(7, bytes.fromhex("c0000200ff00ff00")),
    "ip of five octets": context(7, bytes(5)),
    "ip v6": context(7, bytes.fromhex("20010db8") + bytes(12) + b"\xff" * 4 + bytes(12)),
    "directory leaf": explicit(4, directory("leaf")),
    "directory CA 1": explicit(4, directory("CA 1")),
    "directory nobody": explicit(4, directory("nobody")),
    "directory nothing": explicit(4, sequence()),
    "registered id": context(8, identifier("1.2.3")[2:]),
    "other name": explicit(0, identifier("1.2.3"), explicit(0, utf8("x"))),
    "x400": explicit(3),
    "edi": explicit(5, explicit(1, utf8("x"))),
}
_NAME_CONSTRAINTS = {
    **{f"permitted {name}": _subtrees([base]) for name, base in _BASES.items()},
    **{f"excluded {name}": _subtrees(None, [base]) for name, base in _BASES.items()},
    "permitted two": _subtrees([_BASES["dns other.test"], _BASES["dns example.test"]]),
    "permitted and excluded": _subtrees([_BASES["dns test"]], [_BASES["dns other.test"]]),
    "all forms": _subtrees([_BASES["dns test"], _BASES["ip 0.0.0.0/0"], _BASES["directory leaf"]]),
    "nothing": sequence(),
    "no permitted": _subtrees([]),
    "minimum 0": sequence(explicit(0, sequence(_BASES["dns test"], context(0, b"\0")))),
    "minimum 1": sequence(explicit(0, sequence(_BASES["dns test"], context(0, b"\x01")))),
    "maximum 5": sequence(explicit(1, sequence(_BASES["dns other.test"], context(1, b"\x05")))),
    "no base": sequence(explicit(0, sequence())),
}


def _policies(*oids: str) -> bytes:
    return sequence(*(sequence(identifier(oid)) for oid in oids))


_ANY_POLICY = "2.5.29.32.0"
_POLICIES = {
    "1.2.3": _policies("1.2.3"),
    "1.2.4": _policies("1.2.4"),
    "any": _policies(_ANY_POLICY),
    "1.2.3 and any": _policies("1.2.3", _ANY_POLICY),
    "twice": _policies("1.2.3", "1.2.3"),
    "none": sequence(),
    "qualified": sequence(
        sequence(
            identifier("1.2.3"),
            sequence(sequence(identifier("1.3.6.1.5.5.7.2.1"), context(0, b"x").replace(b"\x80", b"\x16"))),
        )
    ),
}
_MAPPINGS = {
    "1.2.3 to 1.2.4": sequence(sequence(identifier("1.2.3"), identifier("1.2.4"))),
    "any to 1.2.3": sequence(sequence(identifier(_ANY_POLICY), identifier("1.2.3"))),
    "1.2.3 to any": sequence(sequence(identifier("1.2.3"), identifier(_ANY_POLICY))),
    "none": sequence(),
}
_POLICY_CONSTRAINTS = {
    "required at once": sequence(context(0, b"\0")),
    "required below": sequence(context(0, b"\x01")),
    "required further below": sequence(context(0, b"\x02")),
    "mapping inhibited": sequence(context(1, b"\0")),
    "both": sequence(context(0, b"\0"), context(1, b"\0")),
    "negative": sequence(context(0, b"\xff")),
    "nothing": sequence(),
}
_INHIBIT = {"0": integer(0), "1": integer(1), "-1": integer(-1)}

_URI = context(6, b"http://crl.example.test/1.crl")
_OTHER_URI = context(6, b"http://other.test/")
_POINTS = {
    "uri": sequence(sequence(explicit(0, explicit(0, _URI)))),
    "relative": sequence(sequence(explicit(0, explicit(1, sequence(identifier("2.5.4.3"), utf8("crl")))))),
    "reasons": sequence(sequence(explicit(0, explicit(0, _URI)), context(1, b"\x06\x40"))),
    "reasons shared out": sequence(
        sequence(explicit(0, explicit(0, _URI)), context(1, b"\x06\x40")),
        sequence(explicit(0, explicit(0, _OTHER_URI)), context(1, b"\x07\x3f\x80")),
    ),
    "another issuer": sequence(
        sequence(explicit(0, explicit(0, _URI)), explicit(2, explicit(4, directory("x"))))
    ),
    "issuer alone": sequence(sequence(explicit(2, explicit(4, directory("CA 1"))))),
    "empty point": sequence(sequence()),
    "none": sequence(),
}
_ACCESS = {
    "OCSP": sequence(sequence(identifier("1.3.6.1.5.5.7.48.1"), context(6, b"http://ocsp.example.test"))),
    "issuers": sequence(sequence(identifier("1.3.6.1.5.5.7.48.2"), context(6, b"http://ca.example.test/1"))),
    "directory": sequence(sequence(identifier("1.3.6.1.5.5.7.48.2"), explicit(4, directory("x")))),
    "none": sequence(),
}
_ALTERNATIVES = {
    "directory": sequence(explicit(4, directory("somebody"))),
    "registered id": sequence(context(8, identifier("1.2.3")[2:])),
    "other name": sequence(explicit(0, identifier("1.2.3"), explicit(0, utf8("x")))),
    "x400": sequence(explicit(3, sequence())),
    "edi": sequence(explicit(5, explicit(1, utf8("x")))),
    "tag 9": sequence(context(9, b"x")),
    "ip of five octets": sequence(context(7, bytes(5))),
    "none": sequence(),
}
_KEY_IDENTIFIERS = {"another": octets(b"\x01" * 20), "short": octets(b"\x02"), "empty": octets(b"")}
_AUTHORITY = {
    "another": sequence(context(0, b"\x01" * 20)),
    "issuer and serial": sequence(explicit(1, explicit(4, directory("CA 1"))), context(2, b"\x01")),
    "another issuer": sequence(explicit(1, explicit(4, directory("nobody"))), context(2, b"\x02")),
    "serial alone": sequence(context(2, b"\x02")),
    "issuer alone": sequence(explicit(1, explicit(4, directory("CA 1")))),
    "issuer as DNS name": sequence(explicit(1, context(2, b"ca.test")), context(2, b"\x02")),
    "empty identifier": sequence(context(0, b"")),
    "nothing": sequence(),
}
_BLOCKS = {
    "listed": bytes.fromhex("300e300c040200013006030400c00002"),
    "inherited": bytes.fromhex("30083006040200010500"),
    "none": sequence(),
}
_NUMBERS = {
    "listed": bytes.fromhex("3007a005300302010a"),
    "inherited": bytes.fromhex("3004a0020500"),
    "none": sequence(),
}
_FROM, _UNTIL = context(0, b"20200101000000Z"), context(1, b"20300101000000Z")

VALUES: dict[str, dict[str, bytes]] = {
    "basicConstraints": _BASIC_CONSTRAINTS,
    "keyUsage": _KEY_USAGE,
    "extendedKeyUsage": _EXTENDED_KEY_USAGE,
    "nameConstraints": _NAME_CONSTRAINTS,
    "authorityKeyIdentifier": _AUTHORITY,
    "subjectKeyIdentifier": _KEY_IDENTIFIERS,
    "subjectAltName": _ALTERNATIVES,
    "issuerAltName": _ALTERNATIVES,
    "certificatePolicies": _POLICIES,
    "policyMappings": _MAPPINGS,
    "policyConstraints": _POLICY_CONSTRAINTS,
    "inhibitAnyPolicy": _INHIBIT,
    "cRLDistributionPoints": _POINTS,
    "freshestCRL": _POINTS,
    "authorityInfoAccess": _ACCESS,
    "subjectInfoAccess": _ACCESS,
    "subjectDirectoryAttributes": {
        "country": sequence(sequence(identifier("1.3.6.1.5.5.7.9.4"), set_of(printable("XX"))))
    },
    "privateKeyUsagePeriod": {"period": sequence(_FROM, _UNTIL), "nothing": sequence()},
    "nsCertType": {
        "client": bits(b"\x80", 7),
        "server": bits(b"\x40", 6),
        "CA": bits(b"\x04", 2),
        "no bits": bits(b""),
    },
    "nsComment": {"text": bytes.fromhex("160178"), "other string": utf8("x")},
    "tlsFeature": {"status request": sequence(integer(5)), "none": sequence()},
    "signedCertificateTimestamps": {"empty list": octets(b"\0\0"), "no list": octets(b"\0")},
    "precertificatePoison": {"poison": b"\x05\0"},
    "ocspNoCheck": {"no check": b"\x05\0", "no NULL": sequence()},
    "ipAddrBlocks": _BLOCKS,
    "asIdentifiers": _NUMBERS,
    "proxyCertInfo": {"proxy": bytes.fromhex("300c300a06082b06010505071501")},
    "unknown": {"anything": b"\x05\0"},
}
for _name in VALUES.keys() - {"unknown", "precertificatePoison"}:
    VALUES[_name] = {**VALUES[_name], **MALFORMED}
