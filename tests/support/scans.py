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

__all__ = [
    "AT",
    "HOST",
    "ROOTS",
    "base64_of",
    "certstream",
    "chains",
    "csv_findings",
    "ct_entries",
    "flat_findings",
    "grab",
    "handshake",
    "har",
    "nmap",
    "ooni",
    "pem_of",
    "pretty_findings",
    "s_client",
    "scan",
    "sslyze",
    "tile",
    "tlsx",
]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
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


def pem_of(octets: bytes) -> str:
    """PEM of one certificate."""
    text = base64_of(octets)
    lines = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


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


def certstream(chain: Sequence[bytes], *, number: int = 7) -> dict[str, Any]:
    """A message of certstream."""
    logged = [{"as_der": base64_of(der)} for der in chain]
    data = {"update_type": "X509LogEntry", "leaf_cert": logged[0], "chain": logged[1:], "cert_index": number}
    return {"message_type": "certificate_update", "data": data}


def tlsx(chain: Sequence[bytes], *, host: str = HOST, at: str = AT) -> dict[str, Any]:
    """A line of tlsx; with an empty chain one without ``-cert``."""
    probe: dict[str, Any] = {
        "timestamp": at,
        "host": host,
        "ip": "192.0.2.7",
        "port": "443",
        "probe_status": True,
    }
    probe |= {"tls_version": "tls12", "subject_cn": host, "sni": host}
    if chain:
        probe["certificate"] = pem_of(chain[0])
        probe["chain"] = [{"certificate": pem_of(der)} for der in chain[1:]]
    return probe


def sslyze(all_chains: Iterable[Sequence[bytes]], *, host: str = HOST, at: str = AT) -> dict[str, Any]:
    """sslyze's document; an empty chain is a server that was not scanned."""
    results = []
    for chain in all_chains:
        info = None
        if chain:
            deployments = [{"received_certificate_chain": [{"as_pem": pem_of(der)} for der in chain]}]
            result = {
                "hostname_used_for_server_name_indication": host,
                "certificate_deployments": deployments,
            }
            info = {"status": "COMPLETED", "result": result}
        location = {"hostname": host, "port": 443, "ip_address": "192.0.2.7"}
        results.append({"server_location": location, "scan_result": {"certificate_info": info}})
    return {"invalid_server_strings": [], "server_scan_results": results, "date_scans_started": at}


def ooni(chain: Sequence[bytes], *, host: str = HOST, at: str = AT, plain: bool = False) -> dict[str, Any]:
    """A measurement of OONI; an empty chain is a handshake that failed."""
    wrap = (lambda text: text) if plain else (lambda text: {"data": text, "format": "base64"})
    handshake = {
        "address": "192.0.2.7:443",
        "server_name": host,
        "failure": None if chain else "connection_reset",
        "peer_certificates": [wrap(base64_of(der)) for der in chain],
    }
    keys = {"tls_handshakes": [handshake]} if plain else {"pings": [{"tls_handshake": handshake}]}
    start = at.replace("T", " ").removesuffix("Z")
    return {
        "input": f"tlshandshake://{host}:443",
        "probe_asn": "AS64496",
        "measurement_start_time": start,
        "test_keys": keys,
    }


def nmap(
    all_chains: Iterable[Sequence[bytes]], *, host: str = HOST, at: int = AT_MILLISECONDS // 1000
) -> str:
    """nmap's document with ssl-cert: end entities alone; an empty chain is a host without the script."""
    hosts = []
    for chain in all_chains:
        script = "".join(
            f'<script id="ssl-cert" output="x"><elem key="pem">{pem_of(der)}</elem></script>'.replace(
                "\n", "&#xa;"
            )
            for der in chain[:1]
        )
        hosts.append(
            f'<host endtime="{at}"><address addr="192.0.2.7" addrtype="ipv4"/><hostnames>'
            f'<hostname name="{host}" type="user"/></hostnames><ports><port protocol="tcp" portid="443">'
            f"{script}</port></ports></host>"
        )
    return f'<?xml version="1.0"?>\n<nmaprun scanner="nmap">{"".join(hosts)}</nmaprun>\n'


def flat_findings(all_chains: Iterable[Sequence[bytes]], *, host: str = HOST) -> list[dict[str, Any]]:
    """testssl.sh's findings, flat; an empty chain is a server without the section of certificates."""
    findings = []
    for number, chain in enumerate(all_chains):
        place = {"ip": f"{host}/192.0.2.{number}", "port": "443", "severity": "INFO"}
        findings.append({"id": "service", **place, "finding": "HTTP"})
        for index, der in enumerate(chain):
            pem = pem_of(der).strip().replace("\n", " ")
            findings.append(
                {"id": f"intermediate_cert <#{index}>" if index else "cert", **place, "finding": pem}
            )
            findings.append({"id": "cert_trust", **place, "finding": "Ok"})
    return findings


def pretty_findings(all_chains: Iterable[Sequence[bytes]], *, host: str = HOST) -> dict[str, Any]:
    """The same, pretty, with a time."""
    servers = []
    for number, chain in enumerate(all_chains):
        findings = [
            {"id": f"intermediate_cert <#{index}>" if index else "cert", "finding": pem_of(der)}
            for index, der in enumerate(chain)
        ]
        server = {"targetHost": host, "ip": f"192.0.2.{number}", "port": "443", "serverDefaults": findings}
        servers.append(server)
    return {"Invocation": "testssl.sh", "startTime": str(AT_MILLISECONDS // 1000), "scanResult": servers}


def csv_findings(all_chains: Iterable[Sequence[bytes]], *, host: str = HOST) -> str:
    """The same as CSV."""
    lines = ['"id","fqdn/ip","port","severity","finding","cve","cwe"']
    for finding in flat_findings(all_chains, host=host):
        values = (finding[key] for key in ("id", "ip", "port", "severity", "finding"))
        lines.append(",".join(f'"{value}"' for value in [*values, "", ""]))
    return "".join(f"{line}\n" for line in lines)


def har(all_chains: Iterable[Sequence[bytes]], *, host: str = HOST, at: str = AT) -> dict[str, Any]:
    """An HTTP archive with certificates; an empty chain is an entry without."""
    entries = []
    for chain in all_chains:
        entry: dict[str, Any] = {"startedDateTime": at, "serverIPAddress": "192.0.2.7", "request": {}}
        entry["request"]["url"] = f"https://{host}/"
        if chain:
            entry["_certificates"] = [pem_of(der) for der in chain]
        entries.append(entry)
    return {"log": {"version": "1.2", "creator": {"name": "tests"}, "entries": entries}}


def s_client(all_chains: Iterable[Sequence[bytes]]) -> str:
    """What ``openssl s_client -showcerts`` prints, several times; an empty chain is a server without one."""
    out = ""
    for chain in all_chains:
        out += "Connecting to 192.0.2.7\nCONNECTED(00000003)\n---\nCertificate chain\n"
        out += "".join(f" {number} s:CN=x\n   i:CN=y\n{pem_of(der)}" for number, der in enumerate(chain))
        out += "---\nServer certificate\nsubject=CN=x\n---\nVerify return code: 0 (ok)\n---\n"
    return out
