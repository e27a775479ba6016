"""Inputs that are small and become large: memory, output and complaints stay bounded, and no row is lost."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from support import scans

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

LIMIT = 500
"""MiB that a run may take, see docs/limits.md."""


# A small process in between: Linux counts the memory of whoever has forked into the peak of its child.
_WATCH = """
import os, subprocess, sys
_, status, used = os.wait4(subprocess.Popen(sys.argv[1:]).pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss, file=sys.stderr)
"""


class Run:
    """A run of ``certpath check`` in a process of its own."""

    def __init__(self, file: Path, *words: object, output: Path | None = None) -> None:
        said, out = file.with_suffix(".said"), file.with_suffix(".out")
        command = [sys.executable, "-m", "certpath", "check", file, "--roots", scans.ROOTS, *words]
        if output is not None:
            command += ["-o", output]
        with said.open("wb") as stderr, out.open("wb") as stdout:
            process = subprocess.Popen(  # noqa: S603 - ours
                [sys.executable, "-c", _WATCH, *map(str, command)], stdout=stdout, stderr=stderr
            )
            process.wait()
        *_, watched = said.read_text().splitlines()
        self.code, used = map(int, watched.split())
        self.said = said.read_text().removesuffix(watched + "\n")
        self.out = out
        # Kibibytes, but for macOS, which counts octets.
        self.mebibytes = used >> (20 if sys.platform == "darwin" else 10)


def zstd(path: Path, pieces: Iterable[bytes]) -> None:
    """A file that unpacks to these octets."""
    with pa.OSFile(str(path), "wb") as raw, pa.CompressedOutputStream(raw, "zstd") as out:
        for piece in pieces:
            out.write(piece)


needs_wait4 = pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs the peak memory of a child")


@needs_wait4
class TestMemory:
    """Below the limit with these, and with the larger ones of benches/bombs.py. How many rows a scan holds at
    once is counted in src/scan.rs."""

    def test_lines_of_one_octet(self, tmp_path: Path) -> None:
        """Forty thousand in 100 octets: all of them rows, and each of them small."""
        bomb, target = tmp_path / "bomb", tmp_path / "verdicts.parquet"
        zstd(bomb, [b"x\n" * 40_000])
        run = Run(bomb, "--format", "zgrab", output=target)
        assert run.code == 1
        assert run.mebibytes < LIMIT
        table = pq.read_metadata(target)
        assert table.num_rows == 40_000
        assert target.stat().st_size < 40_000 * 40

    def test_a_tile_of_tiny_entries(self, tmp_path: Path) -> None:
        """Forty thousand entries of no certificate."""
        bomb, target = tmp_path / "bomb", tmp_path / "verdicts.parquet"
        zstd(bomb, [bytes(17) * 40_000])
        run = Run(bomb, "--format", "ct-tiles", output=target)
        assert run.mebibytes < LIMIT
        assert pq.read_metadata(target).num_rows == 40_000

    def test_answers_of_empty_entries(self, tmp_path: Path) -> None:
        """With more of them than are read of one; a row says so. Several are taken apart at a time."""
        bomb, target = tmp_path / "bomb", tmp_path / "verdicts.parquet"
        answer = b'{"entries":[' + b",".join([b"{}"] * 50_000) + b"]}\n"
        zstd(bomb, [answer] * 12)
        run = Run(bomb, "--format", "ct-entries", output=target)
        assert run.mebibytes < LIMIT
        assert pq.read_metadata(target).num_rows == 12 * 10_001

    def test_long_lines(self, tmp_path: Path) -> None:
        """Of 16 and of 60 MiB, with a certificate as large."""
        bomb = tmp_path / "bomb"

        def line(mebibytes: int) -> bytes:
            return json.dumps(scans.grab([bytes(mebibytes << 20)])).encode() + b"\n"

        zstd(bomb, [line(12)] * 3 + [line(40)] * 2)
        run = Run(bomb, "--format", "zgrab")
        assert run.mebibytes < LIMIT
        assert len(run.out.read_text().splitlines()) == 5

    def test_a_key_of_a_mebibyte_for_a_thousand_rows(self, tmp_path: Path) -> None:
        """What a line says once is not kept once for each of its rows."""
        bomb = tmp_path / "bomb"
        response: dict[str, Any] = {"request": {"tls_log": {"handshake_log": {}}}}
        result = {"response": response, "redirect_response_chain": [response] * 32}
        line = {
            "domain": "x" * (1 << 20),
            "data": {f"s{number}": {"result": result} for number in range(100)},
        }
        zstd(bomb, [json.dumps(line).encode() + b"\n"] * 2)
        run = Run(bomb, "--format", "zgrab")
        assert run.mebibytes < LIMIT
        rows = [json.loads(row) for row in run.out.read_text().splitlines()]
        assert len(rows) == 6_600
        assert {row["status"] for row in rows} == {"input_error"}
        assert max(len(row["key"]) for row in rows) < 2_000

    def test_one_large_value_for_many_rows_of_parquet(self, tmp_path: Path) -> None:
        """A dictionary with one certificate of a MiB, in one row group."""
        bomb, target = tmp_path / "bomb", tmp_path / "verdicts.parquet"
        leaf = pa.DictionaryArray.from_arrays(
            pa.array([0] * 600, pa.int32()), pa.array([b"\x30" + bytes(1 << 20)], pa.binary())
        )
        pq.write_table(pa.table({"leaf": leaf}), bomb, row_group_size=600)
        run = Run(bomb, "--format", "parquet", output=target)
        assert run.mebibytes < LIMIT
        assert pq.read_metadata(target).num_rows == 600

    @pytest.mark.parametrize("codec", ["zstd", "gzip", "snappy"])
    def test_a_page_larger_than_can_be_read(self, codec: str, tmp_path: Path) -> None:
        """Is complained of, and the next file is read."""
        bomb, good = tmp_path / "bomb", tmp_path / "good.jsonl"
        good.write_bytes(scans.scan(1))
        value = pa.array([bytes(600 << 20)], pa.large_binary())
        pq.write_table(pa.table({"leaf": value}), bomb, use_dictionary=False, compression=codec)
        run = Run(bomb, good)
        assert run.mebibytes < LIMIT
        assert "more than the 67108864 that are read at once" in run.said
        statuses = [json.loads(row)["status"] for row in run.out.read_text().splitlines()]
        # The one host of the scan has an old certificate.
        assert statuses == ["input_error", "invalid"]

    def test_a_list_longer_than_can_be_read(self, tmp_path: Path) -> None:
        """Forty million nulls in some octets."""
        bomb = tmp_path / "bomb"
        chain = pa.ListArray.from_arrays([0, 40_000_000], pa.nulls(40_000_000, pa.binary()))
        pq.write_table(pa.table({"chain": chain}), bomb)
        run = Run(bomb, "--format", "parquet")
        assert run.mebibytes < LIMIT
        assert "lists of" in run.said

    def test_a_list_that_names_one_long_text_again_and_again(self, tmp_path: Path) -> None:
        """A gibibyte of JSON out of a mebibyte: what is kept is cut before it is written."""
        bomb, target = tmp_path / "bomb.parquet", tmp_path / "verdicts.parquet"
        texts = pa.DictionaryArray.from_arrays(pa.array([0] * 1_024, pa.int32()), ["x" * (1 << 20)])
        table = {"chain": [scans.chains()["good-rsa"]], "extra": pa.ListArray.from_arrays([0, 1_024], texts)}
        pq.write_table(pa.table(table), bomb)
        run = Run(bomb, "--keep", "extra", output=target)
        assert run.mebibytes < LIMIT
        assert pq.read_table(target)["extra"].to_pylist() == ['["' + "x" * ((1 << 14) - 2) + "…"]

    def test_one_chain_larger_than_memory(self, tmp_path: Path) -> None:
        """``certpath check`` of a file that is not a scan reads no more than it takes."""
        bomb = tmp_path / "bomb.pem"
        with bomb.open("wb") as out:
            out.write(b"-----BEGIN CERTIFICATE-----\n")
            out.truncate(3 << 30)
        run = Run(bomb)
        assert run.code == 2
        assert run.mebibytes < LIMIT
        assert "is longer than the 67108864 bytes" in run.said


class TestComplaints:
    """A thousand of each file are told, the rest is counted."""

    def test_of_each_file(self, tmp_path: Path) -> None:
        """And the count says of which."""
        files = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
        files[0].write_bytes(b"x\n" * 1_500)
        files[1].write_bytes(b"x\n" * 900)
        run = Run(files[0], files[1], "--format", "zgrab")
        told = run.said.splitlines()
        assert sum(f"{files[0]}: line" in line for line in told) == 1_000
        assert sum(f"{files[1]}: line" in line for line in told) == 900
        assert f"certpath: and 500 more complaints about {files[0]}" in told
        assert "  complaints about the input: 2400" in told

    @pytest.mark.parametrize(("errors", "limit", "code"), [(5, 5, 1), (6, 5, 2), (1, 0, 2), (0, 0, 0)])
    def test_more_than_are_borne_end_the_run(
        self, errors: int, limit: int, code: int, tmp_path: Path
    ) -> None:
        """With exit code 2, and without results."""
        file, target = tmp_path / "scan.jsonl", tmp_path / "verdicts.jsonl"
        file.write_bytes(
            b"x\n" * errors + json.dumps(scans.grab(scans.chains()["good-rsa"])).encode() + b"\n"
        )
        run = Run(file, "--format", "zgrab", "--max-errors", limit, output=target)
        assert run.code == code
        assert target.exists() == (code < 2)
        assert sum(": line " in line for line in run.said.splitlines()) == min(errors, limit + 1)
        assert (f"--max-errors {limit}: stopped" in run.said) == (code == 2)

    def test_a_bad_row_is_small(self, tmp_path: Path) -> None:
        """In JSON lines it has what bears on it, and its text once."""
        file = tmp_path / "scan.jsonl"
        file.write_bytes(b"x\n" * 1_000)
        run = Run(file, "--format", "zgrab")
        lines = run.out.read_bytes().splitlines()
        assert len(lines) == 1_000
        # The file stands in its key, its column and its message.
        assert max(len(line) - 3 * len(str(file)) for line in lines) < 400
        row: dict[str, Any] = json.loads(lines[7])
        assert row["row"] == 7
        assert row["status"] == "input_error"
        assert row["name"] is None
        assert lines[7].count(b"expected value") == 1
        assert row["findings"][0]["detail"].endswith("line 8, byte 14: expected value")


class TestTimes:
    """A time that is not one costs its row."""

    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "int"])
    def test_in_a_table(self, unit: str, tmp_path: Path) -> None:
        """Nanoseconds where seconds belong, and whatever lies beyond the year 9999."""
        file, target = tmp_path / "scan.parquet", tmp_path / "verdicts.parquet"
        good = scans.chains()["good-rsa"]
        kind = pa.int64() if unit == "int" else pa.timestamp(unit)
        scale = {"s": 1, "int": 1, "ms": 1_000, "us": 10**6, "ns": 10**9}[unit]
        extremes = [2**63 - 1, -(2**63), 253_402_300_800 * scale, 10**18 * 17 // 10]
        odd = [extreme for extreme in extremes if -(2**63) <= extreme < 2**63]
        if unit == "ns":
            odd = []  # all of them are times
        if unit == "s":
            # Parquet has no seconds: pyarrow makes milliseconds of them, as far as they go.
            odd = [time for time in odd if abs(time) < 2**63 // 1_000]
        times = [1_768_478_400 * scale, *odd, None]
        table = pa.table({"chain": [good] * len(times), "at": pa.array(times, pa.int64()).cast(kind)})
        pq.write_table(table, file, coerce_timestamps=None, store_schema=True)
        for _ in range(2):
            run = Run(file, "--resume", output=target)
            assert "Traceback" not in run.said
            found = pq.read_table(target)["status"].to_pylist()
            assert found == ["ok", *["input_error"] * len(odd), "ok"]
            assert (f"complaints about the input: {len(odd)}" in run.said) == bool(odd)

    def test_in_an_entry_of_a_log(self, tmp_path: Path) -> None:
        """Milliseconds of eight octets go far."""
        file = tmp_path / "answer.json"
        answer = scans.ct_entries([scans.chains()["good-rsa"]])
        octets = bytearray(base64.b64decode(answer["entries"][0]["leaf_input"]))
        octets[2:10] = b"\xff" * 8
        late = {**answer["entries"][0], "leaf_input": base64.b64encode(octets).decode()}
        file.write_text(json.dumps({"entries": [late, *answer["entries"]]}))
        run = Run(file, output=tmp_path / "verdicts.jsonl")
        rows = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
        assert run.code == 1
        assert [row["status"] for row in rows] == ["input_error", "ok"]
