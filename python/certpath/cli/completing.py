"""``certpath completion``: a script that completes commands in a shell, made of the parser of arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certpath.cli.options import UsageError
from certpath.cli.parser import make_parser

if TYPE_CHECKING:
    from certpath.cli.options import Shell

__all__ = ["complete"]

_FILES = frozenset(
    {"chain", "crl", "files", "intermediates", "missing_issuers", "output", "roots", "svg", "verdicts"}
)
_FOLDERS = frozenset({"issuers"})


def complete(shell: Shell) -> None:
    """Print the script."""
    try:
        import shtab  # noqa: PLC0415 - few need it
    except ImportError as error:
        message = "completion needs the package shtab: pip install 'certpath[cli]'"
        raise UsageError(message) from error
    parser, commands = make_parser()
    for command in commands.values():
        for action in command._actions:  # noqa: SLF001 - no public list
            if action.dest in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined] # where shtab looks for it
            elif action.dest in _FOLDERS:
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    print(shtab.complete(parser, shell))
