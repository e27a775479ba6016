"""certpath: judge X.509 certification paths, and say why not.

The verifier lives in Rust; this package is its Python face. The reference
manual is the stub file ``_certpath.pyi`` and the ``docs`` folder.

The package also has everything that the `ssl` module has, with contexts whose
certificates certpath judges: ``import certpath as ssl``.
"""

from __future__ import annotations

from collections.abc import Sequence

from certpath._certpath import (
    Certificate,
    CertificationPath,
    Finding,
    IntermediatePool,
    Policy,
    TrustStore,
    Verdict,
    VerdictReader,
    Verdicts,
    Verifier,
    __version__,
    canonical_hostname,
)
from certpath.context import SSLContext
from certpath.errors import VerificationError, verdict_of
from certpath.functions import (
    _create_unverified_context as _create_unverified_context,
    create_default_context,
    get_server_certificate,
    match_hostname,
    wrap_socket,
)
from certpath.injection import extract_from_ssl, inject_into_ssl, injection_report
from certpath.older_contexts import InjectionWarning, Unjudged
from certpath.sockets import SSLObject, SSLSocket
from certpath.ssl_names import *  # noqa: F403 - the constants, enumerations and exceptions of ssl

Sequence.register(Verdicts)

# By these names the standard library's protocol modules find their contexts.
_create_default_https_context = create_default_context
_create_stdlib_context = _create_unverified_context

__all__ = [
    "Certificate",
    "CertificationPath",
    "Finding",
    "InjectionWarning",
    "IntermediatePool",
    "Policy",
    "SSLContext",
    "SSLObject",
    "SSLSocket",
    "TrustStore",
    "Unjudged",
    "Verdict",
    "VerdictReader",
    "Verdicts",
    "VerificationError",
    "Verifier",
    "__version__",
    "canonical_hostname",
    "create_default_context",
    "extract_from_ssl",
    "get_server_certificate",
    "inject_into_ssl",
    "injection_report",
    "match_hostname",
    "verdict_of",
    "wrap_socket",
]
