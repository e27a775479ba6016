"""What helps whoever reads an exception or a log: notes, the way to a verdict, the repr of a context."""

from __future__ import annotations

import builtins
import pickle
import ssl
import sys
import traceback
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support.link import Link

if TYPE_CHECKING:
    from support.authority import Authority

needs_notes = pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have notes from 3.11 on")


@pytest.fixture
def error(authority: Authority) -> certpath.VerificationError:
    """Of a client, which has been shown an expired certificate."""
    client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(authority.root_file)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(authority.chain_file("expired"))
    raised = Link(client, server).shake()[0].error
    assert isinstance(raised, certpath.VerificationError)
    assert raised.verdict is not None
    return raised


def notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", []))


@needs_notes
class TestNotes:
    def test_a_refusal_explains_itself(self, error: certpath.VerificationError) -> None:
        """A traceback ends with the explanation; arguments and text are those of `ssl`, as ever."""
        assert error.verdict is not None
        assert notes(error) == [error.verdict.explain().rstrip()]
        shown = "".join(traceback.format_exception(error))
        assert error.verdict.explain().rstrip() in shown
        assert "certificate has expired" in str(error)
        assert "\n" not in str(error)

    def test_offline_too(self, authority: Authority) -> None:
        """`Verifier.verify` raises the same kind of error."""
        root = certpath.TrustStore.from_path(authority.root_file)
        with pytest.raises(certpath.VerificationError) as caught:
            certpath.Verifier(root).verify([one.der for one in authority.chain("expired")], "localhost")
        assert caught.value.verdict is not None
        assert notes(caught.value) == [caught.value.verdict.explain().rstrip()]

    def test_a_client_refused_by_openssl(self, authority: Authority) -> None:
        """There the verdict comes after the exception, and the note with it."""
        server = certpath.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(authority.chain_file("good"))
        server.load_verify_locations(authority.root_file)
        server.verify_mode = ssl.CERT_REQUIRED
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(authority.root_file)
        client.load_cert_chain(authority.chain_file("expired"))
        link = Link(client, server)
        for _ in range(2):
            raised = link.shake()[1].error
            assert isinstance(raised, certpath.VerificationError)
            assert raised.verdict is not None
            assert notes(raised) == [raised.verdict.explain().rstrip()]

    def test_notes_of_one_are_not_those_of_another(self, error: certpath.VerificationError) -> None:
        """Later calls on a connection raise a copy, and pickling makes one: with notes of their own."""
        other: Any
        for other in (error.copy(), pickle.loads(pickle.dumps(error))):  # noqa: S301 - our own
            assert notes(other) == notes(error)
            other.add_note("mine")
            assert len(notes(error)) == 1


class Wrapper(Exception):  # noqa: N818 - not an error of ours
    """An exception of some library."""


