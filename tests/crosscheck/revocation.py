"""Revocation lists: sound ones, and all that can be wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crosscheck.certificates import STRANGER
from crosscheck.encoding import bits, context, explicit, integer, sequence, time
from crosscheck.extensions import Extension
from crosscheck.keys import ALGORITHMS, usual_algorithm

if TYPE_CHECKING:
    from crosscheck.keys import Key

__all__ = ["KINDS", "RevocationList"]

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
            Extension("2.5.29.20", critical=False, value=integer(1)),
            Extension("2.5.29.35", critical=False, value=sequence(context(0, named.key_identifier))),
        ]
        if self.kind in _SCOPES:
            extensions.append(Extension("2.5.29.28", critical=True, value=_SCOPES[self.kind]))
        if self.kind == "unknown critical":
            extensions.append(Extension("1.2.3.4", critical=True, value=b"\x05\0"))
        if self.kind == "delta":
            extensions.append(Extension("2.5.29.27", critical=True, value=integer(0)))
        return extensions

    def _entry_extensions(self) -> bytes:
        if self.kind in _REASON:
            value = bytes([0x0A, 1, _REASON[self.kind]])
            return sequence(Extension("2.5.29.21", critical=False, value=value).der)
        if self.kind == "unknown critical entry":
            return sequence(Extension("1.2.3.4", critical=True, value=b"\x05\0").der)
        return b""
