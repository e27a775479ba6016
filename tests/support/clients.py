"""Clients of all sorts, each making one request with the context that it is given."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import http.client
import smtplib
import socket
import ssl
import urllib.request
import xmlrpc.client
from collections.abc import Callable
from typing import Any

import certpath
import pytest

from . import peers


def by_http_client(context: ssl.SSLContext, port: int) -> object:
    connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/")
        return connection.getresponse().read()


def by_urllib(context: ssl.SSLContext, port: int) -> object:
    with urllib.request.urlopen(f"https://localhost:{port}/", context=context, timeout=20) as response:
        return response.read()


def by_xmlrpc(context: ssl.SSLContext, port: int) -> object:
    with xmlrpc.client.ServerProxy(f"https://localhost:{port}/", context=context) as proxy:
        return str(proxy.anything()).encode()


def by_streams(context: ssl.SSLContext, port: int) -> object:
    async def talk() -> bytes:
        reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer[-2:]

    return asyncio.run(talk())


def by_socket(context: ssl.SSLContext, port: int) -> object:
    """Connected after it was wrapped, handshake left to the first write."""
    with socket.socket() as plain:
        plain.settimeout(20)
        connection = context.wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False)
        with connection:
            connection.connect(("localhost", port))
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            return b"".join(iter(lambda: connection.recv(100), b""))[-2:]


def by_nonblocking_socket(context: ssl.SSLContext, port: int) -> object:
    import select

    with socket.create_connection(("localhost", port), timeout=20) as plain:
        plain.setblocking(False)
        connection = context.wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False)
        with connection:
            while True:
                try:
                    connection.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    select.select([connection], [], [], 20)
                except ssl.SSLWantWriteError:
                    select.select([], [connection], [], 20)
            connection.setblocking(True)
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            return b"".join(iter(lambda: connection.recv(100), b""))[-2:]


def by_urllib3(context: ssl.SSLContext, port: int) -> object:
    urllib3 = pytest.importorskip("urllib3")
    with urllib3.PoolManager(ssl_context=context) as pool:
        return pool.request("GET", f"https://localhost:{port}/", retries=False, timeout=20).data


def by_requests(context: ssl.SSLContext, port: int) -> object:
    requests = pytest.importorskip("requests")

    class Adapter(requests.adapters.HTTPAdapter):  # type: ignore[misc, name-defined]
        def init_poolmanager(self, *args: Any, **keywords: Any) -> Any:
            return super().init_poolmanager(*args, **keywords, ssl_context=context)

        def cert_verify(self, *_: Any) -> None:
            """Leave the anchors to the context: the bundle of certifi is not wanted here."""

    with requests.Session() as session:
        session.mount("https://", Adapter())
        return session.get(f"https://localhost:{port}/", timeout=20).content


def by_httpx(context: ssl.SSLContext, port: int) -> object:
    httpx = pytest.importorskip("httpx")
    return httpx.get(f"https://localhost:{port}/", verify=context, timeout=20).content


def by_async_httpx(context: ssl.SSLContext, port: int) -> object:
    httpx = pytest.importorskip("httpx")

    async def get() -> object:
        async with httpx.AsyncClient(verify=context, timeout=20) as client:
            return (await client.get(f"https://localhost:{port}/")).content

    return asyncio.run(get())


def by_aiohttp(context: ssl.SSLContext, port: int) -> object:
    aiohttp = pytest.importorskip("aiohttp")

    async def get() -> object:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"https://localhost:{port}/", ssl=context) as response,
        ):
            return await response.read()

    return asyncio.run(get())


def by_smtplib(context: ssl.SSLContext, port: int) -> object:
    with smtplib.SMTP("localhost", port, timeout=20) as client:
        client.starttls(context=context)
        return b"ok" if client.noop()[0] == 250 else b""


def by_ftplib(context: ssl.SSLContext, port: int) -> object:
    with ftplib.FTP_TLS(context=context, timeout=20) as client:  # noqa: S321 - over TLS, on loopback
        client.connect("localhost", port)
        client.login("someone", "anything")
        return b"ok" if client.pwd() == "/" else b""


Client = Callable[[ssl.SSLContext, int], object]

# By name: what the server has to speak, and the client.
CLIENTS: dict[str, tuple[peers.Handler, Client]] = {
    "http.client": (peers.http, by_http_client),
    "urllib.request": (peers.http, by_urllib),
    "xmlrpc": (peers.http, by_xmlrpc),
    "asyncio streams": (peers.http, by_streams),
    "socket": (peers.http, by_socket),
    "non-blocking socket": (peers.http, by_nonblocking_socket),
    "urllib3": (peers.http, by_urllib3),
    "requests": (peers.http, by_requests),
    "httpx": (peers.http, by_httpx),
    "httpx, async": (peers.http, by_async_httpx),
    "aiohttp": (peers.http, by_aiohttp),
    "smtplib": (peers.smtp, by_smtplib),
    "ftplib": (peers.ftp, by_ftplib),
}


def verification_error(error: BaseException) -> certpath.VerificationError:
    """The error of the verification, however deep a library has wrapped it."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        if isinstance(one, certpath.VerificationError):
            return one
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            pending += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    raise AssertionError(f"no VerificationError in {error!r}") from error
