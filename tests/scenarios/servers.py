"""Servers for the clients of uses.py: two real ones, and as much of each other protocol as it takes."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import peers
from support.peer_programs import free_ports, running

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from support.authority import Authority

BUCKETS = (
    b'<?xml version="1.0"?><ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner>'
    b"<ID>x</ID></Owner><Buckets><Bucket><Name>ok</Name></Bucket></Buckets></ListAllMyBucketsResult>"
)
INDEX = b'<!DOCTYPE html><a href="/demonstration-1.0-py3-none-any.whl">demonstration-1.0-py3-none-any.whl</a>'


def wheel() -> bytes:
    """An empty distribution."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w") as archive:
        for name, text in (
            ("METADATA", "Metadata-Version: 2.1\nName: demonstration\nVersion: 1.0\n"),
            ("WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ("RECORD", ""),
        ):
            archive.writestr(f"demonstration-1.0.dist-info/{name}", text)
    return octets.getvalue()


def http(sock: socket.socket, context: ssl.SSLContext) -> None:
    """``ok``, a list of buckets for S3, or the index of one package."""
    with context.wrap_socket(sock, server_side=True) as connection, connection.makefile("rb") as lines:
        request, head = lines.readline(), b""
        while (line := lines.readline()) != b"\r\n":
            if not line:
                return
            head += line.lower()
        body, kind = b"ok", b"text/plain"
        if b"authorization: aws" in head:
            body, kind = BUCKETS, b"application/xml"
        elif b" /simple/" in request:
            body, kind = INDEX, b"text/html"
        elif b".whl" in request:
            body, kind = wheel(), b"application/zip"
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        connection.sendall(answer % (kind, len(body)) + body)
        with contextlib.suppress(OSError):
            connection.unwrap()


def mqtt(sock: socket.socket, context: ssl.SSLContext) -> None:
    """Acknowledge a connection (MQTT 3.1.1, 3.2)."""
    with context.wrap_socket(sock, server_side=True) as connection:
        connection.recv(1000)
        connection.sendall(b"\x20\x02\x00\x00")
        connection.recv(1000)


def mongo(sock: socket.socket, context: ssl.SSLContext) -> None:
    """Answer every command as the primary would, with what a client asks of it."""
    import bson  # type: ignore[import-not-found, unused-ignore]

    reply = bson.encode({
        "ok": 1.0, "ismaster": True, "isWritablePrimary": True, "helloOk": True, "minWireVersion": 0,
        "maxWireVersion": 21, "maxBsonObjectSize": 16777216, "maxMessageSizeBytes": 48000000,
        "maxWriteBatchSize": 100000,
    })  # fmt: skip
    with context.wrap_socket(sock, server_side=True) as connection, connection.makefile("rb") as octets:
        while len(head := octets.read(16)) == 16:
            length, request, _, code = struct.unpack("<iiii", head)
            octets.read(length - 16)
            # OP_MSG, or OP_REPLY to an OP_QUERY.
            is_message = code == 2013
            body = b"\0\0\0\0\0" + reply if is_message else struct.pack("<iqii", 8, 0, 0, 1) + reply
            head = struct.pack("<iiii", 16 + len(body), 1, request, 2013 if is_message else 1)
            connection.sendall(head + body)


@contextlib.contextmanager
def websocket(context: ssl.SSLContext) -> Iterator[int]:
    """An echo."""
    import threading

    from websockets.sync.server import (  # type: ignore[import-not-found, unused-ignore]
        serve,
    )

    def echo(end: Any) -> None:
        for message in end:
            end.send(message)

    with serve(echo, "127.0.0.1", 0, ssl=context) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
    thread.join()


def found(program: str) -> str | None:
    """Where a server is: on the path, or where Debian puts those of PostgreSQL."""
    folders = [os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
    return shutil.which(program, path=os.pathsep.join(folders))


def as_nobody() -> dict[str, Any]:
    """PostgreSQL does not run as root."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}


@contextlib.contextmanager
def redis(authority: Authority, leaf: str, *, complete: bool) -> Iterator[int]:
    """The real one, with nothing but TLS."""
    (port,), chain = free_ports(1), authority.chain_file(leaf, complete=complete)
    command = [
        str(found("redis-server")), "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1",
        "--tls-cert-file", chain, "--tls-key-file", chain, "--tls-auth-clients", "no", "--save", "",
        "--tls-ca-cert-file", authority.root_file, "--dir", str(authority.folder),
    ]  # fmt: skip
    with running(command, port):
        yield port


def initialise(folder: Path) -> None:
    """An empty cluster of databases, to be copied."""
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    command = [str(found("initdb")), "--pgdata", str(folder), "--auth", "trust", "--username", "postgres"]
    subprocess.run(  # noqa: S603 - arguments written here
        [*command, "--no-sync", "--encoding", "UTF8", "--locale", "C"],
        check=True, stdout=subprocess.DEVNULL, cwd="/", **as_nobody(),
    )  # fmt: skip


@contextlib.contextmanager
def postgres(cluster: Path, authority: Authority, leaf: str, *, complete: bool) -> Iterator[int]:
    """The real one, on a copy of the cluster."""
    (port,), folder = free_ports(1), cluster.with_name(f"{cluster.name}-{leaf.replace(' ', '-')}-{complete}")
    subprocess.run(["cp", "-a", str(cluster), str(folder)], check=True)  # noqa: S603, S607 - with its owners
    chain = folder / "chain.pem"
    shutil.copyfile(authority.chain_file(leaf, complete=complete), chain)
    chain.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(chain, 65534, 65534)
    settings = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
        "shared_buffers": "16MB", "ssl": "on", "ssl_cert_file": chain, "ssl_key_file": chain,
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    process = subprocess.Popen(  # noqa: S603 - arguments written here
        [str(found("postgres")), "-D", str(folder), *options],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        **as_nobody(),
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, "PostgreSQL has ended"
            assert time.monotonic() < deadline, "PostgreSQL does not listen"
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


# Protocols of which a thread can speak enough.
SPOKEN: dict[str, Callable[[socket.socket, ssl.SSLContext], None]] = {
    "http": http,
    "mqtt": mqtt,
    "mongo": mongo,
    "smtp": peers.smtp,
}
