"""Put certpath in the place of the standard library's contexts, for a whole process."""

from __future__ import annotations

import contextlib
import ssl
import sys
import types
import warnings
from typing import TYPE_CHECKING, Any

from certpath import _context, _functions
from certpath._context import rebound
from certpath._lock import Lock
from certpath._older_contexts import MOST_OBJECTS, InjectionWarning, Unjudged, find, modules

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["extract_from_ssl", "inject_into_ssl", "injection_report"]

# Packages whose references to what is replaced are followed under whatever name, also when it is put back.
_PACKAGES = ("aiohttp", "httpcore", "httpx", "requests", "urllib3")

# How many places a warning names.
_MOST_NAMED = 10


def _requests_context(adapters: Any) -> Any:
    made = adapters.create_urllib3_context()
    made.load_verify_locations(adapters.extract_zipped_paths(adapters.DEFAULT_CA_BUNDLE_PATH))
    return made


def _tornado_context(purpose: ssl.Purpose) -> Callable[[Any], Any]:
    def make(netutil: Any) -> Any:
        made = netutil.ssl.create_default_context(purpose)
        made.options |= ssl.OP_NO_COMPRESSION
        return made

    return make


# Contexts that packages make while they are loaded, and how each of them does that.
_READY_MADE: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("aiohttp.connector", "_SSL_CONTEXT_VERIFIED"): lambda module: module._make_ssl_context(True),  # noqa: SLF001 - their own
    ("aiohttp.connector", "_SSL_CONTEXT_UNVERIFIED"): lambda module: module._make_ssl_context(False),  # noqa: SLF001 - as above
    # 2.32.0 to 2.32.4
    ("requests.adapters", "_preloaded_ssl_context"): _requests_context,
    ("tornado.netutil", "_client_ssl_defaults"): _tornado_context(ssl.Purpose.SERVER_AUTH),
    ("tornado.netutil", "_server_ssl_defaults"): _tornado_context(ssl.Purpose.CLIENT_AUTH),
}

# Functions that make such a context when they are first called, and remember it.
_REMEMBERING = (
    ("tornado.netutil", "_client_ssl_defaults"),
    ("tornado.netutil", "_server_ssl_defaults"),
)  # 6.6

_lock = Lock()

