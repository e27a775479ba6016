"""One bad row costs itself alone: objects that raise, and times that no calendar has."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath.cli import main
from support import pki, scans

if TYPE_CHECKING:
    from pathlib import Path

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

LEAF, CA, ROOT = pki.three()
CHAIN = [LEAF.der, CA.der]
VERIFIER = certpath.Verifier(ROOT.store)


class OwnError(BaseException):
    """Neither an Exception nor one of the three that end a batch."""


HARMLESS = [
    ValueError("v"),
    TypeError("t"),
    RuntimeError("r"),
    KeyError("k"),
    AttributeError("a"),
    OSError("o"),
    ZeroDivisionError("z"),
    RecursionError("d"),
    StopIteration("s"),
    AssertionError("a"),
    UnicodeDecodeError("utf8", b"x", 0, 1, "y"),
    LookupError("l"),
    GeneratorExit("g"),
    OwnError("b"),
]
FATAL = [KeyboardInterrupt("k"), SystemExit("s"), MemoryError("m")]


class PublicBytes:
    """A certificate that cannot be written."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def public_bytes(self, _encoding: object) -> bytes:
        raise self.error


class Attribute(PublicBytes):
    """One whose method is not even there."""

    @property
    def public_bytes(self) -> Any:
        raise self.error


