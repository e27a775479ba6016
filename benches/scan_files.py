"""A corpus as the files that scanners leave: zgrab2's JSON lines, and Parquet with one chain a row."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib
import json
from typing import TYPE_CHECKING, Any

from corpus import arrow
from issuance import AT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from corpus import Corpus

TIMESTAMP = AT.isoformat().replace("+00:00", "Z")
ROW_GROUP = 20_000


@contextlib.contextmanager
def sink(path: Path) -> Iterator[Any]:
    """A file to write octets to, compressed as its name says."""
    pa = arrow()
    codec = {".gz": "gzip", ".zst": "zstd"}.get(path.suffix)
    with pa.OSFile(str(path), "wb") as raw:
        if codec is None:
            yield raw
            return
        with pa.CompressedOutputStream(raw, codec) as compressed:
            yield compressed


def parsed(der: bytes) -> str:
    """What zgrab2 writes beside `raw`: as many octets, and as hard to compress. A reader passes it over."""
    text = base64.b64encode(der).decode()
    digest = hashlib.sha256(der).hexdigest()
    third = len(text) // 3
    return json.dumps(
        {
            "version": 3,
            "serial_number": str(int.from_bytes(der[15:31], "big")),
            "signature_algorithm": {"name": "SHA256-RSA", "oid": "1.2.840.113549.1.1.11"},
            "validity": {"start": TIMESTAMP, "end": TIMESTAMP, "length": 7776000},
            "subject_key_info": {
                "key_algorithm": {"name": "RSA"},
                "rsa_public_key": {"exponent": 65537, "modulus": text[:third], "length": 2048},
                "fingerprint_sha256": digest,
            },
            "extensions": {
                "key_usage": {"digital_signature": True, "value": 1},
                "basic_constraints": {"is_ca": False},
                "extended_key_usage": {"client_auth": True, "server_auth": True},
                "signed_certificate_timestamps": [{"version": 0, "signature": text[third : 2 * third]}],
            },
            "signature": {"value": text[2 * third :], "valid": False, "self_signed": False},
            "fingerprint_md5": digest[:32],
            "fingerprint_sha1": digest[:40],
            "fingerprint_sha256": digest,
            "tbs_fingerprint": digest[::-1],
            "spki_subject_fingerprint": digest,
            "validation_level": "DV",
            "names": [f"{digest[:12]}.example"],
            "unknown_extensions": [{"id": "1.3.6.1.4.1.11129.2.4.2", "critical": False, "value": text}],
            "redacted": False,
        },
        separators=(",", ":"),
    )


def member(der: bytes, *, lean: bool) -> str:
    """A certificate of zgrab2's `server_certificates`."""
    raw = base64.b64encode(der).decode()
    return f'{{"raw":"{raw}"}}' if lean else f'{{"raw":"{raw}","parsed":{parsed(der)}}}'


def write_zgrab2(corpus: Corpus, path: Path, *, lean: bool = False) -> None:
    """One line a host, as the module `tls` of zgrab2 leaves it; lean: without `parsed`."""
    chain = corpus.hosts["chain"].combine_chunks()
    texts: dict[int, str] = {}
    known = corpus.certificates
    with sink(path) as file:
        for first in range(0, corpus.hosts.num_rows, ROW_GROUP):
            rows = corpus.hosts.slice(first, ROW_GROUP)
            numbers = chain.slice(first, ROW_GROUP)
            lines = []
            for key, name, indices in zip(
                rows["key"].to_pylist(),
                rows["name"].to_pylist(),
                numbers_of(numbers),
                strict=True,
            ):
                members = []
                for number in indices:
                    text = texts.get(number)
                    if text is None:
                        text = member(known[number].as_py(), lean=lean)
                        # CA certificates come again with each host; end entities seldom.
                        if number < 100:
                            texts[number] = text
                    members.append(text)
                lines.append(line(key, name, members))
            file.write("".join(lines).encode())


def numbers_of(chain: Any) -> Iterator[list[int]]:
    """The numbers of the certificates, host for host."""
    lists = importlib.import_module("pyarrow").ListArray
    plain = lists.from_arrays(chain.offsets, chain.values.indices)
    yield from plain.to_pylist()


def line(key: str, name: str, members: list[str]) -> str:
    """One grab."""
    address, port = key.rsplit(":", 1)
    leaf = members[0] if members else "{}"
    chain = f',"chain":[{",".join(members[1:])}]' if members[1:] else ""
    certificates = f'{{"certificate":{leaf}{chain},"validation":{{"browser_trusted":false}}}}'
    hello = '{"version":{"name":"TLSv1.2","value":771},"cipher_suite":{"hex":"0xC02F"},"ocsp_stapling":false}'
    log = f'{{"server_hello":{hello},"server_certificates":{certificates}}}'
    return (
        f'{{"ip":"{address}","port":{port},"domain":"{name}","data":{{"tls":{{"status":"success","protocol":"tls",'
        f'"port":{port},"result":{{"handshake_log":{log}}},"timestamp":"{TIMESTAMP}"}}}}}}\n'
    )


def write_parquet(corpus: Corpus, path: Path) -> None:
    """One row a host: `key`, `name`, `at` and `chain`."""
    pa = arrow()
    parquet = importlib.import_module("pyarrow.parquet")
    schema = pa.schema(
        [
            ("key", pa.string()),
            ("name", pa.string()),
            ("at", pa.timestamp("s", "UTC")),
            ("chain", pa.list_(pa.binary())),
        ]
    )
    with parquet.ParquetWriter(str(path), schema, compression="zstd") as writer:
        for first in range(0, corpus.hosts.num_rows, ROW_GROUP):
            hosts = corpus.hosts.slice(first, ROW_GROUP).combine_chunks()
            chain = hosts["chain"].combine_chunks()
            values = chain.flatten().dictionary_decode().cast(pa.binary())
            starts = chain.offsets
            offsets = importlib.import_module("pyarrow.compute").subtract(starts, starts[0])
            lists = pa.ListArray.from_arrays(offsets, values)
            columns = [hosts[name] for name in ("key", "name", "at")]
            writer.write_table(pa.table([*columns, lists], schema=schema), ROW_GROUP)
