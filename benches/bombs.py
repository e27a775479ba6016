#!/usr/bin/env python3
"""Feed ``certpath check`` with inputs that are small and become large, and measure its memory and its output.

    python benches/bombs.py [--small] [--form jsonl|csv|parquet] [NAME ...]

Each bomb is made in a temporary folder and judged by a process of its own, whose largest resident set the
operating system counts. Prints a Markdown table; exit code 1 if a run took 500 MiB or more, or ended with a
traceback. ``--small`` makes smaller ones. Needs `pyarrow`.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 500
"""MiB that a run may take."""

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def compressed(path: Path, pieces: Iterator[bytes], codec: str = "zstd") -> None:
    """A file with these octets, compressed."""
    with pa.OSFile(str(path), "wb") as raw, pa.CompressedOutputStream(raw, codec) as out:
        for piece in pieces:
            out.write(piece)


def repeated(what: bytes, times: int) -> Iterator[bytes]:
    """So many times the same octets, in pieces of some size."""
    at_once = max(1, (1 << 20) // len(what))
    block = what * at_once
    for _ in range(times // at_once):
        yield block
    yield what * (times % at_once)


def grab(log: dict[str, Any]) -> bytes:
    """A line of zgrab2."""
    line = {"ip": "192.0.2.1", "data": {"tls": {"result": {"handshake_log": log}}}}
    return json.dumps(line).encode() + b"\n"


def short_lines(path: Path, scale: int) -> None:
    """A million lines of one octet."""
    path.write_bytes(b"x\n" * (1_000_000 // scale))


def long_lines(path: Path, scale: int) -> None:
    """Lines of 16 MiB that hold a certificate of twelve."""
    raw = base64.b64encode(b"\x30" * (12 << 20)).decode()
    line = grab({"server_certificates": {"certificate": {"raw": raw}}})
    compressed(path, (line for _ in range(max(4, 40 // scale))))


def one_line(path: Path, scale: int) -> None:
    """32 GiB of zeros in one line."""
    compressed(path, repeated(b"\0" * (1 << 20), 32 * 1024 // scale))


def empty_objects(path: Path, scale: int) -> None:
    """Ten million empty objects."""
    compressed(path, repeated(b"{}\n", 10_000_000 // scale))


def many_lines(path: Path, scale: int) -> None:
    """Four million lines `x`, in some hundred octets."""
    compressed(path, repeated(b"x\n", 4_000_000 // scale))


def tile(path: Path, scale: int) -> None:
    """A tile of 64 MiB with an entry in every 17 octets, in some thousand octets."""
    entry = bytes(8) + b"\0\0" + b"\0\0\0" + b"\0\0" + b"\0\0"
    compressed(path, repeated(entry, (64 << 20) // len(entry) // scale), "gzip")


def answers(path: Path, scale: int) -> None:
    """Forty answers of a log with 50,000 empty entries each."""
    answer = b'{"entries":[' + b",".join([b"{}"] * 50_000) + b"]}\n"
    compressed(path, repeated(answer, max(2, 40 // scale)))


def chains_in_chains(path: Path, scale: int) -> None:
    """Lines of zgrab2 with a hundred scans of 33 handshakes, each with a thousand empty certificates."""
    chain: list[dict[str, str]] = [{}] * 1_000
    handshake = {"handshake_log": {"server_certificates": {"certificate": {}, "chain": chain}}}
    response = {"request": {"tls_log": handshake}}
    result = {"response": response, "redirect_response_chain": [response] * 32}
    line = {"domain": "x" * 1_000_000, "data": {f"s{number}": {"result": result} for number in range(100)}}
    compressed(path, repeated(json.dumps(line, separators=(",", ":")).encode() + b"\n", max(1, 8 // scale)))


def deep(path: Path, scale: int) -> None:
    """Lines of 32 MiB of nested lists and objects."""
    nested = b'{"data":' + b'{"result":[' * (3 << 20)
    compressed(path, (nested + b"\n" for _ in range(max(2, 20 // scale))))


def gzip_of_lines(path: Path, scale: int) -> None:
    """A GiB of short lines in a MiB of gzip, in members."""
    member = gzip.compress(b"[]\n" * (1 << 20))
    path.write_bytes(member * (340 // scale))


def one_value(path: Path, scale: int) -> None:
    """Parquet: one certificate of 64 KiB for 200,000 rows, in one row group."""
    rows = 200_000 // scale
    values = pa.array([b"\x30" + bytes(1 << 16)], pa.binary())
    leaf = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), values)
    pq.write_table(pa.table({"leaf": leaf}), path, row_group_size=rows, compression="zstd")


def giant_page(path: Path, scale: int) -> None:
    """Parquet: a value of a GiB, in a page of some kB."""
    value = pa.array([bytes((1 << 30) // scale)], pa.large_binary())
    pq.write_table(pa.table({"leaf": value}), path, use_dictionary=False, compression="zstd")


def giant_list(path: Path, scale: int) -> None:
    """Parquet: a row whose list has 200 million items."""
    items = 200_000_000 // scale
    chain = pa.ListArray.from_arrays([0, items], pa.nulls(items, pa.binary()))
    pq.write_table(pa.table({"chain": chain}), path, compression="zstd")


BOMBS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "short lines": ("zgrab", short_lines),
    "long lines": ("zgrab", long_lines),
    "one line": ("zgrab", one_line),
    "empty objects": ("zgrab", empty_objects),
    "many lines": ("zgrab", many_lines),
    "tile": ("ct-tiles", tile),
    "answers": ("ct-entries", answers),
    "chains in chains": ("zgrab", chains_in_chains),
    "deep": ("zgrab", deep),
    "gzip": ("zgrab", gzip_of_lines),
    "one value": ("parquet", one_value),
    "giant page": ("parquet", giant_page),
    "giant list": ("parquet", giant_list),
}


def run(name: str, folder: Path, scale: int, form: str) -> tuple[str, int, bool]:
    """The row of a bomb in the table, the MiB that its run took, and whether it ended as it should."""
    kind, make = BOMBS[name]
    bomb, target = folder / "bomb", folder / f"verdicts.{form}"
    # By a process of its own: a run begins as a copy of this one, and what this one has taken would count.
    maker = multiprocessing.get_context("spawn").Process(target=make, args=(bomb, scale))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise RuntimeError(f"the bomb {name!r} could not be made")
    words = [
        "-m",
        "certpath",
        "check",
        bomb,
        "--format",
        kind,
        "--roots",
        EXAMPLES / "roots.pem",
        "-o",
        target,
    ]
    began = time.monotonic()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, *map(str, words)],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 2, str(folder / "said"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        ],
    )
    _, status, used = os.wait4(pid, 0)
    seconds = time.monotonic() - began
    said = (folder / "said").read_text(errors="replace")
    peak = used.ru_maxrss // 1024 if sys.platform != "darwin" else used.ru_maxrss >> 20
    rows = next(
        (line.split()[0] for line in said.splitlines() if line.split()[1:2] in (["rows"], ["row"])), "?"
    )
    code = os.waitstatus_to_exitcode(status)
    size = target.stat().st_size if target.exists() else 0
    description = (make.__doc__ or "").rstrip(".")
    cells = [f"{bomb.stat().st_size:,}", rows, f"{size / 1e6:,.1f}", f"{seconds:,.1f}", peak, code]
    row = f"| {description} | {' | '.join(map(str, cells))} |"
    bomb.unlink()
    target.unlink(missing_ok=True)
    return row, peak, code in {0, 1, 2} and "Traceback" not in said


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*BOMBS, []], help="default: all")
    parser.add_argument("--small", action="store_true", help="a fiftieth of it")
    parser.add_argument("--form", default="parquet", choices=("parquet", "jsonl", "csv"))
    given = parser.parse_args()
    print("| Bomb | octets | rows | output, MB | s | peak, MiB | exit |\n|:--|--:|--:|--:|--:|--:|--:|")
    ended_well = True
    for name in given.names or BOMBS:
        with tempfile.TemporaryDirectory() as folder:
            row, peak, ended = run(name, Path(folder), 50 if given.small else 1, given.form)
        print(row, flush=True)
        ended_well &= ended and peak < LIMIT
    return 0 if ended_well else 1


if __name__ == "__main__":
    sys.exit(main())
