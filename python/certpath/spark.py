"""Verdicts inside Apache Spark: the rows of a DataFrame judged where they are.

Needs PySpark 4 and pyarrow (the extra ``spark``). The executors need them and certpath, too.
"""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator

    # Whoever checks types need not have it.
    from pyspark.sql import DataFrame  # type: ignore[import-not-found,import-untyped,unused-ignore]

    from certpath import Verifier

__all__ = ["verdicts"]


def verdicts(
    df: DataFrame,
    verifier: Verifier,
    *,
    keep: Iterable[str] | bool = (),
    at: datetime.datetime | float | None = None,
    threads: int = 1,
    **columns: str | None,
) -> DataFrame:
    """The verdict of each row of a DataFrame, in the columns of docs/verdict.md, then those of `keep`.

    The DataFrame has chains as `Verifier.check_arrow` takes them: ``chain`` (an array of binary, end
    entity first) or ``leaf`` and ``chain``, and if it likes ``name``, ``at`` and ``key``; `columns` says
    what they are called instead (``chain="certificates"``, ``time="scanned_at"``). Rows have no number
    here, as partitions have no order: ``key``, or a column that is kept, tells which is which.

    `at` is the time of judgement for rows without one of their own; by default that of this call, on all
    executors. `threads` are those of one task; Spark itself runs as many tasks as it has cores.

    Lazy, as all of Spark; what is wrong with the columns is said at once, though. The verifier is
    broadcast: sent to an executor once, and rebuilt once in each of its Python processes.
    """
    pa, types = importlib.import_module("pyarrow"), importlib.import_module("pyspark.sql.types")
    settings: dict[str, Any] = {
        "keep": keep if isinstance(keep, bool) else tuple(keep),
        "at": time.time() if at is None else at,
        "threads": threads,
        **columns,
    }
    nothing = df.limit(0).toArrow()
    own = len(_schema(verifier.check_arrow(nothing, **{**settings, "keep": ()})))
    schema = _schema(verifier.check_arrow(nothing, **settings))
    arrow_fields, spark_fields = [], []
    for position, field in enumerate(schema):
        if position >= own:
            arrow_fields.append(field)
            spark_fields.append(df.schema[field.name])
        elif field.name != "row":
            arrow_fields.append(_portable(field))
            spark_fields.append(_spark_field(arrow_fields[-1]))
    arrow = pa.schema(arrow_fields)
    broadcast = df.sparkSession.sparkContext.broadcast(verifier)

    def judge(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            for judged in pa.RecordBatchReader.from_stream(broadcast.value.check_arrow(batch, **settings)):
                yield judged.select(arrow.names).cast(arrow)

    return df.mapInArrow(judge, types.StructType(spark_fields))


def _schema(stream: Any) -> Any:
    pa = importlib.import_module("pyarrow")
    return pa.RecordBatchReader.from_stream(stream).schema


def _portable(field: Any) -> Any:
    """The field with a type that Spark has, too."""
    return field.with_type(_portable_type(field.type))


def _portable_type(kind: Any) -> Any:
    pa = importlib.import_module("pyarrow")
    if pa.types.is_unsigned_integer(kind):
        return pa.int64()
    if pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    if pa.types.is_list(kind):
        return pa.list_(_portable(kind.value_field))
    if pa.types.is_struct(kind):
        return pa.struct([_portable(field) for field in kind.fields])
    return kind


def _spark_field(field: Any) -> Any:
    """The same field in Spark's words."""
    types = importlib.import_module("pyspark.sql.types")
    return types.StructField(field.name, _spark_type(field.type), field.nullable)


def _spark_type(kind: Any) -> Any:
    pa, types = importlib.import_module("pyarrow"), importlib.import_module("pyspark.sql.types")
    if pa.types.is_list(kind):
        return types.ArrayType(_spark_type(kind.value_type), kind.value_field.nullable)
    if pa.types.is_map(kind):
        return types.MapType(_spark_type(kind.key_type), _spark_type(kind.item_type))
    if pa.types.is_struct(kind):
        return types.StructType([_spark_field(field) for field in kind.fields])
    plain = {
        pa.bool_(): types.BooleanType,
        pa.int32(): types.IntegerType,
        pa.int64(): types.LongType,
        pa.string(): types.StringType,
        pa.binary(): types.BinaryType,
        pa.timestamp("us", "UTC"): types.TimestampType,
    }
    return plain[kind]()
