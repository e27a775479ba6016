"""The progress bar. Needs `rich`, which the extra ``certpath[cli]`` brings."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from certpath._certpath import _Scan

__all__ = ["bar"]


@contextlib.contextmanager
def bar(scan: _Scan) -> Iterator[Callable[[], None]]:
    """A bar on stderr that is gone when all is done; what is yielded brings it up to date."""
    columns = [BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn()]
    if scan.size is not None:
        columns.append(TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=scan.size, said="")
        first = scan.progress[0]

        def show() -> None:
            rows, accepted, read = scan.progress
            elapsed = progress.tasks[0].elapsed or 0
            rate = (rows - first) / elapsed if elapsed else 0
            valid = f", {100 * accepted / rows:.1f} % valid" if rows else ""
            said = f"{rows:,} rows, {rate:,.0f}/s{valid}"
            progress.update(task, completed=read if scan.size else None, said=said)

        yield show
