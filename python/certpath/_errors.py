"""The exception that carries a verdict, and the way to it below the exceptions of others."""

from __future__ import annotations

import collections
import contextlib
import itertools
import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from certpath._certpath import Verdict

__all__ = ["VerificationError", "verdict_of"]

# An exception may carry whatever a program or a peer has put there: so many objects are looked at.
_MOST_LOOKED_AT = 10_000


class VerificationError(ssl.SSLCertVerificationError):
    """A chain was refused.

    Looks to every handler like the exception that a failed handshake of `ssl`
    raises: ``args``, ``errno``, ``library``, ``reason``, ``verify_code`` and
    ``verify_message`` are those of the standard library. What it adds is
    ``verdict``, with all findings, and from Python 3.11 on the explanation as a
    note (PEP 678), so that tracebacks and logs say what was wrong.
    """

    __module__ = "certpath"

    verify_code: int
    verify_message: str
    library: str
    reason: str
    verdict: Verdict | None = None
    """``None`` only where no verdict could be given: an exception came in between."""

    @classmethod
    def from_verdict(cls, verdict: Verdict) -> VerificationError:
        """The exception for a verdict that is not ``ok``."""
        error = cls._made(1 if verdict.verify_code is None else verdict.verify_code, verdict.verify_message)
        error.explain_by(verdict)
        return error

    def explain_by(self, verdict: Verdict) -> None:
        """Carry a verdict, and its explanation as a note where exceptions have notes."""
        self.verdict = verdict
        if hasattr(self, "add_note"):
            self.add_note(verdict.explain().rstrip())

    @classmethod
    def without_verdict(cls) -> VerificationError:
        """The exception for a chain on which no verdict could be given (X509_V_ERR_UNSPECIFIED)."""
        return cls._made(1, "unspecified certificate verification error")

    @classmethod
    def without_certificate(cls) -> VerificationError:
        """The exception for a client without the certificate that is required, as a handshake has it."""
        message = "peer did not return a certificate"
        error = cls(1, f"[SSL: PEER_DID_NOT_RETURN_A_CERTIFICATE] {message}")
        error.library = "SSL"
        error.reason = "PEER_DID_NOT_RETURN_A_CERTIFICATE"
        error.verify_code = 1
        error.verify_message = message
        return error

    @classmethod
    def from_openssl(cls, error: ssl.SSLCertVerificationError) -> VerificationError:
        """The exception for what OpenSSL has refused itself: the same in all but its class."""
        copied = cls(*error.args)
        copied.__dict__.update(error.__dict__)
        if notes := error.__dict__.get("__notes__"):
            # A list of its own: what is noted about one is not about the other.
            copied.__dict__["__notes__"] = list(notes)
        return copied

    def copy(self) -> VerificationError:
        """The same exception, not raised yet."""
        return type(self).from_openssl(self)

    @classmethod
    def _made(cls, code: int, message: str) -> VerificationError:
        # The shape of CPython's fill_and_set_sslerror (Modules/_ssl.c), which
        # adds the source line of _ssl.c; there is no such line here.
        error = cls(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {message}")
        error.library = "SSL"
        error.reason = "CERTIFICATE_VERIFY_FAILED"
        error.verify_code = code
        error.verify_message = message
        return error

    def __reduce__(self) -> tuple[Any, ...]:
        # OSError's own pickling drops the instance attributes.
        return (type(self), self.args, self.__dict__)


def verdict_of(exception: BaseException | None) -> Verdict | None:
    """The verdict that an exception is about, however deep a library has wrapped it.

    Looks at the exception itself, its cause and context, what it carries (in its arguments, as urllib3
    and requests do, or in its attributes, as aiohttp and botocore do) and the members of exception
    groups; the nearest one counts. ``None`` if there is no verdict, also for ``None``.
    """
    if exception is None:
        return None
    if not isinstance(exception, BaseException):
        raise TypeError(f"expected an exception, found {type(exception).__name__}")
    # The objects themselves are kept: an id may be given again to another object once one is gone.
    seen: dict[int, object] = {}
    pending = collections.deque[object]([exception])
    while pending and len(seen) < _MOST_LOOKED_AT:
        one = pending.popleft()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, BaseException):
            if isinstance(one, VerificationError) and one.verdict is not None:
                return one.verdict
            pending.extend(_below(one))
        elif isinstance(one, (list, tuple, set, frozenset)):
            pending.extend(itertools.islice(one, _MOST_LOOKED_AT))
        elif isinstance(one, dict):
            pending.extend(itertools.islice(one.values(), _MOST_LOOKED_AT))
    return None


def _below(error: BaseException) -> Iterator[object]:
    """What may lead from an exception to those that it is about."""
    yield from (error.__cause__, error.__context__, error.args)
    # Of an exception group, by the name that all kinds of them have.
    with contextlib.suppress(Exception):
        yield getattr(error, "exceptions", None)
    with contextlib.suppress(Exception):
        yield dict(vars(error))
