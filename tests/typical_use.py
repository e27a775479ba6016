"""Code as it is written for `ssl`, with certpath in its place: `mypy --strict` and pyright take it.

Nothing here is run.
"""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from typing import TYPE_CHECKING

import certpath
import certpath as ssl

if TYPE_CHECKING:
    import ssl as plain
    from pathlib import Path

VERSION: str = ssl.OPENSSL_VERSION
PARTS: tuple[int, int, int, int, int] = ssl.OPENSSL_VERSION_INFO
CAPABLE: bool = ssl.HAS_TLSv1_3 and ssl.HAS_SNI


def client(root: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(root))
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.set_ciphers("ECDHE+AESGCM")
    return context


def server(chain: Path, clients: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, password=lambda: "secret")
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_OPTIONAL

    def choose(end: plain.SSLObject, name: str | None, asked: plain.SSLContext) -> int | None:
        del end, asked
        return None if name == "localhost" else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = choose
    return context


def talk(context: ssl.SSLContext, host: str, session: ssl.SSLSession | None = None) -> bytes:
    with (
        socket.create_connection((host, 443), timeout=5) as sock,
        context.wrap_socket(sock, server_hostname=host, session=session) as end,
    ):
        certificate = end.getpeercert()
        if certificate:
            ssl.match_hostname(certificate, host)
        der: bytes | None = end.getpeercert(binary_form=True)
        pem: str = ssl.DER_cert_to_PEM_cert(der or b"")
        chain: list[bytes] = end.get_verified_chain()
        end.sendall(pem.encode() + b"".join(chain))
        version: str | None = end.version()
        return end.recv(1024) + (version or "").encode()


def explain(url: str, context: ssl.SSLContext) -> str:
    try:
        with urllib.request.urlopen(url, context=context) as response:  # noqa: S310 - never run
            return str(response.status)
    except ssl.SSLCertVerificationError as error:
        return f"{error.verify_code} {error.verify_message}"
    except (ssl.SSLWantReadError, ssl.SSLEOFError, ssl.SSLError, ssl.CertificateError) as error:
        verdict = certpath.verdict_of(error)
        return str(error) if verdict is None else verdict.explain()


def over_memory(context: ssl.SSLContext) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    end: ssl.SSLObject = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    return end.read(10)


async def streams(context: ssl.SSLContext) -> bytes:
    reader, writer = await asyncio.open_connection("localhost", 443, ssl=context)
    end = writer.get_extra_info("ssl_object")
    assert isinstance(end, ssl.SSLObject)
    return await reader.read(1)


def passes_for_ssl(context: ssl.SSLContext) -> plain.SSLContext:
    return context


def injected() -> list[str]:
    certpath.inject_into_ssl()
    report: list[certpath.Unjudged] = certpath.injection_report()
    certpath.extract_from_ssl()
    return [f"{one.kind} {one.place}" for one in report]


def refused(chain: list[bytes], verifier: certpath.Verifier) -> ssl.SSLError | None:
    try:
        verifier.verify(chain, "localhost")
    except certpath.VerificationError as error:
        return error
    return None


RANDOM: bytes = ssl.RAND_bytes(16)
PATHS: ssl.DefaultVerifyPaths = ssl.get_default_verify_paths()
