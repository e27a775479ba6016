"""Where second opinions differ from ours, and why, as the tables of docs/second-opinions.md.

Nothing of them is written by hand: whoever refuses says why in its own words, and the example is the
case with the fewest peculiarities that came to this.
"""

from __future__ import annotations

import collections
import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed as seeded, settings

from crosscheck.opinions import OK, RIVALS, our_opinion
from crosscheck.strategies import Profile, cases

if TYPE_CHECKING:
    from crosscheck.cases import Case
    from crosscheck.opinions import Rival

__all__ = ["BATCH", "DOCUMENT", "Comparison", "compare", "generate", "rows", "write"]

BATCH = 300
MOST_TOLD = 2
"""Peculiarities of an example; of more, nobody sees which one mattered."""
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "second-opinions.md"
# What all of them are made for: names and dates as they should be written, no flags but a few.
PROFILE = Profile(odd_hosts=False, malformed_dates=False, revocation=False, web=True)


def generate(count: int, seed: int) -> list[Case]:
    """Chains to be judged, without repetitions."""
    found: dict[tuple[object, ...], Case] = {}

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(PROFILE))
    def collect(case: Case) -> None:
        found.setdefault((case.note, case.settings), case)

    collect()
    return list(found.values())


@dataclasses.dataclass
class Comparison:
    """One rival's answers beside ours."""

    rival: Rival
    outcomes: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    differences: dict[tuple[str, str], list[Case]] = dataclasses.field(default_factory=dict)
    """Cases by who refuses and why."""

    def add(self, judged: list[Case]) -> None:
        for case, theirs in zip(judged, self.rival.judge(judged), strict=True):
            verdict = our_opinion(self.rival, case)
            ours = "store unreadable" if verdict is None else OK if verdict.ok else verdict.findings[0].name
            if (theirs == OK) == (ours == OK):
                self.outcomes["both accept" if ours == OK else "both refuse"] += 1
                continue
            if ours == OK:
                assert verdict is not None
                reason = f"{theirs} ({', '.join(verdict.exceptions)})" if verdict.exceptions else theirs
                refuser = self.rival.name
            else:
                reason, refuser = f"`{ours}`", "certpath"
            self.outcomes[f"only {refuser} refuses"] += 1
            self.differences.setdefault((refuser, reason), []).append(case)

    def rows(self) -> list[tuple[str, str, int, str]]:
        """Who refuses, why, how often, and the plainest example."""
        ordered = sorted(self.differences.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
        return [(refuser, reason, len(found), _plainest(found)) for (refuser, reason), found in ordered]


def _plainest(found: list[Case]) -> str:
    case = min(found, key=lambda case: (case.note.count("\n"), len(case.chain), case.note))
    hierarchy, *peculiarities = case.note.splitlines()
    if case.settings.host != "www.example.test":
        peculiarities.append(f"asked for {case.settings.host}")
    return told(hierarchy, peculiarities)


def told(hierarchy: str, peculiarities: list[str]) -> str:
    """What is odd about a case, or what its keys are; not of one in which many things are odd."""
    if len(peculiarities) > MOST_TOLD:
        return ""
    return "; ".join(peculiarities) or f"keys {hierarchy.partition(', keys ')[2]}"


def compare(count: int, seed: int) -> list[Comparison]:
    """All rivals on the same chains, in batches of which each has a seed of its own."""
    comparisons = [Comparison(rival) for rival in RIVALS]
    for number in range(0, count, BATCH):
        judged = generate(min(BATCH, count - number), seed * 1_000_003 + number // BATCH)
        for comparison in comparisons:
            comparison.add(judged)
    return comparisons


def document(count: int, seed: int) -> str:
    """The whole page."""
    comparisons = compare(count, seed)
    total = sum(comparisons[0].outcomes.values())
    lines = [
        "# Second opinions",
        "",
        f"{total:,} different generated chains, judged by certpath and by other verifiers. A command writes",
        "this page; tests/crosscheck/test_opinions.py holds a smaller run to its rows:",
        "",
        "```sh",
        f"python tests/crosscheck opinions --count {count} --seed {seed}",
        "```",
        "",
        "Reasons are in the words of who refuses, without names and numbers. The example is the case with",
        "the fewest peculiarities, if it has at most two: what is odd about it, or its keys. Certificate 0",
        "is the end entity.",
    ]
    for comparison in comparisons:
        rival = comparison.rival
        outcomes = ", ".join(f"{name} {found:,}" for name, found in sorted(comparison.outcomes.items()))
        lines += ["", f"## {rival.name}", "", f"{rival.version}, beside {rival.policy}: {outcomes}."]
        for refuser in ("certpath", rival.name):
            told_of = [
                f"| {why} | {found:,} | {example + ' ' if example else ''}|"
                for who, why, found, example in comparison.rows()
                if who == refuser
            ]
            if told_of:
                lines += ["", f"| Refused by {refuser} alone | Chains | Example |", "|:--|--:|:--|", *told_of]
    return "\n".join(lines) + "\n"


def rows(text: str) -> set[tuple[str, str, str]]:
    """Rival, refuser and reason of each row of the page."""
    found, rival, refuser = set(), "", ""
    for line in text.splitlines():
        if line.startswith("## "):
            rival = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if header := re.fullmatch(r"Refused by (\S+) alone", cells[0]):
            refuser = header[1]
        elif line.startswith("| ") and len(cells) == 3:
            found.add((rival, refuser, cells[0]))
    return found


def write(count: int, seed: int) -> int:
    """Make the page anew."""
    DOCUMENT.write_text(document(count, seed), encoding="utf-8")
    print(f"{DOCUMENT.name} is written")
    return 0
