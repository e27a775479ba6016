"""`inject_into_ssl` and `extract_from_ssl`, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.authority import Authority

PRELUDE = """
import ssl, threading
import certpath
plain_class, plain_function = ssl.SSLContext, ssl.create_default_context
plain_https = ssl._create_default_https_context
"""


def run(code: str) -> None:
    """The code, in an interpreter of its own; whatever it raises fails the test."""
    done = subprocess.run(  # noqa: S603 - code written here
        [sys.executable, "-W", "error", "-c", PRELUDE + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


class TestInjection:
    def test_it_goes_in_and_out_twice(self) -> None:
        """Both directions may be repeated."""
        run("""
            for _ in range(2):
                certpath.inject_into_ssl(); certpath.inject_into_ssl()
                assert ssl.SSLContext is certpath.SSLContext
                assert ssl.create_default_context is certpath.create_default_context
                assert ssl._create_default_https_context is certpath.create_default_context
                assert type(ssl.create_default_context()) is certpath.SSLContext
                assert type(ssl._create_unverified_context()) is certpath.SSLContext
                assert type(ssl._create_stdlib_context()) is certpath.SSLContext
                certpath.extract_from_ssl(); certpath.extract_from_ssl()
                assert ssl.SSLContext is plain_class
                assert ssl.create_default_context is plain_function
                assert ssl._create_default_https_context is plain_https
                assert type(ssl.create_default_context()) is plain_class
            certpath.extract_from_ssl()
        """)

    def test_contexts_of_both_kinds_go_on_working(self) -> None:
        """Those made before the injection, those made under it, and subclasses."""
        run("""
            class Own(ssl.SSLContext):
                pass

            before = [ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), Own(ssl.PROTOCOL_TLS_CLIENT)]

            def use(context):
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                context.verify_mode = ssl.CERT_REQUIRED
                context.options |= ssl.OP_NO_TLSv1_3 if False else 0
                context.minimum_version = ssl.TLSVersion.TLSv1_2
                context.maximum_version = ssl.TLSVersion.TLSv1_3
                context.verify_flags |= 0x20
                context._msg_callback = print
                assert context._msg_callback is print
                context._msg_callback = None

            certpath.inject_into_ssl()

            class Later(ssl.SSLContext):
                def __init__(self, *arguments, **keywords):
                    self.made = True

            during = [ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), Later(ssl.PROTOCOL_TLS_CLIENT)]
            assert isinstance(during[1], certpath.SSLContext)
            for context in before + during:
                use(context)
            certpath.extract_from_ssl()
            for context in before + during:
                use(context)
        """)

    def test_threads_may_do_it_at_once(self) -> None:
        """Whatever the order, the state is one of the two."""
        run("""
            def work():
                for _ in range(15):
                    certpath.inject_into_ssl()
                    certpath.extract_from_ssl()

            threads = [threading.Thread(target=work) for _ in range(8)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            certpath.extract_from_ssl()
            assert ssl.SSLContext is plain_class
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).minimum_version = ssl.TLSVersion.TLSv1_2
        """)

    def test_a_programs_own_choice_comes_back(self) -> None:
        """Whoever had replaced the context of https finds it as it was."""
        run("""
            ssl._create_default_https_context = ssl._create_unverified_context
            certpath.inject_into_ssl()
            certpath.extract_from_ssl()
            assert ssl._create_default_https_context is ssl._create_unverified_context
        """)

    @pytest.mark.parametrize("loaded_first", [True, False])
    @pytest.mark.parametrize("library", ["urllib3", "httpx", "aiohttp"])
    def test_http_libraries_follow(self, library: str, loaded_first: bool) -> None:
        """Their own references too, whether they were loaded before or after."""
        pytest.importorskip(library)
        make = {
            "urllib3": "import urllib3.util.ssl_; made = urllib3.util.ssl_.create_urllib3_context()",
            "httpx": "import httpx; made = httpx.create_ssl_context()",
            "aiohttp": "import aiohttp.connector as c; made = c._SSL_CONTEXT_VERIFIED",
        }[library]
        first, second = (f"import {library}", "") if loaded_first else ("", f"import {library}")
        run(f"""
            import warnings
            warnings.simplefilter("ignore")
            {first}
            certpath.inject_into_ssl()
            {second}
            {make}
            assert isinstance(made, certpath.SSLContext), made
            certpath.extract_from_ssl()
            {make}
            assert not isinstance(made, certpath.SSLContext), made
        """)


LIBRARY = """
import types
library = types.ModuleType("library")
sys.modules["library"] = library
exec('''
import ssl
from ssl import SSLContext, create_default_context
from ssl import SSLContext as Kind, create_default_context as make

def new():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

class Client:
    shared = new()
    def __init__(self):
        self.own = new()

class Slotted:
    __slots__ = ("kept",)
    def __init__(self):
        self.kept = new()

class Derived(ssl.SSLContext):
    pass

class Undecided(type):
    __eq__ = lambda *_: 1 / 0
    __hash__ = None

class Odd(ssl.SSLContext, metaclass=Undecided):
    pass

class Proxy:
    __class__ = property(lambda self: 1 / 0)

ready, odd, proxy = new(), Odd(ssl.PROTOCOL_TLS_CLIENT), Proxy()
by_name, in_a_row = {"default": new()}, [new()]
client, slotted = Client(), Slotted()
''', vars(library))
"""

# What of it has a name, and what has none.
NAMED = {
    ("context", "ready"),
    ("context", "odd"),
    ("context", "by_name['default']"),
    ("context", "Client.shared"),
    ("context", "Client.own"),
    ("context", "Slotted.kept"),
    ("class", "Kind"),
    ("class", "Derived"),
    ("class", "Odd"),
    ("function", "make"),
}


class TestOlderContexts:
    def test_everything_is_listed(self) -> None:
        """Contexts wherever they are, classes and functions that make such; nothing before and after."""
        run(f"""
            import sys, warnings
            {textwrap.indent(LIBRARY, " " * 12).strip()}
            assert certpath.injection_report() == []
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                certpath.inject_into_ssl()
            found = certpath.injection_report()
            here = {{(one.kind, one.attribute) for one in found if one.module == "library"}}
            assert here == {NAMED!r}, here
            (other,) = [one for one in found if one.module is None]
            assert (other.kind, other.attribute, other.type) == ("context", None, "ssl.SSLContext")
            assert {{one.place for one in found}} >= {{"library.Client.own", "library.Kind", "(no module)"}}
            assert library.SSLContext is certpath.SSLContext
            assert library.create_default_context is certpath.create_default_context
            certpath.extract_from_ssl()
            assert certpath.injection_report() == []
            assert library.SSLContext is library.Kind is plain_class
            assert library.create_default_context is library.make
        """)

    def test_one_warning_names_modules_and_attributes(self) -> None:
        """Once for each injection, at the line that injects; what has no name is left to the report."""
        run(f"""
            import sys, warnings
            {textwrap.indent(LIBRARY, " " * 12).strip()}
            mine = ssl.create_default_context()
            for _ in range(2):
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    certpath.inject_into_ssl()
                    certpath.inject_into_ssl()
                (warning,) = caught
                assert issubclass(warning.category, certpath.InjectionWarning), warning
                assert issubclass(warning.category, RuntimeWarning)
                assert warning.filename == "<string>", warning.filename
                text = str(warning.message)
                assert "__main__.mine (a context), library." in text, text
                assert "and 1 more" in text, text
                certpath.extract_from_ssl()
        """)

    def test_the_look_is_bounded(self) -> None:
        """So many objects are gone through and no more, however many there are; what was left out is said."""
        run(f"""
            import gc, sys, types, warnings
            from certpath import _older_contexts
            {textwrap.indent(LIBRARY, " " * 12).strip()}
            counts = dict.fromkeys(("objects", "collect", "get_referrers"), 0)

            class Counted(list):
                def __iter__(self):
                    for one in list.__iter__(self):
                        counts["objects"] += 1
                        yield one

            def counted(name):
                def call(*arguments):
                    counts[name] += 1
                    return getattr(gc, name)(*arguments)
                return call

            _older_contexts.gc = types.SimpleNamespace(
                get_objects=lambda: Counted(gc.get_objects()),
                collect=counted("collect"),
                get_referrers=counted("get_referrers"),
            )

            def report(**keywords):
                counts.update(dict.fromkeys(counts, 0))
                found = certpath.injection_report(**keywords)
                return {{(one.kind, one.attribute) for one in found if one.module == "library"}}, found

            limit = certpath.injection_report.__kwdefaults__["limit"]
            assert limit == _older_contexts.MOST_OBJECTS
            certpath.injection_report.__kwdefaults__["limit"] = 100
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                certpath.inject_into_ssl()
            (warning,) = caught
            assert " objects that were not looked at. Call" in str(warning.message), warning.message
            certpath.injection_report.__kwdefaults__["limit"] = limit

            for whole in (None, limit, len(gc.get_objects()) + 10_000):
                here, found = report(limit=whole)
                assert here == {NAMED!r}, here
                assert "cut" not in [one.kind for one in found]
                assert counts["collect"] == 1 and counts["get_referrers"] <= 2, counts
                assert counts["objects"] <= 6 * len(gc.get_objects()), counts

            # What has a name in a module is found whatever the limit.
            in_modules = {NAMED!r} - {{("context", "Client.own"), ("context", "Slotted.kept")}}
            for few in (0, 1, 1000):
                here, found = report(limit=few)
                assert here == in_modules, here
                assert found[-1].kind == "cut" and found[-1].type.endswith(" objects"), found[-1]
                assert found[-1].module is None and found[-1].attribute is None
                assert counts["objects"] <= 4 * few and counts["get_referrers"] == 0, counts

            # Of very many objects neither garbage nor, for very many contexts, holders are looked for.
            _older_contexts._MOST_COLLECTED = _older_contexts._MOST_COMPARED = 1000
            here, found = report()
            assert here == in_modules, here
            assert [one.attribute for one in found if one.module is None] == [None], found
            assert counts["collect"] == counts["get_referrers"] == 0, counts
        """)

    def test_a_warning_that_is_an_error_leaves_the_injection_whole(self) -> None:
        """Whoever turns warnings into errors is told, and injected."""
        run("""
            mine = ssl.create_default_context()
            try:
                certpath.inject_into_ssl()
            except certpath.InjectionWarning:
                assert type(ssl.create_default_context()) is certpath.SSLContext
            else:
                raise AssertionError
        """)

    def test_nothing_older_no_warning(self) -> None:
        """A program that injects first hears nothing, whatever its main module has imported."""
        run("""
            from ssl import SSLContext as Kind
            for _ in range(3):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.itself = context
                del context
            certpath.inject_into_ssl()
            ssl.create_default_context().get_ca_certs()
            kept = [ssl.create_default_context()]
            kept[0].get_ca_certs()
            left = {(one.kind, one.place) for one in certpath.injection_report()}
            classes, functions = ("Kind", "plain_class"), ("plain_function", "plain_https")
            assert left == {("class", f"__main__.{name}") for name in classes} | {
                ("function", f"__main__.{name}") for name in functions
            }, left
        """)

    def test_older_contexts_pass_for_contexts(self) -> None:
        """Libraries ask with `isinstance` and `issubclass`: while injected the answer is as without it."""
        run("""
            import warnings
            warnings.simplefilter("ignore")

            class Own(ssl.SSLContext):
                pass

            class Mine(certpath.SSLContext):
                pass

            older = [ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), Own(ssl.PROTOCOL_TLS_CLIENT)]
            ours = [certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT), Mine(ssl.PROTOCOL_TLS_CLIENT)]
            for injected in (False, True, False):
                for one in older:
                    assert isinstance(one, ssl.SSLContext) and issubclass(type(one), ssl.SSLContext)
                    assert isinstance(one, certpath.SSLContext) == injected
                    assert not isinstance(one, Mine) and not issubclass(type(one), Mine)
                for one in ours:
                    assert isinstance(one, ssl.SSLContext) and isinstance(one, certpath.SSLContext)
                for other in (None, object(), ssl):
                    assert not isinstance(other, ssl.SSLContext)
                assert not issubclass(int, ssl.SSLContext)
                certpath.extract_from_ssl() if injected else certpath.inject_into_ssl()
        """)

    def test_asyncio_takes_an_older_context(self, authority: Authority) -> None:
        """`StreamWriter.start_tls` asks for an `ssl.SSLContext`; the older one verifies, as it always did."""
        run(f"""
            import asyncio, warnings
            warnings.simplefilter("ignore")
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.load_cert_chain({authority.chain_file("good")!r})
            older = ssl.create_default_context(cafile={authority.root_file!r})
            certpath.inject_into_ssl()

            async def serve(reader, writer):
                await writer.start_tls(server)
                writer.write(await reader.readexactly(5))
                writer.close()

            async def talk():
                async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
                    port = listening.sockets[0].getsockname()[1]
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    await writer.start_tls(older, server_hostname="localhost")
                    writer.write(b"hello")
                    assert await reader.readexactly(5) == b"hello"
                    writer.close()

            if hasattr(asyncio.StreamWriter, "start_tls"):
                asyncio.run(talk())
        """)

    @pytest.mark.parametrize("changed", [False, True])
    def test_ready_made_contexts_are_made_again(self, changed: bool) -> None:
        """What tornado and requests have made at their import, unless the program has changed it since."""
        run(f"""
            import sys, types, warnings
            plain = ssl.create_default_context

            def module(name, **attributes):
                made = sys.modules[name] = types.ModuleType(name)
                vars(made).update(attributes)
                return made

            client, server = plain(), plain(ssl.Purpose.CLIENT_AUTH)
            for one in (client, server):
                one.options |= ssl.OP_NO_COMPRESSION
            defaults = dict(_client_ssl_defaults=client, _server_ssl_defaults=server)
            netutil = module("tornado.netutil", ssl=ssl, **defaults)
            iostream = module("tornado.iostream", **defaults)
            del client, server, one, defaults
            if {changed}:
                netutil._client_ssl_defaults.minimum_version = ssl.TLSVersion.TLSv1_3
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                certpath.inject_into_ssl()
            assert type(netutil._server_ssl_defaults) is certpath.SSLContext
            assert iostream._server_ssl_defaults is netutil._server_ssl_defaults
            kept = type(netutil._client_ssl_defaults)
            assert kept is (plain_class if {changed} else certpath.SSLContext)
            assert iostream._client_ssl_defaults is netutil._client_ssl_defaults
            places = {{one.place for one in certpath.injection_report()}}
            assert ("tornado.netutil._client_ssl_defaults" in places) == {changed}, places
            assert len(caught) == {changed}
            certpath.extract_from_ssl()
            assert type(netutil._server_ssl_defaults) is type(netutil._client_ssl_defaults) is plain_class
        """)

    def test_remembered_contexts_are_forgotten(self) -> None:
        """tornado 6.6 makes them when they are first asked for."""
        run("""
            import functools, sys, types
            netutil = sys.modules["tornado.netutil"] = types.ModuleType("tornado.netutil")
            netutil._client_ssl_defaults = functools.lru_cache(lambda: ssl.create_default_context())
            for kind in (plain_class, certpath.SSLContext, plain_class):
                assert type(netutil._client_ssl_defaults()) is kind
                (certpath.inject_into_ssl if kind is plain_class else certpath.extract_from_ssl)()
            certpath.extract_from_ssl()
        """)

    def test_a_package_of_another_version_is_left_alone(self) -> None:
        """What cannot be made again is reported."""
        run("""
            import sys, types, warnings
            adapters = sys.modules["requests.adapters"] = types.ModuleType("requests.adapters")
            adapters._preloaded_ssl_context = plain_function()
            warnings.simplefilter("ignore")
            certpath.inject_into_ssl()
            (one,) = [one for one in certpath.injection_report() if one.module == "requests.adapters"]
            assert one.place == "requests.adapters._preloaded_ssl_context"
        """)

    @pytest.mark.parametrize("loaded_first", [True, False])
    def test_truststore_is_judged(self, authority: Authority, loaded_first: bool) -> None:
        """Whether it was loaded before the injection or after; what it made before is reported."""
        pytest.importorskip("truststore")
        run(f"""
            import os, socket, sys, threading, warnings
            warnings.simplefilter("ignore")
            os.environ.update(SSL_CERT_FILE={authority.root_file!r}, SSL_CERT_DIR="/nowhere")
            before = None
            if {loaded_first}:
                import truststore
                before = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            certpath.inject_into_ssl()
            import truststore
            judged, judge = [], certpath.SSLContext._judge
            certpath.SSLContext._judge = lambda *given: judged.append(1) or judge(*given)

            def outcome(leaf):
                server = plain_class(ssl.PROTOCOL_TLS_SERVER)
                server.load_cert_chain(leaf)
                ours, theirs = socket.socketpair()

                def serve():
                    try:
                        server.wrap_socket(theirs, server_side=True).recv(1)
                    except OSError:
                        pass
                    theirs.close()

                thread = threading.Thread(target=serve)
                thread.start()
                context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                assert not [one for one in certpath.injection_report() if one.attribute == "context"]
                try:
                    context.wrap_socket(ours, server_hostname="localhost").close()
                except ssl.SSLCertVerificationError as error:
                    return error.verify_code
                finally:
                    ours.close()
                    thread.join()

            assert outcome({authority.chain_file("good")!r}) is None
            assert outcome({authority.chain_file("expired")!r}) == 10
            assert len(judged) == 2, judged
            places = [one.place for one in certpath.injection_report()]
            assert ("__main__.before" in places) == {loaded_first}, places
            certpath.extract_from_ssl()
            assert type(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)._ctx) is (
                plain_class if {loaded_first} else certpath.SSLContext
            )
        """)
