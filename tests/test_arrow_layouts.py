"""Arrow batches that lie: refused at the door, with the column and the row, before a row is judged.

Each test hands over one lie of one layout. What would end the runner if it got through is within the buffers
that are there, so that it would only be read wrongly; tests of mutants may crash.
"""

from __future__ import annotations

import ctypes
import struct
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support import pki
from support.foreign_arrow import Foreign, ForeignStream

if TYPE_CHECKING:
    from collections.abc import Callable

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

LEAF, CA, ROOT = pki.three()
VERIFIER = certpath.Verifier(ROOT.store)
OCTETS = LEAF.der + CA.der + b"ab"
FIRST, SECOND, LAST = len(LEAF.der), len(LEAF.der + CA.der), len(OCTETS)
CHAIN = pa.array([[LEAF.der, CA.der]] * 3, pa.list_(pa.binary()))


# pyarrow looks at what it makes: arrays are sound until `settle`, and lie from then on.
PENDING: list[tuple[bytearray, bytes]] = []


def settle() -> None:
    while PENDING:
        held, wanted = PENDING.pop()
        held[:] = wanted


def later(wanted: bytes, sound: bytes | None = None) -> Any:
    """A buffer that has these octets from `settle` on."""
    held = bytearray(sound or bytes(len(wanted)))
    PENDING.append((held, wanted))
    return pa.py_buffer(held)


def numbers(kind: str, *values: int) -> bytes:
    return struct.pack(f"={len(values)}{kind}", *values)


def octets(kind: Any, *offsets: int, values: bytes = OCTETS, valid: bytes | None = None) -> Any:
    width = "q" if kind in (pa.large_binary(), pa.large_string()) else "i"
    mask = None if valid is None else pa.py_buffer(valid)
    return pa.Array.from_buffers(
        kind, len(offsets) - 1, [mask, later(numbers(width, *offsets)), pa.py_buffer(values)]
    )


def lists(kind: Any, offsets: tuple[int, ...], items: Any) -> Any:
    width = "q" if pa.types.is_large_list(kind) else "i"
    return pa.Array.from_buffers(
        kind, len(offsets) - 1, [None, later(numbers(width, *offsets))], children=[items]
    )


def views(kind: Any, *all_of_them: bytes, valid: bytes | None = None, buffer: bytes = OCTETS) -> Any:
    mask = None if valid is None else pa.py_buffer(valid)
    return pa.Array.from_buffers(
        kind, len(all_of_them), [mask, later(b"".join(all_of_them)), pa.py_buffer(buffer)]
    )


def view(length: int, prefix: bytes = OCTETS[:4], index: int = 0, offset: int = 0) -> bytes:
    return struct.pack("<i4sii", length, prefix, index, offset)


def short(text: bytes, padding: bytes = b"\0") -> bytes:
    return struct.pack("<i", len(text)) + text.ljust(12, padding)


SOUND = view(FIRST)
ITEMS = pa.array([LEAF.der, CA.der] * 3, pa.binary())


def chain(items: Any) -> Any:
    """One list with all of them."""
    return lists(pa.list_(items.type), (0, len(items)), items)


def names(column: Any) -> dict[str, Any]:
    return {"chain": CHAIN.slice(0, len(column)), "name": column}


def kept(column: Any) -> dict[str, Any]:
    return {"chain": CHAIN.slice(0, len(column)), "kept": column}


# What is wrong: the table, and what is said of it.
LIES: dict[str, tuple[dict[str, Any], str]] = {}
for _kind in (pa.binary(), pa.large_binary()):
    _huge = octets(_kind, 0, 2**31 - 1, FIRST, FIRST)
    LIES |= {
        f"{_kind}, beyond the last of a part": (
            {"chain": lists(pa.list_(_kind), (0, 1), _huge)},
            "column chain, row 0: item: offset 2147483647 is beyond the last",
        ),
        f"{_kind}, falling": (
            {"chain": chain(octets(_kind, 0, SECOND, FIRST, LAST))},
            "column chain, row 0: item: offset",
        ),
        f"{_kind}, negative": (
            {"chain": chain(octets(_kind, -1, FIRST))},
            "column chain, row 0: item: offset -1",
        ),
        f"{_kind}, negative in the middle": (
            {"chain": chain(octets(_kind, 0, -8, FIRST))},
            "column chain, row 0: item: offset -8",
        ),
        f"{_kind}, negative at the end": (
            {"chain": chain(octets(_kind, 0, FIRST, -2147483648))},
            "column chain, row 0: item: offset -2147483648",
        ),
        f"{_kind}, beyond the last": (
            {"chain": chain(octets(_kind, 0, 2**31 - 1, FIRST))},
            "column chain, row 0: item: offset",
        ),
        f"{_kind}, as a leaf": ({"leaf": octets(_kind, 0, FIRST, 4, FIRST)}, "column leaf, row 1: offset 4"),
        f"{_kind}, kept": (kept(octets(_kind, 0, 9, 4, 9)), "column kept, row 1: offset 4"),
    }
