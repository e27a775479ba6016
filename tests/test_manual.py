"""The manual at run time: every public class, method and property says what the stub says of it."""

from __future__ import annotations

import importlib.util
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import certpath
import pytest
from certpath import _certpath

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
# Where this process finds it: not installed, where it is worked on.
PACKAGE = str(Path(certpath.__file__).parent.parent)
STUB = ROOT / "python" / "certpath" / "_certpath.pyi"


def generator() -> ModuleType:
    """.ci/manual.py as a module."""
    spec = importlib.util.spec_from_file_location("manual", ROOT / ".ci" / "manual.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """The docstrings of the stub."""
    found: dict[str, str] = generator().documented(STUB.read_text(encoding="utf-8"))
    assert len(found) > 150
    return found


def test_the_generated_file_is_that_of_the_stub() -> None:
    """src/py/manual.rs has not been left behind."""
    done = subprocess.run(  # noqa: S603 - the script is ours
        [sys.executable, str(ROOT / ".ci" / "manual.py"), "--check"],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_docstrings_are_those_of_the_stub(written: dict[str, str]) -> None:
    """Of every member that the stub describes."""
    different = []
    for name, text in written.items():
        thing: object = _certpath
        for part in name.split("."):
            thing = inspect.getattr_static(thing, part)
        if isinstance(thing, (classmethod, staticmethod)):
            thing = thing.__func__
        if inspect.cleandoc(getattr(thing, "__doc__", None) or "") != text:
            different.append(name)
    assert different == []


def public() -> list[tuple[str, object]]:
    """Every public class and function, and the members that the classes have of their own."""
    found: list[tuple[str, object]] = []
    for name in vars(certpath)["__all__"]:
        thing = getattr(certpath, name)
        if isinstance(thing, str):
            continue
        found.append((name, thing))
        if inspect.isclass(thing):
            members = [member for member in vars(thing) if not member.startswith("_")]
            found += [(f"{name}.{member}", getattr(thing, member)) for member in members]
    return found


def test_everything_public_has_help() -> None:
    """Classes in Python, too. What annotates an attribute is not a member of its own."""
    without = [
        name
        for name, thing in public()
        if thing is not None
        and not isinstance(thing, (str, int, tuple))
        and not (inspect.getdoc(thing) or "").strip()
    ]
    assert without == []


@pytest.mark.parametrize("name", ["Verifier", "Policy", "Verdict", "TrustStore", "IntermediatePool"])
def test_help_reads_like_a_manual(name: str) -> None:
    """What the class is, how one is made, and every member."""
    done = subprocess.run(  # noqa: S603 - the arguments are ours
        [sys.executable, "-c", f"import certpath; help(certpath.{name})"],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": PACKAGE, "PAGER": "cat", "PYTHONIOENCODING": "utf-8"},
    )
    methods = [thing for member, thing in public() if member.startswith(f"{name}.") and callable(thing)]
    assert len(methods) > 1
    for method in methods:
        first = (inspect.getdoc(method) or "").split("\n")[0]
        assert first in done.stdout, method


def test_what_constructors_take_is_shown() -> None:
    """The signature, and the text of the constructor below that of the class."""
    shown = "(store, *, pool=None, policy=None, crls=None, ct_logs=None, revocation_sets=None)"
    assert str(inspect.signature(certpath.Verifier)) == shown
    assert "One store or up to 32" in (certpath.Verifier.__doc__ or "")
