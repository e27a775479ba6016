"""One handshake to be judged, and its form as a file: PEM blocks under headings, settings first."""

from __future__ import annotations

import dataclasses
import json
import re
import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Case", "Settings", "read", "write"]

BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----\n", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Settings:
    """How the verifying side is set up."""

    host: str | None = "www.example.test"
    flags: int = 0x8000
    security_level: int = 2
    hostname_checks_common_name: bool = True
    verifier_is_server: bool = False

    @property
    def name(self) -> str | None:
        """The name that is asked for: servers ask for none."""
        return None if self.verifier_is_server else self.host


@dataclasses.dataclass(frozen=True)
class Case:
    """Certificates and CRLs in DER."""

    chain: tuple[bytes, ...]
    key_pem: bytes = dataclasses.field(repr=False)
    trusted: tuple[bytes, ...]
    crls: tuple[bytes, ...] = ()
    settings: Settings = Settings()
    curve: str | None = None
    """That of the end entity's key, where TLS has to be told."""
    note: str = ""
    """What it was made of, for the reader."""


def _armored(der: bytes, kind: str = "CERTIFICATE") -> str:
    return ssl.DER_cert_to_PEM_cert(der).replace("CERTIFICATE", kind)


def text(case: Case) -> str:
    """The whole case as text."""
    lines = [f"# {line}\n" for line in case.note.splitlines()]
    lines += ["## settings\n", json.dumps({**dataclasses.asdict(case.settings), "curve": case.curve}) + "\n"]
    lines += ["## presented\n", case.key_pem.decode("ascii"), *map(_armored, case.chain)]
    lines += ["## trusted\n", *map(_armored, case.trusted)]
    lines += ["## revocation lists\n", *(_armored(crl, "X509 CRL") for crl in case.crls)]
    return "".join(lines)


def write(case: Case, file: Path) -> None:
    file.write_text(text(case), encoding="utf-8")


def parse(content: str) -> Case:
    """What `text` has written."""
    note, _, rest = content.partition("## settings\n")
    settings, _, rest = rest.partition("## presented\n")
    presented, _, rest = rest.partition("## trusted\n")
    trusted, _, crls = rest.partition("## revocation lists\n")
    blocks = {match[1]: match[0] for match in BLOCK.finditer(presented)}
    loaded: dict[str, Any] = json.loads(settings)
    curve: str | None = loaded.pop("curve")
    return Case(
        chain=_ders(presented),
        key_pem=next(block for kind, block in blocks.items() if kind.endswith("PRIVATE KEY")).encode("ascii"),
        trusted=_ders(trusted),
        crls=_ders(crls, "X509 CRL"),
        settings=Settings(**loaded),
        curve=curve,
        note="\n".join(line.removeprefix("# ") for line in note.splitlines()),
    )


def read(file: Path) -> Case:
    return parse(file.read_text(encoding="utf-8"))


def _ders(content: str, kind: str = "CERTIFICATE") -> tuple[bytes, ...]:
    return tuple(
        ssl.PEM_cert_to_DER_cert(match[0].replace(kind, "CERTIFICATE"))
        for match in BLOCK.finditer(content)
        if match[1] == kind
    )
