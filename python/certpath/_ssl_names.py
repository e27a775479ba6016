"""The public names of the `ssl` module, without those that certpath replaces."""

from __future__ import annotations

import ssl
import types
from ssl import *  # noqa: F403 - what this module is for

_OWN = frozenset(
    {
        "SSLContext",
        "SSLObject",
        "SSLSocket",
        "create_default_context",
        "get_server_certificate",
        "match_hostname",
        "wrap_socket",
    }
)

# What the module has only imported for itself.
_FOREIGN = ("collections", "socket", "warnings")


def _is_ssls(name: str) -> bool:
    value = getattr(ssl, name)
    return not isinstance(value, types.ModuleType) and getattr(value, "__module__", None) not in _FOREIGN


__all__ = [name for name in vars(ssl) if not name.startswith("_") and name not in _OWN and _is_ssls(name)]