_Original = ssl.SSLContext
_originals: dict[str, Any] = {
    "SSLContext": _Original,
    "create_default_context": ssl.create_default_context,
    # http.client asks for this one.
    "_create_default_https_context": ssl._create_default_https_context,  # noqa: SLF001
}
_replacements: dict[str, Any] = {
    "SSLContext": _context.SSLContext,
    "create_default_context": _functions.create_default_context,
    "_create_default_https_context": _functions.create_default_context,
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
# References that were exchanged in modules that are not packages of ours to know.
_exchanged: list[tuple[types.ModuleType, str, object, str]] = []


def inject_into_ssl() -> None:
    """Make `ssl`, and the libraries that are loaded, use certpath's contexts.

    Idempotent and thread-safe. Contexts that exist already stay what they are, but for those that known
    libraries have made while they were loaded: where a module or an object holds such a context, an
    `InjectionWarning` names it, and `injection_report` lists all. Call it at the start of a program,
    never in a library.
    """
    global _https_context_was  # noqa: PLW0603 - the state of the process, guarded by the lock
    with _lock:
        if ssl.SSLContext is _context.SSLContext:
            return
        as_made = _make_ready_made()
        # gevent, eventlet or truststore may have put their own there since certpath was imported.
        found = {name: getattr(ssl, name) for name in ("SSLContext", "create_default_context")}
        for name, original in _original_properties.items():
            setattr(_Original, name, rebound(original, _Original))
        # A program may have chosen its own, even an unverified one: that choice comes back on extraction.
        _https_context_was = ssl._create_default_https_context  # noqa: SLF001
        for name, replacement in _replacements.items():
            setattr(ssl, name, replacement)
        _exchange(_originals, _replacements)
        for old in (_originals, found):
            _exchange_everywhere(old)
        _exchange_below_truststore()
        _make_again(as_made)
        left = injection_report()
    _warn_of(left)


def extract_from_ssl() -> None:
    """Undo `inject_into_ssl`. Idempotent and thread-safe; contexts made meanwhile go on working."""
    with _lock:
        if ssl.SSLContext is not _context.SSLContext:
            return
        as_made = _make_ready_made()
        ssl.SSLContext = _Original  # type: ignore[misc]
        ssl.create_default_context = _originals["create_default_context"]
        ssl._create_default_https_context = _https_context_was  # noqa: SLF001
        for name, original in _original_properties.items():
            setattr(_Original, name, original)
        _exchange(_replacements, _originals)
        for module, name, was, replaced in _exchanged:
            _exchange_in(module, _replacements[replaced], was, (name,))
        _exchanged.clear()
        _make_again(as_made)


def injection_report(*, limit: int | None = MOST_OBJECTS) -> list[Unjudged]:
    """What is older than the injection, so that certpath does not judge what it verifies.

    Contexts, wherever they are held; classes and functions that make such contexts, in modules that have
    imported them under a name of their own. Packages that wrap contexts (gevent, eventlet, truststore) have
    to keep the class of before, and are left out. Empty while certpath is not injected.

    Modules are always looked into. Of the other objects of the process at most `limit` are, the newest and
    the oldest first (``None``: all of them). Where there are more, no holders are looked for, and the last
    entry has the kind ``"cut"`` and says how many were not looked at.
    """
    if not issubclass(ssl.SSLContext, _context.SSLContext):
        return []
    return find(_context.SSLContext, _originals, limit)


def _warn_of(left: list[Unjudged]) -> None:
    """Say what goes on without certpath, if it has a name.

    A program knows what it has imported into its own main module; what it holds there is told all the same.
    """
    named = [
        one
        for one in left
        if one.attribute is not None and (one.kind == "context" or one.module != "__main__")
    ]
    unseen = [one for one in left if one.kind == "cut"]
    if not named and not unseen:
        return
    parts = [f"{one.place} (a {one.kind})" for one in named[:_MOST_NAMED]]
    if len(named) > _MOST_NAMED:
        parts[-1] += f" and {len(named) - _MOST_NAMED} more"
    if unseen and any(one.kind == "context" and one.attribute is None for one in left):
        parts.append("contexts whose holders were not looked for")
    parts += [f"whatever is among {one.type} that were not looked at" for one in unseen]
    shown = ", ".join(parts)
    warnings.warn(
        f"older than the injection, and so not judged by certpath: {shown}. Call inject_into_ssl() "
        "before these are imported or made; certpath.injection_report() lists all that there is",
        InjectionWarning,
        stacklevel=3,
    )


def _exchange(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Replace the references that the known packages have imported, whatever they call them."""
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] in _PACKAGES and module is not None:
            for name in ("SSLContext", "create_default_context"):
                _exchange_in(module, old[name], new[name])


def _exchange_everywhere(old: dict[str, Any]) -> None:
    """Replace what any other module has imported under its own name: ``from ssl import SSLContext``.

    Under another name it may be meant to stay what it is: `injection_report` shows it.
    """
    _exchanged.extend(
        (module, name, old[name], name)
        for _, module in modules()
        for name in ("SSLContext", "create_default_context")
        if _exchange_in(module, old[name], _replacements[name], (name,))
    )


def _exchange_below_truststore() -> None:
    """Replace the class whose contexts truststore's own stand before, where it was loaded first."""
    name = "_original_SSLContext"
    for module_name in ("truststore._api", "pip._vendor.truststore._api"):
        module = sys.modules.get(module_name)
        if module is not None and _exchange_in(module, _Original, _context.SSLContext, (name,)):
            _exchanged.append((module, name, _Original, "SSLContext"))


def _exchange_in(
    module: types.ModuleType, old: object, new: object, names: tuple[str, ...] | None = None
) -> bool:
    """Put the new one where the module has the old one, under the given names or any; whether it had it."""
    attributes = vars(module)
    found = [name for name in (names or list(attributes)) if attributes.get(name) is old]
    for name in found:
        setattr(module, name, new)
    return bool(found)


def _make_ready_made() -> dict[tuple[str, str], Any]:
    """For each known package that holds a context which it has made, one that is made like it now."""
    made = {}
    for (module_name, name), make in _READY_MADE.items():
        module = sys.modules.get(module_name)
        if module is not None and isinstance(getattr(module, name, None), _Original):
            # Another version of the package may make it otherwise: then it stays, and is reported.
            with contextlib.suppress(Exception):
                made[module_name, name] = make(module)
    return made


def _make_again(as_made: dict[tuple[str, str], Any]) -> None:
    """Have the known packages make anew, of the other kind, what nobody has changed since they made it."""
    for module_name, name in _REMEMBERING:
        forget = getattr(getattr(sys.modules.get(module_name), name, None), "cache_clear", None)
        if forget is not None:
            forget()
    for (module_name, name), plain in as_made.items():
        module = sys.modules[module_name]
        held = getattr(module, name)
        if _settings_of(held) != _settings_of(plain):
            continue
        new = _READY_MADE[module_name, name](module)
        package = module_name.partition(".")[0]
        for other_name, other in list(sys.modules.items()):
            if other_name.partition(".")[0] == package and isinstance(other, types.ModuleType):
                _exchange_in(other, held, new)


def _settings_of(made: ssl.SSLContext) -> tuple[Any, ...]:
    """What can be seen of a context's settings."""
    return (
        type(made),
        made.protocol,
        made.options,
        made.verify_mode,
        made.check_hostname,
        made.verify_flags,
        made.minimum_version,
        made.maximum_version,
        made.cert_store_stats(),
        made.get_ca_certs(binary_form=True),
        [cipher["name"] for cipher in made.get_ciphers()],
        made.keylog_filename,
    )