class Chain:
    """A chain that ends in the middle."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __iter__(self) -> Any:
        yield LEAF.der
        raise self.error


class NoChain(Chain):
    """A chain that does not even begin."""

    def __iter__(self) -> Any:
        raise self.error


class Moment(datetime.datetime):
    """A time of day that nobody can tell."""

    error: BaseException

    def utcoffset(self) -> Any:
        raise self.error


class Seconds(Chain):
    """A number that is not one."""

    def __float__(self) -> float:
        raise self.error


def moment(error: BaseException) -> Moment:
    found = Moment(2026, 1, 1, tzinfo=datetime.timezone.utc)
    found.error = error
    return found


PLACES: dict[str, Any] = {
    "public_bytes": lambda error: {"chain": [PublicBytes(error)]},
    "the attribute public_bytes": lambda error: {"chain": [Attribute(error)]},
    "the attribute of a chain": lambda error: {"chain": Attribute(error)},
    "a chain": lambda error: {"chain": Chain(error)},
    "the start of a chain": lambda error: {"chain": NoChain(error)},
    "a datetime": lambda error: {"at": moment(error)},
    "seconds": lambda error: {"at": Seconds(error)},
}


def judge(chain: Any = CHAIN, at: Any = pki.AT) -> certpath.Verdicts:
    return VERIFIER.check_many([CHAIN, chain, CHAIN], pki.HOST, at=[pki.AT, at, pki.AT])


class TestObjects:
    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize("error", HARMLESS, ids=lambda error: type(error).__name__)
    def test_what_they_raise_is_the_row_s(self, place: str, error: BaseException) -> None:
        """Whatever it is, and wherever in the row: the rows before and after are judged."""
        found = judge(**PLACES[place](error))
        assert [one.status for one in found] == ["ok", "input_error", "ok"]

    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize("error", FATAL, ids=lambda error: type(error).__name__)
    def test_what_is_not_about_the_row_ends_the_batch(self, place: str, error: BaseException) -> None:
        """An interrupt, the end of the interpreter, memory that has run out; also of subclasses."""
        for one in (error, type("Own", (type(error),), {})("own")):
            with pytest.raises(type(one)) as raised:
                judge(**PLACES[place](one))
            assert raised.value is one

    def test_what_was_raised_is_said(self) -> None:
        """With the name of its type where its text alone would mean nothing."""
        problem = judge(chain=[PublicBytes(KeyError("der"))])[1].findings[0].facts["problem"]
        assert problem == "KeyError: 'der'"
        assert judge(chain=Chain(ValueError("torn")))[1].findings[0].facts["problem"] == "torn"

    def test_what_cannot_be_said(self) -> None:
        """An exception whose text raises costs the row, too."""

        class UnspeakableError(Exception):
            def __str__(self) -> str:
                raise RuntimeError

        found = judge(chain=[PublicBytes(UnspeakableError())])
        assert [one.status for one in found] == ["ok", "input_error", "ok"]

    def test_rows_that_cannot_be_had_end_the_batch(self) -> None:
        """What the iterable of all chains raises is about no row."""

        def chains() -> Any:
            yield CHAIN
            raise LookupError("gone")

        with pytest.raises(LookupError, match="gone"):
            VERIFIER.check_many(chains(), at=pki.AT)


SECONDS = int(pki.AT.timestamp())
OUT_OF_RANGE = [
    SECONDS * 10**3,
    SECONDS * 10**6,
    SECONDS * 10**9,
    2**63 - 1,
    -(2**63),
    253_402_300_800,
    -62_167_219_201,
]


class TestTimes:
    @pytest.mark.parametrize("seconds", OUT_OF_RANGE)
    @pytest.mark.parametrize("kind", [pa.int64(), pa.timestamp("s", "UTC"), pa.timestamp("s")], ids=str)
    @pytest.mark.parametrize("first", [True, False], ids=["first", "after an equal chain"])
    def test_out_of_range_in_columns(self, seconds: int, kind: Any, first: bool) -> None:
        """Nanoseconds for seconds, and whatever else has no year, is an input error."""
        times = [seconds, SECONDS] if first else [SECONDS, seconds]
        table = pa.table({"chain": [CHAIN] * 2, "at": pa.array(times, pa.int64()).cast(kind)})
        out = pa.table(VERIFIER.check_arrow(table, at=pki.AT))
        assert sorted(out["status"].to_pylist()) == ["input_error", "ok"]
        assert out["status"][0 if first else 1].as_py() == "input_error"
        assert [one.timestamp() for one in out["at"].to_pylist()] == [SECONDS] * 2
        problem = dict(out["findings"][0 if first else 1].as_py()[0]["facts"])["problem"]
        assert (
            problem == f"the time of judgement, {seconds} seconds since 1970, is outside the years 0 to 9999"
        )

    @pytest.mark.parametrize(("unit", "per_second"), [("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
    @pytest.mark.parametrize("value", [2**63 - 1, -(2**63)])
    def test_the_ends_of_other_units(self, unit: str, per_second: int, value: int) -> None:
        """No value of any unit ends the batch."""
        times = pa.array([value, SECONDS * per_second], pa.int64()).cast(pa.timestamp(unit, "UTC"))
        verdicts = VERIFIER.check_arrow(pa.table({"chain": [CHAIN] * 2, "at": times})).read_all()
        in_range = -62_167_219_200 <= value // per_second <= 253_402_300_799
        assert [one.status for one in verdicts] == ["invalid" if in_range else "input_error", "ok"]

    @pytest.mark.parametrize("seconds", [-62_167_219_200, 253_402_300_799])
    def test_the_first_and_the_last_second(self, seconds: int) -> None:
        """Are times like others."""
        table = pa.table({"chain": [CHAIN], "at": pa.array([seconds], pa.int64())})
        (verdict,) = VERIFIER.check_arrow(table).read_all()
        assert (verdict.status, verdict.at.timestamp() if seconds > 0 else seconds) == ("invalid", seconds)

    @pytest.mark.parametrize(
        "at",
        [
            float("nan"),
            float("inf"),
            -float("inf"),
            10**400,
            -(10**400),
            2**63,
            1e300,
            SECONDS * 10**9,
            "x",
            True,
        ],
    )
    def test_out_of_range_among_objects(self, at: Any) -> None:
        """The same, and what is not a number."""
        assert [one.status for one in judge(at=at)] == ["ok", "input_error", "ok"]

    @pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
    def test_in_a_scan(self, suffix: str, tmp_path: Path) -> None:
        """The run ends well, and so does one that is resumed."""
        good = scans.chains()["good-rsa"]
        scan, target = tmp_path / "scan.parquet", tmp_path / f"out.{suffix}"
        times = pa.array([SECONDS, SECONDS * 10**9, SECONDS, 2**63 - 1], pa.int64())
        pq.write_table(pa.table({"chain": [good] * 4, "at": times}), scan)
        words = ["check", "--roots", scans.ROOTS, str(scan), "-o", str(target)]
        assert main(words) == 1
        if suffix == "parquet":
            assert pq.read_table(target)["status"].to_pylist() == ["ok", "input_error"] * 2
        else:
            lines = target.read_text(encoding="utf-8").splitlines()
            assert ['"input_error"' in line for line in lines] == [False, True] * 2


def test_an_interrupt_within_a_row_ends_the_process() -> None:
    """SystemExit goes all the way."""
    code = (
        "import certpath, sys\n"
        "from support import pki\n"
        "class Row:\n"
        "    def __iter__(self): sys.exit(7)\n"
        "certpath.Verifier(pki.three()[2].store).check_many([Row()])\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60, env=environment)  # noqa: S603 - ours
    assert done.returncode == 7
