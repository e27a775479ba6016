"""Plans of certificates, what can be twisted in them, and the DER that comes out."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, NamedTuple

from crosscheck.encoding import bits, context, explicit, integer, octets, sequence, time
from crosscheck.extensions import CRITICAL, OIDS, VALUES, Extension
from crosscheck.keys import ALGORITHMS, Key, damaged_infos, usual_algorithm
from crosscheck.names import COMMON_NAMES, alternative_names, spellings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TWISTS", "Plan", "Twist", "ca", "end_entity"]

SERIAL = 0x1000
NOT_BEFORE, NOT_AFTER = "200101000000Z", "490101000000Z"
DATES = {
    "expired": ("150101000000Z", "200101000000Z"),
    "expired later": ("150101000000Z", "210101000000Z"),
    "to come": ("400101000000Z", "490101000000Z"),
    "reversed": ("490101000000Z", "200101000000Z"),
    "ends earlier": (NOT_BEFORE, "480101000000Z"),
    "begins later": ("210101000000Z", NOT_AFTER),
    "generalized time": ("20200101000000Z", "20490101000000Z"),
    "after 2049": (NOT_BEFORE, "20600101000000Z"),
    "year 9999": (NOT_BEFORE, "99991231235959Z"),
    "since 1955": ("550101000000Z", NOT_AFTER),
    "since 1900": ("19000101000000Z", NOT_AFTER),
    "month 13": (NOT_BEFORE, "491301000000Z"),
    "day 31 of June": ("200631000000Z", NOT_AFTER),
    "second 60": ("200101000060Z", NOT_AFTER),
}
# OpenSSL from 3.1 on does not parse certificates with these.
MALFORMED_DATES = {
    "no seconds": (NOT_BEFORE, "4901010000Z"),
    "no Z": (NOT_BEFORE, "490101000000"),
    "offset": ("200101000000+0100", NOT_AFTER),
    "fraction": (NOT_BEFORE, "20490101000000.5Z"),
    "letters": ("soon", NOT_AFTER),
    "nothing": ("", NOT_AFTER),
}


@dataclasses.dataclass
class Plan:
    """What a certificate will say."""

    subject: bytes
    issuer: bytes
    key: Key
    signer: Key
    algorithm: str
    extensions: list[Extension]
    version: int | None = 2
    serial: int = SERIAL
    dates: tuple[str, str] = (NOT_BEFORE, NOT_AFTER)
    info: bytes | None = None
    inner_algorithm: str | None = None
    unique_identifiers: bytes = b""
    trailing: bytes = b""
    damaged_signature: bool = False

    def replace(self, extension: Extension) -> None:
        """In the place of one of its kind, or at the end."""
        for place, present in enumerate(self.extensions):
            if present.oid == extension.oid:
                self.extensions[place] = extension
                return
        self.extensions.append(extension)

    def without(self, oid: str) -> None:
        self.extensions = [present for present in self.extensions if present.oid != oid]

    def build(self) -> bytes:
        """DER, signed."""
        outer = ALGORITHMS[self.algorithm]
        inner = ALGORITHMS[self.inner_algorithm or self.algorithm]
        extensions = b"".join(extension.der for extension in self.extensions)
        tbs = sequence(
            b"" if self.version is None else explicit(0, integer(self.version)),
            integer(self.serial),
            inner,
            self.issuer,
            sequence(*map(time, self.dates)),
            self.subject,
            self.info or self.key.info,
            self.unique_identifiers,
            explicit(3, sequence(extensions)) if extensions else b"",
            self.trailing,
        )
        signature = self.signer.sign(tbs, self.algorithm)
        if self.damaged_signature:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        return sequence(tbs, outer, bits(signature))


@functools.cache
def _of(name: str, value: str) -> Extension:
    return Extension(OIDS[name], name in CRITICAL, VALUES[name][value])


def _identifiers(key: Key, signer: Key) -> list[Extension]:
    return [
        Extension(OIDS["subjectKeyIdentifier"], critical=False, value=octets(key.key_identifier)),
        Extension(
            OIDS["authorityKeyIdentifier"],
            critical=False,
            value=sequence(context(0, signer.key_identifier)),
        ),
    ]


def ca(name: str, key: Key, issuer: str, signer: Key) -> Plan:
    """A sound CA."""
    return Plan(
        spellings(name)[0],
        spellings(issuer)[0],
        key,
        signer,
        usual_algorithm(signer.kind),
        [
            _of("basicConstraints", "CA"),
            _of("keyUsage", "keyCertSign and cRLSign"),
            *_identifiers(key, signer),
        ],
    )


def end_entity(names: list[str], common_name: str, key: Key, issuer: str | None, signer: Key) -> Plan:
    """A sound end entity, for these names; without an `issuer` its own."""
    subject = COMMON_NAMES[common_name]
    extensions = [
        _of("basicConstraints", "no CA"),
        _of("keyUsage", "digitalSignature"),
        _of("extendedKeyUsage", "server and client"),
        *_identifiers(key, signer),
    ]
    if names:
        value = alternative_names(*names)
        extensions.append(Extension(OIDS["subjectAltName"], critical=False, value=value))
    own = subject if issuer is None else spellings(issuer)[0]
    return Plan(subject, own, key, signer, usual_algorithm(signer.kind), extensions)


class Twist(NamedTuple):
    """Something odd, wrong or merely unusual; `apply` puts it into a plan."""

    name: str
    apply: Callable[[Plan], None]

    def __repr__(self) -> str:
        return self.name


def _extension(name: str, value: str) -> Twist:
    return Twist(f"{name} {value}", lambda plan: plan.replace(_of(name, value)))


def _other_criticality(name: str) -> Twist:
    def apply(plan: Plan) -> None:
        for place, present in enumerate(plan.extensions):
            if present.oid == OIDS[name]:
                plan.extensions[place] = present._replace(critical=not present.critical)
                return
        value = next(iter(VALUES[name]))
        plan.extensions.append(_of(name, value)._replace(critical=name not in CRITICAL))

    return Twist(f"other criticality of {name}", apply)


def _without(name: str) -> Twist:
    return Twist(f"no {name}", lambda plan: plan.without(OIDS[name]))


def _twice(name: str) -> Twist:
    def apply(plan: Plan) -> None:
        present = [one for one in plan.extensions if one.oid == OIDS[name]]
        if not present:
            present = [_of(name, next(iter(VALUES[name])))]
            plan.extensions += present
        plan.extensions += present[:1]

    return Twist(f"{name} twice", apply)


def _set(name: str, **changes: object) -> Twist:
    def apply(plan: Plan) -> None:
        for field, value in changes.items():
            setattr(plan, field, value)

    return Twist(name, apply)


def _algorithm(name: str) -> Twist:
    def apply(plan: Plan) -> None:
        kind = plan.signer.kind
        families = ("rsa", "pss") if kind.startswith("rsa") else () if kind.startswith("ed") else ("ecdsa",)
        if name.startswith(families):
            plan.algorithm = name

    return Twist(f"signed with {name}", apply)


def _info(name: str) -> Twist:
    def apply(plan: Plan) -> None:
        plan.info = damaged_infos(plan.key).get(name)

    return Twist(name, apply)


def _spelled(field: str, number: int) -> Twist:
    def apply(plan: Plan) -> None:
        # The text of the first commonName, where there is one.
        for known in map(spellings, _CA_NAMES):
            if getattr(plan, field) == known[0]:
                setattr(plan, field, known[number])

    return Twist(f"{field} in spelling {number}", apply)


_CA_NAMES = [f"CA {number}" for number in range(12)]
STRANGER = Key("p256", 99)


def _by_a_stranger(plan: Plan) -> None:
    plan.signer = STRANGER
    plan.algorithm = usual_algorithm("p256")


def _with_own_key(plan: Plan) -> None:
    plan.signer = plan.key
    plan.algorithm = usual_algorithm(plan.key.kind)


def _no_extensions(plan: Plan) -> None:
    plan.extensions = []
    plan.version = None


TWISTS: dict[str, list[Twist]] = {
    "authority": [
        _extension("basicConstraints", "no CA"),
        _without("basicConstraints"),
        *(_extension("basicConstraints", value) for value in list(VALUES["basicConstraints"])[2:]),
        _without("keyUsage"),
    ],
    "usage": [
        *(_extension("keyUsage", value) for value in VALUES["keyUsage"]),
        *(_extension("extendedKeyUsage", value) for value in VALUES["extendedKeyUsage"]),
        *(_extension("nsCertType", value) for value in VALUES["nsCertType"]),
        _without("extendedKeyUsage"),
    ],
    "name constraints": [_extension("nameConstraints", value) for value in VALUES["nameConstraints"]],
    "key identifiers": [
        _without("authorityKeyIdentifier"),
        _without("subjectKeyIdentifier"),
        *(_extension("authorityKeyIdentifier", value) for value in VALUES["authorityKeyIdentifier"]),
        *(_extension("subjectKeyIdentifier", value) for value in VALUES["subjectKeyIdentifier"]),
    ],
    "other extensions": [
        _extension(name, value)
        for name in OIDS
        if name
        not in {
            "basicConstraints",
            "keyUsage",
            "extendedKeyUsage",
            "nsCertType",
            "nameConstraints",
            "authorityKeyIdentifier",
            "subjectKeyIdentifier",
        }
        for value in VALUES[name]
    ],
    "criticality": [_other_criticality(name) for name in OIDS],
    "twice": [_twice(name) for name in OIDS],
    "dates": [_set(name, dates=dates) for name, dates in DATES.items()],
    "malformed dates": [_set(name, dates=dates) for name, dates in MALFORMED_DATES.items()],
    "signature": [
        _set("damaged signature", damaged_signature=True),
        Twist("signed by a stranger", _by_a_stranger),
        Twist("signed with its own key", _with_own_key),
        *(_algorithm(name) for name in ALGORITHMS),
        _set("another algorithm inside", inner_algorithm="rsa-sha256"),
        _set("unknown algorithm", algorithm="unknown"),
    ],
    "key": [
        *(
            _info(name)
            for name in (
                "key of no bits",
                "key of garbage",
                "key of unknown kind",
                "key without parameters",
                "compressed key",
            )
        ),
    ],
    "subject and issuer": [
        *(_spelled("subject", number) for number in range(1, 9)),
        *(_spelled("issuer", number) for number in range(1, 9)),
    ],
    "numbers": [
        _set("version 1", version=None),
        _set("version 1 written out", version=0),
        _set("version 2", version=1),
        _set("version 4", version=3),
        _set("version 300", version=300),
        _set("serial 0", serial=0),
        _set("serial -1", serial=-1),
        _set("serial 1", serial=1),
        _set("serial of 21 octets", serial=1 << 160),
        _set("issuer unique identifier", unique_identifiers=context(1, b"\0\x01")),
        _set("subject unique identifier", unique_identifiers=context(2, b"\0\x01")),
        Twist("no extensions", _no_extensions),
    ],
}
"""By group; the first ones of a group are the plainest."""
