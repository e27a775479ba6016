"""Chains below constrained CAs, and what RFC 5280 says of them: a reference that shares nothing with ours.

The reference knows one base and one name. It reads with regular expressions and with the tables of the
standard library's `stringprep`, and answers whether the name may stand below the constraint.
"""

from __future__ import annotations

import functools
import re
import stringprep
import unicodedata
from typing import TYPE_CHECKING

import certpath
from support import pki

from crosscheck.cases import Case, Settings
from crosscheck.certificates import ca, end_entity
from crosscheck.encoding import context, explicit, identifier, sequence, set_of, tlv
from crosscheck.extensions import OIDS, Extension
from crosscheck.keys import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DOMAIN_COMPONENT",
    "ORGANIZATION",
    "SEARCHING",
    "STRINGS",
    "attribute",
    "below",
    "directory_name",
    "finding",
    "mailbox_utf8",
    "may_stand",
    "organization",
    "subtrees",
]

COMMON_NAME, ORGANIZATION, DOMAIN_COMPONENT = "2.5.4.3", "2.5.4.10", "0.9.2342.19200300.100.1.25"
STRINGS = {
    "utf8": (0x0C, "utf-8"),
    "printable": (0x13, "utf-8"),
    "ia5": (0x16, "utf-8"),
    "t61": (0x14, "latin-1"),
    "bmp": (0x1E, "utf-16-be"),
    "universal": (0x1C, "utf-32-be"),
}
"""Tag and encoding of the string types of names; octets beyond ASCII are wrong in two of them."""
SEARCHING = ("webpki", "rfc5280", "cabf")
_LEAF, _CA, _ROOT = Key("p256", 1), Key("p256", 2), Key("p256", 3)


def attribute(text: str, kind: str = "utf8", oid: str = ORGANIZATION) -> bytes:
    """An AttributeTypeAndValue."""
    tag, encoding = STRINGS[kind]
    return sequence(identifier(oid), tlv(tag, text.encode(encoding)))


def directory_name(*rdns: Sequence[bytes]) -> bytes:
    """A Name of RDNs of attributes, in the order given."""
    return sequence(*(set_of(*rdn) for rdn in rdns))


def organization(text: str, kind: str = "utf8") -> bytes:
    """A Name of one organizationName."""
    return directory_name([attribute(text, kind)])


def mailbox_utf8(text: str) -> bytes:
    """A SmtpUTF8Mailbox (RFC 9598)."""
    return explicit(0, identifier("1.3.6.1.5.5.7.8.9"), explicit(0, tlv(0x0C, text.encode())))


def subtrees(permitted: Sequence[bytes] = (), excluded: Sequence[bytes] = ()) -> bytes:
    """The value of nameConstraints."""
    lists = ((0, permitted), (1, excluded))
    return sequence(*(explicit(number, *map(sequence, bases)) for number, bases in lists if bases))


@functools.cache
def _root() -> bytes:
    return ca("CA 2", _ROOT, "CA 2", _ROOT).build()


@functools.lru_cache(maxsize=64)
def _issuer(constraints: bytes) -> bytes:
    plan = ca("CA 1", _CA, "CA 2", _ROOT)
    plan.replace(Extension(OIDS["nameConstraints"], critical=True, value=constraints))
    return plan.build()


def below(constraints: bytes, *names: bytes, subject: bytes | None = None, host: str | None = None) -> Case:
    """An end entity with these GeneralNames and this subject (none by default), below a constrained CA."""
    plan = end_entity([], "leaf", _LEAF, "CA 1", _CA)
    plan.subject = sequence() if subject is None else subject
    if names:
        value = sequence(*names)
        plan.extensions.append(Extension(OIDS["subjectAltName"], critical=subject is None, value=value))
    return Case(
        chain=(plan.build(), _issuer(constraints)),
        key_pem=_LEAF.pem,
        trusted=(_root(),),
        settings=Settings(host=host),
        curve="p256",
    )


