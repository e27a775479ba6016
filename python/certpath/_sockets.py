"""The classes that `SSLContext` hands out.

They verify nothing themselves: that is done by the connection below them, for them as for every class
that a program puts in their place. What they add is what newer versions of the standard library have.
"""

from __future__ import annotations

import _ssl
import ssl
from typing import Any

__all__ = ["SSLObject", "SSLSocket"]


class SSLSocket(ssl.SSLSocket):
    """`ssl.SSLSocket`, with the peer's chains on every Python version."""

    __module__ = "certpath"

    _sslobj: Any

    def get_verified_chain(self) -> list[bytes]:
        """The path that was accepted, in DER: the peer's certificate first, the trust anchor last."""
        return _ders(None if self._sslobj is None else self._sslobj.get_verified_chain())

    def get_unverified_chain(self) -> list[bytes]:
        """What the peer has sent, in DER."""
        return _ders(None if self._sslobj is None else self._sslobj.get_unverified_chain())


class SSLObject(ssl.SSLObject):
    """`ssl.SSLObject`, with the peer's chains on every Python version."""

    __module__ = "certpath"

    _sslobj: Any

    def get_verified_chain(self) -> list[bytes]:
        """The path that was accepted, in DER: the peer's certificate first, the trust anchor last."""
        return _ders(self._sslobj.get_verified_chain())

    def get_unverified_chain(self) -> list[bytes]:
        """What the peer has sent, in DER."""
        return _ders(self._sslobj.get_unverified_chain())


def _ders(chain: list[Any] | None) -> list[bytes]:
    return [certificate.public_bytes(_ssl.ENCODING_DER) for certificate in chain or ()]
