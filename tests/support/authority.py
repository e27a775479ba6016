"""A certification authority for the tests of contexts: certificates by name, made once, in one folder."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from . import pki

if TYPE_CHECKING:
    from pathlib import Path

SERVER = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
CLIENT = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
LOCAL = (pki.sans("localhost", "127.0.0.1"), False)


class Authority:
    """Certificates by name, and the files that contexts load them from; all keys of one kind."""

    def __init__(self, folder: Path, kind: str = "p256") -> None:
        self.folder = folder
        issue = functools.partial(pki.issue, own_key=kind, host=None)
        self.root = issue("Test Root", ca=True)
        self.intermediate = issue("Test Intermediate", self.root, ca=True)
        self.other_root = issue("Other Root", ca=True)
        elsewhere = (pki.sans("elsewhere.example"), False)
        local = (LOCAL,)
        self.leaves = {
            "good": issue("localhost", self.intermediate, extensions=(LOCAL, SERVER)),
            "wrong name": issue("elsewhere", self.intermediate, extensions=(elsewhere, SERVER)),
            "expired": issue("expired", self.intermediate, extensions=local, not_after=pki.at(2021)),
            "not yet valid": issue("future", self.intermediate, extensions=local, not_before=pki.at(2040)),
            "untrusted": issue("stranger", self.other_root, extensions=local),
            "self-signed": issue("localhost", extensions=local),
            "wrong purpose": issue("localhost", self.intermediate, extensions=(LOCAL, CLIENT)),
            "revoked": issue("revoked", self.intermediate, extensions=local),
            "client": issue("a client", self.intermediate, extensions=(CLIENT,)),
            "common name only": issue("localhost", self.intermediate),
        }
        serial = self.leaves["revoked"].certificate.serial_number
        self.crl = pki.crl_pem(pki.crl(self.intermediate, [(serial, None)]))

    @functools.cached_property
    def root_file(self) -> str:
        return self.file("root.pem", self.root.pem)

    @functools.cached_property
    def crl_file(self) -> str:
        return self.file("crl.pem", self.crl)

    def file(self, name: str, text: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    def chain(self, name: str) -> list[pki.Entity]:
        """A certificate by name, and the intermediate where it is the issuer."""
        leaf = self.leaves[name]
        issued = leaf.certificate.issuer == self.intermediate.certificate.subject
        return [leaf, self.intermediate] if issued else [leaf]

    def chain_file(self, name: str, *, complete: bool = True) -> str:
        """Key, certificate and, if asked for, intermediates: what ``load_cert_chain`` takes."""
        path = self.folder / f"{name.replace(' ', '-')}-{'chain' if complete else 'leaf'}.pem"
        if not path.exists():
            chain = self.chain(name)
            path.write_text(chain[0].key_pem + pki.chain_pem(chain if complete else chain[:1]))
        return str(path)
