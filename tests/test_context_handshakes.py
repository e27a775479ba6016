"""The same handshakes through `ssl.SSLContext` and `certpath.SSLContext`: the same outcome."""

from __future__ import annotations

import pickle
import socket
import ssl
import threading
from typing import Any

import certpath
import pytest
from certpath._client_certificates import certificates
from support import pki
from support.authority import LOCAL, Authority
from support.link import Link, Side, attempt, describe

KINDS = (ssl.SSLContext, certpath.SSLContext)
ROLES = (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT)
# SSL_OP_NO_TX_CERTIFICATE_COMPRESSION, from OpenSSL 3.2 on.
NO_COMPRESSED_CERTIFICATES = 1 << 32 if ssl.OPENSSL_VERSION_INFO >= (3, 2) else 0
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
SERVER_LEAVES = [
    "good",
    "wrong name",
    "expired",
    "not yet valid",
    "untrusted",
    "self-signed",
    "wrong purpose",
    "revoked",
    "common name only",
]


def as_seen(side: Side) -> tuple[Any, ...]:
    return side.compared()


def server_for(authority: Authority, leaf: str, *, complete: bool = True) -> ssl.SSLContext:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(authority.chain_file(leaf, complete=complete))
    return server


class TestClient:
    @pytest.mark.parametrize("leaf", SERVER_LEAVES)
    @pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
    @pytest.mark.parametrize("mode", list(ssl.VerifyMode), ids=lambda mode: mode.name)
    @pytest.mark.parametrize("complete", [True, False], ids=["complete", "leaf only"])
    def test_outcomes_agree(
        self, authority: Authority, leaf: str, version: ssl.TLSVersion, mode: ssl.VerifyMode, complete: bool
    ) -> None:
        """Outcome, exception, code, text and getpeercert, by mode, version and what is wrong."""
        seen = []
        for kind in KINDS:
            client = kind(ssl.PROTOCOL_TLS_CLIENT)
            client.minimum_version = client.maximum_version = version
            client.check_hostname = mode != ssl.CERT_NONE
            client.verify_mode = mode
            client.load_verify_locations(authority.root_file)
            link = Link(client, server_for(authority, leaf, complete=complete))
            seen.append(as_seen(link.shake()[0]))
        assert seen[0] == seen[1]

    @pytest.mark.parametrize("leaf", ["good", "revoked", "untrusted", "expired"])
    @pytest.mark.parametrize("flags", [0x4, 0x8, 0xC, 0x20, 0x80000, 0x88020, 0x2, 0x200000, 0x100, 0x10000])
    @pytest.mark.parametrize("with_crl", [True, False], ids=["crl", "no crl"])
    def test_flags_agree(self, authority: Authority, leaf: str, flags: int, with_crl: bool) -> None:
        """Every flag has OpenSSL's effect, or the chain is refused."""
        seen = []
        for kind in KINDS:
            client = kind(ssl.PROTOCOL_TLS_CLIENT)
            client.load_verify_locations(authority.root_file)
            if with_crl:
                client.load_verify_locations(authority.crl_file)
            client.verify_flags |= flags
            seen.append(as_seen(Link(client, server_for(authority, leaf)).shake()[0]))
        assert seen[0] == seen[1]

    @pytest.mark.parametrize("bit", range(64))
    def test_no_flag_is_ignored(self, authority: Authority, bit: int) -> None:
        """Whatever the bit: what is accepted here ssl accepts, and what ssl refuses has its code here."""
        for leaf in ("good", "expired", "untrusted", "revoked"):
            seen = []
            for kind in KINDS:
                client = kind(ssl.PROTOCOL_TLS_CLIENT)
                client.load_verify_locations(authority.root_file)
                client.load_verify_locations(authority.crl_file)
                client.verify_flags = ssl.VerifyFlags(0x8000 | 1 << bit)
                seen.append(as_seen(Link(client, server_for(authority, leaf)).shake()[0]))
            assert seen[0] == seen[1] or (seen[0][0], seen[1][0]) == ("ok", "failed"), (leaf, seen)

    @pytest.mark.parametrize("checks", [True, False])
    def test_common_names_count_if_asked_to(self, authority: Authority, checks: bool) -> None:
        """`hostname_checks_common_name`, for a certificate without a DNS name."""
        seen = []
        for kind in KINDS:
            client = kind(ssl.PROTOCOL_TLS_CLIENT)
            client.load_verify_locations(authority.root_file)
            client.hostname_checks_common_name = checks
            seen.append(as_seen(Link(client, server_for(authority, "common name only")).shake()[0]))
        assert seen[0] == seen[1]
        assert seen[1][0] == ("ok" if checks else "failed")

    @pytest.mark.parametrize(
        "name",
        [
            "localhost",
            "LOCALHOST",
            "127.0.0.1",
            "127.0.0.2",
            "::1",
            "localhost.",
            "other",
            "a.localhost",
            None,
            b"localhost",
            b"a..b",
            "a b",
            "*.x.y",
            "-a.example.com",
            "a/b",
            "192.0.2.01",
            " 127.0.0.1",
            "127.0.0.1.",
            "[::1]",
            "fe80::1%eth0",
            "localhost:443",
            "loc\nalhost",
            "straße.de",
            "０.０.０.０",  # noqa: RUF001 - fullwidth on purpose
        ],
    )
    def test_names_agree(self, authority: Authority, name: Any) -> None:
        """Host names and addresses; without a name none is checked, as in the stdlib."""
        seen = []
        for kind in KINDS:
            client = kind(ssl.PROTOCOL_TLS_CLIENT)
            client.load_verify_locations(authority.root_file)
            try:
                link = Link(client, server_for(authority, "good"), name)
            except ValueError as error:
                # Newer Pythons want a name wherever one is to be checked.
                seen.append((type(error), str(error)))
                continue
            seen.append(as_seen(link.shake()[0]))
        assert seen[0] == seen[1]

    @pytest.mark.parametrize(
        "name", ["", ".", ".x", "a..b", "a" * 64, b".x", b"a..b", 1, "a\0b", "x" * 60 + ".", "x." * 150]
    )
    @pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
    def test_impossible_names_agree(self, name: Any) -> None:
        """The exceptions for names that are none, over memory and over sockets (which ssl leaves open)."""
        for wrap in (wrapped_bio, wrapped_socket):
            seen = [attempt(lambda: wrap(kind(ssl.PROTOCOL_TLS_CLIENT), name))[1] for kind in KINDS]  # noqa: B023
            assert seen[0] == seen[1]

    @pytest.mark.parametrize("level", [0, 1, 2, 3])
    def test_security_levels_agree(self, authority: Authority, level: int) -> None:
        """`set_ciphers("…@SECLEVEL=n")` decides about keys."""
        weak = pki.issue("localhost", authority.root, own_key="rsa1024", extensions=(LOCAL,))
        path = authority.file("weak.pem", weak.key_pem + weak.pem)
        seen = []
        for kind in KINDS:
            client, server = kind(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.set_ciphers("DEFAULT@SECLEVEL=0")
            server.load_cert_chain(path)
            client.load_verify_locations(authority.root_file)
            client.set_ciphers(f"DEFAULT@SECLEVEL={level}")
            assert client.security_level == level
            seen.append(as_seen(Link(client, server).shake()[0]))
        # At level 1 RSA-1024 may pass in OpenSSL: whether it does here is the proof's affair.
        if seen[0][0] == "failed":
            assert seen[0] == seen[1]

    @pytest.mark.parametrize("kind_of_key", ["rsa2048", "p256", "p384", "ed25519"])
    @pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
    def test_every_kind_of_key_connects(
        self, authority: Authority, kind_of_key: str, version: ssl.TLSVersion
    ) -> None:
        """RSA, ECDSA and EdDSA chains."""
        root = pki.issue("Root", own_key=kind_of_key, ca=True)
        leaf = pki.issue("localhost", root, own_key=kind_of_key, extensions=(LOCAL,))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(authority.file(f"key-{kind_of_key}.pem", leaf.key_pem + leaf.pem))
        client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.maximum_version = version
        client.load_verify_locations(cadata=root.der)
        assert Link(client, server).shake()[0].outcome == "ok"

    def test_chains_are_shown(self, authority: Authority) -> None:
        """The chain that was sent and the path that was accepted, before, after and without verification."""
        good = authority.leaves["good"]
        sent = [good.der, authority.intermediate.der]
        client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(authority.root_file)
        link = Link(client, server_for(authority, "good"))
        assert isinstance(link.client, certpath.SSLObject)
        assert link.client.get_verified_chain() == link.client.get_unverified_chain() == []
        link.shake()
        assert link.client.get_unverified_chain() == sent
        assert link.client.get_verified_chain() == [*sent, authority.root.der]
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        link = Link(client, server_for(authority, "good"))
        link.shake()
        assert isinstance(link.client, certpath.SSLObject)
        assert link.client.get_verified_chain() == link.client.get_unverified_chain() == sent
        assert link.client.getpeercert() == {}


def wrapped_bio(context: ssl.SSLContext, name: Any) -> None:
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=name)


