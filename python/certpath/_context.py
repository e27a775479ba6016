"""`SSLContext`: the standard library's, with certpath judging the certificates.

Longer than 500 lines: one class, which mirrors one class of the standard library.
"""

from __future__ import annotations

import _ssl
import contextlib
import os
import ssl
import sys
import types
import warnings
from ssl import CERT_NONE
from typing import TYPE_CHECKING, Any, NamedTuple

from certpath._client_certificates import CertificateWatch
from certpath._connection import UNVERIFIED, GuardedConnection, Intermediates, Judge, Settings
from certpath._lock import Lock
from certpath._sockets import SSLObject, SSLSocket
from certpath._trust_settings import (
    Anchors,
    all_of,
    certificates_of,
    contents_of,
    default_anchors,
    looked_up,
)

if TYPE_CHECKING:
    import socket

    from certpath._certpath import Verdict, Verifier

__all__ = ["SSLContext"]

_Base: Any = _ssl._SSLContext  # noqa: SLF001 - what `ssl.SSLContext` itself derives from
# Not looked up later: the names may come to mean our own class (`inject_into_ssl`) or another's (gevent).
_Plain: Any = ssl.SSLContext
_PlainSocket: Any = SSLSocket.__base__

# The bits of X509_CHECK_FLAG_… that `hostname_checks_common_name` and CPython's default set.
_NEVER_CHECK_SUBJECT = 0x20
_NO_PARTIAL_WILDCARDS = 0x4
_UNSUPPORTED_HOST_FLAGS = ~(_NEVER_CHECK_SUBJECT | _NO_PARTIAL_WILDCARDS)

# SSL_OP_NO_RX_CERTIFICATE_COMPRESSION (RFC 8879), which `ssl` has no name for: what a client sends can be
# read whatever this OpenSSL was built with. Before 3.2 there is no compression, and the bit means nothing.
_NO_COMPRESSED_CERTIFICATES = 1 << 33 if ssl.OPENSSL_VERSION_INFO >= (3, 2) else 0

# Looked up once: these are called for every connection.
_get_options, _set_options = _Base.options.__get__, _Base.options.__set__
_get_verify_mode, _set_verify_mode = _Base.verify_mode.__get__, _Base.verify_mode.__set__
_get_check_hostname, _set_check_hostname = _Base.check_hostname.__get__, _Base.check_hostname.__set__
_get_verify_flags = _Base.verify_flags.__get__
_get_host_flags, _get_security_level = _Base._host_flags.__get__, _Base.security_level.__get__  # noqa: SLF001 - as above
_make_for_socket, _make_for_bio = _Base._wrap_socket, _Base._wrap_bio  # noqa: SLF001 - as above
_get_msg_callback, _set_msg_callback = _Base._msg_callback.__get__, _Base._msg_callback.__set__  # noqa: SLF001 - as above


def rebound(original: property, owner: type) -> property:
    """A property of `owner`, with a setter that knows its class by itself.

    The setters of `ssl.SSLContext` find it by its global name, which means another class once
    `inject_into_ssl`, gevent or eventlet has put one in its place.
    """
    setter: Any = original.fset
    names = {**setter.__globals__, "SSLContext": owner}
    own = types.FunctionType(setter.__code__, names, setter.__name__, None, setter.__closure__)
    return property(original.fget, own, doc=original.__doc__)


_plain_msg_callback = rebound(
    _Plain._msg_callback,  # noqa: SLF001 - what is mirrored here
    next(owner for owner in _Plain.__mro__ if "_msg_callback" in vars(owner)),
)

_VERIFY_FLAGS = [flag for flag in ssl.VerifyFlags if flag]


class _Held(NamedTuple):
    """What the program has set, while OpenSSL is told otherwise because a connection is being made."""

    mode: int
    check_hostname: bool
    options: int
    server_side: bool


class _ContextKind(type):
    """What answers `isinstance` and `issubclass` while `SSLContext` stands in the place of `ssl`'s.

    Contexts that are older than an injection pass then, as they would without it: asyncio, asyncpg,
    tornado, PyMySQL and others ask. They stay what they are.
    """

    def __instancecheck__(cls, instance: object) -> bool:
        return super().__instancecheck__(instance) or (
            ssl.SSLContext is cls and type.__instancecheck__(_Plain, instance)
        )

    def __subclasscheck__(cls, subclass: type) -> bool:
        return super().__subclasscheck__(subclass) or (
            ssl.SSLContext is cls and type.__subclasscheck__(_Plain, subclass)
        )


