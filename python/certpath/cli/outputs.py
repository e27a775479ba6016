"""Where results go: standard output, or a file that appears only when it is complete."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from certpath.cli.formats import csv_writer, json_line, plain_line
from certpath.cli.options import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO, TextIO

    from certpath.cli.judging import Row
    from certpath.cli.options import Options
    from certpath.cli.values import Format

__all__ = ["NothingRecognised", "open_outputs", "replacing", "replacing_octets"]


class NothingRecognised(Exception):  # noqa: N818 - no error of its own: what was said of each input stands
    """No input could be opened and recognised: results are shown, and no file is replaced by them."""


@contextlib.contextmanager
def open_outputs(options: Options, *, warn: Callable[[str], None]) -> Iterator[Callable[[Row], None]]:
    """What writes a row to wherever `options` say; tables and files are finished on leaving.

    Without a file: standard output, by default as a table on a terminal and as JSON lines elsewhere. With a
    file: the file, and, unless quiet was asked for, the table on the terminal (standard output if it is one,
    else standard error).

    `warn` hears of a table that cannot be drawn. Raises `UsageError` if the file cannot be made.
    """
    with contextlib.ExitStack() as stack:
        writers: list[Callable[[Row], None]] = []
        if options.output_file is not None and options.file_format is not None:
            stream = stack.enter_context(replacing(options.output_file))
            writers.append(stack.enter_context(_format(options.file_format, stream)))
            if options.loudness != "quiet":
                screen = sys.stdout if sys.stdout.isatty() else sys.stderr
                writers.append(stack.enter_context(_format("table", screen)))
        else:
            if isinstance(sys.stdout, io.TextIOWrapper):
                # A file name may hold what the terminal's encoding does not.
                sys.stdout.reconfigure(errors="backslashreplace")
            chosen = options.output_format or ("table" if sys.stdout.isatty() else "jsonl")
            missed = warn if options.output_format == "table" else None
            writers.append(stack.enter_context(_format(chosen, sys.stdout, missed)))

        def write(row: Row) -> None:
            for writer in writers:
                writer(row)

        yield write


@contextlib.contextmanager
def _format(
    chosen: Format, stream: TextIO, warn: Callable[[str], None] | None = None
) -> Iterator[Callable[[Row], None]]:
    if chosen == "csv":
        yield csv_writer(stream)
    elif chosen == "jsonl":
        yield lambda row: print(json_line(row), file=stream)
    else:
        try:
            from certpath.cli.table import print_table  # noqa: PLC0415 - rich is optional
        except ModuleNotFoundError:
            if warn is not None:
                warn(
                    "-o table needs rich, which is missing: pip install 'certpath[cli]'; plain lines instead"
                )
            yield lambda row: print(plain_line(row), file=stream)
        else:
            rows: list[Row] = []
            try:
                yield rows.append
            except NothingRecognised:
                print_table(rows, stream)
                raise
            print_table(rows, stream)


@contextlib.contextmanager
def replacing(path: Path, option: str = "-o") -> Iterator[TextIO]:
    """A text stream (UTF-8) whose contents replace the file `path` on leaving, at once or not at all.

    `option` is what has named the file.

    Raises `UsageError` if there can be no such file.
    """
    with replacing_octets(path, option) as octets:
        # Backslashes stand in for the undecodable bytes of a file name.
        stream = io.TextIOWrapper(octets, encoding="utf-8", errors="backslashreplace", newline="\n")
        yield stream
        stream.flush()
        stream.detach()


@contextlib.contextmanager
def replacing_octets(path: Path, option: str = "-o") -> Iterator[BinaryIO]:
    """The same for a stream of octets."""
    target = Path(os.path.realpath(path))  # through a symbolic link, not in place of it
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    if target.exists() and not target.is_file():
        raise UsageError(f"{option} {path}: exists and is not an ordinary file")
    try:
        stream = draft.open("xb")
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}") from None
    try:
        with stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, target)  # noqa: PTH105 - the name everybody knows for this
    finally:
        draft.unlink(missing_ok=True)
