"""What is to be judged: files, folders and standard input as chains, one each."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from certpath._certpath import Status

__all__ = ["CERTIFICATE_SUFFIXES", "Presented", "Unjudged", "read_chains"]

CERTIFICATE_SUFFIXES = (".pem", ".crt", ".cer", ".der")
"""Which files of a folder are read; upper and lower case are the same."""

_PEM_LABEL = re.compile(rb"-----BEGIN ([^\r\n-]+)-----")

# RFC 7468, and what OpenSSL writes besides.
_PEM_CONTENTS = {
    "CERTIFICATE REQUEST": "a certificate request",
    "NEW CERTIFICATE REQUEST": "a certificate request",
    "X509 CRL": "a revocation list (give it with --crl)",
    "PKCS7": "a PKCS #7 bundle (openssl pkcs7 -print_certs takes it apart)",
    "CMS": "a CMS message",
    "PUBLIC KEY": "a public key",
    "TRUSTED CERTIFICATE": "OpenSSL's TRUSTED CERTIFICATE (openssl x509 makes a plain one of it)",
}


@dataclass(frozen=True)
class Unjudged:
    """Why there is nothing to judge."""

    status: Status
    """``input_error`` (cannot be read), ``no_certificate`` or ``unparseable``."""
    complaint: str


@dataclass(frozen=True)
class Presented:
    """What one file gave."""

    file: str
    """The path as it was given, or folder and file name, or ``-``."""
    chain: bytes | Unjudged
    """PEM with the end entity first, or the DER of one certificate."""


def read_chains(files: Iterable[str], stdin_head: bytes | None = None) -> Iterator[Presented]:
    """One `Presented` for each file, in order; of a folder, its certificate files by name. Of standard input
    `stdin_head` has been read already.

    Never raises for a file; what went wrong is in `Presented.chain`.
    """
    for file in files:
        if file == "-":
            yield Presented(file, _read(None, stdin_head or b""))
        elif os.path.isdir(file):  # noqa: PTH112 - the path is shown as it was given
            yield from _read_folder(file)
        else:
            yield Presented(file, _read(file))


def _read_folder(folder: str) -> Iterator[Presented]:
    try:
        names = sorted(
            entry.name
            for entry in os.scandir(folder)
            if entry.name.lower().endswith(CERTIFICATE_SUFFIXES) and entry.is_file()
        )
    except OSError as error:
        yield Presented(folder, Unjudged("input_error", f"cannot be read: {error.strerror}"))
        return
    if not names:
        wanted = ", ".join(f"*{suffix}" for suffix in CERTIFICATE_SUFFIXES)
        yield Presented(folder, Unjudged("input_error", f"a folder without any file {wanted}"))
    for name in names:
        file = os.path.join(folder, name)  # noqa: PTH118 - "./a.pem" stays "./a.pem"
        yield Presented(file, _read(file))


def _read(file: str | None, head: bytes = b"") -> bytes | Unjudged:
    """The chain in `file`, or in standard input behind `head` if it is ``None``."""
    try:
        data = head + sys.stdin.buffer.read() if file is None else Path(file).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        return Unjudged("input_error", f"cannot be read: {reason}")
    return _find_chain(data)


def _find_chain(data: bytes) -> bytes | Unjudged:
    """`data`, if it looks like certificates; whether they are sound is not for here to say."""
    labels = [label.decode("ascii", "replace") for label in _PEM_LABEL.findall(data)]
    if labels:
        if "CERTIFICATE" in labels:
            return data
        kinds = dict.fromkeys(_pem_content(label) for label in labels)
        return Unjudged("no_certificate", f"holds {' and '.join(kinds)}, but no certificate")
    if not data.strip():
        return Unjudged("no_certificate", "is empty")
    if data[0] != 0x30:  # SEQUENCE, as every DER certificate starts
        return Unjudged("unparseable", "is neither PEM nor DER")
    other = _other_der(data)
    if other is not None:
        return Unjudged("no_certificate", f"holds {other}, but no certificate")
    return data


def _pem_content(label: str) -> str:
    if label.endswith("PRIVATE KEY"):
        return "a private key"
    return _PEM_CONTENTS.get(label, f"a PEM block called {label}")


def _other_der(data: bytes) -> str | None:
    """What a DER SEQUENCE is that starts with a version number or an OID; ``None`` for all others.

    A Certificate starts with a SEQUENCE. PrivateKeyInfo (RFC 5958), RSAPrivateKey (RFC 8017) and
    ECPrivateKey (RFC 5915) start with version 0 or 1, PFX (RFC 7292) with version 3, ContentInfo
    (RFC 5652) with an OID.
    """
    length_of_length = data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0
    version = data[2 + length_of_length :][:3]
    if version in {b"\x02\x01\x00", b"\x02\x01\x01"}:
        return "a private key"
    if version == b"\x02\x01\x03":
        return "a PKCS #12 container"
    if version[:1] == b"\x06":
        return _PEM_CONTENTS["PKCS7"]
    return None
