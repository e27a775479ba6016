"""What single words of the command line mean: names, times, sizes, places for results."""

from __future__ import annotations

import argparse
import datetime
import difflib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from certpath import Policy, canonical_hostname
from certpath._certpath import _mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "Address",
    "Format",
    "address_of_url",
    "closest",
    "parse_address",
    "parse_at",
    "parse_calendar",
    "parse_count",
    "parse_field",
    "parse_folder",
    "parse_html",
    "parse_name",
    "parse_new_file",
    "parse_number",
    "parse_openssl",
    "parse_output",
    "parse_seconds",
    "parse_size",
    "parse_svg",
    "parse_time",
]

Format: TypeAlias = Literal["table", "jsonl", "csv"]

FORMATS: tuple[Format, ...] = ("table", "jsonl", "csv")
SCAN_FILES = (".parquet", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv", ".csv.gz", ".csv.zst")

_OUTPUTS = {
    "json": "jsonl",
    "ndjson": "jsonl",
    "jsonlines": "jsonl",
    "tsv": "csv",
}

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    """A DNS name or an IP address, without brackets."""
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def closest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` may have been meant for."""
    known = {one.lower(): one for one in words}
    lower = word.lower()
    found = difflib.get_close_matches(lower, known, n=1, cutoff=0.6)
    if not found and len(lower) > 2:
        found = [one for one in known if one.startswith(lower) or lower.startswith(one)]
    return known[found[0]] if found else None


def parse_name(text: str) -> str:
    """The reference identity `text` as it will be compared. `ArgumentTypeError` if it is not one."""
    mistake = _mistake(text)
    if mistake is not None:
        raise argparse.ArgumentTypeError(mistake)
    try:
        return canonical_hostname(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a name: {error}") from None


def parse_openssl(text: str) -> str:
    """The release of OpenSSL that `text` names. `ArgumentTypeError` if its verdicts are not known."""
    try:
        Policy.ssl(openssl=text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("openssl: ")) from None
    return text


def parse_at(text: str) -> tuple[datetime.datetime, bool]:
    """The time that `text` names, and whether that is ``now``. `ArgumentTypeError` if it is not one."""
    if text == "now":
        return datetime.datetime.now(datetime.timezone.utc), True
    return parse_time(text), False


def parse_time(text: str) -> datetime.datetime:
    """The time that `text` names, in UTC. `ArgumentTypeError` if it is not one.

    A date with or without time (RFC 3339, ISO 8601 with hyphens and colons; UTC if no zone is given; a date
    alone is its first second) or seconds since 1970-01-01T00:00:00Z, with or without a fraction.
    """
    doubt = doubtful_time(text)
    if doubt is not None:
        raise argparse.ArgumentTypeError(doubt)
    try:
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
            return _EPOCH + datetime.timedelta(seconds=float(text))
        if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            # Python 3.10 knows neither "Z" nor fractions of other than 3 or 6 digits.
            iso = re.sub(r"[Zz]$", "+00:00", text)
            iso = re.sub(r"\.([0-9]+)", lambda found: f".{found[1]:0<6.6}", iso)
            moment = datetime.datetime.fromisoformat(iso)
            if moment.tzinfo is None:
                return moment.replace(tzinfo=datetime.timezone.utc)
            return moment.astimezone(datetime.timezone.utc)
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(
        f"{text!r} is not a time: give 2025-06-01T12:00:00Z, 2025-06-01 or seconds since 1970"
    )


_DATE_DIGITS = re.compile(
    r"((?:19|20|21)[0-9]{2})(?:(0[1-9]|1[0-2])(?:(0[1-9]|[12][0-9]|3[01])(?:([01][0-9]|2[0-3])(?:([0-5][0-9])([0-5][0-9])?)?)?)?)?"
)
_MOST_SECOND_DIGITS = 11
_MILLISECOND_DIGITS = 13


def doubtful_time(text: str) -> str | None:
    """Why a time may mean one thing or another, and what to write; ``None`` if it may not."""
    if found := _DATE_DIGITS.fullmatch(text):
        year, month, day, hour, minute, second = found.groups()
        date = f"{year}-{month or '01'}-{day or '01'}"
        if hour:
            date += f"T{hour}:{minute or '00'}:{second or '00'}Z"
        what = "a date" if month else "a year"
        with_hyphens = f"write the date with hyphens, {date}"
        return f"{text} may be {what} or seconds: {with_hyphens}, or the seconds as {text}.0"
    if re.fullmatch(r"[0-9]+", text) and len(text) > _MOST_SECOND_DIGITS:
        seconds = f", or {text[:-3]} for milliseconds" if len(text) == _MILLISECOND_DIGITS else ""
        return (
            f"{text} seconds are not a time that a certificate can tell: write 2026-01-15T12:00:00Z{seconds}"
        )
    if found := re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text):
        return f"{text} is not a day: write {text}-01"
    if found := re.fullmatch(r"([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})", text):
        return f"{text!r} is not a time: write {found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    return None


def parse_count(most: int) -> Callable[[str], int]:
    """What reads a number from 1 to `most`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
        return int(text)

    return parse


def parse_number(text: str) -> int:
    """A number from 0 on. `ArgumentTypeError` if `text` is not one."""
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)


def parse_size(text: str) -> int:
    """Bytes, with K, M or G for powers of 1024. `ArgumentTypeError` if `text` is no such number."""
    found = re.fullmatch(r"([0-9]{1,12})([KMG]?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size: give bytes, or such as 512K, 256M, 2G")
    return int(found[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[found[2]]


def parse_folder(text: str) -> Path:
    """A folder that exists. `ArgumentTypeError` if it does not."""
    folder = Path(text)
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder")
    return folder


def parse_new_file(text: str) -> Path:
    """A file to be written in the end. `ArgumentTypeError` if there is no folder for it."""
    if not Path(text).parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: there is no folder {str(Path(text).parent)!r}")
    return Path(text)


def parse_field(text: str) -> str:
    """The path of a field. `ArgumentTypeError` if `text` is not one."""
    if not all(text.split(".")):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a field: give its keys joined by dots, such as data.tls.status"
        )
    return text


def parse_output(text: str) -> tuple[Format | None, Path | None]:
    """A format for standard output or a file. `ArgumentTypeError` if `text` is neither."""
    if text in FORMATS:
        return text, None
    path = Path(text)
    if path.name.lower().endswith(SCAN_FILES):
        return None, path
    if text.lower() == "parquet":
        raise argparse.ArgumentTypeError("parquet needs a file: -o verdicts.parquet")
    suffix = Path(text).suffix.lower()
    if text.lower() in _OUTPUTS or suffix.removeprefix(".") in _OUTPUTS:
        meant = _OUTPUTS[text.lower() if text.lower() in _OUTPUTS else suffix.removeprefix(".")]
        name = meant if text.lower() in _OUTPUTS else f"{text.removesuffix(Path(text).suffix)}.{meant}"
        raise argparse.ArgumentTypeError(f"{text!r} is not a format of results; did you mean {name}?")
    if suffix == "" and os.sep not in text and (close := closest(text, FORMATS)) is not None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a format of results; did you mean {close}?")
    raise argparse.ArgumentTypeError(
        f"{text!r} is neither a format ({', '.join(FORMATS)}) nor a file ending in {', '.join(SCAN_FILES)}"
    )


def parse_address(text: str) -> Address | None:
    """The live host that `text` names; ``None`` if it is like none. `ArgumentTypeError` for a wrong one."""
    if (meant := address_of_url(text)) is not None:
        raise argparse.ArgumentTypeError(f"{text!r} is a URL: write {meant}")
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/\\\[\]]+)):([0-9]{1,9})", text)
    if found is None:
        return None
    if not 1 <= int(found[3]) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r}: a port is a number from 1 to 65535")
    return Address(found[1] or found[2], int(found[3]))


def address_of_url(text: str) -> str | None:
    """``HOST:PORT`` of the URL that `text` is, if it is one."""
    url = re.fullmatch(
        r"([a-z][a-z0-9+.-]*)://(\[[^\]]*\]|[^/:?#@]+)(:[0-9]+)?([/?#].*)?", text, re.IGNORECASE
    )
    return f"{url[2]}{url[3] or ':443'}" if url else None


def parse_seconds(text: str) -> float:
    """A time to wait. `ArgumentTypeError` if `text` is not one."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return float(text)


def parse_svg(text: str) -> Path:
    """A file for a drawing. `ArgumentTypeError` if `text` names another kind."""
    if Path(text).suffix.lower() != ".svg":
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .svg")
    return Path(text)


def parse_calendar(text: str) -> Path:
    """A file for a calendar. `ArgumentTypeError` if `text` names another kind."""
    if Path(text).suffix.lower() not in {".csv", ".parquet"}:
        raise argparse.ArgumentTypeError(f"{text!r} ends neither in .csv nor in .parquet")
    return Path(text)


def parse_html(text: str) -> Path:
    """A file for a page. `ArgumentTypeError` if `text` names another kind."""
    if Path(text).suffix.lower() not in {".html", ".htm"}:
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .html")
    return Path(text)