for _kind in (pa.string(), pa.large_string()):
    LIES |= {
        f"{_kind}, falling": (names(octets(_kind, 0, 2, 1, 3)), "column name, row 1: offset 1"),
        f"{_kind}, negative": (names(octets(_kind, 0, -2, 2)), "column name, row 0: offset -2"),
        f"{_kind}, not UTF-8": (names(octets(_kind, 0, 1, 3, values=b"a\xc3(")), "column name, row 1: "),
        f"{_kind}, a character torn": (
            names(octets(_kind, 0, 1, 2, values="é".encode())),
            "column name, row 0: ",
        ),
        f"{_kind}, kept": (kept(octets(_kind, 0, 1, 2, values=b"a\xff")), "column kept, row 1: "),
        f"{_kind}, surrogates": (names(octets(_kind, 0, 3, values=b"\xed\xa0\x80")), "column name, row 0: "),
        f"{_kind}, as a key": (
            {"chain": CHAIN.slice(0, 2), "key": octets(_kind, 0, 1, 2, values=b"\xffa")},
            "column key, row 0: ",
        ),
    }
for _kind in (pa.list_(pa.binary()), pa.large_list(pa.binary())):
    LIES |= {
        f"{_kind}, falling": ({"chain": lists(_kind, (0, 4, 2), ITEMS)}, "column chain, row 1: offset 2"),
        f"{_kind}, negative": ({"chain": lists(_kind, (0, 2, -4), ITEMS)}, "column chain, row 1: offset -4"),
        f"{_kind}, too far": (
            {"chain": lists(_kind, (0, 2, 7), ITEMS)},
            "column chain, row 1: offset 7 is beyond",
        ),
        f"{_kind}, all too far": (
            {"chain": lists(_kind, (7, 7, 7), ITEMS)},
            "column chain, row 0: offset 7 is",
        ),
    }
for _kind, _width in ((pa.list_view(pa.binary()), "i"), (pa.large_list_view(pa.binary()), "q")):
    for _name, _offset, _size in (
        ("offset", 9, 0),
        ("size", 0, 9),
        ("sum", 3, 4),
        ("negative offset", -1, 1),
        ("negative size", 1, -1),
        ("huge", 2**31 - 1, 2**31 - 1),
    ):
        _lie = pa.Array.from_buffers(
            _kind,
            2,
            [None, later(numbers(_width, 0, _offset)), later(numbers(_width, 2, _size))],
            children=[ITEMS],
        )
        LIES[f"{_kind}, {_name}"] = ({"chain": _lie}, "column chain, row 1: ")
for _kind in (pa.binary_view(), pa.string_view()):
    _name = "kept" if _kind == pa.binary_view() else "name"
    for _what, _lie in {
        "buffer": view(20, index=1),
        "negative buffer": view(20, index=-1),
        "offset": view(20, offset=LAST),
        "negative offset": view(20, offset=-5),
        "length": view(LAST + 1),
        "negative length": view(-20),
        "prefix": view(20, prefix=b"none"),
        "padding": short(b"ab", b"c"),
    }.items():
        _text = b"text of more than twelve octets"
        _good = view(len(_text), _text[:4])
        _made = views(_kind, _good, _lie, buffer=_text)
        LIES[f"{_kind}, {_what}"] = ({"chain": CHAIN.slice(0, 2), _name: _made}, f"column {_name}, row 1: ")
