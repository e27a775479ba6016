"""What a client has sent as its certificates, where OpenSSL refuses them and keeps them to itself.

OpenSSL judges clients inside the handshake. Once it has refused one, `get_unverified_chain` has nothing
to show. What it does show, before, are the messages of the handshake: to the message callback of the
context (`ssl.SSLContext._msg_callback`), which can neither change nor stop anything.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from certpath._connection import GuardedConnection

_HANDSHAKE = 22
_CERTIFICATE = 11
_TLS_1_3 = 0x0304

# Connections by the id of their owner, where it does not lead to them: gevent names a socket below its own.
_by_owner: weakref.WeakValueDictionary[int, GuardedConnection] = weakref.WeakValueDictionary()


def expect_from(connection: GuardedConnection) -> None:
    """Have what a client sends in a connection brought to it, whoever the connection belongs to."""
    owner = connection.owner
    if owner is not None and not hasattr(owner, "_sslobj"):
        _by_owner[id(owner)] = connection


def _connection_of(owner: object) -> Any:
    connection = getattr(owner, "_sslobj", None)
    if connection is None:
        connection = _by_owner.get(id(owner))
        # The id may be that of another by now.
        if connection is not None and connection.owner is not owner:
            return None
    return connection


class CertificateWatch:
    """A message callback that notes Certificate messages, and passes everything on to the program's own."""

    __slots__ = ("inner",)

    def __init__(self, inner: Callable[..., object] | None) -> None:
        self.inner = inner

    @property
    def user_function(self) -> Any:
        """What `ssl.SSLContext._msg_callback` shows: the function that the program has set."""
        return getattr(self.inner, "user_function", None)

    def __call__(
        self,
        owner: object,
        direction: str,
        version: int,
        content_type: int,
        message_type: int,
        data: bytes,
    ) -> object:
        """Take one message; `owner` is the socket or object that the connection belongs to."""
        if content_type == _HANDSHAKE and message_type == _CERTIFICATE and direction == "read":
            note = getattr(_connection_of(owner), "note_certificates", None)
            if note is not None:
                note(data, version)
        if self.inner is None:
            return None
        return self.inner(owner, direction, version, content_type, message_type, data)


def certificates(message: bytes, version: int) -> list[bytes]:
    """What a Certificate message has (RFC 5246, 7.4.2; RFC 8446, 4.4.2): nothing if it is malformed."""
    try:
        return list(_entries(message, version))
    except IndexError:
        return []


def _entries(message: bytes, version: int) -> Iterator[bytes]:
    is_tls_1_3 = version == _TLS_1_3
    # Type and length of the message; then, in TLS 1.3, what the request was known by.
    position = 4
    if is_tls_1_3:
        position += 1 + message[position]
    _, position = _vector(message, position, 3, whole=False)
    while position < len(message):
        certificate, position = _vector(message, position, 3)
        if is_tls_1_3:
            _, position = _vector(message, position, 2)
        yield certificate


def _vector(message: bytes, position: int, prefix: int, *, whole: bool = True) -> tuple[bytes, int]:
    """A vector with its length before it, and where the next thing begins: after it, or inside of it."""
    start = position + prefix
    end = start + int.from_bytes(message[position:start], "big")
    if start > len(message) or end > len(message):
        raise IndexError
    return message[start:end], end if whole else start
