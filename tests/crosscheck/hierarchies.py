"""The sound hierarchies that mutants are made from, as trees with whoever signs each certificate and list."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

from crosscheck.cases import Case, Settings
from crosscheck.certificates import Plan, ca, end_entity
from crosscheck.encoding import (
    context,
    explicit,
    identifier,
    integer,
    octets,
    sequence,
    set_of,
    tlv,
    utf8,
)
from crosscheck.extensions import OIDS, VALUES, Extension, directory
from crosscheck.keys import ALGORITHMS, NULL, Key
from crosscheck.names import COMMON_NAMES, spellings
from crosscheck.revocation import COMPROMISED, REMOVED, certificate_issuer, entry, reason, signed_list
from crosscheck.trees import Element, element_at, parse, places

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CERTIFICATES", "DONORS", "EXTENSIONS", "LISTS", "Hierarchy", "Template", "pss_info"]

_LEAF, _CA, _ROOT, _OTHER = Key("p256", 1), Key("p256", 2), Key("p256", 3), Key("p256", 4)
_RSA = Key("rsa2048", 1)
_CA_2, _CA_1 = spellings("CA 2"), spellings("CA 1")


class Template:
    """A certificate or CRL as a tree, and its issuer's signature."""

    def __init__(self, der: bytes, sign: Callable[[bytes], bytes]) -> None:
        self.der, self.sign = der, sign
        (self.tree,) = parse(der)
        assert self.tree.children is not None
        tbs = self.tree.children[0]
        assert tbs.children is not None
        self.tbs = tbs.octets
        # RFC 5280 4.1 and 5.1: a version may come first.
        tags = [child.tag for child in tbs.children]
        first = tags.index(0x30)
        self.inner_algorithm, self.issuer, self.subject = (0, first), (0, first + 1), (0, first + 3)
        # The tbs with all that is in it, and now and then what stands beside it.
        inside = [place for place in places(self.tree) if place and place[0] == 0]
        beside = [place for place in places(self.tree) if place and place[0] != 0]
        self.places = inside + beside[: max(1, len(inside) // 20)]
        self.identifiers = [place for place in inside if element_at(self.tree, place).tag == 0x06]
        # What stands in an extension's value: there nearly anything parses.
        self.values = [place for place in inside if _is_in_value(self.tree, place)]
        # The lists of extensions: the certificate's or CRL's own, and those of a CRL's entries.
        self.extensions = [place for place in inside if _is_list_of_extensions(self.tree, place)]

    @classmethod
    def of(cls, plan: Plan) -> Template:
        return cls(plan.build(), functools.partial(plan.signer.sign, algorithm=plan.algorithm))


def _is_in_value(tree: Element, place: tuple[int, ...]) -> bool:
    return any(element_at(tree, place[:length]).tag == 0x04 for length in range(1, len(place)))


def _is_list_of_extensions(tree: Element, place: tuple[int, ...]) -> bool:
    listed = element_at(tree, place)
    first = (listed.children or (listed,))[0]
    parts = first.children or ()
    return listed.tag == 0x30 and len(parts) > 1 and parts[0].tag == 0x06 and parts[-1].tag == 0x04


@dataclasses.dataclass
class Hierarchy:
    """What is sent, what is trusted, what is revoked; all of it sound."""

    name: str
    certificates: list[Template]
    presented: tuple[int, ...]
    trusted: tuple[int, ...]
    settings: Settings
    lists: tuple[Template, ...] = ()

    @property
    def with_twin(self) -> tuple[int, ...]:
        """Those that may have a twin: not the end entity."""
        return tuple(range(1, len(self.certificates)))

    def case(
        self,
        chain: tuple[bytes, ...] | None = None,
        trusted: tuple[bytes, ...] | None = None,
        crls: tuple[bytes, ...] | None = None,
        settings: Settings | None = None,
    ) -> Case:
        """Itself, or with something else in the place of its parts."""
        ders = [one.der for one in self.certificates]
        return Case(
            tuple(ders[n] for n in self.presented) if chain is None else chain,
            _LEAF.pem,
            tuple(ders[n] for n in self.trusted) if trusted is None else trusted,
            tuple(one.der for one in self.lists) if crls is None else crls,
            self.settings if settings is None else settings,
        )


def _extension(name: str, value: str | bytes, *, critical: bool = False) -> Extension:
    return Extension(OIDS[name], critical, VALUES[name][value] if isinstance(value, str) else value)


def _with(plan: Plan, *extensions: Extension, **fields: object) -> Plan:
    for extension in extensions:
        plan.replace(extension)
    for field, value in fields.items():
        setattr(plan, field, value)
    return plan


def _leaf(issuer: str = "CA 1", signer: Key = _CA, name: str = "leaf", alternatives: bool = True) -> Plan:
    names = ["dns www.example.test"] if alternatives else []
    return end_entity(names, name, _LEAF, issuer, signer)


def _middle(**fields: object) -> Plan:
    return _with(ca("CA 1", _CA, "CA 2", _ROOT), **fields)


def _root() -> Plan:
    return ca("CA 2", _ROOT, "CA 2", _ROOT)


_FORMS = sequence(
    explicit(
        0,
        sequence(context(1, b"example.test")),
        sequence(context(2, b"example.test")),
        sequence(context(6, b".example.test")),
        sequence(explicit(4, directory("leaf"))),
    ),
    explicit(1, sequence(context(2, b"bad.test")), sequence(context(7, bytes.fromhex("0a000000ff000000")))),
)
_NAMES = sequence(
    context(2, b"www.example.test"),
    context(1, b"a@example.test"),
    context(6, b"https://www.example.test/x"),
    context(7, bytes([192, 0, 2, 1])),
    explicit(4, directory("leaf", "x")),
    context(8, identifier("1.2.3")[2:]),
    explicit(0, identifier("1.2.3"), explicit(0, utf8("x"))),
)
_RICH = sequence(
    set_of(sequence(identifier("2.5.4.6"), tlv(0x13, b"CH"))),
    set_of(
        sequence(identifier("2.5.4.10"), tlv(0x14, b"Test")),
        sequence(identifier("2.5.4.11"), tlv(0x1E, b"\0u")),
    ),
    set_of(sequence(identifier("1.2.840.113549.1.9.1"), tlv(0x16, b"a@example.test"))),
    set_of(sequence(identifier("2.5.4.45"), tlv(0x03, b"\0\x01"))),
    set_of(sequence(identifier("2.5.4.3"), utf8("CA 1"))),
)
_POINTS = sequence(
    sequence(explicit(0, explicit(0, context(6, b"http://crl.example.test/1.crl")))),
    sequence(explicit(0, explicit(1, sequence(identifier("2.5.4.3"), utf8("crl"))))),
    sequence(explicit(2, explicit(4, directory("CA 1")))),
)


@functools.cache
def CERTIFICATES() -> list[Hierarchy]:  # noqa: N802 (a constant that is made when it is needed)
    """Those whose certificates are twisted."""
    plain = [_leaf(), _middle(), _root()]
    forms = _extension("nameConstraints", _FORMS, critical=True)
    dns = _extension("nameConstraints", "permitted dns example.test", critical=True)
    excluded = _extension("nameConstraints", "excluded dns www.example.test", critical=True)
    policies = _extension("certificatePolicies", "1.2.3")
    serials = sequence(
        context(0, _ROOT.key_identifier), explicit(1, explicit(4, directory("CA 2"))), context(2, b"\x10\0")
    )
    many = [
        _extension(name, value)
        for name, value in {
            "issuerAltName": "directory",
            "authorityInfoAccess": "OCSP",
            "nsCertType": "server",
            "tlsFeature": "status request",
            "ocspNoCheck": "no check",
            "nsComment": "text",
        }.items()
    ]
    listed = [
        ("plain", plain, (0, 1), (2,), {}),
        ("direct", [_leaf("CA 2", _ROOT), _root()], (0,), (1,), {}),
        ("strict", plain, (0, 1), (2,), {"flags": 0x88020}),
        ("partial", plain, (0,), (1,), {"flags": 0x88000}),
        ("pinned", plain[:2], (0,), (0,), {"flags": 0x88000}),
        ("pinned with its CA", plain[:2], (0, 1), (0,), {"flags": 0x88000}),
        (
            "pinned with its RSA CA",
            [_leaf(signer=_RSA), ca("CA 1", _RSA, "CA 2", _ROOT)],
            (0, 1),
            (0,),
            {"flags": 0x88000},
        ),
        (
            "pinned, self-signed",
            [end_entity(["dns www.example.test"], "leaf", _LEAF, None, _LEAF)],
            (0,),
            (0,),
            {},
        ),
        ("below an excluding twin", [_leaf(), _with(_middle(), excluded), _root()], (0, 1), (2,), {}),
        ("constrained", [_leaf(), _with(_middle(), dns), _root()], (0, 1), (2,), {}),
        ("constrained root", [_leaf("CA 2", _ROOT), _with(_root(), dns)], (0,), (1,), {}),
        (
            "all forms",
            [_with(_leaf(), _extension("subjectAltName", _NAMES)), _with(_middle(), forms), _root()],
            (0, 1),
            (2,),
            {},
        ),
        (
            "rich names",
            [_with(_leaf(), issuer=_RICH), _with(_middle(), subject=_RICH), _root()],
            (0, 1),
            (2,),
            {},
        ),
        (
            "common name",
            [_leaf(name="host", alternatives=False), _with(_middle(), dns), _root()],
            (0, 1),
            (2,),
            {},
        ),
        (
            "other spellings",
            [_with(_leaf(), issuer=_CA_1[4]), _with(_middle(), issuer=_CA_2[5]), _root()],
            (0, 1),
            (2,),
            {},
        ),
        (
            "self-issued",
            [
                _leaf(signer=_OTHER),
                ca("CA 1", _OTHER, "CA 1", _CA),
                _with(_middle(), _extension("basicConstraints", "path length 0", critical=True)),
                _root(),
            ],
            (0, 1, 2),
            (3,),
            {},
        ),
        (
            "version 1",
            [_with(_leaf(alternatives=False, name="host"), extensions=[], version=None), *plain[1:]],
            (0, 1),
            (2,),
            {},
        ),
        (
            "CA as end entity",
            [
                _with(
                    _leaf(),
                    _extension("basicConstraints", "CA", critical=True),
                    _extension("keyUsage", "digitalSignature and keyCertSign", critical=True),
                ),
                *plain[1:],
            ],
            (0, 1),
            (2,),
            {},
        ),
        (
            "issuer and serial",
            [_leaf(), _with(_middle(), _extension("authorityKeyIdentifier", serials)), _root()],
            (0, 1),
            (2,),
            {},
        ),
        ("RSA leaf", [_with(_leaf(), info=_RSA.info), *plain[1:]], (0, 1), (2,), {}),
        ("RSASSA-PSS leaf", [_with(_leaf(), info=pss_info()), *plain[1:]], (0, 1), (2,), {}),
        (
            "RSASSA-PSS leaf, restricted",
            [_with(_leaf(), info=pss_info(_restricted())), *plain[1:]],
            (0, 1),
            (2,),
            {},
        ),
        ("RSA CA", [_leaf(signer=_RSA), ca("CA 1", _RSA, "CA 2", _ROOT), _root()], (0, 1), (2,), {}),
        (
            "RSASSA-PSS CA",
            [
                _with(_leaf(signer=_RSA), algorithm="pss-sha256"),
                _with(ca("CA 1", _RSA, "CA 2", _ROOT), info=pss_info()),
                _root(),
            ],
            (0, 1),
            (2,),
            {},
        ),
        (
            "policies",
            [_with(_leaf(), policies), _with(_middle(), policies), _root()],
            (0, 1),
            (2,),
            {"flags": 0x8080},
        ),
        ("many extensions", [_with(_leaf(), *many), _with(_middle(), *many[:2]), _root()], (0, 1), (2,), {}),
        (
            "resources",
            [
                _with(
                    _leaf(), _extension("ipAddrBlocks", "inherited"), _extension("asIdentifiers", "inherited")
                ),
                _with(_middle(), _extension("ipAddrBlocks", "inherited")),
                _root(),
            ],
            (0, 1),
            (2,),
            {},
        ),
        (
            "Ed25519",
            [_leaf(signer=Key("ed25519", 1)), ca("CA 1", Key("ed25519", 1), "CA 2", _ROOT), _root()],
            (0, 1),
            (2,),
            {},
        ),
        ("level 0", plain, (0, 1), (2,), {"security_level": 0}),
        ("ignore critical", plain, (0, 1), (2,), {"flags": 0x8010}),
    ]
    return [
        Hierarchy(name, [Template.of(plan) for plan in plans], sent, trusted, Settings(**settings))  # type: ignore[arg-type]
        for name, plans, sent, trusted, settings in listed
    ]


def pss_info(parameters: bytes = b"") -> bytes:
    """An RSA key with the identifier of RSASSA-PSS keys (RFC 4055 1.2)."""
    info = parse(_RSA.info)[0]
    assert info.children is not None
    algorithm = sequence(identifier("1.2.840.113549.1.1.10"), parameters)
    return sequence(algorithm, info.children[1].octets)


def _restricted() -> bytes:
    algorithm = parse(ALGORITHMS["pss-sha256"])[0]
    assert algorithm.children is not None
    return algorithm.children[1].octets


_SCOPE = sequence(explicit(0, explicit(0, context(6, b"http://crl.example.test/1.crl"))))
_DATE = Extension("2.5.29.24", critical=False, value=tlv(0x18, b"20250301000000Z"))


def _listed(
    *entries: bytes, extensions: tuple[Extension, ...] = (), newer: bool = False, bare: bool = False
) -> Template:
    der, sign = signed_list(_CA_1[0], _CA, entries, extensions, newer=newer, bare=bare)
    return Template(der, sign)


@functools.cache
def LISTS() -> list[Hierarchy]:  # noqa: N802 (a constant that is made when it is needed)
    """Those whose CRLs are twisted."""
    serial = _leaf().serial
    other, listed = entry(serial + 1, _DATE), entry(serial, reason(COMPROMISED))
    scope = Extension("2.5.29.28", critical=True, value=_SCOPE)
    users = Extension("2.5.29.28", critical=True, value=sequence(context(1, b"\xff")))
    indirect = Extension("2.5.29.28", critical=True, value=sequence(context(4, b"\xff")))
    delta = Extension("2.5.29.27", critical=True, value=integer(1))
    pairs = [
        (
            entry(serial, reason(REMOVED), certificate_issuer("CA 3")),
            entry(serial, reason(COMPROMISED), certificate_issuer("CA 1")),
        ),
        (entry(serial, reason(COMPROMISED), certificate_issuer("CA 3")), other),
        (entry(serial + 1, certificate_issuer("CA 3")), listed),
        (entry(serial + 1, certificate_issuer("CA 3", "CA 1")), listed),
        (entry(serial, reason(COMPROMISED)), entry(serial, reason(REMOVED), certificate_issuer("CA 3"))),
        (entry(serial, reason(REMOVED)), listed),
    ]
    lists = [
        (_listed(other),),
        (_listed(listed),),
        (_listed(other, listed, entry(serial + 2, certificate_issuer("CA 3"))),),
        (_listed(),),
        (_listed(other, bare=True),),
        *((_listed(*pair),) for pair in pairs),
        (_listed(other, extensions=(scope,)),),
        (_listed(listed, extensions=(scope,)),),
        (_listed(other, extensions=(users,)),),
        (_listed(other, extensions=(indirect,)),),
        (_listed(other, extensions=(delta,)), _listed(other)),
        (_listed(other), _listed(listed, newer=True)),
        (_listed(listed), _listed(other, newer=True)),
        (_listed(other), _listed(listed, extensions=(delta,), newer=True)),
        (_listed(other, extensions=(scope,)), _listed(listed, newer=True, extensions=(users,))),
    ]
    points = _extension("cRLDistributionPoints", _POINTS)
    leaves = {"": _leaf(), " with points": _with(_leaf(), points)}
    return [
        Hierarchy(
            f"lists {number}{name}",
            [Template.of(leaf), Template.of(_middle()), Template.of(_root())],
            (0, 1),
            (2,),
            Settings(flags=0x8004),
            tuple(templates),
        )
        for number, templates in enumerate(lists)
        for name, leaf in leaves.items()
    ]


@functools.cache
def EXTENSIONS() -> dict[bool, list[Element]]:  # noqa: N802 (a constant that is made when it is needed)
    """Extensions to add: of certificates, and of CRLs and their entries (``True``)."""
    odd = [
        b"",
        b"\x05\0",
        b"\x30\0",
        b"\x30\x81\0",
        b"\x02\x02\0\x01",
        b"\x02\x01\xff",
        b"\x02\0",
        b"\x0a\x01\x07",
    ]
    numbers = [integer(0), integer(1), integer(300), integer(1 << 160), integer(-1)]
    reasons = [tlv(0x0A, bytes([number])) for number in (*range(12), 255)] + [
        b"\x0a\x02\0\x08",
        b"\x0a\x02\0\xff",
    ]
    names = [certificate_issuer(*chosen).value for chosen in ((), ("CA 1",), ("CA 3",), ("CA 3", "CA 1"))]
    flags = [
        sequence(context(number, octet))
        for number in (1, 2, 4, 5)
        for octet in (b"\xff", b"\0", b"\x01", b"")
    ]
    scopes = [
        *flags,
        _SCOPE,
        sequence(),
        sequence(context(1, b"\xff"), context(2, b"\xff")),
        sequence(context(3, b"\x06\x40")),
        sequence(context(3, b"\0")),
        sequence(explicit(0, explicit(0, explicit(4, spellings("CA 1")[0])))),
        sequence(explicit(0, explicit(1, sequence(identifier("2.5.4.3"), utf8("crl"))))),
    ]
    listed = {
        "2.5.29.20": numbers,
        "2.5.29.27": numbers,
        "2.5.29.28": scopes,
        "2.5.29.35": [*VALUES["authorityKeyIdentifier"].values(), sequence(context(0, _CA.key_identifier))],
        "2.5.29.46": [*VALUES["freshestCRL"].values()],
        "2.5.29.21": reasons,
        "2.5.29.24": [_DATE.value, tlv(0x17, b"250301000000Z")],
        "2.5.29.29": names,
        "1.2.3.4": [],
    }
    of_lists = [
        Element.of(Extension(oid, critical, value).der)
        for oid, values in listed.items()
        for value in [*values, *odd]
        for critical in (False, True)
    ]
    of_certificates = [
        Element.of(Extension(OIDS[name], critical, value).der)
        for name in VALUES
        for value in VALUES[name].values()
        for critical in (False, False, True)
    ]
    return {False: of_certificates, True: of_lists}


@functools.cache
def DONORS() -> list[Element]:  # noqa: N802 (a constant that is made when it is needed)
    """Elements to put in the place of others, and beside them."""
    donors = [
        *(
            NULL,
            b"\x30\0",
            b"\x31\0",
            b"\x04\0",
            b"\x03\x01\0",
            b"\x01\x01\xff",
            b"\x02\x01\0",
            b"\x0a\x01\x01",
        ),
        *(b"\0\0", b"\xa0\0", b"\x80\0", b"\x0c\x01x", b"\x06\x03\x2a\x03\x04", b"\x17\x0d200101000000Z"),
        *(
            b"\x30\x81\0",
            b"\x30\x80\0\0",
            b"\x05\x81\0",
            b"\x02\x02\0\x01",
            b"\x24\x04\x04\x02ab",
            b"\x1f\x10\0",
        ),
        *COMMON_NAMES.values(),
        *ALGORITHMS.values(),
        *(
            Extension(OIDS[name], critical=False, value=value).der
            for name in VALUES
            for value in VALUES[name].values()
        ),
        *(value for name in VALUES for value in VALUES[name].values() if value and value != b"\xff\xff\xff"),
        octets(b"ab"),
    ]
    return [Element.of(donor) for donor in donors]
