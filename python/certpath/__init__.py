"""certpath: judge X.509 certification paths, and say why not.

The verifier lives in Rust; this package is its Python face. The reference
manual is the stub file ``_certpath.pyi`` and the ``docs`` folder.
"""

from __future__ import annotations

from certpath._certpath import (
    Certificate,
    CertificationPath,
    Finding,
    Policy,
    TrustStore,
    Verdict,
    Verifier,
    __version__,
    canonical_hostname,
)
from certpath.context import SSLContext, create_default_context
from certpath.errors import VerificationError

__all__ = [
    "Certificate",
    "CertificationPath",
    "Finding",
    "Policy",
    "SSLContext",
    "TrustStore",
    "Verdict",
    "VerificationError",
    "Verifier",
    "__version__",
    "canonical_hostname",
    "create_default_context",
]
