"""Servers of all sorts on `certpath.SSLContext` with mutual TLS: bad clients fail with the codes of ssl.

The matrix: asyncio, aiohttp and uvicorn with a client of the standard library, and a plain server with
`openssl s_client`; by kind of key, TLS version, and what is wrong with the client's chain.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support import peers
from support.clients import by_http_client
from support.link import Link
from support.peer_programs import needs_openssl, openssl_client
from test_drop_in import each_key, each_version

if TYPE_CHECKING:
    from support.authority import Authority

Authorities = Callable[[str], "Authority"]

pytestmark = pytest.mark.filterwarnings("default")

# What is wrong with the client's chain, the code of ssl, and the alert that the client gets. The name is
# nothing that a server checks.
CASES: dict[str, tuple[str | None, bool, int | None, str]] = {
    "good": ("client", True, None, ""),
    "expired": ("expired", True, 10, "certificate expired"),
    "untrusted": ("untrusted", True, 20, "unknown ca"),
    "missing intermediate": ("client", False, 20, "unknown ca"),
    "revoked": ("revoked", True, 23, "certificate revoked"),
    "wrong purpose": ("good", True, 26, "unsupported certificate"),
    # No verify code: `PEER_DID_NOT_RETURN_A_CERTIFICATE`.
    "none": (None, True, -1, ""),
}
each_case = pytest.mark.parametrize("case", CASES)


class Record:
    """What the handshakes of one server have failed with."""

    def __init__(self) -> None:
        self.errors: list[ssl.SSLError] = []

    def object_class(self) -> type[ssl.SSLObject]:
        """A class for `sslobject_class`, which event loops make their connections of."""
        errors = self.errors

        class Recorded(certpath.SSLObject):
            def do_handshake(self) -> None:
                """Keep the exception, which event loops only log."""
                try:
                    super().do_handshake()
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    raise
                except ssl.SSLError as error:
                    errors.append(error)
                    raise

        return Recorded

    def assert_one(self, case: str) -> None:
        """The one connection was refused as ssl refuses it, and with a verdict."""
        (error,) = self.errors
        assert_refusal(error, case)


def assert_refusal(error: BaseException, case: str) -> None:
    code = CASES[case][2]
    if code == -1:
        assert isinstance(error, ssl.SSLError)
        assert error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
        return
    assert isinstance(error, certpath.VerificationError)
    assert error.verify_code == code
    assert error.verdict is not None
    assert error.verdict.verify_code == code


def demanding(context: Any, authority: Authority) -> None:
    """Let a server's context require certificates of an authority, and ask for its CRLs."""
    context.load_verify_locations(authority.root_file)
    context.load_verify_locations(authority.crl_file)
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    context.verify_mode = ssl.CERT_REQUIRED


def server_context(authority: Authority, record: Record | None = None) -> Any:
    context = peers.server_context(authority, "good", kind=certpath.SSLContext)
    demanding(context, authority)
    if record is not None:
        context.sslobject_class = record.object_class()
    return context


@contextlib.asynccontextmanager
async def asyncio_streams(authority: Authority, record: Record) -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_context(authority, record))
    async with server:
        yield server.sockets[0].getsockname()[1]


@contextlib.asynccontextmanager
async def aiohttp_server(authority: Authority, record: Record) -> AsyncIterator[int]:
    web = pytest.importorskip("aiohttp.web")

    async def hello(_: Any) -> Any:
        return web.Response(text="ok")

    application = web.Application()
    application.router.add_get("/", hello)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_context(authority, record)).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def uvicorn_server(authority: Authority, record: Record) -> AsyncIterator[int]:
    """A server that makes its own context, while certpath is injected."""
    uvicorn = pytest.importorskip("uvicorn")

    async def application(scope: Any, _: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b"ok"})

    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0,
        log_level="critical",
        lifespan="off",
        loop="asyncio",
        ssl_certfile=authority.chain_file("good"),
        ssl_ca_certs=authority.root_file,
        ssl_cert_reqs=ssl.CERT_REQUIRED,
    )
    certpath.inject_into_ssl()
    try:
        config.load()
    finally:
        certpath.extract_from_ssl()
    assert type(config.ssl) is certpath.SSLContext
    demanding(config.ssl, authority)
    config.ssl.sslobject_class = record.object_class()
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done()
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