LIES["views of a chain"] = (
    {"chain": chain(views(pa.binary_view(), SOUND, view(LAST + 1)))},
    "column chain, row 0: ",
)
LIES["views, not UTF-8"] = (
    names(views(pa.string_view(), short(b"a"), short(b"\xff"))),
    "column name, row 1: ",
)
LIES["long views, not UTF-8"] = (
    names(views(pa.string_view(), view(13, b"\xff" * 4), buffer=b"\xff" * 20)),
    "column name, row 0: ",
)
for _key in (
    pa.int8(),
    pa.uint8(),
    pa.int16(),
    pa.uint16(),
    pa.int32(),
    pa.uint32(),
    pa.int64(),
    pa.uint64(),
):
    for _value in (2, -1):
        if _value >= 0 or pa.types.is_signed_integer(_key):
            _keys = pa.array([0, _value], _key)
            _made = pa.DictionaryArray.from_arrays(_keys, pa.array(["a", "b"]), safe=False)
            LIES[f"dictionary by {_key}, {_value}"] = (names(_made), "column name, row 1: ")
LIES["dictionary, values"] = (
    names(pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), octets(pa.string(), 0, 2, 1, 3))),
    "column name, row 1: value 1 of the dictionary: offset 1",
)
LIES["a chain of dictionaries"] = (
    {"chain": chain(pa.DictionaryArray.from_arrays(pa.array([0, 9], pa.int8()), ITEMS, safe=False))},
    "column chain, row 0: item: ",
)
LIES["a chain of dictionaries of lies"] = (
    {
        "chain": chain(
            pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), octets(pa.binary(), 0, 9, 4, 9))
        )
    },
    "column chain, row 0: item: value 1 of the dictionary",
)
LIES["a fixed size, of lies"] = (
    {"chain": pa.FixedSizeListArray.from_arrays(octets(pa.binary(), 0, 9, 8, 10), 3)},
    "column chain, row 0: item: offset 8",
)
LIES["a fixed size, of lies, later"] = (
    {"chain": pa.FixedSizeListArray.from_arrays(octets(pa.binary(), 0, 9, 8, 10), 1)},
    "column chain, row 1: item: offset 8",
)
LIES["within a structure"] = (
    kept(pa.StructArray.from_arrays([octets(pa.string(), 0, 2, 1, 3)], ["a"])),
    "column kept, row 1: a: offset 1",
)
LIES["deep within"] = (
    kept(
        pa.StructArray.from_arrays(
            [lists(pa.list_(pa.string()), (0, 1, 2), octets(pa.string(), 0, 2, 1, 3))], ["a"]
        )
    ),
    "column kept, row 1: a: item: offset 1",
)
_map = pa.map_(pa.string(), pa.int8())
_entries = pa.StructArray.from_arrays(
    [pa.array(["a", "b"]), pa.array([1, 2], pa.int8())],
    fields=[pa.field("key", pa.string(), nullable=False), pa.field("value", pa.int8())],
)
LIES["a map, offsets"] = (
    kept(pa.Array.from_buffers(_map, 2, [None, later(numbers("i", 0, 2, 1))], children=[_entries])),
    "column kept, row 1: offset 1",
)
for _mode, _types, _offsets in (
    ("sparse", (0, 2), None),
    ("sparse, negative", (0, -1), None),
    ("dense", (0, 2), (0, 0)),
    ("dense, offset", (0, 1), (0, 9)),
    ("dense, negative offset", (0, 1), (0, -1)),
):
    _kind = (pa.dense_union if _offsets else pa.sparse_union)(
        [pa.field("a", pa.int8()), pa.field("b", pa.int8())]
    )
    _buffers = [None, later(numbers("b", *_types)), *([later(numbers("i", *_offsets))] if _offsets else [])]
    _children = [pa.array([1, 2], pa.int8())] * 2
    LIES[f"union, {_mode}"] = (
        kept(pa.Array.from_buffers(_kind, 2, _buffers, children=_children)),
        "column kept, row 1: ",
    )
for _name, _ends in (("falling", (2, 1)), ("zero", (0, 2)), ("negative", (-1, 2)), ("short", (1, 1))):
    _ints = pa.Array.from_buffers(pa.int32(), 2, [None, later(numbers("i", *_ends), numbers("i", 1, 2))])
    _kind = pa.run_end_encoded(pa.int32(), pa.int8())
    _made = pa.Array.from_buffers(_kind, 2, [None], children=[_ints, pa.array([1, 2], pa.int8())])
    LIES[f"runs, {_name}"] = (kept(_made), "column kept, row 0: ")
