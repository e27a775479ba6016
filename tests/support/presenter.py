"""A TLS peer that presents whatever it is told to.

Python's `ssl` refuses to load a certificate with malformed extensions as its own, though it judges those
that a peer sends. pyOpenSSL loads them; only DER that no OpenSSL reads stays unpresentable.
"""

from __future__ import annotations

import contextlib
import ssl
import warnings
from typing import TYPE_CHECKING

from OpenSSL import SSL, crypto

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Presenter"]

ROOM = 1 << 20


class Presenter:
    """One end of a handshake, with `ssl.SSLObject`'s method for it; its octets go through two MemoryBIOs."""

    def __init__(
        self,
        chain: Sequence[bytes],
        key_pem: bytes,
        *,
        server_side: bool,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
    ) -> None:
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_cipher_list(b"ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            # The objects of `cryptography` that it recommends are stricter readers of DER.
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                leaf, *others = (crypto.load_certificate(crypto.FILETYPE_ASN1, der) for der in chain)
                context.use_certificate(leaf)
                context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, key_pem))
                for other in others:
                    context.add_extra_chain_cert(other)
            except (SSL.Error, crypto.Error) as error:
                raise ssl.SSLError(f"not even pyOpenSSL: {error}") from error
        self._connection = SSL.Connection(context, None)
        self._incoming, self._outgoing = incoming, outgoing
        if server_side:
            self._connection.set_accept_state()
        else:
            self._connection.set_connect_state()

    def do_handshake(self) -> None:
        """As far as it gets; raises `ssl.SSLError`, `ssl.SSLWantReadError` among them."""
        if received := self._incoming.read():
            self._connection.bio_write(received)
        try:
            self._connection.do_handshake()
        except SSL.WantReadError as error:
            raise ssl.SSLWantReadError from error
        except SSL.Error as error:
            raise ssl.SSLError(str(error)) from error
        finally:
            with contextlib.suppress(SSL.WantReadError):
                self._outgoing.write(self._connection.bio_read(ROOM))
