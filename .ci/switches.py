"""Many changes to Rust sources in one build: every function concerned stands there with its body as it is and
with each changed one, and a variable of the environment chooses. For mutants.py.

The sources are formatted by rustfmt, so that a function ends with the first closing brace as far indented as
it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

VARIABLE = "CERTPATH_MUTANT"
"""Holds the number of the change that is at work."""

MODULE = f"""//! Which of the changes is at work.

use std::sync::LazyLock;

static AT_WORK: LazyLock<Option<usize>> =
    LazyLock::new(|| std::env::var("{VARIABLE}").ok()?.parse().ok());

pub(crate) fn is(number: usize) -> bool {{
    *AT_WORK == Some(number)
}}
"""
"""What the functions ask, as `crate::mutant`."""

FUNCTION = re.compile(r"^( *)(?:pub(?:\([a-z: ]+\))? )?((?:const |unsafe )*)fn \w", re.MULTILINE)


class Span(NamedTuple):
    """From here to there in a text."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        """Whether the other one is a part of it."""
        return self.start <= other.start and other.end <= self.end


class Change(NamedTuple):
    """One piece of a file, and what one of the mutants has in its place."""

    number: int
    before: str
    after: str


def body_around(text: str, place: Span) -> Span | None:
    """What stands between the braces of the innermost function around a place; ``None`` if there is none, or
    none that can have two bodies: one for the compiler itself, or one whose type is that of its body.
    """
    for found in reversed(list(FUNCTION.finditer(text, 0, place.start))):
        indent = found[1]
        end = text.find(f"\n{indent}}}\n", found.start()) + 1
        brace = re.compile(rf"^{indent}(?:\S.*)?\{{$", re.MULTILINE).search(text, found.start())
        if brace is None or end < place.end or brace.end() > place.start:
            continue
        told = text[found.start() : brace.end()]
        is_fixed = "const " in found[2] or "impl " in told.partition("->")[2]
        return None if is_fixed else Span(brace.end(), end)
    return None


def switched(text: str, changes: Sequence[Change]) -> str:
    """The file with all changes in it, none of them at work unless it is chosen."""
    bodies: dict[Span, list[Change]] = defaultdict(list)
    for change in changes:
        start = text.index(change.before)
        body = body_around(text, Span(start, start + len(change.before)))
        if body is None:
            raise ValueError(f"cannot be switched: {change.before}")
        bodies[body].append(change)
    outer = [one for one in bodies if not any(other != one and other.holds(one) for other in bodies)]
    for body in sorted(outer, reverse=True):
        concerned = [change for inner, some in bodies.items() if body.holds(inner) for change in some]
        sound = text[slice(*body)]
        broken: dict[int, str] = {}
        for number, before, after in concerned:
            broken[number] = broken.get(number, sound).replace(before, after)
        branches = "".join(
            f"\nif crate::mutant::is({number}) {{{one}}} else " for number, one in broken.items()
        )
        text = f"{text[: body.start]}{branches}{{{sound}}}{text[body.end :]}"
    return text
