"""What the command does: chains judged or explained, scans run, and the exit code for each way it ends."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from typing import TYPE_CHECKING

from certpath.cli.arguments import parse_arguments
from certpath.cli.formats import Tally
from certpath.cli.inputs import read_chains
from certpath.cli.judging import judge, make_verifier
from certpath.cli.options import CalendarOptions, Options, ReportOptions, UsageError
from certpath.cli.outputs import NothingRecognised, open_outputs
from certpath.cli.scanning import check_scan, nothing_recognised, run_scan, scan_verifiers, what_is_left
from certpath.cli.voice import Voice, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certpath.cli.options import ExplainOptions, Shell, SimulateOptions

__all__ = ["run"]

EXIT_ALL_VALID = 0
EXIT_NOT_ALL_VALID = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count
EXIT_BROKEN_PIPE = 141  # 128 + SIGPIPE


def run(argv: Sequence[str]) -> int:
    """What `certpath.cli.main` says."""
    _occupy_closed_streams()
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        return _run(argv)


def _run(argv: Sequence[str]) -> int:
    """The same, with warnings as lines of their own."""
    options = None
    try:
        try:
            options = parse_arguments(argv)
            if isinstance(options, Options) and options.loudness == "quiet":
                warnings.simplefilter("ignore")
            code = _do(options)
        except SystemExit as stop:  # argparse has printed help, a version or what is wrong
            code = EXIT_ALL_VALID if stop.code is None else int(stop.code)
        except UsageError as error:
            Voice.error(str(error))
            code = EXIT_USAGE
        sys.stdout.flush()  # a pipe breaks here at the latest, while that can still be handled
    except KeyboardInterrupt:
        left = what_is_left(options) if isinstance(options, Options) else ""
        tell(f"interrupted{left}")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return EXIT_BROKEN_PIPE
    except OSError as error:
        _discard_output()
        Voice.error(f"cannot write the results: {error}")
        return EXIT_USAGE
    return code


def _do(options: Options | ReportOptions | CalendarOptions | Shell) -> int:
    """What was asked for."""
    if isinstance(options, str):
        from certpath.cli.completing import complete  # noqa: PLC0415 - asked for once in a lifetime

        complete(options)
        return EXIT_ALL_VALID
    if isinstance(options, ReportOptions):
        from certpath.cli.reporting import report  # noqa: PLC0415 - few ask for it

        report(options)
        return EXIT_ALL_VALID
    if isinstance(options, CalendarOptions):
        from certpath.cli.expiry_calendar import calendar  # noqa: PLC0415 - brings SQLite

        calendar(options, warn=tell)
        return EXIT_ALL_VALID
    voice = Voice(is_quiet=options.loudness == "quiet")
    if options.graph is not None:
        from certpath.cli.graphing import graph  # noqa: PLC0415 - few ask for it

        accepted = graph(options, as_dot=options.graph == "dot", warn=voice.say)
        return EXIT_ALL_VALID if accepted else EXIT_NOT_ALL_VALID
    if options.explain is not None:
        return _explain(options, options.explain, voice)
    if options.simulate is not None:
        return _simulate(options, options.simulate, voice)
    return _check(options, voice)


def _check(options: Options, voice: Voice) -> int:
    """``certpath check``: one row for each chain, complaints and a summary on stderr."""
    if options.is_scan:
        verifier, comparison = scan_verifiers(options, warn=voice.say)
        all_ok, stopped = check_scan(options, verifier, comparison, voice=voice)
        return EXIT_USAGE if stopped else EXIT_ALL_VALID if all_ok else EXIT_NOT_ALL_VALID
    verifier = make_verifier(options, warn=voice.say)
    tally = Tally()
    recognised = False
    with contextlib.suppress(NothingRecognised), open_outputs(options, warn=voice.say) as write:
        for row in judge(verifier, read_chains(options.files, options.stdin_head), options):
            if row.complaint is not None:
                voice.say(f"{row.file}: {row.complaint}")
            recognised = recognised or row.unjudged is None
            if row.misplaced is not None:
                voice.say(f"{row.file}: {row.misplaced}")
            tally.add(row)
            write(row)
        if not recognised:
            raise NothingRecognised  # a file of results stays what it was
    sys.stdout.flush()  # where both go the same way, the summary comes last
    if not voice.is_quiet:
        for line in tally.lines(verifier, name=options.name, at=options.at):
            print(line, file=sys.stderr)
    if not recognised:
        voice.error(nothing_recognised(options))
        return EXIT_USAGE
    return EXIT_ALL_VALID if tally.all_ok else EXIT_NOT_ALL_VALID


def _simulate(options: Options, asked: SimulateOptions, voice: Voice) -> int:
    """``certpath simulate``."""
    from certpath.cli.comparing import print_simulation, simulated  # noqa: PLC0415 - few ask for it

    verifier, comparison = simulated(options, asked, warn=voice.say)
    summary = run_scan(options, verifier, comparison, voice=voice)
    if summary is None or not summary["recognised"]:
        return EXIT_USAGE
    intact = print_simulation(summary, comparison, as_json=asked.as_json)
    return EXIT_ALL_VALID if intact else EXIT_NOT_ALL_VALID


def _explain(options: Options, asked: ExplainOptions, voice: Voice) -> int:
    """``certpath explain``."""
    from certpath.cli.explaining import explain  # noqa: PLC0415 - brings what drawing and connecting need

    ok = explain(options, asked, warn=voice.say)
    return EXIT_ALL_VALID if ok else EXIT_NOT_ALL_VALID


def _show_warning(message: Warning | str, *_place: object, **_more: object) -> None:
    """A warning as the line that it is for whoever has typed a command."""
    tell(f"warning: {message}")


def _occupy_closed_streams() -> None:
    """Stand in for standard streams that are closed (``2>&-``), which Python leaves at ``None``.

    Their numbers are taken, so that no file with results gets one of them. What goes to standard error is
    lost, as the caller wanted; what goes to standard output cannot be written, which is said. Standard input
    stays ``None``.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is this one. Standard output is opened for reading alone.
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process


def _discard_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter's own flush at exit stays quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
            continue
        with contextlib.suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
