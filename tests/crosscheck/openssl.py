"""`X509_verify_cert` of the libcrypto that Python's `ssl` links, called as libssl does it in a handshake.

Many times as fast as one, and it can be shown what no TLS library would present. Where the two differ a
handshake decides: libssl asks for the end entity's key afterwards, and so does `verdict`.

Everything that is made here is freed here. OpenSSL's queue of errors is empty before and after.
"""

from __future__ import annotations

import _ssl
import ctypes
import functools
import ssl
from ctypes import c_char_p, c_int, c_long, c_size_t, c_uint, c_ulong, c_void_p
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "NO_CERTIFICATE",
    "NO_KEY",
    "NO_STORE",
    "UNSPECIFIED",
    "Settings",
    "available",
    "curves",
    "identifiers",
    "issued",
    "message",
    "signature_algorithms",
    "verdict",
]

NO_CERTIFICATE = -1
"""Something that was presented does not parse: libssl breaks off without asking anybody."""
NO_STORE = -2
"""An anchor or a CRL does not parse."""
NO_KEY = -3
"""All is well but the end entity's key, which does not decode: libssl breaks off."""

UNSPECIFIED = 1
"""X509_V_ERR_UNSPECIFIED, for a failure without a code too."""

# X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, which Python sets, and X509_CHECK_FLAG_NEVER_CHECK_SUBJECT.
_HOST_FLAGS, _NEVER_CHECK_SUBJECT = 0x4, 0x20
_CACHED = 512
# More than there are of OpenSSL's own numbers of objects (4.0 has some 1,500).
_NIDS = 3000

_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "EC_get_builtin_curves": (c_size_t, c_void_p, c_size_t),
    "ERR_clear_error": (None,),
    "OBJ_find_sigid_algs": (c_int, c_int, c_void_p, c_void_p),
    "OBJ_get0_data": (c_void_p, c_void_p),
    "OBJ_length": (c_size_t, c_void_p),
    "OBJ_nid2obj": (c_void_p, c_int),
    "OPENSSL_sk_free": (None, c_void_p),
    "OPENSSL_sk_new_null": (c_void_p,),
    "OPENSSL_sk_push": (c_int, c_void_p, c_void_p),
    "OpenSSL_version_num": (c_ulong,),
    "X509_CRL_free": (None, c_void_p),
    "X509_STORE_CTX_free": (None, c_void_p),
    "X509_STORE_CTX_get0_param": (c_void_p, c_void_p),
    "X509_STORE_CTX_get_error": (c_int, c_void_p),
    "X509_STORE_CTX_init": (c_int, c_void_p, c_void_p, c_void_p, c_void_p),
    "X509_STORE_CTX_new": (c_void_p,),
    "X509_STORE_CTX_set_default": (c_int, c_void_p, c_char_p),
    "X509_STORE_add_cert": (c_int, c_void_p, c_void_p),
    "X509_STORE_add_crl": (c_int, c_void_p, c_void_p),
    "X509_STORE_free": (None, c_void_p),
    "X509_STORE_new": (c_void_p,),
    "X509_VERIFY_PARAM_set1_host": (c_int, c_void_p, c_char_p, c_size_t),
    "X509_VERIFY_PARAM_set_auth_level": (None, c_void_p, c_int),
    "X509_VERIFY_PARAM_set_flags": (c_int, c_void_p, c_ulong),
    "X509_VERIFY_PARAM_set_hostflags": (None, c_void_p, c_uint),
    "X509_check_issued": (c_int, c_void_p, c_void_p),
    "X509_free": (None, c_void_p),
    "X509_get0_pubkey": (c_void_p, c_void_p),
    "X509_verify_cert": (c_int, c_void_p),
    "X509_verify_cert_error_string": (c_char_p, c_long),
    "d2i_X509": (c_void_p, c_void_p, c_void_p, c_long),
    "d2i_X509_CRL": (c_void_p, c_void_p, c_void_p, c_long),
}


class Settings(NamedTuple):
    """How the verifying side is set up."""

    host: str | None = "www.example.test"
    flags: int = 0x8000
    security_level: int = 2
    hostname_checks_common_name: bool = True
    verifier_is_server: bool = False


DEFAULT = Settings()


class _Library:
    """The functions, by their names in C."""

    def __init__(self) -> None:
        # The extension module's dependencies are searched too, so this is the very library that it uses.
        library = ctypes.CDLL(getattr(_ssl, "__file__", None))
        for name, (result, *arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Any]: ...


@functools.cache
def _library() -> _Library:
    return _Library()


@functools.cache
def available() -> bool:
    """Whether the functions can be reached, and belong to the library that `ssl` names."""
    try:
        return bool(_library().OpenSSL_version_num() == ssl.OPENSSL_VERSION_NUMBER)
    except (OSError, AttributeError):
        return False


class _Object:
    """Something of OpenSSL's that is freed with the last that refers to it."""

    __slots__ = ("_free", "pointer")

    def __init__(self, pointer: int, free: Callable[[int], None]) -> None:
        self.pointer, self._free = pointer, free

    def __del__(self) -> None:
        self._free(self.pointer)


def _opened(der: bytes, name: str) -> _Object | None:
    """``None`` if it does not parse, or not to its end."""
    library = _library()
    buffer = ctypes.create_string_buffer(der, len(der))
    start = ctypes.addressof(buffer)
    position = c_void_p(start)
    pointer = getattr(library, f"d2i_{name}")(None, ctypes.byref(position), len(der))
    if not pointer:
        library.ERR_clear_error()
        return None
    opened = _Object(pointer, getattr(library, f"{name}_free"))
    return opened if position.value == start + len(der) else None