def wrapped_socket(context: ssl.SSLContext, name: Any) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        context.wrap_socket(ours, server_hostname=name, do_handshake_on_connect=False).close()


def assert_verdict_on(error: BaseException | None, chain: list[pki.Entity]) -> None:
    """A refusal by OpenSSL, inside the handshake, has our verdict on the chain that the client sent."""
    assert isinstance(error, certpath.VerificationError)
    assert error.verdict is not None
    assert error.verdict.verify_code == error.verify_code
    assert error.verdict.verify_message == error.verify_message
    assert [certificate.der for certificate in error.verdict.path][: len(chain)] == [one.der for one in chain]


class TestServer:
    @pytest.mark.parametrize(
        "leaf", [None, "client", "good", "expired", "not yet valid", "untrusted", "self-signed", "revoked"]
    )
    @pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
    @pytest.mark.parametrize("mode", list(ssl.VerifyMode), ids=lambda mode: mode.name)
    @pytest.mark.parametrize("protocol", [ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS], ids=["server", "tls"])
    @pytest.mark.filterwarnings("ignore:ssl.PROTOCOL_TLS is deprecated:DeprecationWarning")
    def test_both_sides_see_the_same(
        self,
        authority: Authority,
        leaf: str | None,
        version: ssl.TLSVersion,
        mode: ssl.VerifyMode,
        protocol: int,
    ) -> None:
        """The server's exception, and the alert that the client gets."""
        seen = []
        for kind in KINDS:
            server = kind(protocol)
            server.load_cert_chain(authority.chain_file("good"))
            server.minimum_version = server.maximum_version = version
            server.verify_mode = mode
            server.load_verify_locations(authority.root_file)
            client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            client.load_verify_locations(authority.root_file)
            if leaf is not None:
                client.load_cert_chain(authority.chain_file(leaf))
            both = Link(client, server).shake()
            seen.append(tuple(as_seen(side) for side in both))
            if kind is certpath.SSLContext and isinstance(both[1].error, ssl.SSLCertVerificationError):
                assert leaf is not None
                assert_verdict_on(both[1].error, authority.chain(leaf))
        assert seen[0] == seen[1]

    @pytest.mark.parametrize("own", ["root", "nothing"])
    @pytest.mark.parametrize("mode", [ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED], ids=lambda mode: mode.name)
    def test_clients_complete_their_chain_from_what_they_trust(
        self, authority: Authority, own: str, mode: ssl.VerifyMode
    ) -> None:
        """OpenSSL adds issuers from the store to the chain that it sends."""
        seen = []
        for kind in KINDS:
            server = kind(ssl.PROTOCOL_TLS_SERVER)
            server.load_cert_chain(authority.chain_file("good"))
            server.verify_mode = mode
            server.load_verify_locations(authority.root_file)
            client = kind(ssl.PROTOCOL_TLS_CLIENT)
            client.load_verify_locations(authority.root_file)
            if own == "root":
                client.load_verify_locations(cadata=authority.intermediate.der)
            client.load_cert_chain(authority.chain_file("client", complete=False))
            seen.append(as_seen(Link(client, server).shake()[1]))
        assert seen[0] == seen[1]
        assert seen[1][0] == ("ok" if own == "root" else "failed")

    def test_the_sni_callback_may_change_the_anchors(self, authority: Authority) -> None:
        """The context that the callback puts in place brings its own trust store."""
        seen = []
        for kind in KINDS:
            for anchors in (authority.root, authority.other_root):
                first, second = kind(ssl.PROTOCOL_TLS_SERVER), kind(ssl.PROTOCOL_TLS_SERVER)
                for server in (first, second):
                    server.load_cert_chain(authority.chain_file("good"))
                    server.verify_mode = ssl.CERT_REQUIRED
                first.load_verify_locations(authority.root_file)
                second.load_verify_locations(cadata=anchors.der)
                names: list[str] = []

                def swap(end: Any, name: str, _: Any, second: Any = second, names: list[str] = names) -> None:
                    names.append(name)
                    end.context = second

                first.sni_callback = swap
                client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                client.load_verify_locations(authority.root_file)
                client.load_cert_chain(authority.chain_file("client"))
                link = Link(client, first)
                both = link.shake()
                seen.append(tuple(as_seen(side) for side in both))
                if kind is certpath.SSLContext and both[1].error is not None:
                    assert_verdict_on(both[1].error, authority.chain("client"))
                assert names == ["localhost"]
                assert link.server.context is second
        assert seen[:2] == seen[2:]
        assert seen[2][1][0] == "ok"
        assert seen[3][1][0] == "failed"

    @pytest.mark.parametrize("levels", [(0, 2), (2, 0), (0, 0)])
    def test_the_sni_callback_may_change_the_level(
        self, authority: Authority, levels: tuple[int, int]
    ) -> None:
        """OpenSSL takes the security level along with the context."""
        weak = pki.issue("weak", authority.root, own_key="rsa1024")
        path = authority.file("weak-client.pem", weak.key_pem + weak.pem)
        seen = []
        for kind in KINDS:
            first, second = kind(ssl.PROTOCOL_TLS_SERVER), kind(ssl.PROTOCOL_TLS_SERVER)
            for server, level in zip((first, second), levels, strict=True):
                server.load_cert_chain(authority.chain_file("good"))
                server.verify_mode = ssl.CERT_REQUIRED
                server.load_verify_locations(authority.root_file)
                server.set_ciphers(f"DEFAULT@SECLEVEL={level}")

            def swap(end: Any, _: str, __: Any, second: Any = second) -> None:
                end.context = second

            first.sni_callback = swap
            client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            client.load_verify_locations(authority.root_file)
            client.set_ciphers("DEFAULT@SECLEVEL=0")
            client.load_cert_chain(path)
            seen.append(as_seen(Link(client, first).shake()[1]))
        assert seen[0] == seen[1]

    @pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
    def test_resumed_clients_are_judged_again(self, authority: Authority, version: ssl.TLSVersion) -> None:
        """A client that was fine when it got its session is not, once its CA is revoked from the settings."""
        server = certpath.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(authority.chain_file("good"))
        server.verify_mode = ssl.CERT_REQUIRED
        server.maximum_version = version
        server.load_verify_locations(authority.root_file)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(authority.root_file)
        client.load_cert_chain(authority.chain_file("client"))
        first = Link(client, server)
        assert first.shake()[1].outcome == "ok"
        session = first.client.session
        again = Link(client, server, session=session)
        assert again.shake()[1].outcome == "ok"
        assert again.server.session_reused
        server.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        third = Link(client, server, session=session)
        side = third.shake()[1]
        assert isinstance(side.error, certpath.VerificationError)
        assert side.error.verify_code == 3


