"""Revocation lists: sound ones, and all that can be wrong with them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from crosscheck.certificates import STRANGER
from crosscheck.encoding import bits, context, explicit, integer, sequence, time
from crosscheck.extensions import Extension
from crosscheck.keys import ALGORITHMS, usual_algorithm
from crosscheck.names import spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crosscheck.keys import Key

__all__ = [
    "COMPROMISED",
    "KINDS",
    "REMOVED",
    "RevocationList",
    "certificate_issuer",
    "entry",
    "reason",
    "signed_list",
]

_REASON = {"hold": 6, "removed": 8, "compromised": 1}
_URI = context(6, b"http://crl.example.test/1.crl")
_SCOPES = {
    "users only": sequence(context(1, b"\xff")),
    "CAs only": sequence(context(2, b"\xff")),
    "attributes only": sequence(context(5, b"\xff")),
    "indirect": sequence(context(4, b"\xff")),
    "some reasons": sequence(context(3, b"\x06\x40")),
    "this point": sequence(explicit(0, explicit(0, _URI))),
    "another point": sequence(explicit(0, explicit(0, context(6, b"http://other.test/")))),
    "whole scope": sequence(),
}
KINDS = [
    "good",
    "expired",
    "to come",
    "forged",
    "of another key",
    "without identifiers",
    "version 1",
    "no next update",
    "unknown critical",
    "unknown critical entry",
    "delta",
    "newest delta elsewhere",
    "second delta",
    "second delta, removing",
    *_REASON,
    *_SCOPES,
]


class RevocationList(NamedTuple):
    """What a list will say."""

    issuer: bytes
    key: Key
    kind: str
    revoked: tuple[int, ...] = ()
    newer: bool = False

    def build(self) -> bytes:
        """DER, signed."""
        signer = STRANGER if self.kind in {"forged", "of another key"} else self.key
        algorithm = usual_algorithm(signer.kind)
        bare = self.kind in {"version 1", "without identifiers"}
        extensions = [] if bare else self._extensions(signer)
        entries = [
            sequence(integer(serial), time("250301000000Z"), self._entry_extensions())
            for serial in self.revoked
        ]
        this_update, next_update = self._dates()
        tbs = sequence(
            b"" if self.kind == "version 1" else integer(1),
            ALGORITHMS[algorithm],
            self.issuer,
            time(this_update),
            b"" if self.kind == "no next update" else time(next_update),
            sequence(*entries) if entries else b"",
            explicit(0, sequence(*(extension.der for extension in extensions))) if extensions else b"",
        )
        return sequence(tbs, ALGORITHMS[algorithm], bits(signer.sign(tbs, algorithm)))

    def _dates(self) -> tuple[str, str]:
        if self.kind == "expired":
            return "200101000000Z", "210101000000Z"
        if self.kind == "to come":
            return "400101000000Z", "490101000000Z"
        return "250601000000Z" if self.newer else "200101000000Z", "490101000000Z"

    def _extensions(self, signer: Key) -> list[Extension]:
        named = self.key if self.kind == "forged" else signer
        extensions = [
            Extension("2.5.29.20", critical=False, value=integer(2 if "second" in self.kind else 1)),
            Extension("2.5.29.35", critical=False, value=sequence(context(0, named.key_identifier))),
        ]
        if self.kind == "newest delta elsewhere":
            point = sequence(sequence(explicit(0, explicit(0, _URI))))
            extensions.append(Extension("2.5.29.46", critical=False, value=point))
        if self.kind in _SCOPES:
            extensions.append(Extension("2.5.29.28", critical=True, value=_SCOPES[self.kind]))
        if self.kind == "unknown critical":
            extensions.append(Extension("1.2.3.4", critical=True, value=b"\x05\0"))
        if "delta" in self.kind and self.kind != "newest delta elsewhere":
            extensions.append(Extension("2.5.29.27", critical=True, value=integer(0)))
        return extensions

    def _entry_extensions(self) -> bytes:
        if self.kind in _REASON or "removing" in self.kind:
            value = bytes([0x0A, 1, _REASON.get(self.kind, 8)])
            return sequence(Extension("2.5.29.21", critical=False, value=value).der)
        if self.kind == "unknown critical entry":
            return sequence(Extension("1.2.3.4", critical=True, value=b"\x05\0").der)
        return b""


REMOVED, COMPROMISED = b"\x0a\x01\x08", b"\x0a\x01\x01"
"""Values of reasonCode: removeFromCRL, keyCompromise."""


def reason(value: bytes, *, critical: bool = False) -> Extension:
    """The entry extension reasonCode."""
    return Extension("2.5.29.21", critical, value)


def certificate_issuer(*names: str, critical: bool = True) -> Extension:
    """The entry extension certificateIssuer, of directory names."""
    return Extension("2.5.29.29", critical, sequence(*(explicit(4, spellings(name)[0]) for name in names)))


def entry(serial: int | bytes, *extensions: Extension) -> bytes:
    """An entry; the serial number as a number or as the element that stands for one."""
    number = serial if isinstance(serial, bytes) else integer(serial)
    return sequence(
        number, time("250301000000Z"), sequence(*(one.der for one in extensions)) if extensions else b""
    )


def signed_list(
    issuer: bytes,
    key: Key,
    entries: Sequence[bytes],
    extensions: Sequence[Extension] = (),
    *,
    newer: bool = False,
    bare: bool = False,
) -> tuple[bytes, Callable[[bytes], bytes]]:
    """A list of these entries with these extensions beside the usual ones, and how it has been signed.

    A `bare` one has no version and no extensions.
    """
    algorithm = usual_algorithm(key.kind)
    usual = [
        Extension("2.5.29.20", critical=False, value=integer(1)),
        Extension("2.5.29.35", critical=False, value=sequence(context(0, key.key_identifier))),
    ]
    held = [] if bare else [*usual, *extensions]
    tbs = sequence(
        b"" if bare else integer(1),
        ALGORITHMS[algorithm],
        issuer,
        time("250601000000Z" if newer else "200101000000Z"),
        time("490101000000Z"),
        sequence(*entries) if entries else b"",
        explicit(0, sequence(*(one.der for one in held))) if held else b"",
    )
    sign = functools.partial(key.sign, algorithm=algorithm)
    return sequence(tbs, ALGORITHMS[algorithm], bits(sign(tbs))), sign
