"""What is to be judged: files, folders and standard input as chains, one each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from certpath._certpath import _ChainFiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from certpath._certpath import Status

__all__ = ["Presented", "Unjudged", "read_chains"]


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


def read_chains(files: Sequence[str], stdin_head: bytes | None = None) -> Iterator[Presented]:
    """One `Presented` for each file, in order; of a folder, its certificate files by name. Of standard input
    `stdin_head` has been read already.

    Never raises for a file; what went wrong is in `Presented.chain`.
    """
    for file, chain in _ChainFiles(files, stdin_head):
        yield Presented(file, Unjudged(*chain) if isinstance(chain, tuple) else chain)