@functools.cache
def _verifier(policy: str, *, common_name: bool, root: bytes) -> certpath.Verifier:
    made = getattr(certpath.Policy, policy)(hostname_checks_common_name=common_name)
    return certpath.Verifier(certpath.TrustStore.from_der(root), policy=made)


def finding(case: Case, policy: str, *, common_name: bool = True) -> str:
    """``ok``, or the first finding."""
    verifier = _verifier(policy, common_name=common_name, root=case.trusted[0])
    verdict = verifier.check(case.chain, case.settings.host, at=pki.AT)
    return "ok" if verdict.ok else verdict.findings[0].name


def may_stand(form: str, name: bytes, base: bytes, *, excluded: bool) -> bool:
    """Whether a name (the contents of a GeneralName) may stand below a constraint of one base."""
    read_name, read_base, covers = {
        "directory": (_directory, _directory, _directory_covers),
        "dns": (_pattern, _dns_base, _dns_covers),
        "email": (_mailbox, _mailbox_base, _mailbox_covers),
        "uri": (_uri_host, _host_base, _host_covers),
    }[form]
    found, wanted = read_name(name), read_base(base)
    if found is None or wanted is None:
        return False
    if not excluded and _has_final_dot(form, name):
        # The same host, but another text.
        return False
    if form == "dns":
        return _dns_covers(wanted, found, excluded=excluded) != excluded  # type: ignore[arg-type]
    return bool(covers(wanted, found)) != excluded  # type: ignore[operator]


def general_name(form: str, contents: bytes) -> bytes:
    """The GeneralName of these contents."""
    if form == "directory":
        return explicit(4, contents)
    return context({"email": 1, "dns": 2, "uri": 6}[form], contents)


def _has_final_dot(form: str, name: bytes) -> bool:
    if form == "uri":
        return re.match(rb"[^:]*://[^/?#]*\.(:[0-9]*)?(?=[/?#]|\Z)", name) is not None
    return form == "email" and name.endswith(b".")


# Hosts.

_LABEL = rb"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rb"(?=.{1,253}\Z)(?:%s\.)*(?![0-9]+\Z)%s" % (_LABEL, _LABEL), re.DOTALL)


def _host(text: bytes) -> bytes | None:
    return text.lower() if _HOST.fullmatch(text) else None


def _pattern(text: bytes) -> bytes | None:
    if text.startswith(b"*."):
        return text.lower() if b"." in text[2:] and _host(text[2:]) and len(text) <= 253 else None
    return _host(text)


def _host_base(text: bytes) -> bytes | None:
    return None if b"_" in text else _dns_base(text or b".")


def _dns_base(text: bytes) -> bytes | None:
    fits = len(text) <= 253 and _host(text[text.startswith(b".") :])
    return text.lower() if fits or text == b"" else None


def _host_covers(base: bytes, host: bytes) -> bool:
    return host.endswith(base) and host != base if base.startswith(b".") else host == base


def _dns_covers(base: bytes, name: bytes, *, excluded: bool = False) -> bool:
    if base == b"" or (base.startswith(b".") and name.endswith(base) and name != base):
        return True
    if name == base or name.endswith(b"." + base):
        return True
    # A wildcard reaches the host that the base is, whatever label the host begins with.
    return excluded and name.startswith(b"*.") and base.lstrip(b".").partition(b".")[2] == name[2:]


# URIs: RFC 3986 appendix B and section 2.

