"""The public names of the `ssl` module, but for those that certpath has a version of its own of."""

from __future__ import annotations

import ssl
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

__all__ = [name for name in vars(ssl) if not name.startswith("_") and name not in _OWN]