class TestMessageCallback:
    """What OpenSSL shows to the message callback is where a refused client's chain comes from."""

    @pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_the_programs_own_is_called_as_ever(
        self, authority: Authority, version: ssl.TLSVersion, when: str
    ) -> None:
        """Set before or after the first connection, it sees what it sees with ssl, and alone is shown."""
        seen = []
        for kind in KINDS:
            server: Any = kind(ssl.PROTOCOL_TLS_SERVER)
            server.load_cert_chain(authority.chain_file("good"))
            server.load_verify_locations(authority.root_file)
            server.verify_mode = ssl.CERT_REQUIRED
            client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            client.maximum_version = version
            client.load_verify_locations(authority.root_file)
            client.load_cert_chain(authority.chain_file("expired"))
            # Without being told, it compresses where only `ssl` lets it (RFC 8879).
            client.options |= NO_COMPRESSED_CERTIFICATES
            told: list[Any] = []

            def callback(_: Any, *message: Any, told: list[Any] = told) -> None:
                told.append(message[:-1])

            if when == "after":
                assert Link(client, server).shake()[1].outcome == "failed"
                assert server._msg_callback is None
            server._msg_callback = callback
            assert server._msg_callback is callback
            error = Link(client, server).shake()[1].error
            if kind is certpath.SSLContext:
                assert_verdict_on(error, authority.chain("expired"))
            seen.append((attempt(lambda: setattr(server, "_msg_callback", 1)), told))  # noqa: B023
            server._msg_callback = None
            assert server._msg_callback is None
        assert seen[0] == seen[1]
        assert seen[1][1]

    def test_what_is_malformed_is_no_chain(self) -> None:
        """Every way of cutting a message short, or of claiming more than there is."""
        one, other = b"\x30\x03\x02\x01\x01", b"\x30\x00"
        old = b"\x0b\x00\x00\x10" + b"\x00\x00\x0d" + b"\x00\x00\x05" + one + b"\x00\x00\x02" + other
        new = b"\x0b\x00\x00\x18\x02\xaa\xbb" + b"\x00\x00\x13"
        new += b"\x00\x00\x05" + one + b"\x00\x02\x01\x02" + b"\x00\x00\x02" + other + b"\x00\x00"
        for message, version in ((old, 0x0303), (new, 0x0304)):
            assert certificates(message, version) == [one, other]
            for length in range(len(message)):
                assert certificates(message[:length], version) in ([], [one])
        assert certificates(old[:4] + b"\xff" + old[5:], 0x0303) == []


