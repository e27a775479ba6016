"""Handshakes judged by the OpenSSL that a release of `cryptography` carries, in an interpreter of its own.

    PYTHONPATH=FOLDER python other_openssl.py < cases

FOLDER holds that release and a pyOpenSSL that goes with it. One case a line in JSON (see `judge`), one
answer a line: ``["accepted"]``, ``["refused", code, message]`` or ``["not judged", reason]``. It
needs nothing else of this repository.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import warnings
from typing import Any

# By name: what it has, and how it is typed, differs from release to release.
SSL: Any = importlib.import_module("OpenSSL.SSL")
crypto: Any = importlib.import_module("OpenSSL.crypto")

ROOM = 1 << 20
NO_PARTIAL_WILDCARDS, NEVER_CHECK_SUBJECT = 0x4, 0x20

_lib: Any = SSL._lib
_ffi: Any = SSL._ffi


class NotJudged(Exception):  # noqa: N818 (nothing went wrong here)
    """The handshake came to no verdict."""


def version() -> str:
    """As OpenSSL names itself."""
    text: str = SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode("ascii")
    return text


def _opened(der: bytes, kind: str) -> Any:
    source = _ffi.new("unsigned char[]", der)
    bio = _lib.BIO_new_mem_buf(source, len(der))
    found = getattr(_lib, f"d2i_{kind}_bio")(bio, _ffi.NULL)
    _lib.BIO_free(bio)
    if found == _ffi.NULL:
        _lib.ERR_clear_error()
        raise NotJudged(f"{kind} unreadable")
    return _ffi.gc(found, getattr(_lib, f"{kind}_free"))


def _verifying(case: dict[str, Any]) -> tuple[Any, list[Any]]:
    settings = case["settings"]
    context = SSL.Context(SSL.TLS_METHOD)
    # As CPython's own default, which the level begins.
    context.set_cipher_list(f"DEFAULT:@SECLEVEL={settings['security_level']}".encode("ascii"))
    store = _lib.SSL_CTX_get_cert_store(context._context)
    kept = []
    for ders, kind, add in (
        (case["trusted"], "X509", _lib.X509_STORE_add_cert),
        (case["crls"], "X509_CRL", _lib.X509_STORE_add_crl),
    ):
        for der in ders:
            one = _opened(bytes.fromhex(der), kind)
            add(store, one)
            _lib.ERR_clear_error()
            kept.append(one)
    parameters = _lib.SSL_CTX_get0_param(context._context)
    _lib.X509_VERIFY_PARAM_set_flags(parameters, settings["flags"])

    # Not by way of pyOpenSSL: it cannot stand a failure that is about no certificate.
    mode = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    _lib.SSL_CTX_set_verify(context._context, mode, _ffi.NULL)
    return context, kept


def _name(connection: Any, settings: dict[str, Any]) -> None:
    host = settings["host"]
    parameters = _lib.SSL_get0_param(connection._ssl)
    common = 0 if settings["hostname_checks_common_name"] else NEVER_CHECK_SUBJECT
    _lib.X509_VERIFY_PARAM_set_hostflags(parameters, NO_PARTIAL_WILDCARDS | common)
    if settings["address"] is not None:
        octets = bytes.fromhex(settings["address"])
        done = _lib.X509_VERIFY_PARAM_set1_ip(parameters, octets, len(octets))
    else:
        done = _lib.X509_VERIFY_PARAM_set1_host(parameters, host.encode("ascii"), 0)
    if not done:
        _lib.ERR_clear_error()
        raise NotJudged("no host")


def _presenting(case: dict[str, Any]) -> Any:
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    try:
        leaf, *others = (
            crypto.load_certificate(crypto.FILETYPE_ASN1, bytes.fromhex(der)) for der in case["chain"]
        )
        context.use_certificate(leaf)
        context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, case["key_pem"].encode("ascii")))
        for other in others:
            context.add_extra_chain_cert(other)
    except (SSL.Error, crypto.Error, ValueError) as error:
        _lib.ERR_clear_error()
        raise NotJudged(f"chain unreadable: {error}") from error
    return context


def _own_key(context: Any, case: dict[str, Any]) -> None:
    """What the server shows of itself where the client is judged."""
    context.use_certificate(crypto.load_certificate(crypto.FILETYPE_ASN1, bytes.fromhex(case["own"])))
    context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, case["own_key"].encode("ascii")))


def judge(case: dict[str, Any]) -> list[Any]:
    """One answer.

    The case has ``chain``, ``trusted`` and ``crls`` as lists of DER in hexadecimal, ``key_pem`` of the first
    of the chain, ``settings`` as those of `crosscheck.cases` with the octets of an ``address`` beside
    ``host``, or ``null``, ``own`` and ``own_key`` of a server that judges, and whether the key is on an
    ``old_curve``, which TLS 1.3 lacks.
    """
    settings = case["settings"]
    is_server = settings["verifier_is_server"]
    try:
        ours, _kept = _verifying(case)
        theirs = _presenting(case)
        if is_server:
            _own_key(ours, case)
        if case["old_curve"]:
            for context in (ours, theirs):
                context.set_max_proto_version(SSL.TLS1_2_VERSION)
        one, other = SSL.Connection(ours, None), SSL.Connection(theirs, None)
        if not is_server and settings["host"] is not None:
            _name(one, settings)
        (one.set_accept_state if is_server else one.set_connect_state)()
        (other.set_connect_state if is_server else other.set_accept_state)()
        return _shaken(one, other)
    except NotJudged as reason:
        return ["not judged", str(reason)]


def _shaken(one: Any, other: Any) -> list[Any]:
    for _ in range(10):
        done = 0
        for side, peer in ((one, other), (other, one)):
            try:
                side.do_handshake()
                done += 1
            except SSL.WantReadError:
                pass
            except SSL.Error as error:
                code = _lib.SSL_get_verify_result(one._ssl)
                if side is one and code:
                    text = _ffi.string(_lib.X509_verify_cert_error_string(code)).decode("ascii")
                    return ["refused", code, text]
                raise NotJudged(f"no handshake: {error}") from error
            with contextlib.suppress(SSL.WantReadError):
                peer.bio_write(side.bio_read(ROOM))
        if done == 2:
            return ["accepted"]
    raise NotJudged("the handshake does not end")


def main() -> None:
    """Answer until there is no more question."""
    warnings.simplefilter("ignore", DeprecationWarning)
    print(json.dumps(version()), flush=True)
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
