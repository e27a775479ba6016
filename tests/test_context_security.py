"""No application byte passes before the verdict, whatever the program and the peer do."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import certpath
import pytest
from support.link import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.authority import Authority

SECRET = b"SECRET " * 100
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def use_file(end: Any, mode: str, use: Callable[[Any], object]) -> object:
    with end.makefile(mode, buffering=0) as file:
        return use(file)


# Every way in which a program can touch the connection, before or instead of `do_handshake`.
SOCKET_USES: dict[str, Callable[[Any], object]] = {
    "do_handshake": lambda end: end.do_handshake(),
    "recv": lambda end: end.recv(1024),
    "recv one": lambda end: end.recv(1),
    "recv_into": lambda end: end.recv_into(bytearray(1024)),
    "read": lambda end: end.read(1024),
    "read into": lambda end: end.read(1024, bytearray(1024)),
    "send": lambda end: end.send(b"password"),
    "sendall": lambda end: end.sendall(b"password"),
    "write": lambda end: end.write(b"password"),
    "sendfile": lambda end: end.sendfile(io.BytesIO(b"password")),
    "makefile read": lambda end: use_file(end, "rb", lambda file: file.readline()),
    "makefile write": lambda end: use_file(end, "wb", lambda file: file.write(b"password")),
    "below the class": lambda end: end._sslobj.read(1024),
    "write below the class": lambda end: end._sslobj.write(b"password"),
}


class Impostor:
    """A server with a chain that must be refused, which sends data in the same flight as its handshake."""

    def __init__(self, authority: Authority, version: ssl.TLSVersion, leaf: str = "untrusted") -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(authority.chain_file(leaf))
        self.context.minimum_version = self.context.maximum_version = version
        self.received = b""
        self.error: BaseException | None = None

    def serve(self, sock: socket.socket) -> None:
        try:
            with self.context.wrap_socket(sock, server_side=True) as connection:
                connection.sendall(SECRET)
                while data := connection.recv(4096):
                    self.received += data
        except OSError as error:
            self.error = error
        finally:
            sock.close()

    @contextlib.contextmanager
    def connection(self) -> Iterator[socket.socket]:
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=self.serve, args=(theirs,))
        thread.start()
        try:
            ours.settimeout(20)
            yield ours
        finally:
            ours.close()
            thread.join()


def client_context(authority: Authority) -> certpath.SSLContext:
    context = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority.root_file)
    return context


class ResumingContext(certpath.SSLContext):
    """A program's own context, which resumes a session wherever it is wrapped."""

    resumed: ssl.SSLSession | None = None
    made: list[ssl.SSLObject]

    def wrap_bio(self, *args: Any, **keywords: Any) -> certpath.SSLObject:
        """As ever, with the session; keep what was made, which a refused connection does not show."""
        keywords["session"] = self.resumed
        end = super().wrap_bio(*args, **keywords)
        self.__dict__.setdefault("made", []).append(end)
        return end


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
class TestManInTheMiddle:
    @pytest.mark.parametrize("use", SOCKET_USES)
    def test_no_use_of_a_socket_moves_data(
        self, authority: Authority, version: ssl.TLSVersion, use: str
    ) -> None:
        """Each use raises the verdict, does so again, and the peer gets nothing."""
        impostor = Impostor(authority, version)
        with impostor.connection() as sock:
            connection = client_context(authority).wrap_socket(
                sock, server_hostname="localhost", do_handshake_on_connect=False
            )
            with connection:
                for _ in range(2):
                    with pytest.raises(certpath.VerificationError) as caught:
                        SOCKET_USES[use](connection)
                    assert caught.value.verify_code == 20
                # No other use after the first one either.
                for again in SOCKET_USES.values():
                    with pytest.raises(certpath.VerificationError):
                        again(connection)
                with pytest.raises(ValueError, match="handshake not done yet"):
                    connection.getpeercert()
                assert connection.session is None
                assert connection.version() is None
        assert impostor.received == b""

    def test_buffers_stay_untouched(self, authority: Authority, version: ssl.TLSVersion) -> None:
        """Not even a buffer that is handed in sees an octet."""
        buffer = bytearray(4096)
        with Impostor(authority, version).connection() as sock:
            connection = client_context(authority).wrap_socket(
                sock, server_hostname="localhost", do_handshake_on_connect=False
            )
            with connection, pytest.raises(certpath.VerificationError):
                connection.recv_into(buffer)
        assert not any(buffer)

    def test_a_socket_made_by_the_user_is_guarded_too(
        self, authority: Authority, version: ssl.TLSVersion
    ) -> None:
        """A class of the program's own, whose methods never call the inherited ones."""

        class Own(ssl.SSLSocket):
            _sslobj: Any

            def do_handshake(self, block: bool = False) -> None:
                """Leave the handshake to the first read."""

            def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002, ARG002 - inherited
                return self._sslobj.read(len)

        context = client_context(authority)
        context.sslsocket_class = Own
        with Impostor(authority, version).connection() as sock:
            connection = context.wrap_socket(sock, server_hostname="localhost")
            with connection:
                assert isinstance(connection, Own)
                with pytest.raises(certpath.VerificationError):
                    connection.read()

    @pytest.mark.parametrize("use", ["do_handshake", "read", "write"])
    def test_no_use_of_a_bio_moves_data(
        self, authority: Authority, version: ssl.TLSVersion, use: str
    ) -> None:
        """The same over memory, with handshake and data delivered at once."""
        impostor = Impostor(authority, version)
        link = Link(client_context(authority), impostor.context)
        actions: dict[str, Callable[[], object]] = {
            "do_handshake": link.client.do_handshake,
            "read": link.client.read,
            "write": lambda: link.client.write(b"password"),
        }
        action = actions[use]
        finished = False
        with pytest.raises(certpath.VerificationError):  # noqa: PT012 - in which turn is for the protocol to say
            for _ in range(6):
                with contextlib.suppress(ssl.SSLWantReadError):
                    action()
                if not finished:
                    with contextlib.suppress(ssl.SSLWantReadError):
                        link.server.do_handshake()
                        link.server.write(SECRET)
                        finished = True
        for again in (link.client.read, lambda: link.client.write(b"password"), link.client.do_handshake):
            with pytest.raises(certpath.VerificationError):
                again()
        # What has left the client since can at most be the end of its own handshake.
        with contextlib.suppress(ssl.SSLError):
            if not finished:
                link.server.do_handshake()
            assert link.server.read() == b""

    def test_asyncio_sees_nothing(self, authority: Authority, version: ssl.TLSVersion) -> None:
        """Neither streams nor protocols are told of a connection."""
        impostor = Impostor(authority, version)

        class Recorder(asyncio.Protocol):
            events: ClassVar[list[str]] = []

            def connection_made(self, _: asyncio.BaseTransport) -> None:
                self.events.append("made")

            def data_received(self, _: bytes) -> None:
                self.events.append("data")

        async def connect(sock: socket.socket) -> None:
            loop = asyncio.get_running_loop()
            with pytest.raises(certpath.VerificationError):
                await loop.create_connection(
                    Recorder, sock=sock, ssl=client_context(authority), server_hostname="localhost"
                )

        with impostor.connection() as sock:
            asyncio.run(connect(sock))
        assert Recorder.events == []
        assert impostor.received == b""

    @pytest.mark.parametrize(
        ("leaf", "verified", "name", "code"),
        [
            ("good", True, "localhost", None),
            ("good", True, "elsewhere.example", 62),
            # The session was made when nothing was verified.
            ("untrusted", False, "localhost", 20),
        ],
    )
    def test_asyncio_sees_nothing_of_a_resumed_session(
        self,
        authority: Authority,
        version: ssl.TLSVersion,
        leaf: str,
        verified: bool,
        name: str,
        code: int | None,
    ) -> None:
        """asyncio has no argument for sessions; programs resume them in a `wrap_bio` of their own."""
        impostor = Impostor(authority, version, leaf)
        context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(authority.root_file)
        if not verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        told: list[bytes] = []

        async def connect(sock: socket.socket, name: str) -> ssl.SSLObject:
            reader, writer = await asyncio.open_connection(sock=sock, ssl=context, server_hostname=name)
            told.append(await reader.readexactly(len(SECRET)))
            end: ssl.SSLObject = writer.get_extra_info("ssl_object")
            # In TLS 1.3 the session has come with the data.
            context.resumed = end.session
            writer.transport.abort()
            return end

        with impostor.connection() as sock:
            asyncio.run(connect(sock, "localhost"))
        assert context.resumed is not None
        context.verify_mode = ssl.CERT_REQUIRED
        context.check_hostname = True
        told.clear()
        impostor.received = b""
        with impostor.connection() as sock:
            if code is None:
                assert asyncio.run(connect(sock, name)).session_reused
                assert told == [SECRET]
                return
            with pytest.raises(certpath.VerificationError) as caught:
                asyncio.run(connect(sock, name))
        assert caught.value.verify_code == code
        assert context.made[-1].session_reused
        assert told == []
        assert impostor.received == b""

    def test_a_resumed_session_is_judged_for_the_name_now_asked_for(
        self, authority: Authority, version: ssl.TLSVersion
    ) -> None:
        """The name of the session's first connection is no passport for another."""
        impostor = Impostor(authority, version, "good")
        context = client_context(authority)
        with impostor.connection() as sock, context.wrap_socket(sock, server_hostname="localhost") as first:
            assert first.recv(7) == SECRET[:7]
            session = first.session
        assert session is not None
        with (
            impostor.connection() as sock,
            context.wrap_socket(sock, server_hostname="localhost", session=session) as second,
        ):
            assert second.recv(7) == SECRET[:7]
            assert second.session_reused
            assert second.get_verified_chain() == []
            assert len(second.get_unverified_chain()) == 2
            session = second.session
        with impostor.connection() as sock:
            third = context.wrap_socket(
                sock, server_hostname="elsewhere.example", session=session, do_handshake_on_connect=False
            )
            with third:
                with pytest.raises(certpath.VerificationError) as caught:
                    third.recv(7)
                assert caught.value.verify_code == 62

    def test_a_resumed_session_over_memory_is_judged(
        self, authority: Authority, version: ssl.TLSVersion
    ) -> None:
        """The same for `wrap_bio`, and so for asyncio: one name is refused, the other connects."""
        server = Impostor(authority, version, "good").context
        context = client_context(authority)
        first = Link(context, server)
        assert first.shake()[0].outcome == "ok"
        for name, code in (("localhost", None), ("elsewhere.example", 62)):
            link = Link(context, server, name, session=first.client.session)
            error = link.shake()[0].error
            assert link.client.session_reused
            assert getattr(error, "verify_code", None) == code

    def test_a_session_made_unverified_is_judged(self, authority: Authority, version: ssl.TLSVersion) -> None:
        """A session from a connection without verification opens nothing once verification is on."""
        impostor = Impostor(authority, version)
        context = client_context(authority)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with impostor.connection() as sock, context.wrap_socket(sock, server_hostname="localhost") as first:
            assert first.recv(7) == SECRET[:7]
            session = first.session
        context.verify_mode = ssl.CERT_REQUIRED
        with impostor.connection() as sock:
            second = context.wrap_socket(
                sock, server_hostname="localhost", session=session, do_handshake_on_connect=False
            )
            with second, pytest.raises(certpath.VerificationError):
                second.recv(7)

    def test_a_forgotten_chain_is_not_assumed(self, authority: Authority, version: ssl.TLSVersion) -> None:
        """Without what the original handshake presented, the resumed one has only the leaf, and fails."""
        impostor = Impostor(authority, version, "good")
        context = client_context(authority)
        with impostor.connection() as sock, context.wrap_socket(sock, server_hostname="localhost") as first:
            first.recv(7)
            session = first.session
        context._intermediates.forget()
        with impostor.connection() as sock:
            second = context.wrap_socket(
                sock, server_hostname="localhost", session=session, do_handshake_on_connect=False
            )
            with second:
                try:
                    second.recv(7)
                except certpath.VerificationError as error:
                    assert error.verify_code == 20  # noqa: PT017 - newer Pythons need not raise it
                else:
                    # Later releases of Python copy sessions with the chain of the original handshake in them.
                    assert second.session_reused
                    assert len(second._sslobj._raw.get_unverified_chain()) == 2


