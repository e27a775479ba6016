"""What goes past the classes of certpath, or comes after a verdict, changes nothing about the judgement."""

from __future__ import annotations

import contextlib
import copy
import os
import pickle
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath._lock import Lock
from OpenSSL import SSL
from support.link import Link, describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.authority import Authority

BASE: Any = ssl.SSLContext.__mro__[1]
SECRET = b"FROM THE OTHER CERTIFICATE"
_PAST_THE_CLASS: Any = super(certpath.SSLContext, certpath.SSLContext)


class GreenContext(certpath.SSLContext):
    """Sets what it sets past the class that it derives from, as gevent and eventlet do."""

    @property
    def options(self) -> ssl.Options:
        return super().options

    @options.setter
    def options(self, value: int) -> None:
        _PAST_THE_CLASS.options.__set__(self, value)

    @property
    def verify_mode(self) -> ssl.VerifyMode:
        return super().verify_mode

    @verify_mode.setter
    def verify_mode(self, value: int) -> None:
        _PAST_THE_CLASS.verify_mode.__set__(self, value)


def through_own_class(context: Any, name: str, value: Any) -> None:
    setattr(context, name, value)


def through_ssl(context: Any, name: str, value: Any) -> None:
    vars(ssl.SSLContext).get(name, vars(BASE)[name]).__set__(context, value)


def through_openssl(context: Any, name: str, value: Any) -> None:
    vars(BASE)[name].__set__(context, value)


SETTERS = [through_own_class, through_ssl, through_openssl]


def client_for(authority: Authority, kind: type[ssl.SSLContext] = certpath.SSLContext) -> ssl.SSLContext:
    context = kind(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority.root_file)
    return context


def server_for(
    authority: Authority, leaf: str = "good", kind: type[ssl.SSLContext] = ssl.SSLContext
) -> ssl.SSLContext:
    context = kind(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.chain_file(leaf))
    if kind is certpath.SSLContext:
        context.load_verify_locations(authority.root_file)
    return context


def code(client: ssl.SSLContext, server: ssl.SSLContext, name: str | None = "localhost") -> int:
    """The code of the client's refusal, 0 for none."""
    error = Link(client, server, name).shake()[0].error
    return 0 if error is None else getattr(error, "verify_code", -1)


