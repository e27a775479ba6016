"""The command ``certpath``: judge certificate chains from files and say why not.

``running`` does what a command asks for: ``arguments`` and ``values`` turn words into `Options`, ``inputs``
turns files into chains, ``judging`` turns chains into rows, ``formats`` and ``table`` turn rows into text,
``outputs`` says where the text goes. Scans are judged by ``scanning``, with a bar from ``progress``. One
chain is explained by ``explaining``, with ``tree`` and ``drawing`` for what is shown, and ``live`` for hosts.
What is said meanwhile goes through ``voice``.
Questions about many roots are ``comparing``'s, ``graphing``'s and ``expiry_calendar``'s.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with the words `argv` (default: ``sys.argv[1:]``) and return its exit code.

    0: all chains are valid. 1: some are not, or could not be read. 2: the command could not be carried out
    as given. 130: interrupted. 141: the reader of the output went away. Never raises for bad input.
    """
    words = sys.argv[1:] if argv is None else argv
    if list(words) == ["--version"] and sys.stdout is not None:
        try:
            print(version(), flush=True)
        except OSError:
            pass  # the long way tells what is wrong with standard output
        else:
            return 0
    from certpath.cli.running import run  # noqa: PLC0415 - the rest of the command takes four times as long

    return run(words)


def version() -> str:
    """What ``--version`` prints: the version, and what checks signatures."""
    from certpath import __version__, backend  # noqa: PLC0415 - no more than the question needs

    return f"certpath {__version__}\nsignatures: {backend}"