SERVERS = {"asyncio streams": asyncio_streams, "aiohttp": aiohttp_server, "uvicorn": uvicorn_server}


@contextlib.contextmanager
def in_a_loop_of_its_own(
    make: Callable[[Authority, Record], contextlib.AbstractAsyncContextManager[int]], authority: Authority
) -> Iterator[tuple[int, Record]]:
    """The server, in an event loop in another thread."""
    record = Record()
    started: list[Any] = []
    ready = threading.Event()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        # What it says about refused clients is not an output of the tests.
        loop.set_exception_handler(lambda *_: None)
        stop = asyncio.Event()
        async with make(authority, record) as port:
            started.append((loop, stop, port))
            ready.set()
            await stop.wait()

    def main() -> None:
        try:
            asyncio.run(run())
        finally:
            ready.set()

    thread = threading.Thread(target=main)
    thread.start()
    ready.wait(120)
    assert started, "the server has not started"
    loop, stop, port = started[0]
    try:
        yield port, record
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def plain_client(authority: Authority, version: ssl.TLSVersion, case: str) -> ssl.SSLContext:
    """A client of the standard library with the certificate of the case."""
    leaf, complete, *_ = CASES[case]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    context.load_verify_locations(authority.root_file)
    if leaf is not None:
        context.load_cert_chain(authority.chain_file(leaf, complete=complete))
    return context


@each_case
@each_key
@each_version
def test_the_codes_are_those_of_ssl(
    authorities: Authorities, key: str, version: ssl.TLSVersion, case: str
) -> None:
    """The table itself, measured on the standard library."""
    authority = authorities(key)
    server = peers.server_context(authority, "good")
    demanding(server, authority)
    error = Link(plain_client(authority, version, case), server).shake()[1].error
    code = CASES[case][2]
    if code == -1:
        assert_refusal(error or ValueError(), case)
    else:
        assert getattr(error, "verify_code", None) == code


@each_case
@each_key
@each_version
@pytest.mark.parametrize("kind", SERVERS)
def test_servers_accept_or_refuse_with_ssls_code(
    authorities: Authorities, servers: peers.Pool, kind: str, version: ssl.TLSVersion, key: str, case: str
) -> None:
    """Each server, each client's chain."""
    authority = authorities(key)
    port, record = servers.port((kind, key), lambda: in_a_loop_of_its_own(SERVERS[kind], authority))
    record.errors.clear()
    client = plain_client(authority, version, case)
    if CASES[case][2] is None:
        assert by_http_client(client, port) == b"ok"
        assert record.errors == []
        return
    # An alert, or the end of the connection.
    with pytest.raises(OSError) as caught:
        by_http_client(client, port)
    assert not isinstance(caught.value, ssl.SSLCertVerificationError)
    record.assert_one(case)


@needs_openssl
@pytest.mark.parametrize("case", [case for case in CASES if case != "none"])
@each_key
@each_version
def test_openssl_as_the_client(
    authorities: Authorities, version: ssl.TLSVersion, key: str, case: str
) -> None:
    """`openssl s_client`, which is shown the alert that tells it why."""
    authority = authorities(key)
    leaf, complete, code, alert = CASES[case]
    assert leaf is not None
    failed: list[BaseException] = []
    answered = threading.Event()

    def handler(sock: socket.socket, context: ssl.SSLContext) -> None:
        connection = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        with connection:
            try:
                connection.do_handshake()
                connection.sendall(connection.recv(100))
            except OSError as error:
                failed.append(error)
                # Closed with octets unread, a connection is reset, and the client may not see the alert.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_WR)
                    while socket.socket.recv(connection, 1000):
                        pass
            finally:
                answered.set()

    with peers.serving(handler, server_context(authority)) as port:
        answer, complaints = openssl_client(authority, leaf, version, port, complete=complete)
        assert answered.wait(120)
    if code is None:
        assert answer == "hello\n"
        assert failed == []
    else:
        assert alert in complaints
        assert_refusal(failed[0], case)
