"""README.md: the code runs and prints what is shown, the commands can be pasted, the links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from certpath.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("examples/**/*.md")),
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def command(number: str) -> str:
    """The block that .ci/run takes for the command of that number."""
    after = README.partition(f"\n<!-- command {number} -->\n")[2]
    assert after.startswith("```sh\n"), "the block follows its mark at once"
    return after.removeprefix("```sh\n").partition("```")[0]


class TestCode:
    def test_the_first_screen_has_five_lines(self) -> None:
        """Five lines of Python, no more."""
        (code,) = blocks("python")
        assert len(code.splitlines()) == 5

    def test_limits_are_not_on_the_first_screen(self) -> None:
        """What it is, how to install it, a chain, code, a scan, the speed: then the rest."""
        first = README.partition("\n## ")[0]
        assert len(first.splitlines()) < 60
        for word in ("pip install", "certpath explain", "import certpath", "certpath check", "µs"):
            assert word in first
        assert "imit" not in first

    def test_it_prints_what_is_shown(self) -> None:
        """Run from the top folder, as a reader would."""
        (code,) = blocks("python")
        (shown,) = blocks("text")
        done = subprocess.run(  # noqa: S603 - the document is ours
            [sys.executable, "-W", "error", "-c", code],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert (done.returncode, done.stderr, done.stdout) == (0, "", shown)


class TestExplained:
    def test_the_chain_is_explained_as_shown(self) -> None:
        """What the command prints, without a terminal's colours and folds."""
        pytest.importorskip("rich")
        (block,) = blocks("console")
        command, shown = block.removeprefix("$ certpath ").split("\n", 1)
        done = subprocess.run(  # noqa: S603 - the document is ours
            [sys.executable, "-m", "certpath", *shlex.split(command)],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        assert (done.returncode, done.stderr, done.stdout) == (1, "", shown)

    def test_the_drawing_is_that_of_the_command(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """docs/explain.svg; `certpath explain … --svg docs/explain.svg` draws it anew."""
        (block,) = blocks("console")
        command = block.removeprefix("$ certpath ").split("\n", 1)[0]
        file = tmp_path / "explain.svg"
        monkeypatch.chdir(ROOT)
        assert main([*shlex.split(command), "--svg", str(file)]) == 1
        assert file.read_text(encoding="utf-8") == (ROOT / "docs" / "explain.svg").read_text(encoding="utf-8")


class TestCommands:
    @pytest.mark.parametrize("number", ["one", "two"])
    def test_each_is_one_line(self, number: str) -> None:
        """One line to paste, and no line break hidden in it."""
        line = command(number)
        assert line.count("\n") == 1
        assert "\\" not in line

    @pytest.mark.parametrize("number", ["one", "two"])
    def test_each_makes_its_own_environment(self, number: str) -> None:
        """On a machine whose Python may be called python3 alone."""
        assert command(number).startswith("python3 -m venv .venv && . .venv/bin/activate && python -m pip ")

    def test_the_first_installs_and_judges_the_examples(self) -> None:
        """The main job, from a fresh clone."""
        assert "pip install '.[cli]'" in command("one")
        assert command("one").rstrip().endswith("&& python examples/check.py")

    def test_the_second_runs_the_whole_suite(self) -> None:
        """Nothing is left out by a path or a marker."""
        assert re.search(r"&& python -m pytest( -n \d+)?\n$", command("two"))


class TestExamples:
    def test_every_verdict_is_as_documented(self) -> None:
        """What command one ends with."""
        done = subprocess.run(  # noqa: S603 - the script is ours
            [sys.executable, str(ROOT / "examples" / "check.py")],
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.search(r"^(\d+) of \1 verdicts as documented$", done.stdout, re.MULTILINE)

    def test_a_wrong_table_is_noticed(self, tmp_path: Path) -> None:
        """The check would fail if a verdict were another one."""
        folder = tmp_path / "examples"
        for path in (ROOT / "examples").rglob("*"):
            if path.is_file():
                copy = folder / path.relative_to(ROOT / "examples")
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
        table = folder / "README.md"
        text = table.read_text(encoding="utf-8")
        table.write_text(text.replace("| 10 | 1 |", "| 0 | 0 |"), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - the script is ours
            [sys.executable, str(folder / "check.py")],
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == 1
        assert "NOT AS DOCUMENTED: code 0, exit 0" in done.stdout


def anchors(document: Path) -> set[str]:
    """The fragments that GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link names a file of the repository, and a heading in it."""
    prose = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" in link:
            continue
        path, _, fragment = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link
