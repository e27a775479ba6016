"""Parquet files of verdicts, as ``certpath report`` and ``certpath calendar`` read them."""

from __future__ import annotations

import contextlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from certpath.cli.options import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["BATCH_ROWS", "open_verdicts", "pyarrow_for"]

BATCH_ROWS = 65_536
"""Rows that are held at once."""


def pyarrow_for(command: str) -> tuple[Any, Any, Any]:
    """The modules pyarrow, pyarrow.compute and pyarrow.parquet. Raises `UsageError` if they are missing."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.compute"), import_module("pyarrow.parquet")
    except ModuleNotFoundError:
        raise UsageError(
            f"{command} needs pyarrow, which is missing: pip install 'certpath[report]'"
        ) from None


@contextlib.contextmanager
def open_verdicts(path: Path, command: str, needed: Sequence[str]) -> Iterator[Any]:
    """The file, opened; `UsageError` for whatever is wrong with it, now or while it is read."""
    lib, _, parquet = pyarrow_for(command)
    try:
        with parquet.ParquetFile(path) as file:
            missing = [name for name in needed if name not in file.schema_arrow.names]
            if missing:
                raise UsageError(
                    f"{path}: has no column {missing[0]}: give a Parquet file that certpath check has written"
                )
            yield file
    except lib.ArrowInvalid as error:
        raise UsageError(f"{path}: is not a Parquet file that certpath check has written: {error}") from None
    except (OSError, lib.ArrowException) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
