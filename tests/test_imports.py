"""What `import certpath` loads, and what only when it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import certpath
import pytest

SLOW = ("argparse", "asyncio", "dataclasses", "inspect", "pathlib", "rich", "socket", "ssl")


def printed(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(  # noqa: S603 - the code is ours
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {PACKAGE!r})\n{code}"],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


PACKAGE = str(Path(certpath.__file__).parent.parent)
LOADED = f"print(*(name for name in {SLOW} if name in sys.modules))"


def test_the_package_loads_the_verifier_alone() -> None:
    """No contexts, no `ssl`, nothing that takes longer than the compiled module."""
    assert printed(f"import certpath\n{LOADED}") == "\n"


def test_the_version_takes_no_more() -> None:
    """No parser of arguments either."""
    code = f"from certpath.cli import main\nassert main(['--version']) == 0\n{LOADED}"
    version, backend, loaded, end = printed(code).split("\n")
    assert version == f"certpath {certpath.__version__}"
    assert backend.startswith("signatures: aws-lc-rs")
    assert (loaded, end) == ("", "")


def test_judging_offline_needs_no_contexts() -> None:
    """Nor sockets."""
    code = "import certpath\ncertpath.Verifier(certpath.TrustStore.mozilla()).check([])"
    assert printed(f"{code}\nprint('certpath._context' in sys.modules)") == "False\n"


def test_everything_is_there_when_it_is_asked_for() -> None:
    """By name, by star, in `dir`; and a name that is not one is an error as ever."""
    for name in vars(certpath)["__all__"]:
        assert getattr(certpath, name) is not None
        assert name in dir(certpath)
    assert "CERT_REQUIRED" in dir(certpath)
    star = "from certpath import *\nprint(SSLContext.__module__, Remedy.__name__)"
    assert printed(star) == "certpath Remedy\n"
    with pytest.raises(AttributeError, match="module 'certpath' has no attribute 'nothing'"):
        certpath.nothing  # type: ignore[attr-defined] # noqa: B018 - the point
    assert not hasattr(certpath, "_nothing")


def test_names_stay_the_same_objects() -> None:
    """However they were come by."""
    from certpath._errors import VerificationError

    assert certpath.VerificationError is VerificationError
    assert vars(certpath)["VerificationError"] is VerificationError
