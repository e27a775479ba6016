"""Clients of all sorts on `certpath.SSLContext`, servers of all sorts: bad chains fail with the codes of ssl.

The matrix: every client against a server in Python, and one client against the servers that are no Python
programs; by kind of key, TLS version, and what is wrong with the server's chain.
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support import peers
from support.clients import CLIENTS, by_http_client, verification_error
from support.link import Link
from support.peer_programs import needs_nginx, needs_openssl, nginx, openssl_server

if TYPE_CHECKING:
    from support.authority import Authority

Authorities = Callable[[str], "Authority"]

# What third-party packages warn of is theirs.
pytestmark = pytest.mark.filterwarnings("default")

# What is wrong with the server's chain: its leaf, whether the intermediate is sent, and the code of ssl.
CASES: dict[str, tuple[str, bool, int | None]] = {
    "good": ("good", True, None),
    "wrong name": ("wrong name", True, 62),
    "expired": ("expired", True, 10),
    "untrusted": ("untrusted", True, 20),
    "missing intermediate": ("good", False, 20),
    "revoked": ("revoked", True, 23),
}
KEYS = ["rsa2048", "p256", "p384", "ed25519"]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]

each_case = pytest.mark.parametrize("case", CASES)
each_key = pytest.mark.parametrize("key", KEYS)
each_version = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)


def client_context(authority: Authority, version: ssl.TLSVersion, kind: Any = certpath.SSLContext) -> Any:
    """A client of an authority that asks for its CRLs too, in one TLS version."""
    context = kind(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    context.load_verify_locations(authority.root_file)
    context.load_verify_locations(authority.crl_file)
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


@each_case
@each_key
@each_version
def test_the_codes_are_those_of_ssl(
    authorities: Authorities, key: str, version: ssl.TLSVersion, case: str
) -> None:
    """The table itself, measured on the standard library."""
    leaf, complete, code = CASES[case]
    authority = authorities(key)
    client = client_context(authority, version, ssl.SSLContext)
    server = peers.server_context(authority, leaf, complete=complete)
    assert getattr(Link(client, server).shake()[0].error, "verify_code", None) == code


def assert_outcome(
    use: Callable[[ssl.SSLContext, int], object], context: ssl.SSLContext, port: int, case: str
) -> None:
    """The client is answered, or fails with the code of the case and a verdict."""
    leaf, _, code = CASES[case]
    if code is None:
        answer = use(context, port)
        assert isinstance(answer, bytes)
        # s_server has a page of its own to show.
        assert answer == b"ok" or context.maximum_version.name.replace("_", ".").encode() in answer
        return
    with pytest.raises(Exception) as caught:
        use(context, port)
    error = verification_error(caught.value)
    assert error.verify_code == code, leaf
    assert error.verdict is not None
    assert certpath.verdict_of(caught.value) is error.verdict


@each_case
@each_key
@each_version
@pytest.mark.parametrize("client", CLIENTS)
def test_clients_connect_or_fail_with_ssls_code(
    authorities: Authorities, servers: peers.Pool, client: str, version: ssl.TLSVersion, key: str, case: str
) -> None:
    """Each client, each chain."""
    handler, use = CLIENTS[client]
    leaf, complete, _ = CASES[case]
    authority = authorities(key)
    port = servers.port(
        (handler, key, leaf, complete),
        lambda: peers.serving(handler, peers.server_context(authority, leaf, complete=complete)),
    )
    assert_outcome(use, client_context(authority, version), port, case)


@needs_openssl
@each_case
@each_key
@each_version
def test_openssl_as_the_server(
    authorities: Authorities, servers: peers.Pool, version: ssl.TLSVersion, key: str, case: str
) -> None:
    """`openssl s_server`."""
    leaf, complete, _ = CASES[case]
    authority = authorities(key)
    start = functools.partial(openssl_server, authority, leaf, complete=complete)
    port = servers.port(("s_server", key, leaf, complete), start)
    assert_outcome(by_http_client, client_context(authority, version), port, case)


@pytest.fixture
def nginx_ports(
    authorities: Authorities, servers: peers.Pool, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], int]:
    """The ports of one nginx, by key and case; under "mutual" it asks for certificates."""
    wanted = {
        (key, case): (authorities(key), leaf, complete, False)
        for key in KEYS
        for case, (leaf, complete, _) in CASES.items()
    }
    wanted |= {(key, "mutual"): (authorities(key), "good", True, True) for key in KEYS}
    ports: dict[tuple[str, str], int] = servers.port(
        "nginx", lambda: nginx(tmp_path_factory.mktemp("nginx"), wanted)
    )
    return ports


@needs_nginx
class TestNginx:
    @each_case
    @each_key
    @each_version
    def test_as_the_server(
        self,
        authorities: Authorities,
        nginx_ports: dict[tuple[str, str], int],
        version: ssl.TLSVersion,
        key: str,
        case: str,
    ) -> None:
        """nginx, with chains good and bad."""
        context = client_context(authorities(key), version)
        assert_outcome(by_http_client, context, nginx_ports[key, case], case)

    @each_key
    @each_version
    @pytest.mark.parametrize("leaf", ["client", None])
    def test_mutual_tls(
        self,
        authorities: Authorities,
        nginx_ports: dict[tuple[str, str], int],
        version: ssl.TLSVersion,
        key: str,
        leaf: str | None,
    ) -> None:
        """nginx asks for a client certificate; without one it answers 400."""
        authority = authorities(key)
        context = client_context(authority, version)
        if leaf is not None:
            context.load_cert_chain(authority.chain_file(leaf))
        answer = by_http_client(context, nginx_ports[key, "mutual"])
        assert (answer == b"ok") == (leaf is not None)
