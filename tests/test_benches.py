"""The benchmarks say what they measured, and time nobody who does not give the right answer."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import pki

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCHES = Path(__file__).resolve().parents[1] / "benches"


@pytest.fixture(name="programs")
def _programs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """benches/programs.py."""
    monkeypatch.syspath_prepend(str(BENCHES))
    yield importlib.import_module("programs")
    sys.modules.pop("programs", None)


def question(programs: Any) -> tuple[list[bytes], Any]:
    """The root of a sound chain, and the chain."""
    leaf, intermediate, root = pki.three()
    return [root.der], programs.Question([leaf.der, intermediate.der], pki.HOST, pki.AT)


class TestComparison:
    def test_a_table_of_targets_and_everything_as_json(self, tmp_path: Path) -> None:
        out, charts = tmp_path / "figures.json", tmp_path / "charts"
        command = [sys.executable, str(BENCHES / "compare.py"), "--fast", "--no-programs", "--only", "s1,s10"]
        command += ["--json", str(out)]
        if can_draw := importlib.util.find_spec("matplotlib") is not None:
            command += ["--charts", str(charts)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (ours)
        for row in (
            "| S1: a chain seen before, pyca / certpath, mean | ≥ 30 times |",
            "| S10: import certpath, above import ssl | ≤ 15 ms |",
            "NOT RUN in S1: Go (go: --no-programs)",
            "processor: ",
        ):
            assert row in done.stdout
        told = json.loads(out.read_text("utf-8"))
        assert [result["name"] for result in told["results"]] == ["S1", "S10"]
        assert told["results"][0]["charts"][0]["bars"]["certpath"] > 0
        if can_draw:
            assert "certpath" in (charts / "s1.svg").read_text("utf-8")

    def test_what_is_not_one_of_them(self) -> None:
        command = [sys.executable, str(BENCHES / "compare.py"), "--only", "s1,s11"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 (ours)
        assert done.returncode == 2
        assert "no s11; there are s1, s2" in done.stderr


class TestInstructions:
    @pytest.fixture(name="instructions")
    def _instructions(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        """.ci/instructions.py."""
        monkeypatch.syspath_prepend(str(BENCHES.parent / ".ci"))
        return importlib.import_module("instructions")

    def test_only_the_modules_own_are_counted(self, instructions: Any, tmp_path: Path) -> None:
        """callgrind writes a name once, then its number; after `calls` comes what the callee took."""
        file = tmp_path / "out"
        lines = [
            "events: Ir",
            "ob=(1) /lib/libc.so.6",
            "fn=(1) memcpy",
            "0 1000",
            "ob=(2) /x/_certpath.abi3.so",
        ]
        lines += [
            "fn=(2) 0x1",
            "0 20",
            "+3 4",
            "cob=(1)",
            "cfn=(1)",
            "calls=1 0",
            "* 1000",
            "* 3",
            "ob=(1)",
            "0 7",
        ]
        lines += ["ob=(2)", "-5 100", "totals: 2134"]
        file.write_text("\n".join(lines), "ascii")
        assert instructions.counted(file) == 127

    @pytest.mark.parametrize(
        ("found", "said"),
        [
            ({"row": 1029, "text": 900}, []),
            ({"row": 1031, "text": 1000}, ["row: 1,031 instructions a row, +3.1% from 1,000"]),
            ({"row": 1000}, ["text: only in the baseline"]),
            ({"row": 1000, "text": 1000, "new": 1}, ["new: only in this run"]),
        ],
    )
    def test_three_per_cent_more_are_allowed(
        self, instructions: Any, found: dict[str, int], said: list[str]
    ) -> None:
        assert list(instructions.complaints(found, {"row": 1000, "text": 1000})) == said

    def test_without_valgrind(
        self, instructions: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("PATH", "")
        monkeypatch.setattr(sys, "argv", ["instructions.py"])
        assert instructions.main() == instructions.NOT_RUN
        assert capsys.readouterr().out == "NOT RUN: there is no valgrind\n"

    def test_the_baseline_has_every_part(self, instructions: Any) -> None:
        baseline = json.loads(instructions.BASELINE.read_text("utf-8"))
        assert baseline["instructions a row"].keys() == instructions.PARTS.keys()


class TestRivals:
    def test_a_program_that_does_not_accept_all_is_not_timed(self, programs: Any, tmp_path: Path) -> None:
        program = tmp_path / "rival"
        program.write_text("#!/bin/sh\nwhile read -r order; do echo 1000 3; done\n", "ascii")
        program.chmod(0o755)
        roots, asked = question(programs)
        one = programs.Verifying(str(program), roots, [asked])
        with programs.closing([one]):
            assert one.run(1, 3) == pytest.approx(1e-6)
            with pytest.raises(programs.Refuses, match="accepts 3 of 2"):
                one.run(1, 2)
        assert not one.file.exists()

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command")
    def test_the_command_of_openssl(self, programs: Any) -> None:
        roots, asked = question(programs)
        for name, root, refused in (
            (pki.HOST, roots[0], False),
            ("other.test", roots[0], True),
            (pki.HOST, pki.issue("Stranger", ca=True).der, True),
        ):
            one = programs.OpenSSL([root], [asked], name)
            with programs.closing([one]):
                if refused:
                    with pytest.raises(programs.Refuses, match="accepts 0 of 20"):
                        one.run(1, 20)
                else:
                    assert one.run(1, 20) >= 0

    @pytest.mark.skipif(shutil.which("go") is None, reason="no Go")
    def test_go(self, programs: Any) -> None:
        roots, asked = question(programs)
        misnamed = programs.Question(asked.chain, "other.test", asked.at)
        for questions, refused in (([asked], False), ([asked, misnamed], True)):
            one = programs.Verifying.go(roots, questions)
            with programs.closing([one]):
                if refused:
                    with pytest.raises(programs.Refuses, match="accepts 1 of 2"):
                        one.run()
                else:
                    assert one.run(2, 5) > 0

    def test_what_may_not_be_built_is_missing(self, programs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(programs, "build", False)
        roots, asked = question(programs)
        with pytest.raises(programs.Missing, match="cargo: --no-programs"):
            programs.Verifying.webpki(roots, [asked])
