"""Verdicts inside Ray Data: the rows of a Dataset judged where they are.

Needs Ray and pyarrow (the extra ``ray``). The nodes need them and certpath, too.
"""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    # Whoever checks types need not have it.
    from ray.data import Dataset  # type: ignore[import-not-found,import-untyped,unused-ignore]

    from certpath import Verifier

__all__ = ["verdicts"]


def verdicts(
    dataset: Dataset,
    verifier: Verifier,
    *,
    keep: Iterable[str] | bool = (),
    at: datetime.datetime | float | None = None,
    threads: int = 1,
    batch_size: int = 10_000,
    **columns: str | None,
) -> Dataset:
    """The verdict of each row of a Dataset, in the columns of docs/verdict.md, then those of `keep`.

    The arguments are those of `certpath.spark.verdicts`; a task judges `batch_size` rows at a time. Lazy,
    as all of Ray Data. The verifier goes into the object store, once for each node, and is rebuilt once in
    each process.
    """
    pa, ray = importlib.import_module("pyarrow"), importlib.import_module("ray")
    settings: dict[str, Any] = {
        "keep": keep if isinstance(keep, bool) else tuple(keep),
        "at": time.time() if at is None else at,
        "threads": threads,
        **columns,
    }
    reference = ray.put(verifier)

    def judge(batch: Any) -> Any:
        return pa.table(_rebuilt(reference).check_arrow(batch, **settings)).drop_columns("row")

    return dataset.map_batches(judge, batch_format="pyarrow", batch_size=batch_size)


_known: dict[Any, Any] = {}


def _rebuilt(reference: Any) -> Any:
    """The verifier in this process, with the signatures that it has checked; the last one asked for."""
    if reference not in _known:
        _known.clear()
        _known[reference] = importlib.import_module("ray").get(reference)
    return _known[reference]