BATCHES = {
    lie: pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
    for lie, (columns, _) in LIES.items()
}
settle()


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("way", ["batch", "stream", "second batch"])
def test_a_lie_within_buffers(lie: str, way: str) -> None:
    """Names column and row, counted over all batches."""
    columns, said = LIES[lie]
    batch = BATCHES[lie]
    keep = [name for name in columns if name == "kept"]
    rows = {name: pa.nulls(2, column.type) for name, column in columns.items() if not _is_union(column)}
    # A union has no nulls of its own.
    if way == "second batch" and len(rows) == len(columns):
        first = pa.RecordBatch.from_arrays(list(rows.values()), list(rows))
        before, number = said.split("row ")
        digits = number.split(":")[0]
        said = f"{before}row {int(digits) + 2}:{number.removeprefix(digits + ':')}"
        data: Any = pa.RecordBatchReader.from_batches(batch.schema, [first, batch])
    else:
        data = batch if way == "batch" else pa.RecordBatchReader.from_batches(batch.schema, [batch])
    with pytest.raises(ValueError, match="row") as raised:
        VERIFIER.check_arrow(data, keep=keep).read_all()
    assert said in str(raised.value)


def _is_union(column: Any) -> bool:
    return bool(pa.types.is_union(column.type) or pa.types.is_run_end_encoded(column.type))


class TestSound:
    """What looks like a lie and is not one."""

    @pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
    def test_octets_of_null_texts(self, kind: Any) -> None:
        """Need not be text."""
        column = octets(kind, 0, 2, 3, values=b"\xff\xfea", valid=b"\x02")
        settle()
        table = pa.table({"chain": CHAIN.slice(0, 2), "key": column})
        assert pa.table(VERIFIER.check_arrow(table, at=pki.AT))["key"].to_pylist() == [None, "a"]

    @pytest.mark.parametrize("kind", [pa.binary_view(), pa.string_view()], ids=str)
    def test_null_views(self, kind: Any) -> None:
        """Need not point anywhere."""
        table = pa.table(
            {"chain": CHAIN.slice(0, 2), "kept": views(kind, view(99, index=7), short(b"a"), valid=b"\x02")}
        )
        settle()
        out = pa.table(VERIFIER.check_arrow(table, at=pki.AT, keep=["kept"]))
        assert out["kept"].cast(pa.binary()).to_pylist() == [None, b"a"]

    def test_null_keys(self) -> None:
        """Need not be keys."""
        keys = pa.Array.from_buffers(pa.int8(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(b"\x00\x63")])
        table = pa.table(
            {"chain": CHAIN.slice(0, 2), "key": pa.DictionaryArray.from_arrays(keys, ["a"], safe=False)}
        )
        assert pa.table(VERIFIER.check_arrow(table, at=pki.AT))["key"].to_pylist() == ["a", None]

    def test_what_is_outside_a_slice(self) -> None:
        """Is not looked at: a slice of rows that are sound is sound."""
        bad = lists(pa.list_(pa.binary()), (0, 1, 3, 5), octets(pa.binary(), 0, 9, 9, SECOND, SECOND, LAST))
        table = pa.table({"chain": bad, "kept": octets(pa.string(), 0, 1, 2, 3, values=b"\xffab")}).slice(1)
        settle()
        out = pa.table(VERIFIER.check_arrow(table, at=pki.AT, keep=["kept", "chain"]))
        assert out["kept"].to_pylist() == ["a", "b"]
        assert out["chain"].to_pylist() == table["chain"].to_pylist()

    @pytest.mark.parametrize(
        "column",
        [
            pa.array([[1, 2], [], None, [3]], pa.list_view(pa.int8())),
            pa.array([[1, 2], [3, 4], None, [5, 6]], pa.list_(pa.int16(), 2)),
            pa.array([[("a", 1)], [], None, [("b", None)]], pa.map_(pa.string(), pa.int8())),
            pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}, {"a": 2, "b": None}]),
            pa.array([True, None, False, True]),
            pa.array([1, None, 2, 3]).dictionary_encode(),
            pa.RunEndEncodedArray.from_arrays(pa.array([1, 4], pa.int32()), pa.array(["a", "b"])),
            pa.nulls(4),
            pa.array([None, b"ab", b"cd", None], pa.binary(2)),
            pa.UnionArray.from_dense(
                pa.array([0, 1, 0, 1], pa.int8()),
                pa.array([0, 0, 1, 1], pa.int32()),
                [pa.array([1, 2]), pa.array(["a", "b"])],
            ),
            pa.UnionArray.from_sparse(
                pa.array([0, 1, 0, 1], pa.int8()), [pa.array([1, 2, 3, 4]), pa.array(list("abcd"))]
            ),
            pa.array([["x", "y"], ["z"], None, []], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
        ],
        ids=lambda column: str(column.type),
    )
    @pytest.mark.parametrize("start", [0, 1, 3])
    def test_slices_of_every_layout(self, column: Any, start: int) -> None:
        """Are handed on as they are."""
        table = pa.table({"chain": pa.array([[LEAF.der]] * 4, pa.list_(pa.binary())), "kept": column}).slice(
            start
        )
        out = pa.table(VERIFIER.check_arrow(table, at=pki.AT, keep=["kept"]))
        out.validate(full=True)
        assert out["kept"].to_pylist() == table["kept"].to_pylist()


