"""Columns of a table that ``--keep`` copies: text of values of any type, and JSON of what is nested."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from certpath.cli import main
from hypothesis import given, settings, strategies as st
from support import scans

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

GOOD = scans.chains()["good-rsa"]

MICROSECOND = dt.datetime.fromisoformat("2026-01-15T01:02:03.000004")
"""Without a zone."""


def lines(column: Any) -> list[str]:
    """A scan that copies the column, as JSON lines."""
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder, "in.parquet"), Path(folder, "out.jsonl")
        pq.write_table(pa.table({"chain": [GOOD] * len(column), "extra": column}), file)
        words = ["--roots", scans.ROOTS, "--at", scans.AT, "--names", "none", "--keep", "extra", "-q"]
        assert main(["check", *map(str, [*words, file, "-o", out])]) == 0
        return out.read_text("utf-8").removesuffix("\n").split("\n")


def kept(column: Any) -> list[str | None]:
    """What a scan copies of the column."""
    return [json.loads(line)["extra"] for line in lines(column)]


class TestText:
    @pytest.mark.parametrize(
        ("column", "expected"),
        [
            (pa.array([True, False]), ["true", "false"]),
            (pa.array([-(1 << 7), 7], pa.int8()), ["-128", "7"]),
            (pa.array([-(1 << 63), 7], pa.int64()), ["-9223372036854775808", "7"]),
            (pa.array([(1 << 64) - 1, 0], pa.uint64()), ["18446744073709551615", "0"]),
            (pa.array([1.0, 0.1], pa.float32()), ["1.0", "0.1"]),
            (pa.array([1e300, float("nan")]), ["1e300", "NaN"]),
            (pa.array([decimal.Decimal("1.50"), decimal.Decimal("-0.01")]), ["1.50", "-0.01"]),
            (pa.array([decimal.Decimal(1 << 200)], pa.decimal256(76, 2)), [f"{1 << 200}.00"]),
            (pa.array([b"\x00\xff", b""]), ["00ff", ""]),
            (pa.array([b"\x00\xff"], pa.binary(2)), ["00ff"]),
            (pa.array(["naïve", "\u202e"], pa.large_string()), ["naïve", "\u202e"]),
            (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
        ],
        ids=lambda value: str(value.type) if isinstance(value, pa.Array | pa.ChunkedArray) else "",
    )
    def test_plain_values(self, column: Any, expected: list[str]) -> None:
        """Numbers in decimal, octets in hexadecimal; null stays null."""
        column = pa.concat_arrays([column, pa.nulls(1, column.type)])
        assert kept(column) == [*expected, None]

    @pytest.mark.parametrize(
        ("column", "expected"),
        [
            (pa.array([dt.date(2026, 1, 15), dt.date(1900, 2, 28)]), ["2026-01-15", "1900-02-28"]),
            (pa.array([dt.date(2026, 1, 15)], pa.date64()), ["2026-01-15"]),
            (pa.array([dt.time(1, 2, 3, 4), dt.time(23, 59, 59)]), ["01:02:03.000004", "23:59:59"]),
            (pa.array([dt.time(1, 2, 3)], pa.time32("ms")), ["01:02:03"]),
            (pa.array([MICROSECOND], pa.timestamp("us")), ["2026-01-15T01:02:03.000004"]),
            (pa.array([MICROSECOND], pa.timestamp("us", "UTC")), ["2026-01-15T01:02:03.000004Z"]),
            (
                pa.array([1, -1], pa.timestamp("ms", "UTC")),
                ["1970-01-01T00:00:00.001Z", "1969-12-31T23:59:59.999Z"],
            ),
            (
                pa.array([1, -1], pa.timestamp("ns")),
                ["1970-01-01T00:00:00.000000001", "1969-12-31T23:59:59.999999999"],
            ),
            (pa.array([1_500, -2_500], pa.duration("ms")), ["PT1.500S", "-PT2.500S"]),
            (pa.array([60], pa.duration("s")), ["PT60S"]),
        ],
        ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
    )
    def test_times(self, column: Any, expected: list[str]) -> None:
        """RFC 3339 and ISO 8601, to the last digit that is not zero in three, six or nine."""
        assert kept(column) == expected

    def test_what_is_not_seen_is_escaped_in_json(self) -> None:
        """RFC 8259, 7, with surrogates where it takes them; what is seen stands as it is."""
        hidden, seen = "\u202ex\x9b31m\u2028\ufeff\U000e0041", "é 漢字 \U0001f512"
        texts = pa.array([hidden, seen, hidden + seen, "\x7f", "plain"])
        assert kept(texts) == texts.to_pylist()
        escaped = r"\u202ex\u009b31m\u2028\ufeff\udb40\udc41"
        expected = [escaped, seen, escaped + seen, r"\u007f", "plain"]
        for line, text in zip(lines(texts), expected, strict=True):
            assert f'"extra":"{text}"' in line

    @pytest.mark.parametrize(
        "kind", [pa.timestamp("ms"), pa.timestamp("us", "UTC"), pa.time64("us")], ids=str
    )
    def test_times_beyond_the_calendar_are_numbers(self, kind: Any) -> None:
        """RFC 3339's years have four digits, and a day so many seconds."""
        numbers = [1 << 62, -(1 << 62)]
        assert kept(pa.array(numbers, pa.int64()).view(kind)) == [str(number) for number in numbers]


