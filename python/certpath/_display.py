"""Foreign text for people: nothing that a terminal, a browser or an eye would take for something else."""

from __future__ import annotations

import re

__all__ = ["common_name", "printable", "quoted", "shortened"]

_LONGEST = 100
_COMMON_NAME = re.compile(r"(?:^|[,+])CN=((?:[^,+\\]|\\.)*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(?:([0-9A-Fa-f]{2})|(.))", re.DOTALL)


def printable(text: str) -> str:
    """`text` with everything a terminal might act on (control and format characters) as escapes."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def shortened(text: str, longest: int = _LONGEST) -> str:
    """`text` as `printable` has it, and what goes beyond `longest` characters counted in its place."""
    # What is cut off need not be made printable: a name may have 64 kB, and each of them may become ten.
    kept = printable(text[:longest])[:longest]
    left = len(text) - longest
    return kept if left <= 0 else f"{kept}… (and {left:,} characters more)"


def common_name(name: str) -> str:
    """The last commonName of a distinguished name as RFC 4514 writes it; the whole name if there is none."""
    found = _COMMON_NAME.search(name[: 16 * _LONGEST])
    if found is None or not found[1]:
        return name
    # What was a control character stays an escape; what is escaped for the syntax of names alone is not.
    return _ESCAPED.sub(lambda one: one[0] if one[1] else one[2], found[1])


def quoted(name: str) -> str:
    """The `common_name` of a distinguished name in quotes, fit to be shown."""
    return f'"{shortened(common_name(name))}"'
