"""Where the library is that checks eight signatures at once.

It is that of two packages, which ``pip install 'certpath[multibuffer]'`` brings: nothing else that lies on
the machine under the same name is opened.
"""

from __future__ import annotations

import os
import re
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from certpath._certpath import _multibuffer, _offer_multibuffer, _refuse_multibuffer

if TYPE_CHECKING:
    from collections.abc import Iterable

# In the order in which they are opened: each finds those that it needs among those that are open.
_NEEDED = (
    ("intel-cmplr-lib-rt", r"libintlc\.so\.5"),
    ("intel-cmplr-lib-rt", r"libimf\.so"),
    ("intel-cmplr-lib-rt", r"libirng\.so"),
    ("intel-cmplr-lib-rt", r"libsvml\.so"),
    ("ipp-crypto", r"libcrypto_mb\.so\.\d+"),
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
        found = list(files())
    except LookupError as error:
        _refuse_multibuffer(str(error.args[0]))
    else:
        _offer_multibuffer(found)


def files() -> Iterable[Path]:
    """The files, in the order in which they are opened. Raises `LookupError` if one is missing."""
    held: dict[str, list[metadata.PackagePath]] = {}
    for package, pattern in _NEEDED:
        if package not in held:
            try:
                held[package] = metadata.files(package) or []
            except metadata.PackageNotFoundError:
                raise LookupError(f"the package {package} is not installed") from None
        named = (file for file in held[package] if re.fullmatch(pattern, file.name))
        found = next(named, None)
        if found is None:
            raise LookupError(f"the package {package} has no file {pattern}".replace("\\", ""))
        yield Path(found.locate()).resolve()


def backend() -> str:
    """What checks signatures, as `certpath.backend` says it."""
    settle()
    used, text = _multibuffer() or (False, "not settled")
    return f"aws-lc-rs; batches: {text}" if used else f"aws-lc-rs (eight at once: {text})"
