"""The one chain that `explain` and `graph` are about: out of a file, or what a live host presents.

Of a live host there is what this Python's `ssl` says of it, too. Nothing else connects to anywhere.

The first connection takes the chain and refuses nothing, the second one is judged by `ssl`. No application
data passes on either. What a server says before TLS is bounded in length and time, and shown to nobody
unescaped.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from certpath._sockets import SSLSocket
from certpath.cli.inputs import Unjudged, read_chains
from certpath.cli.options import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from certpath import Verifier
    from certpath.cli.options import LiveOptions, Options
    from certpath.cli.values import Address

__all__ = ["Peer", "SslVerdict", "presented_chain"]

_LONGEST_DIALOGUE = 64 << 10
_CLIENT = b"certpath.invalid"


@dataclass(frozen=True)
class SslVerdict:
    """What this Python's `ssl` says of the same host."""

    ok: bool
    told: str
    verify_code: int | None
    library: str


@dataclass(frozen=True)
class Peer:
    """What a live host has presented."""

    address: Address
    protocol: str
    cipher: str
    server_name: str
    chain: tuple[bytes, ...]
    ssl: SslVerdict

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; certificates as PEM."""
        return {
            "address": str(self.address),
            "protocol": self.protocol,
            "cipher": self.cipher,
            "server_name": self.server_name,
            "chain": [ssl.DER_cert_to_PEM_cert(der) for der in self.chain],
            "ssl": asdict(self.ssl),
        }


class _RefusedError(OSError):
    """The server does not do what was asked of it before TLS."""


class _Dialogue:
    """What is said before TLS, within a time and a length."""

    def __init__(self, sock: socket.socket, deadline: float, server_name: str) -> None:
        self._sock = sock
        self._deadline = deadline
        self._left = _LONGEST_DIALOGUE
        self.server_name = server_name

    def send(self, data: bytes) -> None:
        """Say `data`."""
        self._sock.settimeout(_remaining(self._deadline))
        self._sock.sendall(data)

    def octets(self, count: int) -> bytes:
        """Just so many octets: what comes after them may be TLS already."""
        data = b""
        while len(data) < count:
            if self._left <= 0:
                raise _RefusedError(f"says more than {_LONGEST_DIALOGUE} octets before TLS")
            self._sock.settimeout(_remaining(self._deadline))
            one = self._sock.recv(1)
            if not one:
                raise _RefusedError("has closed the connection before TLS")
            self._left -= 1
            data += one
        return data

    def until(self, *ends: bytes) -> bytes:
        """Everything up to and with one of `ends`."""
        data = bytearray()
        while not data.endswith(ends):
            data += self.octets(1)
        return bytes(data)

    def line(self) -> bytes:
        """The next line, without its end."""
        return self.until(b"\n").rstrip(b"\r\n")

    def reply(self, *wanted: bytes) -> None:
        """A reply of numbered lines, the last of which has no hyphen behind its number (RFC 5321 4.2.1)."""
        while (line := self.line())[3:4] == b"-":
            pass
        self.expect(line, *wanted)

    def expect(self, line: bytes, *wanted: bytes) -> None:
        """`line` begins with one of the words that are `wanted`."""
        if not line.upper().startswith(wanted):
            raise _RefusedError(f"answers {line[:80]!r} in place of {' or '.join(map(repr, wanted))}")


def _smtp(peer: _Dialogue, hello: bytes = b"EHLO") -> None:
    """RFC 3207."""
    peer.reply(b"220")
    peer.send(hello + b" " + _CLIENT + b"\r\n")
    peer.reply(b"250")
    peer.send(b"STARTTLS\r\n")
    peer.reply(b"220")


def _lmtp(peer: _Dialogue) -> None:
    """RFC 2033 with RFC 3207."""
    _smtp(peer, b"LHLO")


def _imap(peer: _Dialogue) -> None:
    """RFC 9051, 6.2.1."""
    peer.expect(peer.line(), b"* OK")
    peer.send(b"a1 STARTTLS\r\n")
    while (line := peer.line()).startswith(b"* "):
        pass
    peer.expect(line, b"A1 OK")


def _pop3(peer: _Dialogue) -> None:
    """RFC 2595, 4."""
    peer.expect(peer.line(), b"+OK")
    peer.send(b"STLS\r\n")
    peer.expect(peer.line(), b"+OK")


def _ftp(peer: _Dialogue) -> None:
    """RFC 4217, 4."""
    peer.reply(b"220")
    peer.send(b"AUTH TLS\r\n")
    peer.reply(b"234")


def _nntp(peer: _Dialogue) -> None:
    """RFC 4642, 2.2."""
    peer.expect(peer.line(), b"200", b"201")
    peer.send(b"STARTTLS\r\n")
    peer.expect(peer.line(), b"382")


def _sieve(peer: _Dialogue) -> None:
    """RFC 5804, 2.2."""
    while (line := peer.line()).startswith(b'"'):
        pass
    peer.expect(line, b"OK")
    peer.send(b"STARTTLS\r\n")
    peer.expect(peer.line(), b"OK")


def _xmpp(peer: _Dialogue) -> None:
    """RFC 6120, 5.4."""
    peer.send(
        b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
        b"xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to="
        + quoteattr(peer.server_name).encode()
        + b">"
    )
    peer.until(b"</stream:features>")
    peer.send(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    answer = peer.until(b">")
    peer.expect(answer.lstrip().upper(), b"<PROCEED")


def _ldap(peer: _Dialogue) -> None:
    """RFC 4511, 4.14: an extended request, and its answer with the result success."""
    request = b"\x80\x161.3.6.1.4.1.1466.20037"
    operation = b"\x02\x01\x01" + b"\x77" + bytes([len(request)]) + request
    peer.send(b"\x30" + bytes([len(operation)]) + operation)
    tag, length = peer.octets(2)
    if length & 0x80:
        length = int.from_bytes(peer.octets(length & 0x7F), "big")
    answer = peer.octets(min(length, _LONGEST_DIALOGUE))
    # The message's number, then the answer's tag and length, which may be in the long form.
    if tag != 0x30 or answer[3:4] != b"\x78" or b"\x0a\x01\x00" not in answer[4:14]:
        raise _RefusedError("answers no success to the request for TLS")


def _postgres(peer: _Dialogue) -> None:
    """PostgreSQL's SSLRequest."""
    peer.send(b"\x00\x00\x00\x08\x04\xd2\x16\x2f")
    peer.expect(peer.octets(1), b"S")


