"""The table of invocations.md: what is typed, the exit code, and what is said."""

from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path

import pytest
from certpath.cli import main

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| `certpath ?([^`]*)` \| (\d+) \| (?:`([^`]*)`)? ?\| (?:`([^`]*)`)? ?\|$", re.MULTILINE)


def invocations() -> list[tuple[str, str, str, str]]:
    """(words, exit code, how standard output ends, how standard error begins), as documented."""
    table = (ROOT / "tests" / "invocations.md").read_text(encoding="utf-8")
    found: list[tuple[str, str, str, str]] = ROW.findall(table)
    return found


def test_there_are_many() -> None:
    """A table of which the pattern finds nothing would promise nothing."""
    assert len(invocations()) >= 30


@pytest.mark.parametrize(("words", "code", "out", "err"), invocations(), ids=lambda one: one[:60])
def test_an_invocation_does_what_the_table_says(
    words: str,
    code: str,
    out: str,
    err: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code, how the last line of standard output begins, and the first of standard error."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(shlex.split(words)) == int(code)
    captured = capsys.readouterr()
    lines, complaints = captured.out.splitlines(), captured.err.splitlines()
    assert (lines[-1] if lines else "").startswith(out)
    assert bool(lines) == bool(out)
    assert (complaints[0] if complaints else "").startswith(err)
    assert bool(complaints) == bool(err)
