"""Two sets of stores compared over a scan: ``certpath check --compare A B``, and ``certpath simulate``.

Both come to one judgement with the stores of both sets; what only one of them accepts is judged once more
by each alone, which tells the root and the reason. The second set of a simulation is the first without some
roots.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from certpath import TrustStore
from certpath._certpath import _without
from certpath._display import printable, shortened
from certpath.cli.judging import load_stores
from certpath.cli.options import UsageError
from certpath.cli.values import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from certpath import Certificate, Verifier
    from certpath.cli.options import Options, SimulateOptions

__all__ = ["Comparison", "compare", "comparison_lines", "print_comparison", "print_simulation", "simulated"]

_SHOWN = 20
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:?){20,64}")
_SHA256_DIGITS = 64


@dataclass(frozen=True)
class Comparison:
    """Who judges by each of two sets of stores, and what they are called."""

    first: Verifier
    second: Verifier
    taken: tuple[Certificate, ...]
    """The anchors that the second set does not have any more."""
    names: tuple[str, str]
    subjects: Mapping[str, str]
    """Of each root, by its fingerprint in hexadecimal."""

    @property
    def sides(self) -> tuple[Verifier, Verifier, frozenset[bytes]]:
        """What the scan is told."""
        return self.first, self.second, frozenset(one.sha256 for one in self.taken)

    @property
    def salt(self) -> str:
        """What makes it another comparison."""
        stores = [[store.name for store in side.stores] for side in (self.first, self.second)]
        return json.dumps([stores, [one.sha256.hex() for one in self.taken]])

    def subject_of(self, sha256: str | None) -> str:
        """The root of this fingerprint as it is shown."""
        if sha256 is None:
            return "no root that could be told"
        return f"{shortened(self.subjects.get(sha256, ''))} ({sha256[:16]})"


def compare(
    options: Options, names: tuple[str, str], *, warn: Callable[[str], None]
) -> tuple[Verifier, Comparison]:
    """The verifier for a scan whose stores `names` are to be compared.

    Raises `UsageError` if there is no store of such a name, and as `load_stores` does.
    """
    stores, make = load_stores(options, warn=warn)
    known = {store.name: store for store in stores}
    for name in names:
        if name not in known:
            meant = closest(name, known)
            there = f"did you mean {meant}?" if meant else f"there are {', '.join(known)}"
            raise UsageError(f"--compare: --roots names no store {name!r}; {there}")
    if names[0] == names[1]:
        raise UsageError(f"--compare: {names[0]} and {names[1]} are the same store")
    first, second = (make([known[name]]) for name in names)
    return make(stores), Comparison(first, second, (), names, _subjects(stores))


def simulated(
    options: Options, asked: SimulateOptions, *, warn: Callable[[str], None]
) -> tuple[Verifier, Comparison]:
    """The verifier for a scan that is judged with all roots and without some of them.

    Raises `UsageError` if what is to be taken out is not there, or if nothing would be left.
    """
    stores, make = load_stores(options, warn=warn)
    taken = _taken(stores, asked.without)
    fingerprints = [one.sha256 for one in taken]
    whole, reduced = [], []
    for store in stores:
        left = sum(root.sha256 not in fingerprints for root in store)
        if left == len(store):
            whole.append(store)
        elif left:
            reduced.append(_without(store, fingerprints, f"{store.name} without"))
    if not whole and not reduced:
        raise UsageError("--without: takes out every root, and nothing is left to judge by")
    first, second = make(stores), make([*whole, *reduced])
    names = ("before", "after")
    return make([*stores, *reduced]), Comparison(first, second, tuple(taken), names, _subjects(stores))


def _subjects(stores: Sequence[TrustStore]) -> dict[str, str]:
    return {root.sha256.hex(): root.subject for store in stores for root in store}


def _taken(stores: Sequence[TrustStore], words: Sequence[str]) -> list[Certificate]:
    """The roots that `words` mean, each once."""
    roots = {root.sha256: root for store in stores for root in store}
    taken: dict[bytes, Certificate] = {}
    for word in words:
        found = _meant(word, roots)
        if not found:
            names = ", ".join(store.name for store in stores)
            raise UsageError(
                f"--without {word}: no root of {names} has this fingerprint, name or certificate"
            )
        taken.update((root.sha256, root) for root in found)
    return list(taken.values())


def _meant(word: str, roots: Mapping[bytes, Certificate]) -> list[Certificate]:
    """By fingerprint, by file, or by a part of the subject."""
    if _FINGERPRINT.fullmatch(word):
        digits = word.replace(":", "").lower()
        if len(digits) != _SHA256_DIGITS:
            raise UsageError(
                f"--without {word}: has {len(digits)} digits; give the SHA-256 fingerprint, which has 64"
            )
        root = roots.get(bytes.fromhex(digits))
        return [] if root is None else [root]
    if Path(word).is_file():
        try:
            given = TrustStore.from_path(word)
        except (OSError, ValueError) as error:
            raise UsageError(f"--without {word}: {error}") from None
        return [roots[root.sha256] for root in given if root.sha256 in roots]
    part = word.casefold()
    return [root for root in roots.values() if part in root.subject.casefold()] if part.strip() else []


def comparison_lines(differences: Mapping[str, Any], comparison: Comparison) -> Iterator[str]:
    """What the summary of a scan says of two stores."""
    first, second = map(printable, comparison.names)
    only = differences["first_only"]
    yield (
        f"  trusted by {first} and not by {second}: {only}; by {second} and not by {first}: "
        f"{differences['second_only']}; by both: {differences['both']}, by neither: {differences['neither']}"
    )
    yield from _by_root(differences["outcomes"], comparison)


def _by_root(outcomes: Sequence[Mapping[str, Any]], comparison: Comparison) -> Iterator[str]:
    """Of each root how many rows, and what became of them; the most frequent first."""
    roots: dict[str | None, list[Mapping[str, Any]]] = {}
    for outcome in outcomes:
        roots.setdefault(outcome["root"], []).append(outcome)
    ordered = sorted(roots.items(), key=lambda item: (-sum(one["rows"] for one in item[1]), item[0] or ""))
    for root, of_root in ordered[:_SHOWN]:
        rows = sum(one["rows"] for one in of_root)
        parts = [
            f"{one['rows']} {one['refused'] or 'by ' + comparison.subject_of(one['moved'])}"
            for one in of_root[:_SHOWN]
        ]
        yield f"    {rows} {comparison.subject_of(root)}: {', '.join(parts)}"
    if len(ordered) > _SHOWN:
        yield f"    and {len(ordered) - _SHOWN} more roots"


def print_comparison(summary: Mapping[str, Any], comparison: Comparison) -> None:
    """Print what a comparison comes to, as JSON."""
    differences = summary["differences"]
    document = {
        "stores": list(comparison.names),
        "rows": summary["rows"],
        "first_only": differences["first_only"],
        "second_only": differences["second_only"],
        "both": differences["both"],
        "neither": differences["neither"],
        "outcomes": _outcomes(differences, comparison),
    }
    print(json.dumps(document, indent=2))


def _outcomes(differences: Mapping[str, Any], comparison: Comparison) -> list[dict[str, Any]]:
    """Of each root what became of its rows, with the subjects of the roots."""
    return [
        {
            **outcome,
            "root_subject": comparison.subjects.get(outcome["root"]),
            "moved_subject": comparison.subjects.get(outcome["moved"]),
        }
        for outcome in differences["outcomes"]
    ]


def print_simulation(summary: Mapping[str, Any], comparison: Comparison, *, as_json: bool) -> bool:
    """Print what a simulation comes to; whether nothing breaks."""
    differences = summary["differences"]
    breaks = differences["first_only"]
    moved = [one for one in differences["outcomes"] if one["moved"] is not None]
    broken = [one for one in differences["outcomes"] if one["refused"] is not None]
    survive = sum(one["rows"] for one in moved)
    if as_json:
        document = {
            "without": [{"sha256": one.sha256.hex(), "subject": one.subject} for one in comparison.taken],
            "rows": summary["rows"],
            "trusted": differences["both"] + breaks,
            "breaks": breaks,
            "survives": survive,
            "unaffected": differences["both"] - survive,
            "outcomes": _outcomes(differences, comparison),
        }
        print(json.dumps(document, indent=2))
        return not breaks
    lines = [f"without {len(comparison.taken)} {'root' if len(comparison.taken) == 1 else 'roots'}:"]
    lines += [f"    {comparison.subject_of(one.sha256.hex())}" for one in comparison.taken[:_SHOWN]]
    if len(comparison.taken) > _SHOWN:
        lines.append(f"    and {len(comparison.taken) - _SHOWN} more")
    lines.append(f"trusted before: {differences['both'] + breaks} of {summary['rows']}")
    lines.append(f"  break: {breaks}")
    lines += _by_root(broken, comparison)
    lines.append(f"  survive by another path: {survive}")
    lines += _by_root(moved, comparison)
    lines.append(f"  not concerned: {differences['both'] - survive}")
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return not breaks
