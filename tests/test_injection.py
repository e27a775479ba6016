"""`inject_into_ssl` and `extract_from_ssl`, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

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
        timeout=60,
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
                for _ in range(50):
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
