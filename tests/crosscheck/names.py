"""Names: hosts that are asked for, names that are presented, and spellings of distinguished names."""

from __future__ import annotations

import ipaddress

from crosscheck.encoding import context, explicit, identifier, sequence, set_of, tlv, utf8
from crosscheck.extensions import directory

__all__ = ["COMMON_NAMES", "HOSTS", "PLAIN_HOSTS", "PRESENTED", "alternative_names", "presented", "spellings"]

PLAIN_HOSTS = [
    "www.example.test",
    "example.test",
    "WWW.Example.TEST",
    "deep.www.example.test",
    "foo_bar.example.test",
    "xn--bcher-kva.example.test",
    "localhost",
    "com",
    "www.example.co.uk",
    "192.0.2.1",
    "2001:db8::1",
    "::ffff:192.0.2.1",
]
HOSTS = [
    *PLAIN_HOSTS,
    "www.example.test.",
    "-a.example.test",
    "a-.example.test",
    "*.example.test",
    "f*.example.test",
    "a/b.example.test",
    "a b.example.test",
    "a%b.example.test",
    "www.example.123",
    "192.0.2.01",
    " 192.0.2.1",
    "192.0.2.1.",
    "0xc0000201",
    "192.0.2",
    "[2001:db8::1]",
    "fe80::1%eth0",
    "2001:DB8:0:0:0:0:0:1",
    "user@example.test",
    "https://www.example.test/",
    "bücher.example.test",
    "a",
    "*",
]
"""Hosts as programs ask for them; from the first that is not plain on, OpenSSL's versions differ."""

_DNS = [
    "www.example.test",
    "example.test",
    "*.example.test",
    "WWW.EXAMPLE.TEST",
    "*.EXAMPLE.test",
    "*.www.example.test",
    "other.test",
    "foo_bar.example.test",
    "*.foo_bar.example.test",
    "xn--bcher-kva.example.test",
    "f*.example.test",
    "*w.example.test",
    "w*w.example.test",
    "xn--*.example.test",
    "**.example.test",
    "*.*.test",
    "*.*.example.test",
    "www.*.test",
    "*",
    "*.",
    "*.test",
    "*.com",
    "com",
    "*.co.uk",
    "*.example.co.uk",
    "localhost",
    "*.localhost",
    "www.example.test.",
    "*.example.test.",
    ".example.test",
    "",
    ".",
    "..",
    "www..test",
    "www.example.test\0.evil.test",
    "www.example.test\0",
    " www.example.test",
    "www.example.test ",
    "b\xfccher.example.test",
    "-a.example.test",
    "a-.example.test",
    "a/b.example.test",
    "a b.example.test",
    "*.example.123",
    "www.example.123",
    "192.0.2.1",
    "2001:db8::1",
    "user@example.test",
    "https://www.example.test/",
    "a",
    "[2001:db8::1]",
    "0xc0000201",
]
_ADDRESSES = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "::ffff:192.0.2.1", "::"]


def _address(text: str) -> bytes:
    return context(7, ipaddress.ip_address(text).packed)