# What is judged over and over again is opened once.
_certificate = functools.lru_cache(_CACHED)(lambda der: _opened(der, "X509"))
_revocation_list = functools.lru_cache(_CACHED)(lambda der: _opened(der, "X509_CRL"))


@functools.lru_cache(_CACHED)
def _store(trusted: tuple[bytes, ...], crls: tuple[bytes, ...]) -> _Object | None:
    library = _library()
    store = _Object(library.X509_STORE_new(), library.X509_STORE_free)
    # The store holds references of its own to what is put into it.
    for ders, opened, add in (
        (trusted, _certificate, library.X509_STORE_add_cert),
        (crls, _revocation_list, library.X509_STORE_add_crl),
    ):
        for der in ders:
            one = opened(der)
            if one is None:
                return None
            add(store.pointer, one.pointer)
    library.ERR_clear_error()
    return store


def readable(certificates: Sequence[bytes]) -> list[bytes]:
    """Those that OpenSSL can read."""
    return [der for der in certificates if _certificate(der) is not None]


class _Curve(ctypes.Structure):
    """EC_builtin_curve."""

    _fields_: ClassVar = [("nid", c_int), ("comment", c_char_p)]


def curves() -> list[bytes]:
    """The contents of the OIDs of all elliptic curves that OpenSSL knows; two of its curves have none."""
    library = _library()
    count = library.EC_get_builtin_curves(None, 0)
    found = (_Curve * count)()
    library.EC_get_builtin_curves(found, count)
    return _contents(one.nid for one in found)


def signature_algorithms() -> list[bytes]:
    """The contents of the OIDs of all that OpenSSL holds for a signature algorithm."""
    library = _library()
    return _contents(nid for nid in range(1, _NIDS) if library.OBJ_find_sigid_algs(nid, None, None))


def identifiers() -> list[bytes]:
    """The contents of all OIDs that OpenSSL has a name for."""
    return _contents(range(1, _NIDS))


def _contents(nids: Iterable[int]) -> list[bytes]:
    """Of the OIDs behind OpenSSL's own numbers; some are vacant, some stand for what has none."""
    library = _library()
    objects = [one for one in map(library.OBJ_nid2obj, nids) if one]
    library.ERR_clear_error()
    contents = [ctypes.string_at(library.OBJ_get0_data(one), library.OBJ_length(one)) for one in objects]
    return [one for one in contents if one]


def message(code: int) -> str:
    """The words for a code; of one that this library does not have, that it is unknown."""
    words: bytes = _library().X509_verify_cert_error_string(code)
    return words.decode("ascii")


def issued(issuer: bytes, subject: bytes) -> int:
    """Whether the builder takes one for the issuer of the other: 0, or the code of what speaks against it."""
    library = _library()
    code: int = UNSPECIFIED
    one, other = _opened(issuer, "X509"), _opened(subject, "X509")
    if one is not None and other is not None:
        code = library.X509_check_issued(one.pointer, other.pointer)
    library.ERR_clear_error()
    return code


def verdict(
    chain: Sequence[bytes],
    trusted: Sequence[bytes],
    crls: Sequence[bytes] = (),
    settings: Settings = DEFAULT,
) -> int:
    """The code of the first failure, 0 if there is none, or one of the negative ones above."""
    library = _library()
    store = _store(tuple(trusted), tuple(crls))
    if store is None:
        return NO_STORE
    # As in a handshake nothing that was sent is an object of the store, nor twice the same: OpenSSL reads
    # extensions when it needs them, and remembers them.
    presented = [_opened(der, "X509") for der in chain]
    opened = [one for one in presented if one is not None]
    if len(opened) < len(presented):
        return NO_CERTIFICATE
    stack, context = library.OPENSSL_sk_new_null(), library.X509_STORE_CTX_new()
    try:
        for one in opened:
            library.OPENSSL_sk_push(stack, one.pointer)
        if not library.X509_STORE_CTX_init(context, store.pointer, opened[0].pointer, stack):
            return UNSPECIFIED
        library.X509_STORE_CTX_set_default(
            context, b"ssl_client" if settings.verifier_is_server else b"ssl_server"
        )
        parameters = library.X509_STORE_CTX_get0_param(context)
        library.X509_VERIFY_PARAM_set_flags(parameters, settings.flags)
        library.X509_VERIFY_PARAM_set_auth_level(parameters, settings.security_level)
        if settings.host is not None and not settings.verifier_is_server:
            common = 0 if settings.hostname_checks_common_name else _NEVER_CHECK_SUBJECT
            library.X509_VERIFY_PARAM_set_hostflags(parameters, _HOST_FLAGS | common)
            library.X509_VERIFY_PARAM_set1_host(parameters, settings.host.encode("ascii"), 0)
        good = library.X509_verify_cert(context) == 1
        code: int = library.X509_STORE_CTX_get_error(context)
        if not good:
            return code or UNSPECIFIED
        return code if code or library.X509_get0_pubkey(opened[0].pointer) else NO_KEY
    finally:
        library.X509_STORE_CTX_free(context)
        library.OPENSSL_sk_free(stack)
        library.ERR_clear_error()
