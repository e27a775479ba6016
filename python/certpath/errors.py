"""The exception that carries a verdict."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from certpath._certpath import Verdict

__all__ = ["VerificationError"]


class VerificationError(ssl.SSLCertVerificationError):
    """A chain was refused.

    Looks to every handler like the exception that a failed handshake of `ssl`
    raises: ``args``, ``errno``, ``library``, ``reason``, ``verify_code`` and
    ``verify_message`` are those of the standard library. What it adds is
    ``verdict``, with all findings.
    """

    verify_code: int
    verify_message: str
    library: str
    reason: str
    verdict: Verdict

    @classmethod
    def from_verdict(cls, verdict: Verdict) -> VerificationError:
        """The exception for a verdict that is not ``ok``."""
        # The shape of CPython's fill_and_set_sslerror (Modules/_ssl.c), which
        # adds the source line of _ssl.c; there is no such line here.
        text = f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {verdict.verify_message}"
        error = cls(1, text)
        error.library = "SSL"
        error.reason = "CERTIFICATE_VERIFY_FAILED"
        error.verify_code = 1 if verdict.verify_code is None else verdict.verify_code
        error.verify_message = verdict.verify_message
        error.verdict = verdict
        return error

    def __reduce__(self) -> tuple[Any, ...]:
        # OSError's own pickling drops the instance attributes.
        return (type(self), self.args, self.__dict__)
