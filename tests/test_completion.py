"""What is made of the parser of the command's words, besides --help: completion and the man page."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from certpath.cli import main
from certpath.cli.options import SHELLS
from certpath.cli.parser import make_parser

ROOT = Path(__file__).resolve().parent.parent


def options() -> set[str]:
    """Every long option of every command."""
    _, commands = make_parser()
    return {
        option
        for command in commands.values()
        for action in command._actions
        for option in action.option_strings
        if option.startswith("--")
    }


class TestCompletion:
    @pytest.mark.parametrize("shell", SHELLS)
    def test_it_knows_every_option(self, shell: str, capsys: pytest.CaptureFixture[str]) -> None:
        """And every command, in a script that comes whole or not at all."""
        assert main(["completion", shell]) == 0
        script = capsys.readouterr().out
        assert {"--resume", "--starttls"} < options()
        # tcsh completes options by their names without dashes.
        names = {option.lstrip("-") if shell == "tcsh" else option for option in options()}
        assert [name for name in names if name not in script] == []

    @pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
    def test_bash_completes(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Commands, options, their values, and files."""
        main(["completion", "bash"])
        (tmp_path / "chain.pem").write_text("")
        ask = """
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; COMPREPLY=()
            _shtab_certpath certpath "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
        """
        script = capsys.readouterr().out + ask

        def completed(*words: str) -> set[str]:
            done = subprocess.run(  # noqa: S603 - the script is ours
                ["bash", "-c", script, "bash", "certpath", *words],  # noqa: S607 - wherever it is
                cwd=tmp_path,
                check=True,
                capture_output=True,
                text=True,
            )
            return {word.strip() for word in done.stdout.split("\n")}

        assert completed("ex") == {"explain"} | (completed("ex") & {""})
        assert "--resume" in completed("check", "--re")
        assert {"rfc5280", "ssl-strict"} <= completed("check", "--policy", "")
        assert "chain.pem" in completed("check", "ch")

    def test_without_the_library(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It says what to install."""
        monkeypatch.setitem(sys.modules, "shtab", None)
        assert main(["completion", "bash"]) == 2
        assert "pip install 'certpath[cli]'" in capsys.readouterr().err

    def test_another_shell(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Is an error that names those there are."""
        assert main(["completion", "fish"]) == 2
        assert "bash, zsh, tcsh" in capsys.readouterr().err


def test_the_man_page_says_what_help_says() -> None:
    """Every command and option is in it, made from the same parser."""
    pytest.importorskip("argparse_manpage", reason="argparse-manpage is not installed")
    done = subprocess.run(  # noqa: S603 - the script is ours
        [sys.executable, str(ROOT / ".ci" / "man_page.py")],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    page = done.stdout.replace("\\-", "-")
    assert page.startswith(".TH CERTPATH ")
    assert [option for option in options() - {"--help"} if option not in page] == []
    assert all(f"certpath {command}" in page for command in make_parser()[1])