def exchange(server: ssl.SSLContext, client: ssl.SSLContext) -> list[Any]:
    """Post-handshake authentication, asked for after the first message; what the server saw."""
    ours, theirs = socket.socketpair()
    seen: list[Any] = []

    def serve() -> None:
        try:
            with server.wrap_socket(theirs, server_side=True) as end:
                seen.extend((end.getpeercert(), end.recv(10)))
                end.verify_client_post_handshake()
                end.sendall(b"asked")
                seen.append(end.recv(10))
                seen.append(end.getpeercert())
        except (OSError, ValueError) as error:
            seen.append(describe(error))
        finally:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        ours.settimeout(20)
        with client.wrap_socket(ours, server_hostname="localhost") as end:
            end.sendall(b"first")
            seen.append(("client", end.recv(10)))
            end.sendall(b"second")
            end.recv(10)
    except OSError:
        pass
    finally:
        ours.close()
        thread.join()
    return sorted(seen, key=repr)


class TestPostHandshakeAuthentication:
    @pytest.mark.parametrize("leaf", ["client", "expired", "untrusted", None])
    @pytest.mark.parametrize("mode", [ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED], ids=lambda mode: mode.name)
    def test_certificates_are_judged_when_they_come(
        self, authority: Authority, leaf: str | None, mode: ssl.VerifyMode
    ) -> None:
        """As with the stdlib: nothing is asked first, and what comes later is judged before data is read."""
        seen = []
        for kind in KINDS:
            server, client = kind(ssl.PROTOCOL_TLS_SERVER), kind(ssl.PROTOCOL_TLS_CLIENT)
            server.load_cert_chain(authority.chain_file("good"))
            server.post_handshake_auth = client.post_handshake_auth = True
            server.verify_mode = mode
            for context in (server, client):
                context.load_verify_locations(authority.root_file)
            if leaf is not None:
                client.load_cert_chain(authority.chain_file(leaf))
            seen.append(exchange(server, client))
        assert seen[0] == seen[1]

    def test_a_refusal_has_a_verdict(self, authority: Authority) -> None:
        """OpenSSL refuses what comes after the handshake itself, too; we say what it was."""
        server, client = (kind(protocol) for kind, protocol in zip(reversed(KINDS), ROLES, strict=True))
        server.load_cert_chain(authority.chain_file("good"))
        client.load_cert_chain(authority.chain_file("expired"))
        server.post_handshake_auth = client.post_handshake_auth = True
        server.verify_mode = ssl.CERT_REQUIRED
        for context in (server, client):
            context.load_verify_locations(authority.root_file)
        link = Link(client, server)
        link.shake()
        link.server.verify_client_post_handshake()
        link.server.write(b"asked")
        assert link.client.read() == b"asked"
        with pytest.raises(certpath.VerificationError) as caught:
            link.server.read()
        assert_verdict_on(caught.value, authority.chain("expired"))


