"""What a benchmark gives back: tables, targets with what was measured, and bars for charts."""

from __future__ import annotations

import dataclasses
import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MICROSECONDS = "µs"
TIMES = " times"


@dataclasses.dataclass(frozen=True)
class Target:
    """What was wanted and what was found."""

    what: str
    target: str
    measured: str
    met: bool | None
    """``None`` where it was not run: `measured` says why."""

    @classmethod
    def at_most(cls, what: str, measured: float, limit: float, unit: str = "") -> Target:
        return cls(what, f"≤ {limit:g}{unit}", f"{measured:.2f}{unit}", measured <= limit)

    @classmethod
    def at_least(cls, what: str, measured: float, limit: float, unit: str = "") -> Target:
        return cls(what, f"≥ {limit:g}{unit}", f"{measured:.2f}{unit}", measured >= limit)

    @classmethod
    def not_run(cls, what: str, target: str, reason: str) -> Target:
        return cls(what, target, reason, None)

    @property
    def verdict(self) -> str:
        return "NOT RUN" if self.met is None else "met" if self.met else "missed"


@dataclasses.dataclass
class Table:
    """As it is printed, in Markdown."""

    title: str
    columns: Sequence[str]
    rows: list[list[str]] = dataclasses.field(default_factory=list)

    def add(self, *cells: object) -> None:
        self.rows.append([str(cell) for cell in cells])

    def text(self) -> str:
        lines = [self.columns, [":--", *["--:"] * (len(self.columns) - 1)], *self.rows]
        return "\n".join([self.title, "", *(f"| {' | '.join(cells)} |" for cells in lines)])


@dataclasses.dataclass
class Chart:
    """Bars: who, and how long it takes."""

    title: str
    unit: str
    bars: dict[str, float]


@dataclasses.dataclass
class Result:
    """One of the S of the design."""

    name: str
    tables: list[Table] = dataclasses.field(default_factory=list)
    targets: list[Target] = dataclasses.field(default_factory=list)
    charts: list[Chart] = dataclasses.field(default_factory=list)
    not_run: list[str] = dataclasses.field(default_factory=list)
    """Rivals that are missing, with the reason."""

    def text(self) -> str:
        """All of it, as the command of one benchmark prints it."""
        parts = [table.text() for table in self.tables]
        parts += [
            f"{self.name}, {one.what}: {one.measured} (target {one.target}): {one.verdict}"
            for one in self.targets
        ]
        return "\n\n".join([*parts, *(f"NOT RUN: {reason}" for reason in self.not_run)])


def geometric_mean(values: Iterable[float]) -> float:
    return math.exp(statistics.fmean(math.log(value) for value in values))
