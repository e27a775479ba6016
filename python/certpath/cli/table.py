"""The table for the terminal. Needs `rich`, which the extra ``certpath[cli]`` brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from certpath._display import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from certpath.cli.judging import Row

__all__ = ["print_table"]

_STYLES = {"ok": "green", "invalid": "red"}

# Wide enough that nothing is folded where there is no edge to fold at.
_UNBOUNDED = 1000


def print_table(rows: Sequence[Row], stream: TextIO) -> None:
    """Print one line for each row to `stream`, and below it all findings of each refused chain, and of each
    accepted one that was sent with faults.

    The table is as wide as the terminal; into anything else, as wide as it needs.
    """
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not stream.isatty():
        console.width = _UNBOUNDED
    console.print(_table(rows))
    for row in rows:
        if row.unjudged is not None or (row.ok and row.sent is None):
            continue
        console.print()
        console.print(Text(printable(row.file), style="bold"))
        for line in row.verdict.explain().split("\n"):
            console.print(Text(f"  {printable(line)}"), soft_wrap=True)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(header_style="bold")
    table.add_column("file", overflow="fold")
    table.add_column("name", overflow="fold")
    table.add_column("verdict")
    table.add_column("code", justify="right")
    table.add_column("depth", justify="right")
    table.add_column("main finding", overflow="fold")
    table.add_column("more", justify="right")
    for row in rows:
        verdict = row.verdict
        more = len(verdict.findings) - 1 if row.unjudged is None else 0
        cells = (
            Text(printable(row.file)),
            Text(printable(verdict.name or "")) if verdict.name else Text("not checked", style="dim"),
            Text(row.status, style=_STYLES.get(row.status, "yellow")),
            Text(_number(verdict.verify_code)),
            Text(_number(verdict.error_depth)),
            Text(printable(row.message)),
            Text(f"+{more}" if more > 0 else ""),
        )
        table.add_row(*cells)
    return table


def _number(number: int | None) -> str:
    return "" if number is None else str(number)
