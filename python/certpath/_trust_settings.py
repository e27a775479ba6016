"""What a context trusts: certificates and CRLs, from where OpenSSL would take them.

OpenSSL reads the same inputs and has the last word on what is well-formed: it raises the exceptions.
This module only takes apart what OpenSSL has accepted.
"""

from __future__ import annotations

import _ssl
import dataclasses
import os
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from certpath._certpath import (
    Policy,
    TrustStore,
    Verifier,
    _ca_count,
    _crl_issuer,
    _extend,
    _issuers,
    _merge,
    _openssl_blocks,
    _verifier,
)
from certpath._lock import Lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Block = tuple[bytes, bool]
"""The contents of a PEM block that holds a certificate, and whether it is a TRUSTED CERTIFICATE."""

_CERTIFICATES = {b"CERTIFICATE": False, b"X509 CERTIFICATE": False, b"TRUSTED CERTIFICATE": True}
_CRL = b"X509 CRL"

# What OpenSSL's flag bits for CRLs add up to: without the first, CRLs are never looked for.
_CRL_CHECK = 0x4

# Files of a hashed directory: <hash>.<n>, <hash>.r<n>.
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.(r?)[0-9]+")

_MOST_DEFAULTS = 16
_defaults: dict[tuple[str, int, int, int, str | None], Anchors] = {}
_defaults_lock = Lock()

_EMPTY = _extend(None, [], "context")


def der_elements(data: bytes) -> Iterator[bytes]:
    """The DER SEQUENCEs that data consists of, up to the first octet that does not belong to one."""
    position = 0
    while data[position : position + 1] == b"\x30" and len(data) - position >= 2:
        length = data[position + 1]
        start = position + 2
        if length >= 0x80:
            octets = length & 0x7F
            length = int.from_bytes(data[start : start + octets], "big")
            start += octets
        if start + length > len(data):
            return
        yield data[position : start + length]
        position = start + length


def certificates_of(data: str | bytes) -> list[Block]:
    """The certificates of `cadata`: PEM if it is text, concatenated DER if not."""
    if isinstance(data, str):
        blocks, _ = _openssl_blocks(data.encode("ascii"), is_file=False)
        return [(der, False) for label, der in blocks if _CERTIFICATES.get(label) is False]
    return [(der, False) for der in der_elements(data)]


def contents_of(path: str) -> tuple[list[Block], list[bytes]]:
    """The certificates and CRLs of a PEM file that OpenSSL has accepted."""
    return _contents(Path(path).read_bytes())


def _contents(data: bytes) -> tuple[list[Block], list[bytes]]:
    blocks, _ = _openssl_blocks(data, is_file=True)
    certificates = [(der, _CERTIFICATES[label]) for label, der in blocks if label in _CERTIFICATES]
    return certificates, [der for label, der in blocks if label == _CRL]


@dataclasses.dataclass(frozen=True)
class Anchors:
    """What a context trusts at one moment. Never changed, only replaced."""

    store: TrustStore = _EMPTY
    crls: tuple[bytes, ...] = ()
    directories: tuple[str, ...] = ()
    _verifiers: dict[tuple[int, str, int, bool], Verifier] = dataclasses.field(
        default_factory=dict, repr=False, compare=False
    )

    def __str__(self) -> str:
        parts = [
            f"{number} {name}{'' if number == 1 else 's'}"
            for number, name in ((self.certificate_count, "certificate"), (len(self.crls), "CRL"))
            if number
        ]
        parts += [f"what {directory!r} has" for directory in self.directories]
        return ", ".join(parts) or "nothing"

    def with_certificates(self, blocks: Iterable[Block], crls: Iterable[bytes] = ()) -> Anchors:
        """These anchors and more; known ones count once."""
        store = _extend(self.store, list(blocks), "context")
        new_crls = [crl for crl in dict.fromkeys(crls) if crl not in self.crls]
        if len(store) == len(self.store) and not new_crls:
            return self
        return Anchors(store, (*self.crls, *new_crls), self.directories)

    def with_directories(self, directories: Iterable[str]) -> Anchors:
        """These anchors, and hashed directories to look for more in."""
        merged = tuple(dict.fromkeys((*self.directories, *directories)))
        return dataclasses.replace(self, directories=merged, _verifiers={})

    def merged_with(self, other: Anchors) -> Anchors:
        """These anchors and the other ones, trust settings included."""
        store = _merge(self.store, other.store, "context")
        crls = dict.fromkeys((*self.crls, *other.crls))
        directories = dict.fromkeys((*self.directories, *other.directories))
        return Anchors(store, tuple(crls), tuple(directories))

    def verifier(
        self, flags: int, purpose: str, security_level: int, hostname_checks_common_name: bool
    ) -> Verifier:
        """The verifier for these settings: made once, so that it keeps what it has verified."""
        key = (flags, purpose, security_level, hostname_checks_common_name)
        verifier = self._verifiers.get(key)
        if verifier is None:
            policy = Policy.ssl(
                # The topmost bit, which `ssl` keeps too, means nothing to OpenSSL: no flag of a policy.
                flags & ~(1 << 63),
                purpose=purpose,
                security_level=security_level,
                hostname_checks_common_name=hostname_checks_common_name,
            )
            # Not the class: it would warn of CRLs that the flags do not ask, and `ssl` does not.
            verifier = _verifier([self.store], None, policy, _usable(self.crls), None, ())
            self._verifiers[key] = verifier
        return verifier

    @property
    def certificate_count(self) -> int:
        """How many certificates there are, those of directories only once they have been looked up."""
        return len(self.store)

    @property
    def ca_count(self) -> int:
        """How many of them OpenSSL counts as CA certificates."""
        return _ca_count(self.store)


