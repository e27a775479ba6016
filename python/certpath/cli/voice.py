"""What the command says beside its results: lines on standard error."""

from __future__ import annotations

import sys

from certpath._display import printable

__all__ = ["Voice", "tell"]


def tell(text: str) -> None:
    """One line on standard error, without control characters from foreign data."""
    print(f"certpath: {printable(text)}", file=sys.stderr)


class Voice:
    """What is said of a run: all of it, or, where quiet was asked for, only what ends the command."""

    def __init__(self, *, is_quiet: bool) -> None:
        self.is_quiet = is_quiet

    def say(self, text: str) -> None:
        """Tell something by the way."""
        if not self.is_quiet:
            tell(text)

    @staticmethod
    def error(text: str) -> None:
        """Tell why the command could not be carried out."""
        tell(f"error: {text}")
