"""What the standard library's `ssl` says about a chain: a TLS handshake in memory."""

from __future__ import annotations

import functools
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import pki
from .presenter import Presenter

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Unpresentable", "Untrustable", "handshake", "judgement", "verified_chain"]

# Curves of end entities for which TLS 1.3 has no signatures.
_OLD_CURVES = {"secp224r1", "secp256k1"}


class Unpresentable(Exception):  # noqa: N818 (nothing went wrong: there is nothing to be judged)
    """OpenSSL cannot even read what it should present, or what it should trust."""


class Untrustable(Unpresentable):
    """The latter."""


def handshake(
    chain: Sequence[pki.Entity],
    trusted: Sequence[pki.Entity],
    *,
    host: str | None = pki.HOST,
    flags: int | None = None,
    verifier_is_server: bool = False,
    crls: Sequence[bytes] = (),
) -> ssl.SSLError | None:
    """Present `chain`; the exception of the side that verifies, ``None`` if it is content.

    `flags` of ``None`` are those that a plain context starts with; `host` is for clients only.
    """
    return judgement(
        [one.der for one in chain],
        chain[0].key_pem.encode("ascii"),
        [one.der for one in trusted],
        host=host,
        flags=flags,
        verifier_is_server=verifier_is_server,
        crls=crls,
    )[0]


def verified_chain(chain: Sequence[pki.Entity], trusted: Sequence[pki.Entity]) -> list[Any]:
    """The certificate objects of `ssl` itself, after a successful handshake."""
    refusal, side = judgement(
        [one.der for one in chain], chain[0].key_pem.encode("ascii"), [one.der for one in trusted]
    )
    assert refusal is None
    found: list[Any] = side._sslobj.get_verified_chain()  # type: ignore[attr-defined]
    return found


def judgement(  # noqa: C901 (settings, one after the other)
    chain: Sequence[bytes],
    key_pem: bytes,
    trusted: Sequence[bytes],
    *,
    host: str | None = pki.HOST,
    flags: int | None = None,
    security_level: int | None = None,
    hostname_checks_common_name: bool = True,
    verifier_is_server: bool = False,
    crls: Sequence[bytes] = (),
    curve: str | None = None,
) -> tuple[ssl.SSLError | None, ssl.SSLObject]:
    """The same from DER, and the side that has verified; `curve` is that of an end entity for which
    TLS has to be told. Raises `Unpresentable` before any handshake.
    """
    verifying = _context(server=verifier_is_server)
    verifying.check_hostname = host is not None and not verifier_is_server
    verifying.verify_mode = ssl.CERT_REQUIRED
    verifying.hostname_checks_common_name = hostname_checks_common_name
    if flags is not None:
        verifying.verify_flags = ssl.VerifyFlags(flags)
    if verifier_is_server:
        # For any security level; for an old curve, a key that asks for no curve.
        verifying.load_cert_chain(_server_file("rsa3072" if curve in _OLD_CURVES else "p521"))
    if security_level is not None:
        verifying.set_ciphers(f"DEFAULT:@SECLEVEL={security_level}")
    try:
        _load(verifying, trusted, crls)
    except ssl.SSLError as error:
        raise Untrustable(str(error)) from error
    presenting = _context(server=not verifier_is_server)
    # Whatever it is told to present, it shall.
    presenting.set_ciphers("ALL:@SECLEVEL=0")
    if curve is not None and curve in _OLD_CURVES:
        for context in (verifying, presenting):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ecdh_curve(curve)
    to_verifier, to_presenter = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        other = _presenter(
            presenting,
            chain,
            key_pem,
            server_side=not verifier_is_server,
            incoming=to_presenter,
            outgoing=to_verifier,
        )
    except ssl.SSLError as error:
        raise Unpresentable(str(error)) from error
    name = None if verifier_is_server else host
    own = verifying.wrap_bio(to_verifier, to_presenter, server_side=verifier_is_server, server_hostname=name)
    for _ in range(10):
        refusal, answer = _step(own), _step(other)
        if refusal is None and answer is None:
            return None, own
        if refusal is not None and not isinstance(refusal, ssl.SSLWantReadError):
            return refusal, own
    raise AssertionError("the handshake does not end")


def _context(*, server: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _load(context: ssl.SSLContext, trusted: Sequence[bytes], crls: Sequence[bytes]) -> None:
    for anchor in trusted:
        _trust(context, anchor)
    if crls:
        texts = [ssl.DER_cert_to_PEM_cert(crl).replace("CERTIFICATE", "X509 CRL") for crl in crls]
        file = _folder() / "crls.pem"
        file.write_text("".join(texts), encoding="ascii")
        context.load_verify_locations(cafile=file)


def _presenter(
    context: ssl.SSLContext,
    chain: Sequence[bytes],
    key_pem: bytes,
    *,
    server_side: bool,
    incoming: ssl.MemoryBIO,
    outgoing: ssl.MemoryBIO,
) -> ssl.SSLObject | Presenter:
    """By `ssl` if it can, else by pyOpenSSL."""
    file = _folder() / "chain.pem"
    blocks = [ssl.DER_cert_to_PEM_cert(der).encode("ascii") for der in chain]
    file.write_bytes(key_pem + b"".join(blocks))
    try:
        context.load_cert_chain(file)
    except ssl.SSLError:
        return Presenter(chain, key_pem, server_side=server_side, incoming=incoming, outgoing=outgoing)
    return context.wrap_bio(incoming, outgoing, server_side=server_side)


def _trust(context: ssl.SSLContext, anchor: bytes) -> None:
    """Into the store, also if OpenSSL complains about its extensions while it puts it there."""
    before = context.cert_store_stats()["x509"]
    try:
        context.load_verify_locations(cadata=anchor)
    except ssl.SSLError:
        if context.cert_store_stats()["x509"] == before:
            raise


def _step(side: ssl.SSLObject | Presenter) -> ssl.SSLError | None:
    try:
        side.do_handshake()
    except ssl.SSLError as error:
        return error
    return None


@functools.cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    """Of this process, until it ends."""
    return tempfile.TemporaryDirectory(prefix="certpath-handshake-")


def _folder() -> Path:
    return Path(_temporary().name)


@functools.cache
def _server_file(kind: str) -> Path:
    own = pki.three(kind)[0]
    file = _folder() / f"server-{kind}.pem"
    file.write_bytes((own.key_pem + own.pem).encode("ascii"))
    return file
