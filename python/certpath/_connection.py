"""The guard in front of a TLS connection: no application byte before the verdict.

`ssl.SSLSocket` and `ssl.SSLObject`, and whatever a program derives from them, reach OpenSSL through one
object, the `_ssl._SSLSocket` that their context makes for them. Here that object is kept behind another
that offers the same methods and settles the verdict before any of them may move application data. So
there is one place to pass, whichever class, transport or event loop stands in front of it.
"""

from __future__ import annotations

import _socket
import _ssl
import collections
import contextlib
import functools
import socket
import ssl
from ssl import CERT_NONE, CERT_REQUIRED, SSLCertVerificationError
from typing import TYPE_CHECKING, Any, NamedTuple

from certpath._certpath import Certificate
from certpath._client_certificates import certificates, expect_from
from certpath._errors import VerificationError
from certpath._lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from certpath._certpath import Verdict
    from certpath._context import SSLContext

# How many peers' intermediate certificates are kept.
_MOST_REMEMBERED = 1024

# What tells about a connection and moves no application data.
_HARMLESS = frozenset(
    {
        "cipher",
        "compression",
        "get_channel_binding",
        "group",
        "owner",
        "pending",
        "selected_alpn_protocol",
        "selected_npn_protocol",
        "server_hostname",
        "server_side",
        "session_reused",
        "shared_ciphers",
        "shutdown",
        "uniq_id",
        "version",
    }
)


class Settings(NamedTuple):
    """What a connection is judged by, taken from its context all at once when the connection is made."""

    verify_mode: ssl.VerifyMode
    flags: int
    security_level: int
    hostname_checks_common_name: bool
    checks_name: bool
    server_side: bool
    post_handshake_auth: bool
    shares_keys: bool


UNVERIFIED = Settings(
    verify_mode=CERT_NONE,
    flags=0,
    security_level=0,
    hostname_checks_common_name=True,
    checks_name=False,
    server_side=False,
    post_handshake_auth=False,
    shares_keys=False,
)
"""For connections whose peers are not judged at all."""


class Intermediates:
    """What came with the certificates of the last peers, for sessions that are resumed later."""

    __slots__ = ("_known", "_lock")

    def __init__(self) -> None:
        self._known: collections.OrderedDict[bytes, tuple[bytes, ...]] = collections.OrderedDict()
        self._lock = Lock()

    def remember(self, leaf: bytes, intermediates: tuple[bytes, ...]) -> None:
        """Keep what came with a certificate."""
        with self._lock:
            self._known[leaf] = intermediates
            self._known.move_to_end(leaf)
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)

    def recall(self, leaf: bytes) -> tuple[bytes, ...]:
        """What came with it, unless that is forgotten."""
        return self._known.get(leaf, ())

    def forget(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._known.clear()


class Judge(NamedTuple):
    """What a connection asks of its context, which hands it out as ``__certpath_judge__``."""

    intermediates: Intermediates
    """What came with the certificates of its last peers."""
    verdict_on: Callable[[Settings, list[bytes], bytes | None], Verdict]
    """The verdict on a chain, for a name, by the connection's settings and what the context trusts now."""
    watch_certificates: Callable[[], None]
    """Has OpenSSL show what clients send."""


class ChainCertificate:
    """A certificate of a chain, as the private ``_ssl.Certificate`` shows it."""

    __slots__ = ("_certificate",)

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate

    def public_bytes(self, encoding: int = _ssl.ENCODING_PEM) -> bytes | str:
        """DER as bytes, or PEM as text."""
        if encoding == _ssl.ENCODING_DER:
            return self._certificate.der
        if encoding == _ssl.ENCODING_PEM:
            return self._certificate.pem
        raise ValueError("Unsupported format")

    def get_info(self) -> dict[str, Any]:
        """The dictionary of ``getpeercert()``."""
        return self._certificate.getpeercert()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ChainCertificate):
            return NotImplemented
        return self._certificate == other._certificate

    def __hash__(self) -> int:
        return hash(self._certificate)

    def __repr__(self) -> str:
        return f"<certpath.ChainCertificate '{self._certificate.subject}'>"


