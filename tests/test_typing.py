"""Type checkers see what there is: `import certpath as ssl` has every name of `ssl` for them, too."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import certpath
import pytest
from certpath import _ssl_names

ROOT = Path(__file__).resolve().parents[1]
STUB = ROOT / "python" / "certpath" / "__init__.pyi"


def names_of(body: list[ast.stmt]) -> set[str]:
    """The names that a stub has on this version and platform."""
    found: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.ImportFrom):
            found |= {alias.asname for alias in statement.names if alias.asname}
        elif isinstance(statement, ast.Assign):
            found |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.If):
            condition = compile(ast.Expression(statement.test), str(STUB), "eval")
            holds = eval(condition, {"sys": sys})  # noqa: S307 - our own stub
            found |= names_of(statement.body if holds else statement.orelse)
    return found


def test_the_stub_has_every_name() -> None:
    """Those of the package and of `ssl`: no more and no fewer than there are when it is loaded."""
    written = names_of(ast.parse(STUB.read_text(encoding="utf-8")).body)
    there = {*vars(certpath)["__all__"], *_ssl_names.__all__}
    assert {
        name for name in written if name in vars(certpath)["__all__"] or not name.startswith("_")
    } == there
    assert not [name for name in written if not hasattr(certpath, name)]


def test_typical_use_passes_mypy() -> None:
    """`mypy --strict` on code that is written for `ssl`."""
    pytest.importorskip("mypy", reason="mypy is not installed; the gate's own mypy looks at the file, too")
    done = subprocess.run(  # noqa: S603 - arguments written here
        [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "--cache-dir", os.devnull,
         str(ROOT / "tests" / "typical_use.py")],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, "MYPYPATH": str(ROOT / "python")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
