"""How results read: JSON lines, CSV, plain lines, and the summary."""

from __future__ import annotations

import csv
import datetime
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from certpath import Policy
from certpath._certpath import _csv_fields
from certpath._display import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from certpath import Verifier
    from certpath.cli.judging import Row

__all__ = ["CSV_COLUMNS", "Tally", "csv_writer", "json_line", "judged_by", "plain_line", "rfc3339"]

CSV_COLUMNS = ("file", "name", *_csv_fields())
"""The columns of the CSV format, in this order; docs/cli.md says what they hold."""


def rfc3339(moment: datetime.datetime) -> str:
    """An aware time as RFC 3339 text in UTC, to the second."""
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def json_line(row: Row) -> str:
    """The row as one line of JSON, in ASCII, without the line end."""
    return json.dumps(row.to_dict(), separators=(",", ":"))


def plain_line(row: Row) -> str:
    """The row as one line for people, without the line end."""
    if row.unjudged is not None:
        return printable(f"{row.file}: {row.message}")
    sent = "" if row.sent is None else f"; as sent: {row.sent}"
    return printable(f"{row.file}: {row.verdict}{sent}")


def csv_writer(stream: TextIO) -> Callable[[Row], None]:
    """Write the header of `CSV_COLUMNS` to `stream` and return what writes a row."""
    lines = csv.DictWriter(stream, CSV_COLUMNS, lineterminator="\n")
    lines.writeheader()

    def write(row: Row) -> None:
        fields = row.to_dict()
        cells = {column: _cell(fields[column]) for column in CSV_COLUMNS}
        if stream.isatty():  # which would act on what a file's name holds
            cells = {column: printable(cell) for column, cell in cells.items()}
        lines.writerow(cells)

    return write


def _cell(value: Any) -> str:
    """A value of `Verdict.to_dict` as CSV has it: of findings the names, nothing for ``None``."""
    if isinstance(value, list):
        return "; ".join(item["name"] if isinstance(item, dict) else item for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


class Tally:
    """Counts of rows by status, and of refused ones by main reason."""

    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._without_chain = 0
        self._reasons: Counter[str] = Counter()

    def add(self, row: Row) -> None:
        """Count `row`."""
        self._statuses[row.status] += 1
        self._without_chain += row.complaint is not None
        if not row.ok:
            self._reasons[row.reason] += 1

    @property
    def all_ok(self) -> bool:
        """Every row so far is accepted."""
        return self._statuses.total() == self._statuses["ok"]

    def lines(self, verifier: Verifier, *, name: str | None, at: datetime.datetime) -> Iterator[str]:
        """The summary: what was judged by what, and how it went."""
        total = self._statuses.total() - self._without_chain
        whose = "names not checked" if name is None else f"name {name}"
        found = _numbered(total, "chain")
        if self._without_chain:
            found += f" and {_numbered(self._without_chain, 'file')} without"
        yield printable(f"{found} as of {rfc3339(at)}, {judged_by(verifier)}, {whose}")
        yield f"  {_counts(self._statuses)}"
        if self._reasons:
            yield f"  main reasons: {_counts(self._reasons)}"


def judged_by(verifier: Verifier) -> str:
    """Stores and policy, and the release of OpenSSL where it is not the one that this Python links."""
    stores, policy = verifier.stores, verifier.policy
    words = f"store{'s' if len(stores) > 1 else ''} {', '.join(store.name for store in stores)}"
    words += f", policy {policy.preset}"
    if policy.openssl not in {None, Policy.ssl().openssl}:
        words += f" of OpenSSL {policy.openssl}"
    return words


def _numbered(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _counts(counter: Counter[str]) -> str:
    """The most frequent first."""
    return ", ".join(f"{count} {printable(what)}" for what, count in counter.most_common() if count)
