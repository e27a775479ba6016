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
    verdict: Verdict | None = None
    """``None`` only where no verdict could be given: an exception came in between."""

    @classmethod
    def from_verdict(cls, verdict: Verdict) -> VerificationError:
        """The exception for a verdict that is not ``ok``."""
        error = cls._made(1 if verdict.verify_code is None else verdict.verify_code, verdict.verify_message)
        error.verdict = verdict
        return error

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
