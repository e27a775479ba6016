"""Settings of contexts: values, coupling and exceptions of `ssl.SSLContext`, one by one."""

from __future__ import annotations

import copy
import pickle
import socket
import ssl
import sys
import types
import warnings
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support.link import attempt

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.authority import Authority

KINDS = (ssl.SSLContext, certpath.SSLContext)
PROTOCOLS = [ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS]

pytestmark = pytest.mark.filterwarnings("ignore:ssl.:DeprecationWarning")


class Truth:
    """An object whose truth value is as told."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __bool__(self) -> bool:
        if isinstance(self.value, BaseException):
            raise self.value
        return bool(self.value)


class Index:
    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def settings(context: ssl.SSLContext) -> dict[str, Any]:
    """What can be read of a context."""
    names = (
        "verify_mode",
        "check_hostname",
        "verify_flags",
        "hostname_checks_common_name",
        "protocol",
        "options",
        "minimum_version",
        "maximum_version",
        "security_level",
        "post_handshake_auth",
        "sni_callback",
        "num_tickets",
        "keylog_filename",
    )
    shown = {name: getattr(context, name) for name in names}
    return shown | {
        "types": [type(value).__name__ for value in shown.values()],
        "ciphers": context.get_ciphers(),
        "stats": context.cert_store_stats(),
    }


def assign(name: str, value: object) -> Callable[[Any], None]:
    return lambda context: setattr(context, name, value)


VALUES: list[object] = [
    *range(-1, 4),
    *ssl.VerifyMode,
    True,
    False,
    2**31 - 1,
    2**31,
    2**40,
    2**63,
    2**64,
    -(2**31) - 1,
    -(2**64),
    1.0,
    "1",
    None,
    b"",
    [],
    Index(1),
    Index(7),
    Truth(True),
    Truth(False),
    Truth(ZeroDivisionError("on purpose")),
]
FLAGS: list[object] = [
    0,
    1,
    2,
    0x8,
    0xC,
    0x20,
    0x80000,
    0x88020,
    0x1234567,
    -1,
    2**32,
    2**63,
    2**64,
    2**65 + 4,
]


class TestSettings:
    @pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
    def test_fresh_contexts_agree(self, protocol: int) -> None:
        """All defaults, types included."""
        plain, ours = (settings(kind(protocol)) for kind in KINDS)
        assert plain == ours

    @pytest.mark.parametrize("arguments", [(), (99,), ("x",), (None,), (-1,), (1.5,), (2**40,)], ids=repr)
    def test_construction_agrees(self, arguments: tuple[Any, ...]) -> None:
        """Exceptions and warnings, the line they point to included."""
        seen = []
        for kind in KINDS:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                context, error = attempt(lambda: kind(*arguments))  # noqa: B023
            shown = [(one.category, str(one.message), one.filename) for one in caught]
            seen.append((error, shown, None if context is None else settings(context)))
        assert seen[0] == seen[1]

    @pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
    @pytest.mark.parametrize("name", ["verify_mode", "check_hostname", "hostname_checks_common_name"])
    def test_every_value_is_taken_or_refused_alike(self, protocol: int, name: str) -> None:
        """Values in sequence on one context, so that what one leaves behind meets the next."""
        plain, ours = (kind(protocol) for kind in KINDS)
        for first in ({}, {"check_hostname": False}, {"verify_mode": 2}, {"check_hostname": True}):
            for value in VALUES:
                for context in (plain, ours):
                    for other, start in first.items():
                        setattr(context, other, start)
                results = [attempt(lambda: setattr(context, name, value)) for context in (plain, ours)]  # noqa: B023
                assert results[0] == results[1], (first, value)
                assert settings(plain) == settings(ours), (first, value)

    @pytest.mark.parametrize("value", [*FLAGS, *VALUES], ids=lambda value: repr(value)[:30])
    def test_every_flag_is_taken_or_refused_alike(self, value: object) -> None:
        """`verify_flags` keeps whatever bits it is given."""
        seen = []
        for kind in KINDS:
            context = kind(ssl.PROTOCOL_TLS_CLIENT)
            seen.append((attempt(lambda: setattr(context, "verify_flags", value)), settings(context)))  # noqa: B023
        assert seen[0] == seen[1]

    @pytest.mark.parametrize(
        "name",
        [
            "verify_mode",
            "check_hostname",
            "verify_flags",
            "hostname_checks_common_name",
            "options",
            "protocol",
            "security_level",
            "minimum_version",
            "maximum_version",
        ],
    )
    def test_deletion_agrees(self, name: str) -> None:
        """Nothing can be deleted, and by the same exception."""
        seen = []
        for kind in KINDS:
            context = kind(ssl.PROTOCOL_TLS_CLIENT)
            _, error = attempt(lambda: delattr(context, name))  # noqa: B023
            assert error is not None
            # AttributeError names the property in words that vary with the class.
            seen.append(error[0] if error[0] is AttributeError else error)
        assert seen[0] == seen[1]

    @pytest.mark.parametrize(
        "action", [copy.copy, copy.deepcopy, pickle.dumps], ids=lambda action: action.__name__
    )
    def test_contexts_are_not_copied(self, action: Callable[[Any], object]) -> None:
        """Neither copied nor pickled, as in the stdlib."""
        for kind in KINDS:
            with pytest.raises(TypeError):
                action(kind(ssl.PROTOCOL_TLS_CLIENT))

    def test_read_only_and_unknown_attributes(self) -> None:
        """`protocol` and `security_level` cannot be set; names that mean nothing can."""
        for kind in KINDS:
            context: Any = kind(ssl.PROTOCOL_TLS_CLIENT)
            for name in ("protocol", "security_level"):
                with pytest.raises(AttributeError):
                    setattr(context, name, 1)
            context.something = 1
            assert context.something == 1

    @pytest.mark.parametrize(
        "change",
        {
            "options": assign("options", ssl.OP_ALL | ssl.OP_NO_TLSv1_3),
            "no renegotiation": assign("options", ssl.OP_ALL | ssl.OP_NO_RENEGOTIATION),
            "negative options": assign("options", -1),
            "text as options": assign("options", "x"),
            "minimum": assign("minimum_version", ssl.TLSVersion.TLSv1_3),
            "minimum ssl 3": assign("minimum_version", ssl.TLSVersion.SSLv3),
            "impossible minimum": assign("minimum_version", 5),
            "maximum": assign("maximum_version", ssl.TLSVersion.TLSv1_2),
            "ciphers": lambda context: context.set_ciphers("ECDHE+AESGCM"),
            "level": lambda context: context.set_ciphers("DEFAULT@SECLEVEL=1"),
            "no ciphers": lambda context: context.set_ciphers("nonsense"),
            "alpn": lambda context: context.set_alpn_protocols(["h2", "http/1.1"]),
            "bad alpn": lambda context: context.set_alpn_protocols([""]),
            "post-handshake": assign("post_handshake_auth", True),
            "tickets": assign("num_tickets", 1),
            "sni": assign("sni_callback", print),
            "bad sni": assign("sni_callback", 1),
            "message callback": assign("_msg_callback", print),
            "bad message callback": assign("_msg_callback", 1),
            "key log": assign("keylog_filename", 1),
        }.items(),
        ids=lambda item: item[0],
    )
    def test_transport_settings_agree(self, change: tuple[str, Callable[[Any], object]]) -> None:
        """What certpath does not judge by is the stdlib's own."""
        for protocol in PROTOCOLS:
            seen = []
            for kind in KINDS:
                context = kind(protocol)
                seen.append((attempt(lambda: change[1](context))[1], settings(context)))  # noqa: B023
            assert seen[0] == seen[1]


