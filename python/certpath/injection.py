"""Put certpath in the place of the standard library's contexts, for a whole process."""

from __future__ import annotations

import ssl
import sys
from typing import TYPE_CHECKING, Any

from certpath import context, functions
from certpath.context import rebound
from certpath.lock import Lock

if TYPE_CHECKING:
    import types

__all__ = ["extract_from_ssl", "inject_into_ssl"]

# Packages that hold references of their own to what is replaced.
_PACKAGES = ("aiohttp", "httpcore", "httpx", "requests", "urllib3")

# Contexts that a package has made while it was loaded, and its own function to make them, with its argument.
_READY_MADE = {
    ("aiohttp.connector", "_SSL_CONTEXT_VERIFIED"): ("_make_ssl_context", True),
    ("aiohttp.connector", "_SSL_CONTEXT_UNVERIFIED"): ("_make_ssl_context", False),
}

_lock = Lock()

_Original = ssl.SSLContext
_originals: dict[str, Any] = {
    "SSLContext": _Original,
    "create_default_context": ssl.create_default_context,
    # http.client asks for this one.
    "_create_default_https_context": ssl._create_default_https_context,  # noqa: SLF001
}
_replacements: dict[str, Any] = {
    "SSLContext": context.SSLContext,
    "create_default_context": functions.create_default_context,
    "_create_default_https_context": functions.create_default_context,
}
# `ssl.SSLContext` sets these by way of its own global name, which is about to mean another class.
_SELF_NAMED = (
    "maximum_version",
    "minimum_version",
    "options",
    "verify_flags",
    "verify_mode",
    "_msg_callback",
)
_original_properties = {name: vars(_Original)[name] for name in _SELF_NAMED if name in vars(_Original)}

_https_context_was: Any = None


def inject_into_ssl() -> None:
    """Make `ssl`, and the HTTP libraries that are loaded, use certpath's contexts.

    Idempotent and thread-safe. Contexts that exist already stay what they are. Call it at the start of
    a program, never in a library.
    """
    global _https_context_was  # noqa: PLW0603 - the state of the process, guarded by the lock
    with _lock:
        if ssl.SSLContext is context.SSLContext:
            return
        for name, original in _original_properties.items():
            setattr(_Original, name, rebound(original, _Original))
        # A program may have chosen its own, even an unverified one: that choice comes back on extraction.
        _https_context_was = ssl._create_default_https_context  # noqa: SLF001
        for name, replacement in _replacements.items():
            setattr(ssl, name, replacement)
        _exchange(_originals, _replacements)
        _make_again()


def extract_from_ssl() -> None:
    """Undo `inject_into_ssl`. Idempotent and thread-safe; contexts made meanwhile go on working."""
    with _lock:
        if ssl.SSLContext is not context.SSLContext:
            return
        ssl.SSLContext = _Original  # type: ignore[misc]
        ssl.create_default_context = _originals["create_default_context"]
        ssl._create_default_https_context = _https_context_was  # noqa: SLF001
        for name, original in _original_properties.items():
            setattr(_Original, name, original)
        _exchange(_replacements, _originals)
        _make_again()


def _exchange(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Replace the references that the known packages have imported by name."""
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] in _PACKAGES and module is not None:
            for name in ("SSLContext", "create_default_context"):
                _exchange_in(module, old[name], new[name])


def _make_again() -> None:
    """Have the known packages make anew what they made of the other kind."""
    for (module_name, name), (maker, argument) in _READY_MADE.items():
        module = sys.modules.get(module_name)
        if (
            module is not None
            and isinstance(getattr(module, name, None), _Original)
            and hasattr(module, maker)
        ):
            setattr(module, name, getattr(module, maker)(argument))


def _exchange_in(module: types.ModuleType, old: object, new: object) -> None:
    for name, value in list(vars(module).items()):
        if value is old:
            setattr(module, name, new)