def _usable(crls: Iterable[bytes]) -> list[bytes]:
    """The CRLs that can be judged here, less those whose issuer has others.

    OpenSSL would use the others too, and may prefer them: without any CRL, whoever asks for one is refused.
    One that does not say whose it is could be anybody's.
    """
    usable, lost = [], set()
    for der in filter(None, crls):
        try:
            Verifier(_EMPTY, crls=der)
        except ValueError:
            lost.add(_crl_issuer(der))
        else:
            usable.append(der)
    if not lost:
        return usable
    return [] if None in lost else [der for der in usable if _crl_issuer(der) not in lost]


def looked_up(anchors: Anchors, chain: list[bytes], flags: int) -> tuple[list[Block], list[bytes]]:
    """The certificates and CRLs that OpenSSL's directory lookups find for a chain.

    A directory is only asked for names that the store does not have (X509_STORE_CTX_get_by_subject),
    and for CRLs whenever they are checked.
    """
    blocks: list[Block] = []
    crls: list[bytes] = []
    asked: set[str] = set()
    pending = chain
    while pending:
        issuers: list[bytes] = []
        for name_hash, known in _issuers(anchors.store, pending):
            if name_hash in asked:
                continue
            asked.add(name_hash)
            found = [] if known else _hashed(anchors.directories, name_hash)
            blocks += found
            issuers += known
            # Whatever follows a certificate in a TRUSTED block is not part of it.
            issuers += [certificate for der, _ in found for certificate in list(der_elements(der))[:1]]
            if flags & _CRL_CHECK:
                crls += _hashed_crls(anchors.directories, name_hash)
        pending = issuers
    return blocks, crls


def all_of(directories: Iterable[str]) -> tuple[list[Block], list[bytes]]:
    """Every certificate and CRL that a lookup in these hashed directories could find."""
    blocks: list[Block] = []
    crls: list[bytes] = []
    for directory in directories:
        try:
            names = sorted(path.name for path in Path(directory).iterdir())
        except OSError:
            continue
        for name in names:
            if match := _HASHED_NAME.fullmatch(name):
                certificates, lists = _readable(str(Path(directory, name)))
                blocks += [] if match[1] else certificates
                crls += lists if match[1] else []
    return blocks, crls


def default_anchors(cafile: str | None, capath: str | None) -> Anchors:
    """What OpenSSL's default locations hold. A file is read once in a process, and again when it changes."""
    directories = capath.split(os.pathsep) if capath else []
    try:
        status = Path(cafile).stat() if cafile else None
    except (OSError, ValueError):
        status = None
    if cafile is None or status is None:
        return Anchors().with_directories(filter(None, directories))
    key = (cafile, status.st_mtime_ns, status.st_size, status.st_ino, capath)
    with _defaults_lock:
        known = _defaults.get(key)
    if known is None:
        known = _read_defaults(cafile).with_directories(filter(None, directories))
        with _defaults_lock:
            # A changed file is not asked for in its old state again.
            for other in [other for other in _defaults if other[0] == cafile and other[1:4] != key[1:4]]:
                del _defaults[other]
            while len(_defaults) >= _MOST_DEFAULTS:
                del _defaults[next(iter(_defaults))]
            known = _defaults.setdefault(key, known)
    return known


def _read_defaults(cafile: str) -> Anchors:
    try:
        data = Path(cafile).read_bytes()
    except OSError:
        return Anchors()
    blocks, is_whole = _openssl_blocks(data, is_file=True)
    if is_whole and all(_CERTIFICATES.get(label) is False for label, _ in blocks):
        anchors = Anchors().with_certificates([(der, False) for _, der in blocks])
        if not anchors.store.skipped:
            return anchors
    # Something beyond plain certificates: OpenSSL says whether it takes the file.
    try:
        # Not `ssl.SSLContext`: that name may have been given to ours.
        _ssl._SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile)  # noqa: SLF001 - see above
    except (OSError, ValueError):
        return Anchors()
    return Anchors().with_certificates(*_contents(data))


def _hashed(directories: Iterable[str], name_hash: str) -> list[Block]:
    for directory in directories:
        found = [block for path in _numbered(directory, f"{name_hash}.") for block in _readable(path)[0]]
        if found:
            return found
    return []


def _hashed_crls(directories: Iterable[str], name_hash: str) -> list[bytes]:
    for directory in directories:
        found = [crl for path in _numbered(directory, f"{name_hash}.r") for crl in _readable(path)[1]]
        if found:
            return found
    return []


def _numbered(directory: str, stem: str) -> Iterator[str]:
    """``stem0``, ``stem1`` … as long as they exist."""
    number = 0
    while (path := Path(directory, f"{stem}{number}")).exists():
        yield str(path)
        number += 1


def _readable(path: str) -> tuple[list[Block], list[bytes]]:
    """What a lookup in a hashed directory reads of a file: X509_load_cert_file, which takes trust settings
    from behind every certificate, whatever its label, and X509_load_crl_file."""
    try:
        certificates, crls = contents_of(path)
    except OSError:
        return [], []
    return [(der, True) for der, _ in certificates], crls
