"""`--as-of capture`: rows by what stores say of their time, and where the data does not go back that far."""

from __future__ import annotations

import json
import re
import ssl
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath.cli import main
from support import pki, scans
from test_programmes import CHAIN, ROOT, SERVER, filetime, microsoft, observatory, usages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

HIDDEN = "    not in its data: which roots came or went since, and since when its conditions hold"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[list[dict[str, Any]], list[str]]]:
    """Rows, and the lines of the summary that are about the capture."""

    def call(*words: object) -> tuple[list[dict[str, Any]], list[str]]:
        main(["check", *map(str, words)])
        captured = capsys.readouterr()
        lines = captured.err.splitlines()
        told = [line for line in lines if re.search(r"capture(?!d,)", line) or HIDDEN in line]
        return [json.loads(line) for line in captured.out.splitlines()], told

    return call


def scan(folder: Path, times: Sequence[str | None]) -> Path:
    """A row for each time; `None` is one that does not say when it was captured."""
    grabs = [scans.grab(CHAIN, host=pki.HOST, at=time or "") for time in times]
    file = folder / "scan.jsonl"
    file.write_text("".join(f"{json.dumps(grab)}\n" for grab in grabs))
    return file


def test_what_a_disable_date_says_of_the_capture(tmp_path: Path, run: Any) -> None:
    """An anchor is trusted as of captures before it was disabled, and not as of those behind."""
    (tmp_path / "m").mkdir()
    microsoft(tmp_path / "m", {9: usages(SERVER), 104: filetime(pki.at(2026, 3, 1))})
    times = ["2026-02-28T23:59:59Z", "2026-03-01T00:00:00Z"]
    rows, told = run(
        scan(tmp_path, times), "--roots", f"microsoft={tmp_path / 'm/authroot.stl'}", "--as-of", "capture"
    )
    assert [row["ok"] for row in rows] == [True, False]
    assert rows[1]["findings"][0]["name"] == "anchor_disabled"
    store = certpath.TrustStore.from_path(tmp_path / "m/authroot.stl")
    assert store.date is not None
    assert told == [
        f"  as of the capture: microsoft is of {store.date}; rows captured before: 2",
        f"{HIDDEN}; disable dates: 1; trusted: 1, not: 1",
    ]


def test_where_the_data_does_not_go_back(tmp_path: Path, run: Any) -> None:
    """By store: rows of before its date are counted, and a store without a date says so."""
    apple = observatory(tmp_path, [ROOT])
    other = tmp_path / "other.pem"
    other.write_text(pki.issue("Other", ca=True).pem)
    times = ["2025-12-27T23:59:59Z", "2025-12-28T00:00:00Z", "2026-02-01T00:00:00Z"]
    words = ("--roots", f"apple={apple}", "--roots", f"other={other}")
    rows, told = run(scan(tmp_path, times), *words, "--as-of", "capture")
    assert [row["stores_now"] for row in rows] == [["apple"]] * 3
    assert told == [
        "  as of the capture: apple is of 2025-12-28; rows captured before: 1",
        f"{HIDDEN}; trusted: 1, not: 0",
        "  as of the capture: other has no date, and is taken to have been the same at any time",
    ]
    _, told = run(scan(tmp_path, times[1:]), *words[:2], "--as-of", "capture")
    assert told == ["  as of the capture: apple is of 2025-12-28; rows captured before: 0"]
    assert run(tmp_path / "scan.jsonl", *words)[1] == []


def test_rows_that_do_not_say_when(tmp_path: Path, run: Any) -> None:
    """They are counted, and so is a chain in a file: it is judged as of the run."""
    chain = tmp_path / "chain.pem"
    chain.write_text("".join(map(ssl.DER_cert_to_PEM_cert, CHAIN)))
    apple = observatory(tmp_path, [ROOT])
    words = ("--roots", f"apple={apple}", "--as-of", "capture")
    _, told = run(scan(tmp_path, ["2025-12-01T00:00:00Z", None]), *words)
    assert told[0] == "  without a time of capture, judged as of the run: 1"
    assert run(chain, *words)[1][0] == told[0]


def test_a_root_that_was_not_there_yet(tmp_path: Path, run: Any) -> None:
    """A path as of a time before its root was made is not one."""
    young = pki.issue("Young", ca=True, not_before=pki.at(2026, 3))
    end = pki.issue(pki.HOST, young)
    apple = observatory(tmp_path, [young])
    grabs = [
        scans.grab([end.der], host=pki.HOST, at=time)
        for time in ("2026-02-01T00:00:00Z", "2026-04-01T00:00:00Z")
    ]
    file = tmp_path / "scan.jsonl"
    file.write_text("".join(f"{json.dumps(grab)}\n" for grab in grabs))
    rows, _ = run(file, "--roots", f"apple={apple}", "--as-of", "capture")
    assert [(row["ok"], row["stores_now"]) for row in rows] == [(False, []), (True, ["apple"])]


def test_a_time_for_all_contradicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a sentence and exit code 2."""
    file = scan(tmp_path, ["2026-01-01T00:00:00Z"])
    for time in ("2026-01-01", "now"):
        assert main(["check", str(file), "--as-of", "capture", "--at", time]) == 2
        assert (
            "--as-of capture means the time of each row, and --at gives one for all"
            in capsys.readouterr().err
        )
