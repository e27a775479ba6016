"""certpath: judge X.509 certification paths, and say why not.

The verifier lives in Rust; this package is its Python face. The reference
manual is the stub file ``_certpath.pyi`` and the ``docs`` folder.

The package also has everything that the `ssl` module has, with contexts whose
certificates certpath judges: ``import certpath as ssl``.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from certpath._certpath import (
    Certificate,
    CertificationPath,
    CtLogs,
    Finding,
    IntermediatePool,
    Policy,
    RevocationSet,
    TrustStore,
    Verdict,
    VerdictReader,
    Verdicts,
    Verifier,
    __version__,
    canonical_hostname,
)

Sequence.register(Verdicts)

__all__ = [
    "Certificate",
    "CertificationPath",
    "CtLogs",
    "Finding",
    "InjectionWarning",
    "IntermediatePool",
    "Policy",
    "Remedy",
    "RevocationSet",
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

# Loaded when they are first asked for (PEP 562): whoever judges chains offline needs neither contexts nor
# `ssl`, which take several times as long to load as the verifier.
_HOMES = {
    "InjectionWarning": ("_older_contexts", "InjectionWarning"),
    "Remedy": ("_remedies", "Remedy"),
    "SSLContext": ("_context", "SSLContext"),
    "SSLObject": ("_sockets", "SSLObject"),
    "SSLSocket": ("_sockets", "SSLSocket"),
    "Unjudged": ("_older_contexts", "Unjudged"),
    "VerificationError": ("_errors", "VerificationError"),
    # By these two names the standard library's protocol modules find their contexts.
    "_create_default_https_context": ("_functions", "create_default_context"),
    "_create_stdlib_context": ("_functions", "_create_unverified_context"),
    "_create_unverified_context": ("_functions", "_create_unverified_context"),
    "create_default_context": ("_functions", "create_default_context"),
    "extract_from_ssl": ("_injection", "extract_from_ssl"),
    "get_server_certificate": ("_functions", "get_server_certificate"),
    "inject_into_ssl": ("_injection", "inject_into_ssl"),
    "injection_report": ("_injection", "injection_report"),
    "match_hostname": ("_functions", "match_hostname"),
    "verdict_of": ("_errors", "verdict_of"),
    "wrap_socket": ("_functions", "wrap_socket"),
}


def __getattr__(name: str) -> object:
    """What is loaded late: ours, and then the constants, enumerations and exceptions of `ssl`."""
    if name == "backend":  # asked anew each time: a process may lose its library
        return str(import_module("certpath._multibuffer").backend())
    if name in _HOMES:
        home, there = _HOMES[name]
        value: object = getattr(import_module(f"certpath.{home}"), there)
    else:
        # Private names, which nobody means, are asked for by all kinds of tools.
        names = None if name.startswith("_") else import_module("certpath._ssl_names")
        if names is None or name not in names.__all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = getattr(names, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """What there is, loaded or not."""
    return sorted({*globals(), "backend", *_HOMES, *import_module("certpath._ssl_names").__all__})
