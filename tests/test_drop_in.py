"""Clients and servers of all sorts on `certpath.SSLContext`: bad chains fail with the codes of ssl."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import http.client
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
import xmlrpc.client
from typing import TYPE_CHECKING, Any

import certpath
import peers
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from authority import Authority

# What third-party packages warn of is theirs.
pytestmark = pytest.mark.filterwarnings("default")

# What is wrong with the server's chain, and the code that ssl gives it.
CASES: dict[str, tuple[str, bool, int | None]] = {
    "good": ("good", True, None),
    "wrong name": ("wrong name", True, 62),
    "expired": ("expired", True, 10),
    "untrusted": ("untrusted", True, 20),
    "missing intermediate": ("good", False, 20),
    "revoked": ("revoked", True, 23),
}


def client_context(authority: Authority, *, crl: bool = False) -> certpath.SSLContext:
    context = certpath.create_default_context(cafile=authority.root_file)
    if crl:
        context.load_verify_locations(authority.crl_file)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


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


CLIENTS: dict[str, tuple[peers.Handler, Callable[[ssl.SSLContext, int], object]]] = {
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


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("client", CLIENTS)
def test_clients_connect_or_fail_with_ssls_code(authority: Authority, client: str, case: str) -> None:
    """Each client, each chain."""
    handler, use = CLIENTS[client]
    leaf, complete, code = CASES[case]
    context = client_context(authority, crl=case == "revoked")
    with peers.serving(handler, peers.server_context(authority, leaf, complete=complete)) as port:
        if code is None:
            assert use(context, port) == b"ok"
            return
        with pytest.raises(Exception) as caught:
            use(context, port)
    error = verification_error(caught.value)
    assert error.verify_code == code
    assert error.verdict is not None


class TestServers:
    @pytest.mark.parametrize("leaf", ["client", None, "untrusted", "expired"])
    def test_asyncio_server_with_mutual_tls(self, authority: Authority, leaf: str | None) -> None:
        """asyncio's server on a context that requires certificates."""

        async def run() -> bytes:
            context = peers.server_context(authority, "good", kind=certpath.SSLContext)
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(authority.root_file)

            async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                writer.write(await reader.readline())
                writer.close()

            # What asyncio says about refused clients goes to its handler, not into the test's output.
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)
            server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
            async with server:
                port = server.sockets[0].getsockname()[1]
                client = client_context(authority)
                if leaf is not None:
                    client.load_cert_chain(authority.chain_file(leaf))
                reader, writer = await asyncio.open_connection("localhost", port, ssl=client)
                try:
                    writer.write(b"hello\n")
                    return await reader.read()
                finally:
                    writer.close()

        if leaf == "client":
            assert asyncio.run(run()) == b"hello\n"
        else:
            try:
                assert asyncio.run(run()) == b""
            except OSError as error:
                # What the client gets is the server's alert, or the end of the connection.
                refused_here = isinstance(error, certpath.VerificationError)
                assert not refused_here

    @pytest.mark.parametrize("leaf", ["client", None])
    def test_aiohttp_server_with_mutual_tls(self, authority: Authority, leaf: str | None) -> None:
        """aiohttp on both sides."""
        aiohttp = pytest.importorskip("aiohttp")
        web = pytest.importorskip("aiohttp.web")

        async def hello(_: Any) -> Any:
            return web.Response(text="ok")

        async def run() -> str:
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)
            context = peers.server_context(authority, "good", kind=certpath.SSLContext)
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(authority.root_file)
            application = web.Application()
            application.router.add_get("/", hello)
            runner = web.AppRunner(application)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
            await site.start()
            client = client_context(authority)
            if leaf is not None:
                client.load_cert_chain(authority.chain_file(leaf))
            try:
                port = runner.addresses[0][1]
                async with (
                    aiohttp.ClientSession() as session,
                    session.get(f"https://localhost:{port}/", ssl=client) as response,
                ):
                    text: str = await response.text()
                    return text
            finally:
                await runner.cleanup()

        if leaf == "client":
            assert asyncio.run(run()) == "ok"
        else:
            with pytest.raises((aiohttp.ClientError, OSError)):
                asyncio.run(run())

    @pytest.mark.parametrize("leaf", ["client", None, "untrusted"])
    def test_uvicorn_with_mutual_tls(self, authority: Authority, leaf: str | None) -> None:
        """A server that makes its own context, in a process with certpath injected."""
        pytest.importorskip("uvicorn")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        code = f"""
            import ssl, certpath
            certpath.inject_into_ssl()
            import uvicorn

            async def app(scope, receive, send):
                if scope["type"] == "http":
                    head = {{"type": "http.response.start", "status": 200, "headers": []}}
                    await send(head)
                    await send({{"type": "http.response.body", "body": b"ok"}})

            config = uvicorn.Config(
                app, host="127.0.0.1", port={port}, log_level="critical", lifespan="off",
                ssl_certfile={authority.chain_file("good")!r}, ssl_ca_certs={authority.root_file!r},
                ssl_cert_reqs=ssl.CERT_REQUIRED,
            )
            config.load()
            assert type(config.ssl) is certpath.SSLContext
            uvicorn.Server(config).run()
        """
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])  # noqa: S603 - code written here
        try:
            wait_for(port, process)
            context = client_context(authority)
            if leaf is not None:
                context.load_cert_chain(authority.chain_file(leaf))
            if leaf == "client":
                assert by_http_client(context, port) == b"ok"
            else:
                with pytest.raises(OSError):
                    by_http_client(context, port)
        finally:
            process.terminate()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    """Until somebody listens."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, "the server has ended"
        time.sleep(0.05)
    raise AssertionError("nobody listens")


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
VERSIONS = {"1.2": "-tls1_2", "1.3": "-tls1_3"}


@contextlib.contextmanager
def openssl_server(authority: Authority, leaf: str, *options: str) -> Iterator[int]:
    """``openssl s_server``, answering HTTP requests with a page about the connection."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    chain = authority.chain_file(leaf)
    process = subprocess.Popen(  # noqa: S603 - arguments written here
        ["openssl", "s_server", "-accept", str(port), "-cert", chain, "-cert_chain", chain, "-key", chain,  # noqa: S607
         "-www", "-quiet", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


@needs_openssl
class TestOpensslPeers:
    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize(
        ("leaf", "code"), [("good", None), ("expired", 10), ("wrong name", 62), ("untrusted", 20)]
    )
    def test_server(self, authority: Authority, version: str, leaf: str, code: int | None) -> None:
        """`openssl s_server`."""
        with openssl_server(authority, leaf, VERSIONS[version]) as port:
            context = client_context(authority)
            if code is None:
                answer = by_http_client(context, port)
                assert isinstance(answer, bytes)
                assert f"TLSv{version}".encode() in answer
            else:
                with pytest.raises(certpath.VerificationError) as caught:
                    by_http_client(context, port)
                assert caught.value.verify_code == code

    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize(
        ("leaf", "alert"), [("client", None), ("expired", "certificate expired"), ("untrusted", "unknown ca")]
    )
    def test_client(self, authority: Authority, version: str, leaf: str, alert: str | None) -> None:
        """`openssl s_client`, which is shown the alert that tells it why."""
        context = peers.server_context(authority, "good", kind=certpath.SSLContext)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.root_file)
        failed: list[BaseException] = []
        answered = threading.Event()

        def handler(sock: socket.socket, context: ssl.SSLContext) -> None:
            try:
                peers.echo(sock, context)
            except OSError as error:
                failed.append(error)
            finally:
                answered.set()

        with peers.serving(handler, context) as port:
            chain = authority.chain_file(leaf)
            done = subprocess.run(  # noqa: S603 - arguments written here
                ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-cert", chain, "-cert_chain", chain,  # noqa: S607
                 "-key", chain, "-CAfile", authority.root_file, "-quiet", "-ign_eof", VERSIONS[version]],
                input="hello\n", capture_output=True, text=True, check=False, timeout=30,
            )  # fmt: skip
            answered.wait(20)
        if alert is None:
            assert done.stdout == "hello\n"
        else:
            assert alert in done.stderr
            assert isinstance(failed[0], certpath.VerificationError)


needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="needs nginx")

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_protocols TLSv{version};
        ssl_certificate {chain};
        ssl_certificate_key {chain};
        ssl_client_certificate {root};
        ssl_verify_depth 3;
        ssl_verify_client {verify};
        location / {{ return 200 "ok"; }}
    }}
}}
"""


@needs_nginx
class TestNginx:
    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("case", [case for case in CASES if case != "revoked"])
    def test_server(self, authority: Authority, tmp_path: Path, version: str, case: str) -> None:
        """nginx as the server, with chains good and bad."""
        leaf, complete, code = CASES[case]
        chain = authority.chain_file(leaf, complete=complete)
        with nginx(tmp_path, authority, version, chain, "off") as port:
            context = client_context(authority)
            if code is None:
                assert by_http_client(context, port) == b"ok"
                return
            with pytest.raises(certpath.VerificationError) as caught:
                by_http_client(context, port)
        assert caught.value.verify_code == code

    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("leaf", ["client", None])
    def test_mutual_tls(self, authority: Authority, tmp_path: Path, version: str, leaf: str | None) -> None:
        """nginx asks for a client certificate; without one it answers 400."""
        with nginx(tmp_path, authority, version, authority.chain_file("good"), "on") as port:
            context = client_context(authority)
            if leaf is not None:
                context.load_cert_chain(authority.chain_file(leaf))
            answer = by_http_client(context, port)
        assert (answer == b"ok") == (leaf is not None)


@contextlib.contextmanager
def nginx(folder: Path, authority: Authority, version: str, chain: str, verify: str) -> Iterator[int]:
    """nginx, in a folder of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = folder / "nginx.conf"
    settings.write_text(
        NGINX.format(
            folder=folder, port=port, version=version, chain=chain, root=authority.root_file, verify=verify
        )
    )
    process = subprocess.Popen(  # noqa: S603 - arguments written here
        ["nginx", "-p", str(folder), "-c", str(settings), "-e", str(folder / "error.log")],  # noqa: S607
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()
