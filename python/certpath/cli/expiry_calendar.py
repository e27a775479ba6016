"""``certpath calendar``: on which day how many certificates cease to be trusted, by root and issuer.

Verdicts are gone through a batch at a time, and counted by SQLite, which sorts in temporary files: memory
does not grow with the rows, nor with the names that somebody may invent.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import sqlite3
from typing import TYPE_CHECKING, Any, BinaryIO

from certpath import TrustStore
from certpath.cli.judging import load_store
from certpath.cli.outputs import replacing_octets
from certpath.cli.verdict_files import BATCH_ROWS, open_verdicts, pyarrow_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from certpath.cli.options import CalendarOptions

__all__ = ["calendar"]

_NEEDED = ("has_trusted_path", "not_after", "leaf_sha256", "anchor_sha256", "path_sha256")
_COLUMNS = ("day", "root", "root_sha256", "issuer", "issuer_sha256", "certificates", "rows")
_CACHE_KIB = 16_384

_Entry = tuple[str, str | None, bytes, str | None, bytes | None, int, int]

_COUNT = """
SELECT day, root, min(name), issuer, count(*), sum(rows) FROM (
    SELECT day, root, issuer, min(name) AS name, count(*) AS rows
    FROM verdicts GROUP BY day, root, issuer, leaf
) GROUP BY day, root, issuer ORDER BY day, root, issuer
"""


def calendar(options: CalendarOptions, *, warn: Callable[[str], None]) -> None:
    """Write the calendar. Raises `UsageError` if verdicts cannot be read, or the calendar not be written."""
    lib, compute, parquet = pyarrow_for("calendar")
    roots = _names_of_roots(options, warn)
    with contextlib.closing(sqlite3.connect("")) as counted:  # a file without a name, gone when it is closed
        counted.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        counted.execute("PRAGMA temp_store = FILE")
        counted.execute("CREATE TABLE verdicts (day TEXT, root BLOB, issuer BLOB, name TEXT, leaf BLOB)")
        for rows in _rows_of(options.verdicts, compute):
            counted.executemany("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?)", rows)
        entries = (
            (day, roots.get(root), root, name, issuer, certificates, rows)
            for day, root, name, issuer, certificates, rows in counted.execute(_COUNT)
        )
        with replacing_octets(options.output) as stream:
            if options.output.suffix.lower() == ".parquet":
                _write_parquet(entries, stream, lib, parquet)
            else:
                _write_csv(entries, stream)


def _names_of_roots(options: CalendarOptions, warn: Callable[[str], None]) -> dict[bytes, str]:
    stores = [load_store(roots, warn) for roots in options.roots]
    stores = stores or [TrustStore.mozilla(), TrustStore.chrome()]
    return {root.sha256: root.subject for store in stores for root in store}


def _rows_of(path: Path, compute: Any) -> Iterator[Iterator[tuple[Any, ...]]]:
    """Day, root, issuer, the issuer's name and end entity of each row that has a trusted path, in batches."""
    with open_verdicts(path, "calendar", _NEEDED) as file:
        named = "issuer" in file.schema_arrow.names
        columns = [*_NEEDED, *(["issuer"] if named else [])]
        for batch in file.iter_batches(BATCH_ROWS, columns=columns):
            trusted = batch.filter(
                compute.and_(batch.column("has_trusted_path"), compute.is_valid(batch.column("not_after")))
            )
            days = compute.strftime(trusted.column("not_after"), format="%Y-%m-%d").to_pylist()
            path_of = trusted.column("path_sha256").to_pylist()
            # Of a root or a pinned certificate that was sent alone there is no other issuer.
            issuers = [path[1] if len(path) > 1 else path[0] if path else None for path in path_of]
            names = trusted.column("issuer").to_pylist() if named else [None] * len(days)
            roots = trusted.column("anchor_sha256").to_pylist()
            leaves = trusted.column("leaf_sha256").to_pylist()
            yield zip(days, roots, issuers, names, leaves, strict=True)


def _write_csv(entries: Iterator[_Entry], stream: BinaryIO) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in entries:
        writer.writerow(value.hex() if isinstance(value, bytes) else value for value in entry)
    text.flush()
    text.detach()


def _write_parquet(entries: Iterator[_Entry], stream: BinaryIO, lib: Any, parquet: Any) -> None:
    types = (
        lib.date32(),
        lib.string(),
        lib.binary(32),
        lib.string(),
        lib.binary(32),
        lib.uint64(),
        lib.uint64(),
    )
    schema = lib.schema(list(zip(_COLUMNS, types, strict=True)))
    with parquet.ParquetWriter(stream, schema) as writer:
        while part := list(itertools.islice(entries, BATCH_ROWS)):
            days, *others = zip(*part, strict=True)
            arrays = [lib.array(days).cast(lib.date32())]
            arrays += [lib.array(values, kind) for values, kind in zip(others, types[1:], strict=True)]
            writer.write_batch(lib.record_batch(arrays, schema=schema))
