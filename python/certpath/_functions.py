"""The functions of the `ssl` module that make contexts or compare names, on certpath's context."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
import sys
from typing import TYPE_CHECKING, Any

from certpath._certpath import canonical_hostname
from certpath._context import SSLContext

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["create_default_context", "get_server_certificate", "match_hostname", "wrap_socket"]

# What a wildcard stands for: the whole of one label.
_LABEL = re.compile(r"[a-z0-9-]+", re.IGNORECASE)

_DEFAULT_TIMEOUT: Any = object()


def match_hostname(cert: Mapping[str, Any], hostname: str) -> None:
    """Raise `ssl.CertificateError` unless a certificate, as ``getpeercert()`` gives it, speaks for a host.

    The rules are those of a handshake: a wildcard is a whole label with two more to its right, addresses
    match addresses only, and the common name counts only where there is no DNS name.
    """
    if not cert:
        raise ValueError(
            "empty or no certificate, match_hostname needs a SSL socket or SSL context with either "
            "CERT_OPTIONAL or CERT_REQUIRED"
        )
    name = canonical_hostname(hostname)
    address = _address(name)
    alternatives = [
        (kind, value) for kind, value in cert.get("subjectAltName", ()) if kind in {"DNS", "IP Address"}
    ]
    if address is not None:
        if any(kind == "IP Address" and _address(value) == address for kind, value in alternatives):
            return
    elif any(kind == "DNS" and _dns_match(value, name) for kind, value in alternatives):
        return
    presented = [value for _, value in alternatives]
    if not any(kind == "DNS" for kind, _ in alternatives):
        common_names = [value for rdn in cert.get("subject", ()) for key, value in rdn if key == "commonName"]
        if address is None and any(_dns_match(value, name) for value in common_names):
            return
        presented += common_names
    if len(presented) > 1:
        shown = ", ".join(map(repr, presented))
        raise ssl.CertificateError(f"hostname {hostname!r} doesn't match either of {shown}")
    if presented:
        raise ssl.CertificateError(f"hostname {hostname!r} doesn't match {presented[0]!r}")
    raise ssl.CertificateError("no appropriate commonName or subjectAltName fields were found")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _dns_match(presented: str, reference: str) -> bool:
    presented, reference = presented.lower(), reference.lower()
    if presented == reference:
        return bool(reference)
    star, _, rest = presented.partition(".")
    label, _, parent = reference.partition(".")
    return star == "*" and "." in rest and rest == parent and _LABEL.fullmatch(label) is not None


def wrap_socket(
    sock: socket.socket,
    keyfile: Any = None,
    certfile: Any = None,
    server_side: bool = False,
    cert_reqs: int = ssl.CERT_NONE,
    ssl_version: int | None = None,
    ca_certs: Any = None,
    do_handshake_on_connect: bool = True,
    suppress_ragged_eofs: bool = True,
    ciphers: str | None = None,
) -> ssl.SSLSocket:
    """The module-level function that the standard library had until 3.11: no name is checked.

    `ssl_version` defaults to the protocol for the side, which negotiates the version.
    """
    if server_side and not certfile:
        raise ValueError("certfile must be specified for server-side operations")
    if keyfile and not certfile:
        raise ValueError("certfile must be specified")
    if ssl_version is None:
        ssl_version = ssl.PROTOCOL_TLS_SERVER if server_side else ssl.PROTOCOL_TLS_CLIENT
    context = SSLContext(ssl_version)
    context.check_hostname = False
    context.verify_mode = cert_reqs
    if ca_certs:
        context.load_verify_locations(ca_certs)
    if certfile:
        context.load_cert_chain(certfile, keyfile)
    if ciphers:
        context.set_ciphers(ciphers)
    return context.wrap_socket(
        sock=sock,
        server_side=server_side,
        do_handshake_on_connect=do_handshake_on_connect,
        suppress_ragged_eofs=suppress_ragged_eofs,
    )


def create_default_context(
    purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH,
    *,
    cafile: Any = None,
    capath: Any = None,
    cadata: Any = None,
) -> SSLContext:
    """The context with the standard library's default settings for this Python version.

    Without `cafile`, `capath` and `cadata` it trusts the platform's roots, as `ssl` does. (The command line
    takes Mozilla's.)
    """
    _require_purpose(purpose)
    if purpose == ssl.Purpose.SERVER_AUTH:
        context = SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_REQUIRED
        context.check_hostname = True
    else:
        context = SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    _load_trust_and_key_log(context, purpose, cafile, capath, cadata)
    return context


def get_server_certificate(
    addr: tuple[str, int],
    ssl_version: int = ssl.PROTOCOL_TLS_CLIENT,
    ca_certs: Any = None,
    timeout: Any = _DEFAULT_TIMEOUT,
) -> str:
    """The certificate of the server at `addr`, in PEM; verified, names aside, if `ca_certs` are given."""
    host, _ = addr
    context = _create_unverified_context(
        ssl_version,
        cert_reqs=ssl.CERT_NONE if ca_certs is None else ssl.CERT_REQUIRED,
        cafile=ca_certs,
    )
    limit = socket.getdefaulttimeout() if timeout is _DEFAULT_TIMEOUT else timeout
    with (
        socket.create_connection(addr, timeout=limit) as sock,
        context.wrap_socket(sock, server_hostname=host) as connection,
    ):
        return ssl.DER_cert_to_PEM_cert(connection.getpeercert(True) or b"")


def _create_unverified_context(
    protocol: int | None = None,
    *,
    cert_reqs: int | None = ssl.CERT_NONE,
    check_hostname: bool = False,
    purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH,
    certfile: Any = None,
    keyfile: Any = None,
    cafile: Any = None,
    capath: Any = None,
    cadata: Any = None,
) -> SSLContext:
    """What the standard library's own protocol modules make their contexts with."""
    _require_purpose(purpose)
    if protocol is None:
        is_client = purpose == ssl.Purpose.SERVER_AUTH
        protocol = ssl.PROTOCOL_TLS_CLIENT if is_client else ssl.PROTOCOL_TLS_SERVER
    context = SSLContext(protocol)
    context.check_hostname = check_hostname
    if cert_reqs is not None:
        context.verify_mode = cert_reqs
    if check_hostname:
        context.check_hostname = True
    if keyfile and not certfile:
        raise ValueError("certfile must be specified")
    if certfile:
        context.load_cert_chain(certfile, keyfile)
    _load_trust_and_key_log(context, purpose, cafile, capath, cadata)
    return context


def _require_purpose(purpose: Any) -> None:
    """Refuse what is not an `ssl.Purpose`, with `ssl`'s own types of exception."""
    if not isinstance(purpose, ssl._ASN1Object):  # noqa: SLF001 - the test that ssl itself makes
        raise TypeError(purpose)
    if purpose not in {ssl.Purpose.SERVER_AUTH, ssl.Purpose.CLIENT_AUTH}:
        raise ValueError(purpose)


def _load_trust_and_key_log(
    context: SSLContext, purpose: ssl.Purpose, cafile: Any, capath: Any, cadata: Any
) -> None:
    """The given anchors or else the system's, then the key log that the environment asks for."""
    if cafile or capath or cadata:
        context.load_verify_locations(cafile, capath, cadata)
    elif context.verify_mode != ssl.CERT_NONE:
        context.load_default_certs(purpose)
    keylog_file = os.environ.get("SSLKEYLOGFILE")
    if keylog_file and not sys.flags.ignore_environment:
        context.keylog_filename = keylog_file
