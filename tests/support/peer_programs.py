"""Peers that are no Python programs: `openssl s_server` and `s_client`, and nginx."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from . import pki

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .authority import Authority

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="needs nginx")

VERSION_OPTIONS = {ssl.TLSVersion.TLSv1_2: "-tls1_2", ssl.TLSVersion.TLSv1_3: "-tls1_3"}


def chain_options(authority: Authority, leaf: str, *, complete: bool) -> list[str]:
    """What the `openssl` command takes to present a chain."""
    own = authority.chain_file(leaf, complete=False)
    others = authority.chain(leaf)[1:] if complete else []
    options = ["-cert", own, "-key", own]
    if others:
        options += ["-cert_chain", authority.file("intermediates.pem", pki.chain_pem(others))]
    return options


def free_ports(count: int) -> list[int]:
    """So many, no two alike: none is given back before all are taken."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    """Until somebody listens."""
    for _ in range(400):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, "the server has ended"
        time.sleep(0.02)
    raise AssertionError("nobody listens")


@contextlib.contextmanager
def running(command: list[str], port: int) -> Iterator[int]:
    """A server process, from when it listens on."""
    process = subprocess.Popen(  # noqa: S603 - arguments written here
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def openssl_server(authority: Authority, leaf: str, *, complete: bool) -> Iterator[int]:
    """``openssl s_server``, both TLS versions, answering HTTP requests with a page about the connection."""
    (port,) = free_ports(1)
    options = chain_options(authority, leaf, complete=complete)
    with running(["openssl", "s_server", "-accept", str(port), *options, "-www", "-quiet"], port):
        yield port


def openssl_client(
    authority: Authority, leaf: str, version: ssl.TLSVersion, port: int, *, complete: bool
) -> tuple[str, str]:
    """``openssl s_client``, with a certificate; what it was answered, and what it complained of."""
    options = chain_options(authority, leaf, complete=complete)
    done = subprocess.run(  # noqa: S603 - arguments written here
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options, VERSION_OPTIONS[version],  # noqa: S607
         "-CAfile", authority.root_file, "-quiet", "-ign_eof"],
        input="hello\n", capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    return done.stdout, done.stderr


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
    ssl_protocols TLSv1.2 TLSv1.3;
    {servers}
}}
"""

NGINX_SERVER = """
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {chain};
        ssl_certificate_key {chain};
        {verify}
        location / {{ return 200 "ok"; }}
    }}
"""


@contextlib.contextmanager
def nginx(folder: Path, servers: dict[Any, tuple[Authority, str, bool, bool]]) -> Iterator[dict[Any, int]]:
    """One nginx, with a port for each server: its authority, leaf, whether its chain is complete, and
    whether it asks for client certificates.
    """
    ports, blocks = dict(zip(servers, free_ports(len(servers)), strict=True)), []
    for name, (authority, leaf, complete, verifies) in servers.items():
        verify = f"ssl_client_certificate {authority.root_file}; ssl_verify_depth 3; ssl_verify_client on;"
        chain = authority.chain_file(leaf, complete=complete)
        blocks.append(NGINX_SERVER.format(port=ports[name], chain=chain, verify=verify if verifies else ""))
    settings = folder / "nginx.conf"
    settings.write_text(NGINX.format(folder=folder, servers="".join(blocks)))
    command = ["nginx", "-p", str(folder), "-c", str(settings), "-e", str(folder / "error.log")]
    with running(command, next(iter(ports.values()))):
        yield ports