class TestCreateDefaultContext:
    @pytest.mark.parametrize("purpose", list(ssl.Purpose), ids=lambda purpose: purpose.name)
    def test_settings_agree(self, purpose: ssl.Purpose) -> None:
        """Settings, flags of this Python version, and the default certificates."""
        plain, ours = ssl.create_default_context(purpose), certpath.create_default_context(purpose)
        assert settings(plain) == settings(ours)
        assert plain.get_ca_certs(True) == ours.get_ca_certs(True)

    @pytest.mark.parametrize(
        "arguments", [{"cadata": ""}, {"cafile": "/nonexistent"}, {"cadata": b"x"}], ids=repr
    )
    def test_arguments_agree(self, arguments: dict[str, Any]) -> None:
        """Empty ones count as none; bad ones raise the same."""
        seen = []
        for make in (ssl.create_default_context, certpath.create_default_context):
            context, error = attempt(lambda: make(**arguments))  # noqa: B023
            seen.append((error, context and settings(context)))
        assert seen[0] == seen[1]

    def test_wrong_purposes_agree(self) -> None:
        wrong: tuple[Any, ...] = ("x", None, 1)
        for purpose in wrong:
            seen = [
                attempt(lambda: make(purpose))[1]  # noqa: B023
                for make in (ssl.create_default_context, certpath.create_default_context)
            ]
            assert seen[0] == seen[1]

    def test_the_key_log_is_written(
        self, authority: Authority, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SSLKEYLOGFILE counts, as in the stdlib."""
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
        context = certpath.create_default_context(cafile=authority.root_file)
        assert context.keylog_filename == str(tmp_path / "keys.log")


class TestWrapping:
    @pytest.mark.parametrize(
        ("protocol", "arguments"),
        [
            (ssl.PROTOCOL_TLS_CLIENT, {}),
            (ssl.PROTOCOL_TLS_CLIENT, {"server_side": True}),
            (ssl.PROTOCOL_TLS_SERVER, {"server_hostname": "x"}),
            (ssl.PROTOCOL_TLS_SERVER, {"server_side": True, "server_hostname": "x"}),
            (ssl.PROTOCOL_TLS_SERVER, {"server_side": True, "session": 1}),
            (ssl.PROTOCOL_TLS_CLIENT, {"server_hostname": "x", "session": 1}),
            (ssl.PROTOCOL_TLS_CLIENT, {"server_hostname": "x", "do_handshake_on_connect": True}),
        ],
        ids=repr,
    )
    @pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
    def test_wrong_uses_agree(self, protocol: int, arguments: dict[str, Any]) -> None:
        """Roles and arguments that do not fit: the same exception for sockets."""
        seen = []
        for kind in KINDS:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                ours.setblocking(False)
                options = {"do_handshake_on_connect": False, **arguments}
                seen.append(attempt(lambda: kind(protocol).wrap_socket(ours, **options))[1])  # noqa: B023
        assert seen[0] == seen[1]
        assert seen[0] is not None

    def test_the_classes_are_those_of_the_context(self) -> None:
        """The hooks of the stdlib are kept, and what they are set to is used as it is."""

        class Own(ssl.SSLObject):
            pass

        context = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        assert issubclass(context.sslsocket_class, ssl.SSLSocket)
        assert issubclass(context.sslobject_class, ssl.SSLObject)
        context.sslobject_class = Own
        made: ssl.SSLObject = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="x")
        assert isinstance(made, Own)


class TestModule:
    def test_it_has_everything_that_ssl_has(self) -> None:
        """`import certpath as ssl` finds every constant, enumeration, exception and function."""
        public = {
            name
            for name, value in vars(ssl).items()
            if not name.startswith("_")
            and not isinstance(value, types.ModuleType)
            and getattr(value, "__module__", None) not in {"collections", "socket"}
        }
        missing = {name for name in public if not hasattr(certpath, name)}
        assert not missing
        ours = {
            "SSLContext",
            "SSLObject",
            "SSLSocket",
            "create_default_context",
            "get_server_certificate",
            "match_hostname",
            "wrap_socket",
        }
        assert {name for name in public if getattr(certpath, name) is not getattr(ssl, name)} <= ours

    @pytest.mark.parametrize(
        ("names", "host", "matches"),
        [
            ((("DNS", "example.com"),), "EXAMPLE.com", True),
            ((("DNS", "*.example.com"),), "www.example.com", True),
            ((("DNS", "*.example.com"),), "a.b.example.com", False),
            ((("DNS", "*.example.com"),), "example.com", False),
            ((("DNS", "*.com"),), "example.com", False),
            ((("DNS", "f*.example.com"),), "foo.example.com", False),
            ((("DNS", "*.example.com"),), "foo_bar.example.com", False),
            ((("IP Address", "192.0.2.1"),), "192.0.2.1", True),
            ((("IP Address", "2001:DB8:0:0:0:0:0:1"),), "2001:db8::1", True),
            ((("DNS", "192.0.2.1"),), "192.0.2.1", False),
            ((("DNS", "strasse.de"),), "straße.de", True),
            ((), "cn.example", True),
            ((("email", "a@b.c"),), "cn.example", True),
            ((("DNS", "other.example"),), "cn.example", False),
            ((), "192.0.2.7", False),
        ],
    )
    def test_match_hostname(self, names: tuple[tuple[str, str], ...], host: str, matches: bool) -> None:
        """The rules of a handshake, on the dictionary of `getpeercert`."""
        certificate = {"subject": ((("commonName", "cn.example"),),), "subjectAltName": names}
        if matches:
            certpath.match_hostname(certificate, host)
        else:
            with pytest.raises(ssl.CertificateError, match="doesn't match"):
                certpath.match_hostname(certificate, host)

    def test_match_hostname_without_a_certificate(self) -> None:
        with pytest.raises(ValueError, match="empty or no certificate"):
            certpath.match_hostname({}, "x")
        with pytest.raises(ssl.CertificateError, match="no appropriate"):
            certpath.match_hostname({"subject": ()}, "x")

    def test_it_runs_where_the_stdlib_has_dropped_it(self) -> None:
        """Both functions are here on every version."""
        assert callable(certpath.match_hostname)
        assert callable(certpath.wrap_socket)
        assert hasattr(ssl, "match_hostname") == (sys.version_info < (3, 12))