class TestWhateverElseGoesWrong:
    def test_a_refused_connection_ends_for_the_peer(self, authority: Authority) -> None:
        """Even if the program keeps the socket: the peer is not left waiting."""
        impostor = Impostor(authority, ssl.TLSVersion.TLSv1_2)
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=impostor.serve, args=(theirs,))
        thread.start()
        connection = client_context(authority).wrap_socket(
            ours, server_hostname="localhost", do_handshake_on_connect=False
        )
        with connection:
            with pytest.raises(certpath.VerificationError):
                connection.do_handshake()
            thread.join(20)
            assert not thread.is_alive()

    @pytest.mark.parametrize("into", [False, True], ids=["read", "read into"])
    def test_certificates_after_the_handshake_are_judged_here_too(
        self, authority: Authority, monkeypatch: pytest.MonkeyPatch, into: bool
    ) -> None:
        """What OpenSSL accepts in post-handshake authentication still needs our own verdict."""
        context = certpath.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.chain_file("good"))
        context.load_verify_locations(authority.root_file)
        context.verify_mode = ssl.CERT_REQUIRED
        context.post_handshake_auth = True
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(authority.root_file)
        client.load_cert_chain(authority.chain_file("client"))
        client.post_handshake_auth = True
        link = Link(client, context)
        assert link.shake()[1].outcome == "ok"
        refusal = (
            certpath.SSLContext(ssl.PROTOCOL_TLS_SERVER).verifier().check(authority.leaves["client"].der)
        )
        monkeypatch.setattr(certpath.SSLContext, "_judge", lambda *_: refusal)
        link.client.write(b"before")
        link.server.verify_client_post_handshake()
        assert link.server.read() == b"before"
        link.server.write(b"asked")
        assert link.client.read() == b"asked"
        link.client.write(SECRET)
        buffer = bytearray(1024)
        with pytest.raises(certpath.VerificationError):
            link.server.read(1024, buffer if into else None)
        assert not any(buffer)
        with pytest.raises(certpath.VerificationError):
            link.server.read()

    def test_an_exception_instead_of_a_verdict_refuses(
        self, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An interrupt, say, in the very moment of judgement leaves no open connection behind."""

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        with Impostor(authority, ssl.TLSVersion.TLSv1_3, "good").connection() as sock:
            context = client_context(authority)
            connection = context.wrap_socket(sock, server_hostname="localhost", do_handshake_on_connect=False)
            with connection:
                with monkeypatch.context() as patch:
                    patch.setattr(certpath.SSLContext, "_judge", interrupted)
                    with pytest.raises(KeyboardInterrupt):
                        connection.do_handshake()
                with pytest.raises(certpath.VerificationError):
                    connection.recv(10)

    def test_anonymous_servers_are_refused(self) -> None:
        """No certificate is not an identity: OpenSSL would let cipher suites without one pass."""
        client, server = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        for context in (client, server):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers("ADH:AECDH:@SECLEVEL=0")
        seen, _ = Link(client, server).shake()
        assert isinstance(seen.error, certpath.VerificationError)
        assert seen.error.verdict is not None
        assert seen.error.verdict.status == "no_certificate"

    @pytest.mark.skipif(
        not hasattr(ssl.SSLContext, "set_psk_client_callback"), reason="pre-shared keys came with Python 3.13"
    )
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_servers_with_a_shared_key_need_no_certificate(
        self, authority: Authority, version: ssl.TLSVersion
    ) -> None:
        """As with `ssl`: whoever has given a key for it; the wrong key, or none, lets nobody in."""

        def linked(client_key: bytes | None, server_key: bytes | None, ciphers: str = "PSK") -> Link:
            client: Any = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            server: Any = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            client.load_verify_locations(authority.root_file)
            client.check_hostname = False
            for context, key in ((client, client_key), (server, server_key)):
                context.minimum_version = context.maximum_version = version
                context.set_ciphers(ciphers)
                if key is not None and context is client:
                    context.set_psk_client_callback(lambda _, key=key: ("somebody", key))
                elif key is not None:
                    context.set_psk_server_callback(lambda _, key=key: key)
            return Link(client, server)

        good = linked(b"key", b"key")
        client, server = good.shake()
        assert (client.outcome, server.outcome) == ("ok", "ok")
        assert client.peer_certificate is None
        good.server.write(b"hello")
        assert good.client.read() == b"hello"
        assert linked(b"key", b"another").shake()[0].outcome == "failed"
        assert linked(None, b"key").shake()[0].outcome != "ok"
        if version == ssl.TLSVersion.TLSv1_2:
            # A callback alone does not make an anonymous server anybody.
            anonymous = linked(b"key", None, "aNULL:@SECLEVEL=0")
            assert isinstance(anonymous.shake()[0].error, certpath.VerificationError)

    def test_the_ban_of_renegotiation_does_not_show(self, authority: Authority) -> None:
        """It is for connections whose peers are verified: `options` has what the program has set.

        That nobody renegotiates stands in test_context_bypass.py.
        """
        context = client_context(authority)
        for _ in range(2):
            assert ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).options == context.options
            assert not context.options & ssl.OP_NO_RENEGOTIATION
            Link(context, Impostor(authority, ssl.TLSVersion.TLSv1_2).context).shake()
        context.options |= ssl.OP_NO_RENEGOTIATION
        Link(context, Impostor(authority, ssl.TLSVersion.TLSv1_2).context).shake()
        assert context.options & ssl.OP_NO_RENEGOTIATION

    def test_a_plain_context_cannot_be_slipped_in(self, authority: Authority) -> None:
        """A connection that is to be verified takes no context whose anchors nobody knows."""
        link = Link(client_context(authority), Impostor(authority, ssl.TLSVersion.TLSv1_3).context)
        with pytest.raises(TypeError, match=r"certpath\.SSLContext"):
            link.client.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