class SSLContext(ssl.SSLContext, metaclass=_ContextKind):
    """A drop-in `ssl.SSLContext` whose certificates are judged by certpath.

    Everything about transport is inherited. What concerns certificates behaves as the standard
    library's, setting by setting; a chain that is refused raises `VerificationError`.

    Trust anchors are what is loaded, as with `ssl`: `load_default_certs` takes the platform's, and
    `load_verify_locations` your own.
    """

    __module__ = "certpath"

    # The defaults of the standard library, plus the chains on every version.
    sslsocket_class: type[ssl.SSLSocket] = SSLSocket
    sslobject_class: type[ssl.SSLObject] = SSLObject

    _lock: Lock
    _held: _Held | None
    _anchors: Anchors
    _deferred: list[tuple[str | None, str | None]]
    _openssl_store: Any
    _host_flags: int
    _intermediates: Intermediates
    # Whether the program has keys for servers that need no certificate.
    _shares_keys: bool
    _sends_certificates: bool
    # Those of the last connection, and what they were made of: most connections have the same.
    _last_settings: tuple[tuple[Any, ...] | None, Settings]
    # The anchors that OpenSSL has been given to complete its own chain from.
    _chain_source: Anchors | None

    def __new__(cls, protocol: int | None = None, *_args: Any, **_keywords: Any) -> SSLContext:  # noqa: PYI034
        """Make a context as `ssl.SSLContext` does, warnings included."""
        if protocol is None:
            warnings.warn(
                "ssl.SSLContext() without protocol argument is deprecated.",
                category=DeprecationWarning,
                stacklevel=2,
            )
            protocol = ssl.PROTOCOL_TLS
        # Not by way of `ssl.SSLContext`, which would warn about our line instead of the caller's.
        self: SSLContext = _Base.__new__(cls, protocol)
        self._lock = Lock()
        self._held = None
        self._anchors = Anchors()
        # Default locations that OpenSSL has not been told of yet: it would take its time to read them.
        self._deferred = []
        # The context whose store speaks for OpenSSL. A client's own stays empty: OpenSSL would
        # otherwise judge every chain a second time, for nothing.
        self._openssl_store = None if protocol == ssl.PROTOCOL_TLS_CLIENT else self
        self._intermediates = Intermediates()
        self._shares_keys = False
        self._sends_certificates = False
        self._chain_source = None
        self._last_settings = None, UNVERIFIED
        return self

    def __repr__(self) -> str:
        kind = type(self)
        name = "certpath.SSLContext" if kind is SSLContext else f"{kind.__module__}.{kind.__qualname__}"
        mode = self.verify_mode
        if mode == CERT_NONE:
            return f"<{name}: {self.protocol.name}, {mode.name}; verifies nobody>"
        how = [self.protocol.name, mode.name, *(["check_hostname"] if self.check_hostname else [])]
        how += [flag.name or hex(flag) for flag in _VERIFY_FLAGS if flag & self.verify_flags]
        return f"<{name}: {', '.join(how)}; trusts {self._anchors}>"

    def wrap_socket(
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> SSLSocket:
        """`ssl.SSLContext.wrap_socket`."""
        keywords: dict[str, Any] = {
            "sock": sock,
            "server_side": server_side,
            "do_handshake_on_connect": do_handshake_on_connect,
            "suppress_ragged_eofs": suppress_ragged_eofs,
            "server_hostname": server_hostname,
        }
        green: Any = ssl.SSLSocket
        if green is _PlainSocket or self.sslsocket_class is not SSLSocket:
            made: SSLSocket = super().wrap_socket(**keywords, session=session)  # type: ignore[assignment]
            return made
        # gevent or eventlet has put its own class in the place of the one that ours derives from, and that
        # one does not work any more. Theirs asks the context for its connection as well.
        if session is not None:
            keywords["_session" if green.__module__.startswith("gevent") else "session"] = session
        green_socket: SSLSocket = green(**keywords, _context=self)
        return green_socket

    if TYPE_CHECKING:
        # What the hook makes unless a program sets another.
        def wrap_bio(
            self,
            incoming: ssl.MemoryBIO,
            outgoing: ssl.MemoryBIO,
            server_side: bool = False,
            server_hostname: str | bytes | None = None,
            session: ssl.SSLSession | None = None,
        ) -> SSLObject:
            """`ssl.SSLContext.wrap_bio`."""

    # Verification settings. They are kept where the standard library keeps them, in OpenSSL's context: what
    # is set past this class (truststore, gevent and others do so) counts here, too. Only while a connection
    # is made OpenSSL is told otherwise: see `_make`.

    @property
    def verify_mode(self) -> ssl.VerifyMode:
        """Whether the peer must present a certificate, and whether it is verified."""
        with self._lock:
            return ssl.VerifyMode(_get_verify_mode(self) if self._held is None else self._held.mode)

    @verify_mode.setter
    def verify_mode(self, value: int) -> None:
        with self._lock:
            self._give_back()
            _set_verify_mode(self, value)

    @property
    def check_hostname(self) -> bool:
        """Whether the certificate has to speak for the ``server_hostname``."""
        with self._lock:
            return bool(_get_check_hostname(self) if self._held is None else self._held.check_hostname)

    @check_hostname.setter
    def check_hostname(self, value: object) -> None:
        with self._lock:
            self._give_back()
            _set_check_hostname(self, value)

    @check_hostname.deleter
    def check_hostname(self) -> None:
        # Refused, with the error of this Python.
        _Base.check_hostname.__delete__(self)

    @property
    def verify_flags(self) -> ssl.VerifyFlags:
        """OpenSSL's X509_V_FLAG bits; those that certpath does not implement refuse what they bear on."""
        return ssl.VerifyFlags(_Base.verify_flags.__get__(self))

    @verify_flags.setter
    def verify_flags(self, value: int) -> None:
        with self._lock:
            _Base.verify_flags.__set__(self, value)

    # Settings that `ssl.SSLContext` sets by way of a global name, which `inject_into_ssl` replaces

    @property
    def options(self) -> ssl.Options:
        """OpenSSL's SSL_OP bits."""
        with self._lock:
            return ssl.Options(_get_options(self) if self._held is None else self._held.options)

    @options.setter
    def options(self, value: int) -> None:
        with self._lock:
            self._give_back()
            _set_options(self, value)

    @property
    def minimum_version(self) -> ssl.TLSVersion:
        """The lowest protocol version."""
        return ssl.TLSVersion(_Base.minimum_version.__get__(self))

    @minimum_version.setter
    def minimum_version(self, value: int) -> None:
        if value == ssl.TLSVersion.SSLv3:
            self.options &= ~ssl.Options.OP_NO_SSLv3
        _Base.minimum_version.__set__(self, value)

    @property
    def maximum_version(self) -> ssl.TLSVersion:
        """The highest protocol version."""
        return ssl.TLSVersion(_Base.maximum_version.__get__(self))

    @maximum_version.setter
    def maximum_version(self, value: int) -> None:
        _Base.maximum_version.__set__(self, value)

    @property
    def _msg_callback(self) -> Any:
        return getattr(_get_msg_callback(self), "user_function", None)

    @_msg_callback.setter
    def _msg_callback(self, callback: Any) -> None:
        with self._lock:
            watched = isinstance(_get_msg_callback(self), CertificateWatch)
            _plain_msg_callback.__set__(self, callback)
            if watched:
                self._watch_certificates()

    def _watch_certificates(self) -> None:
        """Have OpenSSL show what clients send, so that a refusal can say what was refused."""
        with self._lock:
            inner = _get_msg_callback(self)
            if not isinstance(inner, CertificateWatch):
                _set_msg_callback(self, CertificateWatch(inner))

    # The trust store

    def load_verify_locations(
        self,
        cafile: Any = None,
        capath: Any = None,
        cadata: Any = None,
    ) -> None:
        """Load trust anchors: a PEM file, a hashed directory, PEM text or DER bytes.

        Raises what `ssl` raises; what it keeps after an error is kept here too.
        """
        with self._lock:
            openssl = self._shown_store()
            before = _Base.cert_store_stats(openssl)["x509"]
            try:
                _Base.load_verify_locations(openssl, cafile, capath, cadata)
            except BaseException:
                # OpenSSL loads one certificate after the other: what it has kept is the first so many.
                kept = _Base.cert_store_stats(openssl)["x509"] - before
                if kept > 0:
                    self._keep_first(kept, cafile, cadata)
                raise
            anchors = self._anchors
            if cadata is not None:
                anchors = anchors.with_certificates(certificates_of(_octets(cadata)))
            if cafile is not None:
                anchors = anchors.with_certificates(*contents_of(os.fsdecode(cafile)))
            if capath is not None:
                anchors = anchors.with_directories(filter(None, os.fsdecode(capath).split(os.pathsep)))
            self._anchors = anchors

    def _keep_first(self, kept: int, cafile: Any, cadata: Any) -> None:
        blocks = certificates_of(_octets(cadata)) if cadata is not None else []
        if cafile is not None:
            with contextlib.suppress(OSError):
                blocks += contents_of(os.fsdecode(cafile))[0]
        anchors, wanted = self._anchors, self._anchors.certificate_count + kept
        for block in blocks:
            if anchors.certificate_count >= wanted:
                break
            anchors = anchors.with_certificates([block])
        self._anchors = anchors

    def set_default_verify_paths(self) -> None:
        """Trust what the system's default locations hold, as OpenSSL and its environment variables say."""
        cafile_variable, cafile, capath_variable, capath = _ssl.get_default_verify_paths()
        cafile = os.environ.get(cafile_variable, cafile)
        capath = os.environ.get(capath_variable, capath)
        found = default_anchors(cafile, capath)
        with self._lock:
            self._deferred.append((cafile, capath))
            if not self._anchors.certificate_count and not self._anchors.directories:
                self._anchors = (
                    found if not self._anchors.crls else found.with_certificates([], self._anchors.crls)
                )
                return
            self._anchors = self._anchors.merged_with(found)

    def cert_store_stats(self) -> dict[str, int]:
        """How many certificates, CRLs and CA certificates are loaded."""
        anchors = self._anchors
        return {"x509": anchors.certificate_count, "crl": len(anchors.crls), "x509_ca": anchors.ca_count}

    def get_ca_certs(self, binary_form: bool = False) -> Any:
        """The loaded CA certificates, in OpenSSL's order."""
        with self._lock:
            return _Base.get_ca_certs(self._shown_store(), binary_form)

    def verifier(self) -> Verifier:
        """The frozen offline verifier with the settings of this moment.

        It judges chains for the purpose of the connections that this context makes: server
        certificates, unless the context is for servers. Hashed directories are read now, whole.
        """
        with self._lock:
            anchors, flags, level = self._anchors, int(self.verify_flags), self.security_level
            common_name = self.hostname_checks_common_name
        if anchors.directories:
            anchors = anchors.with_certificates(*all_of(anchors.directories))
        purpose = "client" if self.protocol == ssl.PROTOCOL_TLS_SERVER else "server"
        return anchors.verifier(flags, purpose, level, common_name)

    def load_cert_chain(self, certfile: Any, keyfile: Any = None, password: Any = None) -> None:
        """Load the certificate and the private key to authenticate with."""
        super().load_cert_chain(certfile, keyfile, password)
        self._sends_certificates = True

    if sys.version_info >= (3, 13):

        def set_psk_client_callback(self, callback: Any) -> None:
            """Set the function that gives the key that a server without a certificate has to have."""
            _Base.set_psk_client_callback(self, callback)
            self._shares_keys = callback is not None

    def _offer_issuers(self) -> None:
        """Let OpenSSL complete the chain that it sends from what is trusted, as it does; the lock is held."""
        anchors = self._anchors
        if self._openssl_store is self or self._chain_source is anchors:
            return
        if ders := b"".join(certificate.der for certificate in anchors.store):
            _Base.load_verify_locations(self, cadata=ders)
        if anchors.directories:
            _Base.load_verify_locations(self, capath=os.pathsep.join(anchors.directories))
        self._chain_source = anchors

    def _shown_store(self) -> Any:
        """The OpenSSL context whose store holds everything that is trusted here; the lock is held."""
        if self._openssl_store is None:
            # It makes no connections: it holds what OpenSSL says about certificates.
            self._openssl_store = _Base(ssl.PROTOCOL_TLS_CLIENT)
        for cafile, capath in self._deferred:
            for location in ({"cafile": cafile}, {"capath": capath}):
                try:
                    _Base.load_verify_locations(self._openssl_store, **location)
                except (OSError, TypeError, ValueError):
                    # Default locations need not exist (X509_STORE_set_default_paths).
                    continue
        self._deferred.clear()
        return self._openssl_store

    # Connections

    # The two hooks through which `ssl` makes every connection, with the arguments of `_ssl._SSLContext`.

    def _wrap_socket(
        self,
        sock: Any,
        server_side: bool,
        server_hostname: Any = None,
        *,
        owner: Any = None,
        session: Any = None,
    ) -> GuardedConnection:
        return self._make(
            _make_for_socket, (sock, server_side, server_hostname), {"owner": owner, "session": session}
        )

    def _wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool,
        server_hostname: Any = None,
        *,
        owner: Any = None,
        session: Any = None,
    ) -> GuardedConnection:
        return self._make(
            _make_for_bio,
            (incoming, outgoing, server_side, server_hostname),
            {"owner": owner, "session": session},
        )

    def _make(self, maker: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> GuardedConnection:
        """A connection, with OpenSSL's settings for it: the connection copies them when it is made."""
        is_server = bool(arguments[-2])
        with self._lock:
            # An interrupt may have come between a connection and the end of `_give_back`.
            self._give_back()
            settings = self._connection_settings(is_server)
            if settings is UNVERIFIED:
                return GuardedConnection(maker(self, *arguments, **keywords), self, settings)
            try:
                self._take_over(is_server)
                raw = maker(self, *arguments, **keywords)
            finally:
                self._give_back()
        return GuardedConnection(raw, self, settings)

    def _take_over(self, is_server: bool) -> None:
        """Tell OpenSSL what it has to do in a connection whose peer is judged; the lock is held."""
        options, check_hostname = _get_options(self), _get_check_hostname(self)
        self._held = _Held(_get_verify_mode(self), check_hostname, options, is_server)
        _set_options(self, _while_made(options, is_server))
        if not is_server:
            # A client's chain is judged here alone, and OpenSSL's own store is empty.
            if check_hostname:
                _set_check_hostname(self, False)
            _set_verify_mode(self, CERT_NONE)

    def _give_back(self) -> None:
        """Put back what the program has set, if it is not there; the lock is held.

        What another thread has set meanwhile, past this class, stays.
        """
        held = self._held
        if held is None:
            return
        if not held.server_side:
            if _get_verify_mode(self) == CERT_NONE:
                _set_verify_mode(self, held.mode)
            if held.check_hostname:
                _set_check_hostname(self, True)
        if _get_options(self) == _while_made(held.options, held.server_side):
            _set_options(self, held.options)
        self._held = None

    def _connection_settings(self, is_server: bool) -> Settings:
        """What a connection that is made now is judged by, and OpenSSL told of it; the lock is held."""
        if self._sends_certificates:
            self._offer_issuers()
        mode = _get_verify_mode(self)
        if mode == CERT_NONE:
            return UNVERIFIED
        if is_server:
            self._shown_store()
            self._watch_certificates()
        checks_name = _get_check_hostname(self) and not is_server
        host_flags, level = _get_host_flags(self), _get_security_level(self)
        now = (
            is_server,
            mode,
            checks_name,
            _get_verify_flags(self),
            host_flags,
            level,
            self.post_handshake_auth,
            self._shares_keys,
        )
        last, settings = self._last_settings
        if now != last:
            if host_flags & _UNSUPPORTED_HOST_FLAGS:
                raise ValueError(f"host flags {host_flags:#x} are not supported")
            settings = Settings(
                verify_mode=ssl.VerifyMode(mode),
                flags=_get_verify_flags(self),
                security_level=level,
                hostname_checks_common_name=not host_flags & _NEVER_CHECK_SUBJECT,
                checks_name=checks_name,
                server_side=is_server,
                post_handshake_auth=self.post_handshake_auth,
                shares_keys=self._shares_keys and not is_server,
            )
            self._last_settings = now, settings
        return settings

    @property
    def __certpath_judge__(self) -> Judge:
        """What the context's connections ask of it."""
        return Judge(self._intermediates, self._judge, self._watch_certificates)

    def _judge(self, settings: Settings, chain: list[bytes], name: bytes | None) -> Verdict:
        """The verdict on a chain, by the connection's settings and what is trusted now."""
        anchors = self._anchors
        if anchors.directories:
            blocks, crls = looked_up(anchors, chain, settings.flags)
            if blocks or crls:
                with self._lock:
                    if blocks and self._openssl_store is not self:
                        self._show(blocks)
                    anchors = self._anchors = self._anchors.with_certificates(blocks, crls)
        verifier = anchors.verifier(
            settings.flags,
            "client" if settings.server_side else "server",
            settings.security_level,
            settings.hostname_checks_common_name,
        )
        return verifier.check(chain, name)

    def _show(self, blocks: list[tuple[bytes, bool]]) -> None:
        openssl = self._shown_store()
        for der, _ in blocks:
            try:
                _Base.load_verify_locations(openssl, cadata=der)
            except ssl.SSLError:
                # Trust settings after the certificate: it has been loaded before they were read.
                continue


def _while_made(options: int, is_server: bool) -> int:
    """The options of a connection whose peer is judged."""
    # Renegotiation (TLS 1.2) could bring another certificate after the verdict.
    options |= ssl.OP_NO_RENEGOTIATION
    return options | _NO_COMPRESSED_CERTIFICATES if is_server else options


def _octets(cadata: Any) -> str | bytes:
    return cadata if isinstance(cadata, str) else bytes(memoryview(cadata))
