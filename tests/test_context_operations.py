"""Section 6 of the parity document, row by row: calls, what they leave, and the handshakes that follow.

Everything is done to a context of ssl and to one of certpath. Compared are result or exception of each
call, what the context shows afterwards, and three handshakes: with a good chain, another name, a stranger.
"""

from __future__ import annotations

import copy
import pickle
import re
import socket
import ssl
import sys
import warnings
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from cryptography import x509
from support import pki
from support.link import Link, attempt
from test_context_settings import Index, Truth, settings
from test_context_trust import inputs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.authority import Authority

pytestmark = [
    pytest.mark.filterwarnings("ignore:ssl.:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

SIDES: tuple[tuple[Any, Any], ...] = ((ssl, ssl.SSLContext), (certpath, certpath.SSLContext))
TLS, CLIENT, SERVER = ssl.PROTOCOL_TLS, ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER


def handshakes(context: Any, authority: Authority) -> list[Any]:
    """What the context makes of three peers, in the role that it is for."""
    seen = []
    for leaf in ("good", "wrong name", "untrusted"):
        if context.protocol == SERVER:
            other: Any = ssl.SSLContext(CLIENT)
            other.check_hostname = False
            other.verify_mode = ssl.CERT_NONE
            other.load_cert_chain(authority.chain_file(leaf.replace("good", "client")))
            context.load_cert_chain(authority.chain_file("good"))
            link, side = (lambda: Link(other, context)), 1  # noqa: B023
        else:
            other = ssl.SSLContext(SERVER)
            other.load_cert_chain(authority.chain_file(leaf))
            link, side = (lambda: Link(context, other)), 0  # noqa: B023
        made, error = attempt(link)
        seen.append(error if made is None else made.shake()[side].compared())
    return seen


# The first table: what makes a context.
DEFAULTS: dict[str, Callable[[Any], Any]] = {
    "PROTOCOL_TLS (also `SSLContext()`, deprecated)": lambda module: [
        module.SSLContext(),
        module.SSLContext(TLS),
    ],
    "PROTOCOL_TLS_CLIENT": lambda module: [module.SSLContext(CLIENT)],
    "PROTOCOL_TLS_SERVER": lambda module: [module.SSLContext(SERVER)],
    "create_default_context(SERVER_AUTH)": lambda module: [
        module.create_default_context(),
        module.create_default_context(ssl.Purpose.SERVER_AUTH, cadata=""),
        module.create_default_context(cadata=pki.three()[2].pem),
    ],
    "create_default_context(CLIENT_AUTH)": lambda module: [
        module.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ],
    # No name of the module's: who injects certpath gets it from ssl, with certpath's context.
    "_create_unverified_context()": lambda module: [unverified(module)],
}


def unverified(module: Any) -> Any:
    if module is certpath:
        certpath.inject_into_ssl()
    try:
        return ssl._create_unverified_context()  # noqa: S323 - what it makes is what is compared
    finally:
        certpath.extract_from_ssl()


@pytest.mark.parametrize("row", DEFAULTS)
@pytest.mark.parametrize("anchored", [False, True], ids=["as made", "with an anchor"])
def test_every_default(authority: Authority, row: str, anchored: bool) -> None:
    """The table of protocols, and the handshakes of contexts left as they are made, or given an anchor."""
    seen = []
    for module, _ in SIDES:
        for context in DEFAULTS[row](module):
            if anchored:
                context.load_verify_locations(authority.root_file)
            shown = settings(context) | {"host flags": context._host_flags}
            seen.append((shown, context.get_ca_certs(True), handshakes(context, authority)))
    half = len(seen) // 2
    assert seen[:half] == seen[half:]


def assign(**values: Any) -> Callable[[Any], None]:
    def change(context: Any) -> None:
        for name, value in values.items():
            setattr(context, name, value)

    return change


def in_order(*changes: dict[str, Any]) -> Callable[[Any], None]:
    def change(context: Any) -> None:
        for one in changes:
            assign(**one)(context)

    return change


def each(name: str, *values: Any) -> list[Callable[[Any], None]]:
    return [assign(**{name: value}) for value in values]


def kind_of_error(action: Callable[[], object]) -> Any:
    """Only the type: the text of an AttributeError names the class."""
    _, error = attempt(action)
    return error and error[0]


NUMBERS = (-1, 0, 1, 2, 3, True, Index(1), 2**31, 2**64, 1.0, "1", None)
RAISES = Truth(ZeroDivisionError("on purpose"))
TRUTHS = (True, False, 1, 0, "", "x", None, Truth(True), Truth(False), RAISES)
# Every bit but those that refuse in certpath whatever the chain; and the ways not to give a number.
FLAGS = (
    0,
    2,
    4,
    8,
    12,
    0x10,
    0x20,
    0x80,
    0x100,
    0x4000,
    0x8000,
    0x80000,
    0x88020,
    0x200000,
    -(2**64),
    2**65 + 4,
)

# The second table: what is done to a context, of each protocol.
OPERATIONS: dict[str, list[Callable[[Any], Any]]] = {
    "`verify_mode = CERT_NONE` while check_hostname": [
        assign(check_hostname=True, verify_mode=ssl.CERT_NONE),
    ],
    "`check_hostname = True` while CERT_NONE": [
        in_order({"check_hostname": False}, {"verify_mode": mode}, {"check_hostname": checks})
        for mode in ssl.VerifyMode
        for checks in (True, False)
    ],
    "`verify_mode = v`": [
        *each("verify_mode", *NUMBERS),
        lambda context: type(context.verify_mode),
    ],
    "`verify_flags = v`": [
        *each("verify_flags", *FLAGS, 1.0, "1", None, Index(4)),
        lambda context: [type(context.verify_flags), list(context.verify_flags.__class__)],
    ],
    "`check_hostname`, `hostname_checks_common_name`": [
        *each("check_hostname", *TRUTHS),
        *each("hostname_checks_common_name", *TRUTHS),
    ],
    "`del`": [
        lambda context: delattr(context, "check_hostname"),
        *(
            lambda context, name=name: kind_of_error(lambda: delattr(context, name))
            for name in ("verify_mode", "verify_flags", "hostname_checks_common_name", "protocol")
        ),
    ],
    "protocol, security_level": [
        lambda context: kind_of_error(lambda: setattr(context, "protocol", 1)),
        lambda context: kind_of_error(lambda: setattr(context, "security_level", 1)),
        assign(anything=1),
        lambda context: kind_of_error(lambda: copy.copy(context)),
        lambda context: kind_of_error(lambda: pickle.dumps(context)),
    ],
    '`SSLContext(99)` / `("x")` / `(None)`': [],
    'create_default_context("x")': [],
}


@pytest.mark.parametrize("row", [row for row, actions in OPERATIONS.items() if actions])
@pytest.mark.parametrize("protocol", [TLS, CLIENT, SERVER], ids=lambda protocol: protocol.name)
def test_every_operation(authority: Authority, row: str, protocol: int) -> None:
    """The table of operations, each on a fresh context."""
    for number, action in enumerate(OPERATIONS[row]):
        seen = []
        for _, kind in SIDES:
            context = kind(protocol)
            context.load_verify_locations(authority.root_file)
            result = attempt(lambda: action(context))  # noqa: B023
            seen.append((result, settings(context), handshakes(context, authority)))
        assert seen[0] == seen[1], number


@pytest.mark.parametrize("arguments", [(99,), ("x",), (None,), (-1,), (2**40,)], ids=repr)
def test_constructors(arguments: tuple[Any, ...]) -> None:
    """`SSLContext(99)` / `("x")` / `(None)`."""
    seen = [attempt(lambda: settings(kind(*arguments))) for _, kind in SIDES]  # noqa: B023
    assert seen[0] == seen[1]


@pytest.mark.parametrize("arguments", [("x",), (None,), (ssl.Purpose.SERVER_AUTH, None)], ids=repr)
def test_default_contexts_of_no_purpose(arguments: tuple[Any, ...]) -> None:
    """`create_default_context("x")`; the rest of its arguments has names."""
    seen = []
    for module, _ in SIDES:
        with warnings.catch_warnings():
            seen.append(attempt(lambda: module.create_default_context(*arguments)))  # noqa: B023
    assert seen[0] == seen[1]


# The third table: what `load_verify_locations` takes, by the names of test_context_trust.inputs.
LOCATIONS: dict[str, str] = {
    "all None": r"nothing",
    "cafile/capath not path-like": r"(cafile|capath): (not a path|nul)",
    'cafile missing or `""`': r"cafile: (missing|no name|directory)",
    "capath missing, a file, or unhashed": r"capath: ",
    "cafile without any PEM cert/CRL (empty, DER, key only, junk)": (
        r"cafile: (empty|der|key only|junk|crl only)"
    ),
    "cafile with one undecodable PEM block": r"cafile: bad ",
    "cafile: junk around blocks, BOM, keys, CRLs, `TRUSTED CERTIFICATE`, `X509 CERTIFICATE`": (
        r"cafile: (junk around|byte order mark|key too|crl|trusted label|x509 label)"
    ),
    'cadata `""` / `b""`': r"cadata (str|bytes): empty",
    "cadata other type, or str with non-ASCII": r"cadata: |cadata bytes: not contiguous",
    "cadata str = PEM, bytes-like = concatenated DER": r"cadata bytes: (one|two|pem|bytearray|memoryview)",
    "nothing decoded: str / bytes": r"cadata (str|bytes): (junk|key only|cut short)",
    "str: bad block after good ones": r"cadata str: (bad|wrong end|unclosed)",
    "bytes: junk after good ones": r"cadata bytes: (junk after|one stray|bad asn)",
    "PEM details": r"cadata str: (crlf|trailing|no final|one long|spare|empty block|indented|pkcs7|trusted)",
    "order": r"cadata stays|bad cadata stops|cafile stays|both",
    "duplicates": r"(cafile|cadata str|cadata bytes): twice",
}


@pytest.mark.parametrize("row", LOCATIONS)
def test_every_location(authority: Authority, row: str) -> None:
    """The table of inputs: the call, the store, and what is trusted then."""
    chosen = {name: value for name, value in inputs(authority).items() if re.match(LOCATIONS[row], name)}
    assert chosen
    for name, arguments in chosen.items():
        for protocol in (CLIENT, SERVER):
            seen = []
            for _, kind in SIDES:
                context = kind(protocol)
                context.verify_mode = ssl.CERT_REQUIRED
                result = attempt(lambda: context.load_verify_locations(**arguments))  # noqa: B023
                shown = (context.cert_store_stats(), context.get_ca_certs(), context.get_ca_certs(True))
                seen.append((result, shown, handshakes(context, authority)))
            assert seen[0] == seen[1], name


def test_what_counts_as_a_ca(authority: Authority) -> None:
    """`cert_store_stats()` and `get_ca_certs()`: by the value of check_ca, not by who is trusted."""

    def version_one(parts: list[bytes]) -> None:
        del parts[7], parts[0]

    root = authority.root
    made = [
        pki.patched(pki.issue("version 1"), pki.key("p256", "CN=version 1,O=certpath tests"), version_one),
        pki.issue("keyCertSign alone", ca=True, without=[x509.BasicConstraints]),
        pki.issue("no keyCertSign", ca=True, extensions=[(pki.usage("crl_sign"), True)]),
        pki.issue("no CA"),
        pki.issue("nothing", without=[x509.BasicConstraints, x509.KeyUsage]),
        root,
    ]
    seen = []
    for _, kind in SIDES:
        context = kind(CLIENT)
        context.load_verify_locations(cadata=b"".join(one.der for one in made))
        shown = (context.cert_store_stats(), context.get_ca_certs(), context.get_ca_certs(True))
        seen.append((shown, handshakes(context, authority)))
    assert seen[0] == seen[1]
    assert seen[0][0][0]["x509"] == 6


# The fourth table: names, and whether the client asks for one.
NAMES: dict[str, list[Any]] = {
    "None, check_hostname on": [None],
    '`""`': [""],
    '`"."`, `".x"`, `"a..b"`, label > 63': [".", ".x", "a..b", "a" * 64, b".x", b"a..b"],
    "str / bytes / bytearray / int": [
        "localhost",
        "LOCALHOST",
        b"localhost",
        bytearray(b"localhost"),
        1,
        "straße.de",
        "ｌocalhost",  # noqa: RUF001 - fullwidth on purpose
        "a。b",
    ],
    "NUL / > 255 octets": ["a\0b", "x." * 150, ".".join(["a" * 60] * 4) + ".example.test"],
}
ROLES_OF_NAMES = {"server_side with a name", "wrong role for the protocol"}


@pytest.mark.parametrize("row", NAMES)
@pytest.mark.parametrize("checks", [True, False], ids=["checked", "unchecked"])
def test_every_name(authority: Authority, row: str, checks: bool) -> None:
    """The table of server_hostname, for wrap_bio (with the handshake, if there is one) and wrap_socket."""
    for name in NAMES[row]:
        seen = []
        for _, kind in SIDES:
            client, server = kind(CLIENT), ssl.SSLContext(SERVER)
            client.check_hostname = checks
            client.load_verify_locations(authority.root_file)
            server.load_cert_chain(authority.chain_file("good"))
            link, error = attempt(lambda: Link(client, server, name))  # noqa: B023
            seen.append(
                (error, link and link.shake()[0].compared(), on_a_socket(client, server_hostname=name))
            )
        assert seen[0] == seen[1], name


@pytest.mark.parametrize("protocol", [TLS, CLIENT, SERVER], ids=lambda protocol: protocol.name)
@pytest.mark.parametrize("server_side", [True, False])
@pytest.mark.parametrize("name", [None, "localhost"])
def test_every_role(protocol: int, server_side: bool, name: str | None) -> None:
    """`server_side` with a name, and the wrong role for the protocol."""
    seen = []
    for _, kind in SIDES:
        context = kind(protocol)
        _, error = attempt(
            lambda: context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side, name)  # noqa: B023
        )
        seen.append((error, on_a_socket(context, server_side=server_side, server_hostname=name)))
    assert seen[0] == seen[1]


def on_a_socket(context: Any, **arguments: Any) -> Any:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        made, error = attempt(lambda: context.wrap_socket(ours, do_handshake_on_connect=False, **arguments))
        if made is not None:
            made.close()
        return error


def test_module_functions() -> None:
    """The last paragraph: what the module has is the standard library's own, and what it lost is back."""
    for name in (
        "cert_time_to_seconds",
        "DER_cert_to_PEM_cert",
        "PEM_cert_to_DER_cert",
        "get_default_verify_paths",
    ):
        assert getattr(certpath, name) is getattr(ssl, name)
    for name in ("match_hostname", "wrap_socket"):
        assert hasattr(certpath, name)
        assert hasattr(ssl, name) == (sys.version_info < (3, 12))
    assert hasattr(certpath, "RAND_pseudo_bytes") == hasattr(ssl, "RAND_pseudo_bytes")


def test_no_row_is_left_out(shared: Path) -> None:
    """The tables above have every row of the document's, under the same name."""
    text = (shared / "openssl-parity.md").read_text()
    sixth = text[text.index("## 6.") : text.index("## 7.")]
    rows = {line[1:].split(" | ")[0].strip() for line in sixth.splitlines() if line.startswith("| ")}
    rows -= {"protocol", "operation", "input", "value"}
    ours = {*DEFAULTS, *OPERATIONS, *LOCATIONS, *NAMES, *ROLES_OF_NAMES}
    assert rows == ours
