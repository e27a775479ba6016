"""Rivals taking turns."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def in_turns(
    calls: dict[str, Callable[[], object]], rounds: int, before: dict[str, Callable[[], object]] | None = None
) -> dict[str, float]:
    """The median time of each call, in seconds; what is to be done before it is not counted.

    Another one begins each round. A call that measures itself returns a float: its own seconds.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            if before is not None and name in before:
                before[name]()
            own: object = None  # what the call before this one made is freed in nobody's time
            start = time.perf_counter()
            own = calls[name]()
            taken = time.perf_counter() - start
            times[name].append(own if isinstance(own, float) else taken)
    return {name: statistics.median(taken) for name, taken in times.items()}