class TestVerificationError:
    def test_it_is_what_ssl_raises_and_more(self, authority: Authority) -> None:
        """Every attribute that a handler may read; pickled, it is still the same."""
        client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        error = Link(client, server_for(authority, "good")).shake()[0].error
        assert isinstance(error, certpath.VerificationError)
        assert error.verdict is not None
        assert not error.verdict
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert type(copy) is certpath.VerificationError
        assert describe(copy) == describe(error)
        assert copy.verdict is not None
        assert copy.verdict.to_dict() == error.verdict.to_dict()
        assert copy.verdict.explain() == error.verdict.explain()
        assert copy.verdict.path == error.verdict.path
        accepted = client_verdict(authority)
        assert pickle.loads(pickle.dumps(accepted)).to_dict() == accepted.to_dict()  # noqa: S301 - our own


def client_verdict(authority: Authority) -> certpath.Verdict:
    client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(authority.root_file)
    chain = [authority.leaves["good"].der, authority.intermediate.der]
    verdict = client.verifier().check(chain, "localhost")
    assert verdict
    return verdict


def test_client_purpose(authority: Authority) -> None:
    """The offline verifier of a server's context judges clients."""
    server = certpath.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_verify_locations(authority.root_file)
    chain = [authority.leaves["client"].der, authority.intermediate.der]
    assert server.verifier().check(chain)
    assert server.verifier().policy.purpose == "client"
