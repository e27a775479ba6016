"""Small scans in every format, made of the example chains."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["AT", "HOST", "ROOTS", "base64_of", "chains", "ct_entries", "grab", "handshake", "scan", "tile"]

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
ROOTS = str(EXAMPLES / "roots.pem")
AT = "2026-01-15T12:00:00Z"
AT_MILLISECONDS = 1_768_478_400_000
HOST = "www.example.test"


def chains() -> dict[str, list[bytes]]:
    """The certificates of each example, in DER, by the example's name."""
    pem = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END", re.DOTALL)
    return {
        path.stem: [base64.b64decode(block) for block in pem.findall(path.read_bytes())]
        for path in sorted((EXAMPLES / "chains").glob("*.pem"))
    }


def base64_of(octets: bytes) -> str:
    """Standard base64, as text."""
    return base64.b64encode(octets).decode("ascii")


def handshake(chain: Sequence[bytes]) -> dict[str, Any]:
    """zgrab2's log of a handshake."""
    certificates = [{"raw": base64_of(der), "parsed": {"version": 3}} for der in chain]
    leaf, rest = (certificates[0], certificates[1:]) if certificates else ({}, [])
    return {
        "server_hello": {"version": {"name": "TLSv1.2", "value": 771}},
        "server_certificates": {"certificate": leaf, "chain": rest},
    }


def grab(chain: Sequence[bytes], *, host: str = HOST, number: int = 0, at: str = AT) -> dict[str, Any]:
    """One line of zgrab2's module tls."""
    result = {"handshake_log": handshake(chain), "handshake_completed_successfully": True}
    scanned = {"status": "success", "protocol": "tls", "result": result, "timestamp": at}
    return {"ip": f"192.0.2.{number % 256}", "port": 443, "domain": host, "data": {"tls": scanned}}


def scan(rows: int) -> bytes:
    """So many lines, the examples in turn."""
    turn = itertools.cycle(chains().values())
    lines = (json.dumps(grab(chain, number=number)) for number, chain in zip(range(rows), turn, strict=False))
    return "".join(f"{line}\n" for line in lines).encode()


def _vector(octets: bytes, length: int) -> bytes:
    return len(octets).to_bytes(length, "big") + octets


def _leaf(chain: Sequence[bytes], extensions: bytes = b"") -> bytes:
    entry = AT_MILLISECONDS.to_bytes(8, "big") + b"\0\0" + _vector(chain[0], 3)
    return entry + _vector(extensions, 2)


def ct_entries(all_chains: Iterable[Sequence[bytes]]) -> dict[str, Any]:
    """An answer of a log to get-entries."""
    entries = []
    for chain in all_chains:
        extra = _vector(b"".join(_vector(der, 3) for der in chain[1:]), 3)
        leaf = b"\0\0" + _leaf(chain)
        entries.append({"leaf_input": base64_of(leaf), "extra_data": base64_of(extra)})
    return {"entries": entries}


def tile(all_chains: Iterable[Sequence[bytes]], issuers: Path) -> bytes:
    """A data tile of a static log, whose issuers go into the folder `issuers`."""
    issuers.mkdir(parents=True, exist_ok=True)
    out = b""
    for index, chain in enumerate(all_chains):
        fingerprints = b""
        for der in chain[1:]:
            fingerprint = hashlib.sha256(der)
            (issuers / fingerprint.hexdigest()).write_bytes(der)
            fingerprints += fingerprint.digest()
        out += _leaf(chain, b"\0" + _vector(index.to_bytes(5, "big"), 2)) + _vector(fingerprints, 2)
    return out
