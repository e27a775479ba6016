"""Many generated handshakes, on several processes, and what became of them.

Each batch has a seed of its own, made of the run's seed and its number, so that a run comes out the same
however many processes share it. The seed fixes the structure of everything; keys and serial octets of
signatures are new in each process.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed as seeded, settings

from crosscheck import cases as files
from crosscheck.strategies import LATER_VERSIONS, VERSION_3, cases
from crosscheck.verdicts import IS_OPENSSL_3, Breach, compare

__all__ = ["BATCH", "Totals", "run"]

BATCH = 1_000
REPLAY = "python tests/crosscheck replay"


@dataclasses.dataclass
class Totals:
    """What has been counted."""

    outcomes: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    breaches: list[str] = dataclasses.field(default_factory=list)
    seconds: float = 0.0

    @property
    def handshakes(self) -> int:
        """Cases that were judged by both."""
        return sum(count for name, count in self.outcomes.items() if not name.startswith("not judged:"))

    def add(self, other: Totals) -> None:
        self.outcomes.update(other.outcomes)
        self.breaches += other.breaches

    def table(self) -> str:
        """All outcomes, the commonest of each kind first."""
        lines = [f"{'outcome':<64} {'cases':>8}"]
        for kind in ("accepted", "refused", "refused otherwise", "stricter", "not judged"):
            rows = [(-count, name) for name, count in self.outcomes.items() if name.partition(":")[0] == kind]
            lines += [f"{name:<64} {-count:>8}" for count, name in sorted(rows)]
        lines.append(f"{'handshakes judged by both':<64} {self.handshakes:>8}")
        lines.append(f"{'contract broken':<64} {len(self.breaches):>8}")
        lines.append(f"{self.seconds:.0f} seconds")
        return "\n".join(lines)


def batch(count: int, seed: int, folder: Path) -> Totals:
    """So many cases in this process; of a failure, the smallest case goes into a file in `folder`."""
    totals = Totals()
    file = folder / f"breach-{seed}.pem"

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(case=cases(VERSION_3 if IS_OPENSSL_3 else LATER_VERSIONS))
    def judge(case: files.Case) -> None:
        try:
            totals.outcomes[str(compare(case))] += 1
        except Breach:
            # Hypothesis ends with the smallest one, so that is the one that stays.
            files.write(case, file)
            raise

    try:
        judge()
    except Breach as breach:
        totals.breaches.append(f"{breach}\n    {REPLAY} {file}")
    return totals


def run(
    count: int, seed: int, jobs: int = 1, folder: Path | None = None, *, progress: bool = False
) -> Totals:
    """`count` cases in batches, with a line to standard error for every tenth of them if asked for."""
    began = time.monotonic()
    folder = folder or Path(tempfile.mkdtemp(prefix="certpath-crosscheck-"))
    sizes = [min(BATCH, count - start) for start in range(0, count, BATCH)]
    totals = Totals()
    if jobs == 1:
        for number, size in enumerate(sizes):
            totals.add(batch(size, seed * 1_000_003 + number, folder))
            _tell(progress, number + 1, len(sizes))
    else:
        # Forked processes would share what Hypothesis and OpenSSL keep; new ones share nothing.
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context) as pool:
            seeds = [seed * 1_000_003 + number for number in range(len(sizes))]
            for number, done in enumerate(pool.map(batch, sizes, seeds, [folder] * len(sizes))):
                totals.add(done)
                _tell(progress, number + 1, len(sizes))
    totals.seconds = time.monotonic() - began
    return totals


def _tell(progress: bool, done: int, batches: int) -> None:
    if progress and (done * 10 // batches) != ((done - 1) * 10 // batches):
        print(f"{done} of {batches} batches", file=sys.stderr)
