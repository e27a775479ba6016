"""``check_arrow(certificates=…)``: a row is judged for the certificates that its ids mean, and no others."""

from __future__ import annotations

from typing import Any

import certpath
import pytest
from support import pki

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

LEAF, CA, ROOT = pki.three()
STRANGER = pki.issue("stranger", None)
VERIFIER = certpath.Verifier(ROOT.store)
INTEGERS = [
    pa.int8(),
    pa.int16(),
    pa.int32(),
    pa.int64(),
    pa.uint8(),
    pa.uint16(),
    pa.uint32(),
    pa.uint64(),
]


def range_of(kind: Any) -> tuple[int, int]:
    """The least and the greatest number of a type of integers."""
    signed = pa.types.is_signed_integer(kind)
    return (
        (-(1 << (kind.bit_width - 1)), (1 << (kind.bit_width - 1)) - 1)
        if signed
        else (0, (1 << kind.bit_width) - 1)
    )


def judged(ids: Any, **table: Any) -> list[tuple[str, bytes | None, int]]:
    """The status, the end entity that was judged and how many certificates were, row by row."""
    rows = pa.table({"ids": ids, "name": pa.array([pki.HOST] * len(ids))})
    out = pa.table(VERIFIER.check_arrow(rows, certificates=pa.table(table), at=pki.AT))
    return list(
        zip(*(out[name].to_pylist() for name in ("status", "leaf_sha256", "n_presented")), strict=True)
    )


GOOD = ("ok", LEAF.sha256, 2)
UNKNOWN: tuple[str, bytes | None, int] = ("input_error", None, 0)


class TestNumbers:
    @pytest.mark.parametrize("kind", INTEGERS, ids=str)
    def test_the_ends_of_every_type_are_told_apart(self, kind: Any) -> None:
        """The least and the greatest number, their neighbours and zero each mean one certificate."""
        low, high = range_of(kind)
        numbers = [low, low + 1, high - 1, high, *([0] if low else [])]
        ders = [STRANGER.der] * len(numbers)
        for place in range(len(numbers)):
            der = [LEAF.der if other == place else one for other, one in enumerate(ders)]
            ids = pa.array([[number] for number in numbers], pa.list_(kind))
            found = judged(ids, id=pa.array(numbers, kind), der=der)
            assert [leaf for _, leaf, _ in found] == [
                LEAF.sha256 if one is LEAF.der else STRANGER.sha256 for one in der
            ]

    @pytest.mark.parametrize("rows", INTEGERS, ids=str)
    @pytest.mark.parametrize("table", INTEGERS, ids=str)
    def test_types_do_not_matter_numbers_do(self, rows: Any, table: Any) -> None:
        """The same number is found whatever the widths; what has only its bits in common is not."""
        (low, high), (own_low, own_high) = range_of(rows), range_of(table)
        numbers = sorted({own_low, own_low + 1, 1, 2, own_high - 1, own_high})
        ders = [LEAF.der if number == 1 else CA.der if number == 2 else STRANGER.der for number in numbers]
        others = {low, low + 1, -1, -2, 3, 5, high - 1, high} - set(numbers)
        asked = [[number] for number in sorted(others) if low <= number <= high]
        found = judged(pa.array([[1, 2], *asked], pa.list_(rows)), id=pa.array(numbers, table), der=ders)
        assert found == [GOOD, *([UNKNOWN] * len(asked))]

    @pytest.mark.parametrize("number", [-1, -2, 2, 2**31, 2**63 - 1, -(2**63), -(2**32), 2**32, 2**32 + 1])
    def test_rows_without_a_column_id_are_counted_from_zero(self, number: int) -> None:
        """And what is not a row is not one."""
        ids = pa.array([[0, 1], [number]], pa.list_(pa.int64()))
        assert judged(ids, der=[LEAF.der, CA.der]) == [GOOD, UNKNOWN]

    def test_an_unknown_id_among_known_ones(self) -> None:
        """Costs the row, and names the id with its sign."""
        rows = pa.table({"ids": pa.array([[-1, -7], [-1, -2], [None]], pa.list_(pa.int64()))})
        table = pa.table({"id": [-1, -2, None], "der": [LEAF.der, CA.der, STRANGER.der]})
        verdicts = VERIFIER.check_arrow(rows, certificates=table, at=pki.AT).read_all()
        assert [one.status for one in verdicts] == ["input_error", "ok", "input_error"]
        assert verdicts[0].findings[0].facts["problem"] == "there is no certificate -7 in certificates"

    @pytest.mark.parametrize("values", [pa.int64(), pa.uint8()], ids=str)
    @pytest.mark.parametrize("keys", [pa.int8(), pa.uint32()], ids=str)
    def test_dictionaries(self, values: Any, keys: Any) -> None:
        """Of numbers, on both sides, with nulls."""
        numbers = pa.array([7, 9, None, 9, 8], values)
        encoded = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None, 4], keys), numbers)
        ids = pa.ListArray.from_arrays(pa.array([0, 2, 3, 4, 5], pa.int32()), encoded)
        known = pa.DictionaryArray.from_arrays(pa.array([1, 0], keys), pa.array([9, 7], values))
        assert judged(ids, id=known, der=[LEAF.der, CA.der]) == [GOOD, UNKNOWN, UNKNOWN, UNKNOWN]

    @pytest.mark.parametrize(
        "kind",
        [
            pa.float64(),
            pa.bool_(),
            pa.string(),
            pa.decimal128(5, 0),
            pa.timestamp("s"),
            pa.date32(),
            pa.null(),
        ],
        ids=str,
    )
    def test_other_types_are_refused_by_name(self, kind: Any) -> None:
        """In the table and in the rows, before the first row; both types are told."""
        rows = pa.table({"ids": pa.array([], pa.list_(pa.int64()))})
        table = pa.table({"id": pa.array([], kind), "der": pa.array([], pa.binary())})
        with pytest.raises(TypeError, match="column id of certificates: integers expected, found"):
            VERIFIER.check_arrow(rows, certificates=table)
        rows = pa.table({"ids": pa.array([], pa.list_(kind))})
        table = pa.table({"id": pa.array([], pa.int16()), "der": pa.array([], pa.binary())})
        with pytest.raises(TypeError, match=r"column ids: .* found lists of .*certificates has id of Int16"):
            VERIFIER.check_arrow(rows, certificates=table)

    def test_fingerprints_against_numbers(self) -> None:
        """Are no guess: both types are told."""
        rows = pa.table({"ids": [[LEAF.sha256]]})
        table = pa.table({"id": pa.array([1], pa.uint8()), "der": [LEAF.der]})
        with pytest.raises(TypeError, match=r"column ids has fingerprints \(Binary\).* it has id of UInt8"):
            VERIFIER.check_arrow(rows, certificates=table)