def foreign(**columns: Any) -> Foreign:
    columns.setdefault("chain", CHAIN)
    return Foreign(pa.RecordBatch.from_arrays(list(columns.values()), list(columns)))


def judge(data: Any) -> list[str]:
    return [verdict.status for verdict in VERIFIER.check_arrow(data, at=pki.AT, keep=True).read_all()]


NAME = pa.array([pki.HOST, None, pki.HOST])


def set_(**values: Any) -> Callable[[Any], None]:
    def change(structure: Any) -> None:
        for name, value in values.items():
            setattr(structure, name, value)

    return change


def buffer_is_null(index: int) -> Callable[[Any], None]:
    def change(structure: Any) -> None:
        structure.buffers[index] = None

    return change


STRUCTURES: dict[str, tuple[Any, Callable[[Any], None]]] = {
    "negative length": (NAME, set_(length=-1)),
    "short length": (NAME, set_(length=2)),
    "no length": (NAME, set_(length=0)),
    "least length": (NAME, set_(length=-(2**63))),
    "negative offset": (NAME, set_(offset=-1)),
    "huge offset": (NAME, set_(offset=2**63 - 1)),
    "too few buffers": (NAME, set_(n_buffers=2)),
    "too many buffers": (NAME, set_(n_buffers=4)),
    "no buffers": (NAME, set_(n_buffers=0)),
    "negative buffers": (NAME, set_(n_buffers=-1)),
    "no offsets": (NAME, buffer_is_null(1)),
    "no values": (NAME, buffer_is_null(2)),
    "no pointers": (NAME, set_(buffers=None)),
    "no validity, but nulls": (NAME, buffer_is_null(0)),
    "nulls that are not there": (NAME, set_(null_count=2)),
    "nulls that are not told": (NAME, set_(null_count=0)),
    "nulls less than unknown": (NAME, set_(null_count=-2)),
    "more nulls than rows": (NAME, set_(null_count=2**62)),
    "a child": (NAME, set_(n_children=1)),
    "negative children": (NAME, set_(n_children=-1)),
    "taken away": (NAME, set_(release=None)),
    "list without child": (CHAIN, set_(n_children=0)),
    "list without children": (CHAIN, set_(children=None)),
    "list with two children": (CHAIN, set_(n_children=2)),
    "list without offsets": (CHAIN, buffer_is_null(1)),
    "list of text's buffers": (CHAIN, set_(n_buffers=3)),
    "dictionary gone": (NAME.dictionary_encode(), set_(dictionary=None)),
    "no keys": (NAME.dictionary_encode(), buffer_is_null(1)),
    "numbers without values": (pa.array([1, 2, 3]), buffer_is_null(1)),
    "truth without values": (pa.array([True, False, True]), buffer_is_null(1)),
    "fixed size without values": (pa.array([b"ab"] * 3, pa.binary(2)), buffer_is_null(1)),
    "views without views": (NAME.cast(pa.string_view()), buffer_is_null(1)),
    "views without lengths": (NAME.cast(pa.string_view()), set_(n_buffers=2)),
}


