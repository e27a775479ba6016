"""Scans: files with any number of chains, judged in Rust a step at a time, and what is said meanwhile."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from certpath._certpath import _Scan
from certpath._display import printable
from certpath.cli.formats import judged_by, rfc3339
from certpath.cli.judging import make_verifier
from certpath.cli.options import UsageError
from certpath.cli.outputs import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from certpath import Verifier
    from certpath.cli.comparing import Comparison
    from certpath.cli.options import Options
    from certpath.cli.voice import Voice

__all__ = [
    "COMPLAINTS_SHOWN",
    "check_scan",
    "nothing_recognised",
    "run_scan",
    "scan_verifiers",
    "what_is_left",
]

COMPLAINTS_SHOWN = 1_000
"""Complaints that are printed of each file, unless all are asked for; the others are counted."""

_ALL = (1 << 63) - 1
_SECONDS_BETWEEN_LINES = 10
_REASONS_SHOWN = 10
_ISSUERS_SHOWN = 5


def scan_verifiers(options: Options, *, warn: Callable[[str], None]) -> tuple[Verifier, Comparison | None]:
    """Who judges the scans, and which two stores are compared, if any.

    Raises `UsageError` as `make_verifier` does, or if a store that is to be compared is not there.
    """
    if options.scan.compare is None:
        return make_verifier(options, warn=warn), None
    from certpath.cli.comparing import compare  # noqa: PLC0415 - few ask for it

    return compare(options, options.scan.compare, warn=warn)


def check_scan(
    options: Options, verifier: Verifier, comparison: Comparison | None, *, voice: Voice
) -> tuple[bool, bool]:
    """Judge the scans that `options` name; complaints, progress and a summary go to stderr.

    Returns whether every row was accepted and nothing was wrong with the input, and whether nothing was
    written: because complaints have ended it all (``--strict``, ``--max-errors``), or because no input could
    be opened and recognised. Raises `UsageError` if the results cannot be written where they should go.
    """
    summary = run_scan(options, verifier, comparison, voice=voice)
    if summary is None or not summary["recognised"]:
        return False, True
    return summary["statuses"].get("ok", 0) == summary["rows"] and not summary["complaints"], False


def run_scan(
    options: Options, verifier: Verifier, comparison: Comparison | None, *, voice: Voice
) -> dict[str, Any] | None:
    """The same; returns all counts, or ``None`` if complaints have ended it."""
    began = time.monotonic()
    scan = _open(options, verifier, comparison)
    if scan.resumed:
        voice.say(f"goes on after {scan.resumed} rows")
    summary = _judge(scan, voice)
    if summary is None:
        voice.error(f"{_limit(options)}; no results are written")
        return None
    if options.scan.missing_issuers is not None and summary["recognised"]:
        _write_missing(options.scan.missing_issuers, summary)
    for line in _closing_lines(summary, options, verifier, comparison):
        print(line, file=sys.stderr)
    for sentence in _without_effect(summary, options):
        voice.say(sentence)
    if not voice.is_quiet:
        seconds = time.monotonic() - began
        judged = summary["rows"] - scan.resumed
        print(f"  {seconds:.1f} s, {judged / max(seconds, 1e-3):,.0f} rows/s", file=sys.stderr)
    if not summary["recognised"]:
        voice.error(nothing_recognised(options))
    return summary


def _closing_lines(
    summary: Mapping[str, Any], options: Options, verifier: Verifier, comparison: Comparison | None
) -> Iterator[str]:
    """The summary; to whoever wants quiet, what was asked for and has no other place."""
    if options.loudness != "quiet":
        yield from _summary_lines(summary, options, verifier)
    if options.scan.as_of is not None:
        yield from _as_of_capture(summary, verifier)
    if comparison is not None and options.simulate is None:
        from certpath.cli.comparing import comparison_lines, print_comparison  # noqa: PLC0415 - few ask for it

        if options.scan.json:
            print_comparison(summary, comparison)
        else:
            yield from comparison_lines(summary["differences"], comparison)


def _judge(scan: _Scan, voice: Voice) -> dict[str, Any] | None:
    """Judge all of it and complete its output; all counts, or ``None`` if complaints have ended it."""
    stopped = finished = False
    try:
        with contextlib.nullcontext(_nothing) if voice.is_quiet else _progress(scan) as show:
            while not finished:
                new, text, finished, stopped = scan.step()
                for complaint in new:
                    voice.say(complaint)
                sys.stdout.write(_shown(text.decode("utf-8")))
                show()
            summary = _summary_of(scan) | {"issuers_asked": scan.issuers_asked or scan.resumed}
            if not stopped:
                try:
                    scan.finish()
                except ValueError as error:
                    # Parquet tells in words of its own that the disk is full.
                    raise OSError(str(error)) from error
    finally:
        scan.abandon()  # a checkpoint stays
    sys.stdout.flush()
    return None if stopped else summary


def _write_missing(path: Path, summary: Mapping[str, Any]) -> None:
    """A line for each URL, the most wanted first."""
    ordered = sorted(summary["missing_issuers"].items(), key=lambda item: (-item[1], item[0]))
    with replacing(path, option="--missing-issuers") as stream:
        stream.writelines(f"{url}\n" for url, _ in ordered)


def _shown(text: str) -> str:
    """Results as they go to standard output: a terminal would act on what is in them."""
    if not sys.stdout.isatty():
        return text
    return "\n".join(map(printable, text.split("\n")))


def _without_effect(summary: Mapping[str, Any], options: Options) -> Iterator[str]:
    """What is said of fields to keep that no row has, and of issuers that nothing has asked for."""
    found = [*summary["kept"], *[0] * len(options.scan.keep)]
    for field, rows in zip(options.scan.keep, found, strict=False):
        if not rows:
            yield f"--keep {field}: no row of the input has such a field"
    folder = options.scan.issuers
    if folder is not None and not summary["issuers_asked"]:
        yield f"--issuers {folder}: nothing has asked for an issuer; tiles of static logs do"


def nothing_recognised(options: Options) -> str:
    """What is said when no input could be opened and recognised."""
    target = "" if options.output_file is None else f"; {options.output_file} is left as it was"
    which = "the input holds no" if len(options.files) == 1 else "none of the inputs holds"
    return f"{which} certificates that could be read{target}"


def what_is_left(options: Options) -> str:
    """What to say of the results of a run that was interrupted."""
    target = options.output_file
    if target is None:
        return ""
    real = Path(os.path.realpath(target))
    if not real.with_name(f".{real.name}.parts").is_dir():
        return f"; {target} is as it was"
    return f"; {target} is as it was, and the same command with --resume goes on from the last checkpoint"


def _most_errors(options: Options) -> int | None:
    """The complaints that are borne."""
    return 0 if options.scan.strict else options.scan.max_errors


def _limit(options: Options) -> str:
    if options.scan.strict:
        return "--strict: stopped at the first complaint"
    return f"--max-errors {options.scan.max_errors}: stopped, there are more complaints than that"


def _summary_of(scan: _Scan) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(scan.summary())
    return summary


def _open(options: Options, verifier: Verifier, comparison: Comparison | None) -> _Scan:
    text = None
    if options.output_file is None and options.simulate is None and not options.scan.json:
        if options.output_format == "table":
            raise UsageError("-o table: a scan has too many rows for a table; -o jsonl, -o csv or a file")
        # On a terminal the summary alone: nobody reads a million lines.
        text = options.output_format or (None if sys.stdout.isatty() else "jsonl")
    salt = [hashlib.sha256(path.read_bytes()).hexdigest() for path in options.crls]
    if comparison is not None:
        salt.append(comparison.salt)
    try:
        return _Scan(
            verifier,
            options.files,
            format=options.scan.format,
            names=options.scan.names,
            name=options.name,
            at=None if options.is_now else options.asked_at,
            captured=options.asked_at is None,
            issuers=options.scan.issuers,
            output=options.output_file,
            text=text,
            resume=options.scan.resume,
            part_rows=options.scan.part_rows,
            cert_info=options.scan.cert_info,
            missing_issuers=options.scan.missing_issuers is not None,
            comparison=None if comparison is None else comparison.sides,
            max_errors=_most_errors(options),
            told=_ALL if options.loudness == "verbose" else COMPLAINTS_SHOWN,
            threads=options.scan.threads,
            memory=options.scan.memory,
            salt=" ".join(salt),
            head=options.stdin_head,
            keep=options.scan.keep,
        )
    except FileExistsError as error:
        raise UsageError(
            f"-o {options.output_file}: a run was broken off: --resume goes on with it; remove the folder "
            f"{error.args[0]} to start anew"
        ) from None
    except OSError as error:
        raise UsageError(f"-o {options.output_file}: {error.strerror or error}") from None
    except ValueError as error:
        where = "" if options.output_file is None else f"-o {options.output_file}: "
        raise UsageError(f"{where}{error}") from None


def _nothing() -> None:
    """The progress that is shown to whoever wants quiet."""


@contextlib.contextmanager
def _progress(scan: _Scan) -> Iterator[Callable[[], None]]:
    """What shows the progress on stderr: a bar on a terminal, a line now and then anywhere else."""
    if sys.stderr.isatty():
        try:
            from certpath.cli.progress import bar  # noqa: PLC0415 - rich is optional
        except ModuleNotFoundError:
            pass
        else:
            with bar(scan) as draw:
                yield draw
            return
    began = last = time.monotonic()
    first = scan.progress[0]

    def show() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _SECONDS_BETWEEN_LINES:
            return
        last = now
        rows, accepted, read = scan.progress
        parts = [f"{rows:,} rows", f"{(rows - first) / (now - began):,.0f} rows/s"]
        if rows:
            parts.append(f"{100 * accepted / rows:.1f} % valid")
        if scan.size:
            parts.append(f"{100 * min(read / scan.size, 1):.0f} % read")
        print(f"certpath: {', '.join(parts)}", file=sys.stderr, flush=True)

    yield show


def _summary_lines(summary: Mapping[str, Any], options: Options, verifier: Verifier) -> Iterator[str]:
    rows = summary["rows"]
    when = "as captured, else as of now" if options.asked_at is None else f"as of {rfc3339(options.asked_at)}"
    whose = f"names: {options.scan.names}" if options.name is None else f"name {options.name}"
    yield printable(f"{rows} {'row' if rows == 1 else 'rows'} {when}, {judged_by(verifier)}, {whose}")
    yield f"  {_counts(summary['statuses'], len(summary['statuses'])) or 'nothing to judge'}"
    if summary["reasons"]:
        yield f"  main reasons: {_counts(summary['reasons'], _REASONS_SHOWN)}"
    if summary["issuers"]:
        least = " (at least)" if summary["issuers_lost"] else ""
        yield f"  top issuers{least}: {_counts(summary['issuers'], _ISSUERS_SHOWN)}"
    if summary["expiring"]:
        yield f"  valid, but not 30 days on: {summary['expiring']}"
    # Where names fail, trust is told apart from them, if there is one store only, too.
    if len(verifier.stores) > 1 or summary["stores"] != summary["stores_ok"]:
        for words, key in (("trusted by, whatever the name", "stores"), ("accepted by", "stores_ok")):
            each = dict(zip((store.name for store in verifier.stores), summary[key], strict=True))
            yield f"  {words}: {_counts(each, len(each), zeros=True)}"
    if summary["records"] != rows:
        yield f"  input records: {summary['records']}"
    if summary["skipped"]:
        yield f"  without a chain, skipped: {summary['skipped']}"
    if options.scan.missing_issuers is not None:
        urls = len(summary["missing_issuers"])
        lost = "; some that few rows name were left out" if summary["missing_issuers_lost"] else ""
        yield f"  URLs of missing issuers: {urls} in {printable(str(options.scan.missing_issuers))}{lost}"
    if summary["complaints"]:
        yield f"  complaints about the input: {summary['complaints']}"


def _as_of_capture(summary: Mapping[str, Any], verifier: Verifier) -> Iterator[str]:
    """How far back the stores' data goes, and for how many rows that is not far enough."""
    if summary["undated"]:
        yield f"  without a time of capture, judged as of the run: {summary['undated']}"
    each = zip(verifier.stores, summary["older"], summary["older_trusted"], strict=True)
    for store, older, trusted in each:
        name = printable(store.name)
        if store.date is None:
            yield f"  as of the capture: {name} has no date, and is taken to have been the same at any time"
            continue
        yield f"  as of the capture: {name} is of {store.date}; rows captured before: {older}"
        if older:
            said = [line for text in store.constraints.values() for one in text for line in one.splitlines()]
            disabled = sum(line.startswith("disabled_from ") for line in said)
            dates = f"; disable dates: {disabled}" if disabled else ""
            yield (
                "    not in its data: which roots came or went since, and since when its conditions hold"
                f"{dates}; trusted: {trusted}, not: {older - trusted}"
            )


def _counts(counts: Mapping[str, int], shown: int, *, zeros: bool = False) -> str:
    """The most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {printable(what)}" for what, count in ordered[:shown] if count or zeros)