_STARTTLS: dict[str, Callable[[_Dialogue], None]] = {
    "smtp": _smtp,
    "lmtp": _lmtp,
    "imap": _imap,
    "pop3": _pop3,
    "ftp": _ftp,
    "nntp": _nntp,
    "sieve": _sieve,
    "xmpp": _xmpp,
    "ldap": _ldap,
    "postgres": _postgres,
}


def presented_chain(options: Options, verifier: Verifier) -> tuple[list[bytes], Peer | None]:
    """The chain that `options` name, and the live host that has presented it, if one has.

    Raises `UsageError` if it cannot be had: a file that cannot be read, a host that does not answer.
    """
    if options.live is None:
        return _chain_of_file(options.files[0]), None
    address = options.live.address
    try:
        peer = _ask(options.live, options.name, verifier)
    except (OSError, ValueError) as error:  # ValueError: a name that no resolver is asked for
        raise UsageError(f"{address}: {getattr(error, 'strerror', None) or error}") from None
    if not peer.chain:
        raise UsageError(f"{address}: sent no certificate")
    return list(peer.chain), peer


def _chain_of_file(file: str) -> list[bytes]:
    """The chain in `file`. Raises `UsageError` if there is not exactly one."""
    presented = list(read_chains([file]))
    if len(presented) > 1:
        raise UsageError(f"{file} is a folder with {len(presented)} chains, and this is about one at a time")
    chain = presented[0].chain
    if isinstance(chain, Unjudged):
        is_missing = file != "-" and not os.path.lexists(file)
        hint = "; a live host has a port: HOST:PORT" if is_missing else ""
        raise UsageError(f"{file}: {chain.complaint}{hint}")
    return chain


def _ask(live: LiveOptions, name: str | None, verifier: Verifier) -> Peer:
    """What the host presents when asked for `live.sni`, or else for `name`. `OSError` without a handshake."""
    address, starttls, timeout = live.address, live.starttls, live.timeout
    is_host = name and "@" not in name and "://" not in name
    server_name = live.sni or (name if name and is_host else address.host)
    open_minded = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    open_minded.check_hostname = False
    open_minded.verify_mode = ssl.CERT_NONE  # what is presented is judged afterwards
    # Whoever asks why an old server fails wants to see what it has.
    open_minded.set_ciphers("DEFAULT:@SECLEVEL=0")
    open_minded.sslsocket_class = SSLSocket  # has the chain on every Python
    with _connected(address, starttls, server_name, timeout, open_minded) as sock:
        protocol, cipher = sock.version() or "TLS", (sock.cipher() or ("", "", 0))[0]
        chain = sock.get_unverified_chain() if isinstance(sock, SSLSocket) else []
    return Peer(
        address=address,
        protocol=protocol,
        cipher=cipher,
        server_name=server_name,
        chain=tuple(chain),
        ssl=_judged_by_ssl(address, starttls, server_name, timeout, verifier),
    )


def _connected(
    address: Address, starttls: str | None, server_name: str, timeout: float, context: ssl.SSLContext
) -> ssl.SSLSocket:
    """A connection with a finished handshake."""
    deadline = time.monotonic() + timeout
    sock = socket.create_connection(address, timeout)
    try:
        if starttls is not None:
            _STARTTLS[starttls](_Dialogue(sock, deadline, server_name))
        sock.settimeout(_remaining(deadline))
        return context.wrap_socket(sock, server_hostname=server_name)
    except BaseException:
        sock.close()
        raise


def _remaining(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _judged_by_ssl(
    address: Address, starttls: str | None, server_name: str, timeout: float, verifier: Verifier
) -> SslVerdict:
    """The verdict of `ssl` with the same roots, and with the policy's flags if they are those of `ssl`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        roots = {certificate.sha256: certificate.der for store in verifier.stores for certificate in store}
        context.load_verify_locations(cadata=b"".join(roots.values()))
        is_ssls = verifier.policy.preset == "ssl"
        flags = verifier.policy.flags if is_ssls else ssl.create_default_context().verify_flags
        # Lists are handed to the verifier, and not to this context.
        context.verify_flags = ssl.VerifyFlags(flags & ~ssl.VERIFY_CRL_CHECK_CHAIN)
        with _connected(address, starttls, server_name, timeout, context):
            return SslVerdict(
                ok=True, told=f"ok for {server_name}", verify_code=0, library=ssl.OPENSSL_VERSION
            )
    except ssl.SSLCertVerificationError as error:
        told = f"{error.verify_message} (code {error.verify_code})"
        return SslVerdict(ok=False, told=told, verify_code=error.verify_code, library=ssl.OPENSSL_VERSION)
    except (OSError, ValueError) as error:
        told = str(getattr(error, "strerror", None) or error)
        return SslVerdict(ok=False, told=told, verify_code=None, library=ssl.OPENSSL_VERSION)