class TestStructures:
    @pytest.mark.parametrize("lie", STRUCTURES)
    @pytest.mark.parametrize("streamed", [False, True], ids=["batch", "stream"])
    def test_a_lie_within_a_structure(self, lie: str, streamed: bool) -> None:
        """Names column and row."""
        column, change = STRUCTURES[lie]
        data = foreign(extra=column)
        change(data.column(0))
        given: Any = ForeignStream([data]) if streamed else data
        with pytest.raises(ValueError, match=r"column extra, row \d"):
            judge(given)

    @pytest.mark.parametrize("change", [set_(length=1), set_(length=-1), set_(offset=-3), set_(release=None)])
    def test_of_a_child(self, change: Callable[[Any], None]) -> None:
        """Names the row around it."""
        data = foreign()
        change(data.column(0).children[0].contents)
        with pytest.raises(ValueError, match=r"column chain, row \d"):
            judge(data)

    @pytest.mark.parametrize(
        "change",
        [
            set_(n_children=1),
            set_(n_children=0),
            set_(n_children=-1),
            set_(children=None),
            set_(length=4),
            set_(length=-1),
            set_(offset=1),
            set_(n_buffers=0),
            set_(n_buffers=2),
        ],
    )
    def test_of_the_batch(self, change: Callable[[Any], None]) -> None:
        """Is refused as well."""
        data = foreign(name=NAME)
        change(data.array)
        with pytest.raises(ValueError, match="row"):
            judge(data)

    def test_null_rows(self) -> None:
        """A batch has none, only its columns."""
        data = foreign()
        data.buffer(data.array, 0, b"\x05")
        data.array.null_count = 1
        with pytest.raises(ValueError, match="row 1: a row is null"):
            judge(data)

    def test_a_null_that_never_is(self) -> None:
        """A column that says that it has none."""
        data = foreign(name=NAME)
        data.field(0).flags = 0
        with pytest.raises(ValueError, match="column name, row 1: null"):
            judge(data)

    def test_lengths_of_the_buffers_of_views(self) -> None:
        """Negative ones are none."""
        column = pa.array(["text of more than twelve octets"] * 3, pa.string_view())
        data = foreign(extra=column)
        data.buffer(data.column(0), 3, struct.pack("=q", -1))
        with pytest.raises(ValueError, match=r"column extra, row 0: octets of views"):
            judge(data)

    def test_misaligned_buffers(self) -> None:
        """Are legal, and read."""
        data = foreign(name=pa.array([pki.HOST, "x.test", pki.HOST]))
        column = data.column(0)
        held = b"\0" + struct.pack("=4i", 0, 16, 22, 38)
        data.buffer(column, 1, held)
        column.buffers[1] += 1
        assert judge(data) == ["ok", "invalid", "ok"]


class TestSchemas:
    @pytest.mark.parametrize(
        "change",
        [
            set_(format=None),
            set_(format=b""),
            set_(format=b"\xff"),
            set_(format=b"+"),
            set_(format=b"nonsense"),
            set_(format=b"w:-1"),
            set_(format=b"w:x"),
            set_(format=b"w:99999999999"),
            set_(format=b"+l"),
            set_(format=b"+s"),
            set_(format=b"+m"),
            set_(format=b"+r"),
            set_(format=b"+w:2"),
            set_(format=b"+ud:"),
            set_(format=b"+us:0,0"),
            set_(format=b"d:1"),
            set_(name=b"\xff"),
            set_(n_children=1),
            set_(n_children=-1),
            set_(format=b"U"),
            set_(format=b"i"),
        ],
    )
    def test_of_a_column(self, change: Callable[[Any], None]) -> None:
        """Nonsense, and types that the array is not of."""
        data = foreign(name=NAME)
        change(data.field(0))
        with pytest.raises((ValueError, TypeError)):
            judge(data)

    def test_metadata(self) -> None:
        """Numbers of entries and lengths that nothing could have."""
        for entries in (struct.pack("=i", -1), struct.pack("=i", 2**31 - 1), struct.pack("=ii", 1, -1)):
            data = foreign(name=NAME)
            held = ctypes.create_string_buffer(entries)
            data.field(0).metadata = ctypes.addressof(held)
            with pytest.raises(ValueError, match="column name: the metadata"):
                judge(data)

    def test_depth(self) -> None:
        """Types may be nested, but not for ever."""
        kind = pa.int8()
        for _ in range(100):
            kind = pa.list_(kind)
        table = pa.table({"chain": CHAIN.slice(0, 1), "deep": pa.nulls(1, kind)})
        with pytest.raises(ValueError, match="nested deeper than"):
            judge(table)