class TestOneIdTwice:
    @pytest.mark.parametrize("kind", INTEGERS, ids=str)
    @pytest.mark.parametrize("chunks", [1, 2], ids=["in one chunk", "in two chunks"])
    def test_for_different_certificates(self, kind: Any, chunks: int) -> None:
        """Nobody could say which is meant: an error that names id and rows."""
        low, _ = range_of(kind)
        table = pa.table({"id": pa.array([low, 5, low], kind), "der": [LEAF.der, CA.der, STRANGER.der]})
        if chunks == 2:
            table = pa.concat_tables([table.slice(0, 1), table.slice(1)])
        rows = pa.table({"ids": pa.array([[5]], pa.list_(kind))})
        with pytest.raises(
            ValueError, match=f"column id of certificates, row 2: {low} stands for another .* row 0"
        ):
            VERIFIER.check_arrow(rows, certificates=table)

    def test_for_the_same_octets(self) -> None:
        """Is no harm, whatever the layout."""
        ids = pa.array([[-5, 1]], pa.list_(pa.int64()))
        assert judged(ids, id=[-5, 1, -5], der=[LEAF.der, CA.der, LEAF.der]) == [GOOD]

    def test_for_a_certificate_and_for_none(self) -> None:
        """Is an error as well."""
        table = pa.table({"id": [1, 1], "der": pa.array([None, LEAF.der], pa.binary())})
        with pytest.raises(ValueError, match="row 1: 1 stands for another certificate in row 0"):
            VERIFIER.check_arrow(pa.table({"ids": [[1]]}), certificates=table)


class TestFingerprints:
    @pytest.mark.parametrize(
        "rows", [pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(32)], ids=str
    )
    @pytest.mark.parametrize("table", [pa.binary(), pa.large_binary(), pa.binary(32)], ids=str)
    def test_of_all_layouts(self, rows: Any, table: Any) -> None:
        """Mean the certificate that has them; others, shorter ones and nulls mean none."""
        prints = pa.array([LEAF.sha256, CA.sha256, None], table)
        odd = [[bytes(32)], [None], *([] if rows == pa.binary(32) else [[LEAF.sha256[:31]], [b""]])]
        ids = pa.array([[LEAF.sha256, CA.sha256], *odd], pa.list_(rows))
        found = judged(ids, sha256=prints, der=[LEAF.der, CA.der, STRANGER.der])
        assert found == [GOOD, *([UNKNOWN] * len(odd))]

    def test_of_another_certificate(self) -> None:
        """Is an error: what is judged is not left to a column that lies."""
        table = pa.table({"sha256": [CA.sha256, LEAF.sha256], "der": [CA.der, STRANGER.der]})
        with pytest.raises(ValueError, match=r"column sha256 of certificates, row 1: .* is not the SHA-256"):
            VERIFIER.check_arrow(pa.table({"ids": [[LEAF.sha256]]}), certificates=table)

    def test_of_no_certificate(self) -> None:
        """A fingerprint beside a null costs the rows that ask for it."""
        table = {"sha256": [LEAF.sha256, CA.sha256], "der": pa.array([LEAF.der, None], pa.binary())}
        assert judged(pa.array([[LEAF.sha256], [CA.sha256]]), **table) == [
            ("invalid", LEAF.sha256, 1),
            UNKNOWN,
        ]

    @pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
    def test_in_hexadecimal(self, kind: Any) -> None:
        """Are text, which is refused by name."""
        table = pa.table({"sha256": [LEAF.sha256], "der": [LEAF.der]})
        with pytest.raises(TypeError, match="column ids: lists of integers or of binary expected"):
            VERIFIER.check_arrow(
                pa.table({"ids": pa.array([[LEAF.sha256.hex()]], pa.list_(kind))}), certificates=table
            )
