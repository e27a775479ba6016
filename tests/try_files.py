"""The files that the pages under docs/start and docs/how-to speak of: docs/try.zip.

    python tests/try_files.py docs/try.zip

Makes them anew, with new keys. Nothing in them ends before 2049 but what is meant to have ended.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from pyarrow import parquet
from support import captures, pki, scans

__all__ = ["files"]

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def purposeful(root: pki.Entity, purpose: ObjectIdentifier, *more: x509.ExtensionType) -> str:
    """A chain of one certificate for a purpose."""
    extensions = [(x509.ExtendedKeyUsage([purpose]), False), *((one, False) for one in more)]
    return pki.issue("somebody", root, host=None, extensions=extensions).pem


def onecrl(der: bytes) -> str:
    """Records, one of them of this certificate."""
    certificate = x509.load_der_x509_certificate(der)
    serial = certificate.serial_number
    listed = {
        "issuerName": scans.base64_of(certificate.issuer.public_bytes()),
        "serialNumber": scans.base64_of(serial.to_bytes(serial.bit_length() // 8 + 1, "big")),
        "enabled": True,
    }
    return json.dumps({"data": [listed]})


def files() -> dict[str, bytes]:
    """Their contents, by name."""
    root = pki.issue("Company Root", ca=True)
    server = pki.issue("server", root, host=scans.HOST)
    mailbox = x509.SubjectAlternativeName([x509.RFC822Name("mail@example.test")])
    chains = scans.chains()
    good, bad = chains["good-rsa"], chains["expired"]
    issuers = sorted({der for chain in chains.values() for der in chain[1:]})
    # Of the third host the intermediate is missing: what to fetch.
    sent = [good, bad, chains["missing-intermediate"]]
    grabs = [scans.grab(chain, number=number) for number, chain in enumerate(sent)]
    texts = {
        "company.pem": root.pem,
        "server.pem": server.pem + server.key_pem,
        "client.pem": purposeful(root, ExtendedKeyUsageOID.CLIENT_AUTH),
        "signer.pem": purposeful(root, ExtendedKeyUsageOID.CODE_SIGNING),
        "mail.pem": purposeful(root, ExtendedKeyUsageOID.EMAIL_PROTECTION, mailbox),
        "roots.pem": (EXAMPLES / "roots.pem").read_text() + root.pem,
        "intermediates.pem": "".join(scans.pem_of(der) for der in issuers),
        "scan.jsonl": "".join(f"{json.dumps(grab)}\n" for grab in grabs),
        "onecrl.json": onecrl(good[0]),
        "entries.json": json.dumps(scans.ct_entries([good])),
    }
    table = {"ip": ["192.0.2.1", "192.0.2.2"], "name": [scans.HOST] * 2, "chain": [good, bad]}
    hosts = io.BytesIO()
    parquet.write_table(pa.table(table), hosts)
    copies = {
        "chain.pem": "chains/good-rsa.pem",
        "chains/chain.pem": "chains/good-rsa.pem",
        "expired.pem": "chains/expired.pem",
        "leaf-only.pem": "chains/missing-intermediate.pem",
        "revoked.pem": "chains/revoked.pem",
        "crl.pem": "crl.pem",
    }
    return {
        **{name: text.encode() for name, text in texts.items()},
        **{name: (EXAMPLES / example).read_bytes() for name, example in copies.items()},
        "crlite-filter": (Path(__file__).parent / "crlite" / "form-3").read_bytes(),
        "capture.pcap": captures.pcap(captures.Connection(good).packets()),
        "hosts.parquet": hosts.getvalue(),
    }


def main() -> None:
    """Writes them, in the order of their names."""
    with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in sorted(files().items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            # Else nobody but who unpacks them could read them: a container, say.
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, octets, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
