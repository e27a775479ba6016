"""Servers on loopback for the tests of clients: one thread a connection, one fixed answer."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .authority import Authority

Handler = Callable[[socket.socket, ssl.SSLContext], None]

XML = (
    b"<?xml version='1.0'?><methodResponse><params><param><value><string>ok</string></value></param>"
    b"</params></methodResponse>"
)


def http(sock: socket.socket, context: ssl.SSLContext) -> None:
    """Answer one request with ``ok``, or a procedure call with its XML."""
    with context.wrap_socket(sock, server_side=True) as connection, connection.makefile("rb") as lines:
        length = 0
        request = lines.readline()
        for line in iter(lines.readline, b"\r\n"):
            if not line:
                return
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        lines.read(length)
        body, kind = (XML, b"text/xml") if request.startswith(b"POST") else (b"ok", b"text/plain")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        connection.sendall(head % (kind, len(body)) + body)


def smtp(sock: socket.socket, context: ssl.SSLContext) -> None:
    """Speak as much SMTP as STARTTLS takes."""
    converse(
        sock,
        context,
        b"220 here\r\n",
        {b"EHLO": b"250-here\r\n250 STARTTLS\r\n", b"NOOP": b"250 ok\r\n", b"QUIT": b"221 bye\r\n"},
        (b"STARTTLS", b"220 go\r\n"),
    )


def ftp(sock: socket.socket, context: ssl.SSLContext) -> None:
    """Speak as much FTP as AUTH TLS takes."""
    converse(
        sock,
        context,
        b"220 here\r\n",
        {b"USER": b"230 in\r\n", b"PWD": b'257 "/"\r\n', b"QUIT": b"221 bye\r\n"},
        (b"AUTH", b"234 go\r\n"),
    )


def echo(sock: socket.socket, context: ssl.SSLContext) -> None:
    """Send back the first message."""
    with context.wrap_socket(sock, server_side=True) as connection:
        connection.sendall(connection.recv(100))


def converse(
    sock: socket.socket,
    context: ssl.SSLContext,
    greeting: bytes,
    answers: dict[bytes, bytes],
    upgrade: tuple[bytes, bytes],
) -> None:
    connection = sock
    connection.sendall(greeting)
    try:
        while line := readline(connection):
            word = line.split()[0].upper()
            if word == upgrade[0]:
                connection.sendall(upgrade[1])
                connection = context.wrap_socket(connection, server_side=True)
                continue
            connection.sendall(answers.get(word, b"502 what\r\n"))
    finally:
        connection.close()


def readline(sock: socket.socket) -> bytes:
    """One line, and not an octet more: what follows may be TLS."""
    line = b""
    while not line.endswith(b"\n"):
        octet = sock.recv(1)
        if not octet:
            return b""
        line += octet
    return line


@contextlib.contextmanager
def serving(handler: Handler, context: ssl.SSLContext) -> Iterator[int]:
    """A server on a free port of 127.0.0.1."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def handle(sock: socket.socket) -> None:
        # A client that refuses us, or that we refuse, is what many of the tests are about.
        with sock, contextlib.suppress(OSError, ValueError):
            sock.settimeout(20)
            handler(sock, context)

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=handle, args=(sock,))
            thread.start()
            threads.append(thread)

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for thread in threads:
            thread.join()


def server_context(
    authority: Authority, leaf: str, *, complete: bool = True, kind: Any = ssl.SSLContext
) -> Any:
    context = kind(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.chain_file(leaf, complete=complete))
    return context


class Pool:
    """Servers that are started when they are first asked for, and stay until the end of the session."""

    def __init__(self) -> None:
        self._open = contextlib.ExitStack()
        self._ports: dict[Hashable, Any] = {}

    def port(self, name: Hashable, start: Callable[[], contextlib.AbstractContextManager[Any]]) -> Any:
        """What `start` yields, a port or several, the first time that this name is asked for."""
        if name not in self._ports:
            self._ports[name] = self._open.enter_context(start())
        return self._ports[name]

    def close(self) -> None:
        self._open.close()