_PARTS = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(#[^#]*)?", re.DOTALL)
_CHARACTERS = re.compile(rb"(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_AUTHORITY = re.compile(rb"([A-Za-z0-9._-]+)(?::[0-9]*)?")


def _uri_host(uri: bytes) -> bytes | None:
    parts = _PARTS.fullmatch(uri) if _CHARACTERS.fullmatch(uri) else None
    authority = _AUTHORITY.fullmatch(parts[2]) if parts else None
    if authority is None:
        return None
    host = _host(authority[1].removesuffix(b"."))
    if host is None or b"." not in host or re.search(rb"\.0x[0-9a-f]*\Z", host):
        return None
    return host


# Mailboxes.

_ATEXT = rb"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+"
_MAILBOX = re.compile(rb"(%s(?:\.%s)*)@([A-Za-z0-9._-]+)" % (_ATEXT, _ATEXT))


def _mailbox(text: bytes) -> tuple[bytes, bytes] | None:
    parts = _MAILBOX.fullmatch(text)
    host = _host(parts[2].removesuffix(b".")) if parts else None
    return (parts[1], host) if parts and host else None


def _mailbox_base(text: bytes) -> tuple[bytes | None, bytes] | None:
    local, at, host = text.rpartition(b"@")
    if not at:
        base = _host_base(text)
        return None if base is None else (None, base)
    if not re.fullmatch(rb"(?:%s)(?:\.%s)*" % (_ATEXT, _ATEXT), local.translate(None, b"!%")):
        return None
    lower = _host(host)
    return None if lower is None or b"_" in lower else (local, lower)


def _mailbox_covers(base: tuple[bytes | None, bytes], mailbox: tuple[bytes, bytes]) -> bool:
    return base[0] in {None, mailbox[0]} and _host_covers(base[1], mailbox[1])


# Directory names: RFC 4518 with the tables of RFC 3454.

_UCD = unicodedata.ucd_3_2_0
_INVISIBLE = {*range(0x180B, 0x180F), *range(0xFE00, 0xFE10), 0xAD, 0x34F, 0x1806, 0x200B, 0xFFFC}
_BLANK_LETTERS = set("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def prepared(text: str) -> str | None:
    """For caseIgnoreMatch; ``None`` if a character is prohibited, or a letter is none to a reader."""
    if any(stringprep.in_table_a1(one) or one in _BLANK_LETTERS for one in text):
        return None
    mapped = ""
    for one in text:
        category = _UCD.category(one)
        if one in "\t\n\v\f\r\x85":
            mapped += " "
        elif ord(one) in _INVISIBLE or category in {"Cc", "Cf"}:
            pass
        elif category in {"Zs", "Zl", "Zp"}:
            mapped += " "
        else:
            mapped += stringprep.map_table_b2(one)
    normal = _UCD.normalize("NFKC", mapped)
    tables = (
        stringprep.in_table_a1,
        stringprep.in_table_c3,
        stringprep.in_table_c4,
        stringprep.in_table_c8,
    )
    if any(table(one) for table in tables for one in normal) or "\ufffd" in normal:
        return None
    if _UCD.category(normal[:1] or "x").startswith("M"):
        return None
    # A space with a mark on it is not one.
    marked = re.sub(
        " (.)", lambda pair: ("\0" if _UCD.category(pair[1]).startswith("M") else " ") + pair[1], normal
    )
    return re.sub(" +", " ", marked).strip(" ")


def _directory(name: bytes) -> list[frozenset[tuple[bytes, str]]] | None:
    found = []
    for rdn in pki.elements(pki.inside(name)):
        attributes = set()
        for pair in pki.elements(pki.inside(rdn)):
            oid, value = pki.elements(pki.inside(pair))
            encodings = [encoding for tag, encoding in STRINGS.values() if tag == value[0]]
            octets = pki.inside(value)
            if not encodings or (not octets.isascii() and value[0] in {0x13, 0x14, 0x16}):
                return None
            decoded = octets.decode(encodings[0])
            text = prepared(decoded)
            if text is None or (oid == identifier(DOMAIN_COMPONENT) and not decoded.isascii()):
                return None
            attributes.add((oid, text))
        if not attributes:
            return None
        found.append(frozenset(attributes))
    return found


def _directory_covers(
    base: list[frozenset[tuple[bytes, str]]], name: list[frozenset[tuple[bytes, str]]]
) -> bool:
    return name[: len(base)] == base