class TestSettersPastTheClass:
    """OpenSSL's bits and what we go by are the same, whoever sets them."""

    @pytest.mark.parametrize("kind", [certpath.SSLContext, GreenContext])
    @pytest.mark.parametrize("put", SETTERS)
    def test_verify_mode_counts(
        self, authority: Authority, put: Callable[..., None], kind: type[ssl.SSLContext]
    ) -> None:
        """CERT_NONE switches off and CERT_REQUIRED switches on, and both read back; good chains stay good."""
        client, good, expired = (
            client_for(authority, kind),
            server_for(authority),
            server_for(authority, "expired"),
        )
        put(client, "verify_mode", ssl.CERT_REQUIRED)
        assert (code(client, good), code(client, expired)) == (0, 10)
        client.check_hostname = False
        for mode, verdict in ((ssl.CERT_NONE, 0), (ssl.CERT_REQUIRED, 10)):
            put(client, "verify_mode", mode)
            assert client.verify_mode == mode
            assert code(client, expired) == verdict
        assert (code(client, good), code(client, expired)) == (0, 10)

    @pytest.mark.parametrize("put", SETTERS)
    def test_check_hostname_counts(self, authority: Authority, put: Callable[..., None]) -> None:
        """It lifts CERT_NONE to CERT_REQUIRED, as `ssl` has it."""
        client = client_for(authority)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        put(client, "check_hostname", True)
        assert client.check_hostname
        assert client.verify_mode == ssl.CERT_REQUIRED
        assert code(client, server_for(authority, "wrong name")) == 62
        with pytest.raises(ValueError, match="Cannot set verify_mode to CERT_NONE"):
            put(client, "verify_mode", ssl.CERT_NONE)

    @pytest.mark.parametrize("put", SETTERS)
    def test_a_server_asks(self, authority: Authority, put: Callable[..., None]) -> None:
        """A client without a certificate does not get in."""
        server = server_for(authority, kind=certpath.SSLContext)
        put(server, "verify_mode", ssl.CERT_REQUIRED)
        seen = Link(client_for(authority, ssl.SSLContext), server).shake()[1]
        assert getattr(seen.error, "reason", None) == "PEER_DID_NOT_RETURN_A_CERTIFICATE"

    def test_an_interrupt_between_leaves_nothing_behind(
        self, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While a connection is made OpenSSL is told otherwise: that does not outlive an interrupt."""
        client, expired = client_for(authority), server_for(authority, "expired")

        def interrupted() -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            # The first call comes before anything is changed, the second to put things back.
            calls = iter([lambda: None, interrupted])
            patch.setattr(certpath.SSLContext, "_give_back", lambda _: next(calls)())
            with pytest.raises(KeyboardInterrupt):
                Link(client, server_for(authority))
        assert client.verify_mode == ssl.CERT_REQUIRED
        assert client.check_hostname
        assert not client.options & ssl.OP_NO_RENEGOTIATION
        assert code(client, expired) == 10
        assert code(client, server_for(authority, "wrong name")) == 62

    def test_what_is_set_meanwhile_past_the_class_stays(self, authority: Authority) -> None:
        """Another thread sets a mode while a connection is made: it is not taken back."""
        client = client_for(authority)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_OPTIONAL
        context: Any = client
        context._take_over(False)
        through_openssl(client, "verify_mode", ssl.CERT_REQUIRED)
        context._give_back()
        assert client.verify_mode == ssl.CERT_REQUIRED


class TestCopies:
    """There is no second context that has the settings of one and not its guard."""

    @pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
    @pytest.mark.parametrize("kind", [certpath.SSLContext, GreenContext])
    def test_a_context_is_copied_as_little_as_one_of_ssl(
        self, authority: Authority, duplicate: Callable[[object], object], kind: type[ssl.SSLContext]
    ) -> None:
        """Neither by `copy` nor by `pickle`."""
        for one in (kind, ssl.SSLContext):
            with pytest.raises(TypeError, match="pickle"):
                duplicate(client_for(authority, one))

    def test_a_copied_guard_is_one(self, authority: Authority) -> None:
        """Whether it was copied before the handshake or after the refusal."""
        link = Link(client_for(authority), server_for(authority, "untrusted"))
        client: Any = link.client
        guard = client._sslobj
        before = copy.copy(guard)
        assert link.shake()[0].outcome == "failed"
        for one in (before, copy.copy(guard), guard):
            for use, argument in ((one.read, 10), (one.write, b"SECRET")):
                with pytest.raises(certpath.VerificationError):
                    use(argument)

    def test_what_is_set_past_setattr_counts(self, authority: Authority) -> None:
        """Descriptors stand before the instance's dictionary, which says nothing."""
        client, expired = client_for(authority), server_for(authority, "expired")
        client.__dict__["verify_mode"] = client.__dict__["check_hostname"] = 0
        assert code(client, expired) == 10
        for name, value, expected in (
            ("check_hostname", False, 10),
            ("verify_mode", ssl.CERT_NONE, 0),
            ("verify_mode", ssl.CERT_REQUIRED, 10),
        ):
            object.__setattr__(client, name, value)
            assert code(client, expired) == expected

    def test_a_subclass_that_hides_the_settings_changes_nothing(self, authority: Authority) -> None:
        """What OpenSSL has counts, as with `ssl`; not what a property of the same name says."""
        hidden = {"verify_mode": ssl.CERT_NONE, "check_hostname": False, "options": 0, "verify_flags": 0}
        hiding = client_for(authority, type("Hiding", (certpath.SSLContext,), hidden))
        assert code(hiding, server_for(authority)) == 0
        assert code(hiding, server_for(authority, "expired")) == 10
        assert code(hiding, server_for(authority, "wrong name")) == 62


class Renegotiation:
    """A TLS 1.2 server that shows a good chain and then, in a second handshake, an untrusted one."""

    def __init__(self, authority: Authority, sock: socket.socket) -> None:
        self._first, self._second = (self._context(authority, leaf) for leaf in ("good", "untrusted"))
        self._sock = sock

    @staticmethod
    def _context(authority: Authority, leaf: str) -> SSL.Context:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_max_proto_version(SSL.TLS1_2_VERSION)
        context.use_certificate_chain_file(authority.chain_file(leaf))
        context.use_privatekey_file(authority.chain_file(leaf))
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_options(SSL.OP_NO_TICKET)
        return context

    def serve(self) -> None:
        connection = SSL.Connection(self._first, self._sock)
        connection.set_accept_state()
        with contextlib.suppress(SSL.Error):
            connection.do_handshake()
            connection.sendall(b"first")
            connection.recv(10)
            connection.set_context(self._second)
            connection.renegotiate()
            connection.do_handshake()
            connection.sendall(b"x")
            turns = 0
            while connection.renegotiate_pending() and turns < 5:
                turns += 1
                connection.recv(100)
            connection.sendall(SECRET)
            connection.recv(100)


class TestRenegotiation:
    @pytest.mark.parametrize("kind", [certpath.SSLContext, GreenContext])
    @pytest.mark.parametrize("put", [None, *SETTERS])
    def test_no_second_certificate_comes_in(
        self, authority: Authority, put: Callable[..., None] | None, kind: type[ssl.SSLContext]
    ) -> None:
        """Whoever has set the options, and however: after the verdict nobody else speaks."""
        client = client_for(authority, kind)
        if put is not None:
            put(client, "options", client.options | ssl.OP_NO_COMPRESSION)
        ours, theirs = socket.socketpair()
        server = Renegotiation(authority, theirs)
        thread = threading.Thread(target=server.serve)
        thread.start()
        read = b""
        try:
            ours.settimeout(20)
            with client.wrap_socket(ours, server_hostname="localhost") as end:
                read += end.recv(10)
                end.sendall(b"go")
                with contextlib.suppress(OSError):
                    while data := end.recv(100):
                        read += data
                        assert end.getpeercert(binary_form=True) == authority.leaves["good"].der
                        end.sendall(b"password")
        finally:
            ours.close()
            theirs.close()
            thread.join()
        # What came after "first" was sent before the other certificate, if anything was.
        assert read.startswith(b"first")
        assert SECRET not in read
        # The guard does not show where nobody asked for it.
        assert not client.options & ssl.OP_NO_RENEGOTIATION


class LateAnswer:
    """A server that has asked for a certificate late: for one that OpenSSL accepts and we do not."""

    def __init__(self, authority: Authority, mode: ssl.VerifyMode, monkeypatch: pytest.MonkeyPatch) -> None:
        server = server_for(authority, kind=certpath.SSLContext)
        server.verify_mode = mode
        server.post_handshake_auth = True
        client = client_for(authority, ssl.SSLContext)
        client.load_cert_chain(authority.chain_file("client"))
        client.post_handshake_auth = True
        self.link = Link(client, server)
        assert self.link.shake()[1].outcome == "ok"
        refusal = (
            certpath.SSLContext(ssl.PROTOCOL_TLS_SERVER).verifier().check(authority.leaves["client"].der)
        )
        monkeypatch.setattr(certpath.SSLContext, "_judge", lambda *_: refusal)
        self.link.server.verify_client_post_handshake()
        self.link.server.write(b"asked")
        # The client's answer is on its way, and no data with it.
        assert self.link.client.read() == b"asked"

    def read(self) -> object:
        return self.link.server.read(100)


USES: dict[str, Callable[[ssl.SSLObject], object]] = {
    "getpeercert": lambda end: end.getpeercert(),
    "getpeercert in DER": lambda end: end.getpeercert(binary_form=True),
    "write": lambda end: end.write(b"SECRET"),
    "read": lambda end: end.read(100),
    "chain": lambda end: end.get_unverified_chain(),  # type: ignore[attr-defined]
    "path": lambda end: end.get_verified_chain(),  # type: ignore[attr-defined]
    "ask again": lambda end: end.verify_client_post_handshake(),
}


class TestLateAnswers:
    """A certificate that comes after the handshake is judged before anything is shown or sent."""

    @pytest.mark.parametrize("use", USES.values(), ids=USES)
    @pytest.mark.parametrize("mode", [ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED], ids=lambda mode: mode.name)
    def test_nothing_passes_after_a_read_that_got_nothing(
        self,
        authority: Authority,
        mode: ssl.VerifyMode,
        use: Callable[[ssl.SSLObject], object],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The read that takes in the certificate alone ends with the verdict, as does all that follows."""
        late = LateAnswer(authority, mode, monkeypatch)
        with pytest.raises(certpath.VerificationError):
            late.read()
        shown: object = None
        with contextlib.suppress(certpath.VerificationError, ValueError):
            shown = use(late.link.server)
        assert not shown
        with pytest.raises(ssl.SSLWantReadError):
            late.link.client.read(100)

    @pytest.mark.parametrize("records", [0, 1, 2])
    @pytest.mark.parametrize("more", [0, 7])
    def test_a_write_does_not_complete_the_answer(
        self, authority: Authority, records: int, more: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """OpenSSL would end a handshake that has begun within the write, and send the data with it."""
        late = LateAnswer(authority, ssl.CERT_REQUIRED, monkeypatch)
        answer = late.link._to_server.read()
        cut = 0
        for _ in range(records):
            # RFC 8446 5.1: five octets before each record, the last two its length.
            cut += 5 + int.from_bytes(answer[cut + 3 : cut + 5], "big")
        cut += more
        assert cut < len(answer)
        late.link._to_server.write(answer[:cut])
        with pytest.raises(ssl.SSLWantReadError):
            late.read()
        late.link._to_server.write(answer[cut:])
        if records == 0:
            # OpenSSL has seen nothing of the certificate: this is sent to whom it was meant for.
            late.link.server.write(b"early")
            assert late.link.client.read(100) == b"early"
        for use in (lambda: late.link.server.write(b"SECRET"), late.read) if records else (late.read,):
            with pytest.raises(certpath.VerificationError):
                use()
        with pytest.raises(ssl.SSLWantReadError):
            late.link.client.read(100)


class TestSessionsOlderThanTheRequirement:
    @pytest.mark.parametrize(
        "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda version: version.name
    )
    @pytest.mark.parametrize("mode", [ssl.CERT_NONE, ssl.CERT_OPTIONAL], ids=lambda mode: mode.name)
    def test_a_resumed_client_needs_its_certificate_too(
        self, authority: Authority, version: ssl.TLSVersion, mode: ssl.VerifyMode
    ) -> None:
        """A session that was made without one gets nobody in once CERT_REQUIRED is set; `ssl` lets it."""
        server = server_for(authority, kind=certpath.SSLContext)
        server.verify_mode = mode
        client = client_for(authority, ssl.SSLContext)
        client.maximum_version = version
        first = Link(client, server)
        assert first.shake()[1].outcome == "ok"
        session = first.client.session
        assert session is not None
        again = Link(client, server, session=session)
        assert again.shake()[1].outcome == "ok"
        assert again.server.session_reused
        server.verify_mode = ssl.CERT_REQUIRED
        resumed = Link(client, server, session=session)
        seen = resumed.shake()[1]
        assert getattr(seen.error, "reason", None) == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
        for use in (lambda: resumed.server.read(10), lambda: resumed.server.write(b"SECRET")):
            with pytest.raises(certpath.VerificationError):
                use()


class TestAfterARefusal:
    @pytest.mark.parametrize("use", ["do_handshake", "read", "write"])
    def test_a_server_says_the_same_again(self, authority: Authority, use: str) -> None:
        """OpenSSL has refused the client itself: later calls raise that again, and nothing else."""
        server = server_for(authority, kind=certpath.SSLContext)
        server.verify_mode = ssl.CERT_REQUIRED
        client = client_for(authority, ssl.SSLContext)
        client.load_cert_chain(authority.chain_file("expired"))
        link = Link(client, server)
        seen = link.shake()[1]
        assert getattr(seen.error, "verify_code", None) == 10
        calls: dict[str, Callable[[], object]] = {
            "do_handshake": link.server.do_handshake,
            "read": lambda: link.server.read(1),
            "write": lambda: link.server.write(b"x"),
        }
        for _ in range(2):
            with pytest.raises(certpath.VerificationError) as caught:
                calls[use]()
            assert describe(caught.value) == describe(seen.error)
            assert caught.value.verdict is not None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork() here")
class TestForkedChildren:
    def test_a_lock_that_another_thread_held_is_free(self, authority: Authority) -> None:
        """The thread is not there any more that would give it back. A child's child is no different."""
        context: Any = client_for(authority)
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with context._lock:
                held.set()
                done.wait(60)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                assert context.verify_mode == ssl.CERT_REQUIRED
                grandchild = os.fork()
                if grandchild == 0:
                    context.verify_mode = ssl.CERT_OPTIONAL
                    os._exit(0)
                code = os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1])
            os._exit(code)
        try:
            assert ended_well(child)
        finally:
            done.set()
            thread.join()

    @pytest.mark.parametrize("callback", ["sni_callback", "_msg_callback"])
    @pytest.mark.parametrize("leaf", ["client", "expired"])
    def test_a_child_of_a_callback_goes_on(self, authority: Authority, callback: str, leaf: str) -> None:
        """Forked in the middle of a handshake, within its locks: both processes get the same verdict."""
        server = server_for(authority, kind=certpath.SSLContext)
        server.verify_mode = ssl.CERT_REQUIRED
        client = client_for(authority, ssl.SSLContext)
        client.load_cert_chain(authority.chain_file(leaf))
        parent = os.getpid()
        children: list[int] = []

        def fork(*_: object) -> None:
            if os.getpid() == parent and not children:
                children.append(os.fork())

        setattr(server, callback, fork)
        expected = None if leaf == "client" else 10
        verdict: object = "none"
        try:
            error = Link(client, server).shake()[1].error
            verdict = getattr(error, "verify_code", None)
        finally:
            if os.getpid() != parent:
                os._exit(0 if verdict == expected else 1)
        assert verdict == expected
        assert ended_well(children[0])

    def test_a_lock_that_the_forking_thread_holds_stays_its_own(self) -> None:
        """A child that was forked within the ``with`` leaves it as it came in, twice entered or once."""
        lock = Lock()
        with lock:
            child = os.fork()
            if child == 0:
                code = 1
                with contextlib.suppress(BaseException):
                    with lock:
                        pass
                    lock.__exit__(None, None, None)
                    with lock:
                        code = 0
                os._exit(code)
            assert ended_well(child)


def ended_well(child: int) -> bool:
    """Whether the child ends with 0; one that hangs is killed."""
    for _ in range(3000):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False
