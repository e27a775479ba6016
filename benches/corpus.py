"""A scan to measure with: ``python benches/corpus.py FILE [--rows N] [--clean] [--zgrab2 OUT]``.

FILE keeps what was made: it is read if it is there and made for the same parameters, and written
otherwise. It is an Arrow file of one row a host (`key`, `name`, `at`, `kind` and `chain`, a list of
dictionary-encoded certificates, end entity first); the roots that the scan is judged with are in the
metadata of its schema. Everything but the keys and the signatures follows from the seed.

What it is like:

* 40 intermediates below 12 roots issue everything, weighted as 1/k (Zipf). Their keys are RSA-2048,
  P-256 and P-384 in the shares of `Shape`, counted by certificates, not by issuers.
* Of the rows `repeats` present a certificate that others present too, for any of its names;
  `invalid` have one of the common faults, `garbage` is not a chain of certificates at all.
* End entities have what those of public CAs have: subjectAltName with two to thirty names, AIA, CRL
  distribution points, policies and two or three SCTs. Their keys come from a pool; the signatures are real.

Public tables count the keys of end entities (RSA-2048 68 %, RSA-4096 12 %, P-256 15 %: 500,000
certificates of KeyChest, 2019), not the keys that sign them. The defaults are therefore an estimate: the two
largest CAs of the web issue from RSA-2048 and P-384 (Let's Encrypt, its R and E intermediates) and from
RSA-2048 and P-256 (Google Trust Services, WR and WE), most others from RSA-2048. `--shares` takes others.
"""

from __future__ import annotations

import argparse
import base64
import concurrent.futures
import dataclasses
import hashlib
import importlib
import itertools
import json
import multiprocessing
import os
import random
import sys
from pathlib import Path
from typing import Any

import issuance
from issuance import ALGORITHMS, AT, FAULTS, ISSUERS, LITTER, ROOTS, STRANGERS, Authorities, Host, Press
from support import transparency

