"""What is to be judged: files, folders and standard input as chains, one each."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from certpath._certpath import _chain_of_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from certpath._certpath import Status

__all__ = ["CERTIFICATE_SUFFIXES", "LONGEST", "Presented", "Unjudged", "read_chains"]

CERTIFICATE_SUFFIXES = (".pem", ".crt", ".cer", ".der", ".p7b", ".p7c")
"""Which files of a folder are read; upper and lower case are the same."""

LONGEST = 64 << 20
"""Bytes of the longest file that is one chain."""


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
    chain: list[bytes] | Unjudged
    """DER, end entity first; or the file as it is if it is damaged, for the verifier to say so."""


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
        yield Presented(folder, Unjudged("input_error", _folder(folder, wanted)))
    for name in names:
        file = os.path.join(folder, name)  # noqa: PTH118 - "./a.pem" stays "./a.pem"
        yield Presented(file, _read(file))


def _folder(folder: str, wanted: str) -> str:
    return (
        f"a folder without any file {wanted}: no certificates found in {folder}; did you mean --format "
        "FORMAT, which reads all its files as scans?"
    )


def _read(file: str | None, head: bytes = b"") -> list[bytes] | Unjudged:
    """The chain in `file`, or in standard input behind `head` if it is ``None``."""
    try:
        if file is None:
            data = head + sys.stdin.buffer.read(LONGEST + 1)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(LONGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        return Unjudged("input_error", f"cannot be read: {reason}")
    if len(data) > LONGEST:
        return Unjudged("input_error", f"is longer than the {LONGEST} bytes that are read at once")
    return _find_chain(data)


def _find_chain(data: bytes) -> list[bytes] | Unjudged:
    """The certificates in `data`; whether they are sound is not for here to say."""
    found = _chain_of_file(data)
    return Unjudged(*found) if isinstance(found, tuple) else found
