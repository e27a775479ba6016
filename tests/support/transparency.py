"""Logs of Certificate Transparency with generated keys, what they sign, their lists, and a second opinion."""

from __future__ import annotations

import base64
import functools
import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import certpath
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from . import pki

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Sequence

EMBEDDED = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
POISON = bytes.fromhex("060a2b06010401d679020403")
LIST = bytes.fromhex("060a2b06010401d679020402")


def _sha256(octets: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(octets)
    return digest.finalize()


@dataclass(frozen=True, eq=False)
class Log:
    """A log with its key, as a list tells of it."""

    name: str
    operator: str = "One"
    kind: str = "p256"
    state: dict[str, Any] | None = field(
        default_factory=lambda: {"usable": {"timestamp": "2020-01-01T00:00:00Z"}}
    )
    interval: tuple[str, str] | None = None
    tiled: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    @functools.cached_property
    def key(self) -> Any:
        """The private key, that of its name."""
        return pki.key(self.kind, f"log {self.name}")

    @functools.cached_property
    def spki(self) -> bytes:
        """Its SubjectPublicKeyInfo."""
        kinds = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return bytes(self.key.public_key().public_bytes(*kinds))

    @property
    def id(self) -> bytes:
        """RFC 6962 3.2."""
        return _sha256(self.spki)

    def sign(self, entry: bytes, at: datetime.datetime, extensions: bytes = b"") -> bytes:
        """A timestamp over the `entry`."""
        milliseconds = int(at.timestamp() * 1000)
        message = signed_octets(entry, milliseconds, extensions)
        if isinstance(self.key, rsa.RSAPrivateKey):
            algorithm, signature = b"\4\1", self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        else:
            algorithm, signature = b"\4\3", self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        head = b"\0" + self.id + struct.pack(">Q", milliseconds)
        return head + vector(extensions) + algorithm + vector(signature)

    def told(self) -> dict[str, Any]:
        """As in a list."""
        told = {
            "description": self.name,
            "log_id": base64.b64encode(self.id).decode(),
            "key": base64.b64encode(self.spki).decode(),
            **self.more,
        }
        if self.state is not None:
            told["state"] = self.state
        if self.interval is not None:
            told["temporal_interval"] = dict(
                zip(("start_inclusive", "end_exclusive"), self.interval, strict=True)
            )
        return told


def log_list(logs: Iterable[Log], **top: Any) -> str:
    """Schema 3."""
    operators: dict[str, dict[str, Any]] = {}
    for log in logs:
        operator = operators.setdefault(log.operator, {"name": log.operator, "email": [], "logs": []})
        operator.setdefault("tiled_logs" if log.tiled else "logs", []).append(log.told())
    dated = {"version": "3.1", "log_list_timestamp": "2026-05-31T12:00:00Z", **top}
    return json.dumps({**dated, "operators": list(operators.values())})


def ct_logs(*logs: Log) -> certpath.CtLogs:
    """A list of these."""
    return certpath.CtLogs.from_json(log_list(logs))


def vector(octets: bytes) -> bytes:
    """Octets behind their number."""
    return struct.pack(">H", len(octets)) + octets


def sct_list(scts: Iterable[bytes]) -> bytes:
    """RFC 6962 3.3."""
    return vector(b"".join(vector(sct) for sct in scts))


def signed_octets(entry: bytes, milliseconds: int, extensions: bytes) -> bytes:
    """digitally-signed of RFC 6962 3.2."""
    return b"\0\0" + struct.pack(">Q", milliseconds) + entry + vector(extensions)


def x509_entry(der: bytes) -> bytes:
    """entry_type and certificate."""
    return b"\0\0" + struct.pack(">I", len(der))[1:] + der


def precert_entry(der: bytes, issuer: x509.Certificate) -> bytes:
    """entry_type, hash of the issuer's key and TBSCertificate without the list, rebuilt here."""
    return tbs_entry(without_list(der), issuer)


def tbs_entry(tbs: bytes, issuer: x509.Certificate) -> bytes:
    """The same of a TBSCertificate that has no list."""
    spki = issuer.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b"\0\1" + _sha256(spki) + struct.pack(">I", len(tbs))[1:] + tbs


def with_extensions(der: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """The certificate with its extensions changed and its signature as it was."""
    tbs, algorithm, signature = pki.elements(pki.inside(der))
    *parts, extensions = pki.elements(pki.inside(tbs))
    changed = change(pki.elements(pki.inside(pki.inside(extensions))))
    parts.append(pki.tlv(0xA3, pki.tlv(0x30, b"".join(changed))))
    return pki.tlv(0x30, pki.tlv(0x30, b"".join(parts)) + algorithm + signature)


def without_list(der: bytes) -> bytes:
    """The TBSCertificate that logs sign."""
    left = with_extensions(der, lambda all_: [one for one in all_ if not pki.inside(one).startswith(LIST)])
    return pki.elements(pki.inside(left))[0]


def with_list(der: bytes, octets: bytes) -> bytes:
    """The certificate with another list in it, and its signature as it was."""
    value = pki.tlv(0x30, LIST + pki.tlv(0x04, pki.tlv(0x04, octets)))
    return with_extensions(
        der, lambda all_: [value if pki.inside(one).startswith(LIST) else one for one in all_]
    )


def logged(issuer: pki.Entity, stamps: Sequence[tuple[Log, datetime.datetime]], **options: Any) -> pki.Entity:
    """A certificate with the timestamps of logs in it."""

    def issued(octets: bytes) -> pki.Entity:
        value = pki.raw(EMBEDDED, pki.tlv(0x04, octets))
        return pki.issue(
            subject, issuer, **{**options, "extensions": [*options.get("extensions", ()), (value, False)]}
        )

    subject = options.pop("subject", "leaf")
    options.setdefault("serial", 0x5C7 + len(stamps))
    if not stamps:
        return pki.issue(subject, issuer, **options)
    entry = precert_entry(issued(sct_list([b"\0"])).der, issuer.certificate)
    return issued(sct_list([log.sign(entry, at) for log, at in stamps]))


@dataclass(frozen=True)
class Opinion:
    """What the second implementation says of one timestamp."""

    log: Log | None
    is_signed: bool | None
    """``None`` where it does not decode, or the log is not known."""


def second_opinion(octets: bytes, entry: bytes | None, logs: Iterable[Log]) -> list[Opinion] | None:
    """Each timestamp of a list, its signature checked by `cryptography`; ``None`` if the list is broken."""
    scts = _split(octets)
    if scts is None:
        return None
    known = {log.id: log for log in logs}
    return [_opinion(sct, entry, known) for sct in scts]


def _split(octets: bytes) -> list[bytes] | None:
    if len(octets) < 4 or int.from_bytes(octets[:2], "big") != len(octets) - 2:
        return None
    scts, rest = [], octets[2:]
    while rest:
        length = int.from_bytes(rest[:2], "big")
        if len(rest) < 2 + length or length == 0:
            return None
        scts.append(rest[2 : 2 + length])
        rest = rest[2 + length :]
    return scts


def _opinion(sct: bytes, entry: bytes | None, known: dict[bytes, Log]) -> Opinion:
    nothing = Opinion(None, None)
    if sct[0] != 0 or len(sct) < 43:
        return nothing
    log_id, milliseconds = sct[1:33], int.from_bytes(sct[33:41], "big")
    extensions_end = 43 + int.from_bytes(sct[41:43], "big")
    extensions, rest = sct[43:extensions_end], sct[extensions_end:]
    if extensions_end > len(sct) or len(rest) < 4 or len(rest) != 4 + int.from_bytes(rest[2:4], "big"):
        return nothing
    log = known.get(log_id)
    if log is None or entry is None:
        return Opinion(log, None)
    message, signature = signed_octets(entry, milliseconds, extensions), rest[4:]
    public = log.key.public_key()
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return Opinion(log, is_signed=False)
    algorithm = b"\4\1" if isinstance(public, rsa.RSAPublicKey) else b"\4\3"
    return Opinion(log, is_signed=rest[:2] == algorithm)