CHUNK = 2_000
"""Hosts that a process makes at a time."""


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a corpus is made of; everything is a share between 0 and 1 except the first three."""

    rows: int = 100_000
    seed: int = 1
    pool: int = 0
    """Intermediates of strangers in addition, for a pool."""
    rsa2048: float = 0.60
    p256: float = 0.20
    p384: float = 0.20
    repeats: float = 0.40
    invalid: float = 0.30
    garbage: float = 0.05
    scts: int = 0
    """Timestamps in each end entity, by logs whose keys are known; 0: two or three by unknown logs."""

    @classmethod
    def clean(cls, rows: int, seed: int = 1) -> Shape:
        """Distinct end entities, all of them valid."""
        return cls(rows, seed, repeats=0, invalid=0, garbage=0)


def arrow() -> Any:
    return importlib.import_module("pyarrow")


_press: list[Press] = []


def _start(made: Authorities) -> None:
    """Gives a process its own press."""
    _press[:] = [Press(made)]


def _chunk(job: tuple[Shape, int, int]) -> list[Host]:
    """One piece of the distinct hosts."""
    shape, first, count = job
    dice = random.Random(f"{shape.seed} {first}")
    kinds = ["valid", *FAULTS, *LITTER]
    shares = [1 - shape.invalid - shape.garbage]
    shares += [shape.invalid * share / sum(FAULTS.values()) for share in FAULTS.values()]
    shares += [shape.garbage / len(LITTER)] * len(LITTER)
    chosen = dice.choices(kinds, shares, k=count)
    return [_press[0].host(dice, first + n, kind) for n, kind in enumerate(chosen)]


def distinct_hosts(shape: Shape, made: Authorities, processes: int) -> list[Host]:
    count = round(shape.rows * (1 - shape.repeats))
    jobs = [(shape, first, min(CHUNK, count - first)) for first in range(0, count, CHUNK)]
    # Keys do not pickle; children of a fork have them.
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(
        processes, mp_context=context, initializer=_start, initargs=(made,)
    ) as pool:
        return [host for hosts in pool.map(_chunk, jobs) for host in hosts]


@dataclasses.dataclass(frozen=True)
class Corpus:
    """A scan: its hosts as a table, and the roots to judge them with."""

    shape: Shape
    roots: list[bytes]
    pool: list[bytes]
    hosts: Any
    logs: str
    """The list of the logs."""

    @property
    def certificates(self) -> Any:
        """Every certificate, once."""
        return self.hosts["chain"].combine_chunks().values.dictionary

    def chains(self) -> list[list[bytes]]:
        """Chains as Python has them."""
        known = self.certificates.to_pylist()
        positions = self.hosts["chain"].combine_chunks()
        numbers = positions.values.indices.to_pylist()
        ends = positions.offsets.to_pylist()
        return [[known[number] for number in numbers[start:end]] for start, end in itertools.pairwise(ends)]

    def names(self) -> list[str]:
        """The name that each host was asked for."""
        return list(self.hosts["name"].to_pylist())

    def plain(self) -> Any:
        """The table with its chains as ordinary lists of binary values."""
        pa = arrow()
        chain = self.hosts["chain"].combine_chunks()
        values = chain.values.dictionary_decode().cast(pa.large_binary())
        lists = pa.ListArray.from_arrays(chain.offsets, values)
        position = self.hosts.schema.get_field_index("chain")
        return self.hosts.set_column(position, "chain", lists)

    def pair(self) -> tuple[Any, Any]:
        """The normalised pair: certificates, and hosts with the numbers of theirs."""
        pa = arrow()
        chain = self.hosts["chain"].combine_chunks()
        numbers = chain.values.indices.cast(pa.uint32())
        lists = pa.ListArray.from_arrays(chain.offsets, numbers)
        position = self.hosts.schema.get_field_index("chain")
        certificates = pa.table({"der": self.certificates})
        return certificates, self.hosts.set_column(position, "ids", lists)


def make(shape: Shape, processes: int) -> Corpus:
    pa = arrow()
    made = issuance.authorities({name: getattr(shape, name) for name in ALGORITHMS}, shape.scts)
    # Makes their keys too, before the other processes are there.
    listed = transparency.log_list(made.logs)
    distinct = distinct_hosts(shape, made, processes)
    dice = random.Random(f"{shape.seed} rows")
    certificates = made.certificates
    chains: list[list[int]] = []
    known: dict[bytes, int] = {}
    for _, chain, _ in distinct:
        numbers = []
        for member in chain:
            if isinstance(member, bytes):
                if member not in known:
                    known[member] = len(certificates)
                    certificates.append(member)
                numbers.append(known[member])
            else:
                numbers.append(member)
        chains.append(numbers)
    # Every distinct host once; the others repeat one of them, some more often than others. Then in any order.
    order = list(range(len(distinct)))
    order += [int(len(distinct) * dice.random() ** 2) for _ in range(shape.rows - len(distinct))]
    dice.shuffle(order)
    offsets = [0, *itertools.accumulate(len(chains[number]) for number in order)]
    flat = pa.DictionaryArray.from_arrays(
        pa.array(itertools.chain.from_iterable(chains[number] for number in order), pa.int32()),
        pa.array(certificates, pa.large_binary()),
    )
    addresses = (f"198.18.{row >> 8 & 255}.{row & 255}:{443 + (row >> 16)}" for row in range(len(order)))
    hosts = pa.table(
        {
            "key": pa.array(addresses, pa.string()),
            "name": pa.array((dice.choice(distinct[number][2]) for number in order), pa.string()),
            "at": pa.array([AT] * len(order), pa.timestamp("s", "UTC")),
            "kind": pa.array((distinct[number][0] for number in order), pa.string()).dictionary_encode(),
            "chain": pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat),
        }
    )
    return Corpus(
        shape, [root.der for root in made.roots], issuance.other_intermediates(shape.pool), hosts, listed
    )


def encoded(certificates: list[bytes]) -> str:
    return json.dumps([base64.b64encode(der).decode() for der in certificates])


def save(corpus: Corpus, path: Path) -> None:
    pa = arrow()
    metadata = {
        "shape": json.dumps(dataclasses.asdict(corpus.shape)),
        "roots": encoded(corpus.roots),
        "pool": encoded(corpus.pool),
        "logs": corpus.logs,
        "version": version(),
    }
    table = corpus.hosts.replace_schema_metadata(metadata)
    unfinished = path.with_name(f"{path.name}.part")
    with pa.OSFile(str(unfinished), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    unfinished.replace(path)


def version() -> str:
    """Of what makes a corpus: this file and the one below it."""
    sources = Path(__file__), Path(issuance.__file__)
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def load(path: Path, shape: Shape) -> Corpus | None:
    """What the file keeps, if it was made for this shape by this program."""
    pa = arrow()
    if not path.exists():
        return None
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    found = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    if found.get("version") != version() or json.loads(found["shape"]) != dataclasses.asdict(shape):
        return None
    roots, pool = ([base64.b64decode(text) for text in json.loads(found[name])] for name in ("roots", "pool"))
    return Corpus(shape, roots, pool, table, found["logs"])


def obtain(path: Path, shape: Shape, processes: int | None = None) -> Corpus:
    """The corpus of this shape, kept in the file."""
    if (kept := load(path, shape)) is not None:
        return kept
    made = make(shape, processes or os.cpu_count() or 1)
    save(made, path)
    return load(path, shape) or made


def summary(corpus: Corpus) -> str:
    counts = corpus.hosts["kind"].value_counts().to_pylist()
    kinds = ", ".join(
        f"{entry['values']} {entry['counts']}"
        for entry in sorted(counts, key=lambda entry: -int(entry["counts"]))
    )
    lengths = sorted(len(der.as_buffer()) for der in corpus.certificates[ROOTS + ISSUERS + STRANGERS :])
    sizes = ", ".join(f"{lengths[int(len(lengths) * part)]}" for part in (0.1, 0.5, 0.9))
    return (
        f"{corpus.hosts.num_rows:,} hosts, {len(lengths):,} end entities "
        f"(10 %, 50 % and 90 % of them up to {sizes} octets)\n{kinds}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Make a scan to measure with.")
    parser.add_argument("file", type=Path, metavar="FILE", help="keeps the corpus")
    parser.add_argument("--rows", type=int, default=100_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--clean", action="store_true", help="distinct and valid rows only")
    parser.add_argument("--shares", metavar="RSA,P256,P384", help="of the signatures on end entities")
    parser.add_argument("--processes", type=int, metavar="N", help="that sign; default: one a core")
    parser.add_argument("--zgrab2", type=Path, metavar="FILE", help="as zgrab2 writes it (.jsonl[.gz|.zst])")
    parser.add_argument("--lean", action="store_true", help="zgrab2 without its parsed certificates")
    parser.add_argument("--parquet", type=Path, metavar="FILE", help="as Parquet, one chain a row")
    arguments = parser.parse_args()
    shape = (Shape.clean if arguments.clean else Shape)(arguments.rows, arguments.seed)
    if arguments.shares:
        rsa2048, p256, p384 = map(float, arguments.shares.split(","))
        shape = dataclasses.replace(shape, rsa2048=rsa2048, p256=p256, p384=p384)
    corpus = obtain(arguments.file, shape, arguments.processes)
    print(summary(corpus))
    if arguments.zgrab2 or arguments.parquet:
        import scan_files  # noqa: PLC0415 (it imports this module)

        if arguments.zgrab2:
            scan_files.write_zgrab2(corpus, arguments.zgrab2, lean=arguments.lean)
        if arguments.parquet:
            scan_files.write_parquet(corpus, arguments.parquet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