PRESENTED: dict[str, bytes] = {
    **{f"dns {text}": context(2, text.encode("latin-1")) for text in _DNS},
    **{f"ip {text}": _address(text) for text in _ADDRESSES},
    "ip of five octets": context(7, bytes(5)),
    "ip of no octets": context(7, b""),
    "ip and mask": context(7, bytes.fromhex("c0000201ffffffff")),
    "email www.example.test": context(1, b"www.example.test"),
    "email user@example.test": context(1, b"user@example.test"),
    "email user@other.test": context(1, b"user@other.test"),
    "email without host": context(1, b"user"),
    "email quoted": context(1, b'"a@b"@example.test'),
    "email nothing": context(1, b""),
    "uri www.example.test": context(6, b"https://www.example.test/"),
    "uri with port": context(6, b"https://user@www.example.test:443/?q#f"),
    "uri of an address": context(6, b"https://192.0.2.1/"),
    "uri of a v6 address": context(6, b"https://[2001:db8::1]/"),
    "uri without host": context(6, b"urn:example:test"),
    "uri nothing": context(6, b""),
    "directory leaf": explicit(4, directory("leaf")),
    "directory www.example.test": explicit(4, directory("www.example.test")),
    "registered id": context(8, identifier("1.2.3")[2:]),
    "other name": explicit(0, identifier("1.2.3"), explicit(0, utf8("www.example.test"))),
    "user principal name": explicit(0, identifier("1.3.6.1.4.1.311.20.2.3"), explicit(0, utf8("u@x.test"))),
    "utf-8 mailbox": explicit(0, identifier("1.3.6.1.5.5.7.8.9"), explicit(0, utf8("ü@example.test"))),
    "service name": explicit(0, identifier("1.3.6.1.5.5.7.8.7"), explicit(0, tlv(0x16, b"_x.example.test"))),
    "edi": explicit(5, explicit(1, utf8("x"))),
    "x400": explicit(3, sequence()),
}


def presented(name: str) -> bytes:
    """A GeneralName by its name."""
    return PRESENTED[name]


def alternative_names(*names: str) -> bytes:
    """The value of a subjectAltName."""
    return sequence(*(PRESENTED[name] for name in names))


def _common_name(tag: int, text: bytes) -> bytes:
    return set_of(sequence(identifier("2.5.4.3"), tlv(tag, text)))


COMMON_NAMES: dict[str, bytes] = {
    "leaf": directory("leaf"),
    "nothing": sequence(),
    "host": directory("www.example.test"),
    "host in capitals": directory("WWW.EXAMPLE.TEST"),
    "wildcard": directory("*.example.test"),
    "another host": directory("other.test"),
    "two, the first fits": directory("www.example.test", "other.test"),
    "two, the second fits": directory("other.test", "www.example.test"),
    "address": directory("192.0.2.1"),
    "printable": sequence(_common_name(0x13, b"www.example.test")),
    "ia5": sequence(_common_name(0x16, b"www.example.test")),
    "t61": sequence(_common_name(0x14, b"www.example.test")),
    "bmp": sequence(_common_name(0x1E, "www.example.test".encode("utf-16-be"))),
    "universal": sequence(_common_name(0x1C, "www.example.test".encode("utf-32-be"))),
    "no utf-8": sequence(_common_name(0x0C, b"\xff\xfe")),
    "odd bmp": sequence(_common_name(0x1E, b"\0w\0")),
    "with NUL": directory("www.example.test\0.evil.test"),
    "with blank": directory("www.example.test "),
    "empty": directory(""),
    "with underscore": directory("foo_bar.example.test"),
    "with final dot": directory("www.example.test."),
    "in an organization": sequence(set_of(sequence(identifier("2.5.4.10"), utf8("www.example.test")))),
    "mail address": sequence(
        set_of(sequence(identifier("1.2.840.113549.1.9.1"), tlv(0x16, b"user@example.test")))
    ),
    "mail address as utf-8": sequence(
        set_of(sequence(identifier("1.2.840.113549.1.9.1"), utf8("user@other.test")))
    ),
    "empty RDN": sequence(set_of()),
    "two in one RDN": sequence(
        set_of(
            sequence(identifier("2.5.4.3"), utf8("leaf")),
            sequence(identifier("2.5.4.10"), utf8("www.example.test")),
        )
    ),
}
"""Subjects of end entities."""


def spellings(name: str) -> list[bytes]:
    """A CA's name, and what RFC 5280 7.1 takes for the same; the last ones are other names."""
    upper = directory(name.upper())
    return [
        directory(name),
        upper,
        directory(f" {name}  "),
        directory(name.replace(" ", "   ")),
        sequence(_common_name(0x13, name.encode("ascii"))),
        sequence(_common_name(0x1E, name.encode("utf-16-be"))),
        sequence(_common_name(0x14, name.encode("ascii"))),
        directory(name, ""),
        sequence(),
    ]
