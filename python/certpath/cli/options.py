"""What a command line asks for, once it has been read."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from certpath import Policy, RevocationSet

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable
    from pathlib import Path

    from certpath.cli.values import Address, Format

ScanFormat: TypeAlias = Literal[
    "zgrab",
    "ct-entries",
    "ct-tiles",
    "certstream",
    "tlsx",
    "sslyze",
    "ooni",
    "nmap",
    "testssl",
    "testssl-csv",
    "har",
    "s_client",
    "pcap",
    "parquet",
    "certificates",
]
NameSource: TypeAlias = Literal["auto", "domain", "sni", "ip", "none"]
Shell: TypeAlias = Literal["bash", "zsh", "tcsh"]
Loudness: TypeAlias = Literal["quiet", "usual", "verbose"]
Starttls: TypeAlias = Literal[
    "smtp", "lmtp", "imap", "pop3", "ftp", "ldap", "postgres", "nntp", "sieve", "xmpp"
]

FILE_FORMATS: dict[str, Format] = {".jsonl": "jsonl", ".csv": "csv"}
SCAN_FORMATS: tuple[ScanFormat, ...] = get_args(ScanFormat)
NAME_SOURCES: tuple[NameSource, ...] = get_args(NameSource)
STARTTLS: tuple[Starttls, ...] = get_args(Starttls)
SHELLS: tuple[Shell, ...] = get_args(Shell)

DEFAULT_ROOTS = "mozilla"
"""The roots where none are named: the same on every machine. Contexts take the platform's, as `ssl` does."""

REVOCATION_SETS: dict[str, tuple[Callable[[Path], RevocationSet], str]] = {
    "onecrl": (RevocationSet.onecrl, "Mozilla's OneCRL, in JSON"),
    "crlset": (RevocationSet.crlset, "Chrome's CRLSet, in its binary form"),
    "crlite": (RevocationSet.crlite, "Mozilla's CRLite, a filter"),
}
"""The kinds of revocation sets, each an option of that name: what reads it, and whose it is."""

PART_ROWS = 65_536
MEMORY = 64 << 20
TIMEOUT = 10.0

_TRUSTED_FIRST = 0x8000

POLICIES: dict[str, tuple[int, str]] = {
    "ssl": (
        _TRUSTED_FIRST,
        "as the ssl module judges by default up to Python 3.12: the path ends at a self-signed root",
    ),
    "ssl-partial": (
        _TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN,
        "any certificate of the roots may end the path",
    ),
    "ssl-strict": (
        _TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT,
        "ssl-partial with the checks of VERIFY_X509_STRICT: ssl.create_default_context() since Python 3.13",
    ),
}
"""The policies of the ssl module by name: its verification flags, and what they mean."""

SEARCHING: dict[str, tuple[Callable[..., Policy], str]] = {
    "webpki": (
        Policy.webpki,
        "is there any valid path? over all certificates at hand; any certificate of the roots may end it",
    ),
    "rfc5280": (Policy.rfc5280, "webpki with every rule of RFC 5280"),
    "cabf": (Policy.cabf, "webpki with the rules of the CA/Browser Forum's Baseline Requirements"),
}
"""The policies that search for paths, and what they mean."""


class UsageError(Exception):
    """The command cannot be carried out as given; the text says why. Exit code 2."""


@dataclass(frozen=True)
class ScanOptions:
    """What bears on scans alone."""

    format: ScanFormat | None = None
    """``None``: what each file looks like."""
    names: NameSource = "auto"
    issuers: Path | None = None
    resume: bool = False
    strict: bool = False
    max_errors: int | None = None
    """Complaints that are borne."""
    cert_info: bool = False
    threads: int | None = None
    memory: int = MEMORY
    part_rows: int = PART_ROWS
    keep: tuple[str, ...] = ()
    """Fields of the input that the results have, too."""
    compare: tuple[str, str] | None = None
    """Two stores by name."""
    json: bool = False
    """Standard output has what the comparison comes to, and no verdicts."""
    as_of: Literal["capture"] | None = None
    """What is not known of the stores as of the capture is told."""
    missing_issuers: Path | None = None
    """A file for the URLs of what would complete paths."""


@dataclass(frozen=True)
class ExplainOptions:
    """What bears on ``certpath explain`` alone."""

    as_json: bool
    svg: Path | None


@dataclass(frozen=True)
class LiveOptions:
    """A live host, and how it is asked for its chain."""

    address: Address
    starttls: Starttls | None
    sni: str | None
    timeout: float
    """Seconds for everything that one connection takes."""


@dataclass(frozen=True)
class SimulateOptions:
    """What bears on ``certpath simulate`` alone."""

    without: tuple[str, ...]
    """Fingerprints, files and parts of subjects, one at least."""
    as_json: bool


@dataclass(frozen=True)
class CalendarOptions:
    """The arguments of ``certpath calendar``."""

    verdicts: Path
    output: Path
    roots: tuple[str, ...]
    """Stores whose roots are named; none: those that are built in."""


@dataclass(frozen=True)
class ReportOptions:
    """The arguments of ``certpath report``."""

    verdicts: Path
    output: Path


@dataclass(frozen=True)
class Options:
    """The arguments of a command, checked as far as they can be without opening a file."""

    files: tuple[str, ...]
    """Files, folders and ``-``, as given."""
    name: str | None
    """The reference identity, as it will be compared."""
    at: datetime.datetime
    """The time of judgement, aware."""
    roots: tuple[str, ...]
    """``mozilla``, ``chrome``, ``microsoft``, ``system`` or paths, perhaps after ``NAME=``; at least one."""
    intermediates: str | None
    """Where the pool comes from."""
    crls: tuple[Path, ...]
    revocation_sets: tuple[tuple[str, Path], ...]
    """Kind and file of each."""
    ct_logs: Path | None
    """A list of logs, by which timestamps are looked at."""
    policy: Policy
    output_format: Format | None = None
    """The format for standard output; ``None``: whatever suits it."""
    output_file: Path | None = None
    """A file for the results; its format goes by its suffix, see `file_format`."""
    asked_at: datetime.datetime | None = None
    """`at`, if it was asked for."""
    is_now: bool = False
    """It was asked for as ``now``: a run that is resumed keeps its own."""
    stdin_head: bytes | None = None
    """What has been read of standard input already."""
    is_scan: bool = False
    """The files are judged as scans."""
    scan: ScanOptions = ScanOptions()
    live: LiveOptions | None = None
    """The live host that is asked; ``None``: the chain is in a file."""
    explain: ExplainOptions | None = None
    """The command is ``explain``, and this is what it was asked for."""
    simulate: SimulateOptions | None = None
    """The command is ``simulate``, and this is what it was asked for."""
    graph: Literal["json", "dot"] | None = None
    """The command is ``graph``, and this is what it prints."""
    loudness: Loudness = "usual"
    """How much is said on standard error."""

    @property
    def file_format(self) -> Format | None:
        """The format of `output_file`."""
        return None if self.output_file is None else FILE_FORMATS[self.output_file.suffix.lower()]
