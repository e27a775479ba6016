"""Where the library is that checks eight signatures at once.

It is that of two packages, which ``pip install 'certpath[multibuffer]'`` puts beside this one: nothing else
that lies on the machine under the same name is opened. Their records are read here and not by
`importlib.metadata`, which takes longer to load than all the rest of ``certpath --version``.
"""
# ruff: noqa: PTH100, PTH118, PTH119, PTH120, PTH123, PTH208
# Not pathlib, which takes as long, too.

from __future__ import annotations

import os
import site
from typing import TYPE_CHECKING

from certpath._certpath import _multibuffer, _offer_multibuffer, _refuse_multibuffer

if TYPE_CHECKING:
    from collections.abc import Iterator

# In the order in which they are opened: each finds those that it needs among those that are open.
_NEEDED = (
    ("intel-cmplr-lib-rt", "libintlc.so.5"),
    ("intel-cmplr-lib-rt", "libimf.so"),
    ("intel-cmplr-lib-rt", "libirng.so"),
    ("intel-cmplr-lib-rt", "libsvml.so"),
    ("ipp-crypto", "libcrypto_mb.so.13"),
)


def settle() -> None:
    """Open the library, or do without it in this process, unless that is settled already.

    The environment variable ``CERTPATH_MULTIBUFFER`` says no with any value but "1", with which the first
    batch looks for it, however small it is.
    """
    if _multibuffer() is not None:
        return
    wish = os.environ.get("CERTPATH_MULTIBUFFER", "")
    if wish not in {"", "1"}:
        _refuse_multibuffer(f"CERTPATH_MULTIBUFFER is {wish!r}")
        return
    try:
        found = files()
    except LookupError as error:
        _refuse_multibuffer(str(error.args[0]))
    else:
        _offer_multibuffer(found)


def files() -> list[str]:
    """The files, in the order in which they are opened. Raises `LookupError` if one is missing."""
    held = {package: list(_held(package)) for package, _ in _NEEDED}
    found = []
    for package, name in _NEEDED:
        if not held[package]:
            raise LookupError(f"needs certpath[multibuffer]; the package {package} is missing")
        file = next((one for one in held[package] if os.path.basename(one) == name), None)
        if file is None:
            raise LookupError(f"the package {package} has no file {name}")
        found.append(os.path.realpath(file))
    return found


def _held(package: str) -> Iterator[str]:
    """The files of a package that is installed where packages are, by its record (PEP 376)."""
    start = f"{package.replace('-', '_')}-"
    for folder in _folders():
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if name.startswith(start) and name.endswith(".dist-info"):
                try:
                    with open(os.path.join(folder, name, "RECORD"), encoding="utf-8") as record:
                        lines = record.read().splitlines()
                except (OSError, UnicodeDecodeError):
                    continue
                # Names with a comma stand in quotes, and none of ours has one.
                yield from (os.path.join(folder, line.partition(",")[0]) for line in lines)


def _folders() -> list[str]:
    """Beside this package, and where the interpreter has its packages; never the current folder."""
    folders = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return folders


def backend() -> str:
    """What checks signatures, as `certpath.backend` says it."""
    settle()
    used, text = _multibuffer() or (False, "not settled")
    return f"aws-lc-rs; batches: {text}" if used else f"aws-lc-rs (eight at once: {text})"