class TestCapsules:
    def test_taken(self) -> None:
        """A capsule can be read once."""
        data = foreign()
        assert judge(data) == ["ok"] * 3
        with pytest.raises(ValueError, match="the array has been taken already"):
            judge(data)
        data.schema.release = None
        with pytest.raises(ValueError, match="the schema has been taken already"):
            judge(data)

    def test_taken_streams(self) -> None:
        """And so can a stream."""
        data = ForeignStream([foreign()])
        assert judge(data) == ["ok"] * 3
        with pytest.raises(ValueError, match="the stream has been taken already"):
            judge(data)

        class Same:
            capsule = CHAIN_READER().__arrow_c_stream__()

            def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
                return self.capsule

        assert judge(Same()) == ["ok"] * 3
        with pytest.raises(ValueError, match="taken already"):
            judge(Same())

    def test_of_another_name(self) -> None:
        """Are refused."""
        data = foreign()
        data.schema_name = b"arrow_array"
        with pytest.raises(ValueError, match="the capsule is not an arrow_schema"):
            judge(data)
        data.schema_name, data.array_name = b"arrow_schema", b"arrow_schema"
        with pytest.raises(ValueError, match="the capsule is not an arrow_array"):
            judge(data)

    @pytest.mark.parametrize("given", [None, (), (1,), (1, 2), (1, 2, 3), "ab", 5])
    def test_none_at_all(self, given: Any) -> None:
        """What is not a pair of capsules."""

        class Array:
            def __arrow_c_array__(self, requested_schema: object = None) -> Any:
                return given

        class Stream:
            def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
                return given

        for data in (Array(), Stream()):
            with pytest.raises(TypeError, match="capsule"):
                VERIFIER.check_arrow(data)


def CHAIN_READER() -> Any:  # noqa: N802 - a table like the constant
    return pa.table({"chain": CHAIN}).to_reader()


class TestStreams:
    def test_a_batch_of_another_schema(self) -> None:
        """The rows before are judged; what is not there is said."""
        reader = VERIFIER.check_arrow(ForeignStream([foreign(name=NAME), foreign()]), at=pki.AT)
        assert [one.status for one in next(reader)] == ["ok"] * 3
        with pytest.raises(
            ValueError, match="row 3: a batch has 1 columns, where the schema has 2: name, chain"
        ):
            next(reader)

    @pytest.mark.parametrize(
        ("text", "said"), [(b"the disk is gone", "the disk is gone"), (None, "failed with code 5")]
    )
    def test_that_fail(self, text: bytes | None, said: str) -> None:
        """Say why, if they know; they are not asked again."""
        data = ForeignStream([foreign()], code=5, text=text)
        reader = VERIFIER.check_arrow(data, at=pki.AT)
        assert len(next(reader)) == 3
        with pytest.raises(ValueError, match=said):
            next(reader)
        with pytest.raises(StopIteration):
            next(reader)
        assert data.asked == 2

    def test_without_a_schema(self) -> None:
        """Fail before anything is read."""
        with pytest.raises(ValueError, match="no schema today"):
            VERIFIER.check_arrow(ForeignStream([], schema_code=22, text=b"no schema today"))

    @pytest.mark.parametrize("callback", ["get_schema", "get_next"])
    def test_without_callbacks(self, callback: str) -> None:
        """Are none."""
        data = ForeignStream([foreign()])
        setattr(data.stream, callback, None)
        with pytest.raises(ValueError, match="no callbacks"):
            VERIFIER.check_arrow(data)


def test_the_table_of_certificates_lies() -> None:
    """It comes through the same door."""
    table = pa.RecordBatch.from_arrays([octets(pa.binary(), 0, FIRST, 4, FIRST)], ["der"])
    settle()
    with pytest.raises(ValueError, match="column der, row 1: offset 4"):
        VERIFIER.check_arrow(pa.table({"ids": [[0]]}), certificates=table)