JSON = st.recursive(
    st.sampled_from(["flag", "number", "text"]),
    lambda kinds: (
        st.lists(kinds, min_size=1, max_size=1) | st.dictionaries(st.sampled_from("abc"), kinds, min_size=1)
    ),
    max_leaves=5,
)
"""A type: a leaf, the list of one, or a struct."""


def arrow_type(kind: Any) -> Any:
    if isinstance(kind, list):
        return pa.list_(arrow_type(kind[0]))
    if isinstance(kind, dict):
        return pa.struct([pa.field(name, arrow_type(inner)) for name, inner in kind.items()])
    return {"flag": pa.bool_(), "number": pa.int64(), "text": pa.string()}[kind]


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    if isinstance(kind, list):
        some: st.SearchStrategy[Any] = st.lists(values_of(kind[0]), max_size=3)
    elif isinstance(kind, dict):
        some = st.fixed_dictionaries({name: values_of(inner) for name, inner in kind.items()})
    else:
        plain: dict[str, st.SearchStrategy[Any]] = {
            "flag": st.booleans(),
            "number": st.integers(-(1 << 63), (1 << 63) - 1),
            "text": st.text(max_size=5),
        }
        some = plain[kind]
    return st.none() | some


class TestNested:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(data=st.data(), kind=JSON.filter(lambda kind: not isinstance(kind, str)))
    def test_its_json_reads_back(self, data: st.DataObject, kind: Any) -> None:
        """Whatever is in whatever: the same that pyarrow reads."""
        values = data.draw(st.lists(values_of(kind), min_size=1, max_size=4))
        texts = kept(pa.array(values, arrow_type(kind)))
        assert [None if text is None else json.loads(text) for text in texts] == values

    def test_other_layouts(self) -> None:
        """Lists of a fixed size, large ones, maps, and values that JSON has no type for."""
        fixed = pa.array([[1, 2], None, [3, None]], pa.list_(pa.int16(), 2))
        assert kept(fixed) == ["[1,2]", None, "[3,null]"]
        large = pa.array([[b"\x01"], []], pa.large_list(pa.large_binary()))
        assert kept(large) == ['["01"]', "[]"]
        mapped = pa.array([[("k", dt.date(2026, 1, 15))], [], None], pa.map_(pa.string(), pa.date32()))
        assert kept(mapped) == ['{"k":"2026-01-15"}', "{}", None]
        numbers = pa.array([[float("inf"), 1.5]])
        assert kept(numbers) == ["[null,1.5]"]

    def test_what_is_nested_deeper_than_tables_are_has_no_text(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It is said, and no stack overflows."""
        column = pa.array([1])
        for _ in range(30):
            column = pa.StructArray.from_arrays([column], ["a"])
        assert kept(column) == ['{"a":' * 30 + "1" + "}" * 30]
        for _ in range(30):
            column = pa.StructArray.from_arrays([column], ["a"])
        file = tmp_path / "in.parquet"
        pq.write_table(pa.table({"chain": [GOOD], "extra": column}), file)
        assert main(["check", "--roots", str(scans.ROOTS), "--keep", "extra", str(file)]) == 2
        assert "extra cannot be kept: a column of this type has no text" in capsys.readouterr().err
