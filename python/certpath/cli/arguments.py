"""What was asked for: the words of the command line as `Options`."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import glob
import io
import os
import re
import sys
from typing import TYPE_CHECKING, Literal

from certpath import Policy
from certpath._certpath import _is_scan
from certpath.cli.options import (
    DEFAULT_ROOTS,
    FILE_FORMATS,
    POLICIES,
    REVOCATION_SETS,
    SEARCHING,
    TIMEOUT,
    CalendarOptions,
    ExplainOptions,
    LiveOptions,
    Options,
    ReportOptions,
    ScanOptions,
    Shell,
    SimulateOptions,
)
from certpath.cli.parser import make_parser, unknown_option
from certpath.cli.values import address_of_url, parse_address, parse_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD = 16
_READ = 64 << 10


def parse_arguments(argv: Sequence[str] | None) -> Options | ReportOptions | CalendarOptions | Shell:
    """The options that `argv` (``None``: the words of this process) asks for; a shell, to be completed in.

    Raises `SystemExit` as argparse does: 0 after ``--help`` and ``--version``, 2 after an error. Without any
    word the help is printed, and the code is 2, since nothing was done.
    """
    parser, commands = make_parser()
    given, unknown = parser.parse_known_args(argv)
    command = commands.get(given.command, commands["check"])
    if any(word.startswith("-") and word != "-" for word in unknown):
        command.error(unknown_option(unknown, command))
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


def _options(given: argparse.Namespace, check: argparse.ArgumentParser) -> Options:
    """`given` as `Options`; what argparse could not see by itself is an error of `check`."""
    given.files = expanded(given.files)
    _refuse_hosts(given.files, check)
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
    if given.command == "check":
        _look_at_comparison(given, check)
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


def _look_at_comparison(given: argparse.Namespace, check: argparse.ArgumentParser) -> None:
    """Refuse what does not go with a comparison, or without one."""
    if given.compare is not None:
        _search_for(given, check, "--compare")
    elif given.json:
        check.error("--json needs --compare A B; -o jsonl prints every verdict as JSON")
    output_format, _ = given.output
    if given.json and output_format is not None:
        check.error(
            f"-o {output_format}: with --json standard output has the comparison; give a file instead"
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
        revocation_sets=tuple((kind, path) for kind in REVOCATION_SETS for path in getattr(given, kind)),
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
    live = _live_options(given, graph)
    _refuse_contradictions(given, graph)
    _refuse_unused(given, graph)
    asked = _asked(given, graph, (given.chain,))
    return dataclasses.replace(asked, live=live, graph="dot" if given.dot else "json")


def _live_options(given: argparse.Namespace, command: argparse.ArgumentParser) -> LiveOptions | None:
    """The live host that `given.chain` means, if it is not a file; its name is the one that is looked for."""
    if given.chain == "-" or os.path.lexists(given.chain):
        address = None
    else:
        try:
            address = parse_address(given.chain)
        except argparse.ArgumentTypeError as error:
            command.error(f"argument CHAIN: {error}")
    if address is None:
        for option in ("starttls", "sni", "timeout"):
            if getattr(given, option) is not None:
                command.error(f"--{option} is for live hosts: give HOST:PORT in place of {given.chain}")
        return None
    if given.name is None:
        try:
            given.name = parse_name(address.host)
        except argparse.ArgumentTypeError as error:
            command.error(f"argument CHAIN: {error}")
    timeout = TIMEOUT if given.timeout is None else given.timeout
    return LiveOptions(address, starttls=given.starttls, sni=given.sni, timeout=timeout)


def _explain_options(given: argparse.Namespace, explain: argparse.ArgumentParser) -> Options:
    """`given` as `Options` of ``certpath explain``."""
    live = _live_options(given, explain)
    if given.crl_check is not None and not given.crl:
        explain.error("--crl-check needs revocation lists: give them with --crl")
    if given.policy is None:
        # Of a live host, what this Python's own client would say, which is strict from 3.13 on.
        given.policy = "ssl-strict" if live is not None and sys.version_info >= (3, 13) else "ssl"
    _refuse_unused(given, explain)
    asked = ExplainOptions(as_json=given.json, svg=given.svg)
    return dataclasses.replace(_asked(given, explain, (given.chain,)), live=live, explain=asked)


def _refuse_contradictions(given: argparse.Namespace, check: argparse.ArgumentParser) -> None:
    """Errors that show whatever the files are."""
    if given.crl_check is not None and not given.crl:
        check.error("--crl-check needs revocation lists: give them with --crl")
    if getattr(given, "as_of", None) is not None and given.at[0] is not None:
        check.error(
            "--as-of capture means the time of each row, and --at gives one for all: give one of them"
        )
    if given.files.count("-") > 1:
        check.error("standard input (-) can be read only once")
    if given.name is not None and given.names is not None:
        check.error(
            "--names says which name of a scan counts, and --name gives one for all: give one of them"
        )


def _refuse_unused(given: argparse.Namespace, check: argparse.ArgumentParser) -> None:
    """Refuse options that the policy does not use; it is known now."""
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


def _refuse_hosts(files: Sequence[str], check: argparse.ArgumentParser) -> None:
    """Send whoever names a live host where those are asked. What is there as a file is a file."""
    for file in files:
        if file == "-" or os.path.lexists(file):
            continue
        try:
            is_page = file.lower().startswith(("http://", "https://"))
            meant = address_of_url(file) if is_page else parse_address(file)
        except argparse.ArgumentTypeError:  # s3://…, or a port that is not one
            continue
        if meant is not None:
            check.error(f"argument FILES: there is no file {file!r}; a live host: certpath explain {meant}")


def _scan_options(given: argparse.Namespace) -> tuple[ScanOptions, bool]:
    """What was asked for of the options for scans, and whether any of it makes a scan of all files."""
    fields = {field.name: getattr(given, field.name) for field in dataclasses.fields(ScanOptions)}
    fields["keep"] = tuple(dict.fromkeys(given.keep)) if given.keep else None
    fields["compare"] = tuple(given.compare) if given.compare else None
    asked = {name: value for name, value in fields.items() if value is not None and value is not False}
    # How many threads there are, and what they remember, is the same for files of one chain.
    return ScanOptions(**asked), bool(asked.keys() - {"threads", "memory"})


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
