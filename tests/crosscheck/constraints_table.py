"""The tables of names below constraints: what `ssl` says, and what the searching policies say.

The rows follow RFC 5280 4.2.1.10 and 7, RFC 3986, RFC 5321 and RFC 4518, and what was measured of OpenSSL
3.0.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from crosscheck.encoding import context

__all__ = [
    "BASE",
    "COMMON_NAMES",
    "EVIL",
    "EXCLUDED",
    "GOOD",
    "HOSTS",
    "MAILBOXES",
    "NAME",
    "OTHER",
    "PERMITTED",
    "SAME",
    "UNREADABLE",
    "URIS",
    "Constraints",
    "Row",
]

PERMITTED, EXCLUDED = "permitted_subtree_violation", "excluded_subtree_violation"
NAME, BASE = "unsupported_name_syntax", "name_constraint_syntax"


class Row(NamedTuple):
    """A name below a constraint: the code of `ssl` (0: accepted), the finding of the searching policies."""

    base: str
    name: str
    ssl: int
    searching: str
    excluded: bool = True


def excluded(base: str, *rows: tuple[str, int, str]) -> list[Row]:
    return [Row(base, *row) for row in rows]


def permitted(base: str, *rows: tuple[str, int, str]) -> list[Row]:
    return [Row(base, *row, excluded=False) for row in rows]


URIS = [
    *permitted(
        ".good.test",
        ("https://www.good.test/", 0, "ok"),
        ("https://www.good.test", 0, "ok"),
        ("HTTPS://WWW.GOOD.TEST:443/", 0, "ok"),
        ("https://www.good.test:/", 0, "ok"),
        # RFC 3986 3.2: a query or a fragment follows the authority at once. `ssl` takes them for the host.
        ("https://www.good.test?x", 47, "ok"),
        ("https://www.good.test#x", 47, "ok"),
        ("https://www.good.test/a:b", 47, "ok"),
        ("https://www.good.test./", 47, PERMITTED),
        ("https://good.test/", 47, PERMITTED),
        ("https://evil.test/", 47, PERMITTED),
        ("https://evil.test?.good.test", 0, PERMITTED),
        ("https://evil.test#.good.test", 0, PERMITTED),
        ("https://evil.test?.good.test/", 0, PERMITTED),
        ("https://evil.test?.good.test:80", 0, PERMITTED),
        ("https://evil.test#x.good.test:", 0, PERMITTED),
        ("spiffe://evil.test?x.good.test/a", 0, PERMITTED),
        ("https://evil.test/.good.test:80", 0, PERMITTED),
        ("https://evil.test\\.good.test/", 0, NAME),
        ("https://evil.test\\@www.good.test/", 0, NAME),
        ("https://evil.test%2f.good.test/", 0, NAME),
        ("https://evil.test%3F.good.test/", 0, NAME),
        ("https://evil.test\0.good.test/", 0, NAME),
        ("https://evil.test .good.test/", 0, NAME),
        ("https://evil.test;.good.test/", 0, NAME),
        ("https://evil.test,www.good.test/", 0, NAME),
        ("https://evil.test&www.good.test/", 0, NAME),
        ("https://user@www.good.test/", 0, NAME),
        ("https://www.good.test:80@evil.test/", 0, NAME),
        ("https://www.good.test:@evil.test/", 0, NAME),
        ("https://evil@www.good.test:x@evil.test/", 0, NAME),
        ("https://www.good.test:x/", 0, NAME),
        ("https://www.good.test:80:80/", 0, NAME),
        ("https://[::1].good.test/", 47, NAME),
        ("https://-www.good.test/", 0, NAME),
        ("https://*.good.test/", 0, NAME),
        ("https://w\xfcw.good.test/", 0, NAME),
        ("https://..good.test/", 0, NAME),
    ),
    *permitted(
        "www.good.test",
        ("https://www.good.test/", 0, "ok"),
        ("https://WWW.GOOD.test?x", 47, "ok"),
        ("https://www.good.test:80@evil.test/", 0, NAME),
        ("https://a.www.good.test/", 47, PERMITTED),
        ("https://evil.test?www.good.test", 47, PERMITTED),
    ),
    *permitted("192.0.2.1", ("https://192.0.2.1/", 0, NAME)),
    *permitted("localhost", ("https://localhost/", 0, NAME), ("https://localhost./", 47, NAME)),
    *excluded(
        "evil.test",
        ("https://evil.test/", 48, EXCLUDED),
        ("https://EVIL.Test/", 48, EXCLUDED),
        ("https://evil.test:443", 48, EXCLUDED),
        ("https://evil.test?x", 0, EXCLUDED),
        ("https://evil.test#x", 0, EXCLUDED),
        ("https://evil.test?:80", 0, EXCLUDED),
        ("https://evil.test#:80", 0, EXCLUDED),
        ("https://evil.test/:80", 0, EXCLUDED),
        ("https://evil.test?q/", 0, EXCLUDED),
        ("https://evil.test./", 0, EXCLUDED),
        ("https://evil.test.:443/", 0, EXCLUDED),
        ("spiffe://evil.test#/a", 0, EXCLUDED),
        ("https://www.evil.test/", 0, "ok"),
        ("https://good.test/", 0, "ok"),
        ("https://good.test?evil.test", 0, "ok"),
        ("https://good.test/@evil.test", 0, "ok"),
        ("https://good.test./", 0, "ok"),
        ("https://good.test/%65", 0, "ok"),
        ("https://user@evil.test/", 0, NAME),
        ("https://@evil.test/", 0, NAME),
        ("https://good.test@evil.test/", 0, NAME),
        ("https://good.test:80@evil.test/", 0, NAME),
        ("https://evil.test@good.test/", 0, NAME),
        ("https://%65vil.test/", 0, NAME),
        ("https://evil%2Etest/", 0, NAME),
        ("https://evil.test\\", 0, NAME),
        ("https:\\\\evil.test/", 53, NAME),
        ("https:/evil.test/", 53, NAME),
        ("https:evil.test", 53, NAME),
        ("//evil.test/", 53, NAME),
        ("evil.test", 53, NAME),
        ("urn:evil:test", 53, NAME),
        ("https://", 53, NAME),
        ("https:///evil.test", 53, NAME),
        ("https://:80/", 53, NAME),
        ("https://?evil.test", 0, NAME),
        ("https://#evil.test", 0, NAME),
        ("https://192.0.2.1/", 0, NAME),
        ("https://[2001:db8::1]/", 0, NAME),
        ("https://[v1.evil.test]/", 0, NAME),
        ("https://2130706433/", 0, NAME),
        ("https://0x7f.0x1/", 0, NAME),
        ("https://127.1/", 0, NAME),
        ("https://evil/", 0, NAME),
        ("https://evil.test..", 0, NAME),
        ("https://.evil.test/", 0, NAME),
        ("https://evil..test/", 0, NAME),
        ("https://evil.test\t/", 0, NAME),
        ("https://evil.test\n/", 0, NAME),
        (" https://evil.test/", 48, NAME),
        ("1https://evil.test/", 48, NAME),
        ("https://good.test/[", 0, NAME),
        ("https://good.test/%zz", 0, NAME),
        ("", 53, NAME),
    ),
    *excluded(
        ".evil.test",
        ("https://www.evil.test?q/", 0, EXCLUDED),
        ("https://www.evil.test./", 0, EXCLUDED),
        ("https://www.evil.test/", 48, EXCLUDED),
        ("https://evil.test/", 0, "ok"),
        ("https://notevil.test/", 0, "ok"),
    ),
    *[
        Row(base, "https://www.good.test/", 0, BASE)
        for base in [
            "", ".", "..", "evil.test.", "https://evil.test", "https://evil.test/", "evil.test/",
            "evil.test:443",
            "//evil.test", "user@evil.test", "*.evil.test", "evil.test?", "%65vil.test", "[::1]", "192.0.2.1",
            " evil.test", "evil.test\0", "b\xfccher.test", "..evil.test", "evil..test", "-evil.test",
            "evil\\",
        ]
    ],
    *permitted("www.good.test.", ("https://www.good.test./", 0, BASE)),
    *permitted("*.good.test", ("https://*.good.test/", 0, NAME)),
    *permitted("", ("https://www.good.test/", 47, BASE)),
]  # fmt: skip
MAILBOXES = [
    *excluded(
        "evil.test",
        ("a@evil.test", 48, EXCLUDED),
        ("a@EVIL.test", 48, EXCLUDED),
        ("a@evil.test.", 0, EXCLUDED),
        ("a@Evil.Test.", 0, EXCLUDED),
        ("a@www.evil.test", 0, "ok"),
        ("a@good.test", 0, "ok"),
        ("first.last+tag@good.test", 0, "ok"),
        ("a@good.test.", 0, "ok"),
        ("a@evil.test..", 0, NAME),
        ("a@evil.test ", 0, NAME),
        ("a@ evil.test", 0, NAME),
        ("a@evil.test(comment)", 0, NAME),
        ("a@(comment)evil.test", 0, NAME),
        ("<a@evil.test>", 0, NAME),
        ("Name <a@evil.test>", 0, NAME),
        ("@good.test:a@evil.test", 48, NAME),
        ("<@good.test,@evil.test:a@good.test>", 0, NAME),
        ("a%evil.test@good.test", 0, NAME),
        ("evil.test!a@good.test", 0, NAME),
        ("a@evil.test@good.test", 0, NAME),
        ("a@good.test@evil.test", 48, NAME),
        ('"a@evil.test"@good.test', 0, NAME),
        ('"a"@evil.test', 48, NAME),
        ("a@[evil.test]", 0, NAME),
        ("a@[192.0.2.1]", 0, NAME),
        ("a@192.0.2.1", 0, NAME),
        ("a@evil.test\0", 0, NAME),
        ("a@evil.test\0.good.test", 0, NAME),
        ("\xfc@good.test", 0, NAME),
        ("a@\xe9vil.test", 0, NAME),
        ("a@evil.test,b@good.test", 0, NAME),
        ("a@.evil.test", 0, NAME),
        ("a@", 0, NAME),
        ("@evil.test", 48, NAME),
        ("evil.test", 53, NAME),
        ("", 53, NAME),
    ),
    *excluded(
        ".evil.test",
        ("a@www.evil.test", 48, EXCLUDED),
        ("a@www.evil.test.", 0, EXCLUDED),
        ("a@evil.test", 0, "ok"),
        ("a@evil.test.", 0, "ok"),
    ),
    *excluded(
        "a@evil.test",
        ("a@evil.test", 48, EXCLUDED),
        ("a@EVIL.TEST.", 0, EXCLUDED),
        ("b@evil.test", 0, "ok"),
        ("A@evil.test", 0, "ok"),
        ('"a"@evil.test', 0, NAME),
        ("a(x)@evil.test", 0, NAME),
    ),
    *excluded("@evil.test", ("a@evil.test", 48, BASE), ("a@evil.test.", 0, BASE)),
    *excluded("xn--bcher-kva.test", ("a@xn--bcher-kva.test", 48, EXCLUDED), ("a@b\xfccher.test", 0, NAME)),
    *permitted(
        "good.test",
        ("a@good.test", 0, "ok"),
        ("a@GOOD.test", 0, "ok"),
        ("a@evil.test", 47, PERMITTED),
        ("a@www.good.test", 47, PERMITTED),
        ("a@good.test.", 47, PERMITTED),
        ("a@evil.test@good.test", 0, NAME),
        ("a%evil.test@good.test", 0, NAME),
        ('"a@evil.test, b"@good.test', 0, NAME),
    ),
    *permitted(".good.test", ("a@www.good.test", 0, "ok"), ("a@evil.test\0.good.test", 0, NAME)),
    *permitted("*@good.test", ("*@good.test", 0, "ok"), ("a@good.test", 47, PERMITTED)),
    *[
        Row(base, "a@good.test", 0, BASE)
        for base in ["", ".", "evil.test.", "a@evil.test.", "*.evil.test", "a@", "a@b@evil.test",
                     "[192.0.2.1]",
                     '"a"@evil.test', "<a@evil.test>", "b\xfccher.test", "a@.evil.test", "evil.test\0"]
    ],
]  # fmt: skip
HOSTS = [
    *excluded(
        "evil.test",
        ("evil.test", 48, EXCLUDED),
        ("www.EVIL.test", 48, EXCLUDED),
        ("*.evil.test", 48, EXCLUDED),
        ("good.test", 0, "ok"),
        ("notevil.test", 0, "ok"),
        ("foo_bar.good.test", 0, "ok"),
        ("evil.test.", 0, NAME),
        ("www.evil.test.", 0, NAME),
        ("evil..test", 0, NAME),
        (".evil.test", 48, EXCLUDED),
        (".good.test", 0, NAME),
        ("..evil.test", 48, EXCLUDED),
        ("evil.test ", 0, NAME),
        (" evil.test", 0, NAME),
        ("\xe9vil.test", 0, NAME),
        ("evil.test\0", 0, NAME),
        ("evil.test\0.good.test", 0, NAME),
        ("evil.test/", 0, NAME),
        ("evil.test:443", 0, NAME),
        ("evil\u3002test".encode().decode("latin-1"), 0, NAME),
        ("*", 0, NAME),
        ("*.test", 0, NAME),
        ("f*.good.test", 0, NAME),
        ("*.*.good.test", 0, NAME),
        ("-a.good.test", 0, NAME),
        ("192.0.2.1", 0, NAME),
        ("", 0, NAME),
    ),
    *excluded(
        ".evil.test",
        ("www.evil.test", 48, EXCLUDED),
        ("evil.test", 0, "ok"),
        ("www.evil.test.", 0, NAME),
    ),
    *excluded("www.evil.test", ("*.evil.test", 0, EXCLUDED), ("*.www.evil.test", 48, EXCLUDED)),
    *excluded(".www.evil.test", ("*.evil.test", 0, EXCLUDED)),
    *excluded("a.www.evil.test", ("*.evil.test", 0, "ok")),
    *excluded("", ("good.test", 48, EXCLUDED)),
    *excluded("xn--bcher-kva.test", ("XN--BCHER-kva.test", 48, EXCLUDED), ("b\xfccher.test", 0, NAME)),
    *permitted("", ("good.test", 0, "ok"), ("good.test.", 0, NAME)),
    *permitted(
        "good.test",
        ("good.test", 0, "ok"),
        ("*.good.test", 0, "ok"),
        ("evil.test", 47, PERMITTED),
        ("evil.test\0.good.test", 0, NAME),
        ("a b.good.test", 0, NAME),
    ),
    *permitted("www.good.test", ("*.good.test", 47, PERMITTED)),
    *[
        Row(base, "good.test", 0, BASE)
        for base in [".", "evil.test.", "*.evil.test", "..evil.test", "b\xfccher.test", "evil.test\0", "a b",
                     "192.0.2.1"]
    ],
]  # fmt: skip

# Directory names: spellings of one organization, others, and what cannot be prepared.

SAME = [
    # Spelling, code of `ssl` where the name is excluded.
    ("\xc9vil Corp", 48),
    ("\xc9VIL corp", 48),
    ("  \xc9vil   Corp ", 48),
    ("\xc9vil\t\n\v\f\rCorp", 48),
    ("\xe9vil Corp", 0),
    ("E\u0301vil Corp", 0),
    ("e\u0301vil corp", 0),
    ("\xc9vil\xa0Corp", 0),
    ("\xc9vil\u3000Corp", 0),
    ("\xc9vil\u2003Corp", 0),
    ("\xc9vil\u2028Corp", 0),
    ("\xc9vil\u202fCorp", 0),
    ("\xc9vil\x85Corp", 0),
    ("\xa0\xc9vil \xa0 Corp\u3000", 0),
    ("\xc9vil C\xadorp", 0),
    ("\xc9vil C\u200borp", 0),
    ("\xc9vil C\u200corp", 0),
    ("\xc9vil C\u200dorp", 0),
    ("\xc9vil C\u200eorp", 0),
    ("\xc9vil C\u202eorp", 0),
    ("\xc9vil C\u2060orp", 0),
    ("\xc9vil C\ufefforp", 0),
    ("\xc9vil C\u034forp", 0),
    ("\xc9vil C\u180eorp", 0),
    ("\xc9vil C\ufe0forp", 0),
    ("\xc9vil C\U000e0061orp", 0),
    ("\xc9vil C\x00orp", 0),
    ("\xc9vil C\x7forp", 0),
    ("\uff25\u0301\uff56\uff49\uff4c Corp", 0),
    ("\xc9v\u2170l Corp", 0),
    ("\xc9vil \u24b8orp", 0),
    ("\U0001d404\u0301vil Corp", 0),
    ("\xc9v\u0131l Corp".replace("\u0131", "\u2139"), 0),
]
OTHER = ["Evil Corp", "\xc9vilCorp", "\xc9vil C\u043erp", "\xc9v\u0131l Corp", "\xc9vil Corp 2", ""]
UNREADABLE = [
    "\u0301Evil",
    "\xadEvil\u1e9e",
    "Evil\u2066Corp",
    "Evil\ue000",
    "Evil\ufffd",
    "Evil\uffff",
    "Evil\u115fCorp",
    "Evil\u3164Corp",
    "Evil\U0001f600",
]

# Common names.

Constraints: TypeAlias = tuple[list[bytes], list[bytes]]
"""GeneralNames permitted, and excluded."""
GOOD: Constraints = ([context(2, b"good.test")], [])
EVIL: Constraints = ([], [context(2, b"evil.test")])
COMMON_NAMES: list[tuple[str, str | None, Constraints, int, str]] = [
    # Common name, asked for, constraints, code of `ssl`, finding.
    ("www.good.test", "www.good.test", GOOD, 0, "ok"),
    ("*.good.test", "www.good.test", GOOD, 0, "ok"),
    ("WWW.Good.TEST", "www.good.test", GOOD, 0, "ok"),
    ("www.evil.test", "www.evil.test", GOOD, 47, PERMITTED),
    ("*.evil.test", "www.evil.test", GOOD, 0, PERMITTED),
    ("localhost", "localhost", GOOD, 0, PERMITTED),
    ("www.evil.test", "www.evil.test", EVIL, 48, EXCLUDED),
    ("WWW.EVIL.TEST", "www.evil.test", EVIL, 48, EXCLUDED),
    ("*.evil.test", "www.evil.test", EVIL, 0, EXCLUDED),
    ("*.Evil.Test", "www.evil.test", EVIL, 0, EXCLUDED),
    ("*.www.evil.test", "a.www.evil.test", EVIL, 0, EXCLUDED),
    ("foo_bar.evil.test", "foo_bar.evil.test", EVIL, 48, EXCLUDED),
    ("_a.evil.test", "_a.evil.test", EVIL, 48, EXCLUDED),
    ("xn--bcher-kva.evil.test", "xn--bcher-kva.evil.test", EVIL, 48, EXCLUDED),
    ("-a.evil.test", "-a.evil.test", EVIL, 0, NAME),
    ("a-.evil.test", "a-.evil.test", EVIL, 0, NAME),
    ("a b.evil.test", None, EVIL, 0, NAME),
    (" evil.test", None, EVIL, 0, NAME),
    ("evil.test ", None, EVIL, 0, NAME),
    ("a/b.evil.test", None, EVIL, 0, NAME),
    ("f*.evil.test", None, EVIL, 0, NAME),
    ("*.evil.test", None, EVIL, 0, EXCLUDED),
    ("www.good.test", "www.good.test", EVIL, 0, "ok"),
    ("localhost", "localhost", EVIL, 0, "ok"),
    ("intranet", "intranet", ([], [context(2, b"intranet")]), 0, EXCLUDED),
    ("INTRANET", "intranet", ([], [context(2, b"intranet")]), 0, EXCLUDED),
    ("anything", "anything", ([], [context(2, b"")]), 0, EXCLUDED),
    ("*.evil.test", "www.evil.test", ([], [context(2, b"www.evil.test")]), 0, EXCLUDED),
    ("*.evil.test", "www.evil.test", ([context(2, b"www.evil.test")], []), 0, PERMITTED),
    ("www.good.test", "www.good.test", ([], [context(2, b"evil.test.")]), 0, BASE),
    # A final dot says nothing.
    ("www.evil.test.", None, EVIL, 0, EXCLUDED),
    ("evil.test.", None, EVIL, 0, EXCLUDED),
    ("www.good.test.", None, GOOD, 0, PERMITTED),
    ("www.good.test.", None, EVIL, 0, "ok"),
    # Asked for by nobody: addresses, mailboxes, URIs, text beyond ASCII.
    ("192.0.2.1", None, GOOD, 47, PERMITTED),
    ("2001:db8::1", None, GOOD, 0, "ok"),
    ("a@evil.test", None, EVIL, 0, "ok"),
    ("https://evil.test/", None, EVIL, 0, "ok"),
    ("b\xfccher.evil.test", None, EVIL, 0, "ok"),
    ("", None, GOOD, 0, "ok"),
    ("John Doe", None, GOOD, 0, NAME),
    # A NUL hides nothing.
    ("www.evil.test\0", None, EVIL, 48, EXCLUDED),
    ("www.evil.test\0.good.test", None, EVIL, 53, NAME),
]