class Hostile(Exception):  # noqa: N818 - as above
    """Raises wherever it is asked for something that it has not."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def raised_from(outer: BaseException, inner: BaseException) -> BaseException:
    outer.__cause__ = inner
    return outer


def raised_during(outer: BaseException, inner: BaseException) -> BaseException:
    outer.__context__ = inner
    # As ``raise … from None`` leaves it.
    outer.__suppress_context__ = True
    return outer


def as_attribute(name: str) -> Any:
    def wrap(inner: BaseException) -> BaseException:
        outer = Wrapper("something failed")
        setattr(outer, name, inner)
        return outer

    return wrap


class Group(Exception):  # noqa: N818 - as the language's own, and that of the package exceptiongroup
    """A group of exceptions, as before Python 3.11."""

    def __init__(self, message: str, exceptions: list[BaseException]) -> None:
        super().__init__(message)
        self._exceptions = tuple(exceptions)

    @property
    def exceptions(self) -> tuple[BaseException, ...]:
        return self._exceptions


def grouped(*inner: BaseException) -> BaseException:
    kind: Any = getattr(builtins, "BaseExceptionGroup", Group)
    group: BaseException = kind("several", list(inner))
    return group


LAYERS: dict[str, Any] = {
    "itself": lambda error: error,
    "cause": lambda error: raised_from(Wrapper(), error),
    "context": lambda error: raised_during(Wrapper(), error),
    "argument": Wrapper,
    "second argument": lambda error: Wrapper("no", error),
    "list of arguments": lambda error: Wrapper([Wrapper(), (error,)]),
    "dictionary": lambda error: Wrapper({"error": error}),
    "urllib": as_attribute("reason"),
    "aiohttp": as_attribute("_certificate_error"),
    "botocore": lambda error: as_attribute("kwargs")({"error": error}),
    "group": lambda error: grouped(ValueError(), error),
    "group of groups": lambda error: grouped(grouped(ValueError()), grouped(grouped(error))),
    "old group": lambda error: Group("several", [error]),
    "hostile": lambda error: raised_from(Hostile(), error),
    "deep": lambda error: raised_from(Wrapper(), raised_during(Wrapper(), Wrapper(Wrapper(grouped(error))))),
}


class TestVerdictOf:
    @pytest.mark.parametrize("layer", LAYERS)
    def test_it_is_found_below(self, error: certpath.VerificationError, layer: str) -> None:
        """Wherever libraries put an exception that they wrap."""
        assert certpath.verdict_of(LAYERS[layer](error)) is error.verdict

    def test_it_is_found_below_a_thousand(self, error: certpath.VerificationError) -> None:
        """No recursion."""
        outer: BaseException = error
        for _ in range(2000):
            outer = raised_from(Wrapper(), outer)
        assert certpath.verdict_of(outer) is error.verdict

    def test_circles_end(self, error: certpath.VerificationError) -> None:
        """Of causes, contexts and arguments, with a verdict in them or without."""
        one, two, three = Wrapper(), Wrapper(), Wrapper()
        one.__cause__, two.__context__, three.args = two, three, (one, [two])
        loop: list[object] = [three]
        loop.append(loop)
        one.args = (loop,)
        assert certpath.verdict_of(one) is None
        three.__cause__ = error
        for start in (one, two, three):
            assert certpath.verdict_of(start) is error.verdict

    def test_the_nearest_counts(self, error: certpath.VerificationError, authority: Authority) -> None:
        """An attempt that failed before is the context of the one that failed at last."""
        other = certpath.Verifier(certpath.TrustStore.from_path(authority.root_file)).check(
            authority.leaves["untrusted"].der
        )
        last = certpath.VerificationError.from_verdict(other)
        last.__context__ = error
        assert certpath.verdict_of(Wrapper(last)) is other
        # One without a verdict hides none.
        bare = certpath.VerificationError.without_verdict()
        bare.__context__ = error
        assert certpath.verdict_of(bare) is error.verdict

    def test_there_may_be_none(self) -> None:
        """Then it is None, also of what `ssl` itself raises; what is not an exception is a `TypeError`."""
        plain = ssl.SSLCertVerificationError(1, "certificate verify failed")
        for none in (
            None,
            Wrapper("x", 1, None),
            plain,
            Hostile(),
            certpath.VerificationError.without_verdict(),
        ):
            assert certpath.verdict_of(none) is None
        with pytest.raises(TypeError, match="expected an exception, found str"):
            certpath.verdict_of("failed")  # type: ignore[arg-type]

    def test_the_work_is_bounded(self, error: certpath.VerificationError) -> None:
        """What a peer has put into an exception is not gone through to its end; what is near is found."""
        endless = list(range(1_000_000))
        assert certpath.verdict_of(Wrapper(endless, endless, endless)) is None
        assert certpath.verdict_of(raised_from(Wrapper(endless), error)) is error.verdict


class TestRepr:
    def test_it_says_what_is_trusted_and_how_it_is_verified(self, authority: Authority) -> None:
        """For logs: purpose, mode, name check, flags, and how much there is to trust."""
        context = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_flags = ssl.VERIFY_X509_STRICT
        assert repr(context) == (
            "<certpath.SSLContext: PROTOCOL_TLS_CLIENT, CERT_REQUIRED, check_hostname, VERIFY_X509_STRICT; "
            "trusts nothing>"
        )
        context.load_verify_locations(authority.root_file)
        context.load_verify_locations(authority.crl_file)
        context.load_verify_locations(capath="/nowhere")
        context.check_hostname = False
        context.verify_flags = ssl.VERIFY_DEFAULT
        assert repr(context) == (
            "<certpath.SSLContext: PROTOCOL_TLS_CLIENT, CERT_REQUIRED; "
            "trusts 1 certificate, 1 CRL, what '/nowhere' has>"
        )

    def test_it_says_that_nobody_is_verified(self) -> None:
        """What is trusted does not matter then, and neither do the flags."""
        context = certpath.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert repr(context) == "<certpath.SSLContext: PROTOCOL_TLS_SERVER, CERT_NONE; verifies nobody>"

    def test_settings_past_the_class_show(self) -> None:
        """It is what counts that is shown, and a program's own class goes by its own name."""

        class Own(certpath.SSLContext):
            pass

        context = Own(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        vars(ssl.SSLContext.__mro__[1])["verify_mode"].__set__(context, ssl.CERT_OPTIONAL)
        assert f"{Own.__module__}.{Own.__qualname__}: PROTOCOL_TLS_CLIENT, CERT_OPTIONAL" in repr(context)