class GuardedConnection:
    """An `_ssl._SSLSocket` that carries application data only after the peer has been accepted."""

    _verdict: Verdict | None = None
    _refusal: VerificationError | None = None
    _accepted = False
    _judged_leaf: bytes | None = None
    _may_ask_again = False
    # A client's Certificate message, and the protocol version that it was sent in.
    _noted: tuple[bytes, int] | None = None

    def __init__(self, raw: Any, context: SSLContext, settings: Settings) -> None:
        self._raw = raw
        self._context = context
        # Sessions belong to the context that made the connection, not to one that the SNI callback names. It
        # is not kept alive for that.
        self._intermediates = context.__certpath_judge__.intermediates
        self._settings = settings
        # The name that it was made for: OpenSSL keeps no other.
        name = raw.server_hostname if settings.checks_name else None
        self._name = None if name is None else name.encode("ascii")
        self._settling = Lock()
        if settings.server_side:
            expect_from(self)

    # Before the verdict these are methods; afterwards, where nothing is left to be judged, the
    # instance has OpenSSL's own under the same names.

    def do_handshake(self) -> None:
        """Complete the handshake, then judge the peer."""
        # One thread at a time: OpenSSL does not stand two in one handshake.
        with self._settling:
            if self._refusal is not None:
                self._raise_refusal()
            try:
                self._raw.do_handshake()
            except SSLCertVerificationError as error:
                raise self._refused_by_openssl(error) from None
            self._settle()

    def read(self, *args: Any) -> Any:
        """Read application data; before the verdict there is not any."""
        self._ensure_accepted()
        try:
            try:
                data = self._raw.read(*args)
            finally:
                # Also where there was nothing to read: a client's answer may come alone.
                if self._may_ask_again:
                    self._settle_again()
        except SSLCertVerificationError as error:
            # Octets that came with a certificate that was refused are nobody's business.
            if len(args) > 1:
                with memoryview(args[1]) as view, view.cast("B") as octets:
                    octets[:] = bytes(len(octets))
            if isinstance(error, VerificationError):
                raise
            raise self._refused_by_openssl(error) from None
        return data

    def write(self, data: Any) -> int:
        """Write application data, after the verdict."""
        self._ensure_accepted()
        try:
            if self._may_ask_again and not self._is_at_rest():
                # OpenSSL would end the handshake within the write, and send the data before the verdict.
                self._raw.do_handshake()
                self._settle_again()
            written: int = self._raw.write(data)
        except VerificationError:
            raise
        except SSLCertVerificationError as error:
            raise self._refused_by_openssl(error) from None
        return written

    def shutdown(self) -> Any:
        """Close the TLS layer; OpenSSL refuses that during a handshake."""
        self._raise_refusal()
        return self._raw.shutdown()

    def verify_client_post_handshake(self) -> None:
        """Ask the client for a certificate; whatever is read from now on may bring one."""
        self._ensure_accepted()
        self._may_ask_again = True
        # From here on every read has to look whether the client has answered.
        self.__dict__.pop("read", None)
        self.__dict__.pop("write", None)
        self._raw.verify_client_post_handshake()

    def getpeercert(self, der: bool = False, /) -> dict[str, Any] | bytes | None:
        """The peer's certificate: nothing is shown of a peer that was refused."""
        self._settle_late_answer()
        leaf: bytes | None = self._raw.getpeercert(True)
        if not self._accepted:
            raise ValueError("handshake not done yet")
        if leaf is None or der:
            return leaf
        # The stdlib asks the context alone, of which a setting may have changed since the handshake.
        if CERT_NONE in {self._settings.verify_mode, self._context.verify_mode}:
            return {}
        return Certificate(leaf).getpeercert()

    def get_verified_chain(self) -> list[ChainCertificate] | None:
        """The path from the peer's certificate to the trust anchor; as with `ssl` none after a resumption."""
        self._settle_late_answer()
        if not self._accepted:
            return None
        if self._raw.session_reused:
            return []
        if self._verdict is None:
            return self.get_unverified_chain()
        return [ChainCertificate(certificate) for certificate in self._verdict.path]

    def get_unverified_chain(self) -> list[ChainCertificate] | None:
        """What the peer has sent; for a resumed session, in the original handshake."""
        self._settle_late_answer()
        if not self._accepted:
            return None
        leaf = self._raw.getpeercert(True)
        chain = self._sent(leaf) or self._presented(leaf)
        return [ChainCertificate(Certificate(der)) for der in chain] or None

    def version(self) -> str | None:
        """The protocol's name, or None while there is no usable connection."""
        if self._refusal is not None:
            return None
        version: str | None = self._raw.version()
        return version

    @property
    def context(self) -> SSLContext:
        """The context, which the SNI callback may replace."""
        return self._context

    @context.setter
    def context(self, value: Any) -> None:
        judged = self._settings.verify_mode != CERT_NONE
        is_plain = isinstance(value, _ssl._SSLContext) and not hasattr(value, "__certpath_judge__")  # noqa: SLF001 - of any kind
        if judged and is_plain:
            # Only OpenSSL knows what it trusts.
            raise TypeError("a connection that is to be verified takes a certpath.SSLContext only")
        if judged and self._settings.server_side:
            # Before: OpenSSL takes the message callback along.
            value.__certpath_judge__.watch_certificates()
        self._raw.context = value
        self._context = value
        # SSL_set_SSL_CTX takes the security level along, and leaves flags and verify mode as they were.
        self._settings = self._settings._replace(security_level=value.security_level)

    @property
    def session(self) -> Any:
        """The session; that of a refused connection is not handed out."""
        if self._refusal is not None:
            return None
        if self._accepted:
            # Whoever resumes it is judged by what came in this handshake.
            leaf = self._raw.getpeercert(True)
            self._remember(self._presented(leaf))
        return self._raw.session

    @session.setter
    def session(self, value: Any) -> None:
        self._raw.session = value

    @property
    def owner(self) -> Any:
        """The socket or object that the connection belongs to."""
        return self._raw.owner

    @owner.setter
    def owner(self, value: Any) -> None:
        self._raw.owner = value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self._raw, name)
        if name in _HARMLESS or not callable(value):
            return value
        # Unknown methods of a newer Python might move data.
        return functools.partial(self._after_acceptance, value)

    def _after_acceptance(self, method: Any, /, *args: Any, **keywords: Any) -> Any:
        self._ensure_accepted()
        return method(*args, **keywords)

    def _ensure_accepted(self) -> None:
        if self._refusal is not None or not self._accepted:
            self.do_handshake()
        self._settle_late_answer()

    def _settle_late_answer(self) -> None:
        """Judge a certificate that has come since, on its own or with what a read could not use."""
        if self._may_ask_again and self._accepted:
            self._settle_again()

    def _settle(self) -> None:
        """The verdict, once per handshake. Whatever prevents it leaves the connection refused."""
        if self._accepted:
            return
        self._judge_or_refuse()
        self._accepted = True
        self._noted = None
        if not (self._settings.server_side and self._settings.post_handshake_auth):
            # Nothing can change the peer's certificate any more: renegotiation is off.
            raw, own = self._raw, self.__dict__
            own["read"], own["write"] = raw.read, raw.write

    def _settle_again(self) -> None:
        """The verdict on a certificate that came after the handshake."""
        with self._settling:
            self._raise_refusal()
            # Until the answer is complete, what has been read came before it.
            if self._is_at_rest() and self._raw.getpeercert(True) != self._judged_leaf:
                self._judge_or_refuse()

    def _is_at_rest(self) -> bool:
        """Whether OpenSSL is in no handshake: the first is done, and none goes on after it."""
        try:
            self._raw.getpeercert(True)
        except ValueError:
            return False
        return True

    def _judge_or_refuse(self) -> None:
        try:
            self._judge()
        except BaseException as error:
            self._refuse(error)
            raise

    def _judge(self) -> None:
        settings = self._settings
        if settings.verify_mode == CERT_NONE:
            return
        leaf = self._raw.getpeercert(True)
        self._judged_leaf = leaf
        if leaf is None and settings.shares_keys and self._has_shared_key():
            # The peer has proved to have the key that the program has for it; `ssl` asks no more either.
            return
        if leaf is None and settings.server_side:
            # OpenSSL has seen to it in a full handshake, but a session may be older than the requirement.
            # In TLS 1.3 a client may still be asked later.
            is_asked_later = settings.post_handshake_auth and self._raw.version() == "TLSv1.3"
            if settings.verify_mode == CERT_REQUIRED and not is_asked_later:
                raise VerificationError.without_certificate()
            return
        presented = self._presented(leaf)
        if settings.server_side:
            # A client's session is resumed without a word to us.
            self._remember(presented)
        verdict = self._context.__certpath_judge__.verdict_on(settings, presented, self._name)
        if not verdict:
            raise VerificationError.from_verdict(verdict)
        self._verdict = verdict

    def _has_shared_key(self) -> bool:
        """Whether a client's connection was made with a pre-shared key (RFC 4279; RFC 8446, 2.2)."""
        name, version, _ = self._raw.cipher() or ("", None, 0)
        if version == "TLSv1.3":
            # A server without a certificate of now or then has nothing else.
            return bool(self._raw.session_reused)
        return name.startswith(("PSK-", "DHE-PSK-", "ECDHE-PSK-"))

    def _presented(self, leaf: bytes | None) -> list[bytes]:
        """The peer's chain, its own certificate first."""
        raw, sent = self._raw, self._sent(leaf)
        if leaf is None:
            return []
        if sent in ([], [leaf]) and raw.session_reused:
            # Serialized, as in tickets and by older Pythons, a session has the peer's own certificate only.
            return [leaf, *self._intermediates.recall(leaf)]
        # The certificate whose key has signed the handshake comes first, whatever the list says.
        return sent if sent and sent[0] == leaf else [leaf, *sent]

    def _sent(self, leaf: bytes | None) -> list[bytes]:
        """What OpenSSL still has of what the peer has sent."""
        if leaf is None:
            return []
        return [
            certificate.public_bytes(_ssl.ENCODING_DER)
            for certificate in self._raw.get_unverified_chain() or ()
            if certificate is not None
        ]

    def _remember(self, presented: list[bytes]) -> None:
        if len(presented) > 1:
            leaf, *others = presented
            self._intermediates.remember(leaf, tuple(others))

    def note_certificates(self, message: bytes, version: int) -> None:
        """Keep a client's Certificate message: if OpenSSL refuses it, there is no other way to the chain."""
        if self._settings.server_side:
            self._noted = message, version

    def _refused_by_openssl(self, error: SSLCertVerificationError) -> VerificationError:
        """OpenSSL's refusal inside the handshake, with our verdict on the chain that it was about."""
        refused = VerificationError.from_openssl(error)
        chain = certificates(*self._noted) if self._noted is not None else []
        if chain:
            verdict = self._context.__certpath_judge__.verdict_on(self._settings, chain, self._name)
            # What has been loaded in between may mend the chain; that is not a verdict on this refusal.
            if not verdict:
                refused.explain_by(verdict)
        # OpenSSL has sent its alert; whatever is tried from now on hears the same.
        self._forbid(refused)
        return refused

    def _refuse(self, error: BaseException) -> None:
        # Whatever kept the verdict from being given, an interrupt say, refuses as well.
        self._forbid(error if isinstance(error, VerificationError) else VerificationError.without_verdict())
        owner = self._raw.owner
        if isinstance(owner, _socket.socket):
            # The peer has finished its handshake; there is no alert left to send but the end. Not the
            # owner's own method, nor that of a class that has taken `socket.socket`'s place (gevent): that
            # would drop this guard, and show the program ciphertext.
            with contextlib.suppress(OSError):
                _socket.socket.shutdown(owner, socket.SHUT_RDWR)

    def _forbid(self, refused: VerificationError) -> None:
        """Let nothing pass from now on."""
        self._refusal = refused.copy()
        self._accepted = False
        self.__dict__.pop("read", None)
        self.__dict__.pop("write", None)

    def _raise_refusal(self) -> None:
        if self._refusal is not None:
            # A new one each time: a traceback would keep the program's frames alive.
            raise self._refusal.copy()
